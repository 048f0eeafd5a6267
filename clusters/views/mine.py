"""Pages of everybody: the appointment to act under, and the search."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.access import Audience, access
from clusters.http import SESSION_APPOINTMENT, SESSION_CLUSTER_YEAR, ActingRequest
from clusters.models import Appointment
from core import search
from core.forms import whole_number


@access(Audience.PERSON, "GET", "POST")
def appointments(request: ActingRequest) -> HttpResponse:
    """Let a person choose the appointment to act under."""
    if request.method == "POST":
        mine = Appointment.objects.current(request.today).filter(user=request.user)
        wanted = request.POST.get("appointment", "")
        chosen = get_object_or_404(mine, pk=whole_number(wanted))
        request.session[SESSION_APPOINTMENT] = chosen.pk
        request.session.pop(SESSION_CLUSTER_YEAR, None)
        return redirect("core:inbox")
    return render(request, "accounts/appointments.html")


@access(Audience.PERSON)
def search_everything(request: ActingRequest) -> HttpResponse:
    """Find units, clusters and targets among what this person may see."""
    query = search.tidy(request.GET.get("q"))
    found = search.found(request.acting, query)
    return render(request, "clusters/search.html", {"query": query, "found": found})
