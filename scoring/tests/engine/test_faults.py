"""Every fault of the two inputs: where it is, what is wrong, what is allowed - all at once."""

import re
from decimal import Decimal
from typing import Any

import pytest

from scoring.engine import Faults, loads, read_figures, read_table
from scoring.engine.reading import Limits
from scoring.tests.engine.building import (
    figure_faults,
    figures,
    leaf,
    outside,
    table,
    table_faults,
)
from scoring.tests.engine.test_rules import ITEMS, LEVELS, RANKS, SIGNED

LINE = re.compile(r"\$[^\n]*?: [^\n]+; [^\n]+")


def rule_faults(rule, top="10", **more):
    return table_faults(table(leaf(rule, top=top), **more))


def entry_faults(rule, entry, **more):
    return figure_faults(table(leaf(rule), **more), figures({"A": {"I.1": entry}}))


def one(faults, path, *words):
    """Exactly one fault, at this path, with these words."""
    assert len(faults) == 1, faults
    assert faults[0].startswith(f"{path}: "), faults
    assert LINE.fullmatch(faults[0])
    for word in words:
        assert word in faults[0]


# --- the head of the table ------------------------------------------------------------------


@pytest.mark.parametrize("data", [None, [], "x", 1, True])
def test_a_table_is_an_object(data):
    one(table_faults(data), "$", "không phải đối tượng JSON")


def test_an_empty_table_lacks_what_is_required():
    assert [f.split(":")[0] for f in table_faults({})] == ["$.scale_total", "$.groups"]


HEADS: list[Any] = [
    ({"scale_total": "0"}, "$.scale_total"),
    ({"scale_total": "11"}, "$.scale_total"),
    ({"scale_total": 10}, "$.scale_total"),
    ({"name": None}, "$.name"),
    ({"name": "\ud800"}, "$.name"),
    ({"note": "x"}, "$.note"),
    ({"rounding": None}, "$.rounding"),
    ({"rounding": {"places": "2"}}, "$.rounding.places"),
    ({"rounding": {"places": True}}, "$.rounding.places"),
    ({"rounding": {"places": 7}}, "$.rounding.places"),
    ({"rounding": {"places": -1}}, "$.rounding.places"),
    ({"rounding": {"mode": "up"}}, "$.rounding.mode"),
    ({"ranking": {"by": "points"}}, "$.ranking.by"),
    ({"ranking": {"by": ["total"]}}, "$.ranking.by"),
    ({"ranking": {"tie_breakers": ["group:X"]}}, "$.ranking.tie_breakers[0]"),
    ({"ranking": {"tie_breakers": ["bonus", "base"]}}, "$.ranking.tie_breakers[1]"),
    ({"ranking": {"tie_breakers": ["I"]}}, "$.ranking.tie_breakers[0]"),
    ({"ranking": {"tie_breakers": "bonus"}}, "$.ranking.tie_breakers"),
    ({"ranking": {"tie_breakers": [None]}}, "$.ranking.tie_breakers[0]"),
    ({"ranking": {"then": []}}, "$.ranking.then"),
    ({"classification": {}}, "$.classification"),
    ({"classification": [{"label": "A"}]}, "$.classification[0].from"),
    ({"classification": [{"from": "1"}]}, "$.classification[0].label"),
    ({"classification": [{"label": " ", "from": "1"}]}, "$.classification[0].label"),
    ({"classification": [{"label": "A", "from": "-1"}]}, "$.classification[0].from"),
    ({"classification": [{"label": "A", "from": "1", "to": "2"}]}, "$.classification[0].to"),
    (
        {"classification": [{"label": "A", "from": "5"}, {"label": "B", "from": "5"}]},
        "$.classification[1].from",
    ),
    # A row that cannot be read is not held against the one after it.
    ({"classification": [{"from": "5"}, {"label": "B", "from": "9"}]}, "$.classification[0].label"),
    ({"groups": []}, "$.groups"),
]


@pytest.mark.parametrize(("head", "path"), HEADS)
def test_the_head(head, path):
    one(table_faults(table(leaf("direct")) | head), path)


