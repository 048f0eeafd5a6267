"""Progress for who reads and judges it: the board of units, a report, returning, accepting."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.access import Audience, access
from clusters.http import ActingRequest
from clusters.queries import periods_of, place_of
from core import acts, history
from core.models import AuditEvent
from pledges.forms.progress import PressForm, ReturnForm
from pledges.models import ProgressReport
from pledges.policies import progress as policies
from pledges.queries.progress import Pledged, signed_version
from pledges.queries.sheet import (
    UNSEEN,
    Sheet,
    board_of,
    events_of,
    submitted_sheet,
)
from pledges.views import grid
from pledges.views.desk import conflict_of, open_year, sent
from pledges.views.progress import sheet_facts
from pledges.workflow import progress as workflow
from pledges.workflow.progress import Finding


@access(Audience.CLUSTER, "GET")
def units(request: ActingRequest, year_pk: int) -> HttpResponse:
    """List every unit × every period with its state and how late it is."""
    year = open_year(request, year_pk)
    lines = board_of(year, request.acting, request.today)
    context = {
        "year": year, "cluster": year.cluster, "periods": periods_of(year), "lines": lines,
        "is_member": place_of(request.acting, year).membership is not None,
        "has_pledge": signed_version(year) is not None, "mast_title": "Tiến độ",
        "waiting": sum(
            post.report is not None and post.report.status == "SUBMITTED"
            for line in lines for post in line.posts
        ),
    }  # fmt: skip
    return render(request, "pledges/progress_units.html", context)


@access(Audience.CLUSTER, "GET")
def report(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Show a report with the figures to compare; who decides leaves word of having seen it."""
    sheet = open_report(request, year_pk, pk)
    may_decide = policies.may_decide(sheet.standing)
    if may_decide and sheet.report.seen_at is None:
        workflow.mark_seen(report_id=pk, by=request.acting, now=request.now)
    rows = grid.rows_of(sheet, request.now)
    context = _facts(request, sheet) | {
        "groups": grid.groups_of(rows),
        "tally": grid.tally_of(rows),
        "may_decide": may_decide,
        "form": PressForm(initial={"seen": sheet.report.revision}),
        "parts": _parts(request, sheet.report),
        "is_own": sheet.unit.pk == request.acting.unit_id,
    }
    return render(request, "pledges/progress_report.html", context)


def open_report(request: ActingRequest, year_pk: int, pk: int) -> Sheet:
    """Return a report that one may read, as it was submitted."""
    year = open_year(request, year_pk)
    seen = ProgressReport.objects.visible_to(request.acting).select_related("unit", "period")
    found = get_object_or_404(seen, pk=pk, cluster_year=year)
    found.cluster_year = year
    return submitted_sheet(found, request.acting, request.today)


def _parts(request: ActingRequest, one: ProgressReport) -> list[ProgressReport]:
    seen = ProgressReport.objects.visible_to(request.acting)
    parts = seen.filter(unit=one.unit, period=one.period).select_related("unit", "period")
    return list(parts.order_by("part"))


def _facts(request: ActingRequest, sheet: Sheet) -> dict[str, Any]:
    year = sheet.year
    common = {"year": year, "cluster": year.cluster, "mast_title": "Tiến độ"}
    return common | sheet_facts(request, sheet)


@access(Audience.CLUSTER, "POST")
def accept(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Accept a report as it was read."""
    sheet = open_report(request, year_pk, pk)
    form = PressForm(request.POST)
    form.is_valid()
    address = reverse("pledges:progress_report", args=[year_pk, pk])

    def act() -> str:
        workflow.accept(report_id=pk, seen=form.revision, by=request.acting, now=request.now)
        return address

    success = f"Đã chấp nhận phiếu {sheet.report.number} của {sheet.unit.short_name}."
    return acts.press(request, act, otherwise=address, success=success)


@access(Audience.CLUSTER, "GET", "POST")
def give_back(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Return a report with a reason, pinned to the cells that have to be mended."""
    sheet = open_report(request, year_pk, pk)
    verdict = policies.may_decide(sheet.standing)
    if not verdict:
        context = _facts(request, sheet) | {"title": "Trả lại", "reason": verdict.reason}
        return render(request, "pledges/progress_locked.html", context, status=403)
    rows = [row for row in grid.rows_of(sheet, request.now) if row.kind != "unassigned"]
    form = ReturnForm(
        sent(request), numbers={row.pk: row.number for row in rows},
        initial={"seen": sheet.report.revision},
    )  # fmt: skip

    def act() -> str:
        workflow.give_back(
            report_id=pk, seen=form.revision, reason=form.cleaned_data["reason"],
            findings=[Finding(**finding) for finding in form.findings],
            by=request.acting, now=request.now,
        )  # fmt: skip
        return reverse("pledges:progress_report", args=[year_pk, pk])

    done = acts.submit(request, form, act, success=f"Đã trả lại phiếu {sheet.report.number}.")
    if conflict_of(form) is not None:
        form.renew(ProgressReport.objects.get(pk=pk).revision)
    cells = [(row, form.chosen(row.pk), form.why(row.pk), form.faults.get(row.pk)) for row in rows]
    context = _facts(request, sheet) | {"form": form, "cells": cells}
    return done or render(request, "pledges/progress_return.html", context)


@access(Audience.CLUSTER, "GET")
def report_history(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Tell what happened to a report, cell by cell (feature 116)."""
    sheet = open_report(request, year_pk, pk)
    is_own = sheet.unit.pk == request.acting.unit_id
    events = events_of(_parts(request, sheet.report))
    shown = [event for event in events if is_own or event.action not in UNSEEN]
    rows = {row.target.key: row for row in sheet.pledged}
    lines = zip(history.sentences_of(shown), shown, strict=True)
    told = [(line, _changes(event, rows)) for line, event in lines]
    context = _facts(request, sheet) | {"lines": told}
    return render(request, "pledges/progress_history.html", context)


def _changes(event: AuditEvent, rows: dict[str, Pledged]) -> list[tuple[str, str, str]]:
    """Return (target, before, after) of the cells an event changed, or returned with a reason."""
    returned = event.after.get("cells", {})
    told = [(_named(rows[key]), "", str(why)) for key, why in returned.items() if key in rows]
    for key, value in event.after.items():
        if row := rows.get(key):
            old, new = (
                grid.told(text, is_numeric=row.aim.is_numeric)
                for text in (event.before.get(key), value)
            )
            told.append((_named(row), old, new))
    return told


def _named(row: Pledged) -> str:
    return f"{row.row}. {row.target.text}"
