"""Trying other figures: what points, percentage and rank would become; nothing is stored (U12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import Audience, access
from clusters.calendar import months_left
from clusters.http import ActingRequest
from clusters.models import ClusterYear, Unit
from clusters.queries import place_of
from core.text import MINUS, format_number
from pledges.policies.whatif import may_try
from pledges.queries.progress import pledged_by, signed_version
from pledges.queries.whatif import Ground, ground_of
from pledges.views.desk import open_year
from pledges.views.grid import need_in_words
from scoring.engine import Leaf, Role
from scoring.figures import Figure, is_not_assigned, words_of
from scoring.forms.figure import Control, FigureInput, read_figure
from scoring.models import Criterion
from scoring.queries.stages import is_relative_rule, points_text
from scoring.queries.table import rule_in_words
from scoring.whatif import Outcome, tried


@dataclass(frozen=True, slots=True)
class Row:
    """A group or a leaf of the page, in strings."""

    pk: str
    code: str
    title: str
    is_group: bool
    rule: str = ""
    #: Level of the signed pledge, and the figure as it stands.
    target: str = ""
    now: str = ""
    #: What each remaining month must bring.
    need: str = ""
    control: Control | None = None
    fault: str = ""
    is_unassigned: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """A leaf whose points the trial changes, with the sentence that explains the new ones."""

    code: str
    title: str
    figures: str
    points: str
    gain: str
    why: str
    is_relative: bool


@access(Audience.CLUSTER)
def whatif(request: ActingRequest, year_pk: int) -> HttpResponse:
    """Show the unit's figures, take others in their place and say what they would come to."""
    year = open_year(request, year_pk)
    place = place_of(request.acting, year)
    unit = Unit.objects.get(pk=request.acting.unit_key) if place.membership else None
    ground = ground_of(year, unit) if unit else None
    verdict = may_try(place, is_ready=ground is not None)
    if not verdict or ground is None or unit is None:
        context = {
            "year": year, "cluster": year.cluster, "title": "Thử số liệu", "reason": verdict.reason,
        }  # fmt: skip
        return render(request, "pledges/progress_locked.html", context, status=403)
    inputs = _inputs(ground)
    changes, faults = _read(request, ground, inputs)
    outcome = tried(ground.table, ground.figures, unit.code, ground.bases, changes)
    context = {
        "year": year, "cluster": year.cluster, "unit": unit, "ground": ground,
        "result": _result(ground, outcome, changes), "faults": faults,
    }  # fmt: skip
    if request.headers.get("X-Part") == "ket-qua":
        return render(request, "pledges/_whatif_result.html", context)
    needs = _needs(year, unit, ground, months_left(year.cycle.ends_on, request.today))
    shows_all = ground.is_scored or request.GET.get("hien") == "tat-ca"
    shown = _shown(ground, faults)
    rows = [
        _row(request, ground, row, inputs.get(row.code), faults, needs)
        for row in ground.criteria
        if shows_all or row.code in shown
    ]
    return render(request, "pledges/whatif.html", context | {"rows": rows, "all": shows_all})


def _shown(ground: Ground, faults: dict[str, str]) -> set[str]:
    """Return the leaves with a target in the pledge, and the groups above them."""
    parents = {row.pk: row for row in ground.criteria}
    shown = set[str]()
    for row in ground.criteria:
        if row.code not in ground.bases and row.code not in faults:
            continue
        at: Criterion | None = row
        while at is not None:
            shown.add(at.code)
            at = parents.get(at.parent_id or 0)
    return shown


def _inputs(ground: Ground) -> dict[str, FigureInput]:
    """Return the input of every leaf that is assigned to the unit."""
    leaves: dict[str, Leaf] = {leaf.code: leaf for leaf in ground.table.leaves}
    names = {row.code: f"t-{row.pk}" for row in ground.criteria}
    return {
        code: FigureInput(leaf, ground.bases.get(code, {}), names[code], may_skip=False)
        for code, leaf in leaves.items()
        if not is_not_assigned(ground.own.get(code))
    }


def _read(
    request: ActingRequest, ground: Ground, inputs: dict[str, FigureInput]
) -> tuple[dict[str, Figure], dict[str, str]]:
    """Return what is tried, by code, and what cannot be read; untouched inputs are neither."""
    changes: dict[str, Figure] = {}
    faults: dict[str, str] = {}
    for code, one in inputs.items():
        if not one.was_sent(request.GET):
            continue
        typed = one.typed(request.GET)
        if typed == one.shown(ground.own.get(code)):
            continue
        try:
            changes[code] = read_figure(ground.table, one, typed)
        except ValidationError as fault:
            faults[code] = fault.messages[0]
    return changes, faults


