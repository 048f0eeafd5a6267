"""What Django itself formats, parses and says is Vietnamese too."""

import datetime as dt
import gettext
import re
import subprocess
from decimal import Decimal
from pathlib import Path

import django
import pytest
from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.contrib.auth.forms import AuthenticationForm
from django.core import validators
from django.core.exceptions import ValidationError
from django.template import Context, Template
from django.utils import formats, translation
from django.utils.dates import WEEKDAYS
from django.utils.timesince import timesince

CATALOGUE = Path(settings.BASE_DIR) / "config" / "locale" / "vi" / "LC_MESSAGES" / "django.po"
#: Starts of English words that would give a forgotten message away.
ENGLISH = re.compile(
    r"\b(the|this|value|enter|ensure|please|field|valid|must|not allowed)\b", re.IGNORECASE
)


def render(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


# Dates and numbers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("04/03/2026", dt.date(2026, 3, 4)),
        ("4/3/2026", dt.date(2026, 3, 4)),
        ("04-03-2026", dt.date(2026, 3, 4)),
        ("04.03.2026", dt.date(2026, 3, 4)),
        ("25/12/2026", dt.date(2026, 12, 25)),
        ("25/12/26", dt.date(2026, 12, 25)),
        ("4-3-26", dt.date(2026, 3, 4)),
        ("4.3.26", dt.date(2026, 3, 4)),
        ("2026-03-04", dt.date(2026, 3, 4)),
    ],
)
def test_even_djangos_own_date_field_reads_day_first(typed, day):
    assert forms.DateField().clean(typed) == day


@pytest.mark.parametrize("typed", ["12/25/2026", "02/30/2026", "30/02/2026"])
def test_even_djangos_own_date_field_never_reads_month_first(typed):
    with pytest.raises(ValidationError, match="Ghi ngày theo mẫu ngày/tháng/năm"):
        forms.DateField().clean(typed)


def test_djangos_own_date_and_time_field_reads_what_it_shows():
    moment = dt.datetime(2026, 3, 4, 14, 5)  # noqa: DTZ001 - as a form field shows it
    shown = forms.DateTimeField().prepare_value(moment)
    typed = forms.DateTimeInput().format_value(shown)
    assert typed == "14:05 04/03/2026"
    assert forms.DateTimeField().clean(typed).replace(tzinfo=None) == moment
    assert forms.DateInput().format_value(moment.date()) == "04/03/2026"
    assert forms.TimeField().clean("14:05") == dt.time(14, 5)


def test_dates_are_shown_as_in_the_country():
    day = dt.datetime(2026, 3, 4, 14, 5, tzinfo=dt.UTC)
    assert render("{{ d|date }} {{ d|date:'SHORT_DATE_FORMAT' }}", d=day) == "04/03/2026 04/03/2026"
    assert render("{{ d }}", d=day) == "21:05 04/03/2026"
    assert formats.get_format("FIRST_DAY_OF_WEEK") == 1


def test_years_and_keys_are_never_grouped():
    assert settings.USE_THOUSAND_SEPARATOR is False
    assert render("{{ year }} {{ pk }}", year=2026, pk=12345) == "2026 12345"


def test_grouping_is_there_where_it_is_asked_for():
    assert render('{{ n|floatformat:"2g" }}', n=Decimal("1234567.5")) == "1.234.567,50"
    assert formats.number_format(1234567, force_grouping=True) == "1.234.567"


def test_decimals_in_drawings_need_to_be_unlocalised():
    source = "{% load l10n %}{{ n }} {{ n|unlocalize }}"
    assert render(source, n=Decimal("92.5")) == "92,5 92.5"


# Messages ------------------------------------------------------------------------------------


def test_the_compiled_catalogue_is_that_of_the_source(tmp_path):
    compiled = tmp_path / "django.mo"
    command = ["msgfmt", "--check", "-o", str(compiled), str(CATALOGUE)]
    try:
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - fixed arguments
    except FileNotFoundError:
        pytest.skip("msgfmt is missing: apt-get install -y --no-install-recommends gettext")
    assert messages(CATALOGUE.with_suffix(".mo")) == messages(compiled)


def messages(compiled: Path) -> dict[str, str]:
    with compiled.open("rb") as file:
        catalogue: dict[str, str] = vars(gettext.GNUTranslations(file))["_catalog"]
    return catalogue


