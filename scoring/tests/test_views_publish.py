"""Publishing on the page: looked at once more, confirmed, told to all, taken back, archived."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clusters.models import ClusterYear, YearStatus
from core.inbox import work_of
from core.models import AuditEvent, Notice
from pledges.tests import year as walk
from pledges.tests.pages import client_of, fill, form_on, sent, stop_clock, words
from scoring.models import Publication, RunKind, ScoreSheet
from scoring.workflow import sheet as sheets
from scoring.workflow.sheet import LineInput

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(kept):
    return walk.approved_world()


@pytest.fixture(autouse=True)
def still(monkeypatch):
    stop_clock(monkeypatch, walk.PROVISIONAL + timedelta(hours=1))


def url(world, name: str, *args: object) -> str:
    return reverse(f"scoring:{name}", args=[world.year.pk, *args])


def state(world) -> str:
    return ClusterYear.objects.get(pk=world.year.pk).status


def provisional(world, **typed: str):
    return fill(client_of(world.organiser_acting), url(world, "publish"), "token", **typed)


# Provisional ---------------------------------------------------------------------------------
def test_a_run_is_published_once_told_to_all_and_confirmed(world):
    walk.make_run(world)
    browser = client_of(world.organiser_acting)
    page = browser.get(url(world, "publish"))
    assert "Sẽ công bố phiên chấm 1" in words(page)
    form = form_on(page)
    assert form["objections_until"] == "28/12/2026", "the calendar's time for objections"
    first = browser.post(url(world, "publish"), form)
    second = browser.post(url(world, "publish"), form)
    assert first["Location"] == second["Location"]
    assert Publication.objects.count() == 1
    assert state(world) == YearStatus.PROVISIONAL
    done = words(browser.get(first["Location"]))
    assert "Đã công bố điểm tạm tính" in done
    assert "10:00 ngày 24/12/2026" in done
    assert client_of(world.officers[1]).get(first["Location"]).status_code == 404, "not theirs"
    told = Notice.objects.filter(url=url(world, "scoreboard"))
    people = {p.user_id for p in (*world.officers, *world.heads, world.organiser_head)}
    assert set(told.values_list("recipient", flat=True)) == people
    assert "đến hết ngày 28/12/2026" in told.first().text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Chưa nhập nhận kiến nghị"), ("23/12/2026", "Ngày phải từ 24/12/2026 trở đi."),
        ("31/02/2027", ""), ("12/25/2026", ""), ("mai", ""), ("28/12/2026\x00", ""),
    ],
)  # fmt: skip
def test_a_day_that_is_over_or_none_is_refused_beside_the_field(world, typed, said):
    walk.make_run(world)
    answer = provisional(world, objections_until=typed)
    assert answer.status_code == 200
    assert "Lỗi:" in answer.content.decode()
    assert said in words(answer)
    assert not Publication.objects.exists()


def test_a_newer_run_than_the_page_showed_is_not_published_unseen(world):
    walk.make_run(world)
    browser = client_of(world.organiser_acting)
    form = form_on(browser.get(url(world, "publish")))
    walk.make_run(world)
    answer = browser.post(url(world, "publish"), form)
    assert "Đã có phiên chấm mới hơn phiên bạn xem" in words(answer)
    for wrong in ("0", "", "-5", "1.5", "99999999999999999999", "abc"):
        again = browser.post(url(world, "publish"), form | sent() | {"run": wrong})
        assert again.status_code == 200
    assert not Publication.objects.exists()


def test_what_changed_since_the_last_publication_stands_on_the_page(world):
    walk.publish_provisional(world, walk.make_run(world))
    row = walk.sheet(world, 2)
    line = next(
        one for one in walk.lines(row) if (one.criterion.rule or {}).get("kind") == "direct"
    )
    sheets.settle(
        sheet_id=row.pk, line=LineInput(line.pk, {"points": "0"}, "Theo biên bản"),
        by=world.organiser_acting, now=walk.PROVISIONAL,
    )  # fmt: skip
    stale = words(client_of(world.organiser_acting).get(url(world, "publish")))
    assert "Số liệu đã thay đổi sau phiên chấm 1" in stale
    listed = words(client_of(world.organiser_acting).get(url(world, "runs")))
    assert "Số liệu đã thay đổi sau phiên chấm 1" in listed
    walk.make_run(world)
    page = words(client_of(world.lead_officer).get(url(world, "publish")))
    assert "Phiên chấm 2 so với phiên chấm 1" in page
    assert f"{line.criterion.code}:" in page


def test_ties_and_units_not_considered_are_shown_before(world):
    sheets.raise_veto(
        cluster_year_id=world.year.pk, unit_id=world.units[2].pk, reason="Đang xem xét kỷ luật",
        by=world.organiser_acting, now=walk.PROVISIONAL,
    )  # fmt: skip
    walk.make_run(world)
    page = words(client_of(world.lead_officer).get(url(world, "publish")))
    assert f"{world.units[2].short_name}: Đang xem xét kỷ luật" in page
    assert "Xếp hạng 2/3 đơn vị" in page
    assert f"Hạng 1: {world.units[0].short_name} và {world.units[1].short_name}" in page


def test_members_neither_see_nor_send_the_publication(world):
    walk.make_run(world)
    for person in (world.officers[1], world.heads[2], world.organiser_head):
        for name in ("publish", "publish_final", "revoke", "archive"):
            browser = client_of(person)
            assert browser.get(url(world, name)).status_code == 403
            data = sent(objections_until="28/12/2026", run="1", typed="CÔNG BỐ 2026", reason="abc")
            assert browser.post(url(world, name), data).status_code == 403
    assert not Publication.objects.exists()
    assert state(world) == YearStatus.APPRAISING


def test_a_run_by_claims_is_locked_with_the_reason(world):
    walk.make_run(world, RunKind.CLAIMED)
    page = client_of(world.organiser_acting).get(url(world, "publish"))
    assert "chỉ để tham khảo, không công bố" in words(page)
    assert provisional(world).status_code == 200
    assert not Publication.objects.exists()


# Final ---------------------------------------------------------------------------------------
@pytest.fixture
def over(world, monkeypatch):
    """A provisional result whose time for objections is over."""
    walk.publish_provisional(world, walk.make_run(world))
    stop_clock(monkeypatch, walk.FINAL)
    return world


def test_while_objections_are_taken_the_final_result_waits(world):
    walk.publish_provisional(world, walk.make_run(world))
    page = words(client_of(world.organiser_acting).get(url(world, "publish_final")))
    assert "Còn nhận kiến nghị đến hết ngày 28/12/2026" in page


def test_the_final_result_needs_the_typed_words_and_says_what_it_means(over):
    browser = client_of(over.organiser_acting)
    page = words(browser.get(url(over, "publish_final")))
    assert "không ai sửa được" in page
    assert "Gõ đúng: CÔNG BỐ 2026" in page
    for typed in ("", "công bố 2026", "CONG BO 2026", "CÔNG BỐ 2025"):
        answer = fill(browser, url(over, "publish_final"), "token", typed=typed)
        assert answer.status_code == 200
        assert "Lỗi:" in answer.content.decode()
    assert Publication.objects.filter(status="FINAL").count() == 0
    decomposed = "CO\u0302NG BO\u0302\u0301 2026"
    answer = fill(browser, url(over, "publish_final"), "token", typed=decomposed)
    assert answer.status_code == 302
    assert Publication.objects.filter(status="FINAL").count() == 1
    assert set(ScoreSheet.objects.values_list("status", flat=True)) == {"FINAL"}
    assert state(over) == YearStatus.PUBLISHED
    assert "Đã công bố kết quả chính thức" in words(browser.get(answer["Location"]))
    standing = Notice.objects.filter(url=url(over, "scoreboard"), withdrawn_at=None)
    assert {n.text for n in standing} == {f"Đã công bố kết quả chính thức {over.year}."}


def test_the_lead_publishes_provisionally_but_not_for_good(over):
    assert client_of(over.lead_officer).get(url(over, "publish")).status_code == 200
    page = client_of(over.lead_officer).get(url(over, "publish_final"))
    assert page.status_code == 403
    assert "Cơ quan thường trực công bố kết quả chính thức" in words(page)


# Revoking and archiving ----------------------------------------------------------------------
@pytest.fixture
def final(over):
    walk.publish_final(over, walk.make_run(over, now=walk.FINAL))
    return over


def test_a_result_is_revoked_by_decision_and_never_deleted(final):
    browser = client_of(final.organiser_acting)
    for reason in ("", "...", "12"):
        answer = fill(browser, url(final, "revoke"), "token", reason=reason)
        assert answer.status_code == 200
    answer = fill(browser, url(final, "revoke"), "token", reason="Quyết định 05/QĐ-CAT: sai số")
    assert "Quyết định 05/QĐ-CAT" in words(browser.get(answer["Location"]))
    row = Publication.objects.latest("pk")
    assert (row.status, row.revoke_reason) == ("REVOKED", "Quyết định 05/QĐ-CAT: sai số")
    text = Notice.objects.filter(url=url(final, "scoreboard"), withdrawn_at=None).first().text
    assert "“Quyết định 05/QĐ-CAT: sai số”" in text
    again = fill(browser, url(final, "revoke"), "token", reason="Lần nữa")
    assert "Không có kết quả chính thức nào để thu hồi" in words(again)


def test_a_year_is_archived_for_good(final):
    browser = client_of(final.organiser_acting)
    listed = browser.get(url(final, "runs")).content.decode()
    assert url(final, "archive") in listed
    answer = fill(browser, url(final, "archive"))
    assert "Đã lưu trữ năm thi đua" in words(browser.get(answer["Location"]))
    assert state(final) == YearStatus.ARCHIVED
    locked = words(browser.get(url(final, "revoke")))
    assert "Năm thi đua đã lưu trữ" in locked
    assert AuditEvent.objects.filter(action="clusters.year_archived").count() == 1


def test_a_year_without_a_final_result_is_not_archived(world):
    page = client_of(world.organiser_acting).get(url(world, "archive"))
    assert "Chỉ lưu trữ sau khi công bố kết quả chính thức" in words(page)
    fill(client_of(world.organiser_acting), url(world, "archive"))
    assert state(world) == YearStatus.APPRAISING


# What waits ----------------------------------------------------------------------------------
def waiting(world, person, now) -> list[str]:
    mine = [w for w in work_of(person, now) if w.url.startswith(f"/nam/{world.year.pk}/")]
    return [w.title for w in mine if not w.waits_for]


def test_the_inbox_leads_from_the_approved_sheets_to_the_official_result(world):
    people = (world.lead_officer, world.organiser_acting)
    for person in people:
        assert "Chạy phiên chấm" in waiting(world, person, walk.PROVISIONAL)
    run = walk.make_run(world)
    for person in people:
        assert "Công bố điểm tạm tính" in waiting(world, person, walk.PROVISIONAL)
    walk.publish_provisional(world, run)
    title = "Công bố kết quả chính thức"
    assert title not in waiting(world, world.organiser_acting, walk.PROVISIONAL)
    assert title in waiting(world, world.organiser_acting, walk.FINAL)
    assert title not in waiting(world, world.lead_officer, walk.FINAL)
    assert title not in waiting(world, world.officers[2], walk.FINAL)
    walk.publish_final(world, run)
    assert title not in waiting(world, world.organiser_acting, walk.FINAL)


# The calendar --------------------------------------------------------------------------------
def test_objections_open_on_their_day_and_only_after_a_provisional_result(world, monkeypatch):
    from clusters import tasks  # noqa: PLC0415 - registers with celery when it is imported

    def ask(moment) -> str:
        monkeypatch.setattr("clusters.tasks.timezone.now", lambda: moment)
        tasks.follow_calendar()
        return state(world)

    opens = walk.moment(12, 25, 7)
    assert ask(opens + timedelta(days=1)) == YearStatus.APPRAISING, "nothing to object to"
    walk.publish_provisional(world, walk.make_run(world))
    assert ask(walk.moment(12, 24, 23)) == YearStatus.PROVISIONAL
    assert ask(opens) == YearStatus.OBJECTIONS
    assert ask(opens + timedelta(days=9)) == YearStatus.OBJECTIONS
