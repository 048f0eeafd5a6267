"""What people type and paste, read and written: nothing is guessed, and both databases agree."""

import datetime as dt
import json
import unicodedata
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from core import text
from core.text import (
    MINUS,
    NBSP,
    DateFault,
    NumberFault,
    TextFault,
    clean_text,
    clip,
    days_left,
    format_date,
    format_date_long,
    format_datetime,
    format_number,
    given_name_key,
    join_names,
    nfc,
    parse_date,
    parse_number,
    query_keys,
    roman,
    search_key,
    sort_key,
)

INPUTS: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "bad_inputs.json").read_text(encoding="utf-8")
)
#: Any text at all, halves of surrogate pairs too: a browser or a sheet can send them.
ANY_TEXT = st.text(st.characters())
VIETNAMESE = st.text(
    "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵ"
    "bcdđghklmnpqrstvxAĂÂĐÊÔƠƯBCNTHĐỒ 0123456789-.fjwz",
    max_size=30,
)
#: The order of PostgreSQL 15 with the collation vi-x-icu.
REFERENCE = ["an", "ăn", "ân", "da", "dân", "đa", "đất", "ma", "Ma", "mà", "mả", "mã", "má", "mạ"]
REFERENCE += ["mai", "mă", "mâ", "toàn", "tô", "tổ", "tơ"]


def cases(kind: str, outcome: str) -> list[Any]:
    """Take the rows of one kind that are accepted (`value`) or refused (`says`)."""
    return [
        pytest.param(row["typed"] * row.get("times", 1), row[outcome], id=ascii(row["typed"])[:40])
        for row in INPUTS[kind]
        if outcome in row
    ]


# Numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "value"), cases("numbers", "value"))
def test_a_figure_is_read_as_meant(typed, value):
    assert parse_number(typed) == Decimal(value)
    assert not parse_number(typed).is_signed() or Decimal(value) < 0


@pytest.mark.parametrize(("typed", "says"), cases("numbers", "says"))
def test_a_doubtful_figure_is_refused_with_what_to_type(typed, says):
    with pytest.raises(NumberFault) as fault:
        parse_number(typed)
    assert fault.value.message == says


def test_what_a_hint_proposes_can_be_typed():
    hints = [
        row["says"].rpartition("Ghi ")[2].rstrip(".") for row in INPUTS["numbers"] if "says" in row
    ]
    proposed = [hint for hint in hints if hint[0].isdigit()]
    assert len(proposed) > 20
    for hint in proposed:
        for figure in hint.split(" hoặc "):
            assert format_number(parse_number(figure)).startswith(figure.rstrip("0") or "0")


def test_spaces_around_a_figure_count_up_to_a_limit():
    assert parse_number(f"{'1':>64}") == 1
    with pytest.raises(NumberFault, match="quá dài"):
        parse_number(f"{'1':>65}")


@given(ANY_TEXT | st.text("0123456789., -+eE%_\u00a0\u2212"))
def test_reading_a_figure_gives_a_figure_or_a_fault(typed):
    try:
        value = parse_number(typed)
    except NumberFault:
        return
    assert value.is_finite()
    assert parse_number(format_number(value)) == value


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=6))
def test_a_written_figure_is_read_back(value):
    assert parse_number(format_number(value)) == value
    assert parse_number(format_number(value, 6)) == value


@given(st.integers(min_value=-(10**23), max_value=10**23))
def test_a_written_whole_number_is_read_back(value):
    assert parse_number(format_number(value)) == value


def test_reading_and_writing_are_exact_whatever_context_the_caller_computes_in():
    with localcontext() as context:
        context.prec = 3
        assert parse_number("1.234.567,89") == Decimal("1234567.89")
        assert format_number(Decimal("-1234567.89")) == f"{MINUS}1.234.567,89"
        assert format_number(Decimal("1234567.885"), 2) == "1.234.567,89"


