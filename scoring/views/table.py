"""The criteria table of a year: read by everybody in the cluster, chosen before it is agreed."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.access import Audience, access
from clusters.http import ActingRequest, remember
from clusters.models import ClusterYear
from clusters.queries import place_of
from core import acts
from scoring import operations
from scoring.forms import TableForm
from scoring.policies import may_choose_table
from scoring.queries import rows_of, standing_table, table_choices


@access(Audience.CLUSTER)
def table(request: ActingRequest, pk: int) -> HttpResponse:
    """Show the criteria table of a year as a tree with maxima, sums and rules in words."""
    year = _year(request, pk)
    found = standing_table(request.acting, year)
    context = {
        "year": year,
        "table": found,
        "rows": rows_of(found) if found else [],
        "verdict": may_choose_table(place_of(request.acting, year), found),
    }
    return render(request, "scoring/table.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def choose_table(request: ActingRequest, pk: int) -> HttpResponse:
    """Give a year a ready-made table or a copy of another year's."""
    year = _year(request, pk)
    found = standing_table(request.acting, year)
    form = TableForm(acts.sent(request), choices=table_choices(request.acting, year))

    def choose() -> str:
        source = form.cleaned_data["source"]
        operations.choose_table(
            cluster_year_id=pk, source=source, by=request.acting, now=request.now
        )
        return reverse("scoring:table", args=[pk])

    done = acts.submit(request, form, choose, success="Đã chọn bảng tiêu chí.")
    verdict = may_choose_table(place_of(request.acting, year), found)
    context = {"year": year, "table": found, "form": form, "verdict": verdict}
    return done or render(request, "scoring/choose_table.html", context)


def _year(request: ActingRequest, pk: int) -> ClusterYear:
    year = get_object_or_404(ClusterYear.objects.visible_to(request.acting).with_names(), pk=pk)
    remember(request, year)
    return year
