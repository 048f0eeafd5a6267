"""What waits for those who score the cluster: a run, a publication, the official result."""

from datetime import date, datetime

from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.urls import reverse

from clusters.acting import Acting
from clusters.calendar import local_date
from clusters.models import ClusterYear, ClusterYearQuerySet, MemberRole, Stage, YearStatus
from core.inbox import Work
from core.text import format_date
from scoring.models import Publication, PublicationStatus, RunKind, ScoringRun, SheetStatus

Y = YearStatus


def work_waiting(acting: Acting, now: datetime) -> list[Work]:
    """Return what waits in the years one organises or leads; one statement for any number."""
    if not (acting.is_organiser or acting.is_officer or acting.is_head):
        return []
    years = ClusterYear.objects.visible_to(acting).filter(
        status__in=[Y.APPRAISING, Y.PROVISIONAL, Y.OBJECTIONS]
    )
    if not acting.is_organiser:
        years = years.filter(memberships__unit=acting.unit_id, memberships__role=MemberRole.LEAD)
    rows = (_work(year, acting, local_date(now)) for year in _with_facts(years))
    return [work for work in rows if work is not None]


def _with_facts(years: ClusterYearQuerySet) -> ClusterYearQuerySet:
    """Load with each year how far its sheets, its runs and its publications are."""
    runs = ScoringRun.objects.filter(cluster_year=OuterRef("pk"), kind=RunKind.FINAL)
    published = Publication.objects.filter(
        cluster_year=OuterRef("pk"), status=PublicationStatus.PROVISIONAL
    ).order_by("-pk")
    stages = Stage.objects.filter(cluster_year=OuterRef("pk")).order_by("order")
    return (
        years.with_names()
        .annotate(
            sheets_in=Count("sheets", distinct=True),
            sheets_done=Count(
                "sheets",
                filter=Q(sheets__status__in=[SheetStatus.APPROVED, SheetStatus.FINAL]),
                distinct=True,
            ),
            approved_at=Max("sheets__approved_at"),
            run_number=Subquery(runs.order_by("-number").values("number")[:1]),
            run_at=Subquery(runs.order_by("-number").values("made_at")[:1]),
            objections_until=Subquery(published.values("objections_until")[:1]),
            publish_due=Subquery(stages.filter(kind=Y.PROVISIONAL).values("due_on")[:1]),
            final_due=Subquery(stages.filter(kind=Y.PUBLISHED).values("due_on")[:1]),
        )
        .order_by("pk")
    )


def _work(year: ClusterYear, acting: Acting, today: date) -> Work | None:
    facts = vars(year)
    if year.status != Y.APPRAISING:
        return _final(year, acting, facts["objections_until"], today)
    if not facts["sheets_in"] or facts["sheets_in"] != facts["sheets_done"]:
        return None
    if facts["run_at"] is None or facts["run_at"] < facts["approved_at"]:
        return Work(
            title="Chạy phiên chấm",
            why=f"Cả {facts['sheets_in']} phiếu đã duyệt, chưa chấm theo kết quả duyệt.",
            url=reverse("scoring:make_run", args=[year.pk]),
            verb="Chạy phiên chấm",
            icon="calculator",
            cluster=str(year),
            due=facts["publish_due"],
        )
    return Work(
        title="Công bố điểm tạm tính",
        why=f"Phiên chấm {facts['run_number']} đã có kết quả, các đơn vị chờ xem để kiến nghị.",
        url=reverse("scoring:publish", args=[year.pk]),
        verb="Xem lại, công bố",
        icon="send",
        cluster=str(year),
        due=facts["publish_due"],
    )


def _final(year: ClusterYear, acting: Acting, until: date | None, today: date) -> Work | None:
    """Ask the organiser for the official result once objections are over."""
    if until is not None and today <= until:
        return None
    over = f"Đã hết hạn nhận kiến nghị ngày {format_date(until)}." if until else ""
    return Work(
        title="Công bố kết quả chính thức",
        why=over or "Đã công bố điểm tạm tính.",
        url=reverse("scoring:publish_final", args=[year.pk]),
        verb="Xem lại, công bố",
        icon="patch-check",
        cluster=str(year),
        due=vars(year)["final_due"],
        waits_for="" if acting.is_organiser else year.cluster.organiser.short_name,
    )
