"""Pages of progress: entering, checking, handing in, returning, correcting; what each may see."""

import copy
import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import Notice
from core.tests import __file__ as core_tests
from pledges import operations
from pledges.models import ProgressEntry, ProgressReport, ReturnedEntry
from pledges.tests import factories as f
from pledges.tests import progress as walk
from pledges.tests.pages import client_of, fill, form_on, sent, stop_clock, url, words
from pledges.tests.progress import noon, period, running_world, targets
from scoring.tests.test_evidence_views import upload

pytestmark = pytest.mark.django_db
NUMBERS = json.loads((Path(core_tests).parent / "bad_inputs.json").read_text("utf-8"))["numbers"]
UNIT = 2
#: A page that needs more statements is looked at, whatever its size.
MOST = 60


@pytest.fixture(scope="module")
def signed(kept):
    return running_world()


@pytest.fixture
def world(signed, db, monkeypatch):
    """The signed world; what a test writes is taken back, in the rows and in what it holds."""
    stop_clock(monkeypatch, noon(period(signed).ends_on + timedelta(days=2)))
    return copy.deepcopy(signed)


@pytest.fixture
def officer(world):
    return client_of(world.officers[UNIT])


def grid(world, order=1, **query):
    page = url(world, "progress")
    more = "".join(f"&{k}={v}" for k, v in query.items())
    return f"{page}?ky={period(world, order).pk}{more}"


def cell(world, place=0, order=1):
    return f"{url(world, 'progress_cell', targets(world)[place].key)}?ky={period(world, order).pk}"


def pk(world, place=0):
    return targets(world)[place].pk


def saved(world, place=0) -> ProgressEntry | None:
    rows = ProgressEntry.objects.filter(target=pk(world, place), report__unit=world.units[UNIT])
    return rows.order_by("pk").last()


# The grid ------------------------------------------------------------------------------------
def test_the_grid_shows_pledge_figure_and_state_of_every_target(world, officer):
    text = words(officer.get(grid(world)))
    assert "Tỷ lệ điều tra, khám phá án chung % ≥ 80" in text
    assert "Đã nhập 0/2" in text
    assert "Chưa nhập" in text
    assert "vạch 25 %" in text
    assert "Đang chờ bạn, hạn" in text


def test_what_was_typed_is_saved_and_stands_beside_the_period_before(world, monkeypatch):
    walk.accepted(world, UNIT, {0: "70"})
    stop_clock(monkeypatch, noon(period(world, 2).ends_on))
    officer = client_of(world.officers[UNIT])
    response = fill(
        officer, grid(world, 2), "narrative",
        **{f"o-{pk(world)}": "1.234,5", "narrative": "Tình hình ổn định"},
    )  # fmt: skip
    assert response.status_code == 302
    text = words(officer.get(grid(world, 2)))
    assert "≥ 80 70" in text
    assert "1.234,5" in text
    assert "Gấp 17,6 lần bình quân các kỳ trước." in text
    assert "Đã nhập 1/2 · 1 cảnh báo" in text
    assert report_of(world).narrative == "Tình hình ổn định"


def test_zero_not_entered_and_not_assigned_look_different(monkeypatch):
    world = f.make_world(prefix="kh")
    pledge = f.start(world)
    levels = [operations.Level(u.pk, is_assigned=i != UNIT, value=None if i == UNIT else Decimal(5))
              for i, u in enumerate(world.units)]  # fmt: skip
    operations.save_target(
        pledge_id=pledge.pk, key=None, seen="", levels=levels, by=world.lead_officer, now=f.NOW,
        values=f.target_values("Trật tự đường sắt", is_common=False, unit_of_measure="vụ"),
    )  # fmt: skip
    pledge = f.circulate(world, pledge)
    pledge = f.consent_all(world, pledge)
    f.freeze(world, pledge)
    stop_clock(monkeypatch, noon(period(world).ends_on))
    walk.enter(world, UNIT, {0: "0"})
    page = client_of(world.officers[UNIT]).get(grid(world))
    html = page.content.decode()
    text = words(page)
    assert "Không giao cho đơn vị, không tính" in text
    assert f'name="o-{pk(world, 2)}"' not in html
    assert f'name="o-{pk(world, 0)}" value="0"' in html
    assert "Đã nhập 1/2" in text


def is_sent(typed: str) -> bool:
    """Whether a browser can send it: half a character cannot be encoded."""
    return bool(typed.strip()) and not any("\ud800" <= char <= "\udfff" for char in typed)


