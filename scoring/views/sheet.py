"""The score sheet of a unit: claiming, checking, submitting, explaining, reading decisions."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.access import Audience, access
from clusters.calendar import LOCAL
from clusters.http import ActingRequest, remember
from clusters.models import ClusterYear
from clusters.queries import place_of
from core import acts, history
from core.forms import DecideForm
from core.models import AuditEvent
from core.policy import Conflict, Verdict, require
from core.templatetags.gu import Cell
from core.text import days_left, format_date
from scoring import operations
from scoring.forms import EvidenceChoice, FigureInput
from scoring.forms.sheet import ClaimForm, ExplainForm, FinishForm, LineForm
from scoring.models import ScoreLine, ScoreSheet, SheetStatus
from scoring.policies import may_add_evidence
from scoring.policies import sheet as policies
from scoring.queries.evidence import evidence_of
from scoring.queries.sheet import line_mark, sheets_with_names
from scoring.queries.stages import four_of
from scoring.queries.table import rows_of
from scoring.queries.worksheet import (
    Worksheet,
    history_of_sheet,
    posts_of,
    waits_for,
    worksheet_of,
)
from scoring.render.why import source_in_words
from scoring.views import rows as shown
from scoring.workflow import sheet as workflow

SS = SheetStatus
#: States in which the sheet is with its unit to be filled in.
WITH_UNIT = (SS.SELF_SCORING, SS.RETURNED)
#: Acts that end with a page of confirmation.
CONFIRMED = ("scoring.sheet_submitted", "scoring.sheet_explained")


# All sheets ----------------------------------------------------------------------------------
@access(Audience.CLUSTER)
def sheets(request: ActingRequest, year_pk: int) -> HttpResponse:
    """List the sheets of a year one may know of, the own one first."""
    year = _year(request, year_pk)
    context = {
        "year": year,
        "posts": posts_of(year, request.acting, request.today),
        "place": place_of(request.acting, year),
        "mast_title": "Chấm điểm",
    }
    return render(request, "scoring/sheets.html", context)


# The grid ------------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def sheet(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Show a sheet; save what the unit claims, the whole of it or a single criterion."""
    work = _work(request, year_pk, pk)
    form = _claim_form(request, work)

    def act() -> str:
        require(policies.may_claim(work.standing))
        if form.claims:
            workflow.claim(sheet_id=pk, lines=form.claims, by=request.acting, now=request.now)
        return _grid_url(request, work)

    is_script = "application/json" in request.headers.get("Accept", "")
    done = acts.submit(request, form, act, success="" if is_script else "Đã lưu phiếu.")
    if is_script and request.method == "POST":
        return _tell_script(request, work, form)
    return done or render(request, "scoring/sheet.html", _grid_context(request, work, form))


def _claim_form(request: ActingRequest, work: Worksheet) -> ClaimForm:
    return ClaimForm(acts.sent(request), table=work.table, leaves=work.leaves, lines=work.lines)


def _grid_url(request: ActingRequest, work: Worksheet) -> str:
    """Return the address of the grid, with the filter that was on, at the group that was saved."""
    wanted, group = request.GET.get("hien", ""), request.POST.get("nhom", "")
    query = f"?hien={wanted}" if wanted in dict(shown.FILTERS) and wanted else ""
    return url_of(work.sheet, "sheet") + query + (f"#nhom-{group}" if group.isdigit() else "")


def _grid_context(request: ActingRequest, work: Worksheet, form: ClaimForm) -> dict[str, Any]:
    if getattr(form, "conflict", None) is not None:  # somebody else has written: read again
        work = _again(request, work)
    entries = shown.entries_of(work, form)
    found = [entry.row for entry in entries if entry.row]
    wanted = request.GET.get("hien", "")
    return _context(request, work) | {
        "form": form,
        "errors": form.sentences(),
        "entries": shown.shown(entries, wanted),
        "filters": shown.counts_of(found),
        "wanted": wanted,
        "tally": shown.tally_of(work, found),
        "totals": shown.totals_of(work),
        "first": next((row for row in found if row.control and row.is_missing), None)
        or next((row for row in found if row.control), None),
        "is_entry": work.is_own and work.sheet.status in WITH_UNIT,
        "may_claim": policies.may_claim(work.standing),
        "query": f"hien={wanted}" if wanted else "",
    }


