"""Vietnamese text, numbers and dates: read as people type them, written as offices print them.

Pure functions without Django. What cannot be read is refused with a sentence that shows what to
type instead (an ``InputFault``); nothing is guessed, because a guessed figure is a wrong score.
"""

import calendar
import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from zoneinfo import ZoneInfo

#: The clock people see; inside the program every moment is UTC.
LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NBSP = "\u00a0"
#: The sign design and documents use for negative figures; ``parse_number`` takes it and ``-``.
MINUS = "\u2212"


class InputFault(ValueError):
    """Something typed cannot be taken; ``message`` tells the person what to type instead."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class TextFault(InputFault):
    """A text holds characters that can be neither stored nor printed."""


class NumberFault(InputFault):
    """A figure is not written in the one way that has one meaning."""


class DateFault(InputFault):
    """A date is impossible, out of range or not written day first."""


# Text ----------------------------------------------------------------------------------------


def nfc(text: str) -> str:
    """Give every letter its one composed form, so that equal words are equal strings."""
    return unicodedata.normalize("NFC", text)


def clean_text(text: str) -> str:
    """Make typed or pasted text safe to store, search, sign and print.

    Line ends become ``\\n``. Invisible format characters (zero-width, direction marks, soft
    hyphens) are dropped: nobody sees them, so nobody could remove them when told to, and what is
    signed must read as it is stored. Everything else that cannot be printed is refused.
    """
    lines = re.sub("\r\n?|[\u2028\u2029]", "\n", text)
    visible = "".join(char for char in lines if unicodedata.category(char) != "Cf")
    for char in visible:
        if _is_unprintable(char):
            raise TextFault(
                f"Có ký tự không in được (mã U+{ord(char):04X}), thường do dán từ nơi khác. "
                "Hãy xóa chỗ đó và gõ lại."
            )
    return nfc(visible)


def _is_unprintable(char: str) -> bool:
    """Tell controls (NUL too), halves of surrogate pairs and noncharacters from real text."""
    point = ord(char)
    if char in "\n\t":
        return False
    noncharacter = point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF
    return noncharacter or unicodedata.category(char) in ("Cc", "Cs")


def clip(text: str, length: int) -> str:
    """Shorten a text to at most ``length`` characters, at a word where there is one."""
    if len(text) <= length:
        return text
    kept = text[: length - 1]
    at_word = kept.rsplit(" ", 1)[0] if not text[length - 1].isspace() else kept
    return (at_word.rstrip(" ,;:") or kept) + "…"


def join_names(names: Sequence[str]) -> str:
    """Write a list as a sentence does: ``A, B và C``."""
    *head, last = names or [""]
    return f"{', '.join(head)} và {last}" if head else last


def roman(number: int) -> str:
    """Number the parts of a document: 1 is ``I``, 4 is ``IV``."""
    if not 1 <= number <= 3999:
        raise ValueError(f"No Roman numeral for {number}")
    steps = [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC")]
    steps += [(50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]
    written = ""
    for value, letters in steps:
        count, number = divmod(number, value)
        written += letters * count
    return written


# Searching -----------------------------------------------------------------------------------


def search_key(text: str) -> str:
    """Fold a text for searching: no tone or vowel marks, no case, no punctuation, single spaces.

    The key of a stored name and the key of a query meet whatever keyboard, copy or encoding they
    came from: ``Đồng Hới`` in NFC or NFD, ``ĐỒNG HỚI`` and ``dong hoi`` are all ``dong hoi``.
    """
    folded = text
    for _ in range(2):  # folding case can compose and decompose letters once more
        folded = unicodedata.normalize("NFKD", folded)
        folded = "".join(c for c in folded if not unicodedata.combining(c)).casefold()
    folded = folded.replace("đ", "d")
    words = (c if unicodedata.category(c)[0] in "LN" else " " for c in folded)
    return " ".join("".join(words).split())


_SYLLABLE = re.compile(
    "(?:b|ch?|d|gi?|gh|h|kh?|l|m|n|ngh?|nh|ph?|qu|r|s|th?|tr|v|x)?"
    "(?:a[iouy]?|e[ou]?|i(?:a|eu?|u)?|o(?:a[iouy]?|eo?|i)?|u(?:a[iouy]?|eo?|i|o[iu]?|u|y[aeu]?)?"
    "|y(?:eu?|u|a)?)(?:ch?|m|ng?|nh|p|t)?"
)


def query_keys(query: str) -> list[str]:
    """Give the keys to look for, likeliest first: as typed, then as Telex or VNI slips.

    Someone whose Vietnamese keyboard is off types ``ddoongf hoiws`` (Telex) or ``d9o6ng ho71i``
    (VNI). A word is only re-read when it is no Vietnamese syllable as it stands and is one then.
    """
    typed = search_key(query)
    keys = [typed] if typed else []
    for undo in (_undo_telex, _undo_vni):
        key = " ".join(undo(word) for word in typed.split())
        # A single letter would match nearly every name.
        if key not in keys and len(key) > 1:
            keys.append(key)
    return keys


def _undo_telex(word: str) -> str:
    """Read ``ddoongf`` as ``dong``: mark letters after the first vowel are keystrokes."""
    parts = re.fullmatch("([^aeiouyw]*)([a-z]+)", word)
    if parts is None or _SYLLABLE.fullmatch(word):
        return word
    onset, rest = parts.groups()
    onset = onset.replace("dd", "d")
    if rest.startswith("w"):  # Telex for a bare "ư"
        rest = "u" + rest[1:]
    rest = re.sub("[sfrxjzwd]", "", rest)
    rest = re.sub("([aeo])\\1", "\\1", rest)
    # Marks may also be typed at the end of the word: "cana" for "cân".
    late_mark = onset + rest[:-1] if rest[-1:] in "aeo" and rest[-1:] in rest[:-1] else ""
    for reading in (onset + rest, late_mark):
        if _SYLLABLE.fullmatch(reading):
            return reading
    return word


def _undo_vni(word: str) -> str:
    """Read ``d9o6ng`` as ``dong``: digits behind letters are keystrokes."""
    reading = re.sub("[1-9]", "", word)
    is_vni = len(reading) > 1 and word[0].isalpha() and _SYLLABLE.fullmatch(reading)
    return reading if is_vni else word


# Sorting -------------------------------------------------------------------------------------

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]  # ngang huyền hỏi ngã sắc nặng
_SORT_END, _SORT_NUMBER, _SORT_FOREIGN = "00", "07", "99"
_LETTER_CODES = {letter: f"{code:02d}" for code, letter in enumerate(_ALPHABET, start=10)}


def _letters_with_tones() -> dict[str, tuple[str, int]]:
    """Map every Vietnamese letter, toned or not, to its plain letter and the order of its tone."""
    return {
        nfc(letter + mark): (letter, order)
        for letter in _ALPHABET
        for order, mark in enumerate(_TONES, start=1)
        if len(nfc(letter + mark)) == 1
    }


_LETTERS = _letters_with_tones()


def sort_key(text: str) -> str:
    """Give the key that sorts Vietnamese text as a dictionary does, in any database.

    Letters go before tones and tones before case, one syllable after the other; figures go by
    value (``Cụm 2`` before ``Cụm 10``). The key holds the digits 0–9 only, so every collation of
    SQLite and PostgreSQL agrees on it, and different texts have different keys. It is about three
    times as long as the text.
    """
    composed = nfc(text)
    main, detail = "", ""
    for run in re.findall("[0-9]+|[^\\W\\d_]+|.", composed, re.DOTALL):
        run_main, run_detail = _sort_run(run)
        main += run_main
        detail += run_detail
    return main + _SORT_END + detail


def _sort_run(run: str) -> tuple[str, str]:
    """Encode one syllable, figure or other character: what orders first, what breaks ties."""
    if run.isascii() and run.isdigit():
        value = run.lstrip("0")
        chunks = [value[at : at + 99] for at in range(0, len(value), 99)] or [""]
        return "".join(f"{_SORT_NUMBER}{len(c):02d}{c}" for c in chunks), "4" * len(run)
    if run == " ":
        return "", "5"
    return _sort_syllable(run) if run[0].isalpha() else ("", _sort_exact(run))


def _sort_syllable(syllable: str) -> tuple[str, str]:
    """Encode letters, then the tone that ends them; case and place of the tone break ties."""
    tone = next((t for c in syllable if (t := _letter(c)[1]) > 1), 1)
    main, detail = "", ""
    for char in syllable:
        letter, own_tone = _letter(char)
        main += _LETTER_CODES.get(letter) or f"{_SORT_FOREIGN}{ord(letter):07d}"
        known = nfc(letter + _TONES[own_tone - 1])
        if own_tone in (1, tone) and char in (known, known.upper()):
            detail += str((2 if own_tone > 1 else 0) + (char != known))
        else:
            detail += _sort_exact(char)
    return f"{main}0{tone}", detail


def _letter(char: str) -> tuple[str, int]:
    """Take a letter apart into its plain lower-case letter and the order of its tone."""
    lower = char.lower()
    base = unicodedata.normalize("NFD", lower)[0]
    return _LETTERS.get(lower) or (base if base in _LETTER_CODES else char, 1)


def _sort_exact(text: str) -> str:
    return "".join(f"9{ord(char):07d}" for char in text)


def given_name_key(full_name: str) -> str:
    """Give the key that sorts persons as Vietnamese lists do: by given name, then the rest."""
    *rest, given = full_name.split() or [""]
    return sort_key(" ".join([given, *rest]))


# Numbers -------------------------------------------------------------------------------------

NUMBER_EXAMPLE = "Nhập số, ví dụ 1.234,5."
#: Below the 28 digits Python's decimals keep exactly, and above any figure of the trade.
MAX_DIGITS = 24
_MAX_TYPED = 64
_COMMA_NUMBER = re.compile(
    f"(?P<sign>[-{MINUS}]?)"
    "(?P<whole>[0-9]+|[1-9][0-9]{0,2}(?:\\.[0-9]{3})+|[1-9][0-9]{0,2}(?: [0-9]{3})+)"
    "(?:,(?P<fraction>[0-9]+))?"
)
_DOT_NUMBER = re.compile(
    f"(?P<sign>[-{MINUS}]?)"
    "(?P<whole>[0-9]+|[1-9][0-9]{0,2}(?: [0-9]{3})+)"
    "\\.(?P<fraction>[0-9]+)"
)
_ENGLISH_NUMBER = re.compile(
    "-?[0-9]{1,3}(?:,[0-9]{3})+(?:\\.[0-9]+)?|-?[0-9]{1,3}(?:,[0-9]{3}){2,}"
)
_POWER_NUMBER = re.compile("(-?[0-9]+(?:[.,][0-9]+)?)[eE]([+-]?[0-9]{1,3})")


def parse_number(typed: str) -> Decimal:
    """Read a figure as typed or pasted; refuse whatever could mean two things.

    Comma is the decimal sign; dots or spaces group thousands (``1.234,5``, ``1 234,5``). One dot
    that cannot be grouping is a decimal sign (``98.75``); ``0.125`` could be either and is
    refused. Signs other than minus, other digits, units and powers are refused with a hint.
    """
    if len(typed) > _MAX_TYPED:
        raise NumberFault(f"Số quá dài, chỉ nhận tối đa {MAX_DIGITS} chữ số. {NUMBER_EXAMPLE}")
    text = "".join(" " if unicodedata.category(c) == "Zs" else c for c in typed).strip(" \t\r\n")
    value = _read_number(text)
    if value is None:
        raise NumberFault(_number_hint(text))
    if len(value.as_tuple().digits) > MAX_DIGITS:
        raise NumberFault(f"Số quá dài, chỉ nhận tối đa {MAX_DIGITS} chữ số. {NUMBER_EXAMPLE}")
    return value


def _read_number(text: str) -> Decimal | None:
    """Read a figure by the grammar, or give None."""
    match = _COMMA_NUMBER.fullmatch(text)
    if match is None:
        match = _DOT_NUMBER.fullmatch(text)
        if match is None or _is_ambiguous(match):
            return None
    return _value_of(match)


def _is_ambiguous(match: re.Match[str]) -> bool:
    """Tell whether a dot before exactly three digits may have been meant to group thousands."""
    whole = match["whole"]
    return len(match["fraction"]) == 3 and (len(whole) <= 3 or " " in whole)


def _value_of(match: re.Match[str]) -> Decimal:
    whole = re.sub("[. ]", "", match["whole"])
    value = Decimal(f"{whole}.{match['fraction'] or ''}")
    # "-0" is nothing but 0.
    return value.copy_negate() if match["sign"] and value else value


def _number_hint(text: str) -> str:
    """Say why a figure is refused and what to type instead."""
    if not text:
        return f"Chưa ghi số. {NUMBER_EXAMPLE}"
    dotted = _DOT_NUMBER.fullmatch(text)
    if dotted:
        decimal = _value_of(dotted)
        grouped = decimal.scaleb(3).to_integral_value()
        return (
            f"Số {text} có hai cách hiểu. "
            f"Ghi {format_number(decimal, 3)} hoặc {format_number(grouped)}."
        )
    for applies, reason, meant in _NUMBER_REASONS:
        if applies(text):
            return f"{reason} {_suggestion(meant(text))}"
    return f"Không đọc được số “{clip(text, 24)}”. {_suggestion(re.sub('[ .]', '', text))}"


def _suggestion(meant: str) -> str:
    """Show the figure that was probably meant, or how any figure is written."""
    value = _read_number(meant.strip())
    if value is None or len(value.as_tuple().digits) > MAX_DIGITS:
        return NUMBER_EXAMPLE
    return f"Ghi {format_number(value, _places(value))}."


def _places(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _has_hidden(text: str) -> bool:
    return any(unicodedata.category(char)[0] == "C" for char in text)


def _without_hidden(text: str) -> str:
    return "".join(char for char in text if unicodedata.category(char)[0] != "C")


def _has_other_digits(text: str) -> bool:
    return any(char.isnumeric() and not char.isascii() for char in text)


def _with_plain_digits(text: str) -> str:
    """Rewrite full-width and Arabic digits, or one numeral standing alone, with digits 0–9."""
    if len(text) == 1:
        numeral = unicodedata.numeric(text)
        return str(int(numeral)) if numeral == int(numeral) else ""
    return "".join(str(unicodedata.decimal(char, char)) for char in text)


def _has_power(text: str) -> bool:
    return _POWER_NUMBER.fullmatch(text) is not None


def _without_power(text: str) -> str:
    match = _POWER_NUMBER.fullmatch(text)
    if match is None or abs(int(match[2])) > MAX_DIGITS:
        return ""
    value = Decimal(match[1].replace(",", ".")).scaleb(int(match[2]))
    return f"{value:f}".replace(".", ",")


def _has_unit(text: str) -> bool:
    return any(char.isalpha() or char in "%‰°$₫" for char in text)


def _without_unit(text: str) -> str:
    """Keep the one figure of ``5 vụ``; of ``5 vụ 3 bị can`` keep nothing."""
    figures = re.findall(f"[-{MINUS}]?[0-9][0-9., ]*", text)
    return figures[0].rstrip(" .,") if len(figures) == 1 else ""


def _as_english(text: str) -> str:
    return text.replace(",", "").replace(".", ",")


#: In this order: does the reason apply, what to say, what was probably meant.
_NUMBER_REASONS = [
    (_has_hidden, "Số có ký tự ẩn do dán từ nơi khác, hãy xóa và gõ lại.", _without_hidden),
    (_has_other_digits, "Chỉ dùng các chữ số 0–9.", _with_plain_digits),
    (lambda t: t.startswith("+"), "Không ghi dấu cộng.", lambda t: t.lstrip("+")),
    (_has_power, "Ghi đủ các chữ số, không viết tắt bằng chữ e.", _without_power),
    (lambda t: "%" in t, "Chỉ ghi số, không ghi dấu %.", _without_unit),
    (_has_unit, "Chỉ ghi số, không ghi chữ hay đơn vị.", _without_unit),
    (lambda t: "/" in t, "Chỉ ghi một số, không ghi dạng phân số.", _without_unit),
    (lambda t: "_" in t, "Không ghi dấu gạch dưới.", lambda t: t.replace("_", "")),
    (
        lambda t: _ENGLISH_NUMBER.fullmatch(t) is not None,
        "Dấu phẩy là dấu thập phân, dấu chấm ngăn hàng nghìn.",
        _as_english,
    ),
    (lambda t: t[0] in ",.", "Thiếu chữ số trước dấu thập phân.", lambda t: f"0,{t[1:]}"),
    (lambda t: t[-1] in ",.", "Thiếu chữ số sau dấu thập phân.", lambda t: t[:-1]),
]


def format_number(value: Decimal | int, places: int | None = None) -> str:
    """Write a figure as offices print it: ``1.234,5``, with the true minus sign.

    With ``places`` it is rounded half up to that many decimals and shows all of them; without,
    it shows the digits it has and no zeros at the end.
    """
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError("Only finite figures can be written")
    if places is not None:
        step = Decimal(1).scaleb(-places)
        number = number.quantize(step, rounding=ROUND_HALF_UP, context=Context(prec=1000))
    whole, _, fraction = f"{abs(number):f}".partition(".")
    if places is None:
        fraction = fraction.rstrip("0")
    written = f"{int(whole):,}".replace(",", ".") + (f",{fraction}" if fraction else "")
    return (MINUS if number < 0 else "") + written


# Dates ---------------------------------------------------------------------------------------

DATE_HINT = "Ghi ngày theo mẫu ngày/tháng/năm, ví dụ 30/06/2024."
FIRST_YEAR, LAST_YEAR = 1945, 2100
_DAY_FIRST = re.compile("([0-9]{1,2}) ?([/.-]) ?([0-9]{1,2}) ?\\2 ?([0-9]{4}|[0-9]{2})")
_YEAR_FIRST = re.compile("([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_IN_WORDS = re.compile("(?:ngày )?([0-9]{1,2}) tháng ([0-9]{1,2}) năm ([0-9]{4})")


def parse_date(typed: str) -> dt.date:
    """Read a date as typed: day first (``4/3/2026``, ``04-03-2026``, ``4.3.26``), ISO or in words.

    Never month first: ``12/25/2026`` is refused rather than turned round. A year of two digits is
    read as Python and Django read it (69–99 before 2000, the others after).
    """
    if len(typed) > _MAX_TYPED:
        raise DateFault(DATE_HINT)
    text = " ".join(nfc(typed).casefold().split())
    if match := _DAY_FIRST.fullmatch(text):
        day, _, month, year = match.groups()
    elif match := _YEAR_FIRST.fullmatch(text):
        year, month, day = match.groups()
    elif match := _IN_WORDS.fullmatch(text):
        day, month, year = match.groups()
    else:
        raise DateFault(DATE_HINT)
    return _date_of(int(day), int(month), _full_year(year))


def _full_year(year: str) -> int:
    if len(year) == 4:
        return int(year)
    return int(year) + (1900 if int(year) >= 69 else 2000)


def _date_of(day: int, month: int, year: int) -> dt.date:
    """Make the date, or say which part of it does not exist."""
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        raise DateFault(DATE_HINT)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise DateFault(f"Năm phải từ {FIRST_YEAR} đến {LAST_YEAR}. {DATE_HINT}")
    days = calendar.monthrange(year, month)[1]
    if day > days:
        last = format_date(dt.date(year, month, days))
        raise DateFault(f"Tháng {month} năm {year} chỉ có {days} ngày. Ghi lại ngày, ví dụ {last}.")
    return dt.date(year, month, day)


def format_date(date: dt.date) -> str:
    """Write a date on screen: ``04/03/2020``."""
    return f"{date.day:02d}/{date.month:02d}/{date.year:04d}"


def format_date_long(date: dt.date) -> str:
    """Write a date in an official text: ``ngày 04 tháng 3 năm 2020``.

    The rule of official documents puts a zero before days below 10 and before the months 1 and 2
    only. Each word stays on one line with its figure (no-break spaces).
    """
    month = f"{date.month:02d}" if date.month <= 2 else str(date.month)
    return f"ngày{NBSP}{date.day:02d} tháng{NBSP}{month} năm{NBSP}{date.year:04d}"


def format_datetime(moment: dt.datetime) -> str:
    """Write a moment by the clock of Vietnam: ``14:05 ngày 24/06/2024``."""
    if moment.tzinfo is None:
        raise ValueError("A moment without a time zone has no local time")
    local = moment.astimezone(LOCAL_ZONE)
    return f"{local:%H:%M} ngày {format_date(local.date())}"


def days_left(due: dt.date, today: dt.date) -> str:
    """Say how far a due day is: ``còn 6 ngày``, ``hôm nay``, ``quá 3 ngày``."""
    days = (due - today).days
    if days == 0:
        return "hôm nay"
    return f"còn {days} ngày" if days > 0 else f"quá {-days} ngày"
