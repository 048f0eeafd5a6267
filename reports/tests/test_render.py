"""The printed papers: layout of official documents, our fonts, the same bytes every time."""

import hashlib
import json
import os
import subprocess
import sys
from copy import deepcopy
from io import BytesIO

import pikepdf
import pytest

from core.canonical import sha256_of
from reports.render import book, render_document
from reports.render.book import Entry
from reports.render.document import html_of
from reports.render.targets import level_of
from reports.render.words import moment
from reports.tests import content as c
from reports.tests.pdf import fonts_of, laid_out, outside_the_margins, text_of

pytestmark = pytest.mark.pdf
KINDS = ["PLEDGE", "PROGRAMME", "REGULATION", "OUTLINE"]


@pytest.fixture(scope="module")
def to_sign() -> bytes:
    return render_document(c.document_content()).pdf


@pytest.fixture(scope="module")
def signed() -> bytes:
    return render_document(c.document_content(signed=True)).pdf


def test_the_head_is_that_of_an_official_document(to_sign, tmp_path):
    text = text_of(to_sign, tmp_path, page=1)
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text
    assert "Độc lập - Tự do - Hạnh phúc" in text
    assert "BỘ CÔNG AN" in text
    assert "CỤM THI ĐUA SỐ 1" in text
    assert "BẢN GIAO ƯỚC THI ĐUA Phong trào thi đua “Vì an ninh Tổ quốc” năm 2024" in text


def test_number_and_place_stand_on_one_line(to_sign, tmp_path):
    lines = laid_out(to_sign, tmp_path, page=1).splitlines()
    line = next(line for line in lines if "Số: 01/GƯTĐ-C1" in line)
    assert "Đà Nẵng, ngày 04 tháng 4 năm 2024" in line


def test_january_and_february_take_a_zero_other_months_do_not(tmp_path):
    frozen = c.frozen_content() | {"dated": "2024-02-05"}
    text = text_of(render_document(c.document_content(frozen=frozen)).pdf, tmp_path, page=1)
    assert "ngày 05 tháng 02 năm 2024" in text


def test_every_basis_ends_with_a_semicolon_and_the_last_with_a_full_stop(to_sign, tmp_path):
    text = text_of(to_sign, tmp_path, page=1)
    assert (
        "Căn cứ Luật Thi đua, khen thưởng ngày 15 tháng 6 năm 2022; "
        "Căn cứ Quy chế hoạt động của Cụm thi đua số 1. Các đơn vị gồm:"
    ) in text


def test_the_parts_carry_roman_numerals_in_order(to_sign, tmp_path):
    text = text_of(to_sign, tmp_path)
    heads = [
        "I. NỘI DUNG THI ĐUA",
        "II. CHỈ TIÊU PHẤN ĐẤU",
        "III. BIỆN PHÁP, CÁC ĐỢT THI ĐUA",
        "IV. TỔ CHỨC THỰC HIỆN",
    ]
    places = [text.index(head) for head in heads]
    assert places == sorted(places)


def test_the_superior_in_the_head_is_not_repeated_with_every_unit():
    units = [(code, f"Công an huyện {short}, Bộ Công an", short) for code, _, short in c.CITIES]
    html = html_of(c.document_content(signed=True, frozen=c.frozen_content(units)))
    assert "Các đơn vị gồm: Công an huyện Đà Nẵng, Công an huyện Hải Phòng" in html
    assert "<span>CÔNG AN HUYỆN ĐÀ NẴNG</span>" in html
    assert "<b>Công an huyện Đà Nẵng, Bộ Công an</b>" in html  # whole in the record


def test_names_with_commas_of_their_own_are_kept_apart():
    units = [(code, f"Ban Dân vận, {short}", short) for code, _, short in c.CITIES]
    html = html_of(c.document_content(frozen=c.frozen_content(units)))
    assert "Ban Dân vận, Đà Nẵng; Ban Dân vận, Hải Phòng;" in html


