"""Which units may be voted on and nominated, who nominates, and when (domain.md §1, §10)."""

from dataclasses import dataclass
from datetime import date

from clusters.models import ClusterYear, YearStatus
from clusters.policies import Place
from core.policy import ALLOWED, Verdict, deny
from core.text import format_date, format_number
from scoring.models import AwardQuota, Nomination, Publication, PublicationStatus
from scoring.policies.run import may_read_all_points


@dataclass(frozen=True, slots=True)
class Contender:
    """What a published result says of a unit, as far as votes and nominations ask."""

    unit_id: int
    unit_name: str
    rank: int | None
    points: str
    is_considered: bool
    #: Ranked first; of several that share the first rank whom a vote on the tie has chosen.
    is_leader: bool
    closed_on: date | None
    #: Not considered in the final result of the year before.
    was_unconsidered: bool


def is_closed(contender: Contender, today: date) -> bool:
    """Whether the unit no longer exists: `closed_on` is the first day without it."""
    return contender.closed_on is not None and contender.closed_on <= today


def why_closed(contender: Contender) -> str:
    """Say since when the unit no longer exists (TT 15/2025: a dissolved body gets no title)."""
    day = contender.closed_on
    return f"Đơn vị kết thúc hoạt động từ ngày {format_date(day)}." if day else ""


def why_not_titled(contender: Contender, quota: AwardQuota, today: date) -> str:
    """Say why a unit cannot be voted on or nominated for a title; nothing where it can."""
    if is_closed(contender, today):
        return why_closed(contender)
    if not contender.is_considered:
        return "Không xét thi đua năm nay."
    if contender.rank is None:
        return "Không được xếp hạng."
    if quota.leaders_only and not contender.is_leader:
        return "Danh hiệu này chỉ dành cho đơn vị dẫn đầu."
    return ""


@dataclass(frozen=True, slots=True)
class NominationStanding:
    """Everything a rule about nominations asks."""

    place: Place
    year: ClusterYear
    #: The last official result, standing or revoked.
    final: Publication | None = None


def may_nominate(standing: NominationStanding) -> Verdict:
    """The lead's people and the organiser nominate once the result is official and stands.

    A vote is no condition: some clusters rank strictly by points (domain.md §4).
    """
    if not may_read_all_points(standing.place):
        return deny("Đơn vị trưởng và cơ quan thường trực đề nghị khen thưởng.")
    if standing.year.status == YearStatus.ARCHIVED:
        return deny("Năm thi đua đã lưu trữ.")
    final = standing.final
    if final is None:
        return deny("Đề nghị khen thưởng sau khi công bố kết quả chính thức.")
    if final.status != PublicationStatus.FINAL:
        return deny("Kết quả chính thức đã bị thu hồi nên không đề nghị khen thưởng được.")
    return ALLOWED


def fits_quota(quota: AwardQuota, *, allows: int, nominated: int, more: int) -> Verdict:
    """Refuse whoever would be nominated above the quota, with the numbers.

    How many other clusters nominated is the organiser's to know: said is what is left.
    """
    if nominated + more <= allows:
        return ALLOWED
    left = max(0, allows - nominated)
    return deny(
        f"Chỉ tiêu “{quota.title}” có {format_number(allows)} đơn vị, còn {format_number(left)}; "
        f"đang đề nghị thêm {format_number(more)}."
    )


def may_withdraw(standing: NominationStanding, nomination: Nomination) -> Verdict:
    """A nomination is withdrawn with a reason, also after the result was revoked."""
    if not may_read_all_points(standing.place):
        return deny("Đơn vị trưởng và cơ quan thường trực rút đề nghị khen thưởng.")
    if standing.year.status == YearStatus.ARCHIVED:
        return deny("Năm thi đua đã lưu trữ.")
    if nomination.withdrawn_at is not None:
        return deny("Đề nghị này đã được rút.")
    return ALLOWED
