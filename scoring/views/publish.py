"""Publishing: look once more, publish as provisional or for good, revoke by decision, archive."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.access import Audience, access
from clusters import workflow as year_workflow
from clusters.http import ActingRequest
from clusters.models import ClusterYear, YearStatus
from clusters.policies import may_archive
from core import acts
from core.forms import IdempotentForm
from core.models import AuditEvent
from scoring.forms.publish import FinalForm, ProvisionalForm, RevokeForm
from scoring.policies import run as policies
from scoring.policies.run import RunStanding
from scoring.queries.board import View
from scoring.queries.comparison import compare, preview_of
from scoring.queries.objection import tally_of
from scoring.queries.run import standing_of
from scoring.views.runs import locked, year_of
from scoring.workflow import run as workflow
from scoring.workflow.run import Notes

#: Acts that end with a page of confirmation.
CONFIRMED = (
    "scoring.published_provisional", "scoring.published_final", "scoring.revoked",
    "clusters.year_archived",
)  # fmt: skip


@access(Audience.CLUSTER, "GET", "POST")
def provisional(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Look at the newest run and publish it as provisional, with what is missing."""
    year = year_of(request, year_pk)
    standing = standing_of(year, request.acting, request.today)
    if not policies.may_read_all_points(standing.place):
        return _locked(request, standing, "Công bố điểm tạm tính")
    start = {"run": standing.run.pk if standing.run else None}
    until = {"objections_until": _objections_until(year, request.today)}
    form = ProvisionalForm(acts.sent(request), initial=start | until, today=request.today)

    def act() -> str:
        notes = Notes(form.cleaned_data["objections_until"], form.cleaned_data["note"])
        workflow.publish_provisional(
            cluster_year_id=year.pk, run_id=form.run_id, notes=notes, by=request.acting,
            now=request.now,
        )  # fmt: skip
        return _confirmation(request, year)

    done = acts.submit(request, form, act)
    verdict = policies.may_publish_provisional(standing)
    context = _preview(standing) | {"year": year, "form": form, "verdict": verdict}
    return done or render(request, "scoring/publish.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def final(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Look at the newest run and, after typing the words, publish it for good."""
    year = year_of(request, year_pk)
    standing = standing_of(year, request.acting, request.today)
    verdict = policies.may_publish_final(standing)
    if not standing.place.is_organiser:
        return _locked(request, standing, "Công bố kết quả chính thức", verdict.reason)
    confirmation = workflow.confirmation_of(year)
    start = {"run": standing.run.pk if standing.run else None}
    form = FinalForm(acts.sent(request), initial=start, confirmation=confirmation)

    def act() -> str:
        workflow.publish_final(
            cluster_year_id=year.pk, run_id=form.run_id, typed=form.cleaned_data["typed"],
            by=request.acting, now=request.now,
        )  # fmt: skip
        return _confirmation(request, year)

    done = acts.submit(request, form, act)
    context = _preview(standing) | {"year": year, "form": form, "verdict": verdict}
    return done or render(request, "scoring/publish_final.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def revoke(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Mark the final result as revoked, by decision."""
    year = year_of(request, year_pk)
    standing = standing_of(year, request.acting, request.today)
    verdict = policies.may_revoke(standing)
    if not standing.place.is_organiser:
        return _locked(request, standing, "Thu hồi kết quả", verdict.reason)
    form = RevokeForm(acts.sent(request))

    def act() -> str:
        workflow.revoke(
            cluster_year_id=year.pk, reason=form.cleaned_data["reason"], by=request.acting,
            now=request.now,
        )  # fmt: skip
        return _confirmation(request, year)

    done = acts.submit(request, form, act)
    context = {"year": year, "form": form, "verdict": verdict, "final": standing.final}
    return done or render(request, "scoring/publish_revoke.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def archive(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Close the year for good, after saying what that means."""
    year = year_of(request, year_pk)
    standing = standing_of(year, request.acting, request.today)
    verdict = may_archive(standing.place, year)
    if not standing.place.is_organiser:
        return _locked(request, standing, "Lưu trữ năm thi đua", verdict.reason)
    form = IdempotentForm(acts.sent(request))

    def act() -> str:
        year_workflow.archive(cluster_year_id=year.pk, by=request.acting, now=request.now)
        return _confirmation(request, year)

    done = acts.submit(request, form, act)
    context = {"year": year, "form": form, "verdict": verdict, "final": standing.final}
    return done or render(request, "scoring/publish_archive.html", context)


@access(Audience.CLUSTER)
def done(request: ActingRequest, year_pk: int, seq: int) -> HttpResponse:
    """Confirm what was published, revoked or archived: its number and time, what follows."""
    year = year_of(request, year_pk)
    mine = AuditEvent.objects.filter(cluster_year_id=year.pk, actor_id=request.user.pk)
    event = get_object_or_404(mine, seq=seq, action__in=CONFIRMED)
    kind = event.action.rpartition(".")[2]
    return render(
        request, "scoring/publish_done.html", {"year": year, "event": event, "kind": kind}
    )


def _preview(standing: RunStanding) -> dict[str, Any]:
    """Return what is looked at before publishing: gaps, ties, vetoes, objections, what changed."""
    run, last = standing.run, standing.provisional
    context: dict[str, Any] = {"run": run, "last": last, "preview": None, "changes": None}
    if last is not None:
        context["objections"] = tally_of(standing.year)
    if run is not None:
        context["preview"] = preview_of(run)
        if last is not None and last.run_id != run.pk:
            context["changes"] = compare(last.run, run, View(standing.place))
    return context


def _objections_until(year: ClusterYear, today: date) -> date | None:
    """Return the last day of the calendar's time for objections, if it is still to come."""
    stage = year.stages.filter(kind=YearStatus.OBJECTIONS).order_by("order").first()
    due = stage.due_on if stage else None
    return due if due and due >= today else None


def _confirmation(request: ActingRequest, year: ClusterYear) -> str:
    """Return the address of the confirmation of what this person has just done."""
    events = AuditEvent.objects.filter(
        cluster_year_id=year.pk, actor_id=request.user.pk, action__in=CONFIRMED
    )
    seq = events.order_by("-seq").values_list("seq", flat=True)[0]
    return reverse("scoring:publish_done", args=[year.pk, seq])


def _locked(
    request: ActingRequest, standing: RunStanding, title: str, reason: str = ""
) -> HttpResponse:
    why = reason or policies.may_publish_provisional(standing).reason
    return locked(request, standing.year, title, why)
