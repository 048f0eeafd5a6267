"""Faults of the engine, told by row and column and in the words of the workbook."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scoring.engine import Fault as EngineFault
from scoring.tablebook import names
from scoring.tablebook.findings import Fault, Row
from scoring.tablebook.phrases import BROKEN, quote

_NODE: Final = re.compile(r"\$\.groups\[\d+\](?:\.children\[\d+\])*")
_STEP: Final = re.compile(r"\.(\w+)|\[(\d+)\]")
_DOT: Final = re.compile(r"(?<=\d)\.(?=\d)")
_COLUMN: Final = {
    "code": names.CODE, "title": names.TITLE, "max": names.MAX, "unit_of_measure": names.UNIT,
    "target": names.TARGET, "legal_basis": names.BASIS, "evidence_required": names.EVIDENCE,
    "rule": names.RULE, "kind": names.KIND, "cap": names.RULE, "children": names.KIND,
}  # fmt: skip
_LINE: Final = {
    "name": names.NAME, "scale_total": names.SCALE, "rounding": names.ROUNDING,
    "by": names.RANKING, "tie_breakers": names.TIES, "classification": names.GRADES,
}  # fmt: skip
_MISSING: Final = "thiếu khóa này"
#: Words of the format, and what people call it.
_CALLED: Final = {
    "dấu chấm": "dấu phẩy",
    "min không được lớn hơn max": "mức thấp nhất không được lớn hơn mức cao nhất",
}


@dataclass(frozen=True, slots=True)
class Places:
    """What the engine was given, and in which row each part of it stands."""

    table: Mapping[str, Any]
    rows: Mapping[str, Row]
    head_rows: Mapping[str, int]


def spoken(fault: EngineFault, places: Places, elsewhere: list[Fault]) -> None:
    """Note a fault beside its row, or among those of the conventions.

    What only follows from a cell that could not be read, or was told already, is left out.
    """
    values = _values(places.table, fault.path)
    if any(value is BROKEN for value in values):
        return
    node = _NODE.match(fault.path)
    if node is None:
        elsewhere.append(_of_head(fault, places))
        return
    row = places.rows.get(node[0])
    if row is None:
        return
    rest = fault.path[node.end() :]
    key = _STEP.match(rest)
    column = _COLUMN.get(key[1] or "", "") if key else ""
    was_told = row.is_faulty(column) and (fault.wrong == _MISSING or column == names.CODE)
    if not was_told:
        row.fault(column, _of_item(rest, values) + _sentence(fault.wrong, fault), _allowed(fault))


def _values(table: Mapping[str, Any], path: str) -> list[Any]:
    """Return what stands at each step of a path, as far as it goes."""
    at: Any = table
    found = []
    for match in _STEP.finditer(path):
        key, place = match.groups()
        try:
            at = at[key] if place is None else at[int(place)]
        except (KeyError, IndexError, TypeError):
            break
        found.append(at)
    return found


def _of_head(fault: EngineFault, places: Places) -> Fault:
    keys = [match[1] for match in _STEP.finditer(fault.path) if match[1] in _LINE]
    line = _LINE[keys[-1]] if keys else ""
    wrong, allowed = _sentence(fault.wrong, fault), _allowed(fault)
    if line == names.TIES:
        code = str(_values(places.table, fault.path)[-1]).removeprefix("group:")
        wrong = f"Không có nhóm mã {quote(code)}."
        allowed = "Ghi “nhóm” kèm mã một nhóm của bảng, “điểm thưởng” hoặc “điểm trừ”."
    return Fault(names.HEAD, places.head_rows.get(line), line, wrong, allowed)


def _of_item(rest: str, values: list[Any]) -> str:
    """Say which item of a list is meant."""
    place = re.search(r"\[(\d+)\]", rest)
    if place is None:
        return ""
    labels = [v["label"] for v in values if isinstance(v, dict) and isinstance(v.get("label"), str)]
    return f"Mục {int(place[1]) + 1}{f' ({labels[-1]})' if labels else ''}: "


def _sentence(text: str, fault: EngineFault) -> str:
    """Write a phrase of the engine as a sentence, numbers in Vietnamese."""
    # Faults of joints quote the bands, whose numbers are Vietnamese already.
    plain = text if fault.path.endswith("bands") else _DOT.sub(",", text)
    for word, called in _CALLED.items():
        plain = plain.replace(word, called)
    return f"{plain[:1].upper()}{plain[1:]}."


def _allowed(fault: EngineFault) -> str:
    return _sentence(fault.allowed, fault)
