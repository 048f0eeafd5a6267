"""Rows of the second half of the year for the guards: what each holds, and what it leaves alone."""

from datetime import UTC, datetime

from django.db import connection, models

from accounts.models import User
from clusters.models import ClusterYear, Unit
from clusters.tests.factories import World, make_world
from config.tests.guarded_ballots import of_ballots
from config.tests.guarded_inspections import of_inspections
from config.tests.guarded_objections import of_objections
from core.guards import suspended
from pledges.models import Exemplar, ReviewKind
from pledges.operations import exemplars
from pledges.tests import progress as walk
from pledges.tests import year
from scoring.models import Evidence, Publication, RunLine, RunResult, ScoreLine, Veto
from scoring.workflow import sheet as sheets
from scoring.workflow.sheet import LineReturn

Rows = dict[str, models.Model]
NOW = datetime(2026, 12, 20, 2, 0, tzinfo=UTC)


def of_a_published_year(world: World) -> tuple[Rows, Rows]:
    """Return what is held in a published year, and the publication that may be revoked."""
    held: Rows = {}
    sheet = year.sheet(world, 2)
    line = year.lines(sheet)[0]
    report = world.year.progress.filter(part=1).order_by("pk")[0]
    entry = report.entries.order_by("pk")[0]
    run = world.year.runs.get()
    result = RunResult.objects.filter(run=run)[0]
    score = RunLine.objects.filter(result=result)[0]
    for row in (report, entry, run, result, score, sheet):
        held[row._meta.db_table] = row
    for name in ("first", "second", "final"):
        held[f"scoring_scoreline.{name}"] = line
    held["scoring_publication"] = Publication.objects.get(cluster_year=world.year, status="FINAL")
    provisional = Publication.objects.get(cluster_year=world.year, status="PROVISIONAL")
    held["scoring_publication.ended"] = provisional
    file = evidence(world.year, world.units[2], "a")
    held["scoring_evidence"] = file
    with suspended(connection):
        entry.evidence.add(file)
        line.evidence.add(file)
    held["pledges_progressentry_evidence"] = entry.evidence.through.objects.get(progressentry=entry)
    held["scoring_scoreline_evidence"] = line.evidence.through.objects.get(scoreline=line)
    objections, drafts = of_objections(world, year.lines(sheet), file)
    votes, lists = of_ballots(world, file)
    free = {"scoring_publication": held["scoring_publication"]} | drafts | lists
    return held | objections | votes, free


def of_a_running_year(world: World) -> tuple[Rows, Rows]:
    """Return what is held and what is free while progress is entered."""
    draft = walk.enter(world, 2, {0: "80"})
    returned = walk.enter(world, 1, {0: "8"})
    walk.submit(world, 1, returned)
    walk.give_back(world, 1, returned, {0: "Nghi sai dấu phẩy", 1: "Chưa ghi"})
    entry = draft.entries.get()
    entry.evidence.add(evidence(world.year, world.units[2], "b"))
    free: Rows = {
        "pledges_progressreport": draft,
        "pledges_progressentry": entry,
        "pledges_progressentry_evidence": entry.evidence.through.objects.get(progressentry=entry),
    }
    submitted = walk.submit(world, 0, walk.enter(world, 0, {0: "80"}))
    return {
        "pledges_returnedentry": returned.returned.order_by("pk")[0],
        "pledges_progressreport.kept": submitted,
    }, free


def of_a_review(world: World) -> tuple[Rows, Rows]:
    """Return what is held and what is free at mid-year: open, submitted, accepted reports."""
    year.submit_review(world, 1, ReviewKind.MIDYEAR, year.REPORTS)
    year.accept_review(world, 1, ReviewKind.MIDYEAR, year.REPORTS)
    sent = year.submit_review(world, 2, ReviewKind.MIDYEAR, year.REPORTS)
    opened, accepted = year.review(world, 0), year.review(world, 1)
    values = {"kind": Exemplar.Kind.MODEL, "name": "Camera an ninh"}
    exemplar = exemplars.register(
        cluster_year_id=world.year.pk, values=values, by=world.officers[2], now=year.REPORTS
    )
    held: Rows = {
        "pledges_review": opened,
        "pledges_review.sent": sent,
        "pledges_review.frozen": accepted,
        "pledges_unmettarget": sent.unmet.get(),
        "pledges_exemplar": exemplar,
    }
    free: Rows = {
        "pledges_review": opened,
        "pledges_unmettarget": opened.unmet.get(),
        "pledges_exemplar": exemplar,
    }
    return held, free


def of_open_sheets(world: World) -> tuple[Rows, Rows]:
    """Return what is held and what is free while sheets are scored, returned and appraised."""
    year.walk_sheet(world, 1, "APPRAISED")
    row = year.sheet(world, 1)
    back, kept = year.lines(row)[:2]
    sheets.give_back(
        sheet_id=row.pk, seen=row.revision, reason="Bổ sung",
        lines=[LineReturn(back.pk, "Thiếu văn bản")], by=world.officers[0], now=year.APPRAISING,
    )  # fmt: skip
    year.walk_sheet(world, 2, "APPRAISING")
    appraised = year.lines(year.sheet(world, 2))[0]
    open_line = year.lines(year.sheet(world, 0))[0]
    open_line.evidence.add(evidence(world.year, world.units[0], "c"))
    vetoes = [_veto(world, index) for index in (1, 2)]
    lifted = sheets.lift_veto(
        veto_id=vetoes[1].pk, reason="Đã có kết luận", by=world.organiser_acting, now=NOW
    )
    held: Rows = {
        "scoring_scoreline": open_line,
        "scoring_scoreline.claimed": appraised,
        "scoring_scoreline.returned": ScoreLine.objects.get(pk=kept.pk),
        "scoring_veto": vetoes[0],
        "scoring_veto.lifted": lifted,
    }
    free: Rows = {
        "scoring_scoreline": open_line,
        "scoring_scoreline.returned": ScoreLine.objects.get(pk=back.pk),
        "scoring_scoreline.first": appraised,
        "scoring_scoresheet": year.sheet(world, 0),
        "scoring_veto": vetoes[0],
        "scoring_evidence": open_line.evidence.get(),
        "scoring_scoreline_evidence": open_line.evidence.through.objects.get(scoreline=open_line),
    }
    return held, free


def worlds() -> tuple[World, list[tuple[Rows, Rows]]]:
    """Make the four worlds; return the published one and what all of them hold and leave free."""
    published = year.published_world()
    running = walk.running_world(make_world(prefix="cd"))
    parts = [
        of_a_published_year(published),
        of_a_running_year(running),
        of_inspections(running),
        of_a_review(year.midyear_world(("75", "75", "75"), make_world(prefix="sk"))),
        of_open_sheets(year.yearend_world(world=make_world(prefix="td"))),
    ]
    return published, parts


def evidence(cluster_year: ClusterYear, unit: Unit, letter: str) -> Evidence:
    """Put a row of evidence into the books; no guard looks at the file."""
    return Evidence.objects.create(
        cluster_year=cluster_year, unit=unit, sha256=letter * 64, size=9, mime="application/pdf",
        name="Báo cáo.pdf", uploaded_at=NOW, uploaded_by=User.objects.order_by("pk")[0],
    )  # fmt: skip


def _veto(world: World, index: int) -> Veto:
    return sheets.raise_veto(
        cluster_year_id=world.year.pk, unit_id=world.units[index].pk, reason="Đang xem xét",
        by=world.organiser_acting, now=NOW,
    )  # fmt: skip
