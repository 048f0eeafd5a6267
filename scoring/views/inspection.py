"""Cross-inspection: lots drawn and cancelled, findings written, submitted and answered."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.access import Audience, access
from clusters.calendar import local_date
from clusters.http import ActingRequest, remember
from clusters.models import ClusterYear
from core import acts
from core.forms import DecideForm
from core.policy import Conflict
from core.templatetags.gu import Cell
from core.text import days_left, format_date, join_names
from scoring.forms.inspection import AnswerForm, CancelDrawForm, DrawForm, MinutesForm
from scoring.lot import place_of
from scoring.models import Draw, Inspection, InspectionStatus
from scoring.operations import inspection as operations
from scoring.operations.inspection import Lots
from scoring.policies import inspection as policies
from scoring.policies.inspection import InspectionStanding, is_late
from scoring.queries.inspection import (
    Post,
    cancelled_draws,
    draw_standing_of,
    findings_of,
    inspected_by,
    inspection_standing_of,
    inspections_with_names,
    is_repeated,
    last_act,
    posts_of,
    waits_for,
)
from scoring.workflow import inspection as workflow

IS = InspectionStatus
#: Acts that end with a page of confirmation.
CONFIRMED = ("scoring.inspection_submitted", "scoring.inspection_answered")
#: So many digits of SHA-256 are shown beside a unit: enough to hold against one's own reckoning.
_DIGITS = 12


# The drawing ---------------------------------------------------------------------------------
@access(Audience.CLUSTER)
def inspections(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Show who inspects whom, from which seed, how far each is, and the drawings cancelled."""
    year = _year(request, year_pk)
    standing = draw_standing_of(year, request.acting, request.today)
    draw = standing.draw
    posts = posts_of(draw, request.acting, request.today) if draw else []
    context = {
        "year": year,
        "draw": draw,
        "rows": _ring(draw, posts),
        "is_repeated": draw is not None and is_repeated(draw, posts),
        "cancelled": cancelled_draws(year),
        "may_draw": policies.may_draw(standing),
        "may_cancel": policies.may_cancel(standing),
        "turn_cells": _cells_of_draw(request, draw, posts) if draw else [],
        "mast_title": "Kiểm tra chéo",
    }
    return render(request, "scoring/inspections.html", context)


def _ring(draw: Draw | None, posts: Sequence[Post]) -> list[tuple[Post, str]]:
    """Return each inspection with the first digits by which its unit stands in the ring."""
    if draw is None:
        return []
    return [(post, place_of(draw.seed, post.inspection.unit.code)[:_DIGITS]) for post in posts]


def _cells_of_draw(request: ActingRequest, draw: Draw, posts: Sequence[Post]) -> list[Cell]:
    """Say who is waited for, what is missing, until when."""
    writing = [post for post in posts if post.inspection.status == IS.OPEN]
    silent = [post for post in posts if post.inspection.status == IS.SUBMITTED]
    names = dict.fromkeys(post.waits_for for post in (*writing, *silent))
    who = join_names(list(names)) if len(names) <= len(posts) / 2 else f"{len(names)} đơn vị"
    missing = [
        f"{len(some)} biên bản {what}"
        for some, what in ((writing, "chưa gửi"), (silent, "chưa trả lời"))
        if some
    ]
    return [
        Cell("Đang chờ", who or "Không chờ ai"),
        Cell("Còn thiếu", ", ".join(missing) or "Không thiếu gì"),
        Cell("Hạn gửi biên bản", format_date(draw.due_on), days_left(draw.due_on, request.today)
             if writing else ""),
    ]  # fmt: skip


