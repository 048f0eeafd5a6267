"""The appraisal of a sheet: line by line, several at once, returned, ended, approved, settled.

One page serves the first appraisal, the second and the settling of single figures; which of them it
is follows from the state of the sheet and from who asks (`stage_of`).
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.access import Audience, access
from clusters.http import ActingRequest, remember
from clusters.models import ClusterYear, Unit
from clusters.policies import may_judge
from clusters.queries import bench_of, members_of
from core import acts
from core.forms import DecideForm
from core.policy import Conflict, Invalid, Verdict, require
from scoring.forms.appraisal import (
    DecisionForm,
    GroupForm,
    LiftForm,
    ReopenForm,
    ReturnForm,
    VetoForm,
)
from scoring.models import Criterion, ScoreLine, ScoreSheet, SheetStatus
from scoring.policies import sheet as policies
from scoring.queries.docket import (
    Docket,
    Stage,
    docket_of,
    hands_of,
    last_act,
    leans_of,
    turns_of,
    vetoes_of,
)
from scoring.queries.sheet import bench_for, line_mark, sheets_with_names, standing_of
from scoring.queries.worksheet import waits_for
from scoring.views import docket as shown
from scoring.workflow import sheet as workflow

SS = SheetStatus
#: Acts that end with a page of confirmation.
CONFIRMED = (
    "scoring.lines_returned", "scoring.sheet_appraised", "scoring.sheet_approved",
    "scoring.sheet_reopened",
)  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """A sheet before one person, as every page here needs it."""

    request: ActingRequest
    year: ClusterYear
    docket: Docket

    @property
    def sheet(self) -> ScoreSheet:
        """Return the sheet."""
        return self.docket.sheet

    def url(self, name: str, *args: object) -> str:
        """Return the address of a page about this sheet."""
        return shown.address(self.sheet, name, *args)

    def context(self, **more: Any) -> dict[str, Any]:
        """Return what every page of the appraisal prints."""
        stage = self.docket.stage
        turns = turns_of(self.year, self.request.acting, self.request.today)
        tabs = shown.tabs_of(turns, self.request.acting, self.sheet.pk)
        mine = [tab for tab in tabs if not tab.is_locked]
        return {
            "year": self.year,
            "sheet": self.sheet,
            "unit": self.sheet.unit,
            "stage": stage.name,
            "title": shown.TITLES[stage],
            "tabs": tabs,
            "tabs_left": sum(tab.is_left for tab in mine),
            "tabs_all": len(mine),
            "verdict": self.docket.verdict,
            "waiting": self._waiting(),
            "mast_title": "Thẩm định",
        } | more

    def _waiting(self) -> str:
        """Say who is waited for, and until when."""
        bench, status = self.docket.standing.bench, self.docket.standing.status
        who = waits_for(status, bench.unit_name, bench.judge_name, bench.organiser_name)
        if not who:
            return ""
        said = f"Đang chờ {'bạn' if self.docket.verdict else who}"
        due = shown.due_words(self.year, self.request.today)
        return ", ".join(part for part in (said, due) if part)


# Line by line --------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def appraisal(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Show a sheet line by line with all that is known, and take a decision on one line."""
    sheet = _sheet(request, year_pk, pk)
    if locked := _locked(request, sheet):
        return locked
    desk = _desk(request, sheet)
    line = _line_at_hand(desk)
    form = _decision_form(desk, line)
    said = f"Đã ghi quyết định ở {line.criterion.code}."
    done = acts.submit(request, form, lambda: _decide(desk, line, form), success=said)
    conflict: Conflict | None = getattr(form, "conflict", None)
    if conflict is not None:
        line.refresh_from_db()
        form.renew(line_mark(line))
    return done or render(request, "scoring/appraisal.html", _page(desk, line, form, conflict))


def _decide(desk: Desk, line: ScoreLine, form: DecisionForm) -> str:
    """Record the decision and lead to the next line nobody decided."""
    request, stage = desk.request, desk.docket.stage
    asked: dict[str, Any] = {"sheet_id": desk.sheet.pk, "by": request.acting, "now": request.now}
    try:
        if stage is Stage.SETTLING:
            workflow.settle(line=form.decision, **asked)
        else:
            _verb(stage)(lines=[form.decision], **asked)
    except Invalid as fault:
        # The workflow knows fields by line; this page has one line.
        name = (fault.field or "").partition("-")[0]
        raise Invalid(str(fault), field=name) from fault
    after = shown.next_line(desk.docket, line) if stage is not Stage.SETTLING else None
    return shown.line_url(desk.sheet, after or line)


