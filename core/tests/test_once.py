"""A form is carried out once: the second click finds the first result."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import IntegrityError

from accounts.models import User
from core import once
from core.models import UsedToken
from core.policy import Refused
from core.tests.races import overlap

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)


class Act:
    """An act that counts how often it was carried out."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> str:
        self.times += 1
        return f"/ket-qua/{self.times}/"


def make_user(name: str = "canbo") -> User:
    return User.objects.create(username=name, full_name=name)


@pytest.mark.django_db
def test_the_second_click_finds_the_first_result():
    user, token, act = make_user(), uuid4(), Act()
    results = [once.carry_out(user_id=user.pk, token=token, now=NOW, act=act) for _ in range(3)]
    assert results == ["/ket-qua/1/"] * 3
    assert act.times == 1


@pytest.mark.django_db
def test_another_form_and_another_person_are_carried_out():
    user, token, act = make_user(), uuid4(), Act()
    once.carry_out(user_id=user.pk, token=token, now=NOW, act=act)
    once.carry_out(user_id=user.pk, token=uuid4(), now=NOW, act=act)
    once.carry_out(user_id=make_user("khac").pk, token=token, now=NOW, act=act)
    assert act.times == 3


@pytest.mark.django_db
def test_a_refused_act_leaves_the_form_usable():
    user, token, act = make_user(), uuid4(), Act()

    def refuse() -> str:
        raise Refused("Chưa được.")

    with pytest.raises(Refused):
        once.carry_out(user_id=user.pk, token=token, now=NOW, act=refuse)
    assert not UsedToken.objects.exists()
    assert once.carry_out(user_id=user.pk, token=token, now=NOW, act=act) == "/ket-qua/1/"


@pytest.mark.django_db
def test_a_broken_constraint_of_the_act_is_not_taken_for_a_second_click():
    user = make_user()

    def clash() -> str:
        make_user(user.username)
        return "/"

    with pytest.raises(IntegrityError):
        once.carry_out(user_id=user.pk, token=uuid4(), now=NOW, act=clash)


# The act itself is where the first click stands still while the second arrives.
def carried_out() -> None:
    """The point at which the two clicks meet."""


def clicking(user: User, token, act: Act):
    def acting() -> str:
        result = act()
        carried_out()
        return result

    return lambda: once.carry_out(user_id=user.pk, token=token, now=NOW, act=acting)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_act_once():
    user, token, act = make_user(), uuid4(), Act()
    click = clicking(user, token, act)
    first, second = overlap(click, click, at="core.tests.test_once.carried_out")
    assert first.get() == second.get() == "/ket-qua/1/"
    assert act.times == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_forms_at_the_same_moment_act_twice():
    user, act = make_user(), Act()
    overlap(
        clicking(user, uuid4(), act), clicking(user, uuid4(), act),
        at="core.tests.test_once.carried_out",
    )  # fmt: skip
    assert act.times == 2
