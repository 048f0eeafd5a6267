"""What only a browser can send: twice, from an old page, without a mouse, in Telex."""

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.sessions.models import Session

from clusters.tests.factories import PASSWORD, World
from config.tests.browser.installation import Installation
from config.tests.browser.people import Office, Person
from config.tests.browser.worlds import now, world_at
from pledges.models import Clause, Comment, Consent, Pledge, PledgeStatus
from pledges.tests import factories as f
from pledges.workflow import pledge as workflow

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Route

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Case = tuple[World, Pledge]


@pytest.fixture(scope="module")
def circulated(installed: Installation, django_db_blocker: Any) -> Case:
    """A version that waits for comments; what one test says does not disturb the others."""
    with django_db_blocker.unblock(), installed.work_on():
        return world_at(PledgeStatus.CIRCULATED, "nhap")


@pytest.fixture(scope="module")
def drafted(installed: Installation, django_db_blocker: Any) -> Case:
    """A draft of the lead."""
    with django_db_blocker.unblock(), installed.work_on():
        return world_at(PledgeStatus.DRAFT, "soan")


def at_the_clause(person: Person, case: Case) -> Person:
    """Open the discussion of a clause."""
    world, pledge = case
    assert pledge.current is not None
    clause = pledge.current.clauses.filter(section="CONTENT").order_by("order")[0]
    return person.open(f"/nam/{world.year.pk}/giao-uoc/trao-doi/{clause.key}/")


# Once is once --------------------------------------------------------------------------------
def test_double_click_on_a_button_sends_once(office: Office, circulated: Case) -> None:
    text = "Đề nghị làm rõ cách tính"
    member = at_the_clause(office.person("canbo.nhap.1"), circulated).write("Góp ý", text)
    member.page.get_by_role("button", name="Gửi góp ý").dblclick()
    member.sees("Đã gửi góp ý tới", text).page.reload()
    assert member.text().count(text) == 1
    assert Comment.objects.filter(text=text).count() == 1


def test_no_answer_and_pressed_again(office: Office, circulated: Case) -> None:
    """The first answer is lost on a slow line; the second press, without scripts, finds it."""
    text = "Đề nghị làm rõ thời hạn"
    member = office.enter("canbo.nhap.1", scripts=False).log_in()
    at_the_clause(member, circulated).write("Góp ý", text)
    sent: list[Route] = []

    def lose_the_first(route: "Route") -> None:
        sent.append(route)
        if len(sent) == 1:
            assert route.fetch(max_redirects=0).status == 302
            route.abort("aborted")
        else:
            route.continue_()

    member.page.route("**/trao-doi/**", lose_the_first)
    member.press("Gửi góp ý")
    assert Comment.objects.filter(text=text).count() == 1
    assert member.field("Góp ý").input_value() == text, "no answer yet"
    member.press("Gửi góp ý").sees(text)
    assert [route.request.method for route in sent[:2]] == ["POST", "POST"]
    assert member.text().count(text) == 1
    assert Comment.objects.filter(text=text).count() == 1


def test_back_after_sending_offers_nothing_to_send_again(office: Office, circulated: Case) -> None:
    text = "Đề nghị bổ sung trách nhiệm của đơn vị phó"
    member = at_the_clause(office.person("canbo.nhap.1"), circulated).write("Góp ý", text)
    member.press("Gửi góp ý").sees("Đã gửi góp ý tới")
    member.page.go_back()
    member.sees(text)
    assert member.field("Góp ý").input_value() == "", "filled in under a new token: sent twice"
    member.press("Gửi góp ý").sees("Chưa ghi góp ý.")
    assert Comment.objects.filter(text=text).count() == 1


# Nothing typed is lost -----------------------------------------------------------------------
def test_session_ends_in_the_middle_of_a_form(office: Office, circulated: Case) -> None:
    text = "Viết đến nửa chừng thì phiên làm việc hết hạn, không được mất chữ nào."
    member = at_the_clause(office.person("canbo.nhap.2"), circulated).write("Góp ý", text)
    Session.objects.all().delete()
    member.press("Gửi góp ý")
    assert member.heading() == "Đăng nhập"
    assert not Comment.objects.filter(text=text).exists()
    member.log_in().sees("Trên máy này còn phần bạn nhập dở")
    member.press("Lấy lại")
    assert member.field("Góp ý").input_value() == text
    member.press("Gửi góp ý").sees("Đã gửi góp ý tới")
    assert Comment.objects.get(text=text).author.username == "canbo.nhap.2"


def test_two_people_save_the_same_clause(office: Office, drafted: Case) -> None:
    world, pledge = drafted
    assert pledge.current is not None
    clause = pledge.current.clauses.filter(section="CONTENT").order_by("order")[0]
    address = f"/nam/{world.year.pk}/giao-uoc/soan/dieu-khoan/{clause.key}/"
    first = office.person("canbo.soan.0").open(address)
    second = office.person("lanhdao.soan.0").open(address)
    first.write("Nội dung", "Lời của cán bộ.").press("Lưu vào bản nháp").sees("Đã lưu.")
    second.write("Nội dung", "Lời của lãnh đạo.").press("Lưu vào bản nháp")
    second.sees("Bản đang lưu", "Lời của cán bộ.", "canbo.soan.0")
    assert second.field("Nội dung").input_value() == "Lời của lãnh đạo."
    assert Clause.objects.get(pk=clause.pk).text == "Lời của cán bộ."
    second.press("Lưu vào bản nháp").sees("Đã lưu.", "Lời của lãnh đạo.")
    assert Clause.objects.get(pk=clause.pk).text == "Lời của lãnh đạo."
    second.turn_to("Nhật ký")
    for summary in second.page.get_by_text("Trước và sau").all()[:2]:
        summary.click()
    second.sees("Lời của cán bộ.", "Lời của lãnh đạo.")


