"""Criteria tables of a year: taken from a ready-made one or from another year, put in use."""

import json
from datetime import datetime
from typing import Any

from django.db import transaction

from clusters.acting import Acting
from core.audit import Change
from core.policy import Invalid, Refused, require
from scoring.models import CriteriaTable
from scoring.operations.table_desk import (
    Told,
    hold,
    locked_standing,
    open_draft,
    put_in_place,
    record,
    require_used_codes,
    retire,
    store,
)
from scoring.policies.table import may_choose_table, may_write_table
from scoring.queries.table import STARTERS, STORED_TABLE, as_interchange, draft_of, starters
from scoring.queries.table_diff import changes_between, said_of_changes
from scoring.queries.table_faults import faults_in, faults_of


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
    return _choose(cluster_year_id, table, "Bảng mẫu kèm theo phần mềm", by=by, now=now)


@transaction.atomic
def clone_table(*, cluster_year_id: int, table_id: int, by: Acting, now: datetime) -> CriteriaTable:
    """Give a year the table of another year that the person may see."""
    other = CriteriaTable.objects.visible_to(by).filter(pk=table_id).first()
    if other is None:
        raise Invalid("Không có bảng này, hoặc bạn không có quyền xem.", field="source")
    source = f"Chép từ {other.cluster_year}"
    table = as_interchange(other)
    return _choose(cluster_year_id, table, source, is_coded=other.is_coded, by=by, now=now)


@transaction.atomic
def replace_tree(
    *,
    cluster_year_id: int,
    table: dict[str, Any],
    source: str,
    seen: int | None,
    by: Acting,
    now: datetime,
) -> CriteriaTable:
    """Give the draft of a year the rows and the head of a whole table, as an import brings it.

    A year without a draft gets one; `seen` is the revision of the draft that was read, None where
    there was none. Rows whose codes stay keep their keys.

    Raises `Conflict` when the draft is no longer the one that was read, `Invalid` for a table that
    the engine does not take, that cannot be stored as it is, or that lacks a criterion which a
    target of the pledge names.
    """
    standing = locked_standing(cluster_year_id, by)
    require(may_write_table(standing))
    hold(standing.draft, seen)
    if faults := faults_in(table):
        more = f" (và {len(faults) - 1} lỗi khác)" if len(faults) > 1 else ""
        raise Invalid(f"Bảng chưa đúng nên chưa ghi. {faults[0].said}{more}.")
    told = Told(source[:300])
    before = standing.draft or standing.in_use
    said = said_of_changes(changes_between(as_interchange(before), table)) if before else ""
    if standing.draft is not None:
        draft = store(standing.draft, table, told, now)
    else:
        if standing.in_use is not None:
            require_used_codes(standing.in_use, table)
        coded = standing.in_use is not None and standing.in_use.is_coded
        draft = open_draft(standing.year, table, told, is_coded=coded, now=now)
    change = Change(after={"table": str(draft), "source": source, "changes": said})
    record("scoring.table_replaced", draft, change, by=by, now=now)
    return draft


def put_in_use(*, cluster_year_id: int) -> None:
    """Freeze the table of a year together with the pledge that adopts it; part of that change.

    A draft takes the place of a table in use: the next version of a pledge that was declined may
    bring another one. Raises `Refused` for a draft that the engine cannot score with.
    """
    draft = draft_of(cluster_year_id)
    if draft is None:
        return
    if faults := faults_of(draft):
        raise Refused(
            f"Chưa chốt: bảng tiêu chí còn {len(faults)} chỗ chưa đúng. {faults[0].said}."
        )
    put_in_place(draft)


def _choose(
    cluster_year_id: int,
    table: dict[str, Any],
    source: str,
    *,
    is_coded: bool = False,
    by: Acting,
    now: datetime,
) -> CriteriaTable:
    standing = locked_standing(cluster_year_id, by)
    require(may_choose_table(standing.place, standing.table))
    before = {"table": str(standing.table)} if standing.table else {}
    if standing.draft is not None:
        retire(standing.draft)
    fresh = open_draft(standing.year, table, Told(source), is_coded=is_coded, now=now)
    change = Change(before=before, after={"table": str(fresh), "source": source})
    record("scoring.table_chosen", fresh, change, by=by, now=now)
    return fresh
