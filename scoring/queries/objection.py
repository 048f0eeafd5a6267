"""Reads of objections: the facts rules ask for, the list of a year, what rests on evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from clusters.acting import Acting
from clusters.calendar import Window, local_date
from clusters.models import ClusterYear, Extension, Unit, YearStatus
from clusters.queries import bench_of, place_of
from core.models import AuditEvent
from core.policy import ALLOWED, Verdict
from scoring.figures import words_of
from scoring.models import (
    Objection,
    ObjectionQuerySet,
    ObjectionStatus,
    Publication,
    PublicationStatus,
    RunLine,
    RunResult,
    ScoreLine,
)
from scoring.policies.objection import ObjectionStanding
from scoring.policies.openness import may_read_points_of_all
from scoring.policies.sheet import may_settle
from scoring.queries.evidence import Use
from scoring.queries.openness import objections_known_to, reading_of
from scoring.queries.sheet import sheets_with_names
from scoring.queries.sheet import standing_of as standing_of_sheet

OS = ObjectionStatus
#: What a unit does before it sends is its own.
_UNIT_S_OWN = (
    "scoring.objection_drafted", "scoring.objection_saved", "scoring.objection_handed_over",
    "scoring.objection_discarded",
)  # fmt: skip
#: How the time for objections is called in the sentences of the calendar.
_WINDOW = "Thời hạn nhận kiến nghị"
#: What an objection without a line is about.
WHOLE = "kết quả chung"


# The clock -----------------------------------------------------------------------------------
def newest_provisional(year: ClusterYear) -> Publication | None:
    """Return the provisional publication that stands: the newest."""
    rows = Publication.objects.filter(cluster_year=year, status=PublicationStatus.PROVISIONAL)
    return rows.select_related("run").order_by("-pk").first()


def newest_of(year_ids: Iterable[int]) -> dict[int, Publication]:
    """Return the provisional publication that stands in each of several years; one statement."""
    rows = Publication.objects.filter(
        cluster_year__in=list(year_ids), status=PublicationStatus.PROVISIONAL
    )
    return {row.cluster_year_id: row for row in rows.order_by("pk")}


def window_for(publication: Publication, extended_to: date | None = None) -> Window:
    """Return when objections are taken: from the publication to its day, or to an extension."""
    return Window(
        _WINDOW,
        local_date(publication.published_at),
        publication.objections_until,
        late_accepted=False,
        extended_to=extended_to,
    )


def extensions_in(year_ids: Iterable[int]) -> dict[tuple[int, int], date]:
    """Return until when single units have more time to object: (year, unit) → day."""
    rows = Extension.objects.filter(
        stage__cluster_year__in=list(year_ids), stage__kind=YearStatus.OBJECTIONS
    ).order_by("until")
    return {
        (year, unit): until
        for year, unit, until in rows.values_list("stage__cluster_year", "unit", "until")
    }


def taken_until(year: ClusterYear, publication: Publication) -> date | None:
    """Return the last day on which any unit may still object, extensions included."""
    until = publication.objections_until
    days = [day for day in (until, *extensions_in([year.pk]).values()) if day]
    return max(days) if until else None


# Facts for the rules -------------------------------------------------------------------------
def objections_with_names() -> ObjectionQuerySet:
    """Return objections with what every page of them prints."""
    return Objection.objects.select_related(
        "cluster_year__cluster__organiser", "cluster_year__cycle", "unit", "publication__run",
        "line__criterion", "line__sheet", "created_by", "sent_by", "ended_by",
    )  # fmt: skip


def standing_for(
    year: ClusterYear, unit: Unit, acting: Acting, today: date, objection: Objection | None = None
) -> ObjectionStanding:
    """Gather the facts every rule about objections asks for."""
    provisional = newest_provisional(year)
    extended = extensions_in([year.pk]).get((year.pk, unit.pk))
    return ObjectionStanding(
        bench=bench_of(acting, year, unit, today),
        year=year,
        today=today,
        provisional=provisional,
        window=window_for(provisional, extended) if provisional else None,
        objection=objection,
        settling=_settling(objection, acting, today),
    )


def own_unit(acting: Acting) -> Unit:
    """Return the unit a person acts for."""
    return Unit.objects.get(pk=acting.unit_key)


def own_line(year: ClusterYear, acting: Acting, pk: int) -> ScoreLine | None:
    """Return a line of the own sheet; None for any other."""
    own = ScoreLine.objects.filter(sheet__cluster_year=year, sheet__unit=acting.unit_key)
    return own.select_related("criterion", "sheet__table").filter(pk=pk).first()


def standing_of(objection: Objection, acting: Acting, today: date) -> ObjectionStanding:
    """Gather the facts about an objection that was written."""
    return standing_for(objection.cluster_year, objection.unit, acting, today, objection)


def _settling(objection: Objection | None, acting: Acting, today: date) -> Verdict:
    """Ask whether the final figure can be changed, where it is the organiser who decides."""
    if objection is None or objection.line is None or not acting.is_organiser:
        return ALLOWED
    if objection.status != OS.SENT:
        return ALLOWED
    sheet = sheets_with_names().get(pk=objection.line.sheet_id)
    return may_settle(standing_of_sheet(sheet, acting, today))


def waiting_in(year: ClusterYear) -> tuple[str, ...]:
    """Name the objections that were sent and not decided: "số 2 của CA Lệ Thủy"."""
    rows = Objection.objects.filter(cluster_year=year).waiting().order_by("number")
    return tuple(
        f"số {number} của {unit}" for number, unit in rows.values_list("number", "unit__short_name")
    )


def open_about(year: ClusterYear, unit_id: int, line_id: int | None) -> Objection | None:
    """Return the objection of a unit that stands about a line, or about the result as a whole."""
    rows = Objection.objects.filter(
        cluster_year=year, unit=unit_id, line=line_id, status__in=[OS.DRAFT, OS.SENT]
    )
    return rows.order_by("pk").first()


# The list of a year --------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Row:
    """An objection in the list, as far as this person may know of it."""

    objection: Objection
    #: What it is about: code and title, or the result as a whole; others read the code alone.
    about: str
    asked: str
    outcome: str
    is_own: bool
    #: Whether this person reads what was written.
    is_readable: bool


#: Words of the filter in the address: which states each shows.
FILTERS: tuple[tuple[str, str, tuple[ObjectionStatus, ...]], ...] = (
    ("", "Tất cả", tuple(OS)),
    ("soan", "Đang soạn", (OS.DRAFT,)),
    ("cho", "Chờ quyết định", (OS.SENT,)),
    ("xong", "Đã quyết định", (OS.ACCEPTED, OS.REJECTED)),
    ("rut", "Đã rút", (OS.WITHDRAWN,)),
)


def rows_of(year: ClusterYear, acting: Acting) -> list[Row]:
    """Return the objections of a year this person may know of; what waits first, then by number."""
    rows = Objection.objects.visible_to(acting).filter(cluster_year=year)
    readable = set(rows.values_list("pk", flat=True))
    known = objections_known_to(acting).values("pk")
    order = (OS.SENT, OS.DRAFT, OS.ACCEPTED, OS.REJECTED, OS.WITHDRAWN)
    found = [
        _row(row, acting, is_readable=row.pk in readable)
        for row in objections_with_names()
        .filter(cluster_year=year, pk__in=known)
        .order_by("number", "pk")
    ]
    return sorted(found, key=lambda row: order.index(OS(row.objection.status)))


def knows_of_others(year: ClusterYear, acting: Acting) -> bool:
    """Whether the list of this person holds what other units objected to."""
    return may_read_points_of_all(place_of(acting, year), reading_of(year))


def _row(objection: Objection, acting: Acting, *, is_readable: bool) -> Row:
    line = objection.line
    about = about_of(objection)
    if not is_readable and line is not None:
        about = line.criterion.code
    return Row(
        objection=objection,
        about=about,
        asked=asked_words(objection) if is_readable else "",
        outcome=outcome_of(objection) if is_readable else "",
        is_own=objection.unit_id == acting.unit_id,
        is_readable=is_readable,
    )


def about_of(objection: Objection) -> str:
    """Say what an objection is about: "P.3 Đính chính số liệu", or the result as a whole."""
    return str(objection.line.criterion) if objection.line else WHOLE.capitalize()


def asked_words(objection: Objection) -> str:
    """Write the figure that a unit asks for; empty where it leaves it to the decision."""
    return figure_words(objection, objection.asked)


def outcome_of(objection: Objection) -> str:
    """Say how the final figure changed: "1 lần → 0 lần"; empty where none did."""
    if objection.figure_after is None:
        return ""
    before = figure_words(objection, objection.figure_before) or "chưa có"
    return f"{before} → {figure_words(objection, objection.figure_after)}"


def figure_words(objection: Objection, figure: dict[str, object] | None) -> str:
    """Write a figure of the line that an objection is about."""
    unit = objection.line.criterion.unit_of_measure if objection.line else ""
    return words_of(figure, unit)


# What was published --------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Published:
    """What a publication says of a unit: its result, and the line an objection is about."""

    result: RunResult
    line: RunLine | None


def published_to(
    publication: Publication, unit_id: int, line: ScoreLine | None
) -> Published | None:
    """Return what a unit objects to, as it was published; two statements."""
    result = RunResult.objects.filter(run=publication.run_id, unit=unit_id).first()
    if result is None:
        return None
    code = line.criterion.code if line else None
    return Published(result, result.lines.filter(code=code).first() if code else None)


@dataclass(frozen=True, slots=True)
class Choice:
    """A criterion of the own sheet that one may object to, with its published points."""

    line: ScoreLine
    score: RunLine | None
    #: The objection that stands about it already.
    standing: Objection | None


def choices_of(publication: Publication, unit: Unit) -> list[Choice]:
    """Return the lines of a unit's sheet in the order of the table; four statements."""
    lines = ScoreLine.objects.filter(
        sheet__cluster_year=publication.cluster_year_id, sheet__unit=unit
    ).select_related("criterion", "sheet")
    scores = RunLine.objects.filter(result__run=publication.run_id, result__unit=unit)
    by_code = {score.code: score for score in scores}
    standing = {
        row.line_id: row
        for row in Objection.objects.filter(
            cluster_year=publication.cluster_year_id, unit=unit, status__in=[OS.DRAFT, OS.SENT]
        )
    }
    return [
        Choice(line, by_code.get(line.criterion.code), standing.get(line.pk))
        for line in lines.order_by("criterion__order")
    ]


