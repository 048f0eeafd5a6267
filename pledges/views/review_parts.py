"""Frozen figures and assembled texts as ready-made strings: templates only walk through them.

Pure: snapshots and rows go in (`pledges.queries.review.snapshot`), words come out. Zero, not
entered and not assigned are written differently wherever they stand (product.md §5.4).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from clusters.models import Membership
from core.text import format_date, format_number, join_names
from pledges.figures import LABELS, Judgement
from pledges.models import Exemplar, Review, ReviewStatus, UnmetTarget
from pledges.redline import value_text

J = Judgement
Figures = dict[str, Any]
#: How a judgement is shown: kind of tag, icon.
TAGS: dict[Judgement, tuple[str, str]] = {
    J.EXCEEDED: ("ok", "check2-all"),
    J.MET: ("ok", "check-circle-fill"),
    J.ON_PACE: ("ok", "check"),
    J.BEHIND: ("warn", "clock-fill"),
    J.NOT_MET: ("err", "x-octagon-fill"),
    J.NOT_ENTERED: ("no", "circle"),
    J.NO_TARGET: ("no", "slash-circle"),
    J.NOT_DUE: ("no", "clock-fill"),
    J.NOT_ASSIGNED: ("no", "lock"),
    J.IN_WORDS: ("wait", "chat-left-text"),
}
#: What counts as reached when a cluster is summed up.
REACHED = frozenset({J.EXCEEDED, J.MET, J.ON_PACE})


@dataclass(frozen=True, slots=True)
class Tag:
    """A judgement as a tag."""

    kind: str
    icon: str
    label: str


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A target with what was pledged, what should be reached by now, what is, and the judgement."""

    key: str
    number: int
    text: str
    unit: str
    level: str
    expected: str
    actual: str
    share: str
    words: str
    tag: Tag
    is_assigned: bool
    is_numeric: bool
    is_entered: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The targets of one area."""

    title: str
    rows: list[FigureRow]


def tag_of(judgement: Judgement) -> Tag:
    """Return a judgement as word and icon."""
    kind, icon = TAGS[judgement]
    return Tag(kind, icon, LABELS[judgement])


def figure_row(row: Figures) -> FigureRow:
    """Write one row of a snapshot in words."""
    judgement = Judgement(row["judgement"])
    is_numeric = row["kind"] == "NUMERIC"
    return FigureRow(
        key=row["key"],
        number=row["row"],
        text=row["text"],
        unit=row["unit_of_measure"],
        level=_level(row) if is_numeric else "bằng lời",
        expected=number(row["expected"]),
        actual=number(row["actual"]),
        share=percent(row["share"]),
        words=row["words"],
        tag=tag_of(judgement),
        is_assigned=row["assigned"],
        is_numeric=is_numeric,
        is_entered=judgement is not J.NOT_ENTERED and (row["actual"] is not None or not is_numeric),
    )


def _level(row: Figures) -> str:
    return value_text(row, {"assigned": row["assigned"], "value": row["level"]})


def number(text: str | None) -> str:
    """Write a figure of a snapshot the Vietnamese way; nothing stays nothing."""
    return "" if text is None else format_number(Decimal(text))


def percent(text: str | None) -> str:
    """Write a share in whole per cent."""
    return "" if text is None else f"{format_number(Decimal(text), 0)}\u00a0%"


def groups_of(figures: Figures) -> list[Group]:
    """Return the targets of one unit by area, in the order of the paper."""
    groups: list[Group] = []
    for row in figures["targets"]:
        if not groups or groups[-1].title != row["area"]:
            groups.append(Group(row["area"], []))
        groups[-1].rows.append(figure_row(row))
    return groups


def counted(figures: Iterable[Figures]) -> list[tuple[Tag, int]]:
    """Count the judgements of one or more units, the best first; what never occurs is left out."""
    found: Counter[Judgement] = Counter()
    for one in figures:
        found.update(Judgement(row["judgement"]) for row in one["targets"])
    return [(tag_of(judgement), found[judgement]) for judgement in TAGS if found[judgement]]


def count_words(figures: Iterable[Figures]) -> str:
    """Say the counts in one line: "3 đạt, 1 chưa đạt"."""
    return ", ".join(f"{format_number(n)} {tag.label.lower()}" for tag, n in counted(figures))


def milestone_words(share: str | None) -> str:
    """Say what sums were held to."""
    return f"{percent(str(Decimal(share or 1) * 100))} mức cả năm"


# Unmet targets -------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class UnmetRow:
    """A target that is not met, with what the unit says to it."""

    pk: int
    figure: FigureRow
    cause: str
    measure: str
    responsible: str
    due: str

    @property
    def is_answered(self) -> bool:
        """Whether cause and measure are written."""
        return bool(self.cause and self.measure)


def unmet_rows(review: Review, unmet: Iterable[UnmetTarget]) -> list[UnmetRow]:
    """Return what a report singles out, with the frozen figures."""
    figures = {row["key"]: row for row in review.figures["targets"]}
    return [
        UnmetRow(
            pk=row.pk,
            figure=figure_row(figures[row.target.key]),
            cause=row.cause,
            measure=row.measure,
            responsible=row.responsible,
            due=format_date(row.due_on) if row.due_on else "",
        )
        for row in unmet
        if row.target.key in figures
    ]


# The cluster ---------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class CrossCell:
    """What one unit has reached for a target; nothing while its report is not accepted."""

    unit: str
    figure: FigureRow | None


@dataclass(frozen=True, slots=True)
class CrossRow:
    """A target beside the figures of all units."""

    number: int
    text: str
    unit: str
    cells: list[CrossCell]
    reached: int
    judged: int


@dataclass(frozen=True, slots=True)
class CrossGroup:
    """The targets of one area, all units beside one another."""

    title: str
    rows: list[CrossRow]


def cross_of(members: Sequence[Membership], accepted: Sequence[Review]) -> list[CrossGroup]:
    """Lay the frozen figures of accepted reports beside one another, target by target."""
    by_unit = {
        review.unit_id: {row["key"]: row for row in review.figures["targets"]}
        for review in accepted
    }
    groups: list[CrossGroup] = []
    for row in accepted[0].figures["targets"] if accepted else []:
        if not groups or groups[-1].title != row["area"]:
            groups.append(CrossGroup(row["area"], []))
        groups[-1].rows.append(_cross_row(row, members, by_unit))
    return groups


def _cross_row(
    row: Figures, members: Sequence[Membership], by_unit: dict[int | None, dict[str, Figures]]
) -> CrossRow:
    rows = [by_unit.get(member.unit_id, {}).get(row["key"]) for member in members]
    judged = [Judgement(one["judgement"]) for one in rows if one and one["assigned"]]
    return CrossRow(
        number=row["row"],
        text=row["text"],
        unit=row["unit_of_measure"],
        cells=[
            CrossCell(m.unit.short_name, figure_row(one) if one else None)
            for m, one in zip(members, rows, strict=True)
        ],
        reached=sum(judgement in REACHED for judgement in judged),
        judged=len(judged),
    )


@dataclass(frozen=True, slots=True)
class Filing:
    """How many reports came in time, late, were returned once, are still missing, accepted."""

    units: int
    in_time: int
    late: int
    returned: int
    missing: int
    accepted: int

    @property
    def words(self) -> str:
        """Say it in one sentence."""
        return (
            f"{self.units} đơn vị gửi báo cáo: {self.in_time} đúng hạn, {self.late} chậm, "
            f"{self.returned} bị trả lại để hoàn thiện, {self.missing} chưa gửi; "
            f"đã chấp nhận {self.accepted} báo cáo."
        )


def filing_of(members: Sequence[Membership], reviews: Iterable[Review]) -> Filing:
    """Count how the units filed; what one may not see counts as not filed."""
    filed = [row for row in reviews if row.unit_id is not None and row.submitted_at is not None]
    return Filing(
        units=len(members),
        in_time=sum(row.days_late == 0 for row in filed),
        late=sum(row.days_late > 0 for row in filed),
        returned=sum(row.returned_at is not None for row in filed),
        missing=len(members) - len(filed),
        accepted=sum(row.status == ReviewStatus.ACCEPTED for row in filed),
    )


# Texts put together from the reports of the units ----------------------------------------------
#: Words of a heading of the cluster's outline → words of the units' headings that belong there.
_TOPICS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("chưa đạt",), ()),
    (("chấm điểm", "xếp hạng", "bình xét", "suy tôn"), ()),
    (("tổ chức",), ("tổ chức phong trào", "lãnh đạo, chỉ đạo")),
    (("mô hình", "điển hình"), ("mô hình", "điển hình")),
    (("kết quả",), ("kết quả",)),
    (("hạn chế", "bài học", "tồn tại"), ("hạn chế", "bài học", "tồn tại")),
    (("phương hướng", "nhiệm vụ"), ("phương hướng", "nhiệm vụ")),
    (("kiến nghị", "đề xuất"), ("kiến nghị", "đề xuất")),
)
#: What says in a report that there is nothing to say.
_NOTHING = frozenset({"", "không", "không có", "không có nội dung"})


@dataclass(frozen=True, slots=True)
class Material:
    """What the cluster's report is put together from."""

    members: Sequence[Membership]
    filing: Filing
    accepted: Sequence[Review]
    unmet: dict[int, list[UnmetRow]] = field(default_factory=dict)
    exemplars: Sequence[Exemplar] = ()


