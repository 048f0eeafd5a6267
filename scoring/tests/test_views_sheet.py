"""The score sheet: claiming, checking, submitting, explaining, and what is read afterwards."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from clusters.acting import Acting
from clusters.tests.factories import World
from clusters.tests.pages import client_of, words
from config.tests.realm import at
from core.history import sentences_of, uncovered
from core.models import AuditEvent, Notice
from pledges.tests import year as walk
from pledges.tests.pages import form_on
from scoring.models import Evidence, ScoreLine, SheetStatus
from scoring.queries.sheet import line_mark
from scoring.queries.sheet_work import work_waiting
from scoring.workflow import sheet as workflow
from scoring.workflow.sheet import LineInput, LineReturn

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
#: The unit that scores itself; the lead appraises it.
UNIT = 2
SOURCE = {"number": "01/GƯTĐ-K1", "version": 1, "row": 5, "hash": "ab"}
BASES = {
    "I.1": {
        "key": "a", "text": "Số hội nghị tuyên truyền", "unit_of_measure": "hội nghị",
        "assigned": True, "target": "80", "actual": "75", "source": SOURCE,
    },
    "I.2": {"key": "b", "text": "Ngày hội", "assigned": False, "source": SOURCE},
}  # fmt: skip


@pytest.fixture(scope="module")
def opened(kept: None) -> World:
    """A world with open sheets, two criteria of which stand on the signed pledge."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pledges.workflow.review.bases_of", lambda *_: BASES)
        return walk.yearend_world()


@pytest.fixture
def world(opened: World, db: None) -> World:
    """The same world; what a test writes is taken back."""
    return opened


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with at(walk.SCORING):
        yield


def officer(world: World) -> Client:
    return client_of(world.officers[UNIT])


def head(world: World) -> Client:
    return client_of(world.heads[UNIT])


def url(world: World, name: str, *args: object, index: int = UNIT) -> str:
    return reverse(f"scoring:{name}", args=[world.year.pk, walk.sheet(world, index).pk, *args])


def line(world: World, code: str, index: int = UNIT) -> ScoreLine:
    rows = walk.lines(walk.sheet(world, index))
    return next(row for row in rows if row.criterion.code == code)


def send(world: World, browser: Client | None = None, **by_code: str) -> Any:
    """Type into the grid as served and send it whole; a key is a code and `_note` or `_kg`."""
    browser = browser or officer(world)
    address = url(world, "sheet")
    served = form_on(browser.get(address))
    for key, text in by_code.items():
        code, _, part = key.partition("__")
        row = line(world, code.replace("_", "."))
        name = {"": f"f-{row.pk}", "note": f"n-{row.pk}", "kg": f"f-{row.pk}-kg"}[part]
        served[name] = text
    return browser.post(address, served)


def ask(world: World, row: ScoreLine, mark: str, value: str, **more: str) -> dict[str, Any]:
    """Send one criterion as the script does."""
    data = {f"f-{row.pk}": value, f"n-{row.pk}": "", f"c-{row.pk}": mark, **more}
    answer = officer(world).post(url(world, "sheet"), data, headers={"Accept": "application/json"})
    said: dict[str, Any] = json.loads(answer.content)
    return said


# Claiming ------------------------------------------------------------------------------------
def test_the_grid_says_where_a_target_comes_from_and_nobody_can_type_it(world):
    page = officer(world).get(url(world, "sheet"))
    said, html = words(page), page.content.decode()
    assert "Chỉ tiêu 80 hội nghị" in said
    assert "Đã chấp nhận 75 hội nghị" in said
    assert "Giao ước 01/GƯTĐ-K1, dòng 5" in said
    assert reverse("pledges:version", args=[world.year.pk, 1]) in html
    assert "Theo số đã chấp nhận" in said
    assert "Không giao, không tính điểm" in said
    assert f'name="f-{line(world, "I.2").pk}"' not in html
    assert "target" not in html


def test_only_what_was_touched_is_claimed_and_zero_is_not_nothing(world):
    answer = send(world, II_1="0", V_4="4,5")
    assert answer.status_code == 302
    assert line(world, "II.1").claimed == {"points": "0"}
    assert line(world, "V.4").claimed == {"points": "4.5"}
    assert line(world, "II.2").claimed is None
    event = AuditEvent.objects.filter(action="scoring.line_claimed").latest("seq")
    assert event.after["lines"] == {"II.1": "0 điểm", "V.4": "4,5 điểm"}
    said = words(officer(world).get(url(world, "sheet")))
    assert "Đã chấm 4/24" in said
    send(world, II_1="")
    assert line(world, "II.1").claimed == {}


