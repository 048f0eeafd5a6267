"""Every rule kind: the published examples, the ends, and the sentence that explains the score."""

from decimal import Decimal
from typing import Any

import pytest

from scoring.engine import KINDS, read_table
from scoring.engine.rules.attainment import Attainment, PercentOfTarget
from scoring.engine.rules.base import given
from scoring.engine.rules.counted import ZeroTolerance
from scoring.tests.engine.building import leaf, outside, run, score, scores, table, why

RELATIVE = "cluster_relative"


def ta(target, actual):
    return {"target": str(target), "actual": str(actual)}


# --- 2.1 and domain 3.1 ---------------------------------------------------------------------


def test_the_published_example_of_the_leader_relative_formula():
    entries = {
        "A": ta(100, 120), "C": ta(50, 60), "D": ta(80, 80),
        "B": {"actual": "150"}, "E": {"target": None, "actual": "100"}, "F": {"actual": "75"},
    }  # fmt: skip
    assert scores(RELATIVE, entries) == {
        "A": "10.00", "C": "10.00", "D": "5.00", "B": "10.00", "E": "6.67", "F": "5.00",
    }  # fmt: skip


def test_the_second_published_example():
    entries = {"A": ta(10, 8), "B": ta(10, 10), "C": ta(10, 20), "D": ta(10, 15)}
    expected = {"A": "2.00", "B": "2.50", "C": "5.00", "D": "3.75"}
    assert scores(RELATIVE, entries, "5") == expected


def test_criterion_28b():
    entries = {
        "A": ta(1, 0), "B": ta(1, 5), "C": ta(1, 1), "D": ta(1, 3), "E": ta(1, 12), "F": ta(1, 1),
        "G": ta(1, 0),
    }  # fmt: skip
    assert scores(RELATIVE, entries, "5") == {
        "A": "0.00", "B": "3.41", "C": "2.50", "D": "2.95", "E": "5.00", "F": "2.50", "G": "0.00",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("share", "below", "exact"), [("0", "0.00", "0.00"), ("1", "5.00", "10.00")]
)
def test_lead_share_may_be_nothing_or_everything(share, below, exact):
    rule = {"kind": RELATIVE, "lead_share": share}
    entries = {"A": ta(10, 5), "B": ta(10, 10), "C": ta(10, 20)}
    assert scores(rule, entries) == {"A": below, "B": exact, "C": "10.00"}


def test_units_without_a_target_are_left_out_with_skip():
    rule = {"kind": RELATIVE, "no_target": "skip"}
    source = table(leaf(rule), leaf("pass_fail", code="I.2"))
    entries = {"A": {"I.1": {"actual": "5"}, "I.2": {"met": True}}, "B": {"I.2": {"met": True}}}
    result = run(source, entries)
    a, b = result.units
    assert a.as_json()["lines"]["I.1"]["score"] is None
    assert "Không giao chỉ tiêu" in a.lines["I.1"].why
    assert (str(a.assigned_max), a.missing, str(a.percent)) == ("10.00", (), "100.00")
    assert (str(b.assigned_max), b.missing) == ("20.00", ("I.1",))  # no actual is not entered


def test_a_target_without_a_result_takes_no_part():
    entries = {"A": {"target": "1"}, "B": ta(10, 15), "C": {"actual": "3"}, "D": {"target": "9"}}
    assert scores(RELATIVE, entries) == {"A": "0.00", "B": "10.00", "C": "10.00", "D": "0.00"}


def test_fewer_is_better_without_a_target():
    rule = {"kind": RELATIVE, "direction": "down"}
    plain = {"A": {"actual": "4"}, "B": {"actual": "5"}, "C": {"actual": "8"}}
    assert scores(rule, plain) == {"A": "10.00", "B": "8.00", "C": "5.00"}
    with_zero = {"A": {"actual": "0"}, "B": {"actual": "5"}}
    assert scores(rule, with_zero) == {"A": "10.00", "B": "0.00"}
    assert "tính đủ mức tối đa: 10 điểm" in why(rule, with_zero)


def test_nobody_has_a_result_above_zero_without_a_target():
    assert scores(RELATIVE, {"A": {"actual": "0"}, "B": {"actual": "0"}}) == {
        "A": "0.00", "B": "0.00",
    }  # fmt: skip


