"""People at a browser: each in a window of their own, finding things by their Vietnamese words."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clusters.tests.factories import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import (
        Browser,
        Download,
        Locator,
        Page,
        Request,
        Response,
        ViewportSize,
    )

#: Said by the browser of every answer above 399; which of them are faults `_answered` decides.
LOADED = "Failed to load resource"
#: Inside the browser: pictures in the page, and its own viewer of PDF.
OWN = ("data:", "blob:", "chrome:", "chrome-extension:", "chrome-untrusted:")
#: The browser reports what the content security policy kept from running.
WATCH = """document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));"""
DESK: "ViewportSize" = {"width": 1366, "height": 768}
PHONE: "ViewportSize" = {"width": 390, "height": 844}


class Person:
    """One person at one browser; whatever goes wrong behind the page is kept in `faults`."""

    def __init__(
        self, browser: "Browser", url: str, name: str = "", size: "ViewportSize | None" = None,
        *, scripts: bool = True,
    ) -> None:  # fmt: skip
        self.name, self.url = name, url
        self.faults: list[str] = []
        self.has_left = False
        self.context = browser.new_context(
            base_url=url, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", viewport=size or DESK,
            accept_downloads=True, java_script_enabled=scripts,
        )  # fmt: skip
        self.context.set_default_timeout(15_000)
        self.context.add_init_script(WATCH)
        self.context.on("request", self._asked)
        self.context.on("response", self._answered)
        self.context.on("page", self._watch)
        self.page: Page = self.context.new_page()

    # What must not happen ---------------------------------------------------------------------
    def _watch(self, page: "Page") -> None:
        page.on("pageerror", lambda fault: self._fault(f"script: {fault}"))
        page.on("console", self._said)

    def _said(self, message: Any) -> None:
        if message.type in {"error", "warning"} and LOADED not in message.text:
            self._fault(f"console: {message.text}")

    def _asked(self, request: "Request") -> None:
        if not request.url.startswith((self.url, *OWN)):
            self._fault(f"asked another host: {request.url}")

    def _answered(self, response: "Response") -> None:
        is_page = response.request.is_navigation_request()
        if response.status >= 500 or (response.status >= 400 and not is_page):
            self._fault(f"{response.status} for {response.request.method} {response.url}")

    def _fault(self, text: str) -> None:
        self.faults.append(f"{self.name} at {self.page.url}: {text}")

    # Getting about ----------------------------------------------------------------------------
    def log_in(self, password: str = PASSWORD) -> "Person":
        """Log in on the page where the browser is led."""
        if not self.page.url.startswith(f"{self.url}/dang-nhap/"):
            self.page.goto("/dang-nhap/")
        self.write("Tên đăng nhập", self.name)
        self.write("Mật khẩu", password)
        self.press("Đăng nhập")
        return self

    def open(self, path: str) -> "Person":
        """Go to an address, as from a bookmark or a message."""
        self.page.goto(path)
        return self

    def at(self) -> "Person":
        """Be at one's work: the inbox."""
        return self.open("/viec-cua-toi/")

    @property
    def path(self) -> str:
        """Return the path of the page."""
        return self.page.url.removeprefix(self.url).partition("#")[0]

    @property
    def main(self) -> "Locator":
        """Return the content of the page without mast and navigation."""
        return self.page.get_by_role("main")

    def heading(self) -> str:
        """Return the title of the page as it is read."""
        return self.page.get_by_role("heading", level=1).inner_text()

    def text(self) -> str:
        """Return the content of the page as it is read."""
        return self.main.inner_text()

    def sees(self, *words: str) -> "Person":
        """Wait until each of the words stands on the page."""
        for word in words:
            self.page.get_by_text(word).filter(visible=True).first.wait_for()
        return self

    # Acting -----------------------------------------------------------------------------------
    def press(self, label: str, *, within: "Locator | None" = None) -> "Person":
        """Press the button with this label."""
        place = within or self.page
        place.get_by_role("button", name=label, exact=True).click()
        return self

    def follow(self, label: str, *, within: "Locator | None" = None) -> "Person":
        """Follow the link with this label; the first where the page offers it twice."""
        place = within or self.page
        link = place.get_by_role("link", name=label, exact=True)
        link.filter(visible=True).first.click()
        return self

    def turn_to(self, label: str) -> "Person":
        """Follow a link of the main navigation."""
        return self.follow(label, within=self.page.get_by_label("Điều hướng chính"))

    def write(self, label: str, text: str, *, within: "Locator | None" = None) -> "Person":
        """Fill the field with this label."""
        self.field(label, within=within).fill(text)
        return self

    def choose(self, label: str, option: str, *, within: "Locator | None" = None) -> "Person":
        """Choose an option, by its words, in the list with this label."""
        self.field(label, within=within).select_option(label=option)
        return self

    def tick(self, label: str, *, within: "Locator | None" = None) -> "Person":
        """Tick a box or choose a radio button by the words beside it."""
        place = within or self.page
        place.get_by_text(label, exact=True).filter(visible=True).first.click()
        return self

    def field(self, label: str, *, within: "Locator | None" = None) -> "Locator":
        """Return the field with this label; marks like "(không bắt buộc)" may follow."""
        place = within or self.page
        exact = place.get_by_label(label, exact=True)
        marked = place.get_by_label(f"{label} (")
        return exact.or_(marked).first

    def download(self, act: Callable[[], object], folder: Path) -> Path:
        """Do what makes the browser save a file, and return the file."""
        with self.page.expect_download() as waiting:
            act()
        saved: Download = waiting.value
        path = folder / saved.suggested_filename
        saved.save_as(path)
        return path

    def screen(self) -> str:
        """Return address and text of the page, for a report of a failure."""
        if self.has_left:
            return "has left"
        try:
            return f"{self.page.url}\n{self.page.locator('body').inner_text(timeout=2000)}"
        except Exception as fault:  # noqa: BLE001 - a report must not fail itself
            return f"{self.page.url}\n{fault}"

    def leave(self) -> None:
        """Close the window; what went wrong in it is remembered."""
        if not self.has_left:
            self.has_left = True
            self.context.close()


class Office:
    """Everybody of a test; nobody may leave with a fault behind a page."""

    def __init__(self, browser: "Browser", url: str) -> None:
        self.browser, self.url = browser, url
        self.people: dict[str, Person] = {}

    def enter(
        self, name: str = "", size: "ViewportSize | None" = None, *, scripts: bool = True
    ) -> Person:
        """Open a browser for somebody who has not logged in."""
        person = Person(self.browser, self.url, name, size, scripts=scripts)
        self.people[f"{name}#{len(self.people)}"] = person
        return person

    def person(
        self, name: str, password: str = PASSWORD, size: "ViewportSize | None" = None
    ) -> Person:
        """Return the browser in which this person is logged in, logging in at first."""
        for key, person in self.people.items():
            if key.partition("#")[0] == name and not person.has_left:
                return person
        return self.enter(name, size).log_in(password)


@contextmanager
def office(browser: "Browser", url: str) -> Iterator[Office]:
    """Give browsers to people; at the end every fault behind a page fails the test."""
    opened = Office(browser, url)
    try:
        yield opened
    finally:
        for person in opened.people.values():
            person.leave()
    faults = [fault for person in opened.people.values() for fault in person.faults]
    assert not faults, "\n".join(faults)
