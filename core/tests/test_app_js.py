"""The script and the style sheet in a real browser: figures, drafts, hashes, jobs, reflow."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.template import Context, Template
from django.template.loader import render_to_string

from core.policy import ALLOWED, deny
from core.templatetags.gu import STATUS_TAGS, Cell

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page, Route

pytestmark = pytest.mark.browser

ROOT = Path(settings.BASE_DIR)
#: Plain http and not localhost, as in an office: there is no crypto.subtle.
SITE = "http://giao-uoc.test"
Answer = Callable[["Route"], None]


class Site:
    """Pages given as text under an address of their own, with the real static files."""

    def __init__(self, browser: "Browser", width: int = 1366) -> None:
        self.answers: dict[str, str | Answer] = {}
        self.sent: list[str] = []
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, timezone_id="Asia/Ho_Chi_Minh"
        )
        self.context.route(f"{SITE}/**", self.answer)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(5000)
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def answer(self, route: "Route") -> None:
        """Answer from the static folder, from what the test has put there, or with 404."""
        path = route.request.url.removeprefix(SITE).partition("?")[0]
        if route.request.method == "POST":
            self.sent.append(path)
        if path.startswith("/static/"):
            route.fulfill(path=ROOT / path[1:])
            return
        given = self.answers.get(f"{route.request.method} {path}", self.answers.get(path))
        if given is None:
            route.fulfill(status=404, body="")
        elif isinstance(given, str):
            route.fulfill(body=given, content_type="text/html; charset=utf-8")
        else:
            given(route)

    def open(self, path: str) -> "Page":
        """Go to a page and wait until its script has run."""
        self.page.goto(SITE + path)
        return self.page


@pytest.fixture
def site(browser: "Browser") -> Iterator[Site]:
    """Give a site of its own; an error in the script fails the test."""
    site = Site(browser)
    yield site
    site.context.close()
    assert site.faults == []


def html(body: str, user: str = "7") -> str:
    """Return a page with the script and this body."""
    return (
        f'<!DOCTYPE html><html lang="vi"><head><title>x</title>'
        f'<link rel="icon" href="data:,"></head><body data-user="{user}">{body}'
        '<script src="/static/js/app.js" defer></script></body></html>'
    )


# Figures -------------------------------------------------------------------------------------
def test_figure_is_read_back_on_leaving_and_never_rewritten(site: Site) -> None:
    site.answers["/"] = html(
        '<input id="n" data-vn-number="" data-unit="vụ"><input id="other">'
        '<input id="w" data-vn-number="">'
    )
    page = site.open("/")
    page.type("#n", "1234,50")
    assert page.locator(".gu-read-back").first.inner_text() == ""
    assert page.input_value("#n") == "1234,50"
    page.focus("#other")
    assert page.locator(".gu-read-back").first.inner_text() == "Đọc là: 1.234,5 vụ"
    assert page.input_value("#n") == "1234,50"
    page.fill("#w", "0.125")
    page.focus("#other")
    assert "Chưa đọc được số này." in page.locator(".gu-read-back").last.inner_text()


# Hashes --------------------------------------------------------------------------------------
def test_own_sha256_equals_the_standard_one(site: Site) -> None:
    site.answers["/"] = html('<script src="/static/js/verify.js" defer></script>')
    page = site.open("/")
    assert page.evaluate("window.crypto.subtle === undefined")
    sizes = [*range(130), 1000, 70_001]
    found = page.evaluate(
        "(sizes) => sizes.map((n) => window.giaoUoc.plainSha("
        "Uint8Array.from({length: n}, (_, i) => (i * 31 + n) % 256)))",
        sizes,
    )
    expected = [
        hashlib.sha256(bytes((i * 31 + n) % 256 for i in range(n))).hexdigest() for n in sizes
    ]
    assert found == expected


# Drafts --------------------------------------------------------------------------------------
DRAFT_FORM = (
    '<form method="post" action="/gui" data-draft="p1">{before}<input name="title" value="">'
    '<textarea name="text"></textarea><input type="password" name="password">'
    '<button>Gửi</button></form><a href="/khac">Đi</a>'
)


def test_what_was_typed_is_offered_back_and_restored(site: Site) -> None:
    site.answers["/soan"] = html(DRAFT_FORM.format(before=""))
    site.answers["/khac"] = html("khác")
    page = site.open("/soan")
    asked: list[str] = []

    def leave(dialog: "Dialog") -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.fill("[name=title]", "Nghĩa Đồng Hới")
    page.fill("[name=password]", "bi-mat-123")
    page.click("a")
    page.wait_for_url("**/khac")
    assert asked == ["beforeunload"]
    kept = page.evaluate("JSON.stringify(localStorage)")
    assert "Nghĩa Đồng Hới" in kept
    assert "bi-mat-123" not in kept

    site.open("/soan")
    assert page.input_value("[name=title]") == ""
    page.get_by_role("button", name="Lấy lại").click()
    assert page.input_value("[name=title]") == "Nghĩa Đồng Hới"


def test_draft_of_one_person_is_not_shown_to_another(site: Site) -> None:
    site.answers["/soan"] = html(DRAFT_FORM.format(before=""))
    page = site.open("/soan")
    page.on("dialog", lambda dialog: dialog.accept())
    page.fill("[name=title]", "của người trước")
    site.answers["/soan"] = html(DRAFT_FORM.format(before=""), user="8")
    site.open("/soan")
    assert page.locator(".gu-draft").count() == 0


def test_draft_goes_once_the_server_has_it(site: Site) -> None:
    site.answers["/soan"] = html(DRAFT_FORM.format(before=""))
    site.answers["POST /gui"] = html("Đã ghi.")
    page = site.open("/soan")
    page.fill("[name=title]", "xong")
    page.click("button")
    page.wait_for_url("**/gui")
    assert "gu-draft" not in page.evaluate("JSON.stringify(localStorage)")


def test_draft_stays_when_the_server_refuses(site: Site) -> None:
    site.answers["/soan"] = html(DRAFT_FORM.format(before=""))
    site.answers["POST /gui"] = html('<div data-error-summary tabindex="-1">Lỗi</div>')
    page = site.open("/soan")
    page.fill("[name=title]", "chưa xong")
    page.click("button")
    page.wait_for_url("**/gui")
    assert "chưa xong" in page.evaluate("JSON.stringify(localStorage)")
    assert page.evaluate("document.activeElement.hasAttribute('data-error-summary')")


# Submitting, menus, passwords, errors ----------------------------------------------------------
def test_second_click_sends_nothing(site: Site) -> None:
    site.answers["/soan"] = html('<form method="post" action="/gui"><button>Ký</button></form>')
    # 204 keeps the page where it is, so that only the script can stop the second sending.
    site.answers["POST /gui"] = lambda route: route.fulfill(status=204)
    page = site.open("/soan")
    page.click("button", no_wait_after=True)
    page.wait_for_timeout(200)
    page.click("button", no_wait_after=True)
    page.wait_for_timeout(200)
    assert site.sent == ["/gui"]


def test_escape_closes_a_menu_and_gives_the_focus_back(site: Site) -> None:
    site.answers["/"] = html(
        '<details class="gu-menu"><summary>Danh mục</summary><a href="#x">Một</a></details><p>x</p>'
    )
    page = site.open("/")
    page.click("summary")
    page.focus("details a")
    page.keyboard.press("Escape")
    assert not page.evaluate("document.querySelector('details').open")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.click("summary")
    page.click("p")
    assert not page.evaluate("document.querySelector('details').open")


def test_password_is_shown_on_demand(site: Site) -> None:
    site.answers["/"] = html(
        '<input id="p" type="password"><button type="button" data-password-toggle'
        ' aria-controls="p" aria-pressed="false" hidden>Hiện</button>'
    )
    page = site.open("/")
    button = page.get_by_role("button", name="Hiện")
    button.click()
    assert page.get_attribute("#p", "type") == "text"
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    assert page.get_attribute("#p", "type") == "password"


def test_error_summary_takes_the_focus_and_leads_into_the_field(site: Site) -> None:
    site.answers["/"] = html(
        '<div tabindex="-1" data-error-summary><a href="#f">Chưa nhập tên.</a>'
        '<a href="#g">Chưa chọn.</a></div><input id="f">'
        '<div id="g"><input type="radio" id="g1"></div>'
    )
    page = site.open("/")
    assert page.evaluate("document.activeElement.hasAttribute('data-error-summary')")
    page.click("text=Chưa nhập tên.")
    assert page.evaluate("document.activeElement.id") == "f"
    page.click("text=Chưa chọn.")
    assert page.evaluate("document.activeElement.id") == "g1"


# Jobs ----------------------------------------------------------------------------------------
def test_job_moves_and_the_page_is_read_again_at_the_end(site: Site) -> None:
    states = [
        {"state": "RUNNING", "done": 1258, "total": 2353, "message": "Đang dựng."},
        {"state": "DONE", "done": 2353, "total": 2353},
    ]
    site.answers["/viec"] = html(
        '<div data-job-url="/viec.json"><progress value="0" max="1"></progress>'
        "<b data-job-count></b><p data-job-message></p></div>"
    )
    site.answers["/viec.json"] = lambda route: route.fulfill(json=states.pop(0))
    page = site.open("/viec")
    page.locator("text=1.258/2.353").wait_for()
    assert page.locator("[data-job-message]").inner_text() == "Đang dựng."
    assert page.evaluate("document.querySelector('progress').value") == 1258
    site.answers["/viec"] = html("Đã xong cả bộ.")
    page.locator("text=Đã xong cả bộ.").wait_for()


# The look ------------------------------------------------------------------------------------
LONG = "Khối thi đua Công an các huyện, thị xã, thành phố thuộc Công an tỉnh Quảng Bình"
PAGE = """{% extends "base.html" %}{% block title %}Thử{% endblock %}
{% block breadcrumb %}{% crumbs long "/a/" "Năm 2024" "/b/" "Giao ước" %}{% endblock %}
{% block heading %}Bản giao ước thi đua “Vì an ninh Tổ quốc” năm 2024{% endblock %}
{% block heading_extra %}{% status "pledge" "SIGNING" %}{% endblock %}
{% block turn_line %}{% turn_line cells %}{% endblock %}
{% block content %}
<section class="gu-panel"><div class="gu-panel-body"><p class="gu-row">
{% for workflow, states in tags.items %}
{% for s in states %}{% status workflow s %}{% endfor %}{% endfor %}
</p>{% job_bar 3 12 "trang" %}</div>
<div class="gu-scroll"><table class="table"><caption class="visually-hidden">Chỉ tiêu</caption>
<thead><tr><th scope="col">Chỉ tiêu</th>
<th scope="col" class="gu-num">Công an Thành phố Hồ Chí Minh</th>
<th scope="col" class="gu-num">Cục Công tác Đảng và Công tác Chính trị</th></tr></thead>
<tbody><tr><th scope="row">Tỷ lệ điều tra</th>
<td class="gu-num">80</td><td class="gu-num">75</td></tr>
</tbody></table></div></section>{% endblock %}
{% block aside %}<aside class="gu-aside" aria-label="Bên lề"><p>x</p></aside>{% endblock %}
{% block action_bar %}<section class="gu-actionbar" aria-label="Thao tác">
<div class="gu-actionbar-right">{% verdict_button no "Chốt để ký" kind="secondary" %}
{% verdict_button yes "Gửi bản 5 góp ý" %}</div></section>{% endblock %}"""


def frame() -> SimpleNamespace:
    """Return the context of a signed-in page with the longest real names."""
    item = SimpleNamespace(label="Việc của tôi", icon="check2-square", url="/v/", count=5)
    other = SimpleNamespace(label="Sơ kết, tổng kết", icon="journal-text", url="/t/", active=True)
    year = SimpleNamespace(title=LONG, period="năm 2024", url="/y/")
    return SimpleNamespace(
        nav=[item, other], bottom_nav=[item, other], cluster_years=[year], cluster_year=year,
        demo=True, inbox_count=5, notice_count=2, person="Thượng tá Nguyễn Thị Hồng Nhung",
        acting_label="Cán bộ thi đua · Cục Công tác Đảng và Công tác Chính trị",
        appointments_url="/p/", search_url="/s/", notices_url="/n/",
    )  # fmt: skip


def sample_page() -> str:
    """Return a page with every part of the frame."""
    context: dict[str, Any] = {
        "frame": frame(),
        "long": LONG,
        "tags": {workflow: list(states) for workflow, states in STATUS_TAGS.items()},
        "cells": [
            Cell("Đang chờ", "Công an Thành phố Hồ Chí Minh, Công an TP. Cần Thơ"),
            Cell("Chữ ký", "1/5"),
            Cell("Hạn ký", "10/04/2024", "còn 6 ngày"),
        ],
        "yes": ALLOWED,
        "no": deny("Chưa thể chốt: phần IV còn 2 đơn vị chưa có ý kiến."),
    }
    return Template(PAGE).render(Context(context))


def violations(page: "Page") -> list[str]:
    """Return what axe finds wrong with the page."""
    page.evaluate((ROOT / "config" / "tests" / "vendor" / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    return [f"{v['id']}: {[n['html'][:120] for n in v['nodes']]}" for v in found]


@pytest.mark.parametrize("width", [1366, 1024, 768, 390, 320])
def test_frame_fits_and_is_accessible(browser: "Browser", width: int) -> None:
    site = Site(browser, width)
    site.answers["/"] = sample_page()
    page = site.open("/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    site.context.close()


@pytest.mark.parametrize("width", [1366, 320])
def test_login_fits_and_is_accessible(browser: "Browser", width: int) -> None:
    from accounts.forms import LoginForm  # noqa: PLC0415 - asks for the app registry

    site = Site(browser, width)
    site.answers["/"] = render_to_string(
        "accounts/login.html",
        {"form": LoginForm(), "agency_name": "Cục Công tác Đảng và Công tác Chính trị, Bộ Công an"},
    )
    page = site.open("/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    site.context.close()


def test_page_needs_no_scrolling_to_reach_the_act(browser: "Browser") -> None:
    site = Site(browser)
    site.answers["/"] = sample_page()
    page = site.open("/")
    page.set_viewport_size({"width": 1366, "height": 768})
    box = page.get_by_role("button", name="Gửi bản 5 góp ý").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 768
    mast = page.locator(".gu-mast").bounding_box()
    assert mast is not None
    assert mast["height"] == 51
    site.context.close()
