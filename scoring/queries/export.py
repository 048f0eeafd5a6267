"""What the Excel workbook of a scoreboard holds: ranks for all, leaves as far as one may see them.

The three states stay apart: a zero is a number, what is not entered is an empty cell with a word in
the column of notes, and what is not assigned says so.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from django.db.models import Prefetch

from clusters.models import ClusterYear
from core.text import format_date, format_datetime, join_names
from scoring.engine import Group, Leaf
from scoring.models import (
    Publication,
    PublicationStatus,
    RunLine,
    RunResult,
    ScoringRun,
    coded_title,
)
from scoring.queries.board import Gaps, Shape, View, gaps_of, rule_in_words, shape_of
from scoring.queries.outlook import FIXED, Forecast, ranks_in_words
from scoring.render.board import SheetData, Value, workbook

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NOT_ASSIGNED: Final = "Không giao"
_MOST_NAMES: Final = 40
_MARKS: Final = {
    PublicationStatus.PROVISIONAL: "tạm tính",
    PublicationStatus.FINAL: "chính thức",
    PublicationStatus.REVOKED: "đã thu hồi",
}


def workbook_of(
    year: ClusterYear, publication: Publication, view: View, forecast: Forecast = FIXED
) -> bytes:
    """Return the published scoreboard as an Excel file; two statements for any size."""
    mark = _MARKS[PublicationStatus(publication.status)]
    title = _title(year, publication, mark)
    return _workbook(publication.run, title, mark, view, forecast)


def workbook_of_run(run: ScoringRun, view: View, forecast: Forecast = FIXED) -> bytes:
    """Return one run as an Excel file, published or not; three statements for any size."""
    mark = "chính thức" if is_final(run) else "tạm tính"
    kind, made = run.get_kind_display(), format_datetime(run.made_at)
    year = run.cluster_year
    title = [
        f"Điểm từng tiêu chí ({mark}), {year.cluster.name}, {year.cycle}",
        f"Phiên chấm {run.number}, {kind[:1].lower()}{kind[1:]}, chạy lúc {made}",
    ]
    return _workbook(run, title, mark, view, forecast)


def is_final(run: ScoringRun) -> bool:
    """Whether a run was published as the final result, revoked since or not."""
    return run.publications.exclude(status=PublicationStatus.PROVISIONAL).exists()


def _workbook(
    run: ScoringRun, title: list[str], mark: str, view: View, forecast: Forecast
) -> bytes:
    shape = shape_of(run)
    lines = RunLine.objects.filter(result__run=run).defer("why")
    rows = (
        RunResult.objects.filter(run=run)
        .select_related("unit")
        .prefetch_related(Prefetch("lines", lines))
        .order_by("order")
    )
    results = list(rows)
    gaps = gaps_of(run, results)
    seen = [result for result in results if view.may_open(result.unit_id)]
    has_ends = bool(forecast.units)
    told = [*title, *filter(None, [forecast.words])]
    ranks = SheetData(
        name=f"Xếp hạng ({mark})",
        title=[*told, rule_in_words(shape)],
        heads=_rank_heads(shape, has_ends=has_ends),
        rows=[
            _rank_row(place, row, shape, forecast, _note(row, view, gaps[row.pk]))
            for place, row in enumerate(results, start=1)
        ],
        places=shape.table.places,
    )
    if not seen:
        return workbook([ranks])
    leaves = _leaf_rows(shape, seen, gaps)
    points = SheetData(
        name=f"Điểm tiêu chí ({mark})",
        title=told,
        heads=["Mã", "Tiêu chí", "Điểm tối đa", *(r.unit.short_name for r in seen), "Ghi chú"],
        rows=[row for row, _ in leaves],
        places=shape.table.places,
        bold=frozenset(place for place, (_, is_group) in enumerate(leaves) if is_group),
    )
    return workbook([ranks, points])


def _title(year: ClusterYear, publication: Publication, mark: str) -> list[str]:
    run = publication.run
    what = f"{year.cluster.name}, {year.cycle}"
    published = f"công bố lúc {format_datetime(publication.published_at)}"
    said = [f"Bảng điểm, xếp hạng ({mark}), {what}", f"Phiên chấm {run.number}, {published}"]
    if publication.status == PublicationStatus.PROVISIONAL and publication.objections_until:
        until = format_date(publication.objections_until)
        said.append(f"Chưa phải kết quả chính thức. Nhận kiến nghị đến hết ngày {until}.")
    if publication.status == PublicationStatus.REVOKED:
        said.append(f"Kết quả đã thu hồi: {publication.revoke_reason}")
    return said


def _rank_heads(shape: Shape, *, has_ends: bool) -> list[str]:
    groups = [f"{column.label} (tối đa {column.most_words})" for column in shape.columns]
    outside = ["Thưởng"] * shape.has_bonus + ["Trừ"] * shape.has_penalty
    ends = ["Tổng điểm thấp nhất có thể", "Tổng điểm cao nhất có thể", "Hạng có thể"] * has_ends
    return [
        "TT", "Đơn vị", *groups, *outside, "Tổng điểm", "Điểm giao", "Tỷ lệ (%)", "Xếp hạng",
        "Xếp loại", *ends, "Ghi chú",
    ]  # fmt: skip


def _rank_row(
    place: int, result: RunResult, shape: Shape, forecast: Forecast, note: str
) -> list[Value]:
    groups: list[Value] = [Decimal(result.groups[column.code]) for column in shape.columns]
    taken = Decimal(0) - result.penalty
    outside = [result.bonus] * shape.has_bonus + [taken] * shape.has_penalty
    ends: list[Value] = []
    if forecast.units:
        # The figures of a run name a unit by the code of that day.
        found = forecast.units.get(result.unit.code)
        ends = [None, None, result.rank]
        if found is not None:
            ends = [found.total.low, found.total.high, ranks_in_words(found) or result.rank]
    return [
        place, result.unit_name, *groups, *outside, result.total, result.assigned_max,
        result.percent, result.rank, result.classification, *ends, note,
    ]  # fmt: skip


def _note(result: RunResult, view: View, gaps: Gaps) -> str:
    said = ["đồng hạng"] if result.is_tied else []
    if result.vetoes:
        why = f": {'; '.join(result.vetoes)}" if view.may_know_why(result.unit_id) else ""
        said.append(f"không xét{why}")
    said += [gaps.words] if gaps.words else []
    note = "; ".join(said)
    return f"{note[:1].upper()}{note[1:]}"


def _leaf_rows(
    shape: Shape, results: Sequence[RunResult], gaps: dict[int, Gaps]
) -> list[tuple[list[Value], bool]]:
    """Return each group and leaf with the points of every unit, and whether it is a group."""
    scores = {r.pk: {line.code: line.score for line in r.lines.all()} for r in results}
    rows: list[tuple[list[Value], bool]] = []

    def add(node: Group | Leaf) -> None:
        if isinstance(node, Group):
            sums: list[Value] = [Decimal(r.groups[node.code]) for r in results]
            title = node.title or coded_title(node.code, is_group=True)
            rows.append(([node.code, title, None, *sums, ""], True))
            for child in node.children:
                add(child)
            return
        code = node.code
        points: list[Value] = [
            None if code in gaps[r.pk].not_entered else _points(scores[r.pk][code]) for r in results
        ]
        note = _leaf_note(code, results, gaps)
        rows.append(([code, node.title or coded_title(code), node.max, *points, note], False))

    for group in shape.table.groups:
        add(group)
    return rows


def _leaf_note(code: str, results: Sequence[RunResult], gaps: dict[int, Gaps]) -> str:
    """Name the units for which a leaf counts as 0, and why."""
    nothing = [r.unit.short_name for r in results if code in gaps[r.pk].not_entered]
    without = [r.unit.short_name for r in results if code in gaps[r.pk].no_target]
    said = [f"Chưa nhập, tính 0: {_names(nothing)}"] if nothing else []
    said += [f"Chưa có chỉ tiêu, tính 0: {_names(without)}"] if without else []
    return ". ".join(said)


def _names(names: list[str]) -> str:
    """Name the first units only: a cell of Excel takes no more than 32.767 letters."""
    more = len(names) - _MOST_NAMES
    return join_names(names) if more <= 0 else f"{', '.join(names[:_MOST_NAMES])} và {more} đơn vị"


def _points(score: Decimal | None) -> Value:
    return NOT_ASSIGNED if score is None else score
