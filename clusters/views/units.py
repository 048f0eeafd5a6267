"""The registry of units, kept by the administrator."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.access import Audience, access
from clusters import operations
from clusters.forms import SuccessionForm, UnitForm
from clusters.http import ActingRequest
from clusters.models import Unit, UnitSuccession
from clusters.queries import successions_of
from core import acts, history, search
from core.models import AuditEvent


@access(Audience.ADMINISTRATOR)
def units(request: ActingRequest) -> HttpResponse:
    """List the units, with a search that needs no diacritics."""
    query = search.tidy(request.GET.get("q"))
    known = Unit.objects.visible_to(request.acting).select_related("parent").order_by("sort_key")
    page = search.page_of(request, search.matching(known, query, "name", "short_name", "code"))
    return render(request, "clusters/units.html", {"page": page, "query": query})


@access(Audience.ADMINISTRATOR, "GET", "POST")
def add_unit(request: ActingRequest) -> HttpResponse:
    """Add a unit to the registry."""
    form = UnitForm(acts.sent(request))

    def add() -> str:
        operations.save_row(
            form.instance, action="clusters.unit_added", by=request.acting, now=request.now
        )
        return reverse("clusters:unit", args=[form.instance.pk])

    done = acts.submit(request, form, add, success="Đã thêm đơn vị.")
    return done or render(request, "clusters/unit_form.html", {"form": form})


@access(Audience.ADMINISTRATOR, "GET", "POST")
def unit(request: ActingRequest, pk: int) -> HttpResponse:
    """Show a unit with what became of it, and change it."""
    row = get_object_or_404(Unit.objects.visible_to(request.acting), pk=pk)
    before, name = operations.snapshot(row), row.name
    form = UnitForm(acts.sent(request), instance=row)

    def save() -> str:
        operations.save_unit(row, by=request.acting, now=request.now, before=before)
        return reverse("clusters:unit", args=[pk])

    done = acts.submit(request, form, save, success="Đã ghi thông tin đơn vị.")
    lines = history.sentences_of(AuditEvent.objects.about(row).reverse()[:20])
    context = {"form": form, "pk": pk, "name": name, "lines": lines}
    return done or render(
        request, "clusters/unit.html", context | {"successions": successions_of(pk)}
    )


@access(Audience.ADMINISTRATOR, "GET", "POST")
def add_succession(request: ActingRequest, pk: int) -> HttpResponse:
    """Write down what became of a unit."""
    row = get_object_or_404(Unit.objects.visible_to(request.acting), pk=pk)
    form = SuccessionForm(acts.sent(request), instance=UnitSuccession(predecessor=row))

    def add() -> str:
        operations.save_row(
            form.instance, action="clusters.succession_added", by=request.acting, now=request.now
        )
        return reverse("clusters:unit", args=[pk])

    done = acts.submit(request, form, add, success="Đã ghi việc kế tục đơn vị.")
    return done or render(request, "clusters/succession_form.html", {"form": form, "unit": row})
