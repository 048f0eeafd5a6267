"""Who is told what happens to a pledge: notices, written in the transaction of the event.

Wired in `settings.EFFECTS`. Each function gets the event, tells the people it concerns, and takes
back the notices that it settles. Nothing here changes the pledge.
"""

from collections.abc import Iterable

from django.urls import reverse

from clusters.calendar import LOCAL, local_date
from clusters.models import MemberRole, Membership, Role
from clusters.queries import lead_of, members_of, people_of
from core import notices
from core.models import AuditEvent
from core.text import clip, format_date, join_names
from pledges.models import (
    Comment,
    Consent,
    PledgeVersion,
    Proposal,
    RemarkState,
    Signatory,
    SignatoryStatus,
)
from pledges.queries import units_without_consent

#: A reason is quoted so far; the page has the whole.
QUOTED = 240


def circulated(event: AuditEvent) -> None:
    """Ask every member to read, comment and give its word."""
    version = _version(event)
    stage = version.pledge.cluster_year.stages.filter(kind="DRAFTING").order_by("order").first()
    due = f", hạn {format_date(stage.due_on)}" if stage and stage.due_on else ""
    text = f"{_lead(version)} gửi bản {version.number} giao ước để góp ý và thống nhất{due}."
    _tell(event, _members(version, event), text, _url(version, "consent"))


def revised(event: AuditEvent) -> None:
    """Tell the members that their word on the old version ended, and why."""
    version = _version(event)
    notices.withdraw(url=_url(version, "consent"), now=event.at)
    notices.withdraw(url=_url(version, "freeze"), now=event.at)
    text = (
        f"{_lead(version)} lập bản {version.number} thay bản {version.number - 1}: "
        f"“{clip(event.reason, QUOTED)}”. Các ý kiến thống nhất với bản cũ đã lấy lại."
    )
    _tell(event, _members(version, event), text, _url(version, "pledge"))


def refused(event: AuditEvent) -> None:
    """Tell the lead that a unit does not agree, in the unit's own words."""
    consent = _consent(event)
    version = consent.version
    _settle_consent(consent, event)
    notices.withdraw(url=_url(version, "freeze"), now=event.at)
    reason = clip(event.reason, QUOTED)
    text = f"{consent.unit.short_name} chưa thống nhất bản {version.number}: “{reason}”"
    _tell(event, _lead_people(version, event), text, _url(version, "pledge"))


def consented(event: AuditEvent) -> None:
    """Tell the lead when the last unit has agreed."""
    consent = _consent(event)
    version = consent.version
    _settle_consent(consent, event)
    members = members_of(version.pledge.cluster_year)
    if units_without_consent(version, members):
        return
    text = (
        f"Cả {len(members)} đơn vị đã thống nhất bản {version.number} giao ước. Có thể chốt để ký."
    )
    _tell(event, _lead_people(version, event), text, _url(version, "freeze"))


def frozen(event: AuditEvent) -> None:
    """Tell the members number and date of what they will sign."""
    version = _version(event)
    for name in ("freeze", "consent"):
        notices.withdraw(url=_url(version, name), now=event.at)
    content = version.frozen or {}
    number = content["numbers"].get("PLEDGE", "")
    year, month, day = content["dated"].split("-")
    text = (
        f"Đã chốt bản {version.number} giao ước, số {number}, ngày {day}/{month}/{year}. "
        f"Chờ {_lead(version)} mở ký."
    )
    _tell(event, _members(version, event), text, _url(version, "pledge"))


def signing_opened(event: AuditEvent) -> None:
    """Invite whoever signs first."""
    version = _version(event)
    invited = version.signatories.filter(status=SignatoryStatus.INVITED)
    people = _heads(invited.values_list("unit_id", flat=True), event)
    text = f"Giao ước “{clip(version.title, 120)}” đã mở ký. Đến lượt đơn vị bạn đọc và ký."
    _tell(event, people, text, _sign_url(version))


def signed(event: AuditEvent) -> None:
    """Tell the lead who signed and who is next, and invite the next."""
    row = Signatory.objects.select_related("unit", "version__pledge__cluster_year")
    signatory = row.get(pk=event.object_id)
    version = signatory.version
    url = _sign_url(version)
    notices.withdraw(url=url, now=event.at, recipient_ids=_heads([signatory.unit_id], event))
    waiting = version.signatories.filter(status=SignatoryStatus.INVITED).select_related("unit")
    asked = list(waiting.order_by("order"))
    if not asked:
        return  # the last signature: everybody hears of the sealed pledge
    at = event.at.astimezone(LOCAL)
    names = join_names([one.unit.short_name for one in asked])
    text = f"{signatory.unit.short_name} đã ký lúc {at:%H:%M}. Tiếp theo: {names}."
    fresh = [one.unit_id for one in asked if one.invited_at == event.at]
    invited = _heads(fresh, event)
    _tell(event, invited, text, url)
    others = set(_lead_people(version, event)) - set(invited)
    _tell(event, others, text, reverse("reports:signing", args=[_year(version)]))


