"""A delegation is worth what the delegator's own appointment is worth."""

from datetime import timedelta

import pytest

from clusters.models import Appointment, Role
from clusters.tests.factories import TODAY, make_person, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def lent():
    unit = make_unit("QB-01", "Công an huyện Quảng Ninh")
    head = make_person("lanhdao", Role.HEAD, unit)
    own = Appointment.objects.get(user=head.user_id)
    deputy = make_person(
        "pho", Role.HEAD, unit, delegated_by=own, decision="Giấy ủy quyền số 05/GUQ"
    )
    return own, Appointment.objects.get(user=deputy.user_id)


def test_it_holds_while_the_delegator_is_in_office(lent):
    assert set(Appointment.objects.current(TODAY)) == set(lent)


def test_it_ends_on_the_day_the_delegator_leaves_office(lent):
    own, delegated = lent
    own.ends_on = TODAY
    own.save(update_fields=["ends_on"])
    assert delegated in Appointment.objects.current(TODAY)
    assert delegated not in Appointment.objects.current(TODAY + timedelta(days=1))


def test_it_ends_with_the_delegators_account(lent):
    own, delegated = lent
    own.user.is_active = False
    own.user.save(update_fields=["is_active"])
    assert delegated not in Appointment.objects.current(TODAY)
