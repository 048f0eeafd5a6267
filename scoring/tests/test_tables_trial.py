"""A draft tried on last year's figures: the engine's numbers, matched by code, nothing stored."""

import copy
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from clusters import operations as cluster_operations
from clusters.models import ClusterYear, MemberRole
from clusters.operations import MemberPlan, YearPlan
from clusters.tests.factories import NOW, World, default_stages, make_world
from clusters.tests.pages import client_of, words
from core.models import AuditEvent
from pledges.tests import year as walk
from scoring import operations
from scoring.models import CriteriaTable, RunLine, RunResult, ScoringRun
from scoring.queries.table import as_interchange, draft_of
from scoring.queries.table_trial import run_to_try_on, try_on

pytestmark = pytest.mark.django_db


def next_year(world: World, *, lead: int = 0) -> ClusterYear:
    """Open the year after of the same cluster, with last year's table as its draft."""
    roles = [MemberRole.LEAD if at == lead else MemberRole.MEMBER for at in range(3)]
    plan = YearPlan(
        cluster_id=world.cluster.pk, year=2027, starts_on=date(2026, 12, 15),
        ends_on=date(2027, 12, 14), theme="Phong trào năm 2027",
        members=[MemberPlan(u.pk, r) for u, r in zip(world.units, roles, strict=True)],
        stages=default_stages(date(2027, 2, 20)), decision_number="13/QĐ-CAT",
        decision_date=date(2027, 1, 6),
    )  # fmt: skip
    assert world.organiser_acting is not None
    year = cluster_operations.open_year(plan=plan, by=world.organiser_acting, now=NOW)
    table = CriteriaTable.objects.get(cluster_year=world.year, status="IN_USE")
    operations.clone_table(
        cluster_year_id=year.pk, table_id=table.pk, by=world.organiser_acting, now=NOW
    )
    return year


@pytest.fixture(scope="module")
def world(kept: None) -> World:
    return walk.published_world()


@pytest.fixture(scope="module")
def year(world: World) -> ClusterYear:
    return next_year(world)


def data_of(year: ClusterYear) -> dict[str, Any]:
    draft = draft_of(year)
    assert draft is not None
    return as_interchange(draft)


def leaf_in(table: dict[str, Any], code: str) -> dict[str, Any]:
    stack = list(table["groups"])
    while stack:
        node: dict[str, Any] = stack.pop()
        if node["code"] == code:
            return node
        stack += node.get("children", [])
    raise AssertionError(code)


def run_of(world: World) -> ScoringRun:
    return ScoringRun.objects.get(cluster_year=world.year)


def test_the_same_table_gives_the_same_result(world, year):
    found = run_to_try_on(world.lead_officer, year)
    assert found == (run_of(world), True)
    trial = try_on(data_of(year), found[0], world.lead_officer, is_published=True)
    assert not trial.leaves
    assert not trial.unmatched
    assert not trial.gone
    for row in trial.units:
        assert row.old == row.new
        assert not row.is_reranked
    totals = RunResult.objects.filter(run=found[0]).count()
    assert len(trial.units) == totals


def test_what_cannot_be_matched_is_listed_and_counts_as_not_assigned(world, year):
    table, before = data_of(year), AuditEvent.objects.count()
    changed = copy.deepcopy(table)
    leaves = [node for node, _ in _leaves(changed["groups"])]
    direct = next(leaf for leaf in leaves if leaf["rule"]["kind"] == "direct")
    levels = next((leaf for leaf in leaves if leaf["rule"]["kind"] == "levels"), None)
    other = next(leaf for leaf in leaves if leaf["rule"]["kind"] not in ("direct", "levels"))
    old_code = other["code"]
    other["code"] = "X.1"
    direct["rule"] = {"kind": "pass_fail"}
    if levels is not None:
        for level in levels["rule"]["levels"]:
            level["label"] += " (mới)"
    trial = try_on(changed, run_of(world), world.lead_officer, is_published=True)
    why = {leaf.code: leaf.why for leaf in trial.unmatched}
    assert why["X.1"] == "năm trước không có mã này"
    assert why[direct["code"]] == "cách tính mới cần số liệu khác"
    if levels is not None:
        assert "không có mức này" in why[levels["code"]]
    assert trial.gone == [old_code]
    assert AuditEvent.objects.count() == before
    assert ScoringRun.objects.filter(cluster_year=year).count() == 0


