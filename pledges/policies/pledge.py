"""May this person do this to the pledge now? One small question per function, each with its reason.

A policy reads what it is given and asks the database nothing: `pledges.queries.standing_of` gathers
the facts once, and the page, the refusal and the transition all ask with the same facts.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from clusters.calendar import Window, is_open
from clusters.models import YearStatus
from clusters.policies import Place
from core.policy import ALLOWED, Verdict, deny, first_denial
from pledges.models import Pledge, PledgeStatus, PledgeVersion, Signatory, SignatoryStatus

P = PledgeStatus


class Lack(StrEnum):
    """What kind of thing a draft lacks; the page leads to where it is mended."""

    BASES = "BASES"
    CONTENT = "CONTENT"
    TARGETS = "TARGETS"
    LEVELS = "LEVELS"
    CRITERIA = "CRITERIA"
    SIGNATORIES = "SIGNATORIES"
    PAPERS = "PAPERS"
    TABLE = "TABLE"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something a draft lacks before it can go out to the units, in words."""

    lack: Lack
    text: str
    #: Key of the target concerned, where it is about one.
    key: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything a rule about a pledge asks: who, in which state, by which calendar."""

    place: Place
    pledge: Pledge
    version: PledgeVersion
    drafting: Window | None
    signing: Window | None
    today: date
    #: A frozen version was declined: its revision may be written while signing is open.
    was_declined: bool
    #: What keeps the version from being circulated.
    missing: tuple[Gap, ...] = ()
    lead_name: str = ""

    @property
    def status(self) -> PledgeStatus:
        """Return the state of the pledge."""
        return PledgeStatus(self.pledge.status)


def drafting_is_open(standing: Standing) -> Verdict:
    """Drafting, comments and consents follow the drafting stage and the conference that ends it.

    At the conference the draft is discussed, agreed and signed in one sitting (seed 003), so the
    days set for signing take them too; what is signed late does not, unless a unit declined and
    the next version must be written.
    """
    if standing.drafting is None:
        return deny("Lịch năm chưa có giai đoạn dự thảo. Cơ quan thường trực lập lịch.")
    verdict = is_open(standing.drafting, standing.today)
    if verdict or standing.signing is None:
        return verdict
    late = standing.was_declined and standing.signing.late_accepted
    conference = replace(standing.signing, late_accepted=late)
    return ALLOWED if is_open(conference, standing.today) else verdict


def signing_is_open(standing: Standing) -> Verdict:
    """Signing follows the signing stage; late signatures are taken when the stage says so."""
    if standing.signing is None:
        return deny("Lịch năm chưa có giai đoạn ký. Cơ quan thường trực lập lịch.")
    return is_open(standing.signing, standing.today)


def may_start(place: Place, lead_name: str, drafting: Window | None, today: date) -> Verdict:
    """The lead's people begin the draft when the drafting stage opens."""
    if not _writes_for_lead(place):
        return deny(f"Chỉ cán bộ, lãnh đạo đơn vị trưởng ({lead_name}) soạn giao ước.")
    if drafting is None:
        return deny("Lịch năm chưa có giai đoạn dự thảo. Cơ quan thường trực lập lịch.")
    return is_open(drafting, today)


def may_edit(standing: Standing) -> Verdict:
    """The lead's people write while the version is a draft and the drafting stage is open."""
    return first_denial(_is_writer(standing), _is_draft(standing), drafting_is_open(standing))


def may_circulate(standing: Standing) -> Verdict:
    """A complete draft goes out to the units."""
    return first_denial(
        may_edit(standing),
        deny("Chưa thể gửi góp ý: " + "; ".join(map(str, standing.missing)) + ".")
        if standing.missing
        else ALLOWED,
    )


def may_revise(standing: Standing) -> Verdict:
    """A change after circulation is a new version; the consents to the old one end."""
    if standing.status is P.DRAFT:
        return deny(f"Bản {standing.version.number} đang soạn, chưa gửi góp ý nên sửa trực tiếp.")
    if standing.status not in (P.CIRCULATED, P.AGREED):
        return deny(_closed_sentence(standing))
    return first_denial(_is_writer(standing), drafting_is_open(standing))


def may_comment(standing: Standing) -> Verdict:
    """Every member unit may speak while a version circulates."""
    if not (standing.place.is_member_officer or standing.place.is_member_head):
        return deny("Cán bộ và lãnh đạo các đơn vị thành viên góp ý; bạn đang xem.")
    if standing.status not in (P.CIRCULATED, P.AGREED):
        return deny(_not_circulating_sentence(standing))
    return drafting_is_open(standing)


def may_answer(standing: Standing) -> Verdict:
    """The lead answers what units say, also while it writes the next version."""
    if standing.status not in (P.DRAFT, P.CIRCULATED, P.AGREED):
        return deny(_closed_sentence(standing))
    return first_denial(_is_writer(standing), drafting_is_open(standing))


