"""Who belongs together, in which year, under which calendar."""
