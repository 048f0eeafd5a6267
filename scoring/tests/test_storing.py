"""Sheets and runs are stored with the same statements for few units and for many."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from clusters.models import Unit
from clusters.tests.factories import NOW, make_unit, make_world
from pledges.tests import year as walk
from scoring.models import RunKind, RunLine, RunResult, ScoreLine, ScoreSheet, SheetStatus
from scoring.operations.table import put_in_use, take_starter
from scoring.queries.run import recompute
from scoring.workflow import sheet as sheets

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(scope="module")
def world(kept):
    return walk.approved_world()


def units(count: int) -> list[Unit]:
    return [make_unit(f"N{at:02}", f"Đơn vị {at}") for at in range(count)]


def grown(world, count: int) -> None:
    """Add further units with the sheet of the first, as the workflow would have stored them."""
    first = walk.sheet(world, 0)
    for unit in units(count):
        lines = walk.lines(first)
        sheet = ScoreSheet.objects.create(
            cluster_year=world.year, unit=unit, table=first.table, status=SheetStatus.APPROVED,
            opened_at=first.opened_at, submitted_at=first.submitted_at, number=f"{unit.code}/PCĐ",
            approved_at=first.approved_at,
        )  # fmt: skip
        for line in lines:
            line.pk, line.sheet = None, sheet
        ScoreLine.objects.bulk_create(lines)


def asked_by(act) -> list[str]:
    """Return the statements of an act, without the savepoints of the test."""
    with CaptureQueriesContext(connection) as asked:
        act()
    return [query["sql"] for query in asked if "SAVEPOINT" not in query["sql"]]


def test_a_run_asks_as_often_for_thirty_units_as_for_three(world):
    walk.make_run(world)  # a later run also asks whether the one before is still fresh
    few = asked_by(lambda: walk.make_run(world))
    grown(world, 27)
    many = asked_by(lambda: walk.make_run(world))
    assert len(many) == len(few)
    assert sum(sql.startswith("INSERT") and "scoring_runline" in sql for sql in many) == 1


def test_what_is_stored_is_what_was_computed(world):
    grown(world, 3)
    run = walk.make_run(world, RunKind.FIRST)
    result = recompute(run)
    stored = list(RunResult.objects.filter(run=run).order_by("order").select_related("unit"))
    assert [row.unit.code for row in stored] == [unit.code for unit in result.units]
    for row, unit in zip(stored, result.units, strict=True):
        told = (row.total, row.percent, row.rank, row.missing, row.vetoes, row.groups)
        groups = unit.as_json()["groups"]
        assert told == (
            unit.total, unit.percent, unit.rank, list(unit.missing), list(unit.vetoes), groups
        )  # fmt: skip
        lines = RunLine.objects.filter(result=row).in_bulk(field_name="pk").values()
        assert {line.code: (line.score, line.max_points, line.why) for line in lines} == {
            code: (line.score, line.max, line.why) for code, line in unit.lines.items()
        }


def test_sheets_are_opened_as_often_asked_for_thirty_units_as_for_three(world):
    other = make_world(prefix="td")
    take_starter(
        cluster_year_id=other.year.pk, starter="police-1000", by=other.organiser_acting, now=NOW
    )
    put_in_use(cluster_year_id=other.year.pk)

    def opening(count: int) -> list[str]:
        place = transaction.savepoint()
        appraisers = dict.fromkeys((unit.pk for unit in units(count)), None)
        asked = asked_by(lambda: sheets.open_sheets(
            cluster_year_id=other.year.pk, bases={}, appraisers=appraisers,
            by=other.organiser_acting, now=NOW,
        ))  # fmt: skip
        assert ScoreSheet.objects.filter(cluster_year=other.year).count() == count
        transaction.savepoint_rollback(place)
        return asked

    assert len(opening(3)) == len(opening(30))


def test_approving_writes_every_final_figure_at_once(world):
    row = walk.sheet(world, 0)
    sheets.reopen(
        sheet_id=row.pk, reason="Xem lại", by=world.organiser_acting, now=walk.SECOND
    )  # fmt: skip
    assert not row.lines.exclude(final=None).exists()
    asked = asked_by(lambda: walk.approve(world, 0))
    assert sum(sql.startswith("UPDATE") and "scoring_scoreline" in sql for sql in asked) == 1
    assert all(line.final == line.second for line in walk.lines(row))
    assert all(line.final is not None for line in walk.lines(row))
