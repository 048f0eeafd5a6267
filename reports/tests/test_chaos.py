"""Real processes killed in the middle: every paper comes, once, and nothing is half done.

Each test first proves that its fault took effect; a fault that hits nothing proves nothing.
"""

import itertools
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from config.celery import app
from config.tests import services
from pledges.models import PledgeStatus as P
from pledges.tests import factories as f
from reports import jobs, storage
from reports.models import Document, Job, StoredFile
from reports.seal import check_seal

celery_app: Any = app
S = Job.Status
#: Seconds; a limit for a machine under load, not a measure.
PATIENCE = 180.0
ROOT = Path(__file__).resolve().parent.parent.parent
on_real_services = [
    pytest.mark.slow,
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.pdf,
    pytest.mark.django_db(transaction=True),
]


def wait_for(happened: Callable[[], object], what: str, every: float = 0.05) -> None:
    """Wait until something is so; how long it takes is not the matter of these tests."""
    until = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < until, f"never happened: {what}"
        time.sleep(every)


@pytest.fixture
def hold(tmp_path: Path) -> Path:
    """The folder by which the test holds the worker: see `slow_worker`."""
    folder = tmp_path / "hold"
    folder.mkdir()
    (folder / "hold").touch()
    return folder


def later(seconds: float = 30):
    return timezone.now() + timedelta(seconds=seconds)


def status(job: Job) -> str:
    return Job.objects.values_list("status", flat=True).get(pk=job.pk)


def sweep_until(wanted: str, *awaited: Job) -> None:
    """Sweep as if half a minute had passed each time, until the jobs stand as wanted."""
    ahead = itertools.count(30, 30)

    def reached() -> bool:
        jobs.sweep(later(next(ahead)))
        return all(status(job) == wanted for job in awaited)

    wait_for(reached, f"the job is {wanted}", every=0.5)


def assert_made_once(job: Job, attempts: int) -> None:
    job = Job.objects.get(pk=job.pk)
    assert (job.status, job.attempts) == (S.DONE, attempts)
    document = Document.objects.get(jobs=job)
    assert document.file is not None
    assert document.file == job.result
    assert storage.read(document.file.sha256).startswith(b"%PDF-")
    assert StoredFile.objects.count() == 1
    parts = [p for p in Path(django_settings.FILES_DIR).rglob("*") if p.name.endswith(".part")]
    assert parts == []


