"""What the public verification page answers about a code: facts printed on the paper, and no more.

A code nobody printed and a text that is no code get the same answer, so that nothing can be learnt
by trying. Who holds a paper may know everything the paper says, and whether it still stands.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.text import format_date_long, format_datetime
from pledges.models import PledgeVersion, Signatory
from reports import storage
from reports.codes import parse_code
from reports.models import Document, VerifyCode
from reports.render.words import day, moment
from reports.seal import SealReport, check_seal


class Standing(StrEnum):
    """How a paper stands."""

    VALID = "VALID"
    TO_SIGN = "TO_SIGN"
    WITHDRAWN = "WITHDRAWN"
    DAMAGED = "DAMAGED"


@dataclass(frozen=True, slots=True)
class Signed:
    """One place of the signatures: who, as what, in which way, when."""

    unit: str
    role: str
    person: str
    kind: str
    at: datetime | None
    days_late: int = 0

    @property
    def when(self) -> str:
        """Return the time in words, or that it is still missing."""
        return format_datetime(self.at) if self.at else "chưa ký"


@dataclass(frozen=True, slots=True)
class Finding:
    """A paper that was found, in words ready for the page."""

    code: str
    standing: Standing
    sentence: str
    title: str
    number: str
    dated: str
    issuer: str
    organiser: str
    version: int
    issued_at: datetime
    signatures: list[Signed]
    demonstration: bool
    #: Of the file that was issued last; empty while it is being made.
    sha256: str = ""
    pages: int | None = None
    size: int | None = None
    frozen_hash: str = ""
    seal: SealReport | None = None
    #: Of the print that was read and signed, so that whoever holds that one is told what it is.
    earlier_sha256: str = ""

    @property
    def signed_count(self) -> int:
        """Count the signatures that were given."""
        return sum(signature.at is not None for signature in self.signatures)


def look_up(typed: str) -> Finding | None:
    """Answer for a code as typed; None for whatever is not a code of ours."""
    code = parse_code(typed)
    if code is None:
        return None
    found = VerifyCode.objects.filter(code=code).select_related("version").first()
    if found is None:
        return None
    prints = list(found.documents.select_related("file").order_by("revision"))
    if not prints or found.version is None:
        return None
    return _finding(found, found.version, prints)


def says_of_file(finding: Finding, sha256: str) -> tuple[bool, str]:
    """Say of a file, by its hash, whether it is the paper that this code was printed on."""
    if finding.sha256 and sha256 == finding.sha256:
        return True, "Khớp: đây đúng là tệp hệ thống đã phát hành, từng byte một."
    if finding.earlier_sha256 and sha256 == finding.earlier_sha256:
        return False, "Đây là bản trình ký của văn bản này, không phải bản đã ký phát hành sau đó."
    return (
        False,
        "Không khớp: tệp này không phải tệp hệ thống đã phát hành, hoặc đã bị sửa sau khi tải về.",
    )


def _finding(code: VerifyCode, version: PledgeVersion, prints: list[Document]) -> Finding:
    document = prints[-1]
    content = document.content
    frozen, cluster = content["frozen"], content["frozen"]["cluster"]
    signatures = _signatures(version, content)
    seal, damaged = _seal_of(document)
    standing = _standing(version, document, damaged=damaged)
    stored = document.file
    earlier = prints[0].file if len(prints) > 1 else None
    return Finding(
        code=code.code,
        standing=standing,
        sentence=_sentence(standing, code.paper, version, signatures),
        title=document.title,
        number=document.number,
        dated=format_date_long(day(frozen["dated"])),
        issuer=cluster["name"],
        organiser=cluster["organiser"],
        version=frozen["version"],
        issued_at=document.issued_at,
        signatures=signatures,
        demonstration=bool(content.get("demonstration")),
        sha256=stored.sha256 if stored else "",
        pages=stored.pages if stored else None,
        size=stored.size if stored else None,
        frozen_hash=content["frozen_hash"],
        seal=seal,
        earlier_sha256=earlier.sha256 if earlier else "",
    )


def _standing(version: PledgeVersion, document: Document, *, damaged: bool) -> Standing:
    if document.withdrawn_at is not None or version.voided_at is not None:
        return Standing.WITHDRAWN
    if damaged:
        return Standing.DAMAGED
    return Standing.VALID if document.stage == Document.Stage.SIGNED else Standing.TO_SIGN


def _sentence(
    standing: Standing, paper: str, version: PledgeVersion, signatures: list[Signed]
) -> str:
    """Say in one sentence what the holder of the paper should believe."""
    match standing:
        case Standing.VALID:
            return "Văn bản hợp lệ, đang có hiệu lực."
        case Standing.TO_SIGN:
            given = sum(signature.at is not None for signature in signatures)
            counted = f"{given}/{len(signatures)}"
            return f"Chưa ký đủ ({counted}): đây mới là bản trình ký, chưa có hiệu lực."
        case Standing.DAMAGED:
            return (
                "Tệp gốc trong kho không còn nguyên vẹn nên chưa xác minh được. "
                "Liên hệ cơ quan phát hành."
            )
        case Standing.WITHDRAWN:
            return f"Hết giá trị: có đơn vị từ chối ký bản này{_newer(paper, version)}."


def _newer(paper: str, version: PledgeVersion) -> str:
    """Tell that a later version was issued, without giving away its code."""
    later = VerifyCode.objects.filter(
        paper=paper, version__pledge=version.pledge_id, version__number__gt=version.number
    )
    return "; đã có bản mới thay thế" if later.exists() else "; bản mới đang được soạn"


def _seal_of(document: Document) -> tuple[SealReport | None, bool]:
    """Look at the stored file: its seal, and whether it is damaged."""
    if document.file is None:
        return None, False
    try:
        data = storage.read(document.file.sha256)
    except storage.Damaged:
        return None, True
    if document.stage != Document.Stage.SIGNED:
        return None, False
    return check_seal(data), False


def _signatures(version: PledgeVersion, content: dict[str, Any]) -> list[Signed]:
    """Return the places of the paper: from its content once signed, else as they stand today."""
    frozen = content["frozen"]
    paper = next(p for p in frozen["content"]["papers"] if p["kind"] == content["paper"])
    places = {
        s["order"]: s
        for s in frozen["content"]["signatories"]
        if paper["signing"] == "ALL" or s["member_role"] == "LEAD"
    }
    given = content.get("signatures")
    rows = given if given is not None else _given_so_far(version)
    signed = {row["order"]: row for row in rows}
    return [_place(place, signed.get(order), frozen["cluster"]) for order, place in places.items()]


def _given_so_far(version: PledgeVersion) -> list[dict[str, Any]]:
    """Return the signatures given to a version that is still being signed."""
    signatories = version.signatories.filter(signature__isnull=False)
    return [
        {
            "order": s.order,
            "name": s.signature.printed_name,
            "rank": s.signature.printed_rank,
            "kind_label": s.signature.get_kind_display(),
            "signed_at": s.signature.signed_at.isoformat(),
            "days_late": s.signature.days_late,
        }
        for s in signatories.select_related("signature").order_by("order")
    ]


def _place(place: dict[str, Any], row: dict[str, Any] | None, cluster: dict[str, Any]) -> Signed:
    titles = {"LEAD": cluster["lead_title"], "DEPUTY": cluster["deputy_title"]}
    role = titles.get(place["member_role"], "Đơn vị thành viên")
    if place["role"] == Signatory.Role.WITNESS:
        role = "Chứng kiến"
    if row is None:
        return Signed(place["name"], role, "", "", None)
    person = f"{row.get('rank', '')} {row['name']}".strip()
    return Signed(
        place["name"],
        role,
        person,
        row["kind_label"],
        moment(row["signed_at"]),
        row.get("days_late") or 0,
    )
