"""Every page for everybody: no barrier that axe knows, nothing sideways on a phone.

The addresses and who may open them come from the table of the access matrix. All pages are asked
for; those whose structure is new are looked at in the browser, wide and as on a phone.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from config.tests import realm as r
from config.tests.browser.installation import Installation
from config.tests.browser.people import Office, Person
from config.tests.browser.worlds import open_today
from config.tests.realm import ENTRIES, Side
from pledges.models import PledgeStatus

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE: Final = (Path(__file__).parents[1] / "vendor" / "axe.min.js").read_text(encoding="utf-8")
#: Frames hold the browser's own viewer of PDF, which is not ours to mend.
RUN: Final = """async () => {
  const found = await axe.run(document, {iframes: false, resultTypes: ["violations"]});
  return found.violations.flatMap((rule) => rule.nodes.map((node) =>
    `${rule.id}: ${node.html.slice(0, 200)} ${(node.any[0] || {}).message || ""}`)); }"""
#: The widest that stands out of the page; tables in their own scrolling place do not.
SIDEWAYS: Final = """() => { const page = document.scrollingElement;
  if (page.scrollWidth <= window.innerWidth) return "";
  const sticksOut = (one) => one.getBoundingClientRect().right > window.innerWidth + 1;
  const out = [...document.body.querySelectorAll("*")].filter((one) =>
    !one.closest(".gu-scroll, .table") && sticksOut(one));
  return `${page.scrollWidth} px, ${out.slice(-1).map((one) => one.outerHTML.slice(0, 160))}`; }"""
#: As high as any page: what is fixed at the foot of a phone must not lie over something.
TALL: Final = 5000
GETS: Final = [a.name for a in r.addresses() if a.access and "GET" in a.access.methods]
ROLES: Final = [
    r.ANONYMOUS, r.LEAD_OFFICER, r.LEAD_HEAD, r.OFFICER, r.HEAD, r.ORGANISER, r.WITNESS,
    r.OTHER_HEAD, r.ADMINISTRATOR,
]  # fmt: skip


Kinds = frozenset[tuple[str, ...]]


class Structure(HTMLParser):
    """What a page is made of, without its words: content and frame each on its own."""

    KEPT: Final = {"class", "role", "type", "aria-current", "aria-disabled", "hidden", "name"}

    def __init__(self) -> None:
        super().__init__()
        self.in_main = False
        self.content: set[tuple[str, ...]] = set()
        self.frame: set[tuple[str, ...]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.in_main = self.in_main or tag == "main"
        named = [f"{name}={value}" for name, value in attrs if name in self.KEPT]
        (self.content if self.in_main else self.frame).add((tag, *named))

    def handle_endtag(self, tag: str) -> None:
        self.in_main = self.in_main and tag != "main"


def structure_of(text: str) -> tuple[Kinds, Kinds]:
    """Return the kinds of elements in the content of a page, and in its frame."""
    parser = Structure()
    parser.feed(text)
    return frozenset(parser.content), frozenset(parser.frame)


@dataclass
class Look:
    """One who walks through the pages, and what was found."""

    person: Person
    seen: set[Kinds]
    found: list[str]

    def become(self, client: Client) -> None:
        """Look with the eyes of whoever is logged in there."""
        self.person.context.clear_cookies()
        if "sessionid" in client.cookies:
            value = client.cookies["sessionid"].value
            self.person.context.add_cookies(
                [{"name": "sessionid", "value": value, "url": self.person.url}]
            )

    def at(self, url: str, role: str) -> None:
        """Ask for a page and look at it if there is something new on it."""
        answer = self.person.context.request.get(url)
        if answer.status >= 500:
            self.found.append(f"{url} for {role}: {answer.status}")
        if "text/html" not in answer.headers.get("content-type", ""):
            return
        new = set(structure_of(answer.text())) - self.seen
        if not new:
            return
        self.seen |= new
        self._look(url, role)

    def _look(self, url: str, role: str) -> None:
        page = self.person.page
        page.set_viewport_size({"width": 1366, "height": 900})
        page.goto(url)
        page.evaluate(AXE)
        self._note(page.evaluate(RUN), f"{url} for {role}, 1366 px")
        for width in (360, 390):
            page.set_viewport_size({"width": width, "height": TALL})
            if sideways := page.evaluate(SIDEWAYS):
                self._note([f"scrolls sideways: {sideways}"], f"{url} for {role}, {width} px")
        self._note(page.evaluate(RUN), f"{url} for {role}, 390 px")

    def _note(self, faults: list[str], where: str) -> None:
        self.found += [f"{where}: {fault}" for fault in faults]


@pytest.fixture(scope="module")
def realm(installed: Installation, django_db_blocker: Any) -> r.Realm:
    """Two clusters with a draft after a refusal."""
    with django_db_blocker.unblock(), installed.work_on():
        made = r.make_realm(PledgeStatus.DRAFT)
        open_today(made.own.world)
        return made


@pytest.fixture(scope="module")
def seen() -> set[Kinds]:
    """What was looked at in this module."""
    return set()


@pytest.fixture
def look(office: Office, seen: set[Kinds]) -> Iterator[Look]:
    """One pair of eyes; what it found fails the test, all of it at once."""
    one = Look(office.enter("who looks"), seen, [])
    yield one
    assert not one.found, "\n".join(one.found)


@pytest.mark.parametrize("role", ROLES)
def test_every_page_for_everybody(look: Look, realm: r.Realm, role: str) -> None:
    look.become(realm.clients[role])
    for name in GETS:
        look.at(realm.url(name), role)


def test_enough_was_looked_at(look: Look, realm: r.Realm, seen: set[Kinds]) -> None:
    """After the walks above; asked for alone it looks at the pages of one role."""
    if not seen:
        test_every_page_for_everybody(look, realm, r.LEAD_OFFICER)
    assert len(seen) > len(GETS) // 2, "too few pages were looked at"


@pytest.mark.parametrize("status", ["CIRCULATED", "SIGNING", "SIGNED"])
def test_every_page_of_a_year_in_the_later_states(look: Look, status: str) -> None:
    side: Side = r.make_side(f"qw{status.lower()}", PledgeStatus(status), 3)
    open_today(side.world)
    people = {
        "officer of the lead": side.world.officers[0],
        "head": side.world.heads[1],
        "organiser": side.world.organiser_acting,
    }
    for role, acting in people.items():
        assert acting is not None
        look.become(r.logged_in(User.objects.get(pk=acting.user_id)))
        for name in (*[n for n in GETS if "year" in ENTRIES[n].args], "core:inbox"):
            entry = ENTRIES[name]
            look.at(reverse(name, args=side.args(entry)) + entry.query, role)


def test_wrong_forms_are_accessible_too(look: Look, realm: r.Realm) -> None:
    """A form sent empty shows its errors without a new barrier."""
    page = look.person.page
    forms = {
        "clusters:add_unit": r.ADMINISTRATOR, "clusters:add_person": r.ADMINISTRATOR,
        "clusters:add_appointment": r.ADMINISTRATOR, "clusters:add_cluster": r.ORGANISER,
        "clusters:open_year": r.ORGANISER, "clusters:calendar": r.ORGANISER,
        "clusters:extensions": r.ORGANISER, "pledges:target_new": r.LEAD_OFFICER,
        "pledges:signatories": r.LEAD_OFFICER, "accounts:change_password": r.OFFICER,
        "accounts:login": r.ANONYMOUS,
    }  # fmt: skip
    for name, role in forms.items():
        look.become(realm.clients[role])
        page.set_viewport_size({"width": 1366, "height": 900})
        page.goto(realm.url(name))
        page.evaluate("""() => { const form = document.querySelector("main form[method=post]");
            form.querySelectorAll("textarea, input:not([type=hidden], [type=radio])").forEach(
                (one) => { one.value = ""; });
            form.noValidate = true; form.requestSubmit(); }""")
        page.locator("[data-error-summary]").wait_for()
        page.evaluate(AXE)
        for width, height in ((1366, 900), (390, TALL)):
            page.set_viewport_size({"width": width, "height": height})
            look._note(page.evaluate(RUN), f"{name} with errors, {width} px")


def test_what_looks_at_the_pages_sees(office: Office) -> None:
    page = office.enter("who looks").open("/dang-nhap/").page
    page.evaluate(AXE)
    assert page.evaluate(RUN) == []
    assert page.evaluate(SIDEWAYS) == ""
    page.evaluate("""() => { document.querySelectorAll("label").forEach((one) => one.remove());
        document.querySelector("main").insertAdjacentHTML("beforeend", "<hr id=w>");
        document.getElementById("w").style.width = "3000px"; }""")
    assert any(fault.startswith("label: ") for fault in page.evaluate(RUN))
    assert "px" in page.evaluate(SIDEWAYS)


def test_the_table_of_addresses_is_complete() -> None:
    assert set(GETS) <= set(ENTRIES), json.dumps(sorted(set(GETS) - set(ENTRIES)))