def declined(event: AuditEvent) -> None:
    """Tell everybody that a unit declined, with the reason, and what follows."""
    version = _version(event)
    notices.withdraw(url=_sign_url(version), now=event.at)
    who, number = event.after["declined_by"], event.after["version"]
    text = (
        f"{who} từ chối ký bản {version.number} giao ước: “{clip(event.reason, QUOTED)}”. "
        f"Lễ ký dừng; {_lead(version)} soạn bản {number}."
    )
    _tell(event, _everybody(version, event), text, _url(version, "pledge"))


def sealed(event: AuditEvent) -> None:
    """Tell everybody that the pledge is signed by all."""
    version = _version(event)
    count = version.signatories.count()
    text = f"Giao ước “{clip(version.title, 200)}” đã đủ {count} chữ ký. Bản đã ký ở Trung tâm in."
    url = reverse("reports:print_centre", args=[_year(version)])
    _tell(event, _everybody(version, event), text, url)


def answered(event: AuditEvent) -> None:
    """Tell the unit that spoke what the lead answered."""
    model = Proposal if event.object_type == "pledges.proposal" else Comment
    rows = model._default_manager.select_related("version__pledge", "answering_unit")  # noqa: SLF001
    remark = rows.get(pk=event.object_id)
    unit = remark.answering_unit.short_name if remark.answering_unit else ""
    said = "tiếp thu" if remark.state == RemarkState.ACCEPTED else "giữ nguyên, có giải thích"
    what = "đề nghị" if model is Proposal else "góp ý"
    text = f"{unit} đã trả lời {what} của đơn vị bạn ({said}): “{clip(remark.answer, QUOTED)}”"
    people = people_of([remark.unit_id], local_date(event.at))
    _tell(event, people, text, _url(remark.version, "remarks"))


# Who and where -------------------------------------------------------------------------------
def _tell(event: AuditEvent, people: Iterable[int], text: str, url: str) -> None:
    """Tell people other than whoever did it."""
    notices.tell(set(people) - {event.actor_id or 0}, event=event, text=text, url=url)


def _version(event: AuditEvent) -> PledgeVersion:
    rows = PledgeVersion.objects.select_related("pledge__cluster_year__cluster")
    return rows.get(pk=event.object_id)


def _consent(event: AuditEvent) -> Consent:
    rows = Consent.objects.select_related("unit", "version__pledge__cluster_year__cluster")
    return rows.get(pk=event.object_id)


def _settle_consent(consent: Consent, event: AuditEvent) -> None:
    """Take the question back from the unit that has answered it."""
    people = people_of([consent.unit_id], local_date(event.at))
    url = _url(consent.version, "consent")
    notices.withdraw(url=url, now=event.at, recipient_ids=people)


def _year(version: PledgeVersion) -> int:
    return version.pledge.cluster_year_id


def _url(version: PledgeVersion, name: str) -> str:
    return reverse(f"pledges:{name}", args=[_year(version)])


def _sign_url(version: PledgeVersion) -> str:
    return reverse("reports:sign", args=[_year(version)])


def _lead(version: PledgeVersion) -> str:
    lead = lead_of(members_of(version.pledge.cluster_year))
    return lead.unit.short_name if lead else ""


def _member_units(version: PledgeVersion) -> list[int]:
    rows = Membership.objects.filter(cluster_year=_year(version))
    return list(rows.values_list("unit_id", flat=True))


def _members(version: PledgeVersion, event: AuditEvent) -> list[int]:
    """Return the officers and heads of every member."""
    return people_of(_member_units(version), local_date(event.at))


def _everybody(version: PledgeVersion, event: AuditEvent) -> set[int]:
    """Return the members' people and those who act for the organiser."""
    organiser = version.pledge.cluster_year.cluster.organiser_id
    roles = (Role.ORGANISER, Role.HEAD)
    above = people_of([organiser], local_date(event.at), roles=roles)
    return {*_members(version, event), *above}


def _lead_people(version: PledgeVersion, event: AuditEvent) -> list[int]:
    rows = Membership.objects.filter(cluster_year=_year(version), role=MemberRole.LEAD)
    return people_of(rows.values_list("unit_id", flat=True), local_date(event.at))


def _heads(units: Iterable[int], event: AuditEvent) -> list[int]:
    return people_of(units, local_date(event.at), roles=[Role.HEAD])
