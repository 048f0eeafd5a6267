"""The history of a cluster year: every change in a sentence."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.access import Audience, access
from clusters.http import ActingRequest, remember
from clusters.models import ClusterYear
from clusters.queries import HISTORY_KINDS, history_of
from core import history, search


@access(Audience.CLUSTER)
def year_history(request: ActingRequest, pk: int) -> HttpResponse:
    """List what happened in a year, newest first, by person and kind."""
    year = get_object_or_404(ClusterYear.objects.visible_to(request.acting).with_names(), pk=pk)
    remember(request, year)
    person, kind = (search.tidy(request.GET.get(name)) for name in ("nguoi", "loai"))
    events = history_of(request.acting, year)
    actors = list(events.order_by().values_list("actor_name", flat=True).distinct())
    page = search.page_of(request, history.chosen(events, person, kind))
    context = {
        "year": year, "page": page, "lines": history.sentences_of(page.object_list),
        "actors": sorted(actors, key=history.by_given_name), "person": person,
        "kinds": HISTORY_KINDS, "kind": kind,
    }  # fmt: skip
    return render(request, "clusters/history.html", context)
