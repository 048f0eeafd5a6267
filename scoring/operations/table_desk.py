"""What every change of a criteria table shares: the lock, the draft that was read, the event."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from clusters.acting import Acting
from clusters.models import ClusterYear
from core import audit
from core.audit import Change
from core.policy import Conflict, Invalid
from core.text import format_number, join_names
from scoring.models import CriteriaTable, Criterion
from scoring.operations.table_rows import rewrite_rows, write_rows
from scoring.policies.table import TableStanding
from scoring.queries.table import leaves_of, nodes_of, table_standing
from scoring.queries.table_coded import codes_with_text
from scoring.queries.table_uses import (
    said_of_uses,
    targets_by_code,
    uses_of_criteria,
)
from scoring.tablebook.names import LONGEST, LONGEST_GRADE, LONGEST_LABEL, long_labels

TAKEN = (
    "Người khác vừa sửa bản nháp sau khi bạn mở. Nội dung bạn nhập còn nguyên: "
    "mở bản nháp ở cửa sổ mới để xem chỗ đã sửa, rồi lưu lại."
)
GONE = "Bản nháp bạn đang sửa không còn: người khác vừa bỏ hoặc thay bằng bảng khác."
_HEAD: Final = ("name", "scale_total", "groups")
_MOST_ROWS: Final = 3000
#: The column of a maximum: 12 digits, 2 of them after the sign.
_MOST_POINTS: Final = Decimal(10) ** 10
#: What the texts of a row are called where they are too long.
_CALLED: Final = {
    "code": "Mã", "title": "Nội dung", "unit_of_measure": "Đơn vị tính", "legal_basis": "Căn cứ",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a table besides its rows."""

    source: str = ""
    reason: str = ""
    #: New code → old code, of rows that keep their key under another code.
    renamed: Mapping[str, str] = field(default_factory=dict)


def locked_standing(cluster_year_id: int, by: Acting) -> TableStanding:
    """Lock a year until the transaction ends and gather the facts of its tables."""
    years = ClusterYear.objects.select_for_update(of=("self",)).with_names()
    return table_standing(by, years.get(pk=cluster_year_id))


def hold(draft: CriteriaTable | None, seen: int | None) -> None:
    """Refuse to write over a draft that changed since it was read."""
    if draft is None and seen is not None:
        raise Conflict(GONE)
    if draft is not None and draft.revision != seen:
        raise Conflict(TAKEN, {"revision": str(draft.revision)})


def there(table: CriteriaTable | None) -> CriteriaTable:
    """Return a table that a rule has found to be there."""
    if table is None:
        raise Conflict(GONE)
    return table


def open_draft(
    year: ClusterYear, table: dict[str, Any], told: Told, *, is_coded: bool, now: datetime
) -> CriteriaTable:
    """Store a table as the draft of the next version of a year that has no draft."""
    _require_storable(table, is_coded=is_coded)
    draft = CriteriaTable.objects.create(
        cluster_year=year,
        version=CriteriaTable.objects.filter(cluster_year=year).count() + 1,
        name=table.get("name", ""),
        scale_total=Decimal(table["scale_total"]),
        settings={key: value for key, value in table.items() if key not in _HEAD},
        source=told.source,
        reason=told.reason,
        is_coded=is_coded,
        created_at=now,
    )
    write_rows(draft, table["groups"])
    return draft


def store(draft: CriteriaTable, table: dict[str, Any], told: Told, now: datetime) -> CriteriaTable:
    """Make a draft equal to a table and raise its revision; return the draft that stands then.

    Where a row has to go that an older version of the pledge still points at, the draft is kept as
    a replaced version and the table becomes the next one.
    """
    _require_storable(table, is_coded=draft.is_coded)
    require_used_codes(draft, table, told.renamed)
    if not rewrite_rows(draft, table["groups"], told.renamed):
        retire(draft)
        kept = Told(told.source or draft.source, draft.reason)
        fresh = open_draft(draft.cluster_year, table, kept, is_coded=draft.is_coded, now=now)
        fresh.revision = draft.revision + 1
        fresh.save(update_fields=["revision"])
        return fresh
    draft.name = table.get("name", "")
    draft.scale_total = Decimal(table["scale_total"])
    draft.settings = {key: value for key, value in table.items() if key not in _HEAD}
    draft.source = told.source or draft.source
    draft.revision += 1
    draft.save(update_fields=["name", "scale_total", "settings", "source", "revision"])
    return draft