def test_a_part_that_a_pledge_does_not_have_takes_no_number(tmp_path):
    frozen = c.frozen_content()
    inner = frozen["content"]
    inner["clauses"] = [x for x in inner["clauses"] if x["section"] != "MEASURES"]
    text = text_of(render_document(c.document_content(frozen=frozen)).pdf, tmp_path)
    assert "III. TỔ CHỨC THỰC HIỆN" in text
    assert "BIỆN PHÁP, CÁC ĐỢT" not in text


def test_tasks_of_one_unit_stand_under_its_name(to_sign, tmp_path):
    text = text_of(to_sign, tmp_path)
    assert "A. Nhiệm vụ chung" in text
    assert "2. Công an thành phố Hải Phòng Xây dựng 3 mô hình điểm" in text


def test_the_page_number_is_missing_on_page_one_and_stands_on_top_of_page_two(to_sign, tmp_path):
    first, second = (text_of(to_sign, tmp_path, page=n) for n in (1, 2))
    assert first.startswith("DỮ LIỆU MINH HỌA BỘ CÔNG AN")
    assert second.startswith("2 DỮ LIỆU MINH HỌA")


def test_figure_no_level_and_not_assigned_are_three_things(to_sign, tmp_path):
    text = text_of(to_sign, tmp_path)
    assert "nhân rộng mô hình ≥ 1.250 chưa giao mức không giao ≥ 12 ≥ 12" in text
    assert "6 Số cán bộ, chiến sĩ vi phạm bị xử lý kỷ luật người 0 0 0 0 0" in text


def test_units_that_differ_from_a_common_level_are_named(to_sign, tmp_path):
    text = text_of(to_sign, tmp_path)
    assert "≥ 80; Hải Phòng: ≥ 77,5;" in text
    assert "Hà Nội: chưa giao mức" in text
    assert "giảm ≥ 5 %" in text


def test_a_change_is_in_per_cent_whatever_is_counted():
    target = c.target(
        "Giảm số vụ", {"x": "5"}, unit_of_measure="vụ", direction="DOWN", is_change=True
    )
    assert level_of(target, "x").text.replace("\u00a0", " ") == "giảm ≥ 5 %"


@pytest.mark.parametrize(
    ("direction", "unit", "value", "printed"),
    [
        ("UP", "%", "80", "≥ 80"),
        ("UP", "%", "100", "100"),
        ("UP", "mô hình", "100", "≥ 100"),
        ("UP", "vụ", "1234.5", "≥ 1.234,5"),
        ("DOWN", "vụ", "3", "≤ 3"),
        ("DOWN", "vụ", "0", "0"),
    ],
)
def test_a_level_carries_the_sign_of_its_direction(direction, unit, value, printed):
    target = c.target("Chỉ tiêu", {"x": value}, unit_of_measure=unit, direction=direction)
    assert level_of(target, "x").text.replace("\u00a0", " ") == printed


def test_the_last_sentence_ends_with_the_sign_of_the_end(to_sign, tmp_path):
    assert "mỗi đơn vị giữ 01 bản./." in text_of(to_sign, tmp_path)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("is_signed", [False, True])
def test_every_paper_uses_our_fonts_alone_and_is_pdf_a(kind, is_signed, tmp_path):
    pdf = render_document(c.document_content(kind, signed=is_signed)).pdf
    assert fonts_of(pdf, tmp_path) <= {
        "Liberation-Serif",
        "Liberation-Serif-Bold",
        "Liberation-Serif-Italic",
        "Liberation-Serif-Bold-Italic",
    }
    with pikepdf.open(BytesIO(pdf)) as document:
        assert document.open_metadata().pdfa_status == "3U"
        assert "/OutputIntents" in document.Root


