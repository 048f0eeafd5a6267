"""What cross-inspections ask of a person: write and submit what was found, answer it."""

from datetime import datetime

from django.db.models import Count, Q
from django.urls import reverse

from clusters.acting import Acting
from core.inbox import Work, asked_in
from scoring.models import Inspection, InspectionStatus
from scoring.policies.inspection import OPEN_YEAR
from scoring.queries.inspection import inspections_with_names, team_of

IS = InspectionStatus


@asked_in(OPEN_YEAR)
def work_waiting(acting: Acting, _now: datetime) -> list[Work]:
    """Return the rows of inspections for one person; two statements for any number."""
    if not (acting.is_officer or acting.is_head):
        return []
    mine = Q(places__unit=acting.unit_id, status__in=[IS.OPEN, IS.SUBMITTED])
    asked = Q(unit=acting.unit_id, status=IS.SUBMITTED)
    keys = Inspection.objects.filter(
        mine | asked, draw__cancelled_at__isnull=True, draw__cluster_year__status__in=OPEN_YEAR
    ).values("pk")
    rows = inspections_with_names().filter(pk__in=keys).annotate(found=Count("findings"))
    found = [_row(row, acting) for row in rows.order_by("draw__cluster_year", "unit__code")]
    return [work for work in found if work is not None]


def _row(row: Inspection, acting: Acting) -> Work | None:
    if row.unit_id == acting.unit_id:
        return _answer(row, acting)
    return _team(row, acting)


def _answer(row: Inspection, acting: Acting) -> Work:
    """Ask the head of the inspected unit; its officer sees who has it."""
    first, count = team_of(row)[0].short_name, vars(row)["found"]
    title, why = "Trả lời biên bản kiểm tra chéo", f"Tổ do {first} đứng đầu ghi {count} tiêu chí."
    if acting.is_head:
        return _work(row, (title, why, "inspection_answer", "Xem và trả lời"), "")
    return _work(row, (title, why, "inspection", "Xem"), "Lãnh đạo đơn vị")


def _team(row: Inspection, acting: Acting) -> Work | None:
    unit, first = row.unit.short_name, team_of(row)[0]
    if row.status == IS.SUBMITTED:
        facts = (f"Trả lời biên bản kiểm tra {unit}", "Tổ đã gửi biên bản.", "inspection", "Xem")
        return _work(row, facts, unit)
    is_ready = row.inspected_on is not None and bool(row.summary)
    heads = acting.is_head and acting.unit_id == first.pk
    why = f"Đã ghi {vars(row)['found']} tiêu chí."
    if heads and is_ready:
        return _work(row, (f"Gửi biên bản kiểm tra {unit}", why, "inspection_submit", "Xem và gửi"))
    facts = (f"Kiểm tra chéo {unit}", why, "inspection", "Ghi biên bản")
    holder = f"Lãnh đạo {first.short_name}" if is_ready else ""
    return _work(row, facts, holder)


def _work(row: Inspection, facts: tuple[str, str, str, str], waits_for: str = "") -> Work:
    """Return a row: title, why, page and verb; minutes have a due day, answers have none."""
    title, why, page, verb = facts
    return Work(
        title=title,
        why=why,
        url=reverse(f"scoring:{page}", args=[row.draw.cluster_year_id, row.pk]),
        verb=verb,
        icon="search",
        cluster=str(row.draw.cluster_year),
        due=row.draw.due_on if row.status == IS.OPEN else None,
        waits_for=waits_for,
    )
