"""The score sheet on paper: as the unit claimed it, and as it was approved, four figures abreast.

Not assigned, not entered, not decided and zero are four different words in every cell, and nothing
ever falls back from one figure to another (product.md §5.4).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from core.text import format_number
from reports.render.official import Content, Frame, frame_of
from reports.render.words import figure, glue, paragraphs, points, to_the_minute

STAGES: Final = ("claimed", "first", "second", "final")
NOT_ASSIGNED: Final = "không giao"
NOT_ENTERED: Final = "chưa nhập"
NOT_COMPUTED: Final = "chưa tính"
UNDECIDED: Final = "–"
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell: points, or words in italics; `mark` is the number of a note."""

    text: str
    is_figure: bool = True
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A group or a leaf; `more` are paragraphs: figures, remarks, names of evidence."""

    code: str
    title: str
    points: str
    depth: int
    is_group: bool
    cells: list[Cell] = field(default_factory=list)
    reported: str = ""
    more: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Note:
    """A reason below the table, by its number."""

    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class Explained:
    """How the points of one leaf came about."""

    code: str
    title: str
    points: str
    why: str
    #: What the kind of its rule is called.
    rule: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything the template of a score sheet prints."""

    frame: Frame
    opening: str
    stages: list[str]
    rows: list[Row]
    totals: list[Row]
    notes: list[Note]
    explained: list[Explained]
    #: On which figures and which table the explanations rest.
    basis: str
    provisional: str


def sheet_of(content: Content) -> Sheet:
    """Lay out a score sheet."""
    data = content["data"]
    approved = content["paper"] == "SHEET_APPROVED"
    stages = STAGES if approved else STAGES[:1]
    notes = _Notes()
    rows = [_row(row, data, stages, notes) for row in data["rows"]]
    return Sheet(
        frame=frame_of(content, "PHIẾU CHẤM ĐIỂM" if approved else "PHIẾU TỰ CHẤM ĐIỂM"),
        opening=_opening(data, approved=approved),
        stages=[_HEADS[stage] for stage in stages],
        rows=rows,
        totals=_totals(data, stages),
        notes=notes.found,
        explained=_explained(data, stages[-1]),
        basis=_basis(data, approved=approved),
        provisional=_provisional(data),
    )


class _Notes:
    """Numbers the reasons as they come."""

    def __init__(self) -> None:
        self.found: list[Note] = []

    def add(self, code: str, what: str, text: str) -> str:
        """Keep a reason and return its number; no reason, no number."""
        if not text.strip():
            return ""
        mark = str(len(self.found) + 1)
        said = "; ".join(paragraphs(text))
        self.found.append(Note(mark, glue(f"Tiêu chí {code}, {what}: {said}")))
        return mark


def _opening(data: Content, *, approved: bool) -> str:
    table = data["table"]
    text = (
        f"Đơn vị: {data['unit']['name']}. Bảng tiêu chí: {table['name']}, phiên bản "
        f"{table['version']}, thang điểm {figure(table['scale_total'])}."
    )
    if data["submitted_at"]:
        text += f" Nộp lúc {to_the_minute(data['submitted_at'])}"
        late = data["days_late"]
        text += f", muộn {format_number(late)} ngày." if late else "."
    if approved:
        text += (
            f" Thẩm định lần một: {data['appraiser']}. Duyệt lúc "
            f"{to_the_minute(data['approved_at'])}."
        )
    return glue(text)


def _provisional(data: Content) -> str:
    """Say which points still move with the figures of other units; nothing when none do."""
    if not data["relative"] or not data["open_units"]:
        return ""
    return (
        f"Điểm tiêu chí {', '.join(data['relative'])} so với các đơn vị khác nên là tạm tính: còn "
        f"{format_number(data['open_units'])} đơn vị chưa có đủ số liệu ở bước này."
    )


# Rows ----------------------------------------------------------------------------------------


