"""What a version says, as plain data: the form that is consented to, frozen, hashed and printed.

The schema (version 1) is written down in `docs/noi-dung-giao-uoc.md`. Numbers are strings in the
engine's notation (dot as decimal sign); dates are ISO; units go by code with their names beside,
so that a document prints the names as they were (product.md §5.9).
"""

from decimal import Decimal
from typing import Any

from clusters.models import ClusterYear, MemberRole, Membership
from core import canonical
from pledges.models import Paper, PaperKind, PledgeVersion, Signatory
from scoring.queries.table import table_to_adopt

SCHEMA = 1
Content = dict[str, Any]


def content_of(version: PledgeVersion) -> Content:
    """Collect everything a version says; the same rows always give the same bytes."""
    year = version.pledge.cluster_year
    members = year.memberships.select_related("unit").order_by("order")
    targets = version.targets.select_related("criterion").order_by("order", "pk")
    return {
        "schema": SCHEMA,
        "title": version.title,
        "place": version.place,
        "slogan": version.slogan,
        "members": [_member(m) for m in members],
        "papers": [_paper(p) for p in sorted(version.papers.all(), key=_place_of_paper)],
        "clauses": [
            {
                "key": c.key,
                "paper": c.paper,
                "section": c.section,
                "unit": c.unit.code if c.unit else None,
                "heading": c.heading,
                "text": c.text,
            }
            for c in version.clauses.select_related("unit").order_by(
                "paper", "section", "order", "pk"
            )
        ],
        "activities": [
            {
                "key": a.key,
                "when": a.when,
                "what": a.what,
                "responsible": a.responsible,
                "output": a.output,
            }
            for a in version.activities.order_by("order", "pk")
        ],
        "targets": [
            {
                "key": t.key,
                "area": t.area,
                "kind": t.kind,
                "text": t.text,
                "unit_of_measure": t.unit_of_measure,
                "direction": t.direction,
                "aggregation": t.aggregation,
                "is_change": t.is_change,
                "is_common": t.is_common,
                "criterion": t.criterion.code if t.criterion else None,
                "values": {
                    v.unit.code: {
                        "assigned": v.is_assigned,
                        "value": plain(v.value),
                        "baseline": plain(v.baseline),
                    }
                    for v in t.values.all()
                },
            }
            for t in targets.prefetch_related("values__unit")
        ],
        "signatories": [
            _signatory(s) for s in version.signatories.select_related("unit").order_by("order")
        ],
        "criteria": criteria_of(year),
    }


def criteria_of(year: ClusterYear) -> Content | None:
    """Return the criteria table that is adopted with the pledge, every row of it."""
    table = table_to_adopt(year)
    if table is None:
        return None
    return {
        "name": table.name,
        "version": table.version,
        "scale_total": plain(table.scale_total),
        "settings": table.settings,
        "rows": [
            {
                "code": c.code,
                "title": c.heading,
                "depth": c.depth,
                "max": plain(c.max_points),
                "kind": c.kind,
                "unit_of_measure": c.unit_of_measure,
                "rule": c.rule,
                "details": c.details,
            }
            for c in table.criteria.order_by("order")
        ],
    }


def plain(value: Decimal | None) -> str | None:
    """Write a number as the engine reads it; None stays None."""
    return None if value is None else canonical.plain(value)


def _member(membership: Membership) -> Content:
    unit = membership.unit
    return {
        "code": unit.code,
        "name": unit.name,
        "short_name": unit.short_name,
        "role": MemberRole(membership.role).value,
    }


def _place_of_paper(paper: Paper) -> int:
    """Put the papers into the order of their kinds, whenever each was added."""
    return PaperKind.values.index(paper.kind)


def _paper(paper: Paper) -> Content:
    return {"kind": paper.kind, "title": paper.title, "signing": paper.signing}


def _signatory(signatory: Signatory) -> Content:
    return {
        "unit": signatory.unit.code,
        "name": signatory.unit.name,
        "short_name": signatory.unit.short_name,
        "role": signatory.role,
        "member_role": signatory.member_role,
        "order": signatory.order,
        "position": signatory.position,
        "authority": signatory.authority,
    }
