"""The papers of a pledge before the public: what was signed, by whom, and whether it stands."""

from typing import Any, Final

from core.text import format_date_long
from pledges.models import PledgeVersion, Signatory
from reports.models import Document, VerifyCode
from reports.render.words import day, moment
from reports.verification.finding import Finding, Signed, Standing, hashes_of, seal_of


def finding(code: VerifyCode, version: PledgeVersion, prints: list[Document]) -> Finding:
    """Tell of a paper of a pledge: signed, still to be signed, or withdrawn after a refusal."""
    document = prints[-1]
    content = document.content
    frozen, cluster = content["frozen"], content["frozen"]["cluster"]
    signatures = _signatures(version, content)
    seal, damaged = seal_of(document)
    standing = _standing(version, document, damaged=damaged)
    stored = document.file
    return Finding(
        code=code.code,
        standing=standing,
        sentence=_sentence(standing, code.paper, version, signatures),
        advice=_ADVICE[standing],
        title=document.title,
        number=document.number,
        dated=format_date_long(day(frozen["dated"])),
        issuer=cluster["name"],
        organiser=cluster["organiser"],
        edition=f"Bản {frozen['version']}",
        state=_STATES[standing],
        issued_at=document.issued_at,
        people=f"{sum(s.at is not None for s in signatures)}/{len(signatures)} chữ ký",
        signatures=signatures,
        demonstration=bool(content.get("demonstration")),
        sha256=stored.sha256 if stored else "",
        pages=stored.pages if stored else None,
        size=stored.size if stored else None,
        seal=seal,
        earlier=hashes_of(prints[:-1]),
        earlier_title="Đây là bản trình ký, không phải bản đã ký",
        earlier_words="là bản các lãnh đạo đã đọc trước khi ký. Xin bản đã ký từ cơ quan đã gửi.",
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
        case Standing.TO_SIGN | Standing.PROVISIONAL:
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


_ADVICE: Final = {
    Standing.VALID: "Mã này thuộc một văn bản đã được ký đủ và ghi trong sổ của hệ thống.",
    Standing.TO_SIGN: "Văn bản chỉ có hiệu lực khi mọi bên đã ký. Đối chiếu lại sau khi ký đủ.",
    Standing.WITHDRAWN: "Không sử dụng bản này. Xin bản mới từ cơ quan phát hành.",
    Standing.DAMAGED: "Chưa kết luận được về bản bạn đang có.",
}
_STATES: Final = {
    Standing.VALID: "Chưa bị thay thế, chưa bị thu hồi",
    Standing.TO_SIGN: "Đang ký",
    Standing.WITHDRAWN: "Hết giá trị",
    Standing.DAMAGED: "Chưa xác minh được",
}
