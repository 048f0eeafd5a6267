"""What every page of the pledge stands on: the year, the pledge, the version one may read.

A draft is its authors' until it circulates: everybody else works on the last version that went out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from django.forms import BaseForm
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from clusters.http import ActingRequest, remember
from clusters.models import ClusterYear, Membership
from clusters.policies import Place
from clusters.queries import members_of, previous_year
from core import acts
from core.models import AuditEvent
from core.policy import Conflict, Verdict
from core.templatetags.gu import Cell
from core.text import format_date, format_datetime
from pledges import queries
from pledges.content import content_of
from pledges.forms import RowForm, SeenForm
from pledges.models import Pledge, PledgeStatus, PledgeVersion
from pledges.policies import Standing
from pledges.redline import Content

P = PledgeStatus


@dataclass(frozen=True, slots=True)
class Against:
    """The version that a page is compared with."""

    code: str
    label: str
    content: Content


@dataclass
class Desk:
    """A pledge as one person may see it."""

    request: ActingRequest
    year: ClusterYear
    pledge: Pledge
    standing: Standing
    members: list[Membership]

    @property
    def place(self) -> Place:
        """Return the person's place in the cluster year."""
        return self.standing.place

    @property
    def is_writer(self) -> bool:
        """Whether the person writes for the lead."""
        acting = self.request.acting
        return self.place.is_lead and (acting.is_officer or acting.is_head)

    @cached_property
    def shown(self) -> PledgeVersion | None:
        """Return the version to read: the current one, or the last that went out to others."""
        current = self.standing.version
        if self.place.is_lead or current.circulated_at is not None:
            return current
        seen = self.pledge.versions.visible_to(self.request.acting)
        return seen.order_by("-number").first()

    @cached_property
    def content(self) -> Content:
        """Return what the shown version says."""
        if self.shown is None:
            raise Http404
        return content_for(self.shown, self.pledge)

    @property
    def is_hidden_draft(self) -> bool:
        """Whether a newer version is being written that this person does not see yet."""
        return self.shown != self.standing.version

    @cached_property
    def lead_unit(self) -> str:
        """Return the short name of the leading unit."""
        return self.standing.lead_name

    @cached_property
    def against(self) -> Against | None:
        """Return what the page is compared with: asked for, or the version before."""
        wanted = self.request.GET.get("so", "")
        if self.shown is None or wanted == "khong":
            return None
        if wanted == LAST_YEAR:
            return self._last_year()
        is_over = self.standing.status in (P.FROZEN, P.SIGNING, P.SIGNED)
        return None if is_over and wanted != BEFORE else self._before()

    def _before(self) -> Against | None:
        shown = cast("PledgeVersion", self.shown)
        seen = self.pledge.versions.visible_to(self.request.acting)
        old = seen.filter(number__lt=shown.number).order_by("-number").first()
        return Against(BEFORE, f"bản {old.number}", old.content) if old and old.content else None

    def _last_year(self) -> Against | None:
        version = self.last_year
        if version is None or version.content is None:
            return None
        label = str(version.pledge.cluster_year.cycle)
        return Against(LAST_YEAR, f"giao ước {label}", version.content)

    @cached_property
    def last_year(self) -> PledgeVersion | None:
        """Return the pledge of the year before as far as this person may read it."""
        return last_years_version(self.request, self.year)

    def url(self, name: str, *args: object) -> str:
        """Return the address of a page of this pledge."""
        return reverse(f"pledges:{name}", args=[self.year.pk, *args])

    def may(self, policy: Callable[[Standing], Verdict]) -> Verdict:
        """Ask a rule with the facts of this page."""
        return policy(self.standing)


LAST_YEAR, BEFORE = "nam-truoc", "ban-truoc"


def open_year(request: ActingRequest, year_pk: int) -> ClusterYear:
    """Return a cluster year the person has a place in; anything else does not exist for them."""
    years = ClusterYear.objects.visible_to(request.acting).with_names()
    year = get_object_or_404(years, pk=year_pk)
    remember(request, year)
    return year


def find_desk(request: ActingRequest, year: ClusterYear) -> Desk | None:
    """Return the desk of a year, None while it has no pledge."""
    pledges = queries.pledges_with_names().visible_to(request.acting)
    pledge = pledges.filter(cluster_year=year).first()
    if pledge is None:
        return None
    standing = queries.standing_of(pledge, request.acting, request.today)
    return Desk(request, year, pledge, standing, members_of(year))


