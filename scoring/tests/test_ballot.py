"""Votes from preparing to the count: who may, what is written, what is never written."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from clusters.models import Unit
from core import audit
from core.audit import first_fault
from core.guards import suspended
from core.inbox import work_of
from core.models import AuditEvent, Notice
from core.policy import Conflict, Invalid, Refused
from pledges.tests import year as walk
from scoring.models import (
    Ballot,
    BallotStatus,
    BallotSubject,
    Candidate,
    Evidence,
    OpenVote,
    RunResult,
    Voter,
)
from scoring.queries.ballot import (
    contenders_of,
    elected_roles,
    page_of,
    published_of,
    shared_ranks,
)
from scoring.queries.evidence import uses_of
from scoring.tests import voting as v
from scoring.workflow import ballot as workflow
from scoring.workflow import run as runs
from scoring.workflow import sheet as sheets

pytestmark = pytest.mark.django_db
S = BallotSubject


@pytest.fixture(scope="module")
def world(kept):
    return v.provisional_world()


def again(world, row: Ballot) -> dict[str, Any]:
    """The common arguments of every verb."""
    return {"ballot_id": row.pk, "by": world.lead_officer, "now": walk.PROVISIONAL}


def veto(world, index: int) -> None:
    sheets.raise_veto(
        cluster_year_id=world.year.pk, unit_id=world.units[index].pk, reason="Đang xem xét",
        by=world.organiser_acting, now=walk.PROVISIONAL,
    )  # fmt: skip
    walk.publish_provisional(world, walk.make_run(world))


# Preparing -----------------------------------------------------------------------------------
def test_a_vote_lists_who_may_stand_and_says_of_the_others_why_not(world):
    veto(world, 2)
    on_list = frozenset(unit.pk for unit in world.units[:2])
    row = v.prepare(world, unit_ids=on_list)
    assert row.title == "Bầu Khối trưởng năm 2027"
    assert [c.unit_id for c in v.candidates(row)] == [u.pk for u in world.units[:2]]
    assert row.excluded == [
        {"unit_name": world.units[2].name,
         "reason": "Không được xét thi đua năm nay nên không giữ vai trưởng, phó năm sau."}
    ]  # fmt: skip
    with pytest.raises(Invalid, match="không đủ điều kiện"):
        v.prepare(world)
    everybody = v.prepare(world, excludes_unconsidered=False)
    assert len(v.candidates(everybody)) == 3


def test_a_unit_that_ended_neither_stands_nor_votes(world):
    Unit.objects.filter(pk=world.units[2].pk).update(closed_on=walk.PROVISIONAL.date())
    row = v.opened(world, unit_ids=frozenset(unit.pk for unit in world.units[:2]))
    assert "kết thúc hoạt động từ ngày 24/12/2026" in row.excluded[0]["reason"]
    assert Voter.objects.filter(ballot=row).count() == 2


def test_who_is_left_out_though_eligible_is_named(world):
    row = v.prepare(world, unit_ids=frozenset([world.units[0].pk]))
    assert [one["reason"] for one in row.excluded] == [
        f"Đủ điều kiện, {world.units[0].short_name} không đưa vào danh sách."
    ] * 2


def test_a_vote_on_a_title_keeps_to_its_quota_and_its_leader(world):
    flag = v.quota(world, leaders_only=True)
    first = frozenset(unit.pk for unit in world.units[:2])
    row = v.prepare(world, subject=S.TITLE, quota_id=flag.pk, unit_ids=first)
    assert row.title == f"Suy tôn {v.FLAG}"
    assert [one["reason"] for one in row.excluded] == ["Danh hiệu này chỉ dành cho đơn vị dẫn đầu."]
    everybody = v.quota(world, "Bằng khen")
    with pytest.raises(Invalid, match="còn 1 đơn vị"):
        v.prepare(world, subject=S.TITLE, quota_id=everybody.pk, seats=2)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"seats": 0}, "Chọn từ 1"), ({"seats": 4}, "Chọn từ 1"),
        ({"seats": 2}, "một đơn vị trưởng"), ({"quorum": (3, 2)}, "không lớn hơn 1"),
        ({"quorum": (0, 2)}, "không lớn hơn 1"), ({"threshold": (0, 1)}, "không lớn hơn 1"),
        ({"threshold": (1, 1)}, "quá tất cả"), ({"unit_ids": frozenset()}, "ít nhất 1 đơn vị"),
        ({"unit_ids": frozenset([999_999])}, "không đủ điều kiện"),
        ({"subject": S.TITLE, "quota_id": 999_999}, "Chọn một danh hiệu"),
        ({"subject": S.TIE, "rank": 1}, "không đủ điều kiện"),
    ],
)  # fmt: skip
def test_rules_that_cannot_be_are_refused(world, more, said):
    with pytest.raises(Invalid, match=said):
        v.prepare(world, **more)
    assert not Ballot.objects.exists()


def test_opening_needs_the_list_that_was_read_and_the_newest_result(world):
    row = v.prepare(world)
    workflow.change(
        seen=row.revision, plan=v.plan_of(world, seats=1, title="Bầu"), **again(world, row)
    )
    with pytest.raises(Conflict):
        workflow.open_ballot(seen=row.revision, **again(world, row))
    walk.publish_provisional(world, walk.make_run(world))
    now = Ballot.objects.get(pk=row.pk)
    with pytest.raises(Refused, match="phiên chấm mới hơn"):
        workflow.open_ballot(seen=now.revision, **again(world, row))


# Who may -------------------------------------------------------------------------------------
PEOPLE = ("lead officer", "lead head", "officer", "head", "organiser", "witness")
#: State → act → who may do it; everybody else, and every other state, is refused.
MANAGES = {"lead officer", "lead head", "organiser"}
HEADS = {"lead head", "head"}
MAY: dict[str, dict[str, set[str]]] = {
    "PREPARING": {"change": MANAGES, "open": MANAGES, "cancel": MANAGES},
    "OPEN": {"cast": HEADS, "presence": MANAGES, "count": MANAGES, "cancel": MANAGES},
    "COUNTED": {},
    "CANCELLED": {},
}
ACTS = ("change", "open", "cast", "presence", "count", "cancel")


def person(world, name: str):
    return {
        "lead officer": world.officers[0], "lead head": world.heads[0],
        "officer": world.officers[1], "head": world.heads[1],
        "organiser": world.organiser_acting, "witness": world.organiser_head,
    }[name]  # fmt: skip


def act(world, row: Ballot, name: str, who: str) -> None:
    common: dict[str, Any] = {
        "ballot_id": row.pk, "by": person(world, who), "now": walk.PROVISIONAL,
    }  # fmt: skip
    seen: dict[str, Any] = {"seen": row.revision}
    verbs = {
        "change": lambda: workflow.change(plan=v.plan_of(world), **seen, **common),
        "open": lambda: workflow.open_ballot(**seen, **common),
        "cast": lambda: workflow.cast(candidate_ids=frozenset(), **common),
        "presence": lambda: workflow.mark_presence(present=frozenset(), **common),
        "count": lambda: workflow.count(**common),
        "cancel": lambda: workflow.cancel(reason="Hoãn hội nghị", **seen, **common),
    }
    verbs[name]()


def in_state(world, state: str) -> Ballot:
    row = v.prepare(world) if state == "PREPARING" else v.opened(world)
    if state == "COUNTED":
        row = v.count(world, row)
    elif state == "CANCELLED":
        workflow.cancel(seen=row.revision, reason="Hoãn hội nghị", **again(world, row))
    return Ballot.objects.get(pk=row.pk)


@pytest.mark.parametrize("state", list(BallotStatus.values))
def test_every_act_in_every_state_by_everybody(world, state):
    row = in_state(world, state)
    for name in ACTS:
        for who in PEOPLE:
            before = AuditEvent.objects.count()
            try:
                with transaction.atomic():
                    act(world, row, name, who)
                    assert AuditEvent.objects.count() == before + 1, (name, who)
                    transaction.set_rollback(True)
                done = True
            except Refused:
                done = False
            assert done == (who in MAY[state].get(name, set())), (state, name, who)


# Casting and counting ------------------------------------------------------------------------
def test_a_secret_vote_is_counted_and_nothing_says_who_chose_whom(world):
    row = v.opened(world)
    v.cast(world, row, 0, 1)
    v.cast(world, row, 1, 1)
    v.cast(world, row, 2)
    page = page_of(Ballot.objects.get(pk=row.pk), 3)
    assert [seat.votes for seat in page.seats] == [None] * 3, "shown to nobody before the count"
    row = v.count(world, row)
    assert (row.cast, row.blank, row.is_quorate) == (3, 1, True)
    assert [c.votes for c in v.candidates(row)] == [0, 2, 0]
    assert [c.is_chosen for c in v.candidates(row)] == [False, True, False]
    assert not OpenVote.objects.exists()
    page = page_of(row, 3)
    assert page.result.sentence == f"Trúng: {world.units[1].name}."
    assert elected_roles(world.year) == {world.units[1].pk: "LEAD"}
    assert first_fault() is None


def test_a_unit_votes_once_marks_no_more_than_seats_and_only_the_list(world):
    row = v.opened(world)
    with pytest.raises(Refused, match="không quá 1 đơn vị"):
        v.cast(world, row, 1, 0, 1)
    with pytest.raises(Refused, match="không trong danh sách"):
        workflow.cast(
            ballot_id=row.pk, candidate_ids=frozenset([999_999]), by=world.heads[1],
            now=walk.PROVISIONAL,
        )  # fmt: skip
    v.cast(world, row, 1, 0)
    with pytest.raises(Refused, match="đã bỏ phiếu"):
        v.cast(world, row, 1, 1)
    assert sum(c.votes for c in v.candidates(row)) == 1


def test_an_open_vote_says_after_the_count_who_chose_whom(world):
    row = v.opened(world, is_secret=False)
    v.cast(world, row, 0, 0)
    v.cast(world, row, 1, 1)
    page = page_of(Ballot.objects.get(pk=row.pk), 3, world.units[1].pk)
    assert [seat.by for seat in page.seats] == [(), (), ()]
    assert page.own_marks == (world.units[1].name,)
    page = page_of(v.count(world, row), 3)
    assert [seat.by for seat in page.seats] == [
        (world.units[0].name,), (world.units[1].name,), (),
    ]  # fmt: skip


def test_without_quorum_it_is_counted_and_nobody_is_chosen(world):
    row = v.opened(world)
    v.cast(world, row, 0, 0)
    row = v.count(world, row)
    assert (row.is_quorate, any(c.is_chosen for c in v.candidates(row))) == (False, False)
    assert "Không đủ số đơn vị có mặt (1/3, cần ít nhất 2)" in page_of(row, 3).result.sentence


def test_presence_counts_for_the_quorum_and_who_voted_stays_present(world):
    row = v.opened(world)
    v.cast(world, row, 0, 0)
    voters = list(Voter.objects.filter(ballot=row).order_by("pk"))
    workflow.mark_presence(present=frozenset([voters[1].pk]), **again(world, row))
    there = Voter.objects.filter(ballot=row, is_present=True)
    assert set(there) == set(voters[:2])
    row = v.count(world, row)
    assert (row.is_quorate, row.cast) == (True, 1)


def test_equal_votes_at_the_last_seat_choose_nobody_and_are_voted_on_again(world):
    row = v.opened(world, threshold=(1, 3), is_strict=False)
    for index in range(3):
        v.cast(world, row, index, index)
    row = v.count(world, row)
    page = page_of(row, 3)
    assert not any(seat.is_chosen for seat in page.seats)
    assert all(seat.is_equal for seat in page.seats)
    assert "Bằng phiếu ở chỗ cuối" in page.result.sentence


def test_a_cancelled_vote_needs_a_reason_and_shows_no_votes(world):
    row = v.opened(world)
    v.cast(world, row, 0, 0)
    with pytest.raises(Invalid, match="lý do"):
        workflow.cancel(seen=row.revision, reason="", **again(world, row))
    workflow.cancel(seen=row.revision, reason="Hoãn hội nghị", **again(world, row))
    row = Ballot.objects.get(pk=row.pk)
    assert [seat.votes for seat in page_of(row, 3).seats] == [None] * 3


# On paper ------------------------------------------------------------------------------------
def test_the_count_of_a_vote_on_paper_is_taken_over_with_its_minutes(world):
    row = v.opened(world, on_paper=True)
    with pytest.raises(Refused, match="bỏ phiếu giấy"):
        v.cast(world, row, 1, 0)
    with pytest.raises(Refused, match="nhập kết quả"):
        v.count(world, row)
    row = v.count_paper(world, row, (0, 2, 0), blank=1)
    assert (row.cast, row.blank, row.tellers) == (3, 1, "Nguyễn Văn A, Trần Thị B")
    assert [c.is_chosen for c in v.candidates(row)] == [False, True, False]
    assert row.minutes.name == v.SCAN.name
    assert row.minutes is not None
    used = uses_of([row.minutes.pk])[row.minutes.pk]
    assert [(use.what, use.is_submitted) for use in used] == [
        ("biên bản kiểm phiếu của cuộc bỏ phiếu số 1", True)
    ]
    event = AuditEvent.objects.get(action="scoring.ballot_counted")
    assert event.after["sha256"] == row.minutes.sha256


@pytest.mark.parametrize(
    ("votes", "more", "field"),
    [
        ((2, 2, 0), {}, "cast"), ((1, 0, 0), {}, "cast"), ((0, 0, 4), {}, "votes"),
        ((0, 3, 0), {"blank": 1}, "votes"), ((3, 0, 0), {"cast": 4}, "cast"),
        ((0, 0, 0), {"blank": 4}, "blank"), ((3, 0, 0), {"present": frozenset()}, "cast"),
    ],
)  # fmt: skip
def test_sums_on_paper_that_cannot_be_right_are_refused(world, votes, more, field):
    row = v.opened(world, on_paper=True)
    with pytest.raises(Invalid) as refusal:
        v.count_paper(world, row, votes, **more)
    assert refusal.value.field.startswith(field)
    assert Ballot.objects.get(pk=row.pk).status == "OPEN"
    assert not Evidence.objects.filter(name=v.SCAN.name).exists()


def test_the_same_scan_twice_is_one_file(world):
    for _ in range(2):
        v.count_paper(world, v.opened(world, on_paper=True), (3, 0, 0))
    assert Evidence.objects.filter(name=v.SCAN.name).count() == 1


# Secrecy: what the database holds -------------------------------------------------------------
def dump() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in the order of its keys.

    A key stands as its place in that order: PostgreSQL never gives a number twice, also where what
    took it is rolled back between two looks.
    """
    models = [m for m in apps.get_models(include_auto_created=True) if m._meta.managed]
    places = {model: _places(model) for model in models}
    return {model._meta.label: _rows(model, places) for model in models}


