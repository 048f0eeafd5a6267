"""The scoreboard: what is published, for everybody in the cluster; the same as a workbook."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts.access import Audience, access
from clusters.http import ActingRequest
from clusters.models import ClusterYear, YearStatus
from core.sending import file_name
from core.text import days_left
from scoring.models import Publication, PublicationStatus
from scoring.policies.run import may_read_all_points
from scoring.queries.board import View, board_of, published_in, run_before
from scoring.queries.export import XLSX, workbook_of
from scoring.queries.outlook import FIXED, Forecast, forecast_of
from scoring.queries.run import latest_run
from scoring.views.runs import attachment, view_of, year_of


@access(Audience.CLUSTER)
def scoreboard(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Show points, ranks and classification as published, provisional plainly so."""
    year = year_of(request, year_pk)
    view = view_of(request, year)
    published = published_in(year)
    if not published:
        return render(request, "scoring/scoreboard_none.html", _before(year, view))
    publication = published[0]
    before = run_before(published)
    context = {
        "year": year,
        "publication": publication,
        "publications": published,
        "run": publication.run,
        "board": board_of(publication.run, view, before, _forecast(publication, year, view)),
        "left": _left(publication, request),
        "reads_all": may_read_all_points(view.place),
    }
    return render(request, "scoring/scoreboard.html", context)


def _before(year: ClusterYear, view: View) -> dict[str, Any]:
    """Say who publishes and when, while nothing is published."""
    reads_all = may_read_all_points(view.place)
    stage = year.stages.filter(kind=YearStatus.PROVISIONAL).order_by("order").first()
    run = latest_run(year) if reads_all else None
    return {"year": year, "stage": stage, "reads_all": reads_all, "latest": run}


def _forecast(publication: Publication, year: ClusterYear, view: View) -> Forecast:
    """Return how far a provisional result can still go, as this person may know it."""
    if publication.status != PublicationStatus.PROVISIONAL:
        return FIXED
    return forecast_of(publication.run, year.status, view.may_open)


def _left(publication: Publication, request: ActingRequest) -> str:
    """Say how long objections are still taken; empty when the time is over."""
    until = publication.objections_until
    if publication.status != PublicationStatus.PROVISIONAL or until is None:
        return ""
    return days_left(until, request.today) if request.today <= until else ""


@access(Audience.CLUSTER)
def excel(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Send the published scoreboard as a workbook."""
    year = year_of(request, year_pk)
    published = published_in(year)
    if not published:
        raise Http404
    view = view_of(request, year)
    data = workbook_of(year, published[0], view, _forecast(published[0], year, view))
    mark = published[0].get_status_display()
    name = file_name("Bảng điểm", str(year), f"({mark.lower()})", ending=".xlsx")
    return attachment(data, name, XLSX)
