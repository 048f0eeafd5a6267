"""Clusters prepared by factories for the browser: their calendar is open on the day of the test."""

from datetime import UTC, datetime, timedelta

from clusters import operations
from clusters.calendar import local_date
from clusters.models import YearStatus
from clusters.operations import StagePlan
from clusters.tests.factories import World, make_world
from pledges.models import Pledge, PledgeStatus
from pledges.tests import factories as f

Y = YearStatus


def now() -> datetime:
    """Return the time that the server's clock shows too."""
    return datetime.now(UTC)


def world_at(status: PledgeStatus, prefix: str, size: int = 3) -> tuple[World, Pledge]:
    """Walk a pledge to a state in the past and move the calendar to today."""
    world, pledge = f.make_pledge_at(status, make_world(size, prefix=prefix))
    open_today(world)
    return world, pledge


def open_today(world: World) -> None:
    """Let drafting and signing be open now, as the pages of the server see it."""
    today = local_date(now())
    stages = [
        StagePlan(Y.PREPARING, today - timedelta(40), today - timedelta(15)),
        StagePlan(Y.DRAFTING, today - timedelta(14), today + timedelta(2)),
        StagePlan(Y.SIGNING, today, today + timedelta(6), late_accepted=True),
        StagePlan(Y.RUNNING, today + timedelta(7), None),
    ]
    assert world.organiser_acting is not None
    operations.set_calendar(
        cluster_year_id=world.year.pk, stages=stages, reason="Hội nghị lùi ngày.",
        by=world.organiser_acting, now=now(),
    )  # fmt: skip
