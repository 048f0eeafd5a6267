"""What would become of a unit if single figures were others: the real engine, nothing stored (U12).

Pure: the table and the figures of the cluster go in, the unit's result before and after comes out.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scoring.engine import Result, Table, UnitResult, compute, read_figures
from scoring.figures import Figure, entry_of


@dataclass(frozen=True, slots=True)
class Outcome:
    """One unit before and after, among so many ranked ones."""

    before: UnitResult
    after: UnitResult
    ranked: int

    @property
    def gain(self) -> Decimal:
        """Return by how many points the total grows; negative when it falls."""
        return self.after.total - self.before.total

    @property
    def moved(self) -> tuple[str, ...]:
        """Return the codes of the unit's leaves whose points differ."""
        before, after = self.before.lines, self.after.lines
        return tuple(code for code in after if after[code].score != before[code].score)


def tried(
    table: Table,
    figures: Mapping[str, Any],
    unit: str,
    bases: Mapping[str, Mapping[str, Any]],
    changes: Mapping[str, Figure],
) -> Outcome:
    """Compute a cluster as it stands (FIGURES.json) and with other figures of one unit.

    `changes` holds a figure for each leaf that is tried, by code; `{}` is *not entered*. Target
    and baseline are taken from `bases` as in a run. Raises `Faults` for a figure that the rule of
    its leaf cannot take.
    """
    now = compute(table, read_figures(figures, table))
    other = copy.deepcopy(dict(figures))
    own = next(row for row in other["units"] if row["code"] == unit)
    leaves = {leaf.code: leaf for leaf in table.leaves}
    for code, figure in changes.items():
        entry = entry_of(leaves[code], bases.get(code, {}), figure)
        own["figures"].pop(code, None)
        if entry is not None:
            own["figures"][code] = entry
    then = compute(table, read_figures(other, table))
    return Outcome(_of(now, unit), _of(then, unit), sum(u.rank is not None for u in then.units))


def _of(result: Result, code: str) -> UnitResult:
    return next(unit for unit in result.units if unit.code == code)
