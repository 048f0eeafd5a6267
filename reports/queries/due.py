"""What units have to hand in soon, for the reminders: by year, what it is and until when."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet
from django.urls import reverse

from clusters.acting import Acting
from clusters.models import ClusterYear, Membership, Role, YearStatus
from core.models import AuditEvent
from reports.queries.cells import Cell, Step, Turn, cell_of
from reports.queries.ledger import Ledger, ledgers_of
from scoring.models import Objection, ObjectionStatus
from scoring.policies.objection import OPEN_YEAR
from scoring.queries.objection import extensions_in, newest_of, window_for

S = YearStatus
#: So many days before the last day people are reminded, once.
DAYS_BEFORE = 3
#: States of a year in which units have something to hand in.
OPEN = (S.DRAFTING, S.SIGNING, S.RUNNING, S.MIDYEAR, S.YEAREND, S.APPRAISING)
_BOTH = (Role.OFFICER, Role.HEAD)
#: Of whom each stage asks something.
ASKED: dict[Step, tuple[Role, ...]] = {
    Step.DRAFT: _BOTH,
    Step.SIGN: (Role.HEAD,),
    Step.PROGRESS: _BOTH,
    Step.MIDYEAR: _BOTH,
    Step.YEAREND: _BOTH,
    Step.CLAIM: _BOTH,
    # Before the result is final: objections that were written and not sent.
    Step.PUBLISH: _BOTH,
}
#: The action of a reminder in the trail.
REMINDED = "reports.reminded"
#: What is missing of an objection that is still a draft.
UNSENT = "còn kiến nghị chưa gửi"


@dataclass(frozen=True, slots=True)
class Due:
    """Something that units of a year have to do until a day."""

    year: ClusterYear
    step: Step
    #: What is missing: "chưa nộp phiếu tiến độ Quý II".
    what: str
    due_on: date
    members: list[Membership]


def due_soon(today: date) -> list[Due]:
    """Return what is due within the days of a reminder, over all years at work.

    Read in the eyes of each organiser: what was not handed in is not there.
    """
    years: dict[int, list[ClusterYear]] = {}
    for year in ClusterYear.objects.filter(status__in=OPEN).with_names().order_by("pk"):
        years.setdefault(year.cluster.organiser_id, []).append(year)
    found: list[Due] = []
    for organiser_id, mine in years.items():
        eyes = Acting(0, "", role="ORGANISER", unit_id=organiser_id)
        for ledger in ledgers_of(mine, eyes, today):
            found += _due_in(ledger)
    return [*found, *_unsent_in(today)]


def _unsent_in(today: date) -> Iterator[Due]:
    """Yield drafts of objections whose time is nearly over, five statements.

    One for each unit: that a unit drafts is nobody else's business (`without_reminders_of_others`).
    """
    years = {y.pk: y for y in ClusterYear.objects.filter(status__in=OPEN_YEAR).with_names()}
    drafts = Objection.objects.filter(cluster_year__in=years, status=ObjectionStatus.DRAFT)
    newest, extended = newest_of(years), extensions_in(years)
    found: dict[tuple[int, int], date] = {}
    for year, unit in drafts.values_list("cluster_year", "unit").distinct():
        day = window_for(newest[year], extended.get((year, unit))).closes_on
        if day and today <= day <= today + timedelta(days=DAYS_BEFORE):
            found[year, unit] = day
    members = Membership.objects.filter(cluster_year__in=years).select_related("unit")
    for member in members.order_by("cluster_year", "order"):
        day = found.get((member.cluster_year_id, member.unit_id))
        if day is not None:
            yield Due(years[member.cluster_year_id], Step.PUBLISH, UNSENT, day, [member])


def _due_in(ledger: Ledger) -> Iterator[Due]:
    last = ledger.today + timedelta(days=DAYS_BEFORE)
    for step in ASKED:
        found: dict[tuple[date, str], list[Membership]] = {}
        for member in ledger.members:
            cell = cell_of(ledger, member, step)
            if _is_awaited(cell) and cell.due_on and ledger.today <= cell.due_on <= last:
                found.setdefault((cell.due_on, cell.missing), []).append(member)
        for (day, missing), members in sorted(found.items(), key=lambda item: item[0]):
            yield Due(ledger.year, step, missing, day, members)


def _is_awaited(cell: Cell) -> bool:
    return cell.turn is Turn.UNIT and not cell.overdue


def address_of(year_id: int, step: Step) -> str:
    """Return where people do what they are reminded of."""
    name, *kind = {
        Step.DRAFT: ("pledges:pledge",),
        Step.SIGN: ("reports:sign",),
        Step.PROGRESS: ("pledges:progress",),
        Step.MIDYEAR: ("pledges:reviews", "so-ket"),
        Step.YEAREND: ("pledges:reviews", "tong-ket"),
        Step.CLAIM: ("scoring:sheets",),
        Step.PUBLISH: ("scoring:objections",),
    }[step]
    return reverse(name, args=[year_id, *kind])


def reminded_before(dues: Iterable[Due]) -> set[tuple[int, str, str, int]]:
    """Return year, what, day and unit of the reminders that went out; one statement."""
    years = {due.year.pk for due in dues}
    events = AuditEvent.objects.filter(action=REMINDED, cluster_year_id__in=years)
    return {
        (year_id or 0, after["what"], after["due_on"], unit_id)
        for year_id, after in events.values_list("cluster_year_id", "after")
        for unit_id in after["unit_ids"]
    }


def without_reminders_of_others(
    events: QuerySet[AuditEvent], acting: Acting, year: ClusterYear
) -> QuerySet[AuditEvent]:
    """Leave out of the history who was reminded of an objection it drafts (a curtain).

    Until it is sent, a draft is the business of its unit alone, also before the organiser.
    """
    told = AuditEvent.objects.filter(
        cluster_year_id=year.pk, action=REMINDED, after__step=Step.PUBLISH.name
    )
    own = told.filter(after__unit_ids=[acting.unit_id])
    return events.exclude(pk__in=told.exclude(pk__in=own.values("pk")).values("pk"))
