"""Two administrators at the same moment: somebody always keeps the installation."""

import pytest

from clusters import operations
from clusters.models import Appointment, Role
from clusters.tests.factories import NOW, TODAY, make_person
from core.policy import Refused
from core.tests.races import overlap

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def deactivating(who, by):
    return lambda: operations.set_active(
        user_id=who.user_id, active=False, reason="Chuyển công tác", by=by, now=NOW
    )


def test_two_administrators_cannot_close_each_other_at_the_same_moment():
    one = make_person("quantri.mot", Role.ADMINISTRATOR, None)
    two = make_person("quantri.hai", Role.ADMINISTRATOR, None)
    first, second = overlap(deactivating(one, two), deactivating(two, one))
    first.get()
    assert isinstance(second.error, Refused)
    assert Appointment.objects.current(TODAY).filter(role=Role.ADMINISTRATOR).count() == 1


def test_without_the_lock_nobody_administers_any_more(monkeypatch):
    monkeypatch.setattr(operations, "_lock_administrators", lambda: None)
    one = make_person("quantri.mot", Role.ADMINISTRATOR, None)
    two = make_person("quantri.hai", Role.ADMINISTRATOR, None)
    overlap(deactivating(one, two), deactivating(two, one))
    assert not Appointment.objects.current(TODAY).filter(role=Role.ADMINISTRATOR).exists()