@pytest.mark.parametrize("row", [row for row in NUMBERS if is_sent(row["typed"])])
def test_every_number_of_the_catalogue_is_read_or_named_at_its_cell(world, officer, row):
    typed = row["typed"] * row.get("times", 1)
    response = fill(officer, grid(world), "narrative", **{f"o-{pk(world)}": typed})
    value = row.get("value")
    takes = value is not None and Decimal(value) >= 0 and len(value.partition(".")[0]) <= 14
    takes = takes and len(value.partition(".")[2]) <= 4
    if takes:
        assert response.status_code == 302
        assert saved(world).value == Decimal(value)
    else:
        assert response.status_code == 200
        assert saved(world) is None
        assert f'href="#o-{pk(world)}"' in response.content.decode()
        assert response.context["form"].faults
        assert "Tới ô lỗi" in words(response)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("-1", "Số không được âm"),
        ("1,23456", "tối đa 4 chữ số sau dấu phẩy"),
        ("123456789012345", "tối đa 14 chữ số trước dấu phẩy"),
        ("0.125", "Ghi 0,125 hoặc 125"),
    ],
)
def test_a_figure_beyond_reason_is_refused_and_stays_as_typed(world, officer, typed, sentence):
    response = fill(officer, grid(world), "narrative", **{f"o-{pk(world)}": typed})
    assert sentence in words(response)
    assert f'value="{typed}"' in response.content.decode()


def test_an_emptied_cell_is_not_zero_but_not_entered(world, officer):
    walk.enter(world, UNIT, {0: "5"})
    fill(officer, grid(world), "narrative", **{f"o-{pk(world)}": ""})
    assert saved(world) is None


def test_the_script_is_told_what_stands_now(world, officer):
    sheet = form_on(officer.get(grid(world)), "narrative")
    name = f"{pk(world)}"
    body = {f"o-{name}": "98,5", f"c-{name}": sheet[f"c-{name}"], "narrative": ""}
    told = officer.post(grid(world), body, headers={"accept": "application/json"}).json()
    assert not told["failed"]
    row = told["rows"][name]
    assert (row["value"], row["total"]) == ("98,5", "98,5")
    assert "Đã lưu 12:00" in row["state"]
    assert told["summary"] == "Đã nhập 1/2"
    again = officer.post(grid(world), body, headers={"accept": "application/json"}).json()
    assert not again["failed"], "the answer was lost and the same is sent again"
    body |= {f"o-{name}": "9,x", f"c-{name}": row["served"]}
    bad = officer.post(grid(world), body, headers={"accept": "application/json"}).json()
    assert bad["failed"]
    assert "Chỉ ghi số" in bad["rows"][name]["state"]


def test_a_cell_that_went_back_and_forth_is_saved_every_time(world, officer):
    name = f"{pk(world)}"
    served = ":"
    for typed in ("5", "6", "5", "6"):
        body = {f"o-{name}": typed, f"c-{name}": served, "narrative": ""}
        told = officer.post(grid(world), body, headers={"accept": "application/json"}).json()
        served = told["rows"][name]["served"]
        assert saved(world).value == Decimal(typed)


def test_a_cell_somebody_else_changed_shows_both_and_waits_for_a_choice(world, officer):
    page = form_on(officer.get(grid(world)), "narrative")
    walk.enter(world, UNIT, {0: "11"})
    response = officer.post(grid(world), page | {f"o-{pk(world)}": "9"})
    text = words(response)
    assert "Bạn: 9" in text
    assert ": 11" in text
    assert saved(world).value == 11
    held = form_on(response, "narrative")
    kept = officer.post(grid(world), held | {"giu": str(pk(world))})
    assert kept.status_code == 302
    assert saved(world).value == 11
    again = form_on(response, "narrative") | {"token": sent()["token"]}
    assert officer.post(grid(world), again | {"thay": str(pk(world))}).status_code == 302
    assert saved(world).value == 9


def test_a_page_left_open_does_not_undo_cells_it_never_touched(world, officer):
    page = form_on(officer.get(grid(world)), "narrative")
    walk.enter(world, UNIT, {0: "11"})
    assert officer.post(grid(world), page | {"narrative": "Ổn định"}).status_code == 302
    assert saved(world).value == 11


def test_filters_count_and_show_their_rows(world, officer):
    walk.enter(world, UNIT, {0: "0.5"})
    page = officer.get(grid(world, loc="canh-bao"))
    text = words(page)
    assert "Cảnh báo 1" in text
    assert "Có phải 50 %?" in text
    assert "Không để xảy ra bạo loạn" not in text
    assert "Không để xảy ra bạo loạn" in words(officer.get(grid(world, loc="chua-nhap")))


