"""Quotas of titles: read by everybody they hold for, set by the organiser for its cycle."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.access import Audience, access
from clusters.http import ActingRequest
from clusters.models import ClusterYear
from clusters.queries import place_of
from core import acts
from core.forms import IdempotentForm
from scoring.forms.quota import QuotaForm, start_of
from scoring.models import AwardQuota
from scoring.operations import quota as operations
from scoring.policies import quota as policies
from scoring.queries.quota import (
    TITLES,
    clusters_of,
    cycle_before,
    quotas_for,
    quotas_of,
    row_of,
    rows_of,
)
from scoring.views.runs import locked, year_of


@access(Audience.CLUSTER, "GET", "POST")
def quotas(request: ActingRequest, year_pk: int) -> HttpResponse:
    """List the titles of the cycle; the organiser takes over those of the last cycle."""
    year = year_of(request, year_pk)
    place = place_of(request.acting, year)
    form = IdempotentForm(acts.sent(request))

    def copy() -> str:
        operations.copy_quotas(cluster_year_id=year.pk, by=request.acting, now=request.now)
        return reverse("scoring:quotas", args=[year.pk])

    done = acts.submit(request, form, copy, success="Đã chép chỉ tiêu của kỳ trước.")
    shown = quotas_of(year.cycle) if place.is_organiser else quotas_for(year)
    context = {
        "year": year,
        "rows": rows_of(shown, year),
        "form": form,
        "place": place,
        "verdict": policies.may_set_quotas(place, year),
        "source": cycle_before(year.cycle) if place.is_organiser else None,
    }
    return done or render(request, "scoring/quotas.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def quota_new(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Add a title with its quota."""
    year = year_of(request, year_pk)
    start = {"order": len(quotas_of(year.cycle)) + 1, "percent_of": AwardQuota.Base.MEMBERS}
    return _edit(request, year, None, start)


@access(Audience.CLUSTER, "GET", "POST")
def quota(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Change the quota of a title."""
    year = year_of(request, year_pk)
    found = _quota(request, year, pk)
    return _edit(request, year, found, start_of(found))


def _edit(
    request: ActingRequest, year: ClusterYear, found: AwardQuota | None, start: dict[str, Any]
) -> HttpResponse:
    verdict = policies.may_set_quotas(place_of(request.acting, year), year)
    if not place_of(request.acting, year).is_organiser:
        return locked(request, year, "Chỉ tiêu danh hiệu", verdict.reason)
    form = QuotaForm(acts.sent(request), initial=start, clusters=clusters_of(year.cycle))

    def save() -> str:
        operations.set_quota(
            cluster_year_id=year.pk, quota_id=found.pk if found else None, seen=form.revision,
            plan=form.plan, by=request.acting, now=request.now,
        )  # fmt: skip
        return reverse("scoring:quotas", args=[year.pk])

    done = acts.submit(request, form, save, success="Đã ghi chỉ tiêu.")
    if found and getattr(form, "conflict", None):
        found.refresh_from_db()
        form.renew(found.revision)
    context = {
        "year": year, "form": form, "verdict": verdict, "quota": found, "titles": TITLES,
        "row": row_of(found, year) if found else None,
    }  # fmt: skip
    return done or render(request, "scoring/quota.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def quota_remove(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Remove a title on which nothing rests."""
    year = year_of(request, year_pk)
    found = _quota(request, year, pk)
    place = place_of(request.acting, year)
    row = row_of(found, year)
    verdict = policies.may_remove_quota(
        place, year, nominated=row.nominated, withdrawn=row.withdrawn, ballots=row.ballots
    )
    if not place.is_organiser:
        return locked(request, year, "Xóa chỉ tiêu", verdict.reason)
    form = IdempotentForm(acts.sent(request))

    def act() -> str:
        operations.remove_quota(
            cluster_year_id=year.pk, quota_id=pk, by=request.acting, now=request.now
        )
        return reverse("scoring:quotas", args=[year.pk])

    done = acts.submit(request, form, act, success=f"Đã xóa chỉ tiêu {found.title}.")
    context = {"year": year, "form": form, "verdict": verdict, "row": row}
    return done or render(request, "scoring/quota_remove.html", context)


def _quota(request: ActingRequest, year: ClusterYear, pk: int) -> AwardQuota:
    """Return a quota that this person sees: all of the cycle, or those that hold in the cluster."""
    place = place_of(request.acting, year)
    seen = quotas_of(year.cycle) if place.is_organiser else quotas_for(year)
    rows = AwardQuota.objects.select_related("cluster", "cycle")
    found: AwardQuota = get_object_or_404(rows, pk=pk, pk__in=[one.pk for one in seen])
    return found
