"""The page of a year: who sees it, whose turn it shows, and that its size costs nothing."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clusters.models import Cluster, ClusterYear, Membership, YearStatus
from clusters.tests.factories import NOW, make_world
from pledges.models import PledgeStatus
from pledges.tests import factories
from pledges.tests.factories import make_pledge_at
from reports.models import Document
from reports.tests.pages import MORNING, client_of, make_files, same_page, stop_clock, text_of

pytestmark = pytest.mark.django_db
P = PledgeStatus


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    stop_clock(monkeypatch)


def get(acting, world):
    return client_of(acting).get(reverse("reports:year", args=[world.year.pk]))


def test_stranger_sees_what_somebody_sees_who_asks_for_nothing():
    world, other = make_world(), make_world(prefix="hn")
    for acting in (other.heads[0], other.organiser_acting, world.administrator):
        client = client_of(acting)
        foreign = client.get(reverse("reports:year", args=[world.year.pk]))
        unknown = client.get(reverse("reports:year", args=[999_999]))
        assert foreign.status_code == 404
        assert same_page(foreign, unknown)


def test_nobody_logged_in_is_led_to_the_log_in():
    world = make_world()
    answer = client_of(None).get(reverse("reports:year", args=[world.year.pk]))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/dang-nhap/")


def test_every_place_in_the_cluster_sees_the_nine_tasks():
    world = make_world()
    for acting in (world.officers[2], world.heads[0], world.organiser_acting, world.organiser_head):
        page = get(acting, world)
        assert page.status_code == 200
        assert page.content.decode().count('class="gu-year-when"') == 9


@pytest.mark.parametrize(
    ("status", "who", "verb"),
    [
        (P.DRAFT, "lead officer", "Soạn tiếp"),
        (P.CIRCULATED, "head", "Cho ý kiến"),
        (P.CIRCULATED, "officer", "Góp ý"),
        (P.AGREED, "lead officer", "Chốt để ký"),
        (P.FROZEN, "lead officer", "Mở ký"),
        (P.SIGNING, "lead head", "Đọc và ký"),
        (P.SIGNING, "head", None),
        (P.SIGNING, "organiser", None),
        (P.SIGNED, "head", "In giao ước"),
    ],
)
def test_the_one_primary_action_is_what_waits_for_this_person(monkeypatch, status, who, verb):
    world, _ = make_pledge_at(status)
    stop_clock(monkeypatch, NOW if status in (P.DRAFT, P.CIRCULATED, P.AGREED) else MORNING)
    people = {
        "lead officer": world.officers[0],
        "lead head": world.heads[0],
        "officer": world.officers[2],
        "head": world.heads[2],
        "organiser": world.organiser_acting,
    }
    html = get(people[who], world).content.decode()
    assert html.count('class="btn btn-primary"') == (1 if verb else 0)
    if verb:
        assert f">{verb}</a>" in html


def test_a_year_not_begun_names_the_lead(monkeypatch):
    stop_clock(monkeypatch, NOW)
    world = make_world()
    assert "Bạn, thay mặt CA Quảng Ninh qb" in text_of(get(world.officers[0], world))
    others = text_of(get(world.officers[1], world))
    assert "Đang chờ CA Quảng Ninh qb" in others
    assert "chưa bắt đầu soạn" in others


def test_before_drafting_opens_the_year_waits_for_the_organiser(monkeypatch):
    stop_clock(monkeypatch, datetime(2026, 1, 20, tzinfo=UTC))
    words = text_of(get(make_world().officers[0], ClusterYearOf()))
    assert "mở 06/02" in words
    assert "0 việc xong, 1 việc đang làm, 8 việc chưa đến" in words


class ClusterYearOf:
    """The only year there is, where a world is asked for."""

    @property
    def year(self):
        return ClusterYear.objects.get()


def test_consents_and_signatures_are_shown_at_a_glance(monkeypatch):
    stop_clock(monkeypatch, NOW)
    world, pledge = make_pledge_at(P.CIRCULATED)
    factories.consent(world, pledge, 1)
    factories.consent(world, pledge, 2, agrees=False, reason="Mức 80 quá cao")
    words = text_of(get(world.officers[0], world))
    assert "Ý kiến về bản 1" in words
    for part in ("Thống nhất", "Chưa thống nhất", "Chưa có ý kiến", "1/3 đơn vị thống nhất"):
        assert part in words

    pledge = factories.consent_all(world, pledge)
    pledge = factories.open_signing(world, factories.freeze(world, pledge))
    factories.sign(world, pledge, 0)
    stop_clock(monkeypatch)
    words = text_of(get(world.heads[1], world))
    for part in ("Chữ ký, 1/3", "Đã ký", "Đến lượt bạn", "Chưa đến lượt", "còn 6 ngày"):
        assert part in words


def test_papers_are_listed_with_their_numbers_and_open_once_they_exist():
    world, _ = make_pledge_at(P.SIGNING)
    waiting = text_of(get(world.heads[0], world))
    assert "Số 01/GƯTĐ-K1, bản sẽ ký, đang dựng PDF" in waiting
    make_files()
    document = Document.objects.get()
    html = get(world.heads[0], world).content.decode()
    assert f'href="{reverse("reports:document", args=[document.pk])}?xem=1"' in html
    assert "đang dựng PDF" not in html


def test_a_signed_year_lists_the_signed_print_only():
    world, _ = make_pledge_at(P.SIGNED)
    words = text_of(get(world.officers[2], world))
    assert "Số 01/GƯTĐ-K1, đã ký" in words
    assert "bản sẽ ký" not in words
    assert "Đủ 3/3 chữ ký" in words


def test_a_running_year_without_all_signatures_keeps_the_signing_open(monkeypatch):
    world, _ = make_pledge_at(P.SIGNING)
    ClusterYear.objects.update(status=YearStatus.RUNNING)
    stop_clock(monkeypatch, datetime(2026, 3, 20, 3, tzinfo=UTC))
    html = get(world.heads[0], world).content.decode()
    assert "Quá hạn" in html
    assert "quá 10 ngày" in html
    assert ">Đọc và ký</a>" in html


def test_only_the_organiser_looks_after_the_year_and_is_told_what_is_closed():
    world, _ = make_pledge_at(P.SIGNING)
    members = reverse("clusters:members", args=[world.year.pk])
    assert members not in get(world.officers[0], world).content.decode()
    page = get(world.organiser_acting, world)
    assert members in page.content.decode()
    assert "Thành viên đã chốt khi bắt đầu ký giao ước" in text_of(page)


def test_the_draft_of_the_lead_is_not_announced_to_others():
    world, _ = make_pledge_at(P.DRAFT)
    assert "Dự thảo giao ước, bản 1" in text_of(get(world.officers[0], world))
    assert "Dự thảo giao ước, bản 1" not in text_of(get(world.officers[1], world))


@pytest.mark.slow
def test_fifty_units_cost_as_many_statements_as_five():
    small = make_pledge_at(P.SIGNING, make_world(5, prefix="s5"))[0]
    large = make_pledge_at(P.SIGNING, make_world(50, prefix="s50"))[0]
    for name in ("year", "signing", "sign", "print_centre"):
        assert _statements(small, name) == _statements(large, name)


def _statements(world, name):
    make_files()
    client = client_of(world.heads[0])
    url = reverse(f"reports:{name}", args=[world.year.pk])
    assert client.get(url).status_code == 200
    with CaptureQueriesContext(connection) as asked:
        client.get(url)
    return len(asked)


def test_roles_are_called_as_the_cluster_calls_them():
    world = make_world()
    words = text_of(get(world.officers[2], world))
    assert "Thành lập khối, mở năm Khối trưởng CA Quảng Ninh qb" in words
    assert "CA Đồng Hới qb Khối phó" in words


def test_what_waits_in_another_cluster_of_the_same_name_is_not_shown_here(monkeypatch):
    stop_clock(monkeypatch, NOW)
    world, _ = make_pledge_at(P.CIRCULATED)
    other, _ = make_pledge_at(P.CIRCULATED, make_world(prefix="hn"))
    Cluster.objects.update(name="Cụm thi đua số 1")
    Membership.objects.filter(cluster_year=other.year, unit=other.units[2]).update(
        unit=world.units[2], kind="CUM"
    )
    address = reverse("pledges:consent", args=[other.year.pk])
    assert address not in get(world.heads[2], world).content.decode()
    assert address in get(world.heads[2], other).content.decode()


def test_where_the_unit_is_awaited_the_page_says_who_of_it_acts(monkeypatch):
    world, pledge = make_pledge_at(P.FROZEN)
    assert "Cán bộ đơn vị bạn thực hiện" in text_of(get(world.heads[0], world))
    assert "Không có việc nào chờ bạn" in text_of(get(world.heads[1], world))
    factories.open_signing(world, pledge)
    assert "Lãnh đạo đơn vị bạn ký" in text_of(get(world.officers[0], world))
