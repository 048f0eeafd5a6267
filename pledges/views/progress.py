"""A unit's own progress: the grid of a period, one cell, handing in, correcting."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.access import Audience, access
from clusters.calendar import months_left
from clusters.http import ActingRequest
from clusters.models import ClusterYear, Period, Unit
from clusters.policies import Place as YearPlace
from clusters.queries import periods_of, place_of
from core import acts
from core.forms import DecideForm
from core.models import AuditEvent
from core.policy import Verdict
from core.templatetags.gu import Cell as TurnCell
from core.text import days_left, format_date, format_datetime, format_number
from pledges.forms.progress import CellForm, GridForm, Place
from pledges.models import ProgressEntry, ProgressReport, ProgressStatus, Target
from pledges.policies import progress as policies
from pledges.queries.progress import Pledged, entry_mark, signed_version
from pledges.queries.sheet import Sheet, events_of, own_sheet, period_to_open, reports_of
from pledges.views import grid
from pledges.views.desk import conflict_of, open_year, sent
from pledges.workflow import progress as workflow
from pledges.workflow.progress import CellInput
from scoring import operations as evidence
from scoring.forms import EvidenceChoice
from scoring.policies import may_add_evidence
from scoring.queries.evidence import evidence_of

PS = ProgressStatus


# The grid ------------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def progress(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Show the unit's grid of a period and save what was typed, the whole or a single cell."""
    year = open_year(request, year_pk)
    if place_of(request.acting, year).membership is None:
        return redirect("pledges:progress_units", year_pk)
    sheet = _sheet(request, year)
    if sheet is None:
        return render(request, "pledges/progress_none.html", _context(year))
    form = _grid_form(request, sheet)

    def act() -> str:
        workflow.save(
            period_id=sheet.period.pk, cells=[CellInput(**cell) for cell in form.inputs()],
            part=sheet.report.part, narrative=form.cleaned_data.get("narrative"),
            by=request.acting, now=request.now,
        )  # fmt: skip
        return grid_url(sheet, request.GET.get("loc", ""))

    is_script = "application/json" in request.headers.get("Accept", "")
    done = acts.submit(request, form, act, success="" if is_script else "Đã lưu nháp.")
    if is_script and request.method == "POST":
        return _tell_script(request, year, form)
    return done or render(request, "pledges/progress.html", _grid_context(request, sheet, form))


def _sheet(request: ActingRequest, year: ClusterYear) -> Sheet | None:
    """Return the sheet of the period asked for, or of the one most likely meant."""
    unit = Unit.objects.get(pk=request.acting.unit_key)
    periods = periods_of(year)
    wanted = request.GET.get("ky", "")
    period = next((p for p in periods if str(p.pk) == wanted), None)
    if period is None and not wanted:
        period = period_to_open(periods, reports_of(year, unit), request.today)
    if period is None:
        if wanted:
            raise Http404
        return None
    return own_sheet(year, unit, request.acting, request.today, period)


def _grid_form(request: ActingRequest, sheet: Sheet) -> GridForm:
    places = [place_of_row(sheet, row) for row in sheet.pledged if grid.is_open(sheet, row)]
    initial = {"narrative": sheet.report.narrative}
    return GridForm(sent(request), places=places, part=sheet.report.part, initial=initial)


def place_of_row(sheet: Sheet, row: Pledged) -> Place:
    """Return a cell as its form needs it."""
    shown = sheet.entry(row.target)
    value = grid.written(shown) if row.aim.is_numeric else ""
    return Place(row.target, row.row, shown, sheet.own(row.target), value)


def _grid_context(request: ActingRequest, sheet: Sheet, form: GridForm) -> dict[str, Any]:
    if conflict_of(form) is not None:  # somebody else has written meanwhile: read again
        sheet = _again(request, sheet)
    rows = grid.rows_of(sheet, request.now, _typed(form, sheet))
    wanted = request.GET.get("loc", "")
    return _context(sheet.year) | sheet_facts(request, sheet) | {
        "form": form,
        "errors": form.sentences(),
        "groups": grid.groups_of([row for row in rows if row.fits(wanted)]),
        "filters": grid.counts_of(rows),
        "wanted": wanted,
        "tally": grid.tally_of(rows),
        "first": next((r for r in rows if r.is_missing), next(iter(rows), None)),
        "may_enter": policies.may_enter(sheet.standing),
        "finish": _finish(sheet),
        "may_correct": policies.may_correct(sheet.standing),
        "tabs": tabs(sheet),
        "query": f"ky={sheet.period.pk}" + (f"&loc={wanted}" if wanted else ""),
    }  # fmt: skip


