"""What the parts of a criteria table are called in Vietnamese: rule kinds, groups, columns."""

from collections.abc import Mapping
from typing import Any, Final

#: The kinds of rules, as the pages print them and as officials write them in Excel.
RULE_KINDS: Final[dict[str, str]] = {
    "direct": "Chấm trực tiếp",
    "pass_fail": "Đạt hoặc không đạt",
    "levels": "Theo mức xếp loại",
    "percent_of_target": "Theo tỷ lệ đạt chỉ tiêu",
    "cluster_relative": "So với đơn vị dẫn đầu cụm",
    "ratio_to_best": "Theo tỷ lệ so với kết quả tốt nhất",
    "bands": "Theo bậc",
    "deduct_short": "Trừ theo phần trăm thiếu",
    "deduct_per_event": "Trừ theo số vụ, việc",
    "per_occurrence": "Cộng, trừ theo số lần",
    "zero_tolerance": "Không để xảy ra",
    "rank_points": "Theo thứ hạng được đánh giá",
}
GROUP_KINDS: Final[dict[str, str]] = {"bonus": "Điểm thưởng", "penalty": "Điểm trừ"}

#: The sheets of the workbook (scoring rules, section 4).
CRITERIA, HEAD, GUIDE, EXAMPLES = "Tiêu chí", "Quy ước", "Hướng dẫn", "Ví dụ"
#: Holds the table as it was written, hidden: see `tablebook.original`.
ORIGINAL: Final = "Bản gốc"

CODE, TITLE, MAX, KIND = "Mã", "Nội dung tiêu chí", "Điểm tối đa", "Loại"
UNIT, TARGET, RULE = "Đơn vị tính", "Chỉ tiêu", "Tham số"
BASIS, EVIDENCE = "Căn cứ", "Minh chứng bắt buộc"
#: The header row, in this order.
COLUMNS: Final = (CODE, TITLE, MAX, KIND, UNIT, TARGET, RULE, BASIS, EVIDENCE)
#: A further column, written only where the codes do not show which group a row belongs to.
PARENT: Final = "Thuộc nhóm"
#: Stands in it where a row belongs to no group although its code looks like it.
TOP_LEVEL: Final = "(cấp cao nhất)"

#: The lines of the sheet of conventions.
NAME, SCALE, ROUNDING = "Tên bảng", "Thang điểm", "Làm tròn"
RANKING, TIES, GRADES = "Xếp hạng theo", "Phân định đồng hạng", "Xếp loại"
HEAD_LINES: Final = (NAME, SCALE, ROUNDING, RANKING, TIES, GRADES)

#: Letters that the texts of a table may have, by their keys in the interchange format: the one set
#: for the editor, for files and for what is stored. Longer texts belong into the paper that the
#: table goes with.
LONGEST: Final[dict[str, int]] = {
    "name": 300, "code": 40, "title": 600, "unit_of_measure": 40, "legal_basis": 1000,
}  # fmt: skip
#: The same for the label of a level or of something counted, and of a row of the classification.
LONGEST_LABEL, LONGEST_GRADE = 200, 60


def long_labels(rule: Mapping[str, Any]) -> list[str]:
    """Return the labels of a rule in the interchange format that are too long to be stored."""
    entries = [*rule.get("levels", ()), *rule.get("items", ())]
    labels = (entry.get("label", "") for entry in entries if isinstance(entry, dict))
    return [label for label in labels if len(label) > LONGEST_LABEL]
