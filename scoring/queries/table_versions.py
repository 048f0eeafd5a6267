"""The versions of the criteria table of a year, and who made each of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse

from clusters.acting import Acting
from clusters.models import ClusterYear, YearStatus
from core.inbox import Work, asked_in
from core.models import AuditEvent
from scoring.models import CriteriaTable

#: The events by which a version came to be, and came into use by a decision.
_MADE: Final = ("scoring.table_chosen", "scoring.table_replaced", "scoring.version_drafted")
#: States of a year in which a version is put in use by a decision of its own.
_DECIDED: Final = (YearStatus.RUNNING, YearStatus.MIDYEAR)


@asked_in(_DECIDED)
def work_waiting(acting: Acting, _now: datetime) -> list[Work]:
    """Ask the organiser for a word on the draft beside a table in use."""
    if not acting.is_organiser:
        return []
    drafts = CriteriaTable.objects.visible_to(acting).filter(
        status=CriteriaTable.Status.DRAFT,
        cluster_year__cluster__organiser=acting.unit_id,
        cluster_year__status__in=_DECIDED,
    )
    return [
        Work(
            title=f"Quyết định về phiên bản {draft.version} của bảng tiêu chí",
            why="Bản nháp chỉ áp dụng được trước khi mở phiếu tự chấm, theo quyết định.",
            url=reverse("scoring:table_adopt", args=[draft.cluster_year_id]),
            verb="Xem bản nháp",
            icon="list-check",
            cluster=str(draft.cluster_year),
        )
        for draft in drafts.select_related("cluster_year__cluster", "cluster_year__cycle")
    ]


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version as the list shows it."""

    table: CriteriaTable
    who: str


def versions_of(acting: Acting, year: ClusterYear) -> list[CriteriaTable]:
    """Return the versions of a year that one may read, the newest first."""
    tables = CriteriaTable.objects.visible_to(acting).filter(cluster_year=year)
    return list(tables.order_by("-version"))


def version_rows(acting: Acting, year: ClusterYear) -> list[VersionRow]:
    """Return the versions with who made them; two statements for any number of versions."""
    tables = versions_of(acting, year)
    makers = _makers(year, tables)
    return [VersionRow(table, makers.get(str(table.pk), "")) for table in tables]


def _makers(year: ClusterYear, tables: Iterable[CriteriaTable]) -> dict[str, str]:
    """Say who made each version: the first event of its making."""
    events = AuditEvent.objects.filter(
        cluster_year_id=year.pk,
        action__in=_MADE,
        object_type=CriteriaTable._meta.label_lower,
        object_id__in=[str(table.pk) for table in tables],
    ).order_by("-seq")
    return {
        event.object_id: ", ".join(filter(None, (event.actor_name, event.acting_unit)))
        for event in events
    }