def _places(model) -> dict[Any, int | None]:
    keys = model._default_manager.order_by("pk").values_list("pk", flat=True)
    return {None: None} | {pk: place for place, pk in enumerate(keys)}


def _rows(model, places) -> list[tuple[Any, ...]]:
    fields = model._meta.concrete_fields
    keyed = [
        places[field.related_model] if field.is_relation else places[model] if field.primary_key
        else {}
        for field in fields
    ]  # fmt: skip
    rows = model._default_manager.order_by("pk").values_list(*[f.attname for f in fields])
    return [
        tuple(known[v] if known else repr(v) for known, v in zip(keyed, row, strict=True))
        for row in rows
    ]


def votes_cast(world, row: Ballot, choices: dict[int, tuple[int, ...]], order) -> dict[str, Any]:
    """Cast and look at every table afterwards; then as if nothing had happened."""
    point = transaction.savepoint()
    for index in order:
        v.cast(world, row, index, *choices[index])
    seen = dump()
    transaction.savepoint_rollback(point)
    return seen


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_no_table_tells_who_voted_for_whom(world, order):
    """Swap the choices of any two units, and the whole database is the same, bit for bit."""
    row = v.opened(world)
    first = votes_cast(world, row, {0: (0,), 1: (1,), 2: ()}, order)
    for swapped in (
        {0: (1,), 1: (0,), 2: ()},
        {0: (), 1: (1,), 2: (0,)},
        {0: (0,), 1: (), 2: (1,)},
    ):
        assert votes_cast(world, row, swapped, order) == first


