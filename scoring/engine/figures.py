"""The figures of every unit of a cluster: read from the interchange format against a table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import partial
from typing import Any, Final, NamedTuple, cast

from scoring.engine.canonical import canonical
from scoring.engine.entry import NOT_ASSIGNED, NOT_ENTERED, Entry
from scoring.engine.exact import EXACT
from scoring.engine.faults import Faults, at_key, shown
from scoring.engine.reading import (
    ABSENT,
    COUNT,
    NOT_NEGATIVE,
    POSITIVE,
    Body,
    Limits,
    Notes,
    composed,
)
from scoring.engine.table import Leaf, Table


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the cluster with what it reports; a leaf it does not name is not entered."""

    code: str
    name: str
    entries: Mapping[str, Entry]
    vetoes: tuple[str, ...]

    @property
    def label(self) -> str:
        """Return what the unit is called in sentences."""
        return self.name or self.code


@dataclass(frozen=True, slots=True)
class Figures:
    """Sound figures of one cluster, its units in the order of codes."""

    units: tuple[Unit, ...]
    #: The canonical form they were read from.
    canonical: bytes


def read_figures(data: object, table: Table) -> Figures:
    """Read and check figures in the form of FIGURES.json; raise :class:`Faults` with all."""
    notes = Notes()
    with localcontext(EXACT):
        units = _Reader(notes, table).units(data)
    if notes.faults:
        raise Faults(notes.faults)
    return Figures(
        tuple(sorted(units, key=lambda unit: unit.code)), canonical(cast("Mapping[str, Any]", data))
    )


class _Known(NamedTuple):
    """A leaf of the table with what every reading of its entries needs."""

    leaf: Leaf
    #: The figures its rule takes.
    figures: tuple[str, ...]
    #: The end of the JSON path of its entries.
    key: str


