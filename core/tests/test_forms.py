"""The strict fields: what is refused says what to type, what was typed stays on the page."""

import datetime as dt
import unicodedata
import uuid
from decimal import Decimal

import pytest
from django import forms
from django.db import models
from django.http import QueryDict
from django.test.utils import isolate_apps

from core.forms import (
    LONG_TEXT,
    SECRET_WARNING,
    BaseForm,
    BaseModelForm,
    IdempotentForm,
    ReadBackField,
    ReasonField,
    VnCharField,
    VnDateField,
    VnDecimalField,
    VnIntegerField,
    VnTextField,
)
from core.models import Notice
from core.tests.test_text import cases


class TargetForm(BaseForm):
    """One field of each kind, as a page would have them."""

    name = VnCharField(label="Tên chỉ tiêu", max_length=20)
    note = VnTextField(label="Ghi chú", required=False, help_text="Không bắt buộc.")
    value = VnDecimalField(label="Số vụ", unit="vụ", decimal_places=2, max_digits=6, max_value=2000)
    year = VnIntegerField(label="Năm", required=False, min_value=1945)
    change = VnDecimalField(label="Tăng, giảm", required=False, min_value=None)
    due = VnDateField(
        label="Hạn nộp", min_value=dt.date(2024, 1, 1), max_value=dt.date(2024, 12, 31)
    )


GOOD = {"name": "Phá án", "value": "1.234,5", "due": "30/06/2024"}


def form(**typed: str) -> TargetForm:
    return TargetForm({**GOOD, **typed})


def fault(name: str, typed: str) -> str:
    """Say why one field refuses what was typed, the others being right."""
    bound = form(**{name: typed})
    assert set(bound.errors) == {name}
    (sentence,) = bound.errors[name]
    return str(sentence)


def read_back(bound: forms.BoundField) -> str:
    assert isinstance(bound, ReadBackField)
    return bound.read_back


def test_a_well_filled_form_gives_values():
    bound = form(year="2.026", change="-1,5", note="a\r\nb  \r\n")
    assert bound.is_valid()
    assert bound.cleaned_data == {
        "name": "Phá án",
        "note": "a\nb",
        "value": Decimal("1234.5"),
        "year": 2026,
        "change": Decimal("-1.5"),
        "due": dt.date(2024, 6, 30),
    }
    assert type(bound.cleaned_data["year"]) is int


@pytest.mark.parametrize(("typed", "says"), cases("numbers", "says"))
def test_a_refused_figure_stays_on_the_page_with_its_hint(typed, says):
    bound = form(value=typed)
    expected = "Chưa nhập số vụ." if not typed.strip() else says
    assert bound.errors == {"value": [expected]}
    assert bound["value"].value() == typed
    assert bound["name"].value() == "Phá án"
    assert bound["due"].value() == "30/06/2024"


@pytest.mark.parametrize(("typed", "says"), cases("dates", "says"))
def test_a_refused_date_stays_on_the_page_with_its_hint(typed, says):
    bound = form(due=typed)
    assert bound.errors == {"due": [says if typed else "Chưa nhập hạn nộp."]}
    assert bound["due"].value() == typed


@pytest.mark.parametrize(("typed", "says"), cases("text", "says"))
def test_text_that_cannot_be_printed_is_refused_at_its_field(typed, says):
    assert fault("name", f"x{typed}") == says
    assert fault("note", f"x{typed}") == says


@pytest.mark.parametrize(
    ("name", "typed", "says"),
    [
        ("name", "", "Chưa nhập tên chỉ tiêu."),
        ("name", " \u00a0\u200b", "Chưa nhập tên chỉ tiêu."),
        ("name", "x" * 21, "Chỉ nhận tối đa 20 ký tự, hiện có 21. Hãy rút ngắn lại."),
        ("name", "x" * 10**6, "Chỉ nhận tối đa 20 ký tự, hiện có 1.000.000. Hãy rút ngắn lại."),
        ("note", "x" * 20_001, "Chỉ nhận tối đa 20.000 ký tự, hiện có 20.001. Hãy rút ngắn lại."),
        ("value", "-1", "Số không được âm. Ghi 0 hoặc số lớn hơn."),
        ("value", "2.000,01", "Số không được lớn hơn 2.000."),
        ("value", "1,125", "Chỉ ghi tối đa 2 chữ số sau dấu phẩy."),
        ("year", "1944", "Số phải từ 1.945 trở lên."),
        ("year", "2026,5", "Ghi số nguyên, không có phần sau dấu phẩy, ví dụ 1.234."),
        ("year", "2_026", "Không ghi dấu gạch dưới. Ghi 2.026."),
        ("due", "31/12/2023", "Ngày phải từ 01/01/2024 trở đi."),
        ("due", "01/01/2025", "Ngày không được sau 31/12/2024."),
    ],
)
def test_every_limit_has_its_sentence(name, typed, says):
    assert fault(name, typed) == says


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("name", "x" * 20),
        ("name", "ệ" * 20),
        ("value", "0"),
        ("value", "2000"),
        ("value", "1,12"),
        ("value", "1,1200"),
        ("year", "1945"),
        ("year", "2026,0"),
        ("due", "01/01/2024"),
        ("due", "31/12/2024"),
    ],
)
def test_what_just_fits_is_taken(name, typed):
    assert form(**{name: typed}).is_valid()
    assert form(**{name: unicodedata.normalize("NFD", typed)}).is_valid()