def _again(request: ActingRequest, sheet: Sheet) -> Sheet:
    return own_sheet(sheet.year, sheet.unit, request.acting, request.today, sheet.period)


def _typed(form: GridForm, sheet: Sheet) -> dict[int, grid.Typed]:
    """Return what a form that was not saved holds of its cells; nothing typed is lost."""
    if not form.is_bound or not (form.errors or conflict_of(form)):
        return {}
    disputed = form.disputed()
    return {
        pk: grid.Typed(
            form.typed(pk), form.faults.get(pk, ""),
            _dispute(form, sheet, pk) if pk in disputed else None,
        )
        for pk in form.asked
    }  # fmt: skip


def _dispute(form: GridForm, sheet: Sheet, pk: int) -> grid.Dispute:
    """Put what was typed beside what somebody else has saved meanwhile."""
    target = form.places[pk].target
    entry = sheet.own(target)
    who = "Người khác"
    if entry is not None:
        loaded = ProgressEntry.objects.select_related("entered_by").get(pk=entry.pk)
        who = f"{loaded.entered_by.display_name}, {format_datetime(loaded.entered_at)}"
    return grid.Dispute(form.typed(pk), grid.written(entry), who, entry_mark(entry))


def _tell_script(request: ActingRequest, year: ClusterYear, form: GridForm) -> JsonResponse:
    """Answer a cell sent by the script: what stands now, or what to mend."""
    sheet = _sheet(request, year)
    assert sheet is not None  # noqa: S101 - the form was made from it
    asked = {pk for pk in form.places if f"o-{pk}" in request.POST}
    rows = grid.rows_of(sheet, request.now, _typed(form, sheet))
    told = grid.answer(rows, asked)
    general = [sentence for target, sentence in form.sentences() if not target.startswith("o-")]
    told |= {"failed": bool(form.errors), "message": " ".join(general)}
    told["saved"] = f"Đã lưu lúc {grid.moment(request.now, request.now)}"
    return JsonResponse(told)


def grid_url(sheet: Sheet, wanted: str = "") -> str:
    """Return the address of the grid of a period, with the filter that was on."""
    query = f"?ky={sheet.period.pk}" + (f"&loc={wanted}" if wanted else "")
    return reverse("pledges:progress", args=[sheet.year.pk]) + query


# One cell ------------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def cell(request: ActingRequest, year_pk: int, key: str) -> HttpResponse:
    """Show one target with everything about its cell; save it and go on to the next."""
    year = open_year(request, year_pk)
    place = place_of(request.acting, year)
    if place.membership is None:
        raise Http404
    if signed_version(year) is None:
        return _locked(request, year)
    sheet = _sheet(request, year)
    row = next((r for r in sheet.pledged if r.target.key == key), None) if sheet else None
    if sheet is None or row is None:
        raise Http404
    form = CellForm(
        sent(request), place=place_of_row(sheet, row), part=sheet.report.part,
        period=sheet.period.name,
    )  # fmt: skip
    files = _files(request, sheet, row, place)
    done = acts.submit(request, form, _save_cell(request, sheet, form, files, row), *files[:1],
                       success=f"Đã lưu chỉ tiêu {row.row}.")  # fmt: skip
    if conflict_of(form) is not None:
        sheet = _again(request, sheet)
        form.renew(entry_mark(sheet.own(row.target)))
    is_part = request.GET.get("manh") == "1" and request.method == "GET"
    template = "pledges/_progress_cell.html" if is_part else "pledges/progress_cell.html"
    context = _cell_context(request, sheet, row, form)
    return done or render(request, template, context | {"files": files[0] if files else None})


