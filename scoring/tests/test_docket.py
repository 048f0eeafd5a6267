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
from scoring.queries.docket import Docket, Stage, docket_of, leans_of, turns_of
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
    assert [lean.first for lean in leans_of(world.year)] == [None, None]
    walk.agree_first(world, 1)
    later = docket(world, world.lead_officer)
    line = relative(later)
    assert not later.awaits_others("first", line)
    before, after = later.points("claimed", line), later.points("first", line)
    assert before is not None
    assert after is not None
    assert after < before
    gaps = [lean.first_gap for lean in leans_of(world.year)]
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
