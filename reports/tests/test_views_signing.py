"""Signing and declining: read first, one's own password, one effect, and proof of it."""

import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from clusters.tests.factories import PASSWORD, make_world
from core.models import AuditEvent
from pledges.models import Clause, Pledge, PledgeStatus, Signatory, SignatoryStatus, Signature
from pledges.tests import factories
from pledges.tests.factories import make_pledge_at
from pledges.workflow import pledge as workflow
from reports.models import Document
from reports.tests.pages import MORNING, client_of, make_files, same_page, stop_clock, text_of

pytestmark = pytest.mark.django_db
P = PledgeStatus


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    stop_clock(monkeypatch)


@pytest.fixture
def signing():
    """A pledge at which the first of three heads is invited, with its file."""
    world, pledge = make_pledge_at(P.SIGNING)
    make_files()
    return world, pledge


def url(name, world):
    return reverse(f"reports:{name}", args=[world.year.pk])


def read(client, stage=Document.Stage.TO_SIGN):
    """Open the newest pledge as the page does."""
    document = Document.objects.filter(stage=stage, withdrawn_at=None).latest("pk")
    return client.get(reverse("reports:document", args=[document.pk]), {"xem": "1"})


def reader(acting):
    """Return the browser of somebody who opened the paper."""
    client = client_of(acting)
    assert read(client).status_code == 200
    return client


def hidden(page, name):
    """Return a hidden value of the form on a page."""
    return re.findall(rf'name="{name}" value="([^"]*)"', page.content.decode())[0]


def fields(pledge, **changes):
    version = Pledge.objects.get(pk=pledge.pk).current
    return {
        "token": str(uuid4()),
        "frozen_hash": version.frozen_hash,
        "password": PASSWORD,
    } | changes


# Who may come here ---------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["sign", "decline", "signing", "signing_state"])
def test_stranger_and_unknown_look_the_same(signing, name):
    world, _ = signing
    client = client_of(make_world(prefix="hn").heads[0])
    foreign = client.get(url(name, world))
    assert foreign.status_code == 404
    assert same_page(foreign, client.get(reverse(f"reports:{name}", args=[999_999])))


@pytest.mark.parametrize("name", ["sign", "decline"])
def test_who_signs_nothing_is_told_who_does(signing, name):
    world, pledge = signing
    for acting in (world.officers[0], world.organiser_acting):
        page = client_of(acting).get(url(name, world))
        assert page.status_code == 403
        assert "Lãnh đạo các đơn vị trong danh sách ký" in text_of(page)
        assert client_of(acting).post(url(name, world), fields(pledge)).status_code == 403
    outside = client_of(world.organiser_head).get(url(name, world))
    assert outside.status_code == 403
    assert "không có trong danh sách ký" in text_of(outside)
    assert not Signature.objects.exists()


def test_everybody_in_the_cluster_sees_who_signed(signing):
    world, pledge = signing
    factories.sign(world, pledge, 0)
    for acting in (world.officers[2], world.organiser_acting, world.organiser_head):
        words = text_of(client_of(acting).get(url("signing", world)))
        assert "Xác nhận trên hệ thống, 09:00 ngày 04/03/2026" in words
        assert "Báo ngay khi CA Đồng Hới qb ký xong" in words


def test_before_the_freeze_there_is_nothing_to_sign():
    world, _ = make_pledge_at(P.AGREED)
    client = client_of(world.heads[0])
    assert client.get(url("sign", world))["Location"] == url("signing", world)
    assert "Giao ước chưa chốt" in text_of(client.get(url("signing", world)))
    assert client.get(url("signing_state", world)).json()["may_sign"] is False


# The lock ------------------------------------------------------------------------------------
def test_signing_waits_for_the_file():
    world, pledge = make_pledge_at(P.SIGNING)
    client = client_of(world.heads[0])
    assert "Bản PDF đang được dựng" in text_of(client.get(url("sign", world)))
    page = client.post(url("sign", world), fields(pledge))
    assert "Bản PDF đang được dựng" in text_of(page)
    assert not Signature.objects.exists()


