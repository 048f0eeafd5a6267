"""Changes that are no transition: criteria tables of a year, and the evidence of its units."""

from scoring.operations.evidence import (
    Attachments,
    Chosen,
    add,
    add_chosen,
    attach,
    labels,
    withdraw,
)
from scoring.operations.table import (
    choose_table,
    clone_table,
    put_in_use,
    take_starter,
)

__all__ = (
    "Attachments",
    "Chosen",
    "add",
    "add_chosen",
    "attach",
    "choose_table",
    "clone_table",
    "labels",
    "put_in_use",
    "take_starter",
    "withdraw",
)
