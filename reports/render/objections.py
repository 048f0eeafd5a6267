"""The list of objections and decisions on paper, landscape: what was asked, decided and why."""

from dataclasses import dataclass
from typing import Final

from core.text import format_date
from reports.render.official import Content, Frame, frame_of
from reports.render.words import day, glue, moment

_OUTCOMES: Final = {
    "ACCEPTED": "Chấp nhận",
    "REJECTED": "Không chấp nhận",
    "WITHDRAWN": "Đơn vị đã rút",
}


@dataclass(frozen=True, slots=True)
class Row:
    """An objection with its decision."""

    number: str
    unit: str
    about: str
    text: str
    asked: str
    sent: str
    outcome: str
    reason: str
    change: str


@dataclass(frozen=True, slots=True)
class Listed:
    """Everything the template of the list prints."""

    frame: Frame
    rows: list[Row]
    sums: str
    until: str


def listed_of(content: Content) -> Listed:
    """Lay out the list of objections."""
    data = content["data"]
    return Listed(
        frame=frame_of(content, "BẢNG TỔNG HỢP KIẾN NGHỊ VÀ KẾT QUẢ GIẢI QUYẾT"),
        rows=[_row(one) for one in data["objections"]],
        sums=_sums(data["objections"]),
        until=_until(data["publications"]),
    )


def _row(one: Content) -> Row:
    change = f"{one['before'] or 'chưa có'} → {one['after']}" if one["after"] else ""
    return Row(
        number=str(one["number"]),
        unit=glue(one["unit"]),
        about=glue(one["about"]),
        text=glue(one["text"]),
        asked=glue(one["asked"]),
        sent=_on(one["sent_at"]),
        outcome=f"{_OUTCOMES[one['status']]}, {_on(one['ended_at'])}",
        reason=glue(one["decision"]),
        change=glue(change),
    )


def _on(text: str) -> str:
    return format_date(moment(text).date())


def _sums(rows: list[Content]) -> str:
    counted = {status: sum(one["status"] == status for one in rows) for status in _OUTCOMES}
    said = f"{len(rows)} kiến nghị: {counted['ACCEPTED']} chấp nhận, "
    said += f"{counted['REJECTED']} không chấp nhận"
    return said + (f", {counted['WITHDRAWN']} đã rút." if counted["WITHDRAWN"] else ".")


def _until(publications: list[Content]) -> str:
    told = [
        f"phiên chấm {one['run']}, nhận kiến nghị đến hết ngày {format_date(day(one['until']))}"
        for one in publications
    ]
    return glue(f"Công bố tạm tính: {'; '.join(told)}.")
