"""Changes of units, people, years and calendars, each with its audit event."""

from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.db import models, transaction
from django.db.models import F, ProtectedError, Q
from django.utils.crypto import salted_hmac

from accounts.models import User
from clusters.acting import Acting
from clusters.calendar import Stretch, local_date, stretches
from clusters.models import (
    Appointment,
    Cluster,
    ClusterYear,
    Cycle,
    CyclePeriod,
    Extension,
    MemberRole,
    Membership,
    NumberRegister,
    Openness,
    Period,
    Role,
    SigningOrder,
    Stage,
    Unit,
    YearStatus,
)
from clusters.policies import (
    may_change_calendar,
    may_change_code,
    may_change_members,
    may_change_openness,
    may_deactivate,
    may_end_appointment,
    may_extend,
    may_open_year,
)
from clusters.queries import place_of, uses_of_code
from core import audit
from core.audit import Actor, Change
from core.canonical import sha256_of
from core.policy import Conflict, Invalid, Refused, require


@dataclass(frozen=True, slots=True)
class MemberPlan:
    """A member unit with its role, in the order of the list it stands in."""

    unit_id: int
    role: MemberRole = MemberRole.MEMBER


@dataclass(frozen=True, slots=True)
class StagePlan:
    """A stage of the calendar, in the order of the list it stands in."""

    kind: YearStatus
    opens_on: date
    due_on: date | None
    late_accepted: bool = False


@dataclass(frozen=True, slots=True)
class YearPlan:
    """All that opening a year needs."""

    cluster_id: int
    year: int
    starts_on: date
    ends_on: date
    theme: str
    members: list[MemberPlan]
    stages: list[StagePlan]
    period: CyclePeriod = CyclePeriod.YEAR
    decision_number: str = ""
    decision_date: date | None = None
    signing_order: SigningOrder = SigningOrder.SEQUENTIAL
    openness: Openness = Openness.FINAL
    cloned_from_id: int | None = None
    is_demonstration: bool = False
    #: None given: quarters of the cycle.
    periods: list[Stretch] = field(default_factory=list)


@transaction.atomic
def open_year(*, plan: YearPlan, by: Acting, now: datetime) -> ClusterYear:
    """Open a cluster year with members and calendar; the cycle is made when it is the first."""
    cluster = (
        Cluster.objects.select_related("organiser")
        .select_for_update(of=("self",))
        .get(pk=plan.cluster_id)
    )
    require(may_open_year(by, cluster))
    cycle, _ = Cycle.objects.get_or_create(
        organiser=cluster.organiser,
        year=plan.year,
        period=plan.period,
        defaults={"starts_on": plan.starts_on, "ends_on": plan.ends_on, "theme": plan.theme},
    )
    if ClusterYear.objects.filter(cluster=cluster, cycle=cycle).exists():
        raise Invalid(f"{cluster.name} đã có {cycle}. Mở trang năm đó để sửa.", field="year")
    year = ClusterYear.objects.create(
        cluster=cluster,
        cycle=cycle,
        decision_number=plan.decision_number,
        decision_date=plan.decision_date,
        signing_order=plan.signing_order,
        openness=plan.openness,
        cloned_from_id=plan.cloned_from_id,
        is_demonstration=plan.is_demonstration,
    )
    _write_members(year, plan.members)
    _write_stages(year, plan.stages)
    _write_periods(year, plan.periods or stretches(cycle.starts_on, cycle.ends_on, QUARTER))
    audit.record(
        "clusters.year_opened",
        year,
        by=by,
        now=now,
        cluster_year_id=year.pk,
        change=Change(
            after={
                "members": _member_names(year),
                "stages": _stage_texts(year),
                "decision_number": year.decision_number,
                "openness": year.get_openness_display(),
                "cloned_from": str(year.cloned_from or ""),
            }
        ),
    )
    return year


