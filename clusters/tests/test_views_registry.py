"""The registry of units and people: what is refused where, what is kept, what is shown once."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from clusters import operations
from clusters.models import Appointment, Role, Unit, UnitSuccession
from clusters.tests.factories import NOW, PASSWORD, make_person, make_unit, make_world
from clusters.tests.pages import client_of, sent, words
from core.models import AuditEvent
from core.policy import Refused

pytestmark = pytest.mark.django_db
UNIT = {
    "code": "HP-01",
    "name": "Công an quận Hồng Bàng",
    "short_name": "CAQ Hồng Bàng",
    "level": "district",
}


@pytest.fixture
def world():
    return make_world()


@pytest.fixture
def admin(world):
    return client_of(world.administrator)


def unit_form(**changes) -> dict[str, Any]:
    return sent(**{**UNIT, "parent": "", "opened_on": "", "closed_on": "", **changes})


# Units ---------------------------------------------------------------------------------------
def test_a_unit_is_added_once_however_often_the_form_is_sent(admin):
    data = unit_form()
    first = admin.post(reverse("clusters:add_unit"), data)
    second = admin.post(reverse("clusters:add_unit"), data)
    assert first.status_code == second.status_code == 302
    assert first.url == second.url
    assert Unit.objects.filter(code="HP-01").count() == 1
    assert AuditEvent.objects.filter(action="clusters.unit_added").count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"code": ""}, "Chưa nhập mã đơn vị."),
        ({"code": "QB-00"}, "Mã này đã dùng cho một đơn vị khác."),
        ({"name": "a\x00b"}, "ký tự"),
        ({"name": "x" * 300}, "tối đa 255 ký tự"),
        ({"level": "galaxy"}, "không có trong danh sách"),
        ({"opened_on": "30/02/2026"}, "Tháng 2 năm 2026 chỉ có 28 ngày."),
        ({"opened_on": "06/30/2026"}, "ngày/tháng/năm"),
        (
            {"opened_on": "02/01/2026", "closed_on": "01/01/2026"},
            "Ngày kết thúc phải sau ngày 02/01/2026.",
        ),
        ({"parent": "999999"}, "không"),
    ],
)
def test_a_bad_unit_is_refused_at_the_field_and_nothing_typed_is_lost(admin, changes, sentence):
    before = Unit.objects.count()
    response = admin.post(reverse("clusters:add_unit"), unit_form(**changes))
    text = words(response)
    assert response.status_code == 200
    assert sentence in text
    assert "lỗi cần sửa" in text
    assert Unit.objects.count() == before
    kept = {**UNIT, **changes}
    assert f'value="{kept["short_name"]}"' in response.content.decode()


def test_a_unit_cannot_stand_above_itself(admin, world):
    above, below = world.organiser, world.units[0]
    url = reverse("clusters:unit", args=[above.pk])
    data = unit_form(
        code=above.code, name=above.name, short_name="x", level=above.level, parent=below.pk
    )
    response = admin.post(url, data)
    assert "Đơn vị này đang ở dưới đơn vị đang sửa." in words(response)
    above.refresh_from_db()
    assert above.parent_id is None


def test_a_change_of_a_unit_is_told_with_before_and_after(admin, world):
    unit = world.units[0]
    data = unit_form(code=unit.code, name="Công an thị xã Quảng Ninh", short_name="x",
                     level=unit.level, parent=unit.parent_id)  # fmt: skip
    admin.post(reverse("clusters:unit", args=[unit.pk]), data)
    text = words(admin.get(reverse("clusters:unit", args=[unit.pk])))
    assert "đã ghi thông tin đơn vị Công an thị xã Quảng Ninh" in text
    assert "Tên đầy đủ bỏ: Công an huyện Quảng Ninh qb thêm: Công an thị xã Quảng Ninh" in text


def test_the_name_in_the_heading_is_the_stored_one_while_a_form_is_refused(admin, world):
    unit = world.units[0]
    response = admin.post(
        reverse("clusters:unit", args=[unit.pk]), unit_form(name="Tên khác", code="")
    )
    assert f"<h1>{unit.name}</h1>" in response.content.decode()


def test_a_succession_is_written_once(admin, world):
    old, new = world.units[:2]
    url = reverse("clusters:add_succession", args=[old.pk])
    data = {"kind": "MERGE", "successor": new.pk, "effective_date": "01/07/2025", "basis": "NQ 12"}
    assert admin.post(url, sent(**data)).status_code == 302
    again = admin.post(url, sent(**data))
    assert "Việc kế tục giữa hai đơn vị này đã được ghi." in words(again)
    assert UnitSuccession.objects.count() == 1
    assert "Hợp nhất từ 01/07/2025" in words(admin.get(reverse("clusters:unit", args=[old.pk])))


@pytest.mark.parametrize("query", ["dong hoi", "Đồng Hới", "ĐỒNG HỚI", "ddoongf hoiws", "QB-01"])
def test_units_are_found_without_diacritics(admin, query):
    text = words(admin.get(reverse("clusters:units"), {"q": query}))
    assert "Công an huyện Đồng Hới qb" in text
    assert "Công an huyện Ba Đồn qb" not in text


@pytest.mark.parametrize("query", ["\x00", "\ud800", "%", "'; DROP TABLE x", "x" * 5000, "🙂"])
def test_no_question_breaks_the_list(admin, query):
    page = {"q": query.encode("utf-8", "surrogatepass"), "trang": "-1"}
    assert admin.get(reverse("clusters:units"), page).status_code == 200


# People --------------------------------------------------------------------------------------
def new_person(**changes) -> dict[str, Any]:
    return sent(
        **{"username": "canbo.moi", "full_name": "Trần Thị Bình", "rank": "Thiếu tá", **changes}
    )


def first_password_on(response) -> str:
    html = response.content.decode()
    at = html.find("gu-first-password")
    return "" if at < 0 else html[html.index(">", at) + 1 : html.index("</code>", at)]


def test_a_first_password_is_shown_once_works_and_must_be_changed(admin, client):
    answer = admin.post(reverse("clusters:add_person"), new_person())
    password = first_password_on(admin.get(answer.url))
    assert len(password) == 14
    assert first_password_on(admin.get(answer.url)) == ""
    login = client.post(reverse("accounts:login"), {"username": "canbo.moi", "password": password})
    assert login.status_code == 302
    assert client.get(reverse("core:inbox")).url == reverse("accounts:change_password")


def test_the_session_never_holds_the_password_itself(admin):
    answer = admin.post(reverse("clusters:add_person"), new_person())
    stored = str(dict(admin.session.items()))
    assert first_password_on(admin.get(answer.url)) not in stored


def test_first_passwords_differ_from_form_to_form():
    assert operations.first_password("a") == operations.first_password("a")
    assert operations.first_password("a") != operations.first_password("b")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"username": ""}, "Chưa nhập tên đăng nhập."),
        ({"username": "cán bộ"}, "Chỉ dùng chữ không dấu"),
        ({"username": "QUANTRI.QB"}, "Tên đăng nhập này đã có người dùng."),
        ({"full_name": "   "}, "Chưa nhập họ và tên."),
    ],
)
def test_a_bad_person_is_refused_at_the_field(admin, changes, sentence):
    before = User.objects.count()
    response = admin.post(reverse("clusters:add_person"), new_person(**changes))
    assert response.status_code == 200
    assert sentence in words(response)
    assert 'value="Thiếu tá"' in response.content.decode()
    assert User.objects.count() == before


def test_a_new_password_ends_the_old_one_and_the_sessions(admin, world):
    head = world.heads[0]
    at_work = client_of(head)
    answer = admin.post(reverse("clusters:reset_password", args=[head.user_id]), sent())
    password = first_password_on(admin.get(answer.url))
    user = User.objects.get(pk=head.user_id)
    assert user.check_password(password)
    assert not user.check_password(PASSWORD)
    assert at_work.get(reverse("core:inbox")).status_code == 302


def test_a_closed_account_is_logged_out_and_says_why_in_its_history(admin, world):
    head = world.heads[0]
    at_work = client_of(head)
    url = reverse("clusters:switch_person", args=[head.user_id])
    assert "Chưa ghi lý do." in words(admin.post(url, sent(reason="")))
    admin.post(url, sent(reason="Nghỉ hưu từ 01/03"))
    assert at_work.get(reverse("core:inbox")).status_code == 302
    text = words(admin.get(reverse("clusters:person", args=[head.user_id])))
    assert "đã ngừng tài khoản" in text
    assert "Nghỉ hưu từ 01/03" in text


def test_nobody_closes_the_own_account(admin, world):
    url = reverse("clusters:switch_person", args=[world.administrator.user_id])
    response = admin.post(url, sent(reason="Thử xem sao"))
    assert "Bạn không tự ngừng tài khoản của mình được." in words(response)
    assert User.objects.get(pk=world.administrator.user_id).is_active


def test_the_last_administrator_stays(admin, world):
    url = reverse("clusters:end_appointment", args=[world.administrator.appointment_id])
    data = {"ends_on": "01/12/2030", "reason": "Chuyển công tác"}
    assert "người quản trị hệ thống cuối cùng" in words(admin.post(url, sent(**data)))
    make_person("quantri.hai", Role.ADMINISTRATOR, None)
    assert admin.post(url, sent(**data)).status_code == 302


def test_the_rule_holds_without_the_page_too(world):
    second = make_person("quantri.hai", Role.ADMINISTRATOR, None)
    first = world.administrator

    def close(person, by) -> None:
        operations.set_active(user_id=person.user_id, active=False, reason="x", by=by, now=NOW)

    close(second, by=first)
    with pytest.raises(Refused):
        close(first, by=second)


# Appointments --------------------------------------------------------------------------------
def appointment(**changes) -> dict[str, Any]:
    empty = {"role": "OFFICER", "unit": "", "position": "", "starts_on": "01/01/2026",
             "ends_on": "", "decision": "", "delegated_by": ""}  # fmt: skip
    return sent(**{**empty, **changes})


def test_an_appointment_is_made_and_ended_and_stays_in_the_register(admin, world):
    person = world.officers[0].user_id
    url = reverse("clusters:add_appointment", args=[person])
    assert admin.post(url, appointment(unit=world.units[1].pk)).status_code == 302
    made = Appointment.objects.get(user=person, unit=world.units[1])
    end = reverse("clusters:end_appointment", args=[made.pk])
    early = admin.post(end, sent(ends_on="31/12/2025", reason="Chuyển công tác"))
    assert "Ngày thôi phải từ ngày bắt đầu trở đi." in words(early)
    assert admin.post(end, sent(ends_on="31/01/2026", reason="Chuyển công tác")).status_code == 302
    assert "Đã thôi" in words(admin.get(reverse("clusters:person", args=[person])))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"unit": ""}, "Chọn đơn vị của người này."),
        ({"role": "ADMINISTRATOR"}, "Quản trị hệ thống không thuộc đơn vị nào."),
        ({"role": ""}, "Chưa chọn vai."),
        ({"ends_on": "31/12/2025"}, "Ngày thôi phải từ 01/01/2026 trở đi."),
        ({"starts_on": "hôm qua"}, "ngày/tháng/năm"),
        ({"delegated_by": "head", "role": "HEAD"}, "Ghi số, ngày giấy ủy quyền."),
        ({"delegated_by": "head", "decision": "GUQ 3"}, "Người này chỉ ủy quyền được vai lãnh đạo"),
    ],
)
def test_a_bad_appointment_is_refused_at_the_field(admin, world, changes, sentence):
    if changes.get("delegated_by"):
        changes = {**changes, "delegated_by": world.heads[0].appointment_id}
    data = appointment(**{"unit": world.units[0].pk, "position": "Phó Trưởng Công an", **changes})
    before = Appointment.objects.count()
    response = admin.post(
        reverse("clusters:add_appointment", args=[world.officers[0].user_id]), data
    )
    assert response.status_code == 200
    assert sentence in words(response)
    assert 'value="Phó Trưởng Công an"' in response.content.decode()
    assert Appointment.objects.count() == before


def test_a_delegation_names_the_delegator_and_the_paper(admin, world):
    deputy = world.officers[0].user_id
    data = appointment(role="HEAD", unit=world.units[0].pk, ends_on="30/06/2027",
                       decision="GUQ số 3", delegated_by=world.heads[0].appointment_id)  # fmt: skip
    assert admin.post(reverse("clusters:add_appointment", args=[deputy]), data).status_code == 302
    text = words(admin.get(reverse("clusters:person", args=[deputy])))
    assert "do Đại tá lanhdao.qb.0 ủy quyền, theo GUQ số 3" in text
    assert "đã phân công" in text  # the history of a person tells of appointments too
    browser = client_of(world.officers[0])
    made = Appointment.objects.get(user=deputy, role=Role.HEAD)
    browser.post(reverse("clusters:appointments_mine"), {"appointment": made.pk})
    mast = words(browser.get(reverse("core:inbox")))
    assert "Lãnh đạo · CA Quảng Ninh qb. Được ủy quyền đến 30/06" in mast


def test_one_acts_under_the_appointment_one_chose_and_never_under_another_persons(world):
    officer = world.officers[0]
    second = Appointment.objects.create(
        user_id=officer.user_id, role=Role.HEAD, unit=world.units[1], starts_on=date(2020, 1, 1)
    )
    browser = client_of(officer)
    url = reverse("clusters:appointments_mine")
    assert browser.post(url, {"appointment": second.pk}).status_code == 302
    assert "Lãnh đạo · CA Đồng Hới qb" in words(browser.get(reverse("core:inbox")))
    for foreign in (world.heads[2].appointment_id, "x", ""):
        assert browser.post(url, {"appointment": foreign}).status_code == 404


# Who may, how many statements ------------------------------------------------------------------
ADMIN_PAGES = ["units", "add_unit", "people", "add_person"]
ABOUT_PERSON = ["person", "edit_person", "reset_password", "switch_person", "add_appointment"]


def test_the_registry_is_the_administrators_alone(world):
    addresses = [reverse(f"clusters:{name}") for name in ADMIN_PAGES]
    addresses += [reverse(f"clusters:{n}", args=[world.officers[0].user_id]) for n in ABOUT_PERSON]
    addresses += [
        reverse(f"clusters:{n}", args=[world.units[0].pk]) for n in ("unit", "add_succession")
    ]
    people = [world.administrator, world.organiser_acting, world.officers[0], world.heads[0]]
    for person in people:
        browser = client_of(person)
        wanted = 200 if person is world.administrator else 404
        assert {browser.get(url).status_code for url in addresses} == {wanted}, person.role


@pytest.mark.parametrize("name", ["units", "people"])
def test_lists_ask_the_same_number_of_statements_at_any_size(
    admin, world, django_assert_max_num_queries, name
):
    url = reverse(f"clusters:{name}")
    admin.get(url)
    with django_assert_max_num_queries(100) as few:
        admin.get(url)
    for at in range(60):
        unit = make_unit(f"M-{at}", f"Đơn vị {at}", parent=world.organiser)
        make_person(f"nguoi.{at}", Role.OFFICER, unit)
    with django_assert_max_num_queries(100) as many:
        assert "Trang sau" in words(admin.get(url))
    assert len(many) <= len(few) + 1  # a page that is not the last counts