def _row(row: Content, data: Content, stages: tuple[str, ...], notes: _Notes) -> Row:
    title = glue(row["title"] or f"Tiêu chí {row['code']}")
    most = points(row["max"], data["table"]["places"])
    if row["is_group"]:
        cells = [Cell(_group_points(row, data, stage)) for stage in stages]
        return Row(row["code"], title, most, row["depth"], is_group=True, cells=cells)
    line = data["lines"][row["code"]]
    cells = [_cell(row["code"], line, stage, data["table"]["places"], notes) for stage in stages]
    return Row(
        row["code"],
        title,
        most,
        row["depth"],
        is_group=False,
        cells=cells,
        reported=glue(figure_in_words(line["figure"], line["basis"], row["unit_of_measure"])),
        more=_more(line),
    )


def _cell(code: str, line: Content, stage: str, places: int, notes: _Notes) -> Cell:
    given = line["points"][stage]
    reason = line["reasons"].get(stage, "")
    mark = notes.add(code, _WHAT[stage], reason)
    if stage == "first" and line["explanation"]:
        mark = ", ".join(filter(None, [mark, notes.add(code, "giải trình", line["explanation"])]))
    text, is_figure = _in_words(given, places)
    return Cell(text, is_figure, mark)


def _in_words(given: Content, places: int) -> tuple[str, bool]:
    """Write points, or the word for what stands in their place; say whether it is a figure."""
    if not given["state"]:
        return points(given["points"], places), True
    return _STATES[given["state"]], given["state"] == "undecided"


_STATES: Final = {
    "not_assigned": NOT_ASSIGNED,
    "not_entered": NOT_ENTERED,
    "not_computed": NOT_COMPUTED,
    "undecided": UNDECIDED,
}


def _more(line: Content) -> list[str]:
    """Return the remark of the unit and the names of its evidence."""
    texts = paragraphs(line["note"])
    if line["evidence"]:
        texts.append(glue(f"Minh chứng: {'; '.join(line['evidence'])}."))
    return texts


def _group_points(group: Content, data: Content, stage: str) -> str:
    total = _sum(group, data, stage)
    return UNDECIDED if total is None else format_number(total, data["table"]["places"])


def _sum(group: Content, data: Content, stage: str) -> Decimal | None:
    """Add up the leaves below a group, within its cap; None when nothing was decided there."""
    leaves = [
        data["lines"][row["code"]]["points"][stage]
        for row in _below(group, data["rows"])
        if not row["is_group"]
    ]
    states = {leaf["state"] for leaf in leaves}
    if "undecided" in states and "" not in states:
        return None
    total = sum((Decimal(leaf["points"]) for leaf in leaves if leaf["points"]), _ZERO)
    return min(total, Decimal(group["cap"])) if group.get("cap") else total


def _below(group: Content, rows: list[Content]) -> list[Content]:
    """Return the rows of a group: those behind it that stand deeper."""
    start = rows.index(group) + 1
    found = []
    for row in rows[start:]:
        if row["depth"] <= group["depth"]:
            break
        found.append(row)
    return found


def _totals(data: Content, stages: tuple[str, ...]) -> list[Row]:
    """Return base, bonus, penalty and total, as far as the table has them."""
    top = [row for row in data["rows"] if row["depth"] == 0]
    by_kind = {
        kind: [_sum_of([g for g in top if g["kind"] == kind], data, stage) for stage in stages]
        for kind in ("", "bonus", "penalty")
        if any(g["kind"] == kind for g in top)
    }
    places = data["table"]["places"]
    rows = [
        Row("", _TOTALS[kind], "", 0, is_group=True, cells=[_total_cell(v, places) for v in values])
        for kind, values in by_kind.items()
    ]
    whole = [_whole(by_kind, i) for i in range(len(stages))]
    assigned = format_number(_assigned_max(data, stages[-1]), places)
    cells = [_total_cell(value, places) for value in whole]
    title = "TỔNG ĐIỂM, trên số điểm được giao"
    return [*rows, Row("", title, assigned, 0, is_group=True, cells=cells)]


