"""The year of Quảng Bình (seed 003) at the browser: from the signed pledge to the printed result.

Eight units under Công an tỉnh with the table of 1.000 points and the figures of the data. Each kind
of act is done at least once at the browser by the person whose act it is; what the other units do
in the same way goes through the functions behind the pages (`seeded_year`).
"""

import json
import re
import subprocess
import time
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from django.db import connection
from PIL import Image

from accounts.models import User
from clusters.acting import Acting
from clusters.models import YearStatus
from config.demo import year as demo
from config.demo.year import Following
from config.tests import realm as r
from config.tests.browser import seeded_year as s
from config.tests.browser.installation import Installation
from config.tests.browser.people import DESK, PHONE, Office, Person
from config.tests.browser.test_browser_access import AXE, RUN, SIDEWAYS, TALL
from core.guards import suspended
from core.text import format_date, format_number
from pledges.models import ProgressEntry, ReviewKind
from scoring.models import Objection, ScoringRun

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.pdf, pytest.mark.slow]

#: Until the worker has printed a paper, on a busy machine.
PRINT_SECONDS: Final = 60.0
SELF, PROVISIONAL = (
    demo.figures_of(f"003-quang-binh-2020.{name}") for name in ("self", "provisional")
)
#: Claimed at the browser by the deputy; criterion and group.
GROUP: Final = "III.4"


