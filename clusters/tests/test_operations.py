"""What changes years, members, calendars and people: the rules, and one event for each change."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import User
from clusters import operations
from clusters.acting import Acting
from clusters.models import (
    Appointment,
    ClusterYear,
    Cycle,
    Extension,
    MemberRole,
    Membership,
    Role,
    SigningOrder,
    Stage,
    YearStatus,
)
from clusters.operations import MemberPlan, StagePlan, YearPlan
from clusters.tests.factories import (
    NOW,
    TODAY,
    World,
    default_stages,
    make_person,
    make_unit,
    make_world,
)
from core import audit
from core.models import AuditEvent
from core.policy import Conflict, Invalid, Refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def world(kept: None) -> World:
    return make_world(4)


def plan_for(world: World, **changes) -> YearPlan:
    roles = [MemberRole.LEAD, MemberRole.DEPUTY, MemberRole.MEMBER, MemberRole.MEMBER]
    plan = YearPlan(
        cluster_id=world.cluster.pk, year=2027, starts_on=date(2026, 12, 15),
        ends_on=date(2027, 12, 14), theme="Vì an ninh Tổ quốc",
        members=[MemberPlan(u.pk, r) for u, r in zip(world.units, roles, strict=True)],
        stages=default_stages(), signing_order=SigningOrder.PARALLEL,
    )  # fmt: skip
    return replace(plan, **changes)


def organiser(world: World) -> Acting:
    assert world.organiser_acting is not None
    return world.organiser_acting


def events_after(last: int) -> list[str]:
    assert audit.first_fault() is None
    events = AuditEvent.objects.filter(seq__gt=last).order_by("seq")
    return list(events.values_list("action", flat=True))


def last_event() -> int:
    return AuditEvent.objects.count()


# Opening a year ------------------------------------------------------------------------------
def test_a_year_opens_with_members_calendar_and_one_event(world):
    last = last_event()
    year = operations.open_year(plan=plan_for(world), by=world.organiser_acting, now=NOW)
    assert year.status == YearStatus.PREPARING
    assert list(year.memberships.order_by("order").values_list("unit_id", "role")) == [
        (world.units[0].pk, "LEAD"), (world.units[1].pk, "DEPUTY"),
        (world.units[2].pk, "MEMBER"), (world.units[3].pk, "MEMBER"),
    ]  # fmt: skip
    assert year.stages.count() == len(default_stages())
    assert events_after(last) == ["clusters.year_opened"]


def test_clusters_of_one_organiser_share_the_cycle(world):
    operations.open_year(plan=plan_for(world), by=world.organiser_acting, now=NOW)
    assert Cycle.objects.filter(organiser=world.organiser, year=2027).count() == 1
    with pytest.raises(Invalid) as refusal:
        operations.open_year(plan=plan_for(world), by=world.organiser_acting, now=NOW)
    assert refusal.value.field == "year"


@pytest.mark.parametrize("index", range(4))
def test_nobody_but_the_organiser_opens_a_year(world, index):
    other = make_world(2, prefix="hd")
    who = [world.heads[0], world.organiser_head, world.administrator, other.organiser_acting][index]
    last = last_event()
    with pytest.raises(Refused):
        operations.open_year(plan=plan_for(world), by=who, now=NOW)
    assert not ClusterYear.objects.filter(cluster=world.cluster, cycle__year=2027).exists()
    assert events_after(last) == []


@pytest.mark.parametrize(
    "roles",
    [
        ["MEMBER", "MEMBER", "MEMBER", "MEMBER"],
        ["LEAD", "LEAD", "MEMBER", "MEMBER"],
        ["LEAD", "DEPUTY", "DEPUTY", "MEMBER"],
    ],
)
def test_one_lead_and_at_most_one_deputy(world, roles):
    members = [MemberPlan(u.pk, MemberRole(r)) for u, r in zip(world.units, roles, strict=True)]
    with pytest.raises(Invalid) as refusal:
        operations.open_year(
            plan=plan_for(world, members=members), by=world.organiser_acting, now=NOW
        )
    assert refusal.value.field == "members"


def test_a_unit_is_in_one_cluster_of_a_kind_per_cycle(world):
    from clusters.models import Cluster  # noqa: PLC0415 - only here

    second = Cluster.objects.create(
        organiser=world.organiser, kind="KHOI", code="K2", name="Khối 2"
    )
    members = [MemberPlan(world.units[0].pk, MemberRole.LEAD)]
    plan = plan_for(world, cluster_id=second.pk, year=2026, members=members)
    with pytest.raises(Invalid, match="đã thuộc"):
        operations.open_year(plan=plan, by=world.organiser_acting, now=NOW)
    third = Cluster.objects.create(organiser=world.organiser, kind="CUM", code="C2", name="Cụm 2")
    plan = replace(plan, cluster_id=third.pk)
    year = operations.open_year(plan=plan, by=organiser(world), now=NOW)
    assert year.cluster == third


# Members -------------------------------------------------------------------------------------
def set_members(world: World, members: list[MemberPlan]) -> ClusterYear:
    return operations.set_members(
        cluster_year_id=world.year.pk, members=members, decision_number="15/QĐ-CAT",
        decision_date=TODAY, by=organiser(world), now=NOW,
        seen=operations.members_mark(ClusterYear.objects.get(pk=world.year.pk)),
    )  # fmt: skip


def test_members_are_replaced_by_decision_in_their_order(world):
    last = last_event()
    members = [
        MemberPlan(world.units[3].pk, MemberRole.LEAD), MemberPlan(world.units[0].pk),
    ]  # fmt: skip
    set_members(world, members)
    rows = Membership.objects.filter(cluster_year=world.year).order_by("order")
    assert [(m.unit_id, m.role, m.order) for m in rows] == [
        (world.units[3].pk, "LEAD", 1), (world.units[0].pk, "MEMBER", 2),
    ]  # fmt: skip
    assert events_after(last) == ["clusters.members_set"]
    event = AuditEvent.objects.latest("seq")
    assert event.before != event.after


@pytest.mark.parametrize("status", [s for s in YearStatus if s not in ("PREPARING", "DRAFTING")])
def test_members_are_settled_when_signing_begins(world, status):
    ClusterYear.objects.filter(pk=world.year.pk).update(status=status)
    before = list(Membership.objects.values_list())
    with pytest.raises(Refused):
        set_members(world, [MemberPlan(world.units[0].pk, MemberRole.LEAD)])
    assert list(Membership.objects.values_list()) == before


def test_members_changed_meanwhile_are_a_conflict(world):
    with pytest.raises(Conflict):
        operations.set_members(
            cluster_year_id=world.year.pk, members=[MemberPlan(world.units[0].pk, MemberRole.LEAD)],
            decision_number="", decision_date=None, by=world.organiser_acting, now=NOW, seen="cu",
        )  # fmt: skip


# Calendar and extensions -----------------------------------------------------------------------
def test_a_stage_put_in_between_leaves_extensions_with_their_stage(world):
    drafting = Stage.objects.get(cluster_year=world.year, kind=YearStatus.DRAFTING)
    extension = extend(world, drafting)
    stages = default_stages()
    stages.insert(1, StagePlan(YearStatus.MIDYEAR, TODAY - 16 * DAY, TODAY - 15 * DAY))
    last = last_event()
    operations.set_calendar(
        cluster_year_id=world.year.pk, stages=stages, reason="Thêm hội nghị",
        by=world.organiser_acting, now=NOW,
        seen=operations.calendar_mark(ClusterYear.objects.get(pk=world.year.pk)),
    )  # fmt: skip
    assert Extension.objects.get(pk=extension.pk).stage.kind == YearStatus.DRAFTING
    kinds = Stage.objects.filter(cluster_year=world.year).order_by("order")
    assert [s.kind for s in kinds] == [s.kind for s in stages]
    assert events_after(last) == ["clusters.calendar_set"]
    assert AuditEvent.objects.latest("seq").reason == "Thêm hội nghị"


def extend(world: World, stage: Stage, **changes) -> Extension:
    asked: dict[str, Any] = {
        "stage_id": stage.pk, "unit_id": world.units[2].pk, "until": date(2026, 3, 20),
        "reason": "Bão số 3", "by": world.organiser_acting, "now": NOW,
    }  # fmt: skip
    return operations.extend(**asked | changes)


def test_more_time_is_for_one_unit_with_a_reason_and_an_event(world):
    drafting = Stage.objects.get(cluster_year=world.year, kind=YearStatus.DRAFTING)
    last = last_event()
    extension = extend(world, drafting)
    assert (extension.unit, extension.reason) == (world.units[2], "Bão số 3")
    assert events_after(last) == ["clusters.extension_granted"]
    assert AuditEvent.objects.latest("seq").reason == "Bão số 3"


def test_what_is_no_extension_is_refused_at_its_field(world):
    drafting = Stage.objects.get(cluster_year=world.year, kind=YearStatus.DRAFTING)
    endless = Stage.objects.create(
        cluster_year=world.year, order=90, kind=YearStatus.YEAREND, opens_on=TODAY
    )
    stranger = make_unit("LA", "Đơn vị lạ")
    cases: list[tuple[dict[str, Any], str]] = [
        ({"reason": ""}, "reason"),
        ({"until": drafting.due_on}, "until"),
        ({"stage_id": endless.pk}, "stage"),
    ]
    for changes, field in cases:
        with pytest.raises(Invalid) as refusal:
            extend(world, drafting, **changes)
        assert refusal.value.field == field
    with pytest.raises(Refused, match="không phải thành viên"):
        extend(world, drafting, unit_id=stranger.pk)
    for who in (world.heads[0], world.organiser_head, world.administrator):
        with pytest.raises(Refused):
            extend(world, drafting, by=who)
    assert not Extension.objects.exists()


def test_numbers_of_a_series_follow_each_other(world):
    taken = [operations.reserve_number(cluster_year=world.year, symbol="GƯTĐ") for _ in range(3)]
    assert taken == [1, 2, 3]
    assert operations.reserve_number(cluster_year=world.year, symbol="ĐC") == 1


# People --------------------------------------------------------------------------------------
def test_a_new_person_must_set_a_password_and_none_reaches_the_trail(world):
    last = last_event()
    by = world.administrator
    user = User(username="moi", full_name="Lê Văn Mới", rank="Đại úy")
    operations.add_person(user, initial_password="Mat-khau-dau-1", by=by, now=NOW)
    assert user.must_change_password
    assert user.check_password("Mat-khau-dau-1")
    operations.reset_password(user_id=user.pk, initial_password="Mat-khau-2", by=by, now=NOW)
    user.refresh_from_db()
    assert user.check_password("Mat-khau-2")
    assert events_after(last) == ["accounts.person_added", "accounts.password_reset"]
    for event in AuditEvent.objects.filter(seq__gt=last):
        assert "Mat-khau" not in str([event.before, event.after, event.reason])
        assert user.password not in str([event.before, event.after])


def test_an_appointment_ends_on_a_day_and_stays_in_the_register(world):
    last = last_event()
    head = Appointment.objects.get(pk=world.heads[0].appointment_id)
    ending = {
        "appointment_id": head.pk,
        "reason": "Nghỉ hưu",
        "by": world.administrator,
        "now": NOW,
    }
    operations.end_appointment(ends_on=TODAY, **ending)
    assert Appointment.objects.current(TODAY).filter(pk=head.pk).exists()
    assert not Appointment.objects.current(TODAY + DAY).filter(pk=head.pk).exists()
    assert events_after(last) == ["clusters.appointment_ended"]
    with pytest.raises(Invalid):
        operations.end_appointment(ends_on=head.starts_on - DAY, **ending)


def test_the_last_administrator_stays(world):
    only = world.administrator
    assert only is not None
    assert only.appointment_id is not None
    with pytest.raises(Refused):
        operations.end_appointment(
            appointment_id=only.appointment_id, ends_on=TODAY, reason="x", by=only, now=NOW
        )
    second = make_person("quantri.hai", Role.ADMINISTRATOR, None)
    with pytest.raises(Refused):  # oneself
        operations.set_active(user_id=only.user_id, active=False, reason="x", by=only, now=NOW)
    operations.set_active(user_id=only.user_id, active=False, reason="x", by=second, now=NOW)
    with pytest.raises(Refused):
        operations.end_appointment(
            appointment_id=second.appointment_id or 0, ends_on=TODAY, reason="x", by=second, now=NOW
        )
