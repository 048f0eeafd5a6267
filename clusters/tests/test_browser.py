"""The pages of registry and years in a real browser: reachable, readable, usable as plain pages."""

import pytest
from django.conf import settings
from django.urls import reverse

from clusters.models import ClusterYear
from clusters.tests.factories import NOW, PASSWORD, make_world
from scoring import operations as scoring_operations

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.slow]
AXE = settings.BASE_DIR / "config" / "tests" / "vendor" / "axe.min.js"
RUN_AXE = "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html.slice(0, 200)))"
WIDTHS = (1366, 390, 320)


@pytest.fixture
def world():
    return make_world(4)


def log_in(page, username: str) -> None:
    page.goto(reverse("accounts:login"))
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url("**/viec-cua-toi/")


def faults_of(page) -> list[str]:
    """Return what axe finds and whether the page scrolls sideways, at every width."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 768})
        found += [f"{page.url} at {width}: {fault}" for fault in page.evaluate(RUN_AXE)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{page.url} at {width} scrolls sideways")
    return found


def addresses(world, who: str) -> list[str]:
    year, cluster = world.year.pk, world.cluster.pk
    person, unit = world.officers[1].user_id, world.units[0].pk
    of_year = [
        reverse(f"clusters:{n}", args=[year])
        for n in ("members", "calendar", "extensions", "history")
    ]
    of_year += [reverse(f"scoring:{n}", args=[year]) for n in ("table", "choose_table")]
    everybody = [reverse(n) for n in ("core:inbox", "core:notices", "clusters:appointments_mine")]
    everybody.append(reverse("clusters:search") + "?q=dong hoi")
    return (
        everybody
        + {
            "quantri.qb": [
                *(reverse(f"clusters:{n}") for n in ("units", "add_unit", "people", "add_person")),
                *(reverse(f"clusters:{n}", args=[unit]) for n in ("unit", "add_succession")),
                *(
                    reverse(f"clusters:{n}", args=[person])
                    for n in (
                        "person",
                        "edit_person",
                        "reset_password",
                        "switch_person",
                        "add_appointment",
                    )
                ),
                reverse("clusters:end_appointment", args=[world.officers[1].appointment_id]),
            ],
            "thuongtruc.qb": [
                reverse("clusters:clusters"),
                reverse("clusters:add_cluster"),
                reverse("clusters:open_year", args=[cluster]),
                *of_year,
            ],
            "canbo.qb.1": of_year,
        }[who]
    )


@pytest.mark.parametrize("who", ["quantri.qb", "thuongtruc.qb", "canbo.qb.1"])
def test_pages_are_accessible_and_fit_every_screen(page, world, who):
    scoring_operations.take_starter(
        cluster_year_id=world.year.pk, starter="police-1000", by=world.organiser_acting, now=NOW
    )
    log_in(page, who)
    faults = []
    for address in addresses(world, who):
        page.goto(address)
        faults += faults_of(page)
    assert not faults


def test_a_year_is_opened_without_a_script(browser, live_server, world):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    log_in(page, "thuongtruc.qb")
    page.goto(reverse("clusters:open_year", args=[world.cluster.pk]))
    rows = page.locator("[name^=thanh-vien][name$=-unit]")
    before = rows.count()
    page.fill("[name=theme]", "Phong trào mới")
    page.get_by_role("button", name="Thêm dòng thành viên").click()
    assert rows.count() > before
    assert page.input_value("[name=theme]") == "Phong trào mới"
    page.fill("[name=lich-0-opens_on]", "30/02/2027")
    page.get_by_role("button", name="Mở năm thi đua").click()
    assert page.title().startswith("Lỗi:")
    page.get_by_role("link", name="Tháng 2 năm 2027 chỉ có 28 ngày.").click()
    page.fill("[name=lich-0-opens_on]", "5/1/2027")
    page.get_by_role("button", name="Mở năm thi đua").click()
    page.wait_for_url("**/bang-tieu-chi/chon/**")
    year = ClusterYear.objects.get(cycle__year=2027)
    assert year.cycle.theme == "Phong trào mới"
    assert year.memberships.count() == 4
    context.close()


def test_errors_in_a_grid_are_accessible(page, world):
    log_in(page, "thuongtruc.qb")
    page.goto(reverse("clusters:open_year", args=[world.cluster.pk]))
    page.fill("[name=year]", "27")
    page.fill("[name=lich-1-opens_on]", "30/02/2027")
    page.get_by_role("button", name="Mở năm thi đua").click()
    assert not faults_of(page)
    cell = page.locator("[name=lich-1-opens_on]")
    described = cell.get_attribute("aria-describedby") or ""
    assert any("28 ngày" in page.locator(f"#{part}").inner_text() for part in described.split())
