"""May this person do this to units, years and calendars? Each answer carries its reason."""

from clusters.acting import Acting
from clusters.models import Cluster, ClusterYear, YearStatus
from clusters.queries import Place
from core.policy import ALLOWED, Verdict, deny


def may_open_year(acting: Acting, cluster: Cluster) -> Verdict:
    """Only the body that organises a cluster opens its years."""
    if acting.is_organiser and cluster.organiser_id == acting.unit_id:
        return ALLOWED
    return deny(f"Chỉ cơ quan thường trực ({cluster.organiser.short_name}) mở được năm thi đua.")


def may_change_members(place: Place, cluster_year: ClusterYear) -> Verdict:
    """Members, lead and deputy are settled before the pledge circulates."""
    if not place.is_organiser:
        return deny("Chỉ cơ quan thường trực sửa được thành viên, theo quyết định.")
    if cluster_year.status not in (YearStatus.PREPARING, YearStatus.DRAFTING):
        return deny(
            "Thành viên đã chốt khi bắt đầu ký giao ước. Thay đổi sau đó cần quyết định kiện toàn "
            "và phụ lục giao ước."
        )
    return ALLOWED


def may_change_calendar(place: Place, cluster_year: ClusterYear) -> Verdict:
    """The organiser keeps the calendar until the year is archived."""
    if not place.is_organiser:
        return deny("Chỉ cơ quan thường trực sửa được lịch.")
    if cluster_year.status == YearStatus.ARCHIVED:
        return deny("Năm thi đua đã lưu trữ, lịch không sửa được nữa.")
    return ALLOWED


def may_extend(place: Place, cluster_year: ClusterYear) -> Verdict:
    """Extensions are the organiser's, with a reason, and seen by all."""
    if not place.is_organiser:
        return deny("Chỉ cơ quan thường trực gia hạn được cho đơn vị.")
    return may_change_calendar(place, cluster_year)