# What the publishing page tells --------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Tally:
    """How the objections of a year stand, in numbers; what still waits by name."""

    waiting: tuple[str, ...]
    accepted: int
    rejected: int
    withdrawn: int

    @property
    def total(self) -> int:
        """Return how many were sent."""
        return len(self.waiting) + self.accepted + self.rejected + self.withdrawn


def tally_of(year: ClusterYear) -> Tally:
    """Count the objections that were sent; two statements."""
    states = Objection.objects.filter(cluster_year=year).values_list("status", flat=True)
    counted: Sequence[str] = list(states)
    return Tally(
        waiting=waiting_in(year),
        accepted=counted.count(OS.ACCEPTED),
        rejected=counted.count(OS.REJECTED),
        withdrawn=counted.count(OS.WITHDRAWN),
    )


# Evidence, history ---------------------------------------------------------------------------
def uses_on_objections(evidence_ids: Iterable[int]) -> list[Use]:
    """Return the objections that files are used for; what was sent keeps its files."""
    links = Objection.evidence.through.objects.filter(evidence__in=list(evidence_ids))
    rows = links.order_by("pk").values_list(
        "evidence", "objection", "objection__number", "objection__line__criterion__code",
        "objection__sent_at",
    )  # fmt: skip
    return [
        Use(pk, _use(number, code), is_submitted=at is not None, objection_id=objection)
        for pk, objection, number, code, at in rows
    ]


