"""The list of a review's reports, and before it opens what will be frozen."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import Audience, access
from clusters.calendar import is_open
from clusters.http import ActingRequest
from clusters.models import ClusterYear, Membership
from clusters.queries import judge_of, members_of, periods_of, place_of
from core import acts
from core.templatetags.gu import Cell
from core.text import format_date
from pledges.forms.review import OpeningForm
from pledges.models import Review, ReviewKind, ReviewStatus, Target
from pledges.policies.review import BEFORE, may_open_reviews
from pledges.queries.progress import signed_version
from pledges.queries.review import review_window, usual_share
from pledges.queries.review_board import (
    facts_of_opening,
    last_ended,
    reporting_of,
    reviews_seen,
)
from pledges.views.desk import open_year
from pledges.views.review_desk import KINDS, WORDS, home_of, late_words, seen_words
from pledges.views.review_parts import filing_of, milestone_words, names_of
from pledges.workflow import review as workflow
from pledges.workflow.review import Opening

RS = ReviewStatus
_HUNDRED = Decimal(100)


@access(Audience.CLUSTER, "GET", "POST")
def reviews(request: ActingRequest, year_pk: int, kind: str) -> HttpResponse:
    """Show the reports of a review; before it opens, what will be frozen."""
    year = open_year(request, year_pk)
    which = KINDS[kind]
    facts = facts_of_opening(year, which)
    if facts is None or request.method == "POST":
        return _opening(request, year, which)
    return render(request, "pledges/reviews.html", _list_context(request, year, which, facts))


# Before it opens -----------------------------------------------------------------------------
def _opening(request: ActingRequest, year: ClusterYear, kind: ReviewKind) -> HttpResponse:
    place = place_of(request.acting, year)
    window = review_window(year, kind)
    verdict = may_open_reviews(place, year, kind, window, request.today)
    version = signed_version(year)
    targets = list(version.targets.order_by("order")) if version else []
    form = _opening_form(request, year, kind, targets)

    def act() -> str:
        opening = Opening(kind, **form.values)
        workflow.open_reviews(
            cluster_year_id=year.pk, opening=opening, by=request.acting, now=request.now
        )
        return home_of(year, kind)

    done = acts.submit(request, form, act, success=f"Đã chốt số liệu và mở {kind.label.lower()}.")
    works = place.is_organiser or place.is_lead
    context = _opening_context(request, year, kind) | {
        "form": form,
        "works": works,
        "may_open": verdict,
        "target_count": len(targets),
        "has_pledge": version is not None,
    }
    return done or render(request, "pledges/reviews_open.html", context)


def _opening_form(
    request: ActingRequest, year: ClusterYear, kind: ReviewKind, targets: list[Target]
) -> OpeningForm:
    """Propose the end of the last period that is over, the usual share, the due day."""
    ended = last_ended(periods_of(year), request.today)
    until = ended.ends_on if ended else request.today
    window = review_window(year, kind)
    due = window.due_on if window and window.due_on else request.today
    return OpeningForm(
        acts.sent(request),
        kind=kind,
        first=year.cycle.starts_on,
        today=request.today,
        targets=[t for t in targets if t.kind == Target.Kind.NUMERIC],
        initial={
            "until": until,
            "due_on": max(due, until),
            "share": usual_share(year, until) * _HUNDRED,
        },
    )


def _opening_context(request: ActingRequest, year: ClusterYear, kind: ReviewKind) -> dict[str, Any]:
    periods = [p for p in periods_of(year) if p.ends_on < request.today]
    members = members_of(year)
    reporting = reporting_of(year, request.acting, members, periods)
    away = [row for row in reporting if not row.is_settled]
    window = review_window(year, kind)
    is_time = year.status in BEFORE[kind] and window and is_open(window, request.today)
    cells = [
        Cell("Đang chờ", f"{year.cluster.lead_title} chốt số liệu" if is_time else "Chưa mở"),
        Cell("Còn thiếu", _missing_words(len(away), bool(periods))),
    ]
    if window:
        cells.append(Cell("Giai đoạn", _days(window.opens_on, window.due_on)))
    return _common(year, kind) | {
        "turn_cells": cells,
        "periods": periods,
        "period": periods[-1] if periods else None,
        "reporting": reporting,
        "away": away,
        "away_names": names_of([row.member for row in away]),
    }


def _missing_words(count: int, has_period: bool) -> str:  # noqa: FBT001 - a plain fact
    if not has_period:
        return "Chưa có kỳ báo cáo nào kết thúc"
    if count:
        return f"{count} đơn vị chưa được chấp nhận tiến độ kỳ gần nhất"
    return "Đủ số liệu của các đơn vị"


def _days(first: date, last: date | None) -> str:
    return f"{format_date(first)} – {format_date(last)}" if last else f"từ {format_date(first)}"


# After it opened -----------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class ReportRow:
    """A unit with its report as far as this person may see it."""

    member: Membership
    review: Review | None
    judge: str
    late: str
    looked: str
    is_mine: bool


def _list_context(
    request: ActingRequest, year: ClusterYear, kind: ReviewKind, facts: dict[str, Any]
) -> dict[str, Any]:
    members = members_of(year)
    seen = {row.unit_id: row for row in reviews_seen(year, kind, request.acting)}
    rows = [_row(request, year, members, member, seen.get(member.unit_id)) for member in members]
    whole = seen.get(None)
    filing = filing_of(members, seen.values())
    return _common(year, kind) | {
        "facts": facts,
        "rows": rows,
        "whole": whole,
        "whole_looked": seen_words(whole) if whole and whole.status == RS.SUBMITTED else "",
        "whole_late": late_words(whole.days_late) if whole else "",
        "mine": next((row.review for row in rows if row.is_mine and row.review), None),
        "filing": filing,
        "milestone": milestone_words(facts["share"]),
        "turn_cells": _turn(year, kind, rows, whole, facts["due_on"], request.today),
    }


def _row(
    request: ActingRequest,
    year: ClusterYear,
    members: list[Membership],
    member: Membership,
    review: Review | None,
) -> ReportRow:
    judge = judge_of(members, member.unit_id)
    waits = review is not None and review.status == RS.SUBMITTED
    return ReportRow(
        member=member,
        review=review,
        judge=judge.unit.short_name if judge else year.cluster.organiser.short_name,
        late=late_words(review.days_late) if review else "",
        looked=seen_words(review) if review and waits else "",
        is_mine=member.unit_id == request.acting.unit_id,
    )


def _turn(
    year: ClusterYear,
    kind: ReviewKind,
    rows: list[ReportRow],
    whole: Review | None,
    due: date,
    today: date,
) -> list[Cell]:
    """Say who is waited for, how many are accepted, until when."""
    accepted = sum(row.review is not None and row.review.status == RS.ACCEPTED for row in rows)
    cells = [
        Cell("Đang chờ", _waited_for(year, rows, whole)),
        Cell("Tình hình", f"{accepted}/{len(rows)} báo cáo đã chấp nhận"),
    ]
    late = (today - due).days
    is_over = whole is not None and whole.status == RS.ACCEPTED
    detail = f"quá hạn {late} ngày" if late > 0 and not is_over else ""
    return [*cells, Cell("Hạn nộp", format_date(due), detail)]


def _waited_for(year: ClusterYear, rows: list[ReportRow], whole: Review | None) -> str:
    cluster = year.cluster
    if whole is not None and whole.status == RS.ACCEPTED:
        return "Không chờ ai"
    if whole is not None and whole.status == RS.SUBMITTED:
        return f"{cluster.organiser.short_name} duyệt báo cáo chung"
    writing = [r for r in rows if r.review is None or r.review.status in (RS.OPEN, RS.RETURNED)]
    if writing:
        return f"{_names([r.member.unit.short_name for r in writing])} nộp báo cáo"
    judging = {row.judge for row in rows if row.review and row.review.status == RS.SUBMITTED}
    if judging:
        return f"{_names(sorted(judging))} duyệt báo cáo"
    return f"{cluster.lead_title} tổng hợp báo cáo chung"


#: So many names fit into a cell of the turn line.
_MOST_NAMES = 2


def _names(names: list[str]) -> str:
    if len(names) <= _MOST_NAMES:
        return " và ".join(names)
    return f"{names[0]} và {len(names) - 1} đơn vị khác"


def _common(year: ClusterYear, kind: ReviewKind) -> dict[str, Any]:
    return {
        "year": year,
        "cluster": year.cluster,
        "kind": kind,
        "kind_word": kind.label.lower(),
        "word": WORDS[kind],
        "home": home_of(year, kind),
        "mast_title": kind.label,
    }
