"""Jobs: asked for with the change, done once, given up after three, told in words."""

import errno
import zipfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.db import IntegrityError, connection, transaction

from clusters.acting import Acting
from core.models import AuditEvent
from core.policy import Refused
from core.tests.races import all_at_once, overlap, without_locks
from pledges.models import PledgeStatus as P
from pledges.tests import factories as f
from reports import jobs, render, seal, storage
from reports.jobs import making, worker
from reports.models import Document, Job, StoredFile

S = Job.Status
NOW = datetime(2026, 3, 4, 3, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=30)
pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def clock() -> datetime:
    return NOW


@pytest.fixture(autouse=True)
def quick(monkeypatch, settings, tmp_path):
    """Print nothing real: what is made is a file that tells its document; keep what was made."""
    settings.FILES_DIR = tmp_path / "files"
    made: list[int] = []

    def printed(content):
        made.append(content["paper"])
        return render.Rendered(f"%PDF {content['paper']} {content['stage']}".encode(), 2)

    monkeypatch.setattr(render, "render_document", printed)
    monkeypatch.setattr(seal, "seal", lambda pdf, now: pdf + b" sealed")
    return made


@pytest.fixture
def bells(monkeypatch, settings):
    """A bell that works; what was rung for is noted."""
    settings.CELERY_BROKER_URL = "redis://nowhere"
    rung: list[int] = []
    monkeypatch.setattr(
        current_app, "send_task", lambda _name, kwargs: rung.append(kwargs["job_id"])
    )
    return rung


