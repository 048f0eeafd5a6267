"""Where one unit stands at one stage of the year, in a word: the cells of the board.

Done is quiet; what somebody has to act on is a tag. Each cell also says whose turn it is, so that
the turn line, the nine tasks and the board name the same units.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from django.urls import reverse

from clusters.calendar import Window, days_late
from clusters.models import Membership, Period, YearStatus
from clusters.queries import judge_of
from pledges.models import (
    Consent,
    PledgeStatus,
    ProgressReport,
    ProgressStatus,
    ReviewKind,
    ReviewStatus,
    SignatoryStatus,
)
from reports.queries.ledger import Ledger
from scoring.models import PublicationStatus, ScoreSheet, SheetStatus

P, PS, RS, SS = PledgeStatus, ProgressStatus, ReviewStatus, SheetStatus
#: The pledge is agreed and can no longer be drafted.
SETTLED = (P.FROZEN, P.SIGNING, P.SIGNED)


class Step(StrEnum):
    """The columns of the board, in the order of the year."""

    DRAFT = "Dự thảo"
    SIGN = "Ký giao ước"
    PROGRESS = "Tiến độ"
    MIDYEAR = "Sơ kết"
    YEAREND = "Tổng kết"
    CLAIM = "Tự chấm"
    APPRAISE = "Thẩm định"
    PUBLISH = "Công bố"


class Turn(StrEnum):
    """Who has to act next on what a cell stands for."""

    NOBODY = ""
    UNIT = "UNIT"
    JUDGE = "JUDGE"


@dataclass(frozen=True, slots=True)
class Cell:
    """A unit at a stage: a word, how it is shown, whose turn it is."""

    #: Empty: nothing is expected here yet, shown as "–".
    word: str = ""
    #: Kind of the tag; "ok" is shown quietly.
    kind: str = ""
    icon: str = ""
    #: What stands quietly beside: "muộn 2 ngày", "chưa ai xem".
    note: str = ""
    #: Where this person can look at it; empty where it is not theirs to read.
    url: str = ""
    turn: Turn = Turn.NOBODY
    #: Whose decision it waits for: a unit, None for the organiser.
    judge: int | None = None
    #: Last day in time for this unit, while its part is missing.
    due_on: date | None = None
    #: By how many days it is overdue today.
    overdue: int = 0
    #: What is missing, as a sentence begins: "chưa nộp phiếu tiến độ Quý II".
    missing: str = ""

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do here."""
        return self.kind == "ok"

    @property
    def is_handed_in(self) -> bool:
        """Whether the unit has done its part for now."""
        return self.is_done or self.turn is Turn.JUDGE


NOTHING = Cell()
OVERDUE_ICON = "exclamation-octagon-fill"


def cell_of(ledger: Ledger, member: Membership, step: Step) -> Cell:
    """Say where a unit stands at a stage of the year."""
    return _CELLS[step](ledger, member)


def is_my_turn(ledger: Ledger, member: Membership, cell: Cell) -> bool:
    """Whether the unit or agency this person acts for has to act on the cell."""
    acting = ledger.acting
    if cell.turn is Turn.UNIT:
        return member.unit_id == acting.unit_id and not acting.is_organiser
    return is_mine_to_judge(ledger, cell)


def is_mine_to_judge(ledger: Ledger, cell: Cell) -> bool:
    """Whether the cell waits for the decision of the unit or agency this person acts for."""
    acting = ledger.acting
    if cell.turn is not Turn.JUDGE:
        return False
    return acting.is_organiser if cell.judge is None else cell.judge == acting.unit_id


def _judge(ledger: Ledger, member: Membership) -> int | None:
    judge = judge_of(ledger.members, member.unit_id)
    return judge.unit_id if judge else None


def _late(cell: Cell, window: Window | None, ledger: Ledger) -> Cell:
    """Say until when a cell waits for its unit; brick once the due day has passed."""
    if window is None or cell.turn is not Turn.UNIT:
        return cell
    dated = replace(cell, due_on=window.closes_on)
    days = days_late(window, ledger.today)
    if not days:
        return dated
    return replace(dated, word=f"Quá {days} ngày", kind="err", icon=OVERDUE_ICON, overdue=days)


def _came_late(days: int) -> str:
    return f"muộn {days} ngày" if days else ""


def _seen(is_seen: bool) -> str:  # noqa: FBT001
    return "" if is_seen else "chưa ai xem"