def test_letters_our_fonts_lack_never_bring_in_a_font_of_the_machine(tmp_path):
    frozen = c.frozen_content()
    frozen["content"]["slogan"] = "Chủ động ☑ 漢 \U0001f600"
    pdf = render_document(c.document_content(frozen=frozen)).pdf
    assert all(name.startswith("Liberation-Serif") for name in fonts_of(pdf, tmp_path))


def test_the_text_that_was_signed_is_attached_in_the_bytes_that_were_hashed(signed):
    content = c.document_content(signed=True)
    with pikepdf.open(BytesIO(signed)) as document:
        data = document.attachments["du-lieu-giao-uoc.json"]
        body = data.get_file().read_bytes()
        relationship = data.obj["/AFRelationship"]
    assert hashlib.sha256(body).hexdigest() == content["frozen_hash"]
    assert json.loads(body) == content["frozen"]
    assert relationship == "/Data"


def test_the_same_content_gives_the_same_bytes(signed):
    again = render_document(deepcopy(c.document_content(signed=True)))
    assert again.pdf == signed
    assert again.pages == 5


def test_another_content_gives_another_identity(to_sign, signed):
    def identity(pdf: bytes) -> bytes:
        with pikepdf.open(BytesIO(pdf)) as document:
            return bytes(document.trailer["/ID"][0])

    assert identity(to_sign) != identity(signed)


@pytest.mark.slow
def test_other_processes_give_the_same_bytes(to_sign):
    program = (
        "import django, hashlib; django.setup(); "
        "from reports.render import render_document; from reports.tests import content as c; "
        "print(hashlib.sha256(render_document(c.document_content()).pdf).hexdigest())"
    )
    for seed, zone in (("1", "UTC"), ("2", "America/New_York")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
        environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", program], env=environment, capture_output=True, check=True
        )
        assert done.stdout.decode().strip() == hashlib.sha256(to_sign).hexdigest()


def test_boxes_are_empty_before_the_signature(to_sign, tmp_path):
    text = text_of(to_sign, tmp_path)
    assert "ĐẠI DIỆN CÁC ĐƠN VỊ KÝ GIAO ƯỚC" in text
    assert "CÔNG AN THÀNH PHỐ HÀ NỘI" in text
    assert "Đã ký xác nhận" not in text
    assert "BẢN GHI KÝ" not in text
    assert "Bản trình ký" in text


def test_a_signature_is_called_what_it_is_with_name_rank_and_time(signed, tmp_path):
    text = text_of(signed, tmp_path)
    assert text.count("Đã ký xác nhận trên hệ thống") == 6
    assert "lúc 09:41 ngày 04/04/2024" in text
    assert "Đại tá Nguyễn Văn A" in text
    assert "KT. GIÁM ĐỐC" in text
    assert "CHỨNG KIẾN" in text


def test_the_record_tells_who_signed_when_from_where_and_over_what(signed, tmp_path):
    text = text_of(signed, tmp_path, page=5)
    assert "BẢN GHI KÝ" in text
    assert "Đây không phải là chữ ký số của người ký" in text
    assert "09:41:07" in text
    assert "(UTC+07:00)" in text
    assert "10.0.3.17" in text
    assert "muộn 3 ngày" in text
    digest = sha256_of(c.frozen_content())
    assert " ".join(digest[i : i + 4] for i in range(0, 64, 4)) in text
    assert f"{digest[:8]}…" in text
    assert "thống nhất nội dung trước khi chốt" in text


def test_the_code_stands_on_every_page_and_the_qr_once(signed, tmp_path):
    for page in range(1, 6):
        assert "3F7K-Q2MD-9TXA" in text_of(signed, tmp_path, page=page)
        assert f"Trang {page}/5" in text_of(signed, tmp_path, page=page)
    assert html_of(c.document_content(signed=True)).count("<svg") == 1


