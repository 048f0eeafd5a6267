"""May this person do this to units, years and calendars? Each answer carries its reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from clusters.acting import Acting
from clusters.models import (
    Appointment,
    Cluster,
    ClusterYear,
    MemberRole,
    Membership,
    Role,
    YearStatus,
)
from core.audit import Actor
from core.policy import ALLOWED, Verdict, deny
from core.text import join_names


@dataclass(frozen=True, slots=True)
class Place:
    """The place of an acting person in one cluster year; everything falsy for a stranger."""

    acting: Acting
    membership: Membership | None = None
    is_organiser: bool = False

    def __bool__(self) -> bool:
        """Whether there is a place at all."""
        return self.membership is not None or self.is_organiser

    @property
    def is_lead(self) -> bool:
        """Whether the unit leads the cluster this year."""
        return self.membership is not None and self.membership.role == MemberRole.LEAD

    @property
    def is_deputy(self) -> bool:
        """Whether the unit is the deputy this year."""
        return self.membership is not None and self.membership.role == MemberRole.DEPUTY

    @property
    def is_member_officer(self) -> bool:
        """Whether this is the officer of a member unit."""
        return self.membership is not None and self.acting.is_officer

    @property
    def is_member_head(self) -> bool:
        """Whether this is the head of a member unit."""
        return self.membership is not None and self.acting.is_head


def may_change_code(uses: Sequence[str]) -> Verdict:
    """A unit keeps its code once something that never changes again knows the unit by it."""
    known = join_names(uses)
    if known:
        return deny(
            f"Mã này đã ghi trong {known} nên không đổi được: đổi mã thì không còn đối chiếu được "
            "với những gì đã lưu. Tên đơn vị vẫn sửa được."
        )
    return ALLOWED


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


def may_change_openness(place: Place, cluster_year: ClusterYear) -> Verdict:
    """How far members read each other's points is the organiser's to say until the final result."""
    if not place.is_organiser:
        return deny("Chỉ cơ quan thường trực đổi được quy tắc công khai điểm.")
    if cluster_year.status in (YearStatus.PUBLISHED, YearStatus.ARCHIVED):
        return deny("Kết quả đã công bố chính thức nên quy tắc công khai điểm giữ nguyên.")
    return ALLOWED


def may_extend(place: Place, cluster_year: ClusterYear) -> Verdict:
    """Extensions are the organiser's, with a reason, and seen by all."""
    if not place.is_organiser:
        return deny("Chỉ cơ quan thường trực gia hạn được cho đơn vị.")
    return may_change_calendar(place, cluster_year)


def may_archive(place: Place, cluster_year: ClusterYear) -> Verdict:
    """The organiser closes a year whose result is published."""
    if not place.is_organiser:
        return deny("Chỉ cơ quan thường trực lưu trữ được năm thi đua.")
    if cluster_year.status == YearStatus.ARCHIVED:
        return deny("Năm thi đua đã lưu trữ.")
    if cluster_year.status != YearStatus.PUBLISHED:
        return deny("Chỉ lưu trữ sau khi công bố kết quả chính thức.")
    return ALLOWED


@dataclass(frozen=True, slots=True)
class Bench:
    """Who judges the work of one unit, and who asks (product.md §5.5).

    The lead judges the other members; the lead's own work goes to the deputy, and where there is
    none to the organiser. Nobody judges a unit under which they act or are appointed.
    """

    place: Place
    unit_id: int
    unit_name: str
    #: The unit that judges; None is the organiser.
    judge: Membership | None
    #: Units under which the person holds any current appointment.
    own_units: frozenset[int]
    organiser_name: str
    lead_title: str
    deputy_title: str

    @property
    def judge_name(self) -> str:
        """Return who judges, by name."""
        return self.judge.unit.short_name if self.judge else self.organiser_name

    @property
    def is_own(self) -> bool:
        """Whether the person would judge the unit acted for or appointed to."""
        return self.unit_id in self.own_units or self.unit_id == self.place.acting.unit_id


def may_judge(bench: Bench) -> Verdict:
    """Say whether this person is the one to accept, return or appraise the unit's work."""
    acting = bench.place.acting
    if bench.is_own:
        who = "cơ quan thường trực" if bench.judge is None else bench.judge_name
        return deny(
            f"Phần của {bench.unit_name} do {who} xem xét, "
            "vì không ai xem xét, chấm điểm đơn vị của chính mình."
        )
    if bench.judge is None:
        if bench.place.is_organiser:
            return ALLOWED
        return deny(f"Phần của {bench.unit_name} do {bench.organiser_name} xem xét.")
    if acting.unit_id == bench.judge.unit_id and (acting.is_officer or acting.is_head):
        return ALLOWED
    return deny(f"Phần của {bench.unit_name} do {bench.judge_name} xem xét.")


NO_ADMINISTRATOR = (
    "Đây là người quản trị hệ thống cuối cùng. Phân công người khác làm quản trị trước, "
    "nếu không sẽ không còn ai quản lý được tài khoản."
)


def may_deactivate(by: Actor, user: User, others_administer: bool) -> Verdict:  # noqa: FBT001
    """Nobody locks oneself out, nor the installation."""
    if user.pk == by.actor_id:
        return deny("Bạn không tự ngừng tài khoản của mình được. Một quản trị khác làm việc này.")
    return ALLOWED if others_administer else deny(NO_ADMINISTRATOR)


def may_end_appointment(appointment: Appointment, others_administer: bool) -> Verdict:  # noqa: FBT001
    """The installation keeps somebody who administers it."""
    if appointment.role == Role.ADMINISTRATOR and not others_administer:
        return deny(NO_ADMINISTRATOR)
    return ALLOWED
