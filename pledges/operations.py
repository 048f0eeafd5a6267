"""The draft of a pledge: rows that its authors save one by one, and what units say about them.

Every save locks the pledge, holds the row against what its author had read (`seen`), and records
one event. Two people who save the same row: the second gets `Conflict` with what stands now, and
the page keeps what was typed.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar, cast

from django.db import models, transaction
from django.db.models import F, Max

from clusters.acting import Acting
from clusters.calendar import local_date
from clusters.models import ClusterYear, MemberRole, YearStatus
from clusters.queries import lead_of, members_of, place_of, previous_year
from core import audit
from core.audit import Change
from core.canonical import sha256_of
from core.policy import Conflict, Invalid, Refused, require
from pledges import policies
from pledges.content import plain
from pledges.models import (
    Activity,
    Clause,
    Comment,
    Paper,
    PaperKind,
    Pledge,
    PledgeVersion,
    Proposal,
    Remark,
    RemarkState,
    Signatory,
    Target,
    TargetValue,
)
from pledges.policies import Standing
from pledges.queries import locked_pledge, standing_of, windows_of

AnyRow = TypeVar("AnyRow", Clause, Activity, Target)
#: Fields of each kind of row that an author edits; the mark of a row covers them.
CLAUSE_FIELDS = ("paper", "section", "unit_id", "heading", "text")
ACTIVITY_FIELDS = ("when", "what", "responsible", "output")
TARGET_FIELDS = (
    "area", "kind", "text", "unit_of_measure", "direction", "aggregation", "is_change", "is_common",
    "criterion_id",
)  # fmt: skip
HEAD_FIELDS = ("title", "place", "slogan")


@dataclass(frozen=True, slots=True)
class Level:
    """What one unit shall reach: not assigned, no level set, or a number."""

    unit_id: int
    is_assigned: bool
    value: Decimal | None
    baseline: Decimal | None = None


def new_key() -> str:
    """Return the key that follows a row through all versions."""
    return secrets.token_hex(6)


def mark_of(row: models.Model, fields: tuple[str, ...]) -> str:
    """Return the mark of a row as read; a form sends it back so that a save can notice a change."""
    return sha256_of({name: str(getattr(row, name)) for name in fields})[:24]


def target_mark(target: Target) -> str:
    """Return the mark of a target with its levels."""
    levels = [
        [v.unit_id, v.is_assigned, plain(v.value), plain(v.baseline)]
        for v in target.values.order_by("unit_id")
    ]
    return sha256_of([mark_of(target, TARGET_FIELDS), levels])[:24]


def papers_now(version: PledgeVersion) -> dict[str, str]:
    """Return the set of papers in words, by kind."""
    return {p.kind: f"{p.title} ({p.get_signing_display()})" for p in version.papers.order_by("pk")}


def signatories_now(version: PledgeVersion) -> dict[str, str]:
    """Return the order of signatures in words, by place."""
    rows = version.signatories.select_related("unit").order_by("order")
    return {f"{s.order:02d}": f"{s.unit.name}, {s.authority} {s.position}" for s in rows}


def set_mark(now: dict[str, str]) -> str:
    """Return the mark of a set of papers or signatories as read."""
    return sha256_of(now)[:24]


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


# Starting and copying ------------------------------------------------------------------------
def start_pledge(*, cluster_year_id: int, by: Acting, now: datetime, clone: bool) -> Pledge:
    """Make the pledge of a year with its first version; called by the workflow."""
    year = ClusterYear.objects.select_for_update(of=("self",)).with_names().get(pk=cluster_year_id)
    members = members_of(year)
    lead = lead_of(members)
    window = windows_of(year, by.unit_id, local_date(now)).get(YearStatus.DRAFTING)
    lead_name = lead.unit.short_name if lead else ""
    require(policies.may_start(place_of(by, year), lead_name, window, local_date(now)))
    if Pledge.objects.filter(cluster_year=year).exists():
        raise Refused("Năm này đã có bản giao ước đang soạn. Mở trang giao ước để sửa.")
    source = _last_years_version(year) if clone else None
    pledge = Pledge.objects.create(cluster_year=year, created_at=now)
    version = PledgeVersion.objects.create(
        pledge=pledge,
        number=1,
        title=f"Giao ước thi đua {year.cycle}",
        place=source.place if source else "",
        slogan=source.slogan if source else "",
        created_at=now,
    )
    if source:
        _copy_rows(source, version)
    else:
        Paper.objects.create(
            version=version, kind=PaperKind.PLEDGE, title=version.title, signing=Paper.Signing.ALL
        )
    _default_signatories(version, year)
    pledge.current = version
    pledge.save(update_fields=["current"])
    return pledge


def copy_version(old: PledgeVersion, *, note: str, now: datetime) -> PledgeVersion:
    """Open the next version with the same rows and keys; called by the workflow."""
    fresh = PledgeVersion.objects.create(
        pledge=old.pledge,
        number=old.number + 1,
        title=old.title,
        place=old.place,
        slogan=old.slogan,
        note=note[:500],
        created_at=now,
    )
    _copy_rows(old, fresh)
    for signatory in old.signatories.order_by("order"):
        Signatory.objects.create(
            version=fresh,
            unit_id=signatory.unit_id,
            role=signatory.role,
            order=signatory.order,
            member_role=signatory.member_role,
            position=signatory.position,
            authority=signatory.authority,
        )
    return fresh


def _last_years_version(year: ClusterYear) -> PledgeVersion | None:
    last = previous_year(year)
    if last is None:
        return None
    return PledgeVersion.objects.filter(pledge__cluster_year=last).order_by("-number").first()


def _copy_rows(old: PledgeVersion, fresh: PledgeVersion) -> None:
    """Copy papers, clauses, activities and targets; levels only of units that are members now."""
    units = set(fresh.pledge.cluster_year.memberships.values_list("unit_id", flat=True))
    same_year = old.pledge_id == fresh.pledge_id
    _copy(Paper, old.papers.order_by("pk"), fresh, units)
    _copy(Clause, old.clauses.order_by("pk"), fresh, units)
    _copy(Activity, old.activities.order_by("pk"), fresh, units)
    for target in old.targets.prefetch_related("values").order_by("order"):
        values = [v for v in target.values.all() if v.unit_id in units]
        target.pk, target.version = None, fresh
        if not same_year:
            target.criterion = None
        target._state.adding = True  # noqa: SLF001 - Django's documented way to copy a row
        target.save()
        for value in values:
            value.pk, value.target = None, target
            # Last year's level is this year's figure to compare with, not its baseline count.
            value.baseline = value.baseline if same_year else None
        TargetValue.objects.bulk_create(values)


def _copy(
    model: type[models.Model], rows: models.QuerySet[Any], fresh: PledgeVersion, units: set[int]
) -> None:
    copies = []
    for row in rows:
        if getattr(row, "unit_id", None) is not None and row.unit_id not in units:
            continue  # a task of a unit that left the cluster
        row.pk, row.version = None, fresh
        copies.append(row)
    model._default_manager.bulk_create(copies)  # noqa: SLF001 - the documented name


def _default_signatories(version: PledgeVersion, year: ClusterYear) -> None:
    """List the members in their order as signers; the lead changes order, position, witness."""
    members = members_of(year)
    ranks = {MemberRole.LEAD: 0, MemberRole.DEPUTY: 1, MemberRole.MEMBER: 2}
    members.sort(key=lambda m: (ranks[MemberRole(m.role)], m.order))
    Signatory.objects.bulk_create(
        [
            Signatory(
                version=version,
                unit=m.unit,
                order=order,
                member_role=m.role,
                position="Thủ trưởng đơn vị",
            )
            for order, m in enumerate(members, start=1)
        ]
    )


# Saving the draft ----------------------------------------------------------------------------
@transaction.atomic
def save_head(
    *, pledge_id: int, values: dict[str, str], seen: str, by: Acting, now: datetime
) -> PledgeVersion:
    """Save title, place and slogan."""
    standing = _writing(pledge_id, by, now)
    version = standing.version
    _hold(version, HEAD_FIELDS, seen)
    before = {name: getattr(version, name) for name in HEAD_FIELDS}
    for name in HEAD_FIELDS:
        setattr(version, name, values[name])
    version.save(update_fields=list(HEAD_FIELDS))
    version.papers.filter(kind=PaperKind.PLEDGE).update(title=version.title)
    _saved(standing, version, "pledges.head_saved", before, values, by=by, now=now)
    return version


@transaction.atomic
def save_clause(
    *, pledge_id: int, key: str | None, values: dict[str, Any], seen: str, by: Acting, now: datetime
) -> Clause:  # fmt: skip
    """Save a clause, or add one at the end of its section when `key` is None."""
    standing = _writing(pledge_id, by, now)
    return _save_row(Clause, standing, key, values, seen, CLAUSE_FIELDS, by=by, now=now)


@transaction.atomic
def save_activity(
    *, pledge_id: int, key: str | None, values: dict[str, Any], seen: str, by: Acting, now: datetime
) -> Activity:  # fmt: skip
    """Save a row of the activity programme, or add one."""
    standing = _writing(pledge_id, by, now)
    return _save_row(Activity, standing, key, values, seen, ACTIVITY_FIELDS, by=by, now=now)


@transaction.atomic
def save_target(
    *, pledge_id: int, key: str | None, values: dict[str, Any], levels: list[Level], seen: str,
    by: Acting, now: datetime
) -> Target:  # fmt: skip
    """Save a target with the level of each unit, or add one."""
    standing = _writing(pledge_id, by, now)
    target = _find(Target, standing, key)
    if key is not None and target is None:
        raise Conflict(GONE)
    if target and seen != target_mark(target):
        raise Conflict(TAKEN, _target_now(target))
    before = _target_now(target) if target else {}
    if target is None:
        target = Target(
            version=standing.version, key=new_key(), order=_next_order(Target, standing)
        )
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
    _saved(standing, target, "pledges.target_saved", before, _target_now(target), by=by, now=now)
    return target


@transaction.atomic
def add_rows(
    *, pledge_id: int, model: type[Clause | Activity], rows: list[dict[str, Any]], by: Acting,
    now: datetime
) -> None:  # fmt: skip
    """Add several clauses or activities at once: chosen legal bases, the starter rows."""
    standing = _writing(pledge_id, by, now)
    fields = CLAUSE_FIELDS if model is Clause else ACTIVITY_FIELDS
    kind = cast("type[Any]", model)  # one of the two, which a type variable cannot say
    for values in rows:
        _save_row(kind, standing, None, values, "", fields, by=by, now=now)


@transaction.atomic
def remove_row(
    *, pledge_id: int, model: type[Clause | Activity | Target], key: str, by: Acting, now: datetime
) -> None:  # fmt: skip
    """Take a clause, an activity or a target out of the draft."""
    standing = _writing(pledge_id, by, now)
    row = _find(cast("type[Any]", model), standing, key)
    if row is None:
        return  # somebody else took it out already
    before = {"text": str(row)}
    label = str(row)
    row.delete()
    _saved(
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
    standing = _writing(pledge_id, by, now)
    kind = cast("type[Any]", model)
    row = _find(kind, standing, key)
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
    _saved(
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
    standing = _writing(pledge_id, by, now)
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
    _saved(standing, version, "pledges.papers_set", before, after, by=by, now=now)


@transaction.atomic
def set_signatories(
    *, pledge_id: int, places: list[tuple[int, str, str, str]], by: Acting, now: datetime,
    seen: str | None = None
) -> None:  # fmt: skip
    """Set the order of signatures: (unit, role, position, authority), witnesses last."""
    standing = _writing(pledge_id, by, now)
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
    _saved(standing, version, "pledges.signatories_set", before, after, by=by, now=now)


# What units say ------------------------------------------------------------------------------
@transaction.atomic
def comment(*, pledge_id: int, anchor: str, text: str, by: Acting, now: datetime) -> Comment:
    """Record what a unit says about a clause, a target or a paper."""
    standing = _locked(pledge_id, by, now)
    require(policies.may_comment(standing))
    made = Comment.objects.create(
        pledge=standing.pledge, version=standing.version, unit_id=by.unit_key, author_id=by.user_id,
        made_at=now, anchor=anchor, text=text,
    )  # fmt: skip
    _record(
        "pledges.commented", standing, made, {}, {"anchor": anchor, "text": text}, by=by, now=now
    )
    return made


@transaction.atomic
def propose(
    *, pledge_id: int, key: str, level: Level, reason: str, by: Acting, now: datetime
) -> Proposal:
    """Record a unit's counter-proposal of its own level, with the reason."""
    standing = _locked(pledge_id, by, now)
    require(policies.may_comment(standing))
    target = _find(Target, standing, key)
    if target is None or target.kind != Target.Kind.NUMERIC:
        raise Refused("Chỉ tiêu này không còn trong bản đang góp ý. Mở lại trang để xem bản mới.")
    if not reason:
        raise Invalid("Nêu lý do đề nghị để đơn vị trưởng xem xét.", field="text")
    drafted = target.values.filter(unit=by.unit_id).values_list("value", flat=True).first()
    made = Proposal.objects.create(
        pledge=standing.pledge, version=standing.version, unit_id=by.unit_key, author_id=by.user_id,
        made_at=now, anchor=key, text=reason, is_assigned=level.is_assigned, proposed=level.value,
        drafted=drafted,
    )  # fmt: skip
    after = {"target": target.text, "proposed": plain(level.value), "assigned": level.is_assigned}
    _record(
        "pledges.proposed",
        standing,
        made,
        {"drafted": plain(drafted)},
        after,
        by=by,
        now=now,
        reason=reason,
    )
    return made


