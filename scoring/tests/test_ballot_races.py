"""Two people at the same moment in a vote and at the last place of a quota, each with its control.

One world for each test: a year is walked to its published result first, which is dear.
"""

from datetime import date
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError

from clusters.models import Cluster, ClusterYear, MemberRole, Unit
from clusters.operations import MemberPlan, YearPlan, open_year
from clusters.tests.factories import World, default_stages
from core import audit
from core.policy import Refused
from core.tests.races import Outcome, overlap, without_locks
from pledges.tests import year as walk
from scoring.models import (
    AwardQuota,
    Ballot,
    Candidate,
    Nomination,
    Publication,
    RunResult,
    ScoringRun,
    Voter,
)
from scoring.operations.nomination import nominate
from scoring.tests import voting as v

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _no_effects(settings):
    settings.EFFECTS = {}


def refused(outcome: Outcome) -> bool:
    """Whether the second was told no in a sentence, not by a fault of the program."""
    return isinstance(outcome.error, Refused)


def published() -> World:
    world = walk.approved_world()
    walk.publish_provisional(world, walk.make_run(world))
    return walk.refreshed(world)


def votes(row: Ballot) -> int:
    return sum(Candidate.objects.filter(ballot=row).values_list("votes", flat=True))


LOCKED = (ClusterYear, Ballot, Voter)


def test_two_votes_of_one_unit_and_a_vote_during_the_count():
    world = published()

    # The head votes in two windows at once: the second is told that the unit has voted.
    row = v.opened(world)
    first, second = overlap(partial(v.cast, world, row, 1, 0), partial(v.cast, world, row, 1, 1))
    first.get()
    assert refused(second), second.error
    assert votes(row) == 1

    # Without the locks the rule lets the second through, and only the database stops it.
    row = v.opened(world)
    with without_locks(*LOCKED):
        _, second = overlap(partial(v.cast, world, row, 1, 0), partial(v.cast, world, row, 1, 1))
    assert isinstance(second.error, DatabaseError)
    assert not refused(second)

    # A vote that comes while it is being counted is refused …
    row = v.opened(world)
    first, second = overlap(partial(v.count, world, row), partial(v.cast, world, row, 1, 0))
    first.get()
    assert refused(second), second.error
    assert votes(row) == 0

    # … and one that was given before is counted, whole.
    row = v.opened(world)
    first, second = overlap(partial(v.cast, world, row, 1, 0), partial(v.count, world, row))
    first.get()
    assert second.get().cast == votes(row) == 1

    # Without the locks the count overlooks it: one vote stands in the sums, none was cast.
    row = v.opened(world)
    with without_locks(*LOCKED):
        overlap(partial(v.cast, world, row, 1, 0), partial(v.count, world, row))
    assert Ballot.objects.get(pk=row.pk).cast != votes(row)
    assert audit.first_fault() is None


def second_year(world: World) -> tuple[ClusterYear, Unit]:
    """Another cluster of the organiser in the same cycle, its result put into the books."""
    other = Cluster.objects.create(organiser=world.organiser, kind="KHOI", code="K2", name="Khối 2")
    units = [
        Unit.objects.create(code=f"K2-{n}", name=f"Đơn vị {n}", short_name=f"ĐV {n}",
                            level="DISTRICT", parent=world.organiser)
        for n in (1, 2)
    ]  # fmt: skip
    plan = YearPlan(
        cluster_id=other.pk, year=walk.YEAR, starts_on=date(2025, 12, 15),
        ends_on=date(2026, 12, 14), theme="Phong trào", stages=default_stages(),
        members=[MemberPlan(units[0].pk, MemberRole.LEAD),
                 MemberPlan(units[1].pk, MemberRole.MEMBER)],
        decision_number="13/QĐ", decision_date=date(2026, 1, 6),
    )  # fmt: skip
    year = open_year(plan=plan, by=world.organiser_acting, now=walk.FINAL)
    run = ScoringRun.objects.get(cluster_year=world.year)
    result = RunResult.objects.filter(run=run).order_by("order")[0]
    run.pk, run.cluster_year = None, year
    run.save(force_insert=True)
    result.pk, result.run, result.unit, result.unit_name = None, run, units[0], units[0].name
    result.save(force_insert=True)
    Publication.objects.create(
        cluster_year=year, run=run, status="FINAL", published_at=walk.FINAL,
        published_by_id=world.organiser_acting.user_id,
    )  # fmt: skip
    return year, units[0]


def test_two_clusters_do_not_take_the_last_place_of_a_shared_quota_together():
    world = v.final(published())
    year, unit = second_year(world)

    def acts(title: str) -> list[Any]:
        quota = v.quota(world, title)
        common: dict[str, Any] = {
            "quota_id": quota.pk,
            "by": world.organiser_acting,
            "now": walk.FINAL,
        }
        here: dict[str, Any] = {
            "cluster_year_id": world.year.pk,
            "unit_ids": frozenset([world.units[0].pk]),
        }
        there: dict[str, Any] = {"cluster_year_id": year.pk, "unit_ids": frozenset([unit.pk])}
        return [partial(nominate, **place, **common) for place in (here, there)]

    first, second = overlap(*acts(v.FLAG))
    first.get()
    assert refused(second), second.error
    assert Nomination.objects.count() == 1
    with without_locks(AwardQuota):
        overlap(*acts("Bằng khen"))
    assert Nomination.objects.filter(quota__title="Bằng khen").count() == 2, "one above the quota"
