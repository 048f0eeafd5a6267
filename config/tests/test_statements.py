"""A page asks the database as often for fifty units as for five: no query in a loop, anywhere."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.access import Audience
from accounts.models import User
from config.tests import realm as r
from config.tests.realm import ENTRIES, Side
from pledges.models import PledgeStatus

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.one_database]
#: Whatever asks once for each unit differs by twenty; more units only take longer to make.
FEW, MANY = 5, 25
#: A page that needs more is looked at, whatever its size.
MOST = 60
ADDRESSES = {a.name: a for a in r.addresses() if a.access and "GET" in a.access.methods}
NAMES = [name for name in ADDRESSES if name in ENTRIES]
Counts = dict[str, tuple[int, int, list[str]]]


def reader_of(name: str, side: Side) -> User | None:
    """Return who works most on a page."""
    rule = ADDRESSES[name].access
    assert rule is not None
    people = {
        Audience.ANYONE: None,
        Audience.ADMINISTRATOR: side.world.administrator,
        Audience.ORGANISER: side.world.organiser_acting,
    }
    acting = people.get(rule.audience, side.world.lead_officer)
    if name in ("reports:sign", "reports:decline"):
        acting = side.world.heads[1]
    if name in (
        "pledges:consent", "pledges:propose", "scoring:sheet_done", "scoring:objection_done",
        "scoring:ballot_cast",
    ):  # fmt: skip
        acting = side.world.heads[1]
    if name in ("scoring:quotas", "scoring:quota", "scoring:nominations"):
        acting = side.world.organiser_acting
    if name in ("pledges:progress_submit", "pledges:progress_receipt", "pledges:review_done"):
        acting = side.world.officers[1]
    return User.objects.get(pk=acting.user_id) if acting else None


def count(status: PledgeStatus, size: int) -> Counts:
    """Return for each page its status and how many statements it takes, the second time."""
    with transaction.atomic():
        side = r.make_side(r.OWN_WORD, status, size)
        counts = {name: _ask(name, side) for name in NAMES}
        transaction.set_rollback(True)
    return counts


def _ask(name: str, side: Side) -> tuple[int, int, list[str]]:
    entry, user = ENTRIES[name], reader_of(name, side)
    client = r.logged_in(user) if user else r.Client()
    url = r.reverse(name, args=side.args(entry)) + entry.query
    client.get(url)  # remembers the year in the session, fills caches of the process
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)
    return response.status_code, len(queries), [q["sql"] for q in queries]


@pytest.fixture(scope="module", params=[PledgeStatus.DRAFT, PledgeStatus.SIGNING])
def counts(request: pytest.FixtureRequest, kept: None) -> Iterator[tuple[Counts, Counts]]:
    """Every page, with few units and with many."""
    with r.at():
        yield count(request.param, FEW), count(request.param, MANY)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_statements_for_any_number_of_units(counts, name):
    few, many = (found[name] for found in counts)
    assert few[0] == many[0] != 404
    more = list(many[2])
    for sql in few[2]:
        if sql in more:
            more.remove(sql)
    assert few[1] == many[1], "\n".join(sql[:300] for sql in more[:12])
    assert many[1] <= MOST


def test_the_test_would_notice_a_query_in_a_loop(kept):
    """The negative control: a page that asks once per unit differs."""
    with transaction.atomic():
        side = r.make_side(r.OWN_WORD, PledgeStatus.CIRCULATED, FEW)
        with CaptureQueriesContext(connection) as queries:
            for member in side.world.year.memberships.all():
                str(member.unit)
        transaction.set_rollback(True)
    assert len(queries) == FEW + 1
