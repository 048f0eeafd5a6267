"""Printed reports, score sheets and results: what Poppler reads back from every kind."""

import json
from copy import deepcopy
from io import BytesIO
from typing import Any

import pikepdf
import pytest

from core.canonical import canonical_json
from reports.render import render_document
from reports.render.document import html_of
from reports.render.sheet import figure_in_words
from reports.tests import later
from reports.tests.content import CITIES, LONG
from reports.tests.pdf import fonts_of, laid_out, outside_the_margins, text_of

pytestmark = pytest.mark.pdf
EVERYBODY = CITIES + later.LONG_NAMES + LONG[:5]
CONTENTS = {
    "REVIEW": later.paper("REVIEW", later.review_data()),
    "CLUSTER_REVIEW": later.paper("CLUSTER_REVIEW", later.review_data(of_cluster=True)),
    "SHEET_CLAIMED": later.paper("SHEET_CLAIMED", later.sheet_data()),
    "SHEET_APPROVED": later.paper("SHEET_APPROVED", later.sheet_data()),
    "SUMMARY": later.paper("SUMMARY", later.result_data(EVERYBODY)),
    "SCORE_TABLE": later.paper("SCORE_TABLE", later.result_data(EVERYBODY, leaves=20)),
}


@pytest.fixture(scope="module")
def pdfs() -> dict[str, bytes]:
    return {kind: render_document(content).pdf for kind, content in CONTENTS.items()}


def sizes(pdf: bytes) -> set[tuple[int, int]]:
    with pikepdf.open(BytesIO(pdf)) as opened:
        boxes = [[round(float(x)) for x in page.mediabox] for page in opened.pages]
    return {(box[2], box[3]) for box in boxes}


PORTRAIT, LANDSCAPE = (595, 842), (842, 595)


@pytest.mark.parametrize("kind", CONTENTS)
def test_every_paper_has_the_head_of_an_official_document(pdfs, tmp_path, kind):
    text = text_of(pdfs[kind], tmp_path, page=1)
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text
    assert "Độc lập - Tự do - Hạnh phúc" in text
    assert "gày 05 tháng 7 năm 2024" in text
    assert CONTENTS[kind]["data"]["head"]["number"] in text
    assert "DỮ LIỆU MINH HỌA" in text


@pytest.mark.parametrize("kind", CONTENTS)
def test_every_page_fits_carries_code_and_our_fonts_only(pdfs, tmp_path, kind):
    pdf = pdfs[kind]
    assert fonts_of(pdf, tmp_path) <= {
        "Liberation-Serif",
        "Liberation-Serif-Bold",
        "Liberation-Serif-Italic",
        "Liberation-Serif-Bold-Italic",
    }
    assert outside_the_margins(pdf, tmp_path, 14.5) == []
    with pikepdf.open(BytesIO(pdf)) as opened:
        pages = len(opened.pages)
        assert opened.Root.AF[0].UF == "du-lieu.json"
        attached = opened.attachments["du-lieu.json"].get_file().read_bytes()
    assert attached == canonical_json(CONTENTS[kind]["data"])
    for page in range(1, pages + 1):
        text = text_of(pdf, tmp_path, page)
        assert "Mã xác minh 7M4C-2XKD-81RA" in text
        assert f"Trang {page}/{pages}" in text


def test_the_papers_have_the_sizes_they_need(pdfs):
    assert sizes(pdfs["REVIEW"]) == {PORTRAIT, LANDSCAPE}
    assert sizes(pdfs["SHEET_CLAIMED"]) == sizes(pdfs["SHEET_APPROVED"]) == {PORTRAIT}
    assert sizes(pdfs["SUMMARY"]) == sizes(pdfs["SCORE_TABLE"]) == {LANDSCAPE}


@pytest.mark.parametrize("kind", CONTENTS)
def test_the_same_content_gives_the_same_bytes(pdfs, kind):
    assert render_document(deepcopy(CONTENTS[kind])).pdf == pdfs[kind]


# Reports -------------------------------------------------------------------------------------


def test_a_report_follows_the_outline_and_is_confirmed(pdfs, tmp_path):
    text = text_of(pdfs["REVIEW"], tmp_path)
    heads = ["Phần mở đầu", "I. CÔNG TÁC LÃNH ĐẠO", "I.1. Quán triệt", "II. PHƯƠNG HƯỚNG"]
    places = [text.index(head) for head in heads]
    assert places == sorted(places)
    assert "I.2. Các đợt thi đua đã tổ chức Không có nội dung báo cáo." in text
    assert "KT. GIÁM ĐỐC" in text
    assert "Đại tá Nguyễn Văn B" in text
    assert "Đã xác nhận trên hệ thống lúc 16:12 ngày 04/07/2024" in text


