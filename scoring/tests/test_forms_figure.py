"""Figures as they are typed: one input for each rule kind, three states that never mix up."""

import pytest
from django.core.exceptions import ValidationError

from scoring.engine import read_table
from scoring.forms import FigureForm, FigureInput, read_figure

LEVELS = [{"label": "Tốt", "points": "10"}, {"label": "Khá", "points": "7"}]
ITEMS = [{"label": "Bằng khen", "points_each": "2"}, {"label": "Giấy khen", "points_each": "1"}]
BANDS = [{"from": "0", "to": "3", "points": "10"}, {"from": "3", "points": "0"}]
RULES = {
    "direct": {"kind": "direct"},
    "pass_fail": {"kind": "pass_fail"},
    "levels": {"kind": "levels", "levels": LEVELS},
    "percent": {"kind": "percent_of_target"},
    "counts": {"kind": "per_occurrence", "items": ITEMS},
    "events": {"kind": "deduct_per_event", "points_each": "1"},
    "late": {"kind": "bands", "on": "days_late", "bands": BANDS},
    "ranks": {"kind": "rank_points", "points": ["10", "5"]},
}
TABLE = read_table(
    {
        "scale_total": str(10 * len(RULES)),
        "groups": [
            {
                "code": "I",
                "max": str(10 * len(RULES)),
                "children": [{"code": k, "max": "10", "rule": rule} for k, rule in RULES.items()],
            },
            {
                "code": "T",
                "kind": "bonus",
                "children": [{"code": "T.1", "max": "5", "rule": {"kind": "direct"}}],
            },
        ],
    }
)


def input_of(code, basis=None):
    leaf = next(leaf for leaf in TABLE.leaves if leaf.code == code)
    return FigureInput(leaf, basis or {}, "f")


def read(code, *typed, basis=None, skip=""):
    figure_input = input_of(code, basis)
    return read_figure(TABLE, figure_input, (*typed, skip) if figure_input.may_skip else typed)


@pytest.mark.parametrize(
    ("code", "typed", "figure"),
    [
        ("direct", ("9,5",), {"points": "9.5"}),
        ("direct", ("0",), {"points": "0"}),
        ("pass_fail", ("dat",), {"met": True}),
        ("pass_fail", ("khong-dat",), {"met": False}),
        ("levels", ("Khá",), {"level": "Khá"}),
        ("percent", ("1.234,5",), {"actual": "1234.5"}),
        ("counts", ("2", ""), {"counts": {"Bằng khen": "2"}}),
        ("events", ("3",), {"count": "3"}),
        ("late", ("0",), {"days_late": "0"}),
        ("ranks", ("1; 2",), {"ranks": [1, 2]}),
    ],
)
def test_every_kind_reads_what_it_asks_for_and_shows_it_again(code, typed, figure):
    assert read(code, *typed, basis={"target": "10"}) == figure
    shown = input_of(code).shown(figure)
    assert shown[: len(typed)] == typed
    assert input_of(code).read(shown) == figure


@pytest.mark.parametrize("code", RULES)
def test_nothing_typed_is_not_entered_and_never_zero(code):
    parts = len(input_of(code).labels)
    assert read(code, *[""] * parts) == {}
    assert read(code, *[""] * parts, skip="1") == {"assigned": False}
    assert input_of(code).shown({}) == input_of(code).shown(None)


@pytest.mark.parametrize(
    ("code", "typed", "said"),
    [
        ("direct", "12", "không được lớn hơn 10"),
        ("direct", "abc", ""),
        ("levels", "Xuất sắc", "phải là một trong"),
        ("events", "1,5", "số nguyên"),
        ("ranks", "0", "từ 1"),
        ("percent", "0.125", ""),
        ("late", "-1", "không được âm"),
        ("pass_fail", "x", "Đạt hoặc Không đạt"),
    ],
)
def test_a_bad_figure_says_what_is_allowed(code, typed, said):
    with pytest.raises(ValidationError) as caught:
        read(code, typed)
    assert said in caught.value.messages[0]


def test_a_count_that_cannot_be_read_names_its_item():
    with pytest.raises(ValidationError, match="Giấy khen"):
        read("counts", "1", "x")


def test_not_assigned_beside_a_result_is_refused_and_offered_only_where_it_may_be_said():
    with pytest.raises(ValidationError, match="Không giao"):
        read("direct", "5", skip="1")
    assert not input_of("percent", {"assigned": True, "target": "5"}).may_skip
    assert not input_of("T.1").may_skip
    assert input_of("direct").control(("", "")).skip


def test_the_form_of_one_criterion_keeps_target_out():
    leaf = next(leaf for leaf in TABLE.leaves if leaf.code == "percent")
    basis = {"target": "10", "assigned": True}
    form = FigureForm({"figure": "12", "target": "1"}, table=TABLE, leaf=leaf, basis=basis)
    assert form.is_valid()
    assert form.cleaned_data["figure"] == {"actual": "12"}
    assert 'name="figure"' in str(form["figure"])
    assert "target" not in form.fields
