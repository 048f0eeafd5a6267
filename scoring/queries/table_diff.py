"""Two versions of a criteria table side by side: what was added, removed and changed, in words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from core.text import format_number
from scoring.queries.table import GROUP_KINDS, said_of_rule

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"
_WORDS: Final = {ADDED: "thêm", REMOVED: "bỏ", CHANGED: "sửa"}
_TOP: Final = "các nhóm"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One thing that differs, as both versions have it; an empty text is nothing."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that was added, removed or changed, or a group whose rows stand in another order.

    An empty code is the head of the table, or its topmost groups where they were put in order.
    """

    code: str
    title: str
    what: str
    fields: tuple[FieldChange, ...]

    @property
    def name(self) -> str:
        """Name what differs at the head of its line."""
        if self.code:
            return self.code
        return "Thứ tự các nhóm" if self.what == MOVED else "Quy ước chung"

    @property
    def said(self) -> str:
        """Say the change in a few words: `sửa I.3 (điểm tối đa 10 → 12)`."""
        name = self.code or (_TOP if self.what == MOVED else "quy ước chung")
        if self.what == MOVED:
            return f"xếp lại {name} ({'; '.join(f'{f.old} → {f.new}' for f in self.fields)})"
        if self.what != CHANGED:
            return f"{_WORDS[self.what]} {name}"
        parts = "; ".join(f"{f.label.lower()} {f.old or '–'} → {f.new or '–'}" for f in self.fields)
        return f"sửa {name} ({parts})"


@dataclass(frozen=True, slots=True)
class _Row:
    title: str
    fields: dict[str, str]


def changes_between(
    old: Mapping[str, Any], new: Mapping[str, Any], renamed: Mapping[str, str] | None = None
) -> list[RowChange]:
    """Compare two tables in the interchange form, row by row, found by their codes.

    `renamed` gives new code → old code where it is known that a row was renamed. The order is
    that of the new table; rows that were removed come then, in their old order; groups whose rows
    stand in another order come last.
    """
    names = dict(renamed or {})
    before = _rows(old, {})
    after = _rows(new, names)
    changes = []
    for code, row in after.items():
        was = before.pop(names.get(code, code), None)
        fields = _differing(was.fields if was else {}, row.fields)
        if code in names:
            fields = (FieldChange("Mã", names[code], code), *fields)
        if was is None:
            changes.append(RowChange(code, row.title, ADDED, fields))
        elif fields:
            changes.append(RowChange(code, row.title or was.title, CHANGED, fields))
    changes += [
        RowChange(code, row.title, REMOVED, _differing(row.fields, {}))
        for code, row in before.items()
    ]
    return [*changes, *_moved(old, new, names)]


def _moved(
    old: Mapping[str, Any], new: Mapping[str, Any], renamed: Mapping[str, str]
) -> Iterator[RowChange]:
    """Say which groups have their rows in another order, of those that stood there before too."""
    was, now = _siblings(old, {}), _siblings(new, renamed)
    titles = {node["code"]: node.get("title", "") for node, _, _ in _rows_of(new)}
    for parent, rows in now.items():
        shown = dict(rows)
        before = [code for code, _ in was.get(parent, ()) if code in shown]
        stayed = set(before)
        after = list(dict.fromkeys(code for code, _ in rows if code in stayed))
        if before == after:
            continue
        pairs = list(zip(before, after, strict=True))
        first = next(at for at, (one, other) in enumerate(pairs) if one != other)
        last = next(at for at in range(len(pairs), 0, -1) if pairs[at - 1][0] != pairs[at - 1][1])
        told = (", ".join(shown[code] for code in codes[first:last]) for codes in (before, after))
        code = next((own for own in titles if renamed.get(own, own) == parent), "")
        fields = (FieldChange("Thứ tự các dòng", *told),)
        yield RowChange(code, titles.get(code, ""), MOVED, fields)


