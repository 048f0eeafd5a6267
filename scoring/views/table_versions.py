"""What becomes of a version of a criteria table: drafted, tried, put in use, given up, coded."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.access import Audience, access
from clusters.acting import Acting
from clusters.http import ActingRequest
from core import acts
from core.forms import DecideForm
from core.policy import Verdict
from scoring import operations
from scoring.forms.table_edit import AdoptForm, CodedForm, VersionForm
from scoring.models import CriteriaTable
from scoring.policies.table import (
    TableStanding,
    may_adopt,
    may_drop_draft,
    may_edit_table,
    may_make_version,
    may_switch_coded,
)
from scoring.queries.table import as_interchange
from scoring.queries.table_diff import changes_between
from scoring.queries.table_faults import faults_in
from scoring.queries.table_trial import run_to_try_on, try_on
from scoring.queries.table_uses import lost_in, uses_of_criteria, zeroes_in
from scoring.views.table_desk import base_of, editor_url, locked, standing_for, turn


@access(Audience.CLUSTER, "GET", "POST")
def make(request: ActingRequest, pk: int) -> HttpResponse:
    """Copy the table in use into the draft of the next version, with the reason why."""
    standing = standing_for(request, pk)
    verdict = may_make_version(standing)
    if not verdict:
        return locked(request, standing, "Lập phiên bản mới", verdict)
    form = VersionForm(acts.sent(request))

    def act() -> str:
        operations.make_version(
            cluster_year_id=pk, reason=form.cleaned_data["reason"], by=request.acting,
            now=request.now,
        )  # fmt: skip
        return editor_url(pk)

    done = acts.submit(request, form, act, success="Đã lập bản nháp của phiên bản mới.")
    context = base_of(standing, form=form)
    return done or render(request, "scoring/table_make.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def adopt(request: ActingRequest, pk: int) -> HttpResponse:
    """Show what a draft changes and put it in use beside the signed pledge, by decision."""
    standing = standing_for(request, pk)
    old = as_interchange(standing.in_use) if standing.in_use else {}
    new = as_interchange(standing.draft) if standing.draft else {}
    faults = faults_in(new) if new else []
    uses = uses_of_criteria(pk) if new else []
    lost, zeroes = (lost_in(old, new, uses), zeroes_in(new, uses)) if new else ("", "")
    verdict = may_adopt(standing, len(faults), lost, zeroes)
    if standing.draft is None or not (standing.place.is_organiser or may_edit_table(standing)):
        return locked(request, standing, "Áp dụng phiên bản mới", verdict)
    form = AdoptForm(acts.sent(request), initial={"seen": str(standing.draft.revision)})

    def act() -> str:
        operations.adopt_version(
            cluster_year_id=pk, decision=form.cleaned_data["decision"], seen=form.revision,
            by=request.acting, now=request.now,
        )  # fmt: skip
        return reverse("scoring:table", args=[pk])

    if done := acts.submit(request, form, act, success="Phiên bản mới đã áp dụng."):
        return done
    _go_on(form, standing.draft)
    changes = changes_between(old, new) if old else []
    context = base_of(
        standing, form=form, verdict=verdict, changes=changes, faults=faults,
        turn=turn(standing, standing.draft, len(faults)),
    )  # fmt: skip
    return render(request, "scoring/table_adopt.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def drop(request: ActingRequest, pk: int) -> HttpResponse:
    """Ask before the draft beside the table in use is given up."""
    standing = standing_for(request, pk)
    form = DecideForm(acts.sent(request), initial=_seen(standing))
    page = ("Bỏ bản nháp", "scoring/table_drop.html", "Đã bỏ bản nháp.")
    return _decide(
        request, standing, may_drop_draft(standing), form, operations.drop_draft,
        reverse("scoring:table", args=[pk]), page,
    )  # fmt: skip


@access(Audience.CLUSTER, "GET", "POST")
def code(request: ActingRequest, pk: int) -> HttpResponse:
    """Say what coding costs, have it ticked, and wipe the texts of the draft."""
    standing = standing_for(request, pk)
    form = CodedForm(acts.sent(request), initial=_seen(standing))
    page = (
        "Chỉ ghi mã số", "scoring/table_coded.html", "Bảng đã chuyển sang chỉ ghi mã số.",
    )  # fmt: skip
    return _decide(
        request, standing, may_switch_coded(standing), form, operations.switch_coded,
        editor_url(pk), page,
    )  # fmt: skip


def _decide(
    request: ActingRequest,
    standing: TableStanding,
    verdict: Verdict,
    form: DecideForm,
    verb: Callable[..., CriteriaTable],
    address: str,
    page: tuple[str, str, str],
) -> HttpResponse:
    """Show a page with one decision on the draft and carry it out; `page`: title, file, success."""
    title, template, success = page
    if standing.draft is None or not verdict:
        return locked(request, standing, title, verdict)

    def act() -> str:
        by: Acting = request.acting
        now: datetime = request.now
        verb(cluster_year_id=standing.year.pk, seen=form.revision, by=by, now=now)
        return address

    if done := acts.submit(request, form, act, success=success):
        return done
    _go_on(form, standing.draft)
    return render(request, template, base_of(standing, form=form))


@access(Audience.CLUSTER)
def trial(request: ActingRequest, pk: int) -> HttpResponse:
    """Try the draft on the figures of an earlier year; nothing is stored."""
    standing = standing_for(request, pk)
    verdict = may_edit_table(standing)
    if standing.draft is None or not verdict:
        return locked(request, standing, "Chạy thử", verdict)
    data = as_interchange(standing.draft)
    faults, found = faults_in(data), run_to_try_on(request.acting, standing.year)
    tried = None
    if found and not faults:
        tried = try_on(data, found[0], request.acting, is_published=found[1])
    context = base_of(standing, trial=tried, faults=faults, has_run=found is not None)
    return render(request, "scoring/table_trial.html", context)


def _seen(standing: TableStanding) -> dict[str, Any]:
    return {"seen": str(standing.draft.revision) if standing.draft else ""}


def _go_on(form: DecideForm, draft: CriteriaTable) -> None:
    """After a conflict go on from what stands now, which the page shows."""
    if getattr(form, "conflict", None):
        form.renew(draft.revision)
