"""What every unit of some years has handed in: read once for any number of years and units.

The board of the year, its nine tasks and its turn line are worked out from this alone, so that
they can never tell different things. Of work that others have not handed in nothing is read but
that it is not there (`visible_to` of each row).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q

from clusters.acting import Acting
from clusters.calendar import Window, window_today
from clusters.models import ClusterYear, Extension, Membership, Period, Stage
from clusters.queries import window_of
from pledges.models import (
    Consent,
    Pledge,
    PledgeStatus,
    ProgressEntry,
    ProgressReport,
    ProgressStatus,
    Review,
    Signatory,
    Target,
)
from pledges.queries.progress import window_within
from scoring.models import Publication, PublicationStatus, ScoreSheet


@dataclass(frozen=True, slots=True)
class Opening:
    """A review whose figures are frozen: until when its reports are due, the cluster's own."""

    due_on: date
    cluster_report: Review


@dataclass(slots=True)
class Ledger:
    """A year: its units, its calendar and everything that was handed in, by unit."""

    year: ClusterYear
    acting: Acting
    today: date
    members: list[Membership] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    periods: list[Period] = field(default_factory=list)
    #: (stage or period, unit) → last day of the extension.
    stage_until: dict[tuple[int, int], date] = field(default_factory=dict)
    period_until: dict[tuple[int, int], date] = field(default_factory=dict)
    pledge: Pledge | None = None
    consents: dict[int, str] = field(default_factory=dict)
    signatures: dict[int, str] = field(default_factory=dict)
    #: (unit, period) → the part of the report that counts now: a correction handed in, else the
    #: report itself.
    reports: dict[tuple[int, int], ProgressReport] = field(default_factory=dict)
    #: How many targets my own unit reports on, and in each report of it how many it entered.
    my_targets: int = 0
    my_entered: dict[int, int] = field(default_factory=dict)
    openings: dict[str, Opening] = field(default_factory=dict)
    reviews: dict[tuple[str, int], Review] = field(default_factory=dict)
    sheets: dict[int, ScoreSheet] = field(default_factory=dict)
    #: Sheets that this person may open.
    open_sheets: frozenset[int] = frozenset()
    publication: Publication | None = None

    @property
    def pledge_status(self) -> PledgeStatus | None:
        """Return where the pledge stands; None before it was begun."""
        return PledgeStatus(self.pledge.status) if self.pledge else None

    @property
    def is_bound(self) -> bool:
        """Whether the pledge was frozen, so that progress is reported on it."""
        current = self.pledge.current if self.pledge else None
        return current is not None and current.frozen_at is not None

    def window(self, kind: str, unit_id: int | None = None) -> Window | None:
        """Return the stage of a kind that counts today, the extension of a unit included."""
        return window_today(
            [
                window_of(s, self.stage_until.get((s.pk, unit_id)) if unit_id else None)
                for s in self.stages
                if s.kind == kind
            ],
            self.today,
        )

    def period_window(self, period: Period, unit_id: int) -> Window:
        """Return when the report on a period is due (see `pledges.queries.progress.window_for`)."""
        current = self.pledge.current if self.pledge else None
        until = self.period_until.get((period.pk, unit_id))
        return window_within(period, until, current.frozen_at if current else None)

    def review_window(self, kind: str, unit_id: int) -> Window | None:
        """Return until when the report of an opened review is in time."""
        opening = self.openings.get(kind)
        if opening is None:
            return None
        stage = self.window(kind, unit_id)
        until = stage.extended_to if stage else None
        return Window(kind, opening.due_on, opening.due_on, late_accepted=True, extended_to=until)

    @property
    def period(self) -> Period | None:
        """Return the period whose reports are due: the last that ended, else the first."""
        ended = [p for p in self.periods if p.ends_on < self.today]
        return ended[-1] if ended else next(iter(self.periods), None)

    @property
    def next_period(self) -> Period | None:
        """Return the period that is reported on next."""
        current = self.period
        return next((p for p in self.periods if current and p.order > current.order), None)


def ledger_of(year: ClusterYear, acting: Acting, today: date) -> Ledger:
    """Read one year."""
    return ledgers_of([year], acting, today)[0]


def ledgers_of(years: Sequence[ClusterYear], acting: Acting, today: date) -> list[Ledger]:
    """Read years that this person sees; neither their number nor their size adds a statement."""
    found = {year.pk: Ledger(year, acting, today) for year in years}
    _read_cluster(found)
    _read_pledges(found)
    _read_progress(found, acting)
    _read_reviews(found, acting)
    _read_scoring(found, acting)
    return list(found.values())