def _tell_script(request: ActingRequest, work: Worksheet, form: ClaimForm) -> JsonResponse:
    """Answer a criterion sent by the script: what stands now, or what to mend."""
    asked = set(form.asked)
    now = _again(request, work)
    told = shown.answer(now, shown.entries_of(now, form), asked)
    general = [sentence for target, sentence in form.sentences() if not target]
    told |= {"failed": bool(form.errors), "message": " ".join(general)}
    told["saved"] = f"Đã lưu lúc {request.now.astimezone(LOCAL):%H:%M}"
    return JsonResponse(told)


# One criterion -------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def line(request: ActingRequest, year_pk: int, pk: int, line_pk: int) -> HttpResponse:
    """Show one criterion with everything decided on it; save the claim and go on to the next."""
    work = _work(request, year_pk, pk)
    row = _line(work, line_pk)
    form = LineForm(
        acts.sent(request), line=row, table=work.table, leaf=work.leaves[row.criterion.code]
    )
    files = _files(request, work, row)
    done = acts.submit(
        request, form, _claim(request, work, form, files), *files[:1],
        success=f"Đã lưu tiêu chí {row.criterion.code}.",
    )  # fmt: skip
    conflict: Conflict | None = getattr(form, "conflict", None)
    if conflict is not None:
        work = _again(request, work)
        row = _line(work, line_pk)
        form.renew(line_mark(row))
    context = _line_context(request, work, row) | {
        "form": form,
        "files": files[0] if files else None,
        "conflict": conflict,
        "standing_figure": " ".join(conflict.current.values()) if conflict else "",
    }
    return done or render(request, "scoring/sheet_line.html", context)


def _files(request: ActingRequest, work: Worksheet, row: ScoreLine) -> list[EvidenceChoice]:
    """Return the part of the form that attaches files, nothing where none may be attached."""
    year = work.sheet.cluster_year
    may = policies.may_claim_line(work.standing, row)
    if not (may and may_add_evidence(work.standing.place, year)):
        return []
    store = list(evidence_of(request.acting, year, work.sheet.unit_id))
    attached = [file.pk for file in row.evidence.all() if file.withdrawn_at is None]
    sent = (acts.sent(request), acts.sent_files(request))
    return [EvidenceChoice(*sent, store=store, attached=attached, today=request.today)]


def _claim(
    request: ActingRequest, work: Worksheet, form: LineForm, files: list[EvidenceChoice]
) -> Callable[[], str]:
    """Return what saves one criterion with its files and leads on."""

    def act() -> str:
        kept = None
        if files:
            kept = tuple(
                operations.keep(
                    cluster_year_id=work.sheet.cluster_year_id, chosen=files[0].chosen,
                    by=request.acting, now=request.now,
                )
            )  # fmt: skip
        workflow.claim(
            sheet_id=work.sheet.pk, lines=[form.claim(kept)], by=request.acting, now=request.now
        )
        after = _neighbours(work, form.line)[1] if "tiep" in request.POST else None
        return line_url(work.sheet, after or form.line)

    return act


