"""From the frozen content of a document to what its template prints: words, numbers, order.

Everything printed is decided here, so that the template holds only the layout. The input is the
plain data of `Document.content`; nothing is read from anywhere else.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from core.canonical import canonical_json
from core.text import format_date_long, join_names, roman
from reports.render import clauses, criteria, signing, targets
from reports.render.words import capital, day, figure, glue, local_name, long_date, without_end

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of paper names itself."""

    type_name: str
    prefix: str
    noun: str
    heading: str


KINDS: Final = {
    "PLEDGE": Kind(
        "BẢN GIAO ƯỚC THI ĐUA", "giao ước thi đua", "Giao ước", "ĐẠI DIỆN CÁC ĐƠN VỊ KÝ GIAO ƯỚC"
    ),
    "PROGRAMME": Kind(
        "CHƯƠNG TRÌNH", "chương trình", "Chương trình", "ĐẠI DIỆN CÁC ĐƠN VỊ KÝ CHƯƠNG TRÌNH"
    ),
    "REGULATION": Kind("QUY ĐỊNH", "quy định", "Quy định", "ĐẠI DIỆN CÁC ĐƠN VỊ KÝ QUY ĐỊNH"),
    "OUTLINE": Kind("ĐỀ CƯƠNG", "đề cương", "Đề cương", "ĐẠI DIỆN CÁC ĐƠN VỊ THÔNG QUA ĐỀ CƯƠNG"),
}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the paper under a Roman numeral (or under none)."""

    title: str = ""
    items: list[clauses.Item] = field(default_factory=list)
    groups: list[clauses.Group] = field(default_factory=list)
    target_rows: list[targets.Row] = field(default_factory=list)
    activities: list[Content] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Annex:
    """An annex: the table of units' targets, or the criteria table."""

    title: str
    subject: str
    attached_to: str
    unit_tables: list[targets.UnitTable] = field(default_factory=list)
    criteria_rows: list[criteria.CriterionRow] = field(default_factory=list)
    total: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything the template of a paper prints."""

    title: str
    superior: str
    issuer: str
    number: str
    place_and_date: str
    type_name: str
    subject: str
    basis: list[str]
    opening: str
    slogan: str
    sections: list[Section]
    closing: str
    area: signing.Area
    witnesses: list[tuple[signing.Block, signing.Block | None]]
    recipients: list[str]
    annexes: list[Annex]
    record: signing.Record | None
    reference: str
    code: str
    verify_url: str
    footer: str
    standing: str
    demonstration: bool
    issued_at: str


def paper_of(content: Content) -> Paper:
    """Lay out a document."""
    frozen, cluster = content["frozen"], content["frozen"]["cluster"]
    inner, kind = frozen["content"], KINDS[content["paper"]]
    own = next(p for p in inner["papers"] if p["kind"] == content["paper"])
    number = frozen["numbers"].get(content["paper"], "")
    all_sign = own["signing"] == "ALL"
    reference = _reference(kind, number, frozen["dated"])
    area = signing.area_of(content, all_sign=all_sign, heading=kind.heading)
    own_clauses = [c for c in inner["clauses"] if c["paper"] == content["paper"]]
    return Paper(
        title=own["title"],
        superior=cluster["organiser"].upper(),
        issuer=cluster["name"].upper(),
        number=number,
        place_and_date=f"{inner['place']}, {format_date_long(day(frozen['dated']))}",
        type_name=kind.type_name,
        subject=_subject(content["paper"], kind, own["title"], cluster),
        basis=clauses.basis(own_clauses),
        opening=_opening(content["paper"], inner, cluster) if all_sign else "",
        slogan=inner["slogan"].strip() if content["paper"] == "PLEDGE" else "",
        sections=_sections(content["paper"], own_clauses, frozen),
        closing=_closing(content, kind, all_sign=all_sign),
        area=area,
        witnesses=signing.witness_pairs(area),
        recipients=_recipients(cluster),
        annexes=_annexes(content["paper"], inner, reference),
        record=signing.record_of(content, all_sign=all_sign),
        reference=reference,
        code=content["code"],
        verify_url=content["verify_url"],
        footer=_footer(content, number),
        standing=_SIGNED if content["stage"] == "SIGNED" else _TO_SIGN,
        demonstration=bool(content.get("demonstration")),
        issued_at=content["issued_at"],
    )


_SIGNED: Final = "Bản đã ký, niêm phong bằng chứng thư số của hệ thống."
_TO_SIGN: Final = "Bản trình ký: chỉ có giá trị khi trang xác minh ghi các đơn vị đã ký đủ."


def data_of(content: Content) -> bytes:
    """Return the data attached to the PDF: the frozen text in the very bytes that were hashed."""
    return canonical_json(content["frozen"])


def _subject(paper: str, kind: Kind, title: str, cluster: Content) -> str:
    """Return the line below the type name: a pledge's movement, else the rest of the title."""
    if paper == "PLEDGE":
        return glue(cluster["theme"] or title)
    rest = title[len(kind.prefix) :] if title.lower().startswith(kind.prefix) else title
    return glue(capital(rest.strip()))


