"""Measurements of what has a budget of time; run by hand."""
