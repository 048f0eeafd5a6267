"""Two people at the same moment, on a real PostgreSQL: a race that comes out the same every time.

The first act runs in its own thread and connection up to its audit event, the last thing it does
before the commit. There it stands still while the second act starts, until the database says that
the second waits for a lock, or the second has ended. `without_locks` takes the lock away: a race
whose negative control does not go wrong proves nothing.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, connections, models
from django.db.models import QuerySet

from core import audit

PATIENCE = 10.0


@dataclass
class Outcome:
    """What became of one act: what it returned, or what it raised."""

    result: Any = None
    error: BaseException | None = None

    def get(self) -> Any:
        """Return the result; an error of the act is an error of the test."""
        if self.error:
            raise self.error
        return self.result


class _Runner(threading.Thread):
    def __init__(self, name: str, act: Callable[[], Any]) -> None:
        super().__init__(name=name, daemon=True)
        self.act, self.outcome, self.backend = act, Outcome(), 0

    def run(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.backend = cursor.fetchone()[0]
            self.outcome.result = self.act()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test looks at it
            self.outcome.error = error
        finally:
            connections.close_all()


def _waits_or_ended(runner: _Runner) -> None:
    """Wait until the other act is stopped by a lock, or is over."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if not runner.is_alive():
            return
        if runner.backend:
            with connections["default"].cursor() as cursor:
                cursor.execute(
                    "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s",
                    [runner.backend],
                )
                row = cursor.fetchone()
            if row and row[0]:
                return
        time.sleep(0.01)
    raise TimeoutError("the second act neither waits for a lock nor ends")


def overlap(
    first: Callable[[], Any], second: Callable[[], Any], *, at: str = "core.audit.record"
) -> tuple[Outcome, Outcome]:
    """Run `second` while `first` stands in the middle of its transaction, at the function `at`."""
    late = _Runner("second", second)
    early = _Runner("first", first)
    met = threading.Event()

    def stop_here() -> None:
        if threading.current_thread() is early and not met.is_set():
            met.set()
            late.start()
            _waits_or_ended(late)

    with pytest.MonkeyPatch.context() as patch:
        module, _, name = at.rpartition(".")
        owner = audit if module == "core.audit" else __import__(module, fromlist=[name])
        original = getattr(owner, name)

        def paused(*args: Any, **kwargs: Any) -> Any:
            stop_here()
            return original(*args, **kwargs)

        patch.setattr(owner, name, paused)
        early.start()
        early.join(PATIENCE * 2)
        if not met.is_set():
            early.outcome.get()
            raise AssertionError(f"the first act never came to {at}")
        late.join(PATIENCE)
    assert not early.is_alive()
    assert not late.is_alive()
    return early.outcome, late.outcome


def all_at_once(acts: list[Callable[[], Any]]) -> list[Outcome]:
    """Let all acts go at the same moment, each on its own connection."""
    barrier = threading.Barrier(len(acts))

    def held(act: Callable[[], Any]) -> Callable[[], Any]:
        def go() -> Any:
            barrier.wait(PATIENCE)
            return act()

        return go

    runners = [_Runner(f"act {i}", held(act)) for i, act in enumerate(acts)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join(PATIENCE * 3)
    assert not any(runner.is_alive() for runner in runners)
    return [runner.outcome for runner in runners]


@contextmanager
def without_locks(*unlocked: type[models.Model]) -> Iterator[None]:
    """Let `select_for_update` lock nothing on these models: the negative control of a race."""
    original = QuerySet.select_for_update

    def maybe(self: QuerySet[Any], *args: Any, **kwargs: Any) -> QuerySet[Any]:
        if self.model in unlocked:
            return self.all()
        return original(self, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QuerySet, "select_for_update", maybe)
        yield
