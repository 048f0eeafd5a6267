"""What a person had read: the marks that a form sends back, so that a save notices a change."""

import secrets
from dataclasses import dataclass
from decimal import Decimal

from django.db import models

from core.canonical import sha256_of
from pledges.content import plain
from pledges.models import (
    PledgeVersion,
    Target,
)

#: Fields of each kind of row that an author edits; the mark of a row covers them.
CLAUSE_FIELDS = ("paper", "section", "unit_id", "heading", "text")
ACTIVITY_FIELDS = ("when", "what", "responsible", "output")
TARGET_FIELDS = (
    "area", "kind", "text", "unit_of_measure", "direction", "aggregation", "is_change", "is_common",
    "criterion_id",
)  # fmt: skip
HEAD_FIELDS = ("title", "place", "slogan")


@dataclass(frozen=True, slots=True)
class Level:
    """What one unit shall reach: not assigned, no level set, or a number."""

    unit_id: int
    is_assigned: bool
    value: Decimal | None
    baseline: Decimal | None = None


def new_key() -> str:
    """Return the key that follows a row through all versions."""
    return secrets.token_hex(6)


def mark_of(row: models.Model, fields: tuple[str, ...]) -> str:
    """Return the mark of a row as read; a form sends it back so that a save can notice a change."""
    return sha256_of({name: str(getattr(row, name)) for name in fields})[:24]


def target_mark(target: Target) -> str:
    """Return the mark of a target with its levels."""
    levels = [
        [v.unit_id, v.is_assigned, plain(v.value), plain(v.baseline)]
        for v in target.values.order_by("unit_id")
    ]
    return sha256_of([mark_of(target, TARGET_FIELDS), levels])[:24]


def papers_now(version: PledgeVersion) -> dict[str, str]:
    """Return the set of papers in words, by kind."""
    return {p.kind: f"{p.title} ({p.get_signing_display()})" for p in version.papers.order_by("pk")}


def signatories_now(version: PledgeVersion) -> dict[str, str]:
    """Return the order of signatures in words, by place."""
    rows = version.signatories.select_related("unit").order_by("order")
    return {f"{s.order:02d}": f"{s.unit.name}, {s.authority} {s.position}" for s in rows}


def set_mark(now: dict[str, str]) -> str:
    """Return the mark of a set of papers or signatories as read."""
    return sha256_of(now)[:24]
