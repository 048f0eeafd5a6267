"""Reads of score sheets: the facts rules ask for, and the points of every stage."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from clusters.acting import Acting
from clusters.calendar import Window, window_today
from clusters.models import ClusterYear, Extension, Membership, YearStatus
from clusters.policies import Bench
from clusters.queries import bench_of, members_of, window_of
from core.canonical import sha256_of
from scoring.engine import Figures, Result, Role, Table, compute, read_figures, read_table
from scoring.figures import Figure, UnitFigures, figures_json
from scoring.models import (
    CriteriaTable,
    Criterion,
    ScoreLine,
    ScoreSheet,
    ScoreSheetQuerySet,
    Veto,
)
from scoring.policies.sheet import SheetStanding
from scoring.queries.table import as_interchange

#: The four figures of a line in the order in which they are made.
STAGES = ("claimed", "first", "second", "final")


def engine_table(table: CriteriaTable) -> Table:
    """Return a stored table as the engine reads it."""
    return read_table(as_interchange(table))


def scoring_window(year: ClusterYear, unit_id: int | None, today: date) -> Window | None:
    """Return when self-scoring is open for a unit: the stage of the year-end review."""
    extensions = Extension.objects.filter(stage__cluster_year=year, unit=unit_id).order_by("until")
    until = dict(extensions.values_list("stage_id", "until"))
    stages = year.stages.filter(kind=YearStatus.YEAREND).order_by("order")
    return window_today([window_of(s, until.get(s.pk)) for s in stages], today)


def bench_for(
    sheet: ScoreSheet, acting: Acting, today: date, members: list[Membership] | None = None
) -> Bench:
    """Say who appraises this sheet: settled when the sheets were opened, whoever leads now."""
    members = members_of(sheet.cluster_year) if members is None else members
    bench = bench_of(acting, sheet.cluster_year, sheet.unit, today, members=members)
    judge = next((m for m in members if m.unit_id == sheet.appraiser_id), None)
    return Bench(
        place=bench.place,
        unit_id=bench.unit_id,
        unit_name=bench.unit_name,
        judge=judge,
        own_units=bench.own_units,
        organiser_name=bench.organiser_name,
        lead_title=bench.lead_title,
        deputy_title=bench.deputy_title,
    )


def standing_of(
    sheet: ScoreSheet, acting: Acting, today: date, lines: list[ScoreLine] | None = None
) -> SheetStanding:
    """Gather the facts every rule about a sheet asks for; the same statements for any size."""
    lines = lines_of(sheet) if lines is None else lines
    return SheetStanding(
        bench=bench_for(sheet, acting, today),
        sheet=sheet,
        scoring=scoring_window(sheet.cluster_year, sheet.unit_id, today),
        today=today,
        undecided_first=tuple(line.criterion.code for line in lines if line.first is None),
        undecided_second=tuple(line.criterion.code for line in lines if line.second is None),
        unproven=unproven_in(lines),
    )


def lines_of(sheet: ScoreSheet) -> list[ScoreLine]:
    """Return the lines of a sheet in the order of the table, with evidence; two statements."""
    lines = sheet.lines.select_related("criterion").order_by("criterion__order")
    return list(lines.prefetch_related("evidence"))


def unproven_in(lines: Iterable[ScoreLine]) -> tuple[str, ...]:
    """Return the codes of claims that need evidence or an explanation and have neither."""
    return tuple(
        line.criterion.code
        for line in lines
        if line.criterion.details.get("evidence_required")
        and line.claimed
        and line.claimed.get("assigned") is not False
        and not line.claim_note
        and not any(file.withdrawn_at is None for file in line.evidence.all())
    )


def gaps_in(table: Table, lines: Iterable[ScoreLine]) -> list[str]:
    """Return the codes of ordinary leaves in which nothing is claimed; bonus and penalty need not.

    Told before a sheet is submitted and kept with the event; they do not keep it back.
    """
    ordinary = {leaf.code for leaf in table.leaves if leaf.role is Role.ORDINARY}
    return [
        line.criterion.code
        for line in lines
        if not line.claimed and line.criterion.code in ordinary
    ]


def line_mark(line: ScoreLine) -> str:
    """Return the mark of a line as read; whoever decides on it sends it back."""
    return sha256_of(
        [line.pk, line.claimed, line.claim_note, line.first, line.first_reason, line.explanation,
         line.second, line.second_reason, line.final, line.final_reason]
    )[:16]  # fmt: skip


class LineFigures(NamedTuple):
    """The figures of a line, as a computation reads them: values without the row behind them."""

    criterion: Criterion
    basis: dict[str, Any]
    claimed: Figure | None
    first: Figure | None
    second: Figure | None
    final: Figure | None


@dataclass(frozen=True, slots=True)
class Cluster:
    """Everything a computation over a cluster reads: five statements for any size.

    Notes, reasons and evidence are no part of it: who shows a sheet asks for its `lines_of`.
    """

    stored: CriteriaTable
    table: Table
    sheets: list[ScoreSheet]
    #: By the key of the sheet, in the order of the table.
    lines: dict[int, list[LineFigures]]
    vetoes: dict[int, tuple[str, ...]]

    def figures_json(self, stage: str, *, with_vetoes: bool) -> dict[str, Any]:
        """Write the figures of one stage for the engine; none ever stands in for another."""
        units = []
        for sheet in self.sheets:
            lines = self.lines[sheet.pk]
            units.append(
                UnitFigures(
                    sheet.unit.code,
                    sheet.unit.name,
                    {line.criterion.code: getattr(line, stage) for line in lines},
                    {line.criterion.code: line.basis for line in lines},
                    self.vetoes.get(sheet.unit_id, ()) if with_vetoes else (),
                )
            )
        return figures_json(self.table, units)

    def result(self, stage: str) -> Result:
        """Compute one stage over the whole cluster; raises `Faults` for impossible figures."""
        return compute(self.table, self.read(stage))

    def read(self, stage: str) -> Figures:
        """Read the figures of one stage as the engine does."""
        return read_figures(self.figures_json(stage, with_vetoes=stage != "claimed"), self.table)


def cluster_of(year: ClusterYear) -> Cluster | None:
    """Load the sheets of a year for a computation; None before they are opened."""
    sheets = list(
        ScoreSheet.objects.filter(cluster_year=year)
        .select_related("unit", "table", "cluster_year")
        .order_by("unit__code")
    )
    if not sheets:
        return None
    vetoes: dict[int, tuple[str, ...]] = {}
    for veto in Veto.objects.filter(cluster_year=year).standing().order_by("pk"):
        vetoes[veto.unit_id] = (*vetoes.get(veto.unit_id, ()), veto.reason)
    stored = sheets[0].table
    return Cluster(stored, engine_table(stored), sheets, _figures_of(year, sheets), vetoes)


def _figures_of(year: ClusterYear, sheets: list[ScoreSheet]) -> dict[int, list[LineFigures]]:
    """Load the figures of all sheets as values: each leaf once, no object for each line."""
    found: dict[int, list[LineFigures]] = {sheet.pk: [] for sheet in sheets}
    rows = list(
        ScoreLine.objects.filter(sheet__cluster_year=year)
        .order_by("criterion__order")
        .values_list("sheet_id", "criterion_id", *LineFigures._fields[1:])
    )
    leaves = Criterion.objects.in_bulk({row[1] for row in rows})
    for sheet, leaf, *figures in rows:
        found[sheet].append(LineFigures(leaves[leaf], *figures))
    return found


def sheets_with_names() -> ScoreSheetQuerySet:
    """Return sheets with what every page of them prints."""
    return ScoreSheet.objects.select_related(
        "cluster_year__cluster__organiser", "cluster_year__cycle", "unit", "table", "appraiser"
    )


def locked_sheet(sheet_id: int) -> ScoreSheet:
    """Lock a sheet until the transaction ends, then read it."""
    ScoreSheet.objects.select_for_update().get(pk=sheet_id)
    return sheets_with_names().get(pk=sheet_id)