@dataclass
class Year:
    """Who is there and what is known so far."""

    office: Office
    installation: Installation
    folder: Path
    event: Following
    #: Where everybody works, by account.
    windows: dict[int, Person] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Return the address under which the pages of the year are."""
        return f"/nam/{self.event.year.pk}/"

    def officer(self, unit: str) -> Person:
        """Return the officer of a unit, logged in."""
        return self._person(self.event.officer(unit))

    def head(self, unit: str) -> Person:
        """Return the head of a unit, logged in."""
        return self._person(self.event.head(unit))

    @property
    def lead(self) -> Person:
        """Return the officer of the lead."""
        return self.officer(s.LEAD)

    @property
    def organiser(self) -> Person:
        """Return who acts for the standing body."""
        return self._person(self.event.organiser)

    def others(self, *units: str) -> list[str]:
        """Return the codes of all units but these."""
        return [code for code in self.event.event.members if code not in units]

    def unit(self, code: str) -> Any:
        """Return a unit by its code in the data."""
        return self.event.event.registry.units[code]

    def _person(self, acting: Acting) -> Person:
        """Return the window of a person; the log-in page has tests of its own."""
        if acting.user_id not in self.windows:
            self.windows[acting.user_id] = self.window(acting)
        return self.windows[acting.user_id]

    def window(self, acting: Acting | None = None) -> Person:
        """Open a further window, of the organiser where nobody else is named."""
        user = User.objects.get(pk=(acting or self.event.organiser).user_id)
        person = self.office.enter(user.username)
        value = r.logged_in(user).cookies["sessionid"].value
        person.context.add_cookies([{"name": "sessionid", "value": value, "url": person.url}])
        return person


# Progress ------------------------------------------------------------------------------------
class Grid:
    """The grid of the second quarter before one person."""

    def __init__(self, person: Person, year: Year) -> None:
        self.person, self.event = person, year.event
        person.open(f"{year.url}tien-do/?ky={year.event.periods[s.Q2].pk}")

    def cell(self, target: str) -> "Locator":
        return self.person.page.locator(f"#o-{self.event.targets[target].pk}")

    def enter(self, target: str, text: str, said: str = "Đã lưu") -> None:
        """Type into the cell of a target and leave it; what then stands beside it."""
        self.cell(target).fill(text)
        self.cell(target).press("Enter")
        state = self.person.page.locator(f"#t-{self.event.targets[target].pk}")
        state.get_by_text(said).wait_for()


def unit_reports(year: Year) -> None:
    """Enter figures, some unreadable; hand over, submit; mend what the lead returns."""
    figures = demo.figures_reported(year.event, s.LE_THUY, s.Q2)
    typed = ("CT01", "CT03", "CT04")
    s.report(year.event, s.LE_THUY, s.Q2, but=typed)
    officer = year.officer(s.LE_THUY)
    grid = Grid(officer, year)
    grid.enter("CT01", "0.125", "Ghi 0,125 hoặc 125")
    grid.enter("CT03", "chín mươi", "số")
    assert stored(year, "CT01") == stored(year, "CT03") == []
    for target in typed:
        grid.enter(target, written(figures[target]))
    officer.page.reload()
    officer.follow("Trình lãnh đạo").press("Trình lãnh đạo đơn vị").sees("Đã trình")
    head_submits(year)
    lead_returns(year)
    grid = Grid(officer, year)
    assert grid.cell("CT01").count() == 0, "only the returned cell is open"
    grid.enter("CT03", "98,7")
    head_submits(year)
    lead = year.lead.open(f"{year.url}tien-do/cac-don-vi/")
    report_of(lead, year.unit(s.LE_THUY).short_name).click()
    lead.page.get_by_role("button", name=re.compile("^Chấp nhận phiếu")).click()
    lead.sees("Đã chấp nhận")


def head_submits(year: Year) -> None:
    """Check the report and submit it."""
    head = year.head(s.LE_THUY).open(f"{year.url}tien-do/?ky={year.event.periods[s.Q2].pk}")
    head.follow("Kiểm tra và nộp").press("Nộp tiến độ Quý II").sees("Đã nộp")


def lead_returns(year: Year) -> None:
    """Return one cell with what has to be mended."""
    lead = year.lead.open(f"{year.url}tien-do/cac-don-vi/")
    report_of(lead, year.unit(s.LE_THUY).short_name).click()
    lead.follow("Trả lại để sửa").write("Lý do trả lại", "Đề nghị kiểm tra lại số liệu")
    lead.page.get_by_label("Trả lại chỉ tiêu 3", exact=True).check()
    lead.write("Chỉ tiêu 3 phải sửa gì", "Thiếu số liệu tháng 6").press("Trả lại phiếu")
    lead.sees("Đã trả lại")


def report_of(person: Person, unit: str) -> "Locator":
    """Return the link to the report of a unit on the second quarter."""
    return person.page.get_by_role("link", name=f"phiếu Quý II của {unit}")


def deputy_accepts_the_lead(year: Year) -> None:
    """Accept what the lead reports: the lead does not judge the own work."""
    s.submitted(year.event, s.LEAD, s.Q2)
    name = year.unit(s.LEAD).short_name
    lead = year.lead.open(f"{year.url}tien-do/cac-don-vi/")
    report_of(lead, name).click()
    assert lead.page.get_by_role("button", name=re.compile("^Chấp nhận phiếu")).count() == 0
    deputy = year.officer(s.DEPUTY).open(f"{year.url}tien-do/cac-don-vi/")
    report_of(deputy, name).click()
    deputy.page.get_by_role("button", name=re.compile("^Chấp nhận phiếu")).click()
    deputy.sees("Đã chấp nhận")


def stored(year: Year, target: str) -> list[str]:
    """Return what Lệ Thủy has stored for a target in the second quarter."""
    rows = ProgressEntry.objects.filter(
        report__unit=year.unit(s.LE_THUY), report__period=year.event.periods[s.Q2],
        target=year.event.targets[target],
    )  # fmt: skip
    return [str(row.value) for row in rows]


def written(text: str | None) -> str:
    """Return a figure of the data as an officer types it."""
    return (text or "").replace(".", ",")


# Mid-year ------------------------------------------------------------------------------------
def lead_freezes(year: Year, kind: ReviewKind, until: str) -> None:
    """Freeze the figures and open the review."""
    path, word = {"MIDYEAR": ("so-ket", "sơ kết"), "YEAREND": ("tong-ket", "tổng kết")}[kind]
    lead = year.lead.open(f"{year.url}{path}/")
    lead.write("Số liệu đến hết ngày", until).write("Hạn nộp báo cáo", format_date(s.on(1)))
    lead.press(f"Chốt số liệu và mở {word}").sees("Số liệu đã chốt")


def midyear(year: Year) -> None:
    """One unit writes and submits its report, the lead accepts; then the cluster's own."""
    lead_freezes(year, ReviewKind.MIDYEAR, format_date(s.HALF))
    unit_writes(year)
    s.reviewed(year.event, year.others(s.BA_DON))
    whole = s.written(year.event, None)
    address = f"{year.url}bao-cao/{whole.pk}/"
    head = year.head(s.LEAD).open(address).press("Kiểm tra và nộp")
    head.press("Nộp báo cáo sơ kết").sees("Đã nộp báo cáo số")
    accepts(year.organiser, address)
    year.event.year.refresh_from_db()
    assert year.event.year.status == YearStatus.RUNNING


