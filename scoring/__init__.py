"""Criteria tables and how points are made."""
