"""Reads that rules and pages of every app ask of clusters."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse

from clusters.acting import Acting
from clusters.calendar import Window, local_date
from clusters.models import (
    Appointment,
    ClusterYear,
    Extension,
    MemberRole,
    Membership,
    Role,
    Stage,
    Unit,
    YearStatus,
)
from core.inbox import Work


@dataclass(frozen=True, slots=True)
class Place:
    """The place of an acting person in one cluster year; everything falsy for a stranger."""

    acting: Acting
    membership: Membership | None = None
    is_organiser: bool = False

    def __bool__(self) -> bool:
        """Whether there is a place at all."""
        return self.membership is not None or self.is_organiser

    @property
    def is_lead(self) -> bool:
        """Whether the unit leads the cluster this year."""
        return self.membership is not None and self.membership.role == MemberRole.LEAD

    @property
    def is_deputy(self) -> bool:
        """Whether the unit is the deputy this year."""
        return self.membership is not None and self.membership.role == MemberRole.DEPUTY

    @property
    def is_member_officer(self) -> bool:
        """Whether this is the officer of a member unit."""
        return self.membership is not None and self.acting.is_officer

    @property
    def is_member_head(self) -> bool:
        """Whether this is the head of a member unit."""
        return self.membership is not None and self.acting.is_head


def place_of(acting: Acting, cluster_year: ClusterYear) -> Place:
    """Find the place of a person in a cluster year."""
    if acting.unit_id is None or acting.is_administrator:
        return Place(acting)
    if acting.is_organiser:
        return Place(acting, is_organiser=cluster_year.cluster.organiser_id == acting.unit_id)
    membership = Membership.objects.filter(cluster_year=cluster_year, unit=acting.unit_id).first()
    return Place(acting, membership)


def members_of(cluster_year: ClusterYear) -> list[Membership]:
    """Return the members in the order of the founding decision, units loaded."""
    return list(cluster_year.memberships.select_related("unit").order_by("order"))


def lead_of(members: Iterable[Membership]) -> Membership | None:
    """Return the lead among the members."""
    return next((m for m in members if m.role == MemberRole.LEAD), None)


def window_for(cluster_year: ClusterYear, kind: YearStatus, unit_id: int | None) -> Window | None:
    """Return when a stage is open for a unit, its extension included; None when not in the calendar."""
    stage = Stage.objects.filter(cluster_year=cluster_year, kind=kind).order_by("order").first()
    if stage is None:
        return None
    extensions = Extension.objects.filter(stage=stage, unit=unit_id) if unit_id else None
    until = (
        extensions.order_by("-until").values_list("until", flat=True).first()
        if extensions
        else None
    )
    return window_of(stage, until)


def window_of(stage: Stage, extended_to: date | None = None) -> Window:
    """Turn a row of the calendar into what the calendar function decides on."""
    label = f"Giai đoạn {YearStatus(stage.kind).label.lower()}"
    return Window(label, stage.opens_on, stage.due_on, stage.late_accepted, extended_to)


def people_of(
    unit_ids: Iterable[int], today: date, *, roles: Iterable[Role] = (Role.OFFICER, Role.HEAD)
) -> list[int]:
    """Return the keys of the people who now hold one of the roles for one of the units."""
    appointments = Appointment.objects.current(today).filter(
        unit__in=list(unit_ids), role__in=list(roles)
    )
    return sorted(set(appointments.values_list("user_id", flat=True)))


def previous_year(cluster_year: ClusterYear) -> ClusterYear | None:
    """Return the year before of the same cluster."""
    return (
        ClusterYear.objects.filter(
            cluster=cluster_year.cluster_id, cycle__year__lt=cluster_year.cycle.year
        )
        .with_names()
        .order_by("-cycle__year", "-cycle__starts_on")
        .first()
    )


#: An appointment that ends within so many days asks the administrator for its successor.
ENDING_SOON = timedelta(days=30)


def work_waiting(acting: Acting, now: datetime) -> list[Work]:
    """Ask the administrator for appointments that end soon and members nobody acts for."""
    if not acting.is_administrator:
        return []
    today = local_date(now)
    current = Appointment.objects.current(today).select_related("user", "unit")
    ending = current.filter(ends_on__lte=today + ENDING_SOON).order_by("ends_on")
    items = [
        Work(
            title=f"Gia hạn hoặc thay phân công của {a.user.display_name}",
            why=f"{a.label}: hết hạn sau ngày này thì không ai làm thay được.",
            url=reverse("clusters:person", args=[a.user_id]),
            verb="Xem phân công",
            icon="person-badge",
            cluster="Hệ thống",
            due=a.ends_on,
        )
        for a in ending
    ]
    return items + [_unstaffed(unit) for unit in _units_without(Role.HEAD, today)]


def _units_without(role: Role, today: date) -> list[Unit]:
    """Return members of this year's clusters for whom nobody holds the role."""
    staffed = Appointment.objects.current(today).filter(role=role).values("unit")
    return list(
        Unit.objects.filter(
            memberships__cluster_year__status__in=[
                YearStatus.PREPARING,
                YearStatus.DRAFTING,
                YearStatus.SIGNING,
            ]
        )
        .open_on(today)
        .exclude(pk__in=staffed)
        .distinct()
        .order_by("sort_key")
    )


def _unstaffed(unit: Unit) -> Work:
    return Work(
        title=f"Phân công lãnh đạo ký cho {unit.short_name}",
        why="Đơn vị có trong cụm, khối năm nay nhưng chưa có tài khoản lãnh đạo để thống nhất và ký.",
        url=reverse("clusters:people"),
        verb="Phân công",
        icon="person-plus",
        cluster="Hệ thống",
    )
