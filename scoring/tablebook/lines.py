"""A table as lines of cells: what the sheets show, what two tables are compared by."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.text import nfc
from scoring.tablebook import names
from scoring.tablebook.head import head_cells
from scoring.tablebook.phrases import vn
from scoring.tablebook.rules import rule_words

#: Cells in which line breaks mean something.
_SEVERAL_LINES: Final = frozenset({names.RULE, names.BASIS})
_LOOK_ALIKE: Final = str.maketrans("\u00d0\u0189\u2011", "ĐĐ-")
#: A cell of Excel holds no more.
MOST_LETTERS: Final = 32_000
_YES, _NO = "có", "không"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the sheet: the cells by column, as text."""

    cells: Mapping[str, str]
    depth: int
    is_group: bool

    @property
    def code(self) -> str:
        """The code as it stands in the sheet."""
        return self.cells[names.CODE]


def tidy(text: str, column: str = "") -> str:
    """Bring the text of a cell to the form in which it is compared and stored.

    Like `core.text.clean_text`, but what cannot be printed is dropped: a table that is written out
    must never fail over a letter.
    """
    lines = re.sub("\r\n?|[\u2028\u2029\x0b\x0c\x85]", "\n", text[:MOST_LETTERS])
    plain = nfc("".join(c for c in lines if c in "\n\t" or _is_printable(c))).translate(_LOOK_ALIKE)
    if column in _SEVERAL_LINES:
        return "\n".join(" ".join(line.split()) for line in plain.split("\n")).strip()
    return " ".join(plain.split())


def _is_printable(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Cn")


def lines_of(table: Mapping[str, Any]) -> list[Line]:
    """Write the groups and criteria of a table, parents first; drafts may lack this and that."""
    lines = list(_lines(table["groups"], depth=0, takes_away=False, above=None))
    known = known_parts(line.code for line in lines)
    return [_without_plain_parent(line, known) for line in lines]


def head_of(table: Mapping[str, Any]) -> dict[str, str]:
    """Write the conventions of a table: line of the sheet → what stands in it."""
    return {name: tidy(text, names.RULE) for name, text in head_cells(table).items()}


def known_parts(codes: Iterable[str]) -> dict[tuple[str, ...], str]:
    """Return the codes of a table by their parts; of equal ones the first."""
    known: dict[tuple[str, ...], str] = {}
    for code in codes:
        known.setdefault(parts_of(code), code)
    return known


def parent_of(code: str, known: Mapping[tuple[str, ...], str]) -> str | None:
    """Return the code of the group that a code shows: ``I.1.a`` → ``I.1``, else ``I``."""
    parts = parts_of(code)
    found = (known.get(parts[:length]) for length in range(len(parts) - 1, 0, -1))
    return next((other for other in found if other is not None), None)


def parts_of(code: str) -> tuple[str, ...]:
    """Split a code into its parts; a dot at the end says nothing."""
    return tuple(part.strip() for part in code.rstrip(". ").split("."))


def _lines(
    nodes: Iterable[Mapping[str, Any]], *, depth: int, takes_away: bool, above: str | None
) -> Iterator[Line]:
    for node in nodes:
        taken = takes_away or node.get("kind") == "penalty"
        cells = _cells(node, takes_away=taken)
        cells[names.PARENT] = names.TOP_LEVEL if above is None else tidy(above)
        yield Line(cells, depth, "rule" not in node)
        yield from _lines(
            node.get("children", ()), depth=depth + 1, takes_away=taken, above=node["code"]
        )


def _without_plain_parent(line: Line, known: Mapping[tuple[str, ...], str]) -> Line:
    """Leave the column of groups empty where the code says the same."""
    by_code = parent_of(line.code, known)
    if line.cells[names.PARENT] == (names.TOP_LEVEL if by_code is None else by_code):
        return Line({**line.cells, names.PARENT: ""}, line.depth, line.is_group)
    return line


def _cells(node: Mapping[str, Any], *, takes_away: bool) -> dict[str, str]:
    rule = node.get("rule")
    if rule is None:
        kind = names.GROUP_KINDS.get(node.get("kind", ""), "")
        words = f"tối đa {vn(node['cap'])}" if "cap" in node else ""
    else:
        kind = names.RULE_KINDS.get(rule.get("kind", ""), "")
        words = rule_words(rule, takes_away=takes_away) if kind else ""
    cells = {
        names.CODE: node["code"],
        names.TITLE: node.get("title", ""),
        names.MAX: vn(node.get("max")),
        names.KIND: kind,
        names.UNIT: node.get("unit_of_measure", ""),
        names.TARGET: vn(node.get("target")),
        names.RULE: words,
        names.BASIS: node.get("legal_basis", ""),
        names.EVIDENCE: _flag(node.get("evidence_required")),
    }
    return {column: tidy(text, column) for column, text in cells.items()}


def _flag(value: bool | None) -> str:  # noqa: FBT001
    return "" if value is None else _YES if value else _NO
