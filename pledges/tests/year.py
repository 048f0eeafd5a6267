"""The second half of a year in any state, reached only by walking the real workflow."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from clusters.acting import Acting
from clusters.models import ClusterYear, YearStatus
from clusters.tests.factories import World
from pledges.models import Review, ReviewKind
from pledges.queries.review import section_mark
from pledges.tests import progress as walk
from pledges.workflow import review as workflow
from pledges.workflow.review import Opening, SectionInput, UnmetInput
from scoring.models import Publication, RunKind, ScoreLine, ScoreSheet, ScoringRun
from scoring.workflow import run as run_workflow
from scoring.workflow import sheet as sheets
from scoring.workflow.sheet import LineInput

YEAR = 2026


def moment(month: int, day: int, hour: int = 9) -> datetime:
    """Return a local time (UTC+7) of the year of the tests."""
    return datetime(YEAR, month, day, hour - 7, tzinfo=UTC)


#: When each step is done in the calendar of `make_world`.
MIDYEAR, REPORTS, MIDYEAR_ENDS = moment(6, 20), moment(6, 24), moment(7, 2)
YEAREND, SCORING, APPRAISING = moment(12, 15), moment(12, 17), moment(12, 20)
EXPLAINING, SECOND, PROVISIONAL = moment(12, 21), moment(12, 22), moment(12, 24)
FINAL = moment(12, 30)


def midyear_world(
    values: tuple[str, ...] = ("82", "78", "75"), world: World | None = None
) -> World:
    """Return a world whose half-year's figures are frozen; the target is 80 for all."""
    world = walk.running_world(world)
    for index, value in enumerate(values):
        walk.accepted(world, index, {0: value, 1: "Không xảy ra"})
    open_reviews(world, ReviewKind.MIDYEAR, MIDYEAR, date(YEAR, 6, 14))
    return refreshed(world)


def open_reviews(world: World, kind: ReviewKind, now: datetime, until: date) -> list[Review]:
    """Freeze the figures as the lead."""
    opening = Opening(kind, until, due_on=now.date(), share=Decimal("0.5"))
    if kind is ReviewKind.YEAREND:
        opening = Opening(kind, until, due_on=date(YEAR, 12, 18))
    return workflow.open_reviews(
        cluster_year_id=world.year.pk, opening=opening, by=world.lead_officer, now=now
    )


def review(world: World, index: int | None, kind: ReviewKind = ReviewKind.MIDYEAR) -> Review:
    """Return the review of a unit, or without index the cluster's."""
    unit = None if index is None else world.units[index]
    return Review.objects.get(cluster_year=world.year, kind=kind, unit=unit)


def write_review(world: World, row: Review, by: Acting, now: datetime) -> Review:
    """Write something under every heading and beside every unmet target."""
    sections = {
        heading["key"]: SectionInput(
            f"Nội dung mục {heading['heading']}",
            section_mark(row.sections.get(heading["key"], "")),
        )
        for heading in row.outline
        if heading["is_written"]
    }
    unmet = [
        UnmetInput(one.pk, "Địa bàn rộng", "Tăng cường kiểm tra", "Đội nghiệp vụ", now.date())
        for one in row.unmet.all()
    ]
    return workflow.write(review_id=row.pk, sections=sections, unmet=unmet, by=by, now=now)


def submit_review(world: World, index: int | None, kind: ReviewKind, now: datetime) -> Review:
    """Write and submit the review of a unit (the cluster's as the lead)."""
    row = review(world, index, kind)
    place = 0 if index is None else index
    row = write_review(world, row, world.officers[place], now)
    return workflow.submit(review_id=row.pk, seen=row.revision, by=world.heads[place], now=now)


def accept_review(world: World, index: int | None, kind: ReviewKind, now: datetime) -> Review:
    """Accept a submitted review as who judges it."""
    row = review(world, index, kind)
    judge = world.organiser_acting if index is None else walk.judge_of(world, index)
    return workflow.accept(review_id=row.pk, seen=row.revision, by=judge, now=now)


