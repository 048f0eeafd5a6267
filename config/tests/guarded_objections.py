"""Rows of objections for the guards: what each holds, and what it leaves alone."""

from datetime import UTC, datetime
from typing import Any

from django.db import models

from clusters.tests.factories import World
from scoring.models import Evidence, Objection, Publication, ScoreLine

Rows = dict[str, models.Model]
NOW = datetime(2026, 12, 26, 2, 0, tzinfo=UTC)
SENT: dict[str, Any] = {"status": "SENT", "sent_at": NOW}


def of_objections(world: World, lines: list[ScoreLine], file: Evidence) -> tuple[Rows, Rows]:
    """Return what is held and free beside a published result: sent, decided, still a draft."""
    publication = Publication.objects.get(cluster_year=world.year, status="PROVISIONAL")

    def write(number: int, line: ScoreLine | None, place: int = 2, **state: Any) -> Objection:
        user = world.heads[place].user_id
        row = Objection.objects.create(
            cluster_year=world.year, publication=publication, unit=world.units[place], line=line,
            text="Đề nghị xem lại", created_at=NOW, created_by_id=user,
        )  # fmt: skip
        row.evidence.add(file)
        facts = {"number": number, "sent_by_id": user} | state if state else {}
        Objection.objects.filter(pk=row.pk).update(**facts)
        return Objection.objects.get(pk=row.pk)

    sent = write(1, lines[0], **SENT)
    write(2, None, 1, **SENT)
    ended: dict[str, Any] = {
        "status": "ACCEPTED",
        "sent_at": NOW,
        "ended_at": NOW,
        "decision": "Có biên bản",
    }
    accepted = write(3, lines[1], **ended)
    draft = write(0, lines[2])
    links = Objection.evidence.through.objects
    held: Rows = {
        "scoring_objection": sent,
        "scoring_objection.ended": accepted,
        "scoring_objection_evidence": links.get(objection=sent),
    }
    free: Rows = {
        "scoring_objection": draft,
        "scoring_objection_evidence": links.get(objection=draft),
    }
    return held, free
