"""A whole installation for browser tests: the real server with its worker, as an office runs it.

`manage.py up` starts in a folder and on a port of its own, on SQLite or, where this run has
PostgreSQL, on a new database there. Between the tests' own process and the installation nothing is
shared but the database (`work_on`), so what a test prepares with factories the pages show.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import psycopg2
from django.conf import settings
from django.contrib.auth import hashers
from django.db import connections

from config.tests import services

ROOT = Path(__file__).resolve().parents[3]
#: Until the first page answers: migrations, static files and gunicorn on a busy machine.
START_SECONDS = 120.0
#: What `pytest_configure` replaces for quick tests is put back: the server knows no MD5.
HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]


@dataclass
class Installation:
    """A running installation: where it answers, what it writes to, how to ask it."""

    port: int
    var: Path
    database: dict[str, object]
    environment: dict[str, str]
    log: Path

    @property
    def url(self) -> str:
        """Return the address of the installation."""
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of `manage.py` on this installation."""
        return subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, encoding="utf-8",
            check=False, timeout=120,
        )  # fmt: skip

    @contextmanager
    def work_on(self) -> Iterator[None]:
        """Let the ORM of this process see the installation's database, files and keys."""
        own = connections["default"]
        other = connections.create_connection("default")
        other.settings_dict = {**own.settings_dict, **self.database}
        replaced = {
            "VAR_DIR": self.var,
            "FILES_DIR": self.var / "files",
            "PUBLIC_URL": self.url,
            "PASSWORD_HASHERS": HASHERS,
        }
        with ExitStack() as stack:
            for name, value in replaced.items():
                stack.enter_context(mock.patch.object(settings, name, value))
            connections["default"] = other
            _forget_hashers()
            try:
                yield
            finally:
                other.close()
                connections["default"] = own
        _forget_hashers()


def _forget_hashers() -> None:
    hashers.reset_hashers(setting="PASSWORD_HASHERS")


@contextmanager
def running(folder: Path) -> Iterator[Installation]:
    """Start an empty installation in a folder; it is stopped and forgotten at the end."""
    port = services.free_port()
    var = folder / "var"
    with ExitStack() as stack:
        url, database = stack.enter_context(_database(var))
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment = {
            **kept,
            "VAR_DIR": str(var),
            "DATABASE_URL": url,
            "PORT": str(port),
            # Sessions that a test opens without the log-in page are signed with the same key.
            "SECRET_KEY": settings.SECRET_KEY,
            "SWEEP_SECONDS": "0.5",
            "PYTHONUTF8": "1",
        }
        log = folder / "server.log"
        command = [sys.executable, "manage.py", "up", "--no-demo"]
        process = stack.enter_context(_process(command, environment, log))
        installation = Installation(port, var, database, environment, log)
        _wait(installation, process)
        yield installation


@contextmanager
def _process(
    command: list[str], environment: dict[str, str], log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            services._end(process, services.signal.SIGTERM)


def _wait(installation: Installation, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", installation.port), 1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(installation.log.read_text(encoding="utf-8", errors="replace"))


@contextmanager
def _database(var: Path) -> Iterator[tuple[str, dict[str, object]]]:
    """Give (address for the server, settings for this process) of a database of its own."""
    at = connections["default"].settings_dict
    if connections["default"].vendor != "postgresql":
        path = var / "giaouoc.sqlite3"
        yield f"sqlite:///{path}", {"NAME": str(path)}
        return
    name = f"browser_{os.getpid()}"
    place = f"postgresql://{at['USER']}@{at['HOST']}:{at['PORT']}"
    _tell(f"{place}/postgres", f'CREATE DATABASE "{name}"')
    try:
        yield f"{place}/{name}", {"NAME": name}
    finally:
        _tell(f"{place}/postgres", f'DROP DATABASE "{name}" WITH (FORCE)')


def _tell(url: str, statement: str) -> None:
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        connection.cursor().execute(statement)
    finally:
        connection.close()
