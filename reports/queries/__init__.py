"""Reads of the pages of this app, each in a number of statements that no size of cluster raises."""