def _line_context(request: ActingRequest, work: Worksheet, row: ScoreLine) -> dict[str, Any]:
    before, after = _neighbours(work, row)
    four = four_of(row, work.results, work.decisions, work.shown)
    printed = next(r for r in rows_of(work.cluster.stored) if r.code == row.criterion.code)
    may = policies.may_claim_line(work.standing, row)
    return _context(request, work) | {
        "line": row,
        "rule": f"{printed.rule}: {printed.detail}" if printed.detail else printed.rule,
        "max": printed.points,
        "basis": shown.basis_of(work.sheet.cluster_year_id, row),
        "four": four,
        "explained": any(stage.why for stage in four),
        "source": source_in_words(work.cluster.stored.version),
        "hint": FigureInput(work.leaves[row.criterion.code], row.basis, "figure").hint,
        "evidence": [file for file in row.evidence.all() if file.withdrawn_at is None],
        "needs_evidence": bool(row.criterion.details.get("evidence_required")),
        "is_returned": row in work.returned,
        "may_claim_line": may,
        "is_entry": bool(may),
        "before": line_url(work.sheet, before) if before else "",
        "before_code": before.criterion.code if before else "",
        "after": line_url(work.sheet, after) if after else "",
        "after_code": after.criterion.code if after else "",
        "place_in_sheet": work.lines.index(row) + 1,
        "lines_in_all": len(work.lines),
    }


def _neighbours(work: Worksheet, row: ScoreLine) -> tuple[ScoreLine | None, ScoreLine | None]:
    """Return the lines before and after; of a returned sheet only those that are open."""
    keys = [one.pk for one in work.lines]
    place = keys.index(row.pk)
    is_open = work.is_own and work.sheet.status == SS.RETURNED
    around = [one for one in work.lines if not is_open or one.returned_at or one.pk == row.pk]
    before = [one for one in around if keys.index(one.pk) < place]
    after = [one for one in around if keys.index(one.pk) > place]
    return (before[-1] if before else None, after[0] if after else None)


