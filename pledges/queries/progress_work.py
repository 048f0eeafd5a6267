"""What progress asks of a person: enter, submit, mend, judge; and what others hold meanwhile."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch
from django.urls import reverse

from clusters.acting import Acting
from clusters.calendar import local_date
from clusters.models import ClusterYear, Extension, Membership, Period
from clusters.queries import judge_of
from core.inbox import Work, asked_in
from core.text import clip
from pledges.models import PledgeStatus, ProgressReport, ProgressStatus
from pledges.policies.progress import OPEN_YEAR

PS = ProgressStatus
#: A reason is quoted so far in the inbox.
QUOTED = 160
#: A pledge in one of these binds the year (`queries.progress.signed_version`).
BINDING = (PledgeStatus.FROZEN, PledgeStatus.SIGNING, PledgeStatus.SIGNED)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the rows of one year have in common."""

    year: ClusterYear
    acting: Acting
    today: date
    members: list[Membership]
    until: dict[int, date]

    def due(self, period: Period) -> date:
        """Return the last day of this unit for a period."""
        return max(period.due_on, self.until.get(period.pk, period.due_on))

    def url(self, name: str, *args: int) -> str:
        """Return an address of progress below the year."""
        return reverse(f"pledges:{name}", args=[self.year.pk, *args])

    def grid(self, period: Period) -> str:
        """Return the address of the grid of a period."""
        return f"{self.url('progress')}?ky={period.pk}"


@asked_in(OPEN_YEAR)
def work_waiting(acting: Acting, now: datetime) -> list[Work]:
    """Return the rows of progress for one person; few statements however many years there are."""
    if not (acting.is_officer or acting.is_head or acting.is_organiser):
        return []
    years = (
        ClusterYear.objects.visible_to(acting)
        .filter(status__in=OPEN_YEAR, pledge__status__in=BINDING)
        .with_names()
        .prefetch_related(
            Prefetch("memberships", Membership.objects.select_related("unit").order_by("order")),
            Prefetch("periods", Period.objects.order_by("order")),
            Prefetch(
                "progress",
                ProgressReport.objects.visible_to(acting)
                .select_related("unit", "period")
                .order_by("part"),
            ),
            Prefetch(
                "periods__extensions",
                Extension.objects.filter(unit=acting.unit_id).order_by("until"),
            ),
        )
    )
    items: list[Work] = []
    for year in years:
        periods = list(year.periods.all())
        until = {p.pk: e.until for p in periods for e in p.extensions.all()}
        desk = _Desk(year, acting, local_date(now), list(year.memberships.all()), until)
        items += [*_own(desk, periods), *_to_judge(desk)]
    return items


def _own(desk: _Desk, periods: Iterable[Period]) -> list[Work]:
    """Return what the person's own unit has to enter, submit or mend."""
    if all(member.unit_id != desk.acting.unit_id for member in desk.members):
        return []
    mine = [r for r in desk.year.progress.all() if r.unit_id == desk.acting.unit_id]
    newest = {report.period_id: report for report in mine}
    rows = []
    for period in periods:
        report = newest.get(period.pk)
        if period.starts_on > desk.today:
            continue
        if report is None:
            # One asks for figures when the period ends, not on its first day.
            if period.ends_on <= desk.today and desk.acting.is_officer:
                why = "Đơn vị bạn chưa nhập số liệu kỳ này."
                title = f"Nhập tiến độ {period.name}"
                rows.append(_row(desk, period, title, why, "Nhập", "table"))
            continue
        rows += _of_report(desk, period, report)
    return rows


def _of_report(desk: _Desk, period: Period, report: ProgressReport) -> list[Work]:
    name = f"tiến độ {period.name}" if report.part == 1 else f"phiếu đính chính {period.name}"
    if report.status == PS.SUBMITTED:
        judge = judge_of(desk.members, report.unit_id)
        holder = judge.unit.short_name if judge else desk.year.cluster.organiser.short_name
        why = "Đã có người xem." if report.seen_at else "Chưa ai xem."
        return [_row(desk, period, f"Xem xét {name}", why, "Xem", "hourglass-split",
                     url=desk.url("progress_report", report.pk), waits_for=holder)]  # fmt: skip
    if report.status == PS.RETURNED:
        why = f"Trả lại: “{clip(report.return_reason, QUOTED)}”"
        return [_row(desk, period, f"Sửa {name} bị trả lại", why, "Sửa", "arrow-return-left")]
    return _of_draft(desk, period, report, name) if report.status == PS.DRAFT else []


def _of_draft(desk: _Desk, period: Period, report: ProgressReport, name: str) -> list[Work]:
    """A draft is the officer's until it is laid before the head."""
    if report.ready_at is None:
        if not desk.acting.is_officer or period.ends_on > desk.today:
            return []
        why = "Bản nháp chưa trình lãnh đạo."
        return [_row(desk, period, f"Nhập tiếp {name}", why, "Nhập tiếp", "table")]
    if desk.acting.is_head:
        why, url = "Cán bộ thi đua đã trình.", desk.url("progress_submit", report.pk)
        return [_row(desk, period, f"Kiểm tra và nộp {name}", why, "Kiểm tra", "send", url=url)]
    head = "Lãnh đạo đơn vị"
    return [_row(desk, period, f"Nộp {name}", "", "Xem", "hourglass-split", waits_for=head)]


def _to_judge(desk: _Desk) -> list[Work]:
    """Return the reports of other units that wait for the person's unit."""
    own = desk.acting.unit_id
    rows = []
    for report in desk.year.progress.all():
        judge = judge_of(desk.members, report.unit_id)
        decides = judge.unit_id == own if judge else desk.acting.is_organiser
        if report.status != PS.SUBMITTED or report.unit_id == own or not decides:
            continue
        late = f"Nộp muộn {report.days_late} ngày. " if report.days_late else ""
        seen = "Đã xem, chưa quyết định." if report.seen_at else "Chưa ai xem."
        title = f"Xem xét tiến độ {report.period.name} của {report.unit.short_name}"
        rows.append(
            Work(
                title=title, why=f"{late}{seen}", verb="Xem xét", icon="check2-square",
                url=desk.url("progress_report", report.pk), cluster=str(desk.year),
            )
        )  # fmt: skip
    return rows


def _row(
    desk: _Desk,
    period: Period,
    title: str,
    why: str,
    verb: str,
    icon: str,
    *,
    url: str = "",
    waits_for: str = "",
) -> Work:
    return Work(
        title=title, why=why, url=url or desk.grid(period), verb=verb, icon=icon,
        cluster=str(desk.year), due=desk.due(period), waits_for=waits_for,
    )  # fmt: skip
