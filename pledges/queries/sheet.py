"""Reads behind the pages of progress: one unit's sheet of a period, the board of all units.

A sheet is what the unit sees of itself; `submitted_sheet` is the same as others see it: only what
was submitted. Statements do not grow with targets or units.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Count, QuerySet

from clusters.acting import Acting
from clusters.calendar import days_late
from clusters.models import ClusterYear, Extension, Membership, Period, Unit
from clusters.queries import members_of, periods_of, place_of
from core.models import AuditEvent
from pledges import figures
from pledges.figures import Milestone
from pledges.models import (
    PledgeVersion,
    ProgressEntry,
    ProgressReport,
    ProgressStatus,
    ReturnedEntry,
    Target,
)
from pledges.policies.progress import ProgressStanding
from pledges.queries.progress import (
    Cell,
    Cells,
    Pledged,
    bound_at,
    cells_of,
    pledged_by,
    report_of,
    signed_version,
    standing_of,
    window_within,
)

PS = ProgressStatus
#: Reports that are the unit's own turn.
WITH_UNIT = (PS.DRAFT, PS.RETURNED)


@dataclass(slots=True)
class Sheet:
    """Everything a page needs of one unit's report on one period."""

    year: ClusterYear
    unit: Unit
    period: Period
    periods: list[Period]
    report: ProgressReport
    standing: ProgressStanding
    version: PledgeVersion | None
    pledged: list[Pledged]
    cells: Cells
    #: Number of standing files by entry.
    files: dict[int, int]
    #: What was returned last time, by target.
    returned: dict[int, ReturnedEntry]
    #: Reports of the unit by period; the newest part of each.
    reports: dict[int, ProgressReport] = field(default_factory=dict)

    def cell(self, target: Target, period: Period | None = None) -> Cell:
        """Return the cell of a target, an empty one where nothing was entered."""
        return self.cells.get((target.key, (period or self.period).pk)) or Cell()

    def entry(self, target: Target) -> ProgressEntry | None:
        """Return what stands in the cell of this period."""
        return self.cell(target).current

    def own(self, target: Target) -> ProgressEntry | None:
        """Return the newest entry of the report itself; a correction starts with none."""
        found = [e for e in self.cell(target).entries if e.report_id == self.report.pk]
        return found[-1] if found else None

    @property
    def milestone(self) -> Milestone:
        """Return which part of the year's periods has passed at the end of this one."""
        place = [period.pk for period in self.periods].index(self.period.pk) + 1
        return Milestone(Decimal(place) / len(self.periods))

    def values(self, target: Target) -> list[Decimal | None]:
        """Return the figure of every period up to this one, in order."""
        place = [period.pk for period in self.periods].index(self.period.pk)
        entries = [self.cell(target, period).current for period in self.periods[: place + 1]]
        return [entry.value if entry else None for entry in entries]

    def total(self, row: Pledged) -> Decimal | None:
        """Return what the figures up to this period make together."""
        return figures.total(row.aim.aggregation, self.values(row.target))

    @property
    def is_correction(self) -> bool:
        """Whether this is a further part that corrects accepted figures."""
        return self.report.part > 1


def own_sheet(year: ClusterYear, unit: Unit, acting: Acting, today: date, period: Period) -> Sheet:
    """Return a unit's sheet of a period as the unit itself sees it."""
    reports = reports_of(year, unit)
    report = reports.get(period.pk) or report_of(year, unit, period)
    report.cluster_year, report.unit, report.period = year, unit, period
    return _sheet(report, acting, today, reports, cells_of(year, [unit.pk])[unit.pk])


def submitted_sheet(report: ProgressReport, acting: Acting, today: date) -> Sheet:
    """Return a report as others see it: what was submitted up to this part of it."""
    unit = report.unit
    cells = cells_of(report.cluster_year, [unit.pk])[unit.pk]
    seen = {
        place: Cell([e for e in cell.entries if _is_shown(e, report)])
        for place, cell in cells.items()
    }
    return _sheet(report, acting, today, {}, seen)


def _is_shown(entry: ProgressEntry, report: ProgressReport) -> bool:
    """Leave out what was never submitted, and later parts of the same period."""
    is_later = entry.report.period_id == report.period_id and entry.report.part > report.part
    return entry.submitted_at is not None and not is_later