TYPED: list[Any] = [
    "", " 1", "1 ", "+1", ".5", "1.", "1e3", "1,5", "--1", "NaN", "Infinity", "1_0", "\uff11",
    "1234567890123456", "1.12345678901", "0x1",
]  # fmt: skip


@pytest.mark.parametrize("typed", TYPED)
def test_numbers_have_one_form(typed):
    source = table(leaf("direct")) | {"scale_total": typed}
    one(table_faults(source), "$.scale_total", "số thập phân")


def test_the_longest_number_is_taken():
    top = "999999999999999"
    source = table(leaf("direct"))
    source["groups"][0]["children"][0]["max"] = source["groups"][0]["max"] = top
    assert table_faults(source | {"scale_total": top}) == []
    assert table_faults(source | {"scale_total": "000000000000010.0000000000"}) != []


# --- groups and leaves ----------------------------------------------------------------------


def changed(where, **changes):
    source = table(leaf("direct"), leaf("direct", code="I.2"))
    group = source["groups"][0]
    at = {"group": group, "leaf": group["children"][0]}[where]
    at.update(changes)
    for key in [key for key, value in at.items() if value is ...]:
        del at[key]
    return source


ROWS: list[Any] = [
    ("group", {"max": ...}, "$.groups[0].max"),
    ("group", {"max": "20.001"}, "$.groups[0].max"),
    ("group", {"code": ...}, "$.groups[0].code"),
    ("group", {"code": ""}, "$.groups[0].code"),
    ("group", {"code": 1}, "$.groups[0].code"),
    ("group", {"cap": "5"}, "$.groups[0].cap"),
    ("group", {"unit_of_measure": "vụ"}, "$.groups[0].unit_of_measure"),
    ("group", {"rule": {"kind": "direct"}}, "$.groups[0].rule"),
    ("leaf", {"code": "I"}, "$.groups[0].children[0].code"),
    ("leaf", {"code": "I.2"}, "$.groups[0].children[1].code"),
    ("leaf", {"max": ...}, "$.groups[0].children[0].max"),
    ("leaf", {"max": "0"}, "$.groups[0].children[0].max"),
    ("leaf", {"max": "-10"}, "$.groups[0].children[0].max"),
    ("leaf", {"max": None}, "$.groups[0].children[0].max"),
    ("leaf", {"title": 5}, "$.groups[0].children[0].title"),
    ("leaf", {"kind": "bonus"}, "$.groups[0].children[0].kind"),
    ("leaf", {"cap": "5"}, "$.groups[0].children[0].cap"),
    ("leaf", {"evidence_required": "có"}, "$.groups[0].children[0].evidence_required"),
    ("leaf", {"legal_basis": None}, "$.groups[0].children[0].legal_basis"),
    ("leaf", {"target": "-1"}, "$.groups[0].children[0].target"),
    ("leaf", {"rule": ...}, "$.groups[0].children[0].rule"),
    ("leaf", {"rule": "direct"}, "$.groups[0].children[0].rule"),
    ("leaf", {"rule": {}}, "$.groups[0].children[0].rule.kind"),
    ("leaf", {"rule": {"kind": "formula"}}, "$.groups[0].children[0].rule.kind"),
    ("leaf", {"rule": {"kind": None}}, "$.groups[0].children[0].rule.kind"),
    ("leaf", {"children": []}, "$.groups[0].children[0].children"),
]


@pytest.mark.parametrize(("where", "changes", "path"), ROWS)
def test_groups_and_leaves(where, changes, path):
    one(table_faults(changed(where, **changes)), path)


def test_a_group_is_the_sum_of_its_children_as_they_are_stated():
    faults = table_faults(changed("group", max="21"))
    assert [fault.split(":")[0] for fault in faults] == ["$.groups[0].max", "$.scale_total"]
    assert "phải bằng 20" in faults[0]
    one(table_faults(changed("leaf", max="11")), "$.groups[0].max", "tổng 21")


