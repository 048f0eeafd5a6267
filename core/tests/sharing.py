"""One world for all tests of a module: made once, seen by each test as it was made."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction


@pytest.fixture(scope="module")
def kept(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A transaction around a module marked `django_db`; what its fixtures make is gone at its end.

    Each test runs in a savepoint inside it, so what one changes no other sees. Tests that commit
    (`transaction=True`) belong into a module of their own: they would wait for this one.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
