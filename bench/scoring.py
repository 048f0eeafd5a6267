"""Process time of the scoring engine: `python -m bench.scoring` from the top of the project.

Targets on one core: 700 units × 80 leaves computed in 0.3 s; 10,000 units × 80 leaves in 1,000
clusters in 5 s. The mix of kinds is that of a table of the police, figures are made by formula, so
that every run measures the same work.
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


def main() -> None:
    """Measure and print a table."""
    table = read_table(_table())
    for title, clusters, units in (("1 × 700", 1, 700), ("1000 × 10", 1000, 10)):
        reading = computing = 0.0
        for at in range(clusters):
            data = _figures(at, units)
            started = time.process_time()
            figures = read_figures(data, table)
            read = time.process_time()
            compute(table, figures)
            reading += read - started
            computing += time.process_time() - read
        _say(title, "read figures", reading)
        _say(title, "compute", computing)
    _explain(table, read_figures(_figures(0, 700), table))


def _explain(table: Table, figures: Figures) -> None:
    result = compute(table, figures)
    started = time.process_time()
    dump(result)
    _say("1 × 700", "explain and write", time.process_time() - started)


def _say(size: str, what: str, seconds: float) -> None:
    sys.stdout.write(f"{size:>10} units × {_LEAVES} leaves  {what:<18} {seconds:7.3f} s\n")


def _table() -> dict[str, Any]:
    leaves = [
        {"code": f"I.{at}", "max": "10", "rule": _MIX[at % len(_MIX)][0]} for at in range(_LEAVES)
    ]
    total = str(10 * _LEAVES)
    return {
        "scale_total": total,
        "groups": [{"code": "I", "max": total, "children": leaves}],
    }


def _figures(cluster: int, units: int) -> dict[str, Any]:
    return {
        "units": [
            {
                "code": f"U{number:05}",
                "figures": {
                    f"I.{at}": _MIX[at % len(_MIX)][1](cluster + number * 7 + at * 3)
                    for at in range(_LEAVES)
                },
            }
            for number in range(units)
        ]
    }


if __name__ == "__main__":
    main()
