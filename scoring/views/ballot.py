"""Votes of the cluster: listed, prepared, opened, cast, counted, called off.

The page on which a unit votes takes no part in `core.acts` (ADR 0049): what a form is remembered by
there is made of what was typed. Its row in the list of voters keeps a unit from voting twice; every
answer to it is a redirect, so that nothing that holds a choice stays in the browser.
"""

import logging
from datetime import date
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, OperationalError
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.access import Audience, access
from clusters.http import ActingRequest
from clusters.models import ClusterYear
from core import acts
from core.forms import IdempotentForm, whole_number
from core.policy import Refused
from core.sending import may_be_inline, send
from core.templatetags.gu import Cell
from scoring.forms.ballot import (
    BallotForm,
    CancelForm,
    CastForm,
    PaperCountForm,
    PresenceForm,
    start_of,
)
from scoring.models import Ballot, BallotStatus, BallotSubject, Candidate
from scoring.policies import ballot as policies
from scoring.policies.ballot import BallotStanding, Terms
from scoring.policies.run import may_read_all_points
from scoring.queries.ballot import (
    BallotPage,
    ballots_of,
    ballots_with_names,
    contenders_of,
    field_of,
    page_of,
    published_of,
    shared_ranks,
    standing_of,
    voters_of,
    voting_members,
)
from scoring.queries.quota import quotas_for, rows_of
from scoring.views.runs import locked, year_of
from scoring.workflow import ballot as workflow

log = logging.getLogger(__name__)

BS, Subject = BallotStatus, BallotSubject
TITLE = "Bỏ phiếu"
#: In the address of a vote on next year's lead: also units that were not considered may stand.
EVERYBODY = "tat-ca"


# All votes of a year -------------------------------------------------------------------------
@access(Audience.CLUSTER)
def ballots(request: ActingRequest, year_pk: int) -> HttpResponse:
    """List the votes of a year and what can be voted on."""
    year = year_of(request, year_pk)
    standing = standing_of(year, request.acting)
    context = {
        "year": year,
        "ballots": ballots_of(year, request.acting),
        "verdict": policies.may_prepare(standing),
        "manages": may_read_all_points(standing.place),
    }
    return render(request, "scoring/ballots.html", context)


# Preparing -----------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def ballot_new(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Choose what is voted on, then who stands and by which rules it is counted."""
    year = year_of(request, year_pk)
    standing = standing_of(year, request.acting)
    verdict = policies.may_prepare(standing)
    if not may_read_all_points(standing.place):
        return locked(request, year, TITLE, verdict.reason)
    again = _again(request, year)
    about = _about(again, request.today) if again else _asked(request, year)
    if not verdict or about is None:
        context = {"year": year, "verdict": verdict, "subjects": _subjects(year) if verdict else []}
        return render(request, "scoring/ballot_subject.html", context)
    start = _start_again(again) if again else {}
    return _form_page(request, year, about, start, None)


