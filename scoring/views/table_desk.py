"""What every page of the tables of a year starts from: the year, its standing, whose turn it is."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from clusters.http import ActingRequest, remember
from clusters.models import ClusterYear
from core.policy import Verdict
from core.templatetags.gu import Cell
from scoring.models import CriteriaTable
from scoring.policies.table import TableStanding
from scoring.queries.table import table_standing


def standing_for(request: ActingRequest, pk: int) -> TableStanding:
    """Load a year that the person sees, make it the one of the frame, and gather its tables."""
    year = get_object_or_404(ClusterYear.objects.visible_to(request.acting).with_names(), pk=pk)
    remember(request, year)
    return table_standing(request.acting, year)


def locked(
    request: ActingRequest, standing: TableStanding, title: str, verdict: Verdict
) -> HttpResponse:
    """Say why a page cannot be worked on by this person now, and where to go instead."""
    context = {"year": standing.year, "title": title, "reason": verdict.reason}
    return render(request, "scoring/table_locked.html", context, status=403)


def turn(standing: TableStanding, table: CriteriaTable | None, faults: int | None) -> list[Cell]:
    """Say who is waited for, what is missing and until when, of the table that is shown.

    `faults` counts what the engine refuses in a draft; None where that was not asked.
    """
    organiser = standing.year.cluster.organiser.short_name
    lead = standing.year.cluster.lead_title
    if table is None:
        return [
            Cell("Tình trạng", "Chưa có bảng tiêu chí"),
            Cell("Đang chờ", f"{organiser} hoặc {lead.lower()} chọn bảng"),
            Cell("Đến khi nào", "Trước khi chốt giao ước"),
        ]
    if table.status != CriteriaTable.Status.DRAFT:
        state = str(table.get_status_display())
        waiting = "Không ai" if standing.draft is None else "Bản nháp phiên bản mới đang soạn"
        return [Cell("Tình trạng", state), Cell("Đang chờ", waiting)]
    missing = "Đủ để áp dụng" if not faults else f"{faults} chỗ chưa đúng"
    if standing.in_use is not None:
        waits, until = f"{organiser} quyết định áp dụng", "Trước khi mở phiếu tự chấm"
    else:
        waits, until = f"{lead} soạn, thông qua cùng giao ước", "Khi chốt giao ước"
    return [
        Cell("Tình trạng", "Bản nháp"),
        Cell("Đang chờ", waits),
        *([] if faults is None else [Cell("Còn thiếu", missing)]),
        Cell("Đến khi nào", until),
    ]


def editor_url(pk: int, row: int | None = None) -> str:
    """Return the address of the editor, at a row of it."""
    address = reverse("scoring:table_edit", args=[pk])
    return address if row is None else f"{address}#d-{row}"


def base_of(standing: TableStanding, **more: Any) -> dict[str, Any]:
    """Return what every template of these pages prints."""
    return {"year": standing.year, "draft": standing.draft, "in_use": standing.in_use, **more}
