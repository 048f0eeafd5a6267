"""The conference of Quảng Bình (seed 003) at the browser, by its people, from nothing to the seal.

Eight units under Công an tỉnh: Công an huyện Quảng Ninh leads, Công an TP. Đồng Hới is the deputy.
Three papers are discussed, one unit refuses the first version, all agree on the second, it is
frozen, printed, signed by eight heads and the witness, and verified by somebody without an account.
What the seed does not tell (figures, persons, the refusal) is made up here.
"""

import hashlib
import re
import subprocess
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from clusters.models import Role, UnitLevel
from clusters.tests.factories import PASSWORD, make_person, make_unit
from config.tests.browser.installation import Installation
from config.tests.browser.people import DESK, PHONE, Office, Person
from core.text import format_date
from reports.seal import SealReport, check_seal

pytestmark = [pytest.mark.browser, pytest.mark.pdf, pytest.mark.slow]

ORGANISER: Final = "Công an tỉnh Quảng Bình"
#: (log-in name, full name, short name, position of the head)
UNITS: Final = [
    ("quangninh", "Công an huyện Quảng Ninh", "CA huyện Quảng Ninh", "Trưởng Công an huyện"),
    ("donghoi", "Công an thành phố Đồng Hới", "CA TP. Đồng Hới", "Trưởng Công an thành phố"),
    ("badon", "Công an thị xã Ba Đồn", "CA thị xã Ba Đồn", "Trưởng Công an thị xã"),
    ("lethuy", "Công an huyện Lệ Thủy", "CA huyện Lệ Thủy", "Trưởng Công an huyện"),
    ("botrach", "Công an huyện Bố Trạch", "CA huyện Bố Trạch", "Trưởng Công an huyện"),
    ("quangtrach", "Công an huyện Quảng Trạch", "CA huyện Quảng Trạch", "Trưởng Công an huyện"),
    ("tuyenhoa", "Công an huyện Tuyên Hóa", "CA huyện Tuyên Hóa", "Trưởng Công an huyện"),
    ("minhhoa", "Công an huyện Minh Hóa", "CA huyện Minh Hóa", "Trưởng Công an huyện"),
]
#: Made by the administrator in the browser; everybody else is there when the test begins.
BY_HAND: Final = "minhhoa"
#: Heads at a desk read the paper in the page; the others have a phone and save it to read.
AT_A_DESK: Final = {"quangninh", "donghoi"}
TODAY: Final = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
#: Years of emulation end on 14 December.
YEAR: Final = TODAY.year + (date(TODAY.year, 12, 14) < TODAY)
THEME: Final = f"Phong trào thi đua “Vì an ninh Tổ quốc” năm {YEAR}"
TITLE: Final = f"Giao ước thi đua “Vì an ninh Tổ quốc” năm {YEAR}"
REGULATION: Final = f"Quy định tiêu chí chấm điểm tổng kết phong trào thi đua của Khối năm {YEAR}"
OUTLINE: Final = f"Đề cương hướng dẫn báo cáo sơ kết, tổng kết phong trào thi đua năm {YEAR}"
TABLE: Final = (
    "Bảng tiêu chí chấm điểm phong trào thi đua “Vì an ninh Tổ quốc” năm 2020 "
    "(Khối Công an các huyện, thị xã, thành phố)"
)
RECORDED: Final = "Đã ký xác nhận trên hệ thống"
CLAUSES: Final = [
    (
        "Quán triệt, xây dựng chương trình hành động thực hiện nghiêm túc nghị quyết của Đảng ủy, "
        "chương trình công tác Công an năm và nghị quyết, chỉ thị của cấp ủy, chính quyền."
    ),
    (
        "Phát huy vai trò của lực lượng Công an từ tỉnh đến cơ sở trong tham mưu cấp ủy, "
        "chính quyền địa phương lãnh đạo, chỉ đạo công tác bảo đảm an ninh, trật tự."
    ),
]
OWN_TASK: Final = "Bảo đảm an ninh, trật tự tuyến quốc lộ 1 và đường Hồ Chí Minh qua địa bàn."
REFUSAL: Final = "Mức điều tra, khám phá án chung vượt khả năng của đơn vị, đề nghị hạ còn 76,5."


