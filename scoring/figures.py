"""The figures on a score line: how they become the engine's input, and how they read.

Pure. A figure is what one party decided for one leaf, in the form of FIGURES.json without target
and baseline: `{"points": "9.5"}`, `{"actual": "150"}`, `{"met": true}`, `{"counts": {"…": "2"}}`;
`{}` is *not entered* said on purpose, `{"assigned": false}` *not assigned*. None is no decision.
Target and baseline come from the basis of the line, which is copied from the signed pledge, so that
nobody can type the own target (product.md §5.2).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from core.text import format_number
from scoring.engine import Faults, Leaf, Table, read_figures

Figure = dict[str, Any]
#: A line's own figure may carry these and no others.
OWN = ("points", "met", "level", "actual", "count", "counts", "days_late", "ranks")


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """What one unit brings to a run: figures and bases by the code of the leaf."""

    code: str
    name: str
    figures: Mapping[str, Figure | None]
    bases: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    vetoes: tuple[str, ...] = ()


def is_not_assigned(figure: Figure | None) -> bool:
    """Whether the figure says that the criterion is not assigned."""
    return figure is not None and figure.get("assigned") is False


def is_entered(figure: Figure | None) -> bool:
    """Whether the figure holds a result, zero included."""
    return bool(figure) and not is_not_assigned(figure)


def entry_of(leaf: Leaf, basis: Mapping[str, Any], figure: Figure | None) -> Figure | None:
    """Return what the engine reads for a leaf; None leaves it out (*not entered*)."""
    if not figure:
        return None
    if is_not_assigned(figure):
        return {"assigned": False}
    taken = leaf.rule.figures
    given = {key: basis[key] for key in ("target", "baseline") if key in taken and basis.get(key)}
    return {key: value for key, value in figure.items() if key in OWN} | given


def figures_json(table: Table, units: Iterable[UnitFigures]) -> dict[str, Any]:
    """Write the figures of a cluster in the form of FIGURES.json, units in the order of codes."""
    leaves = {leaf.code: leaf for leaf in table.leaves}
    return {
        "units": [
            {
                "code": unit.code,
                "name": unit.name,
                "figures": {
                    code: entry
                    for code, leaf in leaves.items()
                    if (entry := entry_of(leaf, unit.bases.get(code, {}), unit.figures.get(code)))
                },
                **({"vetoes": list(unit.vetoes)} if unit.vetoes else {}),
            }
            for unit in sorted(units, key=lambda unit: unit.code)
        ]
    }


def fault_of(table: Table, code: str, basis: Mapping[str, Any], figure: Figure) -> str:
    """Say what is wrong with a figure of a leaf, and what is allowed; empty when it is sound."""
    alone = UnitFigures("A", "", {code: figure}, {code: basis})
    try:
        read_figures(figures_json(table, [alone]), table)
    except Faults as faults:
        fault = faults.faults[0]
        return f"{fault.wrong[:1].upper()}{fault.wrong[1:]}; {fault.allowed}."
    return ""


def prefilled(table: Table, code: str, basis: Mapping[str, Any]) -> Figure | None:
    """Return the claim that follows from a basis: not assigned, or the accepted figure.

    A figure that the rule of the leaf cannot take (a target of 0, a leaf scored by points) is left
    to the unit: one impossible figure would keep the whole cluster from being scored.
    """
    if basis.get("assigned") is False:
        return {"assigned": False}
    if basis.get("actual") is None:
        return None
    accepted: Figure = {"actual": basis["actual"]}
    return None if fault_of(table, code, basis, accepted) else accepted


def question_about(basis: Mapping[str, Any], figure: Figure) -> str:
    """Say why a claim needs a sentence of explanation; empty when it needs none."""
    accepted = basis.get("actual")
    if accepted is not None and figure.get("actual") != accepted:
        return "khác số liệu tiến độ đã được chấp nhận nên cần một câu thuyết minh."
    if is_not_assigned(figure) and basis.get("assigned") is not False:
        return "“không giao” mà giao ước không ghi nên cần một câu thuyết minh."
    return ""


def words_of(figure: Figure | None, unit_of_measure: str = "") -> str:
    """Write a figure as people read it; the three states without a result differ in words."""
    if figure is None:
        return ""
    if is_not_assigned(figure):
        return "Không giao"
    if not figure:
        return "Chưa nhập"
    key = next(key for key in OWN if key in figure)
    value = figure[key]
    if key == "met":
        return "Đạt" if value else "Không đạt"
    return _LISTED[key](value) if key in _LISTED else _measured(figure, unit_of_measure)


def _counts(counts: Mapping[str, str]) -> str:
    return "; ".join(f"{label}: {_number(times)}" for label, times in counts.items())


def _ranks(ranks: Iterable[int]) -> str:
    return "Hạng " + ", ".join(str(rank) for rank in ranks)


_LISTED: dict[str, Callable[[Any], str]] = {"level": str, "counts": _counts, "ranks": _ranks}


def _measured(figure: Figure, unit_of_measure: str) -> str:
    nouns = {"points": "điểm", "count": "lần", "days_late": "ngày muộn", "actual": unit_of_measure}
    key = next(key for key in nouns if key in figure)
    unit = unit_of_measure if key == "count" and unit_of_measure else nouns[key]
    space = "\u00a0" if unit == "%" else " "
    return f"{_number(figure[key])}{space}{unit}".strip()


def _number(text: str) -> str:
    try:
        return format_number(Decimal(text))
    except InvalidOperation:
        return text