def open_desk(request: ActingRequest, year_pk: int) -> Desk:
    """Return the desk of a year that has a pledge."""
    desk = find_desk(request, open_year(request, year_pk))
    if desk is None:
        raise Http404
    return desk


def content_for(version: PledgeVersion, pledge: Pledge) -> Content:
    """Return what a version says: as written down, or as the rows of the draft stand."""
    if version.content is not None:
        return cast("Content", version.content)
    version.pledge = pledge
    return content_of(version)


def last_years_version(request: ActingRequest, year: ClusterYear) -> PledgeVersion | None:
    """Return last year's pledge, if the person may read it."""
    before = previous_year(year)
    if before is None:
        return None
    seen = PledgeVersion.objects.visible_to(request.acting)
    found = seen.filter(pledge__cluster_year=before, content__isnull=False)
    return found.select_related("pledge__cluster_year__cycle").order_by("-number").first()


# What pages share ----------------------------------------------------------------------------
def page_context(desk: Desk, **more: Any) -> dict[str, Any]:
    """Return what every page of the pledge prints: names, state, turn line."""
    return {
        "desk": desk,
        "year": desk.year,
        "cluster": desk.year.cluster,
        "pledge": desk.pledge,
        "version": desk.shown,
        "standing": desk.standing,
        "turn_cells": turn_cells(desk),
        "mast_title": "Giao ước",
    } | more


#: What the second cell of the turn line answers.
CAPTIONS = {P.DRAFT: "Còn thiếu", P.CIRCULATED: "Để chốt", P.AGREED: "Để chốt"}


def turn_cells(desk: Desk) -> list[Cell]:
    """Say who is waited for, what is missing, until when."""
    turn = queries.turn_of(desk.standing, desk.members)
    standing = desk.standing
    missing = turn.missing
    if desk.is_writer and len(standing.missing) > 1:
        missing = f"{len(standing.missing)} nội dung để gửi góp ý"
    caption = CAPTIONS.get(standing.status, "Tình hình")
    cells = [Cell("Đang chờ", turn.waits_for), Cell(caption, missing)]
    if turn.due:
        late = (desk.request.today - turn.due).days
        cells.append(Cell("Hạn", format_date(turn.due), f"quá hạn {late} ngày" if late > 0 else ""))
    return cells


def locked_page(desk: Desk, verdict: Verdict, title: str) -> HttpResponse:
    """Say why a page cannot be worked on now and where to go instead."""
    context = page_context(desk, verdict=verdict, title=title)
    return render(desk.request, "pledges/locked.html", context, status=403)


def sent(request: ActingRequest) -> QueryDict | None:
    """Return what was sent, None while the page is only looked at."""
    return request.POST if request.method == "POST" else None


def save_row(
    request: ActingRequest,
    form: RowForm,
    act: Callable[[], str],
    *others: acts.Checked,
    mark: Callable[[], str],
) -> HttpResponseRedirect | None:
    """Save a row; after a conflict the form goes on from what stands now, nothing typed is lost."""
    done = acts.submit(request, form, act, *others, success="Đã lưu.")
    if conflict_of(form) is not None:
        form.renew(mark())
    return done


def conflict_of(form: BaseForm) -> Conflict | None:
    """Return the conflict a form ran into."""
    return getattr(form, "conflict", None)


def last_saver(obj: Any) -> str:  # noqa: ANN401 - any row that events are about
    """Say who saved a row last and when."""
    events = AuditEvent.objects.about(obj).order_by("-seq")
    event = events.filter(action__regex="_(saved|set)$").first()
    return f"{event.actor_name}, {format_datetime(event.at)}" if event else ""


def renew_seen(form: SeenForm, version: PledgeVersion) -> None:
    """Let a step go on from the version that stands now, after its difference was shown."""
    form.data = form.data.copy()  # type: ignore[attr-defined] # QueryDict has it
    form.data["version"], form.data["mark"] = str(version.pk), mark_of(version)  # type: ignore[index]


def mark_of(version: PledgeVersion) -> str:
    """Return what a step sends back to prove which text was read."""
    return str(version.revision) if version.is_draft else version.content_hash
