"""May this person open, write, submit, return or accept a review now? Each with its reason."""

from dataclasses import dataclass
from datetime import date

from clusters.calendar import Window, is_open
from clusters.models import ClusterYear, YearStatus
from clusters.policies import Bench, Place, may_judge
from core.policy import ALLOWED, Verdict, deny, first_denial
from pledges.models import Exemplar, Review, ReviewKind, ReviewStatus

RS = ReviewStatus
#: From which states of the year a review begins.
BEFORE: dict[ReviewKind, tuple[YearStatus, ...]] = {
    ReviewKind.MIDYEAR: (YearStatus.RUNNING,),
    ReviewKind.YEAREND: (YearStatus.RUNNING, YearStatus.MIDYEAR),
}
#: In which states of the year its reports are written.
DURING: dict[ReviewKind, tuple[YearStatus, ...]] = {
    ReviewKind.MIDYEAR: (YearStatus.MIDYEAR, YearStatus.RUNNING),
    ReviewKind.YEAREND: (YearStatus.YEAREND, YearStatus.APPRAISING),
}


@dataclass(frozen=True, slots=True)
class ReviewStanding:
    """Everything a rule about a review asks."""

    bench: Bench
    review: Review
    #: What keeps the report from being submitted, in words.
    gaps: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """Return the place of who asks."""
        return self.bench.place

    @property
    def status(self) -> ReviewStatus:
        """Return the state of the review."""
        return ReviewStatus(self.review.status)

    @property
    def is_cluster(self) -> bool:
        """Whether this is the cluster's own report."""
        return self.review.unit_id is None

    @property
    def writer_name(self) -> str:
        """Return who writes the report, by name."""
        return self.bench.lead_title if self.is_cluster else self.bench.unit_name


def may_open_reviews(
    place: Place, year: ClusterYear, kind: ReviewKind, window: Window | None, today: date
) -> Verdict:
    """The lead or the organiser freezes the figures when the stage of the review is open."""
    acting, name = place.acting, kind.label.lower()
    if not (place.is_organiser or (place.is_lead and (acting.is_officer or acting.is_head))):
        lead = year.cluster.lead_title
        return deny(f"{lead} hoặc cơ quan thường trực chốt số liệu để {name}.")
    if year.status not in BEFORE[kind]:
        return deny(
            f"Chỉ chốt số liệu để {name} khi năm đang ở giai đoạn thực hiện; "
            f"hiện là “{year.get_status_display()}”."
        )
    if window is None:
        return deny(f"Lịch năm chưa có giai đoạn {name}. Cơ quan thường trực lập lịch.")
    return is_open(window, today)


def may_write(standing: ReviewStanding) -> Verdict:
    """The unit's people write its report, the lead's people the cluster's."""
    return first_denial(_is_writer(standing), _is_open(standing), _is_with_writer(standing))


def may_hand_over(standing: ReviewStanding) -> Verdict:
    """The officer lays the report before the head."""
    if not standing.place.acting.is_officer:
        return deny("Cán bộ trình; lãnh đạo đơn vị nộp trực tiếp.")
    return may_write(standing)


def may_submit(standing: ReviewStanding) -> Verdict:
    """The head of the writing unit submits a complete report."""
    by_head = (
        ALLOWED
        if standing.place.acting.is_head
        else deny("Lãnh đạo đơn vị nộp báo cáo; cán bộ trình lãnh đạo.")
    )
    gaps = deny("Chưa nộp được: " + "; ".join(standing.gaps) + ".") if standing.gaps else ALLOWED
    return first_denial(
        _is_writer(standing), by_head, _is_open(standing), _is_with_writer(standing), gaps
    )


def may_decide(standing: ReviewStanding) -> Verdict:
    """Who judges the unit accepts or returns its report; the cluster's goes to the organiser."""
    judge = may_judge(standing.bench)
    if not judge:
        return judge
    sentences = {
        RS.OPEN: f"{standing.writer_name} đang soạn, chưa nộp.",
        RS.RETURNED: f"Đã trả lại, chờ {standing.writer_name} nộp lại.",
        RS.ACCEPTED: "Báo cáo đã được chấp nhận.",
    }
    if standing.status is not RS.SUBMITTED:
        return deny(sentences[standing.status])
    return _is_open(standing)


def may_register(place: Place, year: ClusterYear) -> Verdict:
    """The people of a member unit register what is worth following, while the year is open."""
    if not (place.is_member_officer or place.is_member_head):
        return deny("Cán bộ, lãnh đạo đơn vị thành viên đăng ký điển hình của đơn vị mình.")
    return _year_is_open(year)


def may_edit_exemplar(place: Place, year: ClusterYear, exemplar: Exemplar) -> Verdict:
    """A unit edits its own; what was recognised or commended stays as it was judged."""
    if exemplar.withdrawn_at is not None:
        return deny("Điển hình này đã rút.")
    if place.acting.unit_id != exemplar.unit_id:
        return deny(f"Chỉ {exemplar.unit.short_name} sửa điển hình của đơn vị mình.")
    if exemplar.standing in (Exemplar.Standing.RECOGNISED, Exemplar.Standing.COMMENDED):
        return deny("Điển hình đã được công nhận nên không sửa; đăng ký điển hình khác nếu cần.")
    return may_register(place, year)


def may_set_standing(bench: Bench, year: ClusterYear, exemplar: Exemplar) -> Verdict:
    """Who judges the unit, or the organiser, says how far an exemplar has come."""
    if exemplar.withdrawn_at is not None:
        return deny("Điển hình này đã rút.")
    if bench.place.is_organiser and not bench.is_own:
        return _year_is_open(year)
    return first_denial(may_judge(bench), _year_is_open(year))


def _is_writer(standing: ReviewStanding) -> Verdict:
    place = standing.place
    if standing.is_cluster:
        if place.is_lead and (place.acting.is_officer or place.acting.is_head):
            return ALLOWED
        return deny(f"Báo cáo chung do {standing.bench.lead_title} soạn.")
    if place.membership is not None and place.acting.unit_id == standing.review.unit_id:
        return ALLOWED
    return deny(f"Chỉ {standing.bench.unit_name} soạn báo cáo của đơn vị mình.")


def _is_open(standing: ReviewStanding) -> Verdict:
    review = standing.review
    kind = ReviewKind(review.kind)
    if review.cluster_year.status in DURING[kind]:
        return ALLOWED
    return deny(f"Giai đoạn {kind.label.lower()} của năm này đã kết thúc.")


def _is_with_writer(standing: ReviewStanding) -> Verdict:
    if standing.status is RS.SUBMITTED:
        return deny(f"Báo cáo đã nộp, chờ {standing.bench.judge_name} duyệt.")
    if standing.status is RS.ACCEPTED:
        return deny("Báo cáo đã được chấp nhận, không sửa được nữa.")
    return ALLOWED


def _year_is_open(year: ClusterYear) -> Verdict:
    if year.status in (YearStatus.PUBLISHED, YearStatus.ARCHIVED):
        return deny("Kết quả năm đã công bố nên sổ điển hình không ghi thêm.")
    return ALLOWED
