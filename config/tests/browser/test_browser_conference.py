"""The conference of Quảng Bình (seed 003) at the browser, by its people, from nothing to the seal.

Eight units under Công an tỉnh: Công an huyện Quảng Ninh leads, Công an TP. Đồng Hới is the deputy.
Three papers are discussed, one unit refuses the first version, all agree on the second, it is
frozen, printed, signed by eight heads and the witness, and verified by somebody without an account.
What the seed does not tell (figures, persons, the refusal) is made up here.
"""

import hashlib
import json
import re
import subprocess
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from clusters.models import Role, Unit, UnitLevel
from clusters.tests.factories import PASSWORD, make_person, make_unit
from config.tests.browser.installation import Installation
from config.tests.browser.people import Office, Person
from core.text import format_date
from reports.seal import check_seal

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
TODAY: Final = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
#: Years of emulation end on 14 December.
YEAR: Final = TODAY.year + (TODAY > date(TODAY.year, 12, 14))
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
    code: str = ""

    def officer(self, unit: str) -> Person:
        """Return the officer of a unit, at the inbox."""
        return self.office.person(f"canbo.{unit}").at()

    def head(self, unit: str) -> Person:
        """Return the head of a unit, at the inbox."""
        return self.office.person(f"lanhdao.{unit}").at()

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
    admin.follow("Đơn vị").follow("Thêm đơn vị")
    admin.write("Mã đơn vị", "QB-08").write("Tên đầy đủ", name).write("Tên ngắn", short)
    admin.choose("Cấp", "Cấp huyện").choose("Đơn vị chủ quản", ORGANISER)
    admin.press("Thêm đơn vị").sees("Đã thêm đơn vị")
    admin.follow("Người dùng").follow("Thêm người dùng")
    admin.write("Tên đăng nhập", f"lanhdao.{BY_HAND}")
    admin.write("Họ và tên", "Lãnh đạo minhhoa").write("Cấp bậc", "Thượng tá")
    admin.press("Thêm người dùng").sees("Mật khẩu chỉ hiện một lần này")
    first = admin.page.locator("code").inner_text()
    admin.follow("Phân công")
    admin.choose("Vai", "Lãnh đạo").choose("Đơn vị", name).write("Chức vụ", position)
    admin.press("Phân công").sees("Đã phân công.", "Đang giữ")
    assert first not in admin.page.content(), "the first password is shown once"
    forced_to_set_a_password(conference, first)


def forced_to_set_a_password(conference: Conference, first: str) -> None:
    """Log in with the password from the administrator and be led to set one's own."""
    own = "Suoi-Ca-Minh-Hoa-8"
    head = conference.office.enter(f"lanhdao.{BY_HAND}").log_in(first)
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
    body.follow("Cụm, khối").follow("Lập cụm, khối")
    body.choose("Loại", "Khối thi đua").write("Ký hiệu", "K1")
    body.write("Tên", "Khối thi đua Công an các huyện, thị xã, thành phố")
    body.press("Lập cụm, khối").sees("Đã lập cụm, khối").follow("Mở năm thi đua")
    body.write("Năm", str(YEAR)).write("Phong trào, chủ đề thi đua", f"Vì an ninh Tổ quốc {YEAR}")
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
        ("Dự thảo", TODAY - timedelta(14), TODAY),
        ("Đang ký", TODAY, TODAY + timedelta(6)),
        ("Đang thực hiện", TODAY + timedelta(7), None),
    ]
    for row, (stage, opens, due) in enumerate(calendar, start=1):
        body.choose(f"Giai đoạn, dòng {row}", stage)
        body.write(f"Mở từ ngày, dòng {row}", format_date(opens))
        body.write(f"Đến hết ngày, dòng {row}", format_date(due) if due else "")


# The draft ------------------------------------------------------------------------------------
def lead_writes_the_draft(conference: Conference) -> None:
    """Write the three papers, the targets with their levels, who signs and who witnesses."""
    lead = conference.officer("quangninh")
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
    new_target(lead, "Tỷ lệ điều tra, khám phá án chung", "%", "99,5", aggregation="Lấy số mới nhất")
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
    for label, title in (("Quy định tiêu chí chấm điểm", REGULATION), ("Đề cương báo cáo", OUTLINE)):
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
    lead.tick("Có").write(f"Chức vụ in trên văn bản, {ORGANISER}", "Phó Giám đốc Công an tỉnh")
    lead.press("Lưu vào bản nháp").sees("Đã lưu.")


def test_conference(office: Office, installation: Installation, tmp_path: Path) -> None:
    """From units and people to a sealed pledge that a stranger can verify."""
    people_and_units()
    conference = Conference(office, installation, tmp_path)
    administrator_adds_the_last_unit(conference)
    organiser_opens_the_year(conference)
    lead_writes_the_draft(conference)
