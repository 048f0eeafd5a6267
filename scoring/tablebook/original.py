"""The table as it was written, on a hidden sheet of its own workbook.

The visible cells say everything that a table means, but not how it was spelled: whether a default
stands there or was left out, ``2.5`` or ``2.50``. So that export and re-import give the same bytes,
the spelling travels along. It is taken only while every visible cell still says what this table
says; after any change the visible cells alone count.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from scoring.engine import Faults, loads, read_table
from scoring.tablebook.lines import Line, head_of, lines_of

#: Letters in a cell; Excel takes 32,767.
_PIECE: Final = 30_000


def pieces_of(table: Mapping[str, Any]) -> list[str]:
    """Write a table into the cells of the hidden sheet."""
    text = json.dumps(table, ensure_ascii=True)
    return [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]


def taken(
    pieces: Sequence[str], lines: Sequence[Mapping[str, str]], head: Mapping[str, str]
) -> dict[str, Any] | None:
    """Return the table of the hidden sheet if it says what the visible cells say, else None."""
    try:
        table = loads("".join(pieces))
        read_table(table)
    except Faults:
        return None
    if not isinstance(table, dict):
        return None
    same_lines = [_filled(line.cells) for line in lines_of(table)] == list(map(_filled, lines))
    return table if same_lines and _filled(head_of(table)) == _filled(head) else None


def _filled(cells: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in cells.items() if text}


__all__ = ["Line", "pieces_of", "taken"]
