"""PDF: whole, without password, without programs inside; the text of its first pages."""

import io
import itertools
from collections.abc import Iterator
from typing import Any, Final

import pikepdf
from pypdf import PdfReader

from core.uploads.faults import Unfit
from core.uploads.kinds import is_also_archive

#: Stamps stand on the first page; two more for a letter that covers it.
_PAGES_READ: Final = 3
#: Objects looked at; a scanned file of 10 MB has a few thousand.
_MOST_OBJECTS: Final = 300_000
_ACTIONS: Final = frozenset({"/JavaScript", "/Launch", "/ImportData", "/RichMediaExecute"})
#: Data that papers of this application, and invoices, carry beside what is printed.
_DATA: Final = (".json", ".xml", ".csv", ".txt")
_BROKEN: Final = (
    "Tệp PDF này bị hỏng hoặc gửi chưa trọn nên không mở được. "
    "Mở bản gốc, lưu lại thành PDF rồi gửi."
)
_LOCKED: Final = (
    "Tệp PDF này có đặt mật khẩu hoặc bị khóa. Lưu lại thành PDF không có mật khẩu rồi gửi."
)
_ACTIVE: Final = "Tệp PDF này có chương trình hoặc tệp khác gắn bên trong. In lại ra PDF rồi gửi."
_APPENDED: Final = (
    "Tệp PDF này có dữ liệu khác nối vào phía sau. Mở bản gốc, lưu lại thành PDF rồi gửi."
)
_SIMPLE: Final = (pikepdf.Dictionary, pikepdf.Stream, pikepdf.Array)


def lines_of(data: bytes) -> Iterator[str]:
    """Check the file, then yield the lines of its first pages; `Unfit` says what is wrong."""
    _check_end(data)
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            if pdf.is_encrypted:
                raise Unfit(_LOCKED)
            if len(pdf.pages) == 0:
                raise Unfit(_BROKEN)
            if any(map(_is_active, _dictionaries(pdf))):
                raise Unfit(_ACTIVE)
    except pikepdf.PasswordError as fault:
        raise Unfit(_LOCKED) from fault
    except (pikepdf.PdfError, ValueError, TypeError) as fault:
        raise Unfit(_BROKEN) from fault
    for text in _texts(data):
        yield from text.splitlines()


def _check_end(data: bytes) -> None:
    """A PDF ends with its mark; what follows belongs to something else."""
    end = data.rfind(b"%%EOF")
    if end < 0:
        raise Unfit(_BROKEN)
    after = data[end + 5 :].strip(b"\x00 \t\r\n")
    if after or is_also_archive(data):
        raise Unfit(_APPENDED)


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Yield every dictionary of the file, also those written inside others."""
    seen = 0
    for top in pdf.objects:
        waiting: list[Any] = [top]
        while waiting:
            part = waiting.pop()
            seen += 1
            if seen > _MOST_OBJECTS:
                raise MemoryError
            if isinstance(part, pikepdf.Array):
                inner: list[Any] = list(part)
            elif isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
                yield part
                inner = [value for _, value in part.items()]
            else:
                continue
            waiting += [i for i in inner if isinstance(i, _SIMPLE) and not i.is_indirect]


def _is_active(part: pikepdf.Object) -> bool:
    """Whether a dictionary is a program, starts one, or carries another file."""
    if "/JS" in part or "/XFA" in part:
        return True
    if "/EF" in part and not _carries_data(part):
        return True
    return str(part.get("/S", "")) in _ACTIONS


def _carries_data(part: pikepdf.Object) -> bool:
    """Whether an attached file is plain text that says the same for machines (PDF/A-3)."""
    names = [str(part[key]).lower() for key in ("/UF", "/F") if key in part]
    if not names or not all(name.endswith(_DATA) for name in names):
        return False
    return all(_is_text(stream) for _, stream in part["/EF"].items())


def _is_text(stream: pikepdf.Object) -> bool:
    data = stream.read_bytes()
    try:
        return b"\x00" not in data and bool(data.decode("utf-8").strip())
    except UnicodeDecodeError:
        return False


def _texts(data: bytes) -> Iterator[str]:
    """Yield the text of the first pages; what cannot be read has no text, like a scan.

    Each page is read in the order of the file and as it is laid out: there a stamp beside a date
    stands apart from it.
    """
    try:
        for page in itertools.islice(PdfReader(io.BytesIO(data)).pages, _PAGES_READ):
            yield page.extract_text()
            yield page.extract_text(extraction_mode="layout")
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever a reader of strangers' bytes may raise
        return
