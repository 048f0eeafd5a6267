"""Who may know of which unit, cluster and year: the queries every page starts from."""

from datetime import date, timedelta

import pytest

from accounts.models import User
from clusters.acting import Acting
from clusters.models import Appointment, Cluster, ClusterYear, Cycle, Role, Unit
from clusters.tests.factories import TODAY, World, make_person, make_unit, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def worlds(kept: None) -> tuple[World, World]:
    return make_world(), make_world(prefix="hd")


def everybody(world: World) -> list[Acting]:
    return [*world.officers, *world.heads, world.organiser_acting, world.organiser_head]


def test_everybody_sees_the_year_of_their_own_cluster_and_no_other(worlds):
    for own, other in (worlds, worlds[::-1]):
        for acting in everybody(own):
            assert list(ClusterYear.objects.visible_to(acting)) == [own.year], acting
            assert list(Cluster.objects.visible_to(acting)) == [own.cluster], acting
            seen = set(Unit.objects.visible_to(acting))
            assert set(own.units) <= seen
            assert not seen & {*other.units, other.organiser}, acting


def test_the_administrator_keeps_the_register_and_sees_no_business(worlds):
    administrator = worlds[0].administrator
    assert not ClusterYear.objects.visible_to(administrator).exists()
    assert not Cluster.objects.visible_to(administrator).exists()
    assert Unit.objects.visible_to(administrator).count() == Unit.objects.count()


def test_without_an_appointment_nothing_is_visible(worlds):
    nobody = Acting(worlds[0].heads[0].user_id, "Đại tá A")
    for model in (ClusterYear, Cluster):
        assert not model.objects.visible_to(nobody).exists()
    assert not Unit.objects.visible_to(nobody).exists()


def test_a_unit_that_left_the_cluster_sees_the_years_it_was_in(worlds):
    own, _ = worlds
    leaving = own.heads[2]
    own.year.memberships.filter(unit=own.units[2]).delete()
    assert not ClusterYear.objects.visible_to(leaving).exists()


def test_an_organiser_sees_all_years_of_its_clusters_and_a_member_its_own(worlds):
    own, _ = worlds
    cycle = Cycle.objects.create(
        organiser=own.organiser, year=2025, starts_on=date(2024, 12, 15),
        ends_on=date(2025, 12, 14), theme="Năm trước",
    )  # fmt: skip
    before = ClusterYear.objects.create(cluster=own.cluster, cycle=cycle)
    assert before in ClusterYear.objects.visible_to(own.organiser_acting)
    assert before not in ClusterYear.objects.visible_to(own.heads[0])


@pytest.mark.parametrize(
    ("starts", "ends", "current"),
    [
        (TODAY, None, True),
        (TODAY + DAY, None, False),
        (TODAY - 9 * DAY, TODAY, True),
        (TODAY - 9 * DAY, TODAY - DAY, False),
    ],
)
def test_an_appointment_counts_from_its_first_to_its_last_day(starts, ends, current):
    acting = make_person("canbo", Role.ADMINISTRATOR, None)
    own = Appointment.objects.filter(user=acting.user_id)
    own.update(starts_on=starts, ends_on=ends)
    assert own.current(TODAY).exists() is current
    User.objects.filter(pk=acting.user_id).update(is_active=False)
    assert not own.current(TODAY).exists()


@pytest.mark.parametrize(
    ("opened", "closed", "is_open"),
    [
        (None, None, True),
        (TODAY, None, True),
        (TODAY + DAY, None, False),
        (None, TODAY + DAY, True),
        (None, TODAY, False),
    ],
)
def test_a_unit_exists_until_the_day_before_it_closed(opened, closed, is_open):
    unit = make_unit("X", "Đơn vị X", opened_on=opened, closed_on=closed)
    assert (unit in Unit.objects.open_on(TODAY)) is is_open


@pytest.mark.parametrize(
    ("kind", "lead", "deputy", "noun", "symbol"),
    [
        ("CUM", "Cụm trưởng", "Cụm phó", "Cụm", "C1"),
        ("KHOI", "Khối trưởng", "Khối phó", "Khối", "K1"),
        ("KHU_VUC", "Trưởng khu vực", "Phó khu vực", "Khu vực", "KV1"),
    ],
)
def test_a_cluster_is_called_by_its_kind(kind, lead, deputy, noun, symbol):
    cluster = Cluster(kind=kind, code="1")
    assert (cluster.lead_title, cluster.deputy_title) == (lead, deputy)
    assert (cluster.noun, cluster.symbol) == (noun, symbol)
    cluster.code = "K7"
    assert cluster.symbol == "K7"