def test_a_report_opens_with_the_pledge_and_a_count(pdfs, tmp_path):
    text = text_of(pdfs["REVIEW"], tmp_path)
    assert "Thực hiện Giao ước thi đua năm 2024 số 01/GƯTĐ-C1 ngày 04 tháng 4 năm 2024" in text
    assert (
        "Trong 6 chỉ tiêu: 1 vượt, 1 chưa đạt, 1 chưa nhập, 1 không đặt mức, "
        "1 báo cáo bằng lời và 1 không giao."
    ) in text


def test_zero_no_figure_no_level_and_not_assigned_differ_in_a_report():
    html = html_of(CONTENTS["REVIEW"])
    assert '<td class="r result">0</td><td class="r">0,0</td>' in html
    assert '<td class="r result">–</td><td class="r"></td>' in html
    assert '<td class="r">chưa giao mức</td><td class="r result">1.234.567,5</td>' in html
    assert '<td class="r">không giao</td><td class="r result">Không giao</td>' in html


def test_unmet_targets_say_cause_measure_person_and_date(pdfs, tmp_path):
    text = text_of(pdfs["REVIEW"], tmp_path, page=4)
    assert "CÁC CHỈ TIÊU CHƯA ĐẠT, CHẬM NHỊP" in text
    for words in ("Địa bàn rộng", "ban hằng tuần", "Phòng Cảnh sát", "30/09/2024"):
        assert words in text


def test_the_cluster_s_report_holds_every_unit_and_the_register(pdfs, tmp_path):
    text = text_of(pdfs["CLUSTER_REVIEW"], tmp_path)
    assert "CỤM TRƯỞNG" in text
    assert "5 đơn vị thực hiện 6 chỉ tiêu, gồm 30 lượt chỉ tiêu" in text
    assert "TỔNG HỢP KẾT QUẢ CÁC CHỈ TIÊU THEO ĐƠN VỊ" in text
    assert "Tổ liên gia an toàn" in text


def test_many_targets_of_many_units_are_split_to_the_page(tmp_path):
    data = later.review_data(EVERYBODY, of_cluster=True)
    data["targets"] = later.many_targets([unit["code"] for unit in data["units"]], 40)
    data["unmet"] = []
    pdf = render_document(later.paper("CLUSTER_REVIEW", data)).pdf
    assert outside_the_margins(pdf, tmp_path, 14.5) == []
    text = text_of(pdf, tmp_path)
    assert "Bảng 1/2" in text
    assert "Bảng 2/2" in text
    assert text.count("Đà Nẵng Hải Phòng") >= 2  # the head is repeated


# Sheets --------------------------------------------------------------------------------------


def test_a_claimed_sheet_shows_figure_remark_and_evidence(pdfs, tmp_path):
    text = text_of(pdfs["SHEET_CLAIMED"], tmp_path)
    assert "PHIẾU TỰ CHẤM ĐIỂM" in text
    assert "muộn 2 ngày" in text
    html = html_of(CONTENTS["SHEET_CLAIMED"])
    assert "đạt 92,5\u00a0%; mức giao ước 80" in html
    assert "Minh chứng: bao-cao-6-thang.pdf (số\u00a012/BC-PC02 ngày\u00a020/06/2024)." in html
    assert "Thẩm định" not in text


def test_a_sheet_tells_zero_not_entered_and_not_assigned_apart():
    html = html_of(CONTENTS["SHEET_CLAIMED"])
    assert '<td class="r">0,00</td>' in html
    assert '<td class="r"><i>không giao</i></td>' in html
    assert '<td class="r"><i>chưa nhập</i></td>' in html


