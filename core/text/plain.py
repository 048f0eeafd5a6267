"""Plain text: one form for every letter, nothing invisible, and small pieces of writing."""

import re
import unicodedata
from collections.abc import Sequence

from core.text.faults import TextFault


def nfc(text: str) -> str:
    """Give every letter its one composed form, so that equal words are equal strings."""
    return unicodedata.normalize("NFC", text)


#: Code points that are no characters (XML, hence xlsx and docx, cannot hold them), and the sign
#: that stands where a letter was lost on the way.
_NO_CHARACTER = re.compile("[\ufdd0-\ufdef\ufffd-\uffff]")
#: Capitals that old fonts and other keyboards give for Đ look the same and sort elsewhere; the
#: hyphen that does not break, which Word types by itself, is a hyphen and has no glyph in print.
_LOOK_ALIKE = str.maketrans("\u00d0\u0189\u2011", "ĐĐ-")
_LARGEST_ROMAN = 3999
_ROMAN_STEPS = [
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
]


def clean_text(text: str) -> str:
    """Make typed or pasted text safe to store, search, sign and print.

    Line ends become plain line feeds. Invisible format characters (zero-width, direction marks,
    soft hyphens) are dropped: nobody sees them, so nobody could remove them when told to, and
    what is signed must read as it is stored. Everything else that cannot be printed is refused.
    """
    lines = re.sub("\r\n?|[\u2028\u2029]", "\n", text)
    visible = "".join(char for char in lines if unicodedata.category(char) != "Cf")
    for char in visible:
        if _is_unprintable(char):
            raise TextFault(
                f"Có ký tự không in được (mã U+{ord(char):04X}), thường do dán từ nơi khác. "
                "Hãy xóa chỗ đó và gõ lại."
            )
    return nfc(visible).translate(_LOOK_ALIKE)


def _is_unprintable(char: str) -> bool:
    """Tell controls (NUL too), halves of surrogate pairs and noncharacters from real text."""
    if char in "\n\t":
        return False
    return bool(_NO_CHARACTER.match(char)) or unicodedata.category(char) in ("Cc", "Cs")


def clip(text: str, length: int) -> str:
    """Shorten a text to at most ``length`` characters, at a word where there is one."""
    if len(text) <= length:
        return text
    kept = text[: length - 1]
    at_word = kept.rsplit(" ", 1)[0] if not text[length - 1].isspace() else kept
    return (at_word.rstrip(" ,;:") or kept) + "…"


def join_names(names: Sequence[str]) -> str:
    """Write a list as a sentence does: ``A, B và C``."""
    *head, last = names or [""]
    return f"{', '.join(head)} và {last}" if head else last


def roman(number: int) -> str:
    """Number the parts of a document: 1 is ``I``, 4 is ``IV``."""
    if not 1 <= number <= _LARGEST_ROMAN:
        raise ValueError(f"No Roman numeral for {number}")
    written = ""
    for value, letters in _ROMAN_STEPS:
        count, number = divmod(number, value)
        written += letters * count
    return written
