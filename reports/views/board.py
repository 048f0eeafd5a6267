"""The board of the year: where everybody stands, for who leads and for everybody in the cluster."""

from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import Audience, access
from clusters.http import ActingRequest
from core.search import tidy
from reports.queries.board import board_of
from reports.views.loading import load_year


@access(Audience.CLUSTER)
def board(request: ActingRequest, pk: int) -> HttpResponse:
    """Show every unit at every stage of the year, the late ones and those that wait for me."""
    year = load_year(request, pk)
    page = board_of(year, request.acting, request.today, tidy(request.GET.get("hien")))
    context = {"year": year, "page": page, "now": request.now, "mast_title": "Toàn cảnh"}
    return render(request, "reports/board.html", context)