def _row(
    request: ActingRequest,
    ground: Ground,
    row: Criterion,
    one: FigureInput | None,
    faults: dict[str, str],
    needs: dict[str, str],
) -> Row:
    if row.rule is None:
        return Row(str(row.pk), row.code, row.heading, is_group=True)
    own, basis = ground.own.get(row.code), ground.bases.get(row.code, {})
    unit = row.unit_of_measure or str(basis.get("unit_of_measure") or "")
    typed = None
    if one is not None:
        typed = one.typed(request.GET) if one.was_sent(request.GET) else one.shown(own)
    return Row(
        pk=str(row.pk),
        code=row.code,
        title=row.heading,
        is_group=False,
        rule=rule_in_words(row, takes_away=_is_penalty(ground, row.code)),
        target=_target_in_words(row.rule, basis, unit),
        now=words_of(own, unit),
        need=needs.get(row.code, ""),
        control=one.control(typed, is_wrong=row.code in faults) if one and typed else None,
        fault=faults.get(row.code, ""),
        is_unassigned=one is None,
    )


def _target_in_words(rule: Mapping[str, Any], basis: Mapping[str, Any], unit: str) -> str:
    """Write the level; of a rule that compares with last year the change that is required."""
    if not basis.get("target"):
        return ""
    level = format_number(Decimal(basis["target"]))
    if not rule.get("baseline"):
        return f"{level} {unit}".strip()
    verb = "giảm" if rule.get("direction") == "down" else "tăng"
    last = basis.get("baseline")
    beside = f" so với {format_number(Decimal(last))} {unit}" if last else ""
    return f"{verb} {level}\u00a0%{beside}".strip()


def _needs(year: ClusterYear, unit: Unit, ground: Ground, months: int) -> dict[str, str]:
    """Say for the targets that add up what each remaining month must bring, by code."""
    found: dict[str, str] = {}
    if not months:
        return found
    for row in pledged_by(signed_version(year), [unit.pk])[unit.pk]:
        code = row.target.criterion.code if row.target.criterion else ""
        actual = ground.bases.get(code, {}).get("actual")
        if code and code not in found:
            words = need_in_words(row.aim, Decimal(actual) if actual else None, months,
                                  row.target.unit_of_measure)  # fmt: skip
            found[code] = words
    return found


def _result(ground: Ground, outcome: Outcome, changes: dict[str, Figure]) -> dict[str, Any]:
    """Return what the trial comes to, in strings."""
    before, after = outcome.before, outcome.after
    places = ground.table.places
    rules = {row.code: row for row in ground.criteria}
    return {
        "is_tried": bool(changes),
        "total": (format_number(before.total, places), format_number(after.total, places)),
        "gain": _signed(outcome.gain, places),
        "percent": tuple("–" if one.percent is None else f"{format_number(one.percent, places)} %"
                         for one in (before, after)),
        "rank": tuple("–" if one.rank is None else str(one.rank) for one in (before, after)),
        "is_up": bool(before.rank and after.rank and after.rank < before.rank),
        "is_down": bool(before.rank and after.rank and after.rank > before.rank),
        "ranked": str(outcome.ranked),
        "band": (before.classification or "–", after.classification or "–"),
        "rows": [_moved(ground, outcome, rules[code], changes) for code in rules
                 if code in changes or code in outcome.moved],
    }  # fmt: skip


def _moved(ground: Ground, outcome: Outcome, row: Criterion, changes: dict[str, Figure]) -> Moved:
    unit = row.unit_of_measure or str(ground.bases.get(row.code, {}).get("unit_of_measure") or "")
    old, new = outcome.before.lines[row.code], outcome.after.lines[row.code]
    was = words_of(ground.own.get(row.code), unit) or "Chưa nhập"
    will = words_of(changes[row.code], unit) if row.code in changes else was
    gain = (new.score or Decimal(0)) - (old.score or Decimal(0))
    if _is_penalty(ground, row.code):
        gain = -gain
    return Moved(
        code=row.code,
        title=row.heading,
        figures=f"{was} → {will}" if will != was else was,
        points=f"{points_text(old.score) or '–'} → {points_text(new.score) or '–'}",
        gain=_signed(gain, ground.table.places),
        why=new.why,
        is_relative=is_relative_rule(row),
    )


def _is_penalty(ground: Ground, code: str) -> bool:
    return any(leaf.role is Role.PENALTY for leaf in ground.table.leaves if leaf.code == code)


def _signed(value: Decimal, places: int) -> str:
    if not value:
        return "không đổi"
    return f"{'+' if value > 0 else MINUS}{format_number(abs(value), places)}"
