"""Score sheets and results on paper: as claimed, as approved, provisional, final, withdrawn."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from clusters.calendar import local_date
from clusters.models import ClusterYear, Unit
from core.canonical import plain
from core.models import AuditEvent
from pledges.queries.progress import signed_version
from reports.effects.issuing import Paper, issue, number_for, signer_of, superior_of, withdraw
from reports.models import RESULT_KINDS, Document, DocumentKind, DocumentQuerySet
from scoring.engine import Faults, UnitResult
from scoring.engine.outlook import Outlook
from scoring.figures import is_not_assigned
from scoring.models import (
    CriteriaTable,
    Publication,
    PublicationStatus,
    RunLine,
    RunResult,
    ScoreLine,
    ScoreSheet,
    ScoringRun,
)
from scoring.queries.evidence import label_of
from scoring.queries.outlook import Forecast, forecast_of, opens_nothing
from scoring.queries.sheet import STAGES, Cluster, cluster_of, lines_of, sheets_with_names
from scoring.queries.table import RULE_KINDS

Content = dict[str, Any]
#: Series of results in the register of numbers.
SYMBOL = "BTH"
#: Rules whose points depend on what other units have.
RELATIVE = frozenset({"cluster_relative", "ratio_to_best"})
_PLACES = 2
#: So many points are explained in the annex of a table; of more each unit has its own sheet.
MOST_EXPLAINED = 1500


# Sheets --------------------------------------------------------------------------------------


def issue_claimed(event: AuditEvent) -> None:
    """Issue the sheet as the unit submitted it."""
    _issue_sheet(event, DocumentKind.SHEET_CLAIMED, "claimed", STAGES[:1])


def issue_approved(event: AuditEvent) -> None:
    """Issue the approved sheet; again when a final figure is settled otherwise later."""
    _issue_sheet(event, DocumentKind.SHEET_APPROVED, "approved", STAGES)


def withdraw_approved(event: AuditEvent) -> None:
    """Withdraw the approved print of a sheet that was taken back to the second appraisal."""
    documents = Document.objects.filter(code__subject=f"sheet/{event.object_id}/approved")
    withdraw(documents, event.at)


def _issue_sheet(event: AuditEvent, kind: DocumentKind, name: str, stages: tuple[str, ...]) -> None:
    sheets = sheets_with_names().select_related("unit__parent", "submitted_by", "approved_by")
    sheet = sheets.get(pk=event.object_id)
    data = _sheet_data(sheet, kind, stages, event)
    issue(Paper(kind, f"sheet/{sheet.pk}/{name}", sheet.cluster_year, data, sheet.unit), event)


def _sheet_data(
    sheet: ScoreSheet, kind: DocumentKind, stages: tuple[str, ...], event: AuditEvent
) -> Content:
    year = sheet.cluster_year
    cluster = cluster_of(year)
    if cluster is None:
        message = f"Sheet {sheet.pk} is not among the sheets of its year."
        raise RuntimeError(message)
    # Nobody learns from the own points, and what explains them, what others are still writing.
    handed_in = [s for s in cluster.sheets if s.submitted_at is not None or s.pk == sheet.pk]
    told = replace(cluster, sheets=handed_in)
    results = {stage: _result(told, sheet, stage) for stage in stages}
    return {
        "head": _sheet_head(sheet, kind, event),
        "unit": {
            "code": sheet.unit.code,
            "name": sheet.unit.name,
            "short_name": sheet.unit.short_name,
        },
        "table": _stored_table(sheet.table),
        "rows": _rows(sheet.table),
        "lines": {
            line.criterion.code: _line(line, results, stages[-1]) for line in lines_of(sheet)
        },
        "submitted_at": sheet.submitted_at.isoformat() if sheet.submitted_at else None,
        "days_late": sheet.days_late,
        "appraiser": (sheet.appraiser or year.cluster.organiser).name,
        "approved_at": sheet.approved_at.isoformat() if sheet.approved_at else None,
        "relative": _relative(cluster, sheet, stages[-1]),
        "open_units": _open_units(cluster, sheet, stages[-1]),
    }


def _result(cluster: Cluster, sheet: ScoreSheet, stage: str) -> UnitResult | None:
    """Compute one stage over the cluster; None while another unit's figures cannot be computed."""
    try:
        result = cluster.result(stage)
    except Faults:
        return None
    return next(unit for unit in result.units if unit.code == sheet.unit.code)


def _line(line: ScoreLine, results: dict[str, UnitResult | None], last: str) -> Content:
    code = line.criterion.code
    explained = results[last]
    return {
        "points": {stage: _points(line, stage, result) for stage, result in results.items()},
        "figure": line.claimed,
        "basis": {"target": line.basis.get("target")},
        "note": line.claim_note,
        "evidence": [label_of(e) for e in line.evidence.all() if e.withdrawn_at is None],
        "reasons": {stage: getattr(line, f"{stage}_reason") for stage in STAGES[1:]},
        "explanation": line.explanation,
        "why": explained.lines[code].why if explained else "",
    }


