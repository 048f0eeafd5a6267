"""May this person score the cluster, publish, revoke? Each answer with its reason."""

from dataclasses import dataclass
from datetime import date

from clusters.models import ClusterYear, YearStatus
from clusters.policies import Place
from core.policy import ALLOWED, Verdict, deny, first_denial
from core.text import format_date
from scoring.models import Publication, PublicationStatus, RunKind, ScoringRun

#: States of the year in which runs are made.
SCORED = (
    YearStatus.YEAREND, YearStatus.APPRAISING, YearStatus.PROVISIONAL, YearStatus.OBJECTIONS,
)  # fmt: skip

#: So many objections are named in a refusal; the rest is counted.
_NAMED = 4


@dataclass(frozen=True, slots=True)
class RunStanding:
    """Everything a rule about runs and publications asks."""

    place: Place
    year: ClusterYear
    today: date
    #: The newest run, the newest provisional publication, the final one.
    run: ScoringRun | None = None
    provisional: Publication | None = None
    final: Publication | None = None
    #: Whether the newest run was made from the figures as they stand now.
    is_fresh: bool = False
    #: Objections that wait for their decision, by name, and the last day on which any unit may
    #: still object (extensions included).
    waiting: tuple[str, ...] = ()
    taken_until: date | None = None


def may_run(standing: RunStanding) -> Verdict:
    """The lead's people and the organiser score the cluster while sheets exist and are open."""
    if standing.year.status not in SCORED:
        if standing.year.status in (YearStatus.PUBLISHED, YearStatus.ARCHIVED):
            return deny("Kết quả đã công bố chính thức nên không chấm lại.")
        return deny("Chấm điểm toàn cụm, khối mở khi các đơn vị bắt đầu tự chấm.")
    return _lead_or_organiser(standing.place)


def may_publish_provisional(standing: RunStanding) -> Verdict:
    """A run is published as provisional, also with gaps: they are shown."""
    if standing.year.status == YearStatus.YEAREND:
        return deny("Chỉ công bố tạm tính khi đã bắt đầu thẩm định các phiếu.")
    verdict = may_run(standing)
    if not verdict:
        return verdict
    if standing.run is None:
        return deny("Chưa có phiên chấm nào. Chạy phiên chấm trước khi công bố.")
    if standing.run.kind == RunKind.CLAIMED:
        return deny("Phiên chấm theo điểm tự chấm chỉ để tham khảo, không công bố.")
    return first_denial(_is_fresh(standing), _is_new(standing))


def may_publish_final(standing: RunStanding) -> Verdict:
    """The organiser publishes the complete run once objections are over and all decided."""
    if not standing.place.is_organiser:
        return deny("Cơ quan thường trực công bố kết quả chính thức.")
    verdict = may_run(standing)
    if not verdict:
        return verdict
    return first_denial(
        _was_provisional(standing), _are_decided(standing), _is_complete(standing),
        _is_fresh(standing),
    )  # fmt: skip


def may_revoke(standing: RunStanding) -> Verdict:
    """A final result is revoked by decision of the organiser, never deleted."""
    if not standing.place.is_organiser:
        return deny("Cơ quan thường trực thu hồi kết quả, theo quyết định.")
    if standing.final is None or standing.final.status != PublicationStatus.FINAL:
        return deny("Không có kết quả chính thức nào để thu hồi.")
    if standing.year.status == YearStatus.ARCHIVED:
        return deny("Năm thi đua đã lưu trữ.")
    return ALLOWED


def may_read_all_points(place: Place) -> bool:
    """Whether this person reads the leaves of every unit; others read those of their own."""
    return place.is_organiser or (
        place.is_lead and (place.acting.is_officer or place.acting.is_head)
    )


def _lead_or_organiser(place: Place) -> Verdict:
    if may_read_all_points(place):
        return ALLOWED
    return deny("Đơn vị trưởng và cơ quan thường trực chạy phiên chấm, công bố điểm tạm tính.")


def _was_provisional(standing: RunStanding) -> Verdict:
    published = standing.provisional
    if published is None:
        return deny("Công bố tạm tính để các đơn vị kiến nghị trước khi công bố chính thức.")
    until = standing.taken_until or published.objections_until
    if until is not None and standing.today <= until:
        return deny(
            f"Còn nhận kiến nghị đến hết ngày {format_date(until)}, sau đó mới công bố chính thức."
        )
    return ALLOWED


def _are_decided(standing: RunStanding) -> Verdict:
    """Drafts bind nobody; what was sent is answered before the result is for good."""
    left = standing.waiting
    if not left:
        return ALLOWED
    more = f" và {len(left) - _NAMED} kiến nghị nữa" if len(left) > _NAMED else ""
    named = ", ".join(left[:_NAMED])
    return deny(f"Còn {len(left)} kiến nghị chưa quyết định: {named}{more}.")


def _is_new(standing: RunStanding) -> Verdict:
    """The same run is not published twice; nothing in it could differ."""
    run, last = standing.run, standing.provisional
    if run is None or last is None or last.run_id != run.pk:
        return ALLOWED
    return deny(
        f"Phiên chấm {run.number} đã công bố tạm tính. Số liệu thay đổi thì chạy phiên chấm mới "
        "rồi công bố; cần thêm thời gian kiến nghị thì gia hạn cho đơn vị."
    )


def _is_complete(standing: RunStanding) -> Verdict:
    run = standing.run
    if run is None or run.kind != RunKind.FINAL:
        return deny("Chạy phiên chấm theo kết quả duyệt trước khi công bố chính thức.")
    if run.gaps:
        return deny("Chưa công bố chính thức được: " + "; ".join(run.gaps) + ".")
    return ALLOWED


def _is_fresh(standing: RunStanding) -> Verdict:
    if standing.is_fresh:
        return ALLOWED
    number = standing.run.number if standing.run else 0
    return deny(f"Số liệu đã thay đổi sau phiên chấm {number}. Chạy phiên chấm mới rồi công bố.")
