"""The inbox: what waits for a person, gathered from every app by one query each.

The counter in the navigation is the length of the very list the page shows, so the two can never
differ. An app offers a function ``(acting, now) -> list[Work]`` and is named in
``settings.INBOX_SOURCES``. Every page carries the counter, so a source that has nothing to find in
most states of a year says so (`asked_in`) and is then not asked.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any, Final, TypeVar

from django.conf import settings
from django.utils.module_loading import import_string

from core.audit import Actor
from core.text import days_left, format_date_long


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


_Source = TypeVar("_Source", bound=Callable[..., list[Work]])
#: Where a source keeps what it declared.
_STATES: Final = "finds_work_in"


def asked_in(states: Iterable[str]) -> Callable[[_Source], _Source]:
    """Declare the states of a year outside which a source finds nothing (it filters by them)."""

    def declare(source: _Source) -> _Source:
        setattr(source, _STATES, frozenset(states))
        return source

    return declare


def work_of(acting: Actor, now: datetime, states: Collection[str] | None = None) -> list[Work]:
    """Return everything of this acting person, what is due first on top, undated last.

    `states` are those of the years the person sees: a source that finds nothing in any of them is
    not asked. The work is the same without them, only dearer.
    """
    sources = (import_string(name) for name in settings.INBOX_SOURCES)
    found: Iterable[list[Work]] = (
        source(acting, now) for source in sources if _may_find(source, states)
    )
    return sorted(chain.from_iterable(found), key=lambda w: (w.due or date.max, w.title))


def _may_find(source: Callable[..., list[Work]], states: Collection[str] | None) -> bool:
    declared: frozenset[str] | None = getattr(source, _STATES, None)
    return states is None or declared is None or not declared.isdisjoint(states)


def waiting_for_me(work: list[Work]) -> list[Work]:
    """Keep what I must do myself; its length is the counter."""
    return [item for item in work if not item.waits_for]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the page: the work, how far its due day is, whether it stands on top."""

    work: Work
    left: str
    kind: str
    icon: str
    is_first: bool


#: So many days before the due day the row turns ochre.
_SOON = 3
_WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")


def page(work: list[Work], today: date) -> dict[str, Any]:
    """Group the inbox as the page shows it: overdue, this week, later; then what others hold."""
    mine = [
        _row(item, today, is_first=place == 0) for place, item in enumerate(waiting_for_me(work))
    ]
    week = today + timedelta(days=6 - today.weekday())
    groups = [
        ("Quá hạn", "overdue", [r for r in mine if r.work.due and r.work.due < today]),
        ("Trong tuần này", "week", [r for r in mine if r.work.due and today <= r.work.due <= week]),
        ("Sau đó", "later", [r for r in mine if r.work.due is None or r.work.due > week]),
    ]
    return {
        "count": len(mine),
        "groups": [(title, kind, items) for title, kind, items in groups if items],
        "others": [w for w in work if w.waits_for],
        "today": today,
        "today_words": f"{_WEEKDAYS[today.weekday()]}, {format_date_long(today)}",
    }


def next_date(dates: list[Milestone], today: date) -> str:
    """Say how far the next date of the calendar is: "Còn 6 ngày đến hạn cuối …"."""
    if not dates:
        return ""
    first = dates[0]
    left = days_left(first.day, today)
    words = f"{left[:1].upper()}{left[1:]}"
    what = f"{first.text[:1].lower()}{first.text[1:]}"
    if first.day == today:
        return f"{words}: {what}"
    # "đến hạn cuối …", but "đến ngày mở …".
    return f"{words} đến {what}" if what.startswith("hạn") else f"{words} đến ngày {what}"


def _row(item: Work, today: date, *, is_first: bool) -> Row:
    if item.due is None:
        return Row(item, "", "", "", is_first)
    left = days_left(item.due, today)
    days = (item.due - today).days
    kind, icon = ("err", "exclamation-octagon-fill") if days < 0 else ("", "calendar3")
    if 0 <= days <= _SOON:
        kind, icon = "warn", "clock-fill"
    return Row(item, left[:1].upper() + left[1:], kind or "quiet", icon, is_first)