# One cell ------------------------------------------------------------------------------------
def test_a_cell_has_its_source_its_history_and_its_neighbours(world, officer):
    walk.enter(world, UNIT, {0: "5"})
    walk.enter(world, UNIT, {0: "6"})
    text = words(officer.get(cell(world)))
    assert "Nguồn chỉ tiêu: Giao ước 01/GƯTĐ-K1, dòng 1" in text
    assert "5 → 6" in text
    assert "Tất cả, 1/2" in text
    part = officer.get(cell(world) + "&manh=1")
    assert b"<html" not in part.content


def test_words_note_and_file_are_saved_with_the_cell(world, officer):
    page = officer.get(cell(world, 1))
    body = form_on(page) | {
        "text": "Không xảy ra bạo loạn", "note": "Theo báo cáo tuần",
        "minh-chung-uploads": upload(), "tiep": "1",
    }  # fmt: skip
    response = officer.post(cell(world, 1), body)
    entry = saved(world, 1)
    assert response.status_code == 302, words(response)
    assert entry.evidence.count() == 1
    assert (entry.text, entry.note) == ("Không xảy ra bạo loạn", "Theo báo cáo tuần")


def test_save_and_go_on_leads_to_the_next_cell(world, officer):
    response = fill(officer, cell(world), "note", value="80", tiep="1")
    assert targets(world)[1].key in response.url


def test_a_note_settles_a_doubt(world, officer):
    walk.enter(world, UNIT, {0: "0.5"})
    fill(officer, cell(world), "note", note="Đúng là nửa phần trăm")
    text = words(officer.get(grid(world)))
    assert "đã giải thích" in text
    assert "Cảnh báo 0" in text


def test_a_conflict_on_the_cell_keeps_what_was_typed(world, officer):
    page = form_on(officer.get(cell(world)), "note")
    walk.enter(world, UNIT, {0: "11"})
    response = officer.post(cell(world), page | {"value": "9"})
    assert "Người khác vừa sửa ô này" in words(response)
    assert officer.post(cell(world), form_on(response, "note") | {"value": "9"}).status_code == 302
    assert saved(world).value == 9


# Handing in ----------------------------------------------------------------------------------
def report_of(world) -> ProgressReport:
    return ProgressReport.objects.filter(unit=world.units[UNIT]).latest("pk")


def test_the_officer_hands_over_and_the_head_submits_after_checking(world, officer):
    walk.enter(world, UNIT, {0: "0.5"})
    page = url(world, "progress_submit", report_of(world).pk)
    text = words(officer.get(page))
    assert "Có phải 50 %?" in text
    assert "2. Không để xảy ra bạo loạn" in text
    done = fill(officer, page)
    assert "Đã trình lãnh đạo" in words(officer.get(done.url))
    head = client_of(world.heads[UNIT])
    assert "Kiểm tra và nộp tiến độ" in words(head.get("/viec-cua-toi/"))
    text = words(head.get(page))
    assert "tôi cam kết số liệu trên là đúng" in text
    done = fill(head, page)
    text = words(head.get(done.url))
    assert "Phiếu số 01/TĐ-K1" in text
    assert f"Đang chờ {world.units[0].short_name}" in text
    assert report_of(world).status == "SUBMITTED"
    assert words(officer.get(grid(world))).count("Phiếu đã nộp, chờ") == 1


def test_late_is_said_before_and_after(world, monkeypatch):
    walk.enter(world, UNIT, {0: "5"})
    stop_clock(monkeypatch, noon(period(world).due_on + timedelta(days=4)))
    head = client_of(world.heads[UNIT])
    page = url(world, "progress_submit", report_of(world).pk)
    assert "Đã quá hạn 4 ngày. Bạn vẫn nộp được" in words(head.get(page))
    done = fill(head, page)
    assert "Nộp muộn 4 ngày" in words(head.get(done.url))


def test_what_changed_while_the_head_was_reading_is_not_submitted_unseen(world):
    walk.enter(world, UNIT, {0: "5"})
    head = client_of(world.heads[UNIT])
    page = url(world, "progress_submit", report_of(world).pk)
    read = form_on(head.get(page), "seen")
    walk.enter(world, UNIT, {0: "6"})
    response = head.post(page, read)
    assert "Phiếu đã thay đổi sau khi bạn mở trang" in words(response)
    assert head.post(page, form_on(response, "seen")).status_code == 302