# The pledge ----------------------------------------------------------------------------------
def _draft(ledger: Ledger, member: Membership) -> Cell:
    status, window = ledger.pledge_status, ledger.window(YearStatus.DRAFTING, member.unit_id)
    if status in SETTLED:
        return Cell("Xong", "ok")
    url = reverse("pledges:pledge", args=[ledger.year.pk])
    if status in (None, P.DRAFT):
        is_begun = window is not None and window.opens_on <= ledger.today
        if member.role != "LEAD" or (status is None and not is_begun):
            return NOTHING
        word = "Đang soạn" if status else "Chưa soạn"
        cell = Cell(word, "do", url=url, turn=Turn.UNIT, missing="chưa gửi dự thảo góp ý")
        return _late(cell, window, ledger)
    said = ledger.consents.get(member.unit_id)
    if said == Consent.Word.CONSENT:
        return Cell("Thống nhất", "ok")
    if said is not None:
        missing = "chưa thống nhất dự thảo"
        return Cell("Chưa thống nhất", "err", "x-octagon-fill", url=url, missing=missing)
    cell = Cell(
        "Chờ ý kiến", "do", "chat-left-text-fill", url=url, turn=Turn.UNIT,
        missing="chưa cho ý kiến về dự thảo",
    )  # fmt: skip
    return _late(cell, window, ledger)


def _sign(ledger: Ledger, member: Membership) -> Cell:
    if ledger.pledge_status not in SETTLED:
        return NOTHING
    status = ledger.signatures.get(member.unit_id)
    if status == SignatoryStatus.SIGNED:
        return Cell("Đã ký", "ok")
    window = ledger.window(YearStatus.SIGNING, member.unit_id)
    url, missing = reverse("reports:signing", args=[ledger.year.pk]), "chưa ký giao ước"
    if status == SignatoryStatus.INVITED:
        cell = Cell("Đến lượt ký", "do", "pen-fill", url=url, turn=Turn.UNIT, missing=missing)
        return _late(cell, window, ledger)
    if status == SignatoryStatus.DECLINED:
        return Cell("Từ chối ký", "err", "x-octagon-fill", url=url, missing=missing)
    return Cell("Chưa đến lượt", "wait", url=url, missing=missing)


# Progress ------------------------------------------------------------------------------------
def _progress(ledger: Ledger, member: Membership) -> Cell:
    """Show the oldest period in which something is to be done, else the one of today."""
    current = ledger.period
    if current is None or not ledger.is_bound:
        return NOTHING
    cells = [
        (period, period_cell(ledger, member, period))
        for period in ledger.periods
        if period.order <= current.order
    ]
    for period, cell in cells:
        if period.pk != current.pk and (cell.overdue or cell.kind in ("err", "wait")):
            return replace(cell, note=", ".join(w for w in (period.name, cell.note) if w))
    return cells[-1][1]


def period_cell(ledger: Ledger, member: Membership, period: Period) -> Cell:
    """Say where a unit's report on a period stands."""
    report = ledger.reports.get((member.unit_id, period.pk))
    window = ledger.period_window(period, member.unit_id)
    url, missing = _report_url(ledger, member, report), f"chưa nộp phiếu tiến độ {period.name}"
    if report is not None and report.status == PS.ACCEPTED:
        return Cell("Xong", "ok", note=_came_late(report.days_late), url=url)
    if ReviewKind.YEAREND in ledger.openings:
        # The figures of the whole year are frozen: nothing is entered or decided any more.
        said = "Chưa duyệt" if report is not None and report.status == PS.SUBMITTED else "Chưa nộp"
        return Cell(said, "no", "slash-circle", url=url)
    if report is not None and report.status == PS.SUBMITTED:
        return Cell(
            "Chờ duyệt", "wait", note=_seen(report.seen_at is not None), url=url, turn=Turn.JUDGE,
            judge=_judge(ledger, member), missing=f"phiếu tiến độ {period.name} chờ duyệt",
        )  # fmt: skip
    if ledger.today < period.starts_on:
        return NOTHING
    if report is not None and report.status == PS.RETURNED:
        missing = f"phiếu tiến độ {period.name} bị trả lại"
        return Cell("Trả lại", "err", url=url, turn=Turn.UNIT, missing=missing)
    is_entering = report is not None and member.unit_id == ledger.acting.unit_id
    entered = ledger.my_entered.get(report.pk, 0) if report else 0
    word = f"{entered}/{ledger.my_targets}" if is_entering else "Chưa nộp"
    kind, icon = ("do", "") if ledger.today > period.ends_on or is_entering else ("no", "circle")
    cell = Cell(word, kind, icon, url=url, turn=Turn.UNIT, missing=missing)
    return _late(cell, window, ledger)


def _report_url(ledger: Ledger, member: Membership, report: ProgressReport | None) -> str:
    year = ledger.year.pk
    if member.unit_id == ledger.acting.unit_id and not ledger.acting.is_organiser:
        return reverse("pledges:progress", args=[year])
    if report is not None and report.submitted_at is not None:
        return reverse("pledges:progress_report", args=[year, report.pk])
    return ""