def fresh(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def frozen_job() -> Job:
    f.make_pledge_at(P.FROZEN)
    return Job.objects.get()


def signed_book() -> Job:
    world = f.make_world()
    pledge = f.start(world)
    f.add_papers(world, pledge)
    pledge = f.freeze(world, f.consent_all(world, f.circulate(world, pledge)))
    f.sign_all(world, f.open_signing(world, pledge))
    return Job.objects.get(kind=Job.Kind.BOOK)


def break_making(monkeypatch, fault: Exception) -> list[int]:
    tried: list[int] = []

    def broken(job, clock):
        tried.append(job.pk)
        raise fault

    monkeypatch.setattr(making, "make", broken)
    return tried


# Asking and ringing --------------------------------------------------------------------------
def test_a_worker_is_rung_for_after_the_commit_only(bells, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = frozen_job()
        assert bells == []
    assert bells == [job.pk]
    assert fresh(job).rung_at is not None


def test_what_was_rolled_back_rings_nobody(bells, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        frozen_job()
        transaction.set_rollback(True)
    assert bells == []
    assert Job.objects.count() == 0


def test_a_broken_bell_is_no_fault_of_the_page(monkeypatch, bells):
    def down(*_args, **_kwargs):
        raise ConnectionError("broker away")

    monkeypatch.setattr(current_app, "send_task", down)
    job = frozen_job()
    assert jobs.ring(job.pk, NOW) is False
    assert fresh(job).rung_at is None
    assert fresh(job).status == S.QUEUED


def test_the_same_order_is_one_job(bells):
    job = frozen_job()
    order = jobs.Order(job.kind, job.key, "khác", job.cluster_year_id)
    assert jobs.enqueue(order, now=LATER) == job
    assert Job.objects.count() == 1


def test_without_a_worker_in_this_process_the_bell_in_memory_is_not_rung(settings):
    settings.CELERY_BROKER_URL = "memory://"
    settings.EMBEDDED_WORKER = False
    assert jobs.ring(frozen_job().pk, NOW) is False


# Sweeping ------------------------------------------------------------------------------------
def set_job(job: Any, **values: Any) -> Job:
    Job.objects.filter(pk=job.pk).update(**values)
    return fresh(job)


def test_the_sweep_rings_for_what_was_never_rung_for(bells):
    job = set_job(frozen_job(), queued_at=NOW)
    assert jobs.sweep(NOW + timedelta(seconds=1)) == 0
    assert jobs.sweep(NOW + timedelta(seconds=3)) == 1
    assert bells == [job.pk]


def test_the_sweep_rings_again_after_twenty_seconds(bells):
    job = set_job(frozen_job(), queued_at=NOW, rung_at=NOW)
    assert jobs.sweep(NOW + timedelta(seconds=19)) == 0
    assert jobs.sweep(NOW + timedelta(seconds=21)) == 1
    assert jobs.sweep(NOW + timedelta(seconds=22)) == 0
    assert fresh(job).rung_at == NOW + timedelta(seconds=21)


def test_the_sweep_rings_for_what_a_dead_worker_left(bells):
    job = frozen_job()
    set_job(job, status=S.RUNNING, attempts=1, started_at=NOW, queued_at=NOW, rung_at=NOW)
    assert jobs.sweep(NOW + timedelta(seconds=21)) == 1
    assert bells == [job.pk]


def test_the_sweep_leaves_what_is_settled_and_what_waits_for_others(bells):
    book = signed_book()
    Job.objects.exclude(pk=book.pk).update(status=S.DONE, finished_at=NOW)
    child = book.children.first()
    set_job(child, status=S.QUEUED, finished_at=None, queued_at=NOW)
    set_job(book, queued_at=NOW)
    jobs.sweep(LATER)
    assert bells == [child.pk]


def test_the_sweep_stops_at_a_broken_bell(monkeypatch, bells):
    signed_book()
    tried = []

    def down(_name, kwargs):
        tried.append(kwargs)
        raise ConnectionError

    monkeypatch.setattr(current_app, "send_task", down)
    assert jobs.sweep(LATER) == 0
    assert len(tried) == 1


def test_the_start_of_the_one_process_puts_back_what_was_running(settings):
    settings.CELERY_BROKER_URL = "memory://"
    job = frozen_job()
    set_job(job, status=S.RUNNING, attempts=1, started_at=NOW, rung_at=NOW)
    in_memory = not connection.features.has_select_for_update_skip_locked
    assert jobs.reset_orphans() == (1 if in_memory else 0)
    assert fresh(job).status == (S.QUEUED if in_memory else S.RUNNING)
    assert fresh(job).attempts == 1


# Doing ---------------------------------------------------------------------------------------
def test_a_job_is_done_and_its_document_has_its_file(quick):
    job = frozen_job()
    jobs.run(job.pk, clock)
    job = fresh(job)
    assert (job.status, job.attempts, job.error) == (S.DONE, 1, "")
    assert job.finished_at == NOW
    assert job.document.file == job.result
    assert job.document.rendered_at == NOW
    assert storage.read(job.result.sha256) == b"%PDF PLEDGE TO_SIGN"


def test_a_job_rung_for_five_times_is_done_once(quick):
    job = frozen_job()
    for _ in range(5):
        jobs.run(job.pk, clock)
    assert quick == ["PLEDGE"]
    assert fresh(job).attempts == 1
    assert StoredFile.objects.count() == 1


def test_a_document_that_has_its_file_keeps_it(quick):
    job = frozen_job()
    stored = storage.put(b"%PDF earlier", mime="application/pdf", now=NOW)
    Document.objects.filter(jobs=job).update(file=stored, rendered_at=NOW)
    jobs.run(job.pk, clock)
    assert fresh(job).result == stored
    assert quick == []


def test_only_signed_prints_are_sealed(quick):
    signed_book()
    for job in Job.objects.filter(kind=Job.Kind.RENDER):
        jobs.run(job.pk, clock)
    for document in Document.objects.all():
        sealed = storage.read(document.file.sha256).endswith(b"sealed")
        assert sealed == (document.stage == Document.Stage.SIGNED)


def test_a_job_that_always_fails_is_given_up_after_exactly_three_attempts(monkeypatch):
    tried = break_making(monkeypatch, RuntimeError("hidden words"))
    job = frozen_job()
    for attempt in (1, 2):
        jobs.run(job.pk, clock)
        assert (fresh(job).status, fresh(job).attempts) == (S.QUEUED, attempt)
    for _ in range(3):
        jobs.run(job.pk, clock)
    job = fresh(job)
    assert len(tried) == 3
    assert (job.status, job.attempts) == (S.FAILED, 3)
    assert "hidden words" not in job.error
    assert f"việc số {job.pk}" in job.error
    assert job.document.file is None


def test_a_job_that_kills_its_worker_is_given_up_after_three_attempts():
    job = frozen_job()
    set_job(job, status=S.RUNNING, attempts=3, started_at=NOW)
    jobs.run(job.pk, clock)
    job = fresh(job)
    assert (job.status, job.attempts) == (S.FAILED, 3)
    assert "dừng đột ngột cả 3 lần" in job.error


def test_the_attempt_is_counted_before_the_work(monkeypatch):
    job = frozen_job()
    seen = []

    def look(inner, clock):
        seen.append((fresh(inner).status, fresh(inner).attempts))
        raise SystemExit  # nothing catches it, as nothing catches a kill

    monkeypatch.setattr(making, "make", look)
    with pytest.raises(SystemExit):
        jobs.run(job.pk, clock)
    assert seen == [(S.RUNNING, 1)]
    assert (fresh(job).status, fresh(job).attempts) == (S.RUNNING, 1)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (render.Unavailable("Máy chủ thiếu thư viện dựng PDF"), "thiếu thư viện"),
        (render.Unprintable("Nội dung gọi tới tài nguyên bên ngoài"), "bên ngoài"),
        (storage.Damaged("Tệp đã bị sửa"), "đã bị sửa"),
    ],
)
def test_what_no_second_attempt_can_mend_is_told_at_once(monkeypatch, fault, words):
    tried = break_making(monkeypatch, fault)
    job = frozen_job()
    jobs.run(job.pk, clock)
    jobs.run(job.pk, clock)
    assert len(tried) == 1
    assert fresh(job).status == S.FAILED
    assert words in fresh(job).error


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "hết chỗ"),
        (SoftTimeLimitExceeded(), "quá thời gian"),
    ],
)
def test_a_passing_fault_is_said_in_words_and_tried_again(monkeypatch, fault, words):
    break_making(monkeypatch, fault)
    job = frozen_job()
    jobs.run(job.pk, clock)
    assert fresh(job).status == S.QUEUED
    assert words in fresh(job).error
    monkeypatch.undo()