def test_signing_waits_for_the_reading(signing):
    world, pledge = signing
    client = client_of(world.heads[0])
    page = client.get(url("sign", world))
    assert "Đọc bản sẽ ký trước khi ký." in text_of(page)
    refused = client.post(url("sign", world), fields(pledge))
    assert "Đọc bản sẽ ký trước khi ký." in text_of(refused)
    assert not Signature.objects.exists()
    assert client.get(url("signing_state", world)).json()["may_sign"] is False
    read(client)
    assert client.get(url("signing_state", world)).json()["may_sign"] is True
    assert "Đọc bản sẽ ký trước khi ký." not in text_of(client.get(url("sign", world)))


def test_looking_at_the_head_of_the_file_is_no_reading(signing):
    world, _ = signing
    client = client_of(world.heads[0])
    document = Document.objects.get()
    assert client.head(reverse("reports:document", args=[document.pk])).status_code == 200
    assert client.get(url("signing_state", world)).json()["may_sign"] is False


def test_what_another_person_read_opens_nothing(signing):
    world, pledge = signing
    reader(world.officers[0])
    page = client_of(world.heads[0]).post(url("sign", world), fields(pledge))
    assert page.status_code == 200
    assert not Signature.objects.exists()


def test_out_of_turn_is_locked_with_its_reason(signing):
    world, pledge = signing
    client = reader(world.heads[1])
    assert "Chưa đến lượt ký." in text_of(client.get(url("sign", world)))
    assert "Chưa đến lượt ký." in text_of(client.post(url("sign", world), fields(pledge)))
    assert not Signature.objects.exists()


# Signing -------------------------------------------------------------------------------------
def test_signing_records_who_when_where_and_what(signing):
    world, pledge = signing
    client = reader(world.heads[0])
    answer = client.post(url("sign", world), fields(pledge), REMOTE_ADDR="10.0.0.7")
    signature = Signature.objects.get()
    receipt = reverse("reports:receipt", args=[world.year.pk, signature.signatory_id])
    assert answer["Location"] == receipt
    assert (signature.signed_by_id, signature.signed_at) == (world.heads[0].user_id, MORNING)
    assert signature.ip_address == "10.0.0.7"
    assert signature.frozen_hash == Pledge.objects.get(pk=pledge.pk).current.frozen_hash
    words = text_of(client.get(receipt))
    assert "Công an huyện Quảng Ninh qb đã ký lúc 09:30 ngày 04/03/2026" in words
    assert "Tiếp theo: CA Đồng Hới qb." in words
    assert "1/3" in words


def test_a_forwarded_address_counts_only_behind_our_proxy(signing, settings):
    world, pledge = signing
    claimed = {"HTTP_X_FORWARDED_FOR": "6.6.6.6, 10.1.2.3", "REMOTE_ADDR": "127.0.0.1"}
    reader(world.heads[0]).post(url("sign", world), fields(pledge), **claimed)
    settings.BEHIND_HTTPS = True
    settings.SESSION_COOKIE_SECURE = False
    reader(world.heads[1]).post(url("sign", world), fields(pledge), **claimed)
    assert list(Signature.objects.order_by("pk").values_list("ip_address", flat=True)) == [
        "127.0.0.1",
        "10.1.2.3",
    ]


def test_wrong_password_is_said_at_the_field_and_changes_nothing(signing):
    world, pledge = signing
    events = AuditEvent.objects.count()
    page = reader(world.heads[0]).post(url("sign", world), fields(pledge, password="sai"))
    assert page.status_code == 200
    assert page.context["form"].errors["password"][0].startswith("Mật khẩu không đúng nên chưa ký")
    assert "<title>Lỗi:" in page.content.decode()
    assert "sai" not in re.findall(r'name="password"[^>]*value="([^"]*)"', page.content.decode())
    assert not Signature.objects.exists()
    assert AuditEvent.objects.count() == events


