"""Which criteria of a year the pledge names; apps above say it (`settings.CRITERION_USES`)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from clusters.models import ClusterYear
from scoring.queries.table import is_held_against_target, leaves_of


@dataclass(frozen=True, slots=True)
class CriterionUse:
    """A target of the present version of the pledge that names a criterion."""

    #: Key of the row it points at, which may belong to a version of the table that was replaced.
    criterion_id: int
    #: What counts everywhere: sheets find the target of a leaf by its code.
    code: str
    #: The target in words.
    text: str
    #: Only a target in numbers is held against a rule.
    is_numeric: bool
    #: Some unit took on 0, which no rule can hold a result against (scoring.md 2.2).
    has_zero: bool = False
    #: What was signed is a change in per cent against last year's figure, not a level.
    is_change: bool = False


def uses_of_criteria(year: ClusterYear | int) -> list[CriterionUse]:
    """Return the targets of the present pledge of a year that name a criterion."""
    pk = year if isinstance(year, int) else year.pk
    return [use for name in settings.CRITERION_USES for use in import_string(name)(pk)]


def targets_by_code(uses: Iterable[CriterionUse]) -> Counter[str]:
    """Count the targets that name each criterion."""
    return Counter(use.code for use in uses)


def said_of_uses(codes: Iterable[str], counts: Counter[str]) -> str:
    """Name criteria with their targets: `I.3 (2 chỉ tiêu), I.4 (1 chỉ tiêu)`."""
    return ", ".join(f"{code} ({counts[code]} chỉ tiêu)" for code in sorted(codes))


def lost_in(old: Mapping[str, Any], new: Mapping[str, Any], uses: Iterable[CriterionUse]) -> str:
    """Name the criteria with targets in numbers that a new table cannot score any more.

    Such a leaf is not there, no longer takes a target although that of the old table did, or would
    take a signed level for a change against last year (or the other way round).
    """
    before, after = leaves_of(old), leaves_of(new)
    lost = [
        use
        for use in uses
        if use.code not in after
        or (
            use.is_numeric
            and is_held_against_target(before.get(use.code, {}).get("rule"))
            and not is_held_against_target(after[use.code]["rule"])
        )
        or _is_misread(use, before.get(use.code, {}).get("rule"), after[use.code]["rule"])
    ]
    counts = targets_by_code(lost)
    return said_of_uses(counts, counts)


def _is_misread(
    use: CriterionUse, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> bool:
    """Whether a new rule takes a level for a change or a change for a level, and the old did not.

    A version that mends such a rule is welcome; one that leaves it as it was takes nothing away.
    """
    before, after = (
        rule.get("baseline", False) if rule and is_held_against_target(rule) else None
        for rule in (old, new)
    )
    return use.is_numeric and after not in (None, before, use.is_change)


def zeroes_in(new: Mapping[str, Any], uses: Iterable[CriterionUse]) -> str:
    """Name the criteria by which a new table would hold results against a level of 0.

    Signed levels stand, so that the table has to give way: `I.3 (“Số vụ cháy”)`.
    """
    leaves = leaves_of(new)
    return ", ".join(
        f"{use.code} (“{use.text}”)"
        for use in uses
        if use.has_zero
        and use.code in leaves
        and is_held_against_target(leaves[use.code].get("rule"))
    )
