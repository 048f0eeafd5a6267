"""The Excel form of a criteria table: written for officials, read from their files.

Pure: no database, no settings, no clock. `write` makes a workbook of a table in the interchange
format, `read` returns every row of a workbook with its faults, and the table when all is sound.
"""

from scoring.tablebook.cells import MOST_ROWS
from scoring.tablebook.findings import Fault, Reading, Row
from scoring.tablebook.lines import Line, head_of, lines_of
from scoring.tablebook.names import COLUMNS, GROUP_KINDS, RULE_KINDS
from scoring.tablebook.reading import read, read_sheets
from scoring.tablebook.rules import rule_words
from scoring.tablebook.sheets import blank, write

__all__ = [
    "COLUMNS",
    "GROUP_KINDS",
    "MOST_ROWS",
    "RULE_KINDS",
    "Fault",
    "Line",
    "Reading",
    "Row",
    "blank",
    "head_of",
    "lines_of",
    "read",
    "read_sheets",
    "rule_words",
    "write",
]
