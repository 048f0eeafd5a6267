"""What stands beside a claim: last year's official result, the middle of the other units."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from clusters.models import ClusterYear, Cycle
from clusters.tests.factories import World
from pledges.tests import year as walk
from scoring.models import Criterion, Publication, RunLine, ScoreLine, ScoreSheet
from scoring.queries.beside import last_year_of, peers_of
from scoring.views import docket as shown

pytestmark = pytest.mark.django_db
UNIT = 2


@pytest.fixture(scope="module")
def published(kept: None) -> World:
    """A published year, and the year after it of the same cluster."""
    world = walk.published_world()
    cycle = Cycle.objects.create(
        organiser=world.cluster.organiser, year=2027, period=world.year.cycle.period,
        starts_on=date(2026, 12, 15), ends_on=date(2027, 12, 14),
    )  # fmt: skip
    ClusterYear.objects.create(cluster=world.cluster, cycle=cycle)
    return world


def asked(world: World, code: str, title: str = "") -> tuple[ScoreSheet, ScoreLine]:
    """Return a line of the year after with a code; nothing of it is stored."""
    year = ClusterYear.objects.get(cycle__year=2027)
    sheet = ScoreSheet(cluster_year=year, unit=world.units[UNIT])
    return sheet, ScoreLine(sheet=sheet, criterion=Criterion(code=code, title=title))


def test_last_year_is_the_official_result_of_the_same_unit(published):
    scored = RunLine.objects.filter(
        result__run=published.year.runs.get(), result__unit=published.units[UNIT]
    ).exclude(score=None)[0]
    then = published.year.sheets.get(unit=published.units[UNIT]).lines.get(
        criterion__code=scored.code
    )
    last = last_year_of(*asked(published, scored.code, then.criterion.title))
    assert last is not None
    assert (last.cycle, last.figure, last.title) == ("năm 2026", then.final, "")
    assert (last.score, last.most) == (scored.score, scored.max_points)
    other = last_year_of(*asked(published, scored.code, "Tên mới"))
    assert other is not None
    assert other.title == then.criterion.title
    fact = shown._last_year(last)
    assert fact.caption == "Kết quả năm 2026"
    assert fact.detail.endswith("điểm")


def test_a_new_code_or_a_revoked_result_has_no_last_year(published):
    code = RunLine.objects.filter(result__run=published.year.runs.get())[0].code
    assert last_year_of(*asked(published, "moi")) is None
    first = published.year.sheets.get(unit=published.units[UNIT])
    assert last_year_of(first, first.lines.select_related("criterion")[0]) is None
    final = Publication.objects.get(cluster_year=published.year, status="FINAL")
    final.status, final.revoke_reason, final.revoked_at = "REVOKED", "Theo QĐ 9", walk.FINAL
    final.revoked_by_id = published.organiser_acting.user_id
    final.save()
    assert last_year_of(*asked(published, code)) is None


# The other units -----------------------------------------------------------------------------
def unit(code: str, figure: dict[str, object] | None, score: str | None):
    """Return a sheet, its lines and what it is worth, as far as `peers_of` looks at them."""
    sheet = SimpleNamespace(unit=SimpleNamespace(code=code, short_name=f"CA {code}"))
    line = SimpleNamespace(criterion=SimpleNamespace(code="I.1"), claimed=figure)
    worth = SimpleNamespace(lines={"I.1": SimpleNamespace(score=score and walk.Decimal(score))})
    return (sheet, [line]), worth


def middle(*units):
    rows = [unit(code, *one) for code, one in zip("ABCDE", units, strict=False)]
    worths = {code: worth for code, (_, worth) in zip("ABCDE", rows, strict=False)}
    return peers_of("I.1", [row for row, _ in rows], worths)


@pytest.mark.parametrize(
    ("units", "figure", "points"),
    [
        (
            [({"actual": "10"}, "5"), ({"actual": "30"}, "6"), ({"actual": "12.5"}, "9")],
            {"actual": "12.5"},
            "6",
        ),
        ([({"actual": "10"}, "5"), ({"actual": "15"}, "6")], {"actual": "12.5"}, "5.5"),
        ([({"actual": "100"}, "5"), ({"actual": "100"}, "5")], {"actual": "100"}, "5"),
        ([({"actual": "10"}, "5")], None, None),
        # What was not entered or is not assigned is no zero.
        ([({"points": "4"}, "4"), (None, "0"), ({"points": "2"}, "2")], {"points": "3"}, "3"),
        ([({"points": "4"}, "4"), ({"assigned": False}, None)], None, None),
        ([({"met": True}, "10"), ({"met": False}, "0"), ({"met": True}, "10")], None, "10"),
        ([], None, None),
    ],
)
def test_the_middle_of_the_others(units, figure, points):
    found = middle(*units)
    assert found.figure == figure
    assert found.points == (None if points is None else walk.Decimal(points))


def test_rows_say_what_is_no_number_in_words():
    found = middle(({"points": "4"}, "4"), (None, "0"), ({"assigned": False}, None))
    rows = [(row.value, row.points) for row in shown.peer_rows(found, "")]
    assert rows == [("4 điểm", "4,00"), ("Chưa nhập", ""), ("Không giao", "")]
    assert replace(found, rows=()).rows == ()