def test_the_order_of_the_votes_leaves_no_trace_beside_the_events(world):
    """Only the audit trail and its notices tell in which order units took part, never how."""
    row = v.opened(world)
    choices: dict[int, tuple[int, ...]] = {0: (0,), 1: (1,), 2: (1,)}
    one, two = (votes_cast(world, row, choices, order) for order in ((0, 1, 2), (1, 2, 0)))
    differing = {label for label in one if one[label] != two[label]}
    assert differing <= {"core.AuditEvent", "core.ChainHead", "core.Notice"}


@pytest.mark.parametrize("index", [0, 1, 2])
def test_one_vote_changes_the_sums_the_mark_of_the_voter_and_the_trail_only(world, index):
    row = v.opened(world)
    before = dump()
    point = transaction.savepoint()
    v.cast(world, row, index, 1)
    after, voter = dump(), Voter.objects.get(ballot=row, unit=world.units[index])
    transaction.savepoint_rollback(point)
    changed = {label for label in after if after[label] != before[label]}
    assert changed <= {
        "scoring.Candidate", "scoring.Voter", "core.AuditEvent", "core.ChainHead", "core.Notice",
    }  # fmt: skip
    assert (voter.has_voted, voter.is_present) == (True, True)


def test_the_test_would_notice_a_row_that_tells(world):
    """The negative control: an open vote does say who chose whom."""
    row = v.opened(world, is_secret=False)
    first = votes_cast(world, row, {0: (0,), 1: (1,), 2: ()}, (0, 1, 2))
    assert votes_cast(world, row, {0: (1,), 1: (0,), 2: ()}, (0, 1, 2)) != first


