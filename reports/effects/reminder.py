"""Reminders as notices: told to the people who can act, taken back when their unit has acted."""

from collections.abc import Callable
from datetime import date

from clusters.calendar import local_date
from clusters.queries import people_of
from core import notices
from core.models import AuditEvent, Notice
from core.text import format_date
from pledges.models import Consent, ProgressReport, Review, Signatory
from reports.queries.cells import Step
from reports.queries.due import ASKED, address_of
from scoring.models import Objection, ObjectionStatus, ScoreSheet


def reminded(event: AuditEvent) -> None:
    """Tell the people of the units that something is due, and until when."""
    facts = event.after
    step, due_on = Step[facts["step"]], date.fromisoformat(facts["due_on"])
    people = people_of(facts["unit_ids"], local_date(event.at), roles=ASKED[step])
    text = f"Đơn vị bạn {facts['what']}, hạn cuối ngày {format_date(due_on)}."
    notices.tell(people, event=event, text=text, url=address_of(event.cluster_year_id or 0, step))


def settled(event: AuditEvent) -> None:
    """Take the reminders back from the people of a unit that has done what they ask."""
    unit_of, steps = _DONE[event.action]
    unit_id = unit_of(int(event.object_id))
    if unit_id is None:
        return  # the cluster's own report is nobody's unit; or the unit has more to do
    reminders = Notice.objects.filter(
        event__action="reports.reminded",
        event__cluster_year_id=event.cluster_year_id,
        event__after__step__in=[step.name for step in steps],
        recipient__in=people_of([unit_id], local_date(event.at)),
        read_at__isnull=True,
        withdrawn_at__isnull=True,
    )
    reminders.update(withdrawn_at=event.at)


def _unit_of_progress(pk: int) -> int | None:
    return ProgressReport.objects.get(pk=pk).unit_id


def _unit_of_review(pk: int) -> int | None:
    return Review.objects.only("unit_id").get(pk=pk).unit_id


def _unit_of_sheet(pk: int) -> int | None:
    return ScoreSheet.objects.get(pk=pk).unit_id


def _unit_of_objection(pk: int) -> int | None:
    """Return whose objection it is; nobody's while another draft of that unit is unsent."""
    row = Objection.objects.only("unit_id", "cluster_year_id").get(pk=pk)
    drafts = Objection.objects.filter(
        cluster_year=row.cluster_year_id, unit=row.unit_id, status=ObjectionStatus.DRAFT
    )
    return None if drafts.exclude(pk=pk).exists() else row.unit_id


def _unit_of_consent(pk: int) -> int | None:
    return Consent.objects.get(pk=pk).unit_id


def _unit_of_signatory(pk: int) -> int | None:
    return Signatory.objects.get(pk=pk).unit_id


#: What settles a reminder: whose object the event is about, and of what it was.
_DONE: dict[str, tuple[Callable[[int], int | None], tuple[Step, ...]]] = {
    "pledges.consented": (_unit_of_consent, (Step.DRAFT,)),
    "pledges.refused": (_unit_of_consent, (Step.DRAFT,)),
    "pledges.signed": (_unit_of_signatory, (Step.SIGN,)),
    "pledges.progress_submitted": (_unit_of_progress, (Step.PROGRESS,)),
    "pledges.review_submitted": (_unit_of_review, (Step.MIDYEAR, Step.YEAREND)),
    "scoring.sheet_submitted": (_unit_of_sheet, (Step.CLAIM,)),
    "scoring.objection_sent": (_unit_of_objection, (Step.PUBLISH,)),
    "scoring.objection_discarded": (_unit_of_objection, (Step.PUBLISH,)),
}