def test_a_change_against_the_year_before_without_a_target():
    rule = {"kind": RELATIVE, "direction": "down", "baseline": True}
    entries = {
        "A": {"baseline": "100", "actual": "80"},
        "B": {"baseline": "50", "actual": "45"},
        "C": {"baseline": "50", "actual": "60"},
    }
    assert scores(rule, entries) == {"A": "10.00", "B": "5.00", "C": "0.00"}
    assert "kỳ gốc 100, kỳ này 80, giảm 20 %" in why(rule, entries)
    grown = {"A": {"baseline": "100", "actual": "120"}, "C": {"baseline": "50", "actual": "60"}}
    assert scores(rule, grown) == {"A": "0.00", "C": "0.00"}


def test_a_change_against_the_year_before_with_a_target():
    down = {"kind": RELATIVE, "direction": "down", "baseline": True}
    entries = {
        "A": {"baseline": "100", "actual": "95", "target": "5"},
        "B": {"baseline": "100", "actual": "90", "target": "5"},
        "C": {"baseline": "100", "actual": "93", "target": "5"},
        "D": {"baseline": "100", "actual": "110", "target": "5"},
        "E": {"actual": "110", "target": "5"},
    }
    assert scores(down, entries) == {
        "A": "5.00", "B": "10.00", "C": "7.00", "D": "0.00", "E": "0.00",
    }  # fmt: skip
    up = {"kind": RELATIVE, "baseline": True}
    assert scores(up, {"A": {"baseline": "100", "actual": "104", "target": "8"}}) == {"A": "2.50"}


def test_a_relative_rule_scores_a_unit_alone_too():
    for kind, entry in (("cluster_relative", ta(10, 12)), ("ratio_to_best", {"actual": "3"})):
        assert score(kind, entry) == "10.00"


# --- points in proportion -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "entry", "expected"),
    [
        # domain 3.2, 2012: exceeded is standard × per cent
        ({"cap_percent": None}, ta(100, 100), "10.00"),
        ({"cap_percent": None}, ta(100, 110), "11.00"),
        ({"cap_percent": None}, ta(100, 85), "8.50"),
        ({"cap_percent": None}, ta(100, 0), "0.00"),
        ({}, ta(100, 110), "10.00"),
        ({"cap_percent": "110"}, ta(100, 130), "11.00"),
        ({"cap_percent": "50"}, ta(100, 130), "5.00"),
        ({"floor_percent": "50"}, ta(100, "49.99"), "0.00"),
        ({"floor_percent": "50"}, ta(100, 50), "5.00"),
        ({"floor_percent": None}, ta(3, 1), "3.33"),
        ({"direction": "down"}, ta(10, 12), "8.00"),
        ({"direction": "down"}, ta(10, 0), "10.00"),
        ({"direction": "down", "cap_percent": None}, ta(10, 0), "20.00"),
        ({"direction": "down"}, ta(10, 25), "0.00"),
        ({"baseline": True}, {"target": "10", "baseline": "50", "actual": "52"}, "4.00"),
        ({"baseline": True}, {"target": "10", "baseline": "50", "actual": "40"}, "0.00"),
        ({}, {"actual": "5"}, "0.00"),
        ({}, ta("0.0000000001", "999999999999999.9999999999"), "10.00"),
    ],
)
def test_percent_of_target(rule, entry, expected):
    assert score({"kind": "percent_of_target", **rule}, entry) == expected


@pytest.mark.parametrize(
    ("rule", "entry", "expected"),
    [
        ({}, ta(100, 100), "10.00"),
        ({}, ta(100, 120), "10.00"),
        ({}, ta(100, "98.5"), "9.25"),  # continuous, not per full per cent
        ({}, ta(100, 80), "0.00"),
        ({}, ta(100, 10), "0.00"),
        ({"floor_percent": "99"}, ta(100, "98.99"), "0.00"),
        ({"floor_percent": "99"}, ta(100, 99), "9.50"),
        ({"floor_percent": None}, ta(100, 99), "9.50"),
        ({"direction": "down"}, ta(100, 102), "9.00"),
        ({}, {"actual": "3"}, "0.00"),
    ],
)
def test_deduct_short(rule, entry, expected):
    assert score({"kind": "deduct_short", "per_percent": "0.5", **rule}, entry) == expected


@pytest.mark.parametrize(
    ("direction", "actuals", "expected"),
    [
        ("up", ["40", "30", "0"], ["10.00", "7.50", "0.00"]),
        ("up", ["0", "0"], ["0.00", "0.00"]),
        ("down", ["2", "4", "5"], ["10.00", "5.00", "4.00"]),
        ("down", ["0", "4", "0"], ["10.00", "0.00", "10.00"]),
    ],
)
def test_ratio_to_best(direction, actuals, expected):
    rule = {"kind": "ratio_to_best", "direction": direction}
    entries = {f"U{at}": {"actual": actual} for at, actual in enumerate(actuals)}
    assert [scores(rule, entries)[code] for code in entries] == expected