@transaction.atomic
def set_members(
    *,
    cluster_year_id: int,
    members: list[MemberPlan],
    decision_number: str,
    decision_date: date | None,
    by: Acting,
    now: datetime,
    seen: str = "",
) -> ClusterYear:
    """Replace the members of a year by decision; `seen` is the mark of the list that was read."""
    year = _locked(cluster_year_id)
    require(may_change_members(place_of(by, year), year))
    _require_same(seen, members_mark(year), "Danh sách thành viên")
    before = {"members": _member_names(year), "decision_number": year.decision_number}
    year.memberships.all().delete()
    _write_members(year, members)
    year.decision_number, year.decision_date = decision_number, decision_date
    year.save(update_fields=["decision_number", "decision_date"])
    audit.record(
        "clusters.members_set",
        year,
        by=by,
        now=now,
        cluster_year_id=year.pk,
        change=Change(
            before=before,
            after={"members": _member_names(year), "decision_number": decision_number},
        ),
    )
    return year


@transaction.atomic
def set_calendar(
    *,
    cluster_year_id: int,
    stages: list[StagePlan],
    reason: str,
    by: Acting,
    now: datetime,
    seen: str = "",
) -> ClusterYear:
    """Change the calendar of a year, with a reason; extensions stay with their stage."""
    year = _locked(cluster_year_id)
    require(may_change_calendar(place_of(by, year), year))
    _require_same(seen, calendar_mark(year), "Lịch năm")
    before = {"stages": _stage_texts(year)}
    _rewrite_stages(year, stages)
    audit.record(
        "clusters.calendar_set",
        year,
        by=by,
        now=now,
        cluster_year_id=year.pk,
        change=Change(before=before, after={"stages": _stage_texts(year)}, reason=reason),
    )
    return year


@transaction.atomic
def set_periods(
    *,
    cluster_year_id: int,
    periods: list[Stretch],
    reason: str,
    by: Acting,
    now: datetime,
    seen: str = "",
) -> ClusterYear:
    """Set the reporting periods of a year; one with reports keeps its days and its place."""
    year = _locked(cluster_year_id)
    require(may_change_calendar(place_of(by, year), year))
    _require_same(seen, periods_mark(year), "Kỳ báo cáo")
    before = {"periods": _period_texts(year)}
    _write_periods(year, periods)
    audit.record(
        "clusters.periods_set",
        year,
        by=by,
        now=now,
        cluster_year_id=year.pk,
        change=Change(before=before, after={"periods": _period_texts(year)}, reason=reason),
    )
    return year


def _write_periods(year: ClusterYear, periods: list[Stretch]) -> None:
    """Bring the stored periods to a plan; a period is known by its name."""
    for one, following in pairwise(periods):
        if following.starts_on <= one.ends_on:
            raise Invalid(
                f"{following.name} bắt đầu trước khi {one.name} kết thúc. Sửa ngày cho nối tiếp.",
                field="periods",
            )
    left = {row.name: row for row in year.periods.all()}
    year.periods.update(order=F("order") + PARKED)
    for order, plan in enumerate(periods, start=1):
        row = left.pop(plan.name, None) or Period(cluster_year=year, name=plan.name)
        moved = row.pk and (row.starts_on, row.ends_on) != (plan.starts_on, plan.ends_on)
        if moved and row.extensions.exists():
            raise Refused(f"Kỳ {row.name} đang có đơn vị được gia hạn nên không đổi ngày được.")
        row.order, row.starts_on, row.ends_on = order, plan.starts_on, plan.ends_on
        row.due_on = plan.due_on
        row.save()
    try:
        year.periods.filter(pk__in=[row.pk for row in left.values()]).delete()
    except ProtectedError as fault:
        names = ", ".join(sorted(row.name for row in left.values()))
        raise Refused(f"Kỳ {names} đã có đơn vị báo cáo nên không bỏ được.") from fault


def periods_mark(year: ClusterYear) -> str:
    """Return the mark of the reporting periods as they stand."""
    return sha256_of(_period_texts(year))[:24]


def _period_texts(year: ClusterYear) -> dict[str, Any]:
    return {
        f"{p.order:02d}": f"{p.name}: {p.starts_on} – {p.ends_on}, hạn {p.due_on}"
        for p in year.periods.order_by("order")
    }


