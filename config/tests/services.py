"""PostgreSQL, Redis and Celery workers for one test run: own folders and ports, gone at the end.

Used by the root conftest and by `script/with_services`, which starts PostgreSQL and Redis, tells a
command where they are (DATABASE_URL, CELERY_BROKER_URL) and stops them when the command ends. Every
process is started in a session of its own and stopped by its number, never by its name.
"""

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg2
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

ROOT: Final = Path(__file__).resolve().parent.parent.parent
#: Below the range from which the system takes the ports of outgoing connections.
PORTS: Final = range(20000, 32000)
START_SECONDS: Final = 30.0
#: Exit status when a service cannot be had (EX_UNAVAILABLE); pytest uses 0 to 5.
MISSING: Final = 69


class Missing(Exception):
    """A service cannot be had on this machine; the text says what to install."""


@dataclass
class Service:
    """A running service of the test run: where it is, and its process."""

    url: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        _end(self.process, signal.SIGKILL)


def free_port() -> int:
    """Return a port of this machine on which nobody listens now."""
    for _ in range(200):
        port = random.choice(PORTS)  # noqa: S311 - spreads parallel runs, is no secret
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise Missing("no free port between 20000 and 32000")


@contextmanager
def postgres() -> Iterator[Service]:
    """Run an empty PostgreSQL that forgets everything afterwards."""
    programs = _postgres_programs()
    with _folder() as folder:
        data = str(folder / "data")
        who = ["-U", "giaouoc", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        _run([str(programs / "initdb"), "-D", data, "--no-sync", *who])
        port = free_port()
        speed = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "jit=off"]
        place = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=60"]
        options = [part for option in speed + place for part in ("-c", option)]
        command = [
            str(programs / "postgres"),
            "-D",
            str(folder / "data"),
            "-p",
            str(port),
            *options,
        ]
        url = f"postgresql://giaouoc@127.0.0.1:{port}/postgres"
        with _running(command, url, port, folder / "postgres.log", signal.SIGINT) as service:
            _wait(service, lambda: psycopg2.connect(url).close(), psycopg2.OperationalError)
            yield service


@contextmanager
def redis_server(port: int | None = None) -> Iterator[Service]:
    """Run an empty Redis that keeps nothing on disk."""
    program = shutil.which("redis-server")
    if program is None:
        raise Missing("Redis is missing: apt-get install -y --no-install-recommends redis-server")
    port = port or free_port()
    with _folder() as folder:
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--appendonly", "no", "--dir", str(folder)]
        url = f"redis://127.0.0.1:{port}/0"
        with _running(command, url, port, folder / "redis.log", signal.SIGTERM) as service:
            client = redis.Redis(port=port, socket_timeout=1, retry=Retry(NoBackoff(), 0))
            try:
                _wait(service, client.ping, redis.RedisError)
            finally:
                client.close()
            yield service


@contextmanager
def celery_worker(environment: Mapping[str, str], *options: str) -> Iterator[Service]:
    """Run a real `celery -A config worker` with `environment` added, until it says it is ready."""
    with tempfile.TemporaryDirectory(prefix="giaouoc-worker-") as name:
        command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--concurrency=1"]
        command += ["--loglevel=INFO", *options]
        process_environment = {**os.environ, "LOG_LEVEL": "INFO", **environment}
        log = Path(name) / "worker.log"
        with _running(
            command, "", 0, log, signal.SIGTERM, environment=process_environment, as_self=True
        ) as service:

            def ready() -> None:
                if " ready." not in log.read_text(encoding="utf-8", errors="replace"):
                    raise TimeoutError("the worker has not said that it is ready")

            _wait(service, ready, TimeoutError)
            yield service


def _postgres_programs() -> Path:
    """Find the folder of PostgreSQL's programs, the newest first."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda p: int(p.parts[-3]),
        reverse=True,
    )
    on_path = shutil.which("initdb")
    candidates = [path.parent for path in found] + ([Path(on_path).parent] if on_path else [])
    if not candidates:
        raise Missing(
            "PostgreSQL is missing: apt-get install -y --no-install-recommends postgresql"
        )
    return candidates[0]


def _unprivileged() -> str | None:
    """Name the user for services that refuse to run as root; None where we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise Missing("running as root, and there is no user to run PostgreSQL as")


@contextmanager
def _folder() -> Iterator[Path]:
    """Make a folder that the unprivileged user owns; it is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="giaouoc-test-"))
    user = _unprivileged()
    try:
        if user:
            shutil.chown(folder, user)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(
        command, user=_unprivileged(), cwd="/", capture_output=True, check=False, text=True
    )
    if done.returncode:
        raise Missing(f"{command[0]} failed: {done.stderr.strip()}")


@contextmanager
def _running(
    command: Sequence[str],
    url: str,
    port: int,
    log: Path,
    farewell: signal.Signals,
    *,
    environment: Mapping[str, str] | None = None,
    as_self: bool = False,
) -> Iterator[Service]:
    """Run `command` until the block ends, then stop it and whatever it started."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            user=None if as_self else _unprivileged(),
            cwd=ROOT if as_self else "/",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield Service(url, port, process, log)
        finally:
            _end(process, farewell)


def _end(process: subprocess.Popen[bytes], farewell: signal.Signals) -> None:
    """Ask the process to stop; what is left of its session after ten seconds is killed."""
    if process.poll() is None:
        process.send_signal(farewell)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
    with suppress(ProcessLookupError):  # mostly the whole session has ended, as it should
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _wait(service: Service, attempt: Callable[[], object], not_yet: type[Exception]) -> None:
    """Try until the service answers; its own words explain when it does not."""
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            attempt()
        except not_yet as fault:
            text = service.log.read_text(encoding="utf-8", errors="replace")[-2000:]
            if service.process.poll() is not None:
                raise Missing(f"{service.process.args!r} ended: {text}") from fault
            if time.monotonic() > until:
                raise Missing(f"{service.process.args!r} does not answer: {text}") from fault
            time.sleep(0.05)
        else:
            return


def main(command: Sequence[str]) -> int:
    """Run `command` with both services at hand; its exit status, or MISSING."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with postgres() as database, redis_server() as broker:
            places = {"DATABASE_URL": database.url, "CELERY_BROKER_URL": broker.url}
            return subprocess.run(command, env={**os.environ, **places}, check=False).returncode
    except Missing as fault:
        sys.stderr.write(f"with_services: {fault}\n")
        return MISSING


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
