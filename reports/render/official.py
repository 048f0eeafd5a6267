"""What every paper after the pledge has around its text: head, title, signer, recipients, foot.

Content of these papers is `{"paper", "stage", "code", "verify_url", "issued_at", "data"}`; `data`
holds everything that is printed, with the names as they were, and goes into the PDF as it is.
"""

from dataclasses import dataclass
from typing import Any

from core.canonical import canonical_json
from core.text import format_date_long
from reports.render.signing import Block, authority_lines, person
from reports.render.words import capital, day, glue, to_the_minute

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything around the text of a paper."""

    title: str
    superior: str
    issuer: str
    number: str
    place_and_date: str
    type_name: str
    subject: str
    recipients: list[str]
    signer: Block
    reference: str
    code: str
    verify_url: str
    footer: str
    standing: str
    provisional: bool
    demonstration: bool
    issued_at: str


def frame_of(content: Content, type_name: str) -> Frame:
    """Lay out what stands around the text."""
    head = content["data"]["head"]
    provisional = content["stage"] == "PROVISIONAL"
    stage = "Bản tạm tính" if provisional else "Bản phát hành"
    number = head["number"]
    numbered = f" số\u00a0{number}" if number else ""
    return Frame(
        title=head["title"],
        superior=head["superior"].upper(),
        issuer=head["issuer"].upper(),
        number=number,
        place_and_date=_place_and_date(head["place"], head["dated"]),
        type_name=type_name,
        subject=glue(head["subject"]),
        recipients=[*(f"{line};" for line in head["recipients"]), "Lưu: VT."],
        signer=_signer(head["signer"], head["superior"]),
        reference=f"{capital(type_name.lower())}{numbered} {format_date_long(day(head['dated']))}",
        code=content["code"],
        verify_url=content["verify_url"],
        footer=f"{number} · {stage} · Mã xác minh {content['code']}".removeprefix(" · "),
        standing=_PROVISIONAL if provisional else _ISSUED,
        provisional=provisional,
        demonstration=bool(content.get("demonstration")),
        issued_at=content["issued_at"],
    )


def data_of(content: Content) -> bytes:
    """Return the data attached to the PDF: everything printed, in the bytes that were hashed."""
    return canonical_json(content["data"])


def _place_and_date(place: str, dated: str) -> str:
    """Write place and date; the place of a unit is not kept, then the date stands alone."""
    written = format_date_long(day(dated))
    return f"{place}, {written}" if place else capital(written)


def _signer(signer: Content, superior: str) -> Block:
    """Lay out the place of the signature, with the recorded confirmation inside."""
    lines = authority_lines(signer | {"name": signer["unit_name"]}, {"organiser": superior})
    when = to_the_minute(signer["at"])
    return Block(
        "sig-1",
        signer["place"].upper(),
        [glue(line) for line in lines if line],
        f"{signer['act']} trên hệ thống lúc\u00a0{when}" if signer["name"] else "",
        person(signer).replace(" ", "\u00a0"),
    )


_ISSUED = "Bản phát hành, niêm phong bằng chứng thư số của hệ thống."
_PROVISIONAL = "Bản tạm tính: điểm và thứ hạng còn có thể thay đổi, chưa phải kết quả chính thức."
