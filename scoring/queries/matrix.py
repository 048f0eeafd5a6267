"""Criteria × units of one run (feature 100): ready strings only, so that 8,800 cells are cheap.

Rows are groups and leaves in the order of the table, columns the units whose points the reader may
open, in the order of their ranks. What a cell is needs no colour: full marks and nothing carry a
sign, what is not assigned, not entered or without a target says so in letters.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.text import clip, format_number
from scoring.engine import Group, Leaf
from scoring.models import RunLine, RunResult, ScoringRun, coded_title
from scoring.queries.board import Gaps, Shape, View, gaps_of, results_of, shape_of
from scoring.queries.cards import most_of
from scoring.queries.outlook import FIXED, Forecast, ranks_in_words

#: Of a long title so much stands in the column that stays in sight.
_TITLE_SHOWN = 90
_NOT_ASSIGNED = SafeString('<td><abbr title="không giao">KG</abbr></td>')
_NOT_ENTERED = SafeString('<abbr title="chưa nhập, tính 0">CN</abbr>')
_NO_TARGET = SafeString('<abbr title="chưa có chỉ tiêu, tính 0">CT</abbr>')


@dataclass(frozen=True, slots=True)
class Head:
    """A unit above its column."""

    unit_id: int
    name: str
    rank: str
    rank_ends: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A row: what stands in the column that stays in sight, and the cells as one string."""

    code: str
    title: str
    most: str
    depth: int
    is_group: bool
    cells: SafeString


@dataclass(frozen=True, slots=True)
class Part:
    """A top-level group, which can be folded: its own row, and the rows below it."""

    head: Line
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The points of a run as one reader may see them."""

    heads: tuple[Head, ...]
    parts: tuple[Part, ...]
    #: Total and per cent.
    sums: tuple[Line, ...]
    #: Units whose points the reader may not open.
    hidden: int
    leaves: int


def matrix_of(run: ScoringRun, view: View, forecast: Forecast = FIXED) -> Matrix:
    """Return the matrix of a run; two statements for any size."""
    shape, results = shape_of(run), results_of(run)
    shown = [result for result in results if view.may_open(result.unit_id)]
    book = _Book(shape, shown, gaps_of(run, shown), _scores(run, shown))
    return Matrix(
        heads=tuple(_head(result, view, forecast) for result in shown),
        parts=tuple(book.part(group) for group in shape.table.groups),
        sums=tuple(book.sums()),
        hidden=len(results) - len(shown),
        leaves=len(shape.table.leaves),
    )


def _head(result: RunResult, view: View, forecast: Forecast) -> Head:
    ends = forecast.units.get(result.unit.code)
    return Head(
        unit_id=result.unit_id,
        name=result.unit.short_name,
        rank="không xét" if result.rank is None else f"hạng {result.rank}",
        rank_ends=ranks_in_words(ends) if ends else "",
        is_own=result.unit_id == view.own,
    )


def _scores(run: ScoringRun, results: Sequence[RunResult]) -> dict[int, dict[str, Decimal | None]]:
    found: dict[int, dict[str, Decimal | None]] = {result.pk: {} for result in results}
    lines = RunLine.objects.filter(result__run=run, result__in=results)
    for result, code, score in lines.values_list("result_id", "code", "score"):
        found[result][code] = score
    return found


@dataclass(frozen=True, slots=True)
class _Book:
    """What the cells are written from."""

    shape: Shape
    results: Sequence[RunResult]
    gaps: Mapping[int, Gaps]
    scores: Mapping[int, Mapping[str, Decimal | None]]

    def part(self, group: Group) -> Part:
        """Write a top-level group and everything below it."""
        head, *lines = self._lines(group, 1)
        return Part(head, tuple(lines))

    def _lines(self, node: Group | Leaf, depth: int) -> Iterator[Line]:
        if isinstance(node, Leaf):
            most = format_number(node.max)
            yield self._line(node, most, depth, self._leaf_cells(node), is_group=False)
            return
        yield self._line(node, most_of(node), depth, self._group_cells(node), is_group=True)
        for child in node.children:
            yield from self._lines(child, depth + 1)

    @staticmethod
    def _line(
        node: Group | Leaf, most: str, depth: int, cells: Iterator[SafeString], *, is_group: bool
    ) -> Line:
        whole = format_html_join("", "{}", ((cell,) for cell in cells))
        title = node.title or coded_title(node.code, is_group=is_group)
        return Line(node.code, clip(title, _TITLE_SHOWN), most, depth, is_group, whole)

    def _group_cells(self, group: Group) -> Iterator[SafeString]:
        anchor = self.shape.places[group.code]
        for result in self.results:
            points = self.shape.points(Decimal(result.groups[group.code]))
            yield _cell(result.unit_id, anchor, points, "")

    def _leaf_cells(self, leaf: Leaf) -> Iterator[SafeString]:
        code, anchor = leaf.code, self.shape.places[leaf.code]
        for result in self.results:
            score, gaps = self.scores[result.pk][code], self.gaps[result.pk]
            if score is None:
                yield _NOT_ASSIGNED
            elif code in gaps.not_entered:
                yield _cell(result.unit_id, anchor, _NOT_ENTERED, "")
            elif code in gaps.no_target:
                yield _cell(result.unit_id, anchor, _NO_TARGET, "")
            else:
                sign = " mx-full" if score >= leaf.max else "" if score else " mx-zero"
                yield _cell(result.unit_id, anchor, self.shape.points(score), sign)

    def sums(self) -> Iterator[Line]:
        """Write total and per cent."""
        rows = (
            ("Tổng điểm", [self.shape.points(result.total) for result in self.results]),
            ("Tỷ lệ", [self.shape.percent(result.percent) for result in self.results]),
        )
        for title, values in rows:
            cells = format_html_join("", "<td>{}</td>", ((value,) for value in values))
            yield Line("", title, "", 1, is_group=True, cells=cells)


def _cell(unit_id: int, anchor: str, words: str, sign: str) -> SafeString:
    """Write a cell that leads to its card; the address is told from the page of the matrix."""
    return format_html(
        '<td class="gu-num{}"><a href="../don-vi/{}/#{}">{}</a></td>', sign, unit_id, anchor, words
    )
