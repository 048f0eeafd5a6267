"""Who signs where: the blocks of signatures, and the record of how each was given.

A recorded confirmation is printed as what it is. No picture of a signature or a seal is ever drawn:
an empty box stays empty until somebody signs in it.
"""

from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from core.text import format_number
from reports.render.words import glue, local_name, to_the_minute, to_the_second

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Block:
    """The place of one signature: lines above the box, the box, the name below."""

    anchor: str
    place: str
    lines: list[str]
    confirmation: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """All signatures of a paper: pairs in the order of signing, a last odd one, witnesses."""

    heading: str
    pairs: list[tuple[Block, Block]] = field(default_factory=list)
    odd: Block | None = None
    witnesses: list[Block] = field(default_factory=list)
    beside_recipients: bool = False


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A row of the signing record."""

    number: int
    unit: str
    role: str
    person: str
    acting_as: str
    when: str
    late: str
    address: str
    digest: str


@dataclass(frozen=True, slots=True)
class Consent:
    """A row of the list of units that agreed before the freeze."""

    number: int
    unit: str
    person: str
    when: str


@dataclass(frozen=True, slots=True)
class Record:
    """The signing record (bản ghi ký) of a paper."""

    short: bool
    digest: str
    confirmations: list[Confirmation]
    consents: list[Consent]


def area_of(content: Content, *, all_sign: bool, heading: str) -> Area:
    """Lay out the places of the signatures of a paper."""
    signatories = sorted(content["frozen"]["content"]["signatories"], key=lambda s: s["order"])
    signed = {signature["order"]: signature for signature in content.get("signatures", [])}
    cluster = content["frozen"]["cluster"]
    if not all_sign:
        lead = next((s for s in signatories if s["member_role"] == "LEAD"), signatories[0])
        return Area("", odd=_block(lead, signed, cluster), beside_recipients=True)
    blocks = [_block(s, signed, cluster) for s in signatories if s["role"] == "SIGNER"]
    witnesses = [_block(s, signed, cluster) for s in signatories if s["role"] == "WITNESS"]
    odd = blocks.pop() if len(blocks) % 2 else None
    pairs = list(zip(blocks[::2], blocks[1::2], strict=True))
    return Area(heading, pairs, odd, witnesses)


def witness_pairs(area: Area) -> list[tuple[Block, Block | None]]:
    """Return witnesses two by two, the last one alone when their number is odd."""
    return list(zip_longest(area.witnesses[::2], area.witnesses[1::2]))


def record_of(content: Content, *, all_sign: bool) -> Record | None:
    """Return the record of a signed paper; a paper not yet signed has none."""
    if content["stage"] != "SIGNED":
        return None
    signatories = {s["order"]: s for s in content["frozen"]["content"]["signatories"]}
    cluster = content["frozen"]["cluster"]
    rows: list[Confirmation] = []
    for signature in sorted(content["signatures"], key=lambda s: s["order"]):
        signatory = signatories[signature["order"]]
        if all_sign or signatory["member_role"] == "LEAD":
            rows.append(_confirmation(len(rows) + 1, signature, signatory, content, cluster))
    consents = [
        Consent(i, c["unit_name"], c["by"], to_the_minute(c["at"]))
        for i, c in enumerate(content.get("consents", []), 1)
    ]
    return Record(not all_sign, content["frozen_hash"], rows, consents)


def _confirmation(
    number: int, signature: Content, signatory: Content, content: Content, cluster: Content
) -> Confirmation:
    digest = signature.get("frozen_hash") or content["frozen_hash"]
    late = signature.get("days_late") or 0
    return Confirmation(
        number,
        signatory["name"],
        _role(signatory, cluster),
        person(signature),
        signature.get("acting_as") or signatory["position"],
        to_the_second(signature["signed_at"]),
        f"muộn {format_number(late)} ngày" if late else "",
        signature.get("ip") or "không ghi nhận",
        f"{digest[:8]}…{digest[-8:]}",
    )


def _block(signatory: Content, signed: dict[int, Content], cluster: Content) -> Block:
    signature = signed.get(signatory["order"])
    confirmation = name = ""
    if signature:
        when = to_the_minute(signature["signed_at"])
        confirmation = f"Đã ký xác nhận trên hệ thống lúc\u00a0{when}"
        name = person(signature).replace(" ", "\u00a0")
    role = signatory["role"]
    place = _role(signatory, cluster) if role == "SIGNER" else ""
    return Block(
        f"sig-{signatory['order']}",
        "" if place == "Đơn vị thành viên" else place.upper(),
        [glue(line) for line in authority_lines(signatory, cluster)],
        confirmation,
        name,
    )


def _role(signatory: Content, cluster: Content) -> str:
    if signatory["role"] == "WITNESS":
        return "Chứng kiến"
    titles = {"LEAD": cluster["lead_title"], "DEPUTY": cluster["deputy_title"]}
    return str(titles.get(signatory["member_role"], "Đơn vị thành viên"))


def authority_lines(signatory: Content, cluster: Content) -> list[str]:
    """Write unit, authority and position in capitals, as above every official signature."""
    unit = local_name(signatory["name"], cluster["organiser"]).upper()
    position = signatory["position"].upper()
    match signatory["authority"]:
        case "TM.":
            return [f"TM. {unit}", position]
        case "KT." if position.startswith("PHÓ "):
            return [unit, f"KT. {position.removeprefix('PHÓ ')}", position]
        case "TL." | "TUQ." as authority:
            return [unit, f"{authority} THỦ TRƯỞNG ĐƠN VỊ", position]
        case authority:
            return [unit, f"{authority} {position}".strip()]


def person(signature: Content) -> str:
    """Return rank and name as printed."""
    return f"{signature.get('rank', '')} {signature['name']}".strip()
