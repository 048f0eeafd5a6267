"""Dates: read day first, written as screens and official documents write them."""

import calendar
import datetime as dt
import re
from zoneinfo import ZoneInfo

from core.text.faults import DateFault
from core.text.plain import nfc

#: The clock people see; inside the program every moment is UTC.
LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NBSP = "\u00a0"
DATE_HINT = "Ghi ngày theo mẫu ngày/tháng/năm, ví dụ 30/06/2024."
FIRST_YEAR, LAST_YEAR = 1945, 2100
_PIVOT = 69
_MAX_TYPED = 64
_DAY_FIRST = re.compile("([0-9]{1,2}) ?([/.-]) ?([0-9]{1,2}) ?\\2 ?([0-9]{4}|[0-9]{2})")
#: The digit keyboard of some phones has no separator; no date written year first fits this.
_DIGITS = re.compile("([0-9]{2})([0-9]{2})([0-9]{4})")
_YEAR_FIRST = re.compile("([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_IN_WORDS = re.compile("(?:ngày )?([0-9]{1,2}) tháng ([0-9]{1,2}) năm ([0-9]{4})")


def parse_date(typed: str) -> dt.date:
    """Read a date as typed: day first (``4/3/2026``, ``04-03-2026``, ``4.3.26``) or ISO.

    Also in words as documents have it, and as the eight digits of day, month and year. Never
    month first: ``12/25/2026`` is refused rather than turned round. A year of two digits is read
    as Python and Django read it (69–99 before 2000, the others after).
    """
    if len(typed) > _MAX_TYPED:
        raise DateFault(DATE_HINT)
    text = " ".join(nfc(typed).casefold().split())
    if match := _DAY_FIRST.fullmatch(text):
        day, _, month, year = match.groups()
    elif match := _YEAR_FIRST.fullmatch(text):
        year, month, day = match.groups()
    elif match := _DIGITS.fullmatch(text) or _IN_WORDS.fullmatch(text):
        day, month, year = match.groups()
    else:
        raise DateFault(DATE_HINT)
    return _date_of(int(day), int(month), _full_year(year))


def _full_year(year: str) -> int:
    if len(year) > len("26"):
        return int(year)
    return int(year) + (1900 if int(year) >= _PIVOT else 2000)


def _date_of(day: int, month: int, year: int) -> dt.date:
    """Make the date, or say which part of it does not exist."""
    if month not in range(1, 13) or day not in range(1, 32):
        raise DateFault(DATE_HINT)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise DateFault(f"Năm phải từ {FIRST_YEAR} đến {LAST_YEAR}. {DATE_HINT}")
    days = calendar.monthrange(year, month)[1]
    if day > days:
        last = format_date(dt.date(year, month, days))
        raise DateFault(f"Tháng {month} năm {year} chỉ có {days} ngày. Ghi lại ngày, ví dụ {last}.")
    return dt.date(year, month, day)


def format_date(date: dt.date) -> str:
    """Write a date on screen: ``04/03/2020``."""
    return f"{date.day:02d}/{date.month:02d}/{date.year:04d}"


def format_date_long(date: dt.date) -> str:
    """Write a date in an official text: ``ngày 04 tháng 3 năm 2020``.

    The rule of official documents puts a zero before days below 10 and before the months 1 and 2
    only. Each word stays on one line with its figure (no-break spaces).
    """
    month = f"{date.month:02d}" if date.month in (1, 2) else str(date.month)
    return f"ngày{NBSP}{date.day:02d} tháng{NBSP}{month} năm{NBSP}{date.year:04d}"


def format_datetime(moment: dt.datetime) -> str:
    """Write a moment by the clock of Vietnam: ``14:05 ngày 24/06/2024``."""
    if moment.tzinfo is None:
        raise ValueError("A moment without a time zone has no local time")
    local = moment.astimezone(LOCAL_ZONE)
    return f"{local:%H:%M} ngày {format_date(local.date())}"


def days_left(due: dt.date, today: dt.date) -> str:
    """Say how far a due day is: ``còn 6 ngày``, ``hôm nay``, ``quá 3 ngày``."""
    days = (due - today).days
    if days == 0:
        return "hôm nay"
    return f"còn {days} ngày" if days > 0 else f"quá {-days} ngày"
