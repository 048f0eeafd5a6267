"""What waits for those who score the cluster: a run, a publication, the official result."""

from datetime import date, datetime

from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery
from django.urls import reverse

from clusters.acting import Acting
from clusters.calendar import local_date
from clusters.models import (
    ClusterYear,
    ClusterYearQuerySet,
    Extension,
    MemberRole,
    Stage,
    YearStatus,
)
from core.inbox import Work, asked_in
from core.models import AuditEvent
from core.text import format_date
from scoring.models import (
    Objection,
    ObjectionStatus,
    Publication,
    PublicationStatus,
    RunKind,
    ScoringRun,
    SheetStatus,
)

Y = YearStatus
#: States of the year in which a run, a publication or the official result can be due.
_OPEN_YEAR = (Y.APPRAISING, Y.PROVISIONAL, Y.OBJECTIONS)
#: What makes a run older than its figures after the provisional publication.
CHANGES = (
    "scoring.line_settled", "scoring.sheet_approved", "scoring.sheet_reopened",
    "scoring.veto_raised", "scoring.veto_lifted",
)  # fmt: skip


@asked_in(_OPEN_YEAR)
def work_waiting(acting: Acting, now: datetime) -> list[Work]:
    """Return what waits in the years one organises or leads; one statement for any number."""
    if not (acting.is_organiser or acting.is_officer or acting.is_head):
        return []
    years = ClusterYear.objects.visible_to(acting).filter(status__in=_OPEN_YEAR)
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
    extended = Extension.objects.filter(
        stage__cluster_year=OuterRef("pk"), stage__kind=Y.OBJECTIONS
    )
    waiting = Objection.objects.filter(cluster_year=OuterRef("pk"), status=ObjectionStatus.SENT)
    changes = AuditEvent.objects.filter(cluster_year_id=OuterRef("pk"), action__in=CHANGES)
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
            extended_to=Subquery(extended.order_by("-until").values("until")[:1]),
            published_number=Subquery(published.values("run__number")[:1]),
            undecided=Exists(waiting),
            changed_at=Subquery(changes.order_by("-seq").values("at")[:1]),
            publish_due=Subquery(stages.filter(kind=Y.PROVISIONAL).values("due_on")[:1]),
            final_due=Subquery(stages.filter(kind=Y.PUBLISHED).values("due_on")[:1]),
        )
        .order_by("pk")
    )


def _work(year: ClusterYear, acting: Acting, today: date) -> Work | None:
    facts = vars(year)
    if year.status != Y.APPRAISING:
        return _after_publication(year, acting, today)
    if not facts["sheets_in"] or facts["sheets_in"] != facts["sheets_done"]:
        return None
    if facts["run_at"] is None or facts["run_at"] < facts["approved_at"]:
        why = f"Cả {facts['sheets_in']} phiếu đã duyệt, chưa chấm theo kết quả duyệt."
        return _run(year, why, facts["publish_due"])
    return Work(
        title="Công bố điểm tạm tính",
        why=f"Phiên chấm {facts['run_number']} đã có kết quả, các đơn vị chờ xem để kiến nghị.",
        url=reverse("scoring:publish", args=[year.pk]),
        verb="Xem lại, công bố",
        icon="send",
        cluster=str(year),
        due=facts["publish_due"],
    )


def _after_publication(year: ClusterYear, acting: Acting, today: date) -> Work | None:
    """Ask for a new run after decisions, then for the official result; first come objections."""
    facts = vars(year)
    if facts["undecided"] or facts["sheets_in"] != facts["sheets_done"]:
        return None
    if facts["run_at"] is None or (facts["changed_at"] and facts["run_at"] < facts["changed_at"]):
        number = facts["run_number"]
        why = f"Số liệu đã điều chỉnh sau phiên chấm {number}." if number else "Chưa chấm lại."
        return _run(year, f"{why} Chấm lại để xem đơn vị nào đổi điểm, đổi hạng.", None)
    days = [day for day in (facts["objections_until"], facts["extended_to"]) if day]
    until = max(days, default=None)
    return None if until is not None and today <= until else _final(year, acting, until)


def _run(year: ClusterYear, why: str, due: date | None) -> Work:
    return Work(
        title="Chạy phiên chấm",
        why=why,
        url=reverse("scoring:make_run", args=[year.pk]),
        verb="Chạy phiên chấm",
        icon="calculator",
        cluster=str(year),
        due=due,
    )


def _final(year: ClusterYear, acting: Acting, until: date | None) -> Work:
    """Ask the organiser for the official result once objections are over and decided."""
    facts = vars(year)
    why = f"Đã hết hạn nhận kiến nghị ngày {format_date(until)}." if until else ""
    if facts["run_number"] != facts["published_number"]:
        why += (
            f" Phiên chấm {facts['run_number']} chạy sau bản tạm tính; xem chênh lệch trước khi "
            "công bố."
        )
    return Work(
        title="Công bố kết quả chính thức",
        why=why.strip() or "Đã công bố điểm tạm tính.",
        url=reverse("scoring:publish_final", args=[year.pk]),
        verb="Xem lại, công bố",
        icon="patch-check",
        cluster=str(year),
        due=facts["final_due"],
        waits_for="" if acting.is_organiser else year.cluster.organiser.short_name,
    )
