"""Criteria tables of a year: taken from a ready-made one or from another year, put in use."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from clusters.acting import Acting
from clusters.models import ClusterYear
from clusters.queries import place_of
from core import audit
from core.audit import Change
from core.policy import Invalid, require
from scoring.models import CriteriaTable, Criterion
from scoring.policies import may_choose_table
from scoring.queries.table import STARTERS, STORED_TABLE, as_interchange, starters


def choose_table(*, cluster_year_id: int, source: str, by: Acting, now: datetime) -> CriteriaTable:
    """Give a year the table that a form names: ``mau:front-100`` or ``bang:12``."""
    kind, _, key = source.partition(":")
    if kind == STORED_TABLE and key.isascii() and key.isdigit():
        return clone_table(cluster_year_id=cluster_year_id, table_id=int(key), by=by, now=now)
    return take_starter(cluster_year_id=cluster_year_id, starter=key, by=by, now=now)


@transaction.atomic
def take_starter(*, cluster_year_id: int, starter: str, by: Acting, now: datetime) -> CriteriaTable:
    """Give a year a ready-made table; a table not yet in use is replaced."""
    if starter not in starters():
        raise Invalid("Không có bảng mẫu này; chọn một bảng trong danh sách.", field="source")
    table = json.loads((STARTERS / f"{starter}.json").read_text(encoding="utf-8"))
    return _write(cluster_year_id, table, source="Bảng mẫu kèm theo phần mềm", by=by, now=now)


@transaction.atomic
def clone_table(*, cluster_year_id: int, table_id: int, by: Acting, now: datetime) -> CriteriaTable:
    """Give a year the table of another year that the person may see."""
    other = CriteriaTable.objects.visible_to(by).filter(pk=table_id).first()
    if other is None:
        raise Invalid("Không có bảng này, hoặc bạn không có quyền xem.", field="source")
    year = str(other.cluster_year)
    return _write(cluster_year_id, as_interchange(other), source=f"Chép từ {year}", by=by, now=now)


def put_in_use(*, cluster_year_id: int) -> None:
    """Freeze the table of a year together with the pledge that adopts it; part of that change."""
    CriteriaTable.objects.filter(
        cluster_year=cluster_year_id, status=CriteriaTable.Status.DRAFT
    ).update(status=CriteriaTable.Status.IN_USE)


def _write(
    cluster_year_id: int, table: dict[str, Any], *, source: str, by: Acting, now: datetime
) -> CriteriaTable:
    year = ClusterYear.objects.select_for_update(of=("self",)).with_names().get(pk=cluster_year_id)
    standing = CriteriaTable.objects.filter(cluster_year=year).exclude(status="REPLACED").first()
    require(may_choose_table(place_of(by, year), standing))
    before = {"table": str(standing)} if standing else {}
    if standing:
        # Kept, not deleted: older versions of the pledge may name its criteria.
        standing.status = CriteriaTable.Status.REPLACED
        standing.save(update_fields=["status"])
    fresh = CriteriaTable.objects.create(
        cluster_year=year,
        version=CriteriaTable.objects.filter(cluster_year=year).count() + 1,
        name=table["name"],
        scale_total=Decimal(table["scale_total"]),
        settings={k: v for k, v in table.items() if k not in ("name", "scale_total", "groups")},
        source=source,
        created_at=now,
    )
    _write_rows(fresh, table["groups"])
    audit.record(
        "scoring.table_chosen",
        fresh,
        by=by,
        now=now,
        cluster_year_id=year.pk,
        change=Change(before=before, after={"table": str(fresh), "source": source}),
    )
    return fresh


def _write_rows(table: CriteriaTable, groups: list[dict[str, Any]]) -> None:
    """Store the tree level by level: parents first, one statement for each depth."""
    order = 0
    nodes: list[list[tuple[dict[str, Any], Criterion, Criterion | None]]] = []

    def walk(node: dict[str, Any], parent: Criterion | None, depth: int) -> None:
        nonlocal order
        order += 1
        row = _row(table, node, depth, order)
        while len(nodes) <= depth:
            nodes.append([])
        nodes[depth].append((node, row, parent))
        for child in node.get("children", []):
            walk(child, row, depth + 1)

    for group in groups:
        walk(group, None, 0)
    for level in nodes:
        for _, row, parent in level:
            row.parent = parent
        Criterion.objects.bulk_create([row for _, row, _ in level])


def _row(table: CriteriaTable, node: dict[str, Any], depth: int, order: int) -> Criterion:
    own = ("code", "title", "max", "kind", "unit_of_measure", "rule", "children")
    return Criterion(
        table=table,
        order=order,
        depth=depth,
        code=node["code"],
        title=node.get("title", ""),
        max_points=Decimal(node["max"]) if "max" in node else None,
        kind=node.get("kind", ""),
        unit_of_measure=node.get("unit_of_measure", ""),
        rule=node.get("rule"),
        details={k: v for k, v in node.items() if k not in own},
    )
