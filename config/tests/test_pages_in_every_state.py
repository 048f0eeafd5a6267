"""Whatever the state of the year, a page opens or says why not; it never fails and never leaks."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.access import Audience
from config.tests import realm as r
from config.tests.realm import ENTRIES, Realm
from core import inbox
from pledges.models import PledgeStatus

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.one_database]
#: What depends on the state: the pages of a year, and the inbox and lists that speak of years.
ABOUT_YEARS = {Audience.CLUSTER, Audience.ORGANISER}
NAMES = [
    a.name
    for a in r.addresses()
    if a.name in ENTRIES
    and a.access
    and (a.access.audience in ABOUT_YEARS or a.name.startswith("core:"))
]
METHODS = {a.name: a.access.methods for a in r.addresses() if a.access}


@pytest.fixture(scope="module", params=["CIRCULATED", "SIGNING", "SIGNED"])
def realm(request: pytest.FixtureRequest, kept: None) -> Iterator[Realm]:
    """Two clusters in one state."""
    with transaction.atomic():
        yield r.make_realm(PledgeStatus(request.param))
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _clock():
    with r.at():
        yield


@pytest.mark.parametrize("role", sorted(r.INSIDE))
def test_the_counter_of_a_page_leaves_no_work_out(realm, role):
    """A page asks only the sources that fit the state of the year; all of them find no more."""
    request = r.send(realm.clients[role], "GET", reverse("core:inbox")).wsgi_request
    assert request.found_work == inbox.work_of(request.acting, r.MOMENT)


@pytest.mark.parametrize("name", NAMES)
def test_every_page_answers_in_every_state(realm, name):
    url = realm.url(name)
    for role in (r.LEAD_OFFICER, r.HEAD, r.ORGANISER):
        for method in METHODS[name]:
            response = r.send(realm.clients[role], method, url)
            assert response.status_code in {200, 302, 403, 404}, f"{method} {url} by {role}"
            assert not r.foreign_word(role, response)
