"""Trying other figures: the real engine, the own unit only, nothing stored (U12)."""

from decimal import Decimal

import pytest
from django.urls import reverse

from clusters.tests.factories import World, make_world
from core.models import AuditEvent
from pledges import operations
from pledges.figures import Aim, needed_each
from pledges.tests import factories as f
from pledges.tests import progress as walk
from pledges.tests.pages import client_of, words
from scoring.models import CriteriaTable, ScoreLine, ScoringRun

pytestmark = pytest.mark.django_db
#: A leaf of the table "front-100": 5 points for the share of the target.
LEAF = "I.1"


@pytest.fixture(scope="module")
def world(kept: None) -> World:
    """Three units whose signed target is scored by a leaf; 40, 60 and 80 of 80 accepted."""
    world = make_world()
    pledge = f.start(world)
    table = CriteriaTable.objects.get(cluster_year=world.year, status="DRAFT")
    target = f.current_of(pledge).targets.order_by("order")[0]
    operations.save_target(
        pledge_id=pledge.pk, key=target.key, seen=operations.target_mark(target),
        values=f.target_values(target.text, criterion_id=table.criteria.get(code=LEAF).pk,
                               unit_of_measure="hội nghị", aggregation="SUM"),
        levels=f.levels_for(world, "80"), by=world.lead_officer, now=f.NOW,
    )  # fmt: skip
    pledge = f.consent_all(world, f.circulate(world, pledge))
    f.sign_all(world, f.open_signing(world, f.freeze(world, pledge)))
    world.year.refresh_from_db()
    for index, value in enumerate(("40", "60", "80")):
        walk.accepted(world, index, {0: value, 1: "Không xảy ra"})
    return world


def page(world: World, typed: str | None = None, part: str = "", by=None):
    criterion = CriteriaTable.objects.get(cluster_year=world.year).criteria.get(code=LEAF)
    query = {} if typed is None else {f"t-{criterion.pk}": typed}
    headers = {"X-Part": part} if part else {}
    address = reverse("pledges:whatif", args=[world.year.pk])
    return client_of(by or world.officers[0]).get(address, query, headers=headers)


def test_points_and_rank_follow_a_figure_that_is_tried(world):
    before = words(page(world))
    assert "Chưa thay số nào" in before
    after = words(page(world, "70"))
    assert "2,50 → 4,38" in after  # 5 × 40/80, then 5 × 70/80
    assert "+1,88" in after
    assert "3 → 2" in after


def test_the_part_that_is_asked_for_says_the_same_as_the_page(world):
    part = page(world, "70", part="ket-qua")
    assert "<html" not in part.content.decode()
    assert words(part).strip() in words(page(world, "70"))


def test_nothing_is_stored_by_trying(world):
    rows = (AuditEvent.objects.count(), ScoringRun.objects.count(), ScoreLine.objects.count())
    page(world, "200")
    assert rows == (
        AuditEvent.objects.count(), ScoringRun.objects.count(), ScoreLine.objects.count(),
    )  # fmt: skip


def test_what_cannot_be_read_is_kept_and_said_beside_it(world):
    answer = page(world, "1e5")
    assert 'value="1e5"' in answer.content.decode()
    assert "Chưa tính với các số sau" in words(answer)
    assert "2,50 → " not in words(answer)


def test_a_figure_taken_away_is_not_entered_and_not_zero(world):
    assert "40 hội nghị → Chưa nhập" in words(page(world, ""))
    assert "40 hội nghị → 0 hội nghị" in words(page(world, "0"))


def test_each_remaining_month_is_told_what_it_must_bring(world):
    assert "mỗi tháng tới cần" in words(page(world))


def test_only_members_try_and_only_their_own(world):
    assert page(world, by=world.organiser_acting).status_code == 403
    assert "Cán bộ, lãnh đạo đơn vị thành viên" in words(page(world, by=world.organiser_acting))
    other = words(page(world, by=world.officers[2]))
    assert "80 hội nghị" in other
    assert "40 hội nghị" not in other


@pytest.mark.parametrize(
    ("aim", "actual", "parts", "each"),
    [
        (Aim("k", True, "UP", "SUM", value=Decimal(80)), "38", 6, "7"),
        (Aim("k", True, "UP", "SUM", value=Decimal(80)), None, 4, "20"),
        (Aim("k", True, "UP", "SUM", value=Decimal(80)), "80", 4, None),
        (Aim("k", True, "UP", "LAST", value=Decimal(80)), "38", 6, None),
        (Aim("k", True, "UP", "SUM", is_assigned=False, value=Decimal(80)), "1", 6, None),
        (Aim("k", True, "UP", "SUM"), "1", 6, None),
        (Aim("k", True, "DOWN", "SUM", value=Decimal(10)), "4", 3, "2"),
        (Aim("k", True, "DOWN", "SUM", value=Decimal(10)), "14", 3, "0"),
        (Aim("k", True, "UP", "SUM", value=Decimal(80)), "38", 0, None),
    ],
)
def test_what_each_part_of_the_rest_must_bring(aim, actual, parts, each):
    found = needed_each(aim, None if actual is None else Decimal(actual), parts)
    assert found == (None if each is None else Decimal(each))