def end_midyear(world: World) -> World:
    """Walk all mid-year reports to accepted; the year runs on."""
    for index in (*range(len(world.units)), None):
        submit_review(world, index, ReviewKind.MIDYEAR, REPORTS)
        accept_review(world, index, ReviewKind.MIDYEAR, MIDYEAR_ENDS)
    return refreshed(world)


def accepted_world(
    values: tuple[str, ...] = ("82", "78", "75"), world: World | None = None
) -> World:
    """Return a world whose figures of the whole year are accepted and not yet frozen."""
    world = walk.running_world(world)
    for index, value in enumerate(values):
        for order in (1, 2, 3, 4):
            walk.accepted(world, index, {0: value, 1: "Không xảy ra"}, order)
    return world


def yearend_world(
    values: tuple[str, ...] = ("82", "78", "75"), world: World | None = None
) -> World:
    """Return a world whose year's figures are frozen and whose score sheets are open."""
    world = accepted_world(values, world)
    open_reviews(world, ReviewKind.YEAREND, YEAREND, date(YEAR, 12, 14))
    return refreshed(world)


def sheet(world: World, index: int) -> ScoreSheet:
    """Return the sheet of a unit as it stands."""
    return ScoreSheet.objects.select_related("unit", "cluster_year__cluster").get(
        cluster_year=world.year, unit=world.units[index]
    )


def lines(row: ScoreSheet) -> list[ScoreLine]:
    """Return the lines of a sheet in the order of the table."""
    return list(row.lines.select_related("criterion").order_by("criterion__order"))


def sound_figure(line: ScoreLine) -> dict[str, Any]:
    """Return a figure that the rule of a line takes: full marks where there is a choice."""
    rule = line.criterion.rule or {}
    top = str(line.criterion.max_points)
    full: dict[str, dict[str, Any]] = {
        "direct": {"points": top.rstrip("0").rstrip(".") if "." in top else top},
        "pass_fail": {"met": True},
        "deduct_per_event": {"count": "0"},
        "zero_tolerance": {"count": "0"},
        "per_occurrence": {"counts": {item["label"]: "0" for item in rule.get("items", [])}},
        "rank_points": {"ranks": [1]},
    }
    if rule["kind"] == "levels":
        return {"level": rule["levels"][0]["label"]}
    if rule["kind"] == "bands" and rule["on"] == "days_late":
        return {"days_late": "0"}
    return full.get(rule["kind"], {"actual": "100"})


def claim_all(world: World, index: int, now: datetime = SCORING) -> ScoreSheet:
    """Claim every line nobody prefilled."""
    row = sheet(world, index)
    asked = [
        LineInput(line.pk, sound_figure(line), "Theo hồ sơ của đơn vị")
        for line in lines(row)
        if line.claimed is None
    ]
    return sheets.claim(sheet_id=row.pk, lines=asked, by=world.officers[index], now=now)


def submit_sheet(world: World, index: int, now: datetime = SCORING) -> ScoreSheet:
    """Submit the sheet of a unit as its head."""
    row = sheet(world, index)
    return sheets.submit(sheet_id=row.pk, seen=row.revision, by=world.heads[index], now=now)


def take_up(world: World, index: int, now: datetime = APPRAISING) -> ScoreSheet:
    """Begin the appraisal as who judges the unit."""
    row = sheet(world, index)
    return sheets.take_up(sheet_id=row.pk, by=walk.judge_of(world, index), now=now)


def agree_first(world: World, index: int, now: datetime = APPRAISING) -> ScoreSheet:
    """Agree with every claim in the first appraisal."""
    row = sheet(world, index)
    asked = [LineInput(line.pk, line.claimed or {}) for line in lines(row) if line.first is None]
    return sheets.appraise(sheet_id=row.pk, lines=asked, by=walk.judge_of(world, index), now=now)