# Judging -------------------------------------------------------------------------------------
@pytest.fixture
def submitted(world):
    walk.enter(world, UNIT, {0: "7.85", 1: "Không xảy ra"})
    now = noon(period(world).ends_on + timedelta(days=2))
    return walk.submit(world, UNIT, report_of(world), now)


def test_who_judges_sees_it_waiting_opens_it_and_accepts(world, submitted):
    lead = client_of(world.lead_officer)
    inbox = words(lead.get("/viec-cua-toi/"))
    assert f"Xem xét tiến độ {period(world).name} của {world.units[UNIT].short_name}" in inbox
    assert "chưa ai xem" in words(lead.get(url(world, "progress_units")))
    page = lead.get(url(world, "progress_report", submitted.pk))
    text = words(page)
    assert "7,85" in text
    assert "Không xảy ra" in text
    assert ProgressReport.objects.get(pk=submitted.pk).seen_at is not None
    done = lead.post(url(world, "progress_accept", submitted.pk), form_on(page, "seen"))
    assert done.status_code == 302
    assert "Đã chấp nhận" in words(lead.get(done["Location"]))
    told = Notice.objects.filter(recipient=world.officers[UNIT].user_id, withdrawn_at=None)
    assert told.filter(text__contains="đã chấp nhận").exists()


def test_a_report_is_returned_by_cell_and_only_those_are_entered_again(world, submitted, officer):
    lead = client_of(world.lead_officer)
    page = url(world, "progress_return", submitted.pk)
    name = str(pk(world))
    bare = fill(lead, page, "seen", **{"reason": "Đề nghị kiểm tra", f"o-{name}": "on"})
    assert "Ghi rõ phải sửa gì ở ô này" in words(bare)
    assert fill(lead, page, "seen", reason="", **{f"l-{name}": "Nghi sai dấu"}).status_code == 200
    done = fill(lead, page, "seen", **{"reason": "Đề nghị kiểm tra", f"l-{name}": "Nghi sai dấu"})
    assert done.status_code == 302
    assert ReturnedEntry.objects.get().reason == "Nghi sai dấu"
    html = officer.get(grid(world)).content.decode()
    assert "Nghi sai dấu" in html
    assert "Đề nghị kiểm tra" in html
    text = words(officer.get(cell(world, 1)))
    assert "Ô này không bị trả lại nên giữ nguyên" in text
    assert "Sửa tiến độ" in words(officer.get("/viec-cua-toi/"))
    assert fill(officer, grid(world), "narrative", **{f"o-{name}": "78,5"}).status_code == 302
    assert "Trả lại 0" in words(officer.get(grid(world)))


def test_nobody_judges_their_own_report(world):
    report = walk.submit(world, 0, walk.enter(world, 0, {0: "80"}))
    lead, deputy = client_of(world.lead_officer), client_of(world.officers[1])
    text = words(lead.get(url(world, "progress_report", report.pk)))
    assert "Chấp nhận phiếu" not in text
    assert lead.get(url(world, "progress_return", report.pk)).status_code == 403
    lead.post(url(world, "progress_accept", report.pk), sent(seen=str(report.revision)))
    assert ProgressReport.objects.get(pk=report.pk).status == "SUBMITTED"
    assert "Chấp nhận phiếu 01" in words(deputy.get(url(world, "progress_report", report.pk)))


def test_a_report_changed_since_it_was_read_is_not_accepted(world, submitted):
    lead = client_of(world.lead_officer)
    address = url(world, "progress_accept", submitted.pk)
    response = lead.post(address, sent(seen="1"), follow=True)
    assert "Phiếu đã thay đổi sau khi bạn mở trang" in words(response)
    assert ProgressReport.objects.get(pk=submitted.pk).status == "SUBMITTED"


# Correcting ----------------------------------------------------------------------------------
def test_an_accepted_figure_is_corrected_with_a_reason(world, officer, submitted):
    walk.accept(world, UNIT, submitted)
    page = officer.get(grid(world))
    assert "Lập phiếu đính chính" in words(page)
    officer.post(url(world, "progress_correct", submitted.pk), sent())
    name = str(pk(world))
    bare = fill(officer, grid(world), "reason", **{f"o-{name}": "78,5"})
    assert "Nêu lý do đính chính" in words(bare)
    fine = fill(officer, grid(world), "reason", **{f"o-{name}": "78,5", "reason": "Sai dấu phẩy"})
    assert fine.status_code == 302
    entry = saved(world)
    assert (entry.report.part, entry.reason) == (2, "Sai dấu phẩy")
    assert entry.replaces.value == Decimal("7.85")
    assert "Đính chính tiến độ" in words(officer.get(grid(world)))


