"""Reads that rules and pages of every app ask of clusters."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.module_loading import import_string

from accounts.models import User
from clusters.acting import Acting
from clusters.calendar import Window, local_date, stretches
from clusters.models import (
    Appointment,
    Cluster,
    ClusterYear,
    CyclePeriod,
    Extension,
    MemberRole,
    Membership,
    Openness,
    Period,
    Role,
    SigningOrder,
    Stage,
    Unit,
    UnitSuccession,
    YearStatus,
)
from clusters.policies import Bench, Place, may_open_year
from core import history
from core.inbox import Milestone, Work
from core.models import AuditEvent
from core.policy import Verdict
from core.search import MOST_FOUND, Found, matching
from core.text import format_date, join_names, query_keys, search_key


def place_of(acting: Acting, cluster_year: ClusterYear) -> Place:
    """Find the place of a person in a cluster year."""
    if acting.unit_id is None or acting.is_administrator:
        return Place(acting)
    if acting.is_organiser:
        return Place(acting, is_organiser=cluster_year.cluster.organiser_id == acting.unit_id)
    membership = Membership.objects.filter(cluster_year=cluster_year, unit=acting.unit_id).first()
    return Place(acting, membership)


def uses_of_code(unit_id: int) -> list[str]:
    """Return in words what knows a unit by its code for good (`settings.UNIT_CODE_USES`)."""
    found = [import_string(name)(unit_id) for name in settings.UNIT_CODE_USES]
    return [words for words in found if words]


def members_of(cluster_year: ClusterYear) -> list[Membership]:
    """Return the members in the order of the founding decision, units loaded."""
    return list(cluster_year.memberships.select_related("unit").order_by("order"))


def lead_of(members: Iterable[Membership]) -> Membership | None:
    """Return the lead among the members."""
    return next((m for m in members if m.role == MemberRole.LEAD), None)


def judge_of(members: Iterable[Membership], unit_id: int) -> Membership | None:
    """Return the member that judges the work of a unit: the lead, for the lead the deputy.

    None where there is no such member: then it is the organiser's.
    """
    members = list(members)
    lead = lead_of(members)
    if lead is not None and lead.unit_id != unit_id:
        return lead
    return next((m for m in members if m.role == MemberRole.DEPUTY), None)


def bench_of(
    acting: Acting,
    year: ClusterYear,
    unit: Unit,
    today: date,
    *,
    members: list[Membership] | None = None,
    place: Place | None = None,
) -> Bench:
    """Gather who judges a unit's work and who asks; two statements when nothing is handed in."""
    members = members_of(year) if members is None else members
    cluster = year.cluster
    return Bench(
        place=place or place_of(acting, year),
        unit_id=unit.pk,
        unit_name=unit.short_name,
        judge=judge_of(members, unit.pk),
        own_units=units_of_person(acting.user_id, today),
        organiser_name=cluster.organiser.short_name,
        lead_title=cluster.lead_title,
        deputy_title=cluster.deputy_title,
    )


def units_of_person(user_id: int, today: date) -> frozenset[int]:
    """Return the units under which a person is appointed officer or head today."""
    held = Appointment.objects.current(today).filter(
        user=user_id, role__in=[Role.OFFICER, Role.HEAD], unit__isnull=False
    )
    return frozenset(held.values_list("unit_id", flat=True))


def periods_of(year: ClusterYear) -> list[Period]:
    """Return the reporting periods of a year in order."""
    return list(year.periods.order_by("order"))


def window_of_period(period: Period, extended_to: date | None = None) -> Window:
    """Turn a period into what the calendar function decides on; late reports are taken."""
    label = f"Kỳ {period.name}"
    return Window(
        label, period.starts_on, period.due_on, late_accepted=True, extended_to=extended_to
    )


def window_of(stage: Stage, extended_to: date | None = None) -> Window:
    """Turn a row of the calendar into what the calendar function decides on."""
    label = f"Giai đoạn {stage.name}"
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
        label, year = stage.name, str(stage.cluster_year)
        if stage.opens_on >= today:
            dates.append(Milestone(stage.opens_on, f"Mở giai đoạn {label}", year))
        if stage.due_on and stage.due_on >= today:
            dates.append(Milestone(stage.due_on, f"Hạn cuối giai đoạn {label}", year))
    dates += _periods_due(acting, today)
    return sorted(dates, key=lambda m: m.day)[:MOST_MILESTONES]


