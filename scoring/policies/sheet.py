"""May this person score, submit, appraise, explain or approve now? Each with its reason."""

from dataclasses import dataclass
from datetime import date

from clusters.calendar import Window, is_open
from clusters.models import YearStatus
from clusters.policies import Bench, Place, may_judge
from core.policy import ALLOWED, Verdict, deny, first_denial
from scoring.models import ScoreLine, ScoreSheet, SheetStatus

SS = SheetStatus
#: States of the year in which sheets change; afterwards the result is published.
OPEN_YEAR = (
    YearStatus.YEAREND, YearStatus.APPRAISING, YearStatus.PROVISIONAL, YearStatus.OBJECTIONS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SheetStanding:
    """Everything a rule about a score sheet asks."""

    bench: Bench
    sheet: ScoreSheet
    scoring: Window | None
    today: date
    #: Codes of leaves without a first or second decision.
    undecided_first: tuple[str, ...] = ()
    undecided_second: tuple[str, ...] = ()
    #: Codes of leaves that need evidence or a written explanation and have neither.
    unproven: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """Return the place of who asks."""
        return self.bench.place

    @property
    def status(self) -> SheetStatus:
        """Return the state of the sheet."""
        return SheetStatus(self.sheet.status)


def may_claim(standing: SheetStanding) -> Verdict:
    """The unit's people score themselves while the sheet is theirs."""
    if standing.status is SS.RETURNED:
        return first_denial(_is_own(standing), _year_is_open(standing))
    if standing.status is not SS.SELF_SCORING:
        return deny(_with_whom(standing))
    return first_denial(_is_own(standing), _year_is_open(standing), _scoring_is_open(standing))


def may_claim_line(standing: SheetStanding, line: ScoreLine) -> Verdict:
    """Of a returned sheet only the returned lines are scored again."""
    if standing.status is SS.RETURNED and line.returned_at is None:
        return deny("Tiêu chí này không bị trả lại nên giữ nguyên.")
    if line.basis.get("assigned") is False:
        return deny("Giao ước không giao chỉ tiêu này cho đơn vị nên không tính điểm.")
    return may_claim(standing)


def may_hand_over(standing: SheetStanding) -> Verdict:
    """The officer lays the sheet before the head."""
    if not standing.place.acting.is_officer:
        return deny("Cán bộ trình; lãnh đạo đơn vị nộp trực tiếp.")
    return may_claim(standing)


def may_submit(standing: SheetStanding) -> Verdict:
    """The head submits; leaves that ask for evidence have a file or a written explanation."""
    by_head = (
        ALLOWED
        if standing.place.acting.is_head
        else deny("Lãnh đạo đơn vị nộp phiếu tự chấm; cán bộ trình lãnh đạo.")
    )
    proven = (
        deny(
            f"Còn {len(standing.unproven)} tiêu chí cần minh chứng mà chưa có tệp hoặc thuyết "
            f"minh: {_listed(standing.unproven)}."
        )
        if standing.unproven
        else ALLOWED
    )
    return first_denial(_is_own(standing), by_head, may_claim(standing), proven)


def may_take_up(standing: SheetStanding) -> Verdict:
    """Who appraises the unit begins; from then on the sheet is frozen while it is examined."""
    judge = may_judge(standing.bench)
    if not judge:
        return judge
    if standing.status is SS.SELF_SCORING:
        return deny(f"{standing.bench.unit_name} chưa nộp phiếu tự chấm.")
    if standing.status is not SS.SUBMITTED:
        return deny(_with_whom(standing))
    return _year_is_open(standing)


def may_appraise(standing: SheetStanding) -> Verdict:
    """Who appraises decides line by line; never on the own sheet."""
    judge = may_judge(standing.bench)
    if not judge:
        return judge
    if standing.status is SS.SUBMITTED:
        return deny("Bấm “Bắt đầu thẩm định” trước; phiếu được giữ nguyên trong khi thẩm định.")
    if standing.status is not SS.APPRAISING:
        return deny(_with_whom(standing))
    return _year_is_open(standing)


def may_finish_first(standing: SheetStanding) -> Verdict:
    """The first appraisal ends when every line is decided."""
    verdict = may_appraise(standing)
    if not verdict:
        return verdict
    if standing.undecided_first:
        left = standing.undecided_first
        return deny(f"Còn {len(left)} tiêu chí chưa thẩm định: {_listed(left)}.")
    return ALLOWED


def may_explain(standing: SheetStanding) -> Verdict:
    """The unit explains the lines on which it was scored differently."""
    if standing.status is not SS.EXPLAINING:
        return deny(_with_whom(standing))
    return first_denial(_is_own(standing), _year_is_open(standing))


def may_finish_explaining(standing: SheetStanding) -> Verdict:
    """The head ends the explanation; the organiser may when the unit stays silent."""
    if standing.status is not SS.EXPLAINING:
        return deny(_with_whom(standing))
    if standing.place.is_organiser and not standing.bench.is_own:
        return _year_is_open(standing)
    if not standing.place.acting.is_head:
        return deny("Lãnh đạo đơn vị gửi giải trình.")
    return first_denial(_is_own(standing), _year_is_open(standing))


def may_appraise_again(standing: SheetStanding) -> Verdict:
    """The organiser makes the second appraisal."""
    organiser = _is_organiser(standing)
    if not organiser:
        return organiser
    if standing.status is not SS.SECOND_APPRAISAL:
        return deny(_with_whom(standing))
    return _year_is_open(standing)


def may_approve(standing: SheetStanding) -> Verdict:
    """The organiser approves when every line has a second decision."""
    verdict = may_appraise_again(standing)
    if not verdict:
        return verdict
    if standing.undecided_second:
        left = standing.undecided_second
        return deny(f"Còn {len(left)} tiêu chí chưa thẩm định lần hai: {_listed(left)}.")
    return ALLOWED


def may_reopen(standing: SheetStanding) -> Verdict:
    """An approved sheet goes back to the second appraisal by the organiser, with a reason."""
    organiser = _is_organiser(standing)
    if not organiser:
        return organiser
    if standing.status is not SS.APPROVED:
        return deny(_with_whom(standing))
    return _year_is_open(standing)


def may_settle(standing: SheetStanding) -> Verdict:
    """After the provisional result the organiser changes single figures by decision."""
    verdict = may_reopen(standing)
    if not verdict:
        return verdict
    if standing.sheet.cluster_year.status not in (YearStatus.PROVISIONAL, YearStatus.OBJECTIONS):
        return deny("Chỉ điều chỉnh từng tiêu chí sau khi đã công bố điểm tạm tính.")
    return ALLOWED


def may_veto(bench: Bench, year_status: str) -> Verdict:
    """The organiser says that a unit is not considered, and lifts it; never of the own unit."""
    if not bench.place.is_organiser:
        return deny("Chỉ cơ quan thường trực ghi và bỏ trường hợp không xét thi đua.")
    if bench.is_own:
        return deny("Không ai xem xét đơn vị của chính mình.")
    if year_status in (YearStatus.PUBLISHED, YearStatus.ARCHIVED):
        return deny("Kết quả đã công bố; muốn thay đổi phải thu hồi theo quyết định.")
    return ALLOWED


def _is_own(standing: SheetStanding) -> Verdict:
    place = standing.place
    if place.membership is not None and place.acting.unit_id == standing.sheet.unit_id:
        return ALLOWED
    return deny(f"Chỉ {standing.bench.unit_name} chấm và giải trình phiếu của đơn vị mình.")


def _is_organiser(standing: SheetStanding) -> Verdict:
    if not standing.place.is_organiser:
        return deny(f"{standing.bench.organiser_name} thẩm định lần hai và duyệt phiếu.")
    if standing.bench.is_own:
        return deny("Không ai thẩm định, duyệt phiếu của đơn vị mình.")
    return ALLOWED


def _scoring_is_open(standing: SheetStanding) -> Verdict:
    if standing.scoring is None:
        return deny("Lịch năm chưa có giai đoạn tổng kết. Cơ quan thường trực lập lịch.")
    return is_open(standing.scoring, standing.today)


def _year_is_open(standing: SheetStanding) -> Verdict:
    if standing.sheet.cluster_year.status in OPEN_YEAR:
        return ALLOWED
    return deny("Kết quả năm đã công bố chính thức, phiếu chấm điểm không đổi được nữa.")


def _with_whom(standing: SheetStanding) -> str:
    """Say where the sheet is now, and who has it."""
    bench = standing.bench
    unit, judge, organiser = bench.unit_name, bench.judge_name, bench.organiser_name
    return {
        SS.SELF_SCORING: f"{unit} đang tự chấm, chưa nộp.",
        SS.SUBMITTED: f"Phiếu đã nộp, chờ {judge} thẩm định.",
        SS.APPRAISING: f"{judge} đang thẩm định; phiếu được giữ nguyên.",
        SS.RETURNED: f"Phiếu đã trả lại, chờ {unit} chấm lại các tiêu chí được nêu.",
        SS.EXPLAINING: f"Thẩm định lần một đã xong, chờ {unit} giải trình.",
        SS.SECOND_APPRAISAL: f"{organiser} đang thẩm định lần hai.",
        SS.APPROVED: f"Phiếu đã được {organiser} duyệt.",
        SS.FINAL: "Điểm đã công bố chính thức, không đổi được nữa.",
    }[standing.status]


#: So many codes are named in a sentence; the rest is counted.
_NAMED = 6


def _listed(codes: tuple[str, ...]) -> str:
    more = f" và {len(codes) - _NAMED} tiêu chí nữa" if len(codes) > _NAMED else ""
    return ", ".join(codes[:_NAMED]) + more