def proposals(outline: Sequence[dict[str, Any]], material: Material) -> dict[str, str]:
    """Return key of a heading → text put together from accepted reports; empty ones left out."""
    if not material.accepted:
        return {}
    found = {row["key"]: proposal(row, material) for row in outline if row["is_written"]}
    return {key: text for key, text in found.items() if text}


def proposal(row: dict[str, Any], material: Material) -> str:
    """Put together what accepted reports say under one heading of the cluster's outline."""
    title = row["heading"].lower()
    mine, theirs = next(
        ((m, t) for m, t in _TOPICS if any(word in title for word in m)), ((title,), (title,))
    )
    facts = _facts_for(mine, material)
    return "\n\n".join(part for part in (*facts, *_said_by_units(theirs, material)) if part)


def _facts_for(topic: tuple[str, ...], material: Material) -> list[str]:
    """Return what the system itself knows for a topic."""
    if "chưa đạt" in topic:
        return _unmet_texts(material)
    if "tổ chức" in topic:
        return [material.filing.words]
    if "kết quả" in topic:
        figures = [review.figures for review in material.accepted]
        return [f"Trong số liệu đã chốt: {count_words(figures)}.", *_exemplar_texts(material)]
    return _exemplar_texts(material) if "mô hình" in topic else []


def _unmet_texts(material: Material) -> list[str]:
    texts = []
    for review in material.accepted:
        rows = material.unmet.get(review.pk, [])
        if rows and review.unit:
            lines = [f"- {_unmet_text(row)}" for row in rows]
            texts.append("\n".join([f"{review.unit.short_name}:", *lines]))
    return texts or ["Các đơn vị đã báo cáo không có chỉ tiêu chưa đạt."]


