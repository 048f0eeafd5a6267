"""The room of the pledge: reading a version with its changes, discussing it beside the text."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.access import Audience, access
from clusters.http import ActingRequest
from clusters.models import ClusterYear, YearStatus
from clusters.queries import lead_of, members_of, place_of
from core import acts
from pledges import operations, policies, queries
from pledges import render as reading
from pledges.forms import CommentForm, StartForm
from pledges.models import PledgeVersion
from pledges.views.board import Topic, room_context
from pledges.views.desk import (
    find_desk,
    last_years_version,
    open_desk,
    open_year,
    page_context,
    sent,
)
from pledges.workflow import pledge as workflow


# Reading -------------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET")
def pledge(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Show the pledge of a year, or who begins it and until when."""
    year = open_year(request, year_pk)
    desk = find_desk(request, year)
    if desk is None:
        return _before_start(request, year)
    if desk.shown is None:
        return render(request, "pledges/unseen.html", page_context(desk))
    return render(request, "pledges/room.html", room_context(desk))


@access(Audience.CLUSTER, "GET", "POST")
def discussion(request: ActingRequest, year_pk: int, anchor: str) -> HttpResponse:
    """Show the room with what was said about one clause, target or paper; take a comment."""
    desk = open_desk(request, year_pk)
    label = reading.anchors(desk.content).get(anchor)
    if label is None:
        raise Http404
    form = CommentForm(sent(request))

    def act() -> str:
        operations.comment(
            pledge_id=desk.pledge.pk, anchor=anchor, text=form.cleaned_data["text"],
            by=request.acting, now=request.now,
        )  # fmt: skip
        return desk.url("discussion", anchor)

    done = acts.submit(request, form, act, success=f"Đã gửi góp ý tới {desk.lead_unit}.")
    return done or render(
        request, "pledges/room.html", room_context(desk, Topic(anchor, label), form)
    )


@access(Audience.CLUSTER, "GET")
def levels(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Show every target with the level of every unit."""
    desk = open_desk(request, year_pk)
    rows = [
        (number, target, reading.level_cells(desk.content, target))
        for number, target in enumerate(desk.content["targets"], start=1)
    ]
    names = [member["short_name"] for member in desk.content["members"]]
    return render(request, "pledges/levels.html", page_context(desk, rows=rows, names=names))


@access(Audience.CLUSTER, "POST")
def start(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Begin the pledge: empty, or from last year's text."""
    year = open_year(request, year_pk)
    last = last_years_version(request, year)
    form = StartForm(sent(request), last_year=_cycle_name(last))

    def act() -> str:
        clone = form.cleaned_data["source"] == "clone"
        workflow.start(cluster_year_id=year.pk, by=request.acting, now=request.now, clone=clone)
        return reverse("pledges:pledge", args=[year.pk])

    done = acts.submit(request, form, act, success="Đã mở bản 1. Bản nháp chỉ đơn vị bạn thấy.")
    return done or _before_start(request, year, form)


def _before_start(
    request: ActingRequest, year: ClusterYear, form: StartForm | None = None
) -> HttpResponse:
    members = members_of(year)
    lead = lead_of(members)
    window = queries.windows_of(year, request.acting.unit_id, request.today).get(
        YearStatus.DRAFTING
    )
    name = lead.unit.short_name if lead else ""
    verdict = policies.may_start(place_of(request.acting, year), name, window, request.today)
    last = last_years_version(request, year)
    context = {
        "year": year, "cluster": year.cluster, "lead": lead, "window": window, "verdict": verdict,
        "form": form or StartForm(last_year=_cycle_name(last)), "mast_title": "Giao ước",
    }  # fmt: skip
    return render(request, "pledges/start.html", context)


def _cycle_name(version: PledgeVersion | None) -> str:
    return str(version.pledge.cluster_year.cycle) if version else ""
