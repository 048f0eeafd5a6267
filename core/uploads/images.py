"""PNG and JPEG: whole, of a size that can be opened, and nothing behind the picture."""

import io
import re
from typing import Final

from PIL import Image

from core.uploads.faults import TOO_HEAVY, Unfit
from core.uploads.kinds import JPEG, PNG, is_also_archive, is_also_pdf

#: A3 at 600 dots per inch.
_MOST_PIXELS: Final = 80_000_000
_BROKEN: Final = "Ảnh này bị hỏng hoặc gửi chưa trọn nên không mở được. Chụp hoặc quét lại rồi gửi."
_APPENDED: Final = (
    "Ảnh này có dữ liệu khác gắn phía sau. Mở ảnh trên máy, lưu lại thành ảnh mới rồi gửi."
)
_PNG_END: Final = b"IEND\xaeB`\x82"
#: The next marker inside the picture data of a JPEG: not a stuffed byte, restart or filling.
_MARKER: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_MARK, _SCAN, _END = 0xFF, 0xDA, 0xD9


def check(data: bytes, kind: str) -> None:
    """Open the picture whole; `Unfit` says what is wrong with it."""
    end = _png_end(data) if kind == PNG.key else _jpeg_end(data)
    after = data[end:].strip(b"\x00")
    # Phones put a second, smaller picture behind the first one.
    second = kind == JPEG.key and after.startswith(b"\xff\xd8\xff")
    if (after and not second) or is_also_pdf(data) or is_also_archive(data):
        raise Unfit(_APPENDED)
    _open(data, kind)


def _open(data: bytes, kind: str) -> None:
    Image.MAX_IMAGE_PIXELS = None  # held against our own limit below, before anything is unpacked
    try:
        with Image.open(io.BytesIO(data), formats=[kind.upper()]) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise Unfit(TOO_HEAVY)
            if kind == JPEG.key:
                picture.draft("L", (picture.width // 8, picture.height // 8))
            picture.load()
    except (OSError, SyntaxError, ValueError, TypeError, EOFError, IndexError) as fault:
        raise Unfit(_BROKEN) from fault


def _png_end(data: bytes) -> int:
    """Return where the last chunk ends."""
    at = data.find(_PNG_END)
    if at < 0:
        raise Unfit(_BROKEN)
    return at + len(_PNG_END)


def _jpeg_end(data: bytes) -> int:
    """Walk the segments to the mark that ends the picture; return where it ends."""
    at = 2
    while at + 4 <= len(data) and data[at] == _MARK:
        marker = data[at + 1]
        if marker == _END:
            return at + 2
        if marker == _MARK:
            at += 1
            continue
        at += 2 if marker in _ALONE else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == _SCAN:
            found = _MARKER.search(data, at)
            at = found.start() if found else len(data)
    if data[at : at + 2] == b"\xff\xd9":
        return at + 2
    raise Unfit(_BROKEN)
