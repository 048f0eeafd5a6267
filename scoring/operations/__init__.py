"""Changes that are no transition: criteria tables of a year, and the evidence of its units."""

from scoring.operations.evidence import (
    Attachments,
    Chosen,
    add,
    attach,
    keep,
    labels,
    withdraw,
)
from scoring.operations.table import (
    choose_table,
    clone_table,
    put_in_use,
    replace_tree,
    take_starter,
)

__all__ = (
    "Attachments",
    "Chosen",
    "add",
    "attach",
    "choose_table",
    "clone_table",
    "keep",
    "labels",
    "put_in_use",
    "replace_tree",
    "take_starter",
    "withdraw",
)