def _points(line: ScoreLine, stage: str, result: UnitResult | None) -> Content:
    """Return points, or the word for what stands in their place: nothing falls back."""
    figure = getattr(line, stage)
    if figure is None:
        return {"points": None, "state": "undecided"}
    if is_not_assigned(figure):
        return {"points": None, "state": "not_assigned"}
    if not figure:
        return {"points": None, "state": "not_entered"}
    if result is None:
        return {"points": None, "state": "not_computed"}
    score = result.lines[line.criterion.code].score
    if score is None:
        return {"points": None, "state": "not_assigned"}
    return {"points": plain(score), "state": ""}


def _relative(cluster: Cluster, sheet: ScoreSheet, stage: str) -> list[str]:
    """Return the leaves whose points of this unit move with the figures of the others."""
    return [
        line.criterion.code
        for line in cluster.lines[sheet.pk]
        if (line.criterion.rule or {}).get("kind") in RELATIVE and getattr(line, stage)
    ]


def _open_units(cluster: Cluster, sheet: ScoreSheet, stage: str) -> int:
    """Count the other units that are not decided yet at this stage."""
    return sum(
        any(getattr(line, stage) is None for line in cluster.lines[other.pk])
        for other in cluster.sheets
        if other.pk != sheet.pk
    )


def _sheet_head(sheet: ScoreSheet, kind: DocumentKind, event: AuditEvent) -> Content:
    year, unit = sheet.cluster_year, sheet.unit
    claimed = kind is DocumentKind.SHEET_CLAIMED
    name = "Phiếu tự chấm điểm" if claimed else "Phiếu chấm điểm"
    organiser = year.cluster.organiser
    return {
        "title": f"{name} {year.cycle} của {unit.name}",
        "subject": f"{unit.name}, {year.cycle}",
        "superior": superior_of(unit if claimed else organiser),
        "issuer": unit.name if claimed else organiser.name,
        "number": sheet.number,
        "place": "",
        "dated": local_date(event.at).isoformat(),
        "recipients": [
            f"{organiser.name} (để báo cáo)" if claimed else unit.name,
            f"{year.cluster.lead_title} {year.cluster.name}",
        ],
        "signer": _sheet_signer(sheet, organiser, event, claimed=claimed),
    }


def _sheet_signer(
    sheet: ScoreSheet, organiser: Unit, event: AuditEvent, *, claimed: bool
) -> Content:
    user = sheet.submitted_by if claimed else sheet.approved_by
    if user is None:
        message = f"Sheet {sheet.pk} was {event.action} by nobody."
        raise RuntimeError(message)
    if claimed:
        return signer_of(user, sheet.unit, sheet.submitted_at or event.at, act="Đã xác nhận")
    return signer_of(user, organiser, sheet.approved_at or event.at, act="Đã duyệt")


# The table -----------------------------------------------------------------------------------


def _stored_table(table: CriteriaTable) -> Content:
    return _table(table.name, table.version, plain(table.scale_total), table.settings)


def _table(name: str, version: int, scale_total: str, settings: Content) -> Content:
    return {
        "name": name,
        "version": version,
        "scale_total": scale_total,
        "places": settings.get("rounding", {}).get("places", _PLACES),
        "ranking": settings.get("ranking", {}),
        "classification": settings.get("classification", []),
    }


def _rows(table: CriteriaTable) -> list[Content]:
    return [
        {
            "code": row.code,
            "title": row.heading,
            "depth": row.depth,
            "max": None if row.max_points is None else plain(row.max_points),
            "is_group": row.rule is None,
            "kind": row.kind,
            "cap": row.details.get("cap"),
            "unit_of_measure": row.unit_of_measure,
            "rule": RULE_KINDS.get((row.rule or {}).get("kind", ""), ""),
        }
        for row in table.criteria.order_by("order")
    ]


# Results -------------------------------------------------------------------------------------


def issue_result(event: AuditEvent) -> None:
    """Issue summary and table of a published run, and withdraw what was published before."""
    publications = Publication.objects.select_related(
        "run__table", "cluster_year__cluster__organiser", "cluster_year__cycle", "published_by"
    )
    publication = publications.get(pk=event.object_id)
    year, run = publication.cluster_year, publication.run
    withdraw(_results_of(year), event.at)
    final = publication.status == PublicationStatus.FINAL
    stage = Document.Stage.ISSUED if final else Document.Stage.PROVISIONAL
    summary, table = f"run/{run.pk}/summary", f"run/{run.pk}/table"
    data = _run_data(publication)
    number = number_for(summary, year, SYMBOL)
    explained = data | {"why": _sentences(run)}
    for kind, subject, body in (
        (DocumentKind.SUMMARY, summary, data),
        (DocumentKind.SCORE_TABLE, table, explained),
    ):
        head = _result_head(publication, kind, number, event)
        issue(Paper(kind, subject, year, {"head": head, **body}, stage=stage), event)