@access(Audience.CLUSTER, "GET", "POST")
def draw_lots(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Take the published seed and draw at once."""
    year = _year(request, year_pk)
    standing = draw_standing_of(year, request.acting, request.today)
    form = DrawForm(acts.sent(request), today=request.today)

    def act() -> str:
        data = form.cleaned_data
        operations.draw(
            cluster_year_id=year.pk, lots=Lots(data["seed"], data["team_size"], data["due_on"]),
            by=request.acting, now=request.now,
        )  # fmt: skip
        return reverse("scoring:inspections", args=[year.pk])

    done = acts.submit(request, form, act, success="Đã bốc thăm và ghi vào sổ, kết quả ở dưới.")
    context = {
        "year": year, "form": form, "standing": standing, "verdict": policies.may_draw(standing),
    }  # fmt: skip
    return done or render(request, "scoring/inspection_draw.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def draw_cancel(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Cancel the drawing that stands, after saying what that means."""
    year = _year(request, year_pk)
    standing = draw_standing_of(year, request.acting, request.today)
    shown = {"draw": standing.draw.pk if standing.draw else None}
    form = CancelDrawForm(acts.sent(request), initial=shown)

    def act() -> str:
        reason = form.cleaned_data["reason"]
        operations.cancel(draw_id=form.draw_id, reason=reason, by=request.acting, now=request.now)
        return reverse("scoring:inspections", args=[year.pk])

    done = acts.submit(request, form, act, success="Đã hủy kết quả bốc thăm, lý do ghi trong sổ.")
    context = {
        "year": year, "form": form, "draw": standing.draw,
        "verdict": policies.may_cancel(standing),
    }  # fmt: skip
    return done or render(request, "scoring/inspection_cancel.html", context)


# One inspection ------------------------------------------------------------------------------
@access(Audience.CLUSTER, "GET", "POST")
def inspection(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Show what a team found; its people write here until it is submitted."""
    row = _inspection(request, year_pk, pk)
    standing = inspection_standing_of(row, request.acting, request.today)
    form = _minutes_form(request, row)

    def act() -> str:
        workflow.write(
            inspection_id=pk, findings=form.findings(), head=form.head, by=request.acting,
            now=request.now,
        )  # fmt: skip
        return url_of(row, "inspection_submit" if "gui" in request.POST else "inspection")

    done = acts.submit(request, form, act, success="Đã lưu biên bản.")
    conflict: Conflict | None = getattr(form, "conflict", None)
    if conflict is not None:
        row = _inspection(request, year_pk, pk)
        form.found = findings_of(row)
        form.renew(row, conflict.current)
    context = _context(request, standing) | {
        "form": form,
        "conflict": conflict.current if conflict else {},
        "sections": _sections(row, form, conflict),
        "may_write": policies.may_write(standing),
        "may_submit": policies.may_submit(standing),
        "may_answer": policies.may_answer(standing),
    }
    return done or render(request, "scoring/inspection.html", context)


def _minutes_form(request: ActingRequest, row: Inspection) -> MinutesForm:
    leaves = [leaf for _, some in inspected_by(row) for leaf in some]
    return MinutesForm(
        acts.sent(request), row=row, leaves=leaves, found=findings_of(row), today=request.today
    )


def _sections(
    row: Inspection, form: MinutesForm, conflict: Conflict | None
) -> list[dict[str, Any]]:
    """Return the boxes by top group; groups in which something stands are open."""
    standing = conflict.current if conflict else {}
    sections = []
    for top, leaves in inspected_by(row):
        boxes = [(leaf, *form.box(leaf.code), standing.get(f"f-{leaf.code}")) for leaf in leaves]
        found = sum(leaf.code in form.found for leaf in leaves)
        is_open = any(text.value() or text.errors for _, text, _, _ in boxes)
        sections.append({"top": top, "boxes": boxes, "found": found, "is_open": is_open})
    if sections and not any(section["is_open"] for section in sections):
        sections[0]["is_open"] = True
    return sections


@access(Audience.CLUSTER, "GET", "POST")
def submit(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Look at the minutes once more and submit them."""
    row = _inspection(request, year_pk, pk)
    standing = inspection_standing_of(row, request.acting, request.today)
    form = DecideForm(acts.sent(request), initial={"seen": row.revision})

    def act() -> str:
        workflow.submit(inspection_id=pk, seen=form.revision, by=request.acting, now=request.now)
        return url_of(row, "inspection_done")

    done = acts.submit(request, form, act)
    _renew_after_conflict(form, row)
    context = _context(request, standing) | {
        "form": form, "verdict": policies.may_submit(standing),
    }  # fmt: skip
    return done or render(request, "scoring/inspection_submit.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def answer(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Answer every finding for the inspected unit."""
    row = _inspection(request, year_pk, pk)
    standing = inspection_standing_of(row, request.acting, request.today)
    found = list(findings_of(row).values())
    form = AnswerForm(acts.sent(request), initial={"seen": row.revision}, found=found)

    def act() -> str:
        workflow.answer(
            inspection_id=pk, seen=form.revision, answers=form.answers,
            text=form.cleaned_data["text"], by=request.acting, now=request.now,
        )  # fmt: skip
        return url_of(row, "inspection_done")

    done = acts.submit(request, form, act)
    _renew_after_conflict(form, row)
    context = _context(request, standing) | {
        "form": form, "verdict": policies.may_answer(standing),
    }  # fmt: skip
    return done or render(request, "scoring/inspection_answer.html", context)


@access(Audience.CLUSTER)
def done(request: ActingRequest, year_pk: int, pk: int) -> HttpResponse:
    """Confirm what this person did last to the minutes: number, time, what happens next."""
    row = _inspection(request, year_pk, pk)
    event = last_act(row, request.user.pk, CONFIRMED)
    if event is None:
        return redirect(url_of(row, "inspection"))
    standing = inspection_standing_of(row, request.acting, request.today)
    context = _context(request, standing) | {
        "event": event, "is_answer": event.action == CONFIRMED[1],
    }  # fmt: skip
    return render(request, "scoring/inspection_done.html", context)


# Shared --------------------------------------------------------------------------------------
def url_of(row: Inspection, name: str) -> str:
    """Return the address of a page of an inspection."""
    return reverse(f"scoring:{name}", args=[row.draw.cluster_year_id, row.pk])


def _year(request: ActingRequest, pk: int) -> ClusterYear:
    year = get_object_or_404(ClusterYear.objects.visible_to(request.acting).with_names(), pk=pk)
    remember(request, year)
    return year


def _inspection(request: ActingRequest, year_pk: int, pk: int) -> Inspection:
    """Return an inspection this person may open; anything else does not exist for them."""
    year = _year(request, year_pk)
    seen = Inspection.objects.visible_to(request.acting).filter(draw__cluster_year=year)
    return get_object_or_404(inspections_with_names().filter(pk__in=seen.values("pk")), pk=pk)


def _renew_after_conflict(form: DecideForm, row: Inspection) -> None:
    if getattr(form, "conflict", None) is not None:
        row.refresh_from_db(fields=["revision"])
        form.renew(row.revision)


def _context(request: ActingRequest, standing: InspectionStanding) -> dict[str, Any]:
    """Return what every page of an inspection prints: names, state, turn line."""
    row = standing.inspection
    return {
        "year": standing.year,
        "row": row,
        "unit": row.unit,
        "team": standing.team,
        "found": list(findings_of(row).values()),
        "turn_cells": _cells(request, standing),
        "mast_title": "Kiểm tra chéo",
    }


def _cells(request: ActingRequest, standing: InspectionStanding) -> list[Cell]:
    """Say who is waited for, who inspects, until when."""
    row, draw = standing.inspection, standing.inspection.draw
    who = waits_for(row, standing.team)
    if policies.may_write(standing) or policies.may_answer(standing):
        who = f"Bạn, thay mặt {request.acting.unit_short_name}"
    cells = [
        Cell("Đang chờ", who or "Không chờ ai"),
        Cell("Tổ kiểm tra", join_names([unit.short_name for unit in standing.team])),
    ]
    if row.submitted_at is None:
        left = days_left(draw.due_on, request.today)
        return [*cells, Cell("Hạn gửi biên bản", format_date(draw.due_on), left)]
    day = local_date(row.submitted_at)
    late = is_late(draw, day)
    said = f"muộn {late} ngày" if late else "đúng hạn"
    return [*cells, Cell("Đã gửi", format_date(day), said)]
