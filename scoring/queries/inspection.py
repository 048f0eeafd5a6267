"""Reads of the cross-inspection: the book of drawings, who inspects whom, what a team found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from clusters.acting import Acting
from clusters.calendar import local_date
from clusters.models import ClusterYear, Unit
from clusters.queries import members_of, place_of, units_of_person
from core.canonical import sha256_of
from core.models import AuditEvent
from scoring import lot
from scoring.models import (
    CriteriaTable,
    Criterion,
    Draw,
    Finding,
    Inspection,
    InspectionQuerySet,
    InspectionStatus,
    TeamPlace,
)
from scoring.policies.inspection import DrawStanding, InspectionStanding, is_late

IS = InspectionStatus


# The drawing ---------------------------------------------------------------------------------
def taking_part(year: ClusterYear, today: date) -> tuple[Unit, ...]:
    """Return the members that exist today; a unit that was closed or left takes no part."""
    units = [member.unit for member in members_of(year)]
    return tuple(unit for unit in units if unit.closed_on is None or unit.closed_on > today)


def table_in_use(year: ClusterYear) -> CriteriaTable | None:
    """Return the table by whose criteria is inspected."""
    rows = CriteriaTable.objects.filter(cluster_year=year, status=CriteriaTable.Status.IN_USE)
    return rows.first()


def draw_standing_of(year: ClusterYear, acting: Acting, today: date) -> DrawStanding:
    """Gather what the rules about drawing lots ask; the same statements for any size."""
    draw = standing_draw(year)
    rows = Inspection.objects.filter(draw=draw).exclude(status=IS.OPEN)
    return DrawStanding(
        place=place_of(acting, year),
        year=year,
        units=taking_part(year, today),
        has_table=table_in_use(year) is not None,
        draw=draw,
        submitted=rows.count() if draw else 0,
    )


def standing_draw(year: ClusterYear) -> Draw | None:
    """Return the drawing that was not cancelled."""
    rows = Draw.objects.filter(cluster_year=year, cancelled_at__isnull=True)
    return rows.select_related("drawn_by").first()


def cancelled_draws(year: ClusterYear) -> list[Draw]:
    """Return the drawings that no longer hold; they stay in the book, the newest first."""
    rows = Draw.objects.filter(cluster_year=year, cancelled_at__isnull=False)
    return list(rows.select_related("drawn_by", "cancelled_by").order_by("-number"))


@dataclass(frozen=True, slots=True)
class Post:
    """The inspection of one unit in the list: who inspects, how far it is."""

    inspection: Inspection
    team: tuple[Unit, ...]
    #: Whether this person may open it; whether they take part in it, and how.
    is_open: bool
    is_own: bool
    is_mine: bool
    waits_for: str
    #: Days after the due day: of the submission, or until today while it is open.
    late: int


def posts_of(draw: Draw, acting: Acting, today: date) -> list[Post]:
    """Return the inspections of a drawing in the order of the ring; three statements."""
    rows = {row.unit.code: row for row in _with_team(Inspection.objects.filter(draw=draw))}
    open_to_me = set(
        Inspection.objects.visible_to(acting).filter(draw=draw).values_list("pk", flat=True)
    )
    ring = sorted(rows, key=lambda code: lot.place_of(draw.seed, code))
    return [_post(draw, rows[code], acting, today, open_to_me) for code in ring]


def _post(draw: Draw, row: Inspection, acting: Acting, today: date, seen: set[int]) -> Post:
    team = team_of(row)
    day = local_date(row.submitted_at) if row.submitted_at else today
    return Post(
        inspection=row,
        team=team,
        is_open=row.pk in seen,
        is_own=row.unit_id == acting.unit_id,
        is_mine=acting.unit_id in [unit.pk for unit in team],
        waits_for=waits_for(row, team),
        late=is_late(draw, day),
    )


def waits_for(row: Inspection, team: Iterable[Unit]) -> str:
    """Name who has the inspection now; empty when nobody has."""
    first = next(iter(team))
    names = {IS.OPEN: first.short_name, IS.SUBMITTED: row.unit.short_name, IS.ANSWERED: ""}
    return names[IS(row.status)]


def team_of(row: Inspection) -> tuple[Unit, ...]:
    """Return the units of a team in their order."""
    return tuple(place.unit for place in row.places.all())


def use_of_unit_code(unit_id: int) -> str:
    """Say that drawings know a unit by its code, cancelled ones too: they are repeated by it."""
    drawn = Inspection.objects.filter(unit=unit_id).exists()
    return "sổ bốc thăm kiểm tra chéo" if drawn else ""


def is_repeated(draw: Draw, posts: Iterable[Post]) -> bool:
    """Draw again from the seed and the list of the book and hold it against what is stored."""
    if draw.method != lot.METHOD:
        return False
    stored = {post.inspection.unit.code: tuple(unit.code for unit in post.team) for post in posts}
    return lot.draw(draw.seed, draw.units, draw.team_size) == stored


def _with_team(rows: InspectionQuerySet) -> InspectionQuerySet:
    places = TeamPlace.objects.select_related("unit").order_by("order")
    return rows.select_related("unit").prefetch_related(Prefetch("places", places))


# One inspection ------------------------------------------------------------------------------
def inspections_with_names() -> InspectionQuerySet:
    """Return inspections with what every page of them prints."""
    rows = Inspection.objects.select_related(
        "draw__cluster_year__cluster__organiser", "draw__cluster_year__cycle", "submitted_by",
        "answered_by",
    )  # fmt: skip
    return _with_team(rows)


def inspection_standing_of(row: Inspection, acting: Acting, today: date) -> InspectionStanding:
    """Gather what the rules about one inspection ask."""
    year = row.draw.cluster_year
    return InspectionStanding(
        place=place_of(acting, year),
        inspection=row,
        year=year,
        team=team_of(row),
        own_units=units_of_person(acting.user_id, today),
        today=today,
    )


def locked_inspection(inspection_id: int) -> Inspection:
    """Lock the year and then the inspection until the transaction ends, then read it."""
    year = Inspection.objects.values_list("draw__cluster_year", flat=True).get(pk=inspection_id)
    ClusterYear.objects.select_for_update(no_key=True).get(pk=year)
    Inspection.objects.select_for_update().get(pk=inspection_id)
    return inspections_with_names().get(pk=inspection_id)


def findings_of(row: Inspection) -> dict[str, Finding]:
    """Return what was found by the code of the criterion, in the order of the table."""
    found = row.findings.select_related("criterion").order_by("criterion__order", "pk")
    return {finding.criterion.code: finding for finding in found}


def inspected_by(row: Inspection) -> list[tuple[Criterion, list[Criterion]]]:
    """Return the top groups of the table in use, each with its leaves; one statement.

    A table may be replaced while a team is writing: what it found keeps its place by the code.
    """
    table = table_in_use(row.draw.cluster_year)
    rows = list(table.criteria.order_by("order")) if table else []
    above = {one.pk: one.parent_id for one in rows}
    found = [(one, list[Criterion]()) for one in rows if one.parent_id is None]
    places = {top.pk: leaves for top, leaves in found}
    for one in rows:
        if one.rule is None:
            continue
        at = one.pk
        while (parent := above[at]) is not None:
            at = parent
        places[at].append(one)
    return [(top, leaves) for top, leaves in found if leaves]


def text_mark(*texts: object) -> str:
    """Return the mark of a text as read; whoever writes over it sends it back."""
    return sha256_of([str(text or "") for text in texts])[:16]


def findings_beside(year: ClusterYear, unit_id: int, acting: Acting) -> Mapping[str, list[Finding]]:
    """Return what a team found at a unit by the code of the criterion, as one may read it.

    Of the drawing that stands, after the minutes were submitted; one statement.
    """
    seen = Inspection.objects.visible_to(acting).filter(
        draw__cluster_year=year, draw__cancelled_at__isnull=True, unit=unit_id,
        submitted_at__isnull=False,
    )  # fmt: skip
    rows = Finding.objects.filter(inspection__in=seen.values("pk")).select_related(
        "criterion", "inspection"
    )
    found: dict[str, list[Finding]] = {}
    for row in rows.order_by("pk"):
        found.setdefault(row.criterion.code, []).append(row)
    return found


def last_act(row: Inspection, user_id: int, actions: Iterable[str]) -> AuditEvent | None:
    """Return what a person did last to an inspection, of some actions."""
    mine = AuditEvent.objects.about(row).filter(actor_id=user_id, action__in=list(actions))
    return mine.order_by("-seq").first()


# History -------------------------------------------------------------------------------------
#: What a team writes before it submits is its own; an answer is read by who reads the minutes.
_WRITTEN, _ANSWERED = "scoring.inspection_written", "scoring.inspection_answered"


def without_minutes_of_others(
    events: QuerySet[AuditEvent], acting: Acting, year: ClusterYear
) -> QuerySet[AuditEvent]:
    """Leave out of the history the texts of inspections one may not read (a curtain).

    Who inspects whom, and that minutes were submitted, everybody may know.
    """
    rows = Inspection.objects.filter(draw__cluster_year=year)
    seen = rows.visible_to(acting)
    own = seen if acting.is_organiser else seen.filter(places__unit=acting.unit_id)
    writes, reads = ([str(pk) for pk in some.values_list("pk", flat=True)] for some in (own, seen))
    hidden = (Q(action=_WRITTEN) & ~Q(object_id__in=writes)) | (
        Q(action=_ANSWERED) & ~Q(object_id__in=reads)
    )
    return events.exclude(Q(object_type=Inspection._meta.label_lower) & hidden)
