"""Forms of the pledge alone: bad input in every field, one form of letters, three states."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.http import QueryDict

from core.tests import __file__ as core_tests
from pledges import tables
from pledges.forms import (
    ActivityForm,
    AnswerForm,
    BasesForm,
    CommentForm,
    ConsentForm,
    HeadForm,
    LevelForm,
    ProposalForm,
    ReviseForm,
    TargetForm,
    state_fault,
)

NUMBERS = json.loads((Path(core_tests).parent / "bad_inputs.json").read_text("utf-8"))["numbers"]


def data(**values: str) -> QueryDict:
    sent = QueryDict(mutable=True)
    sent.update(values)
    return sent


@pytest.mark.parametrize("row", [row for row in NUMBERS if row["typed"].strip()])
def test_every_number_of_the_catalogue_is_read_or_named_at_the_field(row):
    typed = row["typed"] * row.get("times", 1)
    for form, name in (
        (ProposalForm(data(state="so", value=typed, text="Lý do đủ")), "value"),
        (LevelForm(data(state="so", value=typed)), "value"),
    ):
        valid = form.is_valid()
        if "says" in row:
            assert row["says"] in form.errors[name][0]
        elif valid:
            assert form.cleaned_data[name] == Decimal(row["value"])
        else:
            assert form.errors[name], "too small or too large for a level"
        assert form[name].value() == typed, "what was typed stays"


TEXTS = [
    (HeadForm, "title", {"place": "Đà Nẵng"}),
    (ActivityForm, "what", {"when": "Tháng 5", "responsible": "Cụm trưởng"}),
    (CommentForm, "text", {}),
    (ReviseForm, "note", {}),
    (AnswerForm, "answer", {"act": "keep"}),
    (ConsentForm, "reason", {"word": "refuse"}),
    (ProposalForm, "text", {"state": "so", "value": "77"}),
]


@pytest.mark.parametrize(("kind", "name", "rest"), TEXTS)
@pytest.mark.parametrize(
    "typed", ["", "   ", "\n\n", "a\x00b", "a\x1fb", "lẻ \ud800", "x" * 30_000, "\u200b\u200b"]
)
def test_text_that_cannot_be_kept_is_named_at_its_field(kind, name, rest, typed):
    form = kind(data(**rest, **{name: typed}))
    assert not form.is_valid()
    assert list(form.errors) == [name]
    assert form.errors[name][0].endswith(".")
    assert form[name].value() == typed


@pytest.mark.parametrize(("kind", "name", "rest"), TEXTS)
def test_text_is_stored_in_one_form_of_letters(kind, name, rest):
    form = kind(data(**rest, **{name: "Hò\u0323a hợp, kỷ cu\u031bo\u031bng"}))
    assert form.is_valid(), form.errors
    assert "cương" in form.cleaned_data[name]
    assert "\u0323" not in form.cleaned_data[name]


@pytest.mark.parametrize(("kind", "name", "rest"), TEXTS)
def test_markup_and_formulas_are_text_like_any_other(kind, name, rest):
    for typed in ("<script>alert(1)</script>", "{{ 7*7 }} bảy", '=HYPERLINK("http://a")'):
        form = kind(data(**rest, **{name: typed}))
        assert form.is_valid()
        assert form.cleaned_data[name] == typed


def test_a_state_and_its_number_agree():
    assert state_fault("so", Decimal(0)) == ""
    assert state_fault("chua", None) == ""
    assert state_fault("khong", None) == ""
    assert "Chưa ghi mức" in state_fault("so", None)
    assert "Chưa giao mức" in state_fault("chua", Decimal(0))
    assert "Không giao" in state_fault("khong", Decimal(0))


@pytest.mark.parametrize("field", ["kind", "direction", "aggregation", "criterion"])
def test_a_choice_that_was_not_offered_is_refused(field):
    ready = {
        "kind": "NUMERIC", "text": "Chỉ tiêu", "unit_of_measure": "%", "direction": "UP",
        "aggregation": "SUM", "is_common": "True", "common_state": "so", "common_value": "5",
        "criterion": "",
    }  # fmt: skip
    assert TargetForm(data(**ready), criteria=[]).is_valid()
    form = TargetForm(data(**{**ready, field: "KHAC"}), criteria=[("1", "I.1")])
    assert not form.is_valid()
    assert field in form.errors


def test_legal_bases_follow_the_year():
    def codes(year: int) -> set[str]:
        return {basis.code for basis in tables.legal_bases(year)}

    assert {"LUAT-TDKT-2003", "ND-91-2017"} <= codes(2020)
    assert "LUAT-TDKT-2022" not in codes(2020)
    assert {"LUAT-TDKT-2022", "ND-98-2023"} <= codes(2024)
    assert {"ND-98-2023", "ND-152-2025"} <= codes(2025), "both held for a part of it"
    assert "ND-98-2023" not in codes(2026)
    form = BasesForm(data(bases="LUAT-TDKT-2003"), offered=tables.legal_bases(2026))
    assert not form.is_valid()


def test_starting_points_fit_the_columns_they_fill():
    for row in tables.starter_activities():
        assert row.when.startswith("Tháng") or not row.when[0].isdigit()
        assert len(row.when) <= 80
        assert len(row.what) <= 500
        assert len(row.responsible) <= 160
        assert len(row.output) <= 300
    assert {one.code for one in tables.outlines()} == {"SK", "SK-CUM", "TK", "TK-CUM"}
    assert all(s.heading for one in tables.outlines() for s in one.sections)