@transaction.atomic
def set_openness(
    *, cluster_year_id: int, openness: Openness, reason: str, by: Acting, now: datetime
) -> ClusterYear:
    """Change how far members read each other's points, with a reason that all of them read."""
    year = _locked(cluster_year_id)
    require(may_change_openness(place_of(by, year), year))
    if openness == year.openness:
        raise Invalid("Đang áp dụng đúng quy tắc này, không có gì để đổi.", field="openness")
    before = year.get_openness_display()
    year.openness = openness
    year.save(update_fields=["openness"])
    audit.record(
        "clusters.openness_set",
        year,
        by=by,
        now=now,
        cluster_year_id=year.pk,
        change=Change({"openness": before}, {"openness": year.get_openness_display()}, reason),
    )
    return year


@transaction.atomic
def extend_period(
    *, period_id: int, unit_id: int, until: date, reason: str, by: Acting, now: datetime
) -> Extension:
    """Give one unit more time for the report of one period, with a reason."""
    period = Period.objects.get(pk=period_id)
    year = _locked(period.cluster_year_id)
    require(may_extend(place_of(by, year), year))
    row = Extension(period=period, unit_id=unit_id, until=until, reason=reason)
    return _grant(row, year, period.due_on, by=by, now=now)


def _grant(
    row: Extension, year: ClusterYear, due_on: date, *, by: Acting, now: datetime
) -> Extension:
    """Check and store an extension with its event."""
    if not row.reason:
        raise Invalid("Nêu lý do gia hạn; các đơn vị trong cụm, khối đều xem được.", field="reason")
    if row.until <= due_on:
        whose = "giai đoạn" if row.stage else "kỳ"
        raise Invalid(f"Ngày gia hạn phải sau hạn chung của {whose}.", field="until")
    unit = Unit.objects.get(pk=row.unit_id)
    if not year.memberships.filter(unit=unit).exists():
        raise Refused(f"{unit.name} không phải thành viên của {year.cluster.name} năm nay.")
    row.granted_by_id, row.granted_at = by.user_id, now
    row.save()
    audit.record(
        "clusters.extension_granted",
        row,
        by=by,
        now=now,
        cluster_year_id=year.pk,
        change=Change(
            before={"due_on": due_on.isoformat()},
            after={"unit": unit.name, "stage": row.what, "until": row.until.isoformat()},
            reason=row.reason,
        ),
    )
    return row


@transaction.atomic
def save_unit(unit: Unit, *, by: Actor, now: datetime, before: dict[str, Any]) -> None:
    """Save a unit edited in a form; its code only while nothing knows the unit by it for good."""
    stored = Unit.objects.select_for_update(of=("self",)).get(pk=unit.pk)
    if stored.code != unit.code:
        verdict = may_change_code(uses_of_code(unit.pk))
        if not verdict:
            raise Invalid(verdict.reason, field="code")
    save_row(unit, action="clusters.unit_saved", by=by, now=now, before=before)


@transaction.atomic
def extend(
    *, stage_id: int, unit_id: int, until: date, reason: str, by: Acting, now: datetime
) -> Extension:
    """Give one unit more time in one stage, with a reason."""
    stage = Stage.objects.select_related("cluster_year__cluster").get(pk=stage_id)
    year = _locked(stage.cluster_year_id)
    require(may_extend(place_of(by, year), year))
    if stage.due_on is None:
        raise Invalid("Giai đoạn này không có hạn nên không cần gia hạn.", field="stage")
    row = Extension(stage=stage, unit_id=unit_id, until=until, reason=reason)
    return _grant(row, year, stage.due_on, by=by, now=now)


def reserve_number(*, cluster_year: ClusterYear, symbol: str) -> int:
    """Take the next number of a series; the row stays locked until the transaction ends."""
    register, _ = NumberRegister.objects.select_for_update().get_or_create(
        cluster_year=cluster_year, symbol=symbol
    )
    register.last += 1
    register.save(update_fields=["last"])
    return register.last


@transaction.atomic
def save_row(
    row: models.Model,
    *,
    action: str,
    by: Actor,
    now: datetime,
    before: dict[str, Any] | None = None,
    cluster_year_id: int | None = None,
) -> None:
    """Save master data edited in a form (unit, cluster, appointment) together with its event."""
    row.save()
    audit.record(
        action,
        row,
        by=by,
        now=now,
        cluster_year_id=cluster_year_id,
        change=Change(before=before or {}, after=snapshot(row)),
    )