@pytest.mark.parametrize(
    ("value", "places", "written"),
    [
        (Decimal("1234.5"), None, "1.234,5"),
        (Decimal("1234.500"), None, "1.234,5"),
        (Decimal("1234.500"), 3, "1.234,500"),
        (Decimal(1000), None, "1.000"),
        (Decimal("1E+5"), None, "100.000"),
        (Decimal("999.995"), 2, "1.000,00"),
        (Decimal("0.125"), 2, "0,13"),
        (Decimal("-0.125"), 2, f"{MINUS}0,13"),
        (Decimal("0.5"), 0, "1"),
        (Decimal("-0.4"), 0, "0"),
        (Decimal("-0.0"), None, "0"),
        (Decimal("0.10"), None, "0,1"),
        (12, None, "12"),
        (1234567, 2, "1.234.567,00"),
        (Decimal(123), None, "123"),
    ],
)
def test_figures_are_written_with_dots_and_a_comma(value, places, written):
    assert format_number(value, places) == written


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_figure_is_not_written(value):
    with pytest.raises(ValueError, match="finite"):
        format_number(Decimal(value))


@pytest.mark.browser
def test_the_page_reads_figures_as_the_server_does(browser):
    page = browser.new_page()
    page.set_content("<p></p>")
    page.evaluate((settings.BASE_DIR / "static" / "js" / "app.js").read_text(encoding="utf-8"))
    typed = [row["typed"] * row.get("times", 1) for row in INPUTS["numbers"]]
    read = page.evaluate("typed => typed.map(window.giaoUoc.readNumber)", typed)
    page.close()
    for row, shown in zip(INPUTS["numbers"], read, strict=True):
        expected = format_number(Decimal(row["value"])) if "value" in row else None
        assert shown == expected, row


# Dates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "value"), cases("dates", "value"))
def test_a_date_is_read_day_first(typed, value):
    assert parse_date(typed) == dt.date.fromisoformat(value)


@pytest.mark.parametrize(("typed", "says"), cases("dates", "says"))
def test_a_wrong_date_is_refused_with_what_to_type(typed, says):
    with pytest.raises(DateFault) as fault:
        parse_date(typed)
    assert fault.value.message == says


def test_spaces_around_a_date_count_up_to_a_limit():
    assert parse_date(f"{'4/3/2026':>64}") == dt.date(2026, 3, 4)
    with pytest.raises(DateFault):
        parse_date(f"{'4/3/2026':>65}")


@given(st.dates(dt.date(1945, 1, 1), dt.date(2100, 12, 31)))
def test_a_written_date_is_read_back(date):
    assert parse_date(format_date(date)) == date
    assert parse_date(format_date_long(date)) == date
    assert parse_date(date.isoformat()) == date
    assert parse_date(f"{date.day}-{date.month}-{date.year}") == date


@given(st.dates(dt.date(1945, 1, 1), dt.date(2100, 12, 31)))
def test_a_date_of_eight_digits_written_year_first_is_never_misread(date):
    with pytest.raises(DateFault):
        parse_date(f"{date:%Y%m%d}")


@given(ANY_TEXT | st.text("0123456789/-. "))
def test_reading_a_date_gives_a_date_or_a_fault(typed):
    try:
        date = parse_date(typed)
    except DateFault:
        return
    assert 1945 <= date.year <= 2100


@pytest.mark.parametrize(
    ("date", "written"),
    [
        (dt.date(2020, 3, 4), "ngày_04 tháng_3 năm_2020"),
        (dt.date(2026, 1, 5), "ngày_05 tháng_01 năm_2026"),
        (dt.date(2026, 2, 28), "ngày_28 tháng_02 năm_2026"),
        (dt.date(2024, 9, 10), "ngày_10 tháng_9 năm_2024"),
        (dt.date(2024, 12, 9), "ngày_09 tháng_12 năm_2024"),
    ],
)
def test_official_dates_have_the_zeros_of_the_decree(date, written):
    assert format_date_long(date) == written.replace("_", NBSP)


def test_moments_are_written_by_the_clock_of_vietnam():
    late = dt.datetime(2024, 6, 23, 17, 5, tzinfo=dt.UTC)
    assert format_datetime(late) == "00:05 ngày 24/06/2024"
    assert format_datetime(late.replace(hour=7)) == "14:05 ngày 23/06/2024"
    with pytest.raises(ValueError, match="time zone"):
        format_datetime(late.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (30, "còn 6 ngày"),
        (25, "còn 1 ngày"),
        (24, "hôm nay"),
        (23, "quá 1 ngày"),
        (21, "quá 3 ngày"),
    ],
)
def test_the_days_left_are_said_in_words(day, sentence):
    assert days_left(dt.date(2024, 6, day), dt.date(2024, 6, 24)) == sentence


