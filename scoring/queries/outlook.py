"""What a provisional result can still become: which figures are open, and the ends they leave.

A figure of a run is open while it is not decided at its stage (the sheet is not approved, the line
not appraised), while an objection to it waits, and when it differs now from what the run read.
What was entered as nothing on purpose is decided. That somebody objects, and that a figure was
changed by decision, is told of the units whose points the reader may open (`policies.openness`);
for anybody else these figures stay closed, in points and in ranks. The ends come from
`scoring.engine.outlook`; they take it that what is assigned stays so, as pledge and claim have it.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from clusters.models import YearStatus
from core.text import NBSP, format_number
from scoring.engine import Table, read_figures, read_table
from scoring.engine.outlook import Outlook, Range, outlook
from scoring.figures import Figure, entry_of, is_entered, is_not_assigned
from scoring.models import Objection, RunKind, ScoreLine, ScoreSheet, ScoringRun
from scoring.queries.run import STAGE_OF

#: In these states of the year nothing moves any more.
_SETTLED: Final = (YearStatus.PUBLISHED, YearStatus.ARCHIVED)
#: Codes of units → codes of open leaves.
Open = dict[str, set[str]]
#: Whether the reader may open the points of a unit, by its key.
MayOpen = Callable[[int], bool]


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
        leaves, units = format_number(self.leaves), format_number(self.open_units)
        return f"{leaves} tiêu chí của {units} đơn vị còn để ngỏ."


FIXED: Final = Forecast(is_provisional=False)


def opens_nothing(_unit_id: int) -> bool:
    """Stand for a reader who may open no unit: for papers, which everybody reads."""
    return False


def forecast_of(run: ScoringRun, year_status: str, may_open: MayOpen) -> Forecast:
    """Return how far the result of a run can still go, as a reader may know it.

    Four statements for any size. None of it once the result of the year is final.
    """
    if year_status in _SETTLED:
        return FIXED
    table = read_table(run.table_json)
    standing = _open_in(run, table, may_open)
    found = {unit: codes for unit, codes in standing.found.items() if codes}
    leaves = sum(len(codes) for codes in found.values())
    if not leaves:
        return Forecast(is_provisional=True)
    figures = read_figures(_without(run.figures, standing.away), table)
    units = outlook(table, figures, found, may_leave=standing.leaving)
    return Forecast(True, units, leaves, len(found))  # noqa: FBT003


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where the leaves of a run stand now, by units."""

    #: Open leaves.
    found: Open
    #: Leaves nobody decided yet, which are not assigned to begin with.
    away: Open
    #: Open leaves that were not assigned, or are not any more: they may come to be left out.
    leaving: Open

    def moves(self, unit: str, code: str, *figures: Figure | None) -> None:
        """Note an open leaf, with the figures that it had or has."""
        self.found[unit].add(code)
        if any(is_not_assigned(figure) for figure in figures):
            self.leaving[unit].add(code)


def _without(figures: Mapping[str, Any], away: Open) -> dict[str, Any]:
    """Return the figures of a run with what nobody decided, but is not assigned, said so."""
    units = []
    for unit in figures["units"]:
        left_out = {code: {"assigned": False} for code in away.get(unit["code"], ())}
        units.append({**unit, "figures": {**unit.get("figures", {}), **left_out}})
    return {"units": units}


def _open_in(run: ScoringRun, table: Table, may_open: MayOpen) -> _Standing:
    """Return what is open: what is undecided now, what differs from the run, what is objected to.

    As `queries.run.is_fresh` does for a run as a whole, but leaf by leaf, read by its own table.
    """
    column = STAGE_OF[RunKind(run.kind)]
    standing = _Standing(defaultdict(set), defaultdict(set), defaultdict(set))
    read = {unit["code"]: unit.get("figures", {}) for unit in run.figures["units"]}
    leaves = {leaf.code: leaf for leaf in table.leaves}
    lines = ScoreLine.objects.filter(sheet__cluster_year=run.cluster_year_id)
    undecided = lines.filter(**{f"{column}__isnull": True}, claimed__assigned=False)
    unclaimed = set(undecided.values_list("sheet", "criterion__code"))
    sheets = {
        row.pk: row
        for row in ScoreSheet.objects.filter(
            cluster_year=run.cluster_year_id, unit__code__in=read
        ).select_related("unit")
    }
    asked = lines.filter(sheet__in=sheets, criterion__code__in=leaves)
    for pk, code, basis, figure in asked.values_list("sheet", "criterion__code", "basis", column):
        sheet = sheets[pk]
        unit, was = sheet.unit.code, read[sheet.unit.code].get(code)
        now = entry_of(leaves[code], basis, figure) or None
        # A claim nobody made counts as not entered once its sheet is handed in.
        if figure is None and not (run.kind == RunKind.CLAIMED and sheet.submitted_at):
            if (pk, code) not in unclaimed:
                standing.found[unit].add(code)
            elif is_entered(was):
                standing.moves(unit, code, was, {"assigned": False})
            else:
                standing.away[unit].add(code)
        elif now != was and (
            may_open(sheet.unit_id) or (was is None and _is_decided_since(sheet, run))
        ):
            standing.moves(unit, code, was, now)
    for unit_id, unit, code in _objected(run):
        if may_open(unit_id) and code in leaves and unit in read:
            standing.away[unit].discard(code)
            standing.moves(unit, code, read[unit].get(code))
    return standing


def _is_decided_since(sheet: ScoreSheet, run: ScoringRun) -> bool:
    """Say whether the sheet was decided as a whole after the run, of which everybody reads."""
    at = {
        RunKind.CLAIMED: sheet.submitted_at,
        RunKind.FIRST: sheet.appraised_at,
        RunKind.FINAL: sheet.approved_at,
    }[RunKind(run.kind)]
    return at is None or at > run.made_at


def _objected(run: ScoringRun) -> list[tuple[int, str, str]]:
    waiting = Objection.objects.waiting().filter(cluster_year=run.cluster_year_id)
    lines = waiting.filter(line__isnull=False)
    return list(lines.values_list("unit", "line__sheet__unit__code", "line__criterion__code"))


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
