"""Rows of votes and nominations for the guards: what each holds, and what it leaves alone."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, models

from clusters.tests.factories import World
from core.guards import suspended
from scoring.models import (
    AwardQuota,
    Ballot,
    Candidate,
    Evidence,
    Nomination,
    OpenVote,
    ScoringRun,
    Voter,
)

Rows = dict[str, models.Model]
NOW = datetime(2026, 12, 30, 2, 0, tzinfo=UTC)


def of_ballots(world: World, scan: Evidence) -> tuple[Rows, Rows]:
    """Return what is held and free in a published year: votes of every state, nominations."""
    run = ScoringRun.objects.get(cluster_year=world.year)
    by = world.heads[0].user_id
    flag, *_ = _quotas(world)
    common = {"cluster_year": world.year, "run": run, "created_at": NOW, "created_by_id": by}

    def vote(number: int, subject: str = "LEAD", **more: Any) -> Ballot:
        row = Ballot.objects.create(
            **common, number=number, subject=subject, title=f"Bầu {number}",
            **({"quota": flag} if subject == "TITLE" else {}), **more,
        )  # fmt: skip
        for place, unit in enumerate(world.units[:2], 1):
            Candidate.objects.create(
                ballot=row, unit=unit, unit_name=unit.name, order=place, votes=2
            )
            Voter.objects.create(ballot=row, unit=unit, unit_name=unit.name)
        return row

    preparing, secret, public = vote(1), vote(2, "TITLE"), vote(3, is_secret=False)
    counted, cancelled = vote(4, on_paper=True), vote(5)
    opened = {"status": "OPEN", "opened_at": NOW}
    Ballot.objects.filter(pk__in=[secret.pk, public.pk, counted.pk, cancelled.pk]).update(**opened)
    voted = _marks(public)
    with suspended(connection):
        told = OpenVote.objects.create(voter=_voter(secret, 0), candidate=_candidate(secret, 0))
    Ballot.objects.filter(pk=counted.pk).update(
        status="COUNTED", cast=2, is_quorate=True, minutes=scan, ended_at=NOW
    )
    Ballot.objects.filter(pk=cancelled.pk).update(status="CANCELLED", cancel_reason="Hoãn họp")
    standing, withdrawn = _nominations(world, flag, by)
    nobodys = AwardQuota.objects.get(title="Bằng khen")
    held: Rows = {
        "scoring_awardquota": flag,
        "scoring_ballot": Ballot.objects.get(pk=secret.pk),
        "scoring_ballot.ended": Ballot.objects.get(pk=counted.pk),
        "scoring_candidate": _candidate(secret, 0),
        "scoring_candidate.counted": _candidate(counted, 0),
        "scoring_voter": _voter(secret, 0),
        "scoring_voter.voted": voted,
        "scoring_openvote": OpenVote.objects.filter(voter=voted)[0],
        "scoring_openvote.secret": told,
        "scoring_nomination": standing,
        "scoring_nomination.withdrawn": withdrawn,
    }
    free: Rows = {
        "scoring_awardquota": nobodys,
        "scoring_ballot": Ballot.objects.get(pk=preparing.pk),
        "scoring_candidate": _candidate(preparing, 0),
        "scoring_voter": _voter(preparing, 0),
        "scoring_nomination": standing,
    }
    return held, free


def _quotas(world: World) -> list[AwardQuota]:
    """A number, a per cent, and one of the cluster's own."""
    cycle = world.year.cycle
    return [
        AwardQuota.objects.create(cycle=cycle, title="Cờ thi đua", max_count=2),
        AwardQuota.objects.create(cycle=cycle, title="Bằng khen", max_percent=Decimal(20)),
        AwardQuota.objects.create(
            cycle=cycle, title="Giấy khen", max_count=1, cluster=world.cluster
        ),
    ]


def _marks(row: Ballot) -> Voter:
    """Let the first unit mark both candidates of an open vote."""
    voter = _voter(row, 0)
    for place in (0, 1):
        OpenVote.objects.create(voter=voter, candidate=_candidate(row, place))
    Voter.objects.filter(pk=voter.pk).update(has_voted=True, is_present=True)
    return Voter.objects.get(pk=voter.pk)


def _nominations(world: World, quota: AwardQuota, by: int) -> tuple[Nomination, Nomination]:
    common = {"cluster_year": world.year, "quota": quota, "nominated_at": NOW}
    rows = [
        Nomination.objects.create(unit=unit, unit_name=unit.name, nominated_by_id=by, **common)
        for unit in world.units[:2]
    ]
    Nomination.objects.filter(pk=rows[1].pk).update(withdrawn_at=NOW, withdraw_reason="Trùng")
    return rows[0], Nomination.objects.get(pk=rows[1].pk)


def _candidate(row: Ballot, place: int) -> Candidate:
    return Candidate.objects.filter(ballot=row).order_by("order")[place]


def _voter(row: Ballot, place: int) -> Voter:
    return Voter.objects.filter(ballot=row).order_by("pk")[place]
