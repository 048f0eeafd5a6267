"""The history of one report: what was written, handed in, returned and accepted, field by field."""

from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import Audience, access
from clusters.http import ActingRequest
from core import history
from core.models import AuditEvent
from pledges.queries.review_board import UNSEEN_ACTIONS
from pledges.views.review_desk import open_report, report_context


@access(Audience.CLUSTER)
def report_history(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Tell what happened to a report, newest first (feature 116)."""
    desk = open_report(request, year_pk, pk)
    events = AuditEvent.objects.about(desk.review).reverse()
    shown = events if desk.is_writer else events.exclude(action__in=UNSEEN_ACTIONS)
    context = report_context(desk, lines=history.sentences_of(shown))
    return render(request, "pledges/review_history.html", context)
