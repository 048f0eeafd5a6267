"""Pages that belong to no app in particular: inbox, notices, health, errors."""

from typing import Any, cast

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.access import Audience, access
from accounts.http import AuthedRequest
from core import inbox
from core.models import AuditEvent, Notice


@access(Audience.ANYONE)
def root(request: HttpRequest) -> HttpResponseRedirect:
    """Lead everybody to the inbox, strangers by way of the log-in page."""
    return redirect("core:inbox")


@access(Audience.PERSON)
def my_work(request: AuthedRequest) -> HttpResponse:
    """Show what waits for me, until when and why me; and what I handed over."""
    asked = cast("Any", request)  # the acting person is attached by an app above this one
    dates = inbox.milestones(asked.acting, asked.now)
    context = {
        **inbox.page(asked.work(), asked.today),
        "milestones": dates,
        "many_calendars": len({milestone.cluster for milestone in dates}) > 1,
        "next_date": inbox.next_date(dates, asked.today),
        "notices": Notice.objects.visible_to(request.user).order_by("-created_at", "-pk")[:3],
    }
    return render(request, "core/inbox.html", context)


@access(Audience.PERSON)
def notices(request: AuthedRequest) -> HttpResponse:
    """List my notices, newest first."""
    mine = Notice.objects.visible_to(request.user).order_by("-created_at", "-pk")[:100]
    return render(request, "core/notices.html", {"notices": mine})


@access(Audience.PERSON, "POST")
def read_notice(request: AuthedRequest, pk: int) -> HttpResponseRedirect:
    """Mark a notice as read and go where it leads."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    Notice.objects.visible_to(request.user).filter(pk=pk, read_at=None).update(
        read_at=request.now  # type: ignore[attr-defined]
    )
    return redirect(notice.url)


@access(Audience.ANYONE)
def healthz(request: HttpRequest) -> JsonResponse:
    """Say that the process answers."""
    return JsonResponse({"status": "ok"})


@access(Audience.ANYONE)
def readyz(request: HttpRequest) -> JsonResponse:
    """Say whether the database answers and is migrated; 503 when not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        AuditEvent.objects.order_by("-seq").values("seq").first()
    except Exception:  # noqa: BLE001 - whatever is wrong, the answer is "not ready"
        return JsonResponse({"status": "not ready"}, status=503)
    return JsonResponse({"status": "ready", "at": timezone.now().isoformat()})


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer unknown and forbidden alike."""
    return render(request, "404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say to an insider why not, and who can."""
    return render(request, "403.html", {"reason": str(exception or "")}, status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that the request could not be read."""
    return render(request, "400.html", status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that the fault is ours and that nothing typed was stored half.

    Rendered without the request: the frame asks the database, which may be what failed.
    """
    return HttpResponse(render_to_string("500.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Offer what was typed back when the form had expired."""
    kept = {k: cast("str", v) for k, v in request.POST.items() if k not in HIDDEN and len(v) < KEEP}
    return render(request, "csrf.html", {"kept": kept}, status=403)


HIDDEN = {"csrfmiddlewaretoken", "password", "token"}
#: Longest text that the page for an expired form shows back.
KEEP = 20_000