def test_an_attempt_that_was_overtaken_settles_nothing(monkeypatch):
    job = frozen_job()

    def overtaken(inner, clock):
        set_job(inner, attempts=2)
        return storage.put(b"%PDF", mime="application/pdf", now=NOW)

    monkeypatch.setattr(making, "make", overtaken)
    jobs.run(job.pk, clock)
    assert fresh(job).status == S.RUNNING
    assert fresh(job).document.file is None


# The claim -----------------------------------------------------------------------------------
def run_within_run(monkeypatch) -> tuple[Job, list[int]]:
    """Ring for a job while it is being made, in the same process."""
    job = frozen_job()
    made: list[int] = []
    original = making.make

    def twice(inner, clock):
        made.append(inner.attempts)
        if len(made) == 1:
            jobs.run(inner.pk, clock)
        return original(inner, clock)

    monkeypatch.setattr(making, "make", twice)
    jobs.run(job.pk, clock)
    return fresh(job), made


def test_a_second_bell_in_the_process_that_works_does_nothing(monkeypatch):
    job, made = run_within_run(monkeypatch)
    assert made == [1]
    assert (job.status, job.attempts) == (S.DONE, 1)


def test_without_the_note_in_memory_it_would_be_made_twice(monkeypatch):
    """Negative control of the claim on SQLite."""
    monkeypatch.setattr(worker, "_mine", type("Forgetful", (set,), {"add": lambda *_: None})())
    _, made = run_within_run(monkeypatch)
    assert made == [1, 2]


