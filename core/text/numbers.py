"""Figures: read by one strict grammar, written with dots and a comma."""

import re
import unicodedata
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal

from core.text.faults import NumberFault
from core.text.plain import clip

#: The sign design and documents use for negative figures; ``parse_number`` takes it and ``-``.
MINUS = "\u2212"
NUMBER_EXAMPLE = "Nhập số, ví dụ 1.234,5."
#: Below the 28 digits Python's decimals keep exactly, and above any figure of the trade.
MAX_DIGITS = 24
_MAX_TYPED = 64
_TOO_LONG = f"Số quá dài, chỉ nhận tối đa {MAX_DIGITS} chữ số. {NUMBER_EXAMPLE}"
#: Digits of a group of thousands.
_GROUP = 3
#: Arithmetic that rounds only where told, whatever context the caller works in.
_EXACT = Context(prec=1000)
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
        raise NumberFault(_TOO_LONG)
    text = "".join(" " if unicodedata.category(c) == "Zs" else c for c in typed).strip(" \t\r\n")
    value = _read_number(text)
    if value is None:
        raise NumberFault(_number_hint(text))
    if _is_too_long(value):
        raise NumberFault(_TOO_LONG)
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
    return len(match["fraction"]) == _GROUP and (len(whole) <= _GROUP or " " in whole)


def _value_of(match: re.Match[str]) -> Decimal:
    whole = re.sub("[. ]", "", match["whole"])
    value = Decimal(f"{whole}.{match['fraction'] or ''}")
    # "-0" is nothing but 0.
    return value.copy_negate() if match["sign"] and value else value


def _number_hint(text: str) -> str:
    """Say why a figure is refused and what to type instead."""
    if not text:
        return f"Chưa ghi số. {NUMBER_EXAMPLE}"
    if dotted := _DOT_NUMBER.fullmatch(text):
        whole, fraction = dotted["sign"] + dotted["whole"].replace(" ", ""), dotted["fraction"]
        as_decimal, as_grouped = f"{whole},{fraction}", f"{whole}{fraction}"
        return (
            f"Số {text} có hai cách hiểu. Ghi {_rewrite(as_decimal)} hoặc {_rewrite(as_grouped)}."
        )
    for applies, reason, meant in _NUMBER_REASONS:
        if applies(text):
            return f"{reason} {_suggestion(meant(text))}"
    return f"Không đọc được số “{clip(text, 24)}”. {_suggestion(re.sub('[ .]', '', text))}"


def _suggestion(meant: str) -> str:
    """Show the figure that was probably meant, or how any figure is written."""
    rewritten = _rewrite(meant.strip())
    return f"Ghi {rewritten}." if rewritten else NUMBER_EXAMPLE


def _rewrite(text: str) -> str:
    """Write a readable figure as it should have been typed, with the decimals it has."""
    value = _read_number(text)
    if value is None or _is_too_long(value):
        return ""
    return format_number(value, _places(value))


def _is_too_long(value: Decimal) -> bool:
    return max(len(value.as_tuple().digits), _places(value)) > MAX_DIGITS


def _places(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


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
    value = Decimal(match[1].replace(",", ".")).scaleb(int(match[2]), _EXACT)
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
_NUMBER_REASONS: list[tuple[Callable[[str], bool], str, Callable[[str], str]]] = [
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
        step = Decimal(1).scaleb(-places, _EXACT)
        number = number.quantize(step, rounding=ROUND_HALF_UP, context=_EXACT)
    whole, _, fraction = f"{number.copy_abs():f}".partition(".")
    if places is None:
        fraction = fraction.rstrip("0")
    written = f"{int(whole):,}".replace(",", ".") + (f",{fraction}" if fraction else "")
    return (MINUS if number < 0 else "") + written
