"""Small pieces of official writing that the papers share."""

import re
from datetime import date, datetime
from decimal import Decimal

from core.text import LOCAL_ZONE, NBSP, format_date_long, format_number

#: A word stays on one line with the figure after it ("ngày 04", "Điều 5"), a figure with its sign.
_WITH_NEXT = re.compile(
    r"\b([Nn]gày|[Tt]háng|[Nn]ăm|[Qq]uý|[Ss]ố|[Đđ]iều|[Kk]hoản|[Đđ]iểm|[Mm]ục) (?=[\dIVX])"
)
_SIGN_WITH_NEXT = re.compile(r"([≥≤><=]) (?=\d)")
_WITH_PREVIOUS = re.compile(r"(?<=\d) (?=%)")
_END = re.compile(r"[\s;,.:/]+$")
_OWN_NUMBER = re.compile(r"^(?:[0-9]+(?:\.[0-9]+)*[.)/]|[IVXLC]+\.|[a-zđ]\)|[-–+•]|Điều\s+\d+)\s*")


def glue(text: str) -> str:
    """Put no-break spaces where a line must not end."""
    text = _WITH_NEXT.sub(lambda match: match[1] + NBSP, text)
    text = _SIGN_WITH_NEXT.sub(lambda match: match[1] + NBSP, text)
    return _WITH_PREVIOUS.sub(NBSP, text)


def paragraphs(text: str) -> list[str]:
    """Split a text as typed into its paragraphs."""
    return [glue(line.strip()) for line in text.splitlines() if line.strip()]


def without_end(text: str) -> str:
    """Drop closing punctuation, so that the paper's own can be set."""
    return _END.sub("", text.strip())


def has_own_number(text: str) -> bool:
    """Whether the author numbered the text; then the paper does not number it again."""
    return bool(_OWN_NUMBER.match(text))


def capital(text: str) -> str:
    """Begin with a capital letter and leave the rest as it is."""
    return text[:1].upper() + text[1:]


def local_name(name: str, organiser: str) -> str:
    """Leave out the superior that the head of the paper names: ", Công an tỉnh Quảng Bình"."""
    return name.removesuffix(f", {organiser}")


def day(iso: str) -> date:
    """Read a date of the frozen content."""
    return date.fromisoformat(iso)


def moment(iso: str) -> datetime:
    """Read a moment of the frozen content, by the clock of Vietnam."""
    return datetime.fromisoformat(iso).astimezone(LOCAL_ZONE)


def long_date(iso: str) -> str:
    """Write a date as the texts of papers do: ``ngày 04 tháng 3 năm 2020``."""
    return format_date_long(day(iso))


def to_the_second(iso: str) -> str:
    """Write a moment to the second with its time zone: ``09:46:07 ngày 04/03/2020 (UTC+07:00)``."""
    local = moment(iso)
    return f"{local:%H:%M:%S} ngày{NBSP}{local:%d/%m/%Y} (UTC+07:00)"


def to_the_minute(iso: str) -> str:
    """Write a moment as people say it: ``09:46 ngày 04/03/2020``."""
    local = moment(iso)
    return f"{local:%H:%M} ngày{NBSP}{local:%d/%m/%Y}"


def figure(number: str | None) -> str:
    """Write a figure of the frozen content the Vietnamese way; nothing stays nothing."""
    return "" if number is None else format_number(Decimal(number))


def points(number: str | None, places: int) -> str:
    """Write points with all decimals of the table: ``9,50``; nothing stays nothing."""
    return "" if number is None else format_number(Decimal(number), places)
