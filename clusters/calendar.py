"""The one function that decides what is open for whom until when (product.md §5.12).

Pure: dates of the calendar and today's local date go in, a window comes out. All dates are local
dates of Asia/Ho_Chi_Minh; a stage is open from 00:00 of `opens_on` to the end of `due_on`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
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


def days_late(window: Window, today: date) -> int:
    """Return by how many days work handed in today is late; 0 when in time."""
    closes_on = window.closes_on
    return max(0, (today - closes_on).days) if closes_on else 0
