"""Who reads whose points: role × openness × publication, in the rule, in lists and on pages."""

from itertools import product

import pytest
from django.urls import reverse

from clusters.acting import Acting
from clusters.models import ClusterYear, Membership, Openness
from clusters.policies import Place
from pledges.models import Exemplar
from pledges.tests import year as walk
from pledges.tests.pages import client_of, stop_clock, words
from scoring.models import Publication
from scoring.policies.openness import (
    Publicity,
    Reading,
    may_know_vetoes,
    may_read_points,
    rule_in_words,
)
from scoring.queries.evidence import elsewhere, store_of, uses_of
from scoring.queries.openness import reading_of, years_with_open_points
from scoring.tests import objections as o
from scoring.workflow import run as runs

P, O = Publicity, Openness  # noqa: E741 - read as a table
OWN, OTHER = 3, 4


def person(role: str, unit: int, member: str = "", *, organises: bool = False) -> Place:
    acting = Acting(1, "Đại tá Nguyễn Văn An", role=role, unit_id=unit)  # type: ignore[arg-type]
    return Place(acting, Membership(role=member) if member else None, is_organiser=organises)


ROLES = {
    "organiser": person("ORGANISER", 8, organises=True),
    "officer of the lead": person("OFFICER", 1, "LEAD"),
    "head of the lead": person("HEAD", 1, "LEAD"),
    "officer of the deputy": person("OFFICER", OWN, "DEPUTY"),
    "officer of a member": person("OFFICER", OWN, "MEMBER"),
    "head of a member": person("HEAD", OWN, "MEMBER"),
    "head of the organiser": person("HEAD", 8),
}
READS_ALL = {"organiser", "officer of the lead", "head of the lead"}
MEMBERS = {"officer of the deputy", "officer of a member", "head of a member"}
OPEN_TO_ALL = {(O.FINAL, P.FINAL), (O.ALL, P.PROVISIONAL), (O.ALL, P.FINAL)}


@pytest.mark.parametrize("who", ROLES)
def test_points_are_read_as_the_cluster_says(who):
    for openness, publicity in product(O, P):
        reading, case = Reading(openness, publicity), (openness, publicity)
        is_open = case in OPEN_TO_ALL
        place = ROLES[who]
        assert may_read_points(place, OTHER, reading) is (who in READS_ALL or is_open), case
        own = who in READS_ALL | MEMBERS or is_open
        assert may_read_points(place, OWN, reading) is own, case


@pytest.mark.parametrize("who", ROLES)
def test_why_a_unit_is_not_considered_is_told_whatever_the_cluster_says(who):
    assert may_know_vetoes(ROLES[who], OTHER) is (who in READS_ALL)
    assert may_know_vetoes(ROLES[who], OWN) is (who in READS_ALL | MEMBERS)


def test_the_rule_has_a_sentence_in_every_case():
    said = {rule_in_words(Reading(openness, publicity)) for openness, publicity in product(O, P)}
    assert len(said) == 4


# On real rows --------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def world(kept):
    return walk.approved_world()


@pytest.fixture
def still(monkeypatch):
    stop_clock(monkeypatch, walk.FINAL)


def publish(world, far: Publicity) -> None:
    if far is P.NONE:
        walk.make_run(world)
        return
    run = walk.make_run(world)
    walk.publish_provisional(world, run)
    if far is P.FINAL:
        walk.publish_final(world, run)


def set_rule(world, openness: Openness) -> None:
    ClusterYear.objects.filter(pk=world.year.pk).update(openness=openness)
    world.year.refresh_from_db()


@pytest.mark.django_db
@pytest.mark.parametrize("far", P)
def test_lists_of_papers_follow_the_same_rule_as_pages(world, far):
    publish(world, far)
    people = (
        world.officers[0], world.heads[0], world.officers[1], world.heads[2],
        world.organiser_acting, world.organiser_head,
    )  # fmt: skip
    for openness, acting in product(O, people):
        set_rule(world, openness)
        reading = reading_of(world.year)
        assert reading == Reading(openness, far)
        membership = world.year.memberships.filter(unit=acting.unit_id).first()
        place = Place(acting, membership, is_organiser=acting.is_organiser)
        listed = ClusterYear.objects.filter(years_with_open_points(acting), pk=world.year.pk)
        # A unit that does not take part stands for the units of others.
        assert listed.exists() is may_read_points(place, 0, reading), (openness, acting.role)


