"""Sums, percentages, classes, ranks and the bytes of the result."""

import hashlib
import json
from decimal import Decimal, localcontext

import pytest

from scoring.engine import (
    ENGINE_VERSION,
    canonical,
    compute,
    dump,
    groups_of,
    read_figures,
    read_table,
)
from scoring.tests.engine.building import figures, leaf, outside, run, table


def points(*values, **more):
    """One ordinary leaf of 100 for each unit; A gets the first value, B the second…"""
    codes = (chr(ord("A") + at) for at in range(len(values)))
    units = {code: {"I.1": {"points": value}} for code, value in zip(codes, values, strict=True)}
    return run(table(leaf("direct", top="100"), **more), units)


def ranks(result):
    return [(unit.code, unit.rank) for unit in result.units]


def test_the_example_of_a_total_above_the_scale():
    # domain 3.4: 97 and a bonus of 10 for the flag make 107
    flag = outside("bonus", leaf("pass_fail", code="T.1"))
    source = table(leaf("direct", top="100"), groups=[flag])
    unit = run(source, {"A": {"I.1": {"points": "97"}, "T.1": {"met": True}}}).units[0]
    assert (str(unit.total), str(unit.percent)) == ("107.00", "107.00")


CLASSES = [
    {"label": "Xuất sắc", "from": "95"},
    {"label": "Tốt", "from": "85"},
    {"label": "Khá", "from": "50"},
]


@pytest.mark.parametrize(
    ("value", "label"),
    [("94.99", "Tốt"), ("95", "Xuất sắc"), ("84.99", "Khá"), ("50", "Khá"), ("49.99", None)],
)
def test_classification(value, label):
    assert points(value, classification=CLASSES).units[0].classification == label


def test_classification_looks_at_the_printed_percent_and_at_most_at_100():
    rounding = {"places": 0}
    source = table(leaf("direct", top="300"), classification=CLASSES, rounding=rounding)
    unit = run(source, {"A": {"I.1": {"points": "284"}}}).units[0]  # 94.67 prints as 95
    assert (str(unit.percent), unit.classification) == ("95", "Xuất sắc")
    top = [{"label": "Vượt", "from": "101"}, {"label": "Đủ", "from": "100"}]
    extra = outside("bonus", leaf("pass_fail", code="T.1"))
    source = table(leaf("direct"), classification=top, groups=[extra])
    entries = {"I.1": {"points": "10"}, "T.1": {"met": True}}
    assert run(source, {"A": entries}).units[0].classification == "Đủ"


def test_competition_ranks():
    result = points("80", "90", "90", "95", "70", "70", "70")
    assert ranks(result) == [
        ("D", 1), ("B", 2), ("C", 2), ("A", 4), ("E", 5), ("F", 5), ("G", 5),
    ]  # fmt: skip
    assert result.tied == (("B", "C"), ("E", "F", "G"))


def test_percentages_are_compared_exactly_and_not_as_printed():
    source = table(leaf("direct", top="1000"))
    result = run(source, {c: {"I.1": {"points": p}} for c, p in (("A", "874.25"), ("B", "874.27"))})
    assert [str(unit.percent) for unit in result.units] == ["87.43", "87.43"]
    assert ranks(result) == [("B", 1), ("A", 2)]
    assert result.tied == ()


def test_equal_fractions_of_unequal_scales_share_a_rank():
    source = table(leaf("direct", top="70"), leaf("direct", code="I.2", top="30"))
    entries = {
        "A": {"I.1": {"points": "35"}, "I.2": {"points": "15"}},
        "B": {"I.1": {"points": "35"}, "I.2": {"assigned": False}},
    }
    assert run(source, entries).tied == (("A", "B"),)
    by_total = run(source | {"ranking": {"by": "total"}}, entries)
    assert ranks(by_total) == [("A", 1), ("B", 2)]


BREAKERS = table(
    leaf("direct", code="I.1", top="50"),
    groups=[
        {"code": "II", "max": "50", "children": [
            {"code": "II.a", "max": "50", "children": [leaf("direct", code="II.1", top="50")]},
        ]},
        outside("bonus", leaf("direct", code="T.1")),
        outside("penalty", leaf("direct", code="P.1"), code="P"),
    ],
    scale_total="100",
)  # fmt: skip


@pytest.mark.parametrize(
    ("words", "order"),
    [
        ([], [("A", 1), ("B", 1), ("C", 1)]),
        (["bonus"], [("A", 1), ("B", 2), ("C", 2)]),
        (["penalty"], [("B", 1), ("C", 1), ("A", 3)]),
        (["group:I"], [("C", 1), ("A", 2), ("B", 2)]),
        (["group:II.a"], [("A", 1), ("B", 1), ("C", 3)]),
        (["penalty", "group:I"], [("C", 1), ("B", 2), ("A", 3)]),
    ],
)
def test_tie_breakers_are_tried_in_order(words, order):
    def sheet(one, two, bonus, penalty):
        given = {"I.1": one, "II.1": two, "T.1": bonus, "P.1": penalty}
        return {code: {"points": value} for code, value in given.items()}

    units = {
        "A": sheet("40", "40", "5", "5"),
        "B": sheet("40", "40", "0", "0"),
        "C": sheet("41", "39", "0", "0"),
    }
    assert ranks(run(BREAKERS | {"ranking": {"tie_breakers": words}}, units)) == order


