"""What every page of a review stands on: the year, the report, who asks, whose turn it is."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from clusters.calendar import local_date
from clusters.http import ActingRequest
from clusters.models import ClusterYear
from core.policy import Verdict
from core.templatetags.gu import Cell, vn_day_month
from core.text import format_date
from pledges.models import Review, ReviewKind, ReviewStatus
from pledges.policies import review as policies
from pledges.policies.review import ReviewStanding
from pledges.queries.review import standing_of, window_for
from pledges.queries.review_board import reviews_with_names
from pledges.views.desk import open_year
from pledges.views.review_parts import Material

RS = ReviewStatus
#: Words of the addresses for the two reviews of a year.
WORDS: dict[ReviewKind, str] = {ReviewKind.MIDYEAR: "so-ket", ReviewKind.YEAREND: "tong-ket"}
KINDS: dict[str, ReviewKind] = {word: kind for kind, word in WORDS.items()}


@dataclass
class ReviewDesk:
    """A report as one person may see it."""

    request: ActingRequest
    year: ClusterYear
    review: Review
    standing: ReviewStanding
    #: What the cluster's report is put together from, once it was gathered.
    material: Material | None = None

    @property
    def kind(self) -> ReviewKind:
        """Return which review of the year this is."""
        return ReviewKind(self.review.kind)

    @property
    def is_cluster(self) -> bool:
        """Whether this is the cluster's own report."""
        return self.standing.is_cluster

    @property
    def title(self) -> str:
        """Name the report."""
        return str(self.review)

    @property
    def unit_name(self) -> str:
        """Return whose report it is, in full."""
        return self.review.unit.name if self.review.unit else self.year.cluster.name

    @property
    def is_writer(self) -> bool:
        """Whether the person belongs to those who write this report, in whatever state it is."""
        place = self.standing.place
        if not (place.acting.is_officer or place.acting.is_head):
            return False
        if self.is_cluster:
            return place.is_lead
        return place.membership is not None and place.acting.unit_id == self.review.unit_id

    @property
    def home(self) -> str:
        """Return the address of the list of this review's reports."""
        return home_of(self.year, self.kind)

    def url(self, name: str = "review", *args: object) -> str:
        """Return the address of a page of this report."""
        return reverse(f"pledges:{name}", args=[self.year.pk, self.review.pk, *args])

    def may(self, policy: Callable[[ReviewStanding], Verdict]) -> Verdict:
        """Ask a rule with the facts of this page."""
        return policy(self.standing)

    @cached_property
    def cells(self) -> list[Cell]:
        """Say who is waited for, what is missing, until when."""
        return turn_cells(self)


def home_of(year: ClusterYear, kind: ReviewKind) -> str:
    """Return the address of the list of a review's reports."""
    return reverse("pledges:reviews", args=[year.pk, WORDS[kind]])


def open_report(request: ActingRequest, year_pk: int, pk: int) -> ReviewDesk:
    """Return a report one may see; anything else does not exist for the person."""
    year = open_year(request, year_pk)
    seen = Review.objects.visible_to(request.acting).filter(cluster_year=year)
    review = get_object_or_404(reviews_with_names().filter(pk__in=seen.values("pk")), pk=pk)
    return desk_of(request, year, review)


def desk_of(request: ActingRequest, year: ClusterYear, review: Review) -> ReviewDesk:
    """Return the desk of a report that was read already."""
    review.cluster_year = year
    return ReviewDesk(request, year, review, standing_of(review, request.acting, request.today))


def reread(desk: ReviewDesk) -> ReviewDesk:
    """Return the desk as the report stands now, after somebody else changed it."""
    review = reviews_with_names().get(pk=desk.review.pk)
    return desk_of(desk.request, desk.year, review)


def report_context(desk: ReviewDesk, **more: Any) -> dict[str, Any]:
    """Return what every page of a report prints."""
    return {
        "desk": desk,
        "year": desk.year,
        "cluster": desk.year.cluster,
        "review": desk.review,
        "kind": desk.kind,
        "kind_word": desk.kind.label.lower(),
        "home": desk.home,
        "turn_cells": desk.cells,
        "mast_title": desk.kind.label,
    } | more


def locked_report(desk: ReviewDesk, verdict: Verdict, title: str) -> HttpResponse:
    """Say why a page cannot be worked on now and where to go instead."""
    context = report_context(desk, verdict=verdict, title=title)
    return render(desk.request, "pledges/review_locked.html", context, status=403)


# The turn line -------------------------------------------------------------------------------
def turn_cells(desk: ReviewDesk) -> list[Cell]:
    """Say who is waited for, how it stands, until when."""
    return [Cell("Đang chờ", waits_for(desk), _looked_at(desk)), _how(desk), _due(desk)]


def waits_for(desk: ReviewDesk) -> str:
    """Name who has the report now."""
    bench, review = desk.standing.bench, desk.review
    if desk.standing.status is RS.ACCEPTED:
        return "Không chờ ai"
    if desk.standing.status is RS.SUBMITTED:
        return f"{_me_or(desk, bench.judge_name, judges=True)} duyệt"
    who = f"lãnh đạo {bench.unit_name}" if review.ready_at else bench.unit_name
    if desk.is_cluster:
        who = f"lãnh đạo {bench.lead_title}" if review.ready_at else bench.lead_title
    what = "nộp" if review.ready_at else "soạn, nộp"
    return f"{_me_or(desk, who[:1].upper() + who[1:], judges=False)} {what}"


def _me_or(desk: ReviewDesk, name: str, *, judges: bool) -> str:
    """Say "Bạn" where it is the person who reads the page."""
    acting = desk.request.acting
    if judges:
        return f"Bạn, thay mặt {acting.unit_short_name}" if desk.may(policies.may_decide) else name
    is_mine = desk.is_writer and (acting.is_head if desk.review.ready_at else True)
    return f"Bạn, thay mặt {acting.unit_short_name}" if is_mine else name


def _looked_at(desk: ReviewDesk) -> str:
    if desk.standing.status is not RS.SUBMITTED:
        return ""
    return seen_words(desk.review)


def seen_words(review: Review) -> str:
    """Say whether anybody has looked at what was submitted (design.md §6)."""
    if review.seen_at is None:
        return "chưa ai xem"
    return f"đã xem {vn_day_month(local_date(review.seen_at))}"


def _how(desk: ReviewDesk) -> Cell:
    review, gaps = desk.review, desk.standing.gaps
    if desk.standing.status in (RS.SUBMITTED, RS.ACCEPTED):
        return Cell("Số báo cáo", review.number, late_words(review.days_late))
    if gaps:
        return Cell("Còn thiếu", gaps[0][:1].upper() + gaps[0][1:])
    return Cell("Tình hình", "Đủ nội dung để nộp")


def _due(desk: ReviewDesk) -> Cell:
    window = window_for(desk.review)
    closes = window.closes_on or desk.review.due_on
    late = (desk.request.today - closes).days
    waits = desk.standing.status in (RS.OPEN, RS.RETURNED) and not desk.review.number
    detail = f"quá hạn {late} ngày" if late > 0 and waits else ""
    if window.extended_to and not detail:
        detail = "đã gia hạn"
    return Cell("Hạn nộp", format_date(closes), detail)


def late_words(days: int) -> str:
    """Say by how many days a report came late; nothing when it was in time."""
    return f"chậm {days} ngày" if days else ""
