"""Word and Excel: the right parts inside, no macros, no bomb, nothing in front or behind."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree

from core.uploads.faults import TOO_HEAVY, WHAT_TO_SEND, Unfit
from core.uploads.kinds import DOCX, XLSX, is_also_pdf

_TYPES: Final = "[Content_Types].xml"
_MAIN: Final = {
    f"{DOCX.mime}.main+xml": DOCX.key,
    f"{XLSX.mime}.main+xml": XLSX.key,
}
_MOST_PARTS: Final = 5000
#: Bytes of all parts once unpacked.
_MOST_BYTES: Final = 200 * 1024 * 1024
_CHUNK: Final = 1 << 20
_END_RECORD: Final = 22
_BROKEN: Final = (
    "Tệp Word, Excel này bị hỏng hoặc gửi chưa trọn nên không mở được. Mở bản gốc, lưu lại rồi gửi."
)
_LOCKED: Final = "Tệp này có đặt mật khẩu. Lưu lại không có mật khẩu rồi gửi."
_MACROS: Final = "Tệp này có macro (chương trình bên trong). Lưu lại thành .docx, .xlsx rồi gửi."
_ACTIVE: Final = (
    "Tệp này có chương trình hoặc tệp khác nhúng bên trong. Bỏ phần nhúng, hoặc in ra PDF, rồi gửi."
)
_APPENDED: Final = "Tệp này có dữ liệu khác gắn phía trước hoặc phía sau. Lưu lại rồi gửi."
_ARCHIVE: Final = f"Tệp này là tệp nén, không phải Word, Excel. {WHAT_TO_SEND}"
#: Names of parts that hold programs or foreign objects.
_PROGRAMS: Final = re.compile(r"vba(project\.bin|data\.xml)$|/macrosheets/|/dialogsheets/")
_EMBEDDED: Final = re.compile(
    r"/activex/|/embeddings/.*\.(?!docx$|xlsx$|pptx$)|\.(exe|dll|js|vbs)$"
)
_REMOTE: Final = re.compile(r"(?i)^(https?|ftp|file://[^/]|\\\\)")
_FETCHED: Final = ("/attachedTemplate", "/oleObject", "/frame")
_XML: Final = re.compile(r"^(word|xl)/.*\.xml$")
#: What makes a line of its own: paragraphs, cells, comments.
_BLOCKS: Final = frozenset({"p", "si", "is", "text"})
_BREAKS: Final = {"br": "\n", "cr": "\n", "tab": "\t"}
_PRINTED_HEAD: Final = re.compile(r"&(\"[^\"]*\"|[0-9]+|[A-Z&])")


def lines_of(data: bytes) -> Iterator[str]:
    """Check the package, then yield its lines; `Unfit` says what is wrong with it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            _check_package(package, data)
            for part in package.infolist():
                if _XML.match(part.filename):
                    with package.open(part) as stream:
                        yield from _lines(stream)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ParseError) as fault:
        raise Unfit(_BROKEN) from fault
    except (ValueError, LookupError) as fault:  # also what defusedxml forbids
        raise Unfit(_BROKEN) from fault


def office_kind(data: bytes) -> str:
    """Tell Word from Excel by the content types of the package."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            if any(part.flag_bits & 1 for part in package.infolist()):
                raise Unfit(_LOCKED)
            return _main_kind(package)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ParseError) as fault:
        raise Unfit(_BROKEN) from fault
    except (ValueError, LookupError) as fault:
        raise Unfit(_BROKEN) from fault


def _check_package(package: zipfile.ZipFile, data: bytes) -> None:
    parts = package.infolist()
    _check_frame(parts, data)
    _check_weight(package, parts)
    names = [part.filename.lower() for part in parts]
    if len(set(names)) < len(names):
        raise Unfit(_BROKEN)
    if any(map(_PROGRAMS.search, names)):
        raise Unfit(_MACROS)
    if any(map(_EMBEDDED.search, names)) or any(map(_is_remote, _relations(package))):
        raise Unfit(_ACTIVE)


def _check_frame(parts: list[zipfile.ZipInfo], data: bytes) -> None:
    """The first part stands at the very beginning, the directory at the very end."""
    ends = data[-_END_RECORD:]
    starts_first = bool(parts) and min(part.header_offset for part in parts) == 0
    if not starts_first or not ends.startswith(b"PK\x05\x06") or is_also_pdf(data):
        raise Unfit(_APPENDED)


def _check_weight(package: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    """Unpack everything once, piece by piece: declared sizes are held, checksums are right."""
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_BYTES:
        raise Unfit(TOO_HEAVY)
    for part in parts:
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unfit(_BROKEN)
        with package.open(part) as stream:
            while stream.read(_CHUNK):
                pass


def _main_kind(package: zipfile.ZipFile) -> str:
    if _TYPES not in package.namelist():
        raise Unfit(_ARCHIVE)
    if package.getinfo(_TYPES).file_size > _CHUNK:
        raise Unfit(TOO_HEAVY)
    kinds: dict[str, str] = {}
    for node in ElementTree.fromstring(package.read(_TYPES)):
        kind = node.get("ContentType", "")
        if "macroEnabled" in kind or "vba" in kind.lower():
            raise Unfit(_MACROS)
        if kind in _MAIN:
            kinds[_MAIN[kind]] = node.get("PartName", "").lstrip("/")
    names = set(package.namelist())
    found = [key for key, part in kinds.items() if part in names]
    if len(found) != 1:
        raise Unfit(_ARCHIVE)
    return found[0]


def _relations(package: zipfile.ZipFile) -> Iterator[Element]:
    for name in package.namelist():
        if name.endswith(".rels"):
            with package.open(name) as stream:
                for _, node in ElementTree.iterparse(stream):
                    yield node


def _is_remote(node: Element) -> bool:
    """Whether opening the file would fetch a part of it from another machine."""
    return (
        node.get("TargetMode") == "External"
        and node.get("Type", "").endswith(_FETCHED)
        and bool(_REMOTE.match(node.get("Target", "")))
    )


def _lines(stream: IO[bytes]) -> Iterator[str]:
    """Yield the lines of one part, whatever its vocabulary: text in paragraphs and cells."""
    blocks: list[list[str]] = [[]]
    for event, node in ElementTree.iterparse(stream, events=("start", "end")):
        tag = node.tag.rpartition("}")[2]
        if event == "start":
            if tag in _BLOCKS:
                blocks.append([])
            continue
        if tag == "t" or tag in _BREAKS:
            blocks[-1].append(_BREAKS.get(tag, node.text or ""))
        elif tag in _BLOCKS:
            yield from "".join(blocks.pop()).split("\n")
        else:
            yield from _line_alone(tag, node.text or "")
        node.clear()


def _line_alone(tag: str, text: str) -> list[str]:
    """Return what stands outside blocks: results of formulas, heads of printed sheets."""
    if tag.endswith(("Header", "Footer")):
        return _PRINTED_HEAD.sub("\n", text).split("\n")
    return [text] if tag == "v" else []
