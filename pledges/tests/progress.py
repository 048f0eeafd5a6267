"""Progress of a signed pledge in any state, reached only by walking the real workflow."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from clusters.acting import Acting
from clusters.models import Period
from clusters.tests.factories import World
from pledges.models import PledgeStatus, ProgressReport, Target
from pledges.queries.progress import cells_of, entry_mark, signed_version
from pledges.tests.factories import make_pledge_at
from pledges.workflow import progress as workflow
from pledges.workflow.progress import CellInput, Finding


def noon(day: date) -> datetime:
    """Return noon in Việt Nam on a day."""
    return datetime(day.year, day.month, day.day, 5, 0, tzinfo=UTC)


def running_world(world: World | None = None) -> World:
    """Return a world of three units, or the one given, whose pledge is signed by all."""
    world, _ = make_pledge_at(PledgeStatus.SIGNED, world)
    world.year.refresh_from_db()
    return world


def period(world: World, order: int = 1) -> Period:
    """Return a reporting period by its place, from 1."""
    return world.year.periods.get(order=order)


def targets(world: World) -> list[Target]:
    """Return the targets of the signed pledge in order."""
    version = signed_version(world.year)
    assert version is not None
    return list(version.targets.order_by("order"))


def enter(
    world: World,
    index: int,
    values: dict[int, str],
    order: int = 1,
    *,
    now: datetime | None = None,
    part: int = 1,
    reason: str = "",
) -> ProgressReport:
    """Enter figures for targets (by place from 0) of one unit, marks read just before."""
    when = period(world, order)
    unit = world.units[index]
    cells = cells_of(world.year, [unit.pk])[unit.pk]
    rows = targets(world)
    inputs = []
    for place, value in values.items():
        cell = cells.get((rows[place].key, when.pk))
        mine = [e for e in cell.entries if e.report.part == part] if cell else []
        seen = entry_mark(mine[-1] if mine else None)
        is_text = rows[place].kind == Target.Kind.TEXT
        inputs.append(
            CellInput(
                rows[place].pk,
                value=None if is_text or value == "" else Decimal(value),
                text=value if is_text else "",
                reason=reason,
                seen=seen,
            )
        )
    return workflow.save(
        period_id=when.pk, cells=inputs, by=world.officers[index], part=part,
        now=now or noon(when.ends_on + timedelta(days=1)),
    )  # fmt: skip


def submit(
    world: World, index: int, report: ProgressReport, now: datetime | None = None
) -> ProgressReport:
    """Submit as the head of the unit what stands now."""
    report = ProgressReport.objects.get(pk=report.pk)
    return workflow.submit(
        report_id=report.pk, seen=report.revision, by=world.heads[index],
        now=now or noon(report.period.ends_on + timedelta(days=2)),
    )  # fmt: skip


def judge_of(world: World, index: int) -> Acting:
    """Return the officer who decides on a unit's work: the lead's, for the lead the deputy's."""
    return world.officers[1 if index == 0 else 0]


def give_back(
    world: World, index: int, report: ProgressReport, findings: dict[int, str]
) -> ProgressReport:
    """Return a report, pinned to cells by the place of their target."""
    report = ProgressReport.objects.get(pk=report.pk)
    rows = targets(world)
    return workflow.give_back(
        report_id=report.pk, seen=report.revision, reason="Đề nghị kiểm tra lại số liệu",
        findings=[Finding(rows[place].pk, why) for place, why in findings.items()],
        by=judge_of(world, index), now=noon(report.period.ends_on + timedelta(days=3)),
    )  # fmt: skip


def accept(
    world: World, index: int, report: ProgressReport, now: datetime | None = None
) -> ProgressReport:
    """Accept a submitted report."""
    report = ProgressReport.objects.get(pk=report.pk)
    return workflow.accept(
        report_id=report.pk, seen=report.revision, by=judge_of(world, index),
        now=now or noon(report.period.ends_on + timedelta(days=4)),
    )  # fmt: skip


def accepted(world: World, index: int, values: dict[int, str], order: int = 1) -> ProgressReport:
    """Walk one unit's report on a period to accepted."""
    report = enter(world, index, values, order)
    submit(world, index, report)
    return accept(world, index, report)
