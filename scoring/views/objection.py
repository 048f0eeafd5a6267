"""Objections: the list of a year, writing and sending one, deciding it, what was done."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.access import Audience, access
from clusters.calendar import local_date
from clusters.http import ActingRequest
from clusters.models import ClusterYear
from clusters.queries import place_of
from core import acts, history
from core.forms import DecideForm
from core.models import AuditEvent
from core.policy import ALLOWED, Conflict, Invalid, Verdict
from core.templatetags.gu import Cell
from core.text import days_left, format_date
from scoring import operations
from scoring.forms import EvidenceChoice
from scoring.forms.objection import PleaForm, RulingForm
from scoring.models import Objection, ObjectionStatus, ScoreLine
from scoring.policies import may_add_evidence
from scoring.policies import objection as policies
from scoring.policies.objection import ObjectionStanding
from scoring.queries import objection as queries
from scoring.queries.board import shape_of
from scoring.queries.evidence import evidence_of
from scoring.queries.sheet import engine_table, sheets_with_names
from scoring.queries.stages import four_of
from scoring.queries.worksheet import worksheet_of
from scoring.views.runs import year_of
from scoring.workflow import objection as workflow

OS = ObjectionStatus
#: Acts that end with a page of confirmation.
CONFIRMED = (
    "scoring.objection_sent", "scoring.objection_withdrawn", "scoring.objection_accepted",
    "scoring.objection_rejected",
)  # fmt: skip
#: Who is waited for, by state: the unit itself or the organiser.
_NOBODY = "Không chờ ai"


@dataclass(frozen=True)
class Desk:
    """An objection before one person, as every page about it needs it."""

    request: ActingRequest
    row: Objection
    standing: ObjectionStanding

    @property
    def year(self) -> ClusterYear:
        """Return the year."""
        return self.row.cluster_year

    @property
    def is_own(self) -> bool:
        """Whether the person acts for the unit that objects."""
        return self.row.unit_id == self.request.acting.unit_id

    def url(self, name: str, *args: object) -> str:
        """Return the address of a page about this objection."""
        return reverse(f"scoring:{name}", args=[self.year.pk, self.row.pk, *args])

    def context(self, **more: Any) -> dict[str, Any]:
        """Return what every page about an objection prints."""
        row = self.row
        return {
            "year": self.year,
            "row": row,
            "about": queries.about_of(row),
            "asked": queries.asked_words(row),
            "outcome": queries.outcome_of(row),
            "is_own": self.is_own,
            "turn_cells": _turn_cells(self),
            "mast_title": "Kiến nghị",
        } | more


# The list ------------------------------------------------------------------------------------
@access(Audience.CLUSTER)
def objections(request: ActingRequest, year_pk: int) -> HttpResponse:
    """List the objections of a year that one may know of."""
    year = year_of(request, year_pk)
    found = queries.rows_of(year, request.acting)
    wanted = request.GET.get("loc", "")
    states = next((states for word, _, states in queries.FILTERS if word == wanted), tuple(OS))
    standing = _own_standing(request, year)
    context = {
        "year": year,
        "rows": [row for row in found if row.objection.status in states],
        "filters": _filters(found),
        "wanted": wanted,
        "place": place_of(request.acting, year),
        "may_write": policies.may_write(standing) if standing else None,
        "knows_others": queries.knows_of_others(year, request.acting),
        "turn_cells": _year_cells(request, year, found, standing),
        "mast_title": "Kiến nghị",
    }
    return render(request, "scoring/objections.html", context)


def _filters(found: list[queries.Row]) -> list[tuple[str, str, int]]:
    """Return the filters that show something: word, label, number of rows."""
    counted = [
        (word, label, sum(row.objection.status in states for row in found))
        for word, label, states in queries.FILTERS
    ]
    return [one for one in counted if one[2] or not one[0]]


def _year_cells(
    request: ActingRequest,
    year: ClusterYear,
    found: list[queries.Row],
    standing: ObjectionStanding | None,
) -> list[Cell]:
    """Say who is waited for, how many are left, and until when objections are taken."""
    waiting = sum(row.objection.status == OS.SENT for row in found)
    who = year.cluster.organiser.short_name if waiting else _NOBODY
    publication = queries.newest_provisional(year)
    window = standing.window if standing else None
    until = window.closes_on if window else publication and publication.objections_until
    cells = [Cell("Đang chờ", who), Cell("Chưa quyết định", f"{waiting} kiến nghị")]
    if until:
        cells.append(_until_cell(request, until))
    return cells


# Writing -------------------------------------------------------------------------------------
@access(Audience.CLUSTER)
def choose(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Choose what to object to: a criterion of the own sheet, or the result as a whole."""
    year = year_of(request, year_pk)
    standing = _own_standing(request, year)
    verdict = policies.may_write(standing) if standing else _no_member(request, year)
    if standing is None or standing.provisional is None or not verdict:
        return _locked(request, year, "Soạn kiến nghị", verdict.reason)
    unit = queries.own_unit(request.acting)
    choices = queries.choices_of(standing.provisional, unit)
    code = request.GET.get("ma", "")
    named = next((one.line for one in choices if one.line.criterion.code == code), None)
    if named is not None:
        return redirect("scoring:objection_line", year.pk, named.pk)
    context = {
        "year": year,
        "unit": unit,
        "publication": standing.provisional,
        "published": queries.published_to(standing.provisional, unit.pk, None),
        "shape": shape_of(standing.provisional.run),
        "choices": choices,
        "whole": queries.open_about(year, unit.pk, None),
        "turn_cells": _writing_cells(request, standing),
        "mast_title": "Kiến nghị",
    }
    return render(request, "scoring/objection_choose.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def write(request: ActingRequest, year_pk: int, line_pk: int | None = None) -> HttpResponse:
    """Begin an objection to a criterion, or to the result as a whole."""
    year = year_of(request, year_pk)
    standing = _own_standing(request, year)
    verdict = policies.may_write(standing) if standing else _no_member(request, year)
    if standing is None or not verdict:
        return _locked(request, year, "Soạn kiến nghị", verdict.reason)
    line = _own_line(request, year, line_pk) if line_pk else None
    there = queries.open_about(year, request.acting.unit_key, line_pk)
    if there is not None and request.method != "POST":
        return redirect("scoring:objection", year.pk, there.pk)
    form, files = _plea_form(request, line, {}), _files(request, year, standing, ())

    def act() -> str:
        row = workflow.draft(
            cluster_year_id=year.pk, line_id=line_pk, plea=form.plea(_kept(request, year, files)),
            by=request.acting, now=request.now,
        )  # fmt: skip
        return reverse("scoring:objection", args=[year.pk, row.pk])

    done = acts.submit(request, form, act, *files, success="Đã lưu bản nháp kiến nghị.")
    context = _writing_context(request, standing, line) | {
        "form": form, "files": files[0] if files else None, "draft_key": f"{year.pk}-{line_pk}",
    }  # fmt: skip
    return done or render(request, "scoring/objection_write.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def edit(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Change a draft; what somebody else saved meanwhile is shown beside what was typed."""
    desk = _desk(request, year_pk, pk)
    row, year, verdict = desk.row, desk.year, policies.may_edit(desk.standing)
    if not desk.is_own or not (verdict or request.method == "POST"):
        return _locked(request, year, "Sửa kiến nghị", verdict.reason)
    start = {"figure": row.asked, "text": row.text, "seen": str(row.revision)}
    form = _plea_form(request, row.line, start)
    attached = [file.pk for file in row.evidence.all() if file.withdrawn_at is None]
    files = _files(request, year, desk.standing, attached) if verdict else []

    def act() -> str:
        workflow.edit(
            objection_id=pk, seen=form.revision, plea=form.plea(_kept(request, year, files)),
            by=request.acting, now=request.now,
        )  # fmt: skip
        return desk.url("objection")

    done = acts.submit(request, form, act, *files, success="Đã lưu bản nháp kiến nghị.")
    conflict: Conflict | None = getattr(form, "conflict", None)
    if conflict is not None:
        row.refresh_from_db(fields=["revision"])
        form.renew(row.revision)
    context = _writing_context(request, desk.standing, row.line) | {
        "form": form, "files": files[0] if files else None, "row": row, "conflict": conflict,
        "draft_key": f"{year.pk}-{row.line_id}",
    }  # fmt: skip
    return done or render(request, "scoring/objection_write.html", context)


def _plea_form(request: ActingRequest, line: ScoreLine | None, start: dict[str, Any]) -> PleaForm:
    table = engine_table(line.sheet.table) if line else None
    leaves = {leaf.code: leaf for leaf in table.leaves} if table else {}
    return PleaForm(acts.sent(request), initial=start, line=line, table=table, leaves=leaves)


def _files(
    request: ActingRequest,
    year: ClusterYear,
    standing: ObjectionStanding,
    attached: Iterable[int],
) -> list[EvidenceChoice]:
    """Return the part of the form that attaches files, nothing where none may be attached."""
    if not may_add_evidence(standing.place, year):
        return []
    store = list(evidence_of(request.acting, year, request.acting.unit_id))
    sent = (acts.sent(request), acts.sent_files(request))
    return [EvidenceChoice(*sent, store=store, attached=attached, today=request.today)]


def _kept(
    request: ActingRequest, year: ClusterYear, files: list[EvidenceChoice]
) -> tuple[int, ...] | None:
    """Put new files into the store; return the keys of all that were chosen."""
    if not files:
        return None
    return tuple(
        operations.keep(
            cluster_year_id=year.pk, chosen=files[0].chosen, by=request.acting, now=request.now
        )
    )


def _writing_context(
    request: ActingRequest, standing: ObjectionStanding, line: ScoreLine | None
) -> dict[str, Any]:
    """Return what one looks at while writing: what was published, how it came about."""
    year, unit_id = standing.year, standing.bench.unit_id
    publication = standing.provisional
    about = str(line.criterion) if line else queries.WHOLE.capitalize()
    return {
        "year": year,
        "about": about,
        "line": line,
        "publication": publication,
        "published": queries.published_to(publication, unit_id, line) if publication else None,
        "shape": shape_of(publication.run) if publication else None,
        "four": _four(request, line) if line else [],
        "turn_cells": _writing_cells(request, standing),
        "mast_title": "Kiến nghị",
    }


# Reading -------------------------------------------------------------------------------------
@access(Audience.CLUSTER)
def objection(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Show an objection: what it is about, what was asked, proved and decided."""
    desk = _desk(request, year_pk, pk)
    standing = desk.standing
    context = desk.context(
        **_facts(desk),
        may_edit=policies.may_edit(standing),
        may_hand_over=policies.may_hand_over(standing),
        may_send=policies.may_send(standing),
        may_withdraw=policies.may_withdraw(standing),
        may_decide=policies.may_decide(standing),
        events=history.sentences_of(queries.history_of(desk.row, request.acting)),
    )
    return render(request, "scoring/objection.html", context)


def _facts(desk: Desk) -> dict[str, Any]:
    """Return what was published and decided on the line, and the files put forward."""
    row = desk.row
    return {
        "line": row.line,
        "publication": row.publication,
        "published": queries.published_to(row.publication, row.unit_id, row.line),
        "shape": shape_of(row.publication.run),
        "four": _four(desk.request, row.line) if row.line else [],
        "evidence": [file for file in row.evidence.all() if file.withdrawn_at is None],
    }


def _four(request: ActingRequest, line: ScoreLine) -> list[Any]:
    """Return the four figures of a line as far as this person may read them."""
    sheet = sheets_with_names().visible_to(request.acting).filter(pk=line.sheet_id).first()
    if sheet is None:
        return []
    work = worksheet_of(sheet, request.acting, request.today)
    found = work.line(line.pk)
    return four_of(found, work.results, work.decisions, work.shown) if found else []


# Handing over, sending, taking back ----------------------------------------------------------
@access(Audience.CLUSTER, "POST")
def hand_over(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Lay a draft before the head of the unit."""
    desk = _desk(request, year_pk, pk)

    def act() -> str:
        workflow.hand_over(objection_id=pk, by=request.acting, now=request.now)
        return desk.url("objection")

    return acts.press(
        request, act, otherwise=desk.url("objection"),
        success="Đã trình lãnh đạo đơn vị. Lãnh đạo nhận thông báo và gửi kiến nghị.",
    )  # fmt: skip


@access(Audience.CLUSTER, "GET", "POST")
def send(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Read the draft once more and send it."""
    desk = _desk(request, year_pk, pk)
    if not desk.is_own:
        return _locked(request, desk.year, "Gửi kiến nghị", _why_not(desk, policies.may_send))
    form = DecideForm(acts.sent(request), initial={"seen": str(desk.row.revision)})

    def act() -> str:
        workflow.send(objection_id=pk, seen=form.revision, by=request.acting, now=request.now)
        return _confirmation(desk)

    done = acts.submit(request, form, act)
    if getattr(form, "conflict", None) is not None:
        desk = _desk(request, year_pk, pk)
        form.renew(desk.row.revision)
    verdict = policies.may_send(desk.standing)
    context = desk.context(**_facts(desk), form=form, verdict=verdict)
    return done or render(request, "scoring/objection_send.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def withdraw(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Take back what was sent, or drop a draft, after saying what that means."""
    desk = _desk(request, year_pk, pk)
    policy, verb = _way_out(desk)
    if not desk.is_own:
        return _locked(request, desk.year, "Rút kiến nghị", _why_not(desk, policy))
    form = DecideForm(acts.sent(request), initial={"seen": str(desk.row.revision)})

    def act() -> str:
        verb(objection_id=pk, seen=form.revision, by=request.acting, now=request.now)
        if verb is workflow.discard:
            return reverse("scoring:objections", args=[desk.year.pk])
        return _confirmation(desk)

    success = "Đã bỏ bản nháp." if verb is workflow.discard else ""
    done = acts.submit(request, form, act, success=success)
    if getattr(form, "conflict", None) is not None:
        desk = _desk(request, year_pk, pk)
        form.renew(desk.row.revision)
        policy, verb = _way_out(desk)
    context = desk.context(
        form=form, verdict=policy(desk.standing), is_draft=verb is workflow.discard
    )
    return done or render(request, "scoring/objection_withdraw.html", context)


def _way_out(
    desk: Desk,
) -> tuple[Callable[[ObjectionStanding], Verdict], Callable[..., Objection | None]]:
    """Return the rule and the verb that end an objection as it stands: dropped, or taken back."""
    if desk.row.status == OS.DRAFT:
        return policies.may_discard, workflow.discard
    return policies.may_withdraw, workflow.withdraw


# Deciding ------------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def decide(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Look at everything about an objection and decide it, with the reason."""
    desk = _desk(request, year_pk, pk)
    verdict = policies.may_decide(desk.standing)
    if not desk.standing.place.is_organiser:
        return _locked(request, desk.year, "Quyết định kiến nghị", verdict.reason)
    form = _ruling_form(request, desk.row)
    done = acts.submit(request, form, _rule(desk, form))
    conflict: Conflict | None = getattr(form, "conflict", None)
    if conflict is not None:
        desk = _desk(request, year_pk, pk)
        form.follow(desk.row.line, desk.row.revision)
    context = desk.context(
        **_facts(desk),
        form=form,
        verdict=verdict,
        accepting=policies.may_accept(desk.standing) if verdict else ALLOWED,
        conflict_states=list(conflict.current.values()) if conflict else [],
    )
    return done or render(request, "scoring/objection_decide.html", context)


def _ruling_form(request: ActingRequest, row: Objection) -> RulingForm:
    table = engine_table(row.line.sheet.table) if row.line else None
    leaves = {leaf.code: leaf for leaf in table.leaves} if table else {}
    start = {"seen": str(row.revision), "figure": row.asked}
    return RulingForm(acts.sent(request), initial=start, line=row.line, table=table, leaves=leaves)


def _rule(desk: Desk, form: RulingForm) -> Callable[[], str]:
    """Return what records the decision and leads to its confirmation."""
    request = desk.request

    def act() -> str:
        verb = workflow.accept if form.accepts else workflow.reject
        try:
            verb(
                objection_id=desk.row.pk, seen=form.revision, ruling=form.ruling,
                by=request.acting, now=request.now,
            )  # fmt: skip
        except Invalid as fault:
            # The figure of a line is named by the line; this page has one.
            raise Invalid(str(fault), field=(fault.field or "").partition("-")[0]) from fault
        return _confirmation(desk)

    return act


@access(Audience.CLUSTER)
def done(request: ActingRequest, year_pk: int, pk: int, seq: int) -> HttpResponse:
    """Confirm what was sent, taken back or decided: number, time, what happens next."""
    desk = _desk(request, year_pk, pk)
    events = AuditEvent.objects.about(desk.row).filter(actor_id=request.user.pk)
    event = get_object_or_404(events, seq=seq, action__in=CONFIRMED)
    kind = event.action.removeprefix("scoring.objection_")
    return render(request, "scoring/objection_done.html", desk.context(event=event, kind=kind))


# Shared --------------------------------------------------------------------------------------
def _desk(request: ActingRequest, year_pk: int, pk: int) -> Desk:
    """Return an objection this person may read; anything else does not exist for them."""
    year_of(request, year_pk)
    seen = queries.objections_with_names().visible_to(request.acting)
    row = get_object_or_404(seen, cluster_year=year_pk, pk=pk)
    return Desk(request, row, queries.standing_of(row, request.acting, request.today))


def _own_standing(request: ActingRequest, year: ClusterYear) -> ObjectionStanding | None:
    """Return the facts about the own unit; None for who acts for no member."""
    if place_of(request.acting, year).membership is None:
        return None
    unit = queries.own_unit(request.acting)
    return queries.standing_for(year, unit, request.acting, request.today)


def _own_line(request: ActingRequest, year: ClusterYear, pk: int) -> ScoreLine:
    line = queries.own_line(year, request.acting, pk)
    if line is None:
        raise Http404
    return line


def _no_member(request: ActingRequest, year: ClusterYear) -> Verdict:
    """Say to the organiser and to witnesses who writes objections."""
    unit = queries.own_unit(request.acting)
    return policies.may_write(queries.standing_for(year, unit, request.acting, request.today))


def _why_not(desk: Desk, policy: Callable[[ObjectionStanding], Verdict]) -> str:
    return policy(desk.standing).reason


def _confirmation(desk: Desk) -> str:
    """Return the address of the confirmation of what this person has just done."""
    mine = AuditEvent.objects.about(desk.row).filter(
        actor_id=desk.request.user.pk, action__in=CONFIRMED
    )
    return desk.url("objection_done", mine.order_by("-seq")[0].seq)


def _turn_cells(desk: Desk) -> list[Cell]:
    """Say who is waited for, what was asked, and until when."""
    row, bench = desk.row, desk.standing.bench
    who = {OS.DRAFT: bench.unit_name, OS.SENT: bench.organiser_name}.get(OS(row.status), _NOBODY)
    if row.status == OS.DRAFT and row.ready_at:
        who = f"Lãnh đạo {who}"
    cells = [Cell("Đang chờ", who)]
    if row.number:
        cells.append(Cell("Kiến nghị số", str(row.number), _sent_on(row)))
    window = desk.standing.window
    if row.status == OS.DRAFT and window is not None and window.closes_on is not None:
        cells.append(_until_cell(desk.request, window.closes_on))
    return cells


def _sent_on(row: Objection) -> str:
    return f"gửi ngày {format_date(local_date(row.sent_at))}" if row.sent_at else ""


def _writing_cells(request: ActingRequest, standing: ObjectionStanding) -> list[Cell]:
    window = standing.window
    cells = [Cell("Đang chờ", f"Bạn, thay mặt {standing.bench.unit_name}")]
    if window is not None and window.closes_on is not None:
        cells.append(_until_cell(request, window.closes_on))
    return cells


def _until_cell(request: ActingRequest, until: date) -> Cell:
    return Cell("Nhận kiến nghị đến hết", format_date(until), days_left(until, request.today))


def _locked(request: ActingRequest, year: ClusterYear, title: str, reason: str) -> HttpResponse:
    """Say why a page cannot be worked on and where to go instead."""
    context = {"year": year, "title": title, "reason": reason, "mast_title": "Kiến nghị"}
    return render(request, "scoring/objection_locked.html", context, status=403)
