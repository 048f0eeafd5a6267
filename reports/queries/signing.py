"""The signing: who signs in which order, what each signature is, and the file that is signed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from clusters.acting import Acting
from clusters.models import Appointment, ClusterYear, MemberRole, Role, SigningOrder
from core.canonical import sha256_of
from core.text import days_left, format_date, format_datetime, join_names
from pledges.models import (
    PaperKind,
    PledgeStatus,
    PledgeVersion,
    Signatory,
    SignatoryStatus,
    Signature,
)
from pledges.policies import Standing
from pledges.queries import pledges_with_names, standing_of, turn_of
from pledges.redline import Difference, compare
from reports.models import Document

SS = SignatoryStatus


@dataclass(frozen=True, slots=True)
class Place:
    """One place in the order of signatures, in words ready for the page."""

    order: int
    unit: str
    who: str
    what: str
    status: str
    is_mine: bool
    is_turn: bool


@dataclass(frozen=True, slots=True)
class SigningPage:
    """Everything the pages of the signing show."""

    standing: Standing
    places: list[Place]
    #: The place this person signs for; None for everybody else.
    mine: Signatory | None
    #: The pledge as a file, and the papers adopted beside it, in the print that is current.
    document: Document | None
    beside: list[Document]
    cells: list[dict[str, str]]
    signed: int
    order_word: str

    @property
    def total(self) -> int:
        """Count the places."""
        return len(self.places)

    @property
    def mark(self) -> str:
        """Return what changes whenever anything on the page changes."""
        files = [(d.pk, d.file_id) for d in [self.document, *self.beside] if d]
        states = [(p.order, p.status) for p in self.places]
        return sha256_of([self.standing.version.pk, self.standing.status.value, states, files])[:16]


def signing_page(year: ClusterYear, acting: Acting, today: date) -> SigningPage | None:
    """Work out the signing of a year for one person; None when nothing was frozen yet."""
    pledge = pledges_with_names().filter(cluster_year=year).first()
    if pledge is None or pledge.current is None or pledge.current.frozen_at is None:
        return None
    standing = standing_of(pledge, acting, today)
    signatories = list(
        standing.version.signatories.select_related("unit", "signature").order_by("order")
    )
    heads = _heads(signatories, today)
    documents = _documents(standing.version, acting)
    mine = _mine(signatories, acting) if acting.is_head else None
    sequential = year.signing_order == SigningOrder.SEQUENTIAL
    return SigningPage(
        standing=standing,
        places=_places(signatories, heads, mine, year),
        mine=mine,
        document=next((d for d in documents if d.code.paper == PaperKind.PLEDGE), None),
        beside=[d for d in documents if d.code.paper != PaperKind.PLEDGE],
        cells=_cells(standing, signatories, today),
        signed=sum(s.status == SS.SIGNED for s in signatories),
        order_word="lần lượt" if sequential else "cùng lúc",
    )


def _documents(version: PledgeVersion, acting: Acting) -> list[Document]:
    """Return the newest print of every paper of the version."""
    newest: dict[int, Document] = {}
    rows = (
        Document.objects.visible_to(acting)
        .filter(code__version=version)
        .select_related("file", "code")
        .defer("content")
        .order_by("code_id", "-revision")
    )
    for document in rows:
        newest.setdefault(document.code_id, document)
    return list(newest.values())


def _mine(signatories: Iterable[Signatory], acting: Acting) -> Signatory | None:
    """Return the place of the unit; the one whose turn it is when the unit has two."""
    places = [s for s in signatories if s.unit_id == acting.unit_id]
    return next((s for s in places if s.status == SS.INVITED), places[0] if places else None)


def _heads(signatories: Iterable[Signatory], today: date) -> dict[int, list[str]]:
    """Return who can sign for each unit today."""
    names: dict[int, list[str]] = {}
    appointments = (
        Appointment.objects.current(today)
        .filter(role=Role.HEAD, unit__in=[s.unit_id for s in signatories])
        .select_related("user")
        .order_by("pk")
    )
    for appointment in appointments:
        names.setdefault(appointment.unit_id or 0, []).append(appointment.user.display_name)
    return names


def _places(
    signatories: list[Signatory],
    heads: dict[int, list[str]],
    mine: Signatory | None,
    year: ClusterYear,
) -> list[Place]:
    waiting = [s for s in signatories if s.status == SS.WAITING_TURN]
    invited = [s for s in signatories if s.status == SS.INVITED]
    next_one = waiting[0].pk if waiting else None
    places = []
    for signatory in signatories:
        what = _signed_words(signature_of(signatory))
        if signatory.status == SS.DECLINED:
            what = f"Lý do: {signatory.decline_reason}"
        elif signatory.pk == next_one and invited:
            what = f"Báo ngay khi {join_names([s.unit.short_name for s in invited])} ký xong"
        places.append(
            Place(
                order=signatory.order,
                unit=signatory.unit.name,
                who=_who(signatory, heads.get(signatory.unit_id, []), year),
                what=what,
                status=signatory.status,
                is_mine=mine is not None and signatory.pk == mine.pk,
                is_turn=signatory.status == SS.INVITED,
            )
        )
    return places


def signature_of(signatory: Signatory) -> Signature | None:
    """Return the signature given at a place, None before."""
    found: Signature | None = getattr(signatory, "signature", None)
    return found


def _signed_words(signature: Signature | None) -> str:
    """Call the signature what it is, with its moment."""
    if signature is None:
        return ""
    late = f", muộn {signature.days_late} ngày" if signature.days_late else ""
    return f"{signature.get_kind_display()}, {format_datetime(signature.signed_at)}{late}"


def _who(signatory: Signatory, heads: list[str], year: ClusterYear) -> str:
    """Name the person: as signed, or who can sign by the appointments of today."""
    signature = signature_of(signatory)
    if signature:
        person = f"{signature.printed_rank} {signature.printed_name}".strip()
    else:
        person = " hoặc ".join(heads[:2]) or "chưa phân công lãnh đạo ký"
    position = f"{signatory.authority} {signatory.position}".strip()
    return " · ".join(
        part
        for part in (_role(signatory, year), ", ".join(filter(None, [position, person])))
        if part
    )


def _role(signatory: Signatory, year: ClusterYear) -> str:
    if signatory.role == Signatory.Role.WITNESS:
        return "Chứng kiến"
    titles = {
        MemberRole.LEAD.value: year.cluster.lead_title,
        MemberRole.DEPUTY.value: year.cluster.deputy_title,
    }
    return titles.get(signatory.member_role, "")


def _cells(standing: Standing, signatories: list[Signatory], today: date) -> list[dict[str, str]]:
    turn = turn_of(standing, [])
    signed = sum(s.status == SS.SIGNED for s in signatories)
    waits_for = turn.waits_for or standing.lead_name
    if standing.status is PledgeStatus.FROZEN:
        waits_for = f"{standing.lead_name} mở ký"
    cells = [
        {"caption": "Đang chờ", "fact": waits_for},
        {"caption": "Chữ ký", "fact": f"{signed}/{len(signatories)}"},
        {
            "caption": "Nội dung",
            "fact": f"Đã chốt, bản {standing.version.number}",
            "detail": "không ai sửa được nữa",
        },
    ]
    if turn.due:
        detail = days_left(turn.due, today)
        cells.append({"caption": "Hạn ký", "fact": format_date(turn.due), "detail": detail})
    return cells


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of the version somebody had on the screen, and how the present one differs."""

    sentence: str
    differences: list[Difference]


