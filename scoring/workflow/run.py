"""Scoring runs and their publication: recorded, provisional, final, revoked by decision."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from clusters import workflow as year_workflow
from clusters.acting import Acting
from clusters.calendar import local_date
from clusters.models import ClusterYear
from core import audit
from core.audit import Change
from core.bulk import insert_all
from core.policy import Invalid, Refused, require
from scoring.engine import ENGINE_VERSION, Faults, Result, compute, read_figures
from scoring.models import (
    Publication,
    PublicationStatus,
    RunKind,
    RunLine,
    RunResult,
    ScoreSheet,
    ScoringRun,
    SheetStatus,
)
from scoring.policies import run as policies
from scoring.queries.recorded import line_values, tied_codes, unit_values
from scoring.queries.run import STAGE_OF, faults_in_words, gaps_of, standing_of
from scoring.queries.sheet import Cluster, cluster_of
from scoring.queries.table import as_interchange

PS = PublicationStatus
TRANSITIONS: dict[PublicationStatus, frozenset[PublicationStatus]] = {
    PS.PROVISIONAL: frozenset(),
    PS.FINAL: frozenset({PS.REVOKED}),
    PS.REVOKED: frozenset(),
}
#: Who is waited for in each state (đang chờ ai).
OWNERS: dict[PublicationStatus, str] = {
    PS.PROVISIONAL: "Các đơn vị kiến nghị, cơ quan thường trực quyết định",
    PS.FINAL: "Không ai",
    PS.REVOKED: "Cơ quan thường trực",
}


@dataclass(frozen=True, slots=True)
class Notes:
    """What is said with a provisional publication."""

    objections_until: date
    note: str = ""


@transaction.atomic
def make_run(
    *, cluster_year_id: int, kind: RunKind, reason: str, by: Acting, now: datetime
) -> ScoringRun:
    """Score the whole cluster from one kind of figures and record it, explanations included.

    Raises `Refused` naming the figures that the engine cannot take.
    """
    year = _locked(cluster_year_id)
    require(policies.may_run(standing_of(year, by, local_date(now))))
    cluster = _cluster(year)
    run, result = _compute(year, cluster, kind, reason, by=by, now=now)
    run.save()
    _write(run, cluster, result)
    audit.record(
        "scoring.run_made",
        run,
        by=by,
        now=now,
        cluster_year_id=year.pk,
        change=Change(
            after={
                "number": run.number,
                "kind": run.get_kind_display(),
                "inputs_sha256": run.inputs_sha256,
                "engine": run.engine,
                "gaps": run.gaps,
            },
            reason=reason,
        ),
    )
    return run


def _compute(
    year: ClusterYear, cluster: Cluster, kind: RunKind, reason: str, *, by: Acting, now: datetime
) -> tuple[ScoringRun, Result]:
    figures = cluster.figures_json(STAGE_OF[kind], with_vetoes=kind is not RunKind.CLAIMED)
    try:
        result = compute(cluster.table, read_figures(figures, cluster.table))
    except Faults as faults:
        raise Refused(
            f"Chưa chấm được vì có số liệu không tính được: {faults_in_words(faults, cluster)}."
        ) from faults
    number = ScoringRun.objects.filter(cluster_year=year).count() + 1
    run = ScoringRun(
        cluster_year=year,
        number=number,
        kind=kind,
        table=cluster.stored,
        table_json=as_interchange(cluster.stored),
        figures=figures,
        inputs_sha256=result.inputs_sha256,
        engine=ENGINE_VERSION,
        gaps=gaps_of(cluster, kind, result),
        reason=reason,
        made_at=now,
        made_by_id=by.user_id,
    )
    return run, result


def _write(run: ScoringRun, cluster: Cluster, result: Result) -> None:
    """Store what was computed: three statements for results and lines, whatever their number."""
    units = {sheet.unit.code: sheet.unit for sheet in cluster.sheets}
    tied = tied_codes(result)
    rows = [
        RunResult(
            run=run, unit=units[unit.code], order=order, unit_name=units[unit.code].name,
            is_tied=unit.code in tied, **unit_values(unit),
        )
        for order, unit in enumerate(result.units, start=1)
    ]  # fmt: skip
    insert_all(rows)
    stored = dict(RunResult.objects.filter(run=run).values_list("unit_id", "pk"))
    insert_all(
        RunLine(result_id=stored[units[unit.code].pk], code=code, **line_values(line))
        for unit in result.units
        for code, line in unit.lines.items()
    )


@transaction.atomic
def publish_provisional(
    *, cluster_year_id: int, run_id: int, notes: Notes, by: Acting, now: datetime
) -> Publication:
    """Publish the newest run as provisional, with what is missing, until objections are in."""
    year = _locked(cluster_year_id)
    standing = standing_of(year, by, local_date(now))
    _require_newest(standing.run, run_id)
    require(policies.may_publish_provisional(standing))
    if notes.objections_until < local_date(now):
        raise Invalid("Hạn nhận kiến nghị không trước hôm nay.", field="objections_until")
    publication = Publication.objects.create(
        cluster_year=year,
        run_id=run_id,
        status=PS.PROVISIONAL,
        published_at=now,
        published_by_id=by.user_id,
        note=notes.note,
        objections_until=notes.objections_until,
    )
    year_workflow.begin_provisional(cluster_year_id=year.pk, by=by, now=now)
    _record("scoring.published_provisional", publication, by=by, now=now)
    return publication


def confirmation_of(year: ClusterYear) -> str:
    """Return what has to be typed to publish the final result of a year."""
    return f"CÔNG BỐ {year.cycle.year}"


@transaction.atomic
def publish_final(
    *, cluster_year_id: int, run_id: int, typed: str, by: Acting, now: datetime
) -> Publication:
    """Publish the complete, fresh run for good: sheets, run and publication never change again."""
    year = _locked(cluster_year_id)
    # Year before sheets, as everywhere both are locked; a sheet being reopened is waited for.
    sheets = list(ScoreSheet.objects.select_for_update().filter(cluster_year=year).order_by("pk"))
    standing = standing_of(year, by, local_date(now))
    _require_newest(standing.run, run_id)
    require(policies.may_publish_final(standing))
    if typed.strip() != confirmation_of(year):
        raise Invalid(f"Gõ đúng “{confirmation_of(year)}” để xác nhận.", field="typed")
    ScoreSheet.objects.filter(pk__in=[sheet.pk for sheet in sheets]).update(
        status=SheetStatus.FINAL
    )
    publication = Publication.objects.create(
        cluster_year=year, run_id=run_id, status=PS.FINAL, published_at=now,
        published_by_id=by.user_id,
    )  # fmt: skip
    year_workflow.begin_published(cluster_year_id=year.pk, by=by, now=now)
    _record("scoring.published_final", publication, by=by, now=now)
    return publication


@transaction.atomic
def revoke(*, cluster_year_id: int, reason: str, by: Acting, now: datetime) -> Publication:
    """Mark the final result as revoked, naming the decision; nothing of it is deleted."""
    year = _locked(cluster_year_id)
    standing = standing_of(year, by, local_date(now))
    require(policies.may_revoke(standing))
    publication = standing.final
    if publication is None:
        message = "The policy lets nobody revoke what is not there."
        raise RuntimeError(message)
    if not reason:
        raise Invalid("Nêu số, ngày quyết định thu hồi và lý do.", field="reason")
    publication.status, publication.revoked_at = PS.REVOKED, now
    publication.revoked_by_id, publication.revoke_reason = by.user_id, reason
    publication.save()
    audit.record(
        "scoring.revoked",
        publication,
        by=by,
        now=now,
        cluster_year_id=year.pk,
        change=Change({"status": "FINAL"}, {"status": "REVOKED"}, reason),
    )
    return publication


def _locked(cluster_year_id: int) -> ClusterYear:
    return ClusterYear.objects.select_for_update(of=("self",)).with_names().get(pk=cluster_year_id)


def _cluster(year: ClusterYear) -> Cluster:
    cluster = cluster_of(year)
    if cluster is None:
        raise Refused("Chưa có phiếu chấm điểm: năm này chưa chốt số liệu để tổng kết.")
    return cluster


def _require_newest(run: ScoringRun | None, run_id: int) -> None:
    if run is None or run.pk != run_id:
        raise Refused(
            "Đã có phiên chấm mới hơn phiên bạn xem. Xem lại kết quả mới nhất rồi công bố."
        )


def _record(action: str, publication: Publication, *, by: Acting, now: datetime) -> None:
    run = publication.run
    audit.record(
        action,
        publication,
        by=by,
        now=now,
        cluster_year_id=publication.cluster_year_id,
        change=Change(
            after={
                "run": run.number,
                "inputs_sha256": run.inputs_sha256,
                "status": publication.get_status_display(),
                "objections_until": str(publication.objections_until or ""),
                "gaps": run.gaps,
            }
        ),
    )