# Text ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "value"), cases("text", "value"))
def test_text_is_kept_in_its_one_form(typed, value):
    assert clean_text(typed) == value


@pytest.mark.parametrize(("typed", "says"), cases("text", "says"))
def test_text_that_cannot_be_printed_is_refused(typed, says):
    with pytest.raises(TextFault) as fault:
        clean_text(typed)
    assert fault.value.message == says


@given(ANY_TEXT)
def test_cleaned_text_can_be_stored_and_stays_as_it_is(typed):
    try:
        cleaned = clean_text(typed)
    except TextFault:
        return
    cleaned.encode()
    assert "\0" not in cleaned
    assert clean_text(cleaned) == cleaned == nfc(cleaned)


@pytest.mark.parametrize(
    ("whole", "length", "short"),
    [
        ("Công an tỉnh", 12, "Công an tỉnh"),
        ("Công an tỉnh Quảng Bình", 13, "Công an tỉnh…"),
        ("Công an tỉnh Quảng Bình", 15, "Công an tỉnh…"),
        ("Hải Phòng, Cần Thơ", 11, "Hải Phòng…"),
        ("abcdefghij", 4, "abc…"),
    ],
)
def test_clipping_keeps_whole_words(whole, length, short):
    assert clip(whole, length) == short


@given(ANY_TEXT, st.integers(min_value=1, max_value=40))
def test_clipped_text_is_never_longer(whole, length):
    assert len(clip(whole, length)) <= length


@pytest.mark.parametrize(
    ("names", "sentence"),
    [([], ""), (["A"], "A"), (["A", "B"], "A và B"), (["A", "B", "C"], "A, B và C")],
)
def test_names_are_joined_as_in_a_sentence(names, sentence):
    assert join_names(names) == sentence


@pytest.mark.parametrize(
    ("number", "numeral"),
    [
        (1, "I"),
        (4, "IV"),
        (9, "IX"),
        (14, "XIV"),
        (40, "XL"),
        (1994, "MCMXCIV"),
        (3999, "MMMCMXCIX"),
    ],
)
def test_parts_have_roman_numerals(number, numeral):
    assert roman(number) == numeral


@pytest.mark.parametrize("number", [0, -1, 4000])
def test_there_are_no_other_roman_numerals(number):
    with pytest.raises(ValueError, match="Roman"):
        roman(number)


# Searching -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "Đồng Hới",
        "ĐỒNG HỚI",
        "dong hoi",
        "  Đồng \u00a0Hới ",
        "Đồng-Hới",
        "\uff24ong hoi",
        "\u00d0ồng Hới",
    ],
)
def test_every_way_of_typing_a_name_has_one_search_key(typed):
    assert search_key(typed) == "dong hoi"
    assert search_key(unicodedata.normalize("NFD", typed)) == "dong hoi"


def test_the_place_of_the_tone_does_not_matter_for_searching():
    assert search_key("hoà bình") == search_key("hòa bình") == "hoa binh"


@given(ANY_TEXT | VIETNAMESE)
def test_a_search_key_is_its_own_key(typed):
    key = search_key(typed)
    assert search_key(key) == key
    assert key == " ".join(key.split())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ddoongf hoiws", "Đồng Hới"),
        ("d9o6ng ho71i", "Đồng Hới"),
        ("dduwowcj", "được"),
        ("nuwowcs", "nước"),
        ("nu7o7c1", "nước"),
        ("Quarng Bifnh", "Quảng Bình"),
        ("thuwaf thieen hueesj", "Thừa Thiên Huế"),
        ("haf nooij", "Hà Nội"),
        ("Ha2 No6i5", "Hà Nội"),
        ("caanf thow", "Cần Thơ"),
        ("cana tho", "Cần Thơ"),
        ("bangwf", "bằng"),
        ("dongfd", "đồng"),
        ("gias", "giá"),
        ("quaanj", "quận"),
        ("wng", "ưng"),
    ],
)
def test_a_slip_of_telex_or_vni_still_finds_the_name(typed, meant):
    assert search_key(meant) in query_keys(typed)


@pytest.mark.parametrize(
    "typed",
    ["Cong an", "toan", "cos khi", "A05", "PC01", "tphcm", "kon tum", "as", "a5", "quan 10"],
)
def test_the_key_as_typed_comes_first(typed):
    assert query_keys(typed)[0] == search_key(typed)