def test_every_counter_is_written_by_every_vote_so_that_none_shows_who_touched_it(world):
    row = v.opened(world)
    with CaptureQueriesContext(connection) as queries:
        v.cast(world, row, 1, 0)
    writes = [q["sql"] for q in queries if q["sql"].startswith("UPDATE")]
    candidates = [sql for sql in writes if "scoring_candidate" in sql]
    assert len(candidates) == 1
    where = candidates[0].rpartition(" WHERE ")[2]
    assert where == f'"scoring_candidate"."ballot_id" = {row.pk}', "all candidates, always"
    assert sum('"blank" = (' in sql for sql in writes) == 1, "blank votes too"


def test_the_event_of_a_vote_names_the_unit_and_nothing_else(world):
    row = v.opened(world)
    v.cast(world, row, 1, 2)
    event = AuditEvent.objects.get(action="scoring.ballot_cast")
    assert (event.before, event.after, event.reason) == ({}, {"unit": world.units[1].name}, "")
    assert event.object_id == str(row.pk)


# Notices -------------------------------------------------------------------------------------
def test_heads_are_asked_and_no_longer_once_they_voted_then_all_are_told(world):
    row = v.opened(world)
    asked = Notice.objects.filter(text__startswith="Mời đơn vị bạn bỏ phiếu")
    assert set(asked.values_list("recipient", flat=True)) == {h.user_id for h in world.heads}
    v.cast(world, row, 1, 0)
    gone = asked.filter(withdrawn_at__isnull=False).values_list("recipient", flat=True)
    assert set(gone) == {world.heads[1].user_id}
    v.count(world, row)
    told = Notice.objects.filter(text__startswith="Đã kiểm phiếu")
    assert told.filter(recipient=world.officers[2].user_id).count() == 1