def _verb(stage: Stage) -> Callable[..., ScoreSheet]:
    return workflow.appraise if stage is Stage.FIRST else workflow.appraise_again


def _decision_form(desk: Desk, line: ScoreLine) -> DecisionForm:
    docket = desk.docket
    return DecisionForm(
        acts.sent(desk.request),
        line=line,
        stage=docket.stage,
        table=docket.cluster.table,
        leaf=docket.leaf(line),
    )


def _page(
    desk: Desk, line: ScoreLine, form: DecisionForm, conflict: Conflict | None
) -> dict[str, Any]:
    docket, request = desk.docket, desk.request
    above, below = shown.neighbours(docket, line)
    after = shown.next_line(docket, line)
    return desk.context(
        form=form,
        conflict=conflict,
        conflict_states=list(conflict.current.values()) if conflict else [],
        sections=shown.sections_of(docket, line),
        above=above and shown.line_url(docket.sheet, above),
        below=below and shown.line_url(docket.sheet, below),
        after=after.criterion.code if after else "",
        left=len(docket.undecided),
        total=len(docket.lines),
        decided_count=len(docket.lines) - len(docket.undecided),
        acting_organises=request.acting.is_organiser,
        page_token=uuid.uuid4(),
        may_take_up=policies.may_take_up(docket.standing),
        is_submitted=docket.sheet.status == SS.SUBMITTED,
        may_reopen=policies.may_reopen(docket.standing),
        **shown.panel_of(docket, line, request.acting, request.GET.get("tep", "")),
    )


def _line_at_hand(desk: Desk) -> ScoreLine:
    """Return the line asked for, else the first nobody decided, else the first."""
    wanted = desk.request.GET.get("dong", "")
    lines = desk.docket.lines
    asked = next((line for line in lines if str(line.pk) == wanted), None)
    return asked or next(iter(desk.docket.undecided), lines[0])


