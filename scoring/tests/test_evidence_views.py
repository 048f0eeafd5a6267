"""The store of evidence as people use it: sent, refused with a sentence, read, taken back."""

import io
from datetime import timedelta

import openpyxl
import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.timezone import localdate

from clusters.models import ClusterYear, YearStatus
from clusters.tests.factories import TODAY, make_world
from clusters.tests.pages import client_of, sent, words
from core import storage
from scoring.forms import MOST_FILES, EvidenceChoice
from scoring.models import Evidence
from scoring.tests.test_evidence import attach, make_line, put, running

pytestmark = pytest.mark.django_db


def pdf_bytes(pages: int = 1) -> bytes:
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page()
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return bytes(out.getvalue())


def sheet_bytes(text: str) -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"] = text
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


PDF = pdf_bytes()


def upload(data: bytes = PDF, name: str = "Quyết định 12.pdf") -> SimpleUploadedFile:
    # The type that a browser claims counts for nothing.
    return SimpleUploadedFile(name, data, content_type="text/html")


@pytest.fixture
def world():
    return running()


def url(world, name: str = "evidence", *args: object) -> str:
    return reverse(f"scoring:{name}", args=[world.year.pk, *args])


# Sending -------------------------------------------------------------------------------------
def test_several_files_are_sent_at_once_and_only_once(world):
    browser = client_of(world.officers[2])
    form = sent(paper_number="12/QĐ-CAT", paper_date="3/2/2026")
    table = sheet_bytes("Số vụ")
    for _ in range(2):
        files = [upload(), upload(table, "số liệu.xlsx")]
        response = browser.post(url(world), {**form, "uploads": files})
        assert response["Location"] == url(world)
    assert Evidence.objects.count() == 2
    text = words(browser.get(url(world)))
    for part in ("Quyết định 12.pdf", "số liệu.xlsx", "12/QĐ-CAT", "03/02/2026", "Chưa dùng cho"):
        assert part in text
    assert "Không đính kèm tài liệu mật." in text
    assert set(Evidence.objects.values_list("mime", flat=True)) == {
        "application/pdf",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"MZ" + bytes(50), "kq.pdf", "kq.pdf: Tệp này là chương trình chạy được trên máy tính."),
        (b"", "kq.pdf", "kq.pdf: Tệp này trống"),
        (PDF, "kq.docx", "nội dung là tệp PDF"),
        (sheet_bytes("TUYỆT MẬT"), "kq.xlsx", "kq.xlsx: Tệp này có dấu mật nên không nhận."),
    ],
)
def test_what_is_not_fit_is_refused_by_name_and_nothing_is_kept(world, data, name, sentence):
    browser = client_of(world.officers[2])
    files = [upload(), upload(data, name)]
    response = browser.post(url(world), sent(uploads=files, paper_number="12/QĐ"))
    assert response.status_code == 200
    assert sentence in words(response)
    assert "12/QĐ" in response.content.decode()
    assert "Lỗi:" in response.content.decode()
    assert not Evidence.objects.exists()


def test_size_number_and_dates_are_held(world, settings):
    browser = client_of(world.officers[2])
    settings.EVIDENCE_MAX_BYTES = 1024 * 1024
    large = upload(PDF + bytes(1024 * 1024))
    assert "lớn hơn 1 MB" in words(browser.post(url(world), sent(uploads=[large])))
    many = [upload(pdf_bytes(n + 1), f"{n}.pdf") for n in range(MOST_FILES + 1)]
    assert "Mỗi lần chỉ nhận 10 tệp" in words(browser.post(url(world), sent(uploads=many)))
    assert "Chưa chọn tệp minh chứng." in words(browser.post(url(world), sent()))
    late = sent(uploads=[upload()], paper_date=f"{localdate() + timedelta(days=2):%d/%m/%Y}")
    assert "Ngày không được sau" in words(browser.post(url(world), late))
    assert not Evidence.objects.exists()


def test_the_lock_says_why_and_holds(world):
    ClusterYear.objects.filter(pk=world.year.pk).update(status=YearStatus.PUBLISHED)
    browser = client_of(world.officers[2])
    for response in (browser.get(url(world)), browser.post(url(world), sent(uploads=[upload()]))):
        assert "kho minh chứng không thay đổi nữa" in words(response)
    assert "Cán bộ hoặc lãnh đạo của đơn vị thành viên" not in words(
        client_of(world.organiser_acting).get(url(world))
    )
    assert not Evidence.objects.exists()


# Reading -------------------------------------------------------------------------------------
def test_who_judges_chooses_a_unit_and_others_see_their_own_only(world):
    put(world, at=2)
    put(world, at=3)
    of_third = f"?don-vi={world.units[3].pk}"
    for person in (world.officers[0], world.heads[1], world.organiser_acting):
        text = words(client_of(person).get(url(world) + of_third))
        assert world.units[3].name in text
        assert "Tệp này còn dùng cho CA Tuyên" not in text
        assert f"Tệp này còn dùng cho {world.units[2].short_name}, năm 2026." in text
    text = words(client_of(world.officers[2]).get(url(world) + of_third))
    assert text.count("QĐ khen thưởng.pdf") == 3  # the file and what is done with it
    assert world.units[3].short_name not in text
    assert "Chọn đơn vị" in words(client_of(world.organiser_acting).get(url(world)))
    for odd in ("?don-vi=x", "?don-vi=²", "?don-vi=999999999999"):
        assert client_of(world.officers[0]).get(url(world) + odd).status_code == 200


