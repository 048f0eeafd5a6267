"""Who is told what happens to score sheets, runs and results; wired in `settings.EFFECTS`."""
