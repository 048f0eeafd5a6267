"""The tasks that Celery runs: wake up, look at the row, do the work."""

from typing import Any

from celery import shared_task
from celery.signals import worker_init
from django.utils import timezone

from clusters.calendar import local_date
from reports import jobs, operations, render


@shared_task(name="reports.tasks.run_job")
def run_job(*, job_id: int, **_kwargs: Any) -> None:
    """Do a job, once, however often the bell rings."""
    jobs.run(job_id, timezone.now)


@shared_task(name="reports.tasks.sweep")
def sweep(**_kwargs: Any) -> int:
    """Ring again for jobs whose bell was lost or whose worker died; clear expired ZIPs away."""
    now = timezone.now()
    jobs.clear_expired(local_date(now))
    return jobs.sweep(now)


@shared_task(name="reports.tasks.remind")
def remind(**_kwargs: Any) -> int:
    """Remind units of what is due in a few days; however often it is called, once a due day."""
    return operations.remind(timezone.now())


@worker_init.connect
def load_renderer(**_kwargs: Any) -> None:
    """Load the renderer in the parent of the worker processes: a new child is ready at once.

    This is Celery's own start-up hook, not a rule; a machine without the libraries starts all the
    same, and each job then says what is missing.
    """
    try:
        render.warm_up()
    except render.Unavailable:
        return