def test_an_approved_sheet_has_four_figures_reasons_and_explanations(pdfs, tmp_path):
    text = text_of(pdfs["SHEET_APPROVED"], tmp_path)
    assert "Tự chấm" in text
    assert "Chính thức</th>" in html_of(CONTENTS["SHEET_APPROVED"])
    assert "1 Tiêu chí I.1, thẩm định lần 1: Minh chứng thiếu ba vụ." in text
    assert "2 Tiêu chí I.1, giải trình: Ba vụ do đơn vị bạn thụ lý." in text
    assert "3 Tiêu chí I.1, chính thức: Theo kết luận thẩm định." in text
    assert "CÁCH TÍNH ĐIỂM TỪNG TIÊU CHÍ" in text
    assert "Điểm tiêu chí I.1, II.1 so với các đơn vị khác nên là tạm tính: còn 3 đơn vị" in text


def test_the_table_of_every_leaf_explains_every_point_in_its_annex(pdfs, tmp_path):
    assert "CÁCH TÍNH ĐIỂM" not in text_of(pdfs["SCORE_TABLE"], tmp_path)
    content = deepcopy(CONTENTS["SCORE_TABLE"])
    data = content["data"]
    leaves = [row["code"] for row in data["rows"] if not row["is_group"]]
    data["rows"] = [row | {"rule": "Chấm trực tiếp"} for row in data["rows"]]
    units = data["units"][:2]
    data["why"] = {u["code"]: {c: f"Câu {c} của {u['code']}" for c in leaves} for u in units}
    html = html_of(content)
    for unit in units:
        assert all(f"Câu {code} của {unit['code']} <i>Chấm trực tiếp.</i>" in html
                   for code in leaves)  # fmt: skip
    assert html.count("explained-unit") == 2
    text = text_of(render_document(content).pdf, tmp_path)
    assert "CÁCH TÍNH ĐIỂM TỪNG TIÊU CHÍ" in text
    data["why"] = {}
    assert "Cách tính từng điểm in trong phiếu chấm điểm đã duyệt" in html_of(content)


def test_a_provisional_summary_says_how_far_results_can_go():
    content = deepcopy(CONTENTS["SUMMARY"])
    ends: tuple[tuple[Any, str], ...] = (
        ([["590", "640.5"], [1, 4]], "đạt từ 590,00 đến 640,50 điểm, hạng 1 đến 4."),
        ([["590", None], [2, 2]], "đạt từ 590,00 điểm trở lên, hạng 2."),
        ([[None, "640"], None], "đạt không quá 640,00 điểm."),
        ([["590", "590"], [1, 2]], "đạt 590,00 điểm, hạng 1 đến 2."),
        ([[None, None], None], "chưa có giới hạn điểm."),
    )
    units = content["data"]["units"]
    for unit, ((total, rank), _) in zip(units, ends, strict=False):
        unit["ends"] = {"total": total, "rank": rank}
    html = html_of(content)
    for _, said in ends:
        assert said in html


def test_the_annex_says_not_assigned_and_not_entered_too():
    html = html_of(CONTENTS["SHEET_APPROVED"])
    annex = html[html.index("CÁCH TÍNH ĐIỂM") :]
    assert '<td class="r">không giao</td>' in annex
    assert '<td class="r">chưa nhập</td>' in annex


def test_the_order_of_keys_changes_nothing_that_is_printed():
    """PostgreSQL gives the keys of an object back in an order of its own."""
    for kind, content in CONTENTS.items():
        turned = json.loads(canonical_json(content))
        assert html_of(turned) == html_of(content), kind


def test_the_sums_of_a_sheet_hold_cap_penalty_and_what_is_not_assigned():
    html = html_of(CONTENTS["SHEET_APPROVED"])
    total = html[html.index("TỔNG ĐIỂM") :]
    # 170 without the leaf that is not assigned; the bonus of 10 is capped at 5.
    assert total.startswith(
        'TỔNG ĐIỂM, trên số điểm được giao</td><td class="r">170,00</td>'
        '<td class="r">146,50</td><td class="r">141,75</td>'
        '<td class="r">–</td><td class="r">141,75</td>'
    )


@pytest.mark.parametrize(
    ("figure", "basis", "words"),
    [
        ({"actual": "0"}, {"target": "5"}, "đạt 0 vụ; mức giao ước 5"),
        ({"met": False}, {}, "không đạt"),
        ({"level": "Tốt"}, {}, "Tốt"),
        ({"counts": {"Cờ thi đua": "2"}}, {}, "Cờ thi đua: 2"),
        ({"days_late": "3"}, {}, "muộn 3 ngày"),
        ({"days_late": "0"}, {}, "đúng hạn"),
        ({"ranks": [1, 3]}, {}, "thứ hạng 1, 3"),
        ({"assigned": False}, {}, ""),
        (None, {"target": "5"}, ""),
        ({}, {}, ""),
    ],
)
def test_a_claimed_figure_is_written_in_words(figure, basis, words):
    assert figure_in_words(figure, basis, "vụ") == words