def test_leaves_that_change_most_come_first(world, year):
    changed = data_of(year)
    scored = RunLine.objects.filter(result__run=run_of(world), score__gt=0)
    codes = set(scored.values_list("code", flat=True))
    grows = ("percent_of_target", "pass_fail", "zero_tolerance", "deduct_per_event")
    leaves = [
        (node, above)
        for node, above in _leaves(changed["groups"])
        if node["rule"]["kind"] in grows and node["code"] in codes and "kind" not in above[0]
    ]
    leaf, above = leaves[0]
    leaf["max"], gained = str(int(leaf["max"]) + 7), 7
    for group in above:
        group["max"] = str(int(group["max"]) + gained)
    changed["scale_total"] = str(int(changed["scale_total"]) + gained)
    trial = try_on(changed, run_of(world), world.lead_officer, is_published=True)
    assert [one.code for one in trial.leaves] == [leaf["code"]]
    assert trial.leaves[0].moved.startswith("+")
    assert trial.units[0].old[0] != trial.units[0].new[0]


def test_points_that_are_closed_are_not_tried_into_the_open(world, year):
    """The lead of this year reads the single criteria of last year as any member does."""
    old = ClusterYear.objects.get(pk=world.year.pk)
    ClusterYear.objects.filter(pk=old.pk).update(openness="OWN")
    changed = data_of(year)
    leaf = next(n for n, _ in _leaves(changed["groups"]) if n["rule"]["kind"] == "direct")
    leaf["code"] = "X.1"
    run = ScoringRun.objects.select_related("cluster_year__cluster").get(cluster_year=old)
    whole = try_on(changed, run, world.organiser_acting, is_published=True)
    assert (whole.is_whole, len(whole.units)) == (True, RunResult.objects.filter(run=run).count())
    then_lead = try_on(changed, run, world.lead_officer, is_published=True)
    assert then_lead == whole
    member = try_on(changed, run, world.officers[1], is_published=True)
    assert not member.is_whole
    assert [row.name for row in member.units] == [world.units[1].name]
    assert member.reranked == sum(row.is_reranked for row in whole.units)
    assert all(row.units == 1 for row in member.leaves)
    assert try_on(changed, run, world.organiser_head, is_published=True).units == []
    ClusterYear.objects.filter(pk=old.pk).update(openness="FINAL")
    assert try_on(changed, run, world.officers[1], is_published=True).is_whole is False
    run = ScoringRun.objects.select_related("cluster_year__cluster").get(cluster_year=old)
    assert try_on(changed, run, world.officers[1], is_published=True) == whole


def test_the_page_of_another_lead_shows_the_own_unit_alone(world, year):
    ClusterYear.objects.filter(pk=world.year.pk).update(openness="OWN")
    year.memberships.filter(role="LEAD").update(role="MEMBER")
    year.memberships.filter(unit=world.units[1]).update(role="LEAD")
    text = words(client_of(world.officers[1]).get(reverse("scoring:table_trial", args=[year.pk])))
    assert "không mở cho đơn vị bạn" in text
    assert "không đơn vị nào đổi hạng" in text
    assert "Hạng mới" not in text
    assert world.units[1].name in text
    assert world.units[2].name not in text


def _leaves(nodes, above=()):
    for node in nodes:
        if "children" in node:
            yield from _leaves(node["children"], (*above, node))
        else:
            yield node, above


def test_the_page_says_what_it_tried_and_what_it_lacks(world, year):
    text = words(client_of(world.lead_officer).get(reverse("scoring:table_trial", args=[year.pk])))
    assert "Số liệu của phiên chấm 1" in text
    assert "Không tiêu chí nào có điểm thay đổi." in text
    other = make_world(prefix="kc")
    operations.take_starter(
        cluster_year_id=other.year.pk, starter="front-100", by=other.lead_officer, now=NOW
    )
    page = reverse("scoring:table_trial", args=[other.year.pk])
    assert "chưa có kết quả chấm điểm của năm trước" in words(
        client_of(other.lead_officer).get(page)
    )


def test_a_run_of_a_year_one_does_not_see_is_not_tried(world, year):
    stranger = make_world(prefix="nk")
    assert run_to_try_on(stranger.lead_officer, year) is None
    assert run_to_try_on(world.lead_officer, world.year) is None
