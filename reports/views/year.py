"""The page of a year: where everybody in a cluster starts from."""

from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import Audience, access
from clusters.http import ActingRequest
from reports.queries.year import year_page
from reports.views.loading import load_year


@access(Audience.CLUSTER)
def year(request: ActingRequest, pk: int) -> HttpResponse:
    """Show the nine tasks of the year, whose turn it is, the units and the papers."""
    found = load_year(request, pk)
    page = year_page(found, request.acting, request.today, request.work())
    return render(request, "reports/year.html", {"year": found, "page": page})
