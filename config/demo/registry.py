"""Units and people of the demonstration: one officer and one head for each unit, one password."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password

from accounts.models import User
from clusters import operations
from clusters.acting import Acting
from clusters.http import act_as
from clusters.models import Appointment, Role, Unit
from core.audit import System

DATA = Path(__file__).parent / "data"
#: The one password of every demonstration account; the README lists it.
PASSWORD = "giao-uoc-minh-hoa"  # noqa: S105 - shown in the README on purpose
BY = System(actor_name="Dữ liệu minh họa")
#: The unit at whose head every police unit stands.
POLICE = "BCA"
LETTERS = "ABCDEĐGHIKLMNOPQRSTUVXY"


def read(name: str) -> dict[str, Any]:
    """Read a file of the demonstration data."""
    data: dict[str, Any] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return data


@dataclass
class Registry:
    """The units by code and who acts for them."""

    units: dict[str, Unit] = field(default_factory=dict)
    slugs: dict[str, str] = field(default_factory=dict)
    people: dict[str, Acting] = field(default_factory=dict)

    def is_police(self, code: str) -> bool:
        """Whether a unit belongs to the police: only there people have ranks."""
        unit: Unit | None = self.units[code]
        while unit is not None and unit.parent is not None:
            unit = unit.parent
        return unit is not None and unit.code == POLICE

    def officer(self, code: str) -> Acting:
        """Return the officer of a unit."""
        return self.people[f"canbo.{self.slugs[code]}"]

    def head(self, code: str) -> Acting:
        """Return the head of a unit."""
        return self.people[f"lanhdao.{self.slugs[code]}"]

    def organiser(self, code: str) -> Acting:
        """Return who acts for the standing body of a unit."""
        return self.people[f"thuongtruc.{self.slugs[code]}"]


def load(now: datetime) -> Registry:
    """Add the units, parents first, and remember how accounts are named after them."""
    registry = Registry()
    rows = read("clusters.json")["units"]
    waiting = list(rows)
    codes = {row["code"] for row in rows}
    while waiting:
        ready = [r for r in waiting if r["parent"] not in codes or r["parent"] in registry.units]
        for row in ready:
            registry.units[row["code"]] = _unit(row, registry, now)
            registry.slugs[row["code"]] = row["slug"]
        waiting = [r for r in waiting if r["code"] not in registry.units]
    return registry


def _unit(row: dict[str, Any], registry: Registry, now: datetime) -> Unit:
    existing = Unit.objects.filter(code=row["code"]).first()
    if existing:
        return existing
    unit = Unit(
        code=row["code"],
        name=row["name"],
        short_name=row["short_name"],
        level=row["level"],
        parent=registry.units.get(row["parent"] or ""),
        closed_on=date.fromisoformat(row["closed"]) if row["closed"] else None,
        is_demonstration=bool(row.get("name_is_placeholder")),
    )
    operations.save_row(unit, action="clusters.unit_saved", by=BY, now=now)
    return unit


@dataclass(frozen=True, slots=True)
class Post:
    """A demonstration account and what it is appointed to."""

    username: str
    role: Role
    unit: str | None
    full_name: str
    rank: str = ""
    position: str = ""
    ends_on: date | None = None


def staff(registry: Registry, posts: list[Post], starts_on: date, now: datetime) -> None:
    """Add the accounts and appointments of these posts where they are not there yet."""
    hashed = make_password(PASSWORD)
    for post in posts:
        unit = registry.units[post.unit] if post.unit else None
        user = User.objects.filter(username=post.username).first()
        if user is None:
            user = User(username=post.username, full_name=post.full_name, rank=post.rank)
            # One hash for the one password they all share: each takes a good part of a second.
            user.password = hashed
            operations.save_row(user, action="accounts.person_added", by=BY, now=now)
        appointment = Appointment.objects.filter(user=user, role=post.role, unit=unit).first()
        if appointment is None:
            appointment = Appointment(
                user=user,
                role=post.role,
                unit=unit,
                position=post.position,
                starts_on=starts_on,
                ends_on=post.ends_on,
                decision="Phân công minh họa",
            )
            operations.save_row(appointment, action="clusters.appointment_made", by=BY, now=now)
        registry.people[post.username] = act_as(user, appointment)


def posts_of_unit(registry: Registry, code: str, index: int, position: str) -> list[Post]:
    """Return the officer and the head of a unit, with placeholder names."""
    slug, letter = registry.slugs[code], LETTERS[index % len(LETTERS)]
    ranks = ("Thiếu tá", "Đại tá") if registry.is_police(code) else ("", "")
    officer, head = f"Trần Thị {letter}", f"Nguyễn Văn {letter}"
    return [
        Post(f"canbo.{slug}", Role.OFFICER, code, officer, ranks[0], "Cán bộ thi đua"),
        Post(f"lanhdao.{slug}", Role.HEAD, code, head, ranks[1], position),
    ]
