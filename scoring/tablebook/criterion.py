"""The cells of one row into what the engine reads: a group, or a criterion with its rule."""

import re
from typing import Any, Final

from core.text import format_number
from scoring.tablebook import names
from scoring.tablebook.findings import Row
from scoring.tablebook.phrases import (
    BROKEN,
    NUMBER,
    Misread,
    folded,
    key_of,
    quote,
    read_number,
    read_points,
)
from scoring.tablebook.rules import read_rule

#: Points are stored with so many digits before and behind the comma.
_WHOLE_DIGITS, _FRACTION_DIGITS = 10, 2
_TEXTS: Final = {
    names.TITLE: "title", names.UNIT: "unit_of_measure", names.BASIS: "legal_basis",
}  # fmt: skip
#: Letters of a cell; parameters hold several texts, whose labels are counted one by one.
_LONGEST: Final = {
    names.CODE: names.LONGEST["code"],
    **{column: names.LONGEST[key] for column, key in _TEXTS.items()},
    names.RULE: 6000,
}
_YES: Final = frozenset({"co", "x", "v", "✓", "bat buoc", "1", "yes", "true"})
_NO: Final = frozenset({"khong", "0", "no", "false", "khong bat buoc", "-"})
_CAP: Final = re.compile(rf"(?:tinh )?(?:toi da )?({NUMBER})(?: diem)?")
#: What a group does not have.
_LEAF_ONLY: Final = (names.UNIT, names.TARGET, names.BASIS, names.EVIDENCE)


def read_group(row: Row, kind: str) -> dict[str, Any]:
    """Read the row of a group; ``kind`` is empty inside the scale."""
    data = _common(row, names.TITLE)
    if names.MAX in row.cells or not kind:
        data["max"] = _points(row)
    for column in _LEAF_ONLY:
        if column in row.cells:
            row.fault(column, "Dòng của nhóm không ghi cột này.", "Để trống, ghi ở từng tiêu chí.")
    if kind:
        data["kind"] = kind
    if names.RULE in row.cells:
        _read_cap(row, kind, data)
    return data


def refuse_empty_group(row: Row, data: dict[str, Any]) -> None:
    """Say that a group without criteria is none; nothing else is held against it then."""
    wrong = "Nhóm này chưa có tiêu chí nào."
    code = row.code or "T"
    row.fault(names.KIND, wrong, f"Thêm các dòng bên dưới, mã bắt đầu bằng “{code}.”.")
    data["max"], data["children"] = BROKEN, BROKEN


def read_criterion(row: Row, kind: str, *, takes_away: bool) -> dict[str, Any]:
    """Read the row of a criterion; ``kind`` is empty where it could not be read."""
    data = _common(row, *_TEXTS) | {"max": _points(row), "rule": BROKEN}
    if names.TARGET in row.cells:
        data["target"] = _target(row)
    if names.EVIDENCE in row.cells:
        data["evidence_required"] = _flag(row)
    if kind:
        data["rule"] = _rule(row, kind, takes_away=takes_away)
    elif not row.is_faulty(names.KIND):
        wrong = "Chưa ghi loại của tiêu chí."
        instead = "Chọn một loại; nếu dòng là nhóm thì thêm các tiêu chí có mã bắt đầu bằng mã này."
        row.fault(names.KIND, wrong, instead)
    return data


def _common(row: Row, *columns: str) -> dict[str, Any]:
    """Read the code and the cells that are texts."""
    for column, most in _LONGEST.items():
        length = len(row.cells.get(column, ""))
        if length > most:
            wrong = f"Ô này dài {format_number(length)} ký tự."
            row.fault(column, wrong, f"Rút ngắn còn tối đa {format_number(most)} ký tự.")
    if not row.code and not row.is_faulty(names.CODE):
        row.fault(names.CODE, "Chưa ghi mã.", "Ghi mã theo nhóm, ví dụ I.1.")
    texts = {_TEXTS[c]: row.cells[c] for c in columns if c in row.cells}
    return {"code": row.code or BROKEN, **texts}


