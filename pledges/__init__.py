"""The yearly promise: drafted, agreed, signed."""