def unit_writes(year: Year) -> None:
    """Write one heading at the browser over what is there, hand over, submit, have it accepted."""
    review = s.written(year.event, s.BA_DON)
    address = f"{year.url}bao-cao/{review.pk}/"
    officer = year.officer(s.BA_DON).open(address)
    box = officer.page.locator("#bao-cao textarea").first
    box.fill("Đã quán triệt giao ước đến từng tổ công tác, từng khu phố.")
    officer.press("Trình lãnh đạo").sees("Đã trình lãnh đạo")
    head = year.head(s.BA_DON).open(address).press("Kiểm tra và nộp")
    head.sees("từng tổ công tác").press("Nộp báo cáo sơ kết").sees("Đã nộp báo cáo số")
    accepts(year.lead, address)


def accepts(person: Person, address: str) -> None:
    """Accept a submitted report."""
    person.open(address).follow("Chấp nhận").press("Chấp nhận báo cáo")
    person.sees("Đã chấp nhận báo cáo")


# Self-score ----------------------------------------------------------------------------------
def deputy_scores_itself(year: Year) -> None:
    """Claim one group at the browser, a point above the maximum among it; the head submits."""
    mine = SELF[s.DEPUTY]
    by_function = {
        code: figure for code, figure in mine.items() if not code.startswith(f"{GROUP}.")
    }
    # Sent back in the appraisal and mended there.
    s.claimed(year.event, s.DEPUTY, by_function | {"III.2.b": {"count": "2"}})
    sheet = demo.sheet_of(year.event, s.DEPUTY)
    address = f"{year.url}cham-diem/{sheet.pk}/"
    officer = year.officer(s.DEPUTY).open(address)
    rows = {code: officer.page.locator(f"#h-{pk}") for code, pk in s.lines(year.event, s.DEPUTY)}
    assert "Chỉ tiêu" in rows["I.1.e"].locator(".sc-basis").inner_text()
    assert officer.page.locator(".sc-basis").locator("input, select, textarea").count() == 0
    points = rows[f"{GROUP}.a"].get_by_label(f"{GROUP}.a, điểm")
    points.fill("99")
    points.press("Tab")
    rows[f"{GROUP}.a"].locator("[data-state]").get_by_text("15").wait_for()
    points.fill(mine[f"{GROUP}.a"]["points"])
    points.press("Tab")
    rows[f"{GROUP}.a"].locator("[data-state]").get_by_text("Đã chấm").wait_for()
    rows[f"{GROUP}.b"].get_by_label(f"{GROUP}.b", exact=True).select_option(label="Đạt")
    officer.press(f"Lưu nhóm {GROUP}").sees("Đã lưu phiếu.")
    officer.follow("Kiểm tra và trình lãnh đạo").press("Trình lãnh đạo đơn vị").sees("Đã trình")
    head = year.head(s.DEPUTY).open(address).follow("Kiểm tra và nộp")
    head.press("Nộp phiếu tự chấm").sees("Đã nộp")


