"""The pages of the cross-inspection: drawn, written by two, submitted, answered, appraised."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from clusters.acting import Acting
from clusters.models import Unit
from clusters.tests.factories import World
from core.models import AuditEvent
from pledges.tests import year as walk
from pledges.tests.pages import client_of, form_on, stop_clock, words
from scoring.models import Draw, Finding
from scoring.tests import inspecting as ins

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
UNIT = 2


@pytest.fixture(scope="module")
def opened(kept: None) -> World:
    """A year in which sheets are scored; nothing is drawn yet."""
    return walk.yearend_world()


@pytest.fixture
def world(opened: World, db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    """The same world; what a test writes is taken back."""
    stop_clock(monkeypatch, walk.SCORING)
    return opened


@pytest.fixture
def drawn(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Lots were drawn."""
    at(monkeypatch, ins.DRAWN)
    ins.draw(world)
    return world


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    stop_clock(monkeypatch, moment + timedelta(minutes=5))


def url(world: World, name: str, index: int | None = UNIT) -> str:
    """Return the address of a page of the year, or of the inspection of a unit."""
    rest = [] if index is None else [ins.inspection(world, index).pk]
    return reverse(f"scoring:{name}", args=[world.year.pk, *rest])


def writer(world: World, index: int = UNIT) -> Acting:
    return world.officers[ins.team(world, index)[0]]


def head(world: World, index: int = UNIT) -> Acting:
    return world.heads[ins.team(world, index)[0]]


def test_lots_are_drawn_on_the_page_once_and_everybody_sees_how(world):
    browser, page = client_of(world.lead_officer), url(world, "draw_lots", None)
    form = form_on(browser.get(page)) | {"seed": "4-17-29", "due_on": "20/12/2026"}
    assert "Chưa bốc thăm" in words(browser.get(url(world, "inspections", None)))
    too_large = browser.post(page, form | {"team_size": "2"})
    assert "nhiều nhất 1 đơn vị" in words(too_large)
    assert browser.post(page, form | {"team_size": "1"}).status_code == 302
    browser.post(page, form | {"team_size": "1"})
    assert Draw.objects.count() == 1
    said = words(client_of(world.officers[1]).get(url(world, "inspections", None)))
    for part in ("Mã bốc thăm 4-17-29", "khớp với kết quả đã ghi", "không có hai đơn vị kiểm tra",
                 "3 biên bản chưa gửi", "20/12/2026"):  # fmt: skip
        assert part in said
    assert "đang có hiệu lực" in words(browser.get(page))
    assert "Kiểm tra chéo" in words(browser.get(reverse("scoring:sheets", args=[world.year.pk])))


def test_a_book_that_does_not_repeat_says_so(drawn):
    from django.db import connection  # noqa: PLC0415 - only here a row is forged

    from core.guards import suspended  # noqa: PLC0415

    with suspended(connection):
        Draw.objects.update(seed="another")
    said = words(client_of(drawn.officers[1]).get(url(drawn, "inspections", None)))
    assert "không khớp với kết quả đã ghi" in said


def test_the_code_by_which_lots_were_drawn_stays(drawn):
    unit, admin = drawn.units[0], client_of(drawn.administrator)
    address = reverse("clusters:unit", args=[unit.pk])
    typed = {"code": "KHAC-01", "short_name": "Tên mới"}
    answer = admin.post(address, form_on(admin.get(address)) | typed)
    assert "Mã này đã ghi trong sổ bốc thăm kiểm tra chéo nên không đổi được" in words(answer)
    assert admin.post(address, form_on(answer) | {"code": unit.code}).status_code == 302
    stored = Unit.objects.get(pk=unit.pk)
    assert (stored.code, stored.short_name) == (unit.code, "Tên mới")


def test_cancelling_needs_a_reason_and_stays_in_the_book(drawn):
    browser, page = client_of(drawn.organiser_acting), url(drawn, "draw_cancel", None)
    form = form_on(browser.get(page))
    assert "Chưa ghi lý do" in words(browser.post(page, form | {"reason": ""}))
    browser.post(page, form | {"reason": "Ghi sai mã công bố"})
    said = words(browser.get(url(drawn, "inspections", None)))
    assert "Hủy" in said
    assert "Ghi sai mã công bố" in said
    assert "Chưa bốc thăm" in said


