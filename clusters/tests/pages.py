"""What the tests of pages share: people who are logged in, forms as the page sends them."""

import re
from typing import Any
from uuid import uuid4

from django.test import Client

from accounts.models import User
from clusters.acting import Acting


def client_of(acting: Acting | None) -> Client:
    """Return a browser in which this person is logged in."""
    client = Client()
    assert acting is not None
    user = User.objects.get(pk=acting.user_id)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def words(response) -> str:
    """Return what can be read on a page."""
    html = re.sub(
        r"<(script|style|svg|head).*?</\1>", " ", response.content.decode(), flags=re.DOTALL
    )
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("&quot;", '"').split())


def sent(**values) -> dict[str, Any]:
    """Return a form as a page sends it, with a token of its own."""
    return {"token": str(uuid4()), **values}


def rows(prefix: str, *given: dict[str, Any], initial: int = 0) -> dict[str, Any]:
    """Return a grid as the page sends it."""
    data = {f"{prefix}-TOTAL_FORMS": str(len(given)), f"{prefix}-INITIAL_FORMS": str(initial)}
    for at, row in enumerate(given):
        data |= {f"{prefix}-{at}-{name}": str(value) for name, value in row.items()}
    return data
