"""Documents and finished books, sent to whoever may see them and to nobody else."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from accounts.access import Audience, access
from clusters.http import ActingRequest
from core.sending import file_name, send
from reports import policies
from reports.models import Document, Job, StoredFile
from reports.views.reading import remember_opened


@access(Audience.CLUSTER)
def document(request: ActingRequest, pk: int) -> HttpResponseBase:
    """Send a paper to save, or with `?xem=1` to read on the spot; note that it was opened."""
    seen = Document.objects.visible_to(request.acting).select_related("file", "code")
    found = get_object_or_404(seen, pk=pk)
    verdict = policies.may_download(found)
    if not verdict or found.file is None:
        messages.info(cast("HttpRequest", request), verdict.reason)
        return redirect("reports:print_centre", found.cluster_year_id)
    if request.method == "GET":
        remember_opened(request.session, found)
    stage = found.get_stage_display().lower()
    name = file_name(found.number, found.title, f"({stage})", ending=".pdf")
    return send(request, found.file, name, inline="xem" in request.GET)


@access(Audience.CLUSTER)
def job_file(request: ActingRequest, pk: int) -> HttpResponseBase:
    """Send the result of a job while it is kept."""
    seen = Job.objects.visible_to(request.acting).select_related("result", "document")
    found = get_object_or_404(seen, pk=pk)
    verdict = policies.may_fetch(found, request.today)
    if not verdict or found.result is None:
        messages.info(cast("HttpRequest", request), verdict.reason)
        return redirect("reports:job", found.pk)
    return send(request, found.result, file_name(found.title, ending=_ending(found.result)))


def _ending(stored: StoredFile) -> str:
    return ".zip" if stored.mime == "application/zip" else ".pdf"
