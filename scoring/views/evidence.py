"""The store of evidence: files put forward, read by who judges, taken back."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.access import Audience, access
from clusters.http import ActingRequest, remember
from clusters.models import ClusterYear, Membership
from clusters.queries import place_of
from core import acts
from core.forms import IdempotentForm, whole_number
from core.sending import may_be_inline, send
from scoring import operations
from scoring.forms import EvidenceForm
from scoring.models import Evidence
from scoring.policies import may_add_evidence, may_judge_evidence, may_withdraw_evidence
from scoring.queries.evidence import store_of, units_with_evidence, uses_told_to


@access(Audience.CLUSTER, "GET", "POST")
def store(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Show the files of a unit with what they are used for; take new ones."""
    year = _year(request, year_pk)
    verdict = may_add_evidence(place_of(request.acting, year), year)
    bound = (acts.sent(request), acts.sent_files(request)) if verdict else ()
    form = EvidenceForm(*bound, today=request.today)

    def add() -> str:
        operations.keep(
            cluster_year_id=year_pk, chosen=form.chosen, by=request.acting, now=request.now
        )
        return reverse("scoring:evidence", args=[year_pk])

    done = acts.submit(request, form, add, success="Đã đưa vào kho minh chứng.")
    context = {"year": year, "form": form, "verdict": verdict, **_shelf(request, year)}
    return done or render(request, "scoring/evidence.html", context)


@access(Audience.CLUSTER)
def file(request: ActingRequest, year_pk: int, pk: int) -> HttpResponseBase:
    """Send a file to save, or with `?xem=1` what a browser shows by itself to read on the spot."""
    found = _evidence(request, year_pk, pk)
    inline = "xem" in request.GET and may_be_inline(found.mime)
    return send(request, found, found.name, inline=inline)


@access(Audience.CLUSTER, "GET", "POST")
def withdraw(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Say what a file is used for and take it back."""
    year, found = _year(request, year_pk), _evidence(request, year_pk, pk)
    form = IdempotentForm(acts.sent(request))

    def act() -> str:
        operations.withdraw(evidence_id=pk, by=request.acting, now=request.now)
        return reverse("scoring:evidence", args=[year_pk])

    done = acts.submit(request, form, act, success="Đã rút tệp khỏi kho minh chứng.")
    uses = uses_told_to(request.acting, [pk])[pk]
    is_own = found.unit_id == request.acting.unit_id
    submitted = [use.what for use in uses if use.is_submitted]
    place = place_of(request.acting, year)
    context = {
        "year": year,
        "file": found,
        "form": form,
        "drafts": [use.what for use in uses if is_own and not use.is_submitted],
        "verdict": may_withdraw_evidence(place, year, found, submitted),
    }
    return done or render(request, "scoring/evidence_withdraw.html", context)


def _shelf(request: ActingRequest, year: ClusterYear) -> dict[str, Any]:
    """Return whose files are shown: one's own, or of the unit that who judges asks for."""
    acting, asked = request.acting, request.GET.get("don-vi", "")
    judges = may_judge_evidence(place_of(acting, year))
    units = units_with_evidence(acting, year) if judges else []
    members: list[Membership] = [member for member, _ in units]
    wanted = (whole_number(asked) if judges else 0) or acting.unit_id
    unit = next((m.unit for m in members if m.unit_id == wanted), None)
    own = acting.unit_id if not judges else None
    unit_id = unit.pk if unit else own
    rows = store_of(acting, year, unit_id)
    return {"units": units, "unit": unit, "is_own": unit_id == acting.unit_id, "rows": rows}


def _evidence(request: ActingRequest, year_pk: int, pk: int) -> Evidence:
    seen = Evidence.objects.visible_to(request.acting).standing().select_related("unit")
    return get_object_or_404(seen, cluster_year=year_pk, pk=pk)


def _year(request: ActingRequest, pk: int) -> ClusterYear:
    year = get_object_or_404(ClusterYear.objects.visible_to(request.acting).with_names(), pk=pk)
    remember(request, year)
    return year
