"""The cells of a workbook as plain data, read from bytes of strangers.

`grid_of` opens the file; it runs in a process of its own (`tablebook.opening`). A cell keeps what
it was in Excel: a text, a number, a date that Excel made of a code, a formula without a result.
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from core.uploads import Unfit
from scoring.tablebook.names import ORIGINAL

#: Rows with something in them, and columns that are looked at.
MOST_ROWS, MOST_COLUMNS = 3_000, 40
#: Bytes of all parts once unpacked; a table of 3,000 rows has two million.
_MOST_BYTES: Final = 50 * 1024 * 1024
_LONGEST: Final = 32_767
_MOST_SHEETS: Final = 40

TEXT, NUMBER, PERCENT, FLAG = "text", "number", "percent", "flag"
DATE, ERROR, FORMULA = "date", "error", "formula"
_TOO_LONG: Final = (
    f"Tệp này có hơn {MOST_ROWS:,} dòng có nội dung ở một trang tính. ".replace(",", ".")
    + "Xóa các dòng thừa hoặc chia bảng rồi gửi."
)
_TOO_WIDE: Final = (
    f"Tệp này có ô ghi ngoài {MOST_COLUMNS} cột đầu của trang tính. Xóa các ô đó rồi gửi."
)
_BOMB: Final = "Tệp này quá nặng khi mở nên không đọc được. Bỏ hình ảnh, dữ liệu thừa rồi gửi."


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell: its sort, and its text (a number as ``1234.5``)."""

    sort: str
    text: str


@dataclass(slots=True)
class Sheet:
    """The cells of one sheet by row and column, counted from 1; empty ones are not there."""

    name: str
    is_hidden: bool = False
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    #: Merged ranges: first column, first row, last column, last row.
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)


def grid_of(data: bytes) -> list[Sheet]:
    """Read the visible sheets and the hidden one of our own; `Unfit` says what is too much."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        if sum(part.file_size for part in package.infolist()) > _MOST_BYTES:
            raise Unfit(_BOMB)
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    pages = {page.title: page for page in book.worksheets[:_MOST_SHEETS]}
    sheets = []
    for name, page in pages.items():
        is_hidden = page.sheet_state != "visible"
        if is_hidden and name != ORIGINAL:
            continue
        sheet = Sheet(name, is_hidden)
        page.reset_dimensions()
        _read_cells(page, sheet)
        sheets.append(sheet)
    _read_marks(data, {sheet.name: sheet for sheet in sheets})
    return sheets


def _read_cells(page: Any, sheet: Sheet) -> None:  # noqa: ANN401 - openpyxl ships no types
    for number, row in enumerate(page.iter_rows(), start=1):
        cells = {place: cell for place, found in enumerate(row, start=1) if (cell := _cell(found))}
        if not cells:
            continue
        if max(cells) > MOST_COLUMNS:
            raise Unfit(_TOO_WIDE)
        sheet.rows[number] = cells
        if len(sheet.rows) > MOST_ROWS:
            raise Unfit(_TOO_LONG)


def _cell(found: Any) -> Cell | None:  # noqa: ANN401
    value = found.value
    if value is None or value == "":
        return None
    if found.data_type == "e":
        return Cell(ERROR, str(value))
    if isinstance(value, bool):
        return Cell(FLAG, "có" if value else "không")
    if isinstance(value, int | float):
        return _number(value, str(found.number_format or ""))
    if isinstance(value, str):
        return Cell(TEXT, value[:_LONGEST])
    return Cell(DATE, str(value))


def _number(value: float, form: str) -> Cell:
    """Write a number with the digits that Excel keeps; one shown in per cent stays in per cent."""
    exact = Decimal(f"{value:.15g}")
    if "%" in form:
        return Cell(PERCENT, _plain(exact * 100))
    return Cell(NUMBER, _plain(exact))


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# What openpyxl does not tell while it reads row by row ------------------------------------------


def _read_marks(data: bytes, sheets: dict[str, Sheet]) -> None:
    """Note merged ranges, hidden rows and formulas without a result."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name, part in _parts(package):
            if name in sheets and part in package.namelist():
                with package.open(part) as stream:
                    for _, node in ElementTree.iterparse(stream):
                        _mark(node, sheets[name])


def _parts(package: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield the sheets by name with the part of the package that holds each."""
    targets = {
        node.get("Id"): node.get("Target", "")
        for node in ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    }
    for node in ElementTree.fromstring(package.read("xl/workbook.xml")).iter():
        if node.tag.endswith("}sheet"):
            key = next((v for k, v in node.attrib.items() if k.endswith("}id")), "")
            target = targets.get(key, "")
            yield node.get("name", ""), target.lstrip("/") if target[:1] == "/" else f"xl/{target}"


def _mark(node: Element, sheet: Sheet) -> None:
    tag = node.tag.rpartition("}")[2]
    if tag == "mergeCell":
        sheet.merged.append(range_boundaries(node.get("ref", "A1")))
    elif tag == "row":
        if node.get("hidden") in ("1", "true"):
            sheet.hidden_rows.add(int(node.get("r", "0")))
        node.clear()
    elif tag == "c" and _is_unresolved(node) and node.get("r"):
        column, row, _, _ = range_boundaries(node.get("r", ""))
        sheet.rows.setdefault(row, {}).setdefault(column, Cell(FORMULA, ""))


def _is_unresolved(node: Element) -> bool:
    names = {child.tag.rpartition("}")[2]: child for child in node}
    return "f" in names and not ("v" in names and names["v"].text)
