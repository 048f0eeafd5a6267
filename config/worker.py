"""The worker inside the web process, for an installation on one machine without Redis.

What is to be done stands in `Job` rows; Celery only rings the bell. Two daemon threads serve the
bell here: Celery's own worker on the in-memory broker, and a clock that looks for work whose bell
was lost and follows the calendar of the year. One process at a time per installation may be the
worker: it holds a lock on a file, which the system takes away when the process dies, so that what
a dead process left RUNNING can be put back without any guess about time.
"""

import fcntl
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from celery.worker import state as celery_state
from django.conf import settings
from django.db import close_old_connections

from clusters.tasks import follow_calendar
from config.celery import app
from reports.jobs import reset_orphans
from reports.tasks import remind, sweep

logger = logging.getLogger(__name__)

#: Seconds between two looks at the calendar of the year.
CALENDAR_SECONDS: Final = 60.0
#: Seconds between two looks for what is due in a few days.
REMINDER_SECONDS: Final = 3600.0
#: Seconds a running job is given to finish when the process is asked to stop.
GRACE_SECONDS: Final = 20.0
#: Seconds between two attempts to become the worker, or to start again after a failure.
PATIENCE_SECONDS: Final = 0.5


class EmbeddedWorker:
    """The two threads and the way to stop them."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._working = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin in the background; returns at once."""
        self._spawn(self._be_the_worker, "giaouoc-worker")

    def wait_until_working(self, seconds: float) -> bool:
        """Say whether this process became the worker within `seconds`."""
        return self._working.wait(seconds)

    def stop(self, grace: float = GRACE_SECONDS) -> bool:
        """Take no new job, give the running one `grace` seconds; True when nothing is left."""
        self._stopping.set()
        celery_state.should_stop = 0  # type: ignore[assignment] # None or an exit status
        until = time.monotonic() + grace
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _spawn(self, target: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _be_the_worker(self) -> None:
        with self._only_worker() as mine:
            if not mine:
                return
            _guarded("reset_orphans", reset_orphans)
            self._spawn(self._keep_time, "giaouoc-clock")
            self._working.set()
            # Before the look at `_stopping`, never after it: `stop` must not be overwritten.
            celery_state.should_stop = None
            while not self._stopping.is_set():
                _guarded("celery", _consume)
                self._stopping.wait(PATIENCE_SECONDS)

    @contextmanager
    def _only_worker(self) -> Iterator[bool]:
        """Hold the lock of the installation; False when asked to stop before it was free."""
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        with (settings.VAR_DIR / "worker.lock").open("w", encoding="ascii") as handle:
            while not self._stopping.is_set():
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    self._stopping.wait(PATIENCE_SECONDS)
                else:
                    yield True
                    return
            yield False

    def _keep_time(self) -> None:
        next_calendar = next_reminder = 0.0
        while not self._stopping.is_set():
            _guarded("sweep", sweep)
            if time.monotonic() >= next_calendar:
                next_calendar = time.monotonic() + CALENDAR_SECONDS
                _guarded("follow_calendar", follow_calendar)
            if time.monotonic() >= next_reminder:
                next_reminder = time.monotonic() + REMINDER_SECONDS
                _guarded("remind", remind)
            self._stopping.wait(settings.SWEEP_SECONDS)


def _consume() -> None:
    """Run Celery's worker in this thread until it is told to stop."""
    app.WorkController(
        pool="solo",
        concurrency=1,
        loglevel="WARNING",
        without_mingle=True,
        without_gossip=True,
        without_heartbeat=True,
    ).start()


def _guarded(name: str, work: Callable[[], object]) -> None:
    """Call `work`; a fault is logged and the thread lives on, with a fresh database connection."""
    try:
        work()
    except Exception:
        logger.exception("Embedded worker: %s failed", name)
    finally:
        close_old_connections()


def start_embedded() -> EmbeddedWorker:
    """Start the embedded worker of this process and return the handle that stops it."""
    # Whoever rings asks this first: a bell in the memory of a process without a worker is unheard.
    settings.EMBEDDED_WORKER = True
    worker = EmbeddedWorker()
    worker.start()
    return worker
