"""The print centre, its jobs and its downloads: who gets what, under which name, how far it is."""

from datetime import date

import pytest
from django.urls import reverse

from clusters.tests.factories import make_world
from core.models import AuditEvent
from core.sending import disposition, file_name
from pledges.models import Pledge, PledgeStatus
from pledges.tests import factories
from pledges.tests.factories import make_pledge_at
from pledges.workflow import pledge as workflow
from reports import policies, storage
from reports.models import Document, Job
from reports.tests.pages import MORNING, client_of, make_files, same_page, stop_clock, text_of

pytestmark = pytest.mark.django_db
P, S = PledgeStatus, Job.Status


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    stop_clock(monkeypatch)


@pytest.fixture
def signed():
    """A signed year whose files exist and whose book is bound."""
    world, _ = make_pledge_at(P.SIGNED)
    make_files()
    bind()
    return world


def bind():
    """Finish the book, as the worker would."""
    stored = storage.put(b"PK\x03\x04 book", mime="application/zip", now=MORNING)
    books = Job.objects.filter(kind=Job.Kind.BOOK)
    books.update(status=S.DONE, result=stored, finished_at=MORNING)


def centre(acting, world):
    return client_of(acting).get(reverse("reports:print_centre", args=[world.year.pk]))


def document_of(stage="SIGNED"):
    return Document.objects.get(stage=stage)


# Who sees what -------------------------------------------------------------------------------
def test_strangers_get_nothing_of_documents_jobs_and_files(signed):
    book = Job.objects.get(kind=Job.Kind.BOOK)
    other = make_world(prefix="hn")
    addresses = {
        "print_centre": signed.year.pk, "document": document_of().pk, "job": book.pk,
        "job_state": book.pk, "file": book.pk,
    }  # fmt: skip
    for acting in (other.officers[0], other.organiser_acting, signed.administrator):
        client = client_of(acting)
        for name, pk in addresses.items():
            foreign = client.get(reverse(f"reports:{name}", args=[pk]))
            unknown = client.get(reverse(f"reports:{name}", args=[999_999]))
            assert foreign.status_code == 404, name
            assert same_page(foreign, unknown), name
        for name in ("retry_job", "cancel_job"):
            assert client.post(reverse(f"reports:{name}", args=[book.pk])).status_code == 404
        asked = reverse("reports:ask_book", args=[signed.year.pk])
        assert client.post(asked).status_code == 404


def test_without_log_in_nothing_is_sent(signed):
    for name, pk in {"document": document_of().pk, "file": Job.objects.get(kind="BOOK").pk}.items():
        answer = client_of(None).get(reverse(f"reports:{name}", args=[pk]))
        assert (answer.status_code, answer["Location"][:11]) == (302, "/dang-nhap/")


def test_members_and_organiser_see_papers_and_book(signed):
    for acting in (signed.officers[2], signed.heads[0], signed.organiser_acting):
        words = text_of(centre(acting, signed))
        assert "Bản đã ký, số 01/GƯTĐ-K1, 6 trang" in words
        assert "Bản sẽ ký, số 01/GƯTĐ-K1, 6 trang" in words
        assert "Tải sổ (ZIP" in words


def test_changes_are_made_by_post_only(signed):
    client = client_of(signed.officers[0])
    book = Job.objects.get(kind="BOOK")
    for name, pk in {
        "ask_book": signed.year.pk,
        "retry_job": book.pk,
        "cancel_job": book.pk,
    }.items():
        assert client.get(reverse(f"reports:{name}", args=[pk])).status_code == 405


# Downloads -----------------------------------------------------------------------------------
def test_a_document_is_saved_under_its_vietnamese_name(signed):
    document = document_of()
    address = reverse("reports:document", args=[document.pk])
    answer = client_of(signed.officers[2]).get(address)
    assert answer.getvalue() == storage.read(document.file.sha256)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Length"] == str(document.file.size)
    assert answer["Content-Disposition"].startswith('attachment; filename="01-gutd-k1-giao-uoc')
    assert (
        "filename*=UTF-8''01-G%C6%AFT%C4%90-K1%20Giao%20%C6%B0%E1%BB%9Bc"
        in answer["Content-Disposition"]
    )
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox;")
    assert answer["ETag"] == f'"{document.file.sha256}"'
    assert answer["Cache-Control"] == "private, no-cache"