def test_each_bad_figure_names_its_code_and_everything_typed_stays(world):
    answer = send(world, II_1="99", V_4="4", V_1="1,5")
    said = words(answer)
    assert answer.status_code == 200
    assert "Có 2 lỗi cần sửa" in said
    assert "II.1: số không được lớn hơn 8." in said
    assert "V.1: ghi số nguyên" in said
    assert 'value="99"' in answer.content.decode()
    assert f'name="f-{line(world, "V.4").pk}" value="4"' in answer.content.decode()
    assert line(world, "V.4").claimed is None


def test_another_figure_than_accepted_needs_a_sentence(world):
    answer = send(world, I_1="78")
    assert "I.1: khác số liệu tiến độ đã được chấp nhận" in words(answer)
    assert line(world, "I.1").claimed == {"actual": "75"}
    answer = send(world, I_1="78", I_1__note="Thêm 3 hội nghị tháng 12")
    assert answer.status_code == 302
    row = line(world, "I.1")
    assert (row.claimed, row.claim_note) == ({"actual": "78"}, "Thêm 3 hội nghị tháng 12")
    said = words(officer(world).get(url(world, "sheet_submit")))
    assert "tự chấm 78 hội nghị" in said


def test_not_assigned_is_said_with_a_reason_and_reads_as_such_everywhere(world):
    assert "“không giao” mà giao ước không ghi" in words(send(world, II_1__kg="1"))
    send(world, II_1__kg="1", II_1__note="Đơn vị không có địa bàn nông thôn")
    assert line(world, "II.1").claimed == {"assigned": False}
    page = officer(world).get(url(world, "line", line(world, "II.1").pk))
    assert "Không giao" in words(page)


def test_filters_show_what_is_left(world):
    send(world, II_1="5")
    browser = officer(world)
    page = words(browser.get(url(world, "sheet") + "?hien=chua-cham"))
    assert "II.2" in page
    assert "Cuộc vận động “Toàn dân" not in page
    assert "Không có tiêu chí nào" in words(browser.get(url(world, "sheet") + "?hien=tra-lai"))


def test_the_script_sends_one_criterion_and_hears_what_stands(world):
    row = line(world, "II.1")
    mark = form_on(officer(world).get(url(world, "sheet")))[f"c-{row.pk}"]
    told = ask(world, row, mark, "6")
    assert "<summary>6,00<" in told["points"][str(row.pk)]
    assert "Chấm trực tiếp, mức tối đa 8: 6 điểm." in told["points"][str(row.pk)]
    assert "Tính thử trên số liệu hiện tại" in told["points"][str(row.pk)]
    assert told["rows"][str(row.pk)]["served"] != mark
    assert not told["failed"]
    assert told["totals"]["total"] == "10,69"
    bad = ask(world, row, told["rows"][str(row.pk)]["served"], "9")
    assert bad["failed"]
    assert "không được lớn hơn 8" in bad["rows"][str(row.pk)]["state"]


def test_two_people_on_one_criterion_see_both_figures_and_decide(world):
    row = line(world, "II.1")
    mark = form_on(officer(world).get(url(world, "sheet")))[f"c-{row.pk}"]
    ask(world, row, mark, "6")
    told = ask(world, row, mark, "7")
    assert told["failed"]
    assert "tự chấm: 6 điểm" in told["rows"][str(row.pk)]["state"]
    assert line(world, "II.1").claimed == {"points": "6"}
    now = line_mark(line(world, "II.1"))
    told = ask(world, row, mark, "7", thay=str(row.pk), **{f"m-{row.pk}": now})
    assert not told["failed"]
    assert line(world, "II.1").claimed == {"points": "7"}


def test_what_is_stored_already_is_not_claimed_twice(world):
    row = line(world, "II.1")
    mark = form_on(officer(world).get(url(world, "sheet")))[f"c-{row.pk}"]
    ask(world, row, mark, "6")
    told = ask(world, row, mark, "6")
    assert not told["failed"]
    assert AuditEvent.objects.filter(action="scoring.line_claimed").count() == 1


