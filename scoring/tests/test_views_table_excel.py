"""A criteria table goes out as Excel, comes back, is looked at and only then written."""

import io
import json

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from clusters.tests.factories import NOW, make_world
from core.models import AuditEvent
from pledges import operations as pledge_operations
from pledges.tests import factories as f
from pledges.tests.pages import client_of, form_on, stop_clock, words
from scoring import operations, tablebook
from scoring.engine import canonical
from scoring.forms.table_excel import MOST_BYTES
from scoring.models import CriteriaTable
from scoring.queries.table import STARTERS, as_interchange, draft_of
from scoring.tests.tablebook.building import book, bytes_of, table_of

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(kept):
    world = make_world()
    f.start(world)
    return world


@pytest.fixture(autouse=True)
def still(monkeypatch):
    stop_clock(monkeypatch)


def url(world, name):
    return reverse(f"scoring:{name}", args=[world.year.pk])


def shipped(starter="front-100"):
    return json.loads((STARTERS / f"{starter}.json").read_text(encoding="utf-8"))


def standing(world):
    found = draft_of(world.year)
    assert found is not None
    return found


def present(world):
    return as_interchange(standing(world))


def bring(browser, world, data, name="bang.xlsx"):
    file = SimpleUploadedFile(name, data)
    return browser.post(url(world, "table_import"), {"workbook": file})


def changed():
    """The table of the year with one text changed and one criterion more."""
    table = shipped()
    group = table["groups"][0]
    group["children"][0]["title"] = "Nội dung sửa trong Excel"
    group["children"][1]["max"] = "4"
    group["children"].append(
        {"code": "I.5", "title": "Tiêu chí mới", "max": "2", "rule": {"kind": "direct"}}
    )
    return table


def test_the_table_that_stands_goes_out_and_comes_back_the_same(world):
    browser = client_of(world.lead_officer)
    answer = browser.get(url(world, "table_excel"))
    assert answer["Content-Disposition"].startswith("attachment")
    assert "phi%C3%AAn%20b%E1%BA%A3n%201" in answer["Content-Disposition"]
    found = tablebook.read(answer.content)
    assert canonical(table_of(found)) == canonical(present(world))
    page = words(bring(browser, world, answer.content))
    assert "Tệp giống hệt bản nháp hiện nay." in page


def test_the_blank_workbook_is_sent_with_its_guide(world):
    answer = client_of(world.lead_officer).get(url(world, "table_blank"))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames[2] == "Hướng dẫn"


def test_a_file_is_previewed_with_its_changes_then_written_once(world):
    browser, before = client_of(world.lead_officer), standing(world)
    keys = dict(before.criteria.values_list("code", "pk"))
    page = bring(browser, world, tablebook.write(changed()), name="Bảng 2026.xlsx")
    said = words(page)
    assert "So với bản nháp hiện nay: thêm 1 dòng, sửa 2 dòng." in said
    assert "Nội dung sửa trong Excel" in said
    assert canonical(present(world)) == canonical(shipped()), "nothing is stored by looking"
    form = form_on(page, holding="sha256")
    assert json.loads(form["table"]) == changed()
    first = browser.post(url(world, "table_store"), form)
    second = browser.post(url(world, "table_store"), form)
    assert first["Location"] == second["Location"] == url(world, "table_edit")
    draft = standing(world)
    assert canonical(as_interchange(draft)) == canonical(changed())
    assert (draft.revision, draft.source) == (before.revision + 1, "Nhập từ tệp Bảng 2026.xlsx")
    after = dict(draft.criteria.values_list("code", "pk"))
    assert {code: after[code] for code in keys} == keys, "rows whose codes stay keep their keys"
    assert AuditEvent.objects.filter(action="scoring.table_replaced").count() == 1


