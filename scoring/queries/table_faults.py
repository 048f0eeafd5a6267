"""What is wrong with a draft of a criteria table: every fault of the engine, beside its row."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from scoring.engine import Faults, read_table
from scoring.engine.faults import Fault
from scoring.models import CriteriaTable
from scoring.queries.table import as_interchange

_STEP: Final = re.compile(r"\.(groups|children)\[(\d+)\]")
#: The fields of a row and of the head, as the pages call them.
_FIELDS: Final[dict[str, str]] = {
    "cap": "mức trần",
    "children": "các mục con",
    "classification": "xếp loại",
    "code": "mã",
    "groups": "các nhóm",
    "max": "điểm tối đa",
    "name": "tên bảng",
    "ranking": "xếp hạng",
    "rounding": "làm tròn",
    "rule": "cách tính điểm",
    "scale_total": "thang điểm",
    "target": "chỉ tiêu",
    "title": "nội dung",
    "unit_of_measure": "đơn vị tính",
}
#: A decimal sign outside quotation marks and codes.
_POINT: Final = re.compile(r"(?<![\w.\"“])(\d+)\.(\d+)(?![\w.\"”])")
#: How a fault begins, of which keys, and how the page says it.
_REWORDED: Final[tuple[tuple[str, tuple[str, ...], str, str], ...]] = (
    ("danh sách trống", ("children",), "nhóm chưa có tiêu chí nào", "thêm tiêu chí hoặc bỏ nhóm"),
    ("danh sách trống", ("groups",), "bảng chưa có nhóm nào", "thêm ít nhất một nhóm"),
    ("thiếu khóa này", ("max",), "chưa ghi điểm tối đa", "ghi bằng tổng các mục con"),
    (
        "không có tiêu chí phụ", ("ranking",), "phân định đồng hạng theo một nhóm không còn",
        "chọn lại ở quy ước chung",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowFault:
    """A fault of a table in words, with the code of its row; no code is the head of the table."""

    code: str
    #: Which field, in words; empty where the path names none that a page has.
    field: str
    wrong: str
    allowed: str
    #: Where below the row or head: ``rule.levels[2].points``.
    path: str = ""

    @property
    def _unsaid_field(self) -> str:
        """Return the field, unless what is wrong begins with it."""
        return "" if self.wrong.startswith(self.field) else self.field

    @property
    def said(self) -> str:
        """Say where and what: `I.3, điểm tối đa: …`."""
        where = ", ".join(filter(None, (self.code or "Đầu bảng", self._unsaid_field)))
        return f"{where}: {self.wrong}"

    @property
    def sentence(self) -> str:
        """Say the fault beside its row: what is wrong and what is allowed."""
        field = f"{self._unsaid_field}: " if self._unsaid_field else ""
        text = f"{field}{self.wrong}; {self.allowed}."
        return text[:1].upper() + text[1:]


def faults_of(table: CriteriaTable) -> list[RowFault]:
    """Return every fault of a stored table, all at once; none when it is sound."""
    return faults_in(as_interchange(table))


def faults_in(data: dict[str, Any]) -> list[RowFault]:
    """Return every fault of a table in the interchange form."""
    try:
        read_table(data)
    except Faults as found:
        return [_placed(fault, data) for fault in found.faults]
    return []


def _placed(fault: Fault, data: dict[str, Any]) -> RowFault:
    """Find the row that a JSON path leads to."""
    node: dict[str, Any] = data
    at = 1
    for step in _steps(fault.path):
        node, at = node[step[1]][int(step[2])], step.end()
    found = re.match(r"\.([a-z_]+)", fault.path[at:])
    key = found[1] if found else ""
    code = "" if node is data else str(node.get("code", ""))
    wrong, allowed = _reworded(key, fault)
    return RowFault(code, _FIELDS.get(key, ""), wrong, allowed, fault.path[at:].lstrip("."))


def _reworded(key: str, fault: Fault) -> tuple[str, str]:
    """Say a fault as the page does: no words of JSON, a comma as decimal sign."""
    for start, of_keys, wrong, allowed in _REWORDED:
        if fault.wrong.startswith(start) and key in of_keys:
            return wrong, allowed
    return _with_commas(fault.wrong), _with_commas(fault.allowed)


def _with_commas(text: str) -> str:
    return _POINT.sub(r"\1,\2", text)


def _steps(path: str) -> Iterator[re.Match[str]]:
    """Walk down the groups and children a path begins with."""
    at = 1
    while step := _STEP.match(path, at):
        yield step
        at = step.end()
