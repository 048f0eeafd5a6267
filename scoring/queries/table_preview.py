"""What an imported criteria table would do: its rows, what stands in the way, what it changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from clusters.models import ClusterYear
from core.policy import ALLOWED, Verdict, deny
from scoring import tablebook
from scoring.policies.table import TableStanding
from scoring.queries.table import as_interchange, leaves_of
from scoring.queries.table_coded import codes_with_text
from scoring.queries.table_diff import (
    ADDED,
    CHANGED,
    MOVED,
    REMOVED,
    RowChange,
    changes_between,
)
from scoring.queries.table_uses import said_of_uses, targets_by_code, uses_of_criteria
from scoring.tablebook import names

#: Faults and changes that a page lists; the others are counted.
MOST_LISTED: Final = 40
_MARKS: Final = {ADDED: "Thêm", CHANGED: "Sửa"}
_MOST_NAMES: Final = 5


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One row as the page shows it."""

    #: As Excel counts; 0 where the table no longer comes from a file.
    number: int
    cells: Mapping[str, str]
    depth: int
    is_group: bool
    faults: tuple[tablebook.Fault, ...] = ()
    note: str = ""
    is_skipped: bool = False
    #: What the row does to the table that stands: *Thêm*, *Sửa* or nothing.
    mark: str = ""

    @property
    def code(self) -> str:
        """The code as it stands in the file."""
        return self.cells.get(names.CODE, "")

    @property
    def title(self) -> str:
        """The text of the criterion."""
        return self.cells.get(names.TITLE, "")

    @property
    def points(self) -> str:
        """The maximum as it stands in the file."""
        return self.cells.get(names.MAX, "")

    @property
    def kind(self) -> str:
        """The rule kind, or the kind of the group."""
        return self.cells.get(names.KIND, "")

    @property
    def parameters(self) -> str:
        """The parameters of the rule, or the cap of the group."""
        return self.cells.get(names.RULE, "")

    @property
    def unit(self) -> str:
        """The unit of measure."""
        return self.cells.get(names.UNIT, "")

    @property
    def target(self) -> str:
        """The target proposed for all."""
        return self.cells.get(names.TARGET, "")

    @property
    def basis(self) -> str:
        """The paper the criterion follows from."""
        return self.cells.get(names.BASIS, "")

    @property
    def evidence(self) -> str:
        """Whether evidence is required, as it stands in the file."""
        return self.cells.get(names.EVIDENCE, "")


@dataclass(frozen=True, slots=True)
class Preview:
    """A table before it is stored."""

    rows: tuple[PreviewRow, ...]
    head: tuple[tuple[str, str], ...]
    faults: tuple[tablebook.Fault, ...]
    notes: tuple[str, ...]
    #: What the table changes in the one that stands; None where none stands or faults are left.
    changes: tuple[RowChange, ...] | None
    #: Why the table cannot be stored although it is sound, in whole sentences.
    obstacles: tuple[str, ...]
    #: None where there are faults.
    table: dict[str, Any] | None

    @property
    def verdict(self) -> Verdict:
        """Say whether the table can be stored by somebody who may write tables."""
        return deny(" ".join(self.obstacles)) if self.obstacles else ALLOWED

    @property
    def counts(self) -> str:
        """Say how many rows are added, changed and removed, and whether their order differs."""
        found = [change for change in self.changes or () if change.code]
        words = ((ADDED, "thêm"), (CHANGED, "sửa"), (REMOVED, "bỏ"))
        counted = ((sum(change.what == what for change in found), word) for what, word in words)
        said = [f"{word} {count} dòng" for count, word in counted if count]
        is_moved = any(change.what == MOVED for change in self.changes or ())
        return ", ".join([*said, "xếp lại thứ tự"] if is_moved else said)

    @property
    def has_numbers(self) -> bool:
        """Whether the rows still are rows of a file."""
        return any(row.number for row in self.rows)

    @property
    def listed_faults(self) -> tuple[tablebook.Fault, ...]:
        """Return the faults that the head of the page lists."""
        return self.faults[:MOST_LISTED]

    @property
    def listed_changes(self) -> tuple[RowChange, ...]:
        """Return the changes that the page lists."""
        return (self.changes or ())[:MOST_LISTED]

    @property
    def more_faults(self) -> int:
        """Return how many faults only stand beside their rows."""
        return max(len(self.faults) - MOST_LISTED, 0)

    @property
    def more_changes(self) -> int:
        """Return how many changes are not listed."""
        return max(len(self.changes or ()) - MOST_LISTED, 0)


