"""Rows of the cross-inspection for the guards: what each holds, and what it leaves alone."""

from django.db import models

from clusters.tests.factories import World
from scoring.models import Finding, TeamPlace
from scoring.operations import inspection as operations
from scoring.tests import inspecting as ins

Rows = dict[str, models.Model]


def of_inspections(world: World) -> tuple[Rows, Rows]:
    """Return what is held and free: a drawing cancelled, minutes open, submitted and answered."""
    wrong = ins.draw(world, "Ghi sai")
    cancelled = operations.cancel(
        draw_id=wrong.pk, reason="Ghi sai mã", by=world.organiser_acting, now=ins.DRAWN
    )
    draw = ins.draw(world)
    for index, step in enumerate(("WRITTEN", "SUBMITTED", "ANSWERED")):
        ins.walk(world, index, step)
    opened, sent, answered = (ins.inspection(world, index) for index in range(3))
    found = {row: Finding.objects.filter(inspection=row)[0] for row in (opened, sent, answered)}
    held: Rows = {
        "scoring_draw": draw,
        "scoring_draw.cancelled": cancelled,
        "scoring_teamplace": TeamPlace.objects.filter(inspection=sent)[0],
        # Never stored: the unit itself in its own team.
        "scoring_teamplace.fair": TeamPlace(inspection=sent, unit=sent.unit, order=9),
        "scoring_inspection": sent,
        "scoring_inspection.answered": answered,
        "scoring_finding": found[sent],
        "scoring_finding.answered": found[answered],
    }
    free: Rows = {
        "scoring_draw": draw,
        "scoring_inspection": opened,
        "scoring_inspection.answered": sent,
        "scoring_finding": found[opened],
    }
    return held, free
