"""What the application does by itself in a year: remind units of what is due."""

from datetime import datetime

from django.db import transaction

from clusters.calendar import local_date
from clusters.models import ClusterYear
from core import audit
from core.audit import Change, System
from reports.queries.due import Due, due_soon, reminded_before


def remind(now: datetime) -> int:
    """Remind units of what is due in a few days, each once for each due day; return how many times.

    The notices follow from the event (`reports.effects.reminder`); that is also how a reminder is
    known to have gone out.
    """
    dues = due_soon(local_date(now))
    return sum(_remind(due, now) for due in dues) if dues else 0


@transaction.atomic
def _remind(due: Due, now: datetime) -> bool:
    # Two clocks may tick at once: the year is locked before looking.
    ClusterYear.objects.select_for_update().get(pk=due.year.pk)
    before, key = reminded_before([due]), (due.year.pk, due.what, due.due_on.isoformat())
    members = [member for member in due.members if (*key, member.unit_id) not in before]
    if not members:
        return False
    facts = {
        "what": due.what,
        "due_on": due.due_on.isoformat(),
        "step": due.step.name,
        "members": [member.unit.short_name for member in members],
        "unit_ids": [member.unit_id for member in members],
    }
    audit.record(
        "reports.reminded", due.year, by=System("Hệ thống, theo lịch năm"), now=now,
        cluster_year_id=due.year.pk, change=Change(after=facts),
    )  # fmt: skip
    return True