@transaction.atomic
def answer(
    *, remark: Comment | Proposal, accepted: bool, text: str, by: Acting, now: datetime
) -> Remark:
    """Answer a comment or proposal; an accepted level is written into the draft.

    A circulated version cannot take the level: `pledges.workflow.pledge.accept_proposal` opens the
    next version first.
    """
    standing = _locked(remark.pledge_id, by, now)
    require(policies.may_answer(standing))
    fresh = type(remark)._default_manager.select_for_update(of=("self",)).get(pk=remark.pk)  # noqa: SLF001
    if fresh.state != RemarkState.OPEN:
        raise Conflict(f"Góp ý này đã được trả lời: {fresh.answer}", {"answer": fresh.answer})
    if not text:
        raise Invalid(
            "Ghi câu trả lời để đơn vị biết đã tiếp thu thế nào hoặc vì sao giữ nguyên.",
            field="answer",
        )
    fresh.state = RemarkState.ACCEPTED if accepted else RemarkState.DECLINED
    fresh.answer, fresh.answered_at = text, now
    fresh.answered_by_id, fresh.answering_unit_id = by.user_id, by.unit_id
    fresh.save(update_fields=["state", "answer", "answered_at", "answered_by", "answering_unit"])
    if accepted and isinstance(fresh, Proposal):
        _take_over(standing, fresh)
    _record(
        "pledges.answered",
        standing,
        fresh,
        {"state": "OPEN"},
        {"state": fresh.state, "answer": text},
        by=by,
        now=now,
    )
    return fresh


