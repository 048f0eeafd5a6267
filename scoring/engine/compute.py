"""From a table and the figures of a cluster to points, sums, ranks and explanations.

Pure: no clock, no database, no setting. What depends on the whole cluster is worked out once for
each leaf, then every unit is scored by itself.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import Final

from scoring.engine.entry import NOT_ENTERED, Entry, State
from scoring.engine.exact import EXACT, HUNDRED, ONE, ZERO, Rounding, rounding
from scoring.engine.exact import number as in_words
from scoring.engine.figures import Figures, Unit
from scoring.engine.ranking import rank
from scoring.engine.result import LineResult, Result, UnitResult
from scoring.engine.rules import Role
from scoring.engine.table import Group, Leaf, Table

#: States of entries that leave numerator and denominator.
_OUTSIDE: Final = (State.NOT_ASSIGNED, State.LEFT_OUT)


def compute(table: Table, figures: Figures) -> Result:
    """Score, sum up, classify and rank the units of one cluster."""
    with localcontext(EXACT):
        round_half_up = rounding(table.places)
        sheets = [_Sheet(unit, table.scale_total) for unit in figures.units]
        for leaf in table.leaves:
            _score(leaf, sheets, round_half_up)
        units = [_unit(table, sheet, round_half_up) for sheet in sheets]
        ranked, tied = rank(units, table)
    inputs = hashlib.sha256(table.canonical + b"\n" + figures.canonical)
    return Result(ranked, tied, inputs.hexdigest())


@dataclass(slots=True)
class _Sheet:
    """The score sheet of one unit, filled leaf by leaf in the order of codes."""

    unit: Unit
    #: The scale without the ordinary leaves that are not assigned.
    assigned_max: Decimal
    lines: dict[str, LineResult] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    #: Sentences of vetoes that follow from figures.
    vetoes: list[str] = field(default_factory=list)


def _score(leaf: Leaf, sheets: Sequence[_Sheet], round_half_up: Rounding) -> None:
    """Score one leaf for all units."""
    code, rule, noun = leaf.code, leaf.rule, leaf.role.noun
    top, nothing = round_half_up((leaf.max, ONE)), round_half_up((ZERO, ONE))
    scored: list[tuple[_Sheet, Entry]] = []
    for sheet in sheets:
        entry = sheet.unit.entries.get(code, NOT_ENTERED)
        state = rule.state(entry) if entry.assigned else State.NOT_ASSIGNED
        if state is State.SCORED:
            scored.append((sheet, entry))
            continue
        score = None if state in _OUTSIDE else nothing
        sheet.lines[code] = LineResult(score, top, noun, entry, _Unscored(leaf, state))
        if leaf.role is Role.ORDINARY:
            if score is None:
                sheet.assigned_max -= leaf.max
            else:
                sheet.missing.append(code)
    scorer = rule.over([(sheet.unit.label, entry) for sheet, entry in scored])
    points = scorer.points
    for sheet, entry in scored:
        sheet.lines[code] = LineResult(round_half_up(points(entry)), top, noun, entry, scorer)
        if rule.vetoes(entry):
            sheet.vetoes.append(_veto(leaf, entry))


def _unit(table: Table, sheet: _Sheet, round_half_up: Rounding) -> UnitResult:
    """Sum up one unit; its rank comes later."""
    groups: dict[str, Decimal] = {}
    sums = dict.fromkeys(Role, ZERO)
    for group in table.groups:
        sums[group.role] += _group(group, sheet.lines, groups)
    base, bonus, penalty = (sums[role] for role in (Role.ORDINARY, Role.BONUS, Role.PENALTY))
    total, most = base + bonus - penalty, sheet.assigned_max
    percent = round_half_up((total * HUNDRED, most)) if most else None
    return UnitResult(
        code=sheet.unit.code,
        total=round_half_up((total, ONE)),
        base=round_half_up((base, ONE)),
        bonus=round_half_up((bonus, ONE)),
        penalty=round_half_up((penalty, ONE)),
        assigned_max=round_half_up((most, ONE)),
        percent=percent,
        rank=None,
        classification=_classification(table, percent),
        missing=tuple(sheet.missing),
        vetoes=(*sheet.unit.vetoes, *sheet.vetoes),
        groups={code: round_half_up((groups[code], ONE)) for code in sorted(groups)},
        lines=sheet.lines,
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


def _veto(leaf: Leaf, entry: Entry) -> str:
    happened = leaf.rule.amount(entry.count or ZERO)
    title = f" {leaf.title}" if leaf.title else ""
    return f"{leaf.code}{title}: đã để xảy ra {happened}, không xét xếp hạng."


@dataclass(frozen=True, slots=True)
class _Unscored:
    """Explains the line of an entry that no rule scores."""

    leaf: Leaf
    state: State

    def why(self, entry: Entry, earned: str) -> str:
        """Say in which state the entry was found."""
        if self.state is State.NOT_ASSIGNED:
            return "Không giao tiêu chí này cho đơn vị nên không tính vào điểm và điểm tối đa."
        if self.state is State.LEFT_OUT:
            return "Không giao chỉ tiêu cho đơn vị nên không tính vào điểm và điểm tối đa."
        if self.state is State.NO_TARGET:
            actual = self.leaf.rule.amount(entry.actual or ZERO)
            return f"Đạt {actual} nhưng chưa có chỉ tiêu để so sánh: {earned}."
        if self.leaf.role is Role.ORDINARY:
            return f"Chưa nhập số liệu, mức tối đa {in_words(self.leaf.max)}: {earned}."
        return f"Không có số liệu đề nghị tính {self.leaf.role.noun}: {earned}."