def _points(row: Row) -> Any:  # noqa: ANN401 - a number as text, or BROKEN
    typed = row.cells.get(names.MAX, "")
    if row.is_faulty(names.MAX):
        return BROKEN
    if not typed:
        row.fault(names.MAX, "Chưa ghi điểm tối đa.", "Ghi một số, ví dụ 10 hoặc 2,5.")
        return BROKEN
    number = _read(row, names.MAX, typed)
    if not isinstance(number, str):
        return BROKEN
    whole, _, fraction = number.partition(".")
    if len(whole.lstrip("0")) > _WHOLE_DIGITS or len(fraction.rstrip("0")) > _FRACTION_DIGITS:
        wrong = f"Điểm tối đa {quote(typed)} có quá nhiều chữ số."
        most = f"{_WHOLE_DIGITS} chữ số trước và {_FRACTION_DIGITS} chữ số sau dấu phẩy"
        row.fault(names.MAX, wrong, f"Ghi tối đa {most}.")
        return BROKEN
    return number


def _read(row: Row, column: str, typed: str) -> Any:  # noqa: ANN401
    try:
        return read_points(typed) if column == names.MAX else read_number(typed)
    except Misread as fault:
        row.fault(column, fault.wrong, fault.instead)
        return BROKEN


def _target(row: Row) -> Any:  # noqa: ANN401
    """Read the target; per cent is read where the unit of measure is per cent."""
    if row.is_faulty(names.TARGET):
        return BROKEN
    typed = row.cells[names.TARGET]
    if typed.endswith("%"):
        if "%" not in row.cells.get(names.UNIT, ""):
            wrong = f"Chỉ tiêu {quote(typed)} ghi phần trăm nhưng đơn vị tính không phải %."
            row.fault(names.TARGET, wrong, "Ghi % ở cột Đơn vị tính, hoặc ghi chỉ tiêu bằng số.")
            return BROKEN
        typed = typed.removesuffix("%").rstrip()
    return _read(row, names.TARGET, typed)


def _flag(row: Row) -> Any:  # noqa: ANN401
    typed = key_of(row.cells[names.EVIDENCE])
    if row.is_faulty(names.EVIDENCE):
        return BROKEN
    if typed in _YES or typed in _NO:
        return typed in _YES
    wrong = f"Không hiểu {quote(row.cells[names.EVIDENCE])}."
    row.fault(names.EVIDENCE, wrong, "Ghi “có” nếu bắt buộc; để trống hoặc “không” nếu không.")
    return BROKEN


def _rule(row: Row, kind: str, *, takes_away: bool) -> Any:  # noqa: ANN401
    if row.is_faulty(names.RULE):
        return BROKEN
    found = read_rule(kind, row.cells.get(names.RULE, ""), takes_away=takes_away)
    for fault in found.faults:
        row.fault(names.RULE, fault.wrong, fault.instead)
    for label in names.long_labels(found.values):
        wrong = f"Tên mục {quote(label)} dài {format_number(len(label))} ký tự."
        row.fault(names.RULE, wrong, f"Rút ngắn còn tối đa {names.LONGEST_LABEL} ký tự.")
    return found.values


def _read_cap(row: Row, kind: str, data: dict[str, Any]) -> None:
    typed = row.cells[names.RULE]
    match = _CAP.fullmatch(" ".join(folded(typed).split()))
    if not kind:
        wrong = "Nhóm trong thang điểm không có tham số."
        row.fault(names.RULE, wrong, "Để trống; mức trần chỉ dùng cho nhóm điểm thưởng, điểm trừ.")
    elif match is None:
        row.fault(names.RULE, f"Không hiểu {quote(typed)}.", "Ghi ví dụ “tối đa 50”.")
    else:
        data["cap"] = _read(row, names.RULE, match[1])
