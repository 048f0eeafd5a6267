"""The six tasks after the signing: how far each is, in words and from the work itself.

The calendar says when a task opens and when it is due; whether it is done is said by what was
handed in, accepted, approved and published.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from clusters.calendar import local_date
from clusters.models import Period, YearStatus
from core.text import format_date
from pledges.models import ReviewKind, ReviewStatus
from reports.queries.cells import Cell, Step, cell_of, period_cell
from reports.queries.ledger import Ledger
from reports.queries.turn import count
from scoring.models import PublicationStatus, SheetStatus

S = YearStatus
NOT_OPEN, DOING, OVERDUE, DONE, PAST = "NOT_OPEN", "DOING", "OVERDUE", "DONE", "PAST"
#: The result stands: what was left undone before it is over.
_OVER = (S.PUBLISHED, S.ARCHIVED)


@dataclass(frozen=True, slots=True)
class Span:
    """When a task is open according to the calendar."""

    opens_on: date | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a task stands: its state, how far it is, where it is looked at."""

    state: str
    detail: str
    url: str = ""
    #: A more exact tag than that of the state: workflow and value.
    tag: tuple[str, str] | None = None


def later_tasks(ledger: Ledger, spans: Sequence[Span]) -> list[Stand]:
    """Say where the six tasks stand; `spans` are their six stretches of the calendar."""
    first, midyear, second, yearend, appraising, publishing = spans
    halves = _halves(ledger)
    return [
        _running(ledger, first, halves[0], ReviewKind.MIDYEAR),
        _midyear(ledger, midyear),
        _running(ledger, second, halves[1], ReviewKind.YEAREND),
        _yearend(ledger, yearend),
        _appraising(ledger, appraising),
        _publishing(ledger, publishing),
    ]


def _halves(ledger: Ledger) -> tuple[list[Period], list[Period]]:
    """Part the periods at the mid-year review; without one all belong to the first half."""
    window = next((s for s in ledger.stages if s.kind == S.MIDYEAR), None)
    if window is None:
        return ledger.periods, []
    last = window.due_on or window.opens_on
    first = [p for p in ledger.periods if p.ends_on <= last]
    return first, [p for p in ledger.periods if p.ends_on > last]


def _by_calendar(ledger: Ledger, span: Span) -> str:
    if span.opens_on is None or span.opens_on > ledger.today:
        return NOT_OPEN
    return OVERDUE if span.due_on and span.due_on < ledger.today else DOING


def _cells(ledger: Ledger, step: Step) -> list[Cell]:
    return [cell_of(ledger, member, step) for member in ledger.members]


def _my(ledger: Ledger) -> bool:
    mine = ledger.acting.unit_id
    return not ledger.acting.is_organiser and any(m.unit_id == mine for m in ledger.members)


# Progress ------------------------------------------------------------------------------------
def _running(ledger: Ledger, span: Span, periods: list[Period], review: ReviewKind) -> Stand:
    """Progress of a half-year: until its review freezes the figures, or all is accepted."""
    cycle = ledger.year.cycle
    figures = f"Số liệu {format_date(cycle.starts_on)} – {format_date(cycle.ends_on)}"
    if not ledger.is_bound or not periods:
        return Stand(NOT_OPEN, figures if periods else "Chưa đặt kỳ báo cáo")
    url = reverse(
        "pledges:progress" if _my(ledger) else "pledges:progress_units", args=[ledger.year.pk]
    )
    cells = [period_cell(ledger, m, p) for p in periods for m in ledger.members]
    tally = count(cells)
    if tally.done == tally.total:
        return Stand(DONE, f"Đã chấp nhận đủ {tally.total} phiếu tiến độ", url)
    if review in ledger.openings or ReviewKind.YEAREND in ledger.openings:
        left = tally.total - tally.done
        said = f"{left} phiếu chưa được chấp nhận khi chốt số liệu"
        return Stand(PAST, said, url)
    opens_on = span.opens_on or periods[0].starts_on
    if opens_on > ledger.today:
        return Stand(NOT_OPEN, figures)
    return Stand(OVERDUE if tally.overdue else DOING, _of_period(ledger, periods), url)


def _of_period(ledger: Ledger, periods: list[Period]) -> str:
    current = ledger.period
    if current not in periods:
        current = periods[-1]
    tally = count(period_cell(ledger, m, current) for m in ledger.members)
    said = f"{current.name}: {tally.handed_in}/{tally.total} phiếu đã nộp"
    late = count(period_cell(ledger, m, p) for p in periods for m in ledger.members).overdue
    if late:
        said += f", {late} phiếu quá hạn"
    return said


