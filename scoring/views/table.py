"""The criteria tables of a year: read by everybody in the cluster, chosen, compared by version."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.access import Audience, access
from clusters.http import ActingRequest
from core import acts
from scoring import operations
from scoring.forms import TableForm
from scoring.models import CriteriaTable
from scoring.policies import may_choose_table
from scoring.policies.table import (
    TableStanding,
    may_edit_table,
    may_make_version,
    may_write_table,
)
from scoring.queries import rows_of, table_choices
from scoring.queries.table import as_interchange
from scoring.queries.table_diff import changes_between
from scoring.queries.table_faults import faults_of
from scoring.queries.table_versions import version_rows, versions_of
from scoring.views.table_desk import base_of, standing_for, turn


@access(Audience.CLUSTER)
def table(request: ActingRequest, pk: int) -> HttpResponse:
    """Show the criteria table of a year as a tree with maxima, sums and rules in words."""
    standing = standing_for(request, pk)
    return _read(request, standing, standing.table)


@access(Audience.CLUSTER)
def version(request: ActingRequest, pk: int, number: int) -> HttpResponse:
    """Show one version of the table of a year, the draft and replaced ones too."""
    standing = standing_for(request, pk)
    found = next(
        (v for v in versions_of(request.acting, standing.year) if v.version == number), None
    )
    if found is None:
        raise Http404
    return _read(request, standing, found)


def _read(
    request: HttpRequest, standing: TableStanding, found: CriteriaTable | None
) -> HttpResponse:
    is_draft = found is not None and found.status == CriteriaTable.Status.DRAFT
    faults = faults_of(found) if found is not None and is_draft else []
    context = base_of(
        standing,
        table=found,
        rows=rows_of(found) if found else [],
        faults=faults,
        turn=turn(standing, found, len(faults) if is_draft else None),
        may_choose=may_choose_table(standing.place, standing.table),
        may_edit=may_edit_table(standing),
        may_write=may_write_table(standing),
        may_make_version=may_make_version(standing),
    )
    return render(request, "scoring/table.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def choose_table(request: ActingRequest, pk: int) -> HttpResponse:
    """Give a year a ready-made table or a copy of another year's."""
    standing = standing_for(request, pk)
    form = TableForm(acts.sent(request), choices=table_choices(request.acting, standing.year))

    def choose() -> str:
        source = form.cleaned_data["source"]
        operations.choose_table(
            cluster_year_id=pk, source=source, by=request.acting, now=request.now
        )
        return reverse("scoring:table", args=[pk])

    done = acts.submit(request, form, choose, success="Đã chọn bảng tiêu chí.")
    verdict = may_choose_table(standing.place, standing.table)
    context = base_of(standing, table=standing.table, form=form, verdict=verdict)
    return done or render(request, "scoring/choose_table.html", context)


@access(Audience.CLUSTER)
def versions(request: ActingRequest, pk: int) -> HttpResponse:
    """List the versions of the table of a year: who made each, when, why, from where."""
    standing = standing_for(request, pk)
    context = base_of(
        standing,
        rows=version_rows(request.acting, standing.year),
        may_edit=may_edit_table(standing),
        may_make_version=may_make_version(standing),
    )
    return render(request, "scoring/table_versions.html", context)


@access(Audience.CLUSTER)
def compare(request: ActingRequest, pk: int) -> HttpResponse:
    """Put two versions of the table of a year side by side."""
    standing = standing_for(request, pk)
    found = versions_of(request.acting, standing.year)
    old = _asked(request, "cu", found[1:] or found)
    new = _asked(request, "moi", found)
    changes = changes_between(as_interchange(old), as_interchange(new)) if old and new else []
    context = base_of(standing, versions=found, old=old, new=new, changes=changes)
    return render(request, "scoring/table_compare.html", context)


def _asked(request: ActingRequest, name: str, offers: list[CriteriaTable]) -> CriteriaTable | None:
    """Return the version that an address asks for, else the first of those offered."""
    number = request.GET.get(name, "")
    return next((v for v in offers if str(v.version) == number), offers[0] if offers else None)
