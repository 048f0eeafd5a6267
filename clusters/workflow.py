"""The states of a cluster year: which follows which, whose turn it is, and the verbs.

The calendar opens and locks work by itself (`clusters.calendar`); the state says where the year
stands. It moves with the pledge (circulated, frozen, sealed) and with the calendar, and never waits
for a missing signature: since 2024 a signed pledge is no condition of a title (product.md §5.13).
"""

from datetime import datetime

from django.db import transaction

from clusters.acting import Acting
from clusters.models import ClusterYear, YearStatus
from clusters.policies import may_archive
from clusters.queries import place_of
from core import audit
from core.audit import Actor, Change
from core.policy import require

S = YearStatus
TRANSITIONS: dict[YearStatus, frozenset[YearStatus]] = {
    S.PREPARING: frozenset({S.DRAFTING}),
    S.DRAFTING: frozenset({S.SIGNING, S.RUNNING}),
    S.SIGNING: frozenset({S.DRAFTING, S.RUNNING}),
    S.RUNNING: frozenset({S.MIDYEAR, S.YEAREND}),
    S.MIDYEAR: frozenset({S.RUNNING, S.YEAREND}),
    S.YEAREND: frozenset({S.APPRAISING}),
    S.APPRAISING: frozenset({S.PROVISIONAL}),
    S.PROVISIONAL: frozenset({S.OBJECTIONS, S.PUBLISHED}),
    S.OBJECTIONS: frozenset({S.PUBLISHED}),
    S.PUBLISHED: frozenset({S.ARCHIVED}),
    S.ARCHIVED: frozenset(),
}
#: Who is waited for in each state (đang chờ ai).
OWNERS: dict[YearStatus, str] = {
    S.PREPARING: "Cơ quan thường trực",
    S.DRAFTING: "Đơn vị trưởng và các đơn vị thành viên",
    S.SIGNING: "Lãnh đạo các đơn vị ký",
    S.RUNNING: "Các đơn vị thành viên",
    S.MIDYEAR: "Các đơn vị thành viên",
    S.YEAREND: "Các đơn vị thành viên",
    S.APPRAISING: "Đơn vị trưởng, đơn vị phó",
    S.PROVISIONAL: "Cơ quan thường trực",
    S.OBJECTIONS: "Các đơn vị thành viên",
    S.PUBLISHED: "Cơ quan thường trực",
    S.ARCHIVED: "Không ai",
}
#: The audit action that tells of the arrival in a state.
ACTIONS: dict[YearStatus, str] = {state: f"clusters.year_{state.value.lower()}" for state in S}


@transaction.atomic
def open_drafting(*, cluster_year_id: int, by: Actor, now: datetime) -> ClusterYear:
    """Begin the drafting of the pledge."""
    return _move(cluster_year_id, S.DRAFTING, by=by, now=now)


@transaction.atomic
def begin_signing(*, cluster_year_id: int, by: Actor, now: datetime) -> ClusterYear:
    """Follow a pledge that was frozen."""
    return _move(cluster_year_id, S.SIGNING, by=by, now=now)


@transaction.atomic
def return_to_drafting(
    *, cluster_year_id: int, by: Actor, now: datetime, reason: str
) -> ClusterYear:
    """Follow a pledge whose signing a unit declined."""
    return _move(cluster_year_id, S.DRAFTING, by=by, now=now, reason=reason)


@transaction.atomic
def begin_running(*, cluster_year_id: int, by: Actor, now: datetime) -> ClusterYear:
    """Begin the year's work: the pledge is sealed, or the calendar says so.

    A late last signature must not end a review that has begun.
    """
    return _move(cluster_year_id, S.RUNNING, by=by, now=now, only_from=(S.DRAFTING, S.SIGNING))


@transaction.atomic
def begin_midyear(*, cluster_year_id: int, by: Actor, now: datetime) -> ClusterYear:
    """Follow the freezing of the half-year's figures."""
    return _move(cluster_year_id, S.MIDYEAR, by=by, now=now)


@transaction.atomic
def end_midyear(*, cluster_year_id: int, by: Actor, now: datetime) -> ClusterYear:
    """Go on with the year's work: the cluster's mid-year report is accepted."""
    return _move(cluster_year_id, S.RUNNING, by=by, now=now, only_from=(S.MIDYEAR,))


@transaction.atomic
def begin_yearend(*, cluster_year_id: int, by: Actor, now: datetime) -> ClusterYear:
    """Follow the freezing of the year's figures: reports and self-scores are written."""
    return _move(cluster_year_id, S.YEAREND, by=by, now=now)


@transaction.atomic
def begin_appraising(*, cluster_year_id: int, by: Actor, now: datetime) -> ClusterYear:
    """Follow the first score sheet that is taken up; the others go on meanwhile."""
    return _move(cluster_year_id, S.APPRAISING, by=by, now=now)


@transaction.atomic
def begin_provisional(*, cluster_year_id: int, by: Actor, now: datetime) -> ClusterYear:
    """Follow the publication of provisional results."""
    return _move(cluster_year_id, S.PROVISIONAL, by=by, now=now)


@transaction.atomic
def begin_objections(*, cluster_year_id: int, by: Actor, now: datetime) -> ClusterYear:
    """Take objections to the provisional result: its day in the calendar has come."""
    return _move(cluster_year_id, S.OBJECTIONS, by=by, now=now)


@transaction.atomic
def begin_published(*, cluster_year_id: int, by: Actor, now: datetime) -> ClusterYear:
    """Follow the publication of the final result."""
    return _move(cluster_year_id, S.PUBLISHED, by=by, now=now)


@transaction.atomic
def archive(*, cluster_year_id: int, by: Acting, now: datetime) -> ClusterYear:
    """Close the year for good: everything can be read, nothing can be changed."""
    year = ClusterYear.objects.select_for_update(of=("self",)).with_names().get(pk=cluster_year_id)
    require(may_archive(place_of(by, year), year))
    return _move(cluster_year_id, S.ARCHIVED, by=by, now=now)


def _move(
    cluster_year_id: int, to: YearStatus, *, by: Actor, now: datetime, reason: str = "",
    only_from: tuple[YearStatus, ...] = (),
) -> ClusterYear:  # fmt: skip
    """Move to a state; a year that already went on past it (late signing) stays where it is."""
    year = ClusterYear.objects.select_for_update(of=("self",)).with_names().get(pk=cluster_year_id)
    old = YearStatus(year.status)
    if to not in TRANSITIONS[old] or (only_from and old not in only_from):
        return year
    year.status = to
    year.save(update_fields=["status"])
    audit.record(
        ACTIONS[to],
        year,
        by=by,
        now=now,
        cluster_year_id=year.pk,
        change=Change(before={"status": old.value}, after={"status": to.value}, reason=reason),
    )
    return year
