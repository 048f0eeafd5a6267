"""May this person do this now? The table of a year, its evidence, sheets and runs."""

from scoring.policies.evidence import (
    may_add_evidence,
    may_judge_evidence,
    may_withdraw_evidence,
)
from scoring.policies.table import may_choose_table

__all__ = (
    "may_add_evidence",
    "may_choose_table",
    "may_judge_evidence",
    "may_withdraw_evidence",
)