def finish_first(world: World, index: int, now: datetime = APPRAISING) -> ScoreSheet:
    """End the first appraisal."""
    row = sheet(world, index)
    return sheets.finish_first(
        sheet_id=row.pk, seen=row.revision, by=walk.judge_of(world, index), now=now
    )


def finish_explaining(world: World, index: int, now: datetime = EXPLAINING) -> ScoreSheet:
    """Send the explanations on as the head of the unit."""
    row = sheet(world, index)
    return sheets.finish_explaining(sheet_id=row.pk, by=world.heads[index], now=now)


def agree_second(world: World, index: int, now: datetime = SECOND) -> ScoreSheet:
    """Agree with the first appraisal everywhere, as the organiser."""
    row = sheet(world, index)
    asked = [LineInput(line.pk, line.first or {}) for line in lines(row) if line.second is None]
    return sheets.appraise_again(sheet_id=row.pk, lines=asked, by=world.organiser_acting, now=now)


def approve(world: World, index: int, now: datetime = SECOND) -> ScoreSheet:
    """Approve as the organiser."""
    row = sheet(world, index)
    return sheets.approve(sheet_id=row.pk, seen=row.revision, by=world.organiser_acting, now=now)


#: The steps of a sheet, each leading to the state it is named for.
STEPS: tuple[tuple[str, Callable[[World, int], ScoreSheet]], ...] = (
    ("CLAIMED", claim_all),
    ("SUBMITTED", submit_sheet),
    ("APPRAISING", take_up),
    ("APPRAISED", agree_first),
    ("EXPLAINING", finish_first),
    ("SECOND_APPRAISAL", finish_explaining),
    ("DECIDED", agree_second),
    ("APPROVED", approve),
)


def walk_sheet(world: World, index: int, to: str) -> ScoreSheet:
    """Walk the sheet of a unit to a step."""
    row = sheet(world, index)
    for name, step in STEPS:
        row = step(world, index)
        if name == to:
            break
    return row


def approved_world(values: tuple[str, ...] = ("82", "78", "75")) -> World:
    """Return a world in which every sheet is approved."""
    world = yearend_world(values)
    for index in range(len(world.units)):
        walk_sheet(world, index, "APPROVED")
    return refreshed(world)


def make_run(
    world: World, kind: RunKind = RunKind.FINAL, now: datetime = PROVISIONAL
) -> ScoringRun:
    """Score the cluster as the organiser."""
    return run_workflow.make_run(
        cluster_year_id=world.year.pk, kind=kind, reason="", by=world.organiser_acting, now=now
    )


def publish_provisional(world: World, run: ScoringRun) -> Publication:
    """Publish a run as provisional until 28 December."""
    return run_workflow.publish_provisional(
        cluster_year_id=world.year.pk, run_id=run.pk,
        notes=run_workflow.Notes(date(YEAR, 12, 28)), by=world.organiser_acting, now=PROVISIONAL,
    )  # fmt: skip


def publish_final(world: World, run: ScoringRun, now: datetime = FINAL) -> Publication:
    """Publish a run for good."""
    return run_workflow.publish_final(
        cluster_year_id=world.year.pk, run_id=run.pk, typed=f"CÔNG BỐ {YEAR}",
        by=world.organiser_acting, now=now,
    )  # fmt: skip


def published_world() -> World:
    """Return a world whose result is published for good."""
    world = approved_world()
    run = make_run(world)
    publish_provisional(world, run)
    publish_final(world, run)
    return refreshed(world)


def refreshed(world: World) -> World:
    """Return the world with the year as it stands."""
    world.year = ClusterYear.objects.with_names().get(pk=world.year.pk)
    return world


def status_of(world: World) -> YearStatus:
    """Return the state of the year."""
    return YearStatus(refreshed(world).year.status)
