"""The scoreboard: the result of one run as a page prints it, ready-made strings only.

Three statements for any number of units. What a reader may not see is not in the rows at all: the
reason for which a unit is not considered goes to that unit, to the lead and to the organiser.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clusters.acting import Acting
from clusters.models import ClusterYear
from clusters.policies import Place
from clusters.queries import place_of
from core.models import AuditEvent
from core.text import MINUS, NBSP, clip, format_number
from scoring.charts import DotChart, Line, Mark, dots, mark_words
from scoring.engine import Group, Leaf, Role, Table, read_table
from scoring.models import Publication, RunLine, RunResult, ScoringRun, Veto
from scoring.policies.openness import CLOSED, Reading, may_know_vetoes, may_read_points
from scoring.policies.openness import rule_in_words as rule_of_openness
from scoring.policies.run import may_read_all_points
from scoring.queries.outlook import (
    FIXED,
    Forecast,
    percent_in_words,
    range_in_words,
    ranks_in_words,
)

#: Of a long title of a group so much stands beside the line of a chart.
_CHART_LABEL: Final = 30
#: Width of a picture and the room for labels at its left, on wide and on narrow pages.
WIDE, NARROW = (930, 230), (340, 0)


# The table behind a run ----------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Column:
    """A top-level group of ordinary points."""

    code: str
    title: str
    most: Decimal
    leaves: frozenset[str]

    @property
    def label(self) -> str:
        """Return what the head of the column says."""
        return f"Nhóm {self.code}"

    @property
    def most_words(self) -> str:
        """Return what can be reached at most."""
        return format_number(self.most)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a scoreboard asks of the criteria table that its run was made with."""

    table: Table
    columns: tuple[Column, ...]
    has_bonus: bool
    has_penalty: bool
    #: What bonus and penalty points are limited to, in words; empty where they are not.
    bonus_cap: str
    penalty_cap: str
    #: Code of every group and leaf → its place on pages that list all of them.
    places: dict[str, str]

    @property
    def anchors(self) -> tuple[str, ...]:
        """Return where each column stands on the page of the cards."""
        return tuple(self.places[column.code] for column in self.columns)

    @property
    def bonus_anchor(self) -> str:
        """Return where bonus points begin on the page of the cards."""
        return self._first_of(Role.BONUS)

    @property
    def penalty_anchor(self) -> str:
        """Return where penalty points begin on the page of the cards."""
        return self._first_of(Role.PENALTY)

    def _first_of(self, role: Role) -> str:
        found = (self.places[group.code] for group in self.table.groups if group.role is role)
        return next(found, "")

    @property
    def ordinary(self) -> frozenset[str]:
        """Return the codes of the leaves that make up the scale."""
        return frozenset(leaf.code for leaf in self.table.leaves if leaf.role is Role.ORDINARY)

    def points(self, value: Decimal) -> str:
        """Write points with the decimals of the table."""
        return format_number(value, self.table.places)

    def percent(self, value: Decimal | None) -> str:
        """Write a percentage; a unit without anything assigned has none."""
        return "–" if value is None else f"{self.points(value)}{NBSP}%"


def shape_of(run: ScoringRun) -> Shape:
    """Read the criteria table of a run."""
    table = read_table(run.table_json)
    ordinary = [group for group in table.groups if group.role is Role.ORDINARY]
    columns = []
    for group in ordinary:
        leaves = list(leaves_of(group))
        most = sum((leaf.max for leaf in leaves), Decimal(0))
        codes = frozenset(leaf.code for leaf in leaves)
        columns.append(Column(group.code, group.title, most, codes))
    return Shape(
        table=table,
        columns=tuple(columns),
        has_bonus=any(group.role is Role.BONUS for group in table.groups),
        has_penalty=any(group.role is Role.PENALTY for group in table.groups),
        bonus_cap=_cap(table, Role.BONUS),
        penalty_cap=_cap(table, Role.PENALTY),
        places={node.code: f"m{at}" for at, node in enumerate(_nodes_of(table.groups))},
    )


