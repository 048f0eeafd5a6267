"""Nominations for titles: read by the cluster, written by its lead and the organiser."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.access import Audience, access
from clusters.http import ActingRequest
from clusters.models import ClusterYear
from core import acts
from core.sending import file_name
from scoring.forms.nomination import NominateForm, WithdrawForm
from scoring.models import Nomination
from scoring.operations import nomination as operations
from scoring.policies import nomination as policies
from scoring.policies.run import may_read_all_points
from scoring.queries.export import XLSX
from scoring.queries.nomination import (
    cycle_of,
    last_ballot,
    rows_for,
    standing_of,
    titles_of,
    workbook_of,
)
from scoring.queries.quota import quotas_for, quotas_of, row_of
from scoring.views.runs import attachment, locked, year_of


@access(Audience.CLUSTER)
def nominations(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Show every title with its quota, who is nominated and how many places are left."""
    year = year_of(request, year_pk)
    standing = standing_of(year, request.acting)
    organises = standing.place.is_organiser
    context = {
        "year": year,
        "titles": titles_of(year),
        "standing": standing,
        "verdict": policies.may_nominate(standing),
        "manages": may_read_all_points(standing.place),
        "cycle": cycle_of(year, quotas_of(year.cycle)) if organises else None,
    }
    return render(request, "scoring/nominations.html", context)


@access(Audience.CLUSTER)
def nominations_excel(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Send the nominations as a workbook."""
    year = year_of(request, year_pk)
    name = file_name("Đề nghị khen thưởng", str(year), ending=".xlsx")
    return attachment(workbook_of(year), name, XLSX)


@access(Audience.CLUSTER, "GET", "POST")
def nominate(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Choose the units that are nominated for a title, within its quota."""
    year = year_of(request, year_pk)
    quota = next((one for one in quotas_for(year) if one.pk == pk), None)
    if quota is None:
        raise Http404
    standing = standing_of(year, request.acting)
    verdict = policies.may_nominate(standing)
    if not may_read_all_points(standing.place):
        return locked(request, year, "Đề nghị khen thưởng", verdict.reason)
    rows = rows_for(year, quota, request.today)
    form = NominateForm(acts.sent(request), rows=rows)

    def act() -> str:
        operations.nominate(
            cluster_year_id=year.pk, quota_id=pk, unit_ids=frozenset(form.cleaned_data["units"]),
            note=form.cleaned_data["note"], by=request.acting, now=request.now,
        )  # fmt: skip
        return reverse("scoring:nominations", args=[year.pk])

    done = acts.submit(request, form, act, success=f"Đã đề nghị {quota.title}.")
    context = {
        "year": year,
        "form": form,
        "verdict": verdict,
        "row": row_of(quota, year),
        "excluded": [row for row in rows if row.why_not],
        "ballot": last_ballot(year, quota),
    }
    return done or render(request, "scoring/nominate.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def nomination_withdraw(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Withdraw a nomination, with the reason."""
    year = year_of(request, year_pk)
    found = _nomination(request, year, pk)
    standing = standing_of(year, request.acting)
    verdict = policies.may_withdraw(standing, found)
    if not may_read_all_points(standing.place):
        return locked(request, year, "Rút đề nghị khen thưởng", verdict.reason)
    form = WithdrawForm(acts.sent(request))

    def act() -> str:
        operations.withdraw_nomination(
            cluster_year_id=year.pk, nomination_id=pk, reason=form.cleaned_data["reason"],
            by=request.acting, now=request.now,
        )  # fmt: skip
        return reverse("scoring:nominations", args=[year.pk])

    done = acts.submit(request, form, act, success="Đã rút đề nghị.")
    context = {"year": year, "form": form, "verdict": verdict, "nomination": found}
    return done or render(request, "scoring/nomination_withdraw.html", context)


def _nomination(request: ActingRequest, year: ClusterYear, pk: int) -> Nomination:
    rows = Nomination.objects.visible_to(request.acting).select_related("quota", "nominated_by")
    found: Nomination = get_object_or_404(rows, cluster_year=year, pk=pk)
    return found