def withdraw_result(event: AuditEvent) -> None:
    """Withdraw the prints of a result that was revoked by decision."""
    publication = Publication.objects.select_related("cluster_year").get(pk=event.object_id)
    withdraw(_results_of(publication.cluster_year), event.at)


def _results_of(year: ClusterYear) -> DocumentQuerySet:
    return Document.objects.filter(cluster_year=year, code__paper__in=RESULT_KINDS)


def _sentences(run: ScoringRun) -> Content:
    """Return the sentence of every point: unit → leaf → sentence; none of a run too large."""
    lines = RunLine.objects.filter(result__run=run)
    if lines.count() > MOST_EXPLAINED:
        return {}
    found: Content = {}
    for unit, code, why in lines.values_list("result__unit__code", "code", "why"):
        found.setdefault(unit, {})[code] = why
    return found


def _run_data(publication: Publication) -> Content:
    run = publication.run
    forecast = forecast_of(run, publication.cluster_year.status, opens_nothing)
    results = list(RunResult.objects.filter(run=run).select_related("unit").order_by("order"))
    lines: dict[int, list[RunLine]] = {result.pk: [] for result in results}
    for line in RunLine.objects.filter(result__in=results).order_by("code"):
        lines[line.result_id].append(line)
    rows = _rows(run.table)
    until = publication.objections_until
    return {
        "run": _run(run),
        "table": _table(
            run.table_json.get("name", run.table.name),
            run.table.version,
            run.table_json["scale_total"],
            run.table_json,
        ),
        "objections_until": until.isoformat() if until else None,
        "groups": [
            {"code": row["code"], "title": row["title"], "kind": row["kind"]}
            for row in rows
            if row["is_group"] and row["depth"] == 0
        ],
        "rows": rows,
        "gaps": run.gaps,
        "units": [_placed(result, lines[result.pk], forecast) for result in results],
    }


def _run(run: ScoringRun) -> Content:
    return {
        "number": run.number,
        "kind_label": run.get_kind_display(),
        "made_at": run.made_at.isoformat(),
        "engine": run.engine,
        "inputs_sha256": run.inputs_sha256,
        "reason": run.reason,
    }


def _placed(result: RunResult, lines: Iterable[RunLine], forecast: Forecast) -> Content:
    return {
        "code": result.unit.code,
        "name": result.unit_name,
        "short_name": result.unit.short_name,
        "groups": result.groups,
        "base": plain(result.base),
        "bonus": plain(result.bonus),
        "penalty": plain(result.penalty),
        "total": plain(result.total),
        "assigned_max": plain(result.assigned_max),
        "percent": None if result.percent is None else plain(result.percent),
        "rank": result.rank,
        "tied": result.is_tied,
        "classification": result.classification,
        "complete": result.is_complete,
        "missing": result.missing,
        # Why is told to the unit, the lead and the organiser (`may_know_vetoes`), on their pages.
        "is_vetoed": bool(result.vetoes),
        "ends": _ends(forecast.units.get(result.unit.code)),
        "lines": {line.code: None if line.score is None else plain(line.score) for line in lines},
    }


def _ends(found: Outlook | None) -> Content | None:
    """Return how far a provisional result can still go; None where it cannot move."""
    if found is None or found.is_settled:
        return None
    ends = (found.total.low, found.total.high)
    return {
        "total": [None if end is None else plain(end) for end in ends],
        "rank": list(found.rank) if found.rank else None,
    }


def _result_head(
    publication: Publication, kind: DocumentKind, number: str, event: AuditEvent
) -> Content:
    year = publication.cluster_year
    cluster, organiser = year.cluster, year.cluster.organiser
    version = signed_version(year)
    name = "Bảng tổng hợp điểm, xếp hạng" if kind is DocumentKind.SUMMARY else "Bảng điểm chi tiết"
    return {
        "title": f"{name} {year.cycle} của {cluster.name}",
        "subject": f"{cluster.name}, {year.cycle}",
        "superior": organiser.name,
        "issuer": cluster.name,
        "number": number,
        "place": version.signed_content["content"]["place"] if version else "",
        "dated": local_date(event.at).isoformat(),
        "recipients": [
            f"{organiser.name} (để báo cáo)",
            f"Các đơn vị thành viên {cluster.noun.lower()}",
        ],
        "signer": signer_of(
            publication.published_by, organiser, publication.published_at, act="Đã công bố"
        ),
    }
