"""Competition ranks (1, 2, 2, 4) with declared tie-breakers; what stays equal is told."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import groupby

from scoring.engine.result import UnitResult
from scoring.engine.table import Table

#: What a unit is ranked by, more is better; then the tie-breakers in their order.
Key = tuple[Fraction, ...]


def rank(
    units: Sequence[UnitResult], table: Table
) -> tuple[tuple[UnitResult, ...], tuple[tuple[str, ...], ...]]:
    """Return the units in rank order with their ranks, and the codes that share one.

    Units with a veto or without anything assigned have no rank and hold nobody's place; they
    stand last, in the order of codes.
    """
    barred = [unit for unit in units if unit.vetoes or unit.percent is None]
    rest = [unit for unit in units if not unit.vetoes and unit.percent is not None]
    keyed = sorted(
        ((_key(unit, table), unit) for unit in rest),
        key=lambda pair: (tuple(-part for part in pair[0]), pair[1].code),
    )
    ranked: list[UnitResult] = []
    tied: list[tuple[str, ...]] = []
    for _, equal in groupby(keyed, key=lambda pair: pair[0]):
        place = len(ranked) + 1
        sharing = [replace(unit, rank=place) for _, unit in equal]
        ranked += sharing
        if len(sharing) > 1:
            tied.append(tuple(unit.code for unit in sharing))
    barred.sort(key=lambda unit: unit.code)
    return (*ranked, *barred), tuple(tied)


def _key(unit: UnitResult, table: Table) -> Key:
    total = Fraction(unit.total)
    first = total if table.by_total else total / Fraction(unit.assigned_max)
    return (first, *(_tie_breaker(unit, word) for word in table.tie_breakers))


def _tie_breaker(unit: UnitResult, word: str) -> Fraction:
    if word == "bonus":
        return Fraction(unit.bonus)
    if word == "penalty":
        return -Fraction(unit.penalty)
    return Fraction(unit.groups[word.removeprefix("group:")])
