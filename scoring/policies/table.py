"""May this person choose or change a criteria table? Each answer carries its reason."""

from clusters.policies import Place
from core.policy import ALLOWED, Verdict, deny
from scoring.models import CriteriaTable


def may_choose_table(place: Place, table: CriteriaTable | None) -> Verdict:
    """The organiser or the lead chooses the table until it is in use (feature 119)."""
    if not (place.is_organiser or place.is_lead):
        return deny("Cơ quan thường trực hoặc đơn vị trưởng chọn bảng tiêu chí.")
    if table is not None and table.status != CriteriaTable.Status.DRAFT:
        return deny(
            "Bảng tiêu chí đã thông qua cùng giao ước nên không thay được; "
            "thay đổi là một phiên bản mới, được các đơn vị thống nhất."
        )
    return ALLOWED
