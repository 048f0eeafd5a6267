"""May this person enter, submit, return or accept progress now? Each answer with its reason."""

from dataclasses import dataclass
from datetime import date

from clusters.calendar import Window, is_open
from clusters.models import YearStatus
from clusters.policies import Bench, Place, may_judge
from core.policy import ALLOWED, Verdict, deny, first_denial
from core.text import format_date
from pledges.models import ProgressReport, ProgressStatus

PS = ProgressStatus
#: States of the year in which figures are entered; afterwards they are frozen.
OPEN_YEAR = (YearStatus.SIGNING, YearStatus.RUNNING, YearStatus.MIDYEAR)


@dataclass(frozen=True, slots=True)
class ProgressStanding:
    """Everything a rule about a progress report asks."""

    bench: Bench
    report: ProgressReport
    has_pledge: bool
    window: Window
    today: date
    #: Targets returned last time; empty when the whole report was returned.
    returned: frozenset[int]
    entered: int

    @property
    def place(self) -> Place:
        """Return the place of who asks."""
        return self.bench.place

    @property
    def status(self) -> ProgressStatus:
        """Return the state of the report."""
        return ProgressStatus(self.report.status)


def may_enter(standing: ProgressStanding) -> Verdict:
    """The officer or head of the unit enters while the report is theirs and figures are open."""
    return first_denial(_is_own(standing), _is_open(standing), _is_with_unit(standing))


def may_enter_cell(standing: ProgressStanding, target_id: int) -> Verdict:
    """Of a returned report only the returned cells are entered again."""
    if standing.status is PS.RETURNED and standing.returned and target_id not in standing.returned:
        return deny("Ô này không bị trả lại nên giữ nguyên; chỉ sửa các ô được nêu khi trả lại.")
    return may_enter(standing)


def may_hand_over(standing: ProgressStanding) -> Verdict:
    """The officer lays the report before the head."""
    if not standing.place.acting.is_officer:
        return deny("Cán bộ thi đua trình; lãnh đạo đơn vị nộp trực tiếp.")
    return first_denial(may_enter(standing), _has_figures(standing))


def may_submit(standing: ProgressStanding) -> Verdict:
    """The head of the unit submits."""
    return first_denial(
        _is_own(standing),
        ALLOWED
        if standing.place.acting.is_head
        else deny("Lãnh đạo đơn vị nộp; cán bộ trình lãnh đạo."),
        _is_open(standing),
        _is_with_unit(standing),
        _has_figures(standing),
    )


def may_decide(standing: ProgressStanding) -> Verdict:
    """Who judges the unit accepts the report or returns it with a reason."""
    judge = may_judge(standing.bench)
    if not judge:
        return judge
    sentences = {
        PS.DRAFT: f"{standing.bench.unit_name} đang nhập, chưa nộp.",
        PS.RETURNED: f"Đã trả lại, chờ {standing.bench.unit_name} nộp lại.",
        PS.ACCEPTED: "Phiếu đã được chấp nhận.",
    }
    if standing.status is not PS.SUBMITTED:
        return deny(sentences[standing.status])
    return _is_open(standing)


def may_correct(standing: ProgressStanding) -> Verdict:
    """What was accepted is corrected by a further part that names the old entries."""
    if standing.status is not PS.ACCEPTED:
        return deny("Phiếu chưa được chấp nhận thì sửa trực tiếp, không cần đính chính.")
    return first_denial(_is_own(standing), _is_open(standing))


def _is_own(standing: ProgressStanding) -> Verdict:
    place = standing.place
    if place.acting.unit_id != standing.report.unit_id or place.membership is None:
        return deny(f"Chỉ {standing.bench.unit_name} nhập tiến độ của đơn vị mình.")
    return ALLOWED


def _is_open(standing: ProgressStanding) -> Verdict:
    if not standing.has_pledge:
        return deny("Chưa nhập được tiến độ: giao ước chưa chốt để ký nên chưa có chỉ tiêu.")
    if standing.report.cluster_year.status not in OPEN_YEAR:
        return deny("Số liệu cả năm đã chốt để tổng kết nên không nhập, không đính chính nữa.")
    if standing.today < standing.report.period.starts_on:
        return deny(
            f"Kỳ {standing.report.period.name} bắt đầu ngày "
            f"{format_date(standing.report.period.starts_on)}."
        )
    return is_open(standing.window, standing.today)


def _is_with_unit(standing: ProgressStanding) -> Verdict:
    if standing.status is PS.SUBMITTED:
        return deny(f"Phiếu đã nộp, chờ {standing.bench.judge_name} duyệt.")
    if standing.status is PS.ACCEPTED:
        return deny("Phiếu đã được chấp nhận. Muốn sửa, lập phiếu đính chính nêu lý do.")
    return ALLOWED


def _has_figures(standing: ProgressStanding) -> Verdict:
    if standing.entered == 0:
        return deny("Chưa nhập ô nào. Nhập ít nhất một số liệu rồi trình.")
    return ALLOWED