# Appraisal -----------------------------------------------------------------------------------
class Desk:
    """The appraisal of one sheet before one person."""

    def __init__(self, person: Person, year: Year, unit: str) -> None:
        self.person = person
        sheet = demo.sheet_of(year.event, unit)
        self.address = f"{year.url}cham-diem/{sheet.pk}/tham-dinh/"
        self.keys = dict(s.lines(year.event, unit))

    def at(self, code: str) -> Person:
        """Open the line of a criterion."""
        return self.person.open(f"{self.address}?dong={self.keys[code]}")

    def agree(self, group: str) -> None:
        """Agree with all lines of a group nobody decided, after they were seen."""
        page = self.person.open(self.address).page
        part = page.locator("details", has=page.locator("summary", has_text=f"{group}. "))
        link = part.locator(".ap-group a")
        self.person.open(str(link.get_attribute("href")))
        self.person.press("Đồng ý các tiêu chí đã chọn")
        self.person.sees(f"Đã ghi các quyết định ở nhóm {group}.")

    def finish(self, link: str) -> Person:
        """Go from the last decision to the page on which all are looked at once more."""
        return self.person.open(self.address).follow(link)


def own_sheet_is_refused(year: Year) -> None:
    """The lead does not appraise the lead."""
    lead = year.lead.open(Desk(year.lead, year, s.LEAD).address)
    lead.sees(
        f"Phần của {year.unit(s.LEAD).short_name} do {year.unit(s.DEPUTY).short_name} xem xét, "
        "vì không ai xem xét, chấm điểm đơn vị của chính mình."
    )
    assert lead.page.get_by_role("button", name="Bắt đầu thẩm định").count() == 0


def lead_appraises(year: Year) -> None:
    """Lower one line with a reason, return another, agree with the rest after it was mended."""
    said = line_of_the_data(year, "P.3")
    desk = Desk(year.lead, year, s.DEPUTY)
    lead = year.lead.open(desk.address).press("Bắt đầu thẩm định")
    desk.at("P.3")
    lead.page.locator("#tham-dinh input[type=text]").first.fill("1")
    lead.press("Ghi số vừa nhập").sees("Nêu lý do")
    lead.write("Lý do chênh lệch", said["appraisal_1_reason"]).press("Ghi số vừa nhập")
    lead.sees("Đã ghi quyết định ở P.3.")
    desk.at("III.2.b").follow("Trả lại tiêu chí này")
    why = lead.page.get_by_role("textbox", name=re.compile("^Lý do chung"))
    why.fill("Đề nghị đối chiếu sổ theo dõi hồ sơ khen thưởng")
    lead.write("III.2.b: phải sửa gì", "Sổ theo dõi ghi 01 hồ sơ gửi chậm, phiếu ghi 02")
    lead.press(f"Trả lại cho {year.unit(s.DEPUTY).short_name}").sees("Đã trả lại 1 tiêu chí")
    deputy_mends(year, desk.keys["III.2.b"])
    desk.agree("III")
    s.agreed(year.event, s.DEPUTY)
    desk.finish("Kiểm tra và kết thúc thẩm định").sees("1 tiêu chí chấm khác tự chấm")
    lead.press(f"Kết thúc thẩm định phiếu của {year.unit(s.DEPUTY).short_name}")
    lead.sees("Đã xong thẩm định lần một")


def line_of_the_data(year: Year, code: str) -> dict[str, Any]:
    """Return what the data say of a line of the deputy's sheet."""
    rows: list[dict[str, Any]] = year.event.data["score_sheets"]["lines"]
    return next(row for row in rows if (row["unit"], row["criterion"]) == (s.DEPUTY, code))


def deputy_mends(year: Year, line: int) -> None:
    """Claim the returned line again; nothing else is open; submit again."""
    sheet = demo.sheet_of(year.event, s.DEPUTY)
    address = f"{year.url}cham-diem/{sheet.pk}/"
    officer = year.officer(s.DEPUTY).open(f"{address}dong/{line}/").sees("Sổ theo dõi ghi 01")
    officer.page.locator("#tieu-chi input[type=text]").first.fill("1")
    officer.page.get_by_role("button", name=re.compile("^Lưu")).first.click()
    officer.open(address)
    assert officer.page.locator("tr[data-line] input[type=text]").count() <= 1
    head = year.head(s.DEPUTY).open(address).follow("Kiểm tra và nộp")
    head.press("Nộp phiếu tự chấm").sees("Đã nộp")


