"""May this person do this now? The table of a year, its evidence, sheets and runs."""

from scoring.policies.table import may_choose_table

__all__ = ("may_choose_table",)