def test_the_maximum_of_a_row_without_rule_counts_in_the_sum():
    source = changed("leaf", rule=...)
    source["groups"][0]["max"] = "21"
    assert [fault.split(":")[0] for fault in table_faults(source)] == [
        "$.groups[0].children[0].rule", "$.groups[0].max", "$.scale_total",
    ]  # fmt: skip


def test_a_group_without_a_stated_maximum_has_that_of_its_children():
    nested = {"code": "T.1", "children": [leaf("direct", code="T.2")]}
    group = outside("bonus", nested, max="11")
    one(table_faults(table(leaf("direct"), groups=[group])), "$.groups[1].max", "tổng 10")


def test_what_a_leaf_may_carry_besides():
    more: dict[str, Any] = {
        "title": "",
        "unit_of_measure": "%",
        "legal_basis": "Điều 6",
        "evidence_required": True,
    }
    for target in ("5", None):
        assert rule_faults_of(leaf("cluster_relative", target=target, **more)) == []
    assert rule_faults_of(leaf("zero_tolerance", target="0")) == []
    one(
        rule_faults_of(leaf("cluster_relative", target="0")),
        "$.groups[0].children[0].target",
        "lớn hơn 0",
    )


def rule_faults_of(row):
    return table_faults(table(row))


def test_kind_and_cap_stand_at_top_level_only():
    nested = {"code": "T.1", "kind": "bonus", "cap": "1", "children": [leaf("direct", code="T.2")]}
    source = table(leaf("direct"), groups=[outside("bonus", nested)])
    paths = [fault.split(":")[0] for fault in table_faults(source)]
    assert paths == ["$.groups[1].children[0].kind", "$.groups[1].children[0].cap"]


GROUPS: list[Any] = [
    ({"kind": "extra"}, "$.groups[1].kind"),
    ({"kind": None}, "$.groups[1].kind"),
    ({"cap": "-1"}, "$.groups[1].cap"),
    ({"cap": "1.005"}, "$.groups[1].cap"),
    ({"max": "11"}, "$.groups[1].max"),
    ({"children": []}, "$.groups[1].children"),
    ({"children": ["x"]}, "$.groups[1].children[0]"),
]


@pytest.mark.parametrize(("changes", "path"), GROUPS)
def test_groups_outside_the_scale(changes, path):
    group = outside("bonus", leaf("direct", code="T.1"), cap="5") | changes
    one(table_faults(table(leaf("direct"), groups=[group])), path)


def test_a_table_of_bonus_alone_does_not_reach_its_scale():
    source = {"scale_total": "10", "groups": [outside("bonus", leaf("direct"))]}
    one(table_faults(source), "$.scale_total", "phải bằng 0")


def test_closing_zeros_are_no_decimals():
    source = table(leaf("direct"))
    source["groups"][0]["children"][0]["max"] = "10.0000"
    assert table_faults(source) == []


def nest(levels):
    node = leaf("direct", code="leaf")
    for at in range(levels):
        node = {"code": f"g{at}", "max": "10", "children": [node]}
    return {"scale_total": "10", "groups": [node]}


def test_depth_of_groups():
    assert table_faults(nest(64)) == []
    assert table_faults(nest(100)) == []
    faults = table_faults(nest(101))
    assert len(faults) == 1
    assert "tối đa 100 cấp nhóm" in faults[0]
    one(loading_faults("[" * 100_000), "$", "quá sâu")


# --- rules ----------------------------------------------------------------------------------


