"""The count record (biên bản kiểm phiếu) on paper: rules, who took part, votes, outcome, tellers.

Of a secret vote only sums are in the content, so that nothing else can be printed.
"""

from dataclasses import dataclass
from itertools import zip_longest

from core.text import format_number
from reports.render.official import Content, Frame, frame_of
from reports.render.words import glue, to_the_minute


@dataclass(frozen=True, slots=True)
class Row:
    """A unit on the list, with its votes."""

    number: int
    unit: str
    rank: str
    points: str
    votes: str
    result: str
    is_chosen: bool
    by: str


@dataclass(frozen=True, slots=True)
class CountRecord:
    """Everything the template of the count record prints."""

    frame: Frame
    opening: list[str]
    rows: list[Row]
    shows_by: bool
    excluded: list[str]
    sums: list[str]
    outcome: str
    #: Units in two columns: name and what it did.
    voters: list[tuple[tuple[int, str, str], tuple[int, str, str] | None]]
    tellers: list[str]
    closing: str


def count_of(content: Content) -> CountRecord:
    """Lay out the record of a count."""
    data = content["data"]
    ballot, result = data["ballot"], data["result"]
    return CountRecord(
        frame=frame_of(content, "BIÊN BẢN KIỂM PHIẾU"),
        opening=_opening(data),
        rows=[_row(i, one) for i, one in enumerate(data["candidates"], 1)],
        shows_by=not ballot["is_secret"] and not ballot["on_paper"],
        excluded=[glue(f"{one['unit_name']}: {one['reason']}") for one in data["excluded"]],
        sums=_sums(result),
        outcome=glue(result["sentence"]),
        voters=_voters(data),
        tellers=data["tellers"],
        closing=_closing(data),
    )


def _opening(data: Content) -> list[str]:
    """Say what was voted on, how, from which result and by which rules."""
    ballot = data["ballot"]
    kind = "bỏ phiếu kín" if ballot["is_secret"] else "biểu quyết công khai"
    way = "bằng phiếu giấy" if ballot["on_paper"] else "trên hệ thống"
    return [
        glue(
            f"{data['head']['issuer']} {kind} {way}: {ballot['title']}. Danh sách lập theo kết quả "
            f"đã công bố của phiên chấm {ballot['run']}. Mở bỏ phiếu lúc "
            f"{to_the_minute(ballot['opened_at'])}, kiểm phiếu lúc "
            f"{to_the_minute(ballot['counted_at'])}."
        ),
        glue(f"Thể lệ: {ballot['rule'][:1].lower()}{ballot['rule'][1:]}"),
    ]


def _row(number: int, one: Content) -> Row:
    result = "Trúng" if one["chosen"] else "Bằng phiếu" if one["equal"] else "Không trúng"
    return Row(
        number,
        one["name"],
        "–" if one["rank"] is None else str(one["rank"]),
        one["points"],
        format_number(one["votes"]),
        result,
        one["chosen"],
        ", ".join(one["by"]),
    )


def _sums(result: Content) -> list[str]:
    present, members = format_number(result["present"]), format_number(result["members"])
    return [
        glue(
            f"Số đơn vị có mặt: {present}/{members}, cần ít nhất "
            f"{format_number(result['needed_present'])}."
        ),
        glue(
            f"Số phiếu thu về: {format_number(result['cast'])}, trong đó phiếu trắng, không hợp "
            f"lệ: {format_number(result['blank'])}. Số phiếu cần để trúng: "
            f"{format_number(result['needed_votes'])}."
        ),
    ]


def _voters(
    data: Content,
) -> list[tuple[tuple[int, str, str], tuple[int, str, str] | None]]:
    """Put the units into two columns, numbered downwards."""
    on_paper = data["ballot"]["on_paper"]
    told = [
        (place, one["name"], _did(one, on_paper=on_paper))
        for place, one in enumerate(data["voters"], 1)
    ]
    half = (len(told) + 1) // 2
    return [(left, right) for left, right in zip_longest(told[:half], told[half:]) if left]


def _did(one: Content, *, on_paper: bool) -> str:
    if not on_paper and one["voted"]:
        return "đã bỏ phiếu"
    if one["present"]:
        return "có mặt" if on_paper else "có mặt, không bỏ phiếu"
    return "vắng"


def _closing(data: Content) -> str:
    ballot, minutes = data["ballot"], data["minutes"]
    if minutes:
        return glue(
            f"Kết quả do ban kiểm phiếu đếm, nhập vào hệ thống kèm bản quét biên bản đã ký "
            f"“{minutes['name']}”, mã băm SHA-256 {minutes['sha256']}."
        )
    if ballot["is_secret"]:
        return (
            "Phiếu do hệ thống đếm. Hệ thống ghi đơn vị nào đã bỏ phiếu, không ghi đơn vị chọn ai."
        )
    return "Phiếu do hệ thống đếm."
