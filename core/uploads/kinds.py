"""What a file is, told by its first bytes."""

from dataclasses import dataclass
from typing import Final

from core.uploads.faults import WHAT_TO_SEND, Unfit


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of file that is taken."""

    key: str
    label: str
    mime: str
    endings: tuple[str, ...]


_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
PDF: Final = Kind("pdf", "tệp PDF", "application/pdf", (".pdf",))
PNG: Final = Kind("png", "ảnh PNG", "image/png", (".png",))
JPEG: Final = Kind("jpeg", "ảnh JPEG", "image/jpeg", (".jpg", ".jpeg"))
DOCX: Final = Kind("docx", "tệp Word", f"{_OFFICE}wordprocessingml.document", (".docx",))
XLSX: Final = Kind("xlsx", "tệp Excel", f"{_OFFICE}spreadsheetml.sheet", (".xlsx",))
KINDS: Final = {kind.key: kind for kind in (PDF, PNG, JPEG, DOCX, XLSX)}
#: A package of parts: which of the two office types it is stands inside.
PACKAGE: Final = "package"

_TAKEN: Final = (
    (b"%PDF-", PDF.key),
    (b"\x89PNG\r\n\x1a\n", PNG.key),
    (b"\xff\xd8\xff", JPEG.key),
    (b"PK\x03\x04", PACKAGE),
)
_OLD_OFFICE: Final = (
    "Tệp này là tệp Word, Excel kiểu cũ (.doc, .xls) hoặc có đặt mật khẩu. "
    "Lưu lại thành .docx, .xlsx hoặc PDF không có mật khẩu rồi gửi."
)
_HEIC: Final = (
    "Tệp này là ảnh HEIC của điện thoại. Chọn chụp ở dạng tương thích (JPEG), "
    "hoặc lưu ảnh thành JPEG, rồi gửi."
)
_PACKED: Final = "tệp nén; giải nén và gửi từng tệp bên trong"
_PICTURE: Final = "ảnh loại khác; lưu lại thành PNG hoặc JPEG"
#: First bytes of what people also send, or try to: bytes → what it is.
_REFUSED: Final = (
    (b"MZ", "chương trình chạy được trên máy tính"),
    (b"\x7fELF", "chương trình chạy được trên máy tính"),
    (b"\xcf\xfa\xed\xfe", "chương trình chạy được trên máy tính"),
    (b"#!", "tệp lệnh chạy được trên máy tính"),
    (b"Rar!", _PACKED),
    (b"7z\xbc\xaf", _PACKED),
    (b"\x1f\x8b", _PACKED),
    (b"{\\rtf", "tệp RTF"),
    (b"GIF8", _PICTURE),
    (b"II*\x00", _PICTURE),
    (b"MM\x00*", _PICTURE),
    (b"BM", _PICTURE),
    (b"RIFF", "ảnh hoặc tệp nghe nhìn"),
)
_COMPOUND: Final = b"\xd0\xcf\x11\xe0"
_MARKUP: Final = (b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script")


def kind_of(data: bytes) -> str:
    """Return the key of a type that is taken, or `PACKAGE`; `Unfit` says what else it is."""
    if not data:
        raise Unfit("Tệp này trống, không có nội dung. Kiểm tra lại bản trên máy rồi gửi.")
    for start, key in _TAKEN:
        if data.startswith(start):
            return key
    raise Unfit(_refusal(data))


def _refusal(data: bytes) -> str:
    if data.startswith(_COMPOUND):
        return _OLD_OFFICE
    if data[4:8] == b"ftyp":
        is_picture = data[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"heif")
        return _HEIC if is_picture else f"Tệp này là tệp nghe nhìn. {WHAT_TO_SEND}"
    if data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP):
        return f"Tệp này là trang web hoặc tệp XML. {WHAT_TO_SEND}"
    for start, what in _REFUSED:
        if data.startswith(start):
            return f"Tệp này là {what}. {WHAT_TO_SEND}"
    return f"Tệp này không thuộc loại được nhận. {WHAT_TO_SEND}"


def is_also_archive(data: bytes) -> bool:
    """Whether programs that unpack would find an archive at the end of this file."""
    return b"PK\x05\x06" in data[-(1 << 16) - 22 :] and b"PK\x01\x02" in data


def is_also_pdf(data: bytes) -> bool:
    """Whether programs that look for a PDF in the first kilobyte would find one."""
    return b"%PDF-" in data[:1024]
