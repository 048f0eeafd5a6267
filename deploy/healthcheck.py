"""Tell Docker whether this container does its work: `healthcheck.py web | worker | beat`."""

import os
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path


def web() -> None:
    """The server answers /healthz under a name it accepts."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0]
    request = urllib.request.Request("http://127.0.0.1:8000/healthz", headers={"Host": host})
    urllib.request.urlopen(request, timeout=4).close()


def worker() -> None:
    """The worker answers through the broker."""
    from config.celery import app

    if not app.control.ping(destination=["worker@giaouoc"], timeout=10):
        sys.exit("the worker does not answer")


def beat() -> None:
    """The clock runs, and the broker it rings through can be reached."""
    from config.celery import app

    os.kill(int(Path("/tmp/beat.pid").read_text(encoding="ascii")), 0)
    with app.connection_for_write(connect_timeout=4) as connection:
        connection.ensure_connection(max_retries=1)


if __name__ == "__main__":
    checks: dict[str, Callable[[], None]] = {"web": web, "worker": worker, "beat": beat}
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    checks[sys.argv[1]]()