@dataclass
class Conference:
    """Who is there and what is known so far."""

    office: Office
    installation: Installation
    folder: Path
    passwords: dict[str, str] = field(default_factory=dict)
    year: str = ""
    #: Printed on the papers: pledge, regulation, outline.
    codes: list[str] = field(default_factory=list)

    def officer(self, unit: str) -> Person:
        """Return the officer of a unit, at the inbox."""
        return self.office.person(f"canbo.{unit}").at()

    @property
    def lead(self) -> Person:
        """Return the officer who writes for the lead, at the inbox."""
        return self.officer("quangninh")

    def head(self, unit: str) -> Person:
        """Return the head of a unit, at the inbox."""
        size = DESK if unit in AT_A_DESK else PHONE
        return self.office.person(f"lanhdao.{unit}", self.password(unit), size).at()

    def password(self, unit: str) -> str:
        """Return the password of the head of a unit."""
        return self.passwords.get(unit, PASSWORD)


# Before the conference -----------------------------------------------------------------------
def people_and_units() -> None:
    """Make what the administrator has entered before: the body above, seven units, their people."""
    above = make_unit("QB", ORGANISER, level=UnitLevel.PROVINCE)
    make_person("quantri", Role.ADMINISTRATOR, None, full_name="Ngô Văn Trị", rank="")
    make_person("thuongtruc", Role.ORGANISER, above, full_name="Phạm Thị Dung", rank="Thượng tá")
    make_person(
        "lanhdao.tinh", Role.HEAD, above, full_name="Lê Văn Quý", rank="Đại tá",
        position="Phó Giám đốc Công an tỉnh",
    )  # fmt: skip
    for number, (key, name, short, position) in enumerate(UNITS, start=1):
        if key == BY_HAND:
            continue
        unit = make_unit(f"QB-{number:02d}", name, short_name=short, parent=above)
        make_person(f"canbo.{key}", Role.OFFICER, unit, full_name=f"Cán bộ {key}", rank="Đại úy")
        make_person(
            f"lanhdao.{key}", Role.HEAD, unit, full_name=f"Lãnh đạo {key}", rank="Thượng tá",
            position=position,
        )  # fmt: skip


def administrator_adds_the_last_unit(conference: Conference) -> None:
    """Enter a unit, a person and an appointment; the person sets a password of their own."""
    _, name, short, position = next(row for row in UNITS if row[0] == BY_HAND)
    admin = conference.office.person("quantri").at()
    admin.turn_to("Đơn vị").follow("Thêm đơn vị")
    admin.write("Mã đơn vị", "QB-08").write("Tên đầy đủ", name).write("Tên ngắn", short)
    admin.choose("Cấp", "Cấp huyện").choose("Đơn vị chủ quản", ORGANISER)
    admin.press("Thêm đơn vị").sees("Đã thêm đơn vị")
    admin.turn_to("Người dùng").follow("Thêm người dùng")
    admin.write("Tên đăng nhập", f"lanhdao.{BY_HAND}")
    admin.write("Họ và tên", "Lãnh đạo minhhoa").write("Cấp bậc", "Thượng tá")
    admin.press("Thêm người dùng").sees("Mật khẩu chỉ hiện một lần này")
    first = admin.page.locator("code").inner_text()
    admin.follow("Phân công")
    admin.choose("Vai", "Lãnh đạo").choose("Đơn vị", name).write("Chức vụ", position)
    admin.press("Phân công").sees("Đã phân công.", "Đang giữ")
    assert first not in admin.page.content(), "the first password is shown once"
    admin.leave()
    forced_to_set_a_password(conference, first)


