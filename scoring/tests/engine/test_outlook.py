"""How far provisional figures can go: the true result never lies outside what was told."""

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine import compute, read_figures, read_table
from scoring.engine.entry import Entry
from scoring.engine.outlook import Outlook, Range, outlook, reach
from scoring.tests.engine.building import figures, leaf, outside, table
from scoring.tests.engine.test_properties import RULES, clusters

D = Decimal
#: Few leaves, most of them compared with others: left out without a target, a baseline missing.
COMPARED = ("direct", *(name for name in RULES if name.split()[0] in {"relative", "skip"}))
drawn = st.one_of(clusters(), clusters(COMPARED, most=3))


def told(source: dict[str, Any], units: dict[str, Any], still_open: Any, **more: Any) -> Any:
    sound = read_table(source)
    return outlook(sound, read_figures(figures(units, **more), sound), still_open)


def holds(one: Range, value: Decimal) -> bool:
    return (one.low is None or one.low <= value) and (one.high is None or value <= one.high)


# What must always hold -----------------------------------------------------------------------
@given(drawn, st.randoms(use_true_random=False), st.sampled_from([0.0, 0.1, 0.4, 1.0]))
@settings(max_examples=200, deadline=None)
def test_the_true_result_lies_within_what_was_told_before(cluster, dice, share):
    """Whatever the open leaves come to be: here they come to be what was drawn."""
    source, data = cluster
    sound = read_table(source)
    whole = read_figures(data, sound)
    codes = [one.code for one in sound.leaves]
    still_open = {
        unit.code: [code for code in codes if dice.random() < share] for unit in whole.units
    }
    before = outlook(sound, whole, still_open)
    for unit in compute(sound, whole).units:
        said = before[unit.code]
        assert holds(said.total, unit.total)
        if unit.percent is not None:
            assert said.percent is not None
            assert holds(said.percent, unit.percent)
        if unit.rank is not None:
            assert said.rank is not None
            assert said.rank[0] <= unit.rank <= said.rank[1]
        elif said.rank is not None:
            assert said.may_be_barred
        for code, line in unit.lines.items():
            one = said.lines[code]
            if line.score is not None:
                assert one is not None
                assert holds(one, line.score)


@given(clusters())
@settings(max_examples=60, deadline=None)
def test_with_nothing_open_the_outlook_is_the_result(cluster):
    source, data = cluster
    sound = read_table(source)
    whole = read_figures(data, sound)
    said = outlook(sound, whole, {})
    for unit in compute(sound, whole).units:
        point = said[unit.code]
        assert point.is_settled
        assert point.total == Range(unit.total, unit.total)
        assert point.percent == (
            None if unit.percent is None else Range(unit.percent, unit.percent)
        )
        assert point.rank == (None if unit.rank is None else (unit.rank, unit.rank))


