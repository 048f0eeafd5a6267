"""Who is told what happens to a score sheet: notices, written in the transaction of the event.

Wired in `settings.EFFECTS`. Each function gets the event, tells the people it concerns, and takes
back the notices that it settles. Nothing here changes the sheet.
"""

from collections.abc import Iterable

from django.urls import reverse

from clusters.calendar import local_date
from clusters.models import ClusterYear, Role
from clusters.queries import people_of
from core import notices
from core.models import AuditEvent
from core.text import clip, format_date
from scoring.models import ScoreSheet, SheetStatus, Veto
from scoring.queries.sheet import sheets_with_names

#: A reason is quoted so far; the page has the whole.
QUOTED = 240


def opened(event: AuditEvent) -> None:
    """Ask every unit to score itself."""
    year = ClusterYear.objects.with_names().get(criteria_tables=int(event.object_id))
    stage = year.stages.filter(kind="YEAREND").order_by("order").first()
    due = f" Hạn nộp {format_date(stage.due_on)}." if stage and stage.due_on else ""
    units = ScoreSheet.objects.filter(cluster_year=year).values_list("unit", flat=True)
    text = (
        f"Phiếu tự chấm điểm {year.cycle} đã mở, có sẵn chỉ tiêu trong giao ước và kết quả đã "
        f"chấp nhận.{due}"
    )
    url = reverse("scoring:sheets", args=[year.pk])
    _tell(event, people_of(units, local_date(event.at)), text, url)


def handed_over(event: AuditEvent) -> None:
    """Ask the head to check and submit."""
    sheet = _sheet(event)
    text = f"{event.actor_name} trình phiếu tự chấm điểm {sheet.cluster_year.cycle} để nộp."
    _tell(event, _people(sheet, event, Role.HEAD), text, _url(sheet, "sheet_submit"))


def submitted(event: AuditEvent) -> None:
    """Ask who appraises; a returned sheet comes back to the same people."""
    sheet = _sheet(event)
    people = _people(sheet, event)
    for address in (_url(sheet, "sheet_submit"), _url(sheet, "sheet"), _list_url(sheet)):
        notices.withdraw(url=address, now=event.at, recipient_ids=people)
    late = f", muộn {sheet.days_late} ngày" if sheet.days_late else ""
    text = f"{sheet.unit.short_name} nộp phiếu tự chấm số {sheet.number}{late}. Mời thẩm định."
    if event.before.get("status") == SheetStatus.RETURNED:
        text = f"{sheet.unit.short_name} đã chấm lại các tiêu chí bị trả lại. Mời thẩm định tiếp."
    _tell(event, _judges(sheet, event), text, _url(sheet, "appraisal"))


def taken_up(event: AuditEvent) -> None:
    """Tell the unit that its sheet is being examined and stays as it is meanwhile."""
    sheet = _sheet(event)
    notices.withdraw(url=_url(sheet, "appraisal"), now=event.at)
    text = f"{_judge(sheet)} bắt đầu thẩm định phiếu số {sheet.number}; phiếu được giữ nguyên."
    _tell(event, _people(sheet, event), text, _url(sheet, "sheet"))


def returned(event: AuditEvent) -> None:
    """Tell the unit which criteria came back, and why."""
    sheet = _sheet(event)
    notices.withdraw(url=_url(sheet, "appraisal"), now=event.at)
    codes = ", ".join(event.after.get("lines", {}))
    reason = clip(event.reason, QUOTED)
    text = f"{_judge(sheet)} trả lại các tiêu chí {codes}: “{reason}”"
    _tell(event, _people(sheet, event), text, _url(sheet, "sheet"))


def appraised(event: AuditEvent) -> None:
    """Ask the unit to explain where it was scored differently."""
    sheet = _sheet(event)
    notices.withdraw(url=_url(sheet, "appraisal"), now=event.at)
    differ = len(event.after.get("differ", []))
    what = f"{differ} tiêu chí chấm khác tự chấm, mời giải trình"
    if not differ:
        what = "không tiêu chí nào chấm khác, mời xác nhận để thẩm định lần hai"
    text = f"{_judge(sheet)} đã thẩm định lần một phiếu số {sheet.number}: {what}."
    _tell(event, _people(sheet, event), text, _url(sheet, "sheet_explain"))


