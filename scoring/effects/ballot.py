"""Who is told of votes and nominations: the heads when one opens, everybody what came of it.

Each function gets the event, tells the people it concerns, and takes back the notices that it
settles. Nothing here changes a vote, and nothing here knows a choice.
"""

from collections.abc import Iterable

from django.urls import reverse

from clusters.calendar import local_date
from clusters.models import Membership, Role
from clusters.queries import people_of
from core import notices
from core.models import AuditEvent
from core.text import clip, join_names
from scoring.models import AwardQuota, Ballot, Nomination, Voter
from scoring.queries.ballot import ballots_with_names

#: So much of a reason stands in a notice.
QUOTED = 200


def opened(event: AuditEvent) -> None:
    """Ask the heads of the units on the list to vote; on paper tell them that it began."""
    ballot = _ballot(event)
    units = Voter.objects.filter(ballot=ballot).values_list("unit_id", flat=True)
    heads = people_of(units, local_date(event.at), roles=(Role.HEAD,))
    if ballot.on_paper:
        text = f"Mở bỏ phiếu giấy: {ballot.title}, {ballot.cluster_year}."
    else:
        text = f"Mời đơn vị bạn bỏ phiếu: {ballot.title}, {ballot.cluster_year}."
    _tell(event, heads, text, _url(ballot))


def cast(event: AuditEvent) -> None:
    """Take the invitation back from the people of the unit that has voted."""
    ballot = _ballot(event)
    voted = Voter.objects.filter(ballot=ballot, unit_name=event.after["unit"])
    people = people_of(voted.values_list("unit_id", flat=True), local_date(event.at))
    notices.withdraw(url=_url(ballot), now=event.at, recipient_ids=people)


def counted(event: AuditEvent) -> None:
    """Tell everybody what the count said."""
    ballot, facts = _ballot(event), event.after
    if not facts["is_quorate"]:
        said = "không đủ số đơn vị có mặt, không chọn được đơn vị nào"
    elif facts["chosen"]:
        said = f"trúng {join_names(facts['chosen'])}"
    else:
        said = "không đơn vị nào trúng"
    notices.withdraw(url=_url(ballot), now=event.at)
    _tell(event, _everybody(event, ballot), f"Đã kiểm phiếu {ballot.title}: {said}.", _url(ballot))


def cancelled(event: AuditEvent) -> None:
    """Tell everybody that a vote was called off, and why; nobody where it never opened."""
    ballot = _ballot(event)
    notices.withdraw(url=_url(ballot), now=event.at)
    if ballot.opened_at is not None:
        why = clip(event.reason, QUOTED)
        text = f"Đã hủy cuộc bỏ phiếu {ballot.title}: “{why}”."
        _tell(event, _everybody(event, ballot), text, _url(ballot))


def nominated(event: AuditEvent) -> None:
    """Tell the people of the units, and the organiser, for what they are nominated."""
    quota = AwardQuota.objects.get(pk=event.object_id)
    year = event.cluster_year_id or 0
    fresh = Nomination.objects.standing().filter(cluster_year=year, quota=quota)
    units = fresh.filter(unit_name__in=event.after["units"]).values_list("unit_id", flat=True)
    text = f"Đã đề nghị khen thưởng {quota.title}: {join_names(event.after['units'])}."
    url = reverse("scoring:nominations", args=[year])
    people = {
        *people_of(units, local_date(event.at)),
        *_organisers(event, quota.cycle.organiser_id),
    }
    _tell(event, people, text, url)


def nomination_withdrawn(event: AuditEvent) -> None:
    """Tell the people of the unit why its nomination was taken back."""
    nomination = Nomination.objects.select_related("quota").get(pk=event.object_id)
    text = f"Đã rút đề nghị {nomination.quota.title}: “{clip(event.reason, QUOTED)}”."
    url = reverse("scoring:nominations", args=[nomination.cluster_year_id])
    _tell(event, people_of([nomination.unit_id], local_date(event.at)), text, url)


def _tell(event: AuditEvent, people: Iterable[int], text: str, url: str) -> None:
    notices.tell(set(people) - {event.actor_id or 0}, event=event, text=text, url=url)


def _everybody(event: AuditEvent, ballot: Ballot) -> set[int]:
    rows = Membership.objects.filter(cluster_year=ballot.cluster_year_id)
    members = people_of(rows.values_list("unit_id", flat=True), local_date(event.at))
    return {*members, *_organisers(event, ballot.cluster_year.cluster.organiser_id)}


def _organisers(event: AuditEvent, unit_id: int) -> list[int]:
    return people_of([unit_id], local_date(event.at), roles=(Role.ORGANISER, Role.HEAD))


def _ballot(event: AuditEvent) -> Ballot:
    return ballots_with_names().get(pk=event.object_id)


def _url(ballot: Ballot) -> str:
    return reverse("scoring:ballot", args=[ballot.cluster_year_id, ballot.pk])