def snapshot(row: models.Model) -> dict[str, Any]:
    """Return the editable fields of a row as plain strings, for before and after.

    Other rows stand there by name: a key would tell a reader of the history nothing.
    """
    hidden = {"password", "last_login", "search_key", "sort_key"}
    values = {
        f.name: getattr(row, f.name) if f.is_relation else f.value_from_object(row)
        for f in row._meta.concrete_fields
        if f.name not in hidden
    }
    return {name: "" if value is None else str(value) for name, value in values.items()}


#: Letters and figures that nobody mixes up when a password is read out or copied by hand.
_CLEAR = "abcdefghjkmnpqrstuvwxyz23456789"


def first_password(seed: str) -> str:
    """Make a first password from the token of a form: the same form sent twice gives the same one.

    It cannot be found from the seed without the installation's secret key, so that only the seed
    has to wait for the page that shows the password once.
    """
    digest = salted_hmac("clusters.first_password", seed, algorithm="sha256").digest()
    letters = "".join(_CLEAR[byte % len(_CLEAR)] for byte in digest[:12])
    return "-".join(letters[at : at + 4] for at in range(0, 12, 4))


@transaction.atomic
def add_person(
    user: User,
    *,
    initial_password: str,
    by: Actor,
    now: datetime,
    must_change_password: bool = True,
) -> User:
    """Add a person who sets a password of their own at the first log-in."""
    user.set_password(initial_password)
    user.must_change_password = must_change_password
    save_row(user, action="accounts.person_added", by=by, now=now)
    return user