# Who sees what -------------------------------------------------------------------------------
def test_what_was_not_submitted_is_seen_by_nobody_else(world):
    walk.enter(world, UNIT, {0: "4321"})
    report = report_of(world)
    for person in (world.lead_officer, world.officers[1], world.organiser_acting):
        client = client_of(person)
        assert client.get(url(world, "progress_report", report.pk)).status_code == 404
        assert "4321" not in words(client.get(url(world, "progress_units")))
        history = reverse("clusters:history", args=[world.year.pk])
        assert "đã nhập số liệu vào" not in words(client.get(history))


def test_a_draft_typed_after_a_return_is_not_shown_to_who_judges(world, submitted):
    walk.give_back(world, UNIT, submitted, {0: "Nghi sai dấu"})
    walk.enter(world, UNIT, {0: "4321"}, now=noon(period(world).ends_on + timedelta(days=4)))
    lead = client_of(world.lead_officer)
    assert "4321" not in words(lead.get(url(world, "progress_report", submitted.pk)))
    assert "4.321" not in words(lead.get(url(world, "progress_report", submitted.pk)))
    assert "4321" not in words(lead.get(url(world, "progress_history", submitted.pk)))


def test_the_history_of_a_report_tells_old_and_new(world, officer, submitted):
    text = words(officer.get(url(world, "progress_history", submitted.pk)))
    assert "1. Tỷ lệ điều tra" in text
    assert "7,85" in text
    assert "đã nộp" in text


def test_before_the_pledge_is_frozen_and_for_the_organiser(monkeypatch):
    world = f.make_world(prefix="kh")
    f.start(world)
    stop_clock(monkeypatch, f.NOW)
    text = words(client_of(world.officers[1]).get(url(world, "progress")))
    assert "giao ước chưa chốt để ký" in text
    response = client_of(world.organiser_acting).get(url(world, "progress"))
    assert response["Location"] == url(world, "progress_units")


def test_a_year_without_periods_says_who_sets_them(world, officer):
    world.year.periods.all().delete()
    assert "chưa có kỳ báo cáo" in words(officer.get(url(world, "progress")))
    assert client_of(world.officers[1]).get(url(world, "progress") + "?ky=99999").status_code == 404


# How often the database is asked ---------------------------------------------------------------
def with_targets(count: int, prefix: str):
    """Return a world whose pledge has so many more targets."""
    world = f.make_world(prefix=prefix)
    pledge = f.start(world)
    for place in range(count):
        values = f.target_values(f"Chỉ tiêu {place}", area=f"Mặt công tác {place // 10}")
        operations.save_target(
            pledge_id=pledge.pk, key=None, seen="", values=values, by=world.lead_officer,
            levels=f.levels_for(world, "80"), now=f.NOW,
        )  # fmt: skip
    f.freeze(world, f.consent_all(world, f.circulate(world, pledge)))
    return world


@pytest.mark.parametrize("name", ["progress", "progress_cell", "progress_report"])
def test_the_same_statements_for_2_and_77_targets(name, monkeypatch):
    counts = []
    for count in (0, 75):
        world = with_targets(count, f"t{count}")
        report = walk.enter(world, UNIT, dict.fromkeys([0, *range(2, count + 2)], "5"))
        walk.submit(world, UNIT, report)
        stop_clock(monkeypatch, noon(period(world).ends_on + timedelta(days=3)))
        client = client_of(world.officers[UNIT])
        addresses = {"progress_cell": cell(world), "progress": url(world, "progress")}
        address = addresses.get(name) or url(world, "progress_report", report.pk)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= MOST


@pytest.mark.parametrize("name", ["progress", "progress_cell", "progress_units"])
def test_the_same_statements_for_3_and_8_units(name, monkeypatch):
    counts = []
    for size in (3, 8):
        world, _ = f.make_pledge_at(f.P.SIGNED, f.make_world(size, prefix=f"n{size}"))
        for index in range(size):
            walk.submit(world, index, walk.enter(world, index, {0: "5"}))
        stop_clock(monkeypatch, noon(period(world).ends_on + timedelta(days=3)))
        client = client_of(world.lead_officer)
        address = cell(world) if name == "progress_cell" else url(world, name)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= MOST
