"""What a unit may try other figures on: its cluster as it stands today (U12).

Until the score sheets are opened the figures are those of accepted progress; afterwards the claims
of the sheets that were handed in, and one's own. Nothing tried here is ever stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from clusters.models import ClusterYear, Unit
from clusters.queries import members_of, periods_of
from pledges.figures import YEAR_END
from pledges.queries.progress import cells_of, pledged_by, signed_version
from pledges.queries.review import Freeze, bases_of, snapshot
from scoring.engine import Table
from scoring.figures import Figure, UnitFigures, figures_json, prefilled
from scoring.models import CriteriaTable, Criterion
from scoring.queries.sheet import Cluster, cluster_of, engine_table
from scoring.queries.table import rules_in_use

Bases = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Ground:
    """The cluster as it stands, and one unit's own figures in it."""

    stored: CriteriaTable
    table: Table
    criteria: tuple[Criterion, ...]
    #: In the form of FIGURES.json, all units that count.
    figures: dict[str, Any]
    #: Of the own unit, by code of the leaf.
    bases: Bases
    own: Mapping[str, Figure | None]
    #: Whether the figures are claims of score sheets, or still those of progress.
    is_scored: bool


def ground_of(year: ClusterYear, unit: Unit) -> Ground | None:
    """Return what a unit can try figures on; None before pledge and table stand.

    The same statements for any number of units and targets.
    """
    cluster = cluster_of(year)
    return _of_progress(year, unit) if cluster is None else _of_sheets(cluster, unit)


def _of_sheets(cluster: Cluster, unit: Unit) -> Ground | None:
    sheet = next((one for one in cluster.sheets if one.unit_id == unit.pk), None)
    if sheet is None:
        return None
    counted = [s for s in cluster.sheets if s.submitted_at is not None or s.pk == sheet.pk]
    lines = cluster.lines[sheet.pk]
    return Ground(
        stored=cluster.stored,
        table=cluster.table,
        criteria=tuple(cluster.stored.criteria.order_by("order")),
        figures=replace(cluster, sheets=counted).figures_json("claimed", with_vetoes=False),
        bases={line.criterion.code: line.basis for line in lines},
        own={line.criterion.code: line.claimed for line in lines},
        is_scored=True,
    )


def _of_progress(year: ClusterYear, unit: Unit) -> Ground | None:
    stored = CriteriaTable.objects.filter(
        cluster_year=year, status=CriteriaTable.Status.IN_USE
    ).first()
    version = signed_version(year)
    members = {member.unit_id: member.unit for member in members_of(year)}
    if stored is None or version is None or unit.pk not in members:
        return None
    table, rules, periods = engine_table(stored), rules_in_use(year), periods_of(year)
    pledged, cells = pledged_by(version, members), cells_of(year, members)
    freeze = Freeze(year.cycle.ends_on, YEAR_END)
    units = []
    for pk, member in members.items():
        bases = bases_of(version, snapshot(pledged[pk], cells[pk], periods, freeze), rules)
        claimed = {code: prefilled(table, code, basis) for code, basis in bases.items()}
        units.append(UnitFigures(member.code, member.name, claimed, bases))
    own = next(one for one in units if one.code == unit.code)
    return Ground(
        stored=stored,
        table=table,
        criteria=tuple(stored.criteria.order_by("order")),
        figures=figures_json(table, units),
        bases=own.bases,
        own=own.figures,
        is_scored=False,
    )
