"""The print centre and its jobs: asked for once, followed by anybody, going on without a page."""

from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.access import Audience, access
from clusters.http import ActingRequest, remember
from clusters.models import ClusterYear
from clusters.queries import place_of
from core import acts
from core.policy import require
from reports import jobs, policies
from reports.models import Job, PaperGroup
from reports.queries.printing import SETS, job_view, print_page, set_documents, set_jobs
from reports.views.loading import load_year


@access(Audience.CLUSTER)
def print_centre(request: ActingRequest, pk: int) -> HttpResponse:
    """Show every paper of the year, the state of its file, and the signed book."""
    year = load_year(request, pk)
    page = print_page(year, request.acting)
    return render(request, "reports/print_centre.html", {"year": year, "page": page})


@access(Audience.CLUSTER, "POST")
def ask_book(request: ActingRequest, pk: int) -> HttpResponseRedirect:
    """Ask for the signed book of the year."""
    year = load_year(request, pk)
    back = reverse("reports:print_centre", args=[year.pk])
    return acts.press(request, lambda: _ask(request, year), otherwise=back)


@access(Audience.CLUSTER, "POST")
def ask_set(request: ActingRequest, pk: int, group: str) -> HttpResponseRedirect:
    """Ask for the papers of a group in one file."""
    year = load_year(request, pk)
    if group not in SETS:
        raise Http404
    back = reverse("reports:print_centre", args=[year.pk])
    return acts.press(request, lambda: _ask_set(request, year, SETS[group]), otherwise=back)


@access(Audience.CLUSTER)
def job(request: ActingRequest, pk: int) -> HttpResponse:
    """Show how far a job is; it goes on when the page is closed."""
    found = _job(request, pk)
    remember(request, found.cluster_year)
    context = {"year": found.cluster_year, "view": job_view(found)}
    return render(request, "reports/job.html", context)


@access(Audience.CLUSTER)
def job_state(request: ActingRequest, pk: int) -> JsonResponse:
    """Say in a few bytes how far a job is."""
    return JsonResponse(job_view(_job(request, pk)).as_json())


@access(Audience.CLUSTER, "POST")
def retry(request: ActingRequest, pk: int) -> HttpResponseRedirect:
    """Ask again for what failed or was cancelled."""
    found = _job(request, pk)
    back = reverse("reports:print_centre", args=[found.cluster_year_id])

    def act() -> str:
        jobs.retry(job_id=found.pk, by=request.acting, now=request.now)
        return back

    return acts.press(request, act, otherwise=back, success=f"Đã xếp hàng làm lại: {found.title}.")


@access(Audience.CLUSTER, "POST")
def cancel(request: ActingRequest, pk: int) -> HttpResponseRedirect:
    """Give up a book that is not finished."""
    found = _job(request, pk)
    back = reverse("reports:print_centre", args=[found.cluster_year_id])

    def act() -> str:
        jobs.cancel(job_id=found.pk, by=request.acting, now=request.now)
        return back

    return acts.press(request, act, otherwise=back, success=f"Đã hủy: {found.title}.")


def _job(request: ActingRequest, pk: int) -> Job:
    seen = Job.objects.visible_to(request.acting).select_related(
        "cluster_year__cluster__organiser", "cluster_year__cycle", "result", "document", "parent"
    )
    return get_object_or_404(seen, pk=pk)


def _ask(request: ActingRequest, year: ClusterYear) -> str:
    require(print_page(year, request.acting).may_ask_book)
    book = jobs.order_book(cluster_year=year, by=request.acting, now=request.now)
    return reverse("reports:job", args=[book.pk])


def _ask_set(request: ActingRequest, year: ClusterYear, group: PaperGroup) -> str:
    acting = request.acting
    documents = set_documents(year, acting, group)
    verdict = policies.may_ask_set(place_of(acting, year), documents, set_jobs(year, acting, group))
    require(verdict)
    packed = jobs.order_set(
        cluster_year=year, group=group, documents=documents, by=acting, now=request.now
    )
    return reverse("reports:job", args=[packed.pk])