@transaction.atomic
def reset_password(*, user_id: int, initial_password: str, by: Actor, now: datetime) -> User:
    """Give a person a new first password, to be changed at the next log-in."""
    user = User.objects.select_for_update().get(pk=user_id)
    user.set_password(initial_password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    audit.record("accounts.password_reset", user, by=by, now=now)
    return user


@transaction.atomic
def set_active(*, user_id: int, active: bool, reason: str, by: Actor, now: datetime) -> User:
    """Close an account, or open it again; a closed one can neither log in nor go on working."""
    _lock_administrators()
    user = User.objects.select_for_update().get(pk=user_id)
    if not active:
        require(may_deactivate(by, user, others_administer(now, except_user=user.pk)))
    before = {"is_active": str(user.is_active)}
    user.is_active = active
    user.save(update_fields=["is_active"])
    audit.record(
        "accounts.person_activated" if active else "accounts.person_deactivated",
        user,
        by=by,
        now=now,
        change=Change(before=before, after={"is_active": str(active)}, reason=reason),
    )
    return user


def _lock_administrators() -> None:
    """Let nobody else take away an administrator meanwhile: of two, both would see the other."""
    rows = Appointment.objects.filter(role=Role.ADMINISTRATOR).order_by("pk")
    list(rows.select_for_update().values_list("pk"))


def others_administer(now: datetime, *, except_user: int = 0, except_appointment: int = 0) -> bool:
    """Whether somebody else could still administer the installation."""
    current = Appointment.objects.current(local_date(now)).filter(role=Role.ADMINISTRATOR)
    return current.exclude(Q(user=except_user) | Q(pk=except_appointment)).exists()


@transaction.atomic
def end_appointment(
    *, appointment_id: int, ends_on: date, reason: str, by: Actor, now: datetime
) -> Appointment:
    """End an appointment on a day; it stays in the register for ever."""
    _lock_administrators()
    appointment = (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("unit", "user")
        .get(pk=appointment_id)
    )
    if ends_on < appointment.starts_on:
        raise Invalid("Ngày thôi phải từ ngày bắt đầu trở đi.", field="ends_on")
    require(
        may_end_appointment(appointment, others_administer(now, except_appointment=appointment.pk))
    )
    before = snapshot(appointment)
    appointment.ends_on = ends_on
    appointment.save(update_fields=["ends_on"])
    audit.record(
        "clusters.appointment_ended",
        appointment,
        by=by,
        now=now,
        change=Change(before=before, after=snapshot(appointment), reason=reason),
    )
    return appointment


def members_mark(year: ClusterYear) -> str:
    """Return the mark of the members as they stand; a form sends it back (see `seen`)."""
    rows = year.memberships.order_by("order").values_list("unit_id", "role")
    decided = [year.decision_number, str(year.decision_date or "")]
    return sha256_of([[list(row) for row in rows], decided])[:24]


def calendar_mark(year: ClusterYear) -> str:
    """Return the mark of the calendar as it stands."""
    return sha256_of(_stage_texts(year))[:24]


def _require_same(seen: str, mark: str, what: str) -> None:
    """Refuse to overwrite what somebody else wrote after the page was read."""
    if seen and seen != mark:
        raise Conflict(
            f"{what} đã được người khác sửa sau khi bạn mở trang nên chưa ghi. So phần bạn nhập "
            "với phần đang lưu ở cuối trang; gửi lại là thay phần đang lưu."
        )


def _locked(cluster_year_id: int) -> ClusterYear:
    return ClusterYear.objects.select_for_update(of=("self",)).with_names().get(pk=cluster_year_id)


def _write_members(year: ClusterYear, members: list[MemberPlan]) -> None:
    if [m.role for m in members].count(MemberRole.LEAD) != 1:
        raise Invalid("Chọn đúng một đơn vị trưởng.", field="members")
    if [m.role for m in members].count(MemberRole.DEPUTY) > 1:
        raise Invalid("Nhiều nhất một đơn vị phó.", field="members")
    taken = (
        Membership.objects.filter(
            cycle=year.cycle, kind=year.cluster.kind, unit__in=[m.unit_id for m in members]
        )
        .exclude(cluster_year=year)
        .select_related("unit", "cluster_year__cluster")
        .first()
    )
    if taken:
        raise Invalid(
            f"{taken.unit.name} đã thuộc {taken.cluster_year.cluster.name} trong kỳ này; "
            "mỗi đơn vị chỉ ở một cụm, khối cùng loại trong một kỳ.",
            field="members",
        )
    Membership.objects.bulk_create(
        [
            Membership(
                cluster_year=year,
                unit_id=plan.unit_id,
                role=plan.role,
                order=order,
                cycle=year.cycle,
                kind=year.cluster.kind,
            )
            for order, plan in enumerate(members, start=1)
        ]
    )


def _write_stages(year: ClusterYear, stages: list[StagePlan]) -> None:
    Stage.objects.bulk_create(
        [
            Stage(
                cluster_year=year,
                order=order,
                kind=plan.kind,
                opens_on=plan.opens_on,
                due_on=plan.due_on,
                late_accepted=plan.late_accepted,
            )
            for order, plan in enumerate(stages, start=1)
        ]
    )


def _rewrite_stages(year: ClusterYear, stages: list[StagePlan]) -> None:
    """Bring the stored stages to a new plan; a stage is known by its kind, first to first."""
    left: dict[str, list[Stage]] = {}
    for row in year.stages.order_by("order"):
        left.setdefault(row.kind, []).append(row)
    # Out of the way first: two stages may not stand at the same place, not even in between.
    year.stages.update(order=F("order") + PARKED)
    for order, plan in enumerate(stages, start=1):
        same = left.get(plan.kind)
        row = same.pop(0) if same else Stage(cluster_year=year, kind=plan.kind)
        row.order, row.opens_on, row.due_on = order, plan.opens_on, plan.due_on
        row.late_accepted = plan.late_accepted
        row.save()
    gone = year.stages.filter(order__gt=PARKED)
    extended = gone.filter(extensions__isnull=False).order_by("order").first()
    if extended:
        raise Refused(
            f"Giai đoạn {extended.name} đang có đơn vị được gia hạn nên "
            "không bỏ được. Giữ giai đoạn này trong lịch."
        )
    gone.delete()


#: Months of a quarter, the usual reporting period.
QUARTER = 3

#: Added to the order of stages while a calendar is rewritten; no calendar is that long.
PARKED = 1000


def _member_names(year: ClusterYear) -> dict[str, Any]:
    rows = year.memberships.select_related("unit").order_by("order")
    return {f"{m.order:02d}": f"{m.unit.name} ({m.get_role_display()})" for m in rows}


def _stage_texts(year: ClusterYear) -> dict[str, Any]:
    return {
        f"{s.order:02d}": f"{s.name}: {s.opens_on} – {s.due_on or ''}"
        + (" (nhận muộn)" if s.late_accepted else "")
        for s in year.stages.order_by("order")
    }