@access(Audience.CLUSTER, "GET", "POST")
def ballot_edit(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Change list or rules while the vote is being prepared."""
    year, found, standing = _ballot(request, year_pk, pk)
    verdict = policies.may_change(standing)
    if not verdict:
        return locked(request, year, f"Sửa {found}", verdict.reason)
    return _form_page(request, year, _about(found, request.today), start_of(found), found)


def _form_page(
    request: ActingRequest,
    year: ClusterYear,
    about: Terms,
    start: dict[str, Any],
    found: Ballot | None,
) -> HttpResponse:
    published = published_of(year)
    field = field_of(contenders_of(published.run, year) if published else [], about)
    everybody = [one.unit_id for one in field.eligible]
    quota = about.quota
    seats = rows_of([quota], year)[0].left if quota else 1
    initial = {"units": everybody, "seats": max(1, min(seats, len(everybody)))} | start
    form = BallotForm(acts.sent(request), about=about, eligible=field.eligible, initial=initial)

    def save() -> str:
        common: dict[str, Any] = {"plan": form.plan, "by": request.acting, "now": request.now}
        if found is None:
            made = workflow.prepare(cluster_year_id=year.pk, **common)
        else:
            made = workflow.change(ballot_id=found.pk, seen=form.revision, **common)
        return reverse("scoring:ballot", args=[year.pk, made.pk])

    done = acts.submit(request, form, save, success="Đã ghi. Xem lại thể lệ rồi mở bỏ phiếu.")
    if found and getattr(form, "conflict", None):
        found.refresh_from_db()
        form.renew(found.revision)
    context = {
        "year": year, "form": form, "field": field, "about": about, "ballot": found,
        "named": _named(about, year), "quota": quota, "left": seats, "published": published,
        "is_on_roles": about.subject in (Subject.LEAD, Subject.DEPUTY), "everybody": EVERYBODY,
    }  # fmt: skip
    return done or render(request, "scoring/ballot_form.html", context)


def _asked(request: ActingRequest, year: ClusterYear) -> Terms | None:
    """Return what the address asks to vote on: a title, a role of next year, a shared rank."""
    name, _, number = request.GET.get("ve", "").partition("-")
    if name in (Subject.LEAD, Subject.DEPUTY):
        excludes = number != EVERYBODY
        return Terms(Subject(name), request.today, excludes_unconsidered=excludes)
    if name == Subject.TITLE:
        quota = next((q for q in quotas_for(year) if str(q.pk) == number), None)
        return Terms(Subject.TITLE, request.today, quota) if quota else None
    if name == Subject.TIE and number in {str(rank) for rank in _ties(year)}:
        return Terms(Subject.TIE, request.today, rank=int(number))
    return None


def _ties(year: ClusterYear) -> dict[int, list[Any]]:
    published = published_of(year)
    return dict(shared_ranks(contenders_of(published.run, year))) if published else {}


def _about(found: Ballot, today: date) -> Terms:
    """Return what a stored vote is about; who may stand is read again."""
    subject = Subject(found.subject)
    return Terms(subject, today, found.quota, found.rank, found.excludes_unconsidered)


def _subjects(year: ClusterYear) -> list[dict[str, str]]:
    """Return what can be voted on, each with its address."""
    page = reverse("scoring:ballot_new", args=[year.pk])
    found = [
        {
            "title": f"Suy tôn {row.quota.title}",
            "detail": f"Chỉ tiêu: {row.rule}; còn {row.left}.",
            "url": f"{page}?ve=TITLE-{row.quota.pk}",
        }
        for row in rows_of(quotas_for(year), year)
    ]
    following = year.cycle.year + 1
    for subject, role in ((Subject.LEAD, year.cluster.lead_title),
                          (Subject.DEPUTY, year.cluster.deputy_title)):  # fmt: skip
        detail = "Theo kết quả đã công bố của năm nay."
        title = f"Bầu {role} năm {following}"
        found.append({"title": title, "detail": detail, "url": f"{page}?ve={subject}"})
    for rank, units in _ties(year).items():
        detail = ", ".join(one.unit_name for one in units)
        title = f"Phân định các đơn vị cùng hạng {rank}"
        found.append({"title": title, "detail": detail, "url": f"{page}?ve=TIE-{rank}"})
    return found


def _named(about: Terms, year: ClusterYear) -> str:
    if about.quota is not None:
        return f"suy tôn {about.quota.title}"
    if about.subject == Subject.TIE:
        return f"phân định các đơn vị cùng hạng {about.rank}"
    cluster = year.cluster
    role = cluster.lead_title if about.subject == Subject.LEAD else cluster.deputy_title
    return f"bầu {role} năm {year.cycle.year + 1}"


def _again(request: ActingRequest, year: ClusterYear) -> Ballot | None:
    """Return the counted vote that is to be repeated among those equal in it."""
    asked = whole_number(request.GET.get("lai", ""))
    rows = ballots_with_names().filter(cluster_year=year, status=BS.COUNTED)
    return rows.filter(pk=asked).first() if asked else None


def _start_again(found: Ballot) -> dict[str, Any]:
    """Start a repeated vote from the rules of the first and the units that were equal."""
    page = page_of(found, 0)
    equal = [seat.candidate.unit_id for seat in page.seats if seat.is_equal]
    chosen = sum(seat.is_chosen for seat in page.seats)
    title = f"{found.title} (bỏ phiếu lại)"[:200]
    left = {"title": title, "seats": max(1, found.seats - chosen), "seen": ""}
    return start_of(found) | left | ({"units": equal} if equal else {})


# One vote ------------------------------------------------------------------------------------
@access(Audience.CLUSTER)
def ballot(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Show a vote: rules, list, who took part; after the count what came of it."""
    year, found, standing = _ballot(request, year_pk, pk)
    members = len(voting_members(year, request.today))
    page = page_of(found, members, request.acting.unit_id)
    why = policies.why_replaced(found, standing.published) if found.status == BS.OPEN else ""
    context = {
        "year": year,
        "ballot": found,
        "page": page,
        "cells": _cells(found, page, why),
        "replaced": why,
        "standing": standing,
        "manages": may_read_all_points(standing.place),
        "may_change": policies.may_change(standing),
        "may_open": policies.may_open(standing),
        "may_cast": policies.may_cast(standing),
        "may_mark": policies.may_mark_presence(standing),
        "may_count": policies.may_count(standing),
        "may_cancel": policies.may_cancel(standing),
        "form": IdempotentForm(),
        "is_member_head": standing.place.is_member_head,
    }
    return render(request, "scoring/ballot.html", context)


def _cells(found: Ballot, page: BallotPage, replaced: str) -> list[Cell]:
    """Say who is waited for and what is missing."""
    owner = workflow.OWNERS[BallotStatus(found.status)]
    kind = "bỏ phiếu kín" if found.is_secret else "biểu quyết công khai"
    how = f"{kind}, {'phiếu giấy' if found.on_paper else 'trên hệ thống'}"
    cells = [Cell("Hình thức", how[:1].upper() + how[1:])]
    if replaced:
        return [*cells, Cell("Đang chờ", "Đơn vị trưởng, cơ quan thường trực", "hủy")]
    if found.status == BS.OPEN:
        waiting = page.waiting
        if found.on_paper:
            return [*cells, Cell("Đang chờ", "Đơn vị trưởng, cơ quan thường trực", "kiểm phiếu")]
        who = ", ".join(waiting) if waiting else "Đơn vị trưởng, cơ quan thường trực"
        detail = "bỏ phiếu" if waiting else "kiểm phiếu"
        voted = Cell("Đã bỏ phiếu", f"{page.voted}/{len(page.voters)} đơn vị")
        return [*cells, Cell("Đang chờ", who, detail), voted]
    detail = "mở bỏ phiếu" if found.status == BS.PREPARING else ""
    return [*cells, Cell("Đang chờ", owner, detail)]


@access(Audience.CLUSTER, "POST")
def ballot_open(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Open the vote as it was read."""
    year, _, standing = _ballot(request, year_pk, pk)
    here = reverse("scoring:ballot", args=[year.pk, pk])
    if not may_read_all_points(standing.place):
        return locked(request, year, TITLE, policies.may_open(standing).reason)
    revision = whole_number(request.POST.get("seen", ""))

    def act() -> str:
        workflow.open_ballot(ballot_id=pk, seen=revision, by=request.acting, now=request.now)
        return here

    return acts.press(request, act, otherwise=here, success="Đã mở bỏ phiếu.")


@access(Audience.CLUSTER, "GET", "POST")
def ballot_presence(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Mark which units are present."""
    year, found, standing = _ballot(request, year_pk, pk)
    verdict = policies.may_mark_presence(standing)
    if not verdict:
        return locked(request, year, "Ghi đơn vị có mặt", verdict.reason)
    form = PresenceForm(acts.sent(request), voters=list(voters_of(found)))

    def act() -> str:
        workflow.mark_presence(
            ballot_id=pk, present=form.chosen, by=request.acting, now=request.now
        )
        return reverse("scoring:ballot", args=[year.pk, pk])

    done = acts.submit(request, form, act, success="Đã ghi đơn vị có mặt.")
    context = {"year": year, "ballot": found, "form": form, "verdict": verdict}
    return done or render(request, "scoring/ballot_presence.html", context)


# Casting -------------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
@sensitive_post_parameters()
@never_cache
def ballot_cast(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Cast the vote of a unit; every answer to a vote that was sent is a redirect."""
    year, found, standing = _ballot(request, year_pk, pk)
    verdict = policies.may_cast(standing)
    if not standing.place.is_member_head:
        return locked(request, year, TITLE, verdict.reason)
    if request.method == "POST":
        return _cast(request, year, found)
    if not verdict:
        return redirect("scoring:ballot", year.pk, pk)
    form = CastForm(candidates=_list_of(found), seats=found.seats)
    context = {"year": year, "ballot": found, "form": form, "verdict": verdict}
    context["page"] = page_of(found, 0)
    return render(request, "scoring/ballot_cast.html", context)


def _cast(request: ActingRequest, year: ClusterYear, found: Ballot) -> HttpResponse:
    """Record what was sent. A second sending finds the unit among those that have voted."""
    form = CastForm(request.POST, candidates=_list_of(found), seats=found.seats)
    fault = form.fault()
    if fault:
        messages.error(request, fault)
        return redirect("scoring:ballot_cast", year.pk, found.pk)
    try:
        workflow.cast(
            ballot_id=found.pk, candidate_ids=form.chosen, by=request.acting, now=request.now
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    except (IntegrityError, OperationalError) as fault:
        # Only what kind of fault it was: what the database says of it may name rows of the vote.
        log.warning("The database refused a vote: %s", type(fault).__name__)
        messages.error(request, acts.BUSY)
        return redirect("scoring:ballot_cast", year.pk, found.pk)
    else:
        messages.success(request, "Đã nhận phiếu của đơn vị bạn.")
    return redirect("scoring:ballot", year.pk, found.pk)


def _list_of(found: Ballot) -> list[Candidate]:
    return list(Candidate.objects.filter(ballot=found).order_by("order"))


# Counting, calling off -----------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def ballot_count(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Close the vote and count it, or enter what the tellers counted on paper."""
    year, found, standing = _ballot(request, year_pk, pk)
    verdict = policies.may_count(standing)
    if not verdict:
        return locked(request, year, "Kiểm phiếu", verdict.reason)
    voters = list(voters_of(found))
    form: IdempotentForm = IdempotentForm(acts.sent(request))
    if found.on_paper:
        form = PaperCountForm(
            acts.sent(request), acts.sent_files(request), voters=voters,
            candidates=_list_of(found), initial={"tellers": found.tellers},
        )  # fmt: skip

    def act() -> str:
        common: dict[str, Any] = {"ballot_id": pk, "by": request.acting, "now": request.now}
        if isinstance(form, PaperCountForm):
            workflow.count_paper(found=form.found, **common)
        else:
            workflow.count(**common)
        return reverse("scoring:ballot", args=[year.pk, pk])

    done = acts.submit(request, form, act, success="Đã kiểm phiếu, kết quả ở dưới.")
    context = {"year": year, "ballot": found, "form": form, "verdict": verdict}
    context["page"] = page_of(found, len(voters))
    return done or render(request, "scoring/ballot_count.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def ballot_cancel(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Call a vote off, with the reason."""
    year, found, standing = _ballot(request, year_pk, pk)
    verdict = policies.may_cancel(standing)
    if not verdict:
        return locked(request, year, f"Hủy {found}", verdict.reason)
    form = CancelForm(acts.sent(request), initial={"seen": str(found.revision)})

    def act() -> str:
        workflow.cancel(
            ballot_id=pk, seen=form.revision, reason=form.cleaned_data["reason"],
            by=request.acting, now=request.now,
        )  # fmt: skip
        return reverse("scoring:ballot", args=[year.pk, pk])

    done = acts.submit(request, form, act, success="Đã hủy cuộc bỏ phiếu.")
    if getattr(form, "conflict", None):
        found.refresh_from_db()
        form.renew(found.revision)
    context = {"year": year, "ballot": found, "form": form, "verdict": verdict}
    return done or render(request, "scoring/ballot_cancel.html", context)


@access(Audience.CLUSTER)
def ballot_minutes(request: ActingRequest, year_pk: int, pk: int) -> HttpResponseBase:
    """Send the signed minutes of a vote on paper to whoever sees the vote."""
    _, found, _ = _ballot(request, year_pk, pk)
    if found.minutes is None:
        raise Http404
    inline = "xem" in request.GET and may_be_inline(found.minutes.mime)
    return send(request, found.minutes, found.minutes.name, inline=inline)


# Shared --------------------------------------------------------------------------------------
def _ballot(
    request: ActingRequest, year_pk: int, pk: int
) -> tuple[ClusterYear, Ballot, BallotStanding]:
    """Load a vote that the person sees, and what the rules ask of it."""
    year = year_of(request, year_pk)
    seen = Ballot.objects.visible_to(request.acting).filter(cluster_year=year).values("pk")
    found = get_object_or_404(ballots_with_names().filter(pk__in=seen), pk=pk)
    return year, found, standing_of(year, request.acting, found)
