"""The criteria table of a year: chosen once, read by all, every rule in words."""

import json
from uuid import uuid4

import pytest
from django.urls import reverse

from clusters.tests.factories import NOW, make_world
from clusters.tests.pages import client_of, sent, words
from scoring import operations
from scoring.models import CriteriaTable
from scoring.queries import RULE_KINDS, STARTERS, rows_of, starters

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world()


def take(world, starter="front-100"):
    return operations.take_starter(
        cluster_year_id=world.year.pk, starter=starter, by=world.organiser_acting, now=NOW
    )


def test_the_organiser_takes_a_ready_made_table_once(world):
    browser, url = (
        client_of(world.organiser_acting),
        reverse("scoring:choose_table", args=[world.year.pk]),
    )
    data = sent(source="mau:police-1000")
    first, second = browser.post(url, data), browser.post(url, data)
    assert first["Location"] == second["Location"]
    assert CriteriaTable.objects.get().scale_total == 1000


def test_the_table_of_another_year_is_copied(world):
    take(world)
    other = make_world(2, prefix="hn")
    url = reverse("scoring:choose_table", args=[other.year.pk])
    browser = client_of(other.organiser_acting)
    foreign = CriteriaTable.objects.get().pk
    assert "không có trong danh sách" in words(browser.post(url, sent(source=f"bang:{foreign}")))
    assert CriteriaTable.objects.count() == 1


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("", "Chưa chọn bảng tiêu chí."),
        ("mau:../../x", "không có trong danh sách"),
        ("bang:x", "không có"),
    ],
)
def test_a_bad_choice_is_refused_at_the_field(world, source, sentence):
    url = reverse("scoring:choose_table", args=[world.year.pk])
    response = client_of(world.organiser_acting).post(url, sent(source=source))
    assert response.status_code == 200
    assert sentence in words(response)
    assert not CriteriaTable.objects.exists()


def test_a_member_reads_the_table_and_is_told_who_chooses_it(world):
    take(world)
    browser = client_of(world.officers[2])
    text = words(browser.get(reverse("scoring:table", args=[world.year.pk])))
    assert "Cơ quan thường trực hoặc đơn vị trưởng soạn bảng tiêu chí; bạn đang xem." in text
    assert "thang 100 điểm" in text
    refused = browser.post(
        reverse("scoring:choose_table", args=[world.year.pk]), sent(source="mau:police-1000")
    )
    assert "Cơ quan thường trực hoặc đơn vị trưởng" in words(refused)
    assert CriteriaTable.objects.get().scale_total == 100


def test_a_table_in_use_is_locked_and_says_why(world):
    take(world)
    operations.put_in_use(cluster_year_id=world.year.pk)
    browser = client_of(world.organiser_acting)
    text = words(browser.get(reverse("scoring:table", args=[world.year.pk])))
    assert "Bảng tiêu chí đã thông qua cùng giao ước nên không thay được" in text
    url = reverse("scoring:choose_table", args=[world.year.pk])
    assert "không thay được" in words(
        browser.post(url, {"token": str(uuid4()), "source": "mau:front-100"})
    )


@pytest.mark.parametrize("starter", sorted(starters()))
def test_every_rule_of_every_ready_made_table_is_told_in_words(world, starter):
    table = json.loads((STARTERS / f"{starter}.json").read_text(encoding="utf-8"))
    rows = {row.code: row for row in rows_of(take(world, starter))}

    def check(node) -> None:
        row = rows[node["code"]]
        if "rule" in node:
            assert row.rule == RULE_KINDS[node["rule"]["kind"]]
        for child in node.get("children", []):
            check(child)

    for group in table["groups"]:
        check(group)
    assert (
        client_of(world.officers[0]).get(reverse("scoring:table", args=[world.year.pk])).status_code
        == 200
    )


def test_sums_of_groups_without_a_maximum_come_from_their_leaves(world):
    table = take(world)
    group = table.criteria.get(code="I")
    leaves = sum(c.max_points or 0 for c in table.criteria.filter(parent=group))
    table.criteria.filter(pk=group.pk).update(max_points=None)
    row = next(r for r in rows_of(table) if r.code == group.code)
    assert row.points == f"{leaves:.0f}"


def test_the_details_of_rules_read_as_sentences(world):
    details = " | ".join(row.detail for row in rows_of(take(world, "police-1000")))
    assert "từ 95 dưới 98: 16" in details
    assert "mỗi lần trừ 5 điểm" in details
    assert "Khiển trách trừ 5; Cảnh cáo trở lên trừ 10" in details
    details = " | ".join(row.detail for row in rows_of(take(world, "ministry-bands")))
    assert "Tốt 4; Khá 3; Trung bình 1,5; Yếu 0" in details


def test_strangers_see_no_table(world):
    take(world)
    other = make_world(2, prefix="hn")
    for name in ("table", "choose_table"):
        url = reverse(f"scoring:{name}", args=[world.year.pk])
        for person in (other.officers[0], other.organiser_acting, world.administrator):
            assert client_of(person).get(url).status_code == 404


def test_the_table_asks_the_same_number_of_statements_at_any_size(
    world, django_assert_max_num_queries
):
    counts = []
    browser, url = client_of(world.officers[1]), reverse("scoring:table", args=[world.year.pk])
    for starter in ("agency-movement-100", "police-1000"):
        take(world, starter)
        browser.get(url)
        with django_assert_max_num_queries(60) as asked:
            browser.get(url)
        counts.append(len(asked))
    assert counts[0] == counts[1]
