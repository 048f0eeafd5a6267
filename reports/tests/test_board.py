"""The board of the year: what each cell says, who is late, what waits for whom, at what cost."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clusters import operations
from clusters.models import Cluster, MemberRole
from clusters.operations import MemberPlan, YearPlan
from clusters.tests.factories import NOW, default_stages, make_unit, make_world
from pledges.models import PledgeStatus, ReviewKind
from pledges.tests import factories, progress
from pledges.tests import year as walk
from pledges.tests.factories import make_pledge_at
from reports.queries.board import board_of
from reports.tests.pages import client_of, stop_clock, text_of

pytestmark = pytest.mark.django_db


def at(month: int, day: int) -> datetime:
    """Return ten o'clock on a day of the year of the tests."""
    return datetime(2026, month, day, 3, tzinfo=UTC)


def words_of(world, acting, day, step):
    """Return the words in one column of the board, unit by unit."""
    board = board_of(world.year, acting, day.date())
    return [dict(row.cells)[step].word for row in board.groups[0].rows]


def page(monkeypatch, acting, world, day, query=""):
    """Open the board as somebody on a day."""
    stop_clock(monkeypatch, day)
    answer = client_of(acting).get(reverse("reports:board", args=[world.year.pk]) + query)
    assert answer.status_code == 200
    return answer


def test_a_stranger_finds_no_board():
    world, other = make_world(), make_world(prefix="hn")
    for acting in (other.heads[0], other.organiser_acting, world.administrator):
        url = reverse("reports:board", args=[world.year.pk])
        assert client_of(acting).get(url).status_code == 404


def test_the_pledge_is_followed_from_draft_to_signature():
    world, pledge = make_pledge_at(PledgeStatus.CIRCULATED)
    factories.consent(world, pledge, 1)
    factories.consent(world, pledge, 2, agrees=False, reason="Mức 80 quá cao")
    seen = (world, world.heads[1], at(2, 21))
    assert words_of(*seen, "Dự thảo") == ["Chờ ý kiến", "Thống nhất", "Chưa thống nhất"]
    pledge = factories.consent_all(world, pledge)
    pledge = factories.open_signing(world, factories.freeze(world, pledge))
    factories.sign(world, pledge, 0)
    seen = (world, world.heads[1], at(3, 5))
    assert words_of(*seen, "Dự thảo") == ["Xong"] * 3
    assert words_of(*seen, "Ký giao ước") == ["Đã ký", "Đến lượt ký", "Chưa đến lượt"]
    world.year.refresh_from_db()
    assert board_of(world.year, world.heads[2], at(3, 5).date()).groups[0].turn == (
        "đang chờ CA Đồng Hới qb: 1/3 chữ ký, hạn 10/03/2026"
    )
    late = (world, world.heads[1], at(3, 14))
    assert words_of(*late, "Ký giao ước")[1] == "Quá 4 ngày"


def test_progress_says_submitted_and_late_of_others_but_not_what_they_draft():
    world = progress.running_world()
    progress.enter(world, 1, {0: "20"})
    report = progress.submit(world, 2, progress.enter(world, 2, {0: "20"}))
    mine = words_of(world, world.officers[1], at(3, 18), "Tiến độ")
    others = words_of(world, world.officers[0], at(3, 18), "Tiến độ")
    assert mine == ["Chưa nộp", "1/2", "Chờ duyệt"]
    assert others == ["Chưa nộp", "Chưa nộp", "Chờ duyệt"]
    progress.give_back(world, 2, report, {0: "Thiếu một vụ"})
    late = words_of(world, world.officers[0], at(3, 23), "Tiến độ")
    assert late == ["Quá 4 ngày", "Quá 4 ngày", "Trả lại"]


def test_an_older_period_that_nobody_reported_is_not_forgotten():
    world = progress.running_world()
    for order in (1, 2):
        progress.accepted(world, 0, {0: "20"}, order)
    progress.accepted(world, 1, {0: "20"}, 2)
    board = board_of(world.year, world.organiser_acting, at(6, 18).date())
    cells = [dict(row.cells)["Tiến độ"] for row in board.groups[0].rows]
    assert [cell.word for cell in cells] == ["Xong", "Quá 91 ngày", "Quá 91 ngày"]
    assert cells[1].note == "Quý I"
    assert board.heads[2] == ("Tiến độ Quý II", True)


