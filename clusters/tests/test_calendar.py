"""Open from the first minute of the first day to the last of the last, in the time of Vietnam."""

import os
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.calendar import LOCAL, Window, days_late, is_open, local_date, window_today

OPENS, DUE = date(2026, 2, 6), date(2026, 3, 3)
PLAIN = Window("Giai đoạn dự thảo", OPENS, DUE, late_accepted=False)
LATE = Window("Giai đoạn ký", OPENS, DUE, late_accepted=True)
EXTENDED = Window("Giai đoạn dự thảo", OPENS, DUE, False, extended_to=date(2026, 3, 8))
DAY = timedelta(days=1)


@pytest.fixture(params=["UTC", "Asia/Ho_Chi_Minh", "America/New_York", "Pacific/Kiritimati"])
def _zone_of_the_machine(request, monkeypatch):
    """The machine may stand in any zone; the calendar does not ask it."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    os.environ.setdefault("TZ", "UTC")
    time.tzset()


@pytest.mark.usefixtures("_zone_of_the_machine")
@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 3, 23, 59, 59, 999999, tzinfo=LOCAL), date(2026, 3, 3)),
        (datetime(2026, 3, 4, 0, 0, tzinfo=LOCAL), date(2026, 3, 4)),
        (datetime(2026, 3, 3, 16, 59, 59, 999999, tzinfo=UTC), date(2026, 3, 3)),
        (datetime(2026, 3, 3, 17, 0, tzinfo=UTC), date(2026, 3, 4)),
        (datetime(2025, 12, 31, 17, 0, tzinfo=UTC), date(2026, 1, 1)),
    ],
)
def test_the_day_changes_at_midnight_in_vietnam(moment, day):
    assert local_date(moment) == day


@pytest.mark.usefixtures("_zone_of_the_machine")
def test_the_last_moment_is_in_time_and_the_next_is_not():
    last = datetime(2026, 3, 3, 23, 59, 59, 999999, tzinfo=LOCAL)
    assert is_open(PLAIN, local_date(last))
    assert days_late(PLAIN, local_date(last)) == 0
    first_after = last + timedelta(microseconds=1)
    assert not is_open(PLAIN, local_date(first_after))
    assert days_late(PLAIN, local_date(first_after)) == 1


@pytest.mark.parametrize(
    ("window", "today", "open_", "late"),
    [
        (PLAIN, OPENS - DAY, False, 0),
        (PLAIN, OPENS, True, 0),
        (PLAIN, DUE, True, 0),
        (PLAIN, DUE + DAY, False, 1),
        (LATE, OPENS - DAY, False, 0),
        (LATE, DUE + DAY, True, 1),
        (LATE, DUE + 30 * DAY, True, 30),
        (EXTENDED, DUE + DAY, True, 0),
        (EXTENDED, date(2026, 3, 8), True, 0),
        (EXTENDED, date(2026, 3, 9), False, 1),
        # An extension that ends before the common day takes nothing away.
        (Window("X", OPENS, DUE, False, extended_to=OPENS), DUE, True, 0),
        (Window("X", OPENS, None, False), DUE + 999 * DAY, True, 0),
        (Window("X", OPENS, None, False, extended_to=OPENS), DUE + 999 * DAY, True, 0),
    ],
)
def test_open_and_late(window, today, open_, late):
    assert bool(is_open(window, today)) is open_
    assert days_late(window, today) == late


def test_a_closed_stage_says_when_and_who_can_open_it():
    assert is_open(PLAIN, OPENS - DAY).reason == (
        "Giai đoạn dự thảo mở ngày 06/02/2026. Cơ quan thường trực đổi được lịch."
    )
    closed = is_open(PLAIN, DUE + DAY).reason
    assert "đã khóa sau ngày 03/03/2026." in closed
    assert "gia hạn" in closed
    assert "08/03/2026, kể cả thời gian gia hạn" in is_open(EXTENDED, date(2026, 3, 9)).reason


# Two stages of the same kind -------------------------------------------------------------------
SECOND = Window("Giai đoạn dự thảo, đợt 2", date(2026, 5, 1), date(2026, 5, 10), False)


@pytest.mark.parametrize(
    ("today", "counts"),
    [
        (OPENS - DAY, PLAIN),
        (OPENS, PLAIN),
        (DUE, PLAIN),
        (DUE + DAY, SECOND),
        (SECOND.opens_on, SECOND),
        (date(2026, 5, 10), SECOND),
        (date(2026, 5, 11), SECOND),
    ],
)
def test_of_two_stages_the_one_that_is_open_counts_then_the_next(today, counts):
    assert window_today([PLAIN, SECOND], today) is counts


def test_late_work_of_the_first_is_in_time_in_the_second():
    assert window_today([LATE, SECOND], DUE + DAY) is LATE
    assert window_today([LATE, SECOND], SECOND.opens_on) is SECOND
    assert window_today([LATE, SECOND], date(2026, 5, 11)) is LATE


def test_no_stage_is_no_window():
    assert window_today([], DUE) is None


DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@st.composite
def windows(draw: st.DrawFn) -> Window:
    first, last = sorted([draw(DAYS), draw(DAYS)])
    return Window(
        "Giai đoạn", first, draw(st.sampled_from([last, None])), draw(st.booleans()),
        draw(st.one_of(st.none(), DAYS)),
    )  # fmt: skip


@given(st.lists(windows(), max_size=4), DAYS)
def test_what_any_stage_takes_is_taken(some, today):
    """Several stages of a kind take work exactly when one of them does."""
    counting = window_today(some, today)
    assert (counting is not None and bool(is_open(counting, today))) is any(
        is_open(window, today) for window in some
    )


@given(windows(), DAYS)
def test_in_time_is_open_and_late_is_not_before_the_end(window, today):
    if days_late(window, today):
        assert window.closes_on is not None
        assert today > window.closes_on
        assert bool(is_open(window, today)) is (window.late_accepted and today >= window.opens_on)
    elif today >= window.opens_on:
        assert is_open(window, today)
