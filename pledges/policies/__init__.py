"""May this person do this now? The pledge here; progress and reviews in modules of their own."""

from pledges.policies.pledge import (
    STAGES,
    Standing,
    drafting_is_open,
    may_answer,
    may_circulate,
    may_comment,
    may_consent,
    may_decline,
    may_edit,
    may_freeze,
    may_open_signing,
    may_revise,
    may_sign,
    may_start,
    signing_is_open,
)

__all__ = (
    "STAGES",
    "Standing",
    "drafting_is_open",
    "may_answer",
    "may_circulate",
    "may_comment",
    "may_consent",
    "may_decline",
    "may_edit",
    "may_freeze",
    "may_open_signing",
    "may_revise",
    "may_sign",
    "may_start",
    "signing_is_open",
)
