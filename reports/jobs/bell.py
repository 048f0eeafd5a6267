"""Asking for work and ringing for a worker.

A job is written in the transaction of the change that needs it and rung for after the commit. The
bell may be broken (no broker, a frozen one): the row stays, the page is not held up, and the sweep
rings again.
"""

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from reports.models import Job

logger = logging.getLogger(__name__)
TASK: Final = "reports.tasks.run_job"
#: A bell not heard for this long is rung again.
RING_AGAIN: Final = timedelta(seconds=20)
#: A job this young is about to be rung for by whoever wrote it, or was begun a moment ago.
FRESH: Final = timedelta(seconds=2)
#: More than this are never rung for at once; the next sweep takes the rest.
_AT_ONCE: Final = 200
S = Job.Status


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of the workers; the same key is never made twice."""

    kind: str
    key: str
    title: str
    cluster_year_id: int
    document_id: int | None = None
    parent_id: int | None = None
    requested_by_id: int | None = None
    #: Whose eyes the result is for; None is everybody who sees the year.
    for_unit_id: int | None = None
    #: Last day on which the result is kept; None is for ever.
    expires_on: date | None = None


def enqueue(order: Order, *, now: datetime) -> Job:
    """Write the job of an order, once for its key, and ring after the commit."""
    job, _ = Job.objects.get_or_create(
        key=order.key,
        defaults={
            "kind": order.kind,
            "title": order.title,
            "cluster_year_id": order.cluster_year_id,
            "document_id": order.document_id,
            "parent_id": order.parent_id,
            "requested_by_id": order.requested_by_id,
            "for_unit_id": order.for_unit_id,
            "expires_on": order.expires_on,
            "queued_at": now,
        },
    )
    ring_after_commit(job.pk, now)
    return job


def ring_after_commit(job_id: int, now: datetime) -> None:
    """Ring once the transaction is through; a fault of the bell never reaches the page."""
    transaction.on_commit(partial(ring, job_id, now), robust=True)


def ring(job_id: int, now: datetime) -> bool:
    """Wake a worker for a job; False when the bell could not be rung."""
    if settings.CELERY_BROKER_URL.startswith("memory:") and not settings.EMBEDDED_WORKER:
        # The bell of the one process that works is in its memory; its sweep will find the row.
        return False
    try:
        current_app.send_task(TASK, kwargs={"job_id": job_id})
    except Exception as fault:  # noqa: BLE001 - whatever is wrong with the broker, the row stands
        logger.warning("No bell for job %s: %s", job_id, fault)
        return False
    with transaction.atomic():
        # Whoever holds the row has begun already: nothing to note, and no waiting for it here.
        held = Job.objects.select_for_update(skip_locked=True, no_key=True)
        if job := held.filter(pk=job_id, status__in=[S.QUEUED, S.RUNNING]).first():
            Job.objects.filter(pk=job.pk).update(rung_at=now)
    return True


def sweep(now: datetime) -> int:
    """Ring again for what nobody took and for what a dead worker left; return how many were rung.

    A job that is being made is held by a lock of the database, which the system takes away with
    the process; what can be locked here is therefore nobody's.
    """
    rung = 0
    for job_id in _nobodys(now):
        if not ring(job_id, now):
            break
        rung += 1
    return rung


def reset_orphans() -> int:
    """At the start of the one process that works: put back what the last one left RUNNING.

    Only where the claim is in memory (SQLite); elsewhere the lock says who works. A bell in memory
    died with the last process too, so that everything still waiting is rung for anew.
    """
    if settings.CELERY_BROKER_URL.startswith("memory:"):
        Job.objects.filter(status=S.QUEUED).update(rung_at=None)
    if connection.features.has_select_for_update_skip_locked:
        return 0
    return Job.objects.filter(status=S.RUNNING).update(status=S.QUEUED, rung_at=None)


def _nobodys(now: datetime) -> list[int]:
    """Return the jobs for which the bell should ring, the oldest first."""
    unheard = Q(rung_at__lt=now - RING_AGAIN)
    waiting = Q(status=S.QUEUED) & (unheard | Q(rung_at=None, queued_at__lt=now - FRESH))
    left = Q(status=S.RUNNING, started_at__lt=now - FRESH) & (unheard | Q(rung_at=None))
    unsettled = Job.objects.filter(parent=OuterRef("pk"), status__in=[S.QUEUED, S.RUNNING])
    with transaction.atomic():
        found = (
            Job.objects.select_for_update(skip_locked=True, no_key=True)
            .filter(waiting | left)
            .exclude(Exists(unsettled))
            .order_by("queued_at", "pk")[:_AT_ONCE]
        )
        return [job.pk for job in found]
