"""Taking values out of JSON objects key by key, with a note of every fault on the way."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from scoring.engine.exact import ZERO, plain
from scoring.engine.faults import Fault, at_key, shown
from scoring.engine.loading import Twice

_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,10})?")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_FORM: Final = (
    "phải là chuỗi chứa số thập phân, tối đa 15 chữ số phần nguyên và 10 chữ số sau dấu chấm"
)
_TEXT: Final = "phải là chuỗi ký tự"
_FILLED: Final = "phải là chuỗi ký tự không để trống"


class _Absent:
    """The mark of a key that is not there; None is a value of JSON."""


ABSENT: Final = _Absent()


@dataclass(frozen=True, slots=True)
class Limits:
    """Which numbers a place takes; both ends belong to it unless ``above`` excludes the lower."""

    low: Decimal | None = ZERO
    high: Decimal | None = None
    above: bool = False
    whole: bool = False
    places: int | None = None

    def refuses(self, value: Decimal) -> bool:
        """Say whether a number lies outside."""
        return (
            (self.low is not None and (value < self.low or (self.above and value == self.low)))
            or (self.high is not None and value > self.high)
            or (self.whole and value != int(value))
            or (self.places is not None and decimals(value) > self.places)
        )

    @property
    def words(self) -> str:
        """Say in Vietnamese what is allowed."""
        parts = ["phải là số nguyên" if self.whole else "phải là số"]
        if self.low is not None:
            parts.append(f"{'lớn hơn' if self.above else 'từ'} {plain(self.low)}")
        if self.high is not None:
            parts.append(f"không quá {plain(self.high)}")
        if self.places is not None:
            parts.append(f"có tối đa {self.places} chữ số sau dấu chấm")
        return " ".join(parts[:2]) + "".join(f", {part}" for part in parts[2:])


ANY: Final = Limits(low=None)
NOT_NEGATIVE: Final = Limits()
POSITIVE: Final = Limits(above=True)
COUNT: Final = Limits(whole=True)


def decimals(value: Decimal) -> int:
    """Return how many decimals a number needs; closing zeros do not count."""
    fraction = f"{value:f}".partition(".")[2]
    return len(fraction.rstrip("0"))


def composed(text: str) -> str:
    """Bring a code or label to the one form (NFC) in which equal texts are equal."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


