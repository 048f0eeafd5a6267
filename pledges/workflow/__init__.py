"""The workflows of this app; nothing else writes a status."""