def _read_cluster(found: dict[int, Ledger]) -> None:
    keys = list(found)
    members = Membership.objects.filter(cluster_year__in=keys).select_related("unit")
    for member in members.order_by("order"):
        found[member.cluster_year_id].members.append(member)
    for stage in Stage.objects.filter(cluster_year__in=keys).order_by("order"):
        found[stage.cluster_year_id].stages.append(stage)
    for period in Period.objects.filter(cluster_year__in=keys).order_by("order"):
        found[period.cluster_year_id].periods.append(period)
    places = Q(stage__cluster_year__in=keys) | Q(period__cluster_year__in=keys)
    granted = Extension.objects.filter(places).select_related("stage", "period").order_by("until")
    for one in granted:
        if one.stage is not None:
            found[one.stage.cluster_year_id].stage_until[one.stage.pk, one.unit_id] = one.until
        elif one.period is not None:
            found[one.period.cluster_year_id].period_until[one.period.pk, one.unit_id] = one.until


def _read_pledges(found: dict[int, Ledger]) -> None:
    pledges = Pledge.objects.filter(cluster_year__in=list(found)).select_related("current")
    by_version = {}
    for pledge in pledges:
        ledger = found[pledge.cluster_year_id]
        ledger.pledge = pledge
        if pledge.current_id is not None:
            by_version[pledge.current_id] = ledger
    for consent in Consent.objects.filter(version__in=list(by_version)).standing():
        by_version[consent.version_id].consents[consent.unit_id] = consent.word
    signers = Signatory.objects.filter(version__in=list(by_version), role=Signatory.Role.SIGNER)
    for signatory in signers:
        by_version[signatory.version_id].signatures[signatory.unit_id] = signatory.status


def _read_progress(found: dict[int, Ledger], acting: Acting) -> None:
    reports = (
        ProgressReport.objects.visible_to(acting)
        .filter(cluster_year__in=list(found))
        .defer("narrative", "return_reason")
        .order_by("part")
    )
    for report in reports:
        if report.part > 1 and report.status == ProgressStatus.DRAFT:
            continue  # a correction that is only being written changes nothing yet
        found[report.cluster_year_id].reports[report.unit_id, report.period_id] = report
    if acting.unit_id is not None and not acting.is_organiser:
        _count_my_cells(found, acting.unit_id)


def _count_my_cells(found: dict[int, Ledger], unit_id: int) -> None:
    entered = ProgressEntry.objects.filter(
        report__cluster_year__in=list(found), report__unit=unit_id
    )
    cells = entered.values("report", "report__cluster_year").annotate(
        n=Count("target", distinct=True)
    )
    for report_id, year_id, count in cells.values_list("report", "report__cluster_year", "n"):
        found[year_id].my_entered[report_id] = count
    versions = {
        ledger.pledge.current_id: ledger
        for ledger in found.values()
        if ledger.is_bound and ledger.pledge
    }
    # A target in words binds every unit; a number only whoever it was assigned to.
    asked = Target.objects.filter(version__in=list(versions)).filter(
        Q(kind=Target.Kind.TEXT) | Q(values__unit=unit_id, values__is_assigned=True)
    )
    counted = asked.order_by().values("version").annotate(n=Count("pk", distinct=True))
    for pk, count in counted.values_list("version", "n"):
        versions[pk].my_targets = count


#: What pages of many reviews never show.
_HEAVY = ("figures", "outline", "sections", "return_reason")


def _read_reviews(found: dict[int, Ledger], acting: Acting) -> None:
    # That figures are frozen, and until when reports are due, everybody in the cluster may know.
    opened = Review.objects.filter(cluster_year__in=list(found), unit__isnull=True)
    for review in opened.defer(*_HEAVY):
        opening = Opening(review.due_on, review)
        found[review.cluster_year_id].openings[review.kind] = opening
    seen = Review.objects.visible_to(acting).filter(
        cluster_year__in=list(found), unit__isnull=False
    )
    for review in Review.objects.filter(pk__in=seen.values("pk")).defer(*_HEAVY):
        if review.unit_id is not None:
            found[review.cluster_year_id].reviews[review.kind, review.unit_id] = review


def _read_scoring(found: dict[int, Ledger], acting: Acting) -> None:
    keys = list(found)
    # Where a sheet stands is no secret in a cluster; what stands on it is.
    readable = ScoreSheet.objects.visible_to(acting).filter(cluster_year__in=keys)
    mine = defaultdict(set)
    for year_id, pk in readable.values_list("cluster_year_id", "pk"):
        mine[year_id].add(pk)
    sheets = ScoreSheet.objects.filter(cluster_year__in=keys).defer("return_reason")
    for sheet in sheets:
        found[sheet.cluster_year_id].sheets[sheet.unit_id] = sheet
    for pk, ledger in found.items():
        ledger.open_sheets = frozenset(mine[pk])
    published = (
        Publication.objects.visible_to(acting)
        .filter(cluster_year__in=keys)
        .exclude(status=PublicationStatus.REVOKED)
        .order_by("published_at", "pk")
    )
    for publication in published:
        found[publication.cluster_year_id].publication = publication
