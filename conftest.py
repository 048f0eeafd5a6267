"""What every test stands on: a place of its own to write, no way out to the network, real services.

Services are started only when a test asks for them and stopped at the end of the run. Where one
cannot be had, the test is skipped with the reason; REQUIRE_SERVICES=1 makes that a failure.
"""

import gc
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import hypothesis
import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import TransactionTestCase

from config.tests import migrated, services

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

VAR_DIR = pytest.StashKey[Path]()
DATABASE_FIXTURES: Final = {"db", "transactional_db", "live_server", "admin_user", "page"}
WorkerStarter = Callable[..., AbstractContextManager[services.Service]]


# How long an example takes says how busy the machine is, not whether the code is right.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options with which two runs share the tests between two databases."""
    parser.addoption(
        "--database-only",
        action="store_true",
        help="leave out tests that give the same answer on every database",
    )
    parser.addoption(
        "--database-later",
        action="store_true",
        help="leave out what a run with --database-only on another database tries",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Give this process its own folder, quick password hashing and its own place in Redis."""
    folder = Path(tempfile.mkdtemp(prefix="giaouoc-pytest-"))
    config.stash[VAR_DIR] = folder
    for name, part in {
        "FILES_DIR": "files",
        "MEDIA_ROOT": "media",
        "STATIC_ROOT": "static",
    }.items():
        (folder / part).mkdir()
        setattr(settings, name, folder / part)
    settings.VAR_DIR = folder
    # The manifest storage wants collectstatic first; tests look at pages, not at file names.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CELERY_BROKER_URL = _own_broker(settings.CELERY_BROKER_URL)
    # Celery reads this variable itself, before any setting.
    os.environ["CELERY_BROKER_URL"] = settings.CELERY_BROKER_URL
    # Playwright drives its loop in this thread; the ORM would refuse to work beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the folder of this process."""
    shutil.rmtree(config.stash[VAR_DIR], ignore_errors=True)


def _own_broker(url: str) -> str:
    """Each process of pytest-xdist gets a Redis database of its own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return f"{url.rpartition('/')[0]}/{worker}" if url.startswith("redis:") else url


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Carry out --database-only and --database-later: together they leave out nothing."""
    only, later = config.getoption("--database-only"), config.getoption("--database-later")
    if not (only or later):
        return
    rules = {item for item in items if _touches_database(item) and not _is_said_once(item)}
    if only:
        asked = [item for item in items if item in rules]
    else:
        both = {item for item in rules if item.get_closest_marker("both_databases")}
        asked = [item for item in items if item not in rules or item in both]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(asked)])
    items[:] = asked


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let the collector of garbage pass over what lives as long as the run: a sixth of its time."""
    gc.collect()
    gc.freeze()


def _is_said_once(item: pytest.Item) -> bool:
    """Whether a test says the same on every database.

    Tests of pages do, since the browser walks the pages on PostgreSQL, and whatever is marked so.
    """
    is_of_pages = item.path.name.startswith("test_views_")
    return is_of_pages or item.get_closest_marker("one_database") is not None


def _touches_database(item: pytest.Item) -> bool:
    marked = any(item.get_closest_marker(name) for name in ("django_db", "postgres", "redis"))
    asked = DATABASE_FIXTURES & set(getattr(item, "fixturenames", ()))
    kind = getattr(item, "cls", None)
    return marked or bool(asked) or (kind is not None and issubclass(kind, TransactionTestCase))


def _missing(reason: str) -> None:
    """Skip the test with the reason, or fail it where every service is required."""
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(f"REQUIRE_SERVICES=1: {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def _what_the_marker_needs(request: pytest.FixtureRequest) -> None:
    """Skip a test marked for something this run does not have."""
    if request.node.get_closest_marker("postgres") and connection.vendor != "postgresql":
        _missing("needs PostgreSQL as its database: script/with_services pytest …, or script/test")
    if request.node.get_closest_marker("pdf"):
        try:
            __import__("weasyprint")
        except OSError as fault:
            _missing(f"WeasyPrint lacks a system library: {str(fault).splitlines()[0]}")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: Any
) -> Iterator[None]:
    """Start from a database in which the migrations are applied already."""
    with ExitStack() as stack:
        with django_db_blocker.unblock():
            stack.enter_context(migrated.copied(connection))
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_way_out() -> Iterator[None]:
    """Refuse every connection that would leave this machine: the application needs none."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        patch.setattr(socket.socket, name, _only_here(getattr(socket.socket, name)))
    yield
    patch.undo()


def _only_here(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family != socket.AF_UNIX and not _is_here(str(address[0])):
            raise RuntimeError(f"A test tried to reach {address!r}; only this machine is allowed.")
        return connect(self, address)

    return guarded


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(autouse=True, scope="session")
def _flush_lifts_guards() -> Iterator[None]:
    """Let the flush after a TransactionTestCase empty tables whose rows are frozen by triggers."""
    from core.guards import suspended  # noqa: PLC0415 - the conftest must load without the apps

    flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def lifted(self: TransactionTestCase) -> None:
        with ExitStack() as stack:
            for name in self._databases_names(include_mirrors=False):  # type: ignore[attr-defined]
                stack.enter_context(suspended(connections[name]))
            flush(self)

    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", lifted)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Address of a real PostgreSQL: the one of this run, or one started for it."""
    if connection.vendor == "postgresql":
        yield os.environ["DATABASE_URL"]
        return
    with ExitStack() as stack:
        yield _service(stack, services.postgres).url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Address of a real Redis: the one of this run, or one started for it."""
    if str(settings.CELERY_BROKER_URL).startswith("redis:"):
        yield settings.CELERY_BROKER_URL
        return
    with ExitStack() as stack:
        yield _service(stack, services.redis_server).url


@pytest.fixture
def own_redis() -> Iterator[services.Service]:
    """A Redis for this one test, which may kill it."""
    with ExitStack() as stack:
        yield _service(stack, services.redis_server)


def _service(
    stack: ExitStack, start: Callable[[], AbstractContextManager[services.Service]]
) -> services.Service:
    try:
        return stack.enter_context(start())
    except services.Missing as fault:
        _missing(str(fault))
        raise


@pytest.fixture
def celery_worker_process(redis_url: str, transactional_db: None) -> WorkerStarter:
    """Starter of a real Celery worker on the test's own PostgreSQL, Redis and folder of files.

    `with celery_worker_process() as worker:`; the keyword `environment` adds variables and the
    positional arguments are options of `celery worker`.
    """
    if connection.vendor != "postgresql":
        _missing("a worker of its own needs PostgreSQL: script/with_services pytest …")
    at = connection.settings_dict
    database = f"postgresql://{at['USER']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"

    def start(
        *options: str, environment: Mapping[str, str] | None = None
    ) -> AbstractContextManager[services.Service]:
        own = {
            "DATABASE_URL": database,
            "CELERY_BROKER_URL": redis_url,
            "VAR_DIR": str(settings.VAR_DIR),
            "SECRET_KEY": settings.SECRET_KEY,
        }
        return services.celery_worker({**own, **(environment or {})}, *options)

    return start


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """The Chromium of the system, without a window."""
    program = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if program is None:
        _missing("Chromium is missing: apt-get install -y --no-install-recommends chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only browser tests pay for it

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: "Browser", live_server: Any) -> Iterator["Page"]:
    """A fresh window of a Vietnamese office desktop on the running application."""
    context = browser.new_context(
        base_url=live_server.url,
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
        viewport={"width": 1366, "height": 768},
    )
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()
