"""May this person object, send, withdraw, decide? Each answer with its reason.

A unit objects to its own provisional result while objections are taken; the organiser decides, and
never on the unit it belongs to. Drafts are the unit's own and bind nobody. What was written is read
as `Objection.objects.visible_to` says; number, unit, criterion and outcome by whoever reads the
points of the unit (`policies.openness`).
"""

from dataclasses import dataclass
from datetime import date

from clusters.calendar import Window, is_open
from clusters.models import ClusterYear, YearStatus
from clusters.policies import Bench, Place
from core.policy import ALLOWED, Verdict, deny, first_denial
from scoring.models import Objection, ObjectionStatus, Publication

OS = ObjectionStatus
#: States of the year in which a provisional result stands and may still change.
OPEN_YEAR = (YearStatus.PROVISIONAL, YearStatus.OBJECTIONS)


@dataclass(frozen=True, slots=True)
class ObjectionStanding:
    """Everything a rule about objections asks."""

    #: Of the unit that objects.
    bench: Bench
    year: ClusterYear
    today: date
    #: The newest provisional publication, and until when this unit may object to it.
    provisional: Publication | None
    window: Window | None
    objection: Objection | None = None
    #: Whether the final figure of the line can be changed now (`may_settle` of its sheet).
    settling: Verdict = ALLOWED

    @property
    def place(self) -> Place:
        """Return the place of who asks."""
        return self.bench.place

    @property
    def status(self) -> ObjectionStatus:
        """Return the state; what nobody has written yet is a draft."""
        return OS(self.objection.status) if self.objection else OS.DRAFT


def may_write(standing: ObjectionStanding) -> Verdict:
    """Officer and head of the unit begin an objection while objections are taken."""
    return first_denial(_is_own(standing), _is_taken(standing))


def may_edit(standing: ObjectionStanding) -> Verdict:
    """A draft is worked on as long as it may still be sent by an extension; nothing sent is."""
    return first_denial(_is_own(standing), _in(standing, OS.DRAFT), _year_is_open(standing))


def may_hand_over(standing: ObjectionStanding) -> Verdict:
    """The officer lays a draft before the head."""
    if not standing.place.acting.is_officer:
        return deny("Cán bộ trình; lãnh đạo đơn vị gửi trực tiếp.")
    return first_denial(may_edit(standing), _is_taken(standing))


def may_send(standing: ObjectionStanding) -> Verdict:
    """The head sends, until the last day; what is late stays a draft."""
    return first_denial(
        _is_own(standing), _by_head(standing, "gửi"), _in(standing, OS.DRAFT), _is_taken(standing)
    )


def may_discard(standing: ObjectionStanding) -> Verdict:
    """The unit drops a draft that it does not want to send."""
    return may_edit(standing)


def may_withdraw(standing: ObjectionStanding) -> Verdict:
    """The head takes back what was sent, until it is decided."""
    return first_denial(
        _is_own(standing), _by_head(standing, "rút"), _in(standing, OS.SENT),
        _year_is_open(standing),
    )  # fmt: skip


def may_decide(standing: ObjectionStanding) -> Verdict:
    """The organiser decides what was sent, never of the own unit."""
    if not standing.place.is_organiser:
        return deny(f"{standing.bench.organiser_name} quyết định các kiến nghị.")
    if standing.bench.is_own:
        return deny("Không ai quyết định kiến nghị của đơn vị mình.")
    return first_denial(_in(standing, OS.SENT), _year_is_open(standing))


def may_accept(standing: ObjectionStanding) -> Verdict:
    """Accepting changes the final figure of the line, so that the sheet has to be approved."""
    return first_denial(may_decide(standing), standing.settling)


def _is_own(standing: ObjectionStanding) -> Verdict:
    place = standing.place
    works = place.is_member_officer or place.is_member_head
    if works and place.acting.unit_id == standing.bench.unit_id:
        return ALLOWED
    return deny("Cán bộ, lãnh đạo đơn vị thành viên kiến nghị về kết quả của đơn vị mình.")


def _by_head(standing: ObjectionStanding, verb: str) -> Verdict:
    if standing.place.acting.is_head:
        return ALLOWED
    return deny(f"Lãnh đạo đơn vị {verb} kiến nghị; cán bộ soạn và trình lãnh đạo.")


def _in(standing: ObjectionStanding, wanted: ObjectionStatus) -> Verdict:
    return ALLOWED if standing.status is wanted else deny(_with_whom(standing))


def _is_taken(standing: ObjectionStanding) -> Verdict:
    """Whether the unit's time for objections is open today."""
    opened = _year_is_open(standing)
    if not opened or standing.window is None:
        return opened
    return is_open(standing.window, standing.today)


def _year_is_open(standing: ObjectionStanding) -> Verdict:
    if standing.year.status in (YearStatus.PUBLISHED, YearStatus.ARCHIVED):
        return deny("Kết quả đã công bố chính thức nên không nhận, không quyết định kiến nghị nữa.")
    if standing.year.status not in OPEN_YEAR or standing.provisional is None:
        return deny("Kiến nghị được nhận sau khi công bố điểm tạm tính.")
    return ALLOWED


def _with_whom(standing: ObjectionStanding) -> str:
    """Say where the objection is now, and who has it."""
    bench, row = standing.bench, standing.objection
    number = f"Kiến nghị số {row.number}" if row and row.number else "Kiến nghị"
    return {
        OS.DRAFT: f"{bench.unit_name} đang soạn kiến nghị, chưa gửi.",
        OS.SENT: f"{number} đã gửi, chờ {bench.organiser_name} quyết định.",
        OS.ACCEPTED: f"{number} đã được {bench.organiser_name} chấp nhận.",
        OS.REJECTED: f"{number} đã được {bench.organiser_name} trả lời: không chấp nhận.",
        OS.WITHDRAWN: f"{bench.unit_name} đã rút {number.lower()}.",
    }[standing.status]