def deputy_explains(year: Year) -> None:
    """Explain the line that was scored differently; the head sends it on."""
    said = line_of_the_data(year, "P.3")["explanation"]["text"]
    address = f"{year.url}cham-diem/{demo.sheet_of(year.event, s.DEPUTY).pk}/"
    officer = year.officer(s.DEPUTY).open(f"{address}giai-trinh/")
    officer.write("Giải trình P.3", said).press("Lưu giải trình").sees("Đã lưu")
    head = year.head(s.DEPUTY).open(f"{address}gui-giai-trinh/").sees("P.3")
    head.press("Gửi giải trình").sees("Đã kết thúc giải trình")


def organiser_approves(year: Year) -> None:
    """Second appraisal and approval."""
    desk = Desk(year.organiser, year, s.DEPUTY)
    body = desk.at("P.3").sees("trước khi khóa sổ quý")
    body.write("Lý do chênh lệch", line_of_the_data(year, "P.3")["appraisal_2_reason"])
    body.page.locator("[data-agree]").click()
    body.sees("Đã ghi quyết định ở P.3.")
    desk.agree("T")
    s.agreed_again(year.event, s.DEPUTY)
    desk.finish("Kiểm tra và duyệt phiếu")
    body.press(f"Duyệt phiếu của {year.unit(s.DEPUTY).short_name}").sees("Đã duyệt phiếu")


# Scoring, publishing -------------------------------------------------------------------------
def organiser_raises_the_veto(year: Year) -> None:
    """Say of one unit that it is not considered; of the other by the function."""
    body = year.organiser.open(f"{year.url}khong-xet/")
    body.choose("Đơn vị", year.unit(s.QUANG_TRACH).short_name)
    body.choose("Loại việc", "Loại việc khác")
    body.write("Tên loại việc khác", s.veto_of(year.event, s.QUANG_TRACH)["reason"])
    body.press("Ghi không xét thi đua năm nay").sees("đang trong thời gian xem xét")
    s.vetoed(year.event, s.TUYEN_HOA)


def organiser_runs(year: Year, reason: str = "") -> ScoringRun:
    """Score the cluster; what a unit never entered is told before."""
    body = year.organiser.open(f"{year.url}phien-cham/").follow("Chạy phiên chấm")
    body.sees(year.unit("QB-MINH-HOA").short_name).tick("Theo kết quả duyệt")
    body.write("Lý do chạy", reason).press("Chấm toàn bộ các đơn vị")
    body.sees("Phiên này được ghi lại thế nào")
    return ScoringRun.objects.filter(cluster_year=year.event.year).latest("number")


def published_provisionally(year: Year, run: ScoringRun) -> None:
    """Look at what will be published, and publish; the members see that it is provisional."""
    body = year.organiser.open(f"{year.url}cong-bo/").sees("6/8 đơn vị")
    body.sees("đang được thẩm tra")
    body.write("Nhận kiến nghị đến hết ngày", format_date(s.TODAY))
    body.press("Công bố điểm tạm tính").sees("Đã công bố điểm tạm tính")
    member = year.officer(s.DEPUTY).open(f"{year.url}bang-diem/").sees("tạm tính")
    assert_board(member, expected(year, 0))


def a_day_passes(year: Year) -> None:
    """Move the publication into yesterday.

    The server runs on the real clock and objections are taken until the end of a day at the
    earliest; what was published never changes, so the guards are lifted for this one change.
    """
    with suspended(connection):
        for row in year.event.year.publications.all():
            row.published_at -= timedelta(days=1)
            row.objections_until = s.on(-1)
            row.save(update_fields=["published_at", "objections_until"])


