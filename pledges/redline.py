"""What changed between two versions, word by word, as plain data for the page and the refusal.

Pure: two contents (see `pledges.content`) go in. Rows are matched by their key, never by place.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from functools import partial
from types import MappingProxyType
from typing import Any, Literal

from core.text import format_number

Content = dict[str, Any]
_NO_NAMES: Mapping[str, str] = MappingProxyType({})
Kind = Literal["same", "added", "removed"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words that is the same, added or removed."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One clause, target, activity or head line that differs."""

    where: str
    key: str
    change: Literal["added", "removed", "changed"]
    pieces: tuple[Piece, ...]


_WORDS = re.compile(r"\s+|[^\s]+")


def words(old: str, new: str) -> tuple[Piece, ...]:
    """Compare two texts word by word; changed words in a row stay together."""
    if old == new:
        return (Piece("same", new),) if new else ()
    a, b = _WORDS.findall(old), _WORDS.findall(new)
    pieces: list[Piece] = []
    gone = come = ""
    steps = SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes()
    for place, (op, i1, i2, j1, j2) in enumerate(steps, start=1):
        before, after = "".join(a[i1:i2]), "".join(b[j1:j2])
        only_a_space = after.isspace() and (gone or come) and place < len(steps)
        if op != "equal" or only_a_space:
            gone, come = gone + before, come + after
            continue
        pieces += [*_changed(gone, come), Piece("same", after)]
        gone = come = ""
    return (*pieces, *_changed(gone, come))


def _changed(gone: str, come: str) -> Iterator[Piece]:
    if gone:
        yield Piece("removed", gone)
    if come:
        yield Piece("added", come)


def compare(old: Content, new: Content) -> list[Difference]:
    """Return every difference between two versions, in the order of the document."""
    names = unit_names(old) | unit_names(new)
    return [
        *_heads(old, new),
        *_rows("Điều khoản", old, new, "clauses", partial(clause_text, names=names)),
        *_rows("Chỉ tiêu", old, new, "targets", partial(target_text, names=names)),
        *_rows("Hoạt động", old, new, "activities", activity_text),
        *_rows("Tiêu chí", _criteria(old), _criteria(new), "rows", criterion_text, key="code"),
        *_rows("Bên ký", old, new, "signatories", signatory_text, key="unit"),
        *_rows("Văn bản", old, new, "papers", paper_text, key="kind"),
    ]


def unit_names(content: Content) -> dict[str, str]:
    """Return the short names of the members by code."""
    return {row["code"]: row["short_name"] for row in content.get("members", [])}


def clause_text(row: Content, names: Mapping[str, str] = _NO_NAMES) -> str:
    """Return a clause as one text; units by name where it is known."""
    unit = f"[{names.get(row['unit'], row['unit'])}] " if row.get("unit") else ""
    return unit + " ".join(part for part in (row["heading"], row["text"]) if part)


def target_text(row: Content, names: Mapping[str, str] = _NO_NAMES) -> str:
    """Return a target with its values, and everything else that a unit agrees to, as one text."""
    if row["kind"] == "TEXT":
        return _join(row["area"], row["text"])
    values = row["values"]
    shown = {value_text(row, v) for v in values.values()}
    if row["is_common"] and len(shown) == 1:
        levels = shown.pop()
    else:
        levels = "; ".join(
            f"{names.get(unit, unit)}: {value_text(row, v)}" for unit, v in sorted(values.items())
        )
    before = "; ".join(
        f"{names.get(unit, unit)}: {format_number(Decimal(v['baseline']))}"
        for unit, v in sorted(values.items())
        if v["baseline"] is not None
    )
    text = f"{row['text']} ({row['unit_of_measure']}): {levels}"
    adding = _ADDING.get(row["aggregation"])
    criterion = f"tiêu chí {row['criterion']}" if row["criterion"] else ""
    return _join(row["area"], text, adding, f"năm trước {before}" if before else "", criterion)


def _join(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


_ADDING = {
    "SUM": "cộng dồn các kỳ",
    "LAST": "lấy số mới nhất",
    "AVERAGE": "bình quân các kỳ",
    "MAX": "lấy số cao nhất",
}


def value_text(target: Content, value: Content) -> str:
    """Write one unit's level; not assigned, not set and a number look different."""
    if not value["assigned"]:
        return "không giao"
    if value["value"] is None:
        return "chưa giao mức"
    number = format_number(Decimal(value["value"]))
    if target["is_change"]:
        return f"{'giảm' if target['direction'] == 'DOWN' else 'tăng'} ≥ {number}\u00a0%"
    exact = (
        "0" if target["direction"] == "DOWN" else "100" if target["unit_of_measure"] == "%" else ""
    )
    if number == exact:  # no more than nothing, no less than all of them
        return number
    return f"{'≤' if target['direction'] == 'DOWN' else '≥'} {number}"


def activity_text(row: Content) -> str:
    """Return an activity as one text."""
    return " · ".join(
        str(row[name]) for name in ("when", "what", "responsible", "output") if row[name]
    )


def criterion_text(row: Content) -> str:
    """Return a criterion as one text."""
    return f"{row['code']} {row['title']} ({row['max']} điểm)"


def signatory_text(row: Content) -> str:
    """Return a signatory as one text."""
    return " ".join(
        str(p) for p in (f"{row['order']}.", row["name"], row["authority"], row["position"]) if p
    )


def paper_text(row: Content) -> str:
    """Return a paper as one text."""
    return str(row["title"])


def _criteria(content: Content) -> Content:
    return content.get("criteria") or {"rows": []}


def _heads(old: Content, new: Content) -> Iterator[Difference]:
    for name, label in (("title", "Tên giao ước"), ("slogan", "Khẩu hiệu"), ("place", "Địa danh")):
        if old[name] != new[name]:
            yield Difference(label, name, "changed", words(old[name], new[name]))


def _rows(
    where: str,
    old: Content,
    new: Content,
    name: str,
    text: Callable[[Content], str],
    key: str = "key",
) -> Iterator[Difference]:
    before = {row[key]: text(row) for row in old[name]}
    after = {row[key]: text(row) for row in new[name]}
    for row_key, value in after.items():
        if row_key not in before:
            yield Difference(where, row_key, "added", (Piece("added", value),))
        elif before[row_key] != value:
            yield Difference(where, row_key, "changed", words(before[row_key], value))
    for row_key, value in before.items():
        if row_key not in after:
            yield Difference(where, row_key, "removed", (Piece("removed", value),))
    if [k for k in before if k in after] != [k for k in after if k in before]:
        said = (Piece("added", "Các mục được xếp lại thứ tự."),)
        yield Difference(where, f"{name}-order", "changed", said)
