"""Two runs side by side, and what is still missing before a run is made or published."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, Q
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clusters.models import ClusterYear, Unit
from core.models import AuditEvent
from core.text import MINUS, format_number, join_names
from scoring.figures import words_of
from scoring.models import RunKind, RunLine, RunResult, ScoreLine, ScoreSheet, ScoringRun
from scoring.queries.board import Gaps, Shape, View, gaps_of, results_of, shape_of
from scoring.queries.run import STAGE_OF
from scoring.queries.table import RULE_KINDS, leaves_of
from scoring.queries.worksheet import stages_for
from scoring.render.why import Why, source_in_words


# What is missing -----------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Open:
    """A sheet that a run would read: how many of its criteria have no figure at each stage."""

    unit: str
    status: str
    claimed: int
    first: int
    final: int


def open_sheets(year: ClusterYear) -> list[Open]:
    """Return the sheets on which something is not decided yet; two statements for any size."""
    stages = ("claimed", "first", "final")
    undecided = {
        f"no_{stage}": Count("pk", filter=Q(**{f"{stage}__isnull": True})) for stage in stages
    }
    lines = ScoreLine.objects.filter(sheet__cluster_year=year).order_by("sheet")
    counts = {row[0]: row[1:] for row in lines.values_list("sheet").annotate(**undecided)}
    sheets = ScoreSheet.objects.filter(cluster_year=year).select_related("unit")
    rows = [
        Open(sheet.unit.short_name, sheet.status, *counts.get(sheet.pk, (0, 0, 0)))
        for sheet in sheets.order_by("unit__sort_key", "unit__code")
    ]
    return [row for row in rows if row.claimed or row.first or row.final]


@dataclass(frozen=True, slots=True)
class Preview:
    """What one looks at before a run is published."""

    gaps: list[str]
    #: Units with criteria that count as 0, and which.
    missing: list[tuple[str, Gaps]]
    tied: list[str]
    vetoed: list[tuple[str, list[str]]]
    ranked: int
    units: int


def preview_of(run: ScoringRun) -> Preview:
    """Gather what stands out in a run, for the lead and the organiser; one statement."""
    results = results_of(run)
    gaps = gaps_of(run, results)
    shared: dict[int, list[str]] = {}
    for result in results:
        if result.is_tied and result.rank is not None:
            shared.setdefault(result.rank, []).append(result.unit.short_name)
    return Preview(
        gaps=list(run.gaps),
        missing=[(r.unit.short_name, gaps[r.pk]) for r in results if r.missing],
        tied=[f"Hạng {rank}: {join_names(names)}" for rank, names in shared.items()],
        vetoed=[(r.unit.short_name, list(r.vetoes)) for r in results if r.vetoes],
        ranked=sum(r.rank is not None for r in results),
        units=len(results),
    )


# Two runs ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Changed:
    """A figure that differs between two runs, as who may read it reads it."""

    unit: str
    code: str
    title: str
    before: str
    after: str
    #: Why it was changed; empty where nothing is written, or not for this reader.
    reason: str
    #: Points before and after, each opening to its sentence.
    points_before: SafeString
    points_after: SafeString


@dataclass(frozen=True, slots=True)
class Point:
    """A criterion whose points differ: before and after, each opening to its sentence."""

    code: str
    before: SafeString
    after: SafeString


@dataclass(frozen=True, slots=True)
class Moved:
    """A unit whose points or rank differ between two runs."""

    name: str
    total_before: str
    total_after: str
    difference: str
    rank_before: str
    rank_after: str
    is_moved: bool
    #: Criteria whose points differ; only for those who may know.
    leaves: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two runs."""

    before: ScoringRun
    after: ScoringRun
    rows: tuple[Moved, ...]
    units: int
    #: Figures that differ, of the units whose points the reader may open.
    figures: tuple[Changed, ...] = ()
    #: Whether figures of other units differ too.
    has_hidden: bool = False
    #: What else differs: table, kind of figures, vetoes, engine.
    others: tuple[str, ...] = ()

    @property
    def points_changed(self) -> int:
        """Return how many units have other points."""
        return sum(row.difference != "" for row in self.rows)

    @property
    def ranks_changed(self) -> int:
        """Return how many units have another rank."""
        return sum(row.is_moved for row in self.rows)

    @property
    def sentence(self) -> str:
        """Say the whole in one sentence (U2): what was changed, what came of it."""
        cause, mark = self._cause(), ":"
        if self.before.kind != self.after.kind:
            kinds = " so với ".join(_KINDS[RunKind(run.kind)] for run in (self.before, self.after))
            cause, mark = f"Số liệu {kinds}: {cause}", ";"
        elif self.before.table_json != self.after.table_json:
            old, new = self.before.table.version, self.after.table.version
            cause = f"Bảng tiêu chí bản {new} so với bản {old}, {cause}"
        else:
            cause = f"{cause[:1].upper()}{cause[1:]}"
        came = f"{self.points_changed} đơn vị đổi điểm, {self.ranks_changed} đổi hạng."
        if self.points_changed + self.ranks_changed == 0:
            came = "không đơn vị nào đổi điểm, đổi hạng."
        return f"{cause}{mark} {came}"

    def _cause(self) -> str:
        is_edited = self.before.kind == self.after.kind
        edited = "sửa" if is_edited else "khác nhau ở"
        if len(self.figures) == 1 and not self.has_hidden:
            one = self.figures[0]
            figures = _arrow(one.before, one.after)
            return f"{'sửa ' if is_edited else ''}{figures} ở tiêu chí {one.code} của {one.unit}"
        if self.figures:
            units = len({one.unit for one in self.figures})
            whose = f"{units} đơn vị" if units > 1 else self.figures[0].unit
            more = " và số liệu của đơn vị khác" if self.has_hidden else ""
            return f"{edited} {len(self.figures)} số liệu của {whose}{more}"
        if self.has_hidden:
            return f"{edited} số liệu của đơn vị khác"
        return f"không {'sửa' if is_edited else 'khác'} số liệu nào"