def _take_over(standing: Standing, proposal: Proposal) -> None:
    """Write an accepted level into the draft; a common level becomes one for each unit."""
    require(policies.may_edit(standing))
    target = _find(Target, standing, proposal.anchor)
    if target is None:
        raise Refused("Chỉ tiêu này đã bỏ khỏi bản đang soạn nên không còn mức để sửa.")
    value = target.values.get(unit=proposal.unit_id)
    value.is_assigned = proposal.is_assigned
    value.value = proposal.proposed if proposal.is_assigned else None
    value.save(update_fields=["is_assigned", "value"])
    levels = set(target.values.values_list("is_assigned", "value"))
    if target.is_common and len(levels) > 1:
        target.is_common = False
        target.save(update_fields=["is_common"])
    _touch(standing)


# Shared --------------------------------------------------------------------------------------
GONE = "Người khác vừa bỏ dòng này. Nội dung bạn nhập còn nguyên; lưu thành dòng mới nếu cần."
TAKEN = (
    "Người khác vừa sửa dòng này sau khi bạn mở. Cả hai nội dung đều còn: "
    "xem bản đang lưu bên cạnh, "
    "sửa lại nội dung của bạn rồi lưu."
)


def _locked(pledge_id: int, by: Acting, now: datetime) -> Standing:
    return standing_of(locked_pledge(pledge_id), by, local_date(now))


