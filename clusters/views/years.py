"""Clusters and their years: opened by the organiser, read by everybody in them."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.access import Audience, access
from clusters import operations, policies
from clusters.forms import (
    ClusterForm,
    ExtensionForm,
    MembersForm,
    OpennessForm,
    ReasonedCalendarForm,
    YearForm,
    YearPage,
    unit_choices,
    year_plan,
)
from clusters.http import ActingRequest, remember
from clusters.models import Cluster, ClusterYear, Openness
from clusters.queries import (
    PROPOSALS,
    candidates,
    clusters_with_years,
    empty_start,
    extensions_of,
    last_year_of,
    members_of,
    members_start,
    new_cluster,
    period_rows,
    periods_of,
    place_of,
    stage_rows,
    start_from,
)
from core import acts


@access(Audience.ORGANISER)
def clusters(request: ActingRequest) -> HttpResponse:
    """List the clusters of one's own body with their years."""
    rows = clusters_with_years(request.acting)
    return render(request, "clusters/clusters.html", {"rows": rows})


@access(Audience.ORGANISER, "GET", "POST")
def add_cluster(request: ActingRequest) -> HttpResponse:
    """Form a cluster."""
    form = ClusterForm(acts.sent(request), instance=new_cluster(request.acting))

    def add() -> str:
        operations.save_row(
            form.instance, action="clusters.cluster_saved", by=request.acting, now=request.now
        )
        return reverse("clusters:clusters")

    done = acts.submit(request, form, add, success="Đã lập cụm, khối. Mở năm thi đua để bắt đầu.")
    return done or render(request, "clusters/cluster_form.html", {"form": form})


@access(Audience.ORGANISER, "GET", "POST")
def open_year(request: ActingRequest, pk: int) -> HttpResponse:
    """Open a year of a cluster, copied from the year before where there is one."""
    cluster = get_object_or_404(Cluster.objects.visible_to(request.acting), pk=pk)
    source = None if "trong" in request.GET else last_year_of(cluster)
    start = start_from(source) if source else empty_start(request.today)
    page = YearPage(YearForm, acts.sent(request), start.parts(), cluster=cluster)
    units = unit_choices(candidates(request.acting, request.today))
    page.add_members(units, cluster)
    page.add_stages()

    def open_it() -> str:
        plan = year_plan(page, cluster_id=pk, cloned_from_id=source.pk if source else None)
        year = operations.open_year(plan=plan, by=request.acting, now=request.now)
        return reverse("scoring:choose_table", args=[year.pk])

    success = "Đã mở năm thi đua. Tiếp theo: chọn bảng tiêu chí chấm điểm."
    done = acts.submit(request, page.form, open_it, *page.grids, success=success)
    context = {"cluster": cluster, "source": source, "start": start, **page.context()}
    return done or render(request, "clusters/open_year.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def members(request: ActingRequest, pk: int) -> HttpResponse:
    """Show the members of a year; the organiser changes them by decision."""
    year = _year(request, pk)
    rows = members_of(year)
    page = YearPage(MembersForm, acts.sent(request), members_start(year))
    known = candidates(request.acting, request.today, [m.unit_id for m in rows])
    page.add_members(unit_choices(known), year.cluster)

    def save() -> str:
        operations.set_members(
            cluster_year_id=pk, **page.decided(), by=request.acting, now=request.now
        )
        return reverse("clusters:members", args=[pk])

    done = acts.submit(request, page.form, save, *page.grids, success="Đã ghi thành viên.")
    verdict = policies.may_change_members(place_of(request.acting, year), year)
    context = {"year": year, "rows": rows, "verdict": verdict, **page.context()}
    context["mark"] = operations.members_mark(year)
    return done or render(request, "clusters/members.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def calendar(request: ActingRequest, pk: int) -> HttpResponse:
    """Show the calendar of a year; the organiser changes it with a reason."""
    year = _year(request, pk)
    page = YearPage(ReasonedCalendarForm, acts.sent(request), {"stages": stage_rows(year)})
    page.add_stages(year.cycle.year)

    def save() -> str:
        operations.set_calendar(
            cluster_year_id=pk, **page.scheduled(), by=request.acting, now=request.now
        )
        return reverse("clusters:calendar", args=[pk])

    done = acts.submit(request, page.form, save, *page.grids, success="Đã ghi lịch năm.")
    verdict = policies.may_change_calendar(place_of(request.acting, year), year)
    context = {"year": year, "rows": year.stages.order_by("order"), "verdict": verdict}
    context["mark"] = operations.calendar_mark(year)
    return done or render(request, "clusters/calendar.html", context | page.context())


@access(Audience.CLUSTER, "GET", "POST")
def periods(request: ActingRequest, pk: int) -> HttpResponse:
    """Show the reporting periods of a year; the organiser sets them, from a proposal or by hand."""
    year = _year(request, pk)
    start = {"periods": period_rows(year, request.GET.get("goi-y", ""))}
    page = YearPage(ReasonedCalendarForm, acts.sent(request), start)
    page.add_periods((year.cycle.starts_on, year.cycle.ends_on))

    def save() -> str:
        operations.set_periods(
            cluster_year_id=pk, **page.reported(), by=request.acting, now=request.now
        )
        return reverse("clusters:periods", args=[pk])

    done = acts.submit(request, page.form, save, *page.grids, success="Đã ghi kỳ báo cáo.")
    verdict = policies.may_change_calendar(place_of(request.acting, year), year)
    context = {"year": year, "rows": periods_of(year), "verdict": verdict}
    context |= {"mark": operations.periods_mark(year), "proposals": PROPOSALS}
    return done or render(request, "clusters/periods.html", context | page.context())


@access(Audience.CLUSTER, "GET", "POST")
def openness(request: ActingRequest, pk: int) -> HttpResponse:
    """Show how far members read each other's points; the organiser changes it with a reason."""
    year = _year(request, pk)
    form = OpennessForm(acts.sent(request), initial={"openness": year.openness})

    def save() -> str:
        operations.set_openness(
            cluster_year_id=pk,
            openness=Openness(form.cleaned_data["openness"]),
            reason=form.cleaned_data["reason"],
            by=request.acting,
            now=request.now,
        )
        return reverse("clusters:openness", args=[pk])

    done = acts.submit(request, form, save, success="Đã ghi quy tắc công khai điểm.")
    verdict = policies.may_change_openness(place_of(request.acting, year), year)
    context = {"year": year, "form": form, "verdict": verdict}
    return done or render(request, "clusters/openness.html", context)


@access(Audience.CLUSTER, "GET", "POST")
def extensions(request: ActingRequest, pk: int) -> HttpResponse:
    """Show who was given more time and why; the organiser grants it."""
    year = _year(request, pk)
    form = ExtensionForm(acts.sent(request), year=year)

    def extend() -> str:
        grant = operations.extend_period if form.is_period else operations.extend
        grant(**form.asked(), by=request.acting, now=request.now)
        return reverse("clusters:extensions", args=[pk])

    done = acts.submit(request, form, extend, success="Đã gia hạn.")
    verdict = policies.may_extend(place_of(request.acting, year), year)
    context = {"year": year, "form": form, "rows": extensions_of(year), "verdict": verdict}
    return done or render(request, "clusters/extensions.html", context)


def _year(request: ActingRequest, pk: int) -> ClusterYear:
    """Return the year that is asked for among those one sees, and let the frame show it."""
    year = get_object_or_404(ClusterYear.objects.visible_to(request.acting).with_names(), pk=pk)
    remember(request, year)
    return year