def changed_since(
    frozen_hash: str, page: SigningPage | None, year: ClusterYear, acting: Acting
) -> Changed:
    """Compare the frozen version that was read with the one that stands now."""
    read = (
        PledgeVersion.objects.visible_to(acting)
        .filter(pledge__cluster_year=year, frozen_hash=frozen_hash)
        .exclude(frozen_hash="")
        .first()
    )
    if read is None or read.frozen is None:
        return Changed("Bản bạn gửi kèm không phải bản đang ký nên chưa ghi nhận.", [])
    if page is None:
        refused = read.signatories.filter(status=SS.DECLINED).select_related("unit").first()
        why = f" vì {refused.unit.name} từ chối ký" if refused else ""
        now_is = "Đơn vị trưởng đang soạn bản mới."
        return Changed(f"Bản {read.number} bạn đọc đã hết giá trị{why}. {now_is}", [])
    number = page.standing.version.number
    sentence = (
        f"Bản {read.number} bạn đọc đã được thay bằng bản {number} nên chưa ghi nhận. "
        f"Đọc bản {number} và phần khác biệt dưới đây rồi quyết định lại."
    )
    return Changed(sentence, compare(_content(read), _content(page.standing.version)))


def _content(version: PledgeVersion) -> dict[str, Any]:
    content: dict[str, Any] = version.signed_content["content"]
    return content


def last_refusal(year: ClusterYear) -> Signatory | None:
    """Return who ended the last signing of the year, so that its page can say so."""
    refusals = Signatory.objects.filter(
        version__pledge__cluster_year=year, status=SS.DECLINED
    ).select_related("unit", "version")
    return refusals.order_by("-declined_at").first()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the person who signed or declined takes away: what was recorded, and what follows."""

    signatory: Signatory
    signature: Signature | None
    title: str
    next_step: str
    signed: int
    total: int
    document: Document | None


def receipt_of(signatory: Signatory, acting: Acting) -> Receipt:
    """Say what was recorded at a place of signing and who has it now."""
    version = signatory.version
    others = list(version.signatories.select_related("unit").order_by("order"))
    documents = _documents(version, acting)
    return Receipt(
        signatory=signatory,
        signature=signature_of(signatory),
        title=_receipt_title(signatory),
        next_step=_next_step(signatory, others),
        signed=sum(s.status == SS.SIGNED for s in others),
        total=len(others),
        document=next((d for d in documents if d.code.paper == PaperKind.PLEDGE), None),
    )


def _receipt_title(signatory: Signatory) -> str:
    signature = signature_of(signatory)
    if signature:
        return f"{signatory.unit.name} đã ký lúc {format_datetime(signature.signed_at)}"
    moment = format_datetime(signatory.declined_at) if signatory.declined_at else ""
    return f"{signatory.unit.name} đã từ chối ký lúc {moment}"


def _next_step(signatory: Signatory, others: list[Signatory]) -> str:
    if signatory.status == SS.DECLINED:
        return (
            "Việc ký bản này đã dừng, các đơn vị đã được báo. Đơn vị trưởng lập bản mới; "
            "các đơn vị cho ý kiến lại từ đầu."
        )
    invited = [s.unit.short_name for s in others if s.status == SS.INVITED]
    if invited:
        return f"Tiếp theo: {join_names(invited)}."
    if all(s.status == SS.SIGNED for s in others):
        return (
            "Đã đủ chữ ký. Bản đã ký đang được dựng và niêm phong, "
            "có trong Trung tâm in sau ít phút."
        )
    return "Việc ký bản này đã dừng vì một đơn vị từ chối ký."