def forced_to_set_a_password(conference: Conference, first: str) -> None:
    """Log in with the password from the administrator and be led to set one's own."""
    own = "Suoi-Ca-Minh-Hoa-8"
    head = conference.office.enter(f"lanhdao.{BY_HAND}", PHONE).log_in(first)
    assert head.heading() == "Đổi mật khẩu"
    assert head.at().heading() == "Đổi mật khẩu", "no work before one has a password of one's own"
    head.write("Mật khẩu đang dùng", first)
    head.write("Mật khẩu mới", own).write("Nhập lại mật khẩu mới", own)
    head.press("Đặt mật khẩu mới").sees("Đã đổi mật khẩu")
    assert head.heading() == "Việc của tôi"
    conference.passwords[BY_HAND] = own


def organiser_opens_the_year(conference: Conference) -> None:
    """Form the cluster, open its year by decision with members and calendar, choose the table."""
    body = conference.office.person("thuongtruc").at()
    body.turn_to("Cụm, khối").follow("Lập cụm, khối")
    body.choose("Loại", "Khối thi đua").write("Ký hiệu", "K1")
    body.write("Tên", "Khối thi đua Công an các huyện, thị xã, thành phố")
    body.press("Lập cụm, khối").sees("Đã lập cụm, khối").follow("Mở năm thi đua")
    body.write("Năm", str(YEAR)).write("Phong trào, chủ đề thi đua", THEME)
    body.write("Số liệu tính từ ngày", f"15/12/{YEAR - 1}")
    body.page.get_by_label("Đến hết ngày", exact=True).first.fill(f"14/12/{YEAR}")
    body.write("Số quyết định", "12/QĐ-CAT").write("Ngày quyết định", f"6/1/{YEAR}")
    body.choose("Thứ tự ký", "Lần lượt theo thứ tự")
    members_and_calendar(body)
    body.press("Mở năm thi đua").sees("Đã mở năm thi đua")
    body.tick(TABLE).press("Dùng bảng này")
    body.sees("Bảng tiêu chí chấm điểm", "điểm", TABLE)
    found = re.search(r"/nam/(\d+)/", body.page.url)
    assert found
    conference.year = f"/nam/{found[1]}/"


def members_and_calendar(body: Person) -> None:
    """Fill both grids; the one of the members is larger than it was served."""
    body.choose("Thứ tự ký", "Lần lượt theo thứ tự")
    while body.page.get_by_label(f"Đơn vị, dòng {len(UNITS)}", exact=True).count() == 0:
        body.press("Thêm dòng thành viên")
    for row, (key, name, _, _) in enumerate(UNITS, start=1):
        body.write(f"Thứ tự, dòng {row}", str(row)).choose(f"Đơn vị, dòng {row}", name)
        roles = {"quangninh": "Khối trưởng", "donghoi": "Khối phó"}
        body.choose(f"Vai, dòng {row}", roles.get(key, "Thành viên"))
    calendar = [
        ("Chuẩn bị", TODAY - timedelta(40), TODAY - timedelta(15)),
        ("Dự thảo giao ước", TODAY - timedelta(14), TODAY),
        ("Ký giao ước", TODAY, TODAY + timedelta(6)),
        ("Thực hiện giao ước", TODAY + timedelta(7), None),
    ]
    for row, (stage, opens, due) in enumerate(calendar, start=1):
        body.choose(f"Giai đoạn, dòng {row}", stage)
        body.write(f"Mở từ ngày, dòng {row}", format_date(opens))
        body.write(f"Đến hết ngày, dòng {row}", format_date(due) if due else "")


