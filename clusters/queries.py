"""Reads that rules and pages of every app ask of clusters."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from clusters.acting import Acting
from clusters.calendar import Window
from clusters.models import (
    Appointment,
    ClusterYear,
    Extension,
    Membership,
    MemberRole,
    Role,
    Stage,
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
    until = extensions.order_by("-until").values_list("until", flat=True).first() if extensions else None
    return window_of(stage, until)


def window_of(stage: Stage, extended_to: date | None = None) -> Window:
    """Turn a row of the calendar into what the calendar function decides on."""
    label = f"Giai đoạn {YearStatus(stage.kind).label.lower()}"
    return Window(label, stage.opens_on, stage.due_on, stage.late_accepted, extended_to)


def people_of(
    unit_ids: Iterable[int], today: date, *, roles: Iterable[Role] = (Role.OFFICER, Role.HEAD)
) -> list[int]:
    """Return the keys of the people who now hold one of the roles for one of the units."""
    appointments = Appointment.objects.current(today).filter(unit__in=list(unit_ids), role__in=list(roles))
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


