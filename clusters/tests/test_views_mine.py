"""The inbox, the notices and the search of everybody."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from clusters.models import ClusterYear, Role
from clusters.queries import milestones
from clusters.tests.factories import NOW, make_person, make_unit, make_world
from clusters.tests.pages import client_of, words
from core import audit, inbox, notices
from core.inbox import Milestone, Work
from core.models import Notice
from core.text import format_date_long
from pledges.models import PledgeStatus
from pledges.tests.factories import make_pledge_at, start

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    """The day on which drafting is open."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def work(due: date | None, title="Việc", **fields) -> Work:
    return Work(
        title=title, why="vì", url="/x/", verb="Làm", icon="pen", cluster="C", due=due, **fields
    )


# Inbox ---------------------------------------------------------------------------------------
def test_groups_follow_the_due_day_and_one_row_is_the_first():
    day = date(2024, 6, 24)  # a Monday
    items = [work(day - timedelta(days=1)), work(day), work(day + timedelta(days=6)),
             work(day + timedelta(days=7)), work(None), work(None, waits_for="Trưởng")]  # fmt: skip
    page = inbox.page(items, day)
    assert [(title, len(rows)) for title, _, rows in page["groups"]] == [
        ("Quá hạn", 1), ("Trong tuần này", 2), ("Sau đó", 2),
    ]  # fmt: skip
    assert page["count"] == 5
    assert len(page["others"]) == 1
    shown = [row for _, _, rows in page["groups"] for row in rows]
    assert [row.is_first for row in shown] == [True, False, False, False, False]
    assert [row.left for row in shown] == ["Quá 1 ngày", "Hôm nay", "Còn 6 ngày", "Còn 7 ngày", ""]
    assert [row.kind for row in shown] == ["err", "warn", "quiet", "quiet", ""]
    assert page["today_words"] == f"Thứ Hai, {format_date_long(day)}"


def test_the_next_date_is_said_in_one_sentence():
    dates = [Milestone(date(2024, 6, 30), "Hạn cuối giai đoạn sơ kết", "C")]
    assert inbox.next_date(dates, date(2024, 6, 24)) == "Còn 6 ngày đến hạn cuối giai đoạn sơ kết"
    assert inbox.next_date(dates, date(2024, 6, 30)) == "Hôm nay: hạn cuối giai đoạn sơ kết"
    assert inbox.next_date([], date(2024, 6, 30)) == ""
    opening = [Milestone(date(2024, 7, 1), "Mở giai đoạn tổng kết", "C")]
    said = inbox.next_date(opening, date(2024, 6, 30))
    assert said == "Còn 1 ngày đến ngày mở giai đoạn tổng kết"


def test_the_counter_equals_the_rows():
    world, _ = make_pledge_at(PledgeStatus.CIRCULATED)
    for person in (*world.officers, *world.heads, world.organiser_acting, world.administrator):
        response = client_of(person).get(reverse("core:inbox"))
        html = response.content.decode()
        rows = html.count('<p class="gu-inbox-why">')
        assert rows == response.context["count"] == response.context["frame"]["inbox_count"]
        assert (f"{rows} việc chưa xử lý" in words(response)) is (rows > 0)
        assert html.count("btn-primary") == min(rows, 1)


def test_every_icon_of_the_inbox_exists():
    """The page is rendered for everybody in every state; an unknown icon would be an error."""
    for at, status in enumerate(PledgeStatus):
        world, _ = make_pledge_at(status, make_world(prefix=f"p{at}"))
        for person in (*world.officers, *world.heads, world.organiser_acting, world.organiser_head,
                       world.administrator):  # fmt: skip
            assert client_of(person).get(reverse("core:inbox")).status_code == 200


def test_dates_to_come_are_those_of_the_years_one_sees():
    world = make_world()
    text = words(client_of(world.officers[1]).get(reverse("core:inbox")))
    assert "03/03 Hạn cuối giai đoạn dự thảo giao ước" in text
    assert "04/03 Mở giai đoạn ký giao ước" in text
    assert "Thứ Sáu, ngày 20 tháng 02 năm 2026" in text
    admin = words(client_of(world.administrator).get(reverse("core:inbox")))
    assert "Mốc sắp tới" not in admin


def test_somebody_without_an_appointment_is_told_whom_to_ask():
    stranger = make_person(
        "moi", Role.OFFICER, make_unit("X", "Đơn vị X"), ends_on=date(2020, 1, 1)
    )
    text = words(client_of(stranger).get(reverse("core:inbox")))
    assert "Bạn chưa được giao chức trách nào" in text