def test_a_file_is_sent_to_save_and_read_on_the_spot_only_where_a_browser_can(world):
    browser = client_of(world.officers[2])
    browser.post(url(world), sent(uploads=[upload(), upload(sheet_bytes("a"), "số liệu.xlsx")]))
    paper, table = Evidence.objects.order_by("name")
    saved = browser.get(url(world, "evidence_file", paper.pk))
    assert b"".join(saved) == PDF
    assert saved["Content-Disposition"].startswith("attachment; ")
    assert "Quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh%2012.pdf" in saved["Content-Disposition"]
    assert saved["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert saved["X-Content-Type-Options"] == "nosniff"
    assert saved["Content-Type"] == "application/pdf"
    shown = browser.get(url(world, "evidence_file", paper.pk) + "?xem=1")
    assert shown["Content-Disposition"].startswith("inline; ")
    assert "default-src 'none'" in shown["Content-Security-Policy"]
    never = browser.get(url(world, "evidence_file", table.pk) + "?xem=1")
    assert never["Content-Disposition"].startswith("attachment; ")


def test_a_damaged_file_is_refused_and_never_sent(world):
    kept = put(world)
    path = storage.path_of(kept.sha256)
    path.chmod(0o640)
    path.write_bytes(b"khac")
    response = client_of(world.officers[2]).get(url(world, "evidence_file", kept.pk))
    assert response.status_code == 500
    assert "không còn nguyên vẹn" in words(response)
    path.unlink()


def test_nobody_else_gets_a_file(world):
    kept = put(world)
    other = make_world(2, prefix="hn")
    strangers = (
        world.officers[3], world.heads[3], world.administrator, world.organiser_head,
        other.officers[0], other.organiser_acting,
    )  # fmt: skip
    for name in ("evidence_file", "evidence_withdraw"):
        for person in strangers:
            assert client_of(person).get(url(world, name, kept.pk)).status_code == 404, name
    for person in (world.officers[0], world.heads[1], world.organiser_acting, world.heads[2]):
        assert client_of(person).get(url(world, "evidence_file", kept.pk)).status_code == 200
    mixed = reverse("scoring:evidence_file", args=[other.year.pk, kept.pk])
    assert client_of(other.officers[0]).get(mixed).status_code == 404


# Taking back ---------------------------------------------------------------------------------
def test_a_file_is_taken_back_after_a_question(world):
    kept = put(world)
    line = make_line(world)
    attach(world, line, kept)
    browser, page = client_of(world.officers[2]), url(world, "evidence_withdraw", kept.pk)
    text = words(browser.get(page))
    assert f"chưa nộp: tiêu chí {line.criterion.code}" in text
    assert "Rút tệp này" in text
    assert browser.post(page, sent())["Location"] == url(world)
    assert browser.get(url(world, "evidence_file", kept.pk)).status_code == 404
    assert "Kho chưa có tệp nào." in words(browser.get(url(world)))


def test_what_was_submitted_is_locked_on_the_page_too(world):
    kept = put(world)
    line = make_line(world, submitted_at=kept.uploaded_at)
    attach(world, line, kept)
    page = url(world, "evidence_withdraw", kept.pk)
    for person in (world.officers[2], world.officers[0]):
        browser = client_of(person)
        reason = "đã nộp cùng tiêu chí" if person is world.officers[2] else "Chỉ đơn vị đã đưa"
        assert reason in words(browser.get(page))
        assert reason in words(browser.post(page, sent()))
    kept.refresh_from_db()
    assert kept.withdrawn_at is None


# The part of other forms -----------------------------------------------------------------------
def test_the_part_for_other_forms_gives_what_was_chosen(world):
    old = put(world, paper_number="12/QĐ")
    part = EvidenceChoice(store=[old], attached=[old.pk], today=TODAY)
    html = render_to_string("scoring/_evidence.html", {"part": part})
    assert "QĐ khen thưởng.pdf (số 12/QĐ)" in html
    assert "checked" in html
    assert "Không đính kèm tài liệu mật." in html
    data = QueryDict(mutable=True)
    data.setlist("minh-chung-evidence", [str(old.pk)])
    files = MultiValueDict({"minh-chung-uploads": [upload(), upload(pdf_bytes(2), "b.pdf")]})
    bound = EvidenceChoice(data, files, store=[old], today=TODAY)
    assert bound.is_valid(), bound.errors
    assert bound.chosen.evidence_ids == (old.pk,)
    assert [u.name for u in bound.chosen.uploads] == ["Quyết định 12.pdf", "b.pdf"]
    empty = EvidenceChoice(QueryDict(), MultiValueDict(), store=[], today=TODAY)
    assert empty.is_valid()
    assert empty.chosen.evidence_ids == ()
    assert "chưa có tệp nào" in render_to_string("scoring/_evidence.html", {"part": empty})


def test_the_part_takes_nothing_from_other_stores(world):
    foreign = put(world, at=1)
    data = QueryDict(f"minh-chung-evidence={foreign.pk}")
    part = EvidenceChoice(data, MultiValueDict(), store=[], today=TODAY)
    assert not part.is_valid()


def test_the_store_asks_the_same_number_of_statements_at_any_size(
    world, django_assert_max_num_queries
):
    browser, counts = client_of(world.officers[0]), []
    address = url(world) + f"?don-vi={world.units[2].pk}"
    for size in (2, 8):
        for n in range(size):
            browser_file = pdf_bytes(n + 1)
            client_of(world.officers[2]).post(
                url(world), sent(uploads=[upload(browser_file, f"{n}.pdf")])
            )
        browser.get(address)
        with django_assert_max_num_queries(60) as asked:
            browser.get(address)
        counts.append(len(asked))
    assert counts[0] == counts[1]
