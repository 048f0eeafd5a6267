"""The second half of the year on the workflow functions: mid-year, year's end, score, result."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from clusters.models import YearStatus
from core import audit
from core.policy import Conflict, Invalid, Refused
from pledges.models import Review, ReviewKind
from pledges.tests import year as walk
from pledges.workflow import review as reviews
from scoring.models import RunKind, RunLine, ScoreLine, ScoreSheet
from scoring.queries.run import recompute
from scoring.queries.sheet import line_mark
from scoring.queries.worksheet import worksheet_of
from scoring.workflow import run as runs
from scoring.workflow import sheet as sheets
from scoring.workflow.sheet import LineInput, LineReturn

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def direct_lines(row):
    """Return the lines that take points as they are given."""
    return [one for one in walk.lines(row) if (one.criterion.rule or {})["kind"] == "direct"]


def test_the_whole_year_from_the_signed_pledge_to_the_archive():
    world = walk.midyear_world()
    assert world.year.status == YearStatus.MIDYEAR
    assert walk.end_midyear(world).year.status == YearStatus.RUNNING
    for index in range(3):
        for order in (2, 3, 4):
            walk.walk.accepted(world, index, {0: str(70 + 5 * order)}, order)
    walk.open_reviews(world, ReviewKind.YEAREND, walk.YEAREND, walk.date(walk.YEAR, 12, 14))
    for index in range(3):
        walk.walk_sheet(world, index, "APPROVED")
    assert walk.status_of(world) == YearStatus.APPRAISING
    run = walk.make_run(world)
    walk.publish_provisional(world, run)
    assert walk.status_of(world) == YearStatus.PROVISIONAL
    walk.publish_final(world, run)
    assert walk.status_of(world) == YearStatus.PUBLISHED
    assert set(ScoreSheet.objects.values_list("status", flat=True)) == {"FINAL"}
    assert audit.first_fault() is None


def test_the_midyear_review_singles_out_what_is_not_met_and_the_unit_has_no_choice():
    world = walk.midyear_world(("82", "80", "75"))
    assert [one.target.text for one in walk.review(world, 2).unmet.all()] == [
        "Tỷ lệ điều tra, khám phá án chung"
    ]
    assert not walk.review(world, 1).unmet.exists()
    row = walk.review(world, 2)
    figure = row.figures["targets"][0]
    assert (figure["actual"], figure["level"], figure["judgement"]) == ("75", "80", "NOT_MET")


def test_frozen_figures_stay_whatever_is_accepted_later():
    world = walk.midyear_world()
    before = walk.review(world, 2).figures
    walk.end_midyear(world)
    walk.walk.accepted(world, 2, {0: "99"}, 2)
    assert walk.review(world, 2).figures == before
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.filter(pk=walk.review(world, 2).pk).update(figures={})


def test_a_report_with_empty_headings_says_which():
    world = walk.midyear_world()
    row = walk.review(world, 2)
    with pytest.raises(Refused, match="chưa viết mục"):
        reviews.submit(review_id=row.pk, seen=row.revision, by=world.heads[2], now=walk.REPORTS)


def test_the_leads_report_is_accepted_by_the_deputy_and_the_clusters_by_the_organiser():
    world = walk.midyear_world()
    walk.submit_review(world, 0, ReviewKind.MIDYEAR, walk.REPORTS)
    row = walk.review(world, 0)
    for person in (world.officers[0], world.heads[0], world.officers[2], world.organiser_acting):
        with pytest.raises(Refused):
            reviews.accept(review_id=row.pk, seen=row.revision, by=person, now=walk.REPORTS)
    assert walk.accept_review(world, 0, ReviewKind.MIDYEAR, walk.REPORTS).status == "ACCEPTED"


def test_the_sheet_takes_target_and_figure_from_the_signed_pledge():
    world = walk.yearend_world()
    row = walk.sheet(world, 2)
    assert row.appraiser == world.units[0]
    assert walk.sheet(world, 0).appraiser == world.units[1]
    assert row.lines.count() == row.table.criteria.filter(rule__isnull=False).count()


def test_the_lead_never_appraises_its_own_sheet():
    world = walk.yearend_world()
    walk.walk_sheet(world, 0, "SUBMITTED")
    row = walk.sheet(world, 0)
    for person in (world.officers[0], world.heads[0], world.officers[2], world.organiser_acting):
        with pytest.raises(Refused):
            sheets.take_up(sheet_id=row.pk, by=person, now=walk.APPRAISING)
    taken = sheets.take_up(sheet_id=row.pk, by=world.officers[1], now=walk.APPRAISING)
    assert taken.status == "APPRAISING"


def test_another_figure_than_the_claim_needs_a_reason():
    world = walk.yearend_world()
    walk.walk_sheet(world, 2, "APPRAISING")
    row = walk.sheet(world, 2)
    line = direct_lines(row)[0]
    lower = LineInput(line.pk, {"points": "0"})
    with pytest.raises(Invalid, match="khác điểm tự chấm"):
        sheets.appraise(sheet_id=row.pk, lines=[lower], by=world.officers[0], now=walk.APPRAISING)
    lower = LineInput(line.pk, {"points": "0"}, "Thiếu minh chứng")
    sheets.appraise(sheet_id=row.pk, lines=[lower], by=world.officers[0], now=walk.APPRAISING)
    row.refresh_from_db()
    work = worksheet_of(row, world.officers[0], walk.APPRAISING.date())
    line = next(one for one in work.lines if one.pk == line.pk)
    assert work.points(line, "claimed") == line.criterion.max_points
    assert work.points(line, "first") == Decimal(0)
    assert work.points(line, "second") is None


def test_points_above_the_maximum_are_refused_with_what_is_allowed():
    world = walk.yearend_world()
    row = walk.sheet(world, 2)
    line = direct_lines(row)[0]
    with pytest.raises(Invalid) as caught:
        sheets.claim(
            sheet_id=row.pk, lines=[LineInput(line.pk, {"points": "1000"})],
            by=world.officers[2], now=walk.SCORING,
        )  # fmt: skip
    assert str(caught.value).startswith(line.criterion.code)


def test_single_lines_go_back_and_only_these_are_claimed_again():
    world = walk.yearend_world()
    walk.walk_sheet(world, 2, "APPRAISED")
    row = walk.sheet(world, 2)
    one, other = direct_lines(row)[:2]
    sheets.give_back(
        sheet_id=row.pk, seen=row.revision, reason="Cần bổ sung",
        lines=[LineReturn(one.pk, "Thiếu văn bản")], by=world.officers[0], now=walk.APPRAISING,
    )  # fmt: skip
    with pytest.raises(Refused, match="không bị trả lại"):
        sheets.claim(
            sheet_id=row.pk, lines=[LineInput(other.pk, {"points": "1"})],
            by=world.officers[2], now=walk.APPRAISING,
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        ScoreLine.objects.filter(pk=other.pk).update(claimed={"points": "1"})
    sheets.claim(
        sheet_id=row.pk, lines=[LineInput(one.pk, {"points": "1"})], by=world.officers[2],
        now=walk.APPRAISING,
    )  # fmt: skip
    assert walk.submit_sheet(world, 2, walk.APPRAISING).status == "APPRAISING"
    assert ScoreLine.objects.get(pk=one.pk).first is None
    assert ScoreLine.objects.get(pk=other.pk).first is not None


def test_an_appraiser_whose_page_is_older_than_the_line_is_refused_with_what_stands():
    world = walk.yearend_world()
    walk.walk_sheet(world, 2, "APPRAISING")
    row = walk.sheet(world, 2)
    line = direct_lines(row)[0]
    stale = line_mark(line)
    first = LineInput(line.pk, {"points": "1"}, "Thiếu", stale)
    sheets.appraise(sheet_id=row.pk, lines=[first], by=world.officers[0], now=walk.APPRAISING)
    with pytest.raises(Conflict) as caught:
        sheets.appraise(sheet_id=row.pk, lines=[first], by=world.heads[0], now=walk.APPRAISING)
    assert "thẩm định lần một: 1 điểm" in caught.value.current[f"figure-{line.pk}"]


def test_a_run_is_made_again_from_its_own_inputs_with_the_same_result():
    world = walk.approved_world()
    run = walk.make_run(world)
    again = recompute(run)
    assert again.inputs_sha256 == run.inputs_sha256
    stored = {r.unit.code: r for r in run.results.select_related("unit")}
    assert {u.code: (u.total, u.rank) for u in again.units} == {
        code: (r.total, r.rank) for code, r in stored.items()
    }
    whys = {
        (line.result.unit.code, line.code): line.why
        for line in RunLine.objects.filter(result__run=run).select_related("result__unit")
    }
    assert whys == {(u.code, c): line.why for u in again.units for c, line in u.lines.items()}


def test_a_run_over_open_sheets_says_what_is_missing_and_is_never_final():
    world = walk.yearend_world()
    walk.walk_sheet(world, 2, "APPROVED")
    run = walk.make_run(world)
    assert len(run.gaps) == 2
    walk.publish_provisional(world, run)
    with pytest.raises(Refused, match="chưa duyệt"):
        walk.publish_final(world, run)


def test_a_result_is_not_published_when_the_figures_changed_after_the_run():
    world = walk.approved_world()
    run = walk.make_run(world)
    walk.publish_provisional(world, run)
    row = walk.sheet(world, 2)
    line = direct_lines(row)[0]
    sheets.settle(
        sheet_id=row.pk, line=LineInput(line.pk, {"points": "0"}, "Theo kiến nghị KN01"),
        by=world.organiser_acting, now=walk.PROVISIONAL,
    )  # fmt: skip
    with pytest.raises(Refused, match="đã thay đổi sau phiên chấm"):
        walk.publish_final(world, run)
    walk.publish_final(world, walk.make_run(world, now=walk.FINAL))


def test_the_typed_confirmation_and_the_time_for_objections_guard_the_final_result():
    world = walk.approved_world()
    run = walk.make_run(world)
    walk.publish_provisional(world, run)
    with pytest.raises(Refused, match="Còn nhận kiến nghị"):
        walk.publish_final(world, run, walk.moment(12, 28))
    with pytest.raises(Invalid, match="Gõ đúng"):
        runs.publish_final(
            cluster_year_id=world.year.pk, run_id=run.pk, typed="cong bo",
            by=world.organiser_acting, now=walk.FINAL,
        )  # fmt: skip


def test_a_vetoed_unit_keeps_its_points_and_has_no_rank():
    world = walk.approved_world()
    sheets.raise_veto(
        cluster_year_id=world.year.pk, unit_id=world.units[0].pk, reason="Đang xem xét kỷ luật",
        by=world.organiser_acting, now=walk.PROVISIONAL,
    )  # fmt: skip
    run = walk.make_run(world)
    ranks = {r.unit_id: (r.rank, r.total) for r in run.results.all()}
    assert ranks[world.units[0].pk][0] is None
    assert ranks[world.units[0].pk][1] > 0
    assert sorted(rank for rank, _ in ranks.values() if rank) == [1, 1]


def test_what_is_published_stands_against_every_door():
    world = walk.published_world()
    row = walk.sheet(world, 2)
    line = walk.lines(row)[0]
    with pytest.raises(Refused, match="công bố"):
        sheets.reopen(
            sheet_id=row.pk, reason="Sửa", by=world.organiser_acting, now=walk.moment(12, 31)
        )
    for change in (
        lambda: ScoreLine.objects.filter(pk=line.pk).update(final={"points": "0"}),
        lambda: ScoreSheet.objects.filter(pk=row.pk).update(status="APPROVED"),
        lambda: RunLine.objects.filter(result__unit=row.unit).update(score=1),
        lambda: RunLine.objects.filter(result__unit=row.unit).delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_a_run_by_claims_is_never_published():
    world = walk.approved_world()
    run = walk.make_run(world, RunKind.CLAIMED)
    with pytest.raises(Refused, match="chỉ để tham khảo"):
        walk.publish_provisional(world, run)
