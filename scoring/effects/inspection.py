"""Who is told what happens in the cross-inspection: notices, in the transaction of the event.

Wired in `settings.EFFECTS`. Each function tells the people it concerns and takes back the notices
that it settles.
"""

from collections.abc import Iterable

from django.urls import reverse

from clusters.calendar import local_date
from clusters.models import MemberRole, Membership, Role
from clusters.queries import people_of
from core import notices
from core.models import AuditEvent
from core.text import clip, format_date
from scoring.models import Draw, Inspection
from scoring.queries.inspection import inspections_with_names, team_of

#: A reason is quoted so far; the page has the whole.
QUOTED = 240


def drawn(event: AuditEvent) -> None:
    """Tell every unit that the lots were drawn, and until when minutes are due."""
    draw = _draw(event)
    text = (
        f"Đã bốc thăm kiểm tra chéo {draw.cluster_year.cycle}. Xem đơn vị bạn kiểm tra đơn vị nào; "
        f"hạn gửi biên bản {format_date(draw.due_on)}."
    )
    _tell_all(event, draw, text)


def cancelled(event: AuditEvent) -> None:
    """Tell every unit that the drawing no longer holds, and why."""
    draw = _draw(event)
    text = f"Đã hủy kết quả bốc thăm kiểm tra chéo lần {draw.number}: “{_quoted(event)}”"
    _tell_all(event, draw, text)


def submitted(event: AuditEvent) -> None:
    """Ask the inspected unit for its word."""
    row = _inspection(event)
    first = team_of(row)[0].short_name
    text = (
        f"Tổ kiểm tra do {first} đứng đầu đã gửi biên bản kiểm tra {row.unit.short_name}. "
        "Mời lãnh đạo đơn vị trả lời từng kết quả."
    )
    _tell(event, people_of([row.unit_id], local_date(event.at)), text, _url(row))


def answered(event: AuditEvent) -> None:
    """Tell the team and who appraises the unit what it says."""
    row = _inspection(event)
    notices.withdraw(url=_url(row), now=event.at)
    words = event.after.get("lines", {}).values()
    apart = sum(str(word).startswith("Không") for word in words)
    said = f"không thống nhất {apart} kết quả" if apart else "thống nhất mọi kết quả"
    text = f"{row.unit.short_name} đã trả lời biên bản kiểm tra chéo: {said}."
    units = {unit.pk for unit in team_of(row)} | _judges(row)
    _tell(event, people_of(units, local_date(event.at)), text, _url(row))


def _judges(row: Inspection) -> set[int]:
    """Return the unit that appraises the inspected one: the lead, for the lead the deputy."""
    roles = Membership.objects.filter(
        cluster_year=row.draw.cluster_year_id, role__in=[MemberRole.LEAD, MemberRole.DEPUTY]
    )
    units = dict(roles.values_list("role", "unit_id"))
    lead = units.get(MemberRole.LEAD)
    judge = units.get(MemberRole.DEPUTY) if lead == row.unit_id else lead
    return {judge} if judge else set()


def _tell_all(event: AuditEvent, draw: Draw, text: str) -> None:
    url = reverse("scoring:inspections", args=[draw.cluster_year_id])
    notices.withdraw(url=url, now=event.at)
    today, year = local_date(event.at), draw.cluster_year
    members = Membership.objects.filter(cluster_year=year).values_list("unit_id", flat=True)
    organisers = people_of([year.cluster.organiser_id], today, roles=[Role.ORGANISER])
    _tell(event, {*people_of(members, today), *organisers}, text, url)


def _tell(event: AuditEvent, people: Iterable[int], text: str, url: str) -> None:
    notices.tell(set(people) - {event.actor_id or 0}, event=event, text=text, url=url)


def _quoted(event: AuditEvent) -> str:
    return clip(event.reason, QUOTED)


def _draw(event: AuditEvent) -> Draw:
    rows = Draw.objects.select_related("cluster_year__cluster__organiser", "cluster_year__cycle")
    return rows.get(pk=event.object_id)


def _inspection(event: AuditEvent) -> Inspection:
    return inspections_with_names().get(pk=event.object_id)


def _url(row: Inspection) -> str:
    return reverse("scoring:inspection", args=[row.draw.cluster_year_id, row.pk])
