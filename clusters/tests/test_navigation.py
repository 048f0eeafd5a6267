"""The navigation: the course of the year in order, and one place at a time where somebody is."""

import re
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import User
from clusters.http import frame
from clusters.models import ClusterYear, YearStatus
from clusters.tests.factories import TODAY, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
COURSE = [
    "Năm thi đua", "Giao ước năm", "Tiến độ", "Sơ kết, tổng kết", "Chấm điểm", "Bảng điểm",
    "Điển hình",
]  # fmt: skip
SHELVES = ["Bảng tiêu chí", "Kho minh chứng", "Trung tâm in", "Nhật ký"]


def nav_of(acting, path, **session):
    """Return the places of the navigation as a page at this path shows them."""
    request: Any = RequestFactory().get(path)
    request.user = User.objects.get(pk=acting.user_id)
    request.session = session
    request.acting, request.appointments = acting, []
    request.now, request.today = None, TODAY
    request.found_work = []
    return frame(request)["frame"]["nav"]


def here(acting, path) -> list[str]:
    """Return the places marked as the one where somebody is."""
    return [item["label"] for item in nav_of(acting, path) if item["active"]]


def test_a_member_reads_the_year_in_its_order():
    world = make_world()
    nav = nav_of(world.officers[1], "/")
    assert [item["label"] for item in nav] == ["Việc của tôi", *COURSE, "Toàn cảnh", *SHELVES]
    assert [item["label"] for item in nav if item["divider"]] == ["Bảng tiêu chí"]


def test_the_organiser_has_all_clusters_before_one():
    world = make_world()
    labels = [item["label"] for item in nav_of(world.organiser_acting, "/")]
    assert labels == ["Việc của tôi", "Toàn cảnh", "Cụm, khối", *COURSE, *SHELVES]


def test_the_brand_and_a_place_are_not_called_the_same():
    world = make_world()
    assert "Giao ước" not in [item["label"] for item in nav_of(world.heads[0], "/")]


@pytest.mark.parametrize(
    ("name", "args", "place"),
    [
        ("reports:year", (), "Năm thi đua"),
        ("clusters:calendar", (), "Năm thi đua"),
        ("reports:board", (), "Toàn cảnh"),
        ("pledges:consent", (), "Giao ước năm"),
        ("pledges:progress_units", (), "Tiến độ"),
        ("pledges:reviews", ("so-ket",), "Sơ kết, tổng kết"),
        ("pledges:reviews", ("tong-ket",), "Sơ kết, tổng kết"),
        ("pledges:review", (7,), "Sơ kết, tổng kết"),
        ("scoring:sheet", (7,), "Chấm điểm"),
        ("scoring:vetoes", (), "Chấm điểm"),
        ("scoring:runs", (), "Bảng điểm"),
        ("scoring:publish_final", (), "Bảng điểm"),
        ("pledges:exemplars", (), "Điển hình"),
        ("scoring:table", (), "Bảng tiêu chí"),
        ("clusters:history", (), "Nhật ký"),
    ],
)
def test_one_place_is_marked(name, args, place):
    world = make_world()
    assert here(world.officers[1], reverse(name, args=[world.year.pk, *args])) == [place]


def test_where_no_place_belongs_none_is_marked():
    assert here(make_world().officers[1], "/tim/") == []


@pytest.mark.parametrize(
    ("status", "kind"), [(YearStatus.RUNNING, "so-ket"), (YearStatus.YEAREND, "tong-ket")]
)
def test_the_review_of_the_day_is_led_to(status, kind):
    world = make_world()
    ClusterYear.objects.update(status=status)
    nav = nav_of(world.officers[1], "/")
    url = next(item["url"] for item in nav if item["label"] == "Sơ kết, tổng kết")
    assert url == reverse("pledges:reviews", args=[world.year.pk, kind])


def test_the_administrator_sees_no_cluster():
    nav = nav_of(make_world().administrator, "/")
    assert [item["label"] for item in nav] == ["Việc của tôi", "Đơn vị", "Người dùng"]


def test_the_menu_of_the_phone_has_every_place():
    world = make_world()
    client = Client()
    client.force_login(User.objects.get(pk=world.officers[1].user_id))
    html = client.get(reverse("reports:year", args=[world.year.pk])).content.decode()
    menu = re.search(r'aria-label="Danh mục".*?</nav>', html, re.DOTALL)
    assert menu is not None
    for label in [*COURSE, *SHELVES, "Toàn cảnh"]:
        assert f'<span class="gu-nav-word">{label}</span>' in menu[0]
