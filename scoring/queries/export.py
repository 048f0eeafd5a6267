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
from scoring.models import Publication, PublicationStatus, RunLine, RunResult
from scoring.queries.board import Gaps, Shape, View, gaps_of, rule_in_words, shape_of
from scoring.render.board import SheetData, Value, workbook

NOT_ASSIGNED: Final = "Không giao"
_MOST_NAMES: Final = 40
_MARKS: Final = {
    PublicationStatus.PROVISIONAL: "tạm tính",
    PublicationStatus.FINAL: "chính thức",
    PublicationStatus.REVOKED: "đã thu hồi",
}


def workbook_of(year: ClusterYear, publication: Publication, view: View) -> bytes:
    """Return the published scoreboard as an Excel file; two statements for any size."""
    run = publication.run
    shape = shape_of(run)
    lines = RunLine.objects.filter(result__run=run)
    rows = (
        RunResult.objects.filter(run=run)
        .select_related("unit")
        .prefetch_related(Prefetch("lines", lines))
        .order_by("order")
    )
    results = list(rows)
    gaps = gaps_of(run, results)
    seen = [result for result in results if view.may_open(result.unit_id)]
    mark = _MARKS[PublicationStatus(publication.status)]
    title = _title(year, publication, mark)
    ranks = SheetData(
        name=f"Xếp hạng ({mark})",
        title=[*title, rule_in_words(shape)],
        heads=_rank_heads(shape),
        rows=[
            _rank_row(place, row, shape, _note(row, view, gaps[row.pk]))
            for place, row in enumerate(results, start=1)
        ],
        places=shape.table.places,
    )
    if not seen:
        return workbook([ranks])
    leaves = _leaf_rows(shape, seen, gaps)
    points = SheetData(
        name=f"Điểm tiêu chí ({mark})",
        title=title,
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


def _rank_heads(shape: Shape) -> list[str]:
    groups = [f"{column.label} (tối đa {column.most_words})" for column in shape.columns]
    outside = ["Thưởng"] * shape.has_bonus + ["Trừ"] * shape.has_penalty
    return [
        "TT", "Đơn vị", *groups, *outside, "Tổng điểm", "Điểm giao", "Tỷ lệ (%)", "Xếp hạng",
        "Xếp loại", "Ghi chú",
    ]  # fmt: skip


def _rank_row(place: int, result: RunResult, shape: Shape, note: str) -> list[Value]:
    groups: list[Value] = [Decimal(result.groups[column.code]) for column in shape.columns]
    taken = Decimal(0) - result.penalty
    outside = [result.bonus] * shape.has_bonus + [taken] * shape.has_penalty
    return [
        place, result.unit_name, *groups, *outside, result.total, result.assigned_max,
        result.percent, result.rank, result.classification, note,
    ]  # fmt: skip


def _note(result: RunResult, view: View, gaps: Gaps) -> str:
    said = ["đồng hạng"] if result.is_tied else []
    if result.vetoes:
        why = f": {'; '.join(result.vetoes)}" if view.may_open(result.unit_id) else ""
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
            rows.append(([node.code, node.title, None, *sums, ""], True))
            for child in node.children:
                add(child)
            return
        code = node.code
        points: list[Value] = [
            None if code in gaps[r.pk].not_entered else _points(scores[r.pk][code]) for r in results
        ]
        note = _leaf_note(code, results, gaps)
        rows.append(([code, node.title, node.max, *points, note], False))

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