class _Reader:
    """One reading of one file of figures."""

    def __init__(self, notes: Notes, table: Table) -> None:
        self.notes = notes
        # Worked out once: for each of 56,000 entries it would take longer than the entries.
        self.known = {
            leaf.code: _Known(leaf, leaf.rule.figures, at_key("", leaf.code))
            for leaf in table.leaves
        }

    def units(self, data: object) -> list[Unit]:
        body = self.notes.body(data, "$")
        seen: set[str] = set()
        units = [self._unit(raw, path, seen) for path, raw in body.entries("units")]
        body.close()
        return units

    def _unit(self, raw: object, path: str, seen: set[str]) -> Unit:
        body = self.notes.body(raw, path)
        code, name = body.label("code") or "", body.text("name")
        if code and code in seen:
            wrong = f"mã {shown(code)} đã dùng cho đơn vị khác"
            self.notes.fault(body.at("code"), wrong, "mỗi đơn vị một mã riêng")
        seen.add(code)
        entries = self._entries(body)
        vetoes = self._vetoes(body)
        body.close()
        return Unit(code, name, entries, vetoes)

    def _vetoes(self, body: Body) -> tuple[str, ...]:
        read = [
            (self.notes.text(raw, path), path) for path, raw in body.entries("vetoes", needed=False)
        ]
        for text, path in read:
            if text is not None and not text.strip():
                self.notes.fault(path, "để trống", "phải nêu lý do không xét")
        return tuple(text for text, _ in read if text)

    def _entries(self, body: Body) -> dict[str, Entry]:
        raw, base = body.take("figures"), body.at("figures")
        found = None if raw is ABSENT else self.notes.mapping(raw, base)
        entries: dict[str, Entry] = {}
        for key, value in (found or {}).items():
            code = composed(key)
            known = self.known.get(code)
            if known is None:
                wrong, allowed = "bảng không có tiêu chí mã này", "chỉ dùng mã tiêu chí của bảng"
                self.notes.fault(at_key(base, key), wrong, allowed)
            elif code in entries:
                wrong = "mã tiêu chí viết hai lần"
                self.notes.fault(at_key(base, key), wrong, "mỗi tiêu chí một lần")
            else:
                entries[code] = self._entry(value, base + known.key, known)
        return entries

    def _entry(self, raw: object, path: str, known: _Known) -> Entry:
        found = None if raw is None else self.notes.mapping(raw, path)
        if not found:
            return NOT_ENTERED
        if "assigned" in found and not self._is_assigned(found, path):
            return NOT_ASSIGNED
        before = len(self.notes.faults)
        entry = Entry(**self._values(found, path, known.figures))
        # A figure that could not be read is not held against its rule as well.
        refusal = known.leaf.rule.refusal(entry) if len(self.notes.faults) == before else None
        if refusal is not None:
            for key in refusal.keys:
                path = at_key(path, key)
            self.notes.fault(path, refusal.wrong, refusal.allowed)
        return entry

    def _is_assigned(self, found: Mapping[str, object], path: str) -> bool:
        assigned = found["assigned"]
        if not isinstance(assigned, bool):
            wrong = f"{shown(assigned)} không phải true, false"
            self.notes.fault(at_key(path, "assigned"), wrong, "phải là true hoặc false")
        elif not assigned and len(found) > 1:
            wrong = "vừa ghi không giao vừa có số liệu"
            self.notes.fault(path, wrong, "tiêu chí không giao thì không có khóa nào khác")
        return assigned is not False

    def _values(
        self, found: Mapping[str, object], path: str, allowed: tuple[str, ...]
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in found.items():
            if key in allowed:
                if value is not None:
                    values[key] = READERS[key](self.notes, value, f"{path}.{key}")
            elif key != "assigned":
                words = "chỉ dùng các khóa: assigned, " + ", ".join(allowed)
                self.notes.fault(
                    at_key(path, key), "quy tắc của tiêu chí không dùng khóa này", words
                )
        return values


def _number(limits: Limits, notes: Notes, raw: object, path: str) -> Decimal | None:
    return notes.number(raw, path, limits)


def _baseline(notes: Notes, raw: object, path: str) -> Decimal | None:
    value = notes.number(raw, path, NOT_NEGATIVE)
    if value == 0:
        wrong = "số của kỳ gốc bằng 0 nên không tính được tỷ lệ tăng, giảm"
        notes.fault(path, wrong, "phải lớn hơn 0; trường hợp này do hội đồng thống nhất cách chấm")
    return value


def _flag(notes: Notes, raw: object, path: str) -> bool | None:
    if isinstance(raw, bool):
        return raw
    notes.fault(path, f"{shown(raw)} không phải true, false", "phải là true hoặc false")
    return None


def _label(notes: Notes, raw: object, path: str) -> str | None:
    return notes.label(raw, path)


def _counts(notes: Notes, raw: object, path: str) -> tuple[tuple[str, Decimal], ...]:
    counts: dict[str, Decimal] = {}
    for key, value in (notes.mapping(raw, path) or {}).items():
        label, at = composed(key), at_key(path, key)
        count = notes.number(value, at, COUNT)
        if label in counts:
            notes.fault(at, "tên mục viết hai lần", "mỗi mục một lần")
        if count is not None:
            counts[label] = count
    return tuple(sorted(counts.items()))


def _ranks(notes: Notes, raw: object, path: str) -> tuple[int, ...] | None:
    ranks = notes.entries(raw, path, filled=False)
    for at, rank in enumerate(ranks):
        if isinstance(rank, bool) or not isinstance(rank, int) or rank < 1:
            wrong = f"{shown(rank)} không phải thứ hạng"
            notes.fault(f"{path}[{at}]", wrong, "phải là số nguyên JSON từ 1")
    return tuple(cast("list[int]", ranks)) or None


#: How each figure is read; which of them a leaf takes is its rule's business.
READERS: Final[Mapping[str, Callable[[Notes, object, str], object]]] = {
    "target": partial(_number, POSITIVE),
    "actual": partial(_number, NOT_NEGATIVE),
    "baseline": _baseline,
    "points": partial(_number, NOT_NEGATIVE),
    "met": _flag,
    "level": _label,
    "count": partial(_number, COUNT),
    "counts": _counts,
    "days_late": partial(_number, COUNT),
    "ranks": _ranks,
}
