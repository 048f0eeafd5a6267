"""One operation for one form: what a refusal, a conflict and a fault of the database look like."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, OperationalError
from django.test import RequestFactory

from accounts.models import User
from core import acts
from core.forms import IdempotentForm, VnCharField
from core.models import UsedToken
from core.policy import Conflict, Invalid, Refused

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 2, 20, 3, 0, tzinfo=UTC)


class NameForm(IdempotentForm):
    name = VnCharField(label="Tên")


@pytest.fixture
def user():
    return User.objects.create(username="a", full_name="A")


def ask(user, method="POST", **data):
    request = getattr(RequestFactory(), method.lower())("/", data)
    request.user, request.now, request.session = user, NOW, {}
    request._messages = FallbackStorage(request)
    return request


def said(request) -> list[str]:
    return [str(message) for message in request._messages]


def raising(fault):
    def act():
        UsedToken.objects.create(user_id=1, token=uuid4(), result_url="half", created_at=NOW)
        raise fault

    return act


def run(user, act, *others, **data):
    request = ask(user, **{"token": str(uuid4()), "name": "Tên", **data})
    form = NameForm(acts.sent(request))
    return acts.submit(request, form, act, *others, success="Đã ghi."), form, request


def test_a_good_form_is_carried_out_and_says_so(user):
    done, _, request = run(user, lambda: "/kết-quả/")
    assert done.status_code == 302
    assert said(request) == ["Đã ghi."]


def test_a_first_look_carries_out_nothing(user):
    request = ask(user, "GET")
    form = NameForm(acts.sent(request))
    assert acts.submit(request, form, raising(AssertionError())) is None
    assert not form.is_bound


def test_a_bad_form_carries_out_nothing(user):
    done, form, _ = run(user, raising(AssertionError()), name="")
    assert done is None
    assert form.errors["name"] == ["Chưa nhập tên."]


def test_an_empty_post_is_a_bad_form_and_no_first_look(user):
    request = ask(user)
    form = NameForm(acts.sent(request))
    assert acts.submit(request, form, raising(AssertionError())) is None
    assert form.errors["name"] == ["Chưa nhập tên."]


def test_all_forms_of_a_page_are_checked_even_when_the_first_is_bad(user):
    other = NameForm({"name": ""})
    run(user, raising(AssertionError()), other, name="")
    assert vars(other)["_errors"]
    done, _, _ = run(user, raising(AssertionError()), other)
    assert done is None


@pytest.mark.parametrize(
    ("fault", "field", "sentence"),
    [
        (Invalid("Trùng tên.", field="name"), "name", "Trùng tên."),
        (Invalid("Sai ở nơi khác.", field="members"), "__all__", "Sai ở nơi khác."),
        (Refused("Chỉ cơ quan thường trực."), "__all__", "Chỉ cơ quan thường trực."),
        (IntegrityError("UNIQUE"), "__all__", acts.CLASH),
        (OperationalError("database is locked"), "__all__", acts.BUSY),
    ],
)
def test_what_the_operation_raises_comes_back_as_a_sentence(user, fault, field, sentence):
    done, form, request = run(user, raising(fault))
    assert done is None
    assert form.errors[field] == [sentence]
    assert not UsedToken.objects.exists()  # nothing half done stays
    assert said(request) == []


def test_a_conflict_gives_the_page_what_stands_now(user):
    _, form, _ = run(user, raising(Conflict("Đã đổi.", {"name": "Tên mới"})))
    assert form.conflict.current == {"name": "Tên mới"}
    assert form.non_field_errors() == ["Đã đổi."]


def test_a_second_click_finds_the_result_though_the_form_would_now_be_wrong(user, monkeypatch):
    token = str(uuid4())
    run(user, lambda: "/một/", token=token)
    monkeypatch.setattr(NameForm, "clean_name", raising(ValueError("đã có")), raising=False)
    done, form, _ = run(user, raising(AssertionError()), token=token)
    assert done.url == "/m%E1%BB%99t/"
    assert not form.is_bound or form._errors is None


def test_other_text_under_an_old_token_is_another_form(user):
    """A page out of the browser's memory: what is typed into it now must not be dropped."""
    token = str(uuid4())
    places = []
    for number, name in enumerate(("Tên", "Tên khác", "Tên"), start=1):
        done, _, _ = run(user, lambda number=number: f"/{number}/", token=token, name=name)
        places.append(done.url)
    assert places == ["/1/", "/2/", "/1/"]


def test_the_password_typed_again_does_not_make_another_form(user):
    token = str(uuid4())
    run(user, lambda: "/1/", token=token, password="một")
    done, _, _ = run(user, lambda: "/2/", token=token, password="hai")
    assert done.url == "/1/"


def test_a_mended_form_goes_through_with_the_same_token(user):
    token = str(uuid4())
    run(user, raising(Refused("Chưa được.")), token=token)
    done, _, _ = run(user, lambda: "/hai/", token=token)
    assert done.status_code == 302


@pytest.mark.parametrize("token", ["", "x", "0" * 500])
def test_an_unreadable_token_is_no_fault(user, token):
    done, _, _ = run(user, lambda: "/ba/", token=token)
    assert done.status_code == 302


def test_a_fault_of_the_program_is_not_hidden(user):
    with pytest.raises(ZeroDivisionError):
        run(user, raising(ZeroDivisionError()))


def test_a_button_without_a_page_leads_on_or_says_why_not(user):
    request = ask(user)
    assert acts.press(request, lambda: "/xong/", otherwise="/cũ/", success="Đã mở.").url == "/xong/"
    assert said(request) == ["Đã mở."]
    refused = ask(user)
    assert acts.press(refused, raising(Refused("Chưa đến ngày.")), otherwise="/cu/").url == "/cu/"
    assert said(refused) == ["Chưa đến ngày."]
    locked = ask(user)
    acts.press(locked, raising(OperationalError("locked")), otherwise="/cu/")
    assert said(locked) == [acts.BUSY]


def test_the_same_form_with_another_file_is_another_form(user):
    """A page that comes back with its old token may carry another file under the same name."""
    token, done = str(uuid4()), []

    def send(data: bytes) -> None:
        def act() -> str:
            done.append(data)
            return "/"

        file = SimpleUploadedFile("van-ban.pdf", data)
        request = ask(user, token=token, name="Tên", file=file)
        assert acts.submit(request, NameForm(acts.sent(request)), act)

    for data in (b"mot", b"mot", b"hai"):
        send(data)
    assert done == [b"mot", b"hai"]
