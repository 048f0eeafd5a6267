"""Where things stand in a workbook of officials: sheets, header row, rows of criteria.

Around the table stand headings, rows that number the columns, sums, signatures; these are told from
criteria here. A cell that Excel has changed (dates, formulas without a result) is a fault.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from core.text import InputFault, require_printable
from scoring.tablebook import cells as sorts
from scoring.tablebook import names
from scoring.tablebook.cells import Cell, Sheet
from scoring.tablebook.findings import Fault, Row
from scoring.tablebook.lines import tidy
from scoring.tablebook.phrases import Misread, key_of, quote, vn
from scoring.tablebook.rules import read_kind

#: What else the columns are called.
_ALSO: Final = {
    names.CODE: ("mã tiêu chí", "STT", "TT", "số TT"),
    names.TITLE: ("nội dung", "tiêu chí", "tên tiêu chí", "nội dung, tiêu chí"),
    names.MAX: ("điểm chuẩn", "điểm", "điểm tối đa (điểm chuẩn)"),
    names.KIND: ("loại tiêu chí", "cách chấm", "cách tính"),
    names.UNIT: ("ĐVT", "đơn vị"),
    names.TARGET: ("chỉ tiêu giao",),
    names.RULE: ("tham số cách tính",),
    names.BASIS: ("căn cứ pháp lý",),
    names.EVIDENCE: ("minh chứng", "tài liệu minh chứng"),
    names.PARENT: (),
}
_COLUMN_OF: Final = {
    key_of(title): column for column, also in _ALSO.items() for title in (column, *also)
}
_HEAD_OF: Final = {key_of(name): name for name in names.HEAD_LINES}
_NEEDED: Final = (names.CODE, names.MAX, names.KIND)
#: The header stands in one of the first rows.
_LAST_HEADER: Final = 60
#: A merged cell over several rows holds for each of them in these columns.
_SHARED: Final = frozenset(
    {names.KIND, names.UNIT, names.RULE, names.BASIS, names.EVIDENCE, names.PARENT}
)
_ORDINAL: Final = re.compile(r"\(?(\d{1,2}|[a-z])\)?")
_FEWEST_ORDINALS: Final = 3
_SUM: Final = re.compile(r"(tong|cong)\b.*")
_TITLE: Final = re.compile(r"bang .*|.*(tieu chi|cham diem).*")
_FAULTS: Final = {
    sorts.DATE: (
        "Excel đã đổi ô này thành ngày tháng ({}).",
        "Định dạng ô là Văn bản (Text) rồi gõ lại.",
    ),
    sorts.ERROR: ("Công thức trong ô này báo lỗi {}.", "Gõ thẳng giá trị vào ô."),
    sorts.FORMULA: (
        "Công thức trong ô này chưa có kết quả.",
        "Mở tệp bằng Excel, lưu lại rồi gửi, hoặc gõ thẳng giá trị vào ô.",
    ),
}


@dataclass(slots=True)
class Layout:
    """The rows of criteria, the lines of conventions, and what was odd on the way."""

    rows: list[Row] = field(default_factory=list)
    #: Line of the sheet of conventions → its text, and the row in which it stands.
    head: dict[str, str] = field(default_factory=dict)
    head_rows: dict[str, int] = field(default_factory=dict)
    has_head: bool = False
    #: The heading above the header row; empty where there is none.
    title: str = ""
    original: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def lay_out(sheets: Iterable[Sheet]) -> Layout:
    """Find what belongs to the table in the sheets of a workbook."""
    layout = Layout()
    by_name = {key_of(sheet.name): sheet for sheet in sheets}
    original = by_name.pop(key_of(names.ORIGINAL), None)
    if original is not None:
        layout.original = [
            cell.text for _, row in sorted(original.rows.items()) for cell in row.values()
        ]
    head = by_name.pop(key_of(names.HEAD), None)
    if head is not None:
        _read_head(head, layout)
    for own in (names.GUIDE, names.EXAMPLES):
        by_name.pop(key_of(own), None)
    criteria = by_name.get(key_of(names.CRITERIA)) or _only(by_name.values())
    if criteria is None:
        wrong = f"Không thấy trang tính “{names.CRITERIA}”."
        instead = f"Đặt tên trang tính có bảng là “{names.CRITERIA}”."
        layout.faults.append(Fault(names.CRITERIA, None, "", wrong, instead))
    else:
        _read_criteria(criteria, layout)
    return layout


def _only(sheets: Iterable[Sheet]) -> Sheet | None:
    """Return the one sheet that has a header row, whatever it is called."""
    found = [sheet for sheet in sheets if _header_of(sheet)[0]]
    return found[0] if len(found) == 1 else None


# Conventions --------------------------------------------------------------------------------


def _read_head(sheet: Sheet, layout: Layout) -> None:
    layout.has_head = True
    for number, row in sorted(sheet.rows.items()):
        name = _HEAD_OF.get(key_of(row[1].text)) if 1 in row else None
        if name is None or 2 not in row:  # noqa: PLR2004 - the column of values
            continue
        text, wrong = _text_of(row[2], names.RULE)
        layout.head_rows[name] = number
        if wrong:
            layout.faults.append(Fault(names.HEAD, number, name, *wrong))
        else:
            layout.head[name] = text


# Criteria -----------------------------------------------------------------------------------


def _header_of(sheet: Sheet) -> tuple[int, dict[int, str]]:
    """Return the header row and its columns by place; row 0 where there is none."""
    best: tuple[int, dict[int, str]] = (0, {})
    for number, row in sorted(sheet.rows.items()):
        if number > _LAST_HEADER:
            break
        found = {
            place: column
            for place, cell in row.items()
            if (column := _COLUMN_OF.get(key_of(cell.text.replace("\n", " "))))
        }
        if names.CODE in found.values() and len(found) > max(len(best[1]), 1):
            best = number, found
    return best


def _read_criteria(sheet: Sheet, layout: Layout) -> None:
    header, columns = _header_of(sheet)
    missing = [column for column in _NEEDED if column not in columns.values()]
    if missing:
        wrong = "Không thấy hàng tiêu đề của bảng."
        if header:
            wrong = "Hàng tiêu đề thiếu cột " + ", ".join(f"“{column}”" for column in missing) + "."
        instead = "Hàng tiêu đề gồm: " + " | ".join(names.COLUMNS) + "."
        layout.faults.append(Fault(names.CRITERIA, header or None, "", wrong, instead))
        return
    layout.title = _title_above(sheet, header)
    columns = _once(columns, header, layout)
    _note_unread(sheet, header, columns, layout)
    _share_merged(sheet, header, columns)
    is_first = True
    for number, cells in sorted(sheet.rows.items()):
        if number > header and (row := _row(sheet, number, cells, columns)):
            _set_aside(row, is_first=is_first)
            layout.rows.append(row)
            is_first = False
    _refuse_merged(sheet, header, columns, {row.number: row for row in layout.rows})


def _title_above(sheet: Sheet, header: int) -> str:
    """Return the first heading above the table that names a table."""
    for number, row in sorted(sheet.rows.items()):
        for cell in row.values():
            if number < header and _TITLE.fullmatch(key_of(cell.text)):
                return tidy(cell.text)
    return ""


def _once(columns: dict[int, str], header: int, layout: Layout) -> dict[int, str]:
    """Keep the first of columns with the same title; the second is a fault."""
    kept: dict[int, str] = {}
    for place, column in sorted(columns.items()):
        if column in kept.values():
            wrong = f"Hàng tiêu đề có hai cột “{column}”."
            layout.faults.append(Fault(names.CRITERIA, header, column, wrong, "Bỏ bớt một cột."))
        else:
            kept[place] = column
    return kept


def _note_unread(sheet: Sheet, header: int, columns: Mapping[int, str], layout: Layout) -> None:
    unread = [tidy(cell.text) for place, cell in sheet.rows[header].items() if place not in columns]
    if unread:
        titles = ", ".join(f"“{title}”" for title in unread)
        layout.notes.append(f"Không nhập cột {titles}: bảng tiêu chí không có các cột này.")


def _share_merged(sheet: Sheet, header: int, columns: Mapping[int, str]) -> None:
    """Write what stands in a merged cell into each row it covers."""
    for left, top, _, bottom in sheet.merged:
        cell = sheet.rows.get(top, {}).get(left)
        if cell is None or top <= header or columns.get(left) not in _SHARED:
            continue
        for number in range(top + 1, bottom + 1):
            if number in sheet.rows:
                sheet.rows[number].setdefault(left, cell)


def _refuse_merged(
    sheet: Sheet, header: int, columns: Mapping[int, str], rows: Mapping[int, Row]
) -> None:
    """Say of codes, titles and points merged over several rows that each row needs its own."""
    for left, top, _, bottom in sheet.merged:
        column = columns.get(left)
        if column is None or column in _SHARED or top <= header:
            continue
        for number in range(top + 1, bottom + 1):
            row = rows.get(number)
            if row is not None and not row.is_skipped:
                wrong = f"Ô này gộp từ dòng {top} đến dòng {bottom}."
                row.fault(column, wrong, "Bỏ gộp ô rồi ghi vào từng dòng.")


def _row(
    sheet: Sheet, number: int, cells: Mapping[int, Cell], columns: Mapping[int, str]
) -> Row | None:
    """Read the cells of one row; None where nothing stands in the columns of the table."""
    row = Row(number, {})
    for place, column in columns.items():
        if place not in cells:
            continue
        text, wrong = _text_of(cells[place], column)
        if wrong:
            row.fault(column, *wrong)
        if text:
            row.cells[column] = text
    if number in sheet.hidden_rows and row.cells:
        row.note = "Dòng này đang ẩn trong tệp."
    return row if row.cells or row.faults else None


def _text_of(cell: Cell, column: str) -> tuple[str, tuple[str, str] | None]:
    """Return the text of a cell, and what is wrong with it if something is."""
    if cell.sort in _FAULTS:
        wrong, instead = _FAULTS[cell.sort]
        return tidy(cell.text, column), (wrong.format(cell.text), instead)
    if cell.sort == sorts.PERCENT:
        return f"{vn(cell.text)} %", None
    if cell.sort == sorts.NUMBER:
        # A code such as 1.1 that Excel took for a number.
        return (cell.text if column in (names.CODE, names.PARENT) else vn(cell.text)), None
    text = tidy(cell.text, column)
    try:
        require_printable(text)
    except InputFault as fault:
        return text, (fault.message, "")
    return text, None


# Rows that are no criteria ------------------------------------------------------------------


def _set_aside(row: Row, *, is_first: bool) -> None:
    """Mark rows that stand around the criteria, with the reason why they are not read."""
    note = _numbers_columns(row) if is_first else ""
    note = note or _repeats_header(row) or _sums_up(row) or _remarks(row)
    if note:
        row.note, row.is_skipped, row.faults = note, True, []


def _is_kind(typed: str) -> bool:
    try:
        return typed != "" and bool(read_kind(typed))
    except Misread:
        return False


def _numbers_columns(row: Row) -> str:
    found = [_ORDINAL.fullmatch(key_of(text)) for text in row.cells.values()]
    marks = [match[1] for match in found if match]
    places = [int(m) if m.isdigit() else ord(m) - ord("a") + 1 for m in marks]
    is_run = places == list(range(places[0], places[0] + len(places))) if places else False
    if len(places) == len(row.cells) >= _FEWEST_ORDINALS and is_run:
        return "Bỏ qua: dòng đánh số cột."
    return ""


def _repeats_header(row: Row) -> str:
    same = [_COLUMN_OF.get(key_of(text)) == column for column, text in row.cells.items()]
    return "Bỏ qua: dòng lặp lại tiêu đề." if all(same) else ""


def _sums_up(row: Row) -> str:
    first = row.code or row.cells.get(names.TITLE, "")
    no_kind = names.KIND not in row.cells and not (row.code and names.TITLE in row.cells)
    return "Bỏ qua: dòng tổng cộng." if no_kind and _SUM.fullmatch(key_of(first)) else ""


def _remarks(row: Row) -> str:
    """Tell notes and signatures: words without a code and without anything to score."""
    scored = {names.MAX, names.TARGET, names.RULE} & set(row.cells)
    if _is_kind(row.cells.get(names.KIND, "")):
        scored.add(names.KIND)
    is_alone = " " in row.code and len(row.cells) == 1
    if row.faults or scored or (row.code and not is_alone):
        return ""
    return f"Bỏ qua: {quote(' '.join(row.cells.values()))} không có mã và điểm."