def test_a_paper_of_the_lead_bears_one_signature_and_the_consent_of_the_members(tmp_path):
    pdf = render_document(c.document_content("REGULATION", signed=True)).pdf
    text = text_of(pdf, tmp_path)
    assert text.count("Đã ký xác nhận trên hệ thống") == 1
    assert (
        "được các đơn vị thành viên Cụm thi đua số 1 thống nhất thông qua cùng Giao ước số "
        "01/GƯTĐ-C1 ngày 04 tháng 4 năm 2024./."
    ) in text
    assert "Nguyễn Văn B" not in text


def test_a_regulation_prints_every_row_of_the_criteria_table(tmp_path):
    frozen = c.frozen_content(table=c.criteria(groups=3, leaves=58))
    pdf = render_document(c.document_content("REGULATION", frozen=frozen)).pdf
    text = text_of(pdf, tmp_path)
    for row in frozen["content"]["criteria"]["rows"]:
        assert f" {row['code']} " in text
    assert "1.740" in text
    html = html_of(c.document_content("REGULATION"))
    assert "Không xảy ra: điểm tối đa; có xảy ra: 0 và không xét thi đua" in html
    assert "Từ 95\u00a0%: 10; từ 80\u00a0% dưới 95\u00a0%: 7,5; dưới 80\u00a0%: 0" in html


def test_the_programme_prints_its_activities(tmp_path):
    text = text_of(render_document(c.document_content("PROGRAMME")).pdf, tmp_path)
    assert "CHƯƠNG TRÌNH Hoạt động của Cụm thi đua số 1 năm 2024" in text
    assert "I. CÁC HOẠT ĐỘNG TRONG NĂM" in text
    assert "Tháng 10/2024" in text


def test_the_outline_prints_its_headings(tmp_path):
    text = text_of(render_document(c.document_content("OUTLINE")).pdf, tmp_path)
    assert "ĐỀ CƯƠNG Báo cáo sơ kết, tổng kết" in text
    for head in ("I. Đặc điểm tình hình", "II. Kết quả thực hiện", "III. Phương hướng, nhiệm vụ"):
        assert head in text


def test_an_outline_whose_author_numbered_it_is_not_numbered_again(tmp_path):
    frozen = c.frozen_content()
    inner = frozen["content"]
    inner["clauses"] = [
        c.clause("BODY", heading, text, paper="OUTLINE")
        for heading, text in (
            ("Phần thứ nhất: Sơ kết sáu tháng", ""),
            ("I. KẾT QUẢ", ""),
            ("I.1. Chỉ tiêu", "Nêu số liệu."),
            ("Phần mở đầu", "Không quá 10 dòng."),
        )
    ]
    html = html_of(c.document_content("OUTLINE", frozen=frozen))
    assert '<p class="division">Phần thứ nhất: Sơ kết sáu tháng</p>' in html
    assert "<b>I. KẾT QUẢ</b>" in html
    assert "<b>I.1. Chỉ tiêu</b>" in html
    assert "<b>Phần mở đầu</b>" in html


@pytest.mark.slow
@pytest.mark.parametrize(("count", "tables"), [(13, 2), (8, 1)])
def test_targets_of_many_units_are_split_to_fit_and_none_is_lost(count, tables, tmp_path):
    units = c.LONG[:count]
    codes = [code for code, _, _ in units]
    frozen = c.frozen_content(units, targets=c.many_targets(codes, 12))
    pdf = render_document(c.document_content(frozen=frozen)).pdf
    text = text_of(pdf, tmp_path)
    assert ("Bảng 2/2:" in text) == (tables == 2)
    assert text.count("Chỉ tiêu thứ 12:") == tables
    with pikepdf.open(BytesIO(pdf)) as document:
        widths = {round(float(page.mediabox[2])) for page in document.pages}
    assert widths == {595, 842}