# The draft ------------------------------------------------------------------------------------
def lead_writes_the_draft(conference: Conference) -> None:
    """Write the three papers, the targets with their levels, who signs and who witnesses."""
    lead = conference.lead
    lead.follow("Soạn giao ước thi đua").press("Bắt đầu soạn giao ước").sees("Đã mở bản 1")
    lead.follow("Sửa tên, khẩu hiệu")
    lead.write("Tên giao ước", TITLE).write("Địa danh", "Quảng Ninh")
    lead.write("Khẩu hiệu hành động", "Chủ động, nêu gương, kỷ cương, trách nhiệm, hiệu quả")
    lead.press("Lưu vào bản nháp").sees("Đã lưu.", TITLE)
    legal_bases(lead)
    clauses(lead)
    targets(lead)
    papers(lead)
    signatories(lead)


def legal_bases(lead: Person) -> None:
    """Take one basis from the list and write one."""
    lead.follow("Chọn từ danh mục")
    lead.page.get_by_role("checkbox").first.check()
    lead.press("Thêm các căn cứ đã chọn").sees("Đã thêm căn cứ.")
    lead.follow("Thêm căn cứ")
    lead.write("Nội dung", "Căn cứ Chương trình công tác Công an năm của Công an tỉnh Quảng Bình")
    lead.press("Lưu vào bản nháp").sees("Căn cứ Chương trình công tác Công an năm")


def clauses(lead: Person) -> None:
    """Write the common clauses one after the other, and a task of the lead's own."""
    lead.follow("Thêm điều khoản", within=lead.page.get_by_label("I. Nội dung thi đua"))
    for text in CLAUSES:
        lead.write("Nội dung", text).press("Lưu và thêm tiếp").sees("Đã thêm điều khoản.")
    lead.choose("Phạm vi", "Nhiệm vụ riêng của CA huyện Quảng Ninh").write("Nội dung", OWN_TASK)
    lead.press("Lưu vào bản nháp").sees(*CLAUSES, OWN_TASK)


def targets(lead: Person) -> None:
    """Write a common level, levels of each unit of three kinds, and a target in words."""
    new_target(
        lead, "Tỷ lệ điều tra, khám phá án chung", "%", "99,5", aggregation="Lấy số mới nhất"
    )
    lead.press("Lưu và thêm tiếp").sees("Đã lưu.")
    new_target(lead, "Số tin báo, tố giác tội phạm được tiếp nhận, giải quyết", "tin", "1.234")
    lead.press("Điền mức chung vào bảng để sửa từng đơn vị")
    lead.choose("Giao mức của CA thị xã Ba Đồn", "Không giao").write("Mức của CA thị xã Ba Đồn", "")
    lead.write("Mức của CA TP. Đồng Hới", "2.345,5")
    lead.press("Lưu và thêm tiếp").sees("Đã lưu.")
    new_target(lead, "Số mô hình dân vận khéo được nhân rộng", "mô hình", "")
    lead.choose("Giao", "Chưa giao mức")
    lead.press("Lưu và thêm tiếp").sees("Đã lưu.")
    lead.tick("Bằng lời").write("Nội dung chỉ tiêu", "Không để xảy ra bạo loạn, khủng bố, phá hoại")
    lead.press("Lưu vào bản nháp").sees("Không để xảy ra bạo loạn", "≥ 99,5")


def new_target(
    lead: Person, text: str, unit: str, level: str, aggregation: str = "Cộng dồn các kỳ"
) -> None:
    """Fill the form of a numeric target."""
    if lead.page.get_by_role("heading", level=1, name="Thêm chỉ tiêu").count() == 0:
        lead.follow("Thêm chỉ tiêu")
    lead.write("Nội dung chỉ tiêu", text).write("Đơn vị tính", unit)
    lead.choose("Chiều phấn đấu", "Càng nhiều càng tốt (≥)")
    lead.choose("Cách tính cả năm", aggregation).write("Mức chung", level)