# Handing in ----------------------------------------------------------------------------------
@access(Audience.CLUSTER, "POST")
def hand_over(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Lay the sheet before the head of the unit."""
    work = _work(request, year_pk, pk)

    def act() -> str:
        workflow.hand_over(sheet_id=pk, by=request.acting, now=request.now)
        return url_of(work.sheet, "sheet")

    return acts.press(
        request, act, otherwise=url_of(work.sheet, "sheet_submit"),
        success="Đã trình lãnh đạo đơn vị. Lãnh đạo nhận thông báo và nộp phiếu.",
    )  # fmt: skip


@access(Audience.CLUSTER, "GET", "POST")
def submit(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Check what is still missing and what differs, then submit."""
    work = _work(request, year_pk, pk)
    if not work.is_own:
        return _locked(request, work, policies.may_submit(work.standing), "Nộp phiếu tự chấm")
    form = DecideForm(acts.sent(request), initial={"seen": str(work.sheet.revision)})

    def act() -> str:
        workflow.submit(sheet_id=pk, seen=form.revision, by=request.acting, now=request.now)
        return _confirmation(request, work.sheet)

    done = acts.submit(request, form, act)
    if getattr(form, "conflict", None) is not None:
        work = _again(request, work)
        form.renew(work.sheet.revision)
    return done or render(request, "scoring/sheet_submit.html", _check_context(request, work, form))


def _check_context(request: ActingRequest, work: Worksheet, form: DecideForm) -> dict[str, Any]:
    grid = ClaimForm(None, table=work.table, leaves=work.leaves, lines=work.lines)
    found = {e.row.pk: e.row for e in shown.entries_of(work, grid) if e.row}
    return _context(request, work) | {
        "form": form,
        "is_head": request.acting.is_head,
        "gaps": [found[line.pk] for line in work.gaps],
        "unproven": [found[line.pk] for line in work.unproven],
        "differing": [found[line.pk] for line in work.differing],
        "unanswered": [found[line.pk] for line in work.returned],
        "tally": shown.tally_of(work, list(found.values())),
        "totals": shown.totals_of(work),
        "groups": [e.heading for e in shown.entries_of(work, grid) if e.heading],
        "may_submit": policies.may_submit(work.standing),
        "may_hand_over": policies.may_hand_over(work.standing),
    }


# Explaining ----------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def explain(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Show the criteria that were scored differently and take the unit's explanations."""
    work = _work(request, year_pk, pk)
    form = ExplainForm(acts.sent(request), lines=work.disputed)

    def act() -> str:
        require(policies.may_explain(work.standing))
        for row, text, mark in form.told():
            workflow.explain(
                sheet_id=pk, line_id=row.pk, text=text, seen=mark, by=request.acting,
                now=request.now,
            )  # fmt: skip
        name = "sheet_finish" if "gui" in request.POST else "sheet_explain"
        return url_of(work.sheet, name)

    done = acts.submit(request, form, act, success="Đã lưu giải trình.")
    if getattr(form, "conflict", None) is not None:
        work = _again(request, work)
    context = _context(request, work) | _explain_context(work, form)
    return done or render(request, "scoring/sheet_explain.html", context)


def _explain_context(work: Worksheet, form: ExplainForm) -> dict[str, Any]:
    offered = {one.pk for one in form.lines}
    return {
        "form": form,
        "is_judged": "first" in work.shown and work.sheet.appraised_at is not None,
        "may_explain": policies.may_explain(work.standing),
        "may_finish": policies.may_finish_explaining(work.standing),
        "items": [
            {
                "line": row,
                "url": line_url(work.sheet, row),
                "claimed": four[0],
                "first": four[1],
                "field": form[f"g-{row.pk}"] if row.pk in offered else None,
                "mark": line_mark(row),
            }
            for row in work.disputed
            for four in [four_of(row, work.results, work.decisions, work.shown)]
        ],
    }


@access(Audience.CLUSTER, "GET", "POST")
def finish(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Send the explanations on, or as the organiser end them with a reason."""
    work = _work(request, year_pk, pk)
    verdict = policies.may_finish_explaining(work.standing)
    asks_why = work.standing.place.is_organiser and not work.is_own
    form = FinishForm(
        acts.sent(request), asks_why=asks_why, initial={"seen": str(work.sheet.revision)}
    )

    def act() -> str:
        workflow.finish_explaining(
            sheet_id=pk, by=request.acting, now=request.now,
            reason=form.cleaned_data.get("reason", ""),
        )  # fmt: skip
        return _confirmation(request, work.sheet)

    if not (work.is_own or asks_why):
        return _locked(request, work, verdict, "Gửi giải trình")
    done = acts.submit(request, form, act)
    context = _context(request, work) | {
        "form": form,
        "verdict": verdict,
        "asks_why": asks_why,
        "explained": [row for row in work.disputed if row.explanation],
        "silent": [row for row in work.disputed if not row.explanation],
    }
    return done or render(request, "scoring/sheet_finish.html", context)


# What was done -------------------------------------------------------------------------------
@access(Audience.CLUSTER)
def done(request: ActingRequest, year_pk: int, pk: int, seq: int) -> HttpResponse:
    """Confirm what was done: number, time, what happens next."""
    work = _work(request, year_pk, pk)
    events = AuditEvent.objects.about(work.sheet).filter(actor_id=request.user.pk)
    event = get_object_or_404(events, seq=seq, action__in=CONFIRMED)
    context = _context(request, work) | {"event": event, "totals": shown.totals_of(work)}
    return render(request, "scoring/sheet_done.html", context)


@access(Audience.CLUSTER)
def sheet_history(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Tell what happened to a sheet, the newest first (feature 116)."""
    work = _work(request, year_pk, pk)
    events = history.sentences_of(history_of_sheet(work.sheet, request.acting))
    return render(
        request, "scoring/sheet_history.html", _context(request, work) | {"events": events}
    )


# What the pages share ------------------------------------------------------------------------
def url_of(row: ScoreSheet, name: str, *args: object) -> str:
    """Return the address of a page of a sheet."""
    return reverse(f"scoring:{name}", args=[row.cluster_year_id, row.pk, *args])


def line_url(row: ScoreSheet, at: ScoreLine) -> str:
    """Return the address of one criterion of a sheet."""
    return url_of(row, "line", at.pk)


def _year(request: ActingRequest, pk: int) -> ClusterYear:
    year = get_object_or_404(ClusterYear.objects.visible_to(request.acting).with_names(), pk=pk)
    remember(request, year)
    return year


def _work(request: ActingRequest, year_pk: int, pk: int) -> Worksheet:
    _year(request, year_pk)
    seen = sheets_with_names().visible_to(request.acting)
    row = get_object_or_404(seen, cluster_year=year_pk, pk=pk)
    return worksheet_of(row, request.acting, request.today)


def _again(request: ActingRequest, work: Worksheet) -> Worksheet:
    row = sheets_with_names().visible_to(request.acting).get(pk=work.sheet.pk)
    return worksheet_of(row, request.acting, request.today)


def _line(work: Worksheet, pk: int) -> ScoreLine:
    row = work.line(pk)
    if row is None:
        raise Http404
    return row


def _confirmation(request: ActingRequest, row: ScoreSheet) -> str:
    mine = AuditEvent.objects.about(row).filter(actor_id=request.user.pk, action__in=CONFIRMED)
    return url_of(row, "sheet_done", mine.order_by("-seq")[0].seq)


def _locked(request: ActingRequest, work: Worksheet, verdict: Verdict, title: str) -> HttpResponse:
    """Say why a page cannot be worked on and where to go instead."""
    context = _context(request, work) | {"verdict": verdict, "title": title}
    return render(request, "scoring/sheet_locked.html", context, status=403)


def _context(request: ActingRequest, work: Worksheet) -> dict[str, Any]:
    """Return what every page of a sheet prints: names, state, turn line."""
    return {
        "year": work.sheet.cluster_year,
        "sheet": work.sheet,
        "work": work,
        "turn_cells": _turn_cells(request, work),
        "mast_title": "Phiếu chấm điểm",
    }


def _turn_cells(request: ActingRequest, work: Worksheet) -> list[Cell]:
    """Say who is waited for, what is missing, until when."""
    row, bench = work.sheet, work.standing.bench
    status = SS(row.status)
    who = waits_for(status, bench.unit_name, bench.judge_name, bench.organiser_name)
    with_unit = status in (*WITH_UNIT, SS.EXPLAINING)
    if with_unit and row.ready_at:
        who = f"Lãnh đạo {who}"
    if with_unit and work.is_own:
        is_mine = not row.ready_at or request.acting.is_head
        who = f"Bạn, thay mặt {bench.unit_name}" if is_mine else who
    cells = [Cell("Đang chờ", who or "Không chờ ai"), _missing_cell(work, status)]
    return [*cells, *_due_cell(request, work, status)]


def _missing_cell(work: Worksheet, status: SheetStatus) -> Cell:
    if status is SS.RETURNED:
        return Cell("Còn thiếu", f"{len(work.returned)} tiêu chí bị trả lại")
    if status is SS.SELF_SCORING:
        missing = f"{len(work.gaps)} tiêu chí chưa chấm"
        proof = f"{len(work.unproven)} cần minh chứng" if work.unproven else ""
        return Cell("Còn thiếu", missing if work.gaps else proof or "Đã chấm đủ", proof
                    if work.gaps else "")  # fmt: skip
    if status is SS.EXPLAINING:
        silent = sum(not row.explanation for row in work.disputed)
        said = f"{len(work.disputed)} tiêu chí chấm khác, {silent} chưa giải trình"
        return Cell("Giải trình", said if work.disputed else "Không có tiêu chí chấm khác")
    late = f"muộn {work.sheet.days_late} ngày" if work.sheet.days_late else "đúng hạn"
    return Cell("Phiếu số", work.sheet.number, late)


def _due_cell(request: ActingRequest, work: Worksheet, status: SheetStatus) -> list[Cell]:
    window = work.standing.scoring
    if status is not SS.SELF_SCORING or window is None or window.closes_on is None:
        return []
    left = days_left(window.closes_on, request.today)
    return [Cell("Hạn nộp", format_date(window.closes_on), left)]
