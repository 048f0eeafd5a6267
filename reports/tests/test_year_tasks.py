"""The nine tasks and the turn line after the signing: what they say follows the work itself."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from clusters.tests.factories import make_world
from pledges.models import PledgeStatus, ReviewKind
from pledges.tests import progress
from pledges.tests import year as walk
from pledges.tests.factories import make_pledge_at
from reports.tests.pages import client_of, stop_clock, text_of

pytestmark = pytest.mark.django_db


def at(month: int, day: int) -> datetime:
    """Return ten o'clock on a day of the year of the tests."""
    return datetime(2026, month, day, 3, tzinfo=UTC)


def page(monkeypatch, acting, world, when):
    """Open the year as somebody on a day."""
    stop_clock(monkeypatch, when)
    answer = client_of(acting).get(reverse("reports:year", args=[world.year.pk]))
    assert answer.status_code == 200
    return answer


def current(answer) -> str:
    """Return the words of the row of the day."""
    html = answer.content.decode()
    row = html.split('aria-current="step"')[1].split("</li>")[0]
    return " ".join(row.split())


@pytest.mark.parametrize(
    ("day", "title", "summary"),
    [
        ((3, 5), "Thực hiện sáu tháng đầu năm", "3 việc xong, 0 việc đang làm, 6 việc chưa"),
        ((3, 12), "Thực hiện sáu tháng đầu năm", "3 việc xong, 1 việc đang làm, 5 việc chưa"),
        # Nobody reported and nobody froze the figures: both tasks are late, not over.
        ((8, 1), "Thực hiện sáu tháng đầu năm", "3 việc xong, 3 việc đang làm, 3 việc chưa"),
    ],
)
def test_a_day_that_has_passed_does_not_make_a_task_done(monkeypatch, day, title, summary):
    world, _ = make_pledge_at(PledgeStatus.SIGNED)
    answer = page(monkeypatch, world.heads[0], world, at(*day))
    assert title in current(answer)
    assert summary in text_of(answer)


def test_progress_counts_reports_and_names_who_is_late(monkeypatch):
    world = progress.running_world()
    progress.submit(world, 1, progress.enter(world, 1, {0: "20"}))
    answer = page(monkeypatch, world.heads[2], world, at(3, 19))
    assert "Quý I: 1/3 phiếu đã nộp" in text_of(answer)
    assert "Đang làm" in current(answer)
    answer = page(monkeypatch, world.heads[2], world, at(3, 20))
    assert "2 phiếu quá hạn" in text_of(answer)
    assert "Quá hạn" in current(answer)


def test_the_turn_line_names_units_then_who_decides(monkeypatch):
    world = progress.running_world()
    for index in range(3):
        progress.submit(world, index, progress.enter(world, index, {0: "20"}))
    words = text_of(page(monkeypatch, world.officers[0], world, at(3, 18)))
    # The lead judges the others, the deputy the lead's own report.
    assert "Đang chờ Bạn, thay mặt CA Quảng Ninh qb; CA Đồng Hới qb" in words
    assert "3 đơn vị chờ xem xét" in words


def test_half_a_year_that_is_accepted_is_done(monkeypatch):
    world = progress.running_world()
    for order in (1, 2):
        for index in range(3):
            progress.accepted(world, index, {0: "20"}, order)
    words = text_of(page(monkeypatch, world.heads[2], world, at(6, 19)))
    assert "Đã chấp nhận đủ 6 phiếu tiến độ" in words
    assert "4 việc xong" in words


def test_the_mid_year_review_is_opened_reported_and_done(monkeypatch):
    world = walk.midyear_world()
    answer = page(monkeypatch, world.officers[2], world, walk.MIDYEAR)
    assert "Sơ kết sáu tháng" in current(answer)
    assert "0/3 báo cáo được chấp nhận" in text_of(answer)
    assert "0/3 báo cáo sơ kết đã nộp" in text_of(answer)
    walk.end_midyear(world)
    answer = page(monkeypatch, world.officers[2], world, at(8, 1))
    assert "3/3 báo cáo được chấp nhận" in text_of(answer)
    assert "Thực hiện sáu tháng cuối năm" in current(answer)


def test_figures_frozen_without_a_report_leave_the_half_year_behind(monkeypatch):
    world = progress.running_world()
    progress.accepted(world, 0, {0: "20"})
    walk.open_reviews(world, ReviewKind.MIDYEAR, walk.MIDYEAR, walk.date(2026, 6, 14))
    words = text_of(page(monkeypatch, world.heads[0], world, walk.MIDYEAR))
    assert "Đã qua kỳ" in words
    assert "5 phiếu chưa được chấp nhận khi chốt số liệu" in words


def test_the_lead_is_asked_to_freeze_the_figures_when_the_review_opens(monkeypatch):
    world = progress.running_world()
    words = text_of(page(monkeypatch, world.officers[0], world, at(6, 16)))
    assert "chưa chốt số liệu để sơ kết" in words
    assert "Đang chờ Bạn, thay mặt CA Quảng Ninh qb" in words


def test_scoring_is_followed_to_the_published_result(monkeypatch):
    world = walk.yearend_world()
    words = text_of(page(monkeypatch, world.heads[2], world, walk.SCORING))
    assert "0/3 phiếu tự chấm đã nộp" in words
    walk.walk_sheet(world, 2, "APPRAISING")
    words = text_of(page(monkeypatch, world.heads[2], world, walk.APPRAISING))
    assert "0/3 phiếu đã duyệt" in words
    for index in (0, 1):
        walk.walk_sheet(world, index, "APPROVED")
    for step in ("agree_first", "finish_first", "finish_explaining", "agree_second", "approve"):
        getattr(walk, step)(world, 2)
    run = walk.make_run(world)
    walk.publish_provisional(world, run)
    answer = page(monkeypatch, world.heads[2], world, walk.PROVISIONAL)
    assert "Tạm tính ngày 24/12/2026, nhận kiến nghị đến 28/12/2026" in text_of(answer)
    assert "3/3 phiếu đã duyệt" in text_of(answer)
    walk.publish_final(world, run)
    words = text_of(page(monkeypatch, world.heads[2], world, walk.FINAL))
    assert "Công bố chính thức ngày 30/12/2026" in words
    assert "chờ lưu trữ" in words


def test_what_others_are_still_writing_shows_only_as_not_handed_in(monkeypatch):
    world = progress.running_world()
    progress.enter(world, 1, {0: "20"})
    mine = page(monkeypatch, world.officers[1], world, at(3, 16)).content.decode()
    others = page(monkeypatch, world.officers[0], world, at(3, 16)).content.decode()
    assert "</svg>1/2</span>" in mine
    assert "</svg>1/2</span>" not in others
    assert "Chưa nộp" in others


@pytest.mark.parametrize("step", ["midyear", "yearend", "published"])
def test_every_later_state_of_the_year_has_an_owner_and_opens_for_everybody(monkeypatch, step):
    world = getattr(walk, f"{step}_world")()
    day = {"midyear": walk.MIDYEAR, "yearend": walk.SCORING, "published": walk.FINAL}[step]
    for acting in (world.officers[2], world.heads[0], world.organiser_acting, world.organiser_head):
        html = page(monkeypatch, acting, world, day).content.decode()
        assert html.count('class="gu-year-when"') == 9
        assert 'href=""' not in html


def test_a_year_not_begun_shows_no_state_of_its_units(monkeypatch):
    world = make_world()
    assert "3 đơn vị thành viên" in text_of(page(monkeypatch, world.heads[0], world, at(1, 20)))
