"""Units, people and cluster years for tests, made by the real operations."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from accounts.models import User
from clusters import operations
from clusters.acting import Acting
from clusters.http import act_as
from clusters.models import (
    Appointment,
    Cluster,
    ClusterYear,
    MemberRole,
    Role,
    SigningOrder,
    Unit,
    UnitLevel,
    YearStatus,
)
from clusters.operations import MemberPlan, StagePlan, YearPlan

#: 10:00 on 20 February 2026 in Việt Nam: drafting is open in the default calendar.
NOW = datetime(2026, 2, 20, 3, 0, tzinfo=UTC)
TODAY = date(2026, 2, 20)
#: 09:00 on the day of signing.
SIGNING_DAY = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
PASSWORD = "Mat-khau-thu-2026"
NAMES = [
    "Quảng Ninh",
    "Đồng Hới",
    "Ba Đồn",
    "Lệ Thủy",
    "Bố Trạch",
    "Quảng Trạch",
    "Tuyên Hóa",
    "Minh Hóa",
]


@dataclass
class World:
    """An organiser, its cluster year, and the people of every unit."""

    organiser: Unit
    cluster: Cluster
    year: ClusterYear
    units: list[Unit]
    officers: list[Acting]
    heads: list[Acting]
    organiser_acting: Acting
    organiser_head: Acting
    administrator: Acting

    @property
    def lead_officer(self) -> Acting:
        """The officer who drafts."""
        return self.officers[0]


def make_unit(code: str, name: str, **fields) -> Unit:
    """Add a unit to the registry."""
    defaults = {"short_name": name, "level": UnitLevel.DISTRICT}
    return Unit.objects.create(code=code, name=name, **defaults | fields)


def make_person(username: str, role: Role, unit: Unit | None, **fields) -> Acting:
    """Add a person with one appointment and return them acting under it."""
    user = User.objects.create(
        username=username,
        full_name=fields.pop("full_name", username),
        rank=fields.pop("rank", "Đại tá"),
    )
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    appointment = Appointment.objects.create(
        user=user,
        role=role,
        unit=unit,
        starts_on=date(2015, 1, 1),
        position=fields.pop("position", ""),
        **fields,
    )
    return act_as(user, appointment)


def default_stages(today: date = TODAY) -> list[StagePlan]:
    """Return a calendar in which drafting is open today and signing follows on 4 March."""
    signing = date(today.year, 3, 4)
    return [
        StagePlan(YearStatus.PREPARING, today - timedelta(days=40), today - timedelta(days=15)),
        StagePlan(YearStatus.DRAFTING, today - timedelta(days=14), signing - timedelta(days=1)),
        StagePlan(YearStatus.SIGNING, signing, signing + timedelta(days=6), late_accepted=True),
        StagePlan(YearStatus.RUNNING, signing + timedelta(days=7), date(today.year, 6, 14)),
        StagePlan(YearStatus.MIDYEAR, date(today.year, 6, 15), date(today.year, 7, 3)),
        StagePlan(YearStatus.RUNNING, date(today.year, 7, 4), date(today.year, 12, 14)),
        StagePlan(YearStatus.YEAREND, date(today.year, 12, 15), date(today.year, 12, 18)),
        StagePlan(YearStatus.APPRAISING, date(today.year, 12, 19), date(today.year, 12, 23)),
        StagePlan(YearStatus.PROVISIONAL, date(today.year, 12, 24), date(today.year, 12, 24)),
        StagePlan(YearStatus.OBJECTIONS, date(today.year, 12, 25), date(today.year, 12, 28)),
        StagePlan(YearStatus.PUBLISHED, date(today.year, 12, 30), date(today.year, 12, 30)),
    ]


def make_world(
    size: int = 3,
    *,
    prefix: str = "qb",
    order: SigningOrder = SigningOrder.SEQUENTIAL,
    year: int = 2026,
) -> World:
    """Open a cluster year with `size` units, each with an officer and a head."""
    parent = make_unit(f"{prefix}-tinh".upper(), f"Công an tỉnh {prefix}", level=UnitLevel.PROVINCE)
    organiser = make_person(f"thuongtruc.{prefix}", Role.ORGANISER, parent)
    cluster = Cluster.objects.create(
        organiser=parent, kind="KHOI", code="K1", name=f"Khối thi đua Công an các huyện {prefix}"
    )
    units = [
        make_unit(
            f"{prefix}-{i:02d}".upper(),
            f"Công an huyện {NAMES[i] if i < len(NAMES) else i} {prefix}",
            short_name=f"CA {NAMES[i] if i < len(NAMES) else i} {prefix}",
            parent=parent,
        )
        for i in range(size)
    ]
    roles = [MemberRole.LEAD, MemberRole.DEPUTY] + [MemberRole.MEMBER] * (size - 2)
    plan = YearPlan(
        cluster_id=cluster.pk,
        year=year,
        starts_on=date(year - 1, 12, 15),
        ends_on=date(year, 12, 14),
        theme=f"Phong trào thi đua “Vì an ninh Tổ quốc” năm {year}",
        members=[MemberPlan(u.pk, r) for u, r in zip(units, roles, strict=True)],
        stages=default_stages(),
        decision_number="12/QĐ-CAT",
        decision_date=date(year, 1, 6),
        signing_order=order,
    )
    cluster_year = operations.open_year(plan=plan, by=organiser, now=NOW)
    return World(
        organiser=parent,
        cluster=cluster,
        year=cluster_year,
        units=units,
        officers=[make_person(f"canbo.{prefix}.{i}", Role.OFFICER, u) for i, u in enumerate(units)],
        heads=[
            make_person(f"lanhdao.{prefix}.{i}", Role.HEAD, u, position="Trưởng Công an huyện")
            for i, u in enumerate(units)
        ],
        organiser_acting=organiser,
        organiser_head=make_person(f"lanhdao.{prefix}", Role.HEAD, parent, position="Phó Giám đốc"),
        administrator=make_person(f"quantri.{prefix}", Role.ADMINISTRATOR, None),
    )