def _files(
    request: ActingRequest, sheet: Sheet, row: Pledged, place: YearPlace
) -> list[EvidenceChoice]:
    """Return the part of the form that attaches files, nothing where none may be attached."""
    may = policies.may_enter_cell(sheet.standing, row.target.pk)
    if not (may and row.aim.is_assigned and may_add_evidence(place, sheet.year)):
        return []
    entry = sheet.entry(row.target)
    attached = entry.evidence.values_list("pk", flat=True) if entry else []
    store = list(evidence_of(request.acting, sheet.year, sheet.unit.pk))
    return [
        EvidenceChoice(
            acts.sent(request), acts.sent_files(request), store=store, attached=attached,
            today=request.today,
        )
    ]  # fmt: skip


def _save_cell(
    request: ActingRequest,
    sheet: Sheet,
    form: CellForm,
    files: list[EvidenceChoice],
    row: Pledged,
) -> Callable[[], str]:
    """Return what carries a cell out: new files into the store, then the figure with them."""

    def act() -> str:
        kept = None
        if files:
            kept = tuple(
                evidence.keep(
                    cluster_year_id=sheet.year.pk, chosen=files[0].chosen, by=request.acting,
                    now=request.now,
                )
            )  # fmt: skip
        workflow.save(
            period_id=sheet.period.pk, cells=[CellInput(**form.input(kept))],
            part=sheet.report.part, by=request.acting, now=request.now,
        )  # fmt: skip
        wanted = request.GET.get("loc", "")
        if "tiep" not in request.POST:
            return grid_url(sheet, wanted) + f"#h-{row.target.pk}"
        _, onward, _, _ = _neighbours(request, sheet, row)
        return onward or grid_url(sheet, wanted)

    return act


def _cell_context(
    request: ActingRequest, sheet: Sheet, row: Pledged, form: CellForm
) -> dict[str, Any]:
    back, onward, place, count = _neighbours(request, sheet, row)
    shown = next(r for r in grid.rows_of(sheet, request.now) if r.pk == row.target.pk)
    target = row.target
    entry = sheet.entry(target)
    return _context(sheet.year) | sheet_facts(request, sheet) | {
        "form": form,
        "row": shown,
        "previous": back,
        "next": onward,
        "place": place,
        "count": count,
        "wanted": request.GET.get("loc", ""),
        "filter_name": dict(grid.FILTERS).get(request.GET.get("loc", ""), "Tất cả"),
        "query": _query(request, sheet),
        "may_enter": policies.may_enter_cell(sheet.standing, target.pk),
        "attached": list(entry.evidence.standing()) if entry else [],
        "history": _history(sheet, target),
        "source": source_of(sheet, row),
        "returned_by": returned_by(sheet),
        "pace": format_number(sheet.milestone.share * 100, 0),
        "need": _need(sheet, row),
        "grid_url": grid_url(sheet, request.GET.get("loc", "")),
    }  # fmt: skip


def _need(sheet: Sheet, row: Pledged) -> str:
    """Say what each month after this period must bring."""
    months = months_left(sheet.year.cycle.ends_on, sheet.period.ends_on + timedelta(days=1))
    return grid.need_in_words(row.aim, sheet.total(row), months, row.target.unit_of_measure)


def _query(request: ActingRequest, sheet: Sheet) -> str:
    wanted = request.GET.get("loc", "")
    return f"ky={sheet.period.pk}" + (f"&loc={wanted}" if wanted else "")


def _neighbours(request: ActingRequest, sheet: Sheet, row: Pledged) -> tuple[str, str, int, int]:
    """Return the cells before and after in the filter, the place of this one, how many."""
    wanted = request.GET.get("loc", "")
    rows = grid.rows_of(sheet, request.now)
    shown = [
        r for r in rows
        if r.kind != "unassigned" and (r.fits(wanted) or r.pk == row.target.pk)
    ]  # fmt: skip
    index = next((i for i, r in enumerate(shown) if r.pk == row.target.pk), 0)
    query = _query(request, sheet)

    def address(place: int) -> str:
        if not 0 <= place < len(shown):
            return ""
        page = reverse("pledges:progress_cell", args=[sheet.year.pk, shown[place].key])
        return f"{page}?{query}"

    return address(index - 1), address(index + 1), index + 1, len(shown)


