"""The public page: what it says of every kind of code, and what it never says."""

import hashlib
import re

import pytest
from django.test import Client
from django.urls import reverse

from pledges.models import Pledge, PledgeStatus
from pledges.tests import factories
from pledges.tests.factories import make_pledge_at
from pledges.workflow import pledge as workflow
from reports import storage
from reports.models import Document, VerifyCode
from reports.seal import SealReport
from reports.tests.pages import MORNING, make_files, same_page, stop_clock, text_of

pytestmark = pytest.mark.django_db
P = PledgeStatus


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    stop_clock(monkeypatch)


@pytest.fixture
def _sealed(monkeypatch):
    """Take every file for sealed: the seal itself is proven in test_seal."""
    whole = SealReport(present=True, intact=True, valid=True, ours=True, whole_file=True)
    monkeypatch.setattr("reports.verification.finding.check_seal", lambda data: whole)


def look(code):
    return Client().get(reverse("reports:verify_code", args=[code]))


def code_of(_world=None):
    return VerifyCode.objects.get().code


@pytest.mark.usefixtures("_sealed")
def test_a_signed_paper_is_valid_with_its_facts_and_signatures():
    make_pledge_at(P.SIGNED)
    make_files()
    page = look(code_of())
    words = text_of(page)
    document = Document.objects.get(stage="SIGNED")
    assert page.status_code == 200
    assert "Văn bản hợp lệ, đang có hiệu lực" in words
    for fact in (
        "01/GƯTĐ-K1, ngày\u00a004 tháng\u00a03 năm\u00a02026".replace("\u00a0", " "),
        "Khối thi đua Công an các huyện qb, Công an tỉnh qb",
        "Bản 1, gồm 6 trang",
        "3/3 chữ ký",
        "Đại tá lanhdao.qb.1 Xác nhận trên hệ thống, 09:01 ngày 04/03/2026",
        "Con dấu điện tử của hệ thống còn nguyên",
        "Kiểm tra lúc 09:30 ngày 04/03/2026",
    ):
        assert fact in words.replace("\u00a0", " "), fact
    assert f'data-sha256="{document.file.sha256}"' in page.content.decode()


def test_a_paper_still_being_signed_is_not_in_force():
    world, pledge = make_pledge_at(P.SIGNING)
    factories.sign(world, pledge, 0)
    make_files()
    words = text_of(look(code_of()))
    assert "Chưa ký đủ (1/3): đây mới là bản trình ký, chưa có hiệu lực" in words
    assert "Khối phó, chưa ký" in words
    assert "hợp lệ" not in words


def test_a_declined_version_is_no_longer_valid():
    _, pledge = make_pledge_at(P.SIGNING)
    make_files()
    version = Pledge.objects.get(pk=pledge.pk).current
    workflow.decline(
        signatory_id=version.signatories.get(order=1).pk, seen_hash=version.frozen_hash,
        reason="Lý do nội bộ", by=_acting_of(version), now=MORNING,
    )  # fmt: skip
    page = look(code_of())
    assert "Hết giá trị: có đơn vị từ chối ký bản này" in text_of(page)
    assert "Không sử dụng bản này." in text_of(page)
    assert "Lý do nội bộ" not in page.content.decode()


def _acting_of(version):
    from clusters.http import act_as  # noqa: PLC0415 - one test asks for it
    from clusters.models import Appointment  # noqa: PLC0415

    unit = version.signatories.get(order=1).unit_id
    appointment = Appointment.objects.select_related("user", "unit").get(unit=unit, role="HEAD")
    return act_as(appointment.user, appointment)


def test_a_damaged_original_concludes_nothing():
    make_pledge_at(P.SIGNED)
    make_files()
    path = storage.path_of(Document.objects.get(stage="SIGNED").file.sha256)
    path.chmod(0o640)
    path.write_bytes(b"%PDF-1.7 another")
    words = text_of(look(code_of()))
    assert "Tệp gốc trong kho không còn nguyên vẹn nên chưa xác minh được" in words
    assert "Chưa kết luận được về bản bạn đang có." in words
    assert "đang có hiệu lực" not in words


def test_a_file_without_its_seal_says_so():
    make_pledge_at(P.SIGNED)
    make_files()  # bytes that nothing sealed
    page = look(code_of())
    assert "Tệp không có con dấu điện tử của hệ thống." in text_of(page)
    assert 'class="gu-err gu-strong">Tệp không có con dấu' in page.content.decode()


