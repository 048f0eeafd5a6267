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
from scoring.operations.table_edit import (
    move_row,
    remove_row,
    save_head,
    save_points,
    save_row,
)
from scoring.operations.table_versions import (
    adopt_version,
    drop_draft,
    make_version,
    switch_coded,
)

__all__ = (
    "Attachments",
    "Chosen",
    "add",
    "adopt_version",
    "attach",
    "choose_table",
    "clone_table",
    "drop_draft",
    "keep",
    "labels",
    "make_version",
    "move_row",
    "put_in_use",
    "remove_row",
    "replace_tree",
    "save_head",
    "save_points",
    "save_row",
    "switch_coded",
    "take_starter",
    "withdraw",
)