# --- bands ----------------------------------------------------------------------------------

ON_TIME = [
    {"from": "100", "to": "100", "to_inclusive": True, "points": "2"},
    {"from": "95", "to": "100", "points": "1.75"},
    {"from": "80", "to": "95", "points": "1.5"},
    {"from": "70", "to": "80", "points": "1"},
    {"from": "60", "to": "70", "points": "0.5"},
    {"from": "0", "to": "60", "points": "0"},
]
SIGNED: list[dict[str, Any]] = [
    {"from": "95", "from_inclusive": False, "points": "1.5"},
    {"from": "75", "to": "95", "to_inclusive": True, "points": "1"},
    {"from": "50", "to": "75", "points": "0.5"},
    {"to": "50", "points": "0"},
]
DEADLINE = [
    {"to": "0", "to_inclusive": True, "points": "2"},
    {"from": "1", "to": "2", "to_inclusive": True, "points": "1.5"},
    {"from": "3", "to": "5", "to_inclusive": True, "points": "1"},
    {"from": "5", "from_inclusive": False, "to": "11", "points": "0.5"},
    {"from": "10", "from_inclusive": False, "points": "0"},
]


@pytest.mark.parametrize(
    ("bands", "value", "expected"),
    [
        (ON_TIME, "100", "2.00"), (ON_TIME, "99.9999999999", "1.75"), (ON_TIME, "95", "1.75"),
        (ON_TIME, "94.99", "1.50"), (ON_TIME, "70", "1.00"), (ON_TIME, "69.99", "0.50"),
        (ON_TIME, "60", "0.50"), (ON_TIME, "0", "0.00"),
        (SIGNED, "95", "1.00"), (SIGNED, "95.01", "1.50"), (SIGNED, "75", "1.00"),
        (SIGNED, "50", "0.50"), (SIGNED, "49.99", "0.00"), (SIGNED, "500", "1.50"),
    ],
)  # fmt: skip
def test_bands_on_the_result(bands, value, expected):
    rule = {"kind": "bands", "on": "actual", "bands": bands}
    assert score(rule, {"actual": value}) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [("0", "2.00"), ("1", "1.50"), ("2", "1.50"), ("3", "1.00"), ("5", "1.00"), ("6", "0.50"),
     ("10", "0.50"), ("11", "0.00")],
)  # fmt: skip
def test_bands_on_days_late_are_over_whole_numbers(days, expected):
    rule = {"kind": "bands", "on": "days_late", "bands": DEADLINE}
    assert score(rule, {"days_late": days}) == expected


@pytest.mark.parametrize(
    ("more", "entry", "expected"),
    [
        ({}, ta(3, 2), "0.50"),  # 66.67 %
        ({}, ta("99.9999999999", "94.9999999999"), "1.00"),
        ({}, ta(7, "6.65"), "1.00"),
        ({}, ta(7, "6.6500000001"), "1.50"),
        ({}, {"actual": "5"}, "0.00"),
        ({"direction": "down"}, ta(4, 5), "1.00"),
        ({"baseline": True}, {"target": "10", "baseline": "10", "actual": "11"}, "1.50"),
    ],
)
def test_bands_on_the_attainment_compare_exactly(more, entry, expected):
    rule = {"kind": "bands", "on": "attainment_percent", "bands": SIGNED, **more}
    assert score(rule, entry) == expected


# --- given and counted ----------------------------------------------------------------------

LEVELS = {
    "kind": "levels",
    "levels": [{"label": "Tốt", "points": "10"}, {"label": "Khá", "points": "7.125"}],
}
ITEMS = {
    "kind": "per_occurrence",
    "items": [{"label": "Đúng hạn", "points_each": "2"}, {"label": "Chậm", "points_each": "-1.5"}],
}
RANKS = {"kind": "rank_points", "points": ["9", "4.5", "3"]}


