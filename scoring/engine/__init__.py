"""The scoring engine: a pure function from a criteria table and figures to the ranked result.

No database, no clock, no float. The self-score preview, the appraisal, the scoring run, the what-if
page and ``manage.py score`` all call :func:`compute`. See docs/adr/0040.
"""

from scoring.engine.canonical import canonical
from scoring.engine.compute import compute
from scoring.engine.entry import Entry
from scoring.engine.faults import Fault, Faults, one_line
from scoring.engine.figures import Figures, Unit, read_figures
from scoring.engine.loading import loads
from scoring.engine.result import ENGINE_VERSION, LineResult, Result, UnitResult, dump
from scoring.engine.rules import KINDS, Role
from scoring.engine.table import Grade, Group, Leaf, Table, groups_of, read_table

__all__ = [
    "ENGINE_VERSION",
    "KINDS",
    "Entry",
    "Fault",
    "Faults",
    "Figures",
    "Grade",
    "Group",
    "Leaf",
    "LineResult",
    "Result",
    "Role",
    "Table",
    "Unit",
    "UnitResult",
    "canonical",
    "compute",
    "dump",
    "groups_of",
    "loads",
    "one_line",
    "read_figures",
    "read_table",
]