def _periods_due(acting: Acting, today: date) -> list[Milestone]:
    """Return until when the next reports on progress are due."""
    reporting = [
        YearStatus.DRAFTING, YearStatus.SIGNING, YearStatus.RUNNING, YearStatus.MIDYEAR,
    ]  # fmt: skip
    periods = (
        Period.objects.filter(cluster_year__in=ClusterYear.objects.visible_to(acting))
        .filter(due_on__gte=today, cluster_year__status__in=reporting)
        .select_related("cluster_year__cluster", "cluster_year__cycle")
        .order_by("due_on", "pk")[:MOST_MILESTONES]
    )
    return [
        Milestone(row.due_on, f"Hạn nộp phiếu tiến độ {row.name}", str(row.cluster_year))
        for row in periods
    ]


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


# What a new year starts from -------------------------------------------------------------------
#: A usual year: stage, first day, last day; proposed where there is no year before.
USUAL_CALENDAR = (
    (YearStatus.PREPARING, (1, 5), (1, 31)),
    (YearStatus.DRAFTING, (2, 1), (3, 15)),
    (YearStatus.SIGNING, (3, 16), (3, 31)),
    (YearStatus.RUNNING, (4, 1), (6, 14)),
    (YearStatus.MIDYEAR, (6, 15), (7, 15)),
    (YearStatus.RUNNING, (7, 16), (10, 20)),
    (YearStatus.YEAREND, (10, 21), (11, 5)),
    (YearStatus.APPRAISING, (11, 6), (11, 20)),
    (YearStatus.OBJECTIONS, (11, 21), (11, 25)),
    (YearStatus.PUBLISHED, (11, 26), (11, 30)),
)


@dataclass(frozen=True, slots=True)
class YearStart:
    """What the page that opens a year is filled with; everything can be changed there."""

    form: dict[str, Any]
    members: list[dict[str, Any]]
    stages: list[dict[str, Any]]
    #: Members of last year that no longer exist, each with what became of it.
    gone: list[str]
    #: Roles that differ from last year's because the members chose somebody, in words.
    elected: list[str] = field(default_factory=list)

    def parts(self) -> dict[str, Any]:
        """Return what each form of the page starts from."""
        return {"form": self.form, "members": self.members, "stages": self.stages}


def empty_start(today: date) -> YearStart:
    """Propose a usual year where nothing can be copied."""
    year = today.year
    form = {
        "year": str(year),
        "period": CyclePeriod.YEAR,
        "starts_on": date(year - 1, 12, 15),
        "ends_on": date(year, 12, 14),
        "signing_order": SigningOrder.SEQUENTIAL,
        "openness": Openness.FINAL,
    }
    stages = [
        {"kind": kind, "opens_on": date(year, *first), "due_on": date(year, *last)}
        for kind, first, last in USUAL_CALENDAR
    ]
    return YearStart(form, [], stages, [])


def start_from(source: ClusterYear) -> YearStart:
    """Copy last year: members in order with their roles, decision, calendar one year on, theme."""
    cycle = source.cycle
    year = cycle.year + 1
    starts_on = year_later(cycle.starts_on)
    form = {
        "year": str(year),
        "period": cycle.period,
        "starts_on": starts_on,
        "ends_on": year_later(cycle.ends_on),
        "theme": cycle.theme.replace(str(cycle.year), str(year)),
        "decision_number": source.decision_number,
        "decision_date": source.decision_date,
        "signing_order": source.signing_order,
        "openness": source.openness,
    }
    members = members_of(source)
    standing = [m for m in members if not m.unit.closed_on or m.unit.closed_on > starts_on]
    stages = [
        {
            "kind": stage.kind,
            "opens_on": year_later(stage.opens_on),
            "due_on": year_later(stage.due_on) if stage.due_on else None,
            "late_accepted": stage.late_accepted,
        }
        for stage in source.stages.order_by("order")
    ]
    rows = member_rows(standing)
    elected = _take_roles(rows, standing, source)
    gone = _gone([m.unit for m in members if m not in standing])
    return YearStart(form, rows, stages, gone, elected)


