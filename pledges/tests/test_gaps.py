"""What a draft lacks before it goes out, and what would keep its sheets from being scored."""

import pytest

from clusters.queries import members_of
from clusters.tests.factories import NOW, World, make_world
from core.policy import Refused
from pledges import operations
from pledges.policies import Gap, Lack
from pledges.queries import missing_in
from pledges.tests import factories as f
from scoring.figures import prefilled
from scoring.models import CriteriaTable
from scoring.queries.sheet import engine_table

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(kept: None) -> World:
    world = make_world()
    f.start(world)
    return world


def add_target(world: World, text: str, code: str, level: str) -> None:
    """Add a numeric target that is scored by a leaf of the table."""
    table = CriteriaTable.objects.get(cluster_year=world.year, status="DRAFT")
    criterion = table.criteria.get(code=code)
    operations.save_target(
        pledge_id=world.year.pledge.pk, key=None, seen="",
        values=f.target_values(text, criterion_id=criterion.pk),
        levels=f.levels_for(world, level), by=world.lead_officer, now=NOW,
    )  # fmt: skip


def gaps(world: World) -> list[Gap]:
    return missing_in(f.current_of(world.year.pledge), members_of(world.year))


def leaf_of_kind(world: World, *kinds: str) -> str:
    table = CriteriaTable.objects.get(cluster_year=world.year, status="DRAFT")
    leaves = table.criteria.filter(rule__isnull=False).order_by("order")
    return next(leaf.code for leaf in leaves if (leaf.rule or {})["kind"] in kinds)


def test_two_targets_cannot_be_scored_by_one_leaf(world):
    code = leaf_of_kind(world, "percent_of_target", "cluster_relative")
    add_target(world, "Tỷ lệ giải quyết tin báo", code, "90")
    assert not [gap for gap in gaps(world) if gap.lack is Lack.CRITERIA]
    add_target(world, "Tỷ lệ điều tra trọng án", code, "95")
    [gap] = [gap for gap in gaps(world) if gap.lack is Lack.CRITERIA]
    assert f"tiêu chí {code} gắn với hai chỉ tiêu" in gap.text
    with pytest.raises(Refused, match="gắn với hai chỉ tiêu"):
        f.circulate(world, world.year.pledge)


def test_a_level_of_zero_is_not_scored_by_a_share_of_the_target(world):
    code = leaf_of_kind(world, "percent_of_target", "cluster_relative")
    add_target(world, "Số vụ cháy lớn", code, "0")
    [gap] = [gap for gap in gaps(world) if gap.lack is Lack.CRITERIA]
    assert "có mức 0" in gap.text
    assert gap.key


def test_a_figure_the_rule_cannot_take_is_left_to_the_unit(world):
    """One impossible prefilled figure would keep the whole cluster from being scored."""
    stored = CriteriaTable.objects.get(cluster_year=world.year, status="DRAFT")
    table = engine_table(stored)
    leaf = leaf_of_kind(world, "percent_of_target", "cluster_relative")
    points = leaf_of_kind(world, "direct")
    sound = {"target": "80", "actual": "82"}
    assert prefilled(table, leaf, sound) == {"actual": "82"}
    assert prefilled(table, leaf, sound | {"target": "0"}) is None
    assert prefilled(table, points, sound) is None
    assert prefilled(table, leaf, {"assigned": False}) == {"assigned": False}
    assert prefilled(table, leaf, {"target": "80", "actual": None}) is None