def unit_objects(year: Year) -> str:
    """KN01: the officer writes what was corrected in time and proves it, the head sends it.

    Return the address of the objection.
    """
    row = objection_of_the_data(year, "KN01")
    paper = year.folder / "phieu-tra-lai.png"
    Image.new("L", (60, 40), 255).save(paper)
    officer = year.officer(s.DEPUTY).open(f"{year.url}bang-diem/").follow("Kiến nghị")
    officer.follow("Soạn kiến nghị").follow("Kiến nghị về P.3")
    officer.page.locator("#kien-nghi-form .sc-figure input[type=text]").first.fill("0")
    officer.write("Nội dung kiến nghị", row["text"])
    officer.page.locator("input[type=file]").set_input_files(paper)
    officer.press("Lưu bản nháp").sees("Đã lưu bản nháp", "phieu-tra-lai.png")
    address = officer.path
    officer.press("Trình lãnh đạo đơn vị").sees("Đã trình lãnh đạo")
    head = year.head(s.DEPUTY).at()
    head.page.get_by_role("link", name=re.compile(r"^Gửi kiến nghị về P\.3")).first.click()
    head.press("Gửi kiến nghị").sees("Đã gửi kiến nghị số 1")
    refused = objection_of_the_data(year, "KN02")
    filed = demo.file_objection(year.event, refused, s.now())
    demo.decide_objection(year.event, refused, filed, s.now())
    return address


def objection_of_the_data(year: Year, code: str) -> dict[str, Any]:
    """Return an objection of the data."""
    rows: list[dict[str, Any]] = year.event.data["objections"]
    return next(row for row in rows if row["code"] == code)


def organiser_accepts(year: Year, address: str) -> None:
    """Nothing is final before the objection is decided; then the deduction is taken back."""
    body = year.organiser.open(f"{year.url}cong-bo/chinh-thuc/")
    body.sees("Còn 1 kiến nghị chưa quyết định: số 1 của")
    body.open(address).follow("Quyết định").sees("trước khi khóa sổ", "phieu-tra-lai.png")
    body.tick("Chấp nhận")
    body.write("Quyết định, lý do", objection_of_the_data(year, "KN01")["reason"])
    body.press("Ghi quyết định").sees("Đã chấp nhận kiến nghị số 1")
    demo.lift_vetoes(year.event)


def published_finally(year: Year) -> None:
    """Publish by typing the words; the window that still shows the run before is refused."""
    words = f"CÔNG BỐ {s.TODAY.year}"
    organiser_runs(year, "Sau khi giải quyết kiến nghị số 1, số 2")
    stale = year.window().open(f"{year.url}cong-bo/chinh-thuc/")
    stale.sees("2 kiến nghị đã gửi", "Phiên chấm 2 so với phiên chấm 1")
    run = organiser_runs(year, "Chấm lại để đối chiếu")
    stale.write("Gõ để xác nhận", words).press("Công bố kết quả chính thức")
    stale.sees("Đã có phiên chấm mới hơn phiên bạn xem.")
    assert not year.event.year.publications.filter(status="FINAL").exists()
    body = year.organiser.open(f"{year.url}cong-bo/chinh-thuc/").sees(
        f"Sẽ công bố phiên chấm {run.number}"
    )
    body.write("Gõ để xác nhận", words.lower()).press("Công bố kết quả chính thức")
    body.sees(f"Gõ đúng: {words}")
    body.write("Gõ để xác nhận", words).press("Công bố kết quả chính thức")
    body.sees("Đã công bố kết quả chính thức")
    assert_board(year.officer(s.BA_DON).open(f"{year.url}bang-diem/"), expected(year, 1))


def expected(year: Year, run: int) -> list[dict[str, Any]]:
    """Return the results of a run of the data, in the order of the board."""
    found: list[dict[str, Any]] = year.event.data["scoring_runs"][run]["results"]["units"]
    return found