def test_a_unit_with_a_veto_holds_no_place_but_still_leads():
    source = table(leaf("cluster_relative"))
    units = {
        "B": {"I.1": {"target": "10", "actual": "20"}},
        "A": {"I.1": {"target": "10", "actual": "15"}},
        "D": {"I.1": {"target": "10", "actual": "15"}},
        "C": {"I.1": {"target": "10", "actual": "20"}},
        "E": {"I.1": {"assigned": False}},
    }
    result = run(source, units, {"B": ["Đang xem xét kỷ luật"], "C": ["Như trên"]})
    assert ranks(result) == [("A", 1), ("D", 1), ("B", None), ("C", None), ("E", None)]
    assert result.tied == (("A", "D"),)
    assert [str(unit.total) for unit in result.units] == ["7.50", "7.50", "10.00", "10.00", "0.00"]
    assert [str(unit.percent) for unit in result.units[:3]] == ["75.00", "75.00", "100.00"]


def test_caps_limit_the_sum_of_their_group_alone():
    def claims(code):
        return [leaf("direct", code=f"{code}.{at}") for at in (1, 2)]

    nested = {"code": "T.a", "children": claims("T")}
    source = table(
        leaf("direct"),
        groups=[
            outside("bonus", nested, cap="12"),
            outside("bonus", *claims("U"), code="U"),
            outside("penalty", *claims("P"), code="P", cap="0"),
            outside("penalty", *claims("Q"), code="Q", cap="0.5", max="20"),
        ],
    )
    entries = {f"{group}.{at}": {"points": "9"} for group in "TUPQ" for at in (1, 2)}
    unit = run(source, {"A": entries}).units[0]
    assert {code: str(value) for code, value in unit.groups.items()} == {
        "I": "0.00", "P": "0.00", "Q": "0.50", "T": "12.00", "T.a": "18.00", "U": "18.00",
    }  # fmt: skip
    assert (str(unit.base), str(unit.bonus), str(unit.penalty)) == ("0.00", "30.00", "0.50")
    assert (str(unit.total), str(unit.percent)) == ("29.50", "295.00")


def test_totals_and_percentages_may_be_negative_and_round_away_from_zero():
    fine = outside("penalty", leaf("direct", code="P.1", top="90"), code="P")
    source = table(leaf("direct", top="80"), groups=[fine], rounding={"places": 0})
    unit = run(source, {"A": {"P.1": {"points": "2"}}}).units[0]
    assert (str(unit.total), str(unit.percent)) == ("-2", "-3")  # -2.5 per cent
    source = table(leaf("direct", top="900"), groups=[fine], rounding={"places": 0})
    unit = run(source, {"A": {"P.1": {"points": "2"}}}).units[0]
    assert (str(unit.total), str(unit.percent)) == ("-2", "0")  # no minus zero


@pytest.mark.parametrize(
    ("places", "printed"), [(0, "3"), (1, "3.3"), (2, "3.33"), (6, "3.333333")]
)
def test_every_number_has_the_decimals_of_the_table(places, printed):
    source = table(leaf("percent_of_target"), rounding={"places": places})
    unit = run(source, {"A": {"I.1": {"target": "3", "actual": "1"}}}).units[0].as_json()
    assert unit["lines"]["I.1"]["score"] == unit["total"] == unit["groups"]["I"] == printed
    zero = f"{Decimal(0):.{places}f}"
    assert (unit["bonus"], unit["penalty"]) == (zero, zero)
    assert len(unit["percent"].partition(".")[2]) == places


def test_sums_are_made_of_rounded_leaves():
    third = {"target": "3", "actual": "1"}
    source = table(*(leaf("percent_of_target", code=f"I.{at}") for at in range(3)))
    unit = run(source, {"A": dict.fromkeys(("I.0", "I.1", "I.2"), third)}).units[0]
    assert str(unit.base) == "9.99"


def test_places_of_the_caller_do_not_matter():
    with localcontext() as context:
        context.prec = 3
        assert str(points("98.77").units[0].total) == "98.77"

    with localcontext() as context:
        context.prec = 3
        source = {"scale_total": "20.03", "groups": [{"code": "I", "max": "20.03", "children": [
            leaf("direct", top="10.01"), leaf("direct", top="10.02", code="I.2"),
        ]}]}  # fmt: skip
        assert str(read_table(source).scale_total) == "20.03"
        band = {"from": "0", "to": "100", "points": "1"}
        rule = {"kind": "bands", "on": "attainment_percent", "bands": [band]}
        entry = {"I.1": {"target": "100", "actual": "99.999"}}
        assert run(table(leaf(rule)), {"A": entry}).units[0].complete


