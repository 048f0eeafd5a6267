"""The draft: rows that its authors save one by one.

Every save locks the pledge, holds the row against what its author had read (`seen`), and records
one event. Two people who save the same row: the second gets `Conflict` with what stands now, and
the page keeps what was typed.
"""

from datetime import datetime
from typing import Any, cast

from django.db import models, transaction

from clusters.acting import Acting
from clusters.queries import members_of
from core.policy import Conflict, Invalid
from pledges.content import plain
from pledges.models import (
    Activity,
    Clause,
    Paper,
    PaperKind,
    PledgeVersion,
    Signatory,
    Target,
    TargetValue,
)
from pledges.operations.desk import GONE, TAKEN, AnyRow, find, hold, next_order, saved, writing
from pledges.operations.marks import (
    ACTIVITY_FIELDS,
    CLAUSE_FIELDS,
    HEAD_FIELDS,
    TARGET_FIELDS,
    Level,
    new_key,
    papers_now,
    set_mark,
    signatories_now,
    target_mark,
)
from pledges.policies import Standing


@transaction.atomic
def save_head(
    *, pledge_id: int, values: dict[str, str], seen: str, by: Acting, now: datetime
) -> PledgeVersion:
    """Save title, place and slogan."""
    standing = writing(pledge_id, by, now)
    version = standing.version
    hold(version, HEAD_FIELDS, seen)
    before = {name: getattr(version, name) for name in HEAD_FIELDS}
    for name in HEAD_FIELDS:
        setattr(version, name, values[name])
    version.save(update_fields=list(HEAD_FIELDS))
    version.papers.filter(kind=PaperKind.PLEDGE).update(title=version.title)
    saved(standing, version, "pledges.head_saved", before, values, by=by, now=now)
    return version


@transaction.atomic
def save_clause(
    *, pledge_id: int, key: str | None, values: dict[str, Any], seen: str, by: Acting, now: datetime
) -> Clause:  # fmt: skip
    """Save a clause, or add one at the end of its section when `key` is None."""
    standing = writing(pledge_id, by, now)
    return _save_row(Clause, standing, key, values, seen, CLAUSE_FIELDS, by=by, now=now)


@transaction.atomic
def save_activity(
    *, pledge_id: int, key: str | None, values: dict[str, Any], seen: str, by: Acting, now: datetime
) -> Activity:  # fmt: skip
    """Save a row of the activity programme, or add one."""
    standing = writing(pledge_id, by, now)
    return _save_row(Activity, standing, key, values, seen, ACTIVITY_FIELDS, by=by, now=now)


@transaction.atomic
def save_target(
    *, pledge_id: int, key: str | None, values: dict[str, Any], levels: list[Level], seen: str,
    by: Acting, now: datetime
) -> Target:  # fmt: skip
    """Save a target with the level of each unit, or add one."""
    standing = writing(pledge_id, by, now)
    target = find(Target, standing, key)
    if key is not None and target is None:
        raise Conflict(GONE)
    if target and seen != target_mark(target):
        raise Conflict(TAKEN, _target_now(target))
    before = _target_now(target) if target else {}
    if target is None:
        target = Target(version=standing.version, key=new_key(), order=next_order(Target, standing))
    for name in TARGET_FIELDS:
        setattr(target, name, values[name])
    target.save()
    target.values.all().delete()
    units = {m.unit_id for m in members_of(standing.pledge.cluster_year)}
    TargetValue.objects.bulk_create(
        [
            TargetValue(
                target=target,
                unit_id=level.unit_id,
                is_assigned=level.is_assigned,
                value=level.value if level.is_assigned else None,
                baseline=level.baseline,
            )
            for level in levels
            if level.unit_id in units and target.kind == Target.Kind.NUMERIC
        ]
    )
    saved(standing, target, "pledges.target_saved", before, _target_now(target), by=by, now=now)
    return target


@transaction.atomic
def add_rows(
    *, pledge_id: int, model: type[Clause | Activity], rows: list[dict[str, Any]], by: Acting,
    now: datetime
) -> None:  # fmt: skip
    """Add several clauses or activities at once: chosen legal bases, the starter rows."""
    standing = writing(pledge_id, by, now)
    fields = CLAUSE_FIELDS if model is Clause else ACTIVITY_FIELDS
    kind = cast("type[Any]", model)  # one of the two, which a type variable cannot say
    for values in rows:
        _save_row(kind, standing, None, values, "", fields, by=by, now=now)


@transaction.atomic
def remove_row(
    *, pledge_id: int, model: type[Clause | Activity | Target], key: str, by: Acting, now: datetime
) -> None:  # fmt: skip
    """Take a clause, an activity or a target out of the draft."""
    standing = writing(pledge_id, by, now)
    row = find(cast("type[Any]", model), standing, key)
    if row is None:
        return  # somebody else took it out already
    before = {"text": str(row)}
    label = str(row)
    row.delete()
    saved(
        standing,
        standing.version,
        f"pledges.{model._meta.model_name}_removed",
        before,
        {"removed": label},
        by=by,
        now=now,
    )


