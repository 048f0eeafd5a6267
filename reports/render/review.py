"""The reports of the year (báo cáo sơ kết, tổng kết): of a unit, and of the cluster.

Zero, no figure yet, no level and not assigned are written out wherever they stand
(product.md §5.4).
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from core.text import format_number, join_names
from reports.render.official import Content, Frame, frame_of
from reports.render.targets import even_groups, level_in_words
from reports.render.words import (
    day,
    figure,
    glue,
    local_name,
    long_date,
    paragraphs,
    points,
    without_end,
)

#: More units beside one another do not fit a landscape page with result and judgement.
UNITS_PER_TABLE: Final = 8
#: Share of the level, in per cent, with so many decimals.
_SHARE_PLACES: Final = 1
NO_FIGURE: Final = "–"
#: Judgements in the order in which they are counted; others follow.
_ORDER: Final = (
    "Vượt", "Đạt", "Đúng nhịp", "Chậm nhịp", "Chưa đạt", "Chưa nhập", "Không đặt mức", "Bằng lời",
    "Không giao",
)  # fmt: skip
NOT_ASSIGNED: Final = "Không giao"


@dataclass(frozen=True, slots=True)
class Passage:
    """A heading of the outline with what was written under it; depth 0 is a main part."""

    heading: str
    depth: int
    paragraphs: list[str]


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A target with level, result, share and judgement; `area` opens a group when not empty."""

    number: int
    area: str
    text: str
    unit_of_measure: str
    level: str
    result: str
    share: str
    judgement: str
    note: str = ""
    in_words: bool = False


@dataclass(frozen=True, slots=True)
class UnmetRow:
    """A target that is not met: why, what will be done, by whom, until when."""

    number: int
    text: str
    result: str
    cause: str
    measure: str
    responsible: str
    due: str


@dataclass(frozen=True, slots=True)
class UnmetGroup:
    """The targets a unit has not met; without name in the unit's own report."""

    unit: str
    rows: list[UnmetRow]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one unit has reached for one target."""

    result: str
    judgement: str


@dataclass(frozen=True, slots=True)
class CrossRow:
    """A target in the table targets × units."""

    number: int
    area: str
    text: str
    unit_of_measure: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class CrossTable:
    """A part of the table targets × units that fits the width of a page."""

    part: str
    units: list[str]
    rows: list[CrossRow]

    @property
    def columns(self) -> int:
        """Return the number of columns, for a row that spans them all."""
        return len(self.units) + 3


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A row of the register of models, collectives and persons worth following."""

    number: int
    kind: str
    name: str
    unit: str
    description: list[str]
    standing: str


@dataclass(frozen=True, slots=True)
class Review:
    """Everything the template of a report prints."""

    frame: Frame
    opening: list[str]
    passages: list[Passage]
    closing: str
    figures: list[FigureRow] = field(default_factory=list)
    cross: list[CrossTable] = field(default_factory=list)
    unmet: list[UnmetGroup] = field(default_factory=list)
    exemplars: list[Exemplar] = field(default_factory=list)
    figures_hash: str = ""


def review_of(content: Content) -> Review:
    """Lay out a report."""
    data = content["data"]
    units = {unit["code"]: unit["short_name"] for unit in data["units"]}
    of_cluster = content["paper"] == "CLUSTER_REVIEW"
    return Review(
        frame=frame_of(content, "BÁO CÁO"),
        opening=_opening(data, of_cluster=of_cluster),
        passages=_passages(data["sections"]),
        closing=_closing(data),
        figures=[] if of_cluster else _figures(data, next(iter(units))),
        cross=_cross(data, units) if of_cluster else [],
        unmet=_unmet(data, units, of_cluster=of_cluster),
        exemplars=[_exemplar(i, row) for i, row in enumerate(data["exemplars"], 1)],
        figures_hash=data["figures_hash"],
    )


# Text ----------------------------------------------------------------------------------------


def _opening(data: Content, *, of_cluster: bool) -> list[str]:
    """Say on what the report rests, and sum its figures up in one sentence."""
    pledge = data["pledge"]
    number = f" số\u00a0{pledge['number']}" if pledge["number"] else ""
    who = local_name(data["issuer_name"], data["head"]["superior"])
    what = "kết quả thực hiện các chỉ tiêu giao ước"
    first = (
        f"Thực hiện {pledge['title']}{number} {long_date(pledge['dated'])}, {who} báo cáo {what} "
        f"(số liệu được chấp nhận đến hết {long_date(data['figures_until'])}) như sau:"
    )
    return [glue(first), glue(_sum_of_units(data) if of_cluster else _sum_of_unit(data))]


def _sum_of_unit(data: Content) -> str:
    counted = Counter(_only_cell(target)["label"] for target in data["targets"])
    return f"Trong {len(data['targets'])} chỉ tiêu: {_counted(counted)}."


def _sum_of_units(data: Content) -> str:
    counted: Counter[str] = Counter()
    for target in data["targets"]:
        counted.update(cell["label"] for cell in target["cells"].values())
    return (
        f"{len(data['units'])} đơn vị thực hiện {len(data['targets'])} chỉ tiêu, "
        f"gồm {format_number(counted.total())} lượt chỉ tiêu của từng đơn vị: {_counted(counted)}."
    )


