"""Rules in words and back: the cells *Loại* and *Tham số* of a criterion.

`PHRASINGS` is the one table of what each kind can say; a further kind of the engine gets a row here
(a test holds the two tables together).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from scoring.tablebook.bands import DAYS_LATE, band_words, is_about_days, read_band
from scoring.tablebook.names import GROUP_KINDS, RULE_KINDS
from scoring.tablebook.phrases import (
    BROKEN,
    NUMBER,
    Figure,
    Found,
    Misread,
    Phrase,
    Words,
    folded,
    key_of,
    label_words,
    quote,
    read_number,
    read_points,
    split_items,
    split_pair,
    vn,
)

_DIRECTION: Final = Words("direction", {"down": "càng ít càng tốt", "up": "càng nhiều càng tốt"})
_BASELINE: Final = Words(
    "baseline", {True: "so với năm trước", False: "không so với năm trước"}
)  # fmt: skip
_NO_TARGET: Final = Words(
    "no_target",
    {
        "own_group": "không có chỉ tiêu thì so trong nhóm riêng",
        "skip": "không có chỉ tiêu thì không tính",
    },
)
_VETO: Final = Words(
    "veto",
    {True: "vi phạm thì không xếp hạng", False: "vi phạm vẫn xếp hạng"},
    also={"vi pham khong xep hang": True, "khong xep hang": True},
)
_ON: Final = Words(
    "on",
    {
        "actual": "theo kết quả",
        "attainment_percent": "theo tỷ lệ hoàn thành chỉ tiêu",
        DAYS_LATE: "theo số ngày chậm",
    },
    also={
        "theo ket qua thuc hien": "actual",
        "theo ty le hoan thanh": "attainment_percent",
        "theo ngay cham": DAYS_LATE,
    },
)
_CAP: Final = Figure(
    "cap_percent",
    "tính tối đa {} %",
    re.compile(rf"(?:tinh )?toi da ({NUMBER}) ?%"),
    nothing="không giới hạn mức tối đa",
    example="120",
)
_FLOOR: Final = Figure(
    "floor_percent",
    "dưới {} % được 0 điểm",
    re.compile(rf"(?:dat )?duoi ({NUMBER}) ?% (?:thi )?(?:duoc |tinh |cham )?0 diem"),
    nothing="không có mức tối thiểu",
)
_LEAD_SHARE: Final = Figure(
    "lead_share",
    "đạt đủ chỉ tiêu được {} % điểm tối đa",
    re.compile(rf"dat (?:du |dung )?chi tieu (?:thi )?duoc ({NUMBER}) ?% (?:so )?diem(?: toi da)?"),
    is_share=True,
)
_PER_PERCENT: Final = Figure(
    "per_percent",
    "mỗi phần trăm thiếu trừ {} điểm",
    re.compile(
        rf"(?:cu )?(?:moi )?(?:phan tram|1 ?%|%) (?:con )?thieu (?:bi )?tru ({NUMBER})(?: diem)?"
    ),
    example="0,5",
)
_POINTS_EACH: Final = Figure(
    "points_each",
    "mỗi lần trừ {} điểm",
    re.compile(rf"(?:cu )?(?:moi|1|mot) [a-z ,/]+ (?:bi )?tru ({NUMBER})(?: diem)?"),
    example="2",
)
_ATTAINMENT: Final[tuple[Phrase, ...]] = (_DIRECTION, _BASELINE)

_TOTAL: Final = re.compile(
    rf"(?:tong |tong diem )?(?:tu ({NUMBER})(?: diem)?)? ?(?:(?:den|toi da) ({NUMBER})(?: diem)?)?"
)
_TIMES: Final = re.compile(r"\s*moi lan\s*:\s*(?=\S)")
_SIGNED: Final = re.compile(rf"(cong|tru|\+|-)?\s*({NUMBER})\s*(?:diem)?")
_RANK: Final = re.compile(r"(?:hang|thu|thu hang|giai)?\s*(\d+)(?: tro (?:di|xuong))?\s*:\s*(.+)")
_OUTSIDE: Final = "Trong nhóm điểm trừ, ghi “trừ 2” để trừ thêm hoặc “cộng 2” để bớt trừ."
_INSIDE: Final = "Ghi ví dụ “Giấy khen: cộng 2; Nhắc nhở: trừ 1”."


@dataclass(frozen=True, slots=True)
class Phrasing:
    """What the cell *Tham số* of a kind can say."""

    phrases: tuple[Phrase, ...] = ()
    #: The key of its list, and how an item of it is written.
    entries: str = ""
    example: str = ""
    #: Keys without which the rule says nothing.
    needed: tuple[str, ...] = ()

    @property
    def examples(self) -> list[str]:
        """Show what can be written in the cell."""
        listed = [self.example] if self.example else []
        return listed + [words for phrase in self.phrases for words in phrase.examples]


PHRASINGS: Final[dict[str, Phrasing]] = {
    "direct": Phrasing(),
    "pass_fail": Phrasing(),
    "levels": Phrasing((), "levels", "Tốt: 10; Khá: 7; Trung bình: 5", ("levels",)),
    "percent_of_target": Phrasing((_CAP, _FLOOR, *_ATTAINMENT)),
    "cluster_relative": Phrasing((_LEAD_SHARE, _NO_TARGET, *_ATTAINMENT)),
    "ratio_to_best": Phrasing((_DIRECTION,)),
    "bands": Phrasing(
        (_ON, *_ATTAINMENT), "bands", "từ 95 đến dưới 100: 1,75; dưới 95: 0", ("bands",)
    ),
    "deduct_short": Phrasing((_PER_PERCENT, _FLOOR, *_ATTAINMENT), needed=("per_percent",)),
    "deduct_per_event": Phrasing((_POINTS_EACH,), needed=("points_each",)),
    "per_occurrence": Phrasing(
        (), "items", "Giấy khen: cộng 2; Nhắc nhở: trừ 1; tổng từ 0 đến 10", ("items",)
    ),
    "zero_tolerance": Phrasing((_VETO,)),
    "rank_points": Phrasing((), "points", "hạng 1: 60; hạng 2: 45; hạng 3 trở đi: 0", ("points",)),
}


# Writing ------------------------------------------------------------------------------------


def rule_words(rule: Mapping[str, Any], *, takes_away: bool) -> str:
    """Write the parameters of a rule; `takes_away` in groups of penalty points.

    A draft may lack some of them: what is not there is not said.
    """
    phrasing = PHRASINGS[rule["kind"]]
    first = [_ON.say(rule["on"])] if "on" in rule else []
    listed = _entry_words(rule, takes_away=takes_away)
    rest = [p.say(rule[p.key]) for p in phrasing.phrases if p.key in rule and p.key != "on"]
    return "; ".join(filter(None, [*first, *listed, *rest]))


def _entry_words(rule: Mapping[str, Any], *, takes_away: bool) -> list[str]:
    rows = rule.get(PHRASINGS[rule["kind"]].entries) or []
    match rule["kind"]:
        case "levels":
            return [f"{label_words(row.get('label', ''))}: {vn(row.get('points'))}" for row in rows]
        case "bands":
            return [band_words(band, rule.get("on", "")) for band in rows]
        case "per_occurrence":
            return [_item_words(row, takes_away=takes_away) for row in rows] + _total_words(rule)
        case "rank_points":
            ranks = [f"hạng {rank}: {vn(worth)}" for rank, worth in enumerate(rows, start=1)]
            return [*ranks[:-1], *(words.replace(":", " trở đi:") for words in ranks[-1:])]
    return []


def _item_words(item: Mapping[str, str], *, takes_away: bool) -> str:
    label = label_words(item.get("label", ""), reserved=("moi lan",))
    return f"{label}: {_signed(item.get('points_each') or '', takes_away=takes_away)}"


def _signed(points: str, *, takes_away: bool) -> str:
    """Say whether points are given or taken; in penalty groups positive ones are taken."""
    is_negative = points.startswith("-")
    return f"{'trừ' if is_negative != takes_away else 'cộng'} {vn(points.removeprefix('-'))}"


def _total_words(rule: Mapping[str, Any]) -> list[str]:
    ends = [
        f"{word} {vn(rule[key])}" for key, word in (("min", "từ"), ("max", "đến")) if key in rule
    ]
    return [f"tổng {' '.join(ends)}"] if ends else []


# Reading ------------------------------------------------------------------------------------


def read_kind(typed: str) -> str:
    """Read the name of a rule kind or of a kind of groups; their keys do not meet."""
    key = _kind_key(typed)
    found = _KINDS.get(key)
    if found is None:
        raise Misread(f"Không có loại {quote(typed)}.", _other_kinds(key))
    return found


def _other_kinds(key: str) -> str:
    """Say which kind was probably meant, or all there are."""
    all_names = RULE_KINDS | GROUP_KINDS
    for near in get_close_matches(key, _KINDS, n=1, cutoff=0.6):
        meant = all_names[_KINDS[near]]
        return f"Có phải “{meant}”? Tên các loại có ở trang Hướng dẫn của tệp mẫu."
    return f"Ghi một trong: {'; '.join(all_names.values())}."


def _kind_key(text: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", folded(text)).split())


_KINDS: Final[dict[str, str]] = {
    **{_kind_key(name): key for key, name in (RULE_KINDS | GROUP_KINDS).items()},
    "cham thang": "direct",
    "dat khong dat": "pass_fail",
    "so voi don vi dan dau": "cluster_relative",
    "thuong": "bonus",
    "diem cong": "bonus",
    "tru": "penalty",
}


def read_rule(kind: str, typed: str, *, takes_away: bool) -> Found:
    """Read the cell *Tham số* of a criterion of this kind; what is sound stays, beside faults."""
    found = Found({"kind": kind})
    phrasing = PHRASINGS[kind]
    items = split_items(typed)
    if kind == "bands":
        is_late = any(map(is_about_days, items))
        found.values["on"] = DAYS_LATE if is_late else "actual"
    if kind == "per_occurrence" and items:
        items[0] = items[0][_prefix(items[0]) :]
    told: set[str] = set()
    for item in items:
        try:
            _read_item(found, phrasing, item, told, takes_away=takes_away)
        except Misread as fault:
            found.faults.append(_within(item, fault))
            if phrasing.entries:
                found.values.setdefault(phrasing.entries, []).append(BROKEN)
    _check_whole(found, kind, phrasing)
    return found


def _within(item: str, fault: Misread) -> Misread:
    """Say in which item a fault stands, unless it says so itself."""
    if "“" in fault.wrong:
        return fault
    return Misread(f"Trong mục {quote(item)}: {fault.wrong}", fault.instead)


def _prefix(item: str) -> int:
    match = _TIMES.match(folded(item))
    return match.end() if match else 0


def _read_item(
    found: Found, phrasing: Phrasing, item: str, told: set[str], *, takes_away: bool
) -> None:
    """Read one item: a phrase of the kind, or an entry of its list."""
    for phrase in phrasing.phrases:
        is_said, value = phrase.read(item)
        if is_said:
            if phrase.key in told:
                raise Misread(f"Ghi hai lần cùng một điều: {quote(item)}.", "Bỏ bớt một lần.")
            told.add(phrase.key)
            found.values[phrase.key] = value
            return
    if not phrasing.entries:
        raise Misread(f"Không hiểu {quote(item)}.", _allowed(phrasing))
    if phrasing.entries == "items" and (ends := _read_total(item)):
        found.values |= ends
        return
    entries = found.values.setdefault(phrasing.entries, [])
    entries.append(_read_entry(phrasing.entries, item, len(entries) + 1, takes_away=takes_away))


def _allowed(phrasing: Phrasing) -> str:
    if not phrasing.examples:
        return "Loại này không có tham số, để trống ô."
    return "Ô này nhận: " + "; ".join(f"“{words}”" for words in phrasing.examples) + "."


def _read_entry(key: str, item: str, place: int, *, takes_away: bool) -> Any:  # noqa: ANN401
    if key == "bands":
        return read_band(item)
    if key == "points":
        return _read_rank(item, place)
    label, number = split_pair(item)
    if not label.strip():
        raise Misread(f"Không thấy tên trước số điểm {quote(item)}.", "Ghi “tên: điểm”.")
    if key == "levels":
        return {"label": label, "points": read_points(number)}
    return {"label": label, "points_each": _read_signed(number, takes_away=takes_away)}


def _read_signed(typed: str, *, takes_away: bool) -> str:
    """Read points that are given or taken; a bare sign could mean two things among penalties."""
    match = _SIGNED.fullmatch(" ".join(folded(typed).split()))
    if match is None:
        return read_number(typed)
    word, number = match[1], read_number(match[2])
    if number.startswith("-"):
        word, number = ("-" if word is None else "?"), number.removeprefix("-")
    if word == "?":
        raise Misread(f"Không rõ cộng hay trừ: {quote(typed)}.", _INSIDE)
    if takes_away and word in ("+", "-"):
        raise Misread(f"Không rõ cộng hay trừ: {quote(typed)}.", _OUTSIDE)
    is_negative = word in (("cong",) if takes_away else ("tru", "-"))
    return f"-{number}" if is_negative else number


def _read_total(item: str) -> dict[str, str]:
    """Read the ends of the sum of occurrences; empty where the item says something else."""
    match = _TOTAL.fullmatch(" ".join(folded(item).split()))
    ends = zip(("min", "max"), match.groups(), strict=True) if match else ()
    return {key: read_number(number) for key, number in ends if number is not None}


def _read_rank(item: str, place: int) -> str:
    match = _RANK.fullmatch(" ".join(folded(item).split()))
    if match is None:
        return read_points(item)
    if int(match[1]) != place:
        wrong = f"Hạng {match[1]} đứng ở chỗ của hạng {place}."
        raise Misread(wrong, "Ghi lần lượt hạng 1, hạng 2, hạng 3, không bỏ hạng nào.")
    return read_points(match[2])


def _check_whole(found: Found, kind: str, phrasing: Phrasing) -> None:
    """Ask for what the kind cannot do without, and refuse what only fits one way of bands."""
    for key in phrasing.needed:
        if key not in found.values and not found.faults:
            name = RULE_KINDS[kind]
            found.faults.append(Misread(f"Loại “{name}” cần có tham số.", _allowed(phrasing)))
    attained = [p for p in _ATTAINMENT if p.key in found.values]
    if kind == "bands" and found.values["on"] != "attainment_percent" and attained:
        said = quote(attained[0].say(found.values[attained[0].key]))
        wrong = f"{said} chỉ dùng cho bậc theo tỷ lệ hoàn thành."
        instead = f"Ghi thêm “{_ON.say('attainment_percent')}” hoặc bỏ điều này."
        found.faults.append(Misread(wrong, instead))
        for phrase in attained:
            del found.values[phrase.key]


def key_words() -> dict[str, list[str]]:
    """Return what the cell *Tham số* can say, by kind: the guide of the workbook prints it."""
    return {kind: phrasing.examples for kind, phrasing in PHRASINGS.items()}


__all__ = ["PHRASINGS", "key_of", "key_words", "read_kind", "read_rule", "rule_words"]
