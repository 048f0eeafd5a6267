"""Scoring runs: made, read down to the sentence of each point, compared, made again elsewhere."""

import json
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.access import Audience, access
from clusters.http import ActingRequest, remember
from clusters.models import ClusterYear
from clusters.queries import place_of
from core import acts
from core.forms import whole_number
from core.sending import ATTACHMENT_POLICY, disposition, file_name
from scoring.engine import ENGINE_VERSION, dump
from scoring.forms.publish import RunForm
from scoring.models import RunKind, RunResult, ScoringRun
from scoring.policies import run as policies
from scoring.policies.openness import rule_in_words
from scoring.queries.board import View, board_of, shape_of
from scoring.queries.cards import cards_of
from scoring.queries.comparison import compare, open_sheets
from scoring.queries.export import XLSX, is_final, workbook_of_run
from scoring.queries.matrix import matrix_of
from scoring.queries.openness import reading_of
from scoring.queries.outlook import (
    FIXED,
    Forecast,
    forecast_of,
    range_in_words,
    ranks_in_words,
)
from scoring.queries.run import latest_run, recompute, standing_of
from scoring.render.why import source_in_words
from scoring.workflow import run as workflow

#: The files of a run, as `manage.py score` reads and writes them.
FILES: Final = ("TABLE.json", "FIGURES.json", "RESULT.json")


