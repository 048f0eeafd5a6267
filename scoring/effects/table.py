"""Who is told that a new version of the criteria table is in use: everybody in the cluster."""

from django.urls import reverse

from clusters.calendar import local_date
from clusters.models import Membership, Role
from clusters.queries import people_of
from core import notices
from core.models import AuditEvent
from core.text import clip
from scoring.models import CriteriaTable

#: A decision is quoted so far; the page has the whole.
_QUOTED = 160


def adopted(event: AuditEvent) -> None:
    """Tell the members' people and those of the organiser by which decision points now count."""
    tables = CriteriaTable.objects.select_related("cluster_year__cluster", "cluster_year__cycle")
    table = tables.get(pk=event.object_id)
    year, today = table.cluster_year, local_date(event.at)
    units = Membership.objects.filter(cluster_year=year).values_list("unit_id", flat=True)
    above = people_of([year.cluster.organiser_id], today, roles=(Role.ORGANISER, Role.HEAD))
    everybody = {*people_of(units, today), *above}
    text = (
        f"Bảng tiêu chí {year} có phiên bản {table.version}, áp dụng theo "
        f"{clip(table.decision, _QUOTED)}."
    )
    url = reverse("scoring:table", args=[year.pk])
    notices.withdraw(url=url, now=event.at)
    notices.tell(everybody - {event.actor_id or 0}, event=event, text=text, url=url)