def test_one_criterion_a_page_with_its_file_and_on_to_the_next(world):
    row, after = line(world, "II.1"), line(world, "II.2")
    browser, address = officer(world), url(world, "line", row.pk)
    served = form_on(browser.get(address), "figure")
    upload = SimpleUploadedFile("bang.png", PNG, "image/png")
    data = served | {"figure": "7", "reason": "Theo báo cáo", "tiep": "1"}
    answer = browser.post(address, data | {"minh-chung-uploads": upload})
    assert answer.status_code == 302, words(answer)
    assert answer["Location"] == url(world, "line", after.pk)
    row = line(world, "II.1")
    assert (row.claimed, row.claim_note) == ({"points": "7"}, "Theo báo cáo")
    assert [file.name for file in row.evidence.all()] == ["bang.png"]
    assert Evidence.objects.get().unit == world.units[UNIT]


def test_a_criterion_saved_meanwhile_keeps_what_was_typed(world):
    row = line(world, "II.1")
    browser, address = officer(world), url(world, "line", row.pk)
    served = form_on(browser.get(address), "figure")
    send(world, II_1="3")
    page = browser.post(address, served | {"figure": "7", "reason": ""})
    assert "Người khác vừa lưu tiêu chí này" in words(page)
    assert 'value="7"' in page.content.decode()
    again = form_on(page, "figure")
    assert browser.post(address, again).status_code == 302
    assert line(world, "II.1").claimed == {"points": "7"}


# Handing in ----------------------------------------------------------------------------------
def test_the_officer_lays_it_before_the_head_and_the_head_submits(world):
    send(world, II_1="5")
    check = officer(world).get(url(world, "sheet_submit"))
    assert "16 tiêu chí sẽ tính 0 điểm" in words(check)
    assert "Nộp phiếu tự chấm" not in words(check).split("Chấm tiếp")[-1]
    officer(world).post(url(world, "sheet_hand_over"), form_on(check))
    head_id = world.heads[UNIT].user_id
    assert Notice.objects.filter(recipient=head_id, url=url(world, "sheet_submit")).exists()
    assert [w.title for w in work_waiting(world.heads[UNIT], walk.SCORING) if not w.waits_for] == [
        "Nộp phiếu tự chấm điểm"
    ]
    page = head(world).get(url(world, "sheet_submit"))
    answer = head(world).post(url(world, "sheet_submit"), form_on(page, "seen"))
    sheet = walk.sheet(world, UNIT)
    assert sheet.status == SheetStatus.SUBMITTED
    said = words(head(world).get(answer["Location"]))
    assert f"Đã nộp phiếu tự chấm số {sheet.number}" in said
    assert "CA Quảng Ninh qb thẩm định lần một" in said
    judge = world.officers[0].user_id
    assert Notice.objects.filter(recipient=judge, url=url(world, "appraisal")).exists()
    assert not Notice.objects.filter(
        recipient=head_id, url=url(world, "sheet_submit"), withdrawn_at=None
    ).exists()


def test_a_sheet_changed_meanwhile_is_not_submitted_unseen(world):
    browser = head(world)
    page = browser.get(url(world, "sheet_submit"))
    send(world, II_1="5")
    answer = browser.post(url(world, "sheet_submit"), form_on(page, "seen"))
    assert "Phiếu đã thay đổi sau khi bạn mở trang" in words(answer)
    assert walk.sheet(world, UNIT).status == SheetStatus.SELF_SCORING
    assert browser.post(url(world, "sheet_submit"), form_on(answer, "seen")).status_code == 302


def test_nothing_is_typed_into_a_sheet_that_was_submitted(world):
    browser = officer(world)
    served = form_on(browser.get(url(world, "sheet")))
    walk.submit_sheet(world, UNIT)
    row = line(world, "II.1")
    answer = browser.post(url(world, "sheet"), served | {f"f-{row.pk}": "5"})
    assert "Phiếu đã nộp, chờ CA Quảng Ninh qb thẩm định." in words(answer)
    assert line(world, "II.1").claimed is None


def give_back(world: World) -> ScoreLine:
    walk.walk_sheet(world, UNIT, "APPRAISED")
    row = walk.sheet(world, UNIT)
    back = [LineReturn(line(world, "II.1").pk, "Thiếu văn bản")]
    workflow.give_back(
        sheet_id=row.pk, seen=row.revision, reason="Cần bổ sung", lines=back,
        by=world.officers[0], now=walk.APPRAISING,
    )  # fmt: skip
    return line(world, "II.1")


