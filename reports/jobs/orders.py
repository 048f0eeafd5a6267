"""What people ask of jobs: bind the book or a set, try again, give up. Each leaves one event."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from clusters.acting import Acting
from clusters.calendar import local_date
from clusters.models import ClusterYear
from core import audit
from core.audit import Change
from core.canonical import sha256_of
from core.policy import Refused, require
from reports import policies
from reports.jobs import bell
from reports.jobs.making import book_documents
from reports.models import Document, Job, PaperGroup

S = Job.Status
#: A ZIP is kept so long; its papers are kept for ever, and it can be packed again.
KEPT: Final = timedelta(days=30)


def start_book(
    *, cluster_year: ClusterYear, requested_by_id: int | None, now: datetime
) -> Job | None:
    """Write the job of the signed book with one job below it for each paper that has no file yet.

    The same papers are one book, whoever asks again; None while nothing is signed.
    """
    documents = list(book_documents(cluster_year.pk))
    if not documents:
        return None
    newest = max(document.pk for document in documents)
    order = bell.Order(
        kind=Job.Kind.BOOK,
        key=f"book:{cluster_year.pk}:{newest}",
        title=f"Sổ giao ước {cluster_year}",
        cluster_year_id=cluster_year.pk,
        requested_by_id=requested_by_id,
        expires_on=local_date(now) + KEPT,
    )
    book = bell.enqueue(order, now=now)
    for document in documents:
        if document.file_id is None:
            bell.enqueue(render_order(document, requested_by_id, parent_id=book.pk), now=now)
    return book


def render_order(
    document: Document, requested_by_id: int | None, *, parent_id: int | None = None
) -> bell.Order:
    """Return the order for the file of a document: one for its whole life."""
    return bell.Order(
        kind=Job.Kind.RENDER,
        key=f"render:{document.pk}",
        title=str(document)[:300],
        cluster_year_id=document.cluster_year_id,
        document_id=document.pk,
        parent_id=parent_id,
        requested_by_id=requested_by_id,
    )


@transaction.atomic
def order_book(*, cluster_year: ClusterYear, by: Acting, now: datetime) -> Job:
    """Bind the signed book for somebody who asks; the caller has required `may_ask_book`."""
    book = start_book(cluster_year=cluster_year, requested_by_id=by.user_id, now=now)
    if book is None:
        raise Refused("Chưa có văn bản nào ở bản đã ký.")
    if book.status in (S.FAILED, S.CANCELLED):
        return retry(job_id=book.pk, by=by, now=now)
    _pack_again_if_expired(book, now)
    _record("reports.book_ordered", book, by, now, {"status": book.status})
    return book


@transaction.atomic
def order_set(
    *,
    cluster_year: ClusterYear,
    group: PaperGroup,
    documents: Sequence[Document],
    by: Acting,
    now: datetime,
) -> Job:
    """Pack the papers of a group that this person sees; the caller has required `may_ask_set`.

    The same papers for the same unit are one job, whoever asks again.
    """
    named = sha256_of([document.pk for document in documents])[:16]
    order = bell.Order(
        kind=Job.Kind.SET,
        key=f"set:{cluster_year.pk}:{group}:{by.unit_id}:{named}",
        title=f"Bộ văn bản {group.label.lower()} {cluster_year}",
        cluster_year_id=cluster_year.pk,
        requested_by_id=by.user_id,
        for_unit_id=by.unit_id,
        expires_on=local_date(now) + KEPT,
    )
    packed = bell.enqueue(order, now=now)
    packed.contents.set(documents)
    if packed.status in (S.FAILED, S.CANCELLED):
        return retry(job_id=packed.pk, by=by, now=now)
    _pack_again_if_expired(packed, now)
    _record("reports.set_ordered", packed, by, now, {"status": packed.status})
    return packed


def _pack_again_if_expired(job: Job, now: datetime) -> None:
    """Queue a ZIP whose file was cleared away once more."""
    if job.status != S.DONE or job.result_id is not None:
        return
    _queue_again(job, now)
    job.expires_on = local_date(now) + KEPT
    job.save(update_fields=["expires_on"])


@transaction.atomic
def retry(*, job_id: int, by: Acting, now: datetime) -> Job:
    """Ask again for what failed or was cancelled: a paper alone, or a book with what it lacks."""
    job = _locked(job_id)
    require(policies.may_retry(job))
    before = {"status": job.status, "error": job.error, "attempts": job.attempts}
    again = [job, *job.children.filter(status__in=[S.FAILED, S.CANCELLED])]
    if job.parent is not None and job.parent.status == S.FAILED:
        again.append(job.parent)
    for each in again:
        _queue_again(each, now)
    _record("reports.job_retried", job, by, now, before)
    return job


@transaction.atomic
def cancel(*, job_id: int, by: Acting, now: datetime) -> Job:
    """Give a job up; the papers below a book are official prints and are made all the same."""
    job = _locked(job_id)
    require(policies.may_cancel(job))
    if job.status == S.RUNNING:
        raise Refused("Việc đang chạy, chờ vài giây cho xong; chỉ hủy được việc đang xếp hàng.")
    before = {"status": job.status}
    job.status, job.finished_at = S.CANCELLED, now
    job.save(update_fields=["status", "finished_at"])
    _record("reports.job_cancelled", job, by, now, before)
    return job


def _queue_again(job: Job, now: datetime) -> None:
    """Put a settled job back to its beginning."""
    job.status, job.attempts, job.error = S.QUEUED, 0, ""
    job.queued_at, job.rung_at, job.started_at, job.finished_at = now, None, None, None
    job.save(
        update_fields=[
            "status", "attempts", "error", "queued_at", "rung_at", "started_at", "finished_at",
        ]
    )  # fmt: skip
    bell.ring_after_commit(job.pk, now)


def _locked(job_id: int) -> Job:
    """Lock a job; the one a worker holds is answered at once instead of waited for."""
    jobs = Job.objects.select_for_update(skip_locked=True, no_key=True)
    job = jobs.filter(pk=job_id).first()
    if job is None:
        raise Refused("Việc đang chạy, chờ vài giây cho xong rồi thử lại.")
    return job


def _record(action: str, job: Job, by: Acting, now: datetime, before: dict[str, Any]) -> None:
    audit.record(
        action,
        job,
        by=by,
        now=now,
        cluster_year_id=job.cluster_year_id,
        change=Change(before=before, after={"status": job.status}),
    )