def _sheet(
    report: ProgressReport,
    acting: Acting,
    today: date,
    reports: dict[int, ProgressReport],
    cells: Cells,
) -> Sheet:
    year, unit = report.cluster_year, report.unit
    version = signed_version(year)
    entries = ProgressEntry.objects.filter(
        report__cluster_year=year, report__unit=unit, evidence__withdrawn_at__isnull=True
    )
    counted = entries.annotate(files=Count("evidence")).values_list("pk", "files")
    return Sheet(
        year=year,
        unit=unit,
        period=report.period,
        periods=periods_of(year),
        report=report,
        standing=standing_of(report, acting, today),
        version=version,
        pledged=pledged_by(version, [unit.pk])[unit.pk],
        cells=cells,
        files=dict(counted),
        returned=returned_of(report),
        reports=reports,
    )


def returned_of(report: ProgressReport) -> dict[int, ReturnedEntry]:
    """Return the cells that were returned last time."""
    if not report.pk or report.returned_at is None:
        return {}
    rows = ReturnedEntry.objects.filter(report=report, returned_at=report.returned_at)
    return {row.target_id: row for row in rows}


def reports_of(year: ClusterYear, unit: Unit) -> dict[int, ProgressReport]:
    """Return a unit's reports by period, the newest part of each."""
    rows = ProgressReport.objects.filter(cluster_year=year, unit=unit).order_by("part")
    return {row.period_id: row for row in rows}


def period_to_open(
    periods: list[Period], reports: dict[int, ProgressReport], today: date
) -> Period | None:
    """Return the period a unit most likely comes for: begun, and still its own turn."""
    begun = [period for period in periods if period.starts_on <= today]
    waiting = [p for p in begun if p.pk not in reports or reports[p.pk].status in WITH_UNIT]
    over = [period for period in waiting if period.ends_on < today]
    candidates = over[:1] or waiting[-1:] or begun[-1:] or periods[:1]
    return candidates[0] if candidates else None


# The board of all units ----------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Post:
    """Where one unit stands in one period."""

    period: Period
    report: ProgressReport | None
    #: Days after the due day: of the submission, or until today while nothing was submitted.
    late: int
    #: The period has begun, so something may be expected.
    is_begun: bool
    is_over: bool


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit with its place in every period."""

    membership: Membership
    posts: list[Post]


def board_of(year: ClusterYear, acting: Acting, today: date) -> list[UnitLine]:
    """Return every member × every period as far as one may see the reports; four statements."""
    periods = periods_of(year)
    seen = ProgressReport.objects.visible_to(acting).filter(cluster_year=year)
    reports = {(r.unit_id, r.period_id): r for r in seen.order_by("part")}
    extended = Extension.objects.filter(period__cluster_year=year).order_by("until")
    until = {(e.unit_id, e.period_id): e.until for e in extended}
    lines, bound = [], bound_at(year)
    for membership in members_of(year):
        posts = []
        for period in periods:
            place = (membership.unit_id, period.pk)
            report = reports.get(place)
            window = window_within(period, until.get(place), bound)
            late = _late(report, days_late(window, today))
            is_begun, is_over = period.starts_on <= today, period.ends_on < today
            posts.append(Post(period, report, late, is_begun, is_over))
        lines.append(UnitLine(membership, posts))
    return lines


def _late(report: ProgressReport | None, so_far: int) -> int:
    if report is None or report.submitted_at is None:
        return so_far
    return report.days_late


# History -------------------------------------------------------------------------------------
#: What a unit does before anything is submitted is its own.
UNSEEN = ("pledges.progress_saved", "pledges.progress_handed_over")


def without_other_units_drafts(
    events: QuerySet[AuditEvent], acting: Acting, year: ClusterYear
) -> QuerySet[AuditEvent]:
    """Leave the entering of figures in other units out of the history (a curtain)."""
    mine = ProgressReport.objects.filter(cluster_year=year, unit=acting.unit_id)
    keys = [str(pk) for pk in mine.values_list("pk", flat=True)]
    if not place_of(acting, year).membership:
        keys = []
    foreign = events.filter(action__in=UNSEEN).exclude(object_id__in=keys)
    return events.exclude(pk__in=foreign.order_by().values("pk"))


def events_of(reports: Iterable[ProgressReport]) -> list[AuditEvent]:
    """Return the events of the parts of a report, the newest first."""
    return list(reversed(AuditEvent.objects.about(*reports)))
