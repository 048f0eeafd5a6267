"""Whose turn it is in a year: who is waited for, what is missing, until when.

On the page of one year the pledge itself says so before the signing (`pledges.queries.turn_of`); a
board of many years takes it from the ledger.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from clusters.models import Membership, YearStatus
from clusters.queries import lead_of
from pledges.models import ReviewKind, ReviewStatus
from pledges.queries import Turn as Waiting
from pledges.queries import named
from reports.queries.cells import Cell, Step, Turn, cell_of
from reports.queries.ledger import Ledger

S = YearStatus
NOBODY = "Không ai"


@dataclass(frozen=True, slots=True)
class Count:
    """How many units have done their part at a stage, and how many parts are accepted."""

    handed_in: int
    done: int
    overdue: int
    total: int


def count(cells: Iterable[Cell]) -> Count:
    """Count the cells of a column."""
    rows = list(cells)
    return Count(
        sum(c.is_handed_in for c in rows),
        sum(c.is_done for c in rows),
        sum(c.overdue > 0 for c in rows),
        len(rows),
    )


def turn_of_year(ledger: Ledger) -> Waiting:
    """Say whose turn it is in any state of a year."""
    status = S(ledger.year.status)
    if status is S.PREPARING:
        return Waiting(_organiser(ledger), "chưa mở dự thảo", None)
    if status is S.DRAFTING:
        waiting = _at(ledger, Step.DRAFT, "đơn vị đã thống nhất")
        return waiting or Waiting(_lead(ledger), "chờ chốt để ký", _due(ledger, Step.DRAFT))
    if status is S.SIGNING:
        waiting = _at(ledger, Step.SIGN, "chữ ký")
        return waiting or Waiting(_lead(ledger), "chờ mở ký", _due(ledger, Step.SIGN))
    return turn_after_signing(ledger)


def turn_after_signing(ledger: Ledger) -> Waiting:
    """Say whose turn it is once the year runs; every state has an owner."""
    status = S(ledger.year.status)
    if status in (S.RUNNING, S.MIDYEAR, S.YEAREND):
        return _reporting(ledger, status)
    if status == S.APPRAISING:
        claim = _at(ledger, Step.CLAIM, "phiếu đã nộp")
        return claim or _at(ledger, Step.APPRAISE, "phiếu đã duyệt") or _to_publish(ledger)
    return _after_scoring(ledger, status)


def _reporting(ledger: Ledger, status: YearStatus) -> Waiting:
    if status == S.MIDYEAR:
        units = _at(ledger, Step.MIDYEAR, "báo cáo sơ kết đã nộp")
        return units or _cluster_report(ledger, ReviewKind.MIDYEAR)
    if status == S.YEAREND:
        units = _at(ledger, Step.CLAIM, "phiếu tự chấm đã nộp")
        reports = units or _at(ledger, Step.YEAREND, "báo cáo tổng kết đã nộp")
        return reports or _cluster_report(ledger, ReviewKind.YEAREND)
    opening = _to_open(ledger)
    period = ledger.period
    if opening is not None or period is None:
        return opening or Waiting(NOBODY, "chưa đặt kỳ báo cáo", None)
    due = ledger.period_window(period, ledger.acting.unit_id or 0).closes_on
    reports = _at(ledger, Step.PROGRESS, f"phiếu tiến độ {period.name}", due)
    following = ledger.next_period
    done = f"tiến độ {period.name} đã được chấp nhận"
    if following is not None:
        done += f", kỳ sau là {following.name}"
    return reports or Waiting(NOBODY, done, following.due_on if following else None)


def _to_open(ledger: Ledger) -> Waiting | None:
    """Ask the lead to freeze the figures once the stage of a review is open."""
    for kind in (ReviewKind.YEAREND, ReviewKind.MIDYEAR):
        window = ledger.window(kind)
        if kind in ledger.openings or window is None or window.opens_on > ledger.today:
            continue
        missing = f"chưa chốt số liệu để {kind.label.lower()}"
        return Waiting(_lead(ledger), missing, window.closes_on)
    return None


def _at(ledger: Ledger, step: Step, noun: str, due: date | None = None) -> Waiting | None:
    """Name the units that have to act at a stage, else who has to decide on what they did."""
    cells = [(member, cell_of(ledger, member, step)) for member in ledger.members]
    tally = count(cell for _, cell in cells)
    units = [member for member, cell in cells if cell.turn is Turn.UNIT]
    if units:
        said = f"{tally.handed_in}/{tally.total} {noun}"
        if step is Step.APPRAISE:
            said = f"{tally.done}/{tally.total} {noun}, {len(units)} đơn vị giải trình"
        return Waiting(_named(ledger, units), said, due or _due(ledger, step))
    judges = {cell.judge for _, cell in cells if cell.turn is Turn.JUDGE}
    if not judges:
        return None
    left = sum(cell.turn is Turn.JUDGE for _, cell in cells)
    rows = [member for member in ledger.members if member.unit_id in judges]
    names = [_named(ledger, rows)] if rows else []
    names += [_organiser(ledger)] if None in judges else []
    return Waiting("; ".join(names), f"{left} đơn vị chờ xem xét", _due(ledger, step))


_STAGES = {
    Step.DRAFT: S.DRAFTING,
    Step.SIGN: S.SIGNING,
    Step.MIDYEAR: S.MIDYEAR,
    Step.YEAREND: S.YEAREND,
    Step.CLAIM: S.YEAREND,
    Step.APPRAISE: S.APPRAISING,
}


def _due(ledger: Ledger, step: Step) -> date | None:
    if step not in _STAGES:
        return None
    unit_id = None if ledger.acting.is_organiser else ledger.acting.unit_id
    if step in (Step.MIDYEAR, Step.YEAREND):
        review = ledger.review_window(_STAGES[step], unit_id or 0)
        if review is not None:
            return review.closes_on
    window = ledger.window(_STAGES[step], unit_id)
    return window.closes_on if window else None


def _cluster_report(ledger: Ledger, kind: ReviewKind) -> Waiting:
    opening, name = ledger.openings.get(kind), kind.label.lower()
    noun = ledger.year.cluster.noun.lower()
    if opening is None:
        return Waiting(_lead(ledger), f"chưa chốt số liệu để {name}", None)
    due = opening.due_on
    if opening.cluster_report.status == ReviewStatus.SUBMITTED:
        return Waiting(_organiser(ledger), f"báo cáo {name} của {noun} chờ duyệt", due)
    if opening.cluster_report.status == ReviewStatus.ACCEPTED:
        return Waiting(_lead(ledger), "chờ thẩm định các phiếu", _due(ledger, Step.APPRAISE))
    return Waiting(_lead(ledger), f"chưa nộp báo cáo {name} của {noun}", due)


def _after_scoring(ledger: Ledger, status: YearStatus) -> Waiting:
    if status == S.ARCHIVED:
        return Waiting(NOBODY, "năm thi đua đã lưu trữ", None)
    if status == S.PUBLISHED:
        return Waiting(_organiser(ledger), "chờ lưu trữ", None)
    return _to_publish(ledger)


def _to_publish(ledger: Ledger) -> Waiting:
    published = ledger.publication
    if published is None:
        return Waiting(_organiser(ledger), "chờ công bố tạm tính", _closes(ledger, S.PROVISIONAL))
    until = published.objections_until
    if until is not None and ledger.today <= until:
        return Waiting(_organiser(ledger), "đang nhận kiến nghị về kết quả tạm tính", until)
    return Waiting(_organiser(ledger), "chờ công bố chính thức", _closes(ledger, S.PUBLISHED))


def _closes(ledger: Ledger, kind: YearStatus) -> date | None:
    window = ledger.window(kind)
    return window.closes_on if window else None


def _lead(ledger: Ledger) -> str:
    lead = lead_of(ledger.members)
    return _named(ledger, [lead] if lead else [])


def _named(ledger: Ledger, rows: list[Membership]) -> str:
    acting = ledger.acting
    return named(rows, None if acting.is_organiser else acting.unit_id)


def _organiser(ledger: Ledger) -> str:
    name = ledger.year.cluster.organiser.short_name
    return f"Bạn, thay mặt {name}" if ledger.acting.is_organiser else name