#: What a run of each kind reads, in the sentence that compares two.
_KINDS: Final[dict[RunKind, str]] = {
    RunKind.CLAIMED: "tự chấm",
    RunKind.FIRST: "thẩm định lần một",
    RunKind.FINAL: "kết quả duyệt",
}
_NUMBER: Final = re.compile(rf"[{MINUS}-]?\d[\d.,]*")


def _arrow(before: str, after: str) -> str:
    """Write what became of a figure; what both have in common once, as in `20 → 18 vụ`."""
    head, colon, value = after.partition(": ")
    if colon and ";" not in after and before.startswith(f"{head}: "):
        return f"{before} → {value}"
    number, _, unit = before.partition(" ")
    other, _, same = after.partition(" ")
    if unit and unit == same and _NUMBER.fullmatch(number) and _NUMBER.fullmatch(other):
        return f"{number} → {after}"
    return f"{before} → {after}"


def compare(before: ScoringRun, after: ScoringRun, view: View) -> Comparison:
    """Return what differs between two runs; a fixed number of statements for any size."""
    old, new = results_of(before), results_of(after)
    was = {result.unit_id: result for result in old}
    pages = _Pages(before, after, view, {r.unit.code: r.unit for r in [*old, *new]})
    rows = [
        _moved(was.get(result.unit_id), result, pages.shape, pages.points.get(result.unit_id, ()))
        for result in new
        if result.unit_id not in was or _standing(was[result.unit_id]) != _standing(result)
    ]
    return Comparison(
        before,
        after,
        tuple(rows),
        len(new),
        figures=tuple(pages.changed_figures()),
        has_hidden=pages.has_hidden,
        others=tuple(pages.others(was, new)),
    )


def _standing(result: RunResult) -> tuple[object, ...]:
    return result.total, result.percent, result.rank


def _moved(
    was: RunResult | None, result: RunResult, shape: Shape, leaves: Sequence[Point]
) -> Moved:
    difference = result.total - was.total if was else None
    sign = MINUS if difference and difference < 0 else "+"
    return Moved(
        name=result.unit_name,
        total_before=shape.points(was.total) if was else "",
        total_after=shape.points(result.total),
        difference=f"{sign}{shape.points(abs(difference))}" if difference else "",
        rank_before=_rank(was),
        rank_after=_rank(result),
        is_moved=was is None or was.rank != result.rank,
        leaves=tuple(leaves),
    )


def _rank(result: RunResult | None) -> str:
    if result is None:
        return ""
    return str(result.rank) if result.rank is not None else "không xếp hạng"


