"""Clearing ZIPs away after their last day; their papers stay and can be packed again."""

from datetime import date
from typing import Final

from django.db import transaction

from reports import storage
from reports.models import Job

#: More are never cleared away at once; the next sweep takes the rest.
_AT_ONCE: Final = 50


def clear_expired(today: date) -> int:
    """Clear away the files of jobs that are kept no longer; return how many."""
    expired = Job.objects.filter(
        status=Job.Status.DONE, expires_on__lt=today, result__isnull=False
    ).select_related("result")
    cleared = 0
    for job in expired.order_by("pk")[:_AT_ONCE]:
        stored = job.result
        if stored is None:
            continue
        with transaction.atomic():
            Job.objects.filter(pk=job.pk).update(result=None)
            storage.forget(stored)
        cleared += 1
    return cleared