def _nodes_of(nodes: Iterable[Group | Leaf]) -> Iterator[Group | Leaf]:
    """Walk through all groups and leaves, parents first."""
    for node in nodes:
        yield node
        if isinstance(node, Group):
            yield from _nodes_of(node.children)


def leaves_of(group: Group) -> Iterator[Leaf]:
    """Yield the leaves below a group in their order."""
    for child in group.children:
        if isinstance(child, Group):
            yield from leaves_of(child)
        else:
            yield child


def _cap(table: Table, role: Role) -> str:
    caps = [group.cap for group in table.groups if group.role is role]
    limits = [cap for cap in caps if cap is not None]
    return format_number(sum(limits, Decimal(0))) if limits and len(limits) == len(caps) else ""


def rule_in_words(shape: Shape) -> str:
    """Say by what units are ranked and what breaks a tie, from the settings of the table."""
    table = shape.table
    first = (
        "Xếp theo tổng điểm."
        if table.by_total
        else "Xếp theo tỷ lệ tổng điểm trên điểm giao; tiêu chí không giao được trừ khỏi điểm giao."
    )
    words = {"bonus": "điểm thưởng", "penalty": "điểm trừ (ít hơn xếp trên)"}
    tried = [
        words.get(word, f"điểm nhóm {word.removeprefix('group:')}") for word in table.tie_breakers
    ]
    ties = f"lần lượt xét {', '.join(tried)}; vẫn bằng thì " if tried else ""
    return f"{first} Bằng nhau thì {ties}đồng hạng, bỏ trống hạng sau."


# The board -----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Sum:
    """How the points of a unit add up, step by step."""

    base: str
    total: str
    percent: str


