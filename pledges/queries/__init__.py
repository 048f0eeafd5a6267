"""Reads of the pledge, of progress and of reviews."""

from pledges.queries.pledge import (
    SHOWN_NAMES,
    Turn,
    UnitWord,
    found_targets,
    locked_pledge,
    may_witness,
    missing_in,
    named,
    pledges_with_names,
    standing_of,
    turn_of,
    units_without_consent,
    windows_of,
    without_hidden_drafts,
    words_of,
    work_waiting,
)

__all__ = (
    "SHOWN_NAMES",
    "Turn",
    "UnitWord",
    "found_targets",
    "locked_pledge",
    "may_witness",
    "missing_in",
    "named",
    "pledges_with_names",
    "standing_of",
    "turn_of",
    "units_without_consent",
    "windows_of",
    "without_hidden_drafts",
    "words_of",
    "work_waiting",
)