def test_two_people_of_a_team_do_not_write_over_each_other(drawn):
    page, code = url(drawn, "inspection"), ins.codes(drawn)[0]
    officer, chief = client_of(writer(drawn)), client_of(head(drawn))
    one, two = form_on(officer.get(page)), form_on(chief.get(page))
    assert officer.post(page, one | {f"f-{code}": "Thiếu sổ"}).status_code == 302
    other = ins.codes(drawn)[1]
    answer = chief.post(page, two | {f"f-{code}": "Khác", f"f-{other}": "Khớp"})
    said = words(answer)
    assert "Người khác trong tổ vừa sửa" in said
    assert "Đang lưu: Thiếu sổ" in said
    assert Finding.objects.count() == 1
    again = form_on(answer) | {f"f-{code}": "Thiếu sổ, đã bổ sung"}
    assert chief.post(page, again).status_code == 302
    assert [row.text for row in Finding.objects.order_by("criterion__order")] == [
        "Thiếu sổ, đã bổ sung", "Khớp",
    ]  # fmt: skip
    untouched = chief.post(page, two | {f"f-{other}": "Khớp"})
    assert untouched.status_code == 302
    assert Finding.objects.filter(text="Thiếu sổ, đã bổ sung").exists()


def test_minutes_go_from_the_team_to_the_unit_and_back(drawn, monkeypatch):
    browser, page, code = client_of(head(drawn)), url(drawn, "inspection"), ins.codes(drawn)[0]
    form = form_on(browser.get(page)) | {f"f-{code}": "Số liệu cao hơn sổ theo dõi"}
    answer = browser.post(page, form | {"summary": "Hồ sơ đủ", "gui": "1"})
    assert answer["Location"] == url(drawn, "inspection_submit")
    assert "Ghi ngày kiểm tra" in words(browser.get(answer["Location"]))
    form = form_on(browser.get(page)) | {"inspected_on": "05/10/2026", "gui": "1"}
    browser.post(page, form)
    asked = form_on(browser.get(url(drawn, "inspection_submit")))
    sent = browser.post(url(drawn, "inspection_submit"), asked)
    assert sent["Location"] == url(drawn, "inspection_done")
    assert "trả lời từng kết quả" in words(browser.get(sent["Location"]))
    assert "không sửa được nữa" in words(browser.get(page))

    unit, page = client_of(drawn.heads[UNIT]), url(drawn, "inspection_answer")
    key = Finding.objects.get().pk
    form = form_on(unit.get(page))
    assert "chọn thống nhất" in words(unit.post(page, form))
    disagrees = form | {f"answer-{key}": "DISAGREED"}
    assert "nêu lý do không thống nhất" in words(unit.post(page, disagrees))
    done = unit.post(page, disagrees | {f"reason-{key}": "Sổ ghi sót 2 vụ"})
    assert done["Location"] == url(drawn, "inspection_done")
    assert "người thẩm định" in words(unit.get(done["Location"]))
    assert AuditEvent.objects.latest("seq").action == "scoring.inspection_answered"

    walk.walk_sheet(drawn, UNIT, "APPRAISING")
    at(monkeypatch, walk.APPRAISING)
    sheet = walk.sheet(drawn, UNIT)
    line = sheet.lines.get(criterion__code=code)
    there = reverse("scoring:appraisal", args=[drawn.year.pk, sheet.pk])
    said = words(client_of(drawn.lead_officer).get(f"{there}?dong={line.pk}"))
    assert "Kiểm tra chéo : Số liệu cao hơn sổ theo dõi" in said
    assert "Đơn vị không thống nhất: Sổ ghi sót 2 vụ" in said


def test_an_outsider_sees_who_inspects_whom_and_no_minutes(drawn):
    ins.walk(drawn, 0, "WRITTEN")
    outside = next(i for i in range(3) if i not in (*ins.team(drawn, 0), 0))
    assert client_of(drawn.officers[outside]).get(url(drawn, "inspection", 0)).status_code == 404
    assert client_of(drawn.officers[0]).get(url(drawn, "inspection", 0)).status_code == 404
    board = words(client_of(drawn.officers[outside]).get(url(drawn, "inspections", None)))
    assert drawn.units[0].short_name in board
    unit = client_of(drawn.organiser_acting).get(url(drawn, "inspection", 0))
    assert "Cán bộ, lãnh đạo" in words(unit)
