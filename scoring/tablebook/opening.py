"""Opening a workbook of strangers in a process of its own: `python -m scoring.tablebook.opening`.

The process limits itself before it reads, knows no settings and no database, and answers with one
line of JSON: the cells, or the sentence why the file is not taken.
"""

from dataclasses import asdict
from typing import Any, Final

from core.uploads import apart
from scoring.tablebook.cells import Cell, Sheet, grid_of

_MODULE: Final = "scoring.tablebook.opening"


def opened(data: bytes) -> list[Sheet]:
    """Have a workbook opened apart; `Unfit` says why it is not taken."""
    return [_sheet(sheet) for sheet in apart.asked(_MODULE, data)["sheets"]]


def _sheet(raw: dict[str, Any]) -> Sheet:
    rows = {
        int(row): {int(place): Cell(**cell) for place, cell in cells.items()}
        for row, cells in raw["rows"].items()
    }
    merged = [(left, top, right, bottom) for left, top, right, bottom in raw["merged"]]
    return Sheet(raw["name"], raw["is_hidden"], rows, merged, set(raw["hidden_rows"]))


def answer(data: bytes) -> dict[str, Any]:
    """Read a workbook; return `{"sheets": …}` or `{"fault": sentence}`."""
    return apart.answer_of(lambda: {"sheets": [_plain(sheet) for sheet in grid_of(data)]})


def _plain(sheet: Sheet) -> dict[str, Any]:
    return asdict(sheet) | {"hidden_rows": sorted(sheet.hidden_rows)}


def main() -> None:
    """Answer about the bytes at the input."""
    apart.serve(answer)


if __name__ == "__main__":
    main()
