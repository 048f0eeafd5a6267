"""May this person draw lots, write findings, submit them, answer them? Each with its reason."""

from dataclasses import dataclass
from datetime import date

from clusters.models import ClusterYear, Unit, YearStatus
from clusters.policies import Place
from core.policy import ALLOWED, Verdict, deny, first_denial
from core.text import join_names
from scoring.lot import fault_of
from scoring.models import Draw, Inspection, InspectionStatus

IS = InspectionStatus
#: States of the year in which lots are drawn: from the signed pledge until sheets are appraised.
DRAWN = (YearStatus.RUNNING, YearStatus.MIDYEAR, YearStatus.YEAREND, YearStatus.APPRAISING)
#: States in which teams write and units answer: until the official result.
OPEN_YEAR = (*DRAWN, YearStatus.PROVISIONAL, YearStatus.OBJECTIONS)


@dataclass(frozen=True, slots=True)
class DrawStanding:
    """Everything a rule about drawing lots asks."""

    place: Place
    year: ClusterYear
    #: Units that take part: members that exist today.
    units: tuple[Unit, ...]
    has_table: bool
    #: The drawing that stands, and how many of its minutes were submitted.
    draw: Draw | None = None
    submitted: int = 0


@dataclass(frozen=True, slots=True)
class InspectionStanding:
    """Everything a rule about one inspection asks."""

    place: Place
    inspection: Inspection
    year: ClusterYear
    #: The team in its order; the first heads it.
    team: tuple[Unit, ...]
    #: Units under which the person holds any current appointment.
    own_units: frozenset[int]
    today: date

    @property
    def status(self) -> InspectionStatus:
        """Return the state of the inspection."""
        return InspectionStatus(self.inspection.status)

    @property
    def unit_name(self) -> str:
        """Return the inspected unit as pages name it."""
        return self.inspection.unit.short_name

    @property
    def is_inspected(self) -> bool:
        """Whether the person acts for, or is appointed to, the unit that is inspected."""
        unit = self.inspection.unit_id
        return unit in self.own_units or unit == self.place.acting.unit_id

    @property
    def is_of_team(self) -> bool:
        """Whether the person acts as officer or head of a unit of the team."""
        acting = self.place.acting
        of_team = acting.unit_id in [unit.pk for unit in self.team]
        return of_team and (acting.is_officer or acting.is_head)


def may_draw(standing: DrawStanding) -> Verdict:
    """The organiser and the lead draw, once; a fair drawing needs at least three units."""
    keeps = _keeps(standing)
    if not keeps:
        return keeps
    if standing.draw is not None:
        return deny(
            f"Kết quả bốc thăm lần {standing.draw.number} đang có hiệu lực. "
            "Chỉ bốc thăm lại sau khi hủy kết quả này, có lý do."
        )
    if standing.year.status not in DRAWN:
        return deny("Bốc thăm kiểm tra chéo từ khi giao ước đã ký đến hết thời gian thẩm định.")
    if not standing.has_table:
        return deny("Chưa có bảng tiêu chí đang dùng để kiểm tra theo từng tiêu chí.")
    fault = fault_of(len(standing.units), 1)
    return deny(fault) if fault else ALLOWED


def may_cancel(standing: DrawStanding) -> Verdict:
    """A drawing is cancelled with a reason while no team has submitted what it found."""
    keeps = _keeps(standing)
    if not keeps:
        return keeps
    if standing.draw is None:
        return deny("Không có kết quả bốc thăm nào đang có hiệu lực.")
    if standing.submitted:
        return deny(
            f"Đã có {standing.submitted} biên bản kiểm tra được gửi "
            "nên kết quả bốc thăm giữ nguyên."
        )
    return ALLOWED


def may_write(standing: InspectionStanding) -> Verdict:
    """People of the team write until it is submitted; nobody of the inspected unit ever does."""
    if standing.is_inspected:
        return deny(
            f"Bạn có chức trách ở {standing.unit_name} nên không ghi vào biên bản này: "
            "không ai kiểm tra đơn vị của chính mình."
        )
    if not standing.is_of_team:
        names = join_names([unit.short_name for unit in standing.team])
        return deny(f"Cán bộ, lãnh đạo {names} kiểm tra và ghi biên bản này.")
    if standing.status is not IS.OPEN:
        return deny(_closed(standing))
    return first_denial(_stands(standing), _year_is_open(standing))


def may_submit(standing: InspectionStanding) -> Verdict:
    """The head of the first unit of the team submits what is dated and summed up."""
    written = may_write(standing)
    if not written:
        return written
    first, acting = standing.team[0], standing.place.acting
    if not (acting.is_head and acting.unit_id == first.pk):
        return deny(f"Lãnh đạo {first.short_name}, đơn vị đứng đầu tổ, gửi biên bản.")
    row = standing.inspection
    if row.inspected_on is None or not row.summary:
        return deny("Ghi ngày kiểm tra và nhận xét chung trước khi gửi biên bản.")
    return ALLOWED


def may_answer(standing: InspectionStanding) -> Verdict:
    """The head of the inspected unit answers what was submitted, once."""
    if standing.status is IS.OPEN:
        return deny("Tổ kiểm tra chưa gửi biên bản nên chưa có gì để trả lời.")
    if standing.status is IS.ANSWERED:
        return deny(_closed(standing))
    acting = standing.place.acting
    if not (acting.is_head and acting.unit_id == standing.inspection.unit_id):
        return deny(f"Lãnh đạo {standing.unit_name} trả lời biên bản này.")
    return first_denial(_stands(standing), _year_is_open(standing))


def _keeps(standing: DrawStanding) -> Verdict:
    place = standing.place
    leads = place.is_lead and (place.acting.is_officer or place.acting.is_head)
    if place.is_organiser or leads:
        return ALLOWED
    return deny(
        f"Cơ quan thường trực hoặc {standing.year.cluster.lead_title} bốc thăm kiểm tra chéo."
    )


def _closed(standing: InspectionStanding) -> str:
    if standing.status is IS.SUBMITTED:
        return f"Biên bản đã gửi, không sửa được nữa; chờ {standing.unit_name} trả lời."
    return f"{standing.unit_name} đã trả lời, biên bản không đổi được nữa."


def _stands(standing: InspectionStanding) -> Verdict:
    cancelled = standing.inspection.draw.cancelled_at
    if cancelled is None:
        return ALLOWED
    return deny("Kết quả bốc thăm này đã hủy, biên bản chỉ còn để đọc.")


def _year_is_open(standing: InspectionStanding) -> Verdict:
    if standing.year.status in OPEN_YEAR:
        return ALLOWED
    return deny("Kết quả năm đã công bố chính thức, biên bản kiểm tra không đổi được nữa.")


def is_late(draw: Draw, day: date) -> int:
    """Return by how many days minutes that are submitted on a day are late; 0 in time."""
    return max(0, (day - draw.due_on).days)