def _siblings(
    table: Mapping[str, Any], renamed: Mapping[str, str]
) -> dict[str, list[tuple[str, str]]]:
    """Return each group's rows in their order, as (code it had, code); groups by old codes."""
    found: dict[str, list[tuple[str, str]]] = {}
    for node, parent, _ in _rows_of(table):
        code = node["code"]
        place = found.setdefault(renamed.get(parent, parent), [])
        place.append((renamed.get(code, code), code))
    return found


def said_of_changes(changes: Iterable[RowChange], most: int = 30) -> str:
    """Say the changes in one text for the history; beyond `most` the rest is counted."""
    said = [change.said for change in changes]
    rest = len(said) - most
    return "; ".join(said[:most]) + (f"; và {rest} dòng khác" if rest > 0 else "")


def _differing(old: dict[str, str], new: dict[str, str]) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(label, old.get(label, ""), new.get(label, ""))
        for label in dict.fromkeys([*new, *old])
        if old.get(label, "") != new.get(label, "")
    )


def _rows(table: Mapping[str, Any], renamed: Mapping[str, str]) -> dict[str, _Row]:
    """Return every row by its code, the head without one; groups by the names they had."""
    rows = {"": _Row("", _head(table))}
    for node, above, takes_away in _rows_of(table):
        parent = renamed.get(above, above)
        rows[node["code"]] = _Row(node.get("title", ""), _fields(node, parent, takes_away))
    return rows


def _rows_of(table: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], str, bool]]:
    """Yield every row with the code of its group and whether it takes points away."""
    return _walk(table["groups"], "", takes_away=False)


def _walk(
    nodes: Iterable[dict[str, Any]], parent: str, *, takes_away: bool
) -> Iterator[tuple[dict[str, Any], str, bool]]:
    for node in nodes:
        taken = node.get("kind") == "penalty" if not parent else takes_away
        yield node, parent, taken
        yield from _walk(node.get("children", ()), node["code"], takes_away=taken)


def _head(table: Mapping[str, Any]) -> dict[str, str]:
    ranking = table.get("ranking", {})
    by = "tổng điểm" if ranking.get("by") == "total" else "tỷ lệ điểm được giao"
    grades = table.get("classification", [])
    places = table.get("rounding", {}).get("places", 2)
    return {
        "Tên bảng": table.get("name", ""),
        "Thang điểm": _number(table["scale_total"]),
        "Làm tròn": f"{places} chữ số thập phân",
        "Xếp hạng theo": by,
        "Phân định đồng hạng": ", ".join(map(tie_breaker, ranking.get("tie_breakers", []))),
        "Xếp loại": "; ".join(f"{g['label']} từ {_number(g['from'])} %" for g in grades),
    }


def tie_breaker(word: str) -> str:
    """Say a tie-breaker in words."""
    words = {"bonus": "điểm thưởng nhiều hơn", "penalty": "điểm trừ ít hơn"}
    return words.get(word) or f"điểm nhóm {word.removeprefix('group:')} cao hơn"


def _fields(node: dict[str, Any], parent: str, takes_away: bool) -> dict[str, str]:  # noqa: FBT001
    rule = node.get("rule")
    return {
        "Nội dung": node.get("title", ""),
        "Thuộc nhóm": parent,
        "Loại nhóm": GROUP_KINDS.get(node.get("kind", ""), ""),
        "Mức trần": _number(node.get("cap")),
        "Điểm tối đa": _number(node.get("max")),
        "Cách tính": said_of_rule(rule, takes_away=takes_away) if rule else "",
        "Đơn vị tính": node.get("unit_of_measure", ""),
        "Chỉ tiêu đề nghị": _number(node.get("target")),
        "Căn cứ": node.get("legal_basis", ""),
        "Minh chứng bắt buộc": "có" if node.get("evidence_required") else "",
    }


def _number(text: str | None) -> str:
    return "" if text is None else format_number(Decimal(text))