class TestOnPostgresAndRedis:
    """The production arrangement: a worker of its own, Redis as the bell."""

    pytestmark = on_real_services

    @pytest.fixture
    def start_worker(self, celery_worker_process, hold):
        return lambda **environment: celery_worker_process(
            "--include=reports.tests.slow_worker",
            environment={"HOLD_DIR": str(hold), **environment},
        )

    def test_a_worker_killed_in_mid_render_loses_and_doubles_nothing(self, start_worker, hold):
        with start_worker() as worker:
            f.make_pledge_at(P.FROZEN)
            job = Job.objects.get()
            wait_for((hold / f"begun-{job.pk}-1").exists, "the first attempt begins")
            worker.kill()
            assert worker.process.returncode == -signal.SIGKILL
        assert status(job) == S.RUNNING
        assert StoredFile.objects.count() == 0
        (hold / "hold").unlink()
        with start_worker():
            sweep_until(S.DONE, job)
        assert_made_once(job, attempts=2)

    def test_a_job_being_made_is_not_rung_for_again(self, start_worker, hold):
        with start_worker():
            f.make_pledge_at(P.FROZEN)
            job = Job.objects.get()
            wait_for((hold / f"begun-{job.pk}-1").exists, "the attempt begins")
            assert jobs.sweep(later(1000)) == 0
            (hold / "hold").unlink()
            wait_for(lambda: status(job) == S.DONE, "the job is done")
        assert_made_once(job, attempts=1)

    def test_a_poisoned_job_kills_three_workers_and_no_more(self, start_worker, hold):
        (hold / "die").touch()
        with start_worker():
            f.make_pledge_at(P.FROZEN)
            job = Job.objects.get()
            sweep_until(S.FAILED, job)
            # The worker is alive and does other work.
            (hold / "die").unlink()
            (hold / "hold").unlink()
            world = f.make_world(prefix="khac")
            f.make_pledge_at(P.FROZEN, world)
            other = Job.objects.exclude(pk=job.pk).get()
            sweep_until(S.DONE, other)
        job.refresh_from_db()
        assert job.attempts == 3
        assert "dừng đột ngột" in job.error
        assert sorted(p.name for p in hold.glob(f"begun-{job.pk}-*")) == [
            f"begun-{job.pk}-{n}" for n in (1, 2, 3)
        ]

    def test_without_the_count_a_poisoned_job_would_go_on(self, start_worker, hold, monkeypatch):
        """Negative control: put the count back, as if it were not committed before the work."""
        (hold / "die").touch()
        with start_worker():
            f.make_pledge_at(P.FROZEN)
            job = Job.objects.get()
            for round_ in range(1, 5):
                wait_for((hold / f"begun-{job.pk}-1").exists, f"attempt {round_}")
                (hold / f"begun-{job.pk}-1").unlink()
                wait_for(lambda: not self.is_held(job), "the lock is gone with the process")
                Job.objects.filter(pk=job.pk).update(attempts=0)
                jobs.sweep(later(1000 * round_))
        assert status(job) != S.FAILED

    @staticmethod
    def is_held(job: Job) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM (SELECT 1 FROM reports_job WHERE id = %s "
                "FOR NO KEY UPDATE SKIP LOCKED) AS free",
                [job.pk],
            )
            return bool(cursor.fetchone()[0] == 0)

    @pytest.mark.usefixtures("_signed_year")
    def test_the_book_of_a_signed_year_comes_by_itself(self, start_worker, hold):
        (hold / "hold").unlink()
        with start_worker():
            book = Job.objects.get(kind=Job.Kind.BOOK)
            sweep_until(S.DONE, book, *book.children.all())
        document = Document.objects.get(stage=Document.Stage.SIGNED)
        assert check_seal(storage.read(document.file.sha256)).holds
        assert Job.objects.get(pk=book.pk).result.mime == "application/zip"

    @pytest.fixture
    def _signed_year(self, transactional_db):
        f.make_pledge_at(P.SIGNED)


@pytest.fixture
def broker(settings, monkeypatch):
    """Point the bell of this process at another broker."""
    before = celery_app.conf.broker_write_url

    def point_at(url: str) -> None:
        settings.CELERY_BROKER_URL = url
        # `broker_url` itself gives way to the environment variable of that name.
        celery_app.conf.broker_write_url = url
        celery_app._after_fork()  # forgets the open connections

    celery_app.conf.broker_transport_options = {"socket_connect_timeout": 0.5, "socket_timeout": 1}
    yield point_at
    celery_app.conf.broker_write_url = before
    celery_app.conf.broker_transport_options = django_settings.CELERY_BROKER_TRANSPORT_OPTIONS
    celery_app._after_fork()


