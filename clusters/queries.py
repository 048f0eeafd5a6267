"""Reads that rules and pages of every app ask of clusters."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.urls import reverse

from clusters.acting import Acting
from clusters.calendar import Window, local_date
from clusters.models import (
    Appointment,
    Cluster,
    ClusterYear,
    Extension,
    MemberRole,
    Membership,
    Role,
    Stage,
    Unit,
    YearStatus,
)
from clusters.policies import Place
from core.inbox import Milestone, Work
from core.search import MOST_FOUND, Found, matching


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
    """Return when a stage is open for a unit, its extension included; None without the stage."""
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
        why=(
            "Đơn vị có trong cụm, khối năm nay nhưng chưa có tài khoản lãnh đạo "
            "để thống nhất và ký."
        ),
        url=reverse("clusters:people"),
        verb="Phân công",
        icon="person-badge",
        cluster="Hệ thống",
    )


#: Dates to come that the inbox shows.
MOST_MILESTONES = 5


def milestones(acting: Acting, now: datetime) -> list[Milestone]:
    """Return the next dates of the calendars one sees: when a stage opens, when it is due."""
    today = local_date(now)
    stages = (
        Stage.objects.filter(cluster_year__in=ClusterYear.objects.visible_to(acting))
        .filter(Q(opens_on__gte=today) | Q(due_on__gte=today))
        .exclude(cluster_year__status=YearStatus.ARCHIVED)
        .select_related("cluster_year__cluster", "cluster_year__cycle")
        .order_by("opens_on", "pk")[: 4 * MOST_MILESTONES]
    )
    dates: list[Milestone] = []
    for stage in stages:
        label, year = YearStatus(stage.kind).label.lower(), str(stage.cluster_year)
        if stage.opens_on >= today:
            dates.append(Milestone(stage.opens_on, f"Mở giai đoạn {label}", year))
        if stage.due_on and stage.due_on >= today:
            dates.append(Milestone(stage.due_on, f"Hạn cuối giai đoạn {label}", year))
    return sorted(dates, key=lambda m: m.day)[:MOST_MILESTONES]


def found_units(acting: Acting, query: str) -> list[Found]:
    """Find units by name, short name or code among those one may know of."""
    units = matching(
        Unit.objects.visible_to(acting).select_related("parent"),
        query,
        "name",
        "short_name",
        "code",
    )
    return [
        Found(
            title=unit.name,
            where=unit.parent.name if unit.parent else unit.get_level_display(),
            kind="Đơn vị",
            icon="building",
            url=reverse("clusters:unit", args=[unit.pk]) if acting.is_administrator else "",
        )
        for unit in units[:MOST_FOUND]
    ]


def found_clusters(acting: Acting, query: str) -> list[Found]:
    """Find the years of clusters by the name of the cluster."""
    clusters = matching(Cluster.objects.visible_to(acting), query, "name", "code")
    names = {cluster.pk: cluster.name for cluster in clusters[:MOST_FOUND]}
    years = (
        ClusterYear.objects.visible_to(acting)
        .filter(cluster__in=names)
        .with_names()
        .order_by("-cycle__year", "cluster__search_key")
    )
    return [
        Found(
            title=year.cluster.name,
            where=str(year.cycle),
            kind="Cụm, khối",
            icon="people",
            url=reverse("reports:year", args=[year.pk]),
        )
        for year in years[:MOST_FOUND]
    ]
