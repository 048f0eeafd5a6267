"""The inbox: what waits for a person, gathered from every app by one query each.

The counter in the navigation is the length of the very list the page shows, so the two can never
differ. An app offers a function ``(acting, now) -> list[Work]`` and is named in
``settings.INBOX_SOURCES``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from core.audit import Actor


@dataclass(frozen=True, slots=True)
class Work:
    """One thing that waits for me, or that I handed over and others hold."""

    title: str
    why: str
    url: str
    verb: str
    icon: str
    cluster: str
    due: date | None = None
    #: Somebody else has it; shown below as "đang chờ người khác", not counted.
    waits_for: str = ""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A date to come, shown beside the inbox."""

    day: date
    text: str
    cluster: str


def milestones(acting: Actor, now: datetime) -> list[Milestone]:
    """Return the dates to come of everything one sees, the next first."""
    sources = (import_string(name)(acting, now) for name in settings.MILESTONE_SOURCES)
    return sorted(chain.from_iterable(sources), key=lambda milestone: milestone.day)


def work_of(acting: Actor, now: datetime) -> list[Work]:
    """Return everything of this acting person, what is due first on top, undated last."""
    sources: Iterable[list[Work]] = (
        import_string(name)(acting, now) for name in settings.INBOX_SOURCES
    )
    return sorted(chain.from_iterable(sources), key=lambda w: (w.due or date.max, w.title))


def waiting_for_me(work: list[Work]) -> list[Work]:
    """Keep what I must do myself; its length is the counter."""
    return [item for item in work if not item.waits_for]


def page(work: list[Work], today: date) -> dict[str, Any]:
    """Group the inbox as the page shows it: overdue, this week, later; then what others hold."""
    mine = waiting_for_me(work)
    week = today + timedelta(days=6 - today.weekday())
    groups = [
        ("Quá hạn", "overdue", [w for w in mine if w.due and w.due < today]),
        ("Trong tuần này", "week", [w for w in mine if w.due and today <= w.due <= week]),
        ("Sau đó", "later", [w for w in mine if w.due is None or w.due > week]),
    ]
    return {
        "count": len(mine),
        "groups": [(title, kind, items) for title, kind, items in groups if items],
        "others": [w for w in work if w.waits_for],
        "today": today,
    }
