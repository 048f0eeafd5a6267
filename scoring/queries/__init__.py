"""Reads of criteria tables, score sheets and runs."""

from scoring.queries.table import (
    GROUP_KINDS,
    READY_MADE,
    RULE_KINDS,
    STARTERS,
    STORED_TABLE,
    CriterionRow,
    as_interchange,
    rows_of,
    standing_table,
    starters,
    table_choices,
    work_waiting,
)

__all__ = (
    "GROUP_KINDS",
    "READY_MADE",
    "RULE_KINDS",
    "STARTERS",
    "STORED_TABLE",
    "CriterionRow",
    "as_interchange",
    "rows_of",
    "standing_table",
    "starters",
    "table_choices",
    "work_waiting",
)
