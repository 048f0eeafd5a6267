"""Pages of votes, quotas and nominations: what each shows, and what nobody is ever shown."""

import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, OperationalError
from django.urls import reverse
from pypdf import PdfWriter

from core.inbox import work_of
from core.models import UsedToken
from pledges.tests import year as walk
from pledges.tests.pages import client_of, fill, form_on, sent, stop_clock, words
from scoring.models import AwardQuota, Ballot, BallotSubject, Candidate, Nomination, Voter
from scoring.tests import voting as v
from scoring.workflow import ballot as workflow

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(scope="module")
def world(kept):
    return v.provisional_world()


@pytest.fixture(autouse=True)
def still(monkeypatch):
    stop_clock(monkeypatch, walk.PROVISIONAL + timedelta(hours=1))


def url(world, name: str, *args: object) -> str:
    return reverse(f"scoring:{name}", args=[world.year.pk, *args])


def vote(world, index: int, row: Ballot, *places: int, browser: Any = None, **more: Any):
    """Send the vote of a unit as its page does."""
    browser = browser or client_of(world.heads[index])
    listed = v.candidates(row)
    data: dict[str, object] = {"candidates": [str(listed[p].pk) for p in places], "sure": "on"}
    if not places:
        data["blank"] = "on"
    return browser.post(url(world, "ballot_cast", row.pk), data | more)


# Preparing and opening -----------------------------------------------------------------------
def test_a_vote_is_prepared_looked_at_opened_and_told(world):
    browser = client_of(world.lead_officer)
    asked = words(browser.get(url(world, "ballot_new")))
    assert "Bầu Khối trưởng năm 2027" in asked
    assert "Phân định các đơn vị cùng hạng 1" in asked
    page = browser.get(url(world, "ballot_new") + "?ve=LEAD")
    form = form_on(page) | {"units": [str(unit.pk) for unit in world.units]}
    answer = browser.post(url(world, "ballot_new") + "?ve=LEAD", form)
    again = browser.post(url(world, "ballot_new") + "?ve=LEAD", form)
    assert answer["Location"] == again["Location"], "a double click prepares one vote"
    row = Ballot.objects.get()
    shown = words(browser.get(answer["Location"]))
    assert "Cần ít nhất 2/3 số đơn vị thành viên có mặt (2/3)" in shown
    assert "trúng khi được quá 1/2 số đơn vị có mặt" in shown
    opening = form_on(browser.get(answer["Location"]), "seen")
    browser.post(url(world, "ballot_open", row.pk), opening)
    assert Ballot.objects.get().status == "OPEN"
    assert "Mở bỏ phiếu" not in words(browser.get(answer["Location"]))