def papers(lead: Person) -> None:
    """Adopt the regulation and the outline beside the pledge, and write what stands in them."""
    lead.follow("Văn bản kèm theo")
    for label, title in (
        ("Quy định tiêu chí chấm điểm", REGULATION),
        ("Đề cương báo cáo", OUTLINE),
    ):
        group = lead.page.get_by_role("group", name=label)
        lead.tick(f"Có {label.lower()}", within=group).write("Tên văn bản", title, within=group)
    lead.press("Lưu vào bản nháp").sees("Đã lưu.")
    tabs = lead.page.get_by_role("navigation", name="Các văn bản")
    tabs.get_by_role("link").nth(1).click()
    lead.follow("Thêm điều khoản").write("Tiêu đề", "Nguyên tắc")
    lead.write("Nội dung", "Không đơn vị nào tự thẩm định phiếu của mình.")
    lead.press("Lưu vào bản nháp").sees("Không đơn vị nào tự thẩm định phiếu của mình.")
    tabs.get_by_role("link").nth(2).click()
    lead.follow("Lấy đề cương mẫu")
    lead.page.get_by_role("radio").first.check()
    lead.press("Thêm đề cương này").sees("Đã thêm đề cương.")


def signatories(lead: Person) -> None:
    """Set positions and authority of the eight who sign, and the witness behind them."""
    lead.follow("Bên ký")
    for _, _, short, position in UNITS:
        lead.write(f"Chức vụ in trên văn bản, {short}", position)
    lead.choose("Thẩm quyền, CA TP. Đồng Hới", "KT. (ký thay)")
    lead.page.get_by_role("row").filter(has_text=ORGANISER).get_by_role("checkbox").check()
    lead.write(f"Chức vụ in trên văn bản, {ORGANISER}", "Phó Giám đốc Công an tỉnh")
    lead.press("Lưu vào bản nháp").sees("Đã lưu.")


# Discussion ----------------------------------------------------------------------------------
def draft_circulates(conference: Conference) -> None:
    """Check what goes out to whom, and send it; nobody saw the draft before."""
    member = conference.officer("lethuy").open(f"{conference.year}giao-uoc/")
    assert TITLE not in member.text(), "a draft is its authors'"
    lead = conference.lead.follow("Hoàn thiện bản 1 để gửi góp ý")
    lead.follow("Kiểm tra và gửi bản 1").sees(REGULATION, "9 bên ký", "Chưa có tài khoản cán bộ")
    lead.press("Gửi bản 1 góp ý").sees("Đã gửi bản 1 góp ý", "Phiếu số")


def units_discuss(conference: Conference) -> None:
    """One unit comments on a clause, one proposes another level, one head agrees, one refuses."""
    officer = conference.officer("lethuy").follow("Đọc, góp ý bản 1 giao ước")
    clause = officer.page.locator(".gu-clause").filter(has_text=CLAUSES[0])
    officer.follow("Góp ý", within=clause)
    officer.write("Góp ý", "Đề nghị thêm “kế hoạch phòng, chống lụt, bão”.").press("Gửi góp ý")
    officer.sees("Đã gửi góp ý tới CA huyện Quảng Ninh.")
    other = conference.officer("botrach").follow("Đọc, góp ý bản 1 giao ước")
    row = other.page.get_by_role("row").filter(has_text="khám phá án chung")
    other.follow("Góp ý", within=row).follow("Đề nghị mức khác").sees("≥ 99,5")
    other.write("Mức đề nghị", "76,5").write("Lý do", "Địa bàn rộng, lực lượng điều tra mỏng.")
    other.press("Gửi đề nghị").sees("Đã gửi đề nghị tới CA huyện Quảng Ninh.", "≥ 76,5")
    agrees(conference, "donghoi", 1)
    head = conference.head("botrach").follow("Cho ý kiến về bản 1 giao ước")
    head.press("Chưa thống nhất, gửi lý do").sees("Chưa ghi lý do.")
    head.write("Lý do khi chưa thống nhất", REFUSAL).press("Chưa thống nhất, gửi lý do")
    head.sees("Đã gửi ý kiến chưa thống nhất bản 1", REFUSAL)