# Results -------------------------------------------------------------------------------------


def test_the_summary_shows_ties_vetoes_and_what_is_incomplete(pdfs, tmp_path):
    text = text_of(pdfs["SUMMARY"], tmp_path)
    html = html_of(CONTENTS["SUMMARY"])
    assert html.count("<b>2</b><br><i>đồng hạng</i>") == 2
    assert "<i>Không xét</i>" in html
    assert "không xét thi đua, giữ nguyên điểm, không xếp hạng." in text
    assert "<b>1.159,50*</b>" in html
    assert "* Chưa nhập số liệu, tính 0 điểm. Công an thành phố Cần Thơ: 1 tiêu chí." in text


def test_the_summary_says_rule_run_table_and_hash(pdfs, tmp_path):
    text = text_of(pdfs["SUMMARY"], tmp_path)
    assert "bằng nhau thì xét lần lượt điểm nhóm I, điểm thưởng cao hơn và điểm trừ ít hơn" in text
    assert "Phiên chấm 4 (theo kết quả duyệt), chạy lúc 09:00 ngày 03/12/2024" in text
    assert "phiên bản 1, thang điểm 180" in text
    assert "cdcd cdcd" in text
    assert "Nhận kiến nghị đến hết ngày 10/12/2024" in text


def test_only_what_is_provisional_carries_the_watermark(pdfs, tmp_path):
    assert "TẠM TÍNH" not in text_of(pdfs["SUMMARY"], tmp_path)
    for kind, data in (("SUMMARY", later.result_data(EVERYBODY)), ("SCORE_TABLE", None)):
        provisional = later.paper(
            kind, data or later.result_data(EVERYBODY, leaves=20), stage="PROVISIONAL"
        )
        rendered = render_document(provisional)
        for page in range(1, rendered.pages + 1):
            text = text_of(rendered.pdf, tmp_path, page)
            assert "TẠM TÍNH" in text
        assert "Bản tạm tính" in text_of(rendered.pdf, tmp_path, rendered.pages)


def test_the_score_table_is_split_by_units_with_criteria_and_heads_repeated(pdfs, tmp_path):
    pdf = pdfs["SCORE_TABLE"]
    text = text_of(pdf, tmp_path)
    assert "Bảng 1/2: Đà Nẵng, Hải Phòng" in text
    assert "Bảng 2/2" in text
    # Every leaf stands in both parts, and the head on every page.
    assert all(text.count(f" III.{i} ") == 2 for i in range(1, 21))
    with pikepdf.open(BytesIO(pdf)) as opened:
        pages = len(opened.pages)
    heads = [
        "Nội dung tiêu chí" in text_of(pdf, tmp_path, page)
        for page in range(1, pages + 1)
        if "I.1" in text_of(pdf, tmp_path, page)
    ]
    assert all(heads)
    assert "0,00" in laid_out(pdf, tmp_path, 1)
    assert "không" in laid_out(pdf, tmp_path, 1)


def test_more_groups_than_fit_give_one_column_of_base_points():
    data = later.result_data()
    more = [{"code": f"N{i}", "title": f"Nhóm {i}", "kind": ""} for i in range(8)]
    data["groups"] = more + [g for g in data["groups"] if g["kind"]]
    html = html_of(later.paper("SUMMARY", data))
    assert "<th>Điểm nội dung</th>" in html
    assert '<td class="r">160,00</td>' in html


def test_text_is_escaped_whatever_a_unit_writes():
    data = later.sheet_data()
    data["lines"]["I.1"]["note"] = "<img src=x> & <b>"
    html = html_of(later.paper("SHEET_CLAIMED", data))
    assert "&lt;img src=x&gt; &amp; &lt;b&gt;" in html


def test_a_result_frozen_with_the_reasons_of_vetoes_is_still_rendered():
    """Papers issued before the reasons were kept back; they print no reason either."""
    content = deepcopy(CONTENTS["SUMMARY"])
    whole = html_of(content)
    for unit in content["data"]["units"]:
        unit["vetoes"] = ["Có đơn tố cáo đang được thẩm tra"] if unit.pop("is_vetoed") else []
    assert html_of(content) == whole
