"""Who is told what happens to an objection; wired in `settings.EFFECTS`.

Each function gets the event, tells the people it concerns, and takes back the notices that it
settles. Nothing here changes the objection.
"""

from collections.abc import Iterable

from django.urls import reverse

from clusters.calendar import local_date
from clusters.models import Role
from clusters.queries import people_of
from core import notices
from core.models import AuditEvent, Notice
from core.text import clip
from scoring.models import Objection
from scoring.queries.objection import about_of, objections_with_names

#: A text is quoted so far; the page has the whole.
QUOTED = 240
#: Of the name of a criterion so much stands in a notice.
_ABOUT = 80


def handed_over(event: AuditEvent) -> None:
    """Ask the head to read and send."""
    row = _objection(event)
    text = f"{event.actor_name} trình kiến nghị về {_about(row)} để gửi."
    _tell(event, _people(row, event, Role.HEAD), text, _url(row, "objection_send"))


def sent(event: AuditEvent) -> None:
    """Ask the organiser to decide."""
    row = _objection(event)
    notices.withdraw(url=_url(row, "objection_send"), now=event.at)
    text = f"{row.unit.short_name} gửi kiến nghị số {row.number} về {_about(row)}."
    _tell(event, _organisers(row, event), text, _url(row, "objection_decide"))


def discarded(event: AuditEvent) -> None:
    """Take back, read or not, whatever leads to a draft that is gone."""
    url = _url(_objection(event), "objection_send")
    Notice.objects.filter(url=url, withdrawn_at=None).update(withdrawn_at=event.at)


def withdrawn(event: AuditEvent) -> None:
    """Tell the organiser that nothing has to be decided any more."""
    row = _objection(event)
    notices.withdraw(url=_url(row, "objection_decide"), now=event.at)
    text = f"{row.unit.short_name} đã rút kiến nghị số {row.number}."
    _tell(event, _organisers(row, event), text, _url(row, "objection"))


def accepted(event: AuditEvent) -> None:
    """Tell the unit what was decided; that a figure changed is told here and not once more."""
    row = _objection(event)
    people = _people(row, event)
    if row.line is not None:
        Notice.objects.filter(
            event__action="scoring.line_settled",
            event__object_id=str(row.line.sheet_id),
            event__at=event.at,
            recipient__in=people,
        ).update(withdrawn_at=event.at)
    _decided(event, row, people, "được chấp nhận")


def rejected(event: AuditEvent) -> None:
    """Tell the unit that nothing changes, and why."""
    row = _objection(event)
    _decided(event, row, _people(row, event), "không được chấp nhận")


def _decided(event: AuditEvent, row: Objection, people: Iterable[int], outcome: str) -> None:
    notices.withdraw(url=_url(row, "objection_decide"), now=event.at)
    reason = clip(event.reason, QUOTED)
    text = f"Kiến nghị số {row.number} về {_about(row)} {outcome}: “{reason}”"
    _tell(event, people, text, _url(row, "objection"))


# Who and where -------------------------------------------------------------------------------
def _tell(event: AuditEvent, people: Iterable[int], text: str, url: str) -> None:
    """Tell people other than whoever did it."""
    notices.tell(set(people) - {event.actor_id or 0}, event=event, text=text, url=url)


def _objection(event: AuditEvent) -> Objection:
    return objections_with_names().get(pk=event.object_id)


def _about(row: Objection) -> str:
    said = about_of(row)
    return clip(said, _ABOUT) if row.line else said.lower()


def _people(row: Objection, event: AuditEvent, *roles: Role) -> list[int]:
    """Return the officer and the head of the unit, or who holds the role named."""
    wanted = roles or (Role.OFFICER, Role.HEAD)
    return people_of([row.unit_id], local_date(event.at), roles=wanted)


def _organisers(row: Objection, event: AuditEvent) -> list[int]:
    units = [row.cluster_year.cluster.organiser_id]
    return people_of(units, local_date(event.at), roles=[Role.ORGANISER])


def _url(row: Objection, name: str) -> str:
    return reverse(f"scoring:{name}", args=[row.cluster_year_id, row.pk])