@pytest.mark.parametrize(
    ("rule", "entry", "expected"),
    [
        ("direct", {"points": "9.25"}, "9.25"),
        ("direct", {"points": "0"}, "0.00"),
        ("pass_fail", {"met": True}, "10.00"),
        ("pass_fail", {"met": False}, "0.00"),
        (LEVELS, {"level": "Tốt"}, "10.00"),
        (LEVELS, {"level": "Kha\u0301"}, "7.13"),  # composed and decomposed are one label
        (RANKS, {"ranks": [1]}, "9.00"),
        (RANKS, {"ranks": [1, 3]}, "6.00"),
        (RANKS, {"ranks": [2, 2, 9]}, "4.00"),
        ({"kind": "deduct_per_event", "points_each": "2.5"}, {"count": "0"}, "10.00"),
        ({"kind": "deduct_per_event", "points_each": "2.5"}, {"count": "3"}, "2.50"),
        ({"kind": "deduct_per_event", "points_each": "2.5"}, {"count": "5.0"}, "0.00"),
        ("zero_tolerance", {"count": "0"}, "10.00"),
        ("zero_tolerance", {"count": "2"}, "0.00"),
        (ITEMS, {"counts": {"Đúng hạn": "3", "Chậm": "1"}}, "4.50"),
        (ITEMS, {"counts": {}}, "0.00"),
        (ITEMS, {"counts": {"Đúng hạn": "9"}}, "10.00"),
        (ITEMS, {"counts": {"Chậm": "1"}}, "0.00"),
        ({**ITEMS, "min": "-2", "max": "3"}, {"counts": {"Chậm": "1"}}, "-1.50"),
        ({**ITEMS, "min": "-2", "max": "3"}, {"counts": {"Chậm": "4"}}, "-2.00"),
        ({**ITEMS, "min": "-2", "max": "3"}, {"counts": {"Đúng hạn": "4"}}, "3.00"),
        ({**ITEMS, "max": "12"}, {"counts": {"Đúng hạn": "6"}}, "12.00"),
    ],
)
def test_given_and_counted(rule, entry, expected):
    assert score(rule, entry) == expected


def test_zero_tolerance_bars_only_when_the_table_says_so():
    strict = {"kind": "zero_tolerance", "veto": True}
    source = table(
        leaf(strict, code="I.2", title="Không để xảy ra cháy lớn", unit_of_measure="vụ"),
        leaf(strict, code="I.1"),
        leaf("zero_tolerance", code="I.3"),
    )
    entries = {
        "A": {"I.1": {"count": "1"}, "I.2": {"count": "2"}, "I.3": {"count": "5"}},
        "B": {"I.1": {"count": "0"}, "I.2": {"assigned": False}, "I.3": {"count": "5"}},
    }
    result = run(source, entries, {"A": ["Đang xem xét kỷ luật"]})
    assert [(unit.code, unit.rank) for unit in result.units] == [("B", 1), ("A", None)]
    assert result.units[1].vetoes == (
        "Đang xem xét kỷ luật",
        "I.1: đã để xảy ra 1, không xét xếp hạng.",
        "I.2 Không để xảy ra cháy lớn: đã để xảy ra 2 vụ, không xét xếp hạng.",
    )
    assert result.units[0].vetoes == ()


# --- states ---------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", [None, {}, {"met": None}, {"assigned": True}])
def test_not_entered_is_nought_and_missing(entry):
    result = run(table(leaf("pass_fail")), {"A": {"I.1": entry}})
    unit = result.units[0].as_json()
    assert unit["missing"] == ["I.1"]
    assert unit["complete"] is False
    assert unit["lines"]["I.1"] == {
        "score": "0.00", "max": "10.00", "why": "Chưa nhập số liệu, mức tối đa 10: 0 điểm.",
    }  # fmt: skip


