"""Changes of a pledge that are no transition: its versions, the rows of its draft, what units say.

The transitions are in `pledges.workflow`; both work under the lock of the pledge row.
"""

from pledges.operations.drafting import (
    add_rows,
    move_row,
    remove_row,
    save_activity,
    save_clause,
    save_head,
    save_target,
    set_papers,
    set_signatories,
)
from pledges.operations.marks import (
    ACTIVITY_FIELDS,
    CLAUSE_FIELDS,
    HEAD_FIELDS,
    TARGET_FIELDS,
    Level,
    mark_of,
    new_key,
    papers_now,
    set_mark,
    signatories_now,
    target_mark,
)
from pledges.operations.remarks import answer, comment, propose
from pledges.operations.versions import copy_version, start_pledge

__all__ = (
    "ACTIVITY_FIELDS",
    "CLAUSE_FIELDS",
    "HEAD_FIELDS",
    "TARGET_FIELDS",
    "Level",
    "add_rows",
    "answer",
    "comment",
    "copy_version",
    "mark_of",
    "move_row",
    "new_key",
    "papers_now",
    "propose",
    "remove_row",
    "save_activity",
    "save_clause",
    "save_head",
    "save_target",
    "set_mark",
    "set_papers",
    "set_signatories",
    "signatories_now",
    "start_pledge",
    "target_mark",
)
