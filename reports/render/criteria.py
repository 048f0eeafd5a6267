"""The criteria table of a scoring regulation: every row, the rule of each leaf in words."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from reports.render.words import capital, figure, glue

Rule = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """A group or a leaf as printed."""

    code: str
    title: str
    points: str
    unit_of_measure: str
    how: str
    depth: int
    is_group: bool


def rows_of(table: dict[str, Any]) -> list[CriterionRow]:
    """Return all rows in the order of the table."""
    return [
        CriterionRow(
            row["code"],
            glue(row["title"] or f"Tiêu chí {row['code']}"),
            figure(row["max"]),
            row["unit_of_measure"],
            words_of(row["rule"]) if row["rule"] else _GROUPS.get(row["kind"], ""),
            int(row["depth"]),
            row["rule"] is None,
        )
        for row in table["rows"]
    ]


def words_of(rule: Rule) -> str:
    """Say in one phrase how a leaf is scored."""
    words = _WORDS.get(rule.get("kind", ""))
    return capital(glue(words(rule))) if words else "Theo quy tắc của bảng tiêu chí"


def _levels(rule: Rule) -> str:
    return "; ".join(f"{level['label']}: {figure(level['points'])}" for level in rule["levels"])


def _percent_of_target(rule: Rule) -> str:
    cap = rule.get("cap_percent", "100")
    text = "Điểm tối đa nhân tỷ lệ đạt chỉ tiêu"
    text += f", tính đến {figure(cap)} %" if cap is not None else ", không giới hạn trên"
    floor = rule.get("floor_percent")
    return f"{text}; dưới {figure(floor)} %: 0" if floor is not None else text


def _cluster_relative(rule: Rule) -> str:
    share = figure(_percent(rule.get("lead_share", "0.5")))
    text = f"So với đơn vị vượt cao nhất; đạt đủ được {share} %"
    if rule.get("no_target") == "skip":
        return f"{text}; không có chỉ tiêu: không tính"
    return f"{text}; không có chỉ tiêu: xếp nhóm riêng"


def _ratio_to_best(rule: Rule) -> str:
    best = "thấp nhất" if rule.get("direction") == "down" else "cao nhất"
    return f"Theo tỷ lệ so với đơn vị có kết quả {best}"


def _bands(rule: Rule) -> str:
    unit = {"attainment_percent": " %", "days_late": " ngày"}.get(rule.get("on", ""), "")
    return "; ".join(f"{_band(band, unit)}: {figure(band['points'])}" for band in rule["bands"])


def _band(band: dict[str, Any], unit: str) -> str:
    ends = []
    if band.get("from") is not None:
        sign = "từ" if band.get("from_inclusive", True) else "trên"
        ends.append(f"{sign} {figure(band['from'])}{unit}")
    if band.get("to") is not None:
        sign = "đến" if band.get("to_inclusive", False) else "dưới"
        ends.append(f"{sign} {figure(band['to'])}{unit}")
    return " ".join(ends) or "mọi mức"


def _deduct_short(rule: Rule) -> str:
    text = f"Thiếu mỗi 1 % so với chỉ tiêu trừ {figure(rule['per_percent'])} điểm"
    floor = rule.get("floor_percent")
    return f"{text}; dưới {figure(floor)} %: 0" if floor is not None else text


def _per_occurrence(rule: Rule) -> str:
    items = "; ".join(f"{item['label']}: {figure(item['points_each'])}" for item in rule["items"])
    limits = [
        f"{word} {figure(rule[name])}"
        for name, word in (("min", "không dưới"), ("max", "không quá"))
        if rule.get(name) is not None
    ]
    return f"{items} (mỗi lần{', ' + ', '.join(limits) if limits else ''})"


def _zero_tolerance(rule: Rule) -> str:
    text = "Không xảy ra: điểm tối đa; có xảy ra: 0"
    return f"{text} và không xét thi đua" if rule.get("veto") else text


def _rank_points(rule: Rule) -> str:
    points = "; ".join(f"thứ {i}: {figure(p)}" for i, p in enumerate(rule["points"], 1))
    return f"Theo thứ hạng được xếp ({points})"


def _percent(share: str) -> str:
    """Turn a share written as a decimal into per cent without floats."""
    return str(Decimal(share) * 100)


_GROUPS: Final = {"bonus": "Điểm thưởng", "penalty": "Điểm trừ"}
_WORDS: Final[dict[str, Callable[[Rule], str]]] = {
    "direct": lambda _: "Chấm trực tiếp, không quá điểm tối đa",
    "pass_fail": lambda _: "Đạt: điểm tối đa; không đạt: 0",
    "levels": _levels,
    "percent_of_target": _percent_of_target,
    "cluster_relative": _cluster_relative,
    "ratio_to_best": _ratio_to_best,
    "bands": _bands,
    "deduct_short": _deduct_short,
    "deduct_per_event": lambda rule: f"Mỗi vụ, việc trừ {figure(rule['points_each'])} điểm",
    "per_occurrence": _per_occurrence,
    "zero_tolerance": _zero_tolerance,
    "rank_points": _rank_points,
}
