"""The stamps of classified papers: MẬT, TỐI MẬT, TUYỆT MẬT (nothing classified enters the system).

Only a stamp is meant, standing alone, as it stands on paper; the words "bảo mật", "bí mật", "mật
độ" and a sentence about secrets are everyday language. A scanned page holds no text: there the
warning beside the input is all there is.
"""

import re
from collections.abc import Iterable
from typing import Final

from core.text import nfc

_STAMPS: Final = frozenset({"MẬT", "TỐIMẬT", "TUYỆTMẬT"})
_AROUND: Final = re.compile(r"^[\W_]+|[\W_]+$")
_LEVEL: Final = re.compile(r"^(ĐỘ|MỨC ĐỘ)\s+MẬT\s*[:\-–]\s*")
#: Where text stands in columns, the stamp is one of several pieces of a line.
_COLUMNS: Final = re.compile(r"\t|\s{2,}")
#: Parts of file names, any case where the words can mean nothing else.
_NAMED: Final = (
    re.compile(r"(?<![^\W_])(tối|tuyệt)[\s_.\-]*mật(?![^\W_])", re.IGNORECASE),
    re.compile(r"[\[(]\s*mật\s*[\])]", re.IGNORECASE),
    re.compile(r"^MẬT(?=[_.\-]|\s+-|$)"),
    re.compile(r"(?<!\bBẢO)(?<!\bBÍ)[\s_.\-]MẬT$"),
)
_MOST_LETTERS: Final = 60


def is_stamp(text: str) -> bool:
    """Whether a line, a cell or a piece of a line is nothing but a stamp."""
    if len(text) > _MOST_LETTERS:
        return False
    bare = _LEVEL.sub("", _AROUND.sub("", nfc(text)))
    return "".join(bare.split()) in _STAMPS


def any_stamp(lines: Iterable[str]) -> bool:
    """Whether one of the lines is a stamp, or a piece of it that stands apart."""
    return any(
        is_stamp(line) or any(is_stamp(piece) for piece in _COLUMNS.split(line)) for line in lines
    )


def in_name(stem: str) -> bool:
    """Whether the name of a file says that it is classified."""
    return any(pattern.search(nfc(stem)) for pattern in _NAMED)
