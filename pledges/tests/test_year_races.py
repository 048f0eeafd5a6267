"""Two people at the same moment in the second half of the year, each race with its control."""

from datetime import date
from functools import partial
from typing import Any

import pytest

from clusters.models import ClusterYear
from core import audit
from core.models import AuditEvent
from core.policy import Refused
from core.tests.races import Outcome, overlap, without_locks
from pledges.models import ProgressEntry, ProgressReport, Review, ReviewKind
from pledges.tests import progress as walk
from pledges.tests import year
from pledges.workflow import progress as progress_flow
from pledges.workflow.progress import CellInput, Finding
from scoring import operations as tables
from scoring.models import Publication, RunKind, ScoreLine, ScoreSheet, ScoringRun
from scoring.workflow import sheet as sheet_flow
from scoring.workflow.sheet import LineInput, LineReturn

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _no_effects(settings):
    settings.EFFECTS = {}


def refused(outcome: Outcome) -> bool:
    """Whether the second was told no in a sentence, not by a fault of the program."""
    return isinstance(outcome.error, Refused)


def count(action: str) -> int:
    return AuditEvent.objects.filter(action=action).count()


# Progress ------------------------------------------------------------------------------------
def report_to_submit(world):
    """A report with one cell; the acts of its head and of its officer on another cell."""
    report = walk.enter(world, 2, {0: "80"})
    other = walk.targets(world)[1]
    moment = walk.noon(report.period.ends_on)
    submit = partial(
        progress_flow.submit, report_id=report.pk, seen=report.revision, by=world.heads[2],
        now=moment,
    )  # fmt: skip
    save = partial(
        progress_flow.save, period_id=report.period_id,
        cells=[CellInput(other.pk, text="Không xảy ra")], by=world.officers[2], now=moment,
    )  # fmt: skip
    return report, submit, save


def test_a_cell_saved_while_the_head_submits_is_refused_not_slipped_in():
    world = walk.running_world()
    report, submit, save = report_to_submit(world)
    first, second = overlap(submit, save)
    first.get()
    assert refused(second), second.error
    assert not ProgressEntry.objects.filter(report=report, submitted_at=None).exists()
    assert audit.first_fault() is None


def test_without_the_lock_a_cell_slips_into_what_was_submitted():
    world = walk.running_world()
    report, submit, save = report_to_submit(world)
    with without_locks(ProgressReport):
        overlap(submit, save)
    assert ProgressReport.objects.get(pk=report.pk).status == "SUBMITTED"
    assert ProgressEntry.objects.filter(report=report, submitted_at=None).exists()


def judged(world):
    """A submitted report and the two decisions on it."""
    report = walk.submit(world, 2, walk.enter(world, 2, {0: "80"}))
    moment = walk.noon(report.period.due_on)
    hand: dict[str, Any] = {"report_id": report.pk, "seen": report.revision, "now": moment}
    accept = partial(progress_flow.accept, by=world.officers[0], **hand)
    finding = Finding(walk.targets(world)[0].pk, "Sai đơn vị tính")
    give_back = partial(
        progress_flow.give_back, reason="Kiểm tra lại", findings=[finding], by=world.heads[0],
        **hand,
    )  # fmt: skip
    return report, accept, give_back


def test_accepting_while_another_returns_is_refused():
    world = walk.running_world()
    report, accept, give_back = judged(world)
    first, second = overlap(give_back, accept)
    first.get()
    assert refused(second), second.error
    assert ProgressReport.objects.get(pk=report.pk).status == "RETURNED"


def test_without_the_lock_both_decisions_stand():
    world = walk.running_world()
    _, accept, give_back = judged(world)
    with without_locks(ProgressReport):
        overlap(give_back, accept)
    assert count("pledges.progress_returned") + count("pledges.progress_accepted") == 2