def explained(event: AuditEvent) -> None:
    """Ask the organiser for the second appraisal; a silent unit hears why it was ended."""
    sheet = _sheet(event)
    people = _people(sheet, event)
    for name in ("sheet_explain", "sheet"):
        notices.withdraw(url=_url(sheet, name), now=event.at, recipient_ids=people)
    unit = sheet.unit.short_name
    text = f"{unit} đã gửi giải trình phiếu số {sheet.number}. Mời thẩm định lần hai."
    if event.reason:
        text = f"Đã kết thúc giải trình phiếu số {sheet.number}: “{clip(event.reason, QUOTED)}”"
        _tell(event, people, text, _url(sheet, "sheet"))
    _tell(event, _organisers(sheet, event), text, _url(sheet, "appraisal"))


def approved(event: AuditEvent) -> None:
    """Tell the unit that its figures are settled."""
    sheet = _sheet(event)
    notices.withdraw(url=_url(sheet, "appraisal"), now=event.at)
    text = f"{_organiser(sheet)} đã duyệt phiếu chấm điểm số {sheet.number}. Phiếu ở Trung tâm in."
    _tell(event, _people(sheet, event), text, _url(sheet, "sheet"))


def reopened(event: AuditEvent) -> None:
    """Tell the unit and who appraised that the sheet is open again, and why."""
    sheet = _sheet(event)
    notices.withdraw(url=_url(sheet, "sheet"), now=event.at)
    reason = clip(event.reason, QUOTED)
    text = f"{_organiser(sheet)} mở lại phiếu số {sheet.number} để thẩm định lần hai: “{reason}”"
    people = {*_people(sheet, event), *_judges(sheet, event)}
    _tell(event, people, text, _url(sheet, "sheet"))


def settled(event: AuditEvent) -> None:
    """Tell the unit which figure was changed by decision."""
    sheet = _sheet(event)
    codes = ", ".join(event.after.get("lines", {}))
    reason = clip(event.reason, QUOTED)
    what = f"tiêu chí {codes} của phiếu số {sheet.number}"
    text = f"{_organiser(sheet)} điều chỉnh {what}: “{reason}”"
    _tell(event, _people(sheet, event), text, _url(sheet, "sheet"))


def vetoed(event: AuditEvent) -> None:
    """Tell the unit that it is not considered this year, and why."""
    veto = Veto.objects.select_related("cluster_year__cycle").get(pk=event.object_id)
    text = f"Đơn vị không được xét thi đua {veto.cluster_year.cycle}: “{clip(veto.reason, QUOTED)}”"
    _tell_vetoed(event, veto, text)


def veto_lifted(event: AuditEvent) -> None:
    """Tell the unit that it is considered again."""
    veto = Veto.objects.select_related("cluster_year__cycle").get(pk=event.object_id)
    reason = clip(veto.lift_reason, QUOTED)
    text = f"Đơn vị được xét thi đua {veto.cluster_year.cycle} trở lại: “{reason}”"
    _tell_vetoed(event, veto, text)


# Who and where -------------------------------------------------------------------------------
def _tell(event: AuditEvent, people: Iterable[int], text: str, url: str) -> None:
    """Tell people other than whoever did it."""
    notices.tell(set(people) - {event.actor_id or 0}, event=event, text=text, url=url)


def _tell_vetoed(event: AuditEvent, veto: Veto, text: str) -> None:
    people = people_of([veto.unit_id], local_date(event.at))
    _tell(event, people, text, reverse("scoring:sheets", args=[veto.cluster_year_id]))


def _sheet(event: AuditEvent) -> ScoreSheet:
    return sheets_with_names().get(pk=event.object_id)


def _people(sheet: ScoreSheet, event: AuditEvent, *roles: Role) -> list[int]:
    """Return the officer and the head of the unit, or who holds the role named."""
    wanted = roles or (Role.OFFICER, Role.HEAD)
    return people_of([sheet.unit_id], local_date(event.at), roles=wanted)


def _judges(sheet: ScoreSheet, event: AuditEvent) -> list[int]:
    """Return who makes the first appraisal."""
    if sheet.appraiser_id is None:
        return _organisers(sheet, event)
    return people_of([sheet.appraiser_id], local_date(event.at))


def _organisers(sheet: ScoreSheet, event: AuditEvent) -> list[int]:
    units = [sheet.cluster_year.cluster.organiser_id]
    return people_of(units, local_date(event.at), roles=[Role.ORGANISER])


def _judge(sheet: ScoreSheet) -> str:
    return sheet.appraiser.short_name if sheet.appraiser else _organiser(sheet)


def _organiser(sheet: ScoreSheet) -> str:
    return sheet.cluster_year.cluster.organiser.short_name


def _url(sheet: ScoreSheet, name: str) -> str:
    return reverse(f"scoring:{name}", args=[sheet.cluster_year_id, sheet.pk])


def _list_url(sheet: ScoreSheet) -> str:
    return reverse("scoring:sheets", args=[sheet.cluster_year_id])