def test_the_inbox_asks_the_same_number_of_statements_at_any_size(django_assert_max_num_queries):
    counts = []
    for size, prefix in ((5, "nho"), (50, "lon")):
        world, _ = make_pledge_at(PledgeStatus.CIRCULATED, make_world(size, prefix=prefix))
        browser = client_of(world.officers[0])
        browser.get(reverse("core:inbox"))
        with django_assert_max_num_queries(60) as asked:
            browser.get(reverse("core:inbox"))
        counts.append(len(asked))
    assert counts[0] == counts[1]


# Notices -------------------------------------------------------------------------------------
def tell(world, text: str) -> None:
    event = audit.record("clusters.year_signing", world.year, by=world.officers[0], now=NOW)
    notices.tell([world.officers[1].user_id], event=event, text=text, url=reverse("core:inbox"))


def test_a_notice_is_counted_until_it_is_opened_by_its_recipient():
    world = make_world()
    tell(world, "Bản 1 đã gửi góp ý")
    notice = Notice.objects.get()
    mine, other = client_of(world.officers[1]), client_of(world.officers[2])
    read = reverse("core:read_notice", args=[notice.pk])
    assert "1 chưa đọc" in words(mine.get(reverse("core:notices")))
    assert other.post(read).status_code == 404
    assert mine.get(read).status_code == 405
    assert mine.post(read)["Location"] == reverse("core:inbox")
    assert "1 chưa đọc" not in words(mine.get(reverse("core:notices")))
    assert "Bản 1 đã gửi góp ý" in words(mine.get(reverse("core:inbox")))
    assert "Bản 1" not in words(other.get(reverse("core:notices")))


def test_notices_ask_the_same_number_of_statements_at_any_size(django_assert_max_num_queries):
    world, counts = make_world(), []
    browser = client_of(world.officers[1])
    for more in (5, 45):
        for at in range(more):
            tell(world, f"Thông báo {at}")
        browser.get(reverse("core:notices"))
        with django_assert_max_num_queries(60) as asked:
            browser.get(reverse("core:notices"))
        counts.append(len(asked))
    assert counts[0] == counts[1]


# Search --------------------------------------------------------------------------------------
def find(person, query: str) -> str:
    return words(client_of(person).get(reverse("clusters:search"), {"q": query}))


def test_units_clusters_and_targets_are_found_without_diacritics():
    world, _ = make_pledge_at(PledgeStatus.CIRCULATED)
    member = world.officers[1]
    assert "Công an huyện Ba Đồn qb" in find(member, "ba don")
    assert "Khối thi đua Công an các huyện qb" in find(member, "khoi thi dua")
    assert "Tỷ lệ điều tra, khám phá án chung" in find(member, "ty le dieu tra")
    assert "Không tìm thấy “không có gì”" in find(member, "không có gì")


def test_exact_diacritics_come_first():
    world = make_world()
    names = ["Công an xã Hòa An", "Công an xã Hóa An", "Công an xã Hoa An"]
    for at, name in enumerate(names):
        make_unit(f"T{at}", name, parent=world.organiser)
    for name in names:
        text = find(world.organiser_acting, name)
        assert (
            min((text.index(other, text.index("Tìm đơn vị")), other) for other in names)[1] == name
        )


def test_nobody_finds_what_nobody_shows_them():
    world, _ = make_pledge_at(PledgeStatus.CIRCULATED)
    other = make_world(2, prefix="hn")
    for stranger in (other.officers[0], other.organiser_acting):
        for query in ("ba don", "khoi thi dua cong an cac huyen qb", "ty le dieu tra", "qb"):
            assert "0 kết quả" in find(stranger, query), query
    assert "0 kết quả" in find(world.administrator, "ty le dieu tra")
    assert "0 kết quả" in find(world.administrator, "khoi thi dua")


def test_the_targets_of_a_draft_are_found_by_its_authors_only():
    world = make_world()
    start(world)
    assert "1 kết quả" in find(world.officers[0], "khám phá án")
    assert "0 kết quả" in find(world.officers[1], "khám phá án")
    assert "0 kết quả" in find(world.organiser_acting, "khám phá án")


@pytest.mark.parametrize("query", ["", "   ", "\x00", "%", "_", "'", '"', "x" * 9000, "<script>"])
def test_no_question_breaks_the_search(query):
    world = make_world(2)
    response = client_of(world.officers[0]).get(reverse("clusters:search"), {"q": query})
    assert response.status_code == 200
    assert "<script>" not in response.content.decode()


def test_the_due_day_of_the_next_report_is_a_date_to_come():
    world = make_world()
    dates = [m.text for m in milestones(world.officers[1], NOW)]
    assert "Mở giai đoạn ký giao ước" in dates
    ClusterYear.objects.update(status="RUNNING")
    first = world.year.periods.order_by("order")[0]
    due = [m for m in milestones(world.officers[1], NOW) if m.text == "Hạn nộp phiếu tiến độ Quý I"]
    assert [m.day for m in due] == [first.due_on]
    assert milestones(world.administrator, NOW) == []