#: A rule of each kind that needs parameters.
RULES: dict[str, Any] = {
    "levels": LEVELS, "per_occurrence": ITEMS, "rank_points": RANKS,
    "bands": {"kind": "bands", "on": "actual", "bands": SIGNED},
    "deduct_short": {"kind": "deduct_short", "per_percent": "1"},
    "deduct_per_event": {"kind": "deduct_per_event", "points_each": "1"},
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_knows_the_three_states(kind):
    source = table(leaf(RULES.get(kind, kind)))
    result = run(source, {"A": {}, "B": {"I.1": {"assigned": False}}})
    a, b = result.units
    assert (a.code, a.missing, str(a.assigned_max)) == ("A", ("I.1",), "10.00")
    assert (b.missing, str(b.assigned_max), b.percent, b.rank) == ((), "0.00", None, None)
    assert b.classification is None
    assert b.lines["I.1"].why.startswith("Không giao tiêu chí này")


def test_empty_ranks_are_not_entered():
    assert run(table(leaf(RANKS)), {"A": {"I.1": {"ranks": []}}}).units[0].missing == ("I.1",)


@pytest.mark.parametrize("kind", ["percent_of_target", "deduct_short", "bands"])
def test_a_result_without_a_target_is_nought_and_missing(kind):
    kinds: dict[str, Any] = {
        "deduct_short": {"per_percent": "1"},
        "bands": {"on": "attainment_percent", "bands": SIGNED},
    }
    more = kinds.get(kind, {})
    result = run(table(leaf({"kind": kind, **more})), {"A": {"I.1": {"actual": "5"}}})
    assert result.units[0].missing == ("I.1",)
    sentence = result.units[0].lines["I.1"].why
    assert sentence == "Đạt 5 nhưng chưa có chỉ tiêu để so sánh: 0 điểm."


def test_outside_the_scale_not_entered_is_nothing_claimed():
    source = table(
        leaf("pass_fail"),
        groups=[
            outside("bonus", leaf("pass_fail", code="T.1"), leaf("percent_of_target", code="T.2")),
            outside("penalty", leaf("pass_fail", code="P.1"), code="P"),
        ],
    )
    entries = {"I.1": {"met": True}, "T.2": {"actual": "5"}, "P.1": {"assigned": False}}
    unit = run(source, {"A": entries}).units[0]
    assert (unit.missing, unit.complete, str(unit.assigned_max)) == ((), True, "10.00")
    assert str(unit.total) == "10.00"
    assert unit.lines["T.1"].why == "Không có số liệu đề nghị tính điểm thưởng: 0 điểm thưởng."
    assert unit.lines["P.1"].score is None


# --- the sentences --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "entries", "sentence"),
    [
        (RELATIVE, {"A": ta(120, 150), "PC03": ta(10, 14)},
         ("Chỉ tiêu 120, đạt 150, vượt 25 %; đơn vị dẫn đầu PC03 vượt 40 %: "
         "5 + 25/40 × 5 = 8,13 điểm.")),
        (RELATIVE, {"A": ta(10, 14), "B": ta(10, 12)},
         "Chỉ tiêu 10, đạt 14, vượt 40 %, cao nhất trong các đơn vị, tính đủ mức tối đa: 10 điểm."),
        (RELATIVE, {"A": ta(10, 10)}, "Chỉ tiêu 10, đạt 10, vừa đủ chỉ tiêu: 0,5 × 10 = 5 điểm."),
        (RELATIVE, {"A": ta(1800, 900)},
         "Chỉ tiêu 1.800, đạt 900, mức hoàn thành 50 %: 50 % × 5 = 2,5 điểm."),
        (RELATIVE, {"A": {"actual": "75"}, "B": {"actual": "150"}},
         ("Không có chỉ tiêu, đạt 75; kết quả tốt nhất trong các đơn vị không có chỉ tiêu là 150 "
         "của B: 75/150 × 10 = 5 điểm.")),
        ({"kind": RELATIVE, "direction": "down", "baseline": True},
         {"A": {"target": "5", "baseline": "100", "actual": "90"}},
         ("Chỉ tiêu giảm ít nhất 5 %, kỳ gốc 100, kỳ này 90, giảm 10 %, vượt yêu cầu 100 %, "
         "cao nhất trong các đơn vị, tính đủ mức tối đa: 10 điểm.")),
        ({"kind": RELATIVE, "baseline": True},
         {"A": {"target": "5", "baseline": "100", "actual": "90"}},
         ("Chỉ tiêu tăng ít nhất 5 %, kỳ gốc 100, kỳ này 90, giảm 10 %, mức hoàn thành 0 %: "
         "0 % × 5 = 0 điểm.")),
        # Without a change the word is that of the wanted direction.
        ({"kind": RELATIVE, "baseline": True},
         {"A": {"target": "5", "baseline": "100", "actual": "100"}},
         ("Chỉ tiêu tăng ít nhất 5 %, kỳ gốc 100, kỳ này 100, tăng 0 %, mức hoàn thành 0 %: "
         "0 % × 5 = 0 điểm.")),
        ({"kind": RELATIVE, "baseline": True},
         {"A": {"target": "5", "baseline": "100", "actual": "100.005"}},
         ("Chỉ tiêu tăng ít nhất 5 %, kỳ gốc 100, kỳ này 100,005, tăng 0,01 %, "
         "mức hoàn thành 0,1 %: 0,1 % × 5 = 0,01 điểm.")),
        ({"kind": RELATIVE, "direction": "down", "baseline": True},
         {"A": {"baseline": "100", "actual": "90"}, "B": {"baseline": "100", "actual": "60"}},
         ("Không có chỉ tiêu, kỳ gốc 100, kỳ này 90, giảm 10 %; kết quả tốt nhất trong các đơn vị "
         "không có chỉ tiêu là 40 % của B: 10/40 × 10 = 2,5 điểm.")),
        ("percent_of_target", {"A": ta(3, 2)},
         "Chỉ tiêu 3, đạt 2, mức hoàn thành 66,67 %: 66,67 % × 10 = 6,67 điểm."),
        ("percent_of_target", {"A": ta(1, 2)},
         "Chỉ tiêu 1, đạt 2, mức hoàn thành 200 %, tính tối đa 100 %: 100 % × 10 = 10 điểm."),
        ({"kind": "percent_of_target", "floor_percent": "50"}, {"A": ta(3, 1)},
         "Chỉ tiêu 3, đạt 1, mức hoàn thành 33,33 %, dưới mức tối thiểu 50 %: 0 điểm."),
        ({"kind": "percent_of_target", "direction": "down"}, {"A": ta(10, 12)},
         "Chỉ tiêu không quá 10, thực hiện 12, mức hoàn thành 80 %: 80 % × 10 = 8 điểm."),
        ({"kind": "deduct_short", "per_percent": "0.5"}, {"A": ta(100, 94)},
         ("Chỉ tiêu 100, đạt 94, mức hoàn thành 94 %, thiếu 6 %, mỗi phần trăm trừ 0,5: "
         "10 − 6 × 0,5 = 7 điểm.")),
        ({"kind": "deduct_short", "per_percent": "0.5"}, {"A": ta(100, 100)},
         "Chỉ tiêu 100, đạt 100, mức hoàn thành 100 %, không bị trừ: 10 điểm."),
        ({"kind": "deduct_short", "per_percent": "0.5"}, {"A": ta(100, 80)},
         ("Chỉ tiêu 100, đạt 80, mức hoàn thành 80 %, thiếu 20 %, mỗi phần trăm trừ 0,5: "
         "10 − 20 × 0,5 = 0 điểm.")),
        ({"kind": "deduct_short", "per_percent": "0.5"}, {"A": ta(100, 70)},
         ("Chỉ tiêu 100, đạt 70, mức hoàn thành 70 %, thiếu 30 %, mỗi phần trăm trừ 0,5, "
         "tổng mức trừ vượt quá 10: 0 điểm.")),
        ({"kind": "deduct_short", "per_percent": "1", "floor_percent": "80"}, {"A": ta(100, 70)},
         "Chỉ tiêu 100, đạt 70, mức hoàn thành 70 %, dưới mức tối thiểu 80 %: 0 điểm."),
        ("ratio_to_best", {"A": {"actual": "30"}, "B": {"actual": "40"}},
         "Đạt 30; kết quả tốt nhất trong các đơn vị là 40 của B: 30/40 × 10 = 7,5 điểm."),
        ({"kind": "ratio_to_best", "direction": "down"},
         {"A": {"actual": "4"}, "B": {"actual": "2"}},
         "Thực hiện 4; kết quả tốt nhất trong các đơn vị là 2 của B: 2/4 × 10 = 5 điểm."),
        ("ratio_to_best", {"A": {"actual": "0"}},
         ("Đạt 0; kết quả tốt nhất trong các đơn vị là 0 của A, chưa đơn vị nào có kết quả: "
         "0 điểm.")),
        ({"kind": "bands", "on": "actual", "bands": SIGNED}, {"A": {"actual": "94"}},
         "Kết quả 94, thuộc bậc từ 75 đến 95: 1 điểm."),
        ({"kind": "bands", "on": "actual", "bands": ON_TIME}, {"A": {"actual": "100"}},
         "Kết quả 100, thuộc bậc đúng 100: 2 điểm."),
        ({"kind": "bands", "on": "actual", "bands": [{"points": "1"}]}, {"A": {"actual": "1"}},
         "Kết quả 1, thuộc bậc mọi giá trị: 1 điểm."),
        ({"kind": "bands", "on": "days_late", "bands": DEADLINE}, {"A": {"days_late": "0"}},
         "Đúng hạn, thuộc bậc đến 0 ngày: 2 điểm."),
        ({"kind": "bands", "on": "days_late", "bands": DEADLINE}, {"A": {"days_late": "12"}},
         "Chậm 12 ngày, thuộc bậc trên 10 ngày: 0 điểm."),
        ({"kind": "bands", "on": "attainment_percent", "bands": SIGNED},
         {"A": ta("99.9999999999", "94.9999999998")},
         ("Chỉ tiêu 99,9999999999, đạt 94,9999999998, mức hoàn thành gần 95 %, "
         "thuộc bậc từ 75 đến 95 %: 1 điểm.")),
        ({"kind": "bands", "on": "attainment_percent", "bands": SIGNED}, {"A": ta(7, "6.6500001")},
         "Chỉ tiêu 7, đạt 6,6500001, mức hoàn thành hơn 95 %, thuộc bậc trên 95 %: 1,5 điểm."),
        ("direct", {"A": {"points": "8.5"}}, "Chấm trực tiếp, mức tối đa 10: 8,5 điểm."),
        ("pass_fail", {"A": {"met": True}}, "Kết quả đạt, tính đủ mức tối đa 10: 10 điểm."),
        ("pass_fail", {"A": {"met": False}}, "Kết quả không đạt, mức tối đa 10: 0 điểm."),
        (LEVELS, {"A": {"level": "Khá"}}, "Xếp mức “Khá”, mức tối đa 10: 7,13 điểm."),
        (RANKS, {"A": {"ranks": [2]}}, "Xếp hạng 2, tính theo điểm của thứ hạng: 4,5 điểm."),
        (RANKS, {"A": {"ranks": [1, 7]}},
         "Các thứ hạng 1, 7, lấy trung bình điểm của thứ hạng: (9 + 3)/2 = 6 điểm."),
        ({"kind": "deduct_per_event", "points_each": "4"}, {"A": {"count": "0"}},
         "Không phát sinh trường hợp nào, không bị trừ: 10 điểm."),
        ({"kind": "deduct_per_event", "points_each": "4"}, {"A": {"count": "2"}},
         "Phát sinh 2, mỗi trường hợp trừ 4: 10 − 2 × 4 = 2 điểm."),
        ({"kind": "deduct_per_event", "points_each": "4"}, {"A": {"count": "3"}},
         "Phát sinh 3, mỗi trường hợp trừ 4, tổng mức trừ vượt quá 10: 0 điểm."),
        ({"kind": "deduct_per_event", "points_each": "5"}, {"A": {"count": "2"}},
         "Phát sinh 2, mỗi trường hợp trừ 5: 10 − 2 × 5 = 0 điểm."),
        ("zero_tolerance", {"A": {"count": "0"}},
         "Không để xảy ra trường hợp nào, tính đủ mức tối đa: 10 điểm."),
        ("zero_tolerance", {"A": {"count": "1"}},
         "Để xảy ra 1 nên không được tính điểm: 0 điểm."),
        ({"kind": "zero_tolerance", "veto": True}, {"A": {"count": "1"}},
         "Để xảy ra 1 nên không được tính điểm và không xét xếp hạng: 0 điểm."),
        (ITEMS, {"A": {"counts": {"Đúng hạn": "3", "Chậm": "1"}}},
         "Đúng hạn: 3 × 2; Chậm: 1 × (-1,5); cộng lại được 4,5 điểm."),
        (ITEMS, {"A": {"counts": {"Đúng hạn": "6"}}},
         "Đúng hạn: 6 × 2; cộng lại được 12, tính tối đa 10 điểm."),
        (ITEMS, {"A": {"counts": {"Chậm": "2"}}},
         "Chậm: 2 × (-1,5); cộng lại được -3, tính tối thiểu 0 điểm."),
        ({**ITEMS, "items": [{"label": "Nửa", "points_each": "0.5"},
                              {"label": "Không", "points_each": "0"}]},
         {"A": {"counts": {"Nửa": "3", "Không": "2"}}},
         "Nửa: 3 × 0,5; Không: 2 × 0; cộng lại được 1,5 điểm."),
        (ITEMS, {"A": {"counts": {"Chậm": "0"}}}, "Không phát sinh mục nào: 0 điểm."),
        ({**ITEMS, "min": "1"}, {"A": {"counts": {}}},
         "Không phát sinh mục nào, tính tối thiểu 1 điểm."),
    ],
)  # fmt: skip
def test_the_sentence(rule, entries, sentence):
    assert why(rule, entries) == sentence


