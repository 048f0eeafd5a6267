"""Claiming a job, doing it, settling it: exactly once, whatever dies on the way.

The number of attempts is raised and committed before the work, so that a job that kills its worker
is given up after three. The claim is held during the work and dies with the process: on PostgreSQL
it is the lock of the row; on SQLite, where one process works, a note in its memory. The attempt
that began names itself by its number, and only the attempt that is still current may settle.
"""

import errno
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from django.db.models import Q

from reports import render, storage
from reports.jobs import bell, making
from reports.models import Document, Job

logger = logging.getLogger(__name__)
Clock = Callable[[], datetime]
S = Job.Status
MAX_ATTEMPTS: Final = 3
_DIED: Final = (
    "Tiến trình dựng tệp bị dừng đột ngột cả 3 lần (máy chủ thiếu bộ nhớ hoặc bị tắt). "
    "Báo quản trị kiểm tra máy chủ rồi thử lại."
)
#: Faults that another attempt cannot mend: told at once.
_FINAL: Final = (making.Impossible, render.Unavailable, render.Unprintable, storage.Damaged)

_mine: set[int] = set()
_mine_lock = threading.Lock()


class Overtaken(Exception):
    """The attempt is no longer the current one: cancelled, or another worker took over."""


def run(job_id: int, clock: Clock) -> None:
    """Do a job, unless it is settled, not ready, or somebody else is at it."""
    with _not_twice_here(job_id) as free:
        if not free:
            return
        attempt = _begin(job_id, clock())
        if attempt:
            _attempt(job_id, attempt, clock)
    _wake_parent(job_id, clock())


def _attempt(job_id: int, attempt: int, clock: Clock) -> None:
    try:
        with _held(job_id, attempt) as job:
            if job is not None:
                _make_and_settle(job, clock)
    except Overtaken:
        logger.info("Attempt %s of job %s was overtaken", attempt, job_id)
    except Exception as fault:
        logger.exception("Attempt %s of job %s failed", attempt, job_id)
        _fail(job_id, attempt, fault, clock())


@transaction.atomic
def _begin(job_id: int, now: datetime) -> int | None:
    """Count the attempt; None when there is nothing to do, and FAILED when there were too many."""
    jobs = Job.objects.select_for_update(skip_locked=True, no_key=True)
    job = jobs.filter(pk=job_id, status__in=[S.QUEUED, S.RUNNING]).first()
    if job is None or job.children.filter(status__in=[S.QUEUED, S.RUNNING]).exists():
        return None
    if job.attempts >= MAX_ATTEMPTS:
        job.status, job.finished_at = S.FAILED, now
        job.error = job.error or _DIED
        job.save(update_fields=["status", "finished_at", "error"])
        return None
    job.status, job.started_at = S.RUNNING, now
    job.attempts += 1
    job.save(update_fields=["status", "started_at", "attempts"])
    return job.attempts


@contextmanager
def _held(job_id: int, attempt: int) -> Iterator[Job | None]:
    """Hold the job for the length of the work; None when somebody else holds it."""
    jobs = Job.objects.filter(pk=job_id, status=S.RUNNING, attempts=attempt)
    if not connection.features.has_select_for_update_skip_locked:
        yield jobs.first()
        return
    with transaction.atomic():
        yield jobs.select_for_update(skip_locked=True, no_key=True).first()


def _make_and_settle(job: Job, clock: Clock) -> None:
    """Make the file, then turn document and job in one step."""
    stored = making.make(job, clock)
    with transaction.atomic():
        now = clock()
        current = Job.objects.filter(pk=job.pk, status=S.RUNNING, attempts=job.attempts)
        if job.document_id:
            Document.objects.filter(pk=job.document_id, file=None).update(
                file=stored, rendered_at=now
            )
        if not current.update(status=S.DONE, result=stored, finished_at=now, error=""):
            raise Overtaken


def _fail(job_id: int, attempt: int, fault: Exception, now: datetime) -> None:
    """Write down what went wrong; the last attempt ends the job, others wait for the sweep."""
    current = Job.objects.filter(pk=job_id, status=S.RUNNING, attempts=attempt)
    reason = _sentence(job_id, fault)
    if attempt >= MAX_ATTEMPTS or isinstance(fault, _FINAL):
        current.update(status=S.FAILED, error=reason, finished_at=now)
    else:
        current.update(status=S.QUEUED, error=reason, rung_at=now)


def _sentence(job_id: int, fault: Exception) -> str:
    """Say what went wrong to the person who waits, and what to do about it."""
    if isinstance(fault, _FINAL):
        return str(fault)[:500]
    if isinstance(fault, SoftTimeLimitExceeded):
        return "Dựng quá thời gian cho phép. Báo quản trị kiểm tra tải của máy chủ rồi thử lại."
    if isinstance(fault, OSError) and fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "Máy chủ hết chỗ lưu tệp. Báo quản trị giải phóng ổ đĩa rồi thử lại."
    return (
        f"Có lỗi khi dựng tệp ({type(fault).__name__}). Thử lại; nếu vẫn lỗi, báo quản trị xem "
        f"nhật ký máy chủ của việc số {job_id}."
    )


def _wake_parent(job_id: int, now: datetime) -> None:
    """Ring for the job that waits for this one, once nothing below it is open."""
    settled = Q(pk=job_id, status__in=[S.DONE, S.FAILED, S.CANCELLED], parent__status=S.QUEUED)
    parent_id = Job.objects.filter(settled).values_list("parent", flat=True).first()
    if parent_id is None:
        return
    if not Job.objects.filter(parent=parent_id, status__in=[S.QUEUED, S.RUNNING]).exists():
        bell.ring(parent_id, now)


@contextmanager
def _not_twice_here(job_id: int) -> Iterator[bool]:
    """Let one thread of this process at a job; on SQLite this is the whole claim."""
    with _mine_lock:
        free = job_id not in _mine
        _mine.add(job_id)
    try:
        yield free
    finally:
        if free:
            with _mine_lock:
                _mine.discard(job_id)