def agrees(conference: Conference, unit: str, number: int) -> None:
    """Let the head of a unit read a version and agree."""
    head = conference.head(unit)
    head.follow(f"Cho ý kiến về bản {number} giao ước").sees(TITLE, OWN_TASK)
    head.press(f"Thống nhất bản {number}").sees(f"Đã thống nhất bản {number}")


def lead_answers_and_revises(conference: Conference) -> None:
    """Answer both remarks; the accepted level opens version 2, whose changes everybody sees."""
    lead = conference.lead.sees("Sửa theo ý kiến chưa thống nhất của 1 đơn vị")
    lead.follow("Trả lời 2 góp ý")
    remark = lead.page.get_by_role("listitem").filter(has_text="phòng, chống lụt, bão")
    lead.follow("Trả lời", within=remark)
    lead.write("Trả lời", "Tiếp thu, bổ sung vào bản 2.").press("Tiếp thu, gửi trả lời")
    lead.sees("Đã trả lời CA huyện Lệ Thủy.").follow("Tất cả góp ý").follow("Trả lời")
    lead.sees("các ý kiến thống nhất với bản 1 sẽ lấy lại")
    lead.write("Trả lời", "Chấp nhận 76,5 cho Bố Trạch.").press("Chấp nhận đề nghị")
    lead.sees("Đã trả lời CA huyện Bố Trạch.").open(f"{conference.year}giao-uoc/")
    clause = lead.page.locator(".gu-clause").filter(has_text=CLAUSES[0])
    lead.follow("Sửa điều khoản", within=clause)
    lead.write("Nội dung", f"{CLAUSES[0][:-1]}; có kế hoạch phòng, chống lụt, bão.")
    lead.press("Lưu vào bản nháp").sees("Đã lưu.")
    lead.follow("Kiểm tra và gửi bản 2").sees("2 chỗ khác.")
    lead.press("Gửi bản 2 góp ý").sees("Đã gửi bản 2 góp ý")


def changes_are_seen(conference: Conference) -> None:
    """Whoever had agreed is asked again and sees what is new; both versions can be compared."""
    head = conference.head("donghoi").sees("Cho ý kiến về bản 2 giao ước")
    head.turn_to("Giao ước năm").sees(
        "Đang xem bản 2 đối chiếu bản 1", "0/8 đơn vị đã thống nhất bản 2"
    )
    added = head.page.get_by_role("insertion").filter(has_text="phòng, chống lụt, bão")
    assert added.count() == 1
    head.follow("Các bản").sees("Hết giá trị").follow("Đối chiếu hai bản")
    head.sees("1 chỗ khác", "quyền; có kế hoạch phòng, chống lụt, bão.", "≥ 76,5")


def all_agree(conference: Conference) -> None:
    """Seven heads agree, and freezing waits for the eighth."""
    for unit, *_ in UNITS[:-1]:
        agrees(conference, unit, 2)
    lead = conference.lead.open(f"{conference.year}giao-uoc/")
    lead.sees("7/8 đơn vị đã thống nhất bản 2")
    locked = lead.page.get_by_role("button", name="Chốt để ký")
    assert locked.get_attribute("aria-disabled") == "true"
    lead.sees("Chưa thể chốt: còn 1 đơn vị chưa thống nhất là CA huyện Minh Hóa.")
    agrees(conference, UNITS[-1][0], 2)


# Freezing and signing ------------------------------------------------------------------------
def lead_freezes_and_opens(conference: Conference) -> None:
    """Freeze under today's date, wait until the worker has made the papers, open the signing."""
    lead = conference.lead.follow("Chốt giao ước để ký")
    lead.sees("8 đơn vị ký, 1 chứng kiến", "01/GƯTĐ-K1")
    lead.write("Ngày ghi trên văn bản", format_date(TODAY))
    lead.press("Chốt bản 2 để ký").sees("Đã chốt bản 2 để ký", "01/GƯTĐ-K1")
    lead.turn_to("Trung tâm in")
    lead.page.get_by_text("Đã dựng", exact=True).nth(2).wait_for(timeout=60_000)
    lead.at().follow("Mở ký giao ước").follow("Mở ký").sees("đơn vị thứ nhất được mời")
    lead.press("Mở ký, mời các đơn vị").sees("Đã mở ký giao ước")


