"""Two people at the same moment in a cross-inspection, each race with its control."""

from datetime import date
from functools import partial
from typing import Any

import pytest

from clusters.models import ClusterYear
from clusters.tests.factories import World
from core import audit
from core.models import AuditEvent
from core.policy import Refused
from core.tests.races import Outcome, overlap, without_locks
from pledges.tests import progress as running
from scoring.models import Draw, Finding, Inspection
from scoring.operations import inspection as operations
from scoring.operations.inspection import Lots
from scoring.queries.inspection import text_mark
from scoring.tests import inspecting as ins
from scoring.workflow import inspection as workflow
from scoring.workflow.inspection import FindingInput, HeadInput

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
UNIT = 2


@pytest.fixture(autouse=True)
def _no_effects(settings):
    settings.EFFECTS = {}


def refused(outcome: Outcome) -> bool:
    """Whether the second was told no in a sentence, not by a fault of the program."""
    return isinstance(outcome.error, Refused)


def drawing(world: World, seed: str) -> Any:
    return partial(
        operations.draw, cluster_year_id=world.year.pk, lots=Lots(seed, 1, ins.DUE),
        by=world.organiser_acting, now=ins.DRAWN,
    )  # fmt: skip


def written(world: World) -> tuple[Inspection, Any, Any]:
    """Minutes ready to go; the submission of the head and a text of the officer."""
    ins.draw(world)
    row = ins.write(world, UNIT)
    first = ins.team(world, UNIT)[0]
    submit = partial(
        workflow.submit, inspection_id=row.pk, seen=row.revision, by=world.heads[first],
        now=ins.SUBMITTED,
    )  # fmt: skip
    write = partial(
        workflow.write, inspection_id=row.pk,
        findings=[FindingInput(ins.codes(world)[3], "Thêm sau")],
        head=HeadInput(date(2026, 10, 11), "Khác"), by=world.officers[first], now=ins.SUBMITTED,
    )  # fmt: skip
    return row, submit, write


def test_lots_are_drawn_once():
    world = running.running_world()
    first, second = overlap(drawing(world, "1"), drawing(world, "2"))
    first.get()
    assert refused(second), second.error
    assert Draw.objects.get().seed == "1"


def test_without_the_lock_the_second_drawing_is_a_fault_of_the_program():
    world = running.running_world()
    with without_locks(ClusterYear):
        _, second = overlap(drawing(world, "1"), drawing(world, "2"))
    assert second.error is not None
    assert not refused(second)


def test_a_text_written_while_the_head_submits_is_refused_not_slipped_in():
    row, submit, write = written(running.running_world())
    first, second = overlap(submit, write)
    first.get()
    assert refused(second), second.error
    assert Finding.objects.filter(inspection=row).count() == 2
    assert audit.first_fault() is None


def test_without_the_locks_the_database_still_keeps_what_was_submitted():
    """The guards refuse what slips past the rules: a fault, but nothing is changed."""
    row, submit, write = written(running.running_world())
    with without_locks(ClusterYear, Inspection):
        _, second = overlap(submit, write)
    assert second.error is not None
    assert not refused(second)
    assert Inspection.objects.get(pk=row.pk).status == "SUBMITTED"


def test_two_people_who_write_the_same_text_beside_each_other_do_not_overwrite():
    world = running.running_world()
    row, _, _ = written(world)
    first, code = ins.team(world, UNIT)[0], ins.codes(world)[0]
    mark = text_mark("Thiếu sổ theo dõi")
    one, two = (
        partial(
            workflow.write, inspection_id=row.pk, findings=[FindingInput(code, text, mark)],
            head=None, by=by, now=ins.SUBMITTED,
        )
        for text, by in (("Một", world.officers[first]), ("Hai", world.heads[first]))
    )  # fmt: skip
    winner, loser = overlap(one, two)
    winner.get()
    assert refused(loser), loser.error
    assert Finding.objects.get(inspection=row, criterion__code=code).text == "Một"
    assert AuditEvent.objects.filter(action="scoring.inspection_written").count() == 2
