"""Lots drawn, minutes written and answered, read beside the claim and decided by keyboard."""

from datetime import timedelta

import pytest

from clusters.calendar import local_date
from clusters.tests.factories import make_world
from config.tests.browser.people import Office, Person
from config.tests.browser.worlds import now
from core.text import format_date
from pledges.tests import year as walk
from scoring.models import Draw
from scoring.tests import inspecting as ins

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FOUND, APART = "Số liệu cao hơn sổ theo dõi 2 vụ", "Sổ ghi sót 2 vụ"


def test_units_inspect_each_other_by_lot_and_the_lead_reads_it_beside_the_claim(
    office: Office,
) -> None:
    world = walk.yearend_world(world=make_world(3, prefix="boctham"))
    url, today = f"/nam/{world.year.pk}/", local_date(now())
    organiser = office.person("thuongtruc.boctham").open(f"{url}cham-diem/")
    organiser.follow("Kiểm tra chéo").follow("Bốc thăm")
    organiser.write("Mã bốc thăm", "4-17-29").write("Hạn gửi biên bản", format_date(today))
    organiser.press("Bốc thăm và ghi vào sổ").sees("khớp với kết quả đã ghi")
    assert Draw.objects.get(cluster_year=world.year).seed == "4-17-29"

    (first,) = ins.team(world, 2)
    unit, code = world.units[2].short_name, ins.codes(world)[0]
    head = office.person(f"lanhdao.boctham.{first}").at()
    head.follow(f"Kiểm tra chéo {unit}")
    head.write("Ngày kiểm tra", format_date(today - timedelta(1)))
    head.write("Nhận xét chung", "Hồ sơ đầy đủ")
    head.page.locator(f"[name='f-{code}']").fill(FOUND)
    head.press("Lưu và xem lại để gửi").sees(FOUND)
    head.press(f"Gửi biên bản cho {unit}").sees("trả lời từng kết quả")

    owner = office.person("lanhdao.boctham.2").at()
    owner.follow("Trả lời biên bản kiểm tra chéo").tick("Không thống nhất")
    owner.press("Gửi ý kiến của đơn vị").sees("nêu lý do không thống nhất")
    owner.write("Lý do", APART).press("Gửi ý kiến của đơn vị").sees("người thẩm định")

    for index in (1, 2):
        walk.walk_sheet(world, index, "APPRAISING")
    lead = office.person("canbo.boctham.0")
    lead.open(f"{url}cham-diem/{walk.sheet(world, 2).pk}/tham-dinh/").sees(FOUND, APART)
    decide_by_keyboard(lead, ins.codes(world))


def decide_by_keyboard(lead: Person, codes: list[str]) -> None:
    """J and K walk, A and Enter record and go on, R returns; nothing while somebody types."""

    def press(key: str, then: str) -> None:
        with lead.page.expect_navigation():
            lead.page.keyboard.press(key)
        assert lead.page.locator(".ap-list a[aria-current] .ap-code").inner_text() == then

    one, two, three, *_ = codes
    press("j", two)
    press("k", one)
    press("a", two)
    press("Enter", three)
    reason = lead.page.locator("textarea[name=reason]")
    reason.focus()
    lead.page.keyboard.type("j k a r")
    assert reason.input_value() == "j k a r"
    reason.fill("")
    lead.page.locator("h1").click()
    with lead.page.expect_navigation():
        lead.page.keyboard.press("r")
    lead.sees("Trả lại từng tiêu chí")
