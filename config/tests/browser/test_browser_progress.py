"""The grid of progress in a browser: saved on leaving a cell, nothing lost, two at one cell."""

from typing import TYPE_CHECKING, Any

import pytest

from clusters.tests.factories import World
from config.tests.browser.installation import Installation
from config.tests.browser.people import Office, Person
from config.tests.browser.worlds import world_at
from core.canonical import plain
from pledges.models import PledgeStatus, ProgressEntry
from pledges.tests.progress import period, targets

if TYPE_CHECKING:
    from playwright.sync_api import Locator

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def world(installed: Installation, django_db_blocker: Any) -> World:
    """A signed pledge; every test works for a unit of its own."""
    with django_db_blocker.unblock(), installed.work_on():
        return world_at(PledgeStatus.SIGNED, "tiendo", 5)[0]


class Sheet:
    """The grid of the first period as one person sees it, and its first cell."""

    def __init__(self, person: Person, world: World) -> None:
        self.person, self.page = person, person.page
        self.pk = targets(world)[0].pk
        person.open(f"/nam/{world.year.pk}/tien-do/?ky={period(world).pk}")

    @property
    def cell(self) -> "Locator":
        return self.page.locator(f"#o-{self.pk}")

    @property
    def state(self) -> "Locator":
        return self.page.locator(f"#t-{self.pk}")

    def says(self, words: str) -> None:
        self.state.get_by_text(words).wait_for()

    def type(self, text: str) -> None:
        self.cell.fill(text)
        self.cell.press("Enter")


def stored(world: World, index: int) -> list[str]:
    rows = ProgressEntry.objects.filter(report__unit=world.units[index]).order_by("pk")
    return [plain(row.value) for row in rows if row.value is not None]


def test_a_cell_is_saved_on_leaving_it_and_read_back(office: Office, world: World) -> None:
    sheet = Sheet(office.person("canbo.tiendo.1"), world)
    sheet.type("1.234,5")
    sheet.says("Đã lưu")
    assert "Đọc là: 1.234,5 %" in sheet.page.locator("[data-saved]").inner_text()
    assert stored(world, 1) == ["1234.5"]
    sheet.type("0.125")
    sheet.says("Ghi 0,125 hoặc 125")
    assert sheet.cell.input_value() == "0.125"
    sheet.cell.press("Escape")
    assert sheet.cell.input_value() == "1.234,5"


def test_nothing_typed_is_lost_while_the_line_is_cut(office: Office, world: World) -> None:
    sheet = Sheet(office.person("canbo.tiendo.2"), world)
    sheet.page.route("**/tien-do/**", lambda route: route.abort())
    sheet.type("77")
    sheet.says("Chưa lưu được")
    assert "vẫn giữ trên máy này" in sheet.page.locator("[data-saved]").inner_text()
    assert stored(world, 2) == []
    sheet.page.unroute("**/tien-do/**")
    sheet.page.reload()
    sheet.says("Đã lưu")
    assert sheet.cell.input_value() == "77"
    assert stored(world, 2) == ["77"]


def test_two_at_one_cell_see_both_figures_and_choose(office: Office, world: World) -> None:
    officer = Sheet(office.person("canbo.tiendo.3"), world)
    head = Sheet(office.person("lanhdao.tiendo.3"), world)
    head.type("11")
    head.says("Đã lưu")
    officer.type("9")
    officer.says("Bạn: 9")
    assert ": 11" in officer.state.inner_text()
    assert stored(world, 3) == ["11"]
    officer.state.get_by_role("button", name="Thay bằng 9").click()
    officer.says("Đã lưu")
    assert stored(world, 3) == ["9"]
    head.type("12")
    head.state.get_by_role("button", name="Giữ 9").click()
    head.says("Đã lưu")
    assert head.cell.input_value() == "9"
    assert stored(world, 3) == ["9"]


def test_the_grid_works_without_scripts(office: Office, world: World) -> None:
    person = office.enter("canbo.tiendo.4", scripts=False).log_in()
    sheet = Sheet(person, world)
    sheet.cell.fill("80")
    person.press("Lưu nháp").sees("Đã lưu nháp.", "Đã lưu")
    assert stored(world, 4) == ["80"]


def test_the_panel_opens_beside_the_grid_and_gives_the_focus_back(
    office: Office, world: World
) -> None:
    sheet = Sheet(office.person("canbo.tiendo.0"), world)
    link = sheet.page.locator(f"#h-{sheet.pk} a[data-open]")
    link.click()
    sheet.page.get_by_text("Nguồn chỉ tiêu:").wait_for()
    assert "/tien-do/o/" not in sheet.page.url
    sheet.page.get_by_role("button", name="Đóng chi tiết").press("Escape")
    assert sheet.page.locator("[data-detail]").is_hidden()
    assert link.evaluate("link => link === document.activeElement")
