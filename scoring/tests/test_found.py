"""What a search finds of criteria: by code or words, in the tables one may read."""

import pytest

from clusters.tests.factories import NOW, make_world
from pledges.tests.progress import running_world
from scoring import operations
from scoring.queries.found import found_criteria

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_criteria_are_found_by_words_without_diacritics_and_by_code():
    world = running_world()
    leaf = world.year.criteria_tables.get().criteria.exclude(title="").order_by("order").last()
    for query in (leaf.title, leaf.search_key):
        assert str(leaf) in [found.title for found in found_criteria(world.officers[1], query)]
    by_code = found_criteria(world.officers[1], leaf.code)
    assert str(leaf) in [found.title for found in by_code]
    assert by_code[0].url.endswith("/bang-tieu-chi/")


def test_the_table_in_use_is_found_once_and_of_a_coded_one_codes_alone():
    world = running_world()
    leaf = world.year.criteria_tables.get().criteria.exclude(title="").first()
    by = world.lead_officer
    operations.make_version(cluster_year_id=world.year.pk, reason="Sửa", by=by, now=NOW)
    assert [found.title for found in found_criteria(by, leaf.title)] == [str(leaf)]
    table = operations.switch_coded(cluster_year_id=world.year.pk, seen=1, by=by, now=NOW)
    operations.adopt_version(
        cluster_year_id=world.year.pk, decision="QĐ 1", seen=table.revision,
        by=world.organiser_acting, now=NOW,
    )  # fmt: skip
    assert not found_criteria(by, leaf.title)
    coded = [found.title for found in found_criteria(by, leaf.code)]
    assert f"Nhóm số {leaf.code}" in coded or f"Tiêu chí số {leaf.code}" in coded


def test_a_table_of_another_cluster_is_not_searched():
    world, other = running_world(), make_world(prefix="hn")
    leaf = world.year.criteria_tables.get().criteria.exclude(title="").first()
    assert found_criteria(world.organiser_acting, leaf.title)
    for acting in (other.officers[0], other.organiser_acting, world.administrator):
        assert found_criteria(acting, leaf.title) == []