def test_a_document_read_in_the_page_may_stand_in_our_frame_only(signed):
    address = reverse("reports:document", args=[document_of().pk])
    answer = client_of(signed.officers[2]).get(address, {"xem": "1"})
    assert answer["Content-Disposition"].startswith("inline;")
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


def test_head_and_unchanged_answers_carry_no_body(signed):
    document = document_of()
    client = client_of(signed.officers[2])
    address = reverse("reports:document", args=[document.pk])
    head = client.head(address)
    assert head.status_code == 200
    assert head["Content-Length"] == str(document.file.size)
    unchanged = client.get(address, headers={"If-None-Match": f'"{document.file.sha256}"'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    changed = client.get(address, headers={"If-None-Match": '"another"'})
    assert changed.status_code == 200


def test_a_damaged_file_is_refused(signed):
    document = document_of()
    path = storage.path_of(document.file.sha256)
    path.chmod(0o640)
    path.write_bytes(b"%PDF-1.7 another")
    answer = client_of(signed.officers[2]).get(reverse("reports:document", args=[document.pk]))
    assert answer.status_code == 500
    assert "không còn nguyên vẹn" in text_of(answer)
    assert b"another" not in answer.content


def test_a_document_still_being_made_leads_to_the_print_centre():
    world, _ = make_pledge_at(P.FROZEN)
    address = reverse("reports:document", args=[document_of("TO_SIGN").pk])
    answer = client_of(world.officers[0]).get(address, follow=True)
    assert answer.redirect_chain[0][0] == reverse("reports:print_centre", args=[world.year.pk])
    assert "Bản PDF đang được dựng" in text_of(answer)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("01/GƯTĐ-K1 Giao ước.pdf", "01-gutd-k1-giao-uoc.pdf"),
        ('a"b\r\nSet-Cookie: x.pdf', "a-b-set-cookie-x.pdf"),
        ("Đề cương.zip", "de-cuong.zip"),
    ],
)
def test_names_of_files_can_carry_no_header(name, plain):
    header = disposition(name)
    assert header.startswith(f'attachment; filename="{plain}"; ')
    assert "\n" not in header
    assert "\r" not in header


def test_names_of_files_are_no_paths():
    assert (
        file_name("01/GƯTĐ-K1", '..\\a:b*c?"<d>|', ending=".pdf") == "01-GƯTĐ-K1 ..-a-b-c---d.pdf"
    )


# The book ------------------------------------------------------------------------------------
def test_the_book_is_locked_until_all_have_signed():
    world, _ = make_pledge_at(P.SIGNING)
    words = text_of(centre(world.officers[0], world))
    assert "Sổ giao ước đóng được khi tất cả các bên đã ký đủ." in words
    address = reverse("reports:ask_book", args=[world.year.pk])
    answer = client_of(world.officers[0]).post(address, follow=True)
    assert "Sổ giao ước đóng được khi tất cả các bên đã ký đủ." in text_of(answer)
    assert not Job.objects.filter(kind="BOOK").exists()


def test_the_book_counts_its_papers_and_goes_on_without_the_page():
    world = make_world()
    pledge = factories.start(world)
    factories.add_papers(world, pledge)
    factories.circulate(world, pledge)
    factories.consent_all(world, pledge)
    factories.freeze(world, pledge)
    factories.sign_all(world, factories.open_signing(world, pledge))
    book = Job.objects.get(kind="BOOK")
    client = client_of(world.officers[1])
    state = reverse("reports:job_state", args=[book.pk])
    assert client.get(state).json() == {
        "state": "QUEUED", "label": "Đang xếp hàng", "done": 0, "total": 3, "unit": "văn bản",
        "message": "Đang chờ dựng 3 văn bản",
    }  # fmt: skip
    child = book.children.order_by("pk").first()
    stored = storage.put(b"%PDF one", mime="application/pdf", pages=2, now=MORNING)
    Job.objects.filter(pk=child.pk).update(status=S.DONE, result=stored, finished_at=MORNING)
    answer = client.get(state).json()
    assert (answer["state"], answer["done"], answer["total"]) == ("RUNNING", 1, 3)
    page = client.get(reverse("reports:job", args=[book.pk]))
    assert "Có thể đóng trang, việc vẫn chạy tiếp." in text_of(page)
    assert f'data-job-url="{state}"' in page.content.decode()
    assert '<progress value="1" max="3"' in page.content.decode()


