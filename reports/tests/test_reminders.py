"""Reminders: once for each person and due day, to who can act, taken back when the unit acted."""

from datetime import UTC, datetime

import pytest

from clusters import operations as clusters
from core.history import sentences_of, uncovered
from core.models import AuditEvent, Notice
from pledges.models import PledgeStatus, ReviewKind
from pledges.tests import factories, progress
from pledges.tests import year as walk
from pledges.tests.factories import make_pledge_at
from reports import tasks
from reports.operations import remind
from scoring.tests import objections
from scoring.workflow import objection as workflow

pytestmark = pytest.mark.django_db


def at(month: int, day: int) -> datetime:
    """Return ten o'clock on a day of the year of the tests."""
    return datetime(2026, month, day, 3, tzinfo=UTC)


def reminders(acting) -> list[str]:
    """Return the reminders that stand for somebody."""
    standing = Notice.objects.filter(
        recipient=acting.user_id, event__action="reports.reminded", withdrawn_at=None
    )
    return list(standing.order_by("pk").values_list("text", flat=True))


def test_units_are_reminded_three_days_before_and_only_once():
    world = progress.running_world()
    assert remind(at(3, 15)) == 0
    assert remind(at(3, 16)) == 1
    assert remind(at(3, 16)) == remind(at(3, 17)) == 0
    said = "Đơn vị bạn chưa nộp phiếu tiến độ Quý I, hạn cuối ngày 19/03/2026."
    for acting in (world.officers[1], world.heads[2]):
        assert reminders(acting) == [said]
    assert reminders(world.organiser_acting) == []


def test_who_has_handed_in_is_not_reminded_and_who_does_is_left_in_peace():
    world = progress.running_world()
    progress.submit(world, 1, progress.enter(world, 1, {0: "20"}))
    remind(at(3, 17))
    assert reminders(world.officers[1]) == []
    assert reminders(world.officers[2])
    progress.submit(world, 2, progress.enter(world, 2, {0: "20"}), at(3, 18))
    assert reminders(world.officers[2]) == reminders(world.heads[2]) == []
    assert reminders(world.officers[0])


def test_more_time_moves_the_reminder():
    world = progress.running_world()
    clusters.extend_period(
        period_id=progress.period(world).pk, unit_id=world.units[1].pk,
        until=at(3, 31).date(), reason="Bão lụt", by=world.organiser_acting, now=at(3, 10),
    )  # fmt: skip
    remind(at(3, 17))
    assert reminders(world.officers[1]) == []
    remind(at(3, 29))
    assert reminders(world.officers[1])[0].endswith("hạn cuối ngày 31/03/2026.")
    assert len(reminders(world.officers[2])) == 1


def test_only_a_head_is_reminded_to_sign():
    world, pledge = make_pledge_at(PledgeStatus.SIGNING)
    remind(at(3, 8))
    assert reminders(world.heads[0]) == ["Đơn vị bạn chưa ký giao ước, hạn cuối ngày 10/03/2026."]
    assert reminders(world.officers[0]) == []
    factories.sign(world, pledge, 0)
    assert reminders(world.heads[0]) == []


def test_opinions_reviews_and_sheets_are_reminded_of_and_settled():
    world, pledge = make_pledge_at(PledgeStatus.CIRCULATED)
    remind(at(3, 1))
    assert "chưa cho ý kiến về dự thảo" in reminders(world.heads[1])[0]
    factories.consent(world, pledge, 1)
    assert reminders(world.heads[1]) == []


def test_reports_of_the_half_year_are_reminded_of():
    world = walk.midyear_world()
    remind(at(6, 20))
    assert "chưa nộp báo cáo sơ kết" in reminders(world.officers[2])[0]
    walk.submit_review(world, 2, ReviewKind.MIDYEAR, walk.REPORTS)
    assert reminders(world.officers[2]) == []


def test_score_sheets_are_reminded_of():
    world = walk.yearend_world()
    remind(at(12, 16))
    assert any("phiếu tự chấm điểm" in text for text in reminders(world.heads[2]))
    walk.walk_sheet(world, 2, "SUBMITTED")
    assert not any("phiếu tự chấm điểm" in text for text in reminders(world.heads[2]))


def test_the_history_tells_who_was_reminded_of_what():
    world = progress.running_world()
    remind(at(3, 16))
    (line,) = sentences_of(AuditEvent.objects.filter(action="reports.reminded"))
    assert line.who == "Hệ thống, theo lịch năm"
    assert f"đã nhắc {world.units[0].short_name}" in line.text
    assert "chưa nộp phiếu tiến độ Quý I, hạn 19/03/2026" in line.text


def test_one_units_report_takes_no_notice_from_another(monkeypatch):
    world = progress.running_world()
    for index in (1, 2):
        report = progress.submit(world, index, progress.enter(world, index, {0: "20"}))
        if index == 1:
            progress.give_back(world, index, report, {0: "Thiếu một vụ"})
    mine = Notice.objects.filter(recipient=world.officers[1].user_id, withdrawn_at=None)
    assert any("trả lại" in notice.text for notice in mine)


def test_the_task_reads_the_clock(monkeypatch):
    progress.running_world()
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(3, 16))
    assert tasks.remind() == 1


def test_who_wrote_an_objection_and_did_not_send_it_is_reminded_before_the_last_day():
    world = objections.provisional_world()
    row = objections.draft(world, None)
    assert remind(at(12, 24)) == 0, "four days before"
    assert remind(at(12, 26)) == 1
    assert remind(at(12, 27)) == 0
    said = "Đơn vị bạn còn kiến nghị chưa gửi, hạn cuối ngày 28/12/2026."
    assert reminders(world.heads[2]) == reminders(world.officers[2]) == [said]
    assert reminders(world.heads[1]) == []
    objections.send(world, row)
    assert reminders(world.heads[2]) == []


def test_who_drafts_later_is_reminded_too_and_nobody_learns_of_another_units_draft():
    world = objections.provisional_world()
    first = objections.draft(world, None)
    assert remind(at(12, 26)) == 1
    second = objections.draft(world, None, 1)
    other = objections.draft(world, objections.direct_line(world, 1), 1)
    assert remind(at(12, 27)) == 1, "the other unit, and only that one"
    assert len(reminders(world.heads[2])) == len(reminders(world.heads[1])) == 1
    events = AuditEvent.objects.filter(action="reports.reminded")

    def named(person) -> list[str]:
        own = uncovered(events, person, world.year).filter(after__step="PUBLISH")
        return [name for names in own.values_list("after__members", flat=True) for name in names]

    for index in (1, 2):
        assert named(world.heads[index]) == [world.units[index].short_name]
    for person in (world.organiser_acting, world.organiser_head, world.lead_officer):
        assert named(person) == []
    for row, left in ((second, 1), (other, 0)):
        workflow.discard(objection_id=row.pk, seen=row.revision, by=world.heads[1], now=at(12, 27))
        assert len(reminders(world.heads[1])) == left
    assert len(reminders(world.heads[2])) == 1
    objections.send(world, first)
