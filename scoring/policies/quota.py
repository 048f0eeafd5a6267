"""Quotas of titles: who sets them, how many units each allows, what may not be taken back."""

from dataclasses import dataclass
from fractions import Fraction

from clusters.models import ClusterYear, YearStatus
from clusters.policies import Place
from core.policy import ALLOWED, Verdict, deny
from core.text import format_number
from scoring.models import AwardQuota


@dataclass(frozen=True, slots=True)
class Bases:
    """What a per cent is taken of."""

    #: Member units: of the cluster of the quota, else of all clusters of the cycle.
    members: int
    #: Leading units: each cluster of the cycle has one.
    leaders: int


def allowance(quota: AwardQuota, bases: Bases) -> int:
    """Return how many units may be nominated; a per cent is rounded down to whole units."""
    if quota.max_count is not None:
        return quota.max_count
    if quota.max_percent is None:
        message = f"Quota {quota.pk} has neither number nor per cent."
        raise RuntimeError(message)
    of = bases.leaders if quota.percent_of == AwardQuota.Base.LEADERS else bases.members
    return int(Fraction(quota.max_percent) * of / 100)


def may_set_quotas(place: Place, year: ClusterYear) -> Verdict:
    """The organiser sets the quotas of its cycle, until the year is archived."""
    if not place.is_organiser:
        return deny("Cơ quan thường trực đặt chỉ tiêu danh hiệu cho cả kỳ.")
    if year.status == YearStatus.ARCHIVED:
        return deny("Năm thi đua đã lưu trữ.")
    return ALLOWED


def may_change_quota(
    place: Place,
    year: ClusterYear,
    *,
    nominated: int,
    withdrawn: int,
    ballots: int,
    is_other: bool,
    allows: int,
) -> Verdict:
    """A quota somebody was nominated or voted for keeps its title, and enough room.

    Nominations that were withdrawn name it too: a new title would rewrite what they were for.
    `is_other` says that title, cluster or the condition of the leading unit would change;
    `allows` is how many units the changed quota lets through.
    """
    verdict = may_set_quotas(place, year)
    if not verdict:
        return verdict
    if is_other and (nominated or withdrawn or ballots):
        return deny(
            "Đã có đơn vị được đề nghị (kể cả đề nghị đã rút) hoặc đã lập cuộc bỏ phiếu theo chỉ "
            "tiêu này nên không đổi danh hiệu, phạm vi và điều kiện được nữa. Chỉ đổi được số "
            "lượng, tỷ lệ, thứ tự."
        )
    if nominated > allows:
        return deny(
            f"Đã đề nghị {format_number(nominated)} đơn vị, nhiều hơn {format_number(allows)} đơn "
            "vị theo chỉ tiêu mới. Rút bớt đề nghị trước khi giảm chỉ tiêu."
        )
    return ALLOWED


def may_set_own(quota_title: str, *, nominated: int, ballots: int) -> Verdict:
    """A cluster gets a quota of its own for a title while nothing there rests on the common one.

    Otherwise a unit could be nominated for the same title twice, once under each. The counts are
    standing nominations and votes not called off, of that cluster, under the common quota.
    """
    if nominated or ballots:
        return deny(
            f"Cụm, khối này đã có {format_number(nominated)} đề nghị, {format_number(ballots)} "
            f"cuộc bỏ phiếu theo chỉ tiêu chung của “{quota_title}”. Rút đề nghị, hủy bỏ phiếu "
            "trước khi đặt chỉ tiêu riêng; cuộc đã kiểm phiếu thì giữ chỉ tiêu chung."
        )
    return ALLOWED


def may_remove_quota(
    place: Place, year: ClusterYear, *, nominated: int, withdrawn: int, ballots: int
) -> Verdict:
    """A quota is removed while nothing rests on it; what was withdrawn stays in the books too."""
    verdict = may_set_quotas(place, year)
    if verdict and (nominated or withdrawn or ballots):
        return deny(
            f"Không xóa được: đã có {format_number(nominated + withdrawn)} đề nghị và "
            f"{format_number(ballots)} cuộc bỏ phiếu theo chỉ tiêu này."
        )
    return verdict
