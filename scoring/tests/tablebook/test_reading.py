"""Workbooks as officials make them, and faults told by row and column, all at once."""

import unicodedata
from datetime import date

import openpyxl
import pytest
from openpyxl.styles import Font

from scoring.engine import canonical, read_table
from scoring.tablebook import write
from scoring.tablebook.names import COLUMNS, PARENT
from scoring.tests.tablebook.building import HEAD, book, reading, table_of, told

GROUP = ["I", "Nhiệm vụ", 20]
LEAF = ["I.1", "Tham mưu", 20, "Chấm trực tiếp"]


def officials_workbook():
    """A provincial table as it circulates: headings, numbered columns, merges, sums, signatures."""
    made = openpyxl.Workbook()
    page = made.active
    page.title = "Bang diem 2026"
    page.append(["UBND TỈNH QUẢNG TRỊ", None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"])
    page.append([])
    page.append([None, "BẢNG TIÊU CHÍ CHẤM ĐIỂM THI ĐUA KHỐI NĂM 2026"])
    page.append([None, "(Kèm theo Quyết định số 12/QĐ-UBND)"])
    titles = ["STT", "NỘI DUNG\nTIÊU CHÍ", "Điểm chuẩn ", "Cách chấm", "ĐVT", "Chỉ tiêu giao"]
    page.append([*titles, "Tham số", "Căn cứ", "Tài liệu minh chứng", "Ghi chú"])
    page.append([f"({at})" for at in range(1, 11)])
    page.append(["I", "Phát triển kinh tế - xã hội", 60])
    nfd = unicodedata.normalize("NFD", "  Tỷ lệ  giải ngân vốn đầu tư công ")
    page.append(["I.1", nfd, 30, "theo ty le dat chi tieu", "%", 0.95, "dưới 50% được 0 điểm"])
    page["F8"].number_format = "0%"
    page.append(["I.2", "Thu ngân sách", "=10+10", "So với đơn vị dẫn đầu cụm", "tỷ đồng", "1.250"])
    page.append(["I.3", "Báo cáo đúng hạn", "10,0", "Theo bậc", "ngày chậm", None, "đúng hạn: 10"])
    page["G10"] = "đúng hạn: 10\nchậm 1-2 ngày: 5\nchậm trên 2 ngày: 0"
    page.append(["II", "Văn hóa - xã hội", 40])
    page.append(["II.1", "Xây dựng nông thôn mới", 25, "Đạt hoặc không đạt", None, None, None])
    page.append(["II.2", "Phong trào thi đua", 15, None])
    page["D13"] = "Chấm trực tiếp"
    page["H12"], page["I12"] = "Kế hoạch 05/KH-UBND", "x"
    page.merge_cells("H12:H13")
    _finish(page)
    made.create_sheet("Tạm").sheet_state = "hidden"
    return made


def _finish(page):
    """Bonus points and what stands under a table."""
    page.append([None, "Tổng cộng", 100])
    page.append(["T", "Điểm thưởng", None, "Điểm thưởng", None, None, "tối đa 5"])
    page.append(["T.1", "Bằng khen", 5, "Cộng, trừ theo số lần", None, None, "Bằng khen +2"])
    page.append([])
    page.append([None, None, None, "Quảng Trị, ngày 05 tháng 01 năm 2026"])
    page.append([None, "NGƯỜI LẬP BIỂU", None, "CHỦ TỊCH"])
    for row in page["A7:J7"]:
        for cell in row:
            cell.font = Font(bold=True)
    page.row_dimensions[13].hidden = True


def computed(made):
    """Give the formula of the workbook its result, as Excel does on saving."""
    made.active["C9"] = 20
    return made


def test_a_real_workbook_is_read_as_it_circulates():
    found = reading(computed(officials_workbook()))
    table = table_of(found)
    assert table["name"] == "BẢNG TIÊU CHÍ CHẤM ĐIỂM THI ĐUA KHỐI NĂM 2026"
    assert table["scale_total"] == "100"
    first, second, third = table["groups"][0]["children"]
    assert first["title"] == unicodedata.normalize("NFC", "Tỷ lệ giải ngân vốn đầu tư công")
    assert (first["target"], first["rule"]["floor_percent"]) == ("95", "50")
    assert (second["max"], second["target"]) == ("20", "1250")
    assert third["max"] == "10.0"
    assert [row["legal_basis"] for row in table["groups"][1]["children"]] == [
        "Kế hoạch 05/KH-UBND"
    ] * 2
    assert table["groups"][1]["children"][0]["evidence_required"] is True
    assert table["groups"][2]["cap"] == "5"
    skipped = [(row.number, row.note) for row in found.rows if row.is_skipped]
    assert [number for number, _ in skipped] == [6, 14, 18, 19]
    assert skipped[0][1] == "Bỏ qua: dòng đánh số cột."
    assert next(row.note for row in found.rows if row.number == 13) == "Dòng này đang ẩn trong tệp."
    assert any("Ghi chú" in note for note in found.notes)


def test_a_formula_without_a_result_is_refused():
    (fault,) = reading(officials_workbook()).faults
    assert (fault.row, fault.column) == (9, "Điểm tối đa")
    assert "Mở tệp bằng Excel, lưu lại" in fault.instead


def test_all_faults_are_told_at_once_by_row_and_column():
    rows = [
        ["I", "Nhóm", 25],
        ["I.1", "Gõ sai loại", 10, "Chấm thử trực tiếp"],
        ["I.2", "Hở bậc", 5, "Theo bậc", "%", "abc", "từ 95: 5; từ 80 đến dưới 90: 3; dưới 80: 0"],
        ["I.2", "Trùng mã", 5, "Theo mức xếp loại", None, None, "Tốt: 5; Khá: 10; Khá: 1"],
        [None, "Thiếu mã", 5, "Đạt hoặc không đạt"],
        ["II.1", "Thiếu nhóm", 5, "Đạt hoặc không đạt", None, None, "nếu có", None, "tùy"],
        ["III", "Nhóm rỗng", 5, "Điểm thưởng"],
        ["I.3", "Ngược đầu", 3, "Cộng, trừ theo số lần", None, None, "Khen +2; từ 5 đến 3"],
        ["I.4", "Thiếu loại", 3],
        ["I.5", "Điểm chữ", "ba", "Chấm trực tiếp"],
        ["I.6", "Điểm 0", 0, "Không để xảy ra"],
    ]
    found = reading(book(rows, head=[*HEAD, ["Phân định đồng hạng", "nhóm IX"]]))
    assert found.table is None
    places = [(fault.sheet, fault.row, fault.column) for fault in found.faults]
    assert places == [
        ("Tiêu chí", 3, "Loại"),
        ("Tiêu chí", 4, "Chỉ tiêu"),
        ("Tiêu chí", 4, "Tham số"),
        ("Tiêu chí", 5, "Mã"),
        ("Tiêu chí", 5, "Tham số"),
        ("Tiêu chí", 5, "Tham số"),
        ("Tiêu chí", 6, "Mã"),
        ("Tiêu chí", 7, "Mã"),
        ("Tiêu chí", 7, "Minh chứng bắt buộc"),
        ("Tiêu chí", 7, "Tham số"),
        ("Tiêu chí", 8, "Loại"),
        ("Tiêu chí", 9, "Tham số"),
        ("Tiêu chí", 10, "Loại"),
        ("Tiêu chí", 11, "Điểm tối đa"),
        ("Tiêu chí", 12, "Điểm tối đa"),
        ("Quy ước", 3, "Phân định đồng hạng"),
    ]
    words = " ".join(told(found))
    for said in (
        "bậc “từ 95” để hở ở giữa",
        "Mục 2 (Khá): Số 10 ngoài phạm vi cho phép. Phải là số từ 0, không quá 5.",
        "Mã I.2 đã dùng ở dòng 4",
        "Không có nhóm mã “IX”",
    ):
        assert said in words
    assert "khóa" not in words


@pytest.mark.parametrize(
    ("rows", "head", "said"),
    [
        ([["I", "", 19], LEAF], HEAD, "dòng 2, cột Điểm tối đa: Điểm tối đa 19 khác tổng 20"),
        ([["I", "", "9,5"], LEAF], HEAD, "Điểm tối đa 9,5 khác tổng 20"),
        ([GROUP, LEAF], [["Tên bảng", "A"], ["Thang điểm", 30]], "Thang điểm 30 khác tổng 20"),
        ([GROUP, LEAF], [["Thang điểm", 20]], "mục Tên bảng: Chưa có tên bảng"),
        ([GROUP, LEAF], [*HEAD, ["Làm tròn", "hai"]], "Ghi một số từ 0 đến 6"),
        ([GROUP, LEAF], [*HEAD, ["Xếp hạng theo", "may rủi"]], "Không hiểu “may rủi”"),
        ([GROUP, LEAF], [*HEAD, ["Xếp loại", "Khá: 65; Tốt: 80"]], "Các mức phải giảm dần"),
        ([GROUP, ["I.1", "", "", "Chấm trực tiếp"]], HEAD, "Chưa ghi điểm tối đa"),
        ([GROUP, ["I.1", "", "20,125", "Chấm trực tiếp"]], HEAD, "có quá nhiều chữ số"),
        ([GROUP, ["I.1", "x" * 601, 20, "Chấm trực tiếp"]], HEAD, "dài 601 ký tự"),
        (
            [GROUP, [*LEAF[:3], "Theo mức xếp loại", "", "", f"{'x' * 201}: 20; Khá: 1"]],
            HEAD,
            "dòng 3, cột Tham số: Tên mục “xxx",
        ),
        (
            [GROUP, [*LEAF, "", "", "", "x" * 1001]],
            HEAD,
            "dòng 3, cột Căn cứ: Ô này dài 1.001 ký tự. Rút ngắn còn tối đa 1.000 ký tự.",
        ),
        (
            [GROUP, LEAF],
            [*HEAD, ["Xếp loại", f"{'x' * 61}: 80"]],
            "dòng 3, mục Xếp loại: Tên loại “xxx",
        ),
        ([["I", "", 20, "Chấm trực tiếp"], LEAF], HEAD, "Dòng có các dòng con nên là nhóm"),
        ([["I", "", 20, "", "%"], LEAF], HEAD, "Dòng của nhóm không ghi cột này"),
        ([["I", "", 20, "", "", "", "tối đa 5"], LEAF], HEAD, "không có tham số"),
        (
            [GROUP, ["I.1", "", 20, "Điểm trừ"], ["I.1.a", "", 20, "Chấm trực tiếp"]],
            HEAD,
            "chỉ dùng cho nhóm ở cấp cao nhất",
        ),
        (
            [GROUP, [*LEAF[:4], "vụ", "95 %"]],
            HEAD,
            "đơn vị tính không phải %",
        ),
        (
            [GROUP, ["I.1", "", 20, "Theo tỷ lệ đạt chỉ tiêu", "%", 0]],
            HEAD,
            "cột Chỉ tiêu: Số 0 ngoài phạm vi cho phép. Phải là số lớn hơn 0.",
        ),
        ([GROUP, ["I.1", "", 20, date(2026, 1, 5)]], HEAD, "Excel đã đổi ô này thành ngày tháng"),
        ([GROUP, ["I.1", "a漢b", 20, "Chấm trực tiếp"]], HEAD, "cột Nội dung tiêu chí"),
    ],
)
def test_each_fault_says_where_and_what(rows, head, said):
    found = reading(book(rows, head=head))
    assert found.table is None
    assert any(said in words for words in told(found)), told(found)


def test_a_code_that_excel_took_for_a_number_reminds_of_its_zero():
    rows = [["1", "", 20], [1.1, "", 10, "Chấm trực tiếp"], [1.1, "", 10, "Chấm trực tiếp"]]
    (fault,) = reading(book(rows)).faults
    assert "Nếu là 1.10, định dạng ô là Văn bản" in fault.instead


def test_depth_follows_the_code_whatever_the_order_of_rows():
    rows = [
        ["I.1.a", "", 20, "Chấm trực tiếp"],
        ["I", "", 20],
        ["I.1.", "", 20],
    ]
    found = reading(book(rows))
    assert [row.depth for row in found.rows] == [2, 0, 1]
    assert table_of(found)["groups"][0]["children"][0]["children"][0]["code"] == "I.1.a"


def test_a_further_column_says_the_group_where_codes_do_not():
    columns = [*COLUMNS, PARENT]
    blank = [None] * 5
    rows = [
        ["A", "", 20, None, *blank],
        ["7", "", 20, "Chấm trực tiếp", *blank, "A"],
    ]
    assert table_of(reading(book(rows, columns=columns)))["groups"][0]["children"][0]["code"] == "7"
    rows[1][-1] = "B"
    assert "Không có dòng nào mang mã “B”" in " ".join(told(reading(book(rows, columns=columns))))
    rows = [["A", "", 20, None, *blank, "B"], ["B", "", 20, None, *blank, "A"]]
    assert "chứa lẫn nhau" in " ".join(told(reading(book(rows, columns=columns))))


def test_merged_points_are_refused_in_every_row_they_cover():
    made = book([GROUP, LEAF, ["I.2", "Khác", None, "Chấm trực tiếp"]])
    made["Tiêu chí"].merge_cells("C3:C4")
    (fault,) = [f for f in reading(made).faults if f.row == 4 and "gộp" in f.wrong]
    assert fault.wrong == "Ô này gộp từ dòng 3 đến dòng 4."


def test_a_file_without_conventions_keeps_those_that_stand():
    present = {"name": "Bảng đang soạn", "scale_total": "20", "rounding": {"places": 1}}
    found = reading(book([GROUP, LEAF], head=None), present=present)
    assert table_of(found)["name"] == "Bảng đang soạn"
    assert table_of(found)["rounding"] == {"places": 1}
    assert any("giữ quy ước của bảng hiện có" in note for note in found.notes)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (["Mã", "Nội dung", "Điểm tối đa"], "Hàng tiêu đề thiếu cột “Loại”"),
        (["A", "B", "C", "D"], "Không thấy hàng tiêu đề"),
        ([*COLUMNS, "Mã"], "có hai cột “Mã”"),
    ],
)
def test_a_header_that_cannot_be_used_is_told(columns, said):
    assert any(said in words for words in told(reading(book([GROUP, LEAF], columns=columns))))


def test_a_workbook_without_the_sheet_is_told_which_one_is_missing():
    made = book([GROUP, LEAF], sheet="Một")
    assert reading(made).table is not None
    second = made.copy_worksheet(made["Một"])
    second.title = "Hai"
    assert "Không thấy trang tính “Tiêu chí”" in told(reading(made))[0]


def test_what_is_read_is_what_the_engine_takes():
    found = reading(book([GROUP, LEAF]))
    table = table_of(found)
    assert canonical(table_of(reading(write(table)))) == read_table(table).canonical