def _take_roles(
    rows: list[dict[str, Any]], members: list[Membership], source: ClusterYear
) -> list[str]:
    """Put whom the members of last year chose as lead and deputy into the rows; say it in words.

    Who was chosen is known above this app: `settings.ROLE_SOURCES` names functions from a year to
    its choice, unit → role. A role nobody was chosen for stays where it was.
    """
    names = {str(m.unit_id): m.unit.name for m in members}
    chosen: dict[str, str] = {}
    for name in settings.ROLE_SOURCES:
        chosen |= {str(unit): role for unit, role in import_string(name)(source).items()}
    chosen = {unit: role for unit, role in chosen.items() if unit in names}
    for row in rows:
        if row["unit"] in chosen:
            row["role"] = chosen[row["unit"]]
        elif row["role"] in chosen.values():
            row["role"] = MemberRole.MEMBER
    titles = {
        MemberRole.LEAD: source.cluster.lead_title, MemberRole.DEPUTY: source.cluster.deputy_title,
    }  # fmt: skip
    return [f"{titles[MemberRole(role)]}: {names[unit]}" for unit, role in chosen.items()]


def member_rows(members: Iterable[Membership]) -> list[dict[str, Any]]:
    """Return members as rows of the grid."""
    return [
        {"order": place, "unit": str(m.unit_id), "role": m.role}
        for place, m in enumerate(members, start=1)
    ]


def members_start(cluster_year: ClusterYear) -> dict[str, Any]:
    """Return what the page that changes members starts from."""
    names = ("decision_number", "decision_date")
    form = {name: getattr(cluster_year, name) for name in names}
    return {"form": form, "members": member_rows(members_of(cluster_year))}


def stage_rows(cluster_year: ClusterYear) -> list[dict[str, Any]]:
    """Return the calendar as rows of the grid."""
    rows = cluster_year.stages.order_by("order")
    return [dict(r) for r in rows.values("kind", "opens_on", "due_on", "late_accepted")]


#: Periods that a page can propose: months in one, what it is called.
PROPOSALS = (("1", "Tháng"), ("3", "Quý"), ("6", "6 tháng"))


def period_rows(cluster_year: ClusterYear, proposal: str = "") -> list[dict[str, Any]]:
    """Return the reporting periods as rows of the grid: those that stand, or a proposal."""
    cycle = cluster_year.cycle
    if proposal in dict(PROPOSALS):
        cut = stretches(cycle.starts_on, cycle.ends_on, int(proposal))
        return [{n: getattr(s, n) for n in ("name", "starts_on", "ends_on", "due_on")} for s in cut]
    rows = cluster_year.periods.order_by("order")
    return [dict(r) for r in rows.values("name", "starts_on", "ends_on", "due_on")]


def year_later(day: date) -> date:
    """Return the same day a year on; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def candidates(acting: Acting, on: date, chosen: Iterable[int] = ()) -> list[Unit]:
    """Return the units that an organiser may take into a cluster: known to it, existing then."""
    known = Unit.objects.visible_to(acting)
    open_ones = known.open_on(on) | known.filter(pk__in=list(chosen))
    return list(open_ones.distinct().order_by("sort_key"))


def _gone(units: list[Unit]) -> list[str]:
    """Say of each unit that ended what came after it."""
    after: dict[int, list[str]] = {}
    successions = UnitSuccession.objects.filter(predecessor__in=units).select_related("successor")
    for succession in successions.order_by("effective_date", "pk"):
        after.setdefault(succession.predecessor_id, []).append(succession.successor.name)
    return [
        f"{unit.name} kết thúc hoạt động ngày {format_date(unit.closed_on)}"
        + (f", kế tục là {join_names(after[unit.pk])}" if unit.pk in after else "")
        for unit in units
        if unit.closed_on
    ]


# The organiser's clusters and the history of a year ----------------------------------------------
@dataclass(frozen=True, slots=True)
class ClusterRow:
    """A cluster with its years, newest first, and whether this person may open the next."""

    cluster: Cluster
    years: list[ClusterYear]
    may_open: Verdict


def clusters_with_years(acting: Acting) -> list[ClusterRow]:
    """Return the clusters of an organiser; three statements whatever their number."""
    years = ClusterYear.objects.visible_to(acting).with_names()
    years = years.annotate(units=Count("memberships")).order_by("-cycle__year", "-cycle__starts_on")
    clusters = (
        Cluster.objects.visible_to(acting)
        .select_related("organiser")
        .prefetch_related(Prefetch("years", years, to_attr="seen_years"))
        .order_by("search_key", "pk")
    )
    return [
        ClusterRow(c, c.seen_years, may_open_year(acting, c))  # type: ignore[attr-defined]
        for c in clusters
    ]


def new_cluster(acting: Acting) -> Cluster:
    """Return a cluster yet to be stored, of the organiser's own body."""
    return Cluster(organiser=Unit.objects.get(pk=acting.unit_id or 0))