@given(clusters(), st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_deciding_one_more_leaf_never_widens_what_can_be(cluster, seed):
    source, data = cluster
    sound = read_table(source)
    whole = read_figures(data, sound)
    codes = [one.code for one in sound.leaves]
    wide = {unit.code: set(codes) for unit in whole.units}
    narrow = {code: set(leaves) for code, leaves in wide.items()}
    dice = random.Random(seed)  # noqa: S311 - a test that can be repeated
    narrow[dice.choice(sorted(narrow))].discard(dice.choice(codes))
    before, after = outlook(sound, whole, wide), outlook(sound, whole, narrow)
    for code, said in after.items():
        for end in (said.total.low, said.total.high):
            assert end is None or holds(before[code].total, end)


@given(drawn, st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_where_assigned_leaves_stay_assigned_the_ends_hold_for_what_is_entered(cluster, dice):
    source, data = cluster
    sound = read_table(source)
    whole = read_figures(data, sound)
    result = {unit.code: unit for unit in compute(sound, whole).units}
    assigned = {
        unit.code: [leaf for leaf in result[unit.code].lines
                    if unit.entries.get(leaf, Entry()).assigned]
        for unit in whole.units
    }  # fmt: skip
    still_open = {
        code: [leaf for leaf in leaves if dice.random() < 0.5] for code, leaves in assigned.items()
    }
    narrow = outlook(sound, whole, still_open, may_leave={})
    wide = outlook(sound, whole, still_open)
    for code, unit in result.items():
        said, more = narrow[code], wide[code]
        assert holds(said.total, unit.total)
        assert said.total == more.total
        if unit.percent is not None:
            assert said.percent is not None
            assert more.percent is not None
            assert holds(said.percent, unit.percent)
            assert all(end is None or holds(more.percent, end)
                       for end in (said.percent.low, said.percent.high))  # fmt: skip
        if unit.rank is not None:
            assert said.rank is not None
            assert more.rank is not None
            assert more.rank[0] <= said.rank[0] <= unit.rank <= said.rank[1] <= more.rank[1]
        elif said.rank is not None:
            assert said.may_be_barred


# Single rules --------------------------------------------------------------------------------
BANDED = {"kind": "bands", "on": "actual", "bands": [{"to": "5", "points": "2"},
                                                     {"from": "5", "points": "7"}]}  # fmt: skip
COUNTED = {"label": "Giấy khen", "points_each": "2"}, {"label": "Nhắc nhở", "points_each": "-1"}


def counted(*items: dict[str, str], **more: str) -> dict[str, Any]:
    return {"kind": "per_occurrence", "items": list(items), **more}


@pytest.mark.parametrize(
    ("rule", "low", "high"),
    [
        ("direct", "0", "10"),
        ("pass_fail", "0", "10"),
        ("cluster_relative", "0", "10"),
        ({"kind": "levels", "levels": [{"label": "Tốt", "points": "8"}]}, "0", "8"),
        (BANDED, "0", "7"),
        ({"kind": "rank_points", "points": ["6", "3"]}, "0", "6"),
        ({"kind": "percent_of_target"}, "0", "10"),
        ({"kind": "percent_of_target", "cap_percent": "120"}, "0", "12"),
        ({"kind": "percent_of_target", "cap_percent": None}, "0", None),
        ({"kind": "percent_of_target", "cap_percent": None, "direction": "down"}, "0", "20"),
        ({"kind": "percent_of_target", "cap_percent": "120", "direction": "down"}, "0", "12"),
        (counted(*COUNTED), "0", "10"),
        (counted(*COUNTED, min="-5", max="4"), "-5", "4"),
        (counted(COUNTED[0], min="-5"), "0", "10"),
        (counted(COUNTED[1], min="-5"), "-5", "0"),
        (counted(COUNTED[1], min="-5", max="-2"), "-5", "0"),
        (counted(COUNTED[1], min="3"), "0", "3"),
    ],
)
def test_an_open_leaf_ranges_over_what_its_rule_can_give(rule, low, high):
    sound = read_table(table(leaf(rule)))
    (least, whole), most = reach(sound.leaves[0].rule)
    assert least / whole == D(low)
    assert (None if most is None else most[0] / most[1]) == (None if high is None else D(high))


def test_bonus_points_counted_one_by_one_have_no_end_but_the_cap_of_the_group():
    bonus = leaf(counted(COUNTED[0]), "T.1")
    free = told(table(leaf("direct"), groups=[outside("bonus", bonus)]), {"A": {}}, {"A": ["T.1"]})
    assert free["A"].total == Range(D(0), None)
    assert free["A"].percent == Range(D("0.00"), None)
    capped = outside("bonus", bonus, cap="5")
    held = told(table(leaf("direct"), groups=[capped]), {"A": {}}, {"A": ["T.1"]})
    assert held["A"].total == Range(D(0), D(5))
    taken = outside("penalty", leaf(counted(COUNTED[0]), "P.1"), code="P")
    down = told(table(leaf("direct"), groups=[taken]), {"A": {}}, {"A": ["P.1"]})
    assert down["A"].total == Range(None, D(0))
    assert down["A"].percent == Range(None, D("0.00"))


def lines(rule: dict[str, Any], units: dict[str, Any]) -> dict[str, Range]:
    """The ends of a leaf that is open for Z alone."""
    entries = {code: {"I.1": entry} for code, entry in units.items()}
    said = told(table(leaf(rule)), {**entries, "Z": {}}, {"Z": ["I.1"]})
    return {code: said[code].lines["I.1"] for code in units}


def test_points_beside_the_leader_fall_while_somebody_may_pass_him():
    relative = {"kind": "cluster_relative"}
    found = lines(
        relative,
        {
            "A": {"target": "10", "actual": "20"},
            "B": {"target": "10", "actual": "15"},
            "C": {"target": "10", "actual": "10"},
            "D": {"target": "10", "actual": "8"},
            "E": {"actual": "5"},
        },
    )
    assert found["A"] == Range(D("5.00"), D("10.00")), "the leader may be passed"
    assert found["B"] == Range(D("5.00"), D("7.50"))
    assert found["C"] == Range(D("5.00"), D("5.00")), "at the target nobody else counts"
    assert found["D"] == Range(D("4.00"), D("4.00"))
    assert found["E"] == Range(D(0), D("10.00")), "the best without a target may be passed"


def test_fewer_is_never_more_than_twice_as_good():
    relative = {"kind": "cluster_relative", "direction": "down"}
    found = lines(relative, {"A": {"target": "10", "actual": "5"}, "B": {"actual": "0"}})
    # r = 1.5 beside a leader with r = 2 still gives 5 + 0.5 × 5.
    assert found["A"] == Range(D("7.50"), D("10.00"))
    assert found["B"] == Range(D("10.00"), D("10.00")), "nothing is fewer than none"


def test_the_best_result_may_still_be_passed():
    assert lines({"kind": "ratio_to_best"}, {"A": {"actual": "5"}})["A"] == Range(D(0), D(10))
    fewer = {"kind": "ratio_to_best", "direction": "down"}
    found = lines(fewer, {"A": {"actual": "0"}, "B": {"actual": "4"}})
    assert found["A"] == Range(D(10), D(10))
    assert found["B"] == Range(D(0), D(0))


# Per cent and rank ---------------------------------------------------------------------------
def test_leaving_a_leaf_out_may_be_worth_more_than_scoring_it():
    level = {"kind": "levels", "levels": [{"label": "Khá", "points": "4"}]}
    source = table(leaf("direct"), leaf(level, "I.2"))
    said = told(source, {"A": {"I.1": {"points": "9"}}}, {"A": ["I.2"]})
    # 9 of 20 at worst, 13 of 20 with the level, 9 of 10 when the leaf is not assigned at all.
    assert said["A"].percent == Range(D("45.00"), D("90.00"))
    sound = read_table(source)
    whole = read_figures(figures({"A": {"I.1": {"points": "9"}}}), sound)
    stays = outlook(sound, whole, {"A": ["I.2"]}, may_leave={})
    assert stays["A"].percent == Range(D("45.00"), D("65.00"))
    assert said["A"].total == Range(D(9), D(13))


def test_what_a_rule_leaves_out_without_a_target_leaves_though_it_stays_assigned():
    skip = {"kind": "cluster_relative", "no_target": "skip"}
    source = table(leaf(skip), leaf("direct", "I.2", "90"),
                   groups=[outside("bonus", leaf("direct", "T.1", "20"))])  # fmt: skip
    sound = read_table(source)
    decided = {"I.2": {"points": "88"}, "T.1": {"points": "20"}}
    whole = read_figures(figures({"A": decided}), sound)
    said = outlook(sound, whole, {"A": ["I.1"]}, may_leave={})["A"]
    assert said.percent == Range(D("108.00"), D("120.00"))
    assert not said.may_be_barred
    entered = compute(
        sound, read_figures(figures({"A": {**decided, "I.1": {"actual": "7"}}}), sound)
    )
    assert entered.units[0].percent == D("120.00")
    # With nothing else assigned the unit may come to have no percentage at all.
    alone = read_table(table(leaf(skip)))
    only = outlook(alone, read_figures(figures({"A": {}}), alone), {"A": ["I.1"]}, may_leave={})
    assert only["A"].may_be_barred


def test_a_result_without_its_baseline_is_not_entered_and_falls_no_further():
    rule = {"kind": "cluster_relative", "baseline": True}
    found = lines(rule, {"A": {"target": "10", "actual": "20"}, "B": {"actual": "20"}})
    assert found == {"A": Range(D(0), D(0)), "B": Range(D(0), D(0))}


def test_a_unit_of_which_nothing_is_decided_can_be_anything():
    said = told(table(leaf("direct"), leaf("direct", "I.2")), {"A": {}}, {"A": ["I.1", "I.2"]})
    assert said["A"].percent == Range(D("0.00"), D("100.00"))
    assert said["A"].may_be_barred, "all of it may come to be not assigned"


def test_a_unit_without_anything_assigned_has_no_percentage_and_no_rank():
    said = told(table(leaf("direct")), {"A": {"I.1": {"assigned": False}}}, {})
    assert said["A"] == Outlook("A", Range(D(0), D(0)), None, None, False, {"I.1": None})


def test_ranks_lie_between_all_who_are_and_all_who_may_come_to_be_better():
    source = table(leaf("direct"), leaf("direct", "I.2"))
    units = {
        "A": {"I.1": {"points": "10"}, "I.2": {"points": "9"}},
        "B": {"I.1": {"points": "10"}, "I.2": {"points": "5"}},
        "C": {"I.1": {"points": "8"}},
        "D": {"I.1": {"points": "1"}, "I.2": {"points": "1"}},
    }
    said = told(source, units, {"C": ["I.2"]})
    assert {code: one.rank for code, one in said.items()} == {
        "A": (1, 1), "B": (2, 3), "C": (2, 3), "D": (4, 4),
    }  # fmt: skip
    assert [code for code, one in said.items() if not one.is_settled] == ["B", "C"]


def test_tie_breakers_decide_where_all_is_decided():
    bonus = outside("bonus", leaf("direct", "T.1"))
    fine = outside("penalty", leaf("direct", "P.1"), code="P")
    ranking = {"by": "total", "tie_breakers": ["bonus", "penalty", "group:I"]}
    source = table(leaf("direct"), groups=[bonus, fine], ranking=ranking)
    units = {
        "A": {"I.1": {"points": "5"}, "T.1": {"points": "2"}, "P.1": {"points": "1"}},
        "B": {"I.1": {"points": "6"}},
        "C": {"I.1": {"points": "6"}},
    }
    assert [one.rank for one in told(source, units, {}).values()] == [(1, 1), (2, 2), (2, 2)]
    wide = told(source, units, {"C": ["T.1"]})
    assert [wide[code].rank for code in "ABC"] == [(1, 2), (2, 3), (1, 2)]


def test_the_order_is_by_total_where_the_table_says_so():
    units = {
        "A": {"I.1": {"points": "9"}, "I.2": {"assigned": False}},
        "B": {"I.1": {"points": "6"}, "I.2": {"points": "6"}},
    }
    for by, first in (("total", "B"), ("percent", "A")):
        source = table(leaf("direct"), leaf("direct", "I.2"), ranking={"by": by})
        said = told(source, units, {})
        assert {code: one.rank for code, one in said.items()} == {
            code: (1, 1) if code == first else (2, 2) for code in units
        }


def test_less_taken_away_comes_first_and_more_of_a_group():
    fine = outside("penalty", leaf("direct", "P.1"), code="P")
    units = {"A": {"I.1": {"points": "6"}, "P.1": {"points": "1"}}, "B": {"I.1": {"points": "5"}}}
    for word, first in (("penalty", "B"), ("group:I", "A")):
        source = table(leaf("direct"), groups=[fine], ranking={"tie_breakers": [word]})
        said = told(source, units, {})
        assert said[first].rank == (1, 1), word
        assert sorted(one.rank for one in said.values()) == [(1, 1), (2, 2)]


def test_groups_within_groups_add_up_and_a_cap_holds_both_ends():
    inner = {"code": "I.A", "max": "10", "children": [leaf("direct", "I.A.1")]}
    ordinary = {"code": "I", "max": "20", "children": [inner, leaf("direct", "I.2")]}
    bonus = outside("bonus", leaf("direct", "T.1"), leaf("direct", "T.2"), cap="12")
    source = {"scale_total": "20", "groups": [ordinary, bonus]}
    units = {"A": {"I.2": {"points": "4"}, "T.1": {"points": "3"}}}
    said = told(source, units, {"A": ["I.A.1", "T.2"]})["A"]
    assert said.total == Range(D("7.00"), D("26.00"))
    # Lowest with I.A.1 at 0 of 20, highest with it left out: 4 and 12 of 10.
    assert said.percent == Range(D("35.00"), D("160.00"))


def test_a_leaf_that_is_not_assigned_adds_nothing_to_either_end():
    units = {"A": {"I.2": {"assigned": False}}}
    source = table(leaf("direct"), leaf("direct", "I.2"))
    sound = read_table(source)
    said = outlook(sound, read_figures(figures(units), sound), {"A": ["I.1"]}, may_leave={})["A"]
    assert said.total == Range(D("0.00"), D("10.00"))
    assert said.percent == Range(D("0.00"), D("100.00"))


def test_settled_is_what_cannot_move_in_any_respect():
    still, moving, free = Range(D(1), D(1)), Range(D(1), D(2)), Range(None, None)
    assert still.is_point
    assert not moving.is_point
    assert not free.is_point
    assert Outlook("A", still, still, (1, 1), may_be_barred=False, lines={}).is_settled
    assert Outlook("A", still, None, None, may_be_barred=False, lines={}).is_settled
    for total, percent, rank in (
        (moving, still, (1, 1)), (still, moving, (1, 1)), (still, still, (1, 2)),
    ):  # fmt: skip
        one = Outlook("A", total, percent, rank, may_be_barred=False, lines={})
        assert not one.is_settled
    assert not Outlook("A", still, still, (1, 1), may_be_barred=True, lines={}).is_settled


def test_who_may_still_be_barred_holds_nobodys_place_for_certain():
    veto = {"kind": "zero_tolerance", "veto": True}
    source = table(leaf("direct"), leaf(veto, "I.2"))
    units = {
        "A": {"I.1": {"points": "10"}},
        "B": {"I.1": {"points": "1"}, "I.2": {"count": "0"}},
        "C": {"I.1": {"points": "9"}, "I.2": {"count": "2"}},
    }
    said = told(source, units, {"A": ["I.2"]})
    assert said["A"].rank == (1, 2)
    assert said["A"].may_be_barred
    assert said["B"].rank == (1, 2)
    assert said["C"].rank is None
    assert not said["C"].may_be_barred