def test_the_sentence_names_the_unit_of_measure_and_the_kind_of_points():
    source = table(
        leaf("percent_of_target", unit_of_measure="vụ"),
        groups=[
            outside("bonus", leaf("pass_fail", code="T.1"), leaf("direct", code="T.2")),
            outside("penalty", leaf("pass_fail", code="P.1"), code="P"),
        ],
    )
    entries = {
        "I.1": ta(10, 5), "T.1": {"met": True}, "T.2": {"points": "1"}, "P.1": {"met": False},
    }  # fmt: skip
    lines = run(source, {"A": entries}).units[0].lines
    assert lines["I.1"].why.startswith("Chỉ tiêu 10 vụ, đạt 5 vụ, mức hoàn thành 50 %")
    assert lines["T.1"].why == (
        "Thuộc trường hợp được thưởng điểm, tính đủ mức tối đa 10: 10 điểm thưởng."
    )
    assert lines["T.2"].why.endswith(": 1 điểm thưởng.")
    assert lines["P.1"].why == "Không thuộc trường hợp bị trừ điểm, mức tối đa 10: 0 điểm trừ."


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_rule_knows_the_maximum_and_the_unit_of_measure_of_its_leaf(kind):
    row = leaf(RULES.get(kind, kind), top="10", unit_of_measure="vụ")
    rule = read_table(table(row)).leaves[0].rule
    assert (rule.max, rule.unit) == (Decimal(10), "vụ")


