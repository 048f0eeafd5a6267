"""May this person put a file forward, or take it back? Each answer carries its reason."""

from collections.abc import Sequence
from typing import Final

from clusters.models import ClusterYear, YearStatus
from clusters.policies import Place
from core.policy import ALLOWED, Verdict, deny
from core.text import join_names
from scoring.models import Evidence

Y = YearStatus
_BEFORE: Final = frozenset({Y.PREPARING, Y.DRAFTING, Y.SIGNING})
_AFTER: Final = frozenset({Y.PUBLISHED, Y.ARCHIVED})


def may_add_evidence(place: Place, year: ClusterYear) -> Verdict:
    """Officer and head of a member unit, from the signed pledge until the result is published."""
    if not (place.is_member_officer or place.is_member_head):
        return deny("Cán bộ hoặc lãnh đạo của đơn vị thành viên đưa minh chứng của đơn vị mình.")
    return _while_it_runs(year)


def may_withdraw_evidence(
    place: Place, year: ClusterYear, evidence: Evidence, submitted: Sequence[str]
) -> Verdict:
    """A unit takes back its own file while nothing it has submitted rests on it.

    `submitted` names what was submitted with this file.
    """
    if evidence.unit_id != place.acting.unit_id or not (
        place.is_member_officer or place.is_member_head
    ):
        return deny("Chỉ đơn vị đã đưa tệp này lên rút được.")
    if evidence.withdrawn_at is not None:
        return deny("Tệp này đã được rút.")
    if submitted:
        return deny(f"Tệp này đã nộp cùng {join_names(submitted)} nên không rút được nữa.")
    return _while_it_runs(year)


def may_judge_evidence(place: Place) -> bool:
    """Whether this person reads the files of other units: lead, deputy and organiser."""
    return place.is_lead or place.is_deputy or place.is_organiser


def _while_it_runs(year: ClusterYear) -> Verdict:
    if year.status in _BEFORE:
        return deny("Kho minh chứng mở khi giao ước đã ký xong và năm thi đua bắt đầu thực hiện.")
    if year.status in _AFTER:
        return deny("Kết quả năm thi đua đã công bố, kho minh chứng không thay đổi nữa.")
    return ALLOWED
