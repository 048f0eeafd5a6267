"""What who appraises reads of a relative criterion: who is compared, and when points are told."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from clusters.acting import Acting
from clusters.tests.factories import World
from pledges.tests import factories
from pledges.tests import year as walk
from scoring.models import ScoreLine
from scoring.queries.docket import Docket, Stage, docket_of, hands_of, leans_of, turns_of
from scoring.queries.sheet import sheets_with_names
from scoring.views import docket as shown
from scoring.workflow import sheet as workflow
from scoring.workflow.sheet import LineInput

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
UNIT = 2
TODAY = date(2026, 12, 20)


@pytest.fixture(scope="module")
def opened(kept: None) -> Iterator[World]:
    """Open sheets on a table that compares units; actual results 82, 78, 75 against 60."""
    with pytest.MonkeyPatch.context() as patch:
        operations = factories.scoring_operations
        take = operations.take_starter
        patch.setattr(
            operations, "take_starter", lambda **asked: take(**asked | {"starter": "police-1000"})
        )
        patch.setattr("pledges.workflow.review.bases_of", _bases)
        yield walk.yearend_world()


def _bases(_version: Any, figures: Any, rules: Any) -> dict[str, dict[str, Any]]:
    actual = figures["targets"][0]["actual"]
    relative = [code for code, rule in rules.items() if rule["kind"] == "cluster_relative"]
    return {
        code: {"assigned": True, "target": "60", "actual": actual, "baseline": "58"}
        for code in relative
    }


@pytest.fixture
def world(opened: World, db: None) -> World:
    """The same world; what a test writes is taken back."""
    return opened


def docket(world: World, by: Acting, index: int = UNIT) -> Docket:
    """Lay a sheet before a person."""
    row = sheets_with_names().get(pk=walk.sheet(world, index).pk)
    return docket_of(row, by, TODAY)


def relative(found: Docket) -> ScoreLine:
    """Return the first line that compares units with a share for reaching the target."""
    return next(
        line
        for line in found.lines
        if (line.criterion.rule or {})["kind"] == "cluster_relative" and found.bars(line)
    )


def test_only_submitted_sheets_are_compared(world):
    walk.walk_sheet(world, UNIT, "APPRAISING")
    alone = docket(world, world.lead_officer)
    line = relative(alone)
    result = alone.result("claimed", line)
    assert result is not None
    assert "Đồng Hới" not in result.why
    walk.walk_sheet(world, 1, "SUBMITTED")
    both = docket(world, world.lead_officer)
    result = both.result("claimed", line)
    assert result is not None
    assert "Đồng Hới" in result.why  # 78 leads 75


def test_who_appraises_one_unit_sees_no_bars_of_the_others(world):
    for index in range(3):
        walk.walk_sheet(world, index, "SUBMITTED")
    lead, deputy = docket(world, world.officers[0]), docket(world, world.officers[1], 0)
    assert [bar.unit[:9] for bar in lead.bars(relative(lead))] == [
        "CA Quảng ",
        "CA Đồng H",
        "CA Ba Đồn",
    ]
    assert [bar.is_own for bar in lead.bars(relative(lead))] == [False, False, True]
    assert {bar.unit for bar in deputy.bars(relative(deputy))} == {
        world.units[0].short_name,
        world.units[1].short_name,
    }


def test_the_order_of_appraisals_tells_no_points(world):
    """A unit appraised first would otherwise lead its cluster for a while (domain.md §4)."""
    for index in (1, UNIT):
        walk.walk_sheet(world, index, "APPRAISING")
    found = docket(world, world.lead_officer)
    line = relative(found)
    workflow.appraise(
        sheet_id=found.sheet.pk, lines=[LineInput(line.pk, {"actual": "70"}, "Trùng 5 vụ")],
        by=world.lead_officer, now=walk.APPRAISING,
    )  # fmt: skip
    walk.agree_first(world, UNIT)
    assert docket(world, world.lead_officer).awaits_others("first", line)
    assert [lean.totals["first"] for lean in leans_of(world.year)] == [None, None]
    walk.agree_first(world, 1)
    later = docket(world, world.lead_officer)
    line = relative(later)
    assert not later.awaits_others("first", line)
    before, after = later.points("claimed", line), later.points("first", line)
    assert before is not None
    assert after is not None
    assert after < before
    gaps = [lean.gap(Stage.FIRST) for lean in leans_of(world.year)]
    assert gaps[0] is not None
    assert gaps[1] is not None
    assert gaps[1] < 0


def test_the_stage_follows_the_sheet_and_who_asks(world):
    walk.walk_sheet(world, UNIT, "SECOND_APPRAISAL")
    assert docket(world, world.lead_officer).stage is Stage.FIRST
    assert docket(world, world.organiser_acting).stage is Stage.SECOND
    walk.agree_second(world, UNIT)
    walk.approve(world, UNIT)
    assert docket(world, world.organiser_acting).stage is Stage.SETTLING


def test_the_switcher_holds_whom_one_appraises_and_the_own_unit(world):
    whole = [turn.membership.unit for turn in turns_of(world.year, world.organiser_acting, TODAY)]
    assert whole == world.units
    deputy = turns_of(world.year, world.officers[1], TODAY)
    assert [(turn.membership.unit, bool(turn.verdict)) for turn in deputy] == [
        (world.units[0], True),
        (world.units[1], False),
    ]
    assert [turn.membership.unit for turn in turns_of(world.year, world.officers[2], TODAY)] == [
        world.units[2]
    ]


def test_sums_of_groups_that_compare_wait_for_the_other_sheets(world):
    walk.walk_sheet(world, UNIT, "DECIDED")
    walk.walk_sheet(world, 1, "SUBMITTED")
    found = docket(world, world.organiser_acting)
    rows, total = shown.sums_of(found)
    compared, plain = rows[0], rows[1]
    assert (compared.before, compared.after, compared.gap) == ("", "", "")
    assert (plain.before, plain.after, plain.gap) == ("150,00", "150,00", "0,00")
    assert (total.before, total.after, total.gap) == ("", "", "")
    line = relative(found)
    items = [item for section in shown.sections_of(found, line) for item in section.items]
    assert next(item for item in items if item.pk == line.pk).points == shown.NO_RESULT


def test_the_others_stand_beside_a_claim_as_far_as_they_may_be_opened(world):
    for index in range(3):
        walk.walk_sheet(world, index, "SUBMITTED")
    organiser, lead = docket(world, world.organiser_acting), docket(world, world.officers[0])
    line = relative(organiser)
    assert [row.figure for row in organiser.peers(line).rows] == [
        {"actual": "82"},
        {"actual": "78"},
    ]
    assert organiser.peers(line).figure == {"actual": "80"}
    facts = {fact.caption: fact.value for fact in shown.facts_of(
        organiser, line, peers=organiser.peers(line))}  # fmt: skip
    assert facts["Trung vị 2 đơn vị khác"].startswith("80")
    # The lead appraises unit 1 and this one; its own sheet it may open as the unit's.
    assert len(lead.peers(relative(lead)).rows) == 2
    deputy = docket(world, world.officers[1], 0)
    assert [row.unit for row in deputy.peers(relative(deputy)).rows] == [world.units[1].short_name]


def test_what_each_person_lowered_and_raised_is_summed_up(world):
    walk.walk_sheet(world, UNIT, "APPRAISING")
    sheet = walk.sheet(world, UNIT)
    given = [one for one in walk.lines(sheet) if (one.criterion.rule or {})["kind"] == "direct"]
    most = walk.Decimal((given[0].claimed or {})["points"])
    for line, by in ((given[0], world.lead_officer), (given[1], world.heads[0])):
        workflow.appraise(
            sheet_id=sheet.pk, lines=[LineInput(line.pk, {"points": "0"}, "Thiếu hồ sơ")], by=by,
            now=walk.APPRAISING,
        )  # fmt: skip
    workflow.appraise(
        sheet_id=sheet.pk, lines=[LineInput(given[1].pk, given[1].claimed or {})],
        by=world.lead_officer, now=walk.APPRAISING,
    )  # fmt: skip
    (hand,) = hands_of(world.year)
    assert (hand.name, hand.stage) == (world.lead_officer.name, Stage.FIRST)
    shift = hand.shift
    assert (hand.sheets, shift.lines, shift.lowered, shift.raised) == (1, 2, 1, 0)
    assert (shift.lowered_by, shift.net) == (most, -most)
    lean = next(one for one in leans_of(world.year) if one.sheet == sheet)
    assert lean.shifts[Stage.FIRST] == shift
    assert lean.waits_for == world.units[0].short_name
    assert shown.moved(shift).lowered == f"1 tiêu chí, {shown.gap_words(-most)}"
    assert shown.moved(shift.with_line(None)).waiting == 1
    assert shown.moved(shift.with_line(walk.Decimal(2))).raised == "1 tiêu chí, +2,00"