def test_members_read_a_vote_but_neither_prepare_nor_count(world):
    row = v.opened(world)
    browser = client_of(world.officers[1])
    assert "Đang bỏ phiếu" in words(browser.get(url(world, "ballot", row.pk)))
    for name, args in (
        ("ballot_new", ()), ("ballot_edit", (row.pk,)), ("ballot_count", (row.pk,)),
        ("ballot_cancel", (row.pk,)), ("ballot_presence", (row.pk,)), ("ballot_cast", (row.pk,)),
    ):  # fmt: skip
        page = browser.get(url(world, name, *args))
        assert page.status_code == 403, name
        assert "Chưa làm được việc này" in words(page)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"units": []}, "Chưa chọn đơn vị đưa ra bỏ phiếu"), ({"seats": "2"}, "một đơn vị trưởng"),
        ({"quorum_parts": "4"}, "không lớn hơn 1"), ({"threshold_whole": "0"}, "từ 1 trở lên"),
        ({"quorum_whole": "2,5"}, "số nguyên"), ({"seats": "hai"}, "Lỗi"), ({"of": "X"}, "Lỗi"),
        ({"units": ["999999"]}, "Lỗi"), ({"title": "a" * 201}, "tối đa 200"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_beside_its_field(world, typed, said):
    browser, address = client_of(world.lead_officer), url(world, "ballot_new") + "?ve=LEAD"
    form = form_on(browser.get(address)) | {"units": [str(unit.pk) for unit in world.units]}
    page = browser.post(address, form | typed)
    assert page.status_code == 200
    assert said in words(page) or said in page.content.decode()
    assert not Ballot.objects.exists()


@pytest.mark.parametrize("about", ["", "LEAD-9", "TITLE-", "TITLE-999", "TIE-2", "X", "TIE-²"])
def test_an_address_that_asks_for_nothing_offers_the_choice(world, about):
    page = client_of(world.lead_officer).get(url(world, "ballot_new"), {"ve": about})
    assert page.status_code == 200
    assert ("Bỏ phiếu về việc gì?" in words(page)) == (about != "LEAD-9")


def test_somebody_elses_change_is_shown_before_ones_own(world):
    row = v.prepare(world)
    browser, address = client_of(world.lead_officer), url(world, "ballot_edit", row.pk)
    form = form_on(browser.get(address)) | {"units": [str(unit.pk) for unit in world.units]}
    other = client_of(world.organiser_acting)
    other.post(address, form | sent() | {"title": "Bầu Khối trưởng"})
    page = browser.post(address, form | {"title": "Của tôi"})
    assert "vừa được người khác sửa" in words(page)
    assert "Của tôi" in page.content.decode()
    assert Ballot.objects.get().title == "Bầu Khối trưởng"


# Casting -------------------------------------------------------------------------------------
def test_a_vote_is_taken_once_and_every_answer_leads_away(world):
    row = v.opened(world)
    first, second = vote(world, 1, row, 0), vote(world, 1, row, 1)
    for answer in (first, second):
        assert (answer.status_code, answer["Location"]) == (302, url(world, "ballot", row.pk))
    assert [c.votes for c in v.candidates(row)] == [1, 0, 0], "the second tab changed nothing"
    page = client_of(world.heads[1]).get(url(world, "ballot_cast", row.pk))
    assert page["Location"] == url(world, "ballot", row.pk)


@pytest.mark.parametrize(
    ("places", "more", "said"),
    [
        ((0, 1), {}, "không quá 1 đơn vị"), ((0,), {"sure": []}, "đánh dấu ô xác nhận"),
        ((0,), {"blank": "on"}, "chỉ một trong hai"), ((), {"blank": []}, "chỉ một trong hai"),
        ((0,), {"candidates": ["999999"]}, "không trong danh sách"),
        ((0,), {"candidates": ["x"]}, "không trong danh sách"),
    ],
)  # fmt: skip
def test_a_faulty_vote_is_not_taken_and_not_shown_again(world, places, more, said):
    row, browser = v.opened(world), client_of(world.heads[1])
    answer = vote(world, 1, row, *places, browser=browser, **more)
    assert answer["Location"] == url(world, "ballot_cast", row.pk)
    page = browser.get(answer["Location"])
    assert said in words(page)
    assert "checked" not in page.content.decode()
    assert not Voter.objects.filter(has_voted=True).exists()


def test_the_page_of_a_vote_is_kept_nowhere(world):
    row = v.opened(world)
    browser = client_of(world.heads[1])
    page = browser.get(url(world, "ballot_cast", row.pk))
    answer = vote(world, 1, row, 0)
    for response in (page, answer):
        assert "no-store" in response["Cache-Control"]
    html = page.content.decode()
    form = html[html.index('id="bo-phieu"') : html.index("</form>", html.index('id="bo-phieu"'))]
    assert "data-draft" not in form
    assert 'name="token"' not in form
    boxes = re.findall(r"<input[^>]*type=\"checkbox\"[^>]*>", form)
    assert len(boxes) == 5
    assert all('autocomplete="off"' in box for box in boxes)


@contextmanager
def listening() -> Iterator[io.StringIO]:
    """Collect what the program would log at the most talkative level an installation sets."""
    stream, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(stream), root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def test_no_log_no_session_no_token_no_address_holds_the_choice(world):
    """Two heads vote differently through the pages; everything around the votes looks alike."""
    row = v.opened(world)
    before = UsedToken.objects.count()
    traces = []
    with listening() as said:
        for index, place in ((1, 0), (2, 2)):
            browser = client_of(world.heads[index])
            listed = v.candidates(row)
            data = {"candidates": [str(listed[place].pk)], "sure": "on"}
            answer = browser.post(url(world, "ballot_cast", row.pk), data)
            page = browser.get(answer["Location"])
            session = Session.objects.get(session_key=browser.session.session_key).get_decoded()
            session = {k: x for k, x in session.items() if not k.startswith("_auth")}
            traces.append((answer["Location"], sorted(answer.cookies), session, _told(page)))
        logging.getLogger("scoring").info("control")
    assert traces[0] == traces[1]
    assert UsedToken.objects.count() == before
    assert "control" in said.getvalue()
    assert "candidates" not in said.getvalue()
    for one in v.candidates(row):
        assert one.unit_name not in said.getvalue()


def _told(page) -> list[str]:
    """What a page says of the vote that was sent."""
    found = re.findall(r"Đã nhận phiếu[^<]*", page.content.decode())
    assert found
    return found


@pytest.mark.parametrize("who", ["lead officer", "organiser", "voter", "other"])
def test_before_the_count_no_page_tells_a_number_of_votes(world, who):
    """Seven votes for one unit or none: every page reads the same to everybody."""
    person = {
        "lead officer": world.lead_officer, "organiser": world.organiser_acting,
        "voter": world.heads[1], "other": world.officers[2],
    }[who]  # fmt: skip
    row = v.opened(world)
    v.cast(world, row, 1, 0)
    pages = ["ballot", "ballots", "nominations", "ballot_count", "ballot_presence"]
    one = [_text(person, world, name, row) for name in pages]
    Candidate.objects.filter(ballot=row).update(votes=7)
    Ballot.objects.filter(pk=row.pk).update(blank=7)
    assert [_text(person, world, name, row) for name in pages] == one


def _text(person, world, name: str, row: Ballot) -> str:
    many = name in ("ballots", "nominations")
    page = client_of(person).get(url(world, name, *(() if many else (row.pk,))))
    # What differs from one page to the next: keys of forms, and the minute at the foot of a print.
    varies = r'(csrfmiddlewaretoken|token)" value="[^"]*"|data-print-time>[^<]*<'
    return re.sub(varies, "", page.content.decode())


@pytest.mark.parametrize("fault", [IntegrityError, OperationalError])
def test_a_vote_the_database_refuses_is_answered_neutrally(world, monkeypatch, fault):
    row, browser = v.opened(world), client_of(world.heads[1])

    def refuse(*_: object, **__: object) -> None:
        raise fault(f"Failing row contains ({world.units[0].name})")

    monkeypatch.setattr(workflow, "cast", refuse)
    with listening() as said:
        answer = vote(world, 1, row, 0, browser=browser)
    assert (answer.status_code, answer["Location"]) == (302, url(world, "ballot_cast", row.pk))
    page = words(browser.get(answer["Location"]))
    assert "đơn vị khác đang lưu vào cùng chỗ" in page
    assert fault.__name__ in said.getvalue()
    assert world.units[0].name not in said.getvalue()


def test_a_number_of_thousands_of_digits_is_no_number(world):
    row, browser = v.prepare(world), client_of(world.lead_officer)
    answer = browser.post(url(world, "ballot_open", row.pk), sent(seen="9" * 5000))
    assert (answer.status_code, answer["Location"]) == (302, url(world, "ballot", row.pk))
    page = browser.post(
        url(world, "ballot_cancel", row.pk), sent(seen="9" * 5000, reason="Hoãn họp")
    )
    assert page.status_code == 200
    assert Ballot.objects.get().status == "PREPARING"
    assert browser.get(url(world, "ballot_new"), {"lai": "9" * 5000}).status_code == 200


def test_the_page_of_a_vote_says_that_its_result_was_replaced(world):
    row = v.opened(world)
    walk.publish_provisional(world, walk.make_run(world))
    for person in (world.heads[1], world.lead_officer):
        page = words(client_of(person).get(url(world, "ballot", row.pk)))
        assert "đã được thay bằng kết quả công bố sau. Hủy cuộc bỏ phiếu" in page
    answer = client_of(world.heads[1]).get(url(world, "ballot_cast", row.pk))
    assert answer["Location"] == url(world, "ballot", row.pk)


# Counting ------------------------------------------------------------------------------------
def test_the_count_is_shown_to_everybody_with_what_came_of_it(world):
    row = v.opened(world)
    for index in (0, 1):
        vote(world, index, row, 1)
    browser = client_of(world.organiser_acting)
    before = words(browser.get(url(world, "ballot_count", row.pk)))
    assert f"Chưa bỏ phiếu: {world.units[2].name}" in before
    answer = fill(browser, url(world, "ballot_count", row.pk))
    assert answer["Location"] == url(world, "ballot", row.pk)
    for person in (world.officers[2], world.organiser_head):
        page = words(client_of(person).get(url(world, "ballot", row.pk)))
        assert f"Trúng: {world.units[1].name}." in page
        assert "2/2 phiếu" in page
    assert client_of(world.lead_officer).get(url(world, "ballot_count", row.pk)).status_code == 403


def test_equal_votes_lead_to_a_new_vote_among_the_equal(world):
    row = v.opened(world, threshold=(1, 3), is_strict=False)
    for index in (0, 1):
        v.cast(world, row, index, index)
    v.count(world, row)
    browser = client_of(world.lead_officer)
    assert "Bỏ phiếu lại" in words(browser.get(url(world, "ballot", row.pk)))
    page = browser.get(url(world, "ballot_new"), {"lai": row.pk})
    html = page.content.decode()
    ticked = re.findall(r'name="units" value="(\d+)"[^>]*checked|checked[^>]*name="units"', html)
    assert len(re.findall(r'<input[^>]*name="units"[^>]*checked', html)) == 2 or len(ticked) == 2
    assert f"{row.title} (bỏ phiếu lại)" in html


def a_pdf() -> bytes:
    """A real page: what is sent is opened and looked through."""
    paper, data = PdfWriter(), io.BytesIO()
    paper.add_blank_page(200, 200)
    paper.write(data)
    return data.getvalue()


PDF = a_pdf()


def on_paper(world, row: Ballot, votes: tuple[str, ...], **more: object):
    listed = v.candidates(row)
    form = sent(
        present=[str(pk) for pk in Voter.objects.filter(ballot=row).values_list("pk", flat=True)],
        cast="3", blank="0", tellers="Nguyễn Văn A",
        minutes=SimpleUploadedFile("bien-ban.pdf", PDF),
        **{f"votes-{one.pk}": n for one, n in zip(listed, votes, strict=True)},
    )  # fmt: skip
    browser = client_of(world.lead_officer)
    return browser.post(url(world, "ballot_count", row.pk), form | more)


def test_the_paper_way_takes_counts_and_minutes_and_shows_them_to_all(world):
    row = v.opened(world, on_paper=True)
    wrong = on_paper(world, row, ("3", "1", "0"))
    assert wrong.status_code == 200
    assert "4 lượt chọn, nhiều hơn 3" in words(wrong)
    assert "Chưa chọn" in words(on_paper(world, row, ("3", "0", "0"), minutes=""))
    done = on_paper(world, row, ("3", "0", "0"))
    assert done.status_code == 302, words(done)
    page = client_of(world.officers[2])
    assert "Biên bản đã ký" in words(page.get(url(world, "ballot", row.pk)))
    scan: Any = page.get(url(world, "ballot_minutes", row.pk))
    assert b"".join(scan.streaming_content) == PDF
    other = v.opened(world)
    assert page.get(url(world, "ballot_minutes", other.pk)).status_code == 404


def test_a_vote_is_called_off_with_a_reason_only(world):
    row = v.opened(world)
    browser = client_of(world.lead_officer)
    assert fill(browser, url(world, "ballot_cancel", row.pk), reason="...").status_code == 200
    fill(browser, url(world, "ballot_cancel", row.pk), reason="Hoãn hội nghị tổng kết")
    page = words(client_of(world.officers[1]).get(url(world, "ballot", row.pk)))
    assert "đã hủy lúc" in page
    assert "Hoãn hội nghị tổng kết" in page


# What waits ----------------------------------------------------------------------------------
def waiting(world, person) -> dict[str, bool]:
    rows = work_of(person, walk.PROVISIONAL)
    return {w.title: bool(w.waits_for) for w in rows if "/bo-phieu/" in w.url}


def test_the_inbox_asks_to_open_to_vote_and_to_count(world):
    row = v.prepare(world)
    title = row.title
    assert waiting(world, world.lead_officer) == {f"Mở bỏ phiếu: {title}": False}
    assert waiting(world, world.heads[1]) == {}
    from scoring.workflow.ballot import open_ballot  # noqa: PLC0415

    open_ballot(ballot_id=row.pk, seen=row.revision, by=world.lead_officer, now=walk.PROVISIONAL)
    assert waiting(world, world.heads[1]) == {f"Bỏ phiếu: {title}": False}
    assert waiting(world, world.officers[1]) == {}
    assert waiting(world, world.organiser_acting) == {f"Kiểm phiếu: {title}": True}
    for index in range(3):
        v.cast(world, row, index, 0)
    assert waiting(world, world.heads[1]) == {}
    assert waiting(world, world.heads[0]) == {f"Kiểm phiếu: {title}": False}
    v.count(world, row)
    assert waiting(world, world.lead_officer) == {}


# Quotas and nominations ----------------------------------------------------------------------
def test_the_organiser_sets_quotas_and_members_read_those_that_hold(world):
    browser = client_of(world.organiser_acting)
    answer = fill(
        browser, url(world, "quota_new"), title=v.FLAG, max_count="", max_percent="67",
        leaders_only="",
    )  # fmt: skip
    assert answer.status_code == 302, words(answer)
    quota = AwardQuota.objects.get()
    page = words(client_of(world.officers[1]).get(url(world, "quotas")))
    assert "67 % số đơn vị thành viên (3), làm tròn xuống" in page
    assert "Thêm danh hiệu" not in page
    assert client_of(world.lead_officer).get(url(world, "quota", quota.pk)).status_code == 403
    both = fill(browser, url(world, "quota", quota.pk), max_count="2")
    assert "chỉ một trong hai" in words(both)
    neither = fill(browser, url(world, "quota", quota.pk), max_percent="")
    assert "chỉ một trong hai" in words(neither)
    fill(browser, url(world, "quota_remove", quota.pk))
    assert not AwardQuota.objects.exists()


def test_nominations_from_the_vote_to_the_workbook_and_back(world):
    v.final(world)
    quota = v.quota(world)
    row = v.opened(world, subject=BallotSubject.TITLE, quota_id=quota.pk)
    for index in (0, 1):
        v.cast(world, row, index, 1)
    v.count(world, row)
    browser = client_of(world.lead_officer)
    page = browser.get(url(world, "nominate", quota.pk))
    assert "2/2 phiếu, trúng" in words(page)
    assert form_on(page)["units"] == str(world.units[1].pk), "whom the vote chose is ticked"
    fill(browser, url(world, "nominate", quota.pk), note="Dẫn đầu khối")
    shown = words(browser.get(url(world, "nominations")))
    assert "Được đề nghị 1, khối đã đề nghị 1, còn 0" in shown
    assert "theo bỏ phiếu số 1" in shown
    full = fill(browser, url(world, "nominate", quota.pk), units=str(world.units[0].pk))
    assert "còn 0" in words(full)
    book = client_of(world.officers[2]).get(url(world, "nominations_excel"))
    assert book["Content-Disposition"].endswith(".xlsx") or "xlsx" in book["Content-Disposition"]
    one = Nomination.objects.get()
    fill(browser, url(world, "nomination_withdraw", one.pk), reason="Trùng thành tích khác")
    assert "Đã rút: Trùng thành tích khác" in words(browser.get(url(world, "nominations")))
    whole = words(client_of(world.organiser_acting).get(url(world, "nominations")))
    assert "Cả kỳ, mọi cụm, khối" in whole


def test_members_read_what_their_cluster_nominated_the_organiser_reads_all(world):
    """The other cluster takes two of four places: members see what is left, not who took it."""
    v.final(world)
    quota = v.quota(world, max_count=4)
    second = v.second_year(world)
    for unit in second.memberships.select_related("unit"):
        Nomination.objects.create(
            cluster_year=second, quota=quota, unit=unit.unit, unit_name=unit.unit.name,
            nominated_at=walk.FINAL, nominated_by_id=world.organiser_acting.user_id,
        )  # fmt: skip
    for person in (world.officers[1], world.lead_officer):
        browser = client_of(person)
        shown = words(browser.get(url(world, "nominations")))
        assert "Được đề nghị 4, khối đã đề nghị 0, còn 2" in shown
        assert "Khối đã đề nghị Còn" in words(browser.get(url(world, "quotas")))
        assert _numbers(browser, world) == ["4", "0", "2"]
    asked = words(client_of(world.lead_officer).get(url(world, "nominate", quota.pk)))
    assert "Được đề nghị 4, khối đã đề nghị 0, còn 2" in asked
    browser = client_of(world.organiser_acting)
    whole = words(browser.get(url(world, "nominations")))
    assert "đã đề nghị 2 (khối này 0), còn 2" in whole
    assert _numbers(browser, world) == ["4", "2", "2"]


def _numbers(browser: Any, world: Any) -> list[str]:
    page = browser.get(url(world, "quotas")).content.decode()
    return re.findall(r'<td class="gu-num">(\d+)</td>', page)
