"""Editing a draft of a criteria table: its head, its maxima, its rows, one act at a time.

Every save locks the year, holds the draft against what its author had read (`seen`, the revision of
the draft), and records one event that says the difference. A draft may be unsound in between; it
is held against the engine when it is to be used.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from clusters.acting import Acting
from core.audit import Change
from core.canonical import plain
from core.policy import Conflict, Invalid, require
from scoring.models import CriteriaTable
from scoring.operations.table_desk import Told, hold, locked_standing, record, store, there
from scoring.policies.table import may_edit_table
from scoring.queries.table import as_interchange
from scoring.queries.table_diff import changes_between, said_of_changes

Table = dict[str, Any]
Node = dict[str, Any]
_GROUP_PREFIX = "group:"
_ROW_GONE = "Người khác vừa bỏ dòng này khỏi bản nháp. Nội dung bạn nhập còn nguyên."


@transaction.atomic
def save_head(
    *, cluster_year_id: int, head: Table, seen: int, by: Acting, now: datetime
) -> CriteriaTable:
    """Save name, scale, rounding, ranking and classification, in the interchange form."""

    def edit(table: Table) -> Table:
        return head | {"groups": table["groups"]}

    return _edited(cluster_year_id, edit, {}, seen=seen, by=by, now=now)


@transaction.atomic
def save_points(
    *,
    cluster_year_id: int,
    points: Mapping[str, Decimal | None],
    seen: int,
    by: Acting,
    now: datetime,
) -> CriteriaTable:
    """Save the maxima of rows by code; None takes the maximum of a group away."""

    def edit(table: Table) -> Table:
        for code, top in points.items():
            node = _find(table, code)
            node.pop("max", None)
            if top is not None:
                node["max"] = plain(top)
        return table

    return _edited(cluster_year_id, edit, {}, seen=seen, by=by, now=now)


@transaction.atomic
def save_row(
    *,
    cluster_year_id: int,
    code: str | None,
    node: Node,
    above: str,
    seen: int,
    by: Acting,
    now: datetime,
) -> CriteriaTable:
    """Save a group or a leaf, or add one when `code` is None.

    `node` is the row in the interchange form without its children, `above` the code of the group
    it stands in, empty for a top-level group. A row that changes its group goes to its end.
    """
    renamed = {node["code"]: code} if code is not None and node["code"] != code else {}

    def edit(table: Table) -> Table:
        if code != node["code"] and node["code"] in _codes(table):
            raise Invalid(
                f"Mã {node['code']} đã dùng trong bảng; mỗi nhóm, mỗi tiêu chí một mã riêng.",
                field="code",
            )
        _require_place(table, code, node, above)
        if code is None:
            _list_below(table, above).append(node)
            return table
        old = _find(table, code)
        siblings, place = _where(table, code)
        fresh = node | ({"children": old["children"]} if "children" in old else {})
        if siblings is _list_below(table, above):
            siblings[place] = fresh
        else:
            siblings.pop(place)
            _list_below(table, above).append(fresh)
        _follow_rename(table, code, node["code"])
        return table

    return _edited(cluster_year_id, edit, renamed, seen=seen, by=by, now=now)


@transaction.atomic
def move_row(
    *, cluster_year_id: int, code: str, up: bool, seen: int, by: Acting, now: datetime
) -> CriteriaTable:
    """Move a row one place up or down within its group; at the end it stays."""

    def edit(table: Table) -> Table:
        siblings, place = _where(table, code)
        other = place - 1 if up else place + 1
        if 0 <= other < len(siblings):
            siblings[place], siblings[other] = siblings[other], siblings[place]
        return table

    return _edited(cluster_year_id, edit, {}, seen=seen, by=by, now=now)


@transaction.atomic
def remove_row(
    *, cluster_year_id: int, code: str, seen: int, by: Acting, now: datetime
) -> CriteriaTable:
    """Take a row out of the draft, with everything below it."""

    def edit(table: Table) -> Table:
        siblings, place = _where(table, code)
        siblings.pop(place)
        return table

    return _edited(cluster_year_id, edit, {}, seen=seen, by=by, now=now)


def _edited(
    cluster_year_id: int,
    edit: Callable[[Table], Table],
    renamed: Mapping[str, str],
    *,
    seen: int,
    by: Acting,
    now: datetime,
) -> CriteriaTable:
    """Carry out one edit of the draft under the lock of the year; without a change, do nothing."""
    standing = locked_standing(cluster_year_id, by)
    require(may_edit_table(standing))
    hold(standing.draft, seen)
    draft = there(standing.draft)
    before = as_interchange(draft)
    after = edit(as_interchange(draft))
    changes = changes_between(before, after, renamed)
    if not changes:
        return draft
    draft = store(draft, after, Told(renamed=renamed), now)
    change = Change(after={"changes": said_of_changes(changes)})
    record("scoring.table_edited", draft, change, by=by, now=now)
    return draft


# Places in a tree ---------------------------------------------------------------------------


def _where(table: Table, code: str) -> tuple[list[Node], int]:
    """Return the list in which a row stands and its place there."""
    stack: list[list[Node]] = [table["groups"]]
    while stack:
        siblings = stack.pop()
        for place, node in enumerate(siblings):
            if node["code"] == code:
                return siblings, place
            if "children" in node:
                stack.append(node["children"])
    raise Conflict(_ROW_GONE)


def _find(table: Table, code: str) -> Node:
    siblings, place = _where(table, code)
    return siblings[place]


def _list_below(table: Table, above: str) -> list[Node]:
    """Return the list of rows below a group; no code is the top level."""
    if not above:
        groups: list[Node] = table["groups"]
        return groups
    children: list[Node] | None = _find(table, above).get("children")
    if children is None:
        raise Invalid(f"{above} là tiêu chí, không phải nhóm; chọn một nhóm.", field="above")
    return children


def _codes(table: Table) -> set[str]:
    return set(_below({"code": "", "children": table["groups"]}))


def _below(node: Node) -> list[str]:
    """Return the code of a row and of everything below it."""
    codes = [node["code"]]
    for child in node.get("children", ()):
        codes += _below(child)
    return codes


def _require_place(table: Table, code: str | None, node: Node, above: str) -> None:
    """Refuse what can stand nowhere: a leaf at the top, a group inside itself."""
    if "rule" in node and not above:
        raise Invalid("Tiêu chí phải thuộc một nhóm; chọn nhóm.", field="above")
    if above and node.get("kind"):
        raise Invalid("Chỉ nhóm cấp cao nhất là nhóm điểm thưởng, điểm trừ.", field="kind")
    if code is not None and above in _below(_find(table, code)):
        raise Invalid("Không đặt được một nhóm vào chính nó; chọn nhóm khác.", field="above")


def _follow_rename(table: Table, old: str, new: str) -> None:
    """Let the tie-breakers name a group by its new code."""
    ranking = table.get("ranking")
    if old != new and ranking and ranking.get("tie_breakers"):
        named = {_GROUP_PREFIX + old: _GROUP_PREFIX + new}
        ranking["tie_breakers"] = [named.get(word, word) for word in ranking["tie_breakers"]]