# Ties ----------------------------------------------------------------------------------------
def leaders(world) -> set[int]:
    contenders = contenders_of(published_of(world.year).run, world.year)
    return {one.unit_id for one in contenders if one.is_leader}


def test_a_vote_on_a_shared_first_rank_says_who_leads_and_leaves_the_rank(world):
    contenders = contenders_of(published_of(world.year).run, world.year)
    first = frozenset(unit.pk for unit in world.units[:2])
    assert {
        rank: {one.unit_id for one in units} for rank, units in shared_ranks(contenders).items()
    } == {1: first}
    assert leaders(world) == first, "both lead until a vote says otherwise"
    row = v.opened(world, subject=S.TIE, rank=1, unit_ids=first)
    for index in (1, 2):
        v.cast(world, row, index, 1)
    v.count(world, row)
    assert leaders(world) == {v.candidates(row)[1].unit_id}
    ranks = {one.rank for one in contenders_of(published_of(world.year).run, world.year)[:2]}
    assert ranks == {1}, "the published rank stays shared"


def test_counters_only_rise_and_a_counted_vote_stays(world):

    row = v.opened(world)
    v.cast(world, row, 1, 0)
    with pytest.raises(DatabaseError, match="số phiếu chỉ tăng"), transaction.atomic():
        Candidate.objects.filter(ballot=row).update(votes=0)
    v.count(world, row)
    with pytest.raises(DatabaseError, match="kết quả kiểm phiếu"), transaction.atomic():
        Candidate.objects.filter(ballot=row).update(is_chosen=True)


