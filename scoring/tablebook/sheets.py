"""Lines of cells into an Excel workbook that people fill in by hand.

Codes and words are text cells, so that Excel leaves ``I.1`` and ``1.10`` alone; a number is a
number where Excel keeps all its digits, so that people can add columns up. Nothing is locked.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from core.canonical import plain
from core.text import MINUS
from scoring.tablebook import names
from scoring.tablebook.guide import ADVICE, kinds_in_words
from scoring.tablebook.head import HINTS
from scoring.tablebook.lines import Line, head_of, lines_of
from scoring.tablebook.original import pieces_of

_EXAMPLE: Final = Path(__file__).parent / "example.json"
_WIDTHS: Final = {
    names.CODE: 9, names.TITLE: 52, names.MAX: 9, names.KIND: 22, names.UNIT: 12,
    names.TARGET: 10, names.RULE: 46, names.BASIS: 26, names.EVIDENCE: 11, names.PARENT: 14,
}  # fmt: skip
_NUMBERS: Final = frozenset({names.MAX, names.TARGET})
#: Excel keeps so many digits of a number.
_EXACT_DIGITS: Final = 15
#: Rows below the last one in which kinds are still offered for choosing.
_SPARE_ROWS: Final = 500
#: Signs with which a spreadsheet begins to compute.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

_LINE: Final = Side(style="thin", color="9AA5B1")
_GRID: Final = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_BOLD: Final = Font(bold=True)
_HEAD_FILL: Final = PatternFill("solid", start_color="E6ECF2")
_GROUP_FILL: Final = PatternFill("solid", start_color="F4F6F9")


def write(table: Mapping[str, Any]) -> bytes:
    """Return the workbook of a table in the interchange format; a draft need not be sound."""
    book = _book()
    lines = lines_of(table)
    _criteria(book.create_sheet(names.CRITERIA), lines)
    _head(book.create_sheet(names.HEAD), head_of(table))
    _guide(book.create_sheet(names.GUIDE))
    hidden = book.create_sheet(names.ORIGINAL)
    hidden.sheet_state = "hidden"
    for row, piece in enumerate(pieces_of(table), start=1):
        _put(hidden, row, 1, piece)
    return _saved(book)


def blank() -> bytes:
    """Return a workbook to fill in: head and header only, a guide, and examples of every kind."""
    book = _book()
    _criteria(book.create_sheet(names.CRITERIA), [])
    _head(book.create_sheet(names.HEAD), {})
    _guide(book.create_sheet(names.GUIDE))
    _criteria(book.create_sheet(names.EXAMPLES), lines_of(example()))
    return _saved(book)


def example() -> dict[str, Any]:
    """Return a small sound table with a criterion of every rule kind."""
    table: dict[str, Any] = json.loads(_EXAMPLE.read_text(encoding="utf-8"))
    return table


def _book() -> Workbook:
    book = Workbook()
    book.remove(book.active)
    return book


def _saved(book: Workbook) -> bytes:
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _criteria(sheet: Worksheet, lines: Sequence[Line]) -> None:
    extra = [names.PARENT] if any(line.cells[names.PARENT] for line in lines) else []
    columns = [*names.COLUMNS, *extra]
    _header(sheet, columns)
    for row, line in enumerate(lines, start=2):
        for place, column in enumerate(columns, start=1):
            cell = _put(sheet, row, place, line.cells[column], is_number=column in _NUMBERS)
            cell.border = _GRID
            side = "right" if column in _NUMBERS else "left"
            indent = min(line.depth, 8) if column == names.TITLE else 0
            cell.alignment = Alignment(
                horizontal=side, vertical="top", wrap_text=True, indent=indent
            )
            if line.is_group:
                cell.font, cell.fill = _BOLD, _GROUP_FILL
    for place, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = _WIDTHS[column]
    _offer_kinds(sheet, columns, len(lines) + _SPARE_ROWS)
    sheet.freeze_panes = "C2"
    _print_setup(sheet)
    sheet.print_title_rows = "1:1"


def _header(sheet: Worksheet, titles: Iterable[str]) -> None:
    for place, title in enumerate(titles, start=1):
        cell = _put(sheet, 1, place, title)
        cell.font, cell.fill, cell.border = _BOLD, _HEAD_FILL, _GRID
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)


def _offer_kinds(sheet: Worksheet, columns: Sequence[str], last: int) -> None:
    """Let people choose a kind from a list; the list stands in the guide."""
    first = 2
    end = first + len(names.RULE_KINDS) + len(names.GROUP_KINDS) - 1
    letter = get_column_letter(columns.index(names.KIND) + 1)
    choice = DataValidation(
        type="list", formula1=f"'{names.GUIDE}'!$A${first}:$A${end}", allow_blank=True
    )
    # A hint and no lock: the import says better what is wrong.
    choice.showErrorMessage = False
    choice.add(f"{letter}2:{letter}{last}")
    sheet.add_data_validation(choice)


def _head(sheet: Worksheet, cells: Mapping[str, str]) -> None:
    _header(sheet, ["Mục", "Giá trị", "Cách ghi"])
    for row, name in enumerate(names.HEAD_LINES, start=2):
        is_number = name in (names.SCALE, names.ROUNDING)
        values = (name, cells.get(name, ""), HINTS[name])
        for place, text in enumerate(values, start=1):
            cell = _put(sheet, row, place, text, is_number=is_number and place == 2)  # noqa: PLR2004
            cell.border = _GRID
            cell.alignment = Alignment(horizontal="left", vertical="top", wrap_text=True)
        sheet.cell(row, 1).font = _BOLD
    for letter, width in zip("ABC", (22, 62, 62), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    _print_setup(sheet)


def _guide(sheet: Worksheet) -> None:
    _header(sheet, ["Loại", "Khi nào dùng", "Cách ghi cột Tham số"])
    rows = kinds_in_words()
    for row, texts in enumerate(rows, start=2):
        for place, text in enumerate(texts, start=1):
            cell = _put(sheet, row, place, text)
            cell.border = _GRID
            cell.alignment = Alignment(vertical="top", wrap_text=True)
        sheet.cell(row, 1).font = _BOLD
    for row, text in enumerate(ADVICE, start=len(rows) + 3):
        _put(sheet, row, 1, text).alignment = Alignment(vertical="top", wrap_text=True)
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=3)
        # Excel fits no merged row by itself: some 150 letters stand in a line here.
        sheet.row_dimensions[row].height = 16 * (1 + len(text) // 140)
    for letter, width in zip("ABC", (34, 52, 66), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    _print_setup(sheet)


def _print_setup(sheet: Worksheet) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "Trang &P/&N"


def _put(sheet: Worksheet, row: int, column: int, text: str, *, is_number: bool = False) -> Any:  # noqa: ANN401 - openpyxl ships no types
    cell = sheet.cell(row, column)
    number = _exact_number(text) if is_number else None
    if number is not None:
        cell.value = number
        return cell
    if text:
        cell.value = text
        # Whatever it begins with: openpyxl would take "=…" for a formula, and Excel on editing too.
        cell.data_type = "s"
        cell.quotePrefix = text.startswith(_FORMULA)
    cell.number_format = "@"
    return cell


def _exact_number(text: str) -> Decimal | None:
    """Return the number of a cell if Excel would give back exactly this text."""
    typed = text.replace(MINUS, "-").replace(",", ".")
    if not typed or len(typed.replace("-", "").replace(".", "")) > _EXACT_DIGITS:
        return None
    number = Decimal(typed)
    return number if plain(number) == typed else None
