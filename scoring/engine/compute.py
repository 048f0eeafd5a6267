"""From a table and the figures of a cluster to points, sums, ranks and explanations.

Pure: no clock, no database, no setting. What depends on the whole cluster is worked out once for
each leaf, then every unit is scored by itself.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, localcontext
from functools import partial
from typing import Final

from scoring.engine.entry import NOT_ENTERED, Entry, State
from scoring.engine.exact import EXACT, HUNDRED, ONE, ZERO, rounded
from scoring.engine.exact import number as in_words
from scoring.engine.figures import Figures, Unit
from scoring.engine.ranking import rank
from scoring.engine.result import LineResult, Result, UnitResult
from scoring.engine.rules import Role
from scoring.engine.table import Group, Leaf, Table

#: The lines of the units for one leaf, and the state in which each entry was found.
Column = list[tuple[State, LineResult]]


def compute(table: Table, figures: Figures) -> Result:
    """Score, sum up, classify and rank the units of one cluster."""
    with localcontext(EXACT):
        columns = [_column(table, leaf, figures.units) for leaf in table.leaves]
        units = [_unit(table, unit, columns, at) for at, unit in enumerate(figures.units)]
        ranked, tied = rank(units, table)
    inputs = hashlib.sha256(table.canonical + b"\n" + figures.canonical)
    return Result(ranked, tied, inputs.hexdigest())


def _column(table: Table, leaf: Leaf, units: Sequence[Unit]) -> Column:
    """Score one leaf for all units."""
    rule, places, noun = leaf.rule, table.places, leaf.role.noun
    entries = [unit.entries.get(leaf.code, NOT_ENTERED) for unit in units]
    states = [rule.state(entry) if entry.assigned else State.NOT_ASSIGNED for entry in entries]
    field = [
        (unit.label, entry)
        for unit, entry, state in zip(units, entries, states, strict=True)
        if state is State.SCORED
    ]
    scorer = rule.over(field)
    top, nothing = rounded((leaf.max, ONE), places), rounded((ZERO, ONE), places)
    column: Column = []
    for entry, state in zip(entries, states, strict=True):
        if state is State.SCORED:
            score: Decimal | None = rounded(scorer.points(entry), places)
            explain = partial(scorer.why, entry)
        else:
            score = None if state in _OUTSIDE else nothing
            explain = partial(_SENTENCES[state], leaf, entry)
        column.append((state, LineResult(score, top, noun, explain)))
    return column


def _unit(table: Table, unit: Unit, columns: Sequence[Column], at: int) -> UnitResult:
    """Bring the lines of one unit together; its rank comes later."""
    lines: dict[str, LineResult] = {}
    missing: list[str] = []
    assigned_max = table.scale_total
    for leaf, column in zip(table.leaves, columns, strict=True):
        state, line = column[at]
        lines[leaf.code] = line
        if leaf.role is Role.ORDINARY:
            if state in _MISSING:
                missing.append(leaf.code)
            elif line.score is None:
                assigned_max -= leaf.max
    groups: dict[str, Decimal] = {}
    sums = dict.fromkeys(Role, ZERO)
    for group in table.groups:
        sums[group.role] += _group(group, lines, groups)
    total = sums[Role.ORDINARY] + sums[Role.BONUS] - sums[Role.PENALTY]
    percent = rounded((total * HUNDRED, assigned_max), table.places) if assigned_max else None
    return UnitResult(
        code=unit.code,
        total=rounded((total, ONE), table.places),
        base=rounded((sums[Role.ORDINARY], ONE), table.places),
        bonus=rounded((sums[Role.BONUS], ONE), table.places),
        penalty=rounded((sums[Role.PENALTY], ONE), table.places),
        assigned_max=rounded((assigned_max, ONE), table.places),
        percent=percent,
        rank=None,
        classification=_classification(table, percent),
        missing=tuple(missing),
        vetoes=unit.vetoes + _vetoes(table, unit),
        groups={code: rounded((groups[code], ONE), table.places) for code in sorted(groups)},
        lines=lines,
    )


def _group(group: Group, lines: Mapping[str, LineResult], groups: dict[str, Decimal]) -> Decimal:
    """Add up a group and everything below it, the cap applied; note each sum in ``groups``."""
    total = ZERO
    for child in group.children:
        if isinstance(child, Group):
            total += _group(child, lines, groups)
        else:
            total += lines[child.code].score or ZERO
    groups[group.code] = total if group.cap is None else min(total, group.cap)
    return groups[group.code]


def _classification(table: Table, percent: Decimal | None) -> str | None:
    if percent is None:
        return None
    counted = min(percent, HUNDRED)
    return next((row.label for row in table.classification if counted >= row.reached_from), None)


def _vetoes(table: Table, unit: Unit) -> tuple[str, ...]:
    """Return a sentence for every leaf whose entry bars the unit from being ranked."""
    return tuple(
        _veto(leaf, entry)
        for leaf in table.leaves
        if (entry := unit.entries.get(leaf.code, NOT_ENTERED)).assigned and leaf.rule.vetoes(entry)
    )


def _veto(leaf: Leaf, entry: Entry) -> str:
    happened = leaf.rule.amount(entry.count or ZERO)
    title = f" {leaf.title}" if leaf.title else ""
    return f"{leaf.code}{title}: đã để xảy ra {happened}, không xét xếp hạng."


#: Entries that leave numerator and denominator.
_OUTSIDE: Final = frozenset({State.NOT_ASSIGNED, State.LEFT_OUT})
#: Entries of ordinary leaves that are listed as missing.
_MISSING: Final = frozenset({State.NOT_ENTERED, State.NO_TARGET})


def _not_entered(leaf: Leaf, _entry: Entry, earned: str) -> str:
    if leaf.role is Role.ORDINARY:
        return f"Chưa nhập số liệu, mức tối đa {in_words(leaf.max)}: {earned}."
    return f"Không có số liệu đề nghị tính {leaf.role.noun}: {earned}."


def _not_assigned(_leaf: Leaf, _entry: Entry, _earned: str) -> str:
    return "Không giao tiêu chí này cho đơn vị nên không tính vào điểm và điểm tối đa."


def _left_out(_leaf: Leaf, _entry: Entry, _earned: str) -> str:
    return "Không giao chỉ tiêu cho đơn vị nên không tính tiêu chí này vào điểm và điểm tối đa."


def _no_target(leaf: Leaf, entry: Entry, earned: str) -> str:
    actual = leaf.rule.amount(entry.actual or ZERO)
    return f"Đạt {actual} nhưng chưa có chỉ tiêu để so sánh: {earned}."


_SENTENCES: Final[Mapping[State, Callable[[Leaf, Entry, str], str]]] = {
    State.NOT_ENTERED: _not_entered,
    State.NOT_ASSIGNED: _not_assigned,
    State.LEFT_OUT: _left_out,
    State.NO_TARGET: _no_target,
}