def _history(sheet: Sheet, target: Target) -> list[dict[str, str]]:
    """Return the changes of one cell, the newest first."""
    reports = ProgressReport.objects.filter(unit=sheet.unit, period=sheet.period)
    key, is_numeric = target.key, target.kind == Target.Kind.NUMERIC
    return [
        {
            "old": grid.told(event.before.get(key), is_numeric=is_numeric) or "Trống",
            "new": grid.told(event.after.get(key), is_numeric=is_numeric) or "Trống",
            "who": event.actor_name,
            "at": format_datetime(event.at),
        }
        for event in events_of(reports)
        if event.action == "pledges.progress_saved" and key in event.after
    ]


def source_of(sheet: Sheet, row: Pledged) -> dict[str, str]:
    """Say which signed paper, which part and row a target comes from (feature 34)."""
    version = sheet.version
    if version is None:
        return {}
    frozen = version.frozen or {}
    groups = list(dict.fromkeys(p.target.area for p in sheet.pledged))
    area = f", mục {row.target.area}" if row.target.area and len(groups) > 1 else ""
    number = frozen.get("numbers", {}).get("PLEDGE", "")
    return {
        "label": f"Giao ước {number}{area}, dòng {row.row}",
        "url": reverse("pledges:version", args=[sheet.year.pk, version.number]),
        "version": f"Bản {version.number}",
        "hash": version.frozen_hash,
    }


def returned_by(sheet: Sheet) -> str:
    """Say who returned the report and when."""
    at = sheet.report.returned_at
    return f"{sheet.standing.bench.judge_name}, {format_datetime(at)}" if at else ""


# Handing in ----------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def submit(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Check what is handed in, then lay it before the head or submit it."""
    sheet = _own_report(request, year_pk, pk)
    is_head = request.acting.is_head
    form = DecideForm(sent(request), initial={"seen": sheet.report.revision})

    def act() -> str:
        if is_head:
            workflow.submit(report_id=pk, seen=form.revision, by=request.acting, now=request.now)
        else:
            workflow.hand_over(report_id=pk, by=request.acting, now=request.now)
        return reverse("pledges:progress_receipt", args=[year_pk, pk])

    done = acts.submit(request, form, act)
    if conflict_of(form) is not None:
        sheet = _own_report(request, year_pk, pk)
        form.renew(sheet.report.revision)
    rows = grid.rows_of(sheet, request.now)
    finish = _finish(sheet)
    context = _context(sheet.year) | sheet_facts(request, sheet) | {
        "form": form,
        "finish": finish,
        "is_head": is_head,
        "tally": grid.tally_of(rows),
        "missing": [row for row in rows if row.is_missing],
        "doubtful": [row for row in rows if row.doubt],
        "returned": [row for row in rows if row.returned],
        "bare": [r for r in rows if r.kind != "unassigned" and not r.is_missing and not r.files],
        "late": sheet_late(sheet, request),
        "query": f"ky={sheet.period.pk}",
    }  # fmt: skip
    return done or render(request, "pledges/progress_submit.html", context)


def _own_report(request: ActingRequest, year_pk: int, pk: int) -> Sheet:
    year = open_year(request, year_pk)
    mine = ProgressReport.objects.visible_to(request.acting).filter(unit=request.acting.unit_id)
    report = get_object_or_404(mine.select_related("period"), pk=pk, cluster_year=year)
    sheet = own_sheet(
        year, Unit.objects.get(pk=report.unit_id), request.acting, request.today, report.period
    )
    if sheet.report.pk != pk:
        raise Http404  # a later part of the period is the one at hand
    return sheet


def _finish(sheet: Sheet) -> Verdict:
    """Say whether the next step may be taken: the head submits, the officer hands over."""
    if sheet.standing.place.acting.is_head:
        return policies.may_submit(sheet.standing)
    return policies.may_hand_over(sheet.standing)