def test_a_parameter_that_is_left_out_is_what_the_rules_say():
    rule = read_table(table(leaf("zero_tolerance"))).leaves[0].rule
    assert rule == ZeroTolerance(Decimal(10), "", veto=False)
    assert rule.veto is False
    attained = read_table(table(leaf("percent_of_target"))).leaves[0].rule
    assert attained == PercentOfTarget(
        Decimal(10), "", Attainment("up", baseline=False), Decimal(100), None
    )
    assert attained.attainment.baseline is False


def test_what_a_unit_was_not_assigned_is_said_in_full():
    source = table(leaf({"kind": RELATIVE, "no_target": "skip"}), leaf("direct", code="I.2"))
    lines = run(source, {"A": {"I.1": {"actual": "1"}, "I.2": {"assigned": False}}}).units[0].lines
    assert lines["I.1"].why == (
        "Không giao chỉ tiêu cho đơn vị nên không tính vào điểm và điểm tối đa."
    )
    assert lines["I.2"].why == (
        "Không giao tiêu chí này cho đơn vị nên không tính vào điểm và điểm tối đa."
    )


def test_the_ends_of_a_sum_may_meet_and_may_be_negative():
    ends = {**ITEMS, "min": "-2", "max": "-2"}
    assert score(ends, {"counts": {"Đúng hạn": "9"}}) == "-2.00"
    assert score({**ITEMS, "min": "3", "max": "3"}, {"counts": {}}) == "3.00"