class Notes:
    """The faults of one input, in the order of reading."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, path: str, wrong: str, allowed: str) -> None:
        """Note a fault."""
        self.faults.append(Fault(path, wrong, allowed))

    def number(self, raw: object, path: str, limits: Limits) -> Decimal | None:
        """Read a number in a string; None after a fault."""
        if not isinstance(raw, str) or not _NUMBER.fullmatch(raw):
            self.fault(path, f"{shown(raw)} không phải số viết đúng dạng", _FORM)
            return None
        value = Decimal(raw)
        if limits.refuses(value):
            self.fault(path, f"số {raw} ngoài phạm vi cho phép", limits.words)
            return None
        return value

    def text(self, raw: object, path: str) -> str | None:
        """Read a text; None after a fault."""
        if not isinstance(raw, str):
            self.fault(path, f"{shown(raw)} không phải chuỗi ký tự", _TEXT)
            return None
        if _SURROGATE.search(raw):
            self.fault(path, f"{shown(raw)} có ký tự hỏng", "phải là Unicode hợp lệ")
            return None
        return raw

    def label(self, raw: object, path: str) -> str | None:
        """Read a code or a label: not blank, composed; None after a fault."""
        text = self.text(raw, path)
        if text is None:
            return None
        if not text.strip():
            self.fault(path, "để trống", _FILLED)
            return None
        return composed(text)

    def entries(self, raw: object, path: str, *, filled: bool) -> list[object]:
        """Read a list; with ``filled`` it holds at least one entry. Empty after a fault."""
        allowed = "phải là danh sách" + (" có ít nhất một mục" if filled else "")
        if not isinstance(raw, list):
            self.fault(path, f"{shown(raw)} không phải danh sách", allowed)
            return []
        if filled and not raw:
            self.fault(path, "danh sách trống", allowed)
        return raw

    def mapping(self, raw: object, path: str) -> Mapping[str, object] | None:
        """Read an object; None after a fault. A repeated key is noted, its last value stands."""
        if not isinstance(raw, dict):
            self.fault(path, f"{shown(raw)} không phải đối tượng JSON", "phải là đối tượng")
            return None
        if isinstance(raw, Twice):
            for key in raw.repeated:
                self.fault(at_key(path, key), "khóa viết hai lần", "mỗi khóa chỉ viết một lần")
        return raw

    def body(self, raw: object, path: str) -> "Body":
        """Begin to read an object key by key; end it with :meth:`Body.close`."""
        return Body(raw, path, self)


class Body:
    """An object whose keys are taken one by one; what nobody asked for is an unknown key."""

    def __init__(self, raw: object, path: str, notes: Notes) -> None:
        found = notes.mapping(raw, path)
        self.sound = found is not None
        self._raw: Mapping[str, object] = found or {}
        self._asked: dict[str, None] = {}
        self.path = path
        self.notes = notes

    def at(self, key: str) -> str:
        """Return the path of a key."""
        return at_key(self.path, key)

    def has(self, key: str) -> bool:
        """Say whether a key is there, without taking it."""
        return key in self._raw

    def take(self, key: str, *, needed: bool = False) -> object:
        """Return what stands under a key, or ABSENT; a needed one that is not there is a fault."""
        self._asked[key] = None
        raw = self._raw.get(key, ABSENT)
        if raw is ABSENT and needed and self.sound:
            self.notes.fault(self.at(key), "thiếu khóa này", "khóa bắt buộc phải có")
        return raw

    def number(
        self,
        key: str,
        limits: Limits = NOT_NEGATIVE,
        *,
        needed: bool = False,
        nullable: bool = False,
        default: Decimal | None = None,
    ) -> Decimal | None:
        """Read a number; None when it is null (where that is allowed) or faulty."""
        raw = self.take(key, needed=needed)
        if raw is ABSENT:
            return default
        if nullable and raw is None:
            return None
        return self.notes.number(raw, self.at(key), limits)

    def text(self, key: str) -> str:
        """Read a text that may be left out."""
        raw = self.take(key)
        return "" if raw is ABSENT else self.notes.text(raw, self.at(key)) or ""

    def label(self, key: str) -> str | None:
        """Read a code or label that has to be there."""
        raw = self.take(key, needed=True)
        return None if raw is ABSENT else self.notes.label(raw, self.at(key))

    def flag(self, key: str, *, default: bool) -> bool:
        """Read true or false."""
        raw = self.take(key)
        if raw is ABSENT:
            return default
        if not isinstance(raw, bool):
            wrong = f"{shown(raw)} không phải true, false"
            self.notes.fault(self.at(key), wrong, "phải là true hoặc false")
            return default
        return raw

    def choice(self, key: str, words: Iterable[str], default: str = "") -> str:
        """Read one of a few words; without a default it has to be there."""
        raw = self.take(key, needed=not default)
        if raw is ABSENT or raw in (words := list(words)):
            return default if raw is ABSENT else str(raw)
        allowed = "phải là một trong: " + ", ".join(words)
        self.notes.fault(self.at(key), f"không có giá trị {shown(raw)}", allowed)
        return default

    def entries(self, key: str, *, needed: bool = True) -> list[tuple[str, object]]:
        """Read a list as (path, value); one that has to be there has at least one entry."""
        raw = self.take(key, needed=needed)
        if raw is ABSENT:
            return []
        found = self.notes.entries(raw, self.at(key), filled=needed)
        return [(f"{self.at(key)}[{at}]", value) for at, value in enumerate(found)]

    def close(self) -> None:
        """Note every key that nobody asked for."""
        for key in self._raw:
            if key not in self._asked:
                allowed = "chỉ dùng các khóa: " + ", ".join(self._asked)
                self.notes.fault(self.at(key), "khóa không dùng ở đây", allowed)
