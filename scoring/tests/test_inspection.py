"""Cross-inspection: who draws, who writes, who answers, in every state; what the books keep."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from clusters.acting import Acting
from clusters.tests.factories import TODAY, World, make_world
from core import audit
from core.inbox import work_of
from core.models import AuditEvent, Notice
from core.policy import Conflict, Invalid, Refused
from pledges.tests import progress as running
from pledges.tests import year as walk
from scoring.models import Draw, Inspection, InspectionStatus, TeamPlace
from scoring.operations import inspection as operations
from scoring.operations.inspection import Lots
from scoring.policies import inspection as policies
from scoring.queries import inspection as queries
from scoring.tests import inspecting as ins
from scoring.workflow import inspection as workflow
from scoring.workflow.inspection import FindingInput, HeadInput

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
IS = InspectionStatus
#: The inspected unit of most tests: a plain member.
UNIT = 2


@pytest.fixture(scope="module")
def drawn(kept: None) -> World:
    """Five units under way, lots drawn for teams of two."""
    world = running.running_world(make_world(5))
    ins.draw(world, size=2)
    return walk.refreshed(world)


@pytest.fixture
def world(drawn: World, db: None) -> World:
    """The same world; what a test writes is taken back."""
    return drawn


def standing(world: World, by: Acting, index: int = UNIT) -> policies.InspectionStanding:
    return queries.inspection_standing_of(ins.inspection(world, index), by, TODAY)


# Drawing -------------------------------------------------------------------------------------
def test_a_drawing_is_recorded_at_once_and_can_be_repeated(world):
    draw = queries.standing_draw(world.year)
    assert draw is not None
    assert (draw.number, draw.seed, draw.method) == (1, ins.SEED, "ring-1")
    posts = queries.posts_of(draw, world.officers[0], TODAY)
    assert queries.is_repeated(draw, posts)
    event = AuditEvent.objects.get(action="scoring.lots_drawn", cluster_year_id=world.year.pk)
    assert event.after["teams"].keys() == {unit.code for unit in world.units}
    draw.seed = "4-17-30"
    assert not queries.is_repeated(draw, posts)
    draw.seed, draw.method = ins.SEED, "another"
    assert not queries.is_repeated(draw, posts)


def test_everybody_is_told_and_the_teams_have_work(world):
    told = Notice.objects.filter(text__startswith="Đã bốc thăm kiểm tra chéo")
    assert told.filter(recipient=world.officers[4].user_id).exists()
    work = [one.title for one in work_of(world.officers[0], ins.DRAWN)]
    mine = [world.units[i].short_name for i in range(5) if 0 in ins.team(world, i)]
    assert {f"Kiểm tra chéo {name}" for name in mine} <= set(work)
    assert len(mine) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "đang có hiệu lực"),
        ({"draw": None}, ""),
        ({"draw": None, "has_table": False}, "bảng tiêu chí"),
        ({"draw": None, "units": ()}, "ít nhất 3"),
    ],
)
def test_when_lots_are_drawn(world, change, said):
    for by in (world.organiser_acting, world.officers[0], world.heads[0]):
        verdict = policies.may_draw(
            replace(queries.draw_standing_of(world.year, by, TODAY), **change)
        )
        assert (said in verdict.reason) if said else bool(verdict)
    for by in (world.officers[1], world.heads[2], world.organiser_head):
        assert not policies.may_draw(
            replace(queries.draw_standing_of(world.year, by, TODAY), **change)
        )


@pytest.mark.parametrize(
    "status",
    ["PREPARING", "DRAFTING", "SIGNING", "RUNNING", "MIDYEAR", "YEAREND", "APPRAISING",
     "PROVISIONAL", "OBJECTIONS", "PUBLISHED", "ARCHIVED"],
)  # fmt: skip
def test_the_year_opens_drawing_and_writing(world, status):
    world.year.status = status
    found = queries.draw_standing_of(world.year, world.organiser_acting, TODAY)
    assert bool(policies.may_draw(replace(found, draw=None))) == (status in policies.DRAWN)
    officer = world.officers[ins.team(world, UNIT)[0]]
    one = replace(standing(world, officer), year=world.year)
    assert bool(policies.may_write(one)) == (status in policies.OPEN_YEAR)


@pytest.mark.parametrize(
    ("lots", "field", "said"),
    [
        (Lots("7", 3, ins.DUE), "team_size", "nhiều nhất 2"),
        (Lots("7", 0, ins.DUE), "team_size", "ít nhất một"),
        (Lots(" ", 1, ins.DUE), "seed", "mã bốc thăm"),
        (Lots("7", 1, date(2026, 10, 4)), "due_on", "từ hôm nay"),
    ],
)
def test_what_cannot_be_drawn_is_refused_beside_its_field(world, lots, field, said):
    cancel(world)
    with pytest.raises(Invalid, match=said) as fault:
        operations.draw(
            cluster_year_id=world.year.pk, lots=lots, by=world.organiser_acting, now=ins.DRAWN
        )
    assert fault.value.field == field


def cancel(world: World) -> Draw:
    draw = queries.standing_draw(world.year)
    assert draw is not None
    return operations.cancel(
        draw_id=draw.pk, reason="Ghi sai mã", by=world.organiser_acting, now=ins.DRAWN
    )


def test_a_cancelled_drawing_stays_in_the_book_and_its_minutes_are_closed(world):
    old = ins.write(world, UNIT)
    cancel(world)
    assert [one.cancel_reason for one in queries.cancelled_draws(world.year)] == ["Ghi sai mã"]
    row = queries.inspections_with_names().get(pk=old.pk)
    verdict = policies.may_write(
        queries.inspection_standing_of(
            row, world.officers[world.units.index(queries.team_of(row)[0])], TODAY
        )
    )
    assert "đã hủy" in verdict.reason
    again = ins.draw(world, "9", 1)
    assert (again.number, again.team_size) == (2, 1)
    with pytest.raises(Conflict):
        operations.cancel(
            draw_id=old.draw_id, reason="Lại", by=world.organiser_acting, now=ins.DRAWN
        )
    assert audit.first_fault() is None


def test_a_drawing_is_not_cancelled_once_a_team_has_submitted(world):
    ins.walk(world, UNIT, "SUBMITTED")
    with pytest.raises(Refused, match="1 biên bản"):
        cancel(world)


def test_a_unit_that_was_closed_takes_no_part(world):
    cancel(world)
    unit = world.units[4]
    unit.closed_on = ins.DRAWN.date()
    unit.save()
    draw = ins.draw(world)
    assert draw.units == sorted(one.code for one in world.units[:4])


def test_the_database_takes_no_unfair_team(world):
    row = ins.inspection(world, UNIT)
    inspector = world.units[ins.team(world, UNIT)[0]]
    back = Inspection.objects.get(draw=row.draw, unit=inspector)
    for place in (
        TeamPlace(inspection=row, unit=row.unit, order=9),
        TeamPlace(inspection=back, unit=row.unit, order=9),
    ):
        with pytest.raises(DatabaseError, match="kiểm tra"), transaction.atomic():
            place.save()


# Writing -------------------------------------------------------------------------------------
#: Who may write, submit and answer in each state: officer and head of the first and of another
#: unit of the team, head of the inspected unit, lead, organiser.
WRITES, SUBMITS, ANSWERS = {
    "first officer", "first head", "other officer", "other head"
}, {"first head"}, {"inspected head"}  # fmt: skip


def people(world: World) -> dict[str, Acting]:
    first, other = ins.team(world, UNIT)
    outside = next(i for i in range(5) if i not in (first, other, UNIT))
    return {
        "first officer": world.officers[first], "first head": world.heads[first],
        "other officer": world.officers[other], "other head": world.heads[other],
        "inspected officer": world.officers[UNIT], "inspected head": world.heads[UNIT],
        "outside officer": world.officers[outside], "outside head": world.heads[outside],
        "organiser": world.organiser_acting, "witness": world.organiser_head,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("step", "rule", "allowed"),
    [
        ("", policies.may_write, WRITES), ("", policies.may_submit, set()),
        ("", policies.may_answer, set()),
        ("WRITTEN", policies.may_write, WRITES), ("WRITTEN", policies.may_submit, SUBMITS),
        ("WRITTEN", policies.may_answer, set()),
        ("SUBMITTED", policies.may_write, set()), ("SUBMITTED", policies.may_submit, set()),
        ("SUBMITTED", policies.may_answer, ANSWERS),
        ("ANSWERED", policies.may_write, set()), ("ANSWERED", policies.may_submit, set()),
        ("ANSWERED", policies.may_answer, set()),
    ],
)  # fmt: skip
def test_who_may_do_what_in_each_state(world, step, rule, allowed):
    if step:
        ins.walk(world, UNIT, step)
    may = {who for who, by in people(world).items() if rule(standing(world, by))}
    assert may == allowed
    for who, by in people(world).items():
        verdict = rule(standing(world, by))
        assert who in allowed or verdict.reason.endswith(".")


def test_nobody_appointed_to_the_inspected_unit_ever_writes(world):
    officer = world.officers[ins.team(world, UNIT)[0]]
    held = replace(standing(world, officer), own_units=frozenset({world.units[UNIT].pk}))
    assert "không ai kiểm tra đơn vị của chính mình" in policies.may_write(held).reason
    assert not policies.may_submit(held)


def test_only_declared_transitions_are_made():
    assert {state for state, to in workflow.TRANSITIONS.items() if not to} == {IS.ANSWERED}
    assert set(workflow.OWNERS) == set(IS) == set(workflow.TRANSITIONS)
    row = Inspection(status=IS.ANSWERED)
    with pytest.raises(RuntimeError, match="No transition"):
        workflow._move(row, IS.OPEN)


def test_texts_are_written_changed_and_taken_away_one_event_each(world):
    ins.write(world, UNIT, "Một", "Hai")
    row = ins.inspection(world, UNIT)
    officer = world.officers[ins.team(world, UNIT)[1]]
    one, two, *_ = ins.codes(world)
    before = AuditEvent.objects.count()
    asked = [FindingInput(one, ""), FindingInput(two, "Hai, sửa", queries.text_mark("Hai"))]
    row = workflow.write(
        inspection_id=row.pk, findings=asked, head=None, by=officer, now=ins.WRITTEN
    )
    assert [found.text for found in queries.findings_of(row).values()] == ["Hai, sửa"]
    event = AuditEvent.objects.latest("seq")
    assert event.before == {"lines": {one: "Một", two: "Hai"}}
    assert event.after == {"lines": {one: "", two: "Hai, sửa"}}
    workflow.write(inspection_id=row.pk, findings=asked[:1], head=None, by=officer, now=ins.WRITTEN)
    assert AuditEvent.objects.count() == before + 1


def test_a_text_that_somebody_else_changed_is_not_written_over(world):
    ins.write(world, UNIT, "Một")
    row, code = ins.inspection(world, UNIT), ins.codes(world)[0]
    officer = world.officers[ins.team(world, UNIT)[1]]
    with pytest.raises(Conflict) as fault:
        workflow.write(
            inspection_id=row.pk,
            findings=[FindingInput(code, "Khác", queries.text_mark(""))],
            head=HeadInput(None, "Khác", queries.text_mark(None, "")),
            by=officer, now=ins.WRITTEN,
        )  # fmt: skip
    assert fault.value.current[f"f-{code}"] == "Một"
    assert fault.value.current["summary"] == "Ngày 12/10/2026. Đơn vị chuẩn bị hồ sơ đầy đủ"


def test_what_cannot_be_written_is_refused(world):
    row = ins.inspection(world, UNIT)
    officer = world.officers[ins.team(world, UNIT)[0]]

    def write(findings: list[FindingInput], head: HeadInput | None = None) -> None:
        workflow.write(
            inspection_id=row.pk, findings=findings, head=head, by=officer, now=ins.WRITTEN
        )

    with pytest.raises(Invalid, match="Không có tiêu chí X"):
        write([FindingInput("X", "Thừa")])
    with pytest.raises(Invalid, match="sau hôm nay"):
        write([], HeadInput(ins.WRITTEN.date() + timedelta(days=1), ""))
    with pytest.raises(Refused, match="Ghi ngày kiểm tra"):
        ins.submit(world, UNIT)


def test_minutes_are_submitted_late_and_say_so(world):
    ins.write(world, UNIT)
    row = ins.inspection(world, UNIT)
    head = world.heads[ins.team(world, UNIT)[0]]
    with pytest.raises(Conflict):
        workflow.submit(inspection_id=row.pk, seen=0, by=head, now=ins.SUBMITTED)
    workflow.submit(
        inspection_id=row.pk, seen=row.revision, by=head, now=ins.SUBMITTED + timedelta(days=4)
    )
    assert AuditEvent.objects.latest("seq").after["days_late"] == 3


# Answering -----------------------------------------------------------------------------------
def test_the_unit_answers_every_finding_and_all_are_told(world):
    ins.walk(world, UNIT, "SUBMITTED")
    head, officer = world.heads[UNIT], world.officers[UNIT]
    row = ins.inspection(world, UNIT)
    (asked,) = [one for one in work_of(head, ins.SUBMITTED) if "Trả lời" in one.title]
    assert not asked.waits_for
    held = next(one for one in work_of(officer, ins.SUBMITTED) if "Trả lời" in one.title)
    assert held.waits_for == "Lãnh đạo đơn vị"
    with pytest.raises(Invalid, match="chọn thống nhất"):
        workflow.answer(
            inspection_id=row.pk, seen=row.revision, answers={}, text="", by=head, now=ins.ANSWERED
        )
    with pytest.raises(Invalid, match="nêu lý do"):
        ins.answer(world, UNIT, reason="")
    assert ins.answer(world, UNIT).status == IS.ANSWERED
    found = queries.findings_beside(world.year, world.units[UNIT].pk, world.organiser_acting)
    words = [(one.answer, one.answer_text) for rows in found.values() for one in rows]
    assert words == [("DISAGREED", "Sổ có, để ở kho"), ("AGREED", "")]
    told = Notice.objects.filter(text__contains="không thống nhất 1 kết quả")
    first, other = ins.team(world, UNIT)
    readers = {world.officers[i].user_id for i in (0, first, other)}
    assert readers <= set(told.values_list("recipient", flat=True))


def test_findings_are_read_by_team_unit_appraiser_and_organiser_alone(world):
    ins.walk(world, UNIT, "SUBMITTED")
    unit = world.units[UNIT].pk
    first, other = ins.team(world, UNIT)
    readers = {0, UNIT, first, other}
    for index in range(5):
        found = queries.findings_beside(world.year, unit, world.officers[index])
        assert bool(found) == (index in readers), index
    assert queries.findings_beside(world.year, unit, world.organiser_acting)
    assert not queries.findings_beside(world.year, unit, world.organiser_head)


def test_the_deputy_reads_only_what_was_found_at_the_lead(world):
    def seen() -> set[int]:
        rows = Inspection.objects.visible_to(world.officers[1]).select_related("unit")
        return {world.units.index(row.unit) for row in rows}

    mine = {index for index in range(5) if 1 in ins.team(world, index)}
    assert seen() == mine
    for index in range(5):
        ins.walk(world, index, "SUBMITTED")
    assert seen() == mine | {0, 1}


def test_the_history_hides_what_was_written_and_answered(world):
    ins.walk(world, UNIT, "ANSWERED")
    events = AuditEvent.objects.filter(cluster_year_id=world.year.pk)

    def told(by: Acting) -> set[str]:
        rows = queries.without_minutes_of_others(events, by, world.year)
        kinds = rows.filter(action__startswith="scoring.inspection").values_list("action")
        return {action.rpartition("_")[2] for (action,) in kinds}

    first, other = ins.team(world, UNIT)
    outside = next(i for i in range(1, 5) if i not in (first, other, UNIT))
    assert told(world.officers[first]) == {"written", "submitted", "answered"}
    assert told(world.officers[UNIT]) == {"submitted", "answered"}
    assert told(world.officers[outside]) == {"submitted"}
    assert told(world.organiser_acting) == {"written", "submitted", "answered"}
