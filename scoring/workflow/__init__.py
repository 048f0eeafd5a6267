"""The workflows of this app: score sheets, runs and their publication."""