def first_saves(world):
    period = walk.period(world)
    row, other = walk.targets(world)[:2]
    moment = walk.noon(period.ends_on)
    common: dict[str, Any] = {"period_id": period.pk, "now": moment}
    one = partial(
        progress_flow.save, cells=[CellInput(row.pk, walk.Decimal(80))], by=world.officers[2],
        **common,
    )  # fmt: skip
    two = partial(
        progress_flow.save, cells=[CellInput(other.pk, text="Không")], by=world.heads[2], **common
    )
    return one, two


def test_two_first_saves_make_one_report_with_both_cells():
    world = walk.running_world()
    for outcome in overlap(*first_saves(world)):
        outcome.get()
    assert ProgressReport.objects.get().entries.count() == 2


# Reviews -------------------------------------------------------------------------------------
def freezing(world):
    return partial(
        year.open_reviews, world, ReviewKind.MIDYEAR, year.MIDYEAR, year.date(year.YEAR, 6, 14)
    )


def test_figures_are_frozen_once():
    world = walk.running_world()
    first, second = overlap(freezing(world), freezing(world))
    first.get()
    assert refused(second), second.error
    assert Review.objects.count() == 4


def test_without_the_lock_the_second_freezing_is_a_fault_of_the_program():
    world = walk.running_world()
    with without_locks(ClusterYear):
        _, second = overlap(freezing(world), freezing(world))
    assert second.error is not None
    assert not refused(second)


# Sheets --------------------------------------------------------------------------------------
def claiming(world):
    """A sheet that its head submits while the officer still changes a line."""
    row = year.claim_all(world, 2)
    line = next(x for x in year.lines(row) if (x.criterion.rule or {})["kind"] == "direct")
    submit = partial(
        sheet_flow.submit, sheet_id=row.pk, seen=row.revision, by=world.heads[2], now=year.SCORING
    )
    claim = partial(
        sheet_flow.claim, sheet_id=row.pk, lines=[LineInput(line.pk, {"points": "0"})],
        by=world.officers[2], now=year.SCORING,
    )  # fmt: skip
    return line, submit, claim


def test_a_claim_typed_while_the_head_submits_is_refused():
    world = year.yearend_world()
    line, submit, claim = claiming(world)
    first, second = overlap(submit, claim)
    first.get()
    assert refused(second), second.error
    assert ScoreLine.objects.get(pk=line.pk).claimed == line.claimed


def test_without_the_lock_a_claim_changes_under_what_was_submitted():
    world = year.yearend_world()
    line, submit, claim = claiming(world)
    with without_locks(ScoreSheet):
        overlap(submit, claim)
    assert ScoreSheet.objects.get(unit=world.units[2]).status == "SUBMITTED"
    assert ScoreLine.objects.get(pk=line.pk).claimed != line.claimed


def opening() -> tuple[Any, Any]:
    """A new version of the table about to be put in use, and the sheets about to be opened."""
    world = year.accepted_world()
    hand: dict[str, Any] = {"cluster_year_id": world.year.pk, "now": year.YEAREND}
    draft = tables.make_version(reason="Hướng dẫn mới", by=world.lead_officer, **hand)
    adopt = partial(
        tables.adopt_version, decision="Quyết định số 12/QĐ-CAT", seen=draft.revision,
        by=world.organiser_acting, **hand,
    )  # fmt: skip
    until = date(year.YEAR, 12, 14)
    return adopt, partial(year.open_reviews, world, ReviewKind.YEAREND, year.YEAREND, until)


def tables_of_sheets() -> set[tuple[int, str]]:
    """Return version and state of the tables that sheets are scored by."""
    return set(ScoreSheet.objects.values_list("table__version", "table__status"))


def test_sheets_opened_while_a_version_is_put_in_use_are_scored_by_that_version():
    adopt, open_sheets = opening()
    first, second = overlap(adopt, open_sheets)
    first.get()
    second.get()
    assert tables_of_sheets() == {(2, "IN_USE")}
    assert audit.first_fault() is None


