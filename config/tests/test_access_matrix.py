"""Every address × everybody × every method: what is not declared is refused.

The addresses come from the URLconf and the rules from the declarations on the views; what is
expected follows from both and from the table in `config/tests/realm.py`. An address of another
cluster and an address that does not exist look the same.
"""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import Audience
from config.tests import realm as r
from config.tests.realm import ENTRIES, Entry, Realm
from pledges.models import PledgeStatus

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.one_database]
ADDRESSES = {address.name: address for address in r.addresses()}
#: The names in the table that the URLconf knows: pages are tried as they come.
NAMES = [name for name in ADDRESSES if name in ENTRIES and ADDRESSES[name].access]
#: Which methods a view answers is declared and held in one place; a few readers are enough.
EVERY_METHOD = {r.ANONYMOUS, r.LEAD_OFFICER, r.OTHER_HEAD, r.ADMINISTRATOR}


@pytest.fixture(scope="module")
def realm(kept: None) -> Realm:
    """Both clusters with a draft after a refusal: something of every kind exists."""
    return r.make_realm(PledgeStatus.DRAFT)


@pytest.fixture(autouse=True)
def _clock():
    with r.at():
        yield


def rule_of(name: str) -> Any:
    rule = ADDRESSES[name].access
    assert rule is not None
    return rule


def expected(name: str, role: str, method: str) -> set[int]:
    """Say what an address must answer, from its declaration and from whose object it is."""
    rule, entry = rule_of(name), ENTRIES[name]
    if rule.audience is not Audience.ANYONE:
        if role in r.NOT_LOGGED_IN:
            return {302}
        if role not in r.ADMITTED[rule.audience]:
            return {404}
    if method not in rule.methods:
        return {405}
    if role not in entry.sees:
        return {404}
    if role not in entry.works:
        return {403}
    return {entry.look if method == "GET" else entry.empty_form, 302}


def test_every_address_declares_who_may_open_it():
    undeclared = [a.route for a in ADDRESSES.values() if a.access is None]
    assert not undeclared, f"put @access(…) on the views of {undeclared}: they answer 404 to all"


def test_every_address_has_a_name_of_its_own():
    assert len(ADDRESSES) == len(r.addresses())
    assert all(ADDRESSES), "an address without a name"


def test_every_address_stands_in_the_table():
    missing = sorted(set(ADDRESSES) - set(ENTRIES))
    assert not missing, (
        f"new addresses {missing}: add a line to ENTRIES in config/tests/realm.py that says what "
        "stands for their arguments, who sees the object and who may work there"
    )


def test_the_table_names_no_address_that_is_gone():
    assert not set(ENTRIES) - set(ADDRESSES), sorted(set(ENTRIES) - set(ADDRESSES))


def test_the_table_fits_the_arguments(realm):
    for name in NAMES:
        assert realm.url(name).startswith("/")


@pytest.mark.parametrize("name", NAMES)
def test_matrix(realm, name):
    url = realm.url(name)
    wrong = []
    for role, client in realm.clients.items():
        methods = ["GET", "POST", *(["PUT", "DELETE"] if role in EVERY_METHOD else [])]
        for method in methods:
            with CaptureQueriesContext(connection) as queries:
                response = r.send(client, method, url)
            want = expected(name, role, method)
            if response.status_code not in want:
                wrong.append(f"{method} by {role}: {response.status_code} instead of {want}")
            elif want == {302}:
                assert response.url.startswith(f"{reverse('accounts:login')}?next="), (role, method)
            if word := r.foreign_word(role, response):
                wrong.append(f"{method} by {role} shows the other cluster: …{word}…")
            if written := _writes(queries, method, response):
                wrong.append(f"{method} by {role} wrote: {written}")
    assert not wrong, "\n".join([url, *wrong])


def _writes(queries: Any, method: str, response: Any) -> list[str]:
    """Return what was written where nothing may be: by looking, and where the answer was no."""
    if method == "POST" and response.status_code not in {403, 404, 405}:
        return []
    return [
        q["sql"][:80]
        for q in queries
        if q["sql"].startswith(("INSERT", "UPDATE", "DELETE")) and "django_session" not in q["sql"]
    ]


@pytest.mark.parametrize("name", [n for n in NAMES if "POST" in rule_of(n).methods])
def test_a_form_without_the_token_of_its_page_is_refused(realm, name):
    url = realm.url(name)
    for role in (r.ANONYMOUS, r.LEAD_OFFICER, r.HEAD, r.ORGANISER, r.ADMINISTRATOR):
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = realm.clients[role].cookies
        assert r.send(strict, "POST", url).status_code == 403, role


# One's own year, somebody else's row -----------------------------------------------------------
MIXED = [n for n in NAMES if len([a for a in ENTRIES[n].args if not a.startswith("=")]) > 1]


@pytest.mark.parametrize("name", MIXED)
def test_a_row_of_another_cluster_below_ones_own_year_does_not_exist(realm, name):
    entry: Entry = ENTRIES[name]
    own, other = realm.own.args(entry), realm.other.args(entry)
    mixed = reverse(name, args=[own[0], *other[1:]])
    if mixed == realm.url(name):
        return  # version 1 exists in both
    for role in r.INSIDE & entry.works:
        for method in rule_of(name).methods:
            response = r.send(realm.clients[role], method, mixed)
            # A row that somebody took out meanwhile: what was typed is kept, or one is led back.
            gone = {404, 302, 200} if method == "POST" else {404}
            assert response.status_code in gone, f"{method} {mixed} by {role}"
            assert r.OTHER_WORD not in r.text_of(response)


@pytest.mark.parametrize("name", [n for n in NAMES if ENTRIES[n].args])
def test_unknown_looks_like_forbidden(realm, name):
    """The page for somebody else's object is the page for an object that never was."""
    entry = ENTRIES[name]
    blocked = [x for x in r.OUTSIDE if expected(name, x, "GET") == {404}]
    never = dict.fromkeys(realm.own.values, 999_999_999)
    nowhere = reverse(
        name, args=[a[1:] if a.startswith("=") else str(never[a]) for a in entry.args]
    )
    for role in blocked:
        one = r.send(realm.clients[role], "GET", realm.url(name))
        two = r.send(realm.clients[role], "GET", nowhere)
        assert (one.status_code, two.status_code) == (404, 404)
        assert r.text_of(one) == r.text_of(two)