PARAMETERS: list[Any] = [
    ({"kind": "direct", "max": "5"}, "max"),
    ({"kind": "direct", "direction": "up"}, "direction"),
    ({"kind": "pass_fail", "veto": True}, "veto"),
    ({"kind": "levels"}, "levels"),
    ({"kind": "levels", "levels": []}, "levels"),
    ({"kind": "levels", "levels": {}}, "levels"),
    ({"kind": "levels", "levels": [{"label": "A"}]}, "levels[0].points"),
    ({"kind": "levels", "levels": [{"points": "1"}]}, "levels[0].label"),
    ({"kind": "levels", "levels": [{"label": "A", "points": "11"}]}, "levels[0].points"),
    ({"kind": "levels", "levels": [{"label": "A", "points": "-1"}]}, "levels[0].points"),
    ({"kind": "levels", "levels": ["A"]}, "levels[0]"),
    (
        LEVELS | {"levels": [*LEVELS["levels"], {"label": "Kha\u0301", "points": "1"}]},
        "levels[2].label",
    ),
    ({"kind": "percent_of_target", "direction": "left"}, "direction"),
    ({"kind": "percent_of_target", "baseline": "true"}, "baseline"),
    ({"kind": "percent_of_target", "cap_percent": "-1"}, "cap_percent"),
    ({"kind": "percent_of_target", "floor_percent": "-1"}, "floor_percent"),
    ({"kind": "percent_of_target", "cap_percent": 110}, "cap_percent"),
    ({"kind": "cluster_relative", "lead_share": "1.01"}, "lead_share"),
    ({"kind": "cluster_relative", "lead_share": None}, "lead_share"),
    ({"kind": "cluster_relative", "no_target": "zero"}, "no_target"),
    ({"kind": "ratio_to_best", "baseline": True}, "baseline"),
    ({"kind": "deduct_short"}, "per_percent"),
    ({"kind": "deduct_short", "per_percent": "-1"}, "per_percent"),
    ({"kind": "deduct_per_event"}, "points_each"),
    ({"kind": "deduct_per_event", "points_each": "-1"}, "points_each"),
    ({"kind": "per_occurrence"}, "items"),
    ({**ITEMS, "min": "11"}, "min"),
    ({**ITEMS, "min": "3", "max": "2"}, "max"),
    ({**ITEMS, "items": [{"label": "A"}]}, "items[0].points_each"),
    ({**ITEMS, "items": [{"points_each": "1"}]}, "items[0].label"),
    ({**ITEMS, "items": [*ITEMS["items"], ITEMS["items"][0]]}, "items[2].label"),
    ({"kind": "zero_tolerance", "veto": 1}, "veto"),
    ({"kind": "rank_points"}, "points"),
    ({"kind": "rank_points", "points": ["11"]}, "points[0]"),
    ({"kind": "rank_points", "points": ["9", 5]}, "points[1]"),
    ({"kind": "bands", "bands": SIGNED}, "on"),
    ({"kind": "bands", "on": "actual"}, "bands"),
    ({"kind": "bands", "on": "days", "bands": SIGNED}, "on"),
    ({"kind": "bands", "on": "actual", "bands": SIGNED, "direction": "up"}, "direction"),
    ({"kind": "bands", "on": "actual", "bands": [{"from": "1"}]}, "bands[0].points"),
    ({"kind": "bands", "on": "actual", "bands": [{"points": "11"}]}, "bands[0].points"),
    ({"kind": "bands", "on": "actual", "bands": [{"points": "1", "label": "A"}]},
     "bands[0].label"),
    ({"kind": "bands", "on": "actual", "bands": [{"from": None, "points": "1"}]},
     "bands[0].from"),
    ({"kind": "bands", "on": "actual", "bands": [7]}, "bands[0]"),
    # A fault elsewhere in the rule is not followed by one of its gaps.
    ({"kind": "bands", "bands": [SIGNED[0], SIGNED[2]]}, "on"),
    ({"kind": "bands", "on": "actual", "bands": [SIGNED[0], 7, SIGNED[2]]}, "bands[1]"),
    ({"kind": "bands", "on": "actual", "bands": [SIGNED[0], {**SIGNED[2], "x": 1}]}, "bands[1].x"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "path"), PARAMETERS)
def test_parameters_of_rules(rule, path):
    one(rule_faults(rule), f"$.groups[0].children[0].rule.{path}")


def test_outside_the_scale_the_sum_is_the_matter_of_the_group():
    def faults(**more):
        group = outside("penalty", leaf({**ITEMS, **more}, code="P.1"), code="P")
        return table_faults(table(leaf("direct"), groups=[group]))

    path = "$.groups[1].children[0].rule"
    assert faults(min="50") == []
    one(faults(min="-1"), f"{path}.min")
    one(faults(max="-1"), f"{path}.max")


