"""Who is told what happens to a progress report: notices, in the transaction of the event.

Wired in `settings.EFFECTS`; what is settled is taken back.
"""

from collections.abc import Iterable

from django.urls import reverse

from clusters.calendar import local_date
from clusters.models import Role
from clusters.queries import judge_of, members_of, people_of
from core import notices
from core.models import AuditEvent
from core.text import clip
from pledges.models import ProgressReport

#: A reason is quoted so far; the page has the whole.
QUOTED = 240


def handed_over(event: AuditEvent) -> None:
    """Ask the head to check and submit."""
    report = _report(event)
    heads = people_of([report.unit_id], local_date(event.at), roles=[Role.HEAD])
    text = f"{event.actor_name} trình {_name(report)} để lãnh đạo kiểm tra và nộp."
    _tell(event, heads, text, _url(report, "progress_submit"))


def submitted(event: AuditEvent) -> None:
    """Tell who judges that a report waits, and by how many days it is late."""
    report = _report(event)
    notices.withdraw(url=_url(report, "progress_submit"), now=event.at)
    # Every unit enters at the same address; what the others were told stands.
    mine = _unit(report, event)
    notices.withdraw(url=_grid(report), now=event.at, recipient_ids=mine)
    late = f", muộn {report.days_late} ngày" if report.days_late else ""
    text = (
        f"{report.unit.short_name} nộp {_name(report)}, số {report.number}{late}. "
        "Đơn vị bạn xem xét: chấp nhận hoặc trả lại."
    )
    _tell(event, _judges(report, event), text, _url(report, "progress_report"))


def returned(event: AuditEvent) -> None:
    """Tell the unit what has to be mended, in the words of who returned it."""
    report = _report(event)
    _settle(report, event)
    cells = len(event.after.get("cells", {}))
    what = f"{cells} ô của {_name(report)}" if cells else _name(report)
    text = f"{event.acting_unit} trả lại {what}: “{clip(event.reason, QUOTED)}”"
    _tell(event, _unit(report, event), text, _grid(report))


def accepted(event: AuditEvent) -> None:
    """Tell the unit that its figures count from now on."""
    report = _report(event)
    _settle(report, event)
    text = f"{event.acting_unit} đã chấp nhận {_name(report)}, số {report.number}."
    _tell(event, _unit(report, event), text, _url(report, "progress_report"))


# Who and where -------------------------------------------------------------------------------
def _report(event: AuditEvent) -> ProgressReport:
    rows = ProgressReport.objects.select_related("unit", "period", "cluster_year__cluster")
    return rows.get(pk=event.object_id)


def _name(report: ProgressReport) -> str:
    kind = "phiếu tiến độ" if report.part == 1 else "phiếu đính chính"
    return f"{kind} {report.period.name}"


def _unit(report: ProgressReport, event: AuditEvent) -> list[int]:
    return people_of([report.unit_id], local_date(event.at))


def _judges(report: ProgressReport, event: AuditEvent) -> list[int]:
    """Return the people of the unit that judges; without such a unit those of the organiser."""
    judge = judge_of(members_of(report.cluster_year), report.unit_id)
    if judge is not None:
        return people_of([judge.unit_id], local_date(event.at))
    organiser = report.cluster_year.cluster.organiser_id
    return people_of([organiser], local_date(event.at), roles=[Role.ORGANISER])


def _settle(report: ProgressReport, event: AuditEvent) -> None:
    """Take the question back from who has decided."""
    url = _url(report, "progress_report")
    notices.withdraw(url=url, now=event.at, recipient_ids=_judges(report, event))


def _tell(event: AuditEvent, people: Iterable[int], text: str, url: str) -> None:
    """Tell people other than whoever did it."""
    notices.tell(set(people) - {event.actor_id or 0}, event=event, text=text, url=url)


def _url(report: ProgressReport, name: str) -> str:
    return reverse(f"pledges:{name}", args=[report.cluster_year_id, report.pk])


def _grid(report: ProgressReport) -> str:
    page = reverse("pledges:progress", args=[report.cluster_year_id])
    return f"{page}?ky={report.period_id}"
