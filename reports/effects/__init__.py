"""What follows an event, in its transaction: documents, their codes, their jobs; rows only."""

from reports.effects.ballot import issue_count
from reports.effects.objection import issue_objections
from reports.effects.pledge import issue_frozen, issue_signed, withdraw_frozen
from reports.effects.reminder import reminded, settled
from reports.effects.review import issue_review
from reports.effects.scoring import (
    issue_approved,
    issue_claimed,
    issue_result,
    withdraw_approved,
    withdraw_result,
)

__all__ = [
    "issue_approved",
    "issue_claimed",
    "issue_count",
    "issue_frozen",
    "issue_objections",
    "issue_result",
    "issue_review",
    "issue_signed",
    "reminded",
    "settled",
    "withdraw_approved",
    "withdraw_frozen",
    "withdraw_result",
]