def _counted(counted: Counter[str]) -> str:
    """Write counts in words: ``12 đạt, 3 chưa đạt và 1 báo cáo bằng lời``."""
    order = {label: place for place, label in enumerate(_ORDER)}
    labels = sorted(counted, key=lambda label: (order.get(label, len(order)), label))
    said = {label: label.lower() for label in labels} | {"Bằng lời": "báo cáo bằng lời"}
    return join_names([f"{format_number(counted[label])} {said[label]}" for label in labels])


def _passages(sections: list[Content]) -> list[Passage]:
    """Return the parts of the outline; one without text says so instead of standing empty."""
    found = []
    for section in sections:
        lines = paragraphs(section["text"]) if section["is_written"] else []
        if section["is_written"] and not lines:
            lines = ["Không có nội dung báo cáo."]
        found.append(Passage(glue(section["heading"]), section["depth"], lines))
    return found


def _closing(data: Content) -> str:
    whom = without_end(data["reported_to"])
    return glue(f"Trên đây là {data['name_in_text']}, kính báo cáo {whom}") + "./."


# Figures -------------------------------------------------------------------------------------


def _figures(data: Content, code: str) -> list[FigureRow]:
    rows = []
    area = None
    for number, target in enumerate(data["targets"], 1):
        cell = target["cells"][code]
        opened = target["area"] if target["area"] != area else ""
        area = target["area"]
        rows.append(
            FigureRow(
                number,
                opened,
                glue(target["text"]),
                target["unit_of_measure"],
                _level(target, cell),
                _result(target, cell),
                points(cell["share"], _SHARE_PLACES),
                "" if cell["judgement"] == "NOT_ASSIGNED" else cell["label"],
                glue(cell.get("note", "")),
                in_words=target["kind"] == "TEXT",
            )
        )
    return rows


def _level(target: Content, cell: Content) -> str:
    """Write what was pledged; a change by so many per cent with the figure it comes to."""
    if target["kind"] == "TEXT":
        return ""
    words = level_in_words(target, cell["level"]).text
    if cell.get("limit") is None:
        return words
    sign = "≤" if target["direction"] == "DOWN" else "≥"
    return f"{words} ({sign}\u00a0{figure(cell['limit'])})"


def _result(target: Content, cell: Content) -> str:
    """Write a result: a figure (zero too), words, a dash for none yet, or not assigned."""
    if cell["judgement"] == "NOT_ASSIGNED":
        return NOT_ASSIGNED
    if target["kind"] == "TEXT":
        return glue(cell["text"]) or NO_FIGURE
    return figure(cell["result"]) or NO_FIGURE


def _only_cell(target: Content) -> Content:
    cell: Content = next(iter(target["cells"].values()))
    return cell


def _cross(data: Content, units: dict[str, str]) -> list[CrossTable]:
    groups = even_groups(list(units), UNITS_PER_TABLE)
    return [
        CrossTable(
            f"{i}/{len(groups)}" if len(groups) > 1 else "",
            [units[code] for code in codes],
            _cross_rows(data["targets"], codes),
        )
        for i, codes in enumerate(groups, 1)
    ]


def _cross_rows(targets: list[Content], codes: list[str]) -> list[CrossRow]:
    rows = []
    area = None
    for number, target in enumerate(targets, 1):
        opened = target["area"] if target["area"] != area else ""
        area = target["area"]
        cells = [_cell(target, target["cells"][code]) for code in codes]
        measure = target["unit_of_measure"]
        rows.append(CrossRow(number, opened, glue(target["text"]), measure, cells))
    return rows


def _cell(target: Content, cell: Content) -> Cell:
    if target["kind"] == "TEXT" and cell["judgement"] != "NOT_ASSIGNED":
        return Cell("Có báo cáo" if cell["text"] else NO_FIGURE, "")
    said = cell["judgement"] in ("NOT_ASSIGNED", "NOT_ENTERED")
    return Cell(_result(target, cell), "" if said else cell["label"])


def _unmet(data: Content, units: dict[str, str], *, of_cluster: bool) -> list[UnmetGroup]:
    targets = {target["key"]: (i, target) for i, target in enumerate(data["targets"], 1)}
    groups = []
    for code, name in units.items():
        rows = [
            _unmet_row(*targets[row["key"]], row)
            for row in data["unmet"]
            if row["unit"] == code and row["key"] in targets
        ]
        if rows:
            groups.append(UnmetGroup(name if of_cluster else "", rows))
    return groups


def _unmet_row(number: int, target: Content, row: Content) -> UnmetRow:
    cell = target["cells"][row["unit"]]
    return UnmetRow(
        number,
        glue(target["text"]),
        f"{_result(target, cell)} / {_level(target, cell)}",
        glue(row["cause"]),
        glue(row["measure"]),
        row["responsible"],
        f"{day(row['due_on']):%d/%m/%Y}" if row["due_on"] else "",
    )


def _exemplar(number: int, row: Content) -> Exemplar:
    more = []
    if row["since"]:
        more.append(f"Từ {row['since']}.")
    if row["spread_to"]:
        more.append(f"Đã nhân rộng đến {without_end(row['spread_to'])}.")
    return Exemplar(
        number,
        row["kind_label"],
        row["name"],
        row["unit"],
        [*paragraphs(row["description"]), *more],
        row["standing_label"],
    )
