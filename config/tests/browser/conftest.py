"""Fixtures of the browser tests: one installation for each process, people at browsers."""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from config.tests.browser.installation import Installation, running
from config.tests.browser.people import Office
from config.tests.browser.people import office as open_office

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def installed(
    browser: "Browser",  # asked first: without Chromium nothing needs to be started
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    """The running installation, shared by the browser tests of this process."""
    with running(tmp_path_factory.mktemp("cai-dat")) as installation:
        yield installation


@pytest.fixture
def installation(installed: Installation, django_db_blocker: Any) -> Iterator[Installation]:
    """The running installation, with the ORM of this test on its database."""
    with django_db_blocker.unblock(), installed.work_on():
        yield installed


@pytest.fixture
def office(browser: "Browser", installation: Installation) -> Iterator[Office]:
    """Browsers for the people of one test."""
    with open_office(browser, installation.url) as opened:
        yield opened


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Show beside a failure what every person had on the screen."""
    report = yield
    opened = getattr(item, "funcargs", {}).get("office")
    if report.when == "call" and report.failed and isinstance(opened, Office):
        for person in opened.people.values():
            report.sections.append((f"Screen of {person.name or 'a stranger'}", person.screen()))
    return report
