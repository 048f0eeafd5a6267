"""Tables frozen by triggers are emptied between tests, and guarded again afterwards."""

import pytest
from django.db import connection

from core.guards import PREFIX


def guards() -> set[str]:
    """Name the guards that are in force."""
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if connection.vendor == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {name for (name,) in cursor.fetchall() if name.startswith(PREFIX)}


BEFORE: list[set[str]] = []


@pytest.mark.parametrize("turn", ["first", "second"])
@pytest.mark.django_db(transaction=True)
def test_guards_outlive_the_flush(turn):
    BEFORE.append(guards())
    assert BEFORE[0], "there is something to guard"
    assert guards() == BEFORE[0]