def test_too_many_digits_before_the_comma_are_refused():
    field = VnDecimalField(max_digits=6, decimal_places=2)
    assert field.clean("9999,99") == Decimal("9999.99")
    assert field.clean("0009999") == 9999
    with pytest.raises(forms.ValidationError, match="tối đa 4 chữ số trước dấu phẩy"):
        field.clean("10.000")
    assert VnIntegerField(max_digits=4).clean("9.999") == 9999
    assert VnDecimalField(max_digits=4).clean("9.999,5") == Decimal("9999.5")


def test_nothing_typed_is_not_zero():
    field = VnDecimalField(required=False)
    assert [field.clean(typed) for typed in ("", "  ", None)] == [None, None, None]
    assert field.clean("0") == 0
    assert VnIntegerField(required=False).clean("") is None
    assert VnDateField(required=False).clean("  ") is None


def test_one_line_of_text_is_squeezed_and_composed():
    typed = unicodedata.normalize("NFD", "  Công an \u00a0tỉnh\r\nQuảng\tBình ")
    assert VnCharField().clean(typed) == "Công an tỉnh Quảng Bình"


def test_stored_values_are_shown_the_vietnamese_way():
    initial = {"value": Decimal("1234.50"), "year": 2026, "due": dt.date(2024, 3, 4)}
    shown = TargetForm(initial=initial)
    assert shown["value"].value() == "1.234,5"
    assert shown["due"].value() == "04/03/2024"
    assert 'value="1.234,5"' in str(shown["value"])
    assert 'value="04/03/2024"' in str(shown["due"])


def test_the_value_as_understood_is_read_back_with_its_unit():
    assert read_back(form(value="1 234,50")["value"]) == "Đọc là: 1.234,5 vụ"
    assert read_back(form(change="98.75")["change"]) == "Đọc là: 98,75"
    assert read_back(form(value="0.125")["value"]) == ""
    assert read_back(form(change="")["change"]) == ""
    assert read_back(TargetForm(initial={"value": Decimal(5)})["value"]) == "Đọc là: 5 vụ"


def test_the_same_value_in_another_spelling_is_no_change():
    initial = {"name": "Phá án", "value": Decimal("1234.50"), "due": dt.date(2024, 6, 30)}
    typed = {"name": unicodedata.normalize("NFD", "Phá án"), "value": "1 234,5", "due": "30-6-24"}
    assert TargetForm(typed, initial=initial).changed_data == []
    assert TargetForm({**typed, "value": "1234"}, initial=initial).changed_data == ["value"]
    assert TargetForm({**typed, "value": "0.125"}, initial=initial).changed_data == ["value"]


def test_fields_ask_for_the_right_keyboard_and_never_cut_what_is_pasted():
    page = form()
    assert 'type="text"' in str(page["value"])
    assert 'inputmode="decimal"' in str(page["value"])
    assert 'data-unit="vụ"' in str(page["value"])
    assert 'inputmode="text"' in str(page["change"])
    assert 'inputmode="numeric"' in str(page["year"])
    assert 'placeholder="dd/mm/yyyy"' in str(page["due"])
    assert "maxlength" not in str(page["name"]) + str(page["note"])
    assert " required" not in str(page["name"])


def test_every_long_text_warns_of_classified_matters():
    assert TargetForm()["note"].help_text == f"Không bắt buộc. {SECRET_WARNING}"
    assert ReasonField().help_text == SECRET_WARNING


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "Chưa ghi lý do."),
        (" \n ", "Chưa ghi lý do."),
        (".", "Ghi rõ lý do bằng chữ để người nhận biết cần làm gì."),
        ("12345", "Ghi rõ lý do bằng chữ để người nhận biết cần làm gì."),
    ],
)
def test_a_reason_needs_words(typed, says):
    class Return(BaseForm):
        reason = ReasonField(required=False)

    assert Return({"reason": typed}).errors == {"reason": [says]}
    assert Return({"reason": "Sai"}).is_valid()