def test_more_time_for_one_unit_counts(monkeypatch):
    world = progress.running_world()
    operations.extend_period(
        period_id=progress.period(world).pk, unit_id=world.units[1].pk,
        until=at(3, 31).date(), reason="Bão lụt", by=world.organiser_acting, now=at(3, 10),
    )  # fmt: skip
    assert words_of(world, world.heads[0], at(3, 25), "Tiến độ") == [
        "Quá 6 ngày", "Chưa nộp", "Quá 6 ngày",
    ]  # fmt: skip


def test_reviews_and_sheets_are_followed_to_the_end():
    world = walk.midyear_world()
    kind = ReviewKind.MIDYEAR
    walk.submit_review(world, 1, kind, walk.REPORTS)
    walk.submit_review(world, 2, kind, walk.REPORTS)
    walk.accept_review(world, 2, kind, walk.MIDYEAR_ENDS)
    seen = (world, world.officers[0], walk.REPORTS)
    assert words_of(*seen, "Sơ kết")[1:] == ["Chờ duyệt", "Xong"]


def test_scores_are_followed_to_the_published_result():
    world = walk.yearend_world()
    walk.walk_sheet(world, 1, "SUBMITTED")
    walk.walk_sheet(world, 2, "EXPLAINING")
    # A member knows how far the others are, and opens only its own sheet.
    board = board_of(world.year, world.officers[1], walk.EXPLAINING.date())
    rows = [dict(row.cells) for row in board.groups[0].rows]
    assert [r["Tự chấm"].word for r in rows][1:] == ["Đã nộp", "Đã nộp"]
    assert [r["Thẩm định"].word for r in rows] == ["", "Chờ thẩm định", "Giải trình"]
    assert not rows[2]["Thẩm định"].url


def test_the_filters_count_and_narrow(monkeypatch):
    world = progress.running_world()
    progress.submit(world, 2, progress.enter(world, 2, {0: "20"}))
    lead, day = world.officers[0], at(3, 23)
    board = board_of(world.year, lead, day.date())
    assert [(f.label, f.count) for f in board.filters] == [
        ("Tất cả", 3), ("Quá hạn", 2), ("Cần tôi duyệt", 1),
    ]  # fmt: skip
    words = text_of(page(monkeypatch, lead, world, day, "?hien=can-duyet"))
    assert "CA Ba Đồn qb Xong" in words
    assert "CA Đồng Hới qb khối phó" not in words
    assert "CA Đồng Hới qb khối phó" in text_of(page(monkeypatch, lead, world, day, "?hien=%00"))
    # The deputy judges only the lead.
    assert board_of(world.year, world.officers[1], day.date()).filters[2].count == 0


def test_what_comes_first_is_the_most_overdue_then_what_waits_for_me():
    world = progress.running_world()
    progress.submit(world, 2, progress.enter(world, 2, {0: "20"}))
    board = board_of(world.year, world.officers[0], at(3, 23).date())
    titles = [first.title for first in board.firsts]
    assert titles[0] == "CA Quảng Ninh qb quá hạn 4 ngày"
    assert "CA Ba Đồn qb: phiếu tiến độ Quý I chờ duyệt" in titles
    # A member is shown its own work, not a list of the faults of others.
    own = board_of(world.year, world.officers[1], at(3, 23).date()).firsts
    assert [first.title for first in own] == ["CA Đồng Hới qb quá hạn 4 ngày"]


@pytest.mark.parametrize("acting", ["member", "lead", "organiser", "head of the organiser"])
def test_the_board_opens_for_everybody_in_every_later_state(monkeypatch, acting):
    world = walk.published_world()
    person = {
        "member": world.officers[2],
        "lead": world.heads[0],
        "organiser": world.organiser_acting,
        "head of the organiser": world.organiser_head,
    }[acting]
    html = page(monkeypatch, person, world, walk.FINAL).content.decode()
    assert "Chính thức" in html
    assert 'href=""' not in html


