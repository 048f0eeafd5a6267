"""Reads of progress: what a unit pledged, what it entered, what of it was accepted."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Prefetch

from clusters.acting import Acting
from clusters.calendar import DAYS_TO_REPORT, Window, local_date
from clusters.models import ClusterYear, Extension, Period, Unit
from clusters.queries import bench_of, window_of_period
from core.canonical import sha256_of
from pledges.figures import Aim
from pledges.models import (
    Pledge,
    PledgeVersion,
    ProgressEntry,
    ProgressReport,
    ProgressStatus,
    ReturnedEntry,
    Target,
    TargetValue,
)
from pledges.policies.progress import ProgressStanding


def signed_version(year: ClusterYear) -> PledgeVersion | None:
    """Return the version that binds the year: the one frozen for signing that still stands.

    A missing signature warns and does not stop the year (product.md §5.13), so the last signature
    is not waited for.
    """
    pledge = Pledge.objects.filter(cluster_year=year).select_related("current").first()
    version = pledge.current if pledge else None
    return version if version is not None and version.frozen_at is not None else None


def bound_at(year: ClusterYear) -> datetime | None:
    """Return when the binding version was frozen; None while there is none.

    A verb on progress asks only this: the version itself carries the text of the whole pledge.
    """
    found: datetime | None = (
        Pledge.objects.filter(cluster_year=year)
        .values_list("current__frozen_at", flat=True)
        .first()
    )
    return found


@dataclass(frozen=True, slots=True)
class Pledged:
    """A target of the binding version as one unit pledged it."""

    target: Target
    aim: Aim
    #: Number of the row in the table of targets, as printed.
    row: int


def pledged_by(version: PledgeVersion | None, unit_ids: Iterable[int]) -> dict[int, list[Pledged]]:
    """Return what each unit pledged, target by target in the order of the paper; two statements."""
    found: dict[int, list[Pledged]] = {unit_id: [] for unit_id in unit_ids}
    if version is None:
        return found
    values = TargetValue.objects.filter(unit__in=list(found))
    targets = (
        version.targets.order_by("order", "pk")
        .select_related("criterion")
        .prefetch_related(Prefetch("values", values, to_attr="asked"))
    )
    for row, target in enumerate(targets, start=1):
        asked: list[TargetValue] = target.asked
        by_unit = {value.unit_id: value for value in asked}
        for unit_id, pledged in found.items():
            pledged.append(Pledged(target, aim_of(target, by_unit.get(unit_id)), row))
    return found


def aim_of(target: Target, value: TargetValue | None) -> Aim:
    """Return what a unit pledged for a target as plain data."""
    is_numeric = target.kind == Target.Kind.NUMERIC
    return Aim(
        key=target.key,
        is_numeric=is_numeric,
        direction=target.direction,
        aggregation=target.aggregation,
        is_change=target.is_change,
        # A target in words binds every unit; a number only whoever it was assigned to.
        is_assigned=value.is_assigned if value else not is_numeric,
        value=value.value if value else None,
        baseline=value.baseline if value else None,
    )


def entry_mark(entry: ProgressEntry | None) -> str:
    """Return the mark of a cell as read; a save sends it back. An untouched cell has none."""
    if entry is None:
        return ""
    return sha256_of([entry.pk, str(entry.value), entry.text, entry.note, entry.reason])[:16]


@dataclass(slots=True)
class Cell:
    """A target in a period: every entry made, the oldest first."""

    entries: list[ProgressEntry] = field(default_factory=list)

    @property
    def current(self) -> ProgressEntry | None:
        """Return what stands in the cell for the unit itself: its newest entry."""
        return self.entries[-1] if self.entries else None

    @property
    def accepted(self) -> ProgressEntry | None:
        """Return the newest accepted entry: the only one that counts."""
        return next(
            (e for e in reversed(self.entries) if e.report.status == ProgressStatus.ACCEPTED), None
        )


Cells = dict[tuple[str, int], Cell]


def cells_of(year: ClusterYear, unit_ids: Iterable[int]) -> dict[int, Cells]:
    """Return all cells of units: unit → (key of the target, period) → cell; one statement.

    Keyed by the target's key, which follows it through the versions of the pledge.
    """
    found: dict[int, Cells] = {unit_id: {} for unit_id in unit_ids}
    entries = (
        ProgressEntry.objects.filter(report__cluster_year=year, report__unit__in=list(found))
        .select_related("report", "target")
        .order_by("pk")
    )
    for entry in entries:
        cells = found[entry.report.unit_id]
        cells.setdefault((entry.target.key, entry.report.period_id), Cell()).entries.append(entry)
    return found


def accepted_values(
    cells: Cells, key: str, periods: Iterable[Period], until: date | None = None
) -> list[Decimal | None]:
    """Return the accepted figure of each period up to a day; None where there is none."""
    values: list[Decimal | None] = []
    for period in periods:
        if until is not None and period.ends_on > until:
            continue
        cell = cells.get((key, period.pk))
        accepted = cell.accepted if cell else None
        values.append(accepted.value if accepted else None)
    return values


def window_within(period: Period, extended_to: date | None, frozen_at: datetime | None) -> Window:
    """Return when a report is due, from the facts at hand.

    `frozen_at` is when the pledge was frozen. A period that was over by then could not be reported
    in time: its report is due as many days after that day as any other.
    """
    window = window_of_period(period, extended_to)
    if frozen_at is None or window.due_on is None:
        return window
    first = local_date(frozen_at) + timedelta(days=DAYS_TO_REPORT)
    return replace(window, due_on=max(window.due_on, first))


def window_for(period: Period, unit_id: int | None, frozen_at: datetime | None = None) -> Window:
    """Return when the report of a period is due for a unit, its extension included."""
    latest = Extension.objects.filter(period=period, unit=unit_id).order_by("-until").first()
    return window_within(period, latest.until if latest else None, frozen_at)


def standing_of(report: ProgressReport, acting: Acting, today: date) -> ProgressStanding:
    """Gather the facts every rule about a progress report asks for.

    A report that was never saved stands here as an unsaved row.
    """
    year = report.cluster_year
    returned: frozenset[int] = frozenset()
    if report.returned_at is not None:
        rows = ReturnedEntry.objects.filter(report=report, returned_at=report.returned_at)
        returned = frozenset(rows.values_list("target_id", flat=True))
    bound = bound_at(year)
    return ProgressStanding(
        bench=bench_of(acting, year, report.unit, today),
        report=report,
        has_pledge=bound is not None,
        window=window_for(report.period, report.unit_id, bound),
        today=today,
        returned=returned,
        entered=report.entries.count() if report.pk else 0,
    )


def report_of(year: ClusterYear, unit: Unit, period: Period, part: int = 1) -> ProgressReport:
    """Return the report of a unit on a period, or a new unsaved one."""
    found = (
        ProgressReport.objects.filter(unit=unit, period=period, part=part)
        .select_related("cluster_year__cluster__organiser", "cluster_year__cycle", "unit", "period")
        .first()
    )
    return found or ProgressReport(cluster_year=year, unit=unit, period=period, part=part)


def locked_report(report_id: int) -> ProgressReport:
    """Lock a report until the transaction ends, then read it (see `locked_pledge`)."""
    ProgressReport.objects.select_for_update().get(pk=report_id)
    return ProgressReport.objects.select_related(
        "cluster_year__cluster__organiser", "cluster_year__cycle", "unit", "period"
    ).get(pk=report_id)