def test_the_password_of_another_head_does_not_sign(signing):
    world, pledge = signing
    other = User.objects.get(pk=world.heads[1].user_id)
    other.set_password("Mat-khau-cua-nguoi-khac-1")
    other.save()
    typed = fields(pledge, password="Mat-khau-cua-nguoi-khac-1")
    reader(world.heads[0]).post(url("sign", world), typed)
    assert not Signature.objects.exists()


def test_guessing_is_locked_out_as_at_the_log_in(signing, monkeypatch):
    world, pledge = signing
    monkeypatch.undo()  # axes reads the clock where a stopped one does not reach; late is taken
    client = reader(world.heads[0])
    wrong = fields(pledge, password="sai")
    answers = [client.post(url("sign", world), wrong).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    right = client.post(url("sign", world), fields(pledge))
    assert right.status_code == 429
    assert not Signature.objects.exists()


def test_double_click_signs_once(signing):
    world, pledge = signing
    client = reader(world.heads[0])
    same = fields(pledge)
    first = client.post(url("sign", world), same)
    second = client.post(url("sign", world), same)
    assert first["Location"] == second["Location"]
    assert Signature.objects.count() == 1
    assert AuditEvent.objects.filter(action="pledges.signed").count() == 1


def test_a_second_tab_finds_that_it_is_done(signing):
    world, pledge = signing
    client = reader(world.heads[0])
    other_tab = fields(pledge)
    client.post(url("sign", world), fields(pledge))
    page = client.post(url("sign", world), other_tab)
    assert "Công an huyện Quảng Ninh qb đã ký." in text_of(page)
    assert Signature.objects.count() == 1


def test_an_expired_session_leads_back_to_the_page(signing):
    world, pledge = signing
    answer = Client().post(url("sign", world), fields(pledge))
    assert answer["Location"] == f"/dang-nhap/?next={url('sign', world)}"
    assert not Signature.objects.exists()


def test_the_last_signature_leads_to_the_signed_print(signing):
    world, pledge = signing
    for index in (0, 1):
        factories.sign(world, pledge, index)
    answer = reader(world.heads[2]).post(url("sign", world), fields(pledge), follow=True)
    assert "Đã đủ chữ ký." in text_of(answer)
    assert Pledge.objects.get(pk=pledge.pk).status == P.SIGNED
    assert Document.objects.filter(stage="SIGNED", file=None).count() == 1


def test_a_witness_signs_the_same_way():
    world = make_world()
    pledge = factories.start(world)
    factories.add_witness(world, pledge)
    factories.circulate(world, pledge)
    factories.consent_all(world, pledge)
    pledge = factories.open_signing(world, factories.freeze(world, pledge))
    make_files()
    for index in range(3):
        factories.sign(world, pledge, index)
    client = reader(world.organiser_head)
    assert "Chứng kiến" in text_of(client.get(url("sign", world)))
    client.post(url("sign", world), fields(pledge))
    assert Signature.objects.filter(signed_by=world.organiser_head.user_id).count() == 1


# Declining -----------------------------------------------------------------------------------
def test_declining_states_its_consequence_and_wants_a_reason(signing):
    world, pledge = signing
    factories.sign(world, pledge, 0)
    client = client_of(world.heads[1])
    page = client.get(url("decline", world))
    assert "Từ chối ký dừng việc ký của mọi đơn vị" in text_of(page)
    assert "1 chữ ký đã có không còn dùng được" in text_of(page)
    for reason in ("", "  ", "."):
        answer = client.post(url("decline", world), fields(pledge, reason=reason))
        assert answer.status_code == 200
        assert "reason" in answer.context["form"].errors
    assert Pledge.objects.get(pk=pledge.pk).status == P.SIGNING
    assert not Signatory.objects.filter(status=SignatoryStatus.DECLINED).exists()


def test_declining_opens_a_new_version_once_and_gives_a_receipt(signing):
    world, pledge = signing
    client = client_of(world.heads[0])
    same = fields(pledge, reason="Chỉ tiêu 80 % quá cao, đề nghị 77 %.")
    first = client.post(url("decline", world), same, follow=True)
    assert "Công an huyện Quảng Ninh qb đã từ chối ký lúc 09:30 ngày 04/03/2026" in text_of(first)
    assert "Chỉ tiêu 80 % quá cao, đề nghị 77 %." in text_of(first)
    again = client.post(url("decline", world), same)
    assert again["Location"] == first.redirect_chain[0][0]
    fresh = Pledge.objects.get(pk=pledge.pk)
    assert (fresh.status, fresh.current.number) == (P.DRAFT, 2)
    assert AuditEvent.objects.filter(action="pledges.declined").count() == 1


def test_a_receipt_is_for_the_cluster_only(signing):
    world, pledge = signing
    factories.sign(world, pledge, 0)
    place = Signature.objects.get().signatory_id
    address = reverse("reports:receipt", args=[world.year.pk, place])
    other = make_world(prefix="hn")
    assert client_of(world.officers[2]).get(address).status_code == 200
    assert client_of(other.heads[0]).get(address).status_code == 404
    moved = reverse("reports:receipt", args=[other.year.pk, place])
    assert client_of(other.heads[0]).get(moved).status_code == 404
    open_place = Signatory.objects.filter(status=SignatoryStatus.INVITED).get()
    unsettled = reverse("reports:receipt", args=[world.year.pk, open_place.pk])
    assert client_of(world.officers[2]).get(unsettled).status_code == 404


# What was read and is gone -------------------------------------------------------------------
def declined_and_frozen_anew(world, pledge):
    """Let the first head decline, change a clause and bring version 2 to be signed."""
    version = Pledge.objects.get(pk=pledge.pk).current
    workflow.decline(
        signatory_id=version.signatories.get(order=1).pk,
        seen_hash=version.frozen_hash,
        reason="Sửa điều 1",
        by=world.heads[0],
        now=MORNING,
    )
    fresh = Pledge.objects.get(pk=pledge.pk).current
    Clause.objects.filter(version=fresh, section="CONTENT", unit=None).update(
        text="Thực hiện nghiêm kỷ cương công vụ."
    )
    factories.circulate(world, pledge, MORNING)
    for index in range(3):
        factories.consent(world, pledge, index, now=MORNING)
    factories.freeze(world, pledge, MORNING)
    factories.open_signing(world, pledge, MORNING)
    make_files()
    return Pledge.objects.get(pk=pledge.pk)


def test_a_stale_hash_is_refused_with_the_difference(signing):
    world, pledge = signing
    client = reader(world.heads[0])
    stale = fields(pledge)
    pledge = declined_and_frozen_anew(world, pledge)
    read(client)
    page = client.post(url("sign", world), stale)
    assert page.status_code == 409
    words = text_of(page)
    assert "Bản 1 bạn đọc đã được thay bằng bản 2 nên chưa ghi nhận" in words
    assert re.search("thêm: .*cương công vụ", words)
    assert "bỏ: " in words
    assert not Signature.objects.filter(signatory__version=pledge.current).exists()
    client.post(url("sign", world), fields(pledge))
    assert Signature.objects.filter(signatory__version=pledge.current).count() == 1


def test_reading_an_old_version_does_not_open_the_new_one(signing):
    world, pledge = signing
    client = reader(world.heads[0])
    pledge = declined_and_frozen_anew(world, pledge)
    page = client.post(url("sign", world), fields(pledge))
    assert "Đọc bản sẽ ký trước khi ký." in text_of(page)
    assert not Signature.objects.filter(signatory__version=pledge.current).exists()


def test_a_stale_refusal_keeps_the_reason_typed(signing):
    world, pledge = signing
    stale = fields(pledge, reason="Chưa thống nhất điều 2")
    declined_and_frozen_anew(world, pledge)
    page = client_of(world.heads[0]).post(url("decline", world), stale)
    assert page.status_code == 409
    assert "Chưa thống nhất điều 2" in text_of(page)


def test_a_hash_nobody_ever_froze_is_refused(signing):
    world, pledge = signing
    page = reader(world.heads[0]).post(url("sign", world), fields(pledge, frozen_hash="0" * 64))
    assert page.status_code == 409
    assert not Signature.objects.exists()


def test_signing_a_version_that_was_just_declined_says_so(signing):
    world, pledge = signing
    factories.sign(world, pledge, 0)
    client = reader(world.heads[1])
    stale = fields(pledge)
    version = Pledge.objects.get(pk=pledge.pk).current
    workflow.decline(
        signatory_id=version.signatories.get(order=2).pk, seen_hash=version.frozen_hash,
        reason="Sửa điều 1", by=world.heads[1], now=MORNING,
    )  # fmt: skip
    page = client.post(url("sign", world), stale)
    assert page.status_code == 409
    assert "Bản 1 bạn đọc đã hết giá trị vì Công an huyện Đồng Hới qb từ chối ký." in text_of(page)
    told = text_of(client_of(world.officers[2]).get(url("signing", world)))
    assert "Công an huyện Đồng Hới qb đã từ chối ký bản 1 lúc 09:30 ngày 04/03/2026." in told
    assert "Lý do: Sửa điều 1" in told


# The small answer of the live page -----------------------------------------------------------
def test_the_mark_changes_with_every_signature_and_file(signing):
    world, pledge = signing
    client = client_of(world.officers[2])
    before = client.get(url("signing_state", world)).json()
    assert before == client.get(url("signing_state", world)).json()
    factories.sign(world, pledge, 0)
    after = client.get(url("signing_state", world)).json()
    assert (before["signed"], after["signed"], after["total"]) == (0, 1, 3)
    assert before["mark"] != after["mark"]


def test_a_late_signature_is_taken_and_called_late(signing, monkeypatch):
    world, pledge = signing
    stop_clock(monkeypatch, datetime(2026, 3, 12, 3, tzinfo=UTC))
    reader(world.heads[0]).post(url("sign", world), fields(pledge))
    words = text_of(client_of(world.officers[2]).get(url("signing", world)))
    assert "10:00 ngày 12/03/2026, muộn 2 ngày" in words


def test_the_page_carries_the_hash_and_a_token(signing):
    world, pledge = signing
    page = client_of(world.heads[0]).get(url("sign", world))
    assert hidden(page, "frozen_hash") == Pledge.objects.get(pk=pledge.pk).current.frozen_hash
    assert len(hidden(page, "token")) == 36


# In the browser ------------------------------------------------------------------------------
def log_in(page, acting):
    page.goto("/dang-nhap/")
    page.fill("[name=username]", User.objects.get(pk=acting.user_id).username)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/viec-cua-toi/")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_on_a_phone_the_button_opens_after_the_paper_was_opened(page, monkeypatch):
    monkeypatch.undo()  # a real browser drops cookies that expired in the stopped time
    world, _ = make_pledge_at(P.SIGNING)
    make_files()
    page.set_viewport_size({"width": 390, "height": 844})
    log_in(page, world.heads[0])
    page.goto(url("sign", world))
    assert page.locator("iframe").count() == 0
    page.get_by_text("Đọc bản sẽ ký trước khi ký.").wait_for()
    button = page.locator("[data-sign-open] button")
    assert not button.is_visible()
    page.request.get(page.locator("[data-viewer-open] a").get_attribute("href"))
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    button.wait_for()
    page.fill("[name=password]", PASSWORD)
    button.dblclick()
    page.get_by_text("Tiếp theo: CA Đồng Hới qb.").wait_for()
    assert Signature.objects.count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_list_of_signatures_follows_without_a_reload(page, monkeypatch):
    monkeypatch.undo()
    world, pledge = make_pledge_at(P.SIGNING)
    make_files()
    log_in(page, world.officers[2])
    page.goto(url("signing", world))
    page.evaluate("window.stayed = true")
    factories.sign(world, pledge, 0)
    page.locator(".gu-order .gu-tag-seal").wait_for()
    assert "Đã có 1/3 chữ ký." in page.locator("[data-live-status]").inner_text()
    assert page.evaluate("window.stayed")