def test_a_faulty_maximum_brings_no_fault_of_the_points():
    for rule in (
        "direct",
        LEVELS,
        RANKS,
        ITEMS,
        {"kind": "bands", "on": "actual", "bands": SIGNED},
    ):
        source = changed("leaf", max="x", rule={"kind": rule} if isinstance(rule, str) else rule)
        one(table_faults(source), "$.groups[0].children[0].max")
    source = table(leaf("direct")) | {"rounding": {"places": 9}}
    one(table_faults(source), "$.rounding.places")


def band(low=None, high=None, *, with_low=True, with_high=False):
    ends = {"from": low, "to": high}
    return {
        **{key: value for key, value in ends.items() if value is not None},
        "from_inclusive": with_low,
        "to_inclusive": with_high,
        "points": "1",
    }


BANDS: list[Any] = [
    ([band("0", "5"), band("6", "9")], ["để hở"]),
    ([band("0", "5"), band("5", "9", with_low=False)], ["để hở"]),
    ([band("0", "5", with_high=True), band("5", "9")], ["chồng"]),
    ([band("0", "6"), band("5", "9")], ["chồng"]),
    ([band(None, "6"), band(None, "9")], ["chồng"]),
    ([band("1"), band("3")], ["chồng"]),
    ([band("0", "100"), band("10", "20"), band("100", "200")], ["chồng"]),
    ([band("0", None), band("10", "20"), band("20", "30")], ["chồng", "chồng"]),
    ([band("10", "20"), band("0", "5"), band("30")], ["để hở", "để hở"]),
    ([band("0", "0")], ["không có giá trị nào"]),
    ([band("0", "0", with_low=False, with_high=True)], ["không có giá trị nào"]),
    ([band("5", "4", with_high=True)], ["không có giá trị nào"]),
    ([band("5", "4"), band("9", "9")], ["không có giá trị nào"] * 2),
    ([band("-5", "0"), band("0")], []),
    ([band("0"), band("-5", "0")], []),
    ([band("5", "5", with_high=True), band("5", with_low=False), band(None, "5")], []),
    ([band("5", with_low=False), band("5", "5", with_high=True), band(None, "5")], []),
    ([band(None, "-5"), band("-5")], []),
    ([band("0", "2", with_high=True), band("3", "5")], ["để hở"]),
    ([band("0", "10"), band("2", "10"), band("5", "20")], ["chồng", "chồng"]),
    ([band()], []),
]


@pytest.mark.parametrize(("bands", "words"), BANDS)
def test_every_value_lies_in_exactly_one_band(bands, words):
    faults = rule_faults({"kind": "bands", "on": "actual", "bands": bands})
    assert len(faults) == len(words), faults
    for fault, word in zip(faults, words, strict=True):
        assert word in fault
        assert fault.startswith("$.groups[0].children[0].rule.bands")


DAYS: list[Any] = [
    ([band("0", "2", with_high=True), band("3", "5")], True),
    ([band("0", "2"), band("2", with_low=False)], False),  # 2 lies in none
    ([band("0", "2.5"), band("2.5")], True),
    ([band("0", "2.9"), band("2.1")], True),  # no whole number lies in both
    ([band("0", "3", with_high=True), band("3")], False),
    ([band("0.2", "0.8"), band("1")], False),  # empty over whole numbers
    ([band("0", "1", with_low=False), band("1")], False),
]


@pytest.mark.parametrize(("bands", "sound"), DAYS)
def test_bands_on_days_are_checked_over_whole_numbers(bands, sound):
    assert (rule_faults({"kind": "bands", "on": "days_late", "bands": bands}) == []) is sound


def test_every_row_of_the_classification_is_read():
    rows = [{"label": "A"}, {"from": "1"}]
    assert [fault.split(":")[0] for fault in table_faults(
        table(leaf("direct")) | {"classification": rows}
    )] == ["$.classification[0].from", "$.classification[1].label"]  # fmt: skip


