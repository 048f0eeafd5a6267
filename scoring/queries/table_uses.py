"""Which criteria of a year the pledge names; apps above say it (`settings.CRITERION_USES`)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string

from clusters.models import ClusterYear


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
