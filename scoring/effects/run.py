"""Who is told that a result was published or revoked: everybody in the cluster.

Each function gets the event, tells the people it concerns, and takes back the notices that it
settles. Nothing here changes a result.
"""

from django.urls import reverse

from clusters.calendar import local_date
from clusters.models import Membership, Role
from clusters.queries import people_of
from core import notices
from core.models import AuditEvent
from core.text import clip, format_date
from scoring.models import Publication

#: A reason is quoted so far; the page has the whole.
QUOTED = 240


def published_provisional(event: AuditEvent) -> None:
    """Tell everybody that the provisional board can be read, and until when to object."""
    publication = _publication(event)
    until = publication.objections_until
    due = f" Nhận kiến nghị đến hết ngày {format_date(until)}." if until else ""
    text = f"Đã công bố điểm tạm tính {publication.cluster_year}.{due}"
    _tell_all(event, publication, text)


def published_final(event: AuditEvent) -> None:
    """Tell everybody the official result."""
    publication = _publication(event)
    text = f"Đã công bố kết quả chính thức {publication.cluster_year}."
    _tell_all(event, publication, text)


def revoked(event: AuditEvent) -> None:
    """Tell everybody that the result no longer holds, and by which decision."""
    publication = _publication(event)
    why = clip(event.reason, QUOTED)
    text = f"Đã thu hồi kết quả {publication.cluster_year}: “{why}”."
    _tell_all(event, publication, text)


def _tell_all(event: AuditEvent, publication: Publication, text: str) -> None:
    """Tell the members' people and those of the organiser; what was told before is settled."""
    url = reverse("scoring:scoreboard", args=[publication.cluster_year_id])
    notices.withdraw(url=url, now=event.at)
    notices.tell(_everybody(event, publication) - {event.actor_id or 0}, event=event, text=text,
                 url=url)  # fmt: skip


def _everybody(event: AuditEvent, publication: Publication) -> set[int]:
    today = local_date(event.at)
    rows = Membership.objects.filter(cluster_year=publication.cluster_year_id)
    members = people_of(rows.values_list("unit_id", flat=True), today)
    organiser = publication.cluster_year.cluster.organiser_id
    above = people_of([organiser], today, roles=(Role.ORGANISER, Role.HEAD))
    return {*members, *above}


def _publication(event: AuditEvent) -> Publication:
    rows = Publication.objects.select_related("cluster_year__cluster", "cluster_year__cycle")
    return rows.get(pk=event.object_id)