def may_consent(standing: Standing) -> Verdict:
    """The head of a member unit gives the unit's word on the version that circulates."""
    if not standing.place.is_member_head:
        return deny("Lãnh đạo đơn vị thành viên cho ý kiến thống nhất hoặc chưa thống nhất.")
    if standing.status not in (P.CIRCULATED, P.AGREED):
        return deny(_not_circulating_sentence(standing))
    return drafting_is_open(standing)


def may_freeze(standing: Standing, waiting: list[str]) -> Verdict:
    """With all consents the lead freezes; `waiting` names the units without a consent."""
    if standing.status in (P.FROZEN, P.SIGNING, P.SIGNED):
        return deny(_closed_sentence(standing))
    writer = _is_writer(standing)
    if not writer:
        return writer
    if standing.status is P.DRAFT:
        return deny(f"Chưa thể chốt: bản {standing.version.number} chưa gửi góp ý.")
    if waiting:
        return deny(
            f"Chưa thể chốt: còn {len(waiting)} đơn vị chưa thống nhất là {', '.join(waiting)}."
        )
    if standing.status is not P.AGREED:
        return deny("Chưa thể chốt: chưa đủ ý kiến thống nhất.")
    return ALLOWED


def may_open_signing(standing: Standing) -> Verdict:
    """The lead invites the heads to sign once the version is frozen and the stage is open."""
    writer = _is_writer(standing)
    if not writer:
        return writer
    if standing.status is P.SIGNING:
        return deny("Lễ ký đã mở, đang chờ các đơn vị ký.")
    if standing.status is not P.FROZEN:
        return deny("Chỉ mở ký khi giao ước đã chốt.")
    return signing_is_open(standing)


def may_sign(standing: Standing, signatory: Signatory) -> Verdict:
    """The head of the signatory's unit signs in turn."""
    acting = standing.place.acting
    if not acting.is_head or acting.unit_id != signatory.unit_id:
        return deny(
            f"Lãnh đạo {signatory.unit.name} ký; đăng nhập bằng tài khoản của lãnh đạo đơn vị."
        )
    if standing.status is not P.SIGNING:
        return deny(_signing_sentence(standing))
    return first_denial(_is_invited(signatory), signing_is_open(standing))


def may_decline(standing: Standing, signatory: Signatory) -> Verdict:
    """Whoever is invited to sign may decline instead, with a reason."""
    return may_sign(standing, signatory)


def _writes_for_lead(place: Place) -> bool:
    return place.is_lead and (place.acting.is_officer or place.acting.is_head)


def _is_writer(standing: Standing) -> Verdict:
    if _writes_for_lead(standing.place):
        return ALLOWED
    return deny(f"Chỉ cán bộ, lãnh đạo đơn vị trưởng ({standing.lead_name}) làm được việc này.")


def _is_draft(standing: Standing) -> Verdict:
    if standing.status is P.DRAFT and standing.version.is_draft:
        return ALLOWED
    if standing.status in (P.CIRCULATED, P.AGREED):
        return deny(
            f"Bản {standing.version.number} đã gửi góp ý nên không sửa trực tiếp. "
            "Đơn vị trưởng lập bản mới; các ý kiến thống nhất sẽ lấy lại."
        )
    return deny(_closed_sentence(standing))


def _is_invited(signatory: Signatory) -> Verdict:
    sentences = {
        SignatoryStatus.WAITING_TURN: "Chưa đến lượt ký. Hệ thống báo ngay khi đến lượt.",
        SignatoryStatus.SIGNED: f"{signatory.unit.name} đã ký.",
        SignatoryStatus.DECLINED: f"{signatory.unit.name} đã từ chối ký bản này.",
        SignatoryStatus.REPLACED: "Người ký đã được thay, theo văn bản kèm theo.",
    }
    status = SignatoryStatus(signatory.status)
    return ALLOWED if status is SignatoryStatus.INVITED else deny(sentences[status])


def _closed_sentence(standing: Standing) -> str:
    if standing.status is P.SIGNED:
        return "Giao ước đã ký. Muốn thay đổi, đơn vị trưởng lập phụ lục để tất cả đơn vị cùng ký."
    return (
        f"Bản {standing.version.number} đã chốt để ký, không ai sửa được nữa. "
        "Chỉ khi một đơn vị từ chối ký và nêu lý do thì mới lập bản mới."
    )


def _not_circulating_sentence(standing: Standing) -> str:
    if standing.status is P.DRAFT:
        return f"Bản {standing.version.number} đang được {standing.lead_name} soạn, chưa gửi góp ý."
    return _closed_sentence(standing)


def _signing_sentence(standing: Standing) -> str:
    if standing.status is P.SIGNED:
        return "Giao ước đã ký đủ."
    if standing.status is P.FROZEN:
        return f"Giao ước đã chốt; {standing.lead_name} chưa mở ký."
    return "Giao ước chưa chốt nên chưa ký được."


#: The stages of the calendar that rules of this module ask for.
STAGES = (YearStatus.DRAFTING, YearStatus.SIGNING)
