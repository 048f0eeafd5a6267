"""What tests of the pledge's pages share: a clock that stands still, people, forms as served."""

import re
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from clusters.acting import Acting
from clusters.tests.factories import NOW, World

NOON = NOW + timedelta(hours=2)


def stop_clock(monkeypatch: pytest.MonkeyPatch, at: datetime = NOON) -> None:
    """Let every request of a test happen at one moment."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)


def client_of(acting: Acting | None) -> Client:
    """Return a browser in which this person is logged in."""
    assert acting is not None
    client = Client()
    user = User.objects.get(pk=acting.user_id)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def url(world: World, name: str, *args: object) -> str:
    """Return the address of a page of the world's pledge."""
    return reverse(f"pledges:{name}", args=[world.year.pk, *args])


def words(response) -> str:
    """Return what can be read on a page."""
    html = re.sub(
        r"<(script|style|svg|head).*?</\1>", " ", response.content.decode(), flags=re.DOTALL
    )
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("&quot;", '"').split())


class _Forms(HTMLParser):
    """Collect what a browser would send for each form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self._area = self._select = ""

    def handle_starttag(self, tag, attrs):
        at = dict(attrs)
        if tag == "form":
            self.forms.append({})
        name = at.get("name", "")
        if not self.forms or (not name and tag != "option"):
            return
        fields = self.forms[-1]
        if tag == "input" and (at.get("type") not in ("radio", "checkbox") or "checked" in at):
            fields[name] = at.get("value") or ("on" if at.get("type") == "checkbox" else "")
        elif tag == "textarea":
            self._area, fields[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in at or self._select not in fields):
            fields[self._select] = at.get("value") or ""

    def handle_endtag(self, tag):
        if tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data):
        if self._area:
            self.forms[-1][self._area] += data


def form_on(response, holding: str = "token") -> dict[str, str]:
    """Return the fields of the last form of a page that has a field of this name, as served."""
    parser = _Forms()
    parser.feed(response.content.decode())
    found = [form for form in parser.forms if holding in form]
    assert found, f"no form with {holding}"
    served = dict(found[-1])
    # A browser sends a text area without the line end that stands before its text.
    return {name: value.removeprefix("\n").removeprefix("\r\n") for name, value in served.items()}


def fill(client: Client, address: str, holding: str = "token", /, **typed: str) -> Any:
    """Open a page, type into its form and send it."""
    page = client.get(address)
    assert page.status_code == 200, words(page)
    return client.post(address, form_on(page, holding) | typed)


def sent(**values: object) -> dict[str, object]:
    """Return a form as a page sends it, with a token of its own."""
    return {"token": str(uuid4()), **values}
