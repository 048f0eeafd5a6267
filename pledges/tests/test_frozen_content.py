"""What heads sign is what units consented to, whole."""

import pytest

from core.policy import Conflict
from pledges.models import PledgeStatus as P
from pledges.tests import factories as f
from scoring import operations as scoring_operations

pytestmark = pytest.mark.django_db


def test_a_pledge_whose_table_changed_after_the_consents_is_not_frozen():
    world, pledge = f.make_pledge_at(P.AGREED)
    scoring_operations.take_starter(
        cluster_year_id=world.year.pk,
        starter="ministry-bands",
        by=world.organiser_acting,
        now=f.NOW,
    )
    with pytest.raises(Conflict, match="bảng tiêu chí đã thay đổi"):
        f.freeze(world, pledge)
    pledge.refresh_from_db()
    assert (pledge.status, pledge.numbers.count()) == (P.AGREED, 0)


def test_what_is_consented_to_holds_the_caps_of_the_criteria():
    world, pledge = f.make_pledge_at(P.CIRCULATED)
    content = f.current_of(pledge).content
    assert content
    rows = content["criteria"]["rows"]
    stored = world.year.criteria_tables.get(status="DRAFT").criteria.order_by("order")
    assert [row["details"] for row in rows] == [c.details for c in stored]
    assert any("cap" in row["details"] for row in rows)
