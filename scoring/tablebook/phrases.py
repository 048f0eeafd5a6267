"""The language of cells that hold several things: lists, labels, numbers, fixed phrases.

Everything is written so that a person can write it by hand: items stand apart by semicolons or
lines, numbers are Vietnamese, letters may lack their marks. What cannot be read is a `Misread` that
says what to write instead; nothing is guessed.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from core.text import MINUS, InputFault, clip, nfc, parse_number

#: A number inside a folded text.
NUMBER: Final = r"-?\d[\d.,]*"
#: An item: first a label in quotation marks, in which nothing ends it (of a group behind that
#: word), or anything up to a semicolon or the end of the line.
_ITEM: Final = re.compile(
    r'(?:^|[;\n])\s*((?:(?i:(?:(?:điểm|diem)\s+)?(?:nhóm|nhom))\s+)?"(?:[^"]|"")*"[^;\n]*|[^;\n]*)'
)
_QUOTED: Final = re.compile(r'"((?:[^"]|"")*)"\s*:?\s*(.*)', re.DOTALL)
#: A label and its number without a colon between them.
_PAIR: Final = re.compile(rf"(.*?\S)\s+((?:(?:cong|tru|tu)\s+|\+\s*)?{NUMBER}\s*(?:diem|%)?)")
#: Two items in one: a label in which a number already stands where the points stand.
_RUN_ON: Final = re.compile(r":\s*[-+]?\d|\d\s*(?:diem)?,\s")
_WHOLE_DIGITS, _FRACTION_DIGITS = 15, 10
_SHOWN: Final = 60
_FLAT: Final = str.maketrans({"đ": "d", "Đ": "d", MINUS: "-", "–": "-", "—": "-", "\u00a0": " "})


class Misread(Exception):
    """A text that cannot be read: what is wrong, and what to write instead (both sentences)."""

    def __init__(self, wrong: str, instead: str = "") -> None:
        super().__init__(wrong)
        self.wrong, self.instead = wrong, instead


class _Broken:
    """Stands in a table where something could not be read, so that nothing is held against it."""

    def __repr__(self) -> str:
        return "…"


BROKEN: Final = _Broken()


@dataclass(slots=True)
class Found:
    """What was read of a cell: values by key, and what could not be read."""

    values: dict[str, Any] = field(default_factory=dict)
    faults: list[Misread] = field(default_factory=list)


# Letters ------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _folded_letter(letter: str) -> str:
    flat = letter.translate(_FLAT)
    lower = unicodedata.normalize("NFD", flat)[0].lower()
    return lower if len(lower) == 1 else flat


def folded(text: str) -> str:
    """Drop marks and case letter by letter: every letter of the composed text keeps its place."""
    return "".join(map(_folded_letter, nfc(text)))


def key_of(text: str) -> str:
    """Return what fixed words are compared by: folded, single spaces, no signs at the ends."""
    return " ".join(folded(text).split()).strip(" .:*")


def quote(text: str) -> str:
    """Show a piece of a cell inside a sentence."""
    return f"“{clip(' '.join(text.split()), _SHOWN)}”"


# Numbers ------------------------------------------------------------------------------------


def vn(number: str | None) -> str:
    """Write a number of the interchange format in Vietnamese, digit by digit: ``−1,50``.

    What a draft does not say yet stays empty.
    """
    return (number or "").replace("-", MINUS).replace(".", ",")


def read_number(typed: str) -> str:
    """Read a Vietnamese number into the interchange format; the digits stay as typed."""
    try:
        value = parse_number(typed)
    except InputFault as fault:
        raise Misread(fault.message) from fault
    text = f"{value:f}"
    whole, _, fraction = text.lstrip("-").partition(".")
    if len(whole) > _WHOLE_DIGITS or len(fraction) > _FRACTION_DIGITS:
        wrong = f"Số {quote(typed)} quá dài."
        most = f"{_WHOLE_DIGITS} chữ số trước và {_FRACTION_DIGITS} chữ số sau dấu phẩy"
        raise Misread(wrong, f"Ghi tối đa {most}.")
    return text


def read_points(typed: str) -> str:
    """Read a number that may be followed by the word *điểm*."""
    return read_number(re.sub(r"\s*diem$", "", folded(typed).strip()))


def shifted(number: str, places: int) -> str:
    """Move the decimal sign: a share becomes per cent and back, without closing zeros."""
    text = f"{Decimal(number).scaleb(places):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# Lists --------------------------------------------------------------------------------------


def split_items(text: str) -> list[str]:
    """Split a cell into its items."""
    found = (match[1].strip().rstrip(".").rstrip() for match in _ITEM.finditer(text))
    return [item for item in found if item]


def label_words(label: str, reserved: Sequence[str] = ()) -> str:
    """Write a label; one that could be taken for something else stands in quotation marks."""
    risky = any(sign in label for sign in ';\n":') or label != " ".join(label.split())
    risky = risky or _RUN_ON.search(folded(label)) is not None
    if risky or key_of(label) in reserved or not label.rstrip("."):
        return in_quotes(label)
    return label


def in_quotes(label: str) -> str:
    """Put a label in quotation marks."""
    return '"' + label.replace('"', '""') + '"'


def split_pair(item: str) -> tuple[str, str]:
    """Split ``label: number`` (the colon may be missing) into label and number as typed."""
    if quoted := _QUOTED.fullmatch(item):
        return quoted[1].replace('""', '"'), quoted[2]
    label, colon, number = item.rpartition(":")
    if not colon:
        match = _PAIR.fullmatch(folded(item))
        if match is None:
            raise Misread(f"Không thấy số điểm trong {quote(item)}.", "Ghi “tên: điểm”.")
        composed = nfc(item)
        label, number = composed[: match.end(1)], composed[match.start(2) :]
    if _RUN_ON.search(folded(label)):
        wrong = f"Không tách được các mục trong {quote(item)}."
        raise Misread(wrong, "Ngăn cách các mục bằng dấu chấm phẩy, ví dụ “Tốt: 10; Khá: 7”.")
    return label.strip(), number.strip()


# Phrases ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """A parameter with a few values, each of which is said in fixed words."""

    key: str
    said: Mapping[Any, str]
    #: Other ways in which people write it, folded.
    also: Mapping[str, Any] = field(default_factory=dict)

    @property
    def examples(self) -> list[str]:
        """Show what can be written."""
        return list(self.said.values())

    def say(self, value: Any) -> str:  # noqa: ANN401 - any value of JSON
        """Say the value; one that a draft has wrong says nothing."""
        return self.said.get(value, "")

    def read(self, item: str) -> tuple[bool, Any]:
        """Return whether the item says this parameter, and its value."""
        key = key_of(item)
        for value, words in self.said.items():
            if key_of(words) == key:
                return True, value
        return key in self.also, self.also.get(key)


@dataclass(frozen=True, slots=True)
class Figure:
    """A parameter with a number inside fixed words."""

    key: str
    #: With ``{}`` in the place of the number.
    words: str
    #: Over the folded item; group 1 is the number.
    pattern: re.Pattern[str]
    #: Said where the number is null; empty where it cannot be.
    nothing: str = ""
    #: The number is said in per cent and stored as a share of 1.
    is_share: bool = False
    example: str = "50"

    @property
    def examples(self) -> list[str]:
        """Show what can be written."""
        return [self.words.format(self.example)]

    def say(self, value: str | None) -> str:
        """Say the value."""
        if value is None:
            return self.nothing
        return self.words.format(vn(shifted(value, 2) if self.is_share else value))

    def read(self, item: str) -> tuple[bool, str | None]:
        """Return whether the item says this parameter, and its value."""
        if self.nothing and key_of(item) == key_of(self.nothing):
            return True, None
        match = self.pattern.fullmatch(" ".join(folded(item).split()))
        if match is None:
            return False, None
        number = read_number(match[1])
        return True, shifted(number, -2) if self.is_share else number


Phrase = Words | Figure