# Reviews and scores --------------------------------------------------------------------------
def _midyear(ledger: Ledger, span: Span) -> Stand:
    url = reverse("pledges:reviews", args=[ledger.year.pk, "so-ket"])
    opening = ledger.openings.get(ReviewKind.MIDYEAR)
    if opening is None:
        if ReviewKind.YEAREND in ledger.openings:
            return Stand(PAST, "Không mở sơ kết", url)
        state = _by_calendar(ledger, span) if ledger.is_bound else NOT_OPEN
        if state == NOT_OPEN:
            return Stand(NOT_OPEN, "Nêu chỉ tiêu chưa đạt, việc làm tiếp")
        return Stand(state, "Chưa chốt số liệu", url)
    if opening.cluster_report.status == ReviewStatus.ACCEPTED:
        return Stand(DONE, _reports(ledger, Step.MIDYEAR), url)
    if ReviewKind.YEAREND in ledger.openings:
        return Stand(PAST, _reports(ledger, Step.MIDYEAR), url)
    return Stand(_pace(ledger, opening.due_on), _reports(ledger, Step.MIDYEAR), url)


def _pace(ledger: Ledger, due_on: date | None) -> str:
    return OVERDUE if due_on and due_on < ledger.today else DOING


def _reports(ledger: Ledger, step: Step) -> str:
    tally = count(_cells(ledger, step))
    said = f"{tally.done}/{tally.total} báo cáo được chấp nhận"
    waiting = tally.handed_in - tally.done
    return f"{said}, {waiting} chờ duyệt" if waiting else said


def _yearend(ledger: Ledger, span: Span) -> Stand:
    opening = ledger.openings.get(ReviewKind.YEAREND)
    if opening is None:
        state = _by_calendar(ledger, span) if ledger.is_bound else NOT_OPEN
        if state == NOT_OPEN:
            return Stand(NOT_OPEN, "Theo bảng tiêu chí đã thông qua")
        return Stand(
            state,
            "Chưa chốt số liệu",
            reverse("pledges:reviews", args=[ledger.year.pk, "tong-ket"]),
        )
    sheets, reports = count(_cells(ledger, Step.CLAIM)), count(_cells(ledger, Step.YEAREND))
    said = (
        f"{sheets.done}/{sheets.total} phiếu tự chấm đã nộp, "
        f"{reports.done}/{reports.total} báo cáo được chấp nhận"
    )
    url = reverse("scoring:sheets", args=[ledger.year.pk])
    is_closed = opening.cluster_report.status == ReviewStatus.ACCEPTED
    if is_closed and sheets.done == sheets.total:
        return Stand(DONE, said, url)
    if ledger.year.status in _OVER:
        return Stand(PAST, said, url)
    return Stand(_pace(ledger, span.due_on or opening.due_on), said, url)


def _appraising(ledger: Ledger, span: Span) -> Stand:
    sheets = list(ledger.sheets.values())
    submitted = [s for s in sheets if s.status != SheetStatus.SELF_SCORING]
    is_taken_up = any(s.taken_up_at is not None for s in sheets)
    is_open = bool(submitted) and (is_taken_up or _by_calendar(ledger, span) != NOT_OPEN)
    if not is_open:
        return Stand(NOT_OPEN, "Không đơn vị nào tự thẩm định")
    tally = count(_cells(ledger, Step.APPRAISE))
    said = f"{tally.done}/{tally.total} phiếu đã duyệt"
    url = reverse("scoring:sheets", args=[ledger.year.pk])
    if tally.done == tally.total:
        return Stand(DONE, said, url)
    if ledger.year.status in _OVER:
        return Stand(PAST, said, url)
    return Stand(_pace(ledger, span.due_on), said, url)


def _publishing(ledger: Ledger, span: Span) -> Stand:
    published, year = ledger.publication, ledger.year.pk
    if published is None:
        if not ledger.sheets or _by_calendar(ledger, span) == NOT_OPEN:
            return Stand(NOT_OPEN, "Tạm tính, nhận kiến nghị, công bố")
        return Stand(
            _by_calendar(ledger, span), "Chưa công bố", reverse("scoring:runs", args=[year])
        )
    url, tag = reverse("scoring:scoreboard", args=[year]), ("publication", published.status)
    on = format_date(local_date(published.published_at))
    if published.status == PublicationStatus.FINAL:
        return Stand(DONE, f"Công bố chính thức ngày {on}", url, tag)
    until = published.objections_until
    said = f"Tạm tính ngày {on}" + (f", nhận kiến nghị đến {format_date(until)}" if until else "")
    return Stand(_pace(ledger, span.due_on), said, url, tag)
