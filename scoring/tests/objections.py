"""Objections in any state, reached only by walking the real workflow."""

from datetime import datetime
from typing import Any

from clusters.tests.factories import World
from pledges.tests import year as walk
from scoring.models import Objection, ObjectionStatus, Publication, ScoreLine
from scoring.queries.sheet import line_mark
from scoring.workflow import objection as workflow
from scoring.workflow.objection import Plea, Ruling

#: The unit that objects.
UNIT = 2
TEXT = "Biên bản họp ngày 20/12 đã công nhận, đề nghị tính đủ điểm."
REASON = "Có biên bản họp kèm theo, tính đủ điểm."
#: While objections are taken, and when they are decided.
TAKEN, DECIDED = walk.moment(12, 26), walk.moment(12, 28, 15)


def provisional_world() -> World:
    """Return a world whose provisional result stands; objections are taken until 28 December."""
    world = walk.approved_world()
    walk.publish_provisional(world, walk.make_run(world))
    return walk.refreshed(world)


def direct_line(world: World, index: int = UNIT, place: int = 0) -> ScoreLine:
    """Return a line that takes points as they are given."""
    rows = walk.lines(walk.sheet(world, index))
    return [row for row in rows if (row.criterion.rule or {})["kind"] == "direct"][place]


def draft(
    world: World, line: ScoreLine | None, index: int = UNIT, now: datetime = TAKEN, **more: Any
) -> Objection:
    """Write an objection as the officer; to a line it asks for half a point."""
    asked = {"points": "0.5"} if line else None
    return workflow.draft(
        cluster_year_id=world.year.pk, line_id=line.pk if line else None,
        plea=Plea(**{"text": TEXT, "asked": asked} | more), by=world.officers[index], now=now,
    )  # fmt: skip


def send(world: World, row: Objection, index: int = UNIT, now: datetime = TAKEN) -> Objection:
    """Send as the head."""
    return workflow.send(objection_id=row.pk, seen=row.revision, by=world.heads[index], now=now)


def sent(world: World, line: ScoreLine | None, index: int = UNIT) -> Objection:
    """Write and send."""
    return send(world, draft(world, line, index), index)


def ruling(row: Objection, **more: Any) -> Ruling:
    """Return a decision for the unit: what it asked for."""
    line = ScoreLine.objects.get(pk=row.line_id) if row.line_id else None
    facts: dict[str, Any] = {"reason": REASON, "figure": row.asked}
    return Ruling(**facts | {"mark": line_mark(line) if line else ""} | more)


def accept(world: World, row: Objection, now: datetime = DECIDED, **more: Any) -> Objection:
    """Accept as the organiser."""
    return workflow.accept(
        objection_id=row.pk, seen=row.revision, ruling=ruling(row, **more),
        by=world.organiser_acting, now=now,
    )  # fmt: skip


def reject(world: World, row: Objection, now: datetime = DECIDED) -> Objection:
    """Reject as the organiser."""
    return workflow.reject(
        objection_id=row.pk, seen=row.revision, ruling=Ruling(REASON),
        by=world.organiser_acting, now=now,
    )  # fmt: skip


def at(world: World, line: ScoreLine | None, status: ObjectionStatus) -> Objection:
    """Walk an objection to a state."""
    row = draft(world, line)
    if status is ObjectionStatus.DRAFT:
        return row
    row = send(world, row)
    if status is ObjectionStatus.ACCEPTED:
        return accept(world, row)
    if status is ObjectionStatus.REJECTED:
        return reject(world, row)
    if status is ObjectionStatus.WITHDRAWN:
        return workflow.withdraw(
            objection_id=row.pk, seen=row.revision, by=world.heads[UNIT], now=TAKEN
        )
    return row


def publication(world: World) -> Publication:
    """Return the provisional publication of a world."""
    return Publication.objects.get(cluster_year=world.year, status="PROVISIONAL")