def test_time_alone_opens_nothing(world):
    """Control of the clock: a vote belongs to its state, not to an hour."""
    row = v.opened(world)
    later = walk.PROVISIONAL + timedelta(days=300)
    workflow.cast(ballot_id=row.pk, candidate_ids=frozenset(), by=world.heads[1], now=later)
    assert audit.first_fault() is None


@pytest.mark.parametrize("on_paper", [False, True])
def test_a_vote_on_a_result_that_was_replaced_can_only_be_called_off(world, on_paper):
    row = v.opened(world, on_paper=on_paper)
    if not on_paper:
        v.cast(world, row, 0, 0)
    walk.publish_provisional(world, walk.make_run(world))
    way = (lambda: v.count_paper(world, row, (3, 0, 0))) if on_paper else None
    for refused in (lambda: v.cast(world, row, 1, 0), way or (lambda: v.count(world, row))):
        with pytest.raises(Refused, match="thay bằng kết quả công bố sau"):
            refused()
    works = {w.title for w in work_of(world.heads[1], walk.PROVISIONAL)}
    assert f"Bỏ phiếu: {row.title}" not in works
    works = {w.title for w in work_of(world.lead_officer, walk.PROVISIONAL)}
    assert f"Hủy bỏ phiếu: {row.title}" in works
    workflow.cancel(seen=row.revision, reason="Kết quả mới", **again(world, row))
    assert Ballot.objects.get(pk=row.pk).status == "CANCELLED"


def test_a_vote_goes_on_when_the_same_run_becomes_official_and_ends_with_its_revocation(world):
    row = v.opened(world)
    v.final(world)
    v.cast(world, row, 0, 0)
    runs.revoke(
        cluster_year_id=world.year.pk, reason="Quyết định 05", by=world.organiser_acting,
        now=walk.FINAL,
    )  # fmt: skip
    for refused in (lambda: v.cast(world, row, 1, 0), lambda: v.count(world, row)):
        with pytest.raises(Refused, match="này đã bị thu hồi"):
            refused()


def test_a_vote_on_an_older_tie_says_nothing_of_a_unit_that_was_not_in_it(world):
    """Units 1 and 2 tie and are voted on; then all three tie: nobody voted on the third."""
    first = frozenset(unit.pk for unit in world.units[:2])
    row = v.opened(world, subject=S.TIE, rank=1, unit_ids=first)
    for index in (1, 2):
        v.cast(world, row, index, 1)
    v.count(world, row)
    run = published_of(world.year).run
    with suspended(connection):
        RunResult.objects.filter(run=run).update(rank=1)
    everybody = {unit.pk for unit in world.units}
    assert leaders(world) == everybody
    row = v.opened(world, subject=S.TIE, rank=1, unit_ids=frozenset(everybody))
    for index, place in ((0, 0), (1, 1)):
        v.cast(world, row, index, place)
    v.count(world, row)
    assert leaders(world) == everybody, "equal votes choose none"
    row = v.opened(world, subject=S.TIE, rank=1, unit_ids=first)
    for index in (0, 1):
        v.cast(world, row, index, 1)
    v.count(world, row)
    assert leaders(world) == {v.candidates(row)[1].unit_id}, "a vote repeated among the equal"