def _use(number: int, code: str | None) -> str:
    about = f"về {code}" if code else f"về {WHOLE}"
    return f"kiến nghị số {number} {about}" if number else f"kiến nghị đang soạn {about}"


def history_of(objection: Objection, acting: Acting) -> list[AuditEvent]:
    """Return the events of an objection this person may read, the newest first."""
    events = AuditEvent.objects.about(objection)
    if objection.unit_id != acting.unit_id:
        events = events.exclude(action__in=_UNIT_S_OWN)
    return list(events.order_by("-seq"))


def without_objections_of_others(
    events: QuerySet[AuditEvent], acting: Acting, year: ClusterYear
) -> QuerySet[AuditEvent]:
    """Leave out of the history what others have written in objections (a curtain).

    Drafts are the unit's own; what was sent is read by the unit, who appraised it, the organiser.
    """
    rows = Objection.objects.visible_to(acting).filter(cluster_year=year)
    readable = {str(pk): unit for pk, unit in rows.values_list("pk", "unit")}
    own = [pk for pk, unit in readable.items() if unit == acting.unit_id]
    about = Q(object_type=Objection._meta.label_lower)
    discarded = Q(action="scoring.objection_discarded", acting_unit=acting.unit_name)
    mine = Q(object_id__in=own) | discarded
    hidden = (Q(action__in=_UNIT_S_OWN) & ~mine) | ~(Q(object_id__in=list(readable)) | discarded)
    return events.exclude(about & hidden)
