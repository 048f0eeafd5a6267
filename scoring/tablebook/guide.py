"""What the sheet *Hướng dẫn* tells people who fill in a workbook by hand."""

from typing import Final

from scoring.tablebook.names import GROUP_KINDS, RULE_KINDS
from scoring.tablebook.rules import PHRASINGS

_WHEN: Final = {
    "direct": "Người chấm cho điểm trực tiếp, không quá điểm tối đa.",
    "pass_fail": "Đạt thì được điểm tối đa, không đạt thì 0 điểm.",
    "levels": "Mỗi mức xếp loại có một số điểm.",
    "percent_of_target": "Điểm tối đa nhân với tỷ lệ kết quả trên chỉ tiêu.",
    "cluster_relative": "Đạt đủ chỉ tiêu được một phần điểm; vượt cao nhất được điểm tối đa.",
    "ratio_to_best": "So với kết quả tốt nhất trong các đơn vị.",
    "bands": "Kết quả, tỷ lệ hoàn thành hoặc số ngày chậm thuộc bậc nào thì được điểm bậc đó.",
    "deduct_short": "Thiếu mỗi phần trăm so với chỉ tiêu thì trừ một số điểm.",
    "deduct_per_event": "Mỗi vụ, việc xảy ra thì trừ một số điểm.",
    "per_occurrence": "Mỗi lần khen, chê được cộng hoặc bị trừ một số điểm.",
    "zero_tolerance": "Không xảy ra thì được điểm tối đa, xảy ra thì 0 điểm.",
    "rank_points": "Cơ quan khác xếp hạng; mỗi thứ hạng có một số điểm, lấy trung bình.",
    "bonus": "Nhóm ở cấp cao nhất, đứng ngoài thang điểm; điểm được cộng thêm.",
    "penalty": "Nhóm ở cấp cao nhất, đứng ngoài thang điểm; điểm bị trừ đi.",
}
_GROUP_CAP: Final = "tối đa 50\n(hoặc để trống)"

#: Below the kinds, a line each.
ADVICE: Final = (
    "Mỗi dòng của trang Tiêu chí là một nhóm hoặc một tiêu chí, có một mã riêng.",
    "Mã cho biết dòng thuộc nhóm nào: I.1 thuộc nhóm I, I.1.a thuộc I.1.",
    "Nếu mã không cho biết nhóm, thêm cột Thuộc nhóm ở cuối và ghi mã của nhóm chứa dòng đó.",
    "Dòng của nhóm để trống cột Loại; điểm tối đa bằng tổng điểm của các dòng bên dưới.",
    "Nhóm điểm thưởng, điểm trừ có thể để trống điểm tối đa.",
    "Số ghi kiểu Việt Nam: dấu phẩy trước phần thập phân, ví dụ 1,75.",
    "Cột Tham số: ngăn các mục bằng dấu chấm phẩy hoặc xuống dòng (Alt+Enter).",
    "Tên có dấu chấm phẩy hoặc hai chấm thì đặt trong dấu ngoặc kép thẳng.",
    "Cột Minh chứng bắt buộc ghi “có” hoặc “x”; để trống hoặc “không” là không bắt buộc.",
)


def kinds_in_words() -> list[tuple[str, str, str]]:
    """Return a row for each kind: its name, when it is used, what its parameters look like."""
    kinds = [
        (name, _WHEN[kind], "\n".join(PHRASINGS[kind].examples) or "(để trống)")
        for kind, name in RULE_KINDS.items()
    ]
    return kinds + [(name, _WHEN[kind], _GROUP_CAP) for kind, name in GROUP_KINDS.items()]