# Reviews -------------------------------------------------------------------------------------
def _review(kind: ReviewKind) -> Callable[[Ledger, Membership], Cell]:
    name = kind.label.lower()

    def cell(ledger: Ledger, member: Membership) -> Cell:
        window = ledger.review_window(kind, member.unit_id)
        if window is None:
            return NOTHING
        review = ledger.reviews.get((kind, member.unit_id))
        if review is None:
            missing = f"chưa nộp báo cáo {name}"
            return _late(Cell("Chưa nộp", "do", turn=Turn.UNIT, missing=missing), window, ledger)
        url = reverse("pledges:review", args=[ledger.year.pk, review.pk])
        if review.status == RS.ACCEPTED:
            return Cell("Xong", "ok", note=_came_late(review.days_late), url=url)
        if review.status == RS.SUBMITTED:
            return Cell(
                "Chờ duyệt", "wait", note=_seen(review.seen_at is not None), url=url,
                turn=Turn.JUDGE, judge=_judge(ledger, member), missing=f"báo cáo {name} chờ duyệt",
            )  # fmt: skip
        if review.status == RS.RETURNED:
            missing = f"báo cáo {name} bị trả lại"
            return Cell("Trả lại", "err", url=url, turn=Turn.UNIT, missing=missing)
        missing = f"chưa nộp báo cáo {name}"
        own = Cell("Đang soạn", "do", url=url, turn=Turn.UNIT, missing=missing)
        return _late(own, window, ledger)

    return cell


# Scores --------------------------------------------------------------------------------------
def _sheet_url(ledger: Ledger, sheet: ScoreSheet) -> str:
    if sheet.pk not in ledger.open_sheets:
        return ""
    return reverse("scoring:sheet", args=[ledger.year.pk, sheet.pk])


def _claim(ledger: Ledger, member: Membership) -> Cell:
    sheet = ledger.sheets.get(member.unit_id)
    if sheet is None:
        return NOTHING
    url = _sheet_url(ledger, sheet)
    if sheet.status == SS.RETURNED:
        missing = "phiếu tự chấm bị trả lại"
        return Cell("Trả lại", "err", url=url, turn=Turn.UNIT, missing=missing)
    if sheet.status != SS.SELF_SCORING:
        return Cell("Đã nộp", "ok", note=_came_late(sheet.days_late), url=url)
    missing = "chưa nộp phiếu tự chấm điểm"
    cell = Cell("Đang tự chấm", "do", "calculator", url=url, turn=Turn.UNIT, missing=missing)
    return _late(cell, ledger.window(YearStatus.YEAREND, member.unit_id), ledger)


def _appraise(ledger: Ledger, member: Membership) -> Cell:
    sheet = ledger.sheets.get(member.unit_id)
    if sheet is None or sheet.status in (SS.SELF_SCORING, SS.RETURNED):
        return NOTHING
    url = _sheet_url(ledger, sheet)
    if sheet.status in (SS.APPROVED, SS.FINAL):
        return Cell("Đã duyệt", "ok", url=url)
    if sheet.status == SS.EXPLAINING:
        missing = "chưa gửi giải trình"
        icon = "chat-square-quote-fill"
        return Cell("Giải trình", "warn", icon, url=url, turn=Turn.UNIT, missing=missing)
    word, kind, icon, missing = {
        SS.SUBMITTED: ("Chờ thẩm định", "wait", "", "phiếu chờ thẩm định"),
        SS.APPRAISING: ("Đang thẩm định", "do", "search", "phiếu đang thẩm định"),
        SS.SECOND_APPRAISAL: ("Thẩm định lần hai", "do", "search", "phiếu chờ thẩm định lần hai"),
    }[SheetStatus(sheet.status)]
    judge = None if sheet.status == SS.SECOND_APPRAISAL else sheet.appraiser_id
    cell = Cell(word, kind, icon, url=url, turn=Turn.JUDGE, judge=judge, missing=missing)
    if url and is_mine_to_judge(ledger, cell):
        return replace(cell, url=reverse("scoring:appraisal", args=[ledger.year.pk, sheet.pk]))
    return cell


def _publish(ledger: Ledger, _member: Membership) -> Cell:
    publication = ledger.publication
    if publication is None:
        return NOTHING
    url = reverse("scoring:scoreboard", args=[ledger.year.pk])
    if publication.status == PublicationStatus.FINAL:
        return Cell("Chính thức", "ok", url=url)
    return Cell("Tạm tính", "warn", "clock-fill", url=url)


_CELLS: dict[Step, Callable[[Ledger, Membership], Cell]] = {
    Step.DRAFT: _draft,
    Step.SIGN: _sign,
    Step.PROGRESS: _progress,
    Step.MIDYEAR: _review(ReviewKind.MIDYEAR),
    Step.YEAREND: _review(ReviewKind.YEAREND),
    Step.CLAIM: _claim,
    Step.APPRAISE: _appraise,
    Step.PUBLISH: _publish,
}
