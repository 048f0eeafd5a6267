"""The result of a scoring run on paper: summary with ranks, and the table of every leaf.

Both come from one recorded run and say which: its number, the version of the table, the hash of
what went in. A vetoed unit keeps its points and has no rank; what is incomplete is marked. Every
member reads these papers, so why a unit is vetoed and what it left out is not said in the remarks.
"""

from dataclasses import dataclass
from typing import Final

from core.text import format_date, join_names
from reports.render.official import Content, Frame, frame_of
from reports.render.sheet import NOT_ASSIGNED, Explained
from reports.render.targets import even_groups
from reports.render.words import day, figure, glue, points, to_the_minute

#: A landscape page holds so many columns of groups beside the fixed ones.
GROUPS_MOST: Final = 7
#: And so many units beside code, title and maximum of a leaf.
UNITS_PER_TABLE: Final = 10
#: Behind the points of a unit or a leaf that lacks a figure.
MARK: Final = "*"
NOT_RANKED: Final = "Không xét"


@dataclass(frozen=True, slots=True)
class Placed:
    """A row of the summary."""

    number: int
    unit: str
    groups: list[str]
    bonus: str
    penalty: str
    total: str
    assigned: str
    percent: str
    rank: str
    is_tied: bool
    is_ranked: bool
    classification: str


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything the template of the summary prints."""

    frame: Frame
    heads: list[str]
    group_legend: str
    has_bonus: bool
    has_penalty: bool
    rows: list[Placed]
    rule: str
    remarks: list[str]
    run: str
    inputs: str

    @property
    def columns(self) -> int:
        """Return the number of columns, for the row of their numbers."""
        return 7 + len(self.heads) + self.has_bonus + self.has_penalty

    @property
    def numbered(self) -> list[int]:
        """Return the numbers of the columns, as the second row of the head has them."""
        return list(range(1, self.columns + 1))


@dataclass(frozen=True, slots=True)
class LeafRow:
    """A group or leaf in the table of every leaf; cells are points, or words in italics."""

    code: str
    title: str
    points: str
    depth: int
    is_group: bool
    cells: list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class UnitTable:
    """A part of the table of every leaf: the units that fit the width of a page."""

    part: str
    units: list[str]
    rows: list[LeafRow]
    totals: list[LeafRow]


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Everything the template of the table of every leaf prints."""

    frame: Frame
    tables: list[UnitTable]
    remarks: list[str]
    #: How the points of each unit came about, for the annex.
    explained: list["UnitExplained"]
    run: str
    inputs: str


@dataclass(frozen=True, slots=True)
class UnitExplained:
    """Every point of one unit with the sentence that explains it."""

    unit: str
    rows: list[Explained]


def summary_of(content: Content) -> Summary:
    """Lay out the summary of a run."""
    data = content["data"]
    ordinary = [group for group in data["groups"] if not group["kind"]]
    shown = ordinary if len(ordinary) <= GROUPS_MOST else []
    has = {kind: any(g["kind"] == kind for g in data["groups"]) for kind in ("bonus", "penalty")}
    return Summary(
        frame=frame_of(content, "BẢNG TỔNG HỢP ĐIỂM, XẾP HẠNG"),
        heads=[group["code"] for group in shown] or ["Điểm nội dung"],
        group_legend="; ".join(f"{g['code']}: {glue(g['title'])}" for g in shown),
        has_bonus=has["bonus"],
        has_penalty=has["penalty"],
        rows=[_placed(i, unit, shown, data["table"]) for i, unit in enumerate(data["units"], 1)],
        rule=_rule(data["table"]),
        remarks=[*_vetoes(data), *_missing(data), *_gaps(data), *_open_ends(data)],
        run=_run(data),
        inputs=data["run"]["inputs_sha256"],
    )


