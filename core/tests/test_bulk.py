"""Rows inserted at once are the rows `bulk_create` makes, in one statement for any number."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext, isolate_apps

from core.bulk import insert_all

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

TRYING: list[dict[str, Any]] = [
    {"points": Decimal("12345678.900000")},
    {"points": Decimal("-0.000001"), "share": Decimal("1E+3")},
    {"points": Decimal(0), "found": {"a": [1, None, True, "ế \"'\\ \n"], "1.10": "0.30"}},
    {"points": Decimal("0.1"), "found": []},
    {"points": Decimal("1.5"), "title": "Tiêu chí “I.1” — 'a' \\u0041 \t%s ' $[0] 😀"},
    {"points": Decimal(2), "title": "123.450", "number": 2**31 - 1},
    {"points": Decimal(3), "flag": True, "number": -1},
    {"points": Decimal(4), "day": date(2026, 12, 31)},
    {"points": Decimal(5), "at": datetime(2026, 12, 31, 16, 59, 59, 123456, tzinfo=UTC)},
]


@pytest.fixture
def trial():
    """A table with every kind of column that rows in bulk have here, and its model."""
    with isolate_apps("core"):

        class Trial(models.Model):  # noqa: DJ008 - never shown
            points = models.DecimalField(max_digits=14, decimal_places=6)
            share = models.DecimalField(max_digits=14, decimal_places=6, null=True)
            found = models.JSONField(null=True)
            title = models.CharField(max_length=90, blank=True)
            number = models.IntegerField(null=True, db_column="no. 1")
            flag = models.BooleanField(default=False)
            day = models.DateField(null=True)
            at = models.DateTimeField(null=True)
            made = models.DateField(auto_now_add=True)

            class Meta:
                app_label = "core"
                db_table = "trial_bulk"

    with connection.schema_editor() as editor:
        editor.create_model(Trial)
    yield Trial
    with connection.schema_editor() as editor:
        editor.delete_model(Trial)


def contents() -> list[tuple[object, ...]]:
    """Return the bare columns, on SQLite with the type each value is stored as."""
    names = ["points", "share", "found", "title", '"no. 1"', "flag", "day", "at", "made"]
    if connection.vendor == "sqlite":
        names += [f"typeof({name})" for name in names]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(names)} FROM trial_bulk ORDER BY id")  # noqa: S608
        return list(cursor.fetchall())


def test_the_same_rows_as_bulk_create(trial):
    trial.objects.bulk_create(trial(**values) for values in TRYING)
    expected = contents()
    trial.objects.all().delete()
    insert_all(trial(**values) for values in TRYING)
    assert contents() == expected
    assert len(expected) == len(TRYING)


@pytest.mark.parametrize("count", [1, 3, 5000])
def test_one_statement_for_any_number(trial, count):
    rows = [trial(points=number, title="x") for number in range(count)]
    with CaptureQueriesContext(connection) as asked:
        insert_all(rows)
    assert sum(query["sql"].startswith("INSERT") for query in asked) == 1
    assert trial.objects.count() == count


def test_no_rows_need_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        insert_all([])


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_what_json_would_change_is_refused_and_nothing_is_stored(trial):
    with pytest.raises(TypeError, match="points: Value does not pass"):
        insert_all([trial(points=Decimal(1)), trial(points=models.Value(1))])
    assert not trial.objects.exists()
