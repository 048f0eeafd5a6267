"""Objections on the workflow functions: who may do what when, and what follows."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from clusters import operations as clusters_operations
from clusters.models import ClusterYear, Openness, YearStatus
from core import audit
from core.history import uncovered
from core.inbox import work_of
from core.models import AuditEvent, Notice
from core.policy import Conflict, Invalid, Refused
from pledges.tests import year as walk
from scoring.models import Objection, ObjectionStatus, ScoreLine, ScoreSheet
from scoring.operations import evidence as store
from scoring.policies import objection as policies
from scoring.queries import objection as queries
from scoring.queries.evidence import uses_of
from scoring.queries.sheet import locked_sheet
from scoring.tests import objections as o
from scoring.workflow import objection as workflow
from scoring.workflow import sheet as sheets
from scoring.workflow.objection import Plea
from scoring.workflow.sheet import LineInput

pytestmark = pytest.mark.django_db
OS = ObjectionStatus


@pytest.fixture(scope="module")
def world(kept):
    return o.provisional_world()


@pytest.fixture
def line(world):
    return o.direct_line(world)


# The way of an objection ---------------------------------------------------------------------
def test_an_accepted_objection_changes_the_final_figure_once_and_the_points_by_a_new_run(
    world, line
):
    row = o.sent(world, line)
    assert (row.number, row.status) == (1, OS.SENT)
    with pytest.raises(Refused, match="Còn 1 kiến nghị chưa quyết định: số 1 của"):
        walk.publish_final(world, world.year.runs.get())
    before = line.final
    row = o.accept(world, row)
    stored = ScoreLine.objects.get(pk=line.pk)
    assert (row.figure_before, row.figure_after, stored.final) == (before, row.asked, row.asked)
    assert stored.final_reason == f"Chấp nhận kiến nghị số 1: {o.REASON}"
    assert AuditEvent.objects.filter(action="scoring.line_settled").count() == 1
    assert world.year.runs.count() == 1, "no run makes itself"
    with pytest.raises(Refused, match="đã thay đổi sau phiên chấm"):
        walk.publish_final(world, world.year.runs.get())
    walk.publish_final(world, walk.make_run(world, now=walk.FINAL))
    assert audit.first_fault() is None


def test_a_rejected_objection_leaves_the_run_as_it_is(world, line):
    o.reject(world, o.sent(world, line))
    assert ScoreLine.objects.get(pk=line.pk).final == line.final
    walk.publish_final(world, world.year.runs.get())


def test_drafts_do_not_keep_the_result_back_and_go_no_further_afterwards(world, line):
    row = o.draft(world, line)
    walk.publish_final(world, world.year.runs.get())
    with pytest.raises(Refused, match="đã công bố chính thức"):
        o.send(world, row, now=walk.FINAL)


def test_what_comes_late_stays_a_draft_until_the_unit_gets_more_time(world, line):
    row = o.draft(world, line)
    late = walk.moment(12, 29)
    with pytest.raises(Refused, match="đã khóa sau ngày 28/12/2026") as caught:
        o.send(world, row, now=late)
    assert "gia hạn" in str(caught.value)
    assert Objection.objects.get(pk=row.pk).status == OS.DRAFT
    stage = world.year.stages.get(kind=YearStatus.OBJECTIONS)
    clusters_operations.extend(
        stage_id=stage.pk, unit_id=world.units[o.UNIT].pk, until=date(2026, 12, 29),
        reason="Mất điện", by=world.organiser_acting, now=late,
    )  # fmt: skip
    with pytest.raises(Refused, match="Còn nhận kiến nghị đến hết ngày 29/12/2026"):
        walk.publish_final(world, world.year.runs.get(), late)
    with pytest.raises(Refused, match="đã khóa"):
        o.draft(world, o.direct_line(world, 1), 1, late)
    assert o.send(world, row, now=late).status == OS.SENT


def test_an_objection_to_the_whole_result_names_what_was_done(world):
    row = o.sent(world, None)
    with pytest.raises(Invalid, match="Nêu quyết định"):
        o.accept(world, row, reason="")
    row = o.accept(world, row)
    assert (row.status, row.figure_after) == (OS.ACCEPTED, None)


def test_accepting_needs_a_figure_that_changes_something(world, line):
    row = o.sent(world, line)
    with pytest.raises(Invalid, match="Nhập số chính thức"):
        o.accept(world, row, figure=None)
    with pytest.raises(Invalid, match="số chính thức hiện nay"):
        o.accept(world, row, figure=line.final)
    with pytest.raises(Invalid, match="1"):
        o.accept(world, row, figure={"points": "1000"})
    sheets.settle(
        sheet_id=line.sheet_id, line=LineInput(line.pk, {"points": "0.5"}, "Đã rà soát"),
        by=world.organiser_acting, now=o.TAKEN,
    )  # fmt: skip
    for figure in ({"points": "1"}, row.asked):  # also where it would change nothing
        with pytest.raises(Conflict) as caught:
            o.accept(world, row, figure=figure, mark="0123456789abcdef")
        assert "chính thức: 0,5 điểm" in caught.value.current[f"figure-{line.pk}"]
    assert o.accept(world, row).figure_after is None, "it stands already as the unit asks"


def test_a_figure_is_compared_as_it_stands_under_the_lock_of_its_sheet(world, line, monkeypatch):
    row = o.sent(world, line)
    settled = LineInput(line.pk, {"points": "0.5"}, "Đã rà soát")
    name = "scoring.workflow.objection.locked_sheet"

    def late(sheet_id: int) -> ScoreSheet:
        """Somebody else settles the line after the objection was read, before the lock."""
        monkeypatch.setattr(name, locked_sheet)
        sheets.settle(sheet_id=sheet_id, line=settled, by=world.organiser_acting, now=o.TAKEN)
        return locked_sheet(sheet_id)

    monkeypatch.setattr(name, late)
    row = o.accept(world, row, mark="")
    assert (row.status, row.figure_after) == (OS.ACCEPTED, None), "it stands already as asked"
    assert AuditEvent.objects.filter(action="scoring.line_settled").count() == 1


def test_a_line_of_an_open_sheet_is_not_decided_for_the_unit(world, line):
    row = o.sent(world, line)
    sheets.reopen(
        sheet_id=line.sheet_id, reason="Sót minh chứng", by=world.organiser_acting, now=o.TAKEN
    )
    with pytest.raises(Refused, match="thẩm định lần hai"):
        o.accept(world, row)
    assert o.reject(world, row).status == OS.REJECTED


def test_one_objection_stands_about_one_thing(world, line):
    first = o.draft(world, line)
    with pytest.raises(Refused, match="đang có kiến nghị"):
        o.draft(world, line)
    with pytest.raises(Invalid, match="phiếu của đơn vị mình"):
        o.draft(world, o.direct_line(world, 1))
    o.draft(world, None)
    with pytest.raises(Refused, match="đang có kiến nghị"):
        o.draft(world, None)
    workflow.discard(
        objection_id=first.pk, seen=first.revision, by=world.officers[o.UNIT], now=o.TAKEN
    )
    again = o.sent(world, line)
    o.reject(world, again)
    assert o.draft(world, line).status == OS.DRAFT, "decided, so that another may follow"


def test_whoever_reads_an_older_draft_is_shown_what_stands(world, line):
    row = o.draft(world, line)
    hand: dict[str, Any] = {"objection_id": row.pk, "seen": row.revision, "now": o.TAKEN}
    workflow.edit(plea=Plea("Bản của cán bộ"), by=world.officers[o.UNIT], **hand)
    with pytest.raises(Conflict) as caught:
        workflow.edit(plea=Plea("Bản của lãnh đạo"), by=world.heads[o.UNIT], **hand)
    assert caught.value.current == {"text": "Bản của cán bộ", "asked": ""}
    with pytest.raises(Conflict):
        o.send(world, row)


def test_a_figure_the_rule_cannot_take_is_refused_when_it_is_written(world, line):
    with pytest.raises(Invalid):
        o.draft(world, line, asked={"points": "1000"})
    with pytest.raises(Invalid, match="một tiêu chí"):
        o.draft(world, None, asked={"points": "1"})
    with pytest.raises(Invalid, match="Nêu nội dung"):
        o.draft(world, line, text="")


def test_the_same_run_is_not_published_twice_but_a_second_one_is(world, line):
    run = world.year.runs.get()
    with pytest.raises(Refused, match="đã công bố tạm tính"):
        walk.publish_provisional(world, run)
    o.accept(world, o.sent(world, line))
    again = walk.publish_provisional(world, walk.make_run(world, now=o.DECIDED))
    assert again.run.number == 2
    assert queries.newest_provisional(world.year) == again


# Every verb in every state -------------------------------------------------------------------
VERBS: dict[str, tuple[set[ObjectionStatus], Callable[[Any, Objection], Any]]] = {
    "edit": ({OS.DRAFT}, lambda w, r: workflow.edit(
        objection_id=r.pk, seen=r.revision, plea=Plea("Khác"), by=w.officers[2], now=o.TAKEN)),
    "hand_over": ({OS.DRAFT}, lambda w, r: workflow.hand_over(
        objection_id=r.pk, by=w.officers[2], now=o.TAKEN)),
    "send": ({OS.DRAFT}, o.send),
    "discard": ({OS.DRAFT}, lambda w, r: workflow.discard(
        objection_id=r.pk, seen=r.revision, by=w.heads[2], now=o.TAKEN)),
    "withdraw": ({OS.SENT}, lambda w, r: workflow.withdraw(
        objection_id=r.pk, seen=r.revision, by=w.heads[2], now=o.TAKEN)),
    "reject": ({OS.SENT}, o.reject),
    "accept": ({OS.SENT}, o.accept),
}  # fmt: skip


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("status", OS)
def test_a_verb_works_in_its_states_and_says_why_not_in_all_others(world, line, verb, status):
    row = o.at(world, line, status)
    states, act = VERBS[verb]
    if status in states:
        act(world, row)
        return
    before = Objection.objects.filter(pk=row.pk).values().get()
    with pytest.raises(Refused) as caught:
        act(world, row)
    assert str(caught.value).endswith(".")
    assert Objection.objects.filter(pk=row.pk).values().get() == before


def test_states_have_owners_and_ends():
    assert set(workflow.TRANSITIONS) == set(workflow.OWNERS) == set(OS)


# Who -----------------------------------------------------------------------------------------
PEOPLE = {
    "officer": lambda w: w.officers[2],
    "head": lambda w: w.heads[2],
    "officer of the lead": lambda w: w.officers[0],
    "head of another": lambda w: w.heads[1],
    "organiser": lambda w: w.organiser_acting,
    "head of the organiser": lambda w: w.organiser_head,
}
TABLE = {
    "may_write": {"officer", "head"},
    "may_edit": {"officer", "head"},
    "may_hand_over": {"officer"},
    "may_send": {"head"},
    "may_discard": {"officer", "head"},
    "may_withdraw": {"head"},
    "may_decide": {"organiser"},
    "may_accept": {"organiser"},
}


@pytest.mark.parametrize("rule", TABLE)
def test_who_may_do_what(world, line, rule):
    row = o.draft(world, line)
    if rule in ("may_withdraw", "may_decide", "may_accept"):
        row = o.send(world, row)
    row = queries.objections_with_names().get(pk=row.pk)
    allowed = {
        name
        for name, person in PEOPLE.items()
        if getattr(policies, rule)(queries.standing_of(row, person(world), o.TAKEN.date()))
    }
    assert allowed == TABLE[rule]


def test_nobody_decides_on_the_unit_they_belong_to(world, line):
    row = queries.objections_with_names().get(pk=o.sent(world, line).pk)
    standing = queries.standing_of(row, world.organiser_acting, o.TAKEN.date())
    both = replace(standing.bench, own_units=frozenset({row.unit_id}))
    verdict = policies.may_decide(replace(standing, bench=both))
    assert verdict.reason == "Không ai quyết định kiến nghị của đơn vị mình."


@pytest.mark.parametrize("status", [s for s in YearStatus if s not in policies.OPEN_YEAR])
def test_objections_belong_to_the_days_after_the_provisional_result(world, status):
    standing = queries.standing_for(world.year, world.units[2], world.heads[2], o.TAKEN.date())
    assert policies.may_write(standing)
    closed = replace(standing, year=ClusterYear(status=status))
    for rule in (policies.may_write, policies.may_edit, policies.may_send):
        assert not rule(closed)
    assert not policies.may_write(replace(standing, provisional=None, window=None))


@pytest.mark.parametrize(
    ("openness", "final", "known"),
    [
        (Openness.OWN, False, False), (Openness.OWN, True, False), (Openness.FINAL, False, False),
        (Openness.FINAL, True, True), (Openness.ALL, False, True), (Openness.ALL, True, True),
    ],
)  # fmt: skip
def test_others_learn_of_an_objection_as_far_as_points_are_open(
    world, line, openness, final, known
):
    o.reject(world, o.sent(world, line))
    ClusterYear.objects.filter(pk=world.year.pk).update(openness=openness)
    if final:
        walk.publish_final(world, world.year.runs.get())
    year = walk.refreshed(world).year
    found = queries.rows_of(year, world.heads[1])
    assert [row.is_readable for row in found] == ([False] if known else [])
    for row in found:
        assert (row.about, row.asked, row.outcome) == (line.criterion.code, "", "")
    for person in (world.heads[2], world.organiser_acting, world.officers[0]):
        assert [row.is_readable for row in queries.rows_of(year, person)] == [True]
    assert not queries.rows_of(year, world.organiser_head)[1:]


def test_drafts_are_the_units_own(world, line):
    row = o.draft(world, line)
    assert not Objection.objects.visible_to(world.organiser_acting).exists()
    assert not Objection.objects.visible_to(world.officers[0]).exists()
    assert Objection.objects.visible_to(world.heads[2]).get() == row


# What follows --------------------------------------------------------------------------------
def titles(world, person, now=o.TAKEN) -> list[tuple[str, bool]]:
    return [(w.title, bool(w.waits_for)) for w in work_of(person, now) if "iến nghị" in w.title]


def test_the_inbox_leads_from_the_draft_to_the_decision(world, line):
    row, what = o.draft(world, line), str(line.criterion)
    officer, head, body = world.officers[2], world.heads[2], world.organiser_acting
    assert [mine for _, mine in titles(world, officer)] == [False]
    assert [mine for _, mine in titles(world, head)] == [True]
    workflow.hand_over(objection_id=row.pk, by=officer, now=o.TAKEN)
    assert [mine for _, mine in titles(world, officer)] == [True]
    ((title, held),) = titles(world, head)
    assert title.startswith("Gửi kiến nghị về ")
    assert what[:20] in title
    assert not held
    assert titles(world, head, walk.moment(12, 29)) == [], "late: nothing can be sent"
    row = o.send(world, Objection.objects.get(pk=row.pk))
    assert titles(world, head)[0][1], "the organiser has it"
    assert titles(world, body) == [
        (f"Quyết định kiến nghị số 1 của {world.units[2].short_name}", False)
    ]
    assert titles(world, world.officers[0]) == []
    o.accept(world, row)
    assert titles(world, body, o.DECIDED) == []
    for person in (body, world.officers[0]):
        assert "Chạy phiên chấm" in [w.title for w in work_of(person, o.DECIDED)]
    walk.make_run(world, now=walk.FINAL)
    last = [w for w in work_of(body, walk.FINAL) if w.title == "Công bố kết quả chính thức"]
    assert "Phiên chấm 2 chạy sau bản tạm tính" in last[0].why


def notices(person) -> list[str]:
    standing = Notice.objects.filter(recipient=person.user_id, withdrawn_at=None)
    return [n.text for n in standing.order_by("pk") if "iến nghị số" in n.text]


def test_who_waits_is_told_and_told_once(world, line):
    row = o.sent(world, line)
    assert len(notices(world.organiser_acting)) == 1
    o.accept(world, row)
    assert notices(world.organiser_acting) == [], "nothing waits there any more"
    told = notices(world.officers[2])
    assert len(told) == 1
    assert "được chấp nhận: “Có biên bản" in told[0]
    other = o.sent(world, None)
    workflow.withdraw(objection_id=other.pk, seen=other.revision, by=world.heads[2], now=o.TAKEN)
    assert notices(world.organiser_acting) == [
        f"{world.units[2].short_name} đã rút kiến nghị số 2."
    ]


def test_a_draft_that_is_gone_leads_nobody_to_it_any_more(world, line):
    row = o.draft(world, line)
    workflow.hand_over(objection_id=row.pk, by=world.officers[2], now=o.TAKEN)
    told = Notice.objects.filter(event__action="scoring.objection_handed_over", withdrawn_at=None)
    assert told.count() == 1
    told.update(read_at=o.TAKEN)
    workflow.discard(objection_id=row.pk, seen=row.revision, by=world.heads[2], now=o.TAKEN)
    assert not told.exists()


def test_what_was_written_is_not_in_the_history_of_others(world, line):
    row = o.draft(world, line)
    workflow.hand_over(objection_id=row.pk, by=world.officers[2], now=o.TAKEN)
    o.accept(world, o.send(world, Objection.objects.get(pk=row.pk)))
    dropped = o.draft(world, None)
    workflow.discard(
        objection_id=dropped.pk, seen=dropped.revision, by=world.officers[2], now=o.TAKEN
    )
    events = AuditEvent.objects.filter(action__startswith="scoring.objection_")

    def read(person) -> set[str]:
        found = uncovered(events, person, world.year).values_list("action", flat=True)
        return {action.removeprefix("scoring.objection_") for action in found}

    decided = {"sent", "accepted"}
    assert read(world.heads[2]) == decided | {"drafted", "handed_over", "discarded"}
    assert read(world.organiser_acting) == decided
    assert read(world.heads[0]) == decided, "the lead appraised the sheet"
    assert read(world.heads[1]) == set()


def test_files_of_what_was_sent_are_not_taken_back(world, line):
    from config.tests.guarded_year import evidence  # noqa: PLC0415 - one row for the store

    file = evidence(world.year, world.units[2], "e")
    row = o.draft(world, line, evidence=(file.pk,))
    (use,) = uses_of([file.pk])[file.pk]
    assert (use.what, use.is_submitted) == (
        f"kiến nghị đang soạn về {line.criterion.code}", False
    )  # fmt: skip
    o.send(world, row)
    with pytest.raises(Refused, match="kiến nghị số 1 về"):
        store.withdraw(evidence_id=file.pk, by=world.officers[2], now=o.TAKEN + timedelta(hours=1))


def test_a_foreign_file_proves_nothing(world, line):
    from config.tests.guarded_year import evidence  # noqa: PLC0415 - one row for the store

    foreign = evidence(world.year, world.units[1], "f")
    with pytest.raises(Invalid, match="kho của đơn vị"):
        o.draft(world, line, evidence=(foreign.pk,))


def test_a_discarded_draft_is_gone_for_whoever_still_reads_it(world, line):
    row = o.draft(world, line)
    workflow.discard(objection_id=row.pk, seen=row.revision, by=world.officers[2], now=o.TAKEN)
    with pytest.raises(Refused, match="đã được bỏ"):
        o.send(world, row)
