"""The Excel workbook of a scoreboard: ranks on one sheet, every leaf of every unit on another.

Pure: plain data in, bytes out. Figures are numbers, words are words: a text that begins like a
formula stays a text, so that a name can never make Excel compute or call anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

#: A cell: a word, a number, or nothing.
Value = str | int | Decimal | None
_BOLD: Final = Font(bold=True)
_UNDER: Final = Border(bottom=Side(style="thin"))
_WIDEST: Final = 60
#: Signs with which a spreadsheet begins to compute.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class SheetData:
    """One sheet: its name, the lines over the table, heads and rows."""

    name: str
    title: Sequence[str]
    heads: Sequence[str]
    rows: Sequence[Sequence[Value]]
    #: Decimals of the points.
    places: int
    #: Rows printed bold (places in `rows`): the groups.
    bold: frozenset[int] = frozenset()
    #: Columns that stay while scrolling.
    kept: int = 2


def workbook(sheets: Sequence[SheetData]) -> bytes:
    """Return the bytes of an .xlsx file."""
    book = Workbook(write_only=True)
    for data in sheets:
        _sheet(book, data)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _sheet(book: Any, data: SheetData) -> None:  # noqa: ANN401 - openpyxl ships no types
    sheet = book.create_sheet(data.name[:31])
    head = len(data.title) + 2
    sheet.freeze_panes = f"{get_column_letter(data.kept + 1)}{head + 1}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{head}:{head}"
    for place, width in enumerate(_widths(data), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    for line, text in enumerate(data.title):
        cell = _cell(sheet, text, data.places)
        if line == 0:
            cell.font = _BOLD
        sheet.append([cell])
    sheet.append([])
    sheet.append([_head(sheet, text, data.places) for text in data.heads])
    for place, row in enumerate(data.rows):
        cells = [_cell(sheet, value, data.places) for value in row]
        for cell in cells if place in data.bold else ():
            cell.font = _BOLD
        sheet.append(cells)


def _widths(data: SheetData) -> list[int]:
    """Make a column as wide as its longest word, within reason."""
    columns = zip(*[data.heads, *data.rows], strict=True)
    return [min(_WIDEST, 3 + max(len(str(value or "")) for value in column)) for column in columns]


def _head(sheet: Any, text: str, places: int) -> Any:  # noqa: ANN401
    cell = _cell(sheet, text, places)
    cell.font, cell.border = _BOLD, _UNDER
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    return cell


def _cell(sheet: Any, value: Value, places: int) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        text = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell = WriteOnlyCell(sheet, text)
        # Whatever it begins with: openpyxl would take "=…" for a formula, and Excel on editing too.
        cell.data_type = "s"
        if text.startswith(_FORMULA):
            cell.quotePrefix = True
    else:
        cell = WriteOnlyCell(sheet, value)
        if isinstance(value, Decimal):
            cell.number_format = f"#,##0.{'0' * places}" if places else "#,##0"
    return cell