@pytest.mark.django_db
def test_the_store_tells_of_objections_as_far_as_the_rule_says(world):
    from config.tests.guarded_year import evidence  # noqa: PLC0415 - one row for the store

    publish(world, P.PROVISIONAL)
    set_rule(world, O.OWN)
    unit, line = world.units[2], o.direct_line(world)
    file, twin = evidence(world.year, unit, "e"), evidence(world.year, world.units[0], "e")
    row = o.draft(world, line, evidence=(file.pk,))

    def told(acting) -> list[bool]:
        """Whether the file is there, and whether it names the objection."""
        rows = store_of(acting, world.year, unit.pk)
        named = any("kiến nghị" in use for row in rows for use in row.uses)
        shields = [] if acting in world.officers[2:] else elsewhere(acting, [twin]).values()
        assert any("kiến nghị" in said for said in shields) is (named and bool(shields))
        return [file in [row.evidence for row in rows], named]

    own, lead, deputy = world.officers[2], world.officers[0], world.officers[1]
    assert world.year.memberships.get(unit=deputy.unit_id).role == "DEPUTY"
    judges = (lead, deputy, world.organiser_acting)
    assert told(own) == [True, True]
    for acting in judges:
        assert told(acting) == [False, False], "a draft is the unit's own, with its files"
        page = reverse("scoring:evidence_file", args=[world.year.pk, file.pk])
        assert client_of(acting).get(page).status_code == 404
    followed = Exemplar.objects.create(
        cluster_year=world.year, unit=unit, kind="MODEL", name="Camera an ninh",
        registered_at=o.TAKEN,
    )  # fmt: skip
    followed.evidence.add(file)
    assert all(told(acting) == [True, False] for acting in judges), "another use shows the file"
    followed.evidence.remove(file)
    assert all(told(acting) == [False, False] for acting in judges)
    o.send(world, row)
    assert [told(acting) for acting in (own, *judges)] == [
        [True, True], [True, True], [True, False], [True, True],
    ]  # fmt: skip
    set_rule(world, O.ALL)
    assert told(deputy) == [True, True]
    assert len(uses_of([file.pk])[file.pk]) == 1, "rules still ask for every use"


@pytest.mark.django_db
def test_a_revoked_result_stays_as_open_as_it_was(world):
    publish(world, P.FINAL)
    runs.revoke(
        cluster_year_id=world.year.pk, reason="Quyết định 05/QĐ-CAT", by=world.organiser_acting,
        now=walk.FINAL,
    )  # fmt: skip
    assert set(Publication.objects.values_list("status", flat=True)) == {"PROVISIONAL", "REVOKED"}
    assert reading_of(world.year).publicity is P.FINAL


@pytest.mark.django_db
@pytest.mark.usefixtures("still")
@pytest.mark.parametrize(
    ("far", "openness", "answer"),
    [
        (P.PROVISIONAL, O.OWN, 404), (P.PROVISIONAL, O.FINAL, 404), (P.PROVISIONAL, O.ALL, 200),
        (P.FINAL, O.OWN, 404), (P.FINAL, O.FINAL, 200),
    ],
)  # fmt: skip
def test_the_cards_of_another_unit_open_as_far_as_the_rule_says(world, far, openness, answer):
    publish(world, far)
    set_rule(world, openness)

    def url(name: str, *args: object) -> str:
        return reverse(f"scoring:{name}", args=[world.year.pk, *args])

    member, above = client_of(world.officers[1]), client_of(world.organiser_head)
    other, own = (url("run_unit", 1, world.units[at].pk) for at in (2, 1))
    assert member.get(other).status_code == above.get(other).status_code == answer
    assert member.get(own).status_code == 200
    board = words(member.get(url("scoreboard") + f"?mo={world.units[2].pk}"))
    assert ("thẻ giải thích" in board) is (answer == 200)
    assert rule_in_words(reading_of(world.year)) in board
