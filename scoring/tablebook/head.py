"""The conventions of a table in words and back: the lines of the sheet *Quy ước*."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from core.text import format_number
from scoring.tablebook import names
from scoring.tablebook.phrases import (
    BROKEN,
    NUMBER,
    Found,
    Misread,
    folded,
    in_quotes,
    key_of,
    label_words,
    quote,
    read_number,
    split_items,
    split_pair,
    vn,
)

RANKED_BY: Final = {"percent": "Tỷ lệ phần trăm điểm đạt được", "total": "Tổng điểm"}
_BY: Final = {
    **{key_of(words): key for key, words in RANKED_BY.items()},
    "ty le phan tram": "percent",
    "ty le": "percent",
    "tong so diem": "total",
}
_OUTSIDE: Final = {"bonus": "điểm thưởng", "penalty": "điểm trừ"}
_TIES: Final = {**{key_of(words): key for key, words in _OUTSIDE.items()}, "diem cong": "bonus"}
_GROUP: Final = re.compile(r"(?:diem )?nhom\s+(?=\S)")
_PLACES: Final = re.compile(rf"({NUMBER})(?: chu so(?: thap phan)?(?: (?:sau|phan) .*)?)?")
_FROM: Final = re.compile(rf"(?:tu|>=|≥)?\s*({NUMBER})\s*%?(?: tro len)?")
_MOST_PLACES: Final = 6
_PREFIX: Final = "group:"

#: How each line is written, for the guide beside it.
HINTS: Final = {
    names.NAME: "Tên đầy đủ của bảng tiêu chí.",
    names.SCALE: "Bằng tổng điểm tối đa của các nhóm, không kể nhóm điểm thưởng, điểm trừ.",
    names.ROUNDING: "Số chữ số sau dấu phẩy của điểm, từ 0 đến 6. Để trống là 2.",
    names.RANKING: f"“{RANKED_BY['percent']}” hoặc “{RANKED_BY['total']}”. "
    f"Để trống là “{RANKED_BY['percent']}”.",
    names.TIES: "Xét lần lượt khi bằng điểm, ví dụ “nhóm I; điểm thưởng; điểm trừ”.",
    names.GRADES: "Ghi từ cao xuống thấp, ví dụ “Xuất sắc: từ 90; Tốt: từ 80; Khá: từ 65”.",
}


def head_cells(table: Mapping[str, Any]) -> dict[str, str]:
    """Write the conventions of a table; what the table leaves out stays empty."""
    rounding, ranking = table.get("rounding", {}), table.get("ranking", {})
    grades = table.get("classification", [])
    return {
        names.NAME: table.get("name", ""),
        names.SCALE: vn(table.get("scale_total")),
        names.ROUNDING: str(rounding.get("places", "")),
        names.RANKING: RANKED_BY.get(ranking.get("by", ""), ""),
        names.TIES: "; ".join(map(_tie_words, ranking.get("tie_breakers", []))),
        names.GRADES: "; ".join(
            f"{label_words(row.get('label', ''))}: từ {vn(row.get('from'))}" for row in grades
        ),
    }


def _tie_words(word: str) -> str:
    if word in _OUTSIDE:
        return _OUTSIDE[word]
    code = word.removeprefix(_PREFIX)
    # Nothing follows it in its item: a dot at its end would be taken for the end of a sentence.
    return f"nhóm {in_quotes(code) if code.endswith('.') else label_words(code)}"


def read_head(cells: Mapping[str, str]) -> dict[str, Found]:
    """Read the lines that are not empty: line → the keys of the table it gives, and its faults."""
    found: dict[str, Found] = {}
    for name, read in _READERS.items():
        if cells.get(name):
            found[name] = Found()
            try:
                read(cells[name], found[name])
            except Misread as fault:
                found[name].faults.append(fault)
    return found


def _name(typed: str, found: Found) -> None:
    found.values["name"] = " ".join(typed.split())


def _scale(typed: str, found: Found) -> None:
    found.values["scale_total"] = BROKEN
    found.values["scale_total"] = read_number(re.sub(r"\s*diem$", "", folded(typed).strip()))


def _rounding(typed: str, found: Found) -> None:
    match = _PLACES.fullmatch(" ".join(folded(typed).split()))
    number = read_number(match[1]) if match else ""
    if not number.isdigit() or int(number) > _MOST_PLACES:
        found.values["rounding"] = {"places": BROKEN}
        raise Misread(f"Không hiểu cách làm tròn {quote(typed)}.", "Ghi một số từ 0 đến 6.")
    found.values["rounding"] = {"places": int(number)}


def _ranking(typed: str, found: Found) -> None:
    by = _BY.get(key_of(typed))
    if by is None:
        allowed = " hoặc ".join(f"“{words}”" for words in RANKED_BY.values())
        raise Misread(f"Không hiểu {quote(typed)}.", f"Ghi {allowed}.")
    found.values["by"] = by


def _ties(typed: str, found: Found) -> None:
    words = []
    for item in split_items(typed):
        prefix = _GROUP.match(folded(item))
        if key_of(item) in _TIES:
            words.append(_TIES[key_of(item)])
        elif prefix:
            words.append(_PREFIX + _bare(item[prefix.end() :]))
        else:
            wrong = f"Không hiểu {quote(item)}."
            instead = "Ghi “nhóm” kèm mã nhóm, “điểm thưởng” hoặc “điểm trừ”."
            found.faults.append(Misread(wrong, instead))
    found.values["tie_breakers"] = words


def _bare(code: str) -> str:
    code = code.strip()
    is_quoted = len(code) > 1 and code[0] == code[-1] == '"'
    return code[1:-1].replace('""', '"') if is_quoted else code


def _grades(typed: str, found: Found) -> None:
    rows: list[Any] = []
    for item in split_items(typed):
        try:
            label, start = split_pair(item)
            _require_short(label)
            match = _FROM.fullmatch(" ".join(folded(start).split()))
            rows.append({"label": label, "from": read_number(match[1] if match else start)})
        except Misread as fault:
            rows.append(BROKEN)
            found.faults.append(fault)
    found.values["classification"] = rows


def _require_short(label: str) -> None:
    if len(label) > names.LONGEST_GRADE:
        wrong = f"Tên loại {quote(label)} dài {format_number(len(label))} ký tự."
        raise Misread(wrong, f"Rút ngắn còn tối đa {names.LONGEST_GRADE} ký tự.")


_READERS: Final[dict[str, Callable[[str, Found], None]]] = {
    names.NAME: _name,
    names.SCALE: _scale,
    names.ROUNDING: _rounding,
    names.RANKING: _ranking,
    names.TIES: _ties,
    names.GRADES: _grades,
}