def _writing(pledge_id: int, by: Acting, now: datetime) -> Standing:
    standing = _locked(pledge_id, by, now)
    require(policies.may_edit(standing))
    return standing


def _find(model: type[AnyRow], standing: Standing, key: str | None) -> AnyRow | None:
    if key is None:
        return None
    return model.objects.filter(version=standing.version, key=key).first()


def _hold(row: models.Model, fields: tuple[str, ...], seen: str) -> None:
    if seen != mark_of(row, fields):
        raise Conflict(TAKEN, {name: str(getattr(row, name) or "") for name in fields})


def _next_order(model: type[AnyRow], standing: Standing) -> int:
    rows = model.objects.filter(version=standing.version)
    last: int | None = rows.aggregate(last=Max("order"))["last"]
    return (last or 0) + 1


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
    row = _find(model, standing, key)
    if key is not None and row is None:
        raise Conflict(GONE)
    before: dict[str, Any] = {}
    if row is None:
        row = model(version=standing.version, key=new_key(), order=_next_order(model, standing))
    else:
        _hold(row, fields, seen)
        before = {name: str(getattr(row, name) or "") for name in fields}
    for name in fields:
        setattr(row, name, values[name])
    row.save()
    after = {name: str(getattr(row, name) or "") for name in fields}
    _saved(standing, row, f"pledges.{model._meta.model_name}_saved", before, after, by=by, now=now)
    return row


def _target_now(target: Target) -> dict[str, str]:
    levels = target.values.select_related("unit").order_by("unit__code")
    return {name: str(getattr(target, name) or "") for name in TARGET_FIELDS} | {
        f"level_{v.unit.code}": (plain(v.value) or "chưa giao mức")
        if v.is_assigned
        else "không giao"
        for v in levels
    }


def _touch(standing: Standing) -> None:
    """Raise the draft's revision, so that circulating what was not read is noticed."""
    PledgeVersion.objects.filter(pk=standing.version.pk).update(revision=F("revision") + 1)


def _saved(
    standing: Standing,
    row: models.Model,
    action: str,
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    by: Acting,
    now: datetime,
) -> None:
    _touch(standing)
    _record(action, standing, row, before, after, by=by, now=now)


def _record(
    action: str,
    standing: Standing,
    row: models.Model,
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    by: Acting,
    now: datetime,
    reason: str = "",
) -> None:
    audit.record(
        action, row, by=by, now=now, cluster_year_id=standing.pledge.cluster_year_id,
        change=Change(before=before, after=after, reason=reason),
    )  # fmt: skip
