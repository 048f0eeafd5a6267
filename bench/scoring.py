"""Process time of the scoring engine: `python -m bench.scoring` from the top of the project.

On one core 700 units × 80 leaves are to be computed in 0.3 s, 10,000 units × 80 leaves in 1,000
clusters in 5 s. The mix of kinds is that of a table of the police, figures are made by formula, so
that every run measures the same work. How long storing takes: bench/storing.py.
"""

import sys
import time
from collections.abc import Callable
from typing import Any, Final

from scoring.engine import Figures, Table, compute, dump, read_figures, read_table

_LEAVES: Final = 80
_BANDS: Final = [
    {"to": "70", "points": "0"},
    {"from": "70", "to": "90", "points": "5"},
    {"from": "90", "points": "10"},
]
#: Rule, and the figures of the unit with this number.
_MIX: Final[list[tuple[dict[str, Any], Callable[[int], dict[str, Any]]]]] = [
    ({"kind": "pass_fail"}, lambda n: {"met": n % 3 > 0}),
    ({"kind": "cluster_relative"}, lambda n: {"target": "80", "actual": str(60 + n % 41)}),
    ({"kind": "percent_of_target"}, lambda n: {"target": "90", "actual": str(50 + n % 61)}),
    ({"kind": "bands", "on": "actual", "bands": _BANDS}, lambda n: {"actual": str(n % 101)}),
    ({"kind": "direct"}, lambda n: {"points": f"{n % 10}.25"}),
    ({"kind": "deduct_per_event", "points_each": "2"}, lambda n: {"count": str(n % 4)}),
    (
        {"kind": "cluster_relative", "direction": "down", "baseline": True},
        lambda n: {"target": "5", "baseline": "120", "actual": str(100 + n % 31)},
    ),
    ({"kind": "ratio_to_best", "direction": "up"}, lambda n: {"actual": str(n % 97)}),
]


#: What is measured, how many clusters of how many units, and the seconds it may take.
_SIZES: Final = (("1 × 700", 1, 700, 0.3), ("1,000 × 10", 1000, 10, 5.0))


def main() -> None:
    """Measure and print a table."""
    table = read_table(table_json())
    _say(f"{'clusters':>10}  {'what':<17} {'CPU':>7}   {'budget':>6}  part of it\n")
    for title, clusters, units, budget in _SIZES:
        reading = computing = 0.0
        for at in range(clusters):
            data = figures_json(at, units)
            started = time.process_time()
            figures = read_figures(data, table)
            read = time.process_time()
            compute(table, figures)
            reading += read - started
            computing += time.process_time() - read
        _row(title, "read and check", reading)
        _row(title, "compute", computing, budget)
    _row(
        "1 × 700",
        "explain and write",
        _explaining(table, read_figures(figures_json(0, 700), table)),
    )


def _explaining(table: Table, figures: Figures) -> float:
    result = compute(table, figures)
    started = time.process_time()
    dump(result)
    return time.process_time() - started


def _row(size: str, what: str, seconds: float, budget: float | None = None) -> None:
    part = "" if budget is None else f"   {budget:4.1f} s  {100 * seconds / budget:4.0f} %"
    _say(f"{size:>10}  {what:<17} {seconds:5.2f} s{part}\n")


def _say(text: str) -> None:
    sys.stdout.write(text)


def table_json() -> dict[str, Any]:
    """Return the table: one group with 80 leaves of 10 points."""
    leaves = [
        {"code": f"I.{at:02}", "max": "10", "rule": _MIX[at % len(_MIX)][0]}
        for at in range(_LEAVES)
    ]
    total = str(10 * _LEAVES)
    return {
        "scale_total": total,
        "groups": [{"code": "I", "max": total, "children": leaves}],
    }


def figures_of_unit(number: int) -> dict[str, dict[str, Any]]:
    """Return the figures of one unit, a figure for every leaf in the order of codes."""
    return {f"I.{at:02}": _MIX[at % len(_MIX)][1](number * 7 + at * 3) for at in range(_LEAVES)}


def figures_json(cluster: int, units: int) -> dict[str, Any]:
    """Return the figures of a whole cluster; each cluster has others."""
    return {
        "units": [
            {"code": f"U{number:05}", "figures": figures_of_unit(cluster + number)}
            for number in range(units)
        ]
    }


if __name__ == "__main__":
    main()