def test_every_message_of_the_catalogue_is_one_that_django_asks_for():
    sources = [
        Path(django.__file__).parent / "conf" / "locale" / "en",
        Path(django.__file__).parent / "contrib" / "auth" / "locale" / "en",
    ]
    known = {
        msgid
        for source in sources
        for msgid in msgids((source / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8"))
    }
    ours = msgids(CATALOGUE.read_text(encoding="utf-8"))
    axes = {msgid for msgid in ours if msgid.startswith("Account locked: too many login")}
    assert len(ours) > 100
    assert len(axes) == 2
    assert ours - known - axes == set()


def msgids(source: str) -> set[str]:
    """Read the message ids of a .po file, each put together from its lines."""
    entries = re.findall(r'^msgid(?:_plural)? ((?:"(?:[^"\\]|\\.)*"\n)+)', source, re.MULTILINE)
    return {"".join(re.findall(r'"((?:[^"\\]|\\.)*)"', entry)) for entry in entries} - {""}


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        (forms.IntegerField(), "x", "Nhập số nguyên, ví dụ 1.234."),
        (forms.DecimalField(), "x", "Nhập số, ví dụ 1.234,5."),
        (forms.DecimalField(max_value=120), "121", "Giá trị không được lớn hơn 120."),
        (forms.DecimalField(decimal_places=2), "1.234", "Chỉ ghi tối đa 2 chữ số sau dấu phẩy."),
        (forms.CharField(), "", "Chưa nhập mục này."),
        (
            forms.CharField(),
            "a\0",
            "Có ký tự không in được (mã U+0000). Hãy xóa chỗ đó và gõ lại.",
        ),
        (
            forms.CharField(max_length=2),
            "abc",
            "Chỉ nhận tối đa 2 ký tự, hiện có 3. Hãy rút ngắn lại.",
        ),
        (forms.UUIDField(), "x", "Mã chưa đúng. Sao chép lại cả mã."),
        (forms.TimeField(), "25:00", "Ghi giờ theo mẫu giờ:phút, ví dụ 14:05."),
        (forms.DateTimeField(), "x", "Ghi giờ và ngày theo mẫu 14:05 30/06/2024."),
        (forms.FileField(), None, "Chưa nhập mục này."),
        (
            forms.ChoiceField(choices=[("a", "A")]),
            "b",
            "“b” không có trong danh sách. Hãy chọn một mục trong danh sách.",
        ),
        (
            forms.MultiValueField([forms.CharField(), forms.CharField()], require_all_fields=False),
            ["a", ""],
            "Nhập đủ các phần của mục này.",
        ),
        (
            forms.EmailField(),
            "x",
            "Địa chỉ thư chưa đúng. Ghi theo mẫu ten@donvi.gov.vn.",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_fields_answer_in_vietnamese(field, typed, says):
    with pytest.raises(ValidationError) as fault:
        field.clean(typed)
    assert fault.value.messages == [says]


def test_no_message_of_a_field_or_validator_is_left_in_english():
    fields = [getattr(forms, name) for name in dir(forms) if name.endswith("Field")]
    said = [m for field in fields for m in getattr(field, "default_error_messages", {}).values()]
    checks = [getattr(validators, name) for name in dir(validators) if name.endswith("Validator")]
    said += [check.message for check in checks if hasattr(check, "message")]
    said += forms.BaseFormSet.default_error_messages.values()
    spoken = [re.sub(r"%\(\w+\)[ds]|{\w+}", "", str(message)) for message in said]
    assert len(spoken) > 40
    assert [sentence for sentence in spoken if ENGLISH.search(sentence)] == []


def test_formsets_answer_in_vietnamese():
    rows = forms.formset_factory(
        forms.Form, min_num=2, max_num=3, validate_min=True, validate_max=True
    )

    def said(count: int) -> str:
        data = {"form-TOTAL_FORMS": str(count), "form-INITIAL_FORMS": "0"}
        return rows(data).non_form_errors().as_text()

    assert said(1) == "* Cần ít nhất 2 dòng. Hãy thêm cho đủ."
    assert said(4) == "* Chỉ nhận tối đa 3 dòng. Hãy bỏ bớt."
    incomplete = forms.formset_factory(forms.Form)({"form-0-name": "a"}).non_form_errors()
    assert incomplete.as_text().startswith(
        "* Trang gửi lên không đủ (thiếu: form-TOTAL_FORMS, form-INITIAL_FORMS). Tải lại trang rồi"
    )


def test_passwords_are_judged_in_vietnamese():
    with pytest.raises(ValidationError) as fault:
        password_validation.validate_password("12345")
    assert fault.value.messages == [
        "Mật khẩu quá ngắn, cần ít nhất 10 ký tự.",
        "Mật khẩu này quá dễ đoán. Hãy chọn mật khẩu khác.",
        "Mật khẩu chỉ gồm chữ số. Hãy thêm chữ cái.",
    ]
    for hint in password_validation.password_validators_help_texts():
        assert hint.startswith("Mật khẩu")


def test_a_refused_login_says_what_to_check():
    assert AuthenticationForm.error_messages["invalid_login"] % {"username": "x"} == (
        "Tên đăng nhập hoặc mật khẩu chưa đúng. Kiểm tra chữ hoa, chữ thường và bộ gõ tiếng Việt."
    )


@pytest.mark.parametrize(
    ("english", "vietnamese"),
    [
        ("CSRF verification failed. Request aborted.", "Phiên làm việc đã hết hạn"),
        ("Forbidden", "Không được phép"),
        ("That page contains no results", "Trang này không có kết quả"),
        ("Account locked: too many login attempts. Please try again later.", "Đã nhập sai"),
    ],
)
def test_django_speaks_vietnamese(english, vietnamese):
    assert translation.gettext(english).startswith(vietnamese)


def test_spans_of_time_and_weekdays_are_vietnamese():
    start = dt.datetime(2026, 3, 4, tzinfo=dt.UTC)
    assert timesince(start, start + dt.timedelta(days=8)).replace("\u00a0", " ") == "1 tuần, 1 ngày"
    assert [str(WEEKDAYS[day]) for day in (0, 6)] == ["Thứ Hai", "Chủ nhật"]
