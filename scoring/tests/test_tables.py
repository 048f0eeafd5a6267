"""Criteria tables: taken whole from a ready-made one or another year, and fixed once in use."""

import json
from itertools import product

import pytest
from django.db import IntegrityError, transaction

from clusters.acting import Acting
from clusters.models import Membership
from clusters.policies import Place
from clusters.tests.factories import NOW, World, make_world
from core import audit
from core.models import AuditEvent
from core.policy import Invalid, Refused
from scoring import operations
from scoring.models import CriteriaTable, Criterion
from scoring.policies import may_choose_table
from scoring.queries import STARTERS, as_interchange, starters

pytestmark = pytest.mark.django_db
S = CriteriaTable.Status


@pytest.fixture(scope="module")
def world(kept: None) -> World:
    return make_world()


def take(world: World, starter: str = "front-100", by: Acting | None = None) -> CriteriaTable:
    return operations.take_starter(
        cluster_year_id=world.year.pk, starter=starter, by=by or organiser(world), now=NOW
    )


def organiser(world: World) -> Acting:
    assert world.organiser_acting is not None
    return world.organiser_acting


def standing(world: World) -> CriteriaTable:
    return CriteriaTable.objects.filter(cluster_year=world.year).exclude(status=S.REPLACED).get()


@pytest.mark.parametrize("starter", sorted(starters()))
def test_a_ready_made_table_is_stored_and_written_back_without_a_loss(world, starter):
    shipped = json.loads((STARTERS / f"{starter}.json").read_text(encoding="utf-8"))
    table = take(world, starter)
    assert as_interchange(table) == shipped
    assert table.criteria.count() == sum(1 for _ in nodes(shipped["groups"]))
    codes = list(table.criteria.values_list("code", flat=True))
    assert len(codes) == len(set(codes))


def nodes(groups):
    for node in groups:
        yield node
        yield from nodes(node.get("children", []))


def test_the_tree_is_stored_in_its_order(world):
    table = take(world, "police-1000")
    rows = {row.pk: row for row in table.criteria.order_by("order")}
    assert [row.order for row in rows.values()] == list(range(1, len(rows) + 1))
    for row in rows.values():
        parent = rows.get(row.parent_id) if row.parent_id else None
        assert row.depth == (parent.depth + 1 if parent else 0)
        assert parent is None or parent.order < row.order
        is_leaf = not any(other.parent_id == row.pk for other in rows.values())
        assert is_leaf or row.rule is None


def test_choosing_leaves_one_event_and_one_standing_table(world):
    last = AuditEvent.objects.count()
    take(world)
    take(world, "police-1000")
    events = AuditEvent.objects.filter(seq__gt=last).order_by("seq")
    assert [e.action for e in events] == ["scoring.table_chosen"] * 2
    assert audit.first_fault() is None
    assert str(standing(world)) in str(events[1].after)
    assert events[1].before


def test_a_table_of_another_year_is_copied_row_by_row(world):
    other = make_world(prefix="hd")
    theirs = take(other, "police-1000")
    with pytest.raises(Invalid):  # of a cluster one does not see
        operations.clone_table(
            cluster_year_id=world.year.pk, table_id=theirs.pk, by=organiser(world), now=NOW
        )
    mine = take(world, "ministry-bands")
    copy = operations.clone_table(
        cluster_year_id=world.year.pk, table_id=mine.pk, by=organiser(world), now=NOW
    )
    assert copy.pk != mine.pk
    shipped = json.loads((STARTERS / "ministry-bands.json").read_text(encoding="utf-8"))
    assert as_interchange(copy) == shipped


def test_an_unknown_starter_is_refused_at_its_field(world):
    for name in ("khong-co", "../starters/front-100", ""):
        with pytest.raises(Invalid) as refusal:
            take(world, name)
        assert refusal.value.field == "source"


def test_a_table_in_use_stays_whoever_asks(world):
    table = take(world)
    operations.put_in_use(cluster_year_id=world.year.pk)
    for by in (organiser(world), world.officers[0], world.heads[0]):
        with pytest.raises(Refused, match="đã thông qua"):
            take(world, "police-1000", by)
    assert standing(world).pk == table.pk
    for change in (
        lambda: Criterion.objects.filter(table=table).update(title="Khác"),
        lambda: CriteriaTable.objects.filter(pk=table.pk).update(scale_total=1),
        lambda: CriteriaTable.objects.filter(pk=table.pk).update(status=S.DRAFT),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_only_a_draft_is_put_in_use(world):
    table = take(world)
    operations.put_in_use(cluster_year_id=world.year.pk)
    CriteriaTable.objects.filter(pk=table.pk).update(status=S.REPLACED)
    operations.put_in_use(cluster_year_id=world.year.pk)
    assert CriteriaTable.objects.get(pk=table.pk).status == S.REPLACED


PLACES = {
    "organiser": Place(Acting(1, "A", role="ORGANISER", unit_id=8), is_organiser=True),
    "other organiser": Place(Acting(1, "A", role="ORGANISER", unit_id=9)),
    "lead officer": Place(Acting(1, "A", role="OFFICER", unit_id=1), Membership(role="LEAD")),
    "lead head": Place(Acting(1, "A", role="HEAD", unit_id=1), Membership(role="LEAD")),
    "deputy": Place(Acting(1, "A", role="HEAD", unit_id=2), Membership(role="DEPUTY")),
    "member": Place(Acting(1, "A", role="OFFICER", unit_id=3), Membership(role="MEMBER")),
    "administrator": Place(Acting(1, "A", role="ADMINISTRATOR")),
    "nobody": Place(Acting(1, "A")),
}


@pytest.mark.parametrize(("who", "status"), list(product(PLACES, [None, *S])))
def test_truth_table(who, status):
    table = CriteriaTable(status=status) if status else None
    verdict = may_choose_table(PLACES[who], table)
    chooses = who in {"organiser", "lead officer", "lead head"}
    assert bool(verdict) is (chooses and status in {None, S.DRAFT})
    assert bool(verdict) or verdict.reason.endswith(".")
