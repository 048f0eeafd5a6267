"""Two people at the same moment over an objection, each race with its control."""

from functools import partial
from typing import Any

import pytest

from clusters.models import ClusterYear
from core import audit
from core.policy import Refused
from core.tests.races import Outcome, overlap, without_locks
from pledges.tests import year as walk
from scoring.models import Objection, ObjectionStatus, Publication
from scoring.tests import objections as o
from scoring.workflow import objection as workflow
from scoring.workflow.objection import Plea, Ruling

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
OS = ObjectionStatus
#: The last minute of the last day, and the first of the next.
LAST, NEXT = walk.moment(12, 28, 23), walk.moment(12, 29, 7)


@pytest.fixture(autouse=True)
def _no_effects(settings):
    settings.EFFECTS = {}


def refused(outcome: Outcome) -> bool:
    """Whether somebody was told no in a sentence, not by a fault of the program."""
    return isinstance(outcome.error, Refused)


def closing() -> tuple[Any, Any]:
    """A draft sent in the last minute, and the result published right after midnight."""
    world = o.provisional_world()
    row = o.draft(world, o.direct_line(world))
    send = partial(o.send, world, row, now=LAST)
    return send, partial(walk.publish_final, world, world.year.runs.get(), NEXT)


def test_what_is_sent_while_the_result_is_published_is_refused_and_stays_a_draft():
    send, publish = closing()
    first, second = overlap(publish, send)
    first.get()
    assert refused(second), second.error
    assert Objection.objects.get().status == OS.DRAFT


def test_a_result_published_while_an_objection_is_sent_waits_for_its_decision():
    send, publish = closing()
    first, second = overlap(send, publish)
    first.get()
    assert refused(second), second.error
    assert not Publication.objects.filter(status="FINAL").exists()
    assert audit.first_fault() is None


def test_without_the_lock_a_result_is_published_over_an_open_objection():
    send, publish = closing()
    with without_locks(ClusterYear):
        overlap(send, publish)
    assert Objection.objects.get().status == OS.SENT
    assert Publication.objects.filter(status="FINAL").exists()


def deciding() -> tuple[Any, Any]:
    """One objection decided in two windows."""
    world = o.provisional_world()
    row = o.sent(world, o.direct_line(world))
    hand: dict[str, Any] = {
        "objection_id": row.pk, "seen": row.revision, "by": world.organiser_acting,
        "now": o.DECIDED,
    }  # fmt: skip
    accept = partial(workflow.accept, ruling=o.ruling(row), **hand)
    return accept, partial(workflow.reject, ruling=Ruling(o.REASON), **hand)


def test_an_objection_is_decided_once():
    accept, reject = deciding()
    first, second = overlap(accept, reject)
    first.get()
    assert refused(second), second.error
    assert Objection.objects.get().status == OS.ACCEPTED


def test_without_the_lock_the_second_decision_is_a_fault_that_only_the_database_stops():
    accept, reject = deciding()
    with without_locks(ClusterYear):
        first, second = overlap(accept, reject)
    faults = [outcome for outcome in (first, second) if outcome.error is not None]
    assert len(faults) == 1
    assert not refused(faults[0]), faults[0].error


def writing() -> tuple[Any, Any]:
    """Officer and head of a unit begin an objection to the same line."""
    world = o.provisional_world()
    line = o.direct_line(world)
    hand: dict[str, Any] = {
        "cluster_year_id": world.year.pk, "line_id": line.pk, "plea": Plea(o.TEXT), "now": o.TAKEN,
    }  # fmt: skip
    one = partial(workflow.draft, by=world.officers[o.UNIT], **hand)
    return one, partial(workflow.draft, by=world.heads[o.UNIT], **hand)


def test_two_who_begin_about_one_line_make_one_objection():
    first, second = overlap(*writing())
    first.get()
    assert refused(second), second.error
    assert Objection.objects.count() == 1


def test_without_the_lock_the_second_beginning_is_a_fault_of_the_program():
    one, two = writing()
    with without_locks(ClusterYear):
        _, second = overlap(one, two)
    assert second.error is not None
    assert not refused(second)