def test_units_without_a_code_are_not_told_to_share_one():
    faults = figure_faults(SOURCE, {"units": [{}, {}]})
    assert [fault.split(":")[0] for fault in faults] == ["$.units[0].code", "$.units[1].code"]


def test_all_faults_of_a_table_are_told_together():
    source = changed("leaf", max="x", rule={"kind": "levels", "levels": [], "a": 1})
    source["rounding"] = {"places": 2.5}
    source["groups"][0]["children"][1]["code"] = "I"
    assert [fault.split(":")[0] for fault in table_faults(source)] == [
        "$.rounding.places",
        "$.groups[0].children[0].max",
        "$.groups[0].children[0].rule.levels",
        "$.groups[0].children[0].rule.a",
        "$.groups[0].children[1].code",
    ]


# --- figures --------------------------------------------------------------------------------

SOURCE = table(leaf("percent_of_target"), leaf("pass_fail", code="I.2"))


UNITS: list[Any] = [
    ([], "$"),
    ({}, "$.units"),
    ({"units": []}, "$.units"),
    ({"units": {}}, "$.units"),
    ({"units": [None]}, "$.units[0]"),
    ({"units": [{"code": "A"}], "year": 1}, "$.year"),
    ({"units": [{}]}, "$.units[0].code"),
    ({"units": [{"code": " "}]}, "$.units[0].code"),
    ({"units": [{"code": "A"}, {"code": "A"}]}, "$.units[1].code"),
    ({"units": [{"code": "\u00e9"}, {"code": "e\u0301"}]}, "$.units[1].code"),
    ({"units": [{"code": "A", "name": 1}]}, "$.units[0].name"),
    ({"units": [{"code": "A", "rank": 1}]}, "$.units[0].rank"),
    ({"units": [{"code": "A", "vetoes": "x"}]}, "$.units[0].vetoes"),
    ({"units": [{"code": "A", "vetoes": [1]}]}, "$.units[0].vetoes[0]"),
    ({"units": [{"code": "A", "vetoes": [""]}]}, "$.units[0].vetoes[0]"),
    ({"units": [{"code": "A", "figures": []}]}, "$.units[0].figures"),
    ({"units": [{"code": "A", "figures": {"I": {}}}]}, "$.units[0].figures.I"),
    ({"units": [{"code": "A", "figures": {"I.9": {}}}]}, '$.units[0].figures["I.9"]'),
    ({"units": [{"code": "A", "figures": {"a\n\u2028b": {}}}]},
     '$.units[0].figures["a\\n\\u2028b"]'),
]  # fmt: skip


@pytest.mark.parametrize(("data", "path"), UNITS)
def test_units(data, path):
    one(figure_faults(SOURCE, data), path)