def test_what_a_table_says_beside_its_rules_is_kept():
    source = table(leaf("direct", title="Tiêu chí", unit_of_measure="vụ"), name="Bảng điểm")
    source["groups"][0]["title"] = "Nhóm"
    sound = read_table(source)
    group, row = sound.groups[0], sound.leaves[0]
    assert (sound.name, group.title, row.title, row.unit_of_measure) == (
        "Bảng điểm", "Nhóm", "Tiêu chí", "vụ",
    )  # fmt: skip
    silent = read_table(table(leaf("direct", title="", unit_of_measure=""), name=""))
    assert (silent.name, silent.leaves[0].title, silent.leaves[0].unit_of_measure) == ("", "", "")


def test_a_unit_without_a_name_is_called_by_its_code():
    data = {"units": [{"code": "A", "name": ""}, {"code": "B", "name": "Đơn vị B"}]}
    units = read_figures(data, read_table(table(leaf("direct")))).units
    assert [unit.label for unit in units] == ["A", "Đơn vị B"]


def test_the_form_of_the_result():
    source = table(leaf("direct"), leaf("pass_fail", code="I.10"), leaf("pass_fail", code="I.2"))
    result = run(source, {"A": {"I.1": {"points": "9"}}})
    assert json.loads(dump(result)) == {
        "units": [
            {
                "code": "A", "total": "9.00", "base": "9.00", "bonus": "0.00", "penalty": "0.00",
                "assigned_max": "30.00", "percent": "30.00", "rank": 1, "classification": None,
                "complete": False, "missing": ["I.10", "I.2"], "vetoes": [],
                "groups": {"I": "9.00"},
                "lines": {
                    "I.1": {"score": "9.00", "max": "10.00",
                            "why": "Chấm trực tiếp, mức tối đa 10: 9 điểm."},
                    "I.10": {"score": "0.00", "max": "10.00",
                             "why": "Chưa nhập số liệu, mức tối đa 10: 0 điểm."},
                    "I.2": {"score": "0.00", "max": "10.00",
                            "why": "Chưa nhập số liệu, mức tối đa 10: 0 điểm."},
                },
            }
        ],
        "tied": [],
        "engine": ENGINE_VERSION,
        "inputs_sha256": result.inputs_sha256,
    }  # fmt: skip
    written = dump(result)
    assert written.endswith(b"}\n")
    assert not written.endswith(b"\n\n")
    assert "Chấm".encode() in written


def test_lines_compare_by_their_points():
    assert points("50").units[0].lines == points("50").units[0].lines
    assert points("50").units[0].lines != points("51").units[0].lines


def test_the_hash_is_over_the_canonical_form_of_both_inputs():
    source = table(leaf("direct", code="I.2"), leaf("direct"))
    data = figures({"B": {}, "A": {"I.1": {"points": "9.0"}}})
    sound = read_table(source)
    result = compute(sound, read_figures(data, sound))
    expected_table = (
        b'{"groups":[{"children":[{"code":"I.1","max":"10","rule":{"kind":"direct"}},'
        b'{"code":"I.2","max":"10","rule":{"kind":"direct"}}],"code":"I","max":"20"}],'
        b'"scale_total":"20"}'
    )
    expected_figures = (
        b'{"units":[{"code":"A","figures":{"I.1":{"points":"9.0"}}},{"code":"B","figures":{}}]}'
    )
    assert canonical(source) == sound.canonical == expected_table
    assert canonical(data) == expected_figures
    both = hashlib.sha256(expected_table + b"\n" + expected_figures).hexdigest()
    assert result.inputs_sha256 == both


def test_codes_and_labels_are_composed_in_the_canonical_form_and_titles_are_not():
    split = "e\u0301"
    rule = {"kind": "levels", "levels": [{"label": split, "points": "1"}]}
    source = table(
        leaf(rule, code=split, title=split), ranking={"tie_breakers": [f"group:{split}1"]}
    )
    source["groups"][0]["code"] = f"{split}1"
    data = {"units": [{"code": split, "name": split, "figures": {split: {"level": split}}}]}
    text = canonical(source).decode() + canonical(data).decode()
    assert text.count("\u00e9") == 7
    assert text.count(split) == 2
    assert run(source, {split: {split: {"level": "\u00e9"}}}).units[0].code == "\u00e9"


def test_groups_are_walked_parents_first():
    source = {"scale_total": "10", "groups": [
        {"code": "I", "max": "10", "children": [
            {"code": "I.1", "max": "10", "children": [leaf("direct", code="I.1.a")]},
        ]},
    ]}  # fmt: skip
    assert [group.code for group in groups_of(read_table(source).groups)] == ["I", "I.1"]
