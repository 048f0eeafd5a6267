"""What reading a workbook finds: rows, faults beside them, and the table when all is sound."""

from dataclasses import dataclass, field
from typing import Any

from scoring.tablebook.names import CODE, CRITERIA


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: sheet, row, column, what is wrong, what to write instead (whole sentences)."""

    sheet: str
    #: As Excel counts; None where the sheet as a whole is meant.
    row: int | None
    #: Title of the column or line; empty where the row as a whole is meant.
    column: str
    wrong: str
    instead: str = ""

    @property
    def words(self) -> str:
        """Say the fault in one or two sentences."""
        return f"{self.wrong} {self.instead}".strip()

    @property
    def place(self) -> str:
        """Say where it stands: ``Trang Tiêu chí, dòng 5, cột Điểm tối đa``."""
        row = f", dòng {self.row}" if self.row else ""
        noun = "cột" if self.sheet == CRITERIA else "mục"
        column = f", {noun} {self.column}" if self.column else ""
        return f"Trang {self.sheet}{row}{column}"


@dataclass(slots=True)
class Row:
    """One row of the sheet of criteria as it was read."""

    #: As Excel counts.
    number: int
    #: By the titles of the columns; what is empty is not there.
    cells: dict[str, str]
    depth: int = 0
    is_group: bool = False
    #: Why the row is not part of the table, or what is odd about it; empty otherwise.
    note: str = ""
    is_skipped: bool = False
    faults: list[Fault] = field(default_factory=list)

    @property
    def code(self) -> str:
        """The code as it stands in the sheet."""
        return self.cells.get(CODE, "")

    def fault(self, column: str, wrong: str, instead: str = "") -> None:
        """Note a fault."""
        self.faults.append(Fault(CRITERIA, self.number, column, wrong, instead))

    def is_faulty(self, column: str) -> bool:
        """Say whether a cell has a fault already."""
        return any(fault.column == column for fault in self.faults)


@dataclass(frozen=True, slots=True)
class Reading:
    """A workbook as it was read."""

    rows: tuple[Row, ...]
    #: The conventions as they stand: line → text.
    head: dict[str, str]
    #: All of them, in the order of sheets and rows.
    faults: tuple[Fault, ...]
    #: What was done with what the file does not say, in whole sentences.
    notes: tuple[str, ...]
    #: In the interchange format; None where there are faults.
    table: dict[str, Any] | None