def _assigned_max(data: Content, stage: str) -> Decimal:
    """Return the scale without the ordinary leaves that are not assigned to the unit."""
    left_out = _ZERO
    for top in (row for row in data["rows"] if row["depth"] == 0 and not row["kind"]):
        for row in _below(top, data["rows"]):
            line = data["lines"].get(row["code"])
            if line and line["points"][stage]["state"] == "not_assigned":
                left_out += Decimal(row["max"])
    return Decimal(data["table"]["scale_total"]) - left_out


def _sum_of(groups: list[Content], data: Content, stage: str) -> Decimal | None:
    sums = [_sum(group, data, stage) for group in groups]
    known = [value for value in sums if value is not None]
    return sum(known, _ZERO) if known else None


def _whole(by_kind: dict[str, list[Decimal | None]], i: int) -> Decimal | None:
    base = by_kind.get("", [None] * len(STAGES))[i]
    if base is None:
        return None
    bonus = by_kind["bonus"][i] if "bonus" in by_kind else None
    penalty = by_kind["penalty"][i] if "penalty" in by_kind else None
    return base + (bonus or _ZERO) - (penalty or _ZERO)


def _total_cell(value: Decimal | None, places: int) -> Cell:
    return Cell(UNDECIDED if value is None else format_number(value, places))


def _basis(data: Content, *, approved: bool) -> str:
    figures = "số liệu duyệt" if approved else "số liệu tự chấm"
    return glue(
        f"Tính trên {figures} khi phát hành, theo bảng tiêu chí phiên bản "
        f"{data['table']['version']}; kết quả của cả cụm, khối theo phiên chấm được công bố."
    )


def _explained(data: Content, stage: str) -> list[Explained]:
    """Explain every leaf in the order of the table (PostgreSQL keeps no order of keys)."""
    places = data["table"]["places"]
    leaves = [(row, data["lines"][row["code"]]) for row in data["rows"] if not row["is_group"]]
    return [
        Explained(
            row["code"],
            glue(row["title"] or f"Tiêu chí {row['code']}"),
            _in_words(line["points"][stage], places)[0],
            glue(line["why"]),
            row.get("rule", ""),
        )
        for row, line in leaves
        if line["why"]
    ]


# Figures in words ----------------------------------------------------------------------------


def figure_in_words(given: Content | None, basis: Content, measure: str) -> str:
    """Write what a unit reported for a leaf, beside the level it pledged."""
    if given is None or given.get("assigned") is False:
        return ""
    parts = [_WORDS[key](value, measure) for key, value in given.items() if key in _WORDS]
    target = basis.get("target")
    if target is not None and "actual" in given:
        parts.append(f"mức giao ước {figure(target)}")
    return "; ".join(parts)


def _with_measure(value: str, measure: str) -> str:
    return f"{figure(value)} {measure}".strip()


_WORDS: Final[dict[str, Callable[[Any, str], str]]] = {
    "actual": lambda value, measure: f"đạt {_with_measure(value, measure)}",
    "met": lambda value, _: "đạt" if value else "không đạt",
    "level": lambda value, _: str(value),
    "count": lambda value, measure: _with_measure(value, measure or "lần"),
    "counts": lambda value, _: "; ".join(f"{k}: {figure(v)}" for k, v in value.items()),
    "days_late": lambda value, _: "đúng hạn" if value == "0" else f"muộn {figure(value)} ngày",
    "ranks": lambda value, _: f"thứ hạng {', '.join(str(rank) for rank in value)}",
    "baseline": lambda value, measure: f"năm trước {_with_measure(value, measure)}",
}
_HEADS: Final = {
    "claimed": "Tự chấm",
    "first": "Thẩm định lần 1",
    "second": "Thẩm định lần 2",
    "final": "Chính thức",
}
_WHAT: Final = {
    "claimed": "tự chấm",
    "first": "thẩm định lần 1",
    "second": "thẩm định lần 2",
    "final": "chính thức",
}
_TOTALS: Final = {
    "": "Cộng điểm nội dung",
    "bonus": "Cộng điểm thưởng",
    "penalty": "Cộng điểm trừ",
}