def heads_sign(conference: Conference) -> None:
    """Sign in order, one of them with a slip of the keyboard; the witness signs last."""
    early = conference.head("minhhoa").open(f"{conference.year}giao-uoc/ky/")
    early.sees("Chưa đến lượt")
    locked = early.page.get_by_role("button", name="Ký giao ước")
    assert locked.get_attribute("aria-disabled") == "true"
    for place, (unit, name, *_) in enumerate(UNITS, start=1):
        head = conference.head(unit).follow("Ký giao ước thi đua").sees(f"Ký thay mặt {name}")
        reads_the_paper(head, conference.folder)
        if unit == "donghoi":
            head.write("Nhập lại mật khẩu", "Mat-khau-sai-2026").press("Ký giao ước")
            head.sees("Mật khẩu không đúng nên chưa ký.")
        head.write("Nhập lại mật khẩu", conference.password(unit)).press("Ký giao ước")
        head.sees(f"{place}/9", "Mã băm đã ký").leave()
    witness = conference.office.person("lanhdao.tinh").at().follow("Ký giao ước thi đua")
    reads_the_paper(witness, conference.folder)
    witness.write("Nhập lại mật khẩu", PASSWORD).press("Ký giao ước").sees("9/9")


def reads_the_paper(head: Person, folder: Path) -> None:
    """Read the very file that is signed, in the page or saved; only then the button opens."""
    if head.page.viewport_size == PHONE:
        assert head.page.get_by_role("button", name="Ký giao ước").get_attribute("aria-disabled")
        link = head.page.get_by_role("link", name="Tải về đọc")
        saved = head.download(link.click, folder)
        assert saved.read_bytes().startswith(b"%PDF-")
        # Back from the program that shows the file.
        head.page.evaluate("window.dispatchEvent(new Event('focus'))")
    head.sees("Đã mở đọc")


def everybody_reads_that_it_is_sealed(conference: Conference) -> None:
    """The year says so to the last member and to the body above."""
    for name in ("canbo.tuyenhoa", "thuongtruc"):
        person = conference.office.person(name).open(conference.year)
        person.sees("Đã ký", TITLE)
        assert "8/8" in person.text() or "9/9" in person.text()


# Printing and verifying ----------------------------------------------------------------------
def book_is_downloaded(conference: Conference) -> dict[str, bytes]:
    """Take the book from the print centre; every paper in it is as its list of hashes says."""
    lead = conference.lead.turn_to("Trung tâm in")
    lead.page.get_by_text("Đã ký", exact=True).nth(2).wait_for(timeout=60_000)
    book = lead.page.get_by_role("link", name=re.compile(r"Tải sổ \(ZIP"))
    if book.count() == 0:
        lead.press("Đóng sổ giao ước")
    book.wait_for(timeout=60_000)
    path = lead.download(book.click, conference.folder)
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    listed = files.pop("MANIFEST.sha256").decode().splitlines()
    assert sorted(listed) == sorted(f"{_sha256(data)}  {name}" for name, data in files.items())
    papers = {name: data for name, data in files.items() if name.endswith(".pdf")}
    assert len(papers) == 3
    return papers