def test_unknown_and_malformed_codes_get_the_same_page():
    make_pledge_at(P.FROZEN)
    pages = [
        look(code)
        for code in ("AAAA-BBBB-CCCC", "x", "AAAA-BBBB-CCCU", "../../etc", "a/b", "0" * 64)
    ]
    for page in pages:
        assert page.status_code == 404
        assert "Không tìm thấy văn bản mang mã này" in text_of(page)
    bare = [re.sub(rb'value="[^"]*"', b"", page.content) for page in pages]
    assert len(set(bare)) == 1


@pytest.mark.parametrize("change", [str.lower, lambda c: c.replace("-", ""), lambda c: f"  {c} "])
def test_a_code_is_read_as_people_type_it(change):
    make_pledge_at(P.FROZEN)
    answer = Client().get(reverse("reports:verify"), {"code": change(code_of())})
    assert answer["Location"] == reverse("reports:verify_code", args=[code_of()])


def test_what_is_no_code_is_not_found_and_nothing_is_asked_for():
    answer = Client().get(reverse("reports:verify"), {"code": "không phải mã"})
    assert answer.status_code == 404
    assert "Không tìm thấy văn bản mang mã này" in text_of(answer)
    empty = Client().get(reverse("reports:verify"), {"code": " "})
    assert empty.status_code == 200
    assert "Chưa nhập mã in ở chân trang văn bản." in text_of(empty)


def test_the_page_is_public_and_not_indexed_or_kept():
    page = Client().get(reverse("reports:verify"))
    assert page.status_code == 200
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert 'name="robots" content="noindex"' in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert "sessionid" not in page.cookies


@pytest.mark.usefixtures("_sealed")
def test_nothing_is_told_beyond_what_is_printed():
    world, _ = make_pledge_at(P.SIGNED)
    make_files()
    html = look(code_of()).content.decode()
    for secret in ("10.0.0.5", "lanhdao.qb.0@", f"/nam/{world.year.pk}/", "/van-ban/", "canbo.qb"):
        assert secret not in html


def test_markup_in_a_code_stays_text():
    page = Client().get(reverse("reports:verify"), {"code": '"><script>alert(1)</script>'})
    assert "<script>alert" not in page.content.decode()


# In the browser ------------------------------------------------------------------------------
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_sealed")
@pytest.mark.parametrize("subtle", [True, False], ids=["subtle", "plain http"])
def test_a_file_is_compared_on_this_machine(page, monkeypatch, subtle):
    make_pledge_at(P.SIGNED)
    make_files()
    signed, to_sign = (Document.objects.get(stage=stage) for stage in ("SIGNED", "TO_SIGN"))
    if not subtle:
        page.add_init_script("Object.defineProperty(window.crypto, 'subtle', {value: undefined})")
    page.goto(reverse("reports:verify_code", args=[code_of()]))
    sent = []
    page.on("request", lambda request: sent.append((request.method, request.url)))
    cases = {
        _bytes(signed): "Tệp trùng từng byte với bản gốc",
        _bytes(to_sign): "Đây là bản trình ký, không phải bản đã ký",
        _bytes(signed) + b"\n": "Tệp không khớp bản gốc",
        b"x" * 1_000_003: "Tệp không khớp bản gốc",
    }
    result = page.locator("[data-verify-result]")
    for data, words in cases.items():
        page.set_input_files(
            "input[type=file]",
            {"name": "Giao ước (1).pdf", "mimeType": "application/pdf", "buffer": data},
        )
        result.get_by_text(words).wait_for()
        assert "Giao ước (1).pdf" in result.inner_text()
    result.get_by_text("1.000.003 byte").wait_for()
    assert hashlib.sha256(b"x" * 1_000_003).hexdigest() in result.inner_text().replace(" ", "")
    assert [url for method, url in sent if method != "GET" or "/static/" not in url] == []


def _bytes(document):
    return f"%PDF-1.7 {document.pk} {document.content_hash}".encode()


def test_without_a_file_there_is_nothing_to_compare():
    make_pledge_at(P.FROZEN)
    page = look(code_of())
    assert "Bản PDF đang được dựng" in text_of(page)
    assert "data-sha256" not in page.content.decode()
    assert same_page(page, look(code_of()))