def test_of_a_returned_sheet_only_the_returned_lines_are_open_until_answered(world):
    row = give_back(world)
    with at(walk.APPRAISING.replace(hour=5)):
        page = officer(world).get(url(world, "sheet"))
        assert "“Cần bổ sung”" in words(page)
        assert "II.1 : Thiếu văn bản" in words(page)
        inputs = [part for part in form_on(page) if part.startswith("f-")]
        assert inputs == [f"f-{row.pk}"]
        assert [w.title for w in work_waiting(world.officers[UNIT], walk.APPRAISING)] == [
            "Chấm lại 1 tiêu chí bị trả lại"
        ]
        send(world, II_1="6", II_1__note="Đã bổ sung văn bản")
        said = words(officer(world).get(url(world, "sheet")))
        assert "đã chấm lại đủ" in said
        assert "Đã chấm lại" in said


# Explaining ----------------------------------------------------------------------------------
def scored_lower(world: World) -> ScoreLine:
    walk.walk_sheet(world, UNIT, "APPRAISING")
    row = line(world, "II.1")
    workflow.appraise(
        sheet_id=row.sheet_id, lines=[LineInput(row.pk, {"points": "5"}, "Chỉ có 6 tháng")],
        by=world.officers[0], now=walk.APPRAISING,
    )  # fmt: skip
    walk.agree_first(world, UNIT)
    walk.finish_first(world, UNIT)
    return line(world, "II.1")


def test_the_unit_explains_what_was_scored_differently_and_the_head_sends_it(world):
    row = scored_lower(world)
    with at(walk.EXPLAINING):
        browser, address = officer(world), url(world, "sheet_explain")
        page = browser.get(address)
        said = words(page)
        assert "Tự chấm 8 điểm" in said
        assert "Thẩm định lần một 5 điểm" in said
        assert "Chỉ có 6 tháng" in said
        assert "II.2" not in said
        served = form_on(page) | {f"g-{row.pk}": "Báo cáo cả năm số 12/BC"}
        assert browser.post(address, served).status_code == 302
        assert line(world, "II.1").explanation == "Báo cáo cả năm số 12/BC"
        assert "Lãnh đạo đơn vị gửi giải trình." in words(browser.get(address))
        finish = url(world, "sheet_finish")
        answer = head(world).post(finish, form_on(head(world).get(finish), "seen"))
        assert walk.sheet(world, UNIT).status == SheetStatus.SECOND_APPRAISAL
        assert "Đã kết thúc giải trình" in words(head(world).get(answer["Location"]))


def test_a_newer_explanation_is_shown_before_it_is_overwritten(world):
    row = scored_lower(world)
    with at(walk.EXPLAINING):
        browser, address = officer(world), url(world, "sheet_explain")
        served = form_on(browser.get(address))
        browser.post(address, served | {f"g-{row.pk}": "Lần đầu"})
        page = browser.post(address, served | {f"g-{row.pk}": "Bản cũ"})
        assert "Đang lưu: Lần đầu" in words(page)
        assert "Bản cũ" in page.content.decode()
        assert line(world, "II.1").explanation == "Lần đầu"


def test_the_organiser_ends_a_silent_explanation_with_a_reason(world):
    scored_lower(world)
    with at(walk.EXPLAINING):
        browser, finish = client_of(world.organiser_acting), url(world, "sheet_finish")
        served = form_on(browser.get(finish), "seen")
        assert "Chưa ghi lý do." in words(browser.post(finish, served))
        browser.post(finish, served | {"reason": "Quá hạn giải trình"})
        assert walk.sheet(world, UNIT).status == SheetStatus.SECOND_APPRAISAL
        told = Notice.objects.filter(recipient=world.heads[UNIT].user_id).latest("pk")
        assert "Quá hạn giải trình" in told.text
        assert client_of(world.officers[0]).get(finish).status_code == 403