#: Figures by the code of the unit and of the leaf, as the engine read them.
Read = dict[tuple[str, str], dict[str, Any]]
#: Points and sentence of a leaf in a run.
Line = tuple[Decimal | None, str]


class _Pages:
    """Two runs opened side by side, as far as one reader may look into them."""

    def __init__(
        self, before: ScoringRun, after: ScoringRun, view: View, units: dict[str, Unit]
    ) -> None:
        self.before, self.after, self.view, self.units = before, after, view, units
        self.shape = shape_of(after)
        old, new = leaves_of(before.table_json), leaves_of(after.table_json)
        self.leaves = old | new
        #: Code of every leaf → its place in the table; what only the first run has comes last.
        in_order = dict.fromkeys([*self.shape.places, *sorted(self.leaves)])
        self.places = {code: at for at, code in enumerate(in_order)}
        self.old, self.new = _read(before), _read(after)
        # A leaf that only one table has was not edited: it came or went with the table.
        keys = {key for key in self.old.keys() | self.new.keys() if key[1] in old and key[1] in new}
        changed = [key for key in keys if self.old.get(key) != self.new.get(key)]
        open_to = {code for code, unit in units.items() if view.may_open(unit.pk)}
        shown = (key for key in changed if key[0] in open_to)
        self.figures = sorted(shown, key=lambda key: (key[0], self.places[key[1]]))
        self.has_hidden = len(self.figures) < len(changed)
        self.lines = self._lines({units[code].pk for code in open_to})
        self.points = self._points()

    # Points ----------------------------------------------------------------------------------
    def _lines(self, unit_ids: set[int]) -> dict[tuple[int, str], list[Line | None]]:
        """Return the leaves whose points differ or whose figure was changed, with sentences."""
        rows = RunLine.objects.filter(
            result__run__in=[self.before, self.after], result__unit__in=unit_ids
        )
        scores: dict[tuple[int, str], list[Any]] = {}
        named = rows.values_list("result__run", "result__unit", "code", "score")
        for run, unit, code, score in named.order_by("code"):
            scores.setdefault((unit, code), [_ABSENT, _ABSENT])[run == self.after.pk] = score
        asked = {(self.units[unit].pk, code) for unit, code in self.figures}
        wanted = {key for key, (was, now) in scores.items() if was != now} | asked
        found: dict[tuple[int, str], list[Line | None]] = {}
        told = rows.filter(code__in={code for _, code in wanted}).order_by("code")
        for run, unit, code, score, why in told.values_list(
            "result__run", "result__unit", "code", "score", "why"
        ):
            if (unit, code) in wanted:
                found.setdefault((unit, code), [None, None])[run == self.after.pk] = (score, why)
        return found

    def _points(self) -> dict[int, list[Point]]:
        found: dict[int, list[Point]] = {}
        names = {unit.pk: unit.short_name for unit in self.units.values()}
        in_order = sorted(self.lines.items(), key=lambda item: self.places.get(item[0][1], 0))
        for (unit, code), (was, now) in in_order:
            if was is None or now is None or was[0] != now[0]:
                of = f"{code}, {names[unit]}"
                point = Point(code, self._why(was, code, of, 0), self._why(now, code, of, 1))
                found.setdefault(unit, []).append(point)
        return found

    def _why(self, line: Line | None, code: str, of: str, which: int) -> SafeString:
        run = self.after if which else self.before
        if line is None:
            return format_html("{}", "không có")
        score, sentence = line
        rule = RULE_KINDS.get(self.leaves[code]["rule"]["kind"], "") if code in self.leaves else ""
        points = "không giao" if score is None else self.shape.points(score)
        return Why(points, sentence, rule, source_in_words(run.table.version, run.number), of).html

    # Figures ---------------------------------------------------------------------------------
    def changed_figures(self) -> Iterator[Changed]:
        """Tell the figures that differ, with the reason where the reader may know it."""
        reasons = self._reasons()
        for key in self.figures:
            unit, leaf = self.units[key[0]], self.leaves.get(key[1], {})
            was, now = self.lines.get((unit.pk, key[1]), [None, None])
            of = f"{key[1]}, {unit.short_name}"
            yield Changed(
                unit=unit.short_name,
                code=key[1],
                title=leaf.get("title", ""),
                before=self._figure(self.before, self.old.get(key), self.new.get(key), leaf),
                after=self._figure(self.after, self.new.get(key), self.old.get(key), leaf),
                reason=reasons.get(key, "") if self.view.may_know_why(unit.pk) else "",
                points_before=self._why(was, key[1], of, 0),
                points_after=self._why(now, key[1], of, 1),
            )

    @staticmethod
    def _figure(
        run: ScoringRun,
        figure: dict[str, Any] | None,
        other: dict[str, Any] | None,
        leaf: Mapping[str, Any],
    ) -> str:
        """Write a figure; its target too, where that is what differs.

        What a run does not hold was entered as nothing, or nobody had decided it: the run has
        gaps then, and reads no claims.
        """
        if figure is None and run.kind != RunKind.CLAIMED and run.gaps:
            return "chưa quyết định"
        words = words_of(figure or {}, leaf.get("unit_of_measure", ""))
        target, before = (figure or {}).get("target"), (other or {}).get("target")
        if figure and other and target != before:
            words += f" (chỉ tiêu {format_number(Decimal(target)) if target else 'không có'})"
        return words

    def _reasons(self) -> dict[tuple[str, str], str]:
        """Return why figures were changed: by decision between the runs, else as appraised.

        What is being weighed again is not told to the unit before it is decided (`stages_for`).
        """
        if not self.figures:
            return {}
        column = STAGE_OF[RunKind(self.after.kind)]
        lines = ScoreLine.objects.filter(
            sheet__cluster_year=self.after.cluster_year_id,
            criterion__code__in={code for _, code in self.figures},
        ).select_related("sheet__unit", "criterion")
        found, units = {}, {}
        for line in lines:
            sheet, first = line.sheet, line.first_reason
            units[str(sheet.pk)] = sheet.unit.code
            said = {"claimed": "", "first": first, "final": line.second_reason or first}
            is_told = column in stages_for(sheet, self.view.place.acting)
            found[sheet.unit.code, line.criterion.code] = said[column] if is_told else ""
        ends = sorted([self.before.made_at, self.after.made_at])
        settled = AuditEvent.objects.filter(
            cluster_year_id=self.after.cluster_year_id,
            action="scoring.line_settled",
            at__range=ends,
        )
        for event in settled.order_by("seq"):
            for code in event.after.get("lines", {}):
                found[units.get(event.object_id, ""), code] = event.reason
        return found

    # The rest --------------------------------------------------------------------------------
    def others(self, was: Mapping[int, RunResult], new: Sequence[RunResult]) -> Iterator[str]:
        """Say what differs besides figures: kind, table, engine, vetoes, units."""
        before, after = self.before, self.after
        if before.kind != after.kind:
            kinds = (run.get_kind_display().lower() for run in (before, after))
            yield f"Số liệu {' → '.join(kinds)}."
        if before.table_json != after.table_json:
            old, now = leaves_of(before.table_json), leaves_of(after.table_json)
            count = sum(old.get(code) != now.get(code) for code in old.keys() | now.keys())
            versions = f"bản {before.table.version} → bản {after.table.version}"
            yield f"Bảng tiêu chí {versions}, {count} tiêu chí khác."
        if before.engine != after.engine:
            yield f"Máy tính điểm phiên bản {before.engine} → phiên bản {after.engine}."
        for result in new:
            yield from self._vetoes(was.get(result.unit_id), result)
        gone = was.keys() - {result.unit_id for result in new}
        for unit_id in sorted(gone):
            yield f"{was[unit_id].unit_name}: không còn trong phiên sau."

    def _vetoes(self, was: RunResult | None, now: RunResult) -> Iterator[str]:
        old = was.vetoes if was else []
        if old == now.vetoes:
            return
        name, knows = now.unit.short_name, self.view.may_know_why(now.unit_id)
        added = [reason for reason in now.vetoes if reason not in old]
        lifted = [reason for reason in old if reason not in now.vetoes]
        for what, reasons in (("thêm lý do không xét", added), ("bỏ lý do không xét", lifted)):
            if reasons:
                why = f": {'; '.join(reasons)}" if knows else ""
                yield f"{name} {what}{why}."


#: Stands where a run has no such leaf or unit.
_ABSENT: Final = object()


def _read(run: ScoringRun) -> Read:
    return {
        (unit["code"], code): entry
        for unit in run.figures["units"]
        for code, entry in unit.get("figures", {}).items()
    }
