"""Reads of runs and publications: the facts rules ask for, two runs side by side."""

from datetime import date

from clusters.acting import Acting
from clusters.models import ClusterYear
from clusters.queries import place_of
from scoring.engine import Faults, Result, compute, read_figures, read_table
from scoring.models import (
    Publication,
    PublicationStatus,
    RunKind,
    RunResult,
    ScoringRun,
    SheetStatus,
)
from scoring.policies.run import RunStanding
from scoring.queries.objection import taken_until, waiting_in
from scoring.queries.sheet import Cluster, cluster_of

#: Which figures of the lines a run of each kind reads.
STAGE_OF: dict[RunKind, str] = {
    RunKind.CLAIMED: "claimed",
    RunKind.FIRST: "first",
    RunKind.FINAL: "final",
}


def latest_run(year: ClusterYear) -> ScoringRun | None:
    """Return the newest run of a year."""
    return ScoringRun.objects.filter(cluster_year=year).order_by("-number").first()


def use_of_unit_code(unit_id: int) -> str:
    """Say that runs know a unit by its code: the inputs they keep are matched by it."""
    known = RunResult.objects.filter(unit=unit_id).exists()
    return "phiên chấm điểm" if known else ""


def standing_of(year: ClusterYear, acting: Acting, today: date) -> RunStanding:
    """Gather the facts every rule about runs and publications asks for."""
    published = list(
        Publication.objects.filter(cluster_year=year).select_related("run").order_by("-pk")
    )
    provisional = (p for p in published if p.status == PublicationStatus.PROVISIONAL)
    final = (p for p in published if p.status != PublicationStatus.PROVISIONAL)
    run, last = latest_run(year), next(provisional, None)
    return RunStanding(
        place=place_of(acting, year),
        year=year,
        today=today,
        run=run,
        provisional=last,
        final=next(final, None),
        is_fresh=run is not None and is_fresh(run, cluster_of(year)),
        waiting=waiting_in(year),
        taken_until=taken_until(year, last) if last else None,
    )


def is_fresh(run: ScoringRun, cluster: Cluster | None) -> bool:
    """Whether a run was made from the figures, vetoes and table as they stand now."""
    if cluster is None or run.table_id != cluster.stored.pk:
        return False
    kind = RunKind(run.kind)
    now = cluster.figures_json(STAGE_OF[kind], with_vetoes=kind is not RunKind.CLAIMED)
    return bool(now == run.figures)


def gaps_of(cluster: Cluster, kind: RunKind, result: Result) -> list[str]:
    """Say in words what keeps a run from being final: sheets not approved."""
    if kind is not RunKind.FINAL:
        return [f"phiên chấm {kind.label.lower()}, chưa theo kết quả duyệt"]
    open_sheets = [
        f"phiếu của {sheet.unit.short_name} chưa duyệt ({sheet.get_status_display().lower()})"
        for sheet in cluster.sheets
        if sheet.status not in (SheetStatus.APPROVED, SheetStatus.FINAL)
    ]
    return open_sheets if result.units else ["chưa có phiếu chấm điểm nào"]


def faults_in_words(faults: Faults, cluster: Cluster) -> str:
    """Say which figures the engine cannot take; the first few are named."""
    first = faults.faults[:3]
    more = len(faults.faults) - len(first)
    units = {str(place): s.unit.short_name for place, s in enumerate(cluster.sheets)}
    said = []
    for fault in first:
        place = fault.path.removeprefix("$.units[").partition("]")[0]
        said.append(f"{units.get(place, '')}: {fault.wrong}; {fault.allowed}".strip(": "))
    return "; ".join(said) + (f" (và {more} lỗi khác)" if more > 0 else "")


def recompute(run: ScoringRun) -> Result:
    """Make a recorded run again from its own inputs; the same inputs give the same bytes."""
    table = read_table(run.table_json)
    return compute(table, read_figures(run.figures, table))
