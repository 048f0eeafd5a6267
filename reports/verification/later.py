"""The papers after the pledge before the public: reports, score sheets, results.

They are confirmed by one person on the system; whether the print still stands depends on what was
issued after it, and for results on whether they were revoked.
"""

from typing import Final

from core.text import format_date_long
from reports.models import RESULT_KINDS, SHEET_KINDS, Document, VerifyCode
from reports.render.words import day, moment
from reports.verification.finding import Finding, Signed, Standing, hashes_of, seal_of
from scoring.models import Publication, PublicationStatus


def finding(code: VerifyCode, prints: list[Document]) -> Finding:
    """Tell of the print that was issued last under a code."""
    document = prints[-1]
    content = document.content
    head, signer = content["data"]["head"], content["data"]["head"]["signer"]
    seal, damaged = seal_of(document)
    standing = _standing(document, damaged=damaged)
    stored = document.file
    person = f"{signer['rank']} {signer['name']}".strip()
    confirmed = moment(signer["at"])
    return Finding(
        code=code.code,
        standing=standing,
        sentence=_sentence(standing, document, code),
        advice=_ADVICE[standing],
        title=document.title,
        number=document.number,
        dated=format_date_long(day(head["dated"])),
        issuer=head["issuer"],
        organiser=head["superior"],
        edition=f"Lần phát hành {document.revision}",
        state=_STATES[standing],
        issued_at=document.issued_at,
        people="Người xác nhận trên hệ thống",
        signatures=[Signed(signer["unit_name"], signer["place"], person, signer["act"], confirmed)],
        demonstration=bool(content.get("demonstration")),
        sha256=stored.sha256 if stored else "",
        pages=stored.pages if stored else None,
        size=stored.size if stored else None,
        seal=seal,
        earlier=hashes_of(prints[:-1]),
        earlier_title="Đây là bản của lần phát hành trước, đã được thay",
        earlier_words="là bản hệ thống đã phát hành trước bản này. Xin bản mới từ cơ quan đã gửi.",
    )


def _standing(document: Document, *, damaged: bool) -> Standing:
    if document.withdrawn_at is not None:
        return Standing.WITHDRAWN
    if damaged:
        return Standing.DAMAGED
    provisional = document.stage == Document.Stage.PROVISIONAL
    return Standing.PROVISIONAL if provisional else Standing.VALID


def _sentence(standing: Standing, document: Document, code: VerifyCode) -> str:
    """Say in one sentence what the holder of the paper should believe."""
    match standing:
        case Standing.PROVISIONAL:
            return "Kết quả tạm tính: điểm và thứ hạng còn có thể thay đổi."
        case Standing.DAMAGED:
            return (
                "Tệp gốc trong kho không còn nguyên vẹn nên chưa xác minh được. "
                "Liên hệ cơ quan phát hành."
            )
        case Standing.WITHDRAWN:
            return f"Hết giá trị: {_why_withdrawn(document, code)}."
    return "Văn bản hợp lệ, đang có hiệu lực."


def _why_withdrawn(document: Document, code: VerifyCode) -> str:
    """Tell why the last print under a code no longer stands, without giving away another code."""
    if code.paper in SHEET_KINDS:
        return "phiếu đã được mở lại để thẩm định lại; bản mới đang được lập"
    if code.paper not in RESULT_KINDS:
        return "văn bản đã được thu hồi"
    year = document.cluster_year_id
    newer = Document.objects.filter(cluster_year=year, code__paper=code.paper, pk__gt=document.pk)
    if newer.exists():
        return "đã công bố kết quả của một phiên chấm mới hơn"
    revoked = Publication.objects.filter(cluster_year=year, status=PublicationStatus.REVOKED)
    return "kết quả đã bị thu hồi theo quyết định" if revoked.exists() else "đã được thay thế"


_ADVICE: Final = {
    Standing.VALID: "Mã này thuộc một văn bản đã phát hành và ghi trong sổ của hệ thống.",
    Standing.PROVISIONAL: "Chỉ dùng để các đơn vị đối chiếu, kiến nghị; chờ kết quả chính thức.",
    Standing.WITHDRAWN: "Không sử dụng bản này. Xin bản mới từ cơ quan phát hành.",
    Standing.DAMAGED: "Chưa kết luận được về bản bạn đang có.",
}
_STATES: Final = {
    Standing.VALID: "Chưa bị thay thế, chưa bị thu hồi",
    Standing.PROVISIONAL: "Tạm tính, chưa chính thức",
    Standing.WITHDRAWN: "Hết giá trị",
    Standing.DAMAGED: "Chưa xác minh được",
}
