"""Changes that are no transition: criteria tables of a year, and the evidence of its units."""

from scoring.operations.table import (
    as_interchange,
    choose_table,
    clone_table,
    put_in_use,
    take_starter,
)

__all__ = (
    "as_interchange",
    "choose_table",
    "clone_table",
    "put_in_use",
    "take_starter",
)