@pytest.mark.postgres
class TestTwoWorkers:
    """Two workers at one job, each on its own connection; the lock of the row decides."""

    pytestmark = pytest.mark.django_db(transaction=True)

    @pytest.fixture(autouse=True)
    def _as_two_processes(self, monkeypatch):
        monkeypatch.setattr(worker, "_mine", type("Forgetful", (set,), {"add": lambda *_: None})())

    def race(self, monkeypatch) -> tuple[Job, list[int]]:
        job = frozen_job()
        made: list[int] = []
        original = making.make

        def noted(inner, clock):
            made.append(inner.attempts)
            return original(inner, clock)

        monkeypatch.setattr(making, "make", noted)
        first, second = overlap(
            lambda: jobs.run(job.pk, clock),
            lambda: jobs.run(job.pk, clock),
            at="reports.render.render_document",
        )
        first.get()
        second.get()
        return fresh(job), made

    def test_the_second_worker_does_not_wait_and_does_nothing(self, monkeypatch):
        job, made = self.race(monkeypatch)
        assert made == [1]
        assert (job.status, job.attempts) == (S.DONE, 1)
        assert StoredFile.objects.count() == 1

    def test_without_the_lock_it_would_be_made_twice(self, monkeypatch):
        """Negative control."""
        with without_locks(Job):
            _, made = self.race(monkeypatch)
        assert made == [1, 2]

    def test_ten_workers_at_once_make_it_once(self, quick):
        job = frozen_job()
        outcomes = all_at_once([lambda: jobs.run(job.pk, clock)] * 10)
        assert [o.error for o in outcomes] == [None] * 10
        # Whoever comes while the first is between its two transactions may take over; never two.
        assert fresh(job).status in (S.DONE, S.RUNNING)
        jobs.run(job.pk, clock)
        assert fresh(job).status == S.DONE
        assert Document.objects.get().file == fresh(job).result

    def test_nobody_waits_for_a_job_that_is_being_made(self, monkeypatch, bells):
        """Ringing, sweeping, cancelling and retrying answer at once while a worker is at it."""
        job = frozen_job()
        somebody = Acting(user_id=0, name="")
        answers: list[Any] = []

        def others():
            answers.append(jobs.ring(job.pk, LATER))
            answers.append(jobs.sweep(LATER))
            try:
                jobs.cancel(job_id=job.pk, by=somebody, now=LATER)
            except Refused as refused:
                answers.append(str(refused))

        first, second = overlap(
            lambda: jobs.run(job.pk, clock), others, at="reports.render.render_document"
        )
        first.get()
        second.get()
        assert answers[:2] == [True, 0]
        assert "đang chạy" in answers[2]
        assert fresh(job).status == S.DONE


# The book ------------------------------------------------------------------------------------
def work_off(*, skip: Job | None = None) -> None:
    for job in Job.objects.filter(status=S.QUEUED, kind=Job.Kind.RENDER):
        if skip is None or job.pk != skip.pk:
            jobs.run(job.pk, clock)


def test_the_book_waits_for_its_papers_and_is_rung_for_after_the_last(bells):
    book = signed_book()
    jobs.run(book.pk, clock)
    assert (fresh(book).status, fresh(book).attempts) == (S.QUEUED, 0)
    bells.clear()
    work_off()
    assert bells == [book.pk]
    jobs.run(book.pk, clock)
    assert fresh(book).status == S.DONE


def test_the_book_holds_every_signed_paper_with_contents_and_hashes():
    book = signed_book()
    work_off()
    jobs.run(book.pk, clock)
    stored = fresh(book).result
    assert stored.mime == "application/zip"
    with zipfile.ZipFile(BytesIO(storage.read(stored.sha256))) as archive:
        names = archive.namelist()
        manifest = archive.read("MANIFEST.sha256").decode()
    assert len(names) == 3 + 2
    for document in Document.objects.filter(stage=Document.Stage.SIGNED):
        assert document.file.sha256 in manifest
        assert any(document.code.code in name for name in names)


def test_a_book_that_lacks_a_paper_is_not_bound_and_names_it(monkeypatch):
    book = signed_book()
    child = book.children.first()
    work_off(skip=child)
    set_job(child, status=S.FAILED, error="lỗi", finished_at=NOW)
    jobs.run(book.pk, clock)
    assert fresh(book).status == S.FAILED
    assert child.document.title in fresh(book).error


def test_a_paper_that_failed_is_tried_again_alone_and_the_book_goes_on(bells):
    world = f.make_world()
    f.make_pledge_at(P.SIGNED, world)
    book = Job.objects.get(kind=Job.Kind.BOOK)
    child = book.children.get()
    set_job(child, status=S.FAILED, error="lỗi", finished_at=NOW, attempts=3)
    jobs.run(book.pk, clock)
    assert fresh(book).status == S.FAILED
    jobs.retry(job_id=child.pk, by=world.heads[0], now=LATER)
    assert (fresh(child).status, fresh(child).attempts, fresh(child).error) == (S.QUEUED, 0, "")
    assert fresh(book).status == S.QUEUED
    work_off()
    jobs.run(book.pk, clock)
    assert fresh(book).status == S.DONE
    assert AuditEvent.objects.filter(action="reports.job_retried").count() == 1


