"""Files written from what was scored."""