@access(Audience.CLUSTER, "POST")
def take_up(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Begin the first appraisal."""
    sheet = _sheet(request, year_pk, pk)
    here = shown.address(sheet, "appraisal")

    def act() -> str:
        workflow.take_up(sheet_id=pk, by=request.acting, now=request.now)
        return here

    return acts.press(request, act, otherwise=here, success="Đã bắt đầu thẩm định.")


@access(Audience.CLUSTER, "GET", "POST")
def group(request: ActingRequest, year_pk: int, pk: int, group_pk: int) -> HttpResponse:
    """List the lines of a group that nobody decided, and agree with those that stay ticked."""
    sheet = _sheet(request, year_pk, pk)
    if locked := _locked(request, sheet):
        return locked
    desk = _desk(request, sheet)
    top = get_object_or_404(Criterion, pk=group_pk, table=sheet.table_id, parent=None)
    lines = _lines_to_agree(desk, top)
    form = GroupForm(acts.sent(request), lines=lines)

    def act() -> str:
        stage = desk.docket.stage
        require(desk.docket.verdict)
        _verb(stage)(sheet_id=pk, lines=form.decisions(stage), by=request.acting, now=request.now)
        return desk.url("appraisal")

    done = acts.submit(request, form, act, success=f"Đã ghi các quyết định ở nhóm {top.code}.")
    rows = [(shown.group_row(desk.docket, line), tick, seen) for line, tick, seen in form.rows()]
    context = desk.context(form=form, group=top, rows=rows)
    return done or render(request, "scoring/appraisal_group.html", context)


def _lines_to_agree(desk: Desk, top: Criterion) -> list[ScoreLine]:
    """Return the lines nobody decided; of a sent page also those somebody decided meanwhile."""
    stage, data = desk.docket.stage, desk.request.POST
    lines = next((lines for one, lines in desk.docket.groups() if one == top), [])
    return [line for line in lines if stage.decided(line) is None or f"line-{line.pk}" in data]


# Steps of the whole sheet --------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def give_back(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Choose the lines that go back to the unit, each with what has to be mended."""
    sheet = _sheet(request, year_pk, pk)
    if locked := _locked(request, sheet):
        return locked
    desk = _desk(request, sheet)
    lines = desk.docket.lines
    form = ReturnForm(acts.sent(request), initial={"seen": sheet.revision}, lines=lines)

    def act() -> str:
        workflow.give_back(
            sheet_id=pk, seen=form.revision, reason=form.cleaned_data["reason"],
            lines=form.returned(), by=request.acting, now=request.now,
        )  # fmt: skip
        return desk.url("appraisal_done")

    done = acts.submit(request, form, act)
    _renew_after_conflict(form, sheet)
    context = desk.context(
        form=form,
        verdict=policies.may_appraise(desk.docket.standing),
        sections=_boxes(desk, form, request.GET.get("dong", "")),
    )
    return done or render(request, "scoring/appraisal_return.html", context)


def _boxes(desk: Desk, form: ReturnForm, wanted: str) -> list[dict[str, Any]]:
    """Return the boxes by top group; groups in which something stands are open."""
    found = []
    for top, lines in desk.docket.groups():
        rows = [(shown.group_row(desk.docket, line), form.box(line)) for line in lines]
        is_open = any(str(row.line.pk) == wanted or box.value() or box.errors for row, box in rows)
        found.append({"group": top, "rows": rows, "is_open": is_open})
    return [section for section in found if section["rows"]]


@access(Audience.CLUSTER, "GET", "POST")
def finish(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Check differences and sums, then end the first appraisal or approve after the second."""
    sheet = _sheet(request, year_pk, pk)
    if locked := _locked(request, sheet):
        return locked
    desk = _desk(request, sheet)
    is_first = desk.docket.stage is Stage.FIRST
    verb, policy = (
        (workflow.finish_first, policies.may_finish_first)
        if is_first
        else (workflow.approve, policies.may_approve)
    )
    form = DecideForm(acts.sent(request), initial={"seen": sheet.revision})

    def act() -> str:
        verb(sheet_id=pk, seen=form.revision, by=request.acting, now=request.now)
        return desk.url("appraisal_done")

    done = acts.submit(request, form, act)
    if _renew_after_conflict(form, sheet):
        desk = _desk(request, _sheet(request, year_pk, pk))
    sums, total = shown.sums_of(desk.docket)
    context = desk.context(
        form=form,
        verdict=policy(desk.docket.standing),
        differences=shown.differences_of(desk.docket),
        undecided=[shown.group_row(desk.docket, line) for line in desk.docket.undecided],
        count=len(desk.docket.lines),
        sums=sums,
        total=total,
    )
    return done or render(request, "scoring/appraisal_finish.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def reopen(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Take an approved sheet back to the second appraisal after saying what that costs."""
    sheet = _sheet(request, year_pk, pk)
    if locked := _locked(request, sheet):
        return locked
    form = ReopenForm(acts.sent(request))

    def act() -> str:
        reason = form.cleaned_data["reason"]
        workflow.reopen(sheet_id=pk, reason=reason, by=request.acting, now=request.now)
        return shown.address(sheet, "appraisal_done")

    done = acts.submit(request, form, act)
    verdict = policies.may_reopen(standing_of(sheet, request.acting, request.today))
    context = _plain(request, sheet, form=form, verdict=verdict)
    return done or render(request, "scoring/appraisal_reopen.html", context)


@access(Audience.CLUSTER)
def done(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Confirm what this person did last to a sheet: number, time, what happens next."""
    sheet = _sheet(request, year_pk, pk)
    event = last_act(sheet, request.user.pk, CONFIRMED)
    if event is None:
        return redirect(shown.address(sheet, "appraisal"))
    standing = standing_of(sheet, request.acting, request.today)
    kind = event.action.removeprefix("scoring.")
    returned = event.after.get("lines") if kind == "lines_returned" else None
    context = _plain(
        request, sheet, event=event, kind=kind, bench=standing.bench,
        returned=sorted(returned.items()) if isinstance(returned, dict) else [],
        differ=event.after.get("differ") or [],
    )  # fmt: skip
    return render(request, "scoring/appraisal_done.html", context)


# The organiser's tables ----------------------------------------------------------------------
@access(Audience.ORGANISER)
def leaning(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Show by unit and by person how far the appraisals lie from what came before (U8)."""
    year = _year(request, year_pk)
    context = {
        "year": year,
        "rows": shown.lean_rows(leans_of(year)),
        "hands": shown.hand_rows(hands_of(year)),
    }
    return render(request, "scoring/appraisal_leaning.html", context)


@access(Audience.ORGANISER, "GET", "POST")
def vetoes(request: ActingRequest, year_pk: int) -> HttpResponse:
    """List the units that are not considered this year, and write down another."""
    year = _year(request, year_pk)
    units, verdict = _units_to_veto(request, year)
    form = VetoForm(acts.sent(request), units=units)

    def act() -> str:
        workflow.raise_veto(
            cluster_year_id=year_pk, unit_id=form.cleaned_data["unit"], reason=form.reason,
            by=request.acting, now=request.now,
        )  # fmt: skip
        return reverse("scoring:vetoes", args=[year_pk])

    done = acts.submit(request, form, act, success="Đã ghi trường hợp không xét thi đua.")
    context = {"year": year, "form": form, "vetoes": vetoes_of(year), "verdict": verdict}
    return done or render(request, "scoring/appraisal_vetoes.html", context)


@access(Audience.ORGANISER, "GET", "POST")
def lift_veto(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Lift a veto, with the reason; both stay in the books."""
    year = _year(request, year_pk)
    veto = next((veto for veto in vetoes_of(year) if veto.pk == pk), None)
    if veto is None:
        raise Http404
    form = LiftForm(acts.sent(request))

    def act() -> str:
        reason = form.cleaned_data["reason"]
        workflow.lift_veto(veto_id=pk, reason=reason, by=request.acting, now=request.now)
        return reverse("scoring:vetoes", args=[year_pk])

    done = acts.submit(request, form, act, success=f"Đã bỏ trường hợp không xét của {veto.unit}.")
    verdict = policies.may_veto(
        bench_of(request.acting, year, veto.unit, request.today), year.status
    )
    context = {"year": year, "form": form, "veto": veto, "verdict": verdict}
    return done or render(request, "scoring/appraisal_veto_lift.html", context)


def _units_to_veto(request: ActingRequest, year: ClusterYear) -> tuple[list[Unit], Verdict]:
    """Return the members one may say it of, and whether the year still takes it."""
    members = members_of(year)
    bench = bench_of(request.acting, year, members[0].unit, request.today, members=members)
    units = [member.unit for member in members if member.unit_id not in bench.own_units]
    asked = units[0] if units else members[0].unit
    asked_bench = replace(bench, unit_id=asked.pk, unit_name=asked.short_name)
    return units, policies.may_veto(asked_bench, year.status)


# Shared --------------------------------------------------------------------------------------
def _year(request: ActingRequest, pk: int) -> ClusterYear:
    year = get_object_or_404(ClusterYear.objects.visible_to(request.acting).with_names(), pk=pk)
    remember(request, year)
    return year


def _sheet(request: ActingRequest, year_pk: int, pk: int) -> ScoreSheet:
    """Return a sheet this person may open; anything else does not exist for them."""
    seen = sheets_with_names().visible_to(request.acting)
    sheet = get_object_or_404(seen, cluster_year=year_pk, pk=pk)
    remember(request, sheet.cluster_year)
    return sheet


def _desk(request: ActingRequest, sheet: ScoreSheet) -> Desk:
    docket = docket_of(sheet, request.acting, request.today)
    return Desk(request, sheet.cluster_year, docket)


def _locked(request: ActingRequest, sheet: ScoreSheet) -> HttpResponse | None:
    """Keep a unit out of the appraisal of its own sheet, with the sentence of the rule."""
    bench = bench_for(sheet, request.acting, request.today)
    if not bench.is_own:
        return None
    verdict = may_judge(bench)
    turns = turns_of(sheet.cluster_year, request.acting, request.today)
    tabs = shown.tabs_of(turns, request.acting, sheet.pk)
    context = _plain(request, sheet, verdict=verdict, tabs=tabs)
    return render(request, "scoring/appraisal_locked.html", context, status=403)


def _plain(request: ActingRequest, sheet: ScoreSheet, **more: Any) -> dict[str, Any]:
    """Return what the pages print that need no points."""
    return {
        "year": sheet.cluster_year,
        "sheet": sheet,
        "unit": sheet.unit,
        "mast_title": "Thẩm định",
        "acting": request.acting,
    } | more


def _renew_after_conflict(form: DecideForm, sheet: ScoreSheet) -> bool:
    """Let a step go on from the sheet that stands now; say whether there was a conflict."""
    if getattr(form, "conflict", None) is None:
        return False
    sheet.refresh_from_db(fields=["revision"])
    form.renew(sheet.revision)
    return True