def assert_board(person: Person, units: list[dict[str, Any]]) -> None:
    """Read the board as it is shown: every unit with total, percentage and rank."""
    rows = person.page.locator(".sb-table tr[id^=dv-]").all_inner_texts()
    shown = [" ".join(row.split()) for row in rows]
    assert len(shown) == len(units)
    for row, unit in zip(shown, units, strict=True):
        for name in ("total", "percent"):
            assert format_number(Decimal(unit[name]), 2) in row, (unit["code"], row)
        if unit["rank"]:
            assert row.startswith(str(unit["rank"])), row


def run_is_computed_again(year: Year) -> None:
    """Two files of the run's page give the third on the command line, byte by byte."""
    body = year.organiser.open(f"{year.url}phien-cham/2/")
    files = {
        name: body.download(lambda: body.follow(name), year.folder)  # noqa: B023
        for name in ("TABLE.json", "FIGURES.json", "RESULT.json")
    }
    again = year.folder / "again.json"
    done = year.installation.manage(
        "score", str(files["TABLE.json"]), str(files["FIGURES.json"]), "--output", str(again)
    )
    assert done.returncode == 0, done.stderr
    assert again.read_bytes() == files["RESULT.json"].read_bytes()
    result = {unit["code"]: unit for unit in json.loads(again.read_bytes())["units"]}
    for unit in expected(year, 1):
        for name in ("total", "percent", "rank", "classification"):
            assert result[unit["code"]][name] == unit[name], unit["code"]


# Papers --------------------------------------------------------------------------------------
def papers_are_read_back(year: Year) -> None:
    """Every paper of the year, as the print centre gives it, holds what was decided."""
    final = expected(year, 1)
    totals = [format_number(Decimal(unit["total"]), 2) for unit in final]
    percents = [format_number(Decimal(unit["percent"]), 2) for unit in final]
    names = [full_name(year, unit["code"]) for unit in final]
    review = in_the_grid(year, s.BA_DON, "Báo cáo sơ kết")
    holds(review, "từng tổ công tác, từng khu phố", year.unit(s.BA_DON).short_name, "báo cáo")
    holds(in_the_list(year, "Báo cáo sơ kết"), "thực hiện nghiêm giao ước")
    own = format_number(Decimal(final[0]["total"]), 2)
    sheet = in_the_grid(year, s.DEPUTY, "Phiếu đã duyệt")
    holds(sheet, "phiếu chấm điểm", full_name(year, s.DEPUTY), "P.5", "Chấp nhận kiến nghị số 1")
    summary = in_the_list(year, "Bảng tổng hợp điểm, xếp hạng")
    holds(summary, *totals, *percents, *names, "không xét")
    assert own in summary
    holds(in_the_list(year, "Bảng điểm chi tiết"), "I.1.a", "III.4.a", "P.5", *totals)


def holds(text: str, *words: str) -> None:
    """A paper holds these words, whatever their case."""
    missing = [word for word in words if word.lower() not in text.lower()]
    assert not missing, (missing, text)


def full_name(year: Year, code: str) -> str:
    """Return the name of a unit as papers write it, without the body above it."""
    return str(year.unit(code).name).partition(",")[0]


def print_centre(year: Year) -> "Page":
    """Open the print centre; while papers are made it loads itself anew and may cut us off."""
    page = year.organiser.page
    until = time.monotonic() + PRINT_SECONDS
    while True:
        try:
            page.goto(f"{year.url}in/")
        except Exception as fault:  # Playwright's own, imported only where it is installed
            if "ERR_ABORTED" not in str(fault) or time.monotonic() > until:
                raise
        else:
            return page


def in_the_grid(year: Year, unit: str, column: str) -> str:
    """Return the text of the paper of a unit that stands in this column."""
    page = print_centre(year)
    heads = page.locator("th[scope=col]").all_inner_texts()
    row = page.locator("tbody tr").filter(has_text=year.unit(unit).short_name)
    link = awaited(year, row.locator("td").nth(heads.index(column) - 1).get_by_role("link"))
    return text_of(year, str(link.get_attribute("href")))