def _reference(kind: Kind, number: str, dated: str) -> str:
    """Name the paper as an annex names what it belongs to."""
    numbered = f" số\u00a0{number}" if number else ""
    return f"{kind.noun}{numbered} {long_date(dated)}"


def _opening(paper: str, inner: Content, cluster: Content) -> str:
    names = [local_name(member["name"], cluster["organiser"]) for member in inner["members"]]
    # A name with a comma of its own would run into its neighbours.
    listed = "; ".join(names) if any("," in name for name in names) else join_names(names)
    what = {
        "PLEDGE": "ký kết giao ước thi đua với các nội dung sau",
        "PROGRAMME": f"thực hiện chương trình hoạt động {cluster['period']} như sau",
    }.get(paper, "thực hiện các nội dung sau")
    return glue(f"Các đơn vị gồm: {listed} thống nhất {what}:")


def _sections(paper: str, own: clauses.Clauses, frozen: Content) -> list[Section]:
    inner, organiser = frozen["content"], frozen["cluster"]["organiser"]
    names = {m["code"]: local_name(m["name"], organiser) for m in inner["members"]}
    body = [c for c in own if c["section"] == "BODY"]
    sections: list[Section] = []
    if body:
        label = {"REGULATION": clauses.articles, "OUTLINE": clauses.parts}.get(
            paper, clauses.numbered
        )
        sections.append(Section(items=label(body)))
    sections += _numbered_sections(paper, own, inner, names)
    return sections


def _numbered_sections(
    paper: str, own: clauses.Clauses, inner: Content, names: dict[str, str]
) -> list[Section]:
    """Return the parts under Roman numerals; what a paper does not have takes no number."""
    of = {name: [c for c in own if c["section"] == name] for name in _SECTION_TITLES}
    found: list[tuple[str, Section]] = []
    for name, title in _SECTION_TITLES.items():
        items, groups = clauses.tasks(of[name], names)
        if items or groups:
            found.append((title, Section(items=items, groups=groups)))
        if name == "CONTENT" and paper == "PLEDGE" and inner["targets"]:
            found.append(("CHỈ TIÊU PHẤN ĐẤU", _target_section(inner)))
    if inner["activities"] and paper == _paper_of_activities(inner):
        rows = [{k: glue(v) for k, v in row.items()} for row in inner["activities"]]
        section = Section(activities=rows)
        found.insert(_before_execution(found), ("CÁC HOẠT ĐỘNG TRONG NĂM", section))
    return [
        Section(
            f"{roman(i)}. {title}",
            s.items,
            s.groups,
            s.target_rows,
            s.activities,
            s.note,
        )
        for i, (title, s) in enumerate(found, 1)
    ]


