"""May this person try other figures? With the reason."""

from clusters.policies import Place
from core.policy import ALLOWED, Verdict, deny


def may_try(place: Place, *, is_ready: bool) -> Verdict:
    """Members try figures of their own unit once its pledge and its criteria table stand."""
    if place.membership is None or not (place.acting.is_officer or place.acting.is_head):
        return deny("Cán bộ, lãnh đạo đơn vị thành viên thử số liệu của đơn vị mình.")
    if not is_ready:
        return deny(
            "Chưa thử được: giao ước chưa chốt để ký hoặc năm này không dùng bảng tiêu chí chấm "
            "điểm."
        )
    return ALLOWED