def score_table_of(content: Content) -> ScoreTable:
    """Lay out the points of every leaf, units beside one another, split to fit the page."""
    data = content["data"]
    units = {unit["code"]: unit for unit in data["units"]}
    groups = even_groups(list(units), UNITS_PER_TABLE)
    return ScoreTable(
        frame=frame_of(content, "BẢNG ĐIỂM CHI TIẾT"),
        tables=[
            _unit_table(data, [units[code] for code in codes], i, len(groups))
            for i, codes in enumerate(groups, 1)
        ],
        remarks=[*_vetoes(data), *_missing(data), *_unexplained(data)],
        explained=_explained(data),
        run=_run(data),
        inputs=data["run"]["inputs_sha256"],
    )


def _explained(data: Content) -> list[UnitExplained]:
    """Explain every point, units in the order of the result; nothing where it is not kept."""
    places, leaves = data["table"]["places"], [row for row in data["rows"] if not row["is_group"]]
    return [
        UnitExplained(
            unit["name"],
            [
                Explained(
                    row["code"],
                    glue(row["title"] or f"Tiêu chí {row['code']}"),
                    _leaf(unit, row["code"], places)[0],
                    glue(sentences[row["code"]]),
                    row.get("rule", ""),
                )
                for row in leaves
            ],
        )
        for unit in data["units"]
        if (sentences := data.get("why", {}).get(unit["code"]))
    ]


# Summary -------------------------------------------------------------------------------------


def _placed(number: int, unit: Content, shown: list[Content], table: Content) -> Placed:
    places = table["places"]
    groups = [unit["groups"][group["code"]] for group in shown] or [unit["base"]]
    mark = "" if unit["complete"] else MARK
    return Placed(
        number,
        unit["name"],
        [points(value, places) for value in groups],
        points(unit["bonus"], places),
        points(unit["penalty"], places),
        points(unit["total"], places) + mark,
        points(unit["assigned_max"], places),
        points(unit["percent"], places),
        _rank(unit),
        is_tied=unit["tied"],
        is_ranked=unit["rank"] is not None,
        classification=unit["classification"],
    )


def _rank(unit: Content) -> str:
    if unit["rank"] is not None:
        return str(unit["rank"])
    return NOT_RANKED if _is_vetoed(unit) else "Không có điểm giao"


def _rule(table: Content) -> str:
    """Say in one sentence how units were ranked and classified."""
    ranking = table["ranking"]
    by = {
        "percent": "tỷ lệ phần trăm giữa tổng điểm và điểm giao, so sánh chính xác trước khi làm "
        "tròn",
        "total": "tổng điểm",
    }[ranking.get("by", "percent")]
    text = f"Xếp hạng theo {by}"
    if breakers := [_breaker(name) for name in ranking.get("tie_breakers", [])]:
        text += f"; bằng nhau thì xét lần lượt {join_names(breakers)}"
    text += "; còn bằng nhau thì đồng hạng, hạng kế tiếp tính theo số đơn vị xếp trên."
    text += " Tổng điểm bằng điểm nội dung cộng điểm thưởng trừ điểm trừ; điểm giao không gồm "
    text += "tiêu chí không giao cho đơn vị."
    if table["classification"]:
        bands = [f"{c['label']} từ {figure(c['from'])} %" for c in table["classification"]]
        text += f" Xếp loại theo tỷ lệ: {'; '.join(bands)}."
    return glue(text)


def _breaker(name: str) -> str:
    if name.startswith("group:"):
        return f"điểm nhóm {name.removeprefix('group:')}"
    return {"bonus": "điểm thưởng cao hơn", "penalty": "điểm trừ ít hơn"}[name]


# Table of every leaf -------------------------------------------------------------------------


def _unit_table(data: Content, units: list[Content], i: int, count: int) -> UnitTable:
    places = data["table"]["places"]
    totals = [
        _total("Tổng điểm", [points(u["total"], places) for u in units]),
        _total("Điểm giao", [points(u["assigned_max"], places) for u in units]),
        _total("Tỷ lệ (%)", [points(u["percent"], places) or "–" for u in units]),
        _total("Xếp hạng", [_rank(u) for u in units]),
    ]
    return UnitTable(
        f"{i}/{count}" if count > 1 else "",
        [unit["short_name"] for unit in units],
        [_leaf_row(row, units, places) for row in data["rows"]],
        totals,
    )


