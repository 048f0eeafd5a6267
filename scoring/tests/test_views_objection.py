"""Objections on the page: chosen, written, proved, handed over, sent, decided."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from pledges.tests import year as walk
from pledges.tests.pages import client_of, fill, form_on, stop_clock, words
from scoring.models import Objection, ObjectionStatus, Publication, ScoreLine
from scoring.tests import objections as o
from scoring.workflow import objection as workflow
from scoring.workflow import sheet as sheets
from scoring.workflow.objection import Plea
from scoring.workflow.sheet import LineInput

pytestmark = pytest.mark.django_db
OS = ObjectionStatus
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS"
    b"\xde\x00\x00\x00\x0cIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\r\xefF\xb8\x00\x00\x00\x00IEND"
    b"\xaeB`\x82"
)


@pytest.fixture(scope="module")
def world(kept):
    return o.provisional_world()


@pytest.fixture
def line(world):
    return o.direct_line(world)


@pytest.fixture(autouse=True)
def still(monkeypatch):
    stop_clock(monkeypatch, o.TAKEN)


def url(world, name: str, *args: object) -> str:
    return reverse(f"scoring:{name}", args=[world.year.pk, *args])


def officer(world):
    return client_of(world.officers[o.UNIT])


def head(world):
    return client_of(world.heads[o.UNIT])


def body(world):
    return client_of(world.organiser_acting)


def test_from_the_scoreboard_to_what_the_head_sends(world, line):
    browser = officer(world)
    board = browser.get(url(world, "scoreboard"))
    assert url(world, "objections") in board.content.decode()
    assert "Soạn kiến nghị" in words(browser.get(url(world, "objections")))
    chosen = browser.get(url(world, "objection_choose"))
    assert url(world, "objection_line", line.pk) in chosen.content.decode()
    code = browser.get(url(world, "objection_choose"), {"ma": line.criterion.code})
    assert code["Location"] == url(world, "objection_line", line.pk)
    address = url(world, "objection_line", line.pk)
    assert "Đã công bố tạm tính Phiên chấm 1" in words(browser.get(address))
    file = SimpleUploadedFile("bien-ban.png", PNG, content_type="image/png")
    form = form_on(browser.get(address)) | {"figure": "0,5", "text": o.TEXT}
    saved = browser.post(address, form | {"minh-chung-uploads": file})
    row = Objection.objects.get()
    assert saved["Location"] == url(world, "objection", row.pk)
    assert (row.asked, row.text, row.evidence.count()) == ({"points": "0.5"}, o.TEXT, 1)
    assert browser.get(address)["Location"] == saved["Location"], "one about one thing"
    page = words(browser.get(saved["Location"]))
    assert "Trình lãnh đạo đơn vị" in page
    assert "0,5 điểm" in page
    own = browser.get(saved["Location"])
    browser.post(url(world, "objection_hand_over", row.pk), form_on(own, "csrfmiddlewaretoken"))
    assert Objection.objects.get().ready_at == o.TAKEN
    sent = fill(head(world), url(world, "objection_send", row.pk), "seen")
    done = words(head(world).get(sent["Location"]))
    assert "Đã gửi kiến nghị số 1" in done
    page = words(body(world).get(url(world, "objection_decide", row.pk)))
    assert o.TEXT in page
    assert "bien-ban.png" in page


def test_what_was_decided_and_what_a_new_run_changes(world, line, monkeypatch):
    row = o.sent(world, line)
    said = fill(
        body(world), url(world, "objection_decide", row.pk), "mark", decision="chap-nhan",
        reason=o.REASON,
    )  # fmt: skip
    done = words(body(world).get(said["Location"]))
    assert "Đã chấp nhận kiến nghị số 1" in done
    assert ScoreLine.objects.get(pk=line.pk).final == {"points": "0.5"}
    page = words(officer(world).get(url(world, "objection", row.pk)))
    assert o.REASON in page
    assert "→ 0,5 điểm" in page
    walk.make_run(world, now=o.TAKEN)
    stop_clock(monkeypatch, walk.FINAL)
    final = words(body(world).get(url(world, "publish_final")))
    assert "1 kiến nghị đã gửi : 1 chấp nhận, 0 không chấp nhận" in final
    assert "Phiên chấm 2 so với phiên chấm 1" in final


def test_the_final_page_names_what_waits(world, line, monkeypatch):
    o.sent(world, line)
    stop_clock(monkeypatch, walk.FINAL)
    page = words(body(world).get(url(world, "publish_final")))
    assert f"Còn 1 kiến nghị chưa quyết định: số 1 của {world.units[2].short_name}." in page
    fill(body(world), url(world, "publish_final"), "run", typed="CÔNG BỐ 2026")
    assert not Publication.objects.filter(status="FINAL").exists()


def test_what_was_typed_is_kept_when_another_saved_first(world, line):
    row = o.draft(world, line)
    address = url(world, "objection_edit", row.pk)
    browser = head(world)
    form = form_on(browser.get(address)) | {"text": "Bản của lãnh đạo", "figure": "0,25"}
    workflow.edit(
        objection_id=row.pk, seen=row.revision, plea=Plea("Bản của cán bộ", {"points": "1"}),
        by=world.officers[o.UNIT], now=o.TAKEN,
    )  # fmt: skip
    answer = browser.post(address, form)
    page = words(answer)
    assert "Bản của lãnh đạo" in page
    assert "Đang lưu, nội dung: Bản của cán bộ" in page
    assert "Đang lưu, số đề nghị: 1 điểm" in page
    assert 'value="0,25"' in answer.content.decode()
    assert browser.post(address, form_on(answer)).status_code == 302
    stored = Objection.objects.get(pk=row.pk)
    assert (stored.text, stored.asked) == ("Bản của lãnh đạo", {"points": "0.25"})


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"text": ""}, "Chưa nhập nội dung kiến nghị"), ({"figure": "99999"}, "không được lớn hơn"),
        ({"figure": "abc"}, "Lỗi:"), ({"text": "x" * 6001}, "Chỉ nhận tối đa 6.000 ký tự"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_beside_the_field(world, line, typed, said):
    data = {"text": o.TEXT, "figure": "0,5"} | typed
    answer = fill(officer(world), url(world, "objection_line", line.pk), "token", **data)
    assert answer.status_code == 200
    assert said in words(answer) or said in answer.content.decode()
    assert not Objection.objects.exists()


def test_a_decision_needs_its_reason_and_a_figure_only_where_it_accepts(world, line):
    row = o.sent(world, line)
    address = url(world, "objection_decide", row.pk)
    browser = body(world)
    for typed in (
        {"decision": ""}, {"decision": "chap-nhan", "reason": ""},
        {"decision": "chap-nhan", "reason": o.REASON, "figure": ""},
        {"decision": "chap-nhan", "reason": o.REASON, "figure": "99999"},
    ):  # fmt: skip
        answer = fill(browser, address, "mark", **typed)
        assert answer.status_code == 200, typed
        assert "Lỗi:" in answer.content.decode()
    answer = fill(browser, address, "mark", decision="khong-chap-nhan", reason=o.REASON,
                  figure="99999")  # fmt: skip
    assert "không chấp nhận kiến nghị số 1" in words(browser.get(answer["Location"]))
    assert Objection.objects.get().status == OS.REJECTED


def test_a_figure_that_changed_meanwhile_is_shown_before_it_is_decided(world, line):
    row = o.sent(world, line)
    address, browser = url(world, "objection_decide", row.pk), body(world)
    form = form_on(browser.get(address), "mark") | {"decision": "chap-nhan", "reason": o.REASON}
    sheets.settle(
        sheet_id=line.sheet_id, line=LineInput(line.pk, {"points": "0.25"}, "Rà soát"),
        by=world.organiser_acting, now=o.TAKEN,
    )  # fmt: skip
    answer = browser.post(address, form)
    assert "chính thức: 0,25 điểm" in words(answer)
    again = form_on(answer, "mark")
    assert again["reason"] == o.REASON
    assert browser.post(address, again | {"decision": "chap-nhan"}).status_code == 302
    assert Objection.objects.get().figure_before == {"points": "0.25"}


def test_a_withdrawn_objection_is_not_decided_by_an_older_page(world, line):
    row = o.sent(world, line)
    address, browser = url(world, "objection_decide", row.pk), body(world)
    form = form_on(browser.get(address), "mark") | {"decision": "chap-nhan", "reason": o.REASON}
    left = fill(head(world), url(world, "objection_withdraw", row.pk), "seen")
    assert "Đã rút kiến nghị số 1" in words(head(world).get(left["Location"]))
    answer = browser.post(address, form)
    assert "đã rút kiến nghị số 1" in words(answer)
    assert Objection.objects.get().status == OS.WITHDRAWN


def test_a_page_that_drops_a_draft_does_not_take_back_what_was_sent_meanwhile(world, line):
    row, browser = o.draft(world, line), head(world)
    address = url(world, "objection_withdraw", row.pk)
    form = form_on(browser.get(address), "seen")
    o.send(world, row)
    answer = browser.post(address, form)
    assert "đã thay đổi sau khi bạn mở trang" in words(answer)
    assert "Rút kiến nghị số 1" in words(answer)
    assert Objection.objects.get().status == OS.SENT
    assert browser.post(address, form_on(answer, "seen")).status_code == 302
    assert Objection.objects.get().status == OS.WITHDRAWN


def test_the_whole_result_and_dropped_drafts(world):
    browser = officer(world)
    fill(browser, url(world, "objection_whole"), "token", text="Đề nghị xem lại thứ hạng")
    row = Objection.objects.get()
    assert "Kết quả chung" in words(browser.get(url(world, "objection", row.pk)))
    assert "Mở kiến nghị đang có" in words(browser.get(url(world, "objection_choose")))
    gone = fill(browser, url(world, "objection_withdraw", row.pk), "seen")
    assert gone["Location"] == url(world, "objections")
    assert not Objection.objects.exists()
    sent = o.sent(world, None)
    page = words(body(world).get(url(world, "objection_decide", sent.pk)))
    assert "Nêu đã làm gì" in page
    fill(body(world), url(world, "objection_decide", sent.pk), "seen", decision="chap-nhan",
         reason="Đã bỏ trường hợp không xét")  # fmt: skip
    assert Objection.objects.get().status == OS.ACCEPTED


def test_when_the_time_is_over_the_pages_say_so_and_keep_the_draft(world, line, monkeypatch):
    row = o.draft(world, line)
    stop_clock(monkeypatch, walk.moment(12, 29))
    assert "đã khóa sau ngày 28/12/2026" in words(head(world).get(url(world, "objections")))
    page = words(head(world).get(url(world, "objection_send", row.pk)))
    assert "Bản nháp vẫn được giữ" in page
    new = officer(world).get(url(world, "objection_line", o.direct_line(world, place=1).pk))
    assert new.status_code == 403
    assert "gia hạn" in words(new)
    assert Objection.objects.get().status == OS.DRAFT


def test_the_list_shows_what_one_may_know_of(world, line):
    o.reject(world, o.sent(world, line))
    o.draft(world, None)
    own = words(officer(world).get(url(world, "objections")))
    assert "Bản nháp" in own
    assert "Không chấp nhận" in own
    listed = words(body(world).get(url(world, "objections")))
    assert "Bản nháp" not in listed
    assert "số 1" in listed
    assert "Không có kiến nghị nào như vậy" in words(
        body(world).get(url(world, "objections"), {"loc": "cho"})
    )
    other = words(client_of(world.officers[1]).get(url(world, "objections")))
    assert "Chưa có kiến nghị nào" in other
    row = Objection.objects.get(number=1)
    for person in (world.officers[1], world.organiser_head):
        assert client_of(person).get(url(world, "objection", row.pk)).status_code == 404
    lead = client_of(world.lead_officer)
    assert o.TEXT in words(lead.get(url(world, "objection", row.pk))), "it appraised the sheet"
    for name in ("objection_edit", "objection_send", "objection_withdraw", "objection_decide"):
        assert lead.get(url(world, name, row.pk)).status_code == 403


def test_a_foreign_line_does_not_exist(world):
    foreign = o.direct_line(world, 1)
    assert officer(world).get(url(world, "objection_line", foreign.pk)).status_code == 404


def test_the_own_line_leads_to_an_objection_while_they_are_taken(world, line):
    page = officer(world).get(url(world, "line", line.sheet_id, line.pk)).content.decode()
    assert url(world, "objection_line", line.pk) in page


def test_a_confirmation_is_its_owners(world, line):
    row = o.draft(world, line)
    sent = fill(head(world), url(world, "objection_send", row.pk), "seen")
    assert officer(world).get(sent["Location"]).status_code == 404