def sheet_late(sheet: Sheet, request: ActingRequest) -> int:
    """Return by how many days the report would be late today."""
    if sheet.report.number:
        return sheet.report.days_late
    closes_on = sheet.standing.window.closes_on
    return max(0, (request.today - closes_on).days) if closes_on else 0


@access(Audience.CLUSTER, "GET")
def receipt(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Confirm what was handed in: number, time, what happens next, who has it now."""
    sheet = _own_report(request, year_pk, pk)
    report = sheet.report
    if report.submitted_at is None and report.ready_at is None:
        raise Http404
    actions = ("pledges.progress_submitted", "pledges.progress_handed_over")
    event = AuditEvent.objects.about(report).filter(action__in=actions).last()
    context = _context(sheet.year) | sheet_facts(request, sheet) | {"event": event}
    return render(request, "pledges/progress_receipt.html", context)


@access(Audience.CLUSTER, "POST")
def correct(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Open a correction of an accepted report."""
    sheet = _own_report(request, year_pk, pk)

    def act() -> str:
        workflow.start_correction(report_id=pk, by=request.acting, now=request.now)
        return grid_url(sheet)

    success = "Đã lập phiếu đính chính. Sửa các ô cần đính chính, nêu lý do rồi nộp."
    return acts.press(request, act, otherwise=grid_url(sheet), success=success)


# Shared --------------------------------------------------------------------------------------
def _context(year: ClusterYear) -> dict[str, Any]:
    return {"year": year, "cluster": year.cluster, "mast_title": "Tiến độ"}


def sheet_facts(request: ActingRequest, sheet: Sheet) -> dict[str, Any]:
    """Return what every page about one report prints."""
    return {
        "sheet": sheet,
        "report": sheet.report,
        "period": sheet.period,
        "unit": sheet.unit,
        "standing": sheet.standing,
        "turn": turn_words(sheet, request),
        "pace": format_number(sheet.milestone.share * 100, 0),
    }


def turn_words(sheet: Sheet, request: ActingRequest) -> str:
    """Say who is waited for and until when, in one line: the turn line of a dense page."""
    report, standing = sheet.report, sheet.standing
    due = standing.window.closes_on
    if report.status == PS.ACCEPTED:
        return f"Đã chấp nhận {format_datetime(report.accepted_at)}" if report.accepted_at else ""
    if report.status == PS.SUBMITTED:
        seen = f"đã xem {format_datetime(report.seen_at)}" if report.seen_at else "chưa ai xem"
        return f"Đang chờ {standing.bench.judge_name}, {seen}"
    if due is None or request.today < sheet.period.starts_on:
        return f"Mở ngày {format_date(sheet.period.starts_on)}"
    mine = standing.place.acting.unit_id == sheet.unit.pk
    who = "bạn" if mine else sheet.unit.short_name
    if mine and report.ready_at and standing.place.acting.is_officer:
        who = "lãnh đạo đơn vị"
    return f"Đang chờ {who}, hạn {format_date(due)}, {days_left(due, request.today)}"


def turn_cells(sheet: Sheet, request: ActingRequest) -> list[TurnCell]:
    """Return the same facts as cells of the turn line."""
    due = sheet.standing.window.closes_on
    cells = [TurnCell("Tình hình", turn_words(sheet, request))]
    return cells + ([TurnCell("Hạn nộp", format_date(due))] if due else [])


def tabs(sheet: Sheet) -> list[tuple[Period, str, bool]]:
    """Return the periods with the state of the unit's report in each."""
    return [
        (period, _state_of(sheet.reports.get(period.pk)), period.pk == sheet.period.pk)
        for period in sheet.periods
    ]


def _state_of(report: ProgressReport | None) -> str:
    return report.status if report else ""


def _locked(request: ActingRequest, year: ClusterYear) -> HttpResponse:
    context = _context(year) | {"title": "Tiến độ", "reason": NO_PLEDGE}
    return render(request, "pledges/progress_locked.html", context, status=403)


NO_PLEDGE = "Chưa nhập được tiến độ: giao ước chưa chốt để ký nên chưa có chỉ tiêu."
