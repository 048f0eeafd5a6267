"""Votes in any state for tests, reached by the real workflow; three units, ranks 1, 1 and 3."""

from datetime import date
from typing import Any

from clusters.models import Cluster, ClusterYear, MemberRole, Unit
from clusters.operations import MemberPlan, YearPlan, open_year
from clusters.tests.factories import World, default_stages
from core.uploads import Accepted
from pledges.tests import year as walk
from scoring.models import AwardQuota, Ballot, BallotSubject, Candidate, Publication, Voter
from scoring.operations.quota import QuotaPlan, set_quota
from scoring.workflow import ballot as workflow
from scoring.workflow import sheet as sheets
from scoring.workflow.ballot import BallotPlan, PaperCount
from scoring.workflow.sheet import LineInput

FLAG = "Cờ thi đua của Bộ Công an"
SCAN = Accepted("Biên bản kiểm phiếu.pdf", "application/pdf", b"%PDF-1.7 bien ban")


def provisional_world() -> World:
    """Return a world whose result is published as provisional, the third unit behind."""
    world = walk.approved_world()
    walk.publish_provisional(world, walk.make_run(world))
    row = walk.sheet(world, 2)
    line = next(x for x in walk.lines(row) if (x.criterion.rule or {}).get("kind") == "direct")
    sheets.settle(
        sheet_id=row.pk, line=LineInput(line.pk, {"points": "0"}, "Theo biên bản"),
        by=world.organiser_acting, now=walk.PROVISIONAL,
    )  # fmt: skip
    walk.publish_provisional(world, walk.make_run(world))
    return walk.refreshed(world)


def final(world: World) -> World:
    """Publish the newest run for good."""
    walk.publish_final(world, Publication.objects.latest("pk").run)
    return walk.refreshed(world)


def quota(world: World, title: str = FLAG, **more: Any) -> AwardQuota:
    """Set a quota of one unit for all clusters of the cycle."""
    number = {} if "max_percent" in more else {"max_count": 1}
    plan = QuotaPlan(**{"title": title, "order": 1, **number, **more})
    return set_quota(
        cluster_year_id=world.year.pk, quota_id=None, seen=0, plan=plan,
        by=world.organiser_acting, now=walk.PROVISIONAL,
    )  # fmt: skip


def plan_of(world: World, **more: Any) -> BallotPlan:
    """Return a plan: next year's lead, secret, on the system, all units on the list."""
    units = frozenset(unit.pk for unit in world.units)
    return BallotPlan(**{"subject": BallotSubject.LEAD, "unit_ids": units, **more})


def prepare(world: World, **more: Any) -> Ballot:
    """Prepare a vote as the officer of the lead."""
    return workflow.prepare(
        cluster_year_id=world.year.pk, plan=plan_of(world, **more), by=world.lead_officer,
        now=walk.PROVISIONAL,
    )  # fmt: skip


def opened(world: World, **more: Any) -> Ballot:
    """Prepare and open a vote."""
    row = prepare(world, **more)
    return workflow.open_ballot(
        ballot_id=row.pk, seen=row.revision, by=world.lead_officer, now=walk.PROVISIONAL
    )


def candidates(row: Ballot) -> list[Candidate]:
    """Return the list in its order."""
    return list(Candidate.objects.filter(ballot=row).order_by("order"))


def cast(world: World, row: Ballot, index: int, *places: int) -> Ballot:
    """Vote as the head of a unit for the candidates at these places of the list."""
    listed = candidates(row)
    return workflow.cast(
        ballot_id=row.pk, candidate_ids=frozenset(listed[place].pk for place in places),
        by=world.heads[index], now=walk.PROVISIONAL,
    )  # fmt: skip


def count(world: World, row: Ballot) -> Ballot:
    """Close and count a vote on the system, as the organiser."""
    workflow.count(ballot_id=row.pk, by=world.organiser_acting, now=walk.PROVISIONAL)
    return Ballot.objects.get(pk=row.pk)


def paper_count(row: Ballot, votes: tuple[int, ...], **more: Any) -> PaperCount:
    """Return what tellers found: everybody present, as many votes as units."""
    voters = list(Voter.objects.filter(ballot=row).values_list("pk", flat=True))
    listed = candidates(row)
    found: dict[str, Any] = {
        "present": frozenset(voters),
        "votes": {one.pk: number for one, number in zip(listed, votes, strict=True)},
        "cast": len(voters), "blank": 0, "minutes": SCAN, "tellers": "Nguyễn Văn A, Trần Thị B",
    }  # fmt: skip
    return PaperCount(**found | more)


def count_paper(world: World, row: Ballot, votes: tuple[int, ...], **more: Any) -> Ballot:
    """Enter the count of a vote on paper, as the officer of the lead."""
    workflow.count_paper(
        ballot_id=row.pk, found=paper_count(row, votes, **more), by=world.lead_officer,
        now=walk.PROVISIONAL,
    )  # fmt: skip
    return Ballot.objects.get(pk=row.pk)


def second_year(world: World) -> ClusterYear:
    """Open the cycle for another cluster of two units."""
    other = Cluster.objects.create(
        organiser=world.organiser, kind="KHOI", code="K2", name="Khối thi đua số 2"
    )
    plan = YearPlan(
        cluster_id=other.pk, year=walk.YEAR, starts_on=date(2025, 12, 15),
        ends_on=date(2026, 12, 14), theme="Phong trào", stages=default_stages(),
        members=[MemberPlan(_unit(world, n).pk, role) for n, role in
                 ((7, MemberRole.LEAD), (8, MemberRole.MEMBER))],
        decision_number="13/QĐ", decision_date=date(2026, 1, 6),
    )  # fmt: skip
    return open_year(plan=plan, by=world.organiser_acting, now=walk.FINAL)


def _unit(world: World, number: int) -> Unit:
    return Unit.objects.create(
        code=f"K2-{number}", name=f"Đơn vị {number}", short_name=f"ĐV {number}",
        level="DISTRICT", parent=world.organiser,
    )  # fmt: skip