@pytest.mark.parametrize(
    "typed", ["Công an", "toan", "A05", "PC01", "tphcm", "as", "a5", "x", "11"]
)
def test_what_needs_no_second_reading_gets_none(typed):
    assert query_keys(typed) == [search_key(typed)]


@pytest.mark.parametrize("typed", ["", "  ", "--"])
def test_an_empty_query_has_no_key(typed):
    assert query_keys(typed) == []


# Sorting -------------------------------------------------------------------------------------


def test_the_order_is_that_of_a_vietnamese_dictionary():
    mixed = sorted(REFERENCE)
    assert sorted(mixed, key=sort_key) == REFERENCE


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("an", "an bình"),
        ("an bình", "àn"),
        ("Cụm 2", "Cụm 10"),
        ("Cụm 19", "Cụm 20"),
        ("Cụm 1", "Cụm 01"),
        ("hoà", "hòa"),
        ("Oà", "òA"),
        ("Khối 9", "Khối thi đua"),
        ("Bắc Giang", "Bắc Kạn"),
        ("Đà Nẵng", "Đắk Lắk"),
        ("Đắk Lắk", "Điện Biên"),
        ("Hà Nội", "Hải Phòng"),
        ("Thái Bình", "Thanh Hóa"),
        ("Quảng Bình", "Quảng Trị"),
        ("da", "đa"),
        ("ê", "f"),
        ("z", "я"),
        ("я", "Я"),
        ("Я", "яб"),
        ("m", "m²"),
        ("Ma", "mà"),
    ],
)
def test_the_first_sorts_before_the_second(earlier, later):
    assert sort_key(earlier) < sort_key(later)


@given(ANY_TEXT | VIETNAMESE, ANY_TEXT | VIETNAMESE)
def test_two_texts_share_a_sort_key_only_if_they_are_the_same_letters(one, other):
    assert (sort_key(one) == sort_key(other)) == (nfc(one) == nfc(other))


@given(ANY_TEXT)
def test_a_sort_key_holds_digits_only(anything):
    key = sort_key(anything)
    assert key.isascii()
    assert key.isdigit()


@given(st.lists(VIETNAMESE, max_size=8))
def test_what_comes_first_in_a_text_weighs_more_than_its_case(words):
    assert [w.lower() for w in sorted(words, key=sort_key)] == [
        w.lower() for w in sorted(words, key=lambda w: (sort_key(w.lower()), sort_key(w)))
    ]


def test_a_key_stays_about_three_times_as_long_as_the_name():
    name = "Sở Nông nghiệp và Phát triển nông thôn thành phố Hồ Chí Minh"
    assert len(sort_key(name)) < 3.5 * len(name)


def test_persons_are_listed_by_given_name():
    people = ["Trần Văn Bình", "Nguyễn Văn An", "Lê Thị Ánh", "Đỗ An", "An", ""]
    assert sorted(people, key=given_name_key) == [
        "",
        "An",
        "Đỗ An",
        "Nguyễn Văn An",
        "Lê Thị Ánh",
        "Trần Văn Bình",
    ]


@pytest.mark.django_db
def test_the_database_keeps_the_order_of_the_keys():
    names = [*REFERENCE, "Cụm 2", "Cụm 10", "Đà Nẵng", "Điện Biên", "TP. Hồ Chí Minh", "z", "m²"]
    keys = [sort_key(name) for name in sorted(names)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(["SELECT %s AS k"] * len(keys)) + " ORDER BY k", keys)
        assert [row[0] for row in cursor.fetchall()] == sorted(keys)


@pytest.mark.postgres
@pytest.mark.django_db
def test_syllables_sort_as_postgresql_sorts_them_with_icu():
    syllables = sorted(
        {
            nfc(o + v + t + c)
            for o in ["", "b", "đ", "d", "ng", "Đ"]
            for v in "aăâeêiôơuưy"
            for t in ["", *"\u0300\u0309\u0303\u0301\u0323"]
            for c in ["", "n", "ng"]
        }
    )
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT w FROM unnest(%s::text[]) AS w ORDER BY w COLLATE "vi-x-icu"', [syllables]
        )
        assert [row[0] for row in cursor.fetchall()] == sorted(syllables, key=sort_key)


def test_everything_the_module_offers_is_listed():
    assert all(hasattr(text, name) for name in text.__all__)