def _leaf_row(row: Content, units: list[Content], places: int) -> LeafRow:
    code = row["code"]
    if row["is_group"]:
        cells = [(points(unit["groups"][code], places), True) for unit in units]
    else:
        cells = [_leaf(unit, code, places) for unit in units]
    title = glue(row["title"] or f"Tiêu chí {code}")
    most = points(row["max"], places)
    return LeafRow(code, title, most, row["depth"], row["is_group"], cells)


def _leaf(unit: Content, code: str, places: int) -> tuple[str, bool]:
    score = unit["lines"][code]
    if score is None:
        return NOT_ASSIGNED, False
    return points(score, places) + (MARK if code in unit["missing"] else ""), True


def _total(title: str, cells: list[str]) -> LeafRow:
    return LeafRow("", title, "", 0, is_group=True, cells=[(cell, True) for cell in cells])


# Remarks -------------------------------------------------------------------------------------


def _is_vetoed(unit: Content) -> bool:
    """Whether a unit is not considered; content frozen earlier holds the reasons instead."""
    return bool(unit["is_vetoed"] if "is_vetoed" in unit else unit["vetoes"])


def _vetoes(data: Content) -> list[str]:
    return [
        glue(f"{unit['name']}: không xét thi đua, giữ nguyên điểm, không xếp hạng.")
        for unit in data["units"]
        if _is_vetoed(unit)
    ]


def _missing(data: Content) -> list[str]:
    found = [
        glue(f"{unit['name']}: {len(unit['missing'])} tiêu chí.")
        for unit in data["units"]
        if unit["missing"]
    ]
    if not found:
        return []
    return [f"{MARK} Chưa nhập số liệu, tính 0 điểm. {' '.join(found)}"]


def _open_ends(data: Content) -> list[str]:
    """Say how far provisional results can still go."""
    found = [
        glue(f"{unit['name']}: {_reach(ends, data['table']['places'])}.")
        for unit in data["units"]
        if (ends := unit.get("ends"))
    ]
    if not found:
        return []
    return [f"Tạm tính, còn tiêu chí để ngỏ; phần giao không đổi thì {' '.join(found)}"]


def _reach(ends: Content, places: int) -> str:
    low, high = ends["total"]
    if high is None:
        said = f"đạt từ {points(low, places)} điểm trở lên" if low else "chưa có giới hạn điểm"
    elif low is None:
        said = f"đạt không quá {points(high, places)} điểm"
    elif low == high:
        said = f"đạt {points(low, places)} điểm"
    else:
        said = f"đạt từ {points(low, places)} đến {points(high, places)} điểm"
    if not ends["rank"]:
        return said
    best, worst = ends["rank"]
    return f"{said}, hạng {best}" + ("" if best == worst else f" đến {worst}")


def _unexplained(data: Content) -> list[str]:
    if "why" not in data or data["why"]:
        return []
    return ["Cách tính từng điểm in trong phiếu chấm điểm đã duyệt của mỗi đơn vị."]


def _gaps(data: Content) -> list[str]:
    return (
        [glue(f"Còn thiếu để công bố chính thức: {'; '.join(data['gaps'])}.")]
        if data["gaps"]
        else []
    )


def _run(data: Content) -> str:
    """Name the run, the table and the engine, so that the result can be made again."""
    run, table = data["run"], data["table"]
    text = (
        f"Phiên chấm {run['number']} ({run['kind_label'].lower()}), chạy lúc "
        f"{to_the_minute(run['made_at'])}; {table['name']}, phiên bản {table['version']}, "
        f"thang điểm {figure(table['scale_total'])}; máy tính điểm phiên bản {run['engine']}."
    )
    if data["objections_until"]:
        until = format_date(day(data["objections_until"]))
        text += f" Nhận kiến nghị đến hết ngày {until}."
    return glue(text)
