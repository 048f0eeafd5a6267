"""What a run keeps of a result, and the proof years later that the engine still says the same."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Model

from core.models import AuditEvent
from scoring.engine import Faults, LineResult, Result, UnitResult
from scoring.models import RunLine, RunResult, ScoringRun
from scoring.queries.run import recompute


def unit_values(unit: UnitResult) -> dict[str, Any]:
    """Return what a `RunResult` keeps of a unit, beside who it is and where it stands."""
    return {
        "total": unit.total,
        "base": unit.base,
        "bonus": unit.bonus,
        "penalty": unit.penalty,
        "assigned_max": unit.assigned_max,
        "percent": unit.percent,
        "rank": unit.rank,
        "classification": unit.classification or "",
        "is_complete": unit.complete,
        "missing": list(unit.missing),
        "vetoes": list(unit.vetoes),
        "groups": unit.as_json()["groups"],
    }


def line_values(line: LineResult) -> dict[str, Any]:
    """Return what a `RunLine` keeps of a leaf."""
    return {"score": line.score, "max_points": line.max, "why": line.why}


def tied_codes(result: Result) -> set[str]:
    """Return the codes of the units that share their rank."""
    return {code for codes in result.tied for code in codes}


def recorded_runs() -> Iterator[ScoringRun]:
    """Return every recorded run with what names it, the oldest first."""
    runs = ScoringRun.objects.select_related("cluster_year__cluster", "cluster_year__cycle")
    return runs.order_by("pk").iterator(chunk_size=20)


def first_difference(run: ScoringRun) -> str | None:
    """Make a run again from its recorded inputs; return the first difference in words, or None.

    Compares the hash of the inputs, here and in the audit trail (which `verify_audit` proves),
    every value of every unit and every point with its sentence.
    What the run says of sheets that were open then (`gaps`) is not part of the inputs.
    """
    try:
        result = recompute(run)
    except Faults as faults:
        return f"bảng hoặc số liệu đã ghi không còn đọc được: {faults.faults[0]}"
    if run.inputs_sha256 != result.inputs_sha256:
        return "mã băm đã ghi không phải của bảng và số liệu đã ghi"
    made = AuditEvent.objects.about(run).filter(action="scoring.run_made").first()
    if made is None or made.after["inputs_sha256"] != run.inputs_sha256:
        return "mã băm đã ghi không có trong nhật ký"
    return next(_differences(run, result), None)


def _differences(run: ScoringRun, result: Result) -> Iterator[str]:
    names = {unit["code"]: unit.get("name", "") for unit in run.figures["units"]}
    tied = tied_codes(result)
    rows = {row.order: row for row in run.results.select_related("unit")}
    lines: dict[int, dict[str, RunLine]] = {row.pk: {} for row in rows.values()}
    for line in RunLine.objects.filter(result__run=run):
        lines[line.result_id][line.code] = line
    if len(rows) != len(result.units):
        yield f"ghi {len(rows)} đơn vị, tính lại được {len(result.units)}"
    for order, unit in enumerate(result.units, start=1):
        row, name = rows.get(order), names[unit.code] or unit.code
        if row is None:
            yield f"không còn kết quả thứ {order} ({name})"
            continue
        if row.unit.code != unit.code:
            yield f"kết quả thứ {order} ghi cho {row.unit.code}, tính lại được của {unit.code}"
        told = unit_values(unit) | {"unit_name": names[unit.code], "is_tied": unit.code in tied}
        yield from _unlike(row, told, name)
        yield from _unlike_lines(lines[row.pk], unit.lines, name)


def _unlike_lines(
    kept: Mapping[str, RunLine], made: Mapping[str, LineResult], name: str
) -> Iterator[str]:
    for code in sorted(kept.keys() ^ made.keys()):
        yield f"{name}: {'thừa' if code in kept else 'thiếu'} tiêu chí {code}"
    for code, line in made.items():
        if code in kept:
            yield from _unlike(kept[code], line_values(line), f"{name}, tiêu chí {code}")


def _unlike(row: RunResult | RunLine, made: Mapping[str, Any], where: str) -> Iterator[str]:
    for name, value in made.items():
        kept = getattr(row, name)
        if kept != value:
            yield f"{where}, {_label(row, name)}: ghi “{kept}”, tính lại được “{value}”"


def _label(row: Model, name: str) -> str:
    return str(getattr(row._meta.get_field(name), "verbose_name", name))