def test_missing_values_are_named_by_their_label():
    class Form(BaseForm):
        agency = VnCharField(label="Cơ quan")
        dvt = VnCharField(label="ĐVT")
        kind = forms.ChoiceField(label="Hình thức", choices=[("a", "A")])
        paper = forms.FileField(label="Văn bản")
        own = VnCharField(label="Tên", error_messages={"required": "Ghi tên vào đây."})

    assert Form({}).errors == {
        "agency": ["Chưa nhập cơ quan."],
        "dvt": ["Chưa nhập ĐVT."],
        "kind": ["Chưa chọn hình thức."],
        "paper": ["Chưa chọn văn bản."],
        "own": ["Ghi tên vào đây."],
    }


@pytest.mark.parametrize(
    "loose",
    [forms.CharField, forms.DecimalField, forms.FloatField, forms.IntegerField, forms.DateField],
)
def test_a_form_takes_no_loose_field(loose):
    form_class = type("Loose", (BaseForm,), {"field": loose()})
    with pytest.raises(TypeError, match="use Vn"):
        form_class()


def test_a_password_is_taken_letter_by_letter():
    class Password(BaseForm):
        password = forms.CharField(label="Mật khẩu", widget=forms.PasswordInput, strip=False)

    bound = Password({"password": " a\u0302 "})
    assert bound.is_valid()
    assert bound.cleaned_data == {"password": " a\u0302 "}
    assert Password({}).errors == {"password": ["Chưa nhập mật khẩu."]}


class Sign(IdempotentForm):
    """A form that must take effect once."""

    note = VnCharField(label="Ghi chú")


def test_every_page_has_its_own_token_and_keeps_it_after_an_error():
    first, second = Sign(), Sign()
    assert first["token"].value() != second["token"].value()
    token = str(first["token"].value())
    refused = Sign(QueryDict(f"token={token}"))
    assert not refused.is_valid()
    assert str(refused["token"].value()) == token
    sent = Sign({"token": token, "note": "a"})
    assert sent.is_valid()
    assert sent.cleaned_data["token"] == uuid.UUID(token)


@pytest.mark.parametrize(
    "query", ["note=a", "note=a&token=", "note=a&token=abc", "note=a&token=%00"]
)
def test_a_form_without_a_readable_token_gets_a_new_one(query):
    sent = Sign(QueryDict(query))
    assert sent.is_valid()
    assert isinstance(sent.cleaned_data["token"], uuid.UUID)
    assert sent["note"].value() == "a"


@isolate_apps("core")
def test_the_fields_of_a_model_become_strict_by_themselves():
    class Row(models.Model):
        name = models.CharField("tên", max_length=10)
        text = models.TextField("nội dung", blank=True)
        points = models.DecimalField("điểm", max_digits=6, decimal_places=2)
        place = models.PositiveSmallIntegerField("thứ tự")
        due = models.DateField("hạn")
        at = models.DateTimeField("lúc", null=True, blank=True)
        mail = models.EmailField("thư", blank=True)
        kind = models.CharField("loại", max_length=1, choices=[("a", "A")])

        class Meta:
            app_label = "core"

        def __str__(self) -> str:
            return self.name

    class RowForm(IdempotentForm, BaseModelForm[Row]):
        class Meta:
            model = Row
            fields = "__all__"

    kinds = {name: type(field).__name__ for name, field in RowForm().fields.items()}
    assert kinds == {
        "name": "VnCharField",
        "text": "VnTextField",
        "points": "VnDecimalField",
        "place": "VnIntegerField",
        "due": "VnDateField",
        "at": "DateTimeField",
        "mail": "EmailField",
        "kind": "TypedChoiceField",
        "token": "UUIDField",
    }
    typed = {"name": "a\u0302", "points": "98.75", "place": "3", "due": "4/3/26", "kind": "a"}
    bound = RowForm(typed)
    assert bound.is_valid(), bound.errors
    assert (bound.instance.name, bound.instance.points) == ("â", Decimal("98.75"))
    assert (bound.instance.place, bound.instance.due) == (3, dt.date(2026, 3, 4))
    text = RowForm().fields["text"]
    assert isinstance(text, VnTextField)
    assert text.max_length == LONG_TEXT
    assert RowForm({**typed, "points": "0.125"}).errors == {
        "points": ["Số 0.125 có hai cách hiểu. Ghi 0,125 hoặc 125."]
    }


def test_a_form_may_choose_its_fields_itself():
    class NoticeForm(BaseModelForm[Notice]):
        class Meta:
            model = Notice
            fields = ("text",)

            @staticmethod
            def formfield_callback(field, **kwargs):
                return VnTextField(label="Câu báo")

    class NoModel(BaseModelForm[Notice]):
        """A base of other forms names no model."""

    assert NoticeForm().fields["text"].label == "Câu báo"
    assert not hasattr(NoModel, "Meta")