def in_the_list(year: Year, title: str) -> str:
    """Return the text of the cluster's paper whose title begins so, as it stands."""
    page = print_centre(year)
    heading = page.locator("b").filter(has_text=re.compile(rf"^\s*{title}"))
    row = page.locator("section .gu-list li").filter(has=heading)
    link = awaited(year, row.get_by_role("link", name=re.compile("^Tải PDF")))
    return text_of(year, str(link.get_attribute("href")))


def awaited(year: Year, link: "Locator") -> "Locator":
    """Wait until the worker has printed a paper."""
    until = time.monotonic() + PRINT_SECONDS
    while not link.count() and time.monotonic() < until:
        time.sleep(0.3)
        print_centre(year)
    return link.first


def text_of(year: Year, address: str) -> str:
    """Download a PDF and read it back as running text."""
    answer = year.organiser.context.request.get(address)
    assert answer.ok
    assert answer.body().startswith(b"%PDF-")
    path = year.folder / "doc.pdf"
    path.write_bytes(answer.body())
    done = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def pages_are_accessible(year: Year) -> None:
    """Pages that are full only at the end of a year: no barrier, nothing sideways on a phone."""
    sheet = demo.sheet_of(year.event, s.DEPUTY).pk
    objection = Objection.objects.get(cluster_year=year.event.year, number=1).pk
    found: list[str] = []
    for person, path in (
        (year.officer(s.BA_DON), "bang-diem/"),
        (year.officer(s.DEPUTY), f"cham-diem/{sheet}/"),
        (year.officer(s.DEPUTY), "kien-nghi/"),
        (year.organiser, f"kien-nghi/{objection}/"),
        (year.organiser, f"cham-diem/{sheet}/tham-dinh/"),
        (year.organiser, "phien-cham/2/"),
        (year.organiser, "phien-cham/so-sanh/"),
        (year.lead, "so-ket/"),
        (year.lead, "in/"),
    ):
        page = person.open(f"{year.url}{path}").page
        page.evaluate(AXE)
        found += [f"{path} at 1366 px: {fault}" for fault in page.evaluate(RUN)]
        page.set_viewport_size({"width": PHONE["width"], "height": TALL})
        found += [f"{path} at 390 px: {fault}" for fault in page.evaluate(RUN)]
        if sideways := page.evaluate(SIDEWAYS):
            found.append(f"{path} scrolls sideways: {sideways}")
        page.set_viewport_size(DESK)
    assert not found, "\n".join(found)


def nothing_was_changed_quietly(year: Year) -> None:
    """The chain of events and the store of files are whole."""
    for command in ("verify_audit", "verify_files"):
        done = year.installation.manage(command)
        assert done.returncode == 0, done.stdout + done.stderr


def test_year(office: Office, installation: Installation, tmp_path: Path) -> None:
    """From the signed pledge to the published result and its papers."""
    year = Year(office, installation, tmp_path, s.signed_year())
    s.accepted(year.event, year.others(), s.Q1)
    unit_reports(year)
    deputy_accepts_the_lead(year)
    s.accepted(year.event, year.others(s.LE_THUY, s.LEAD), s.Q2)
    midyear(year)
    for quarter in (s.Q3, s.Q4):
        s.accepted(year.event, year.others(), quarter)
    lead_freezes(year, ReviewKind.YEAREND, format_date(s.on(-1)))
    deputy_scores_itself(year)
    s.handed_in(year.event, year.others(s.DEPUTY), SELF)
    own_sheet_is_refused(year)
    lead_appraises(year)
    deputy_explains(year)
    organiser_approves(year)
    s.appraised(year.event, year.others(s.DEPUTY), PROVISIONAL)
    organiser_raises_the_veto(year)
    published_provisionally(year, organiser_runs(year))
    objection = unit_objects(year)
    a_day_passes(year)
    organiser_accepts(year, objection)
    published_finally(year)
    run_is_computed_again(year)
    papers_are_read_back(year)
    pages_are_accessible(year)
    nothing_was_changed_quietly(year)
