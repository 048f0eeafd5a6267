"""Reads of criteria tables and what waits for their keepers."""

from datetime import datetime

from django.urls import reverse

from clusters.acting import Acting
from clusters.models import ClusterYear, YearStatus
from core.inbox import Work


def work_waiting(acting: Acting, _now: datetime) -> list[Work]:
    """Ask the organiser for the criteria table of years that have none."""
    if not acting.is_organiser:
        return []
    years = (
        ClusterYear.objects.visible_to(acting)
        .filter(status__in=[YearStatus.PREPARING, YearStatus.DRAFTING])
        .exclude(criteria_tables__status__in=["DRAFT", "IN_USE"])
        .with_names()
    )
    return [
        Work(
            title="Chọn bảng tiêu chí chấm điểm",
            why="Quy định chấm điểm được thông qua cùng giao ước; năm này chưa có bảng.",
            url=reverse("scoring:choose_table", args=[year.pk]),
            verb="Chọn bảng",
            icon="list-check",
            cluster=str(year),
        )
        for year in years
    ]