ENTRIES: list[Any] = [
    ("pass_fail", "x", "", "đối tượng"),
    ("pass_fail", {"met": "true"}, ".met", "true hoặc false"),
    ("pass_fail", {"met": 1}, ".met", "true hoặc false"),
    ("pass_fail", {"actual": "1"}, ".actual", "assigned, met"),
    ("pass_fail", {"assigned": None}, ".assigned", "true hoặc false"),
    ("pass_fail", {"assigned": "không"}, ".assigned", '"không" không phải true, false'),
    ("pass_fail", {"assigned": False, "met": True}, "", "vừa ghi không giao"),
    ("direct", {"points": "10.01"}, ".points", "không quá 10"),
    ("direct", {"points": "9.125"}, ".points", "tối đa 2 chữ số"),
    ("direct", {"points": "-1"}, ".points", "từ 0"),
    ("direct", {"points": 5}, ".points", "chuỗi"),
    (LEVELS, {"level": "Yếu"}, ".level", "Tốt, Khá"),
    (LEVELS, {"level": ""}, ".level", "để trống"),
    (LEVELS, {"level": 3}, ".level", "chuỗi"),
    (RANKS, {"ranks": "1"}, ".ranks", "danh sách"),
    (RANKS, {"ranks": [0]}, ".ranks[0]", "từ 1"),
    (RANKS, {"ranks": [1, True]}, ".ranks[1]", "từ 1"),
    (RANKS, {"ranks": ["1"]}, ".ranks[0]", "từ 1"),
    (RANKS, {"ranks": [None]}, ".ranks[0]", "từ 1"),
    ("zero_tolerance", {"count": "1.5"}, ".count", "số nguyên"),
    ("zero_tolerance", {"count": "-1"}, ".count", "số nguyên từ 0"),
    (ITEMS, {"counts": []}, ".counts", "đối tượng"),
    (ITEMS, {"counts": {"Khác": "1"}}, ".counts[\"Khác\"]", "Đúng hạn, Chậm"),
    (ITEMS, {"counts": {"Chậm": "0.5"}}, ".counts[\"Chậm\"]", "số nguyên"),
    (ITEMS, {"counts": {"Khác": "1", "Chậm": "x"}}, ".counts[\"Chậm\"]", "thập phân"),
    (ITEMS, {"counts": {"Chậm": None}}, ".counts[\"Chậm\"]", "null"),
    (ITEMS, {"counts": {"Ch\u1eadm": "1", "Ch\u1ea1\u0302m": "1"}},
     ".counts[\"Ch\u1ea1\u0302m\"]", "hai lần"),
    ("percent_of_target", {"target": "0", "actual": "1"}, ".target", "lớn hơn 0"),
    ("percent_of_target", {"target": "-1"}, ".target", "lớn hơn 0"),
    ("percent_of_target", {"actual": "-1"}, ".actual", "từ 0"),
    ("percent_of_target", {"baseline": "1"}, ".baseline", "target, actual"),
    ({"kind": "percent_of_target", "baseline": True}, {"baseline": "0", "actual": "1"},
     ".baseline", "hội đồng thống nhất"),
    ({"kind": "percent_of_target", "baseline": True}, {"baseline": "-1", "actual": "1"},
     ".baseline", "từ 0"),
    ("ratio_to_best", {"target": "1"}, ".target", "assigned, actual"),
    ({"kind": "bands", "on": "actual", "bands": [band("0", "5")]}, {"actual": "5"},
     ".actual", "từ 0 đến dưới 5"),
    ({"kind": "bands", "on": "actual", "bands": [band("0", "5"), band("5", "9")]},
     {"actual": "9"}, ".actual", "các bậc: từ 0 đến dưới 5; từ 5 đến dưới 9"),
    ({"kind": "bands", "on": "days_late", "bands": [band("0", "5")]}, {"days_late": "7"},
     ".days_late", "giá trị 7"),
    ({"kind": "bands", "on": "days_late", "bands": [band("0", "5")]}, {"days_late": "1.5"},
     ".days_late", "số nguyên"),
    ({"kind": "bands", "on": "days_late", "bands": [band("0", "5")]}, {"actual": "1"},
     ".actual", "days_late"),
    ({"kind": "bands", "on": "attainment_percent", "bands": [band("0", "100")]},
     {"target": "3", "actual": "3"}, ".actual", "mức hoàn thành 100 %"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "entry", "path", "word"), ENTRIES)
def test_entries(rule, entry, path, word):
    one(entry_faults(rule, entry), f'$.units[0].figures["I.1"]{path}', word)


def test_points_are_no_finer_than_the_table():
    one(
        entry_faults("direct", {"points": "9.5"}, rounding={"places": 0}),
        '$.units[0].figures["I.1"].points',
    )
    assert entry_faults("direct", {"points": "9.0"}, rounding={"places": 0}) == []
    one(
        entry_faults("direct", {"points": "9.125"}, rounding={"places": 6}),
        '$.units[0].figures["I.1"].points',
    )


def test_a_code_that_stands_twice_after_composition():
    source = table(leaf("pass_fail", code="\u00e9"))
    entries = {"\u00e9": {"met": True}, "e\u0301": {"met": False}}
    one(figure_faults(source, figures({"A": entries})), '$.units[0].figures["e\u0301"]')


