"""Bands in words: ``từ 95 đến dưới 100: 1,75``, ``chậm 1 đến 2 ngày: 4``, ``đúng hạn: 5``."""

import re
from collections.abc import Mapping
from typing import Any, Final

from scoring.tablebook.phrases import NUMBER, Misread, folded, quote, read_number, read_points, vn

DAYS_LATE: Final = "days_late"
_ANY: Final = "mọi giá trị"
_IN_TIME: Final = "đúng hạn"
_INSTEAD: Final = "Ghi ví dụ “từ 95 đến dưới 100: 1,75”, “trên 95: 2”, “dưới 50: 0”, “đúng 5: 1”."
_LOW: Final = r"(?P<low_word>lon hon|tu|tren|hon|>=|≥|>)?\s*(?P<low>" + NUMBER + ")"
_HIGH: Final = (
    r"(?P<high_word>den duoi|den <|- ?<=|- ?<|duoi|nho hon|khong qua|toi da|den|toi|<=|≤|<|-)\s*"
    r"(?P<high>" + NUMBER + ")"
)
_RANGE: Final = re.compile(rf"(?:{_LOW})?\s*(?:{_HIGH})?\s*(?P<tail>tro len|tro di|tro xuong)?")
_EXACTLY: Final = re.compile(rf"dung ({NUMBER})")
_ABOVE: Final = frozenset({"lon hon", "tren", "hon", ">"})
_BELOW: Final = frozenset({"den duoi", "den <", "- <", "-<", "duoi", "nho hon", "<"})
#: What may stand around the numbers and says nothing about the ends.
_UNITS: Final = re.compile(r"%|\bngay\b|\bcham\b")


def band_words(band: Mapping[str, Any], on: str) -> str:
    """Write one band with its points."""
    words = _range_words(band)
    if on == DAYS_LATE:
        in_time = band.get("to") == "0" and "from" not in band and band.get("to_inclusive", False)
        words = _IN_TIME if in_time else f"chậm {words} ngày"
    return f"{words}: {vn(band.get('points'))}"


def _range_words(band: Mapping[str, Any]) -> str:
    low, high = band.get("from"), band.get("to")
    with_low, with_high = band.get("from_inclusive", True), band.get("to_inclusive", False)
    if low is not None and low == high and with_low and with_high:
        return f"đúng {vn(low)}"
    parts = []
    if low is not None:
        parts.append(f"{'từ' if with_low else 'trên'} {vn(low)}")
    if high is not None:
        up_to = "đến" if with_high else "dưới" if low is None else "đến dưới"
        parts.append(f"{up_to} {vn(high)}")
    elif low is not None and with_low:
        parts.append("trở lên")
    return " ".join(parts) or _ANY


def is_about_days(item: str) -> bool:
    """Say whether an item speaks of days late, whatever the cell says else."""
    return re.match(r"cham\b|dung han\b", folded(item)) is not None


def read_band(item: str) -> dict[str, Any]:
    """Read one band with its points."""
    words, colon, points = re.sub(r"→|=>", ":", item).rpartition(":")
    if not colon:
        raise Misread(f"Không thấy số điểm của bậc {quote(item)}.", _INSTEAD)
    return {**_read_range(words), "points": read_points(points)}


def _read_range(typed: str) -> dict[str, Any]:
    text = " ".join(_UNITS.sub(" ", folded(typed)).split())
    if text in ("dung han", "khong"):
        return {"to": "0", "to_inclusive": True}
    if text == folded(_ANY):
        return {}
    if exactly := _EXACTLY.fullmatch(text):
        value = read_number(exactly[1])
        return {"from": value, "from_inclusive": True, "to": value, "to_inclusive": True}
    match = _RANGE.fullmatch(text)
    if match is None or not (match["low"] or match["high"]):
        raise Misread(f"Không hiểu bậc {quote(typed)}.", _INSTEAD)
    return _ends(match, typed)


def _ends(match: "re.Match[str]", typed: str) -> dict[str, Any]:
    """Make the ends of a band; a number alone, without a word for its side, says too little."""
    low, high, tail = match["low"], match["high"], match["tail"]
    if low and not high and not match["low_word"]:
        if tail is None:
            raise Misread(f"Bậc {quote(typed)} không nói rõ từ hay đến.", _INSTEAD)
        if tail == "tro xuong":
            return {"to": read_number(low), "to_inclusive": True}
    ends: dict[str, Any] = {}
    if low:
        ends |= {"from": read_number(low), "from_inclusive": match["low_word"] not in _ABOVE}
    if high:
        ends |= {"to": read_number(high), "to_inclusive": match["high_word"] not in _BELOW}
    return ends
