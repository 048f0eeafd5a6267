"""The rows of a draft: made equal to a tree in the interchange form, keys kept where codes stay.

Targets of the pledge point at rows of the table, so a row whose criterion stays keeps its key. The
number of statements does not depend on the size of the table (on SQLite Django cuts very long
ones into batches).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import F, ProtectedError

from core.text import search_key
from scoring.models import CriteriaTable, Criterion

Tree = list[dict[str, Any]]
#: Added to every place before rows are put into their new order; a table has far fewer rows.
_ASIDE: Final = 15_000
#: What a tree says of a row.
_COLUMNS: Final = (
    "parent_id", "order", "depth", "code", "title", "max_points", "kind", "unit_of_measure",
    "rule", "details", "search_key",
)  # fmt: skip
#: Keys of a node that have a column; all others are kept in `details`.
_OWN: Final = ("code", "title", "max", "kind", "unit_of_measure", "rule", "children")


@dataclass(frozen=True, slots=True)
class _Step:
    """A node of a tree on the walk through it, parents first."""

    node: dict[str, Any]
    #: Place of the row above; 0 for a top-level group.
    above: int
    depth: int
    #: From 1, over the whole table.
    order: int


def write_rows(table: CriteriaTable, groups: Tree) -> None:
    """Store the tree of a table that has no rows yet."""
    _settle({step.order: (step, Criterion(table=table)) for step in _walk(groups)})


def rewrite_rows(table: CriteriaTable, groups: Tree, renamed: Mapping[str, str]) -> bool:
    """Make the rows of a draft equal to a tree; `renamed` gives new code → old code.

    Returns False, with nothing changed, when a row that goes is still pointed at by an older
    version of the pledge: then the tree belongs into a table of its own.
    """
    present = {row.code: row for row in table.criteria.all()}
    try:
        with transaction.atomic():
            steps = {step.order: step for step in _walk(groups)}
            rows = {}
            for order, step in steps.items():
                code = step.node["code"]
                row = present.pop(renamed.get(code, code), None) or Criterion(table=table)
                rows[order] = (step, row)
            # The places of rows that move, and of those that go, are free for others only then.
            if present or any(row.pk and row.order != at for at, (_, row) in rows.items()):
                table.criteria.update(order=F("order") + _ASIDE)
                _put_aside(row for _, row in rows.values())
            _settle(rows)
            Criterion.objects.filter(pk__in=[row.pk for row in present.values()]).delete()
    except ProtectedError:
        return False
    return True


def _put_aside(rows: Iterator[Criterion]) -> None:
    for row in rows:
        if row.pk:
            row.order += _ASIDE


def _settle(rows: Mapping[int, tuple[_Step, Criterion]]) -> None:
    """Store rows as their nodes say: new ones level by level, then what changed of the others."""
    changed = []
    for depth in sorted({step.depth for step, _ in rows.values()}):
        level = [(step, row) for step, row in rows.values() if step.depth == depth]
        fresh = [row for _, row in level if not row.pk]
        for step, row in level:
            before = _values(row)
            above = rows[step.above][1] if step.above else None
            _fill(row, step, above)
            if row.pk and _values(row) != before:
                changed.append(row)
        Criterion.objects.bulk_create(fresh)
    columns = [name.removesuffix("_id") for name in _COLUMNS]
    Criterion.objects.bulk_update(changed, columns)


def _values(row: Criterion) -> list[Any]:
    return [getattr(row, name) for name in _COLUMNS]


def _fill(row: Criterion, step: _Step, above: Criterion | None) -> None:
    node = step.node
    row.parent = above
    row.order, row.depth = step.order, step.depth
    row.code = node["code"]
    row.title = node.get("title", "")
    row.max_points = Decimal(node["max"]) if "max" in node else None
    row.kind = node.get("kind", "")
    row.unit_of_measure = node.get("unit_of_measure", "")
    row.rule = node.get("rule")
    row.details = {key: value for key, value in node.items() if key not in _OWN}
    # A bulk update asks no field for its value.
    row.search_key = search_key(row.title)[:700]


def _walk(groups: Tree) -> Iterator[_Step]:
    order = 0

    def below(nodes: Tree, above: int, depth: int) -> Iterator[_Step]:
        nonlocal order
        for node in nodes:
            order += 1
            place = order
            yield _Step(node, above, depth, place)
            yield from below(node.get("children", []), place, depth + 1)

    yield from below(groups, 0, 0)
