"""Background work of clusters: the year follows its calendar."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from clusters import workflow
from clusters.calendar import local_date
from clusters.models import ClusterYear, YearStatus
from core.audit import System


@shared_task(name="clusters.tasks.follow_calendar")
def follow_calendar(**_kwargs: Any) -> int:
    """Open drafting, running and the time for objections when their day has come.

    Returns how many years were due.
    """
    now = timezone.now()
    today = local_date(now)
    by = System(actor_name="Hệ thống, theo lịch năm")
    verbs = {
        YearStatus.DRAFTING: (workflow.open_drafting, [YearStatus.PREPARING]),
        YearStatus.RUNNING: (workflow.begin_running, [YearStatus.DRAFTING, YearStatus.SIGNING]),
        YearStatus.OBJECTIONS: (workflow.begin_objections, [YearStatus.PROVISIONAL]),
    }
    moved = 0
    for kind, (verb, states) in verbs.items():
        due = ClusterYear.objects.filter(
            status__in=states, stages__kind=kind, stages__opens_on__lte=today
        )
        for pk in sorted(set(due.values_list("pk", flat=True))):
            verb(cluster_year_id=pk, by=by, now=now)
            moved += 1
    return moved
