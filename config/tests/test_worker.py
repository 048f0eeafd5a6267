"""The worker inside the web process: one at a time, woken by the bell, patient with faults."""

import threading
import time
from collections.abc import Callable

import pytest
from django.conf import settings

from config import worker
from config.celery import app

SECONDS = 15.0


@app.task(name="config.tests.ring")
def ring(name: str) -> None:
    """Stand in for a job: note that the bell was heard, and take as long as the test wants."""
    HEARD.append(name)
    WAIT[0](0)


HEARD: list[str] = []
WAIT: list[Callable[[float], object]] = [lambda _: None]


def until(condition: Callable[[], object]) -> bool:
    """Wait for the other thread; False after a while."""
    end = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


@pytest.fixture
def calls(monkeypatch, tmp_path):
    """Replace what touches the database and return the list of what was called."""
    made: list[str] = []
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path / "var")
    monkeypatch.setattr(settings, "SWEEP_SECONDS", 0.01)
    monkeypatch.setattr(settings, "EMBEDDED_WORKER", False)
    for name in ("reset_orphans", "sweep", "follow_calendar", "remind"):
        monkeypatch.setattr(worker, name, lambda name=name: made.append(name))
    HEARD.clear()
    WAIT[0] = lambda _: None
    return made


@pytest.fixture
def start(calls):
    """Start workers that are all stopped at the end of the test."""
    started: list[worker.EmbeddedWorker] = []

    def one() -> worker.EmbeddedWorker:
        started.append(worker.start_embedded())
        return started[-1]

    yield one
    for each in started:
        assert each.stop(), "a thread of the worker is left over"


def test_what_a_dead_process_left_is_put_back_before_anything_else(start, calls):
    assert start().wait_until_working(SECONDS)
    assert until(lambda: "sweep" in calls)
    assert calls[0] == "reset_orphans"
    assert calls.count("reset_orphans") == 1


def test_bell_is_heard(start):
    assert start().wait_until_working(SECONDS)
    ring.delay("một")
    assert until(lambda: HEARD == ["một"])


def test_calendar_is_followed_less_often_than_lost_work_is_looked_for(start, calls):
    start()
    assert until(lambda: calls.count("sweep") >= 5)
    assert calls.count("follow_calendar") == 1
    assert calls.count("remind") == 1


def test_fault_in_the_clock_does_not_stop_it(start, calls, monkeypatch, caplog):
    def broken():
        calls.append("sweep")
        raise RuntimeError("the database is away")

    monkeypatch.setattr(worker, "sweep", broken)
    start()
    assert until(lambda: calls.count("sweep") >= 3)
    assert "Embedded worker: sweep failed" in caplog.text


def test_fault_in_the_worker_starts_it_again(start, monkeypatch):
    consume = worker._consume
    faults: list[int] = []

    def once_broken():
        if not faults:
            faults.append(1)
            raise RuntimeError("no memory")
        consume()

    monkeypatch.setattr(worker, "_consume", once_broken)
    start()
    ring.delay("hai")
    assert until(lambda: HEARD == ["hai"])


def test_only_one_process_of_an_installation_works(start, calls):
    first = start()
    assert first.wait_until_working(SECONDS)
    second = start()
    assert not second.wait_until_working(1.2)
    assert calls.count("reset_orphans") == 1
    assert first.stop()
    assert second.wait_until_working(SECONDS)
    assert calls.count("reset_orphans") == 2


def test_running_job_is_finished_before_the_worker_stops(start):
    let_go = threading.Event()
    WAIT[0] = lambda _: let_go.wait(SECONDS)
    embedded = start()
    ring.delay("ba")
    assert until(lambda: HEARD == ["ba"])
    assert not embedded.stop(grace=0.3), "the job is still running"
    let_go.set()
    assert embedded.stop()


def test_no_new_job_is_taken_once_asked_to_stop(start):
    embedded = start()
    assert embedded.wait_until_working(SECONDS)
    assert embedded.stop()
    ring.delay("bốn")
    assert not HEARD
    app.control.purge()
