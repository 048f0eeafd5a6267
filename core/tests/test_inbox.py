"""The inbox asks every source, but those that say they cannot find anything."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from core.audit import System
from core.inbox import Work, asked_in, work_of

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)


def _work(title: str) -> list[Work]:
    return [Work(title=title, why="", url="/", verb="Xem", icon="search", cluster="Khối 1")]


def always(_acting, _now) -> list[Work]:
    return _work("luôn luôn")


@asked_in(["RUNNING", "MIDYEAR"])
def midyear(_acting, _now) -> list[Work]:
    return _work("giữa năm")


@pytest.mark.parametrize(
    ("states", "titles"),
    [
        (None, ["giữa năm", "luôn luôn"]),
        ({"RUNNING", "ARCHIVED"}, ["giữa năm", "luôn luôn"]),
        ({"ARCHIVED"}, ["luôn luôn"]),
        (set(), ["luôn luôn"]),
    ],
)
def test_a_source_is_asked_where_it_can_find_something(settings, states, titles):
    settings.INBOX_SOURCES = [f"{__name__}.always", f"{__name__}.midyear"]
    assert [work.title for work in work_of(System(), NOW, states)] == titles


def test_what_sources_declare_are_states_of_a_year():
    from clusters.models import YearStatus  # noqa: PLC0415 - core stands below clusters

    sources = [import_string(name) for name in settings.INBOX_SOURCES]
    declared = [source.finds_work_in for source in sources if hasattr(source, "finds_work_in")]
    assert declared
    assert all(states <= set(YearStatus.values) for states in declared)