def extensions_of(cluster_year: ClusterYear) -> list[Extension]:
    """Return who was given more time in a year, the latest first."""
    rows = Extension.objects.filter(
        Q(stage__cluster_year=cluster_year) | Q(period__cluster_year=cluster_year)
    )
    named = rows.select_related("stage", "period", "unit", "granted_by")
    return list(named.order_by("-granted_at", "-pk"))


def last_year_of(cluster: Cluster) -> ClusterYear | None:
    """Return the newest year of a cluster, from which the next is copied."""
    years = ClusterYear.objects.filter(cluster=cluster).with_names()
    return years.order_by("-cycle__year", "-cycle__starts_on").first()


#: What the history can be narrowed to: the app that an action belongs to.
HISTORY_KINDS = (
    ("clusters", "Thành viên, lịch, kỳ báo cáo, gia hạn"),
    ("pledges", "Giao ước, tiến độ, sơ kết, tổng kết"),
    ("scoring", "Tiêu chí, chấm điểm, công bố"),
    ("reports", "Văn bản, in"),
)


def history_of(acting: Acting, cluster_year: ClusterYear) -> QuerySet[AuditEvent]:
    """Return the events of a year that this person may see, newest first."""
    events = AuditEvent.objects.filter(cluster_year_id=cluster_year.pk).order_by("-seq")
    return history.uncovered(events, acting, cluster_year)


# The registry ----------------------------------------------------------------------------------
def successions_of(unit_id: int) -> list[UnitSuccession]:
    """Return what a unit came from and what became of it, oldest first."""
    either = Q(predecessor=unit_id) | Q(successor=unit_id)
    rows = UnitSuccession.objects.filter(either).select_related("predecessor", "successor")
    return list(rows.order_by("effective_date", "pk"))


def people_matching(query: str, today: date) -> QuerySet[User]:
    """Return the people whose name, log-in or unit holds what was asked, with what they act as."""
    current = Appointment.objects.current(today).select_related("unit").order_by("pk")
    people = User.objects.prefetch_related(
        Prefetch("appointments", current, to_attr="current_appointments")
    ).order_by("-is_active", "username")
    keys = query_keys(query)
    return people.filter(pk__in=_people_with(keys, query)) if keys else people


def _people_with(keys: list[str], query: str) -> list[int]:
    """Hold the question against folded names; an installation has some hundred people."""
    units = matching(Unit.objects.all(), query, "name", "short_name", "code").values("pk")
    at_unit = set(Appointment.objects.filter(unit__in=units).values_list("user_id", flat=True))
    return [
        pk
        for pk, username, name in User.objects.values_list("pk", "username", "full_name")
        if pk in at_unit or any(k in search_key(name) or k in search_key(username) for k in keys)
    ]


@dataclass(frozen=True, slots=True)
class Held:
    """An appointment in the register: whether it is in force, over, or still to come."""

    appointment: Appointment
    state: str

    @property
    def is_open(self) -> bool:
        """Whether it can still be ended."""
        return self.state != "over"


def appointments_of(user: User, today: date) -> list[Held]:
    """Return all appointments a person ever held, those in force first."""
    rows = Appointment.objects.filter(user=user).select_related("unit", "delegated_by__user")
    held = [Held(a, _state_of(a, today)) for a in rows.order_by("-starts_on", "-pk")]
    return sorted(held, key=lambda h: ("current", "coming", "over").index(h.state))


def _state_of(appointment: Appointment, today: date) -> str:
    if appointment.starts_on > today:
        return "coming"
    return "over" if appointment.ends_on and appointment.ends_on < today else "current"