def _unmet_text(row: UnmetRow) -> str:
    figure = row.figure
    actual = f"{figure.actual} {figure.unit}".strip() if figure.actual else "chưa nhập số liệu"
    level = f"{figure.level} {figure.unit}".strip()
    facts = [f"{figure.text}: {actual}, mức {level} ({figure.tag.label.lower()})"]
    facts += [f"nguyên nhân: {_inline(row.cause)}"] if row.cause else []
    facts += [f"biện pháp: {_inline(row.measure)}"] if row.measure else []
    facts += [f"chịu trách nhiệm: {row.responsible}"] if row.responsible else []
    facts += [f"thời hạn: {row.due}"] if row.due else []
    return "; ".join(facts) + "."


def _inline(text: str) -> str:
    return " ".join(text.split()).rstrip(". ;")


def _exemplar_texts(material: Material) -> list[str]:
    rows = [
        f"- {row.get_kind_display()} “{row.name}” ({row.unit.short_name}), "
        f"{row.get_standing_display().lower()}"
        for row in material.exemplars
    ]
    return ["\n".join(["Mô hình, điển hình trong năm:", *rows])] if rows else []


def _said_by_units(words: tuple[str, ...], material: Material) -> list[str]:
    texts = []
    for review in material.accepted:
        said = [text for heading, text in _sections_of(review) if _is_about(heading, words)]
        if said and review.unit:
            joined = "\n".join(said)
            texts.append(f"{review.unit.short_name}: {joined}")
    return texts


def _is_about(heading: str, words: tuple[str, ...]) -> bool:
    return any(word in heading for word in words)


def _sections_of(review: Review) -> list[tuple[str, str]]:
    """Return (headings down to this one, text) of what a unit wrote; "Không" is left out."""
    tops = {row["code"]: row["heading"].lower() for row in review.outline if row["code"]}
    found = []
    for row in review.outline:
        text = review.sections.get(row["key"], "").strip()
        if row["is_written"] and text.lower().rstrip(".") not in _NOTHING:
            top = tops.get(row["code"].split(".")[0], "")
            found.append((f"{top} {row['heading'].lower()}", text))
    return found


def names_of(members: Iterable[Membership]) -> str:
    """Join the names of members."""
    return join_names([member.unit.short_name for member in members])