# Yesterday's page ----------------------------------------------------------------------------
def test_consent_from_a_tab_that_shows_an_older_version(office: Office) -> None:
    world, pledge = world_at(PledgeStatus.CIRCULATED, "the")
    head = office.person("lanhdao.the.1").at().follow("Cho ý kiến về bản 1 giao ước")
    common: dict[str, Any] = {"pledge_id": pledge.pk, "by": world.lead_officer, "now": now()}
    workflow.revise(note="Bổ sung một điều khoản", **common)
    values = f.clause_values("Điều khoản chỉ có ở bản 2")
    f.operations.save_clause(key=None, seen="", values=values, **common)
    f.circulate(world, pledge, now())
    head.press("Thống nhất bản 1")
    head.sees("Bản bạn đã đọc là bản 1, bản hiện nay là bản 2")
    assert head.page.get_by_role("insertion").filter(has_text="chỉ có ở bản 2").count() == 1
    assert not Consent.objects.filter(version__pledge=pledge).exists()
    head.press("Thống nhất bản 2").sees("Đã thống nhất bản 2")
    assert Consent.objects.get(version__pledge=pledge).version.number == 2


# Without a mouse -----------------------------------------------------------------------------
FOCUSED = """() => { const one = document.activeElement;
  const style = getComputedStyle(one);
  return [one.innerText || one.getAttribute("aria-label") || one.name || "",
          style.outlineStyle !== "none" || style.boxShadow !== "none"]; }"""


def tab_to(person: Person, wanted: str) -> None:
    """Press Tab until the focus is there; on the way it must always be seen."""
    for _ in range(120):
        person.page.keyboard.press("Tab")
        words, is_shown = person.page.evaluate(FOCUSED)
        if " ".join(words.split()) == wanted:
            assert is_shown, f"the focus on {wanted} cannot be seen"
            return
    raise AssertionError(f"Tab does not reach {wanted}")


def test_from_log_in_to_a_comment_by_keyboard(office: Office, circulated: Case) -> None:
    text = "Góp ý không cần chuột"
    member = office.enter("canbo.nhap.1").open("/dang-nhap/")
    keys = member.page.keyboard
    for name, typed in (("username", member.name), ("password", PASSWORD)):
        tab_to(member, name)
        keys.type(typed)
    keys.press("Enter")
    member.sees("Việc của tôi")
    tab_to(member, "Tới nội dung chính")
    keys.press("Enter")
    tab_to(member, "Đọc, góp ý bản 1 giao ước")
    keys.press("Enter")
    member.sees("I. Nội dung thi đua")
    tab_to(member, "Góp ý chung")
    keys.press("Enter")
    member.sees("Thương thảo")
    tab_to(member, "text")
    keys.type(text)
    tab_to(member, "Gửi góp ý")
    keys.press("Enter")
    member.sees("Đã gửi góp ý tới", text)
    assert Comment.objects.filter(text=text, anchor="PLEDGE").count() == 1


# Vietnamese keyboards ------------------------------------------------------------------------
def telex(person: Person, field: "Locator", strokes: list[str]) -> None:
    """Type as an input method does: letters, and Backspace with new letters in their place."""
    field.click()
    expected = field.input_value()
    for stroke in strokes:
        if stroke == "Backspace":
            person.page.keyboard.press(stroke)
            expected = expected[:-1]
        elif len(stroke) == 1 and stroke.isascii():
            person.page.keyboard.press(stroke)
            expected += stroke
        else:
            person.page.keyboard.insert_text(stroke)
            expected += stroke
        assert field.input_value() == expected, f"rewritten after {stroke!r}"


def test_typing_in_telex_is_never_rewritten(office: Office, drafted: Case) -> None:
    world, _ = drafted
    lead = office.person("canbo.soan.0")
    lead.open(f"/nam/{world.year.pk}/giao-uoc/soan/chi-tieu/them/")
    text, level = lead.field("Nội dung chỉ tiêu"), lead.field("Mức chung")
    telex(
        lead, text, ["T", "y", "Backspace", "ỷ", " ", "l", "e", "Backspace", "ê", "Backspace", "ệ"]
    )
    telex(lead, level, [*"1234", "Backspace", *"5", "Backspace", *"4,", "Backspace", *",50"])
    assert lead.page.get_by_text("Đọc là:").count() == 0
    lead.page.keyboard.press("Tab")
    assert level.input_value() == "1234,50", "read back beside the field, never into it"
    lead.sees("Đọc là: 1.234,5")
    assert text.input_value() == "Tỷ lệ"