@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
class TestRedisAway:
    """A pledge is frozen while the bell is broken: the page goes on, the paper comes later."""

    def test_a_dead_redis_is_no_fault_of_the_freeze(self, broker, own_redis):
        broker(own_redis.url)
        own_redis.kill()
        _, pledge = f.make_pledge_at(P.FROZEN)
        assert pledge.status == P.FROZEN
        job = Job.objects.get()
        assert (job.status, job.rung_at) == (S.QUEUED, None)

    def test_a_redis_that_never_answers_is_no_fault_of_the_freeze(self, broker):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            broker(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
            f.make_pledge_at(P.FROZEN)
        job = Job.objects.get()
        assert (job.status, job.rung_at) == (S.QUEUED, None)

    def test_the_same_freeze_with_redis_there_does_ring(self, broker, own_redis):
        """Negative control: the bell is what was broken."""
        broker(own_redis.url)
        f.make_pledge_at(P.FROZEN)
        assert Job.objects.get().rung_at is not None
        client = redis.Redis(port=own_redis.port)
        assert client.llen("celery") == 1
        client.close()

    @pytest.mark.slow
    @pytest.mark.postgres
    @pytest.mark.pdf
    def test_the_paper_comes_when_redis_is_back(
        self, broker, own_redis, celery_worker_process, hold
    ):
        broker(own_redis.url)
        own_redis.kill()
        f.make_pledge_at(P.FROZEN)
        job = Job.objects.get()
        assert jobs.sweep(later()) == 0
        (hold / "hold").unlink()
        with services.redis_server(own_redis.port) as back:
            environment = {"CELERY_BROKER_URL": back.url}
            with celery_worker_process(environment=environment):
                sweep_until(S.DONE, job)
        assert_made_once(job, attempts=1)


@pytest.mark.slow
@pytest.mark.pdf
class TestEmbeddedOnSqlite:
    """One process on SQLite with the worker inside, as on one machine without Redis."""

    @pytest.fixture
    def environment(self, tmp_path, hold):
        kept = {
            k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "CELERY_BROKER_URL")
        }
        return {
            **kept,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "VAR_DIR": str(tmp_path),
            "HOLD_DIR": str(hold),
            "EMBEDDED_WORKER": "true",
            "SWEEP_SECONDS": "0.2",
        }

    @pytest.fixture
    def rows(self, tmp_path):
        def ask(sql: str) -> list[tuple[Any, ...]]:
            database = sqlite3.connect(tmp_path / "giaouoc.sqlite3", timeout=20)
            try:
                return database.execute(sql).fetchall()
            finally:
                database.close()

        return ask

    def process(self, command: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "reports.tests.embedded", command],
            cwd=ROOT,
            env=environment,
            start_new_session=True,
        )

    def test_a_process_killed_in_mid_render_makes_the_paper_once_after_its_start(
        self, environment, rows, hold, tmp_path
    ):
        assert self.process("prepare", environment).wait(PATIENCE) == 0
        assert rows("SELECT status, attempts FROM reports_job") == [("QUEUED", 0)]
        first = self.process("work", environment)
        try:
            wait_for(lambda: list(hold.glob("begun-*-1")), "the first attempt begins")
        finally:
            first.kill()
            first.wait()
        assert rows("SELECT status, attempts FROM reports_job") == [("RUNNING", 1)]
        assert rows("SELECT count(*) FROM reports_storedfile") == [(0,)]
        (hold / "hold").unlink()
        second = self.process("work", environment)
        try:
            wait_for(
                lambda: rows("SELECT status FROM reports_job") == [("DONE",)], "the job is done"
            )
        finally:
            second.kill()
            second.wait()
        assert rows("SELECT attempts FROM reports_job") == [(2,)]
        made = rows(
            "SELECT f.sha256 FROM reports_document d JOIN reports_storedfile f ON f.id = d.file_id"
        )
        assert len(made) == 1
        files = [p for p in (tmp_path / "files").rglob("*") if p.is_file()]
        assert [p.name for p in files] == [made[0][0]]

    def test_a_job_left_running_stays_so_while_nobody_starts(self, environment, rows, hold):
        """Negative control: it is the start that puts the job back, nothing else."""
        assert self.process("prepare", environment).wait(PATIENCE) == 0
        first = self.process("work", environment)
        try:
            wait_for(lambda: list(hold.glob("begun-*-1")), "the first attempt begins")
        finally:
            first.kill()
            first.wait()
        (hold / "hold").unlink()
        subprocess.run(
            [sys.executable, "manage.py", "verify_files"], cwd=ROOT, env=environment, check=True
        )
        assert rows("SELECT status, attempts FROM reports_job") == [("RUNNING", 1)]
