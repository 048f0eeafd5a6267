"""Two runs side by side, and what is still missing before a run is made or published."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from clusters.models import ClusterYear
from core.text import MINUS, format_number, join_names
from scoring.models import RunLine, RunResult, ScoreLine, ScoreSheet, ScoringRun
from scoring.policies.run import may_read_all_points
from scoring.queries.board import Gaps, Shape, View, gaps_of, results_of, shape_of


# What is missing -----------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Open:
    """A sheet that a run would read: how many of its criteria have no figure at each stage."""

    unit: str
    status: str
    claimed: int
    first: int
    final: int


def open_sheets(year: ClusterYear) -> list[Open]:
    """Return the sheets on which something is not decided yet; two statements for any size."""
    stages = ("claimed", "first", "final")
    undecided = {
        f"no_{stage}": Count("pk", filter=Q(**{f"{stage}__isnull": True})) for stage in stages
    }
    lines = ScoreLine.objects.filter(sheet__cluster_year=year).order_by("sheet")
    counts = {row[0]: row[1:] for row in lines.values_list("sheet").annotate(**undecided)}
    sheets = ScoreSheet.objects.filter(cluster_year=year).select_related("unit")
    rows = [
        Open(sheet.unit.short_name, sheet.status, *counts.get(sheet.pk, (0, 0, 0)))
        for sheet in sheets.order_by("unit__sort_key", "unit__code")
    ]
    return [row for row in rows if row.claimed or row.first or row.final]


@dataclass(frozen=True, slots=True)
class Preview:
    """What one looks at before a run is published."""

    gaps: list[str]
    #: Units with criteria that count as 0, and which.
    missing: list[tuple[str, Gaps]]
    tied: list[str]
    vetoed: list[tuple[str, list[str]]]
    ranked: int
    units: int


def preview_of(run: ScoringRun) -> Preview:
    """Gather what stands out in a run, for the lead and the organiser; one statement."""
    results = results_of(run)
    gaps = gaps_of(run, results)
    shared: dict[int, list[str]] = {}
    for result in results:
        if result.is_tied and result.rank is not None:
            shared.setdefault(result.rank, []).append(result.unit.short_name)
    return Preview(
        gaps=list(run.gaps),
        missing=[(r.unit.short_name, gaps[r.pk]) for r in results if r.missing],
        tied=[f"Hạng {rank}: {join_names(names)}" for rank, names in shared.items()],
        vetoed=[(r.unit.short_name, list(r.vetoes)) for r in results if r.vetoes],
        ranked=sum(r.rank is not None for r in results),
        units=len(results),
    )


# Two runs ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Moved:
    """A unit whose points or rank differ between two runs."""

    name: str
    total_before: str
    total_after: str
    difference: str
    rank_before: str
    rank_after: str
    is_moved: bool
    #: Criteria whose points differ, as "code: before → after"; only for those who may know.
    leaves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two runs."""

    before: ScoringRun
    after: ScoringRun
    rows: tuple[Moved, ...]
    units: int

    @property
    def points_changed(self) -> int:
        """Return how many units have other points."""
        return sum(row.difference != "" for row in self.rows)

    @property
    def ranks_changed(self) -> int:
        """Return how many units have another rank."""
        return sum(row.is_moved for row in self.rows)


def compare(before: ScoringRun, after: ScoringRun, view: View) -> Comparison:
    """Return the units whose points or rank changed; four statements for any size."""
    shape = shape_of(after)
    old = {result.unit_id: result for result in results_of(before)}
    new = results_of(after)
    leaves = _changed_leaves(before, after, view)
    rows = []
    for result in new:
        was = old.get(result.unit_id)
        if was is None or (was.total, was.rank) != (result.total, result.rank):
            rows.append(_moved(was, result, shape, leaves.get(result.unit_id, ())))
    return Comparison(before, after, tuple(rows), len(new))


def _moved(was: RunResult | None, result: RunResult, shape: Shape, leaves: Sequence[str]) -> Moved:
    difference = result.total - was.total if was else None
    sign = MINUS if difference and difference < 0 else "+"
    return Moved(
        name=result.unit_name,
        total_before=shape.points(was.total) if was else "",
        total_after=shape.points(result.total),
        difference=f"{sign}{shape.points(abs(difference))}" if difference else "",
        rank_before=_rank(was),
        rank_after=_rank(result),
        is_moved=was is None or was.rank != result.rank,
        leaves=tuple(leaves),
    )


def _rank(result: RunResult | None) -> str:
    if result is None:
        return ""
    return str(result.rank) if result.rank is not None else "không xếp hạng"


def _changed_leaves(before: ScoringRun, after: ScoringRun, view: View) -> dict[int, list[str]]:
    """Return the leaves whose points differ, of the units whose leaves the reader may see."""
    scores: dict[tuple[int, str], list[Any]] = {}
    rows = RunLine.objects.filter(result__run__in=[before, after]).order_by("code", "pk")
    if not may_read_all_points(view.place):
        rows = rows.filter(result__unit=view.own)
    for run, unit, code, score in rows.values_list("result__run", "result__unit", "code", "score"):
        scores.setdefault((unit, code), [None, None])[run == after.pk] = score
    found: dict[int, list[str]] = {}
    for (unit, code), (was, now) in scores.items():
        if was != now:
            words = [("không giao" if s is None else format_number(s)) for s in (was, now)]
            found.setdefault(unit, []).append(f"{code}: {words[0]} → {words[1]}")
    return found