def test_the_cluster_says_whom_it_waits_for_and_when_it_waits_for_nobody():
    world = progress.running_world()
    for index in range(3):
        progress.accepted(world, index, {0: "20"})
    group = board_of(world.year, world.heads[0], at(3, 23).date()).groups[0]
    assert group.turn == "tiến độ Quý I đã được chấp nhận, kỳ sau là Quý II, hạn 19/06/2026"
    waiting = board_of(world.year, world.heads[0], at(6, 15).date()).groups[0]
    assert waiting.turn.startswith("đang chờ bạn, thay mặt CA Quảng Ninh qb: chưa chốt số liệu")


def test_what_was_not_reported_before_the_year_was_closed_is_no_longer_asked_for():
    world = progress.running_world()
    progress.accepted(world, 0, {0: "20"}, 4)
    walk.open_reviews(world, ReviewKind.YEAREND, walk.YEAREND, walk.date(2026, 12, 14))
    board = board_of(world.year, world.organiser_acting, walk.SCORING.date())
    cells = [dict(row.cells)["Tiến độ"] for row in board.groups[0].rows]
    assert [(cell.word, cell.overdue) for cell in cells] == [
        ("Xong", 0), ("Chưa nộp", 0), ("Chưa nộp", 0),
    ]  # fmt: skip


def test_the_report_of_a_cluster_waits_for_the_organiser():
    world = walk.midyear_world()
    kind = ReviewKind.MIDYEAR
    for index in range(3):
        walk.submit_review(world, index, kind, walk.REPORTS)
        walk.accept_review(world, index, kind, walk.REPORTS)
    walk.submit_review(world, None, kind, walk.MIDYEAR_ENDS)
    board = board_of(world.year, world.organiser_acting, walk.MIDYEAR_ENDS.date())
    titles = [first.title for first in board.firsts]
    assert f"{world.cluster.name}: báo cáo sơ kết chờ duyệt" in titles
    assert "báo cáo sơ kết của khối chờ duyệt" in board.groups[0].turn


def open_more(world, count: int) -> None:
    """Open further clusters of the same organiser in the same cycle."""
    for n in range(count):
        cluster = Cluster.objects.create(
            organiser=world.organiser, kind="CUM", code=str(n + 2), name=f"Cụm thi đua số {n + 2}"
        )
        units = [
            make_unit(f"X{n}-{i}", f"Công an xã {n}-{i}", parent=world.organiser) for i in range(3)
        ]
        roles = [MemberRole.LEAD, MemberRole.DEPUTY, MemberRole.MEMBER]
        plan = YearPlan(
            cluster_id=cluster.pk, year=2026, starts_on=world.year.cycle.starts_on,
            ends_on=world.year.cycle.ends_on, theme=world.year.cycle.theme,
            members=[MemberPlan(u.pk, r) for u, r in zip(units, roles, strict=True)],
            stages=default_stages(), decision_number=f"{n}/QĐ", decision_date=NOW.date(),
        )  # fmt: skip
        operations.open_year(plan=plan, by=world.organiser_acting, now=NOW)


def statements(acting, world) -> int:
    """Count what the board asks of the database."""
    client, url = client_of(acting), reverse("reports:board", args=[world.year.pk])
    assert client.get(url).status_code == 200
    with CaptureQueriesContext(connection) as asked:
        client.get(url)
    return len(asked)


def test_ten_clusters_cost_the_organiser_as_many_statements_as_one(monkeypatch):
    stop_clock(monkeypatch, NOW)
    world = make_world()
    one = statements(world.organiser_acting, world)
    open_more(world, 9)
    board = board_of(world.year, world.organiser_acting, NOW.date())
    assert (len(board.groups), board.units) == (10, 30)
    assert statements(world.organiser_acting, world) == one
    assert len(board_of(world.year, world.heads[0], NOW.date()).groups) == 1


@pytest.mark.slow
def test_fifty_units_cost_as_many_statements_as_five():
    small = make_pledge_at(PledgeStatus.SIGNED, make_world(5, prefix="s5"))[0]
    large = make_pledge_at(PledgeStatus.SIGNED, make_world(50, prefix="s50"))[0]
    for who in ("heads", "officers"):
        assert statements(getattr(small, who)[0], small) == statements(
            getattr(large, who)[0], large
        )