def test_only_what_was_entered_can_be_scored():
    with pytest.raises(TypeError, match=r"^A figure that was not entered cannot be scored$"):
        given(None)


LONG = "999999999999999.9999999999"
LEAST = "0.0000000001"


@pytest.mark.parametrize("direction", ["up", "down"])
@pytest.mark.parametrize("baseline", [False, True])
@pytest.mark.parametrize(
    "rule",
    [
        {"kind": RELATIVE, "lead_share": "0.3333333333"},
        {"kind": "percent_of_target", "cap_percent": None},
        {"kind": "percent_of_target", "cap_percent": LONG, "floor_percent": LEAST},
        {"kind": "deduct_short", "per_percent": LONG},
        {"kind": "bands", "on": "attainment_percent", "bands": SIGNED},
    ],
)
def test_no_digit_is_lost_with_the_longest_numbers(rule, baseline, direction):
    values = [LONG, LEAST, "0.9999999999", "123456789012345.0123456789", "3"]
    entries = {}
    for at, target in enumerate([*values, None]):
        for by, actual in enumerate(values):
            extra = {"baseline": values[(at + by) % 5]} if baseline else {}
            entries[f"{at}{by}"] = {"target": target, "actual": actual, **extra}
    full = {**rule, "direction": direction, "baseline": baseline}
    top = "333333333333333.33"
    source = table(leaf(full, top=top))
    source["groups"][0]["max"] = source["scale_total"] = top
    for unit in run(source, {code: {"I.1": entry} for code, entry in entries.items()}).units:
        assert unit.lines["I.1"].score is not None
        assert unit.lines["I.1"].why.endswith(".")


def test_the_mean_of_many_ranks_is_exact():
    assert score(RANKS, {"ranks": [1, 1, 1, 2, 3, 3, 3]}) == "5.79"
    counts = {"counts": {"Đúng hạn": "999999999999999", "Chậm": "999999999999999"}}
    assert score({**ITEMS, "max": LONG[:15]}, counts) == "499999999999999.50"