@transaction.atomic
def move_row(
    *, pledge_id: int, model: type[Clause | Activity | Target], key: str, up: bool, by: Acting,
    now: datetime
) -> None:  # fmt: skip
    """Move a row one place up or down among its neighbours."""
    standing = writing(pledge_id, by, now)
    kind = cast("type[Any]", model)
    row = find(kind, standing, key)
    if row is None:
        return
    rows = list(_neighbours(kind, standing, row))
    at = next(i for i, other in enumerate(rows) if other.key == key)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(rows):
        return
    rows.insert(to, rows.pop(at))
    for order, other in enumerate(rows, start=1):
        if other.order != order:
            other.order = order
            other.save(update_fields=["order"])
    saved(
        standing,
        row,
        f"pledges.{model._meta.model_name}_moved",
        {"place": at + 1},
        {"place": to + 1},
        by=by,
        now=now,
    )


@transaction.atomic
def set_papers(
    *, pledge_id: int, papers: dict[str, tuple[str, str]], by: Acting, now: datetime,
    seen: str | None = None
) -> None:  # fmt: skip
    """Say which papers are adopted together: kind → (title, signing). The pledge itself stays.

    A paper that still has rows is not taken out: what is not printed must not be consented to.
    """
    standing = writing(pledge_id, by, now)
    version = standing.version
    before = papers_now(version)
    if seen is not None and seen != set_mark(before):
        raise Conflict(TAKEN, before)
    _require_empty(version, [kind for kind in before if kind not in papers])
    version.papers.exclude(kind__in=papers).exclude(kind=PaperKind.PLEDGE).delete()
    for kind, (title, signing) in papers.items():
        Paper.objects.update_or_create(
            version=version, kind=kind, defaults={"title": title, "signing": signing}
        )
    after = papers_now(version)
    saved(standing, version, "pledges.papers_set", before, after, by=by, now=now)


@transaction.atomic
def set_signatories(
    *, pledge_id: int, places: list[tuple[int, str, str, str]], by: Acting, now: datetime,
    seen: str | None = None
) -> None:  # fmt: skip
    """Set the order of signatures: (unit, role, position, authority), witnesses last."""
    standing = writing(pledge_id, by, now)
    version, year = standing.version, standing.pledge.cluster_year
    members = {m.unit_id: m.role for m in members_of(year)}
    signers = [unit for unit, role, _, _ in places if role == Signatory.Role.SIGNER]
    if set(signers) != set(members) or len(signers) != len(members):
        raise Invalid(
            "Mỗi đơn vị thành viên ký một lần; danh sách đang thừa hoặc thiếu.", field="order"
        )
    before = signatories_now(version)
    if seen is not None and seen != set_mark(before):
        raise Conflict(TAKEN, before)
    version.signatories.all().delete()
    ordered = sorted(places, key=lambda place: place[1] == Signatory.Role.WITNESS)
    Signatory.objects.bulk_create(
        [
            Signatory(
                version=version,
                unit_id=unit,
                role=role,
                order=order,
                member_role=members.get(unit, ""),
                position=position,
                authority=authority,
            )
            for order, (unit, role, position, authority) in enumerate(ordered, start=1)
        ]
    )
    after = signatories_now(version)
    saved(standing, version, "pledges.signatories_set", before, after, by=by, now=now)


def _require_empty(version: PledgeVersion, kinds: list[str]) -> None:
    """Refuse to drop a paper whose rows would be left behind unseen."""
    for kind in kinds:
        rows = version.clauses.filter(paper=kind).count()
        if kind == PaperKind.PROGRAMME:
            rows += version.activities.count()
        if rows and kind != PaperKind.PLEDGE:
            raise Invalid(
                f"{PaperKind(kind).label} còn {rows} dòng nội dung. "
                "Xóa các dòng đó trước rồi bỏ văn bản.",
                field=f"{kind.lower()}_included",
            )


def _neighbours(model: type[AnyRow], standing: Standing, row: AnyRow) -> models.QuerySet[AnyRow]:
    rows = model.objects.filter(version=standing.version)
    if isinstance(row, Clause):
        rows = rows.filter(paper=row.paper, section=row.section, unit=row.unit_id)
    return rows.order_by("order", "pk")


def _save_row(
    model: type[AnyRow],
    standing: Standing,
    key: str | None,
    values: dict[str, Any],
    seen: str,
    fields: tuple[str, ...],
    *,
    by: Acting,
    now: datetime,
) -> AnyRow:
    row = find(model, standing, key)
    if key is not None and row is None:
        raise Conflict(GONE)
    before: dict[str, Any] = {}
    if row is None:
        row = model(version=standing.version, key=new_key(), order=next_order(model, standing))
    else:
        hold(row, fields, seen)
        before = {name: str(getattr(row, name) or "") for name in fields}
    for name in fields:
        setattr(row, name, values[name])
    row.save()
    after = {name: str(getattr(row, name) or "") for name in fields}
    saved(standing, row, f"pledges.{model._meta.model_name}_saved", before, after, by=by, now=now)
    return row


def _target_now(target: Target) -> dict[str, str]:
    levels = target.values.select_related("unit").order_by("unit__code")
    return {name: str(getattr(target, name) or "") for name in TARGET_FIELDS} | {
        f"level_{v.unit.code}": (plain(v.value) or "chưa giao mức")
        if v.is_assigned
        else "không giao"
        for v in levels
    }
