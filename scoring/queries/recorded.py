"""What a run keeps of a result, and the proof years later that the engine still says the same."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.db.models import Model

from core.models import AuditEvent
from scoring.engine import (
    ENGINE_VERSION,
    Faults,
    LineResult,
    Result,
    UnitResult,
    canonical,
)
from scoring.models import RunLine, RunResult, ScoringRun
from scoring.queries.run import recompute

_MADE: Final = "scoring.run_made"
#: Events from before they named the engine are of its first version.
_FIRST_ENGINE: Final = "1"


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


def is_of_this_engine(run: ScoringRun) -> bool:
    """Whether the program that runs here is the one that made a run."""
    return run.engine == ENGINE_VERSION


def first_difference(run: ScoringRun) -> str | None:
    """Make a run again from its recorded inputs; return the first difference in words, or None.

    Compares the hash of the inputs, here and in the audit trail (which `verify_audit` proves),
    every value of every unit and every point with its sentence. Of a run of another version of the
    engine only hash and trail are compared. What the run says of sheets that were open then
    (`gaps`) is not part of the inputs.
    """
    result = None
    try:
        if is_of_this_engine(run):
            result = recompute(run)
        inputs = canonical(run.table_json) + b"\n" + canonical(run.figures)
    except Faults as faults:
        return f"bảng hoặc số liệu đã ghi không còn đọc được: {faults.faults[0]}"
    except (AttributeError, KeyError, TypeError):  # lists of entries without codes
        return "bảng hoặc số liệu đã ghi không còn đọc được"
    if run.inputs_sha256 != hashlib.sha256(inputs).hexdigest():
        return "mã băm đã ghi không phải của bảng và số liệu đã ghi"
    return _unlike_the_trail(run) or (next(_differences(run, result), None) if result else None)


def _unlike_the_trail(run: ScoringRun) -> str | None:
    made = AuditEvent.objects.about(run).filter(action=_MADE).first()
    told = made.after if made else {}
    if told.get("inputs_sha256") != run.inputs_sha256:
        return "mã băm đã ghi không có trong nhật ký"
    if told["number"] != run.number:
        return f"nhật ký ghi phiên số {told['number']}"
    if (engine := told.get("engine", _FIRST_ENGINE)) != run.engine:
        return f"nhật ký ghi máy tính điểm phiên bản {engine}, phiên ghi {run.engine}"
    return None


def lost_runs() -> list[str]:
    """Return the names of the runs that the audit trail tells of and that are there no more."""
    there = {str(pk) for pk in ScoringRun.objects.values_list("pk", flat=True)}
    made = AuditEvent.objects.filter(action=_MADE).order_by("seq")
    return [name for pk, name in made.values_list("object_id", "object_label") if pk not in there]


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
