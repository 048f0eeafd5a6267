"""What a provisional result can still become: which figures are open, and the ends they leave.

A figure of a run is open while it is not decided at its stage (the sheet is not approved, the line
not appraised), while an objection to it waits, and when it was decided or changed after the run.
What was entered as nothing on purpose is decided. The ends come from `scoring.engine.outlook`; they
take it that what is assigned stays so, as pledge and claim have it.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.db.models import Q

from clusters.models import YearStatus
from core.models import AuditEvent
from core.text import NBSP, format_number
from scoring.engine import read_figures, read_table
from scoring.engine.outlook import Outlook, Range, outlook
from scoring.figures import is_not_assigned
from scoring.models import Objection, RunKind, ScoreLine, ScoreSheet, ScoringRun
from scoring.queries.run import STAGE_OF

#: In these states of the year nothing moves any more.
_SETTLED: Final = (YearStatus.PUBLISHED, YearStatus.ARCHIVED)
#: Codes of units → codes of open leaves.
Open = dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class Forecast:
    """The ends that a provisional run leaves; empty when nothing is open."""

    is_provisional: bool
    units: Mapping[str, Outlook] = field(default_factory=dict)
    #: How many leaves are open, and for how many units.
    leaves: int = 0
    open_units: int = 0

    @property
    def words(self) -> str:
        """Say how much is open: `12 tiêu chí của 2 đơn vị còn để ngỏ`."""
        if not self.is_provisional:
            return ""
        if not self.leaves:
            return "Không còn tiêu chí nào để ngỏ."
        return f"{self.leaves} tiêu chí của {self.open_units} đơn vị còn để ngỏ."


FIXED: Final = Forecast(is_provisional=False)


def forecast_of(run: ScoringRun, year_status: str) -> Forecast:
    """Return how far the result of a run can still go; four statements for any size.

    None of it once the result of the year is final.
    """
    if year_status in _SETTLED:
        return FIXED
    still_open, away = _open_in(run)
    leaves = sum(len(codes) for codes in still_open.values())
    if not leaves:
        return Forecast(is_provisional=True)
    table = read_table(run.table_json)
    known = {leaf.code for leaf in table.leaves}
    found = {unit: codes & known for unit, codes in still_open.items()}
    figures = read_figures(_without(run.figures, away, known), table)
    units = outlook(table, figures, found, may_leave={})
    return Forecast(True, units, leaves, len(still_open))  # noqa: FBT003


def _without(figures: Mapping[str, Any], away: Open, known: set[str]) -> dict[str, Any]:
    """Return the figures of a run with what nobody decided, but is not assigned, said so."""
    units = []
    for unit in figures["units"]:
        codes = away.get(unit["code"], set()) & known
        left_out = {code: {"assigned": False} for code in codes}
        units.append({**unit, "figures": {**unit.get("figures", {}), **left_out}})
    return {"units": units}


def _open_in(run: ScoringRun) -> tuple[Open, Open]:
    """Return what is open, and what of it is not assigned to begin with."""
    column = STAGE_OF[RunKind(run.kind)]
    lines = ScoreLine.objects.filter(sheet__cluster_year=run.cluster_year_id)
    nothing = lines.filter(Q(**{f"{column}__isnull": True}) | Q(**{column: {}}))
    found: Open = defaultdict(set)
    away: Open = defaultdict(set)
    decided = set()
    for unit, code, figure, claimed, handed_in in nothing.values_list(
        "sheet__unit__code", "criterion__code", column, "claimed", "sheet__submitted_at"
    ):
        # A claim nobody made counts as not entered once its sheet is handed in.
        if figure is not None or (run.kind == RunKind.CLAIMED and handed_in):
            decided.add((unit, code))
        else:
            (away if is_not_assigned(claimed) else found)[unit].add(code)
    leaves = set(lines.values_list("criterion__code", flat=True).distinct())
    for row in run.figures["units"]:
        unit = row["code"]
        absent = leaves - row.get("figures", {}).keys() - away[unit]
        found[unit] |= {code for code in absent if (unit, code) not in decided}
    for unit, code in [*_objected(run), *_settled_since(run)]:
        found[unit].add(code)
    return {unit: codes for unit, codes in found.items() if codes}, away


def _objected(run: ScoringRun) -> list[tuple[str, str]]:
    waiting = Objection.objects.waiting().filter(cluster_year=run.cluster_year_id)
    lines = waiting.filter(line__isnull=False)
    return list(lines.values_list("line__sheet__unit__code", "line__criterion__code"))


def _settled_since(run: ScoringRun) -> list[tuple[str, str]]:
    """Return the figures that were changed by decision after the run was made."""
    units = dict(
        ScoreSheet.objects.filter(cluster_year=run.cluster_year_id).values_list("pk", "unit__code")
    )
    events = AuditEvent.objects.filter(
        cluster_year_id=run.cluster_year_id, action="scoring.line_settled", at__gt=run.made_at
    )
    return [
        (units[int(event.object_id)], code)
        for event in events
        for code in event.after.get("lines", {})
        if int(event.object_id) in units
    ]


# In words ------------------------------------------------------------------------------------
def range_in_words(ends: Range | None, places: int, unit: str = "") -> str:
    """Write the ends of a figure: `từ 590,00 đến 640,00`; nothing where it cannot move."""
    if ends is None or ends.is_point:
        return ""

    def said(value: Decimal) -> str:
        return f"{format_number(value, places)}{unit}"

    if ends.low is None:
        return "không có giới hạn" if ends.high is None else f"không quá {said(ends.high)}"
    if ends.high is None:
        return f"từ {said(ends.low)} trở lên"
    return f"từ {format_number(ends.low, places)} đến {said(ends.high)}"


def percent_in_words(ends: Range | None, places: int) -> str:
    """Write the ends of a percentage."""
    return range_in_words(ends, places, f"{NBSP}%")


def ranks_in_words(found: Outlook) -> str:
    """Write best and worst rank: `1–4`; nothing where the rank cannot move."""
    if found.rank is None:
        return ""
    best, worst = found.rank
    ends = "" if best == worst else f"{best}–{worst}"
    return f"{ends or best}, hoặc không xét" if found.may_be_barred else ends