def retire(draft: CriteriaTable) -> None:
    """Replace a draft; it is kept, not deleted: older versions of the pledge may name its rows."""
    draft.status = CriteriaTable.Status.REPLACED
    draft.save(update_fields=["status"])


def put_in_place(draft: CriteriaTable) -> None:
    """Put a draft in use; the table that was in use before is replaced."""
    tables = CriteriaTable.objects.filter(cluster_year=draft.cluster_year_id)
    tables.filter(status=CriteriaTable.Status.IN_USE).update(status=CriteriaTable.Status.REPLACED)
    draft.status = CriteriaTable.Status.IN_USE
    draft.save(update_fields=["status", "decision"])


def record(
    action: str,
    table: CriteriaTable,
    change: Change,
    *,
    by: Acting,
    now: datetime,
) -> None:
    """Record the one event of a change of a table."""
    audit.record(
        action, table, by=by, now=now, cluster_year_id=table.cluster_year_id, change=change
    )


def require_used_codes(
    draft: CriteriaTable, table: dict[str, Any], renamed: Mapping[str, str] | None = None
) -> None:
    """Refuse to take away a leaf that a target of the present pledge names."""
    stored = Criterion.objects.filter(table=draft, rule__isnull=False)
    before = dict(stored.values_list("code", "pk"))
    after = leaves_of(table)
    following = {
        before[old] for new, old in (renamed or {}).items() if old in before and new in after
    }
    lost = [
        use
        for use in uses_of_criteria(draft.cluster_year_id)
        if use.code in before and use.code not in after and use.criterion_id not in following
    ]
    if lost:
        counts = targets_by_code(lost)
        raise Invalid(
            f"Chưa bỏ được tiêu chí {said_of_uses(counts, counts)}: chỉ tiêu của giao ước đang "
            "gắn với tiêu chí này. Gắn chỉ tiêu sang tiêu chí khác trước.",
            field="code",
        )


def _require_storable(table: dict[str, Any], *, is_coded: bool) -> None:
    """Refuse what the columns cannot hold as it is, and any text of a coded table."""
    if is_coded and (coded := codes_with_text(table)):
        raise Invalid(
            "Bảng chỉ ghi mã số: không lưu nội dung và căn cứ của tiêu chí "
            f"{join_names(coded[:5])}. Để trống hai ô này.",
            field="title",
        )
    nodes = list(nodes_of(table))
    if len(nodes) > _MOST_ROWS:
        raise Invalid(
            f"Bảng có {format_number(len(nodes))} dòng; "
            f"chỉ nhận tối đa {format_number(_MOST_ROWS)} dòng."
        )
    if "\\u0000" in json.dumps(table):
        raise Invalid("Bảng có ký tự không in được; gõ lại chỗ đó.")
    _require_length("Tên bảng", table.get("name", ""), LONGEST["name"], "name")
    for grade in table.get("classification", ()):
        _require_length(f"Tên loại “{grade['label'][:40]}…”", grade["label"], LONGEST_GRADE)
    for node in nodes:
        _require_row(node)


def _require_row(node: Mapping[str, Any]) -> None:
    of_row = f"của {node['code'][:40]}"
    for key, name in _CALLED.items():
        _require_length(f"{name} {of_row}", node.get(key, ""), LONGEST[key], key)
    for label in long_labels(node.get("rule") or {}):
        _require_length(f"Tên mục “{label[:40]}…” {of_row}", label, LONGEST_LABEL)
    top = Decimal(node.get("max", "0"))
    if top >= _MOST_POINTS or top != round(top, 2):
        raise Invalid(
            f"Điểm tối đa của {node['code']} chỉ ghi được đến 2 chữ số sau dấu phẩy, dưới 10 tỷ.",
            field="max",
        )


def _require_length(name: str, text: str, most: int, field: str = "") -> None:
    if len(text) > most:
        raise Invalid(f"{name} quá dài, chỉ nhận tối đa {format_number(most)} ký tự.", field=field)