_SECTION_TITLES: Final = {
    "CONTENT": "NỘI DUNG THI ĐUA",
    "MEASURES": "BIỆN PHÁP, CÁC ĐỢT THI ĐUA",
    "EXECUTION": "TỔ CHỨC THỰC HIỆN",
}


def _before_execution(found: list[tuple[str, Section]]) -> int:
    titles = [title for title, _ in found]
    execution = _SECTION_TITLES["EXECUTION"]
    return titles.index(execution) if execution in titles else len(titles)


def _paper_of_activities(inner: Content) -> str:
    """Return the paper in which the activities stand: the programme, or the pledge without one."""
    kinds = [paper["kind"] for paper in inner["papers"]]
    return "PROGRAMME" if "PROGRAMME" in kinds else "PLEDGE"


def _target_section(inner: Content) -> Section:
    short = _short_names(inner)
    rows = targets.common_rows(inner["targets"], short)
    own = len(inner["targets"]) - len(rows)
    if not own:
        return Section(target_rows=rows)
    if not rows:
        note = f"Các đơn vị thực hiện {own} chỉ tiêu; mức phấn đấu của từng đơn vị ghi tại Phụ lục"
    else:
        note = (
            f"Ngoài các chỉ tiêu chung nêu trên, {own} chỉ tiêu có mức riêng cho từng đơn vị, "
            "ghi tại Phụ lục"
        )
    return Section(target_rows=rows, note=f"{note} kèm theo Giao ước này.")


def _short_names(inner: Content) -> dict[str, str]:
    return {member["code"]: member["short_name"] for member in inner["members"]}


def _closing(content: Content, kind: Kind, *, all_sign: bool) -> str:
    frozen = content["frozen"]
    cluster = frozen["cluster"]
    if content["paper"] == "PLEDGE":
        text = (
            "Các đơn vị cam kết thực hiện nghiêm túc những nội dung đã ký kết. Giao ước được lập "
            "thành bản điện tử, mỗi đơn vị giữ 01 bản."
        )
    elif all_sign:
        text = (
            f"Các đơn vị cam kết thực hiện nghiêm túc {kind.noun} này. {kind.noun} được lập thành "
            "bản điện tử, mỗi đơn vị giữ 01 bản."
        )
    else:
        pledge = _reference(KINDS["PLEDGE"], frozen["numbers"].get("PLEDGE", ""), frozen["dated"])
        text = (
            f"{kind.noun} này được các đơn vị thành viên {cluster['name']} thống nhất thông qua "
            f"cùng {pledge}."
        )
    return glue(without_end(text)) + "./."


def _recipients(cluster: Content) -> list[str]:
    noun = cluster["noun"].lower()
    return [f"{cluster['organiser']} (để báo cáo);", f"Các đơn vị thành viên {noun};", "Lưu: VT."]


def _annexes(paper: str, inner: Content, reference: str) -> list[Annex]:
    attached = f"(Kèm theo {reference})"
    if paper == "PLEDGE":
        tables = targets.unit_tables(inner["targets"], _short_names(inner))
        if tables:
            subject = "CHỈ TIÊU PHẤN ĐẤU CỦA TỪNG ĐƠN VỊ"
            return [Annex("PHỤ LỤC", subject, attached, unit_tables=tables)]
    if paper == "REGULATION" and inner["criteria"]:
        table = inner["criteria"]
        return [
            Annex(
                "PHỤ LỤC",
                table["name"].upper(),
                attached,
                criteria_rows=criteria.rows_of(table),
                total=figure(table["scale_total"]),
            )
        ]
    return []


def _footer(content: Content, number: str) -> str:
    stage = "Bản đã ký" if content["stage"] == "SIGNED" else "Bản trình ký"
    return f"{number} · {stage} · Mã xác minh {content['code']}".removeprefix(" · ")