# What is read --------------------------------------------------------------------------------
def test_the_four_figures_stand_side_by_side_with_who_when_and_why(world):
    row = scored_lower(world)
    with at(walk.EXPLAINING):
        said = words(officer(world).get(url(world, "line", row.pk)))
    assert "Tự chấm 8 điểm" in said
    assert "Thẩm định lần một 5 điểm" in said
    assert "Khác bước trước Chỉ có 6 tháng" in said
    assert "Công an huyện Quảng Ninh qb" in said
    assert "Chấm trực tiếp, mức tối đa 8: 5 điểm." in said
    assert "Thẩm định lần hai chưa có" in said


def test_the_explanation_shows_real_numbers_of_the_signed_target(world):
    said = words(officer(world).get(url(world, "line", line(world, "I.1").pk)))
    assert "Chỉ tiêu 80 hội nghị, đạt 75 hội nghị" in said
    assert "Lấy từ giao ước và số liệu tiến độ đã chấp nhận" in said


def test_what_is_still_weighed_up_is_not_the_units_to_read(world):
    walk.walk_sheet(world, UNIT, "APPRAISED")
    row = line(world, "II.1")
    with at(walk.APPRAISING):
        own = words(officer(world).get(url(world, "line", row.pk)))
        assert "Thẩm định lần một chưa có" in own
        assert "thẩm định lần một" not in words(officer(world).get(url(world, "sheet_history")))
        judge = client_of(world.officers[0])
        assert "Thẩm định lần một 8 điểm" in words(judge.get(url(world, "line", row.pk)))
        walk.finish_first(world, UNIT)
        said = words(officer(world).get(url(world, "sheet_history")))
        assert "đã thẩm định lần một" in said
        assert "Tiêu chí II.1" in said


def test_nobody_learns_the_figures_of_another_units_sheet(world):
    scored_lower(world)
    events = AuditEvent.objects.filter(cluster_year_id=world.year.pk)

    def seen(acting: Acting) -> str:
        lines = sentences_of(uncovered(events, acting, world.year))
        return " ".join(f"{one.text} {one.deltas}" for one in lines)

    assert "Tiêu chí II.1" not in seen(world.officers[1])
    assert "đã nộp" in seen(world.officers[1])
    assert "Tiêu chí II.1" in seen(world.officers[UNIT])
    for name, args in (("sheet", ()), ("line", (line(world, "II.1").pk,)), ("sheet_history", ())):
        assert client_of(world.officers[1]).get(url(world, name, *args)).status_code == 404


def test_the_list_shows_what_one_may_know(world):
    walk.walk_sheet(world, UNIT, "SUBMITTED")
    address = reverse("scoring:sheets", args=[world.year.pk])
    mine = client_of(world.officers[1]).get(address)
    assert "Công an huyện Ba Đồn" not in words(mine)
    assert "(đơn vị bạn)" in words(mine)
    judge = words(client_of(world.officers[0]).get(address))
    assert "Đã nộp CA Quảng Ninh qb" in judge
    assert "Đang tự chấm CA Đồng Hới qb" in judge
    page = client_of(world.organiser_acting).get(address)
    assert page.content.decode().count("Xem phiếu<") == 1
    with at(walk.moment(12, 28)):
        late = words(client_of(world.organiser_acting).get(address))
    assert "Quá hạn" in late


@pytest.mark.parametrize(
    ("step", "who", "title"),
    [
        ("", "officer", "Tự chấm điểm năm 2026"),
        ("SUBMITTED", "judge", "Thẩm định phiếu của CA Ba Đồn qb"),
        ("APPRAISING", "judge", "Thẩm định phiếu của CA Ba Đồn qb"),
        ("EXPLAINING", "head", "Giải trình kết quả thẩm định"),
        ("SECOND_APPRAISAL", "organiser", "Thẩm định lần hai phiếu của CA Ba Đồn qb"),
        ("DECIDED", "organiser", "Duyệt phiếu của CA Ba Đồn qb"),
    ],
)
def test_every_step_stands_in_somebodys_inbox(world, step, who, title):
    if step:
        walk.walk_sheet(world, UNIT, step)
    people = {
        "officer": world.officers[UNIT], "head": world.heads[UNIT], "judge": world.officers[0],
        "organiser": world.organiser_acting,
    }  # fmt: skip
    acting = people[who]
    assert acting is not None
    work = [one for one in work_waiting(acting, walk.EXPLAINING) if not one.waits_for]
    found = next(one for one in work if one.title == title)
    with at(walk.EXPLAINING):
        assert client_of(acting).get(found.url).status_code == 200


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)