def test_faults_stand_on_top_and_beside_their_rows_and_nothing_can_be_written(world):
    rows = [["I", "Nhóm", 20], ["I.1", "Sai loại", 20, "Chấm đại"], ["I.2", "Thiếu điểm", None]]
    page = bring(client_of(world.lead_officer), world, bytes_of(book(rows)))
    said = words(page)
    assert "Có 3 chỗ cần sửa trong tệp" in said
    assert said.count("Không có loại “Chấm đại”.") == 2
    assert 'href="#dong-3"' in page.content.decode()
    assert 'id="dong-3"' in page.content.decode()
    assert "sha256" not in page.content.decode()


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "bang.xlsx", "trống"),
        (b"%PDF-1.4 %%EOF", "bang.pdf", "PDF"),
        (
            b"\xd0\xcf\x11\xe0" + b"\0" * 600,
            "bang.xls",
            "kiểu cũ (.doc, .xls) hoặc có đặt mật khẩu",
        ),
        (b"PK\x05\x06" + b"\0" * 18, "bang.xlsx", "không thuộc loại"),
        (b"x" * (MOST_BYTES + 1), "bang.xlsx", "lớn hơn 5 MB"),
        (bytes_of(book([["I", "", 1]])), "bang.xlsm", "Đổi đuôi"),
    ],
    ids=["empty", "pdf", "old", "archive", "big", "ending"],
)
def test_other_files_are_refused_with_what_to_send(world, data, name, said):
    answer = bring(client_of(world.lead_officer), world, data, name)
    assert answer.status_code == 200
    assert said in words(answer)


def test_no_file_is_said_beside_the_field(world):
    answer = client_of(world.lead_officer).post(url(world, "table_import"))
    assert "Chưa chọn tệp Excel." in words(answer)


def test_who_does_not_write_tables_reads_why_and_writes_nothing(world):
    browser = client_of(world.officers[1])
    said = words(browser.get(url(world, "table_import")))
    assert "Cơ quan thường trực hoặc đơn vị trưởng soạn bảng tiêu chí" in said
    page = bring(client_of(world.lead_officer), world, tablebook.write(changed()))
    answer = browser.post(url(world, "table_store"), form_on(page, holding="sha256"))
    assert "soạn bảng tiêu chí" in words(answer)
    assert canonical(present(world)) == canonical(shipped())


def test_a_draft_that_changed_meanwhile_is_shown_before_it_is_replaced(world):
    browser = client_of(world.lead_officer)
    page = bring(browser, world, tablebook.write(changed()))
    other = shipped()
    other["groups"][0]["title"] = "Người khác sửa"
    operations.replace_tree(
        cluster_year_id=world.year.pk, table=other, source="", seen=standing(world).revision,
        by=world.organiser_acting, now=NOW,
    )  # fmt: skip
    answer = browser.post(url(world, "table_store"), form_on(page, holding="sha256"))
    assert answer.status_code == 200
    assert "Người khác vừa sửa bản nháp" in words(answer)
    assert "sửa 3 dòng" in words(answer)
    again = browser.post(url(world, "table_store"), form_on(answer, holding="sha256"))
    assert again.status_code == 302
    assert canonical(present(world)) == canonical(changed())


@pytest.mark.parametrize("field", ["table", "sha256"])
def test_a_preview_that_was_tampered_with_is_not_taken(world, field):
    browser = client_of(world.lead_officer)
    form = form_on(bring(browser, world, tablebook.write(changed())), holding="sha256")
    form[field] = form[field].replace("4", "5") or "0"
    answer = browser.post(url(world, "table_store"), form, follow=True)
    assert "Bản xem trước đã hỏng" in words(answer)
    assert canonical(present(world)) == canonical(shipped())


def test_a_criterion_that_the_pledge_names_is_missed_before_the_storing(world):
    leaf = standing(world).criteria.get(code="I.1")
    pledge_operations.save_target(
        pledge_id=world.year.pledge.pk, key=None, seen="",
        values=f.target_values("Chỉ tiêu của I.1", criterion_id=leaf.pk),
        levels=f.levels_for(world, "80"), by=world.lead_officer, now=NOW,
    )  # fmt: skip
    table = shipped()
    table["groups"][0]["children"][0]["code"] = "I.9"
    said = words(bring(client_of(world.lead_officer), world, tablebook.write(table)))
    assert "Tệp không còn tiêu chí I.1 (1 chỉ tiêu) mà giao ước đang gắn." in said


def test_a_coded_table_takes_no_texts(world):
    CriteriaTable.objects.filter(pk=standing(world).pk).update(is_coded=True)
    said = words(bring(client_of(world.lead_officer), world, tablebook.write(shipped())))
    assert "Bảng chỉ ghi mã số nên không nhận nội dung" in said


def test_a_year_without_a_table_gets_its_first_from_a_file(world):
    other = make_world(2, prefix="hn")
    browser = client_of(other.organiser_acting)
    assert browser.get(url(other, "table_excel"))["Location"] == url(other, "table")
    page = bring(browser, other, tablebook.write(shipped("police-1000")))
    assert "Năm này chưa có bảng tiêu chí." in words(page)
    assert browser.post(url(other, "table_store"), form_on(page, "sha256")).status_code == 302
    assert canonical(present(other)) == canonical(shipped("police-1000"))