def test_the_longest_texts_without_a_space_stay_within_the_page(tmp_path):
    frozen = c.frozen_content(c.CITIES[:3])
    inner = frozen["content"]
    inner["slogan"] = "A" * 300
    for target in inner["targets"]:
        target["text"] = "B" * 600
    for row in inner["activities"]:
        row.update({"when": "C" * 80, "what": "D" * 500, "responsible": "E" * 160})
    for member in inner["members"]:
        member["short_name"] = "F" * 120
    for place in inner["signatories"]:
        place.update({"name": "G" * 255, "position": "H" * 160})
    for kind in ("PLEDGE", "PROGRAMME"):
        pdf = render_document(c.document_content(kind, signed=True, frozen=frozen)).pdf
        assert outside_the_margins(pdf, tmp_path, 14.5) == []
        assert outside_the_margins(pdf, tmp_path, 60) != []  # the look does see words


def test_a_pledge_that_says_next_to_nothing_is_still_a_paper(tmp_path):
    frozen = c.frozen_content(c.CITIES[:3], targets=[], witness=False)
    frozen["numbers"] = {}
    frozen["content"].update({"slogan": "", "clauses": [], "activities": [], "criteria": None})
    for kind in KINDS:
        text = text_of(render_document(c.document_content(kind, frozen=frozen)).pdf, tmp_path)
        assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text
        assert "Số:" not in text
        assert "./." in text


def test_demonstration_data_is_marked_on_every_page_and_real_data_on_none(to_sign, tmp_path):
    assert text_of(to_sign, tmp_path).count("DỮ LIỆU MINH HỌA") == 4
    content = c.document_content()
    del content["demonstration"]
    assert "MINH HỌA" not in text_of(render_document(content).pdf, tmp_path)


BAD = "<script>x</script><b>đậm</b>{{ 7*7 }}"
#: Not free text: codes, dates, figures, keywords that the layout decides on.
FIXED = {
    "paper", "section", "unit", "kind", "order", "role", "member_role", "authority", "signing",
    "direction", "aggregation", "value", "baseline", "code", "max", "rule", "depth", "stage",
    "dated", "signed_at", "at", "issued_at", "frozen_hash", "verify_url", "key", "scale_total",
    "days_late", "values", "settings",
}  # fmt: skip


def poisoned(value, key=""):
    """Put markup into every free text, wherever it stands."""
    if isinstance(value, dict):
        return {k: v if k in FIXED else poisoned(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [poisoned(inner, key) for inner in value]
    return BAD if isinstance(value, str) else value


@pytest.mark.parametrize("kind", KINDS)
def test_markup_in_any_text_stays_text(kind):
    html = html_of(poisoned(c.document_content(kind, signed=True)))
    assert "<script" not in html.lower()
    assert "<b>đậm" not in html.lower()
    assert html.lower().count("&lt;script&gt;") > 20
    assert "{{ 7*7 }}" in html


def test_a_book_lists_its_papers_and_proves_them(signed, tmp_path):
    entries = [
        Entry(
            f"Văn bản số {i}",
            f"0{i}/CTr-C1",
            "3F7K-Q2MD-9TXA",
            5,
            moment("2024-04-04T03:00:00+00:00"),
            signed,
        )
        for i in (1, 2)
    ]
    packed = book("Sổ giao ước", entries)
    assert book("Sổ giao ước", entries) == packed
    (tmp_path / "book.zip").write_bytes(packed)
    subprocess.run(
        [sys.executable, "-m", "zipfile", "-e", "book.zip", "."], cwd=tmp_path, check=True
    )
    names = {path.name for path in tmp_path.iterdir()} - {"book.zip"}
    assert names == {
        "MANIFEST.sha256",
        "MUC-LUC.txt",
        "01-van-ban-so-1-3F7K-Q2MD-9TXA.pdf",
        "02-van-ban-so-2-3F7K-Q2MD-9TXA.pdf",
    }
    subprocess.run(["sha256sum", "-c", "--strict", "MANIFEST.sha256"], cwd=tmp_path, check=True)  # noqa: S607
    contents = (tmp_path / "MUC-LUC.txt").read_text("utf-8")
    assert "1. Văn bản số 1" in contents
    assert "Mã xác minh: 3F7K-Q2MD-9TXA" in contents