def present_table(standing: TableStanding) -> dict[str, Any] | None:
    """Return the table that an import is held against: the draft, else the one in use."""
    found = standing.draft or standing.in_use
    return as_interchange(found) if found else None


def preview_of(
    reading: tablebook.Reading, standing: TableStanding, present: Mapping[str, Any] | None
) -> Preview:
    """Put a reading beside the table that stands."""
    changes = _changes(present, reading.table)
    marks = _marks(changes)
    rows = (
        PreviewRow(
            row.number, row.cells, row.depth, row.is_group, tuple(row.faults), row.note,
            row.is_skipped, marks.get(row.code, ""),
        )
        for row in reading.rows
    )  # fmt: skip
    obstacles = _obstacles(standing, present, reading.table) if reading.table else ()
    return Preview(
        tuple(rows), tuple(reading.head.items()), reading.faults, reading.notes, changes,
        obstacles, reading.table,
    )  # fmt: skip


def preview_again(
    table: dict[str, Any], standing: TableStanding, present: Mapping[str, Any] | None
) -> Preview:
    """Put a table that was previewed before beside what stands by now."""
    changes = _changes(present, table)
    marks = _marks(changes)
    rows = (
        PreviewRow(0, line.cells, line.depth, line.is_group, mark=marks.get(line.code, ""))
        for line in tablebook.lines_of(table)
    )
    head = {name: text for name, text in tablebook.head_of(table).items() if text}
    obstacles = _obstacles(standing, present, table)
    return Preview(tuple(rows), tuple(head.items()), (), (), changes, obstacles, table)


def _marks(changes: Iterable[RowChange] | None) -> dict[str, str]:
    """Return what stands beside a row that was added or changed, by its code."""
    return {one.code: _MARKS[one.what] for one in changes or () if one.what in _MARKS}


def _changes(
    present: Mapping[str, Any] | None, table: Mapping[str, Any] | None
) -> tuple[RowChange, ...] | None:
    if present is None or table is None:
        return None
    return tuple(changes_between(present, table))


def _obstacles(
    standing: TableStanding, present: Mapping[str, Any] | None, table: dict[str, Any]
) -> tuple[str, ...]:
    """Say before the storing what it would be refused for."""
    said = []
    found = standing.draft or standing.in_use
    coded = codes_with_text(table) if found and found.is_coded else []
    if coded:
        more = f" và {len(coded) - _MOST_NAMES} dòng khác" if len(coded) > _MOST_NAMES else ""
        said.append(
            "Bảng chỉ ghi mã số nên không nhận nội dung, căn cứ của tiêu chí: "
            f"{', '.join(coded[:_MOST_NAMES])}{more}. Xóa chữ ở hai cột này rồi nhập lại."
        )
    if lost := _lost(standing.year, present, table):
        said.append(
            f"Tệp không còn tiêu chí {lost} mà giao ước đang gắn. "
            "Giữ các mã này trong tệp, hoặc gắn chỉ tiêu sang tiêu chí khác trước."
        )
    return tuple(said)


def _lost(year: ClusterYear, present: Mapping[str, Any] | None, table: Mapping[str, Any]) -> str:
    """Name the criteria with targets that would go."""
    if present is None:
        return ""
    gone = set(leaves_of(present)) - set(leaves_of(table))
    counts = targets_by_code(use for use in uses_of_criteria(year) if use.code in gone)
    return said_of_uses(counts, counts)