@dataclass(frozen=True, slots=True)
class Change:
    """How the rank moved since the publication before: kind of the words and the words."""

    kind: str
    icon: str
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """A unit on the board."""

    unit_id: int
    name: str
    rank: str
    is_tied: bool
    #: Why there is no rank, in a word; empty where there is one.
    unranked: str
    #: Why the unit is not considered; only for those who may know.
    vetoes: tuple[str, ...]
    is_own: bool
    is_open: bool
    groups: tuple[str, ...]
    bonus: str
    penalty: str
    total: str
    assigned: str
    percent: str
    grade: str
    #: From where to where the figures can still go; empty where they cannot.
    total_ends: str
    percent_ends: str
    rank_ends: str
    missing: str
    unassigned: str
    sum: Sum
    change: Change | None
    #: Where the leaves are explained; empty where the reader may not open them.
    cards: str
    #: The points of groups, bonus and penalty; each leads to what explains it, where it is open.
    cells: tuple[SafeString, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """The dots of every group on a wide and on a narrow page, and the same as a table."""

    finding: str
    has_own: bool
    wide: DotChart
    narrow: DotChart
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Board:
    """The result of a run as one reader may see it."""

    run: ScoringRun
    shape: Shape
    rows: tuple[Row, ...]
    rule: str
    #: The run published before this one, with which ranks are compared.
    before: ScoringRun | None
    chart: Chart | None
    has_grades: bool
    leaves: int
    forecast: Forecast
    #: How far points are open, in one line.
    openness: str

    @property
    def span(self) -> int:
        """Return the number of columns, for a row that takes the whole width."""
        shape = self.shape
        optional = (shape.has_bonus, shape.has_penalty, self.has_grades, self.before is not None)
        return 5 + len(shape.columns) + sum(optional)


@dataclass(frozen=True, slots=True)
class View:
    """Who reads a board: their place, and the unit whose row is open."""

    place: Place
    open_unit: int | None = None
    reading: Reading = CLOSED

    @property
    def own(self) -> int | None:
        """Return the unit that the reader acts for, where it is a member."""
        return self.place.acting.unit_id if self.place.membership else None

    def may_open(self, unit_id: int) -> bool:
        """Whether the leaves of a unit are open to this reader."""
        return may_read_points(self.place, unit_id, self.reading)

    def may_know_why(self, unit_id: int) -> bool:
        """Whether this reader learns why a unit is not considered or a figure was changed."""
        return may_know_vetoes(self.place, unit_id)


def board_of(
    run: ScoringRun, view: View, before: ScoringRun | None = None, forecast: Forecast = FIXED
) -> Board:
    """Return the result of a run; ranks are compared with the run published before."""
    shape = shape_of(run)
    results = results_of(run)
    away = _not_assigned(run, shape)
    gaps = gaps_of(run, results)
    moved = None if before is None else _ranks(before)
    rows = tuple(
        _row(result, view, _Facts(run, shape, away[result.pk], gaps[result.pk], moved, forecast))
        for result in results
    )
    return Board(
        run=run,
        shape=shape,
        rows=rows,
        rule=rule_in_words(shape),
        before=before,
        chart=_chart(results, shape, view, away),
        has_grades=any(row.grade for row in rows),
        leaves=len(shape.table.leaves),
        forecast=forecast,
        openness=rule_of_openness(view.reading),
    )


def results_of(run: ScoringRun) -> list[RunResult]:
    """Return what a run gives each unit, in the order of the result."""
    return list(RunResult.objects.filter(run=run).select_related("unit").order_by("order"))


@dataclass(frozen=True, slots=True)
class Gaps:
    """Criteria of a unit that count as 0: nothing was entered, or there is nothing to hold it to.

    Both are listed as missing by the engine; people have to do different things about them.
    """

    not_entered: tuple[str, ...] = ()
    no_target: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Say how many of each: `1 tiêu chí chưa nhập, tính 0`."""
        kinds = ((self.not_entered, "chưa nhập"), (self.no_target, "chưa có chỉ tiêu"))
        said = [f"{len(codes)} tiêu chí {what}" for codes, what in kinds if codes]
        return f"{', '.join(said)}, tính 0" if said else ""


def gaps_of(run: ScoringRun, results: Iterable[RunResult]) -> dict[int, Gaps]:
    """Sort what is missing in a run, by the key of the result."""
    figures = {unit["code"]: unit.get("figures", {}) for unit in run.figures["units"]}
    found = {}
    for result in results:
        given = figures.get(result.unit.code, {})
        without = [code for code in result.missing if "actual" in given.get(code, {})]
        nothing = [code for code in result.missing if code not in without]
        found[result.pk] = Gaps(tuple(nothing), tuple(without))
    return found


def published_in(year: ClusterYear) -> list[Publication]:
    """Return the publications of a year, the newest first."""
    rows = Publication.objects.filter(cluster_year=year)
    return list(rows.select_related("run", "published_by", "revoked_by").order_by("-pk"))


def run_before(published: Sequence[Publication]) -> ScoringRun | None:
    """Return the run that was published before the newest publication, if it was another one."""
    runs = [one.run for one in published]
    return next((run for run in runs[1:] if run.pk != runs[0].pk), None)


def _not_assigned(run: ScoringRun, shape: Shape) -> dict[int, list[str]]:
    """Return the ordinary leaves that are not assigned, by the key of the result."""
    found: dict[int, list[str]] = defaultdict(list)
    lines = RunLine.objects.filter(result__run=run, score__isnull=True).order_by("pk")
    ordinary = shape.ordinary
    for result, code in lines.values_list("result_id", "code"):
        if code in ordinary:
            found[result].append(code)
    return found


def _ranks(run: ScoringRun) -> dict[int, int | None]:
    return dict(RunResult.objects.filter(run=run).values_list("unit_id", "rank"))


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a row is written from, beside the result itself."""

    run: ScoringRun
    shape: Shape
    away: Sequence[str]
    gaps: Gaps
    #: Ranks of the publication before by unit; None where there was none.
    ranks: dict[int, int | None] | None
    forecast: Forecast


def _row(result: RunResult, view: View, facts: _Facts) -> Row:
    unit, shape, away = result.unit_id, facts.shape, facts.away
    left_out = format_number(shape.table.scale_total - result.assigned_max)
    cards = _address_of_cards(facts.run, unit) if view.may_open(unit) else ""
    ends = facts.forecast.units.get(result.unit.code)
    places = shape.table.places
    return Row(
        unit_id=unit,
        name=result.unit_name,
        rank=str(result.rank or ""),
        is_tied=result.is_tied,
        unranked=_unranked(result),
        vetoes=tuple(result.vetoes) if view.may_know_why(unit) else (),
        is_own=unit == view.own,
        is_open=unit == view.open_unit,
        groups=tuple(shape.points(points) for points in _groups(result, shape)),
        bonus=_bonus(result, shape),
        penalty=_penalty(result, shape),
        total=shape.points(result.total),
        assigned=format_number(result.assigned_max),
        percent=shape.percent(result.percent),
        grade=result.classification,
        total_ends=range_in_words(ends.total, places) if ends else "",
        percent_ends=percent_in_words(ends.percent, places) if ends else "",
        rank_ends=ranks_in_words(ends) if ends else "",
        missing=facts.gaps.words,
        unassigned=f"{len(away)} tiêu chí không giao ({left_out} điểm)" if away else "",
        sum=_sum(result, shape),
        change=None if facts.ranks is None else _change(facts.ranks.get(unit), result.rank),
        cards=cards,
        cells=tuple(_cell(points, anchor, cards) for points, anchor in _cells(result, shape)),
    )


def _cells(result: RunResult, shape: Shape) -> Iterator[tuple[str, str]]:
    """Yield what stands in the columns before the total: points, and where they are explained."""
    for points, anchor in zip(_groups(result, shape), shape.anchors, strict=True):
        yield shape.points(points), anchor
    if shape.has_bonus:
        yield _bonus(result, shape), shape.bonus_anchor
    if shape.has_penalty:
        yield _penalty(result, shape), shape.penalty_anchor


def _cell(points: str, anchor: str, cards: str) -> SafeString:
    if not cards:
        return format_html("{}", points)
    return format_html(
        '<a href="{}#{}">{}<span class="visually-hidden">, vì sao</span></a>', cards, anchor, points
    )


def _bonus(result: RunResult, shape: Shape) -> str:
    return f"+{shape.points(result.bonus)}" if result.bonus else shape.points(result.bonus)


def _penalty(result: RunResult, shape: Shape) -> str:
    return (MINUS if result.penalty else "") + shape.points(result.penalty)


def _address_of_cards(run: ScoringRun, unit_id: int) -> str:
    return reverse("scoring:run_unit", args=[run.cluster_year_id, run.number, unit_id])


def _unranked(result: RunResult) -> str:
    if result.rank is not None:
        return ""
    return "Không xét" if result.vetoes else "Không xếp hạng"


def _groups(result: RunResult, shape: Shape) -> list[Decimal]:
    return [Decimal(result.groups[column.code]) for column in shape.columns]


def _sum(result: RunResult, shape: Shape) -> Sum:
    points = shape.points
    groups = " + ".join(points(value) for value in _groups(result, shape))
    outside = (f" + {points(result.bonus)}" if shape.has_bonus else "") + (
        f" {MINUS} {points(result.penalty)}" if shape.has_penalty else ""
    )
    percent = ""
    if result.percent is not None:
        parts = f"{points(result.total)} ÷ {format_number(result.assigned_max)} × 100"
        percent = f"{parts} = {shape.percent(result.percent)}"
    base = points(result.base)
    return Sum(
        base=f"{groups} = {base}" if len(shape.columns) > 1 else base,
        total=f"{base}{outside} = {points(result.total)}" if outside else "",
        percent=percent,
    )


def _change(old: int | None, new: int | None) -> Change | None:
    if old is None or new is None:
        return None
    if old == new:
        return Change("quiet", "", f"giữ hạng {new}")
    if new < old:
        return Change("ok", "arrow-up", f"từ hạng {old}")
    return Change("err", "arrow-down", f"từ hạng {old}")


# The chart -----------------------------------------------------------------------------------
def _chart(
    results: Sequence[RunResult], shape: Shape, view: View, away: dict[int, list[str]]
) -> Chart | None:
    shares = {result.pk: _shares(result, shape, away[result.pk]) for result in results}
    lines = [
        Line(
            clip(f"{column.code}. {column.title}", _CHART_LABEL),
            f"tối đa {column.most_words} điểm",
            tuple(_marks(results, view, [shares[r.pk][place] for r in results])),
        )
        for place, column in enumerate(shape.columns)
    ]
    wide, narrow = (dots(lines, width=width, left=left) for width, left in (WIDE, NARROW))
    if wide is None or narrow is None:
        return None
    return Chart(
        finding=_finding(lines, shape),
        has_own=any(mark.is_own for line in lines for mark in line.marks),
        wide=wide,
        narrow=narrow,
        heads=tuple(f"{column.label}, %" for column in shape.columns),
        rows=tuple(
            (r.unit_name, tuple(_share_words(value) for value in shares[r.pk])) for r in results
        ),
    )


def _shares(result: RunResult, shape: Shape, away: Iterable[str]) -> list[Decimal | None]:
    """Return the points of each group as per cent of what the unit could reach in it."""
    maxima = {leaf.code: leaf.max for leaf in shape.table.leaves}
    gone = set(away)
    found: list[Decimal | None] = []
    for column, points in zip(shape.columns, _groups(result, shape), strict=True):
        most = column.most - sum((maxima[c] for c in gone & column.leaves), Decimal(0))
        found.append(points * 100 / most if most else None)
    return found


def _share_words(value: Decimal | None) -> str:
    return "–" if value is None else format_number(value, 1)


def _marks(
    results: Sequence[RunResult], view: View, values: Sequence[Decimal | None]
) -> Iterator[Mark]:
    for result, value in zip(results, values, strict=True):
        if value is not None:
            yield Mark(result.unit.short_name, value, result.unit_id == view.own)


def _finding(lines: Sequence[Line], shape: Shape) -> str:
    """Say in one sentence what the chart shows: one's own place, or who is first and last."""
    said = []
    for line, column in zip(lines, shape.columns, strict=True):
        if not line.marks:
            continue
        ordered = sorted(line.marks, key=lambda mark: mark.value)
        own = next((mark for mark in line.marks if mark.is_own), None)
        first, last = (
            mark_words([mark for mark in ordered if mark.value == end.value])
            for end in (ordered[-1], ordered[0])
        )
        if own:
            place = 1 + sum(mark.value > own.value for mark in line.marks)
            words = f"{own.name} {_share_words(own.value)}{NBSP}%, thứ {place}/{len(line.marks)}"
        else:
            words = f"cao nhất {first}{NBSP}%, thấp nhất {last}{NBSP}%"
        said.append(f"nhóm {column.code}: {words}")
    return f"Tỷ lệ điểm theo nhóm. {'; '.join(said)}."


# History -------------------------------------------------------------------------------------
def without_vetoes_of_others(
    events: QuerySet[AuditEvent], acting: Acting, year: ClusterYear
) -> QuerySet[AuditEvent]:
    """Leave out of the history why other units are not considered (a curtain).

    That a unit has no rank the board says to all; the reason is the unit's, the lead's and the
    organiser's, as on the board.
    """
    place = place_of(acting, year)
    if may_read_all_points(place):
        return events
    vetoes = Veto.objects.filter(cluster_year=year)
    own = vetoes.filter(unit=acting.unit_id) if place.membership else vetoes.none()
    keys = [str(pk) for pk in own.values_list("pk", flat=True)]
    return events.exclude(Q(action__startswith="scoring.veto_") & ~Q(object_id__in=keys))
