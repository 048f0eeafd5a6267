"""A draft tried on the figures of an earlier year: computed by the engine, nothing stored.

Figures go over by the code of the leaf where both rules take the same figures. What has no figures
to try (a new leaf, another kind of figure, a level that is no longer there) counts as not assigned,
so that percentages stay comparable; it is listed.

Whoever writes the draft chooses what it computes, and so could read the points of any criterion
from totals, sums and ranks. Where the points of that year are not open to the reader
(`policies.openness`), only the own unit is shown, and how many units change rank.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from clusters.acting import Acting
from clusters.models import ClusterYear
from clusters.queries import place_of
from core.text import format_number
from scoring.engine import (
    Faults,
    Figures,
    LineResult,
    Result,
    Table,
    UnitResult,
    compute,
    read_figures,
    read_table,
)
from scoring.models import Publication, PublicationStatus, RunResult, ScoringRun
from scoring.policies.openness import may_read_points, may_read_points_of_all
from scoring.queries.openness import reading_of

#: Leaves that a page lists, those that change most first.
MOST_LEAVES: Final = 20
_UNIT: Final = re.compile(r"\$\.units\[(\d+)\]")
_NOT_ASSIGNED: Final[dict[str, Any]] = {"assigned": False}
_NOTHING: Final = "–"


@dataclass(frozen=True, slots=True)
class UnitTrial:
    """A unit then and with the draft: total, per cent, rank; every text is ready to be printed."""

    name: str
    old: tuple[str, str, str]
    new: tuple[str, str, str]
    #: `+1,5` or `−2`: how much the percentage moves; empty where there is none on one side.
    moved: str
    #: Whether the rank is another one.
    is_reranked: bool


@dataclass(frozen=True, slots=True)
class LeafTrial:
    """A leaf whose points change: what the units shown had together, and would have."""

    code: str
    title: str
    old: str
    new: str
    moved: str
    units: int


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A leaf of the draft that has no figures to try, and why."""

    code: str
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Trial:
    """A draft tried on a run."""

    run: ScoringRun
    is_published: bool
    #: Whether every unit is shown; else the own one at most, without ranks.
    is_whole: bool
    units: list[UnitTrial]
    #: How many units have another rank, in all.
    reranked: int
    leaves: list[LeafTrial]
    #: How many leaves change in all.
    changed: int
    unmatched: list[Unmatched]
    #: Codes of leaves of then that the draft does not have.
    gone: list[str]


def run_to_try_on(acting: Acting, year: ClusterYear) -> tuple[ScoringRun, bool] | None:
    """Find the run of an earlier year of the cluster, and whether its result is the official one.

    The latest official result one may read, else the latest run one may read.
    """
    earlier = ClusterYear.objects.visible_to(acting).filter(
        cluster=year.cluster_id, cycle__year__lt=year.cycle.year
    )
    runs = (
        ScoringRun.objects.visible_to(acting)
        .filter(cluster_year__in=earlier)
        .select_related("cluster_year__cluster", "cluster_year__cycle")
        .order_by("-cluster_year__cycle__year", "-number")
    )
    final = Publication.objects.filter(status=PublicationStatus.FINAL).values("run")
    official = runs.filter(pk__in=final).first()
    if official is not None:
        return official, True
    latest = runs.first()
    return (latest, False) if latest is not None else None


def try_on(
    data: Mapping[str, Any], run: ScoringRun, acting: Acting, *, is_published: bool
) -> Trial:
    """Compute a sound draft, in the interchange form, with the figures of a run.

    The reader gets as much of it as the points of that year are open to them.
    """
    draft, then = read_table(data), read_table(run.table_json)
    before = compute(then, read_figures(run.figures, then))
    unmatched = dict(_unmatched(draft, then))
    figures = _carried(run.figures, draft, unmatched)
    after = compute(draft, figures)
    names = {unit["code"]: unit.get("name", "") for unit in run.figures["units"]}
    opened = _opened(run, acting)
    units = list(_units(before, after, (then.places, draft.places), names))
    if opened is not None:
        unmatched = {code: why.partition(":")[0] for code, why in unmatched.items()}
    leaves = _leaves(draft, _shown(before, opened), _shown(after, opened), set(unmatched))
    titles = {leaf.code: leaf.title for leaf in draft.leaves}
    kept = {leaf.code for leaf in draft.leaves}
    return Trial(
        run=run,
        is_published=is_published,
        is_whole=opened is None,
        units=[row for code, row in units if opened is None or code in opened],
        reranked=sum(row.is_reranked for _, row in units),
        leaves=leaves[:MOST_LEAVES],
        changed=len(leaves),
        unmatched=[Unmatched(code, titles[code], why) for code, why in unmatched.items()],
        gone=[leaf.code for leaf in then.leaves if leaf.code not in kept],
    )