@access(Audience.CLUSTER)
def runs(request: ActingRequest, year_pk: int) -> HttpResponse:
    """List the runs of a year that one may read, the newest first."""
    year = year_of(request, year_pk)
    standing = standing_of(year, request.acting, request.today)
    found = seen_runs(request, year).select_related("made_by", "table").order_by("-number")
    context = {
        "year": year,
        "runs": found.prefetch_related("publications"),
        "standing": standing,
        "reads_all": policies.may_read_all_points(standing.place),
        "may_run": policies.may_run(standing),
        "may_publish": policies.may_publish_provisional(standing),
        "may_publish_final": policies.may_publish_final(standing),
        "now_engine": ENGINE_VERSION,
    }
    return render(request, "scoring/runs.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def make(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Say what is still missing and score the whole cluster."""
    year = year_of(request, year_pk)
    standing = standing_of(year, request.acting, request.today)
    verdict = policies.may_run(standing)
    if not policies.may_read_all_points(standing.place):
        return locked(request, year, "Chạy phiên chấm", verdict.reason)
    form = RunForm(acts.sent(request), initial={"kind": RunKind.FINAL})

    def act() -> str:
        run = workflow.make_run(
            cluster_year_id=year.pk, kind=RunKind(form.cleaned_data["kind"]),
            reason=form.cleaned_data["reason"], by=request.acting, now=request.now,
        )  # fmt: skip
        return reverse("scoring:run", args=[year.pk, run.number])

    done = acts.submit(request, form, act, success="Đã chấm xong, kết quả ở dưới.")
    context = {"year": year, "form": form, "verdict": verdict, "open": open_sheets(year)}
    return done or render(request, "scoring/runs_make.html", context)


@access(Audience.CLUSTER)
def run(request: ActingRequest, year_pk: int, number: int) -> HttpResponse:
    """Show the result of one run: totals and ranks for all, leaves as far as one may see them."""
    year = year_of(request, year_pk)
    found = _run(request, year, number)
    view = view_of(request, year)
    others = seen_runs(request, year).exclude(pk=found.pk).order_by("-number")
    context = {
        "year": year,
        "run": found,
        "board": board_of(found, view, forecast=_forecast(found, year, view)),
        "publications": found.publications.order_by("pk"),
        "others": others.values_list("number", flat=True),
        "is_provisional": not is_final(found),
        "reads_all": policies.may_read_all_points(view.place),
        "files": FILES,
        "now_engine": ENGINE_VERSION,
    }
    return render(request, "scoring/run.html", context)


@access(Audience.CLUSTER)
def unit(request: ActingRequest, year_pk: int, number: int, unit_pk: int) -> HttpResponse:
    """Show every point of one unit in a run with the sentence that explains it."""
    year = year_of(request, year_pk)
    found = _run(request, year, number)
    view = view_of(request, year)
    if not view.may_open(unit_pk):
        raise Http404
    results = RunResult.objects.select_related("unit", "run").prefetch_related("lines")
    result = get_object_or_404(results, run=found, unit=unit_pk)
    shape, forecast = shape_of(found), _forecast(found, year, view)
    ends = forecast.units.get(result.unit.code)
    context = {
        "year": year,
        "run": found,
        "result": result,
        "cards": cards_of(result, shape, ends),
        "forecast": forecast,
        "ends": range_in_words(ends.total, shape.table.places) if ends else "",
        "rank_ends": ranks_in_words(ends) if ends else "",
        "vetoes": result.vetoes if view.may_know_why(unit_pk) else [],
        "source": source_in_words(found.table.version, found.number),
        "neighbours": _neighbours(found, view, result.order),
        "total": shape.points(result.total),
        "percent": shape.percent(result.percent),
    }
    return render(request, "scoring/run_unit.html", context)


@access(Audience.CLUSTER)
def matrix(request: ActingRequest, year_pk: int, number: int) -> HttpResponse:
    """Show the points of all criteria and units side by side, as far as one may open them."""
    year = year_of(request, year_pk)
    found, view = _run(request, year, number), view_of(request, year)
    context = {
        "year": year,
        "run": found,
        "matrix": matrix_of(found, view, _forecast(found, year, view)),
        "is_provisional": not is_final(found),
        "source": source_in_words(found.table.version, found.number),
        "openness": rule_in_words(view.reading),
    }
    return render(request, "scoring/run_matrix.html", context)


@access(Audience.CLUSTER)
def matrix_excel(request: ActingRequest, year_pk: int, number: int) -> HttpResponse:
    """Send the matrix of a run as a workbook."""
    year = year_of(request, year_pk)
    found, view = _run(request, year, number), view_of(request, year)
    data = workbook_of_run(found, view, _forecast(found, year, view))
    saved = file_name(f"Phiên chấm {found.number}", str(year), "điểm tiêu chí", ending=".xlsx")
    return attachment(data, saved, XLSX)


@access(Audience.CLUSTER)
def file(request: ActingRequest, year_pk: int, number: int, name: str) -> HttpResponse:
    """Send what a run was made from, or its result, in the form of `manage.py score`."""
    year = year_of(request, year_pk)
    found = _run(request, year, number)
    if name not in FILES or not policies.may_read_all_points(place_of(request.acting, year)):
        raise Http404
    saved = file_name(f"phien-cham-{found.number}", str(year), name[:-5], ending=".json")
    return attachment(_bytes_of(found, name), saved, "application/json")


def _bytes_of(found: ScoringRun, name: str) -> bytes:
    if name == "RESULT.json":
        return dump(recompute(found))
    data = found.table_json if name == "TABLE.json" else found.figures
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()


@access(Audience.CLUSTER)
def compared(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Show the units whose points or rank differ between two runs."""
    year = year_of(request, year_pk)
    found = {run.number: run for run in seen_runs(request, year).order_by("number")}
    numbers = sorted(found)
    after = _asked(request, "moi", numbers, -1)
    before = _asked(request, "cu", [n for n in numbers if n != after] or numbers, -1)
    view = view_of(request, year)
    both = before is not None and after is not None and before != after
    context: dict[str, Any] = {
        "year": year,
        "numbers": numbers,
        "before": before,
        "after": after,
        "found": compare(found[before or 0], found[after or 0], view) if both else None,
    }
    return render(request, "scoring/runs_compare.html", context)


def _asked(request: ActingRequest, name: str, numbers: list[int], otherwise: int) -> int | None:
    """Return the number of a run that the address asks for, else the newest."""
    typed = request.GET.get(name, "")
    wanted = next((number for number in numbers if str(number) == typed), None)
    if wanted is None and numbers:
        return numbers[otherwise]
    return wanted


# Shared with the pages of scoreboard and publication -----------------------------------------
def year_of(request: ActingRequest, pk: int) -> ClusterYear:
    """Load a year that the person sees and make it the one of the frame."""
    year = get_object_or_404(ClusterYear.objects.visible_to(request.acting).with_names(), pk=pk)
    remember(request, year)
    return year


def seen_runs(request: ActingRequest, year: ClusterYear) -> Any:  # noqa: ANN401 - a queryset
    """Return the runs of a year that this person may read."""
    return ScoringRun.objects.visible_to(request.acting).filter(cluster_year=year)


def view_of(request: ActingRequest, year: ClusterYear) -> View:
    """Return who reads a board and which row the address opens; one's own where it says nothing."""
    place, reading = place_of(request.acting, year), reading_of(year)
    typed = request.GET.get("mo")
    if typed is None:
        own = request.acting.unit_id if place.membership else None
        return View(place, own, reading)
    return View(place, whole_number(typed) or None, reading)


def locked(request: ActingRequest, year: ClusterYear, title: str, reason: str) -> HttpResponse:
    """Say why a page cannot be worked on by this person and where to go instead."""
    context = {"year": year, "title": title, "reason": reason}
    return render(request, "scoring/runs_locked.html", context, status=403)


def attachment(data: bytes, name: str, mime: str) -> HttpResponse:
    """Send bytes made for this request, to be saved."""
    response = HttpResponse(data, content_type=mime)
    response["Content-Disposition"] = disposition(name)
    response["Content-Security-Policy"] = ATTACHMENT_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _forecast(run: ScoringRun, year: ClusterYear, view: View) -> Forecast:
    """Return how far a run can still go; an older one goes nowhere any more."""
    newest = latest_run(year)
    if newest is None or newest.pk != run.pk:
        return FIXED
    return forecast_of(run, year.status, view.may_open)


def _neighbours(run: ScoringRun, view: View, order: int) -> dict[str, RunResult]:
    """Return the units before and after one in the order of ranks, among those one may open."""
    rows = RunResult.objects.filter(run=run).select_related("unit").order_by("order")
    seen = [row for row in rows if view.may_open(row.unit_id)]
    before = [row for row in seen if row.order < order]
    after = [row for row in seen if row.order > order]
    return {
        name: rows[at] for name, rows, at in (("before", before, -1), ("after", after, 0)) if rows
    }


def _run(request: ActingRequest, year: ClusterYear, number: int) -> ScoringRun:
    rows = seen_runs(request, year).select_related("made_by", "table")
    found: ScoringRun = get_object_or_404(rows, number=number)
    return found