def test_a_failed_paper_is_shown_with_its_reason_and_made_again_alone():
    world, _ = make_pledge_at(P.SIGNED)
    failed = Job.objects.get(document__stage="SIGNED")
    Job.objects.filter(pk=failed.pk).update(
        status=S.FAILED, attempts=3, finished_at=MORNING, error="Máy chủ hết chỗ lưu tệp."
    )
    client = client_of(world.officers[2])
    page = client.get(reverse("reports:print_centre", args=[world.year.pk]))
    assert "Máy chủ hết chỗ lưu tệp." in text_of(page)
    retry = reverse("reports:retry_job", args=[failed.pk])
    assert f'action="{retry}"' in page.content.decode()
    answer = client.post(retry, follow=True)
    assert "Đã xếp hàng làm lại" in text_of(answer)
    failed.refresh_from_db()
    assert (failed.status, failed.attempts, failed.error) == (S.QUEUED, 0, "")
    assert AuditEvent.objects.filter(action="reports.job_retried").count() == 1
    again = client.post(retry, follow=True)
    assert "Việc này đang chờ hoặc đang chạy" in text_of(again)
    assert AuditEvent.objects.filter(action="reports.job_retried").count() == 1


def test_a_book_is_given_up_and_asked_for_again():
    world, _ = make_pledge_at(P.SIGNED)
    make_files()
    book = Job.objects.get(kind="BOOK")
    client = client_of(world.officers[0])
    client.post(reverse("reports:cancel_job", args=[book.pk]))
    book.refresh_from_db()
    assert book.status == S.CANCELLED
    page = client.get(reverse("reports:print_centre", args=[world.year.pk]))
    assert "Đã hủy" in text_of(page)
    answer = client.post(reverse("reports:ask_book", args=[world.year.pk]))
    assert answer["Location"] == reverse("reports:job", args=[book.pk])
    book.refresh_from_db()
    assert book.status == S.QUEUED


def test_an_official_paper_is_never_given_up():
    world, _ = make_pledge_at(P.FROZEN)
    job = Job.objects.get()
    cancel = reverse("reports:cancel_job", args=[job.pk])
    answer = client_of(world.officers[0]).post(cancel, follow=True)
    assert "Văn bản phát hành luôn được dựng, không hủy được." in text_of(answer)
    job.refresh_from_db()
    assert job.status == S.QUEUED


def test_a_book_is_sent_as_zip_and_only_while_it_is_kept(signed):
    book = Job.objects.get(kind="BOOK")
    client = client_of(signed.organiser_acting)
    address = reverse("reports:file", args=[book.pk])
    answer = client.get(address)
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"].startswith('attachment; filename="so-giao-uoc-')
    assert "-2026.zip" in answer["Content-Disposition"]
    Job.objects.filter(pk=book.pk).update(expires_on=date(2026, 3, 3))
    expired = client.get(address, follow=True)
    assert "Tệp chỉ giữ đến ngày 03/03/2026." in text_of(expired)
    Job.objects.filter(pk=book.pk).update(expires_on=date(2026, 3, 4))
    assert client.get(address).status_code == 200


def test_papers_of_a_declined_version_stand_apart():
    world, pledge = make_pledge_at(P.SIGNING)
    make_files()
    version = Pledge.objects.get(pk=pledge.pk).current
    workflow.decline(
        signatory_id=version.signatories.get(order=1).pk, seen_hash=version.frozen_hash,
        reason="Sửa điều 1", by=world.heads[0], now=MORNING,
    )  # fmt: skip
    words = text_of(centre(world.officers[2], world))
    assert "Đã hết giá trị 1 văn bản đã được thay hoặc không được ký" in words
    assert "Chưa có văn bản để in" in words
    assert "Hết giá trị lúc 09:30 ngày 04/03/2026" in words
    year = client_of(world.officers[2]).get(reverse("reports:year", args=[world.year.pk]))
    assert "01/GƯTĐ-K1" not in text_of(year)


def test_what_is_done_is_not_done_again(signed):
    book = Job.objects.get(kind="BOOK")
    assert not policies.may_retry(book)
    assert not policies.may_cancel(book)
