"""What a search finds of criteria: by code or words, in the tables one may read."""

import pytest

from clusters.tests.factories import make_world
from pledges.tests.progress import running_world
from scoring.queries.found import found_criteria

pytestmark = pytest.mark.django_db


def test_criteria_are_found_by_words_without_diacritics_and_by_code():
    world = running_world()
    leaf = world.year.criteria_tables.get().criteria.exclude(title="").order_by("order").last()
    for query in (leaf.title, leaf.search_key):
        assert str(leaf) in [found.title for found in found_criteria(world.officers[1], query)]
    by_code = found_criteria(world.officers[1], leaf.code)
    assert str(leaf) in [found.title for found in by_code]
    assert by_code[0].url.endswith("/bang-tieu-chi/")


def test_a_table_of_another_cluster_is_not_searched():
    world, other = running_world(), make_world(prefix="hn")
    leaf = world.year.criteria_tables.get().criteria.exclude(title="").first()
    assert found_criteria(world.organiser_acting, leaf.title)
    for acting in (other.officers[0], other.organiser_acting, world.administrator):
        assert found_criteria(acting, leaf.title) == []
