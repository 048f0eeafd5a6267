"""Progress tells the right people once, takes back what is settled, and fills their inboxes."""

from datetime import timedelta

import pytest

from accounts.models import User
from core.models import Notice
from pledges.queries.progress_work import work_waiting
from pledges.tests import progress as walk
from pledges.tests.progress import noon, period, running_world
from pledges.workflow import progress as workflow

pytestmark = pytest.mark.django_db
UNIT = 2


@pytest.fixture
def world():
    return running_world()


def told(text: str) -> set[int]:
    rows = Notice.objects.filter(text__contains=text, withdrawn_at=None)
    return set(rows.values_list("recipient_id", flat=True))


def ids(*people) -> set[int]:
    return {person.user_id for person in people}


def titles(world, person, *, days: int = 1, mine: bool = True) -> list[str]:
    now = noon(period(world).ends_on + timedelta(days=days))
    return [w.title for w in work_waiting(person, now) if bool(w.waits_for) is not mine]


def test_the_head_is_asked_when_the_officer_hands_over_and_no_longer_after_submitting(world):
    report = walk.enter(world, UNIT, {0: "80"})
    now = noon(period(world).ends_on + timedelta(days=1))
    workflow.hand_over(report_id=report.pk, by=world.officers[UNIT], now=now)
    assert told("để lãnh đạo kiểm tra và nộp") == ids(world.heads[UNIT])
    assert titles(world, world.heads[UNIT]) == ["Kiểm tra và nộp tiến độ Quý I"]
    assert titles(world, world.officers[UNIT], mine=False) == ["Nộp tiến độ Quý I"]
    walk.submit(world, UNIT, report)
    assert told("để lãnh đạo kiểm tra và nộp") == set()


def test_who_judges_is_told_of_a_late_report_and_the_unit_of_the_decision(world):
    report = walk.enter(world, UNIT, {0: "80"})
    late = noon(period(world).due_on + timedelta(days=3))
    walk.submit(world, UNIT, report, late)
    lead = ids(world.officers[0], world.heads[0])
    assert told("muộn 3 ngày") == lead
    walk.give_back(world, UNIT, report, {0: "Nghi sai dấu"})
    assert told("muộn 3 ngày") == set()
    assert told("trả lại 1 ô") == ids(world.officers[UNIT], world.heads[UNIT])
    assert titles(world, world.officers[UNIT]) == ["Sửa tiến độ Quý I bị trả lại"]


def test_the_leads_own_report_waits_for_the_deputy_and_nobody_else(world):
    walk.submit(world, 0, walk.enter(world, 0, {0: "80"}))
    name = world.units[0].short_name
    assert titles(world, world.officers[1])[-1] == f"Xem xét tiến độ Quý I của {name}"
    assert told("Đơn vị bạn xem xét") == ids(world.officers[1], world.heads[1])
    for person in (world.officers[0], world.officers[2], world.organiser_acting):
        assert f"Xem xét tiến độ Quý I của {name}" not in titles(world, person)
    waiting = titles(world, world.officers[0], mine=False)
    assert waiting == ["Xem xét tiến độ Quý I"]


def test_figures_are_asked_for_when_the_period_ends_and_of_the_officer(world):
    assert titles(world, world.officers[UNIT], days=-1) == []
    assert titles(world, world.officers[UNIT], days=0) == ["Nhập tiến độ Quý I"]
    assert titles(world, world.heads[UNIT], days=0) == []
    assert titles(world, world.administrator, days=0) == []


def test_what_somebody_did_is_not_told_to_themselves(world):
    walk.accepted(world, UNIT, {0: "80"})
    assert User.objects.get(pk=world.officers[0].user_id).pk not in told("đã chấp nhận")
    assert told("đã chấp nhận") == ids(world.officers[UNIT], world.heads[UNIT])