def test_all_faults_of_the_figures_are_told_together():
    data = figures({"A": {"I.1": {"target": "0", "actual": "x"}, "I.3": {}}, "B": {"I.2": 5}})
    assert [fault.split(":")[0] for fault in figure_faults(SOURCE, data)] == [
        '$.units[0].figures["I.1"].target',
        '$.units[0].figures["I.1"].actual',
        '$.units[0].figures["I.3"]',
        '$.units[1].figures["I.2"]',
    ]


# --- the JSON reader ------------------------------------------------------------------------


def loading_faults(text):
    try:
        loads(text)
    except Faults as faults:
        return [str(fault) for fault in faults.faults]
    return []


NOT_JSON: list[Any] = ["", "{", "{'a': 1}", "[1,]", "\ufeff{}", '"\x01"', "nul"]


@pytest.mark.parametrize("text", NOT_JSON)
def test_what_is_not_json(text):
    one(loading_faults(text), "$", "không đọc được JSON tại dòng")


@pytest.mark.parametrize("number", ["1.0", "1e3", "NaN", "-Infinity", "1" * 5000, "1e999999999"])
def test_numbers_outside_strings_are_shown_as_typed(number):
    faults = table_faults(loads('{"scale_total": %s, "groups": 1}' % number))  # noqa: UP031
    assert faults[0].startswith(f'$.scale_total: "{number[:50]}')
    assert len(faults) == 2


@pytest.mark.parametrize(("digits", "shown"), [(18, "1" * 18), (19, '"' + "1" * 19 + '"')])
def test_a_whole_number_is_read_up_to_18_digits_and_beyond_only_shown(digits, shown):
    text = '{"units": [{"code": "A", "figures": {"I.1": {"ranks": [%s]}}}]}' % ("1" * digits)
    faults = figure_faults(table(leaf(RANKS)), loads(text))
    assert (faults == []) is (digits == 18)
    assert not faults or f": {shown} không phải thứ hạng; " in faults[0]


def test_a_repeated_key_is_a_fault_wherever_it_stands():
    text = (
        '{"scale_total": "10", "scale_total": "10", "groups": [{"code": "I", "max": "10", '
        '"children": [{"code": "I.1", "max": "10", '
        '"rule": {"kind": "direct", "kind": "direct"}}]}]}'
    )
    assert [fault.split(":")[0] for fault in table_faults(loads(text))] == [
        "$.scale_total",
        "$.groups[0].children[0].rule.kind",
    ]
    data = loads('{"units": [{"code": "A", "figures": {"I.1": {}, "I.1": {"actual": "1", '
                 '"actual": "2"}}}]}')  # fmt: skip
    assert [fault.split(":")[0] for fault in figure_faults(SOURCE, data)] == [
        '$.units[0].figures["I.1"]',
        '$.units[0].figures["I.1"].actual',
    ]


def test_long_values_are_shortened_and_structures_named():
    assert "…" in rule_faults({"kind": "x" * 500})[0]
    assert "một danh sách" in table_faults([])[0]
    assert "một đối tượng" in table_faults(table(leaf("direct")) | {"name": {}})[0]


def test_a_fault_is_what_the_exception_says():
    with pytest.raises(Faults, match="scale_total"):
        read_table({})
    with pytest.raises(Faults) as refused:
        read_figures({}, read_table(SOURCE))
    assert str(refused.value) == str(refused.value.faults[0])


def test_plain_python_numbers_are_refused_too():
    assert table_faults(table(leaf("direct")) | {"scale_total": 10.0}) != []
    assert table_faults(table(leaf("direct")) | {"scale_total": Decimal(10)}) != []


def test_limits_say_what_is_allowed():
    assert Limits(low=None, high=Decimal(5)).words == "phải là số không quá 5"
    assert Limits(above=True, whole=True).words == "phải là số nguyên lớn hơn 0"


def test_labels_of_the_table_cannot_break_the_line():
    rule = {"kind": "levels", "levels": [{"label": "Tốt\nđều\x85", "points": "1"}]}
    one(entry_faults(rule, {"level": "Khá"}), '$.units[0].figures["I.1"].level', "Tốt\\u000ađều")
