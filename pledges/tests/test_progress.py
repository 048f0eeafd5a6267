"""Progress: append-only after submission, returned by cell, corrected by a new entry."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from clusters.models import ClusterYear
from core.models import AuditEvent
from core.policy import Conflict, Refused
from pledges.models import ProgressEntry, ProgressReport
from pledges.queries.progress import accepted_values, cells_of
from pledges.tests import progress as walk
from pledges.tests.progress import noon, period, running_world, targets
from pledges.workflow import progress as workflow

pytestmark = pytest.mark.django_db


def accept_as(world, report, person, seen=None):
    return workflow.accept(
        report_id=report.pk,
        seen=report.revision if seen is None else seen,
        by=person,
        now=noon(period(world).due_on),
    )


def test_a_report_walks_from_draft_to_accepted_and_only_then_its_figures_count():
    world = running_world()
    report = walk.enter(world, 2, {0: "78.5", 1: "Không xảy ra"})
    key = targets(world)[0].key
    periods = list(world.year.periods.order_by("order"))

    def counted():
        cells = cells_of(world.year, [world.units[2].pk])[world.units[2].pk]
        return accepted_values(cells, key, periods)

    walk.submit(world, 2, report)
    assert counted() == [None, None, None, None]
    done = walk.accept(world, 2, report)
    assert done.number == "01/TĐ-K1"
    assert counted() == [Decimal("78.5"), None, None, None]


def test_zero_is_a_figure_and_an_empty_cell_is_none():
    world = running_world()
    walk.accepted(world, 2, {0: "0"})
    cells = cells_of(world.year, [world.units[2].pk])[world.units[2].pk]
    keys = [t.key for t in targets(world)]
    first = list(world.year.periods.order_by("order"))[:1]
    assert accepted_values(cells, keys[0], first) == [Decimal(0)]
    assert accepted_values(cells, keys[1], first) == [None]


def test_a_returned_report_takes_only_the_returned_cells_and_keeps_what_was_submitted():
    world = running_world()
    report = walk.enter(world, 2, {0: "7.85", 1: "Không xảy ra"})
    walk.submit(world, 2, report)
    walk.give_back(world, 2, report, {0: "Nghi sai dấu thập phân"})
    with pytest.raises(Refused, match="không bị trả lại"):
        walk.enter(world, 2, {1: "Có xảy ra"}, now=noon(period(world).ends_on + timedelta(days=4)))
    walk.enter(world, 2, {0: "78.5"}, now=noon(period(world).ends_on + timedelta(days=4)))
    entries = list(ProgressEntry.objects.filter(report=report, target=targets(world)[0]))
    assert [e.value for e in entries] == [Decimal("7.85"), Decimal("78.5")]
    assert entries[-1].replaces == entries[0]
    assert (
        walk.submit(world, 2, report, noon(period(world).ends_on + timedelta(days=5))).days_late
        == 0
    )
    assert walk.accept(world, 2, report).status == "ACCEPTED"


def test_an_accepted_figure_is_corrected_only_by_a_new_part_that_names_it_and_says_why():
    world = running_world()
    report = walk.accepted(world, 2, {0: "70"})
    with pytest.raises(Refused, match="phiếu đính chính"):
        walk.enter(world, 2, {0: "71"})
    now = noon(period(world).ends_on + timedelta(days=8))
    part = workflow.start_correction(report_id=report.pk, by=world.officers[2], now=now)
    with pytest.raises(Refused, match="lý do đính chính"):
        walk.enter(world, 2, {0: "71"}, part=part.part, now=now)
    walk.enter(world, 2, {0: "71"}, part=part.part, now=now, reason="Bổ sung 01 vụ sau đối chiếu")
    walk.submit(world, 2, part, now)
    cells = cells_of(world.year, [world.units[2].pk])[world.units[2].pk]
    cell = cells[targets(world)[0].key, period(world).pk]
    assert cell.accepted.value == Decimal(70)
    walk.accept(world, 2, part, now)
    cells = cells_of(world.year, [world.units[2].pk])[world.units[2].pk]
    cell = cells[targets(world)[0].key, period(world).pk]
    assert cell.accepted.value == Decimal(71)
    assert cell.accepted.replaces.value == Decimal(70)


def test_the_lead_never_accepts_its_own_report():
    world = running_world()
    report = walk.enter(world, 0, {0: "80"})
    report = walk.submit(world, 0, report)
    for person in (world.officers[0], world.heads[0], world.organiser_acting, world.officers[2]):
        with pytest.raises(Refused):
            workflow.accept(
                report_id=report.pk, seen=report.revision, by=person, now=noon(period(world).due_on)
            )
    done = workflow.accept(
        report_id=report.pk,
        seen=report.revision,
        by=world.officers[1],
        now=noon(period(world).due_on),
    )
    assert done.status == "ACCEPTED"


def test_a_report_changed_since_it_was_opened_is_not_accepted():
    world = running_world()
    report = walk.enter(world, 2, {0: "80"})
    submitted = walk.submit(world, 2, report)
    with pytest.raises(Conflict):
        workflow.accept(
            report_id=report.pk,
            seen=submitted.revision - 1,
            by=world.officers[0],
            now=noon(period(world).due_on),
        )


def test_a_cell_somebody_else_changed_meanwhile_is_a_conflict_that_shows_both():
    world = running_world()
    walk.enter(world, 2, {0: "80"})
    row = targets(world)[0]
    stale = workflow.CellInput(row.pk, value=Decimal(9), seen="")
    with pytest.raises(Conflict) as caught:
        workflow.save(
            period_id=period(world).pk,
            cells=[stale],
            by=world.heads[2],
            now=noon(period(world).ends_on),
        )
    assert caught.value.current == {f"cell-{row.pk}": "80"}


def test_sending_the_same_again_writes_and_records_nothing():
    world = running_world()
    walk.enter(world, 2, {0: "80"})
    events = AuditEvent.objects.count()
    report = walk.enter(world, 2, {0: "80"})
    assert AuditEvent.objects.count() == events
    assert report.revision == 2


def test_a_late_report_says_by_how_many_days():
    world = running_world()
    report = walk.enter(world, 2, {0: "80"})
    late = noon(period(world).due_on + timedelta(days=3))
    assert walk.submit(world, 2, report, late).days_late == 3


def test_after_the_years_figures_are_frozen_nothing_is_entered():
    world = running_world()
    ClusterYear.objects.filter(pk=world.year.pk).update(status="YEAREND")
    with pytest.raises(Refused, match="đã chốt để tổng kết"):
        walk.enter(world, 2, {0: "80"})


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_touch_a_submitted_entry(change):
    world = running_world()
    report = walk.enter(world, 2, {0: "80"})
    walk.submit(world, 2, report)
    rows = ProgressEntry.objects.filter(report=report)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(value=99) if change == "update" else rows.delete()
    assert ProgressReport.objects.get(pk=report.pk).entries.get().value == Decimal(80)
