"""Clusters of any size in the database, as the workflow would have stored them, and their runs."""

import sys
import time
from collections import Counter
from decimal import Decimal
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.scoring import figures_of_unit, table_json
from clusters.acting import Acting
from clusters.models import ClusterYear, Unit
from clusters.tests.factories import NOW, make_world
from core.bulk import insert_all
from scoring.models import (
    CriteriaTable,
    Criterion,
    RunKind,
    RunLine,
    ScoreLine,
    ScoreSheet,
    SheetStatus,
)
from scoring.workflow.run import make_run


def measure(sizes: tuple[int, ...]) -> None:
    """Score a cluster of each size and print statements, rows and time."""
    _say(f"{connection.vendor}: a run of n units × 80 leaves, read, computed, explained and stored")
    _say(f"{'units':>6} {'statements':>11} {'inserts':>8} {'lines':>7} {'CPU':>8} {'wall':>8}")
    counts = set()
    for size in sizes:
        world = make_world(prefix=f"b{size}")
        _fill(world.year, size)
        statements, cpu, wall = _timed(world.year, world.organiser_acting)
        counts.add(statements.total())
        lines = RunLine.objects.filter(result__run__cluster_year=world.year).count()
        _say(
            f"{size:>6} {statements.total():>11} {statements['INSERT']:>8} {lines:>7} "
            f"{cpu:>6.2f} s {wall:>6.2f} s"
        )
    _say("The number of statements is the same." if len(counts) == 1 else "It is NOT the same!")


def _timed(year: ClusterYear, by: Acting) -> tuple[Counter[str], float, float]:
    """Make a run; return its statements by their first word, process time and time."""
    with CaptureQueriesContext(connection) as asked:
        wall, cpu = time.perf_counter(), time.process_time()
        make_run(cluster_year_id=year.pk, kind=RunKind.CLAIMED, reason="", by=by, now=NOW)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return Counter(query["sql"].partition(" ")[0] for query in asked), cpu, wall


def _fill(year: ClusterYear, size: int) -> None:
    """Give a year a table in use and submitted sheets of so many units, all figures claimed."""
    ClusterYear.objects.filter(pk=year.pk).update(status="APPRAISING")
    source = table_json()
    table = CriteriaTable.objects.create(
        cluster_year=year, name="Đo tốc độ", scale_total=Decimal(source["scale_total"]),
        status=CriteriaTable.Status.DRAFT, created_at=NOW,
    )  # fmt: skip
    leaves = _criteria(table, source["groups"][0])
    CriteriaTable.objects.filter(pk=table.pk).update(status=CriteriaTable.Status.IN_USE)
    insert_all(
        Unit(code=f"{year.pk}-{at:04}", name=f"Đơn vị {at}", short_name=f"ĐV {at}",
             level="DISTRICT")
        for at in range(size)
    )  # fmt: skip
    units = list(Unit.objects.filter(code__startswith=f"{year.pk}-").order_by("code"))
    insert_all(
        ScoreSheet(cluster_year=year, unit=unit, table=table, status=SheetStatus.SUBMITTED,
                   opened_at=NOW, submitted_at=NOW)
        for unit in units
    )  # fmt: skip
    sheets = ScoreSheet.objects.filter(cluster_year=year).order_by("unit__code")
    insert_all(
        ScoreLine(sheet=sheet, criterion=leaf, **_figures(figure))
        for number, sheet in enumerate(sheets)
        for leaf, figure in zip(leaves, figures_of_unit(number).values(), strict=True)
    )


def _criteria(table: CriteriaTable, group: dict[str, Any]) -> list[Criterion]:
    top = Criterion.objects.create(
        table=table, order=0, depth=1, code=group["code"], max_points=Decimal(group["max"])
    )
    insert_all(
        Criterion(table=table, parent=top, order=order, depth=2, code=leaf["code"],
                  max_points=Decimal(leaf["max"]), rule=leaf["rule"])
        for order, leaf in enumerate(group["children"], start=1)
    )  # fmt: skip
    return list(table.criteria.filter(parent=top).order_by("order"))


def _figures(figure: dict[str, Any]) -> dict[str, Any]:
    """Take the figures of a leaf apart: target and baseline stand in the basis of a line."""
    basis = {key: figure[key] for key in ("target", "baseline") if key in figure}
    return {
        "basis": basis,
        "claimed": {key: value for key, value in figure.items() if key not in basis},
    }


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
