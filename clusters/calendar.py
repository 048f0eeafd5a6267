"""The one function that decides what is open for whom until when (product.md §5.12).

Pure: dates of the calendar and today's local date go in, a window comes out. All dates are local
dates of Asia/Ho_Chi_Minh; a stage is open from 00:00 of `opens_on` to the end of `due_on`.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.policy import ALLOWED, Verdict, deny
from core.text import format_date

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


def local_date(now: datetime) -> date:
    """Return the local date of a moment; the server's own time zone plays no part."""
    return now.astimezone(LOCAL).date()


@dataclass(frozen=True, slots=True)
class Window:
    """When a stage is open for one unit, and whether what comes late is still taken."""

    label: str
    opens_on: date
    due_on: date | None
    late_accepted: bool
    extended_to: date | None = None

    @property
    def closes_on(self) -> date | None:
        """Return the last open day of this unit, its extension included."""
        if self.due_on is None or self.extended_to is None:
            return self.due_on
        return max(self.due_on, self.extended_to)


def is_open(window: Window, today: date) -> Verdict:
    """Say whether the stage takes work today, and if not why and who can open it."""
    if today < window.opens_on:
        return deny(
            f"{window.label} mở ngày {format_date(window.opens_on)}. "
            "Cơ quan thường trực đổi được lịch."
        )
    closes_on = window.closes_on
    if closes_on is None or today <= closes_on or window.late_accepted:
        return ALLOWED
    extended = ", kể cả thời gian gia hạn" if window.extended_to else ""
    return deny(
        f"{window.label} đã khóa sau ngày {format_date(closes_on)}{extended}. "
        "Cơ quan thường trực có thể gia hạn cho từng đơn vị, có lý do."
    )


def window_today(windows: Iterable[Window], today: date) -> Window | None:
    """Return which of several stages of one kind counts today.

    The one that is open; else the one that still takes late work; else the next to open; else the
    last that closed.
    """
    ordered = list(windows)
    in_time = (w for w in ordered if is_open(w, today) and not days_late(w, today))
    late = (w for w in ordered if is_open(w, today))
    coming = (w for w in ordered if today < w.opens_on)
    found = next(in_time, None) or next(late, None) or next(coming, None)
    return found or (ordered[-1] if ordered else None)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A reporting period as it is proposed: name, first and last day, day it is due."""

    name: str
    starts_on: date
    ends_on: date
    due_on: date


#: Days after the last day of a period until its report is due, unless the organiser sets others.
DAYS_TO_REPORT = 5
_QUARTERS = ("Quý I", "Quý II", "Quý III", "Quý IV")
_HALVES = ("6 tháng đầu năm", "6 tháng cuối năm")


def stretches(starts_on: date, ends_on: date, months: int) -> list[Stretch]:
    """Cut a cycle into periods of 1, 3 or 6 months from its first day; the last may be shorter.

    A cycle from 15/12 to 14/12 has months from the 15th to the 14th, named after the month in
    which they end, as police reports do.
    """
    found: list[Stretch] = []
    first = starts_on
    while first <= ends_on:
        following = _months_later(starts_on, months * (len(found) + 1))
        last = min(following - timedelta(days=1), ends_on)
        name = _stretch_name(len(found), last, months)
        due = last + timedelta(days=DAYS_TO_REPORT)
        found.append(Stretch(name, first, last, due))
        first = following
    return found


def _stretch_name(place: int, last: date, months: int) -> str:
    names = {3: _QUARTERS, 6: _HALVES}.get(months, ())
    if months == 1:
        return f"Tháng {last.month}"
    return names[place] if place < len(names) else f"Kỳ {place + 1}"


def _months_later(day: date, months: int) -> date:
    """Return the same day some months on, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def days_late(window: Window, today: date) -> int:
    """Return by how many days work handed in today is late; 0 when in time."""
    closes_on = window.closes_on
    return max(0, (today - closes_on).days) if closes_on else 0


def months_left(ends_on: date, today: date) -> int:
    """Return how many months of a year remain, the current one included; 0 when it is over."""
    if today > ends_on:
        return 0
    return (ends_on.year - today.year) * 12 + ends_on.month - today.month + 1