def _opened(run: ScoringRun, acting: Acting) -> frozenset[str] | None:
    """Return the codes of the units whose points this person reads in a run; None for all."""
    year = run.cluster_year
    place, reading = place_of(acting, year), reading_of(year)
    if may_read_points_of_all(place, reading):
        return None
    units = RunResult.objects.filter(run=run).values_list("unit__code", "unit")
    return frozenset(code for code, unit in units if may_read_points(place, unit, reading))


def _shown(result: Result, opened: frozenset[str] | None) -> list[UnitResult]:
    return [unit for unit in result.units if opened is None or unit.code in opened]


def _unmatched(draft: Table, then: Table) -> Iterator[tuple[str, str]]:
    old = {leaf.code: leaf for leaf in then.leaves}
    for leaf in draft.leaves:
        was = old.get(leaf.code)
        if was is None:
            yield leaf.code, "năm trước không có mã này"
        elif set(was.rule.figures) != set(leaf.rule.figures):
            yield leaf.code, "cách tính mới cần số liệu khác"


def _carried(figures: Mapping[str, Any], draft: Table, unmatched: dict[str, str]) -> Figures:
    """Write the figures for the draft; leaves whose figures it refuses join the unmatched ones."""
    kept = {leaf.code for leaf in draft.leaves}
    while True:
        written = _written(figures, kept, unmatched)
        try:
            return read_figures(written, draft)
        except Faults as faults:
            before = len(unmatched)
            for fault in faults.faults:
                for code in _codes_in(fault.path, written):
                    unmatched[code] = f"số liệu năm trước không dùng được: {fault.wrong}"
            if len(unmatched) == before:
                raise


def _written(
    figures: Mapping[str, Any], kept: set[str], unmatched: Mapping[str, str]
) -> dict[str, Any]:
    units = []
    for unit in figures["units"]:
        own = {
            code: figure
            for code, figure in unit.get("figures", {}).items()
            if code in kept and code not in unmatched
        }
        blank = dict.fromkeys(unmatched, _NOT_ASSIGNED)
        units.append({**unit, "figures": own | blank})
    return {"units": units}


def _codes_in(path: str, written: Mapping[str, Any]) -> Iterator[str]:
    """Return the leaf that a path of the figures leads to."""
    found = _UNIT.match(path)
    if found is None:
        return
    for code in written["units"][int(found[1])]["figures"]:
        if f'.figures["{code}"]' in path or path.partition(".figures.")[2].split(".")[0] == code:
            yield code


def _units(
    before: Result, after: Result, places: tuple[int, int], names: Mapping[str, str]
) -> Iterator[tuple[str, UnitTrial]]:
    """Return every unit by its code."""
    then = {unit.code: unit for unit in before.units}
    for unit in after.units:
        was = then[unit.code]
        moved = ""
        if unit.percent is not None and was.percent is not None:
            moved = _signed(unit.percent - was.percent)
        yield (
            unit.code,
            UnitTrial(
                name=names.get(unit.code) or unit.code,
                old=_printed(was, places[0]),
                new=_printed(unit, places[1]),
                moved=moved,
                is_reranked=unit.rank != was.rank,
            ),
        )


def _printed(unit: UnitResult, places: int) -> tuple[str, str, str]:
    percent = _NOTHING if unit.percent is None else format_number(unit.percent, places)
    rank = _NOTHING if unit.rank is None else str(unit.rank)
    return format_number(unit.total, places), percent, rank


def _leaves(
    draft: Table, before: list[UnitResult], after: list[UnitResult], unmatched: set[str]
) -> list[LeafTrial]:
    """Return the leaves whose points change, the furthest first."""
    old, new = _by_leaf(before), _by_leaf(after)
    found = []
    for leaf in draft.leaves:
        if leaf.code in unmatched:
            continue
        pairs = [
            (old[leaf.code][unit].score or Decimal(0), line.score or Decimal(0))
            for unit, line in new[leaf.code].items()
        ]
        moved = [one - other for other, one in pairs]
        if not any(moved):
            continue
        sums = sum((p[0] for p in pairs), Decimal(0)), sum((p[1] for p in pairs), Decimal(0))
        found.append(
            (
                sum((abs(step) for step in moved), Decimal(0)),
                LeafTrial(
                    code=leaf.code,
                    title=leaf.title,
                    old=format_number(sums[0]),
                    new=format_number(sums[1]),
                    moved=_signed(sums[1] - sums[0]),
                    units=sum(bool(step) for step in moved),
                ),
            )
        )
    found.sort(key=lambda pair: (-pair[0], pair[1].code))
    return [leaf for _, leaf in found]


def _by_leaf(units: Iterable[UnitResult]) -> dict[str, dict[str, LineResult]]:
    lines: dict[str, dict[str, LineResult]] = defaultdict(dict)
    for unit in units:
        for code, line in unit.lines.items():
            lines[code][unit.code] = line
    return lines


def _signed(value: Decimal) -> str:
    if not value:
        return "0"
    return f"{'+' if value > 0 else '−'}{format_number(abs(value))}"