def papers_are_read_back(conference: Conference, papers: dict[str, bytes]) -> None:
    """Every paper names its number and subject, is sealed, and bears its own code."""
    numbers = {"01/GƯTĐ-K1": THEME, "01/QĐCĐ-K1": REGULATION[9:], "01/ĐC-K1": OUTLINE[9:]}
    for (name, data), (number, words) in zip(sorted(papers.items()), numbers.items(), strict=True):
        text = _text(data, conference.folder)
        for part in (f"Số: {number}", words, f"ngày {TODAY:%d tháng %m năm %Y}", RECORDED):
            assert part.lower() in text.lower(), (name, part)
        report = _seal(data)
        assert report.holds, (name, report)
        assert not _seal(data + b" ").holds, "whatever is added is found"
        code = re.search(r"Mã xác minh: ([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})", text)
        assert code
        assert code[1] in name
        conference.codes.append(code[1])
        if number.startswith("01/GƯTĐ"):
            pledge_is_what_was_agreed(text)


def pledge_is_what_was_agreed(pledge: str) -> None:
    """The pledge holds every text, level, unit, position and signature."""
    for _, name, _, position in UNITS:
        assert name.upper() in pledge
        assert position.upper() in pledge
    assert pledge.count(RECORDED) == len(UNITS) + 1
    assert "CHỨNG KIẾN CÔNG AN TỈNH QUẢNG BÌNH" in pledge
    assert "BẢN GHI KÝ" in pledge
    levels = ("≥ 99,5", "≥ 76,5", "≥ 1.234", "≥ 2.345,5", "không giao", "chưa giao mức")
    for words in (CLAUSES[1], OWN_TASK, "có kế hoạch phòng, chống lụt, bão", *levels):
        assert words in pledge, words


def stranger_verifies(conference: Conference, papers: dict[str, bytes]) -> None:
    """Without an account: the code, nine signatures, the hash of the very file one holds."""
    code = conference.codes[0]
    pledge = next(data for name, data in papers.items() if code in name)
    stranger = conference.office.enter().open(f"/xac-minh/{code}/")
    stranger.sees("Chưa bị thay thế, chưa bị thu hồi", TITLE, "9/9 chữ ký")
    text = stranger.text()
    for _, name, *_ in UNITS:
        assert name in text
    assert _sha256(pledge) in re.sub(r"\s", "", text)
    mine, wrong = conference.folder / "cua-toi.pdf", conference.folder / "bi-sua.pdf"
    mine.write_bytes(pledge)
    wrong.write_bytes(pledge + b" ")
    stranger.page.locator("input[type=file]").set_input_files(mine)
    stranger.sees("Tệp trùng từng byte với bản gốc")
    stranger.page.locator("input[type=file]").set_input_files(wrong)
    stranger.sees("Tệp không khớp bản gốc")


def nothing_was_changed_quietly(conference: Conference) -> None:
    """The chain of events and the store of files are whole."""
    for command in ("verify_audit", "verify_files"):
        done = conference.installation.manage(command)
        assert done.returncode == 0, done.stdout + done.stderr


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _seal(pdf: bytes) -> SealReport:
    """Look at the seal beside the loop in which Playwright drives the browser."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(check_seal, pdf).result()


def _text(pdf: bytes, folder: Path) -> str:
    """Read a PDF back as running text, column by column, whatever the lines."""
    path = folder / "doc.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def test_conference(office: Office, installation: Installation, tmp_path: Path) -> None:
    """From units and people to a sealed pledge that a stranger can verify."""
    people_and_units()
    conference = Conference(office, installation, tmp_path)
    administrator_adds_the_last_unit(conference)
    organiser_opens_the_year(conference)
    lead_writes_the_draft(conference)
    draft_circulates(conference)
    units_discuss(conference)
    lead_answers_and_revises(conference)
    changes_are_seen(conference)
    all_agree(conference)
    lead_freezes_and_opens(conference)
    heads_sign(conference)
    everybody_reads_that_it_is_sealed(conference)
    papers = book_is_downloaded(conference)
    papers_are_read_back(conference, papers)
    stranger_verifies(conference, papers)
    nothing_was_changed_quietly(conference)