def test_a_version_put_in_use_while_the_sheets_are_opened_is_refused():
    adopt, open_sheets = opening()
    first, second = overlap(open_sheets, adopt)
    first.get()
    assert refused(second), second.error
    assert tables_of_sheets() == {(1, "IN_USE")}


def test_without_the_lock_sheets_are_opened_on_a_table_that_is_replaced():
    adopt, open_sheets = opening()
    with without_locks(ClusterYear):
        overlap(adopt, open_sheets)
    assert tables_of_sheets() == {(1, "REPLACED")}


def appraising(world):
    """A sheet of which one line is returned while it is still being appraised."""
    year.walk_sheet(world, 2, "APPRAISING")
    row = year.sheet(world, 2)
    line = year.lines(row)[0]
    give_back = partial(
        sheet_flow.give_back, sheet_id=row.pk, seen=row.revision, reason="Bổ sung",
        lines=[LineReturn(line.pk, "Thiếu văn bản")], by=world.officers[0], now=year.APPRAISING,
    )  # fmt: skip
    appraise = partial(
        sheet_flow.appraise, sheet_id=row.pk, lines=[LineInput(line.pk, line.claimed or {})],
        by=world.heads[0], now=year.APPRAISING,
    )  # fmt: skip
    return line, give_back, appraise


def test_a_line_appraised_while_it_is_returned_is_refused():
    world = year.yearend_world()
    line, give_back, appraise = appraising(world)
    first, second = overlap(give_back, appraise)
    first.get()
    assert refused(second), second.error
    assert ScoreLine.objects.get(pk=line.pk).first is None


def test_without_the_lock_a_returned_line_is_decided():
    world = year.yearend_world()
    line, give_back, appraise = appraising(world)
    with without_locks(ScoreSheet):
        overlap(give_back, appraise)
    assert ScoreLine.objects.get(pk=line.pk).first is not None


# Runs and publication ------------------------------------------------------------------------
def publishing():
    """A result about to be published for good, and a sheet about to be reopened."""
    world = year.approved_world()
    run = year.make_run(world)
    year.publish_provisional(world, run)
    row = year.sheet(world, 2)
    publish = partial(year.publish_final, world, run)
    reopen = partial(
        sheet_flow.reopen, sheet_id=row.pk, reason="Sót minh chứng", by=world.organiser_acting,
        now=year.FINAL,
    )  # fmt: skip
    return row, publish, reopen


def test_a_sheet_reopened_while_the_result_is_published_is_refused():
    row, publish, reopen = publishing()
    first, second = overlap(publish, reopen)
    first.get()
    assert refused(second), second.error
    assert ScoreSheet.objects.get(pk=row.pk).status == "FINAL"


def test_a_result_published_while_a_sheet_is_reopened_is_refused():
    _, publish, reopen = publishing()
    first, second = overlap(reopen, publish)
    first.get()
    assert refused(second), second.error
    assert not Publication.objects.filter(status="FINAL").exists()


def test_without_the_locks_a_result_is_published_over_an_open_sheet():
    row, publish, reopen = publishing()
    with without_locks(ScoreSheet, ClusterYear):
        overlap(reopen, publish)
    assert ScoreSheet.objects.get(pk=row.pk).status == "FINAL"
    assert ScoreLine.objects.filter(sheet=row, final__isnull=True).exists()


def test_two_runs_at_once_get_two_numbers():
    world = year.approved_world()
    act = partial(year.make_run, world, RunKind.FINAL)
    for outcome in overlap(act, act):
        outcome.get()
    assert sorted(ScoringRun.objects.values_list("number", flat=True)) == [1, 2]


def test_without_the_lock_two_runs_want_one_number():
    world = year.approved_world()
    act = partial(year.make_run, world, RunKind.FINAL)
    with without_locks(ClusterYear):
        _, second = overlap(act, act)
    assert second.error is not None
