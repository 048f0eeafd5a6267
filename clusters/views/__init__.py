"""Pages of the registry, of the organiser, and of everybody: one module for each."""
