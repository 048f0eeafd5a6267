"""Vietnamese text, numbers and dates: read as people type them, written as offices print them.

Pure functions without Django. What cannot be read is refused with a sentence that shows what to
type instead (an ``InputFault``); nothing is guessed, because a guessed figure is a wrong score.
"""

from core.text.dates import (
    DATE_HINT,
    LOCAL_ZONE,
    NBSP,
    days_left,
    format_date,
    format_date_long,
    format_datetime,
    parse_date,
)
from core.text.faults import DateFault, InputFault, NumberFault, TextFault
from core.text.glyphs import PRINTABLE, require_printable
from core.text.keys import given_name_key, query_keys, search_key, sort_key
from core.text.numbers import MAX_DIGITS, MINUS, NUMBER_EXAMPLE, format_number, parse_number
from core.text.plain import clean_text, clip, join_names, nfc, roman

__all__ = [
    "DATE_HINT",
    "LOCAL_ZONE",
    "MAX_DIGITS",
    "MINUS",
    "NBSP",
    "NUMBER_EXAMPLE",
    "PRINTABLE",
    "DateFault",
    "InputFault",
    "NumberFault",
    "TextFault",
    "clean_text",
    "clip",
    "days_left",
    "format_date",
    "format_date_long",
    "format_datetime",
    "format_number",
    "given_name_key",
    "join_names",
    "nfc",
    "parse_date",
    "parse_number",
    "query_keys",
    "require_printable",
    "roman",
    "search_key",
    "sort_key",
]