def test_the_same_book_asked_for_again_is_the_same_job():
    world, _ = f.make_pledge_at(P.SIGNED)
    book = Job.objects.get(kind=Job.Kind.BOOK)
    asked = jobs.order_book(cluster_year=world.year, by=world.heads[1], now=LATER)
    assert asked == book
    assert AuditEvent.objects.filter(action="reports.book_ordered").count() == 1


def test_there_is_no_book_before_the_signatures():
    world, _ = f.make_pledge_at(P.FROZEN)
    with pytest.raises(Refused, match="Chưa có văn bản nào"):
        jobs.order_book(cluster_year=world.year, by=world.heads[1], now=LATER)
    assert not Job.objects.filter(kind=Job.Kind.BOOK).exists()


def test_a_cancelled_book_leaves_its_papers_to_be_made():
    world, _ = f.make_pledge_at(P.SIGNED)
    book = Job.objects.get(kind=Job.Kind.BOOK)
    jobs.cancel(job_id=book.pk, by=world.heads[0], now=LATER)
    assert fresh(book).status == S.CANCELLED
    work_off()
    jobs.run(book.pk, clock)
    assert fresh(book).status == S.CANCELLED
    assert book.children.get().status == S.DONE
    event = AuditEvent.objects.get(action="reports.job_cancelled")
    assert (event.before, event.after) == ({"status": "QUEUED"}, {"status": "CANCELLED"})


def test_a_cancelled_book_can_be_asked_for_again():
    world, _ = f.make_pledge_at(P.SIGNED)
    book = Job.objects.get(kind=Job.Kind.BOOK)
    jobs.cancel(job_id=book.pk, by=world.heads[0], now=LATER)
    jobs.order_book(cluster_year=world.year, by=world.heads[0], now=LATER)
    assert fresh(book).status == S.QUEUED


def test_what_is_done_is_neither_retried_nor_cancelled():
    world, _ = f.make_pledge_at(P.FROZEN)
    job = Job.objects.get()
    jobs.run(job.pk, clock)
    with pytest.raises(Refused, match="đã xong"):
        jobs.retry(job_id=job.pk, by=world.heads[0], now=LATER)
    with pytest.raises(Refused, match="kết thúc"):
        jobs.cancel(job_id=job.pk, by=world.heads[0], now=LATER)


def test_a_failed_job_always_says_why():
    job = frozen_job()
    with pytest.raises(IntegrityError), transaction.atomic():
        set_job(job, status=S.FAILED, finished_at=NOW, error="")


# Progress ------------------------------------------------------------------------------------
def test_progress_counts_papers_that_exist_in_one_query(django_assert_num_queries):
    book = signed_book()
    with django_assert_num_queries(1):
        progress = jobs.progress_of(book)
    assert (progress.done, progress.total) == (0, 3)
    assert progress.sentence == "Đang chờ dựng 3 văn bản"
    first, *_ = book.children.order_by("pk")
    set_job(first, status=S.RUNNING, started_at=NOW, attempts=1)
    assert jobs.progress_of(book).sentence == f"Đang dựng: {first.title}"
    jobs.run(first.pk, clock)
    assert (jobs.progress_of(book).done, jobs.progress_of(book).settled) == (1, False)
    work_off()
    assert jobs.progress_of(book).sentence == "Đang đóng sổ"
    jobs.run(book.pk, clock)
    progress = jobs.progress_of(book)
    assert (progress.sentence, progress.settled) == ("Đã xong 3/3", True)


def test_progress_tells_what_failed():
    book = signed_book()
    first, *_ = book.children.order_by("pk")
    work_off(skip=first)
    set_job(first, status=S.FAILED, error="lỗi", finished_at=NOW)
    jobs.run(book.pk, clock)
    progress = jobs.progress_of(book)
    assert progress.sentence == "Có 1 văn bản lỗi, đã xong 2/3"
    assert (progress.failed, progress.settled) == (1, True)


def test_progress_of_a_single_paper():
    job = frozen_job()
    assert jobs.progress_of(job).sentence == "Đang chờ dựng 1 văn bản"
    jobs.run(job.pk, clock)
    assert jobs.progress_of(job).sentence == "Đã xong 1/1"
