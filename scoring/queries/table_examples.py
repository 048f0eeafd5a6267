"""Examples of a rule, scored by the engine itself: what figures give how many points, and why."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from core.canonical import plain
from core.text import format_number
from scoring.engine import Faults, Table, compute, read_figures, read_table

Node = dict[str, Any]
Figures = dict[str, Any]
#: What a unit reports, and beside it what the leader of the cluster reports.
Cases = Iterator[tuple[Figures, Figures | None]]
_OWN, _LEADER = "Đơn vị A", "Đơn vị B"
#: The code of the leaf in its small table.
LONE: Final = "1"
_MOST: Final = 4
#: Target of the examples where none is proposed, and the figure of the year before.
_TARGET, _CHANGE, _BASELINE = Decimal(80), Decimal(10), Decimal(100)
#: A table has an ordinary group; beside bonus points it is one in which nobody scores.
_BESIDE: Final[Node] = {
    "code": "2", "max": "1", "children": [{"code": "3", "max": "1", "rule": {"kind": "direct"}}],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """The points that a made-up figure gets, and the sentence that explains them."""

    points: str
    why: str


def table_around(leaf: Node, role: str, places: int) -> Node:
    """Return the smallest table that holds a leaf: `$.groups[0].children[0]` is the leaf.

    `role` is `bonus`, `penalty` or empty; `places` the decimals of the table.
    """
    group: Node = {"code": "0", "children": [leaf | {"code": LONE}]}
    if role:
        group["kind"] = role
    else:
        group["max"] = leaf.get("max")
    return {
        "scale_total": "1" if role else leaf.get("max"),
        "rounding": {"places": places},
        "groups": [group, _BESIDE] if role else [group],
    }


def examples_of(leaf: Node, role: str, places: int) -> list[Example]:
    """Score a few made-up figures by the rule of a leaf; nothing for a leaf with faults."""
    try:
        table = read_table(table_around(leaf, role, places))
    except Faults:
        return []
    return list(_scored(table, leaf))


def _scored(table: Table, leaf: Node) -> Iterator[Example]:
    for own, leader in _CASES[leaf["rule"]["kind"]](leaf):
        units = [{"code": "a", "name": _OWN, "figures": {LONE: own}}]
        if leader:
            units.append({"code": "b", "name": _LEADER, "figures": {LONE: leader}})
        try:
            result = compute(table, read_figures({"units": units}, table))
        except Faults:
            continue  # a figure that this rule cannot take is no example
        line = next(unit for unit in result.units if unit.code == "a").lines[LONE]
        yield Example("" if line.score is None else format_number(line.score), line.why)


# Figures of each kind -------------------------------------------------------------------------


def _direct(leaf: Node) -> Cases:
    yield {"points": plain(_short(Decimal(leaf["max"]) * Decimal("0.9")))}, None
    yield {"points": leaf["max"]}, None


def _pass_fail(_leaf: Node) -> Cases:
    yield {"met": True}, None
    yield {"met": False}, None


def _levels(leaf: Node) -> Cases:
    for level in leaf["rule"]["levels"][:_MOST]:
        yield {"level": level["label"]}, None


def _attainment(leaf: Node) -> Cases:
    for reached in ("0.9", "1", "1.125"):
        yield _reaching(leaf, Decimal(reached)), None


def _relative(leaf: Node) -> Cases:
    leader = _reaching(leaf, Decimal("1.5"))
    for reached in ("0.9", "1", "1.25", "1.5"):
        yield _reaching(leaf, Decimal(reached)), leader


def _to_best(leaf: Node) -> Cases:
    fewer = leaf["rule"].get("direction") == "down"
    best = {"actual": "40" if fewer else "100"}
    yield {"actual": "80"}, best
    yield best, best


def _bands(leaf: Node) -> Cases:
    on = leaf["rule"]["on"]
    for band in leaf["rule"]["bands"][:_MOST]:
        value = _inside(band)
        if on == "attainment_percent":
            yield _reaching(leaf, value / 100), None
        elif on == "days_late":
            yield {"days_late": plain(value.to_integral_value())}, None
        else:
            yield {"actual": plain(value)}, None


def _events(_leaf: Node) -> Cases:
    for count in ("0", "1", "3"):
        yield {"count": count}, None


def _none_allowed(_leaf: Node) -> Cases:
    yield {"count": "0"}, None
    yield {"count": "1"}, None


def _occurrences(leaf: Node) -> Cases:
    items = [item["label"] for item in leaf["rule"]["items"]]
    yield {"counts": {items[0]: "2"}}, None
    if len(items) > 1:
        yield {"counts": dict.fromkeys(items[:2], "1")}, None


def _ranks(_leaf: Node) -> Cases:
    yield {"ranks": [1]}, None
    yield {"ranks": [1, 2]}, None


_CASES: Final[dict[str, Callable[[Node], Cases]]] = {
    "direct": _direct,
    "pass_fail": _pass_fail,
    "levels": _levels,
    "percent_of_target": _attainment,
    "cluster_relative": _relative,
    "ratio_to_best": _to_best,
    "bands": _bands,
    "deduct_short": _attainment,
    "deduct_per_event": _events,
    "per_occurrence": _occurrences,
    "zero_tolerance": _none_allowed,
    "rank_points": _ranks,
}


def _reaching(leaf: Node, part: Decimal) -> Figures:
    """Return figures with about this attainment of the proposed target."""
    rule = leaf["rule"]
    proposed = leaf.get("target")
    fewer = rule.get("direction") == "down"
    if not rule.get("baseline"):
        target = Decimal(proposed) if proposed else _TARGET
        actual = target * (2 - part if fewer else part)
        return {"target": plain(target), "actual": _positive(actual)}
    target = Decimal(proposed) if proposed else _CHANGE
    change = _BASELINE * target / 100 * part
    actual = _BASELINE - change if fewer else _BASELINE + change
    return {"target": plain(target), "baseline": plain(_BASELINE), "actual": _positive(actual)}


def _inside(band: Node) -> Decimal:
    """Return a value in a band: its lower end, a step beyond it, or a step below its upper end."""
    low, high = (None if band.get(end) is None else Decimal(band[end]) for end in ("from", "to"))
    if low is not None and band.get("from_inclusive", True):
        return low
    if low is not None:
        return low + 1 if high is None or low + 1 < high else (low + high) / 2
    return Decimal(1) if high is None else max(high - 1, Decimal(0))


def _positive(value: Decimal) -> str:
    return plain(max(_short(value), Decimal(0)))


def _short(value: Decimal) -> Decimal:
    """Cut an example to two decimals; what is shown is what is scored."""
    return value.quantize(Decimal("0.01"))
