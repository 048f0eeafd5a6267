"""Papers in one ZIP with a table of contents and hashes: the signed book, or a set of reports.

The bytes depend only on the papers, so that the same book packed twice is the same file.
"""

import hashlib
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.text import LOCAL_ZONE, format_datetime, search_key

MANIFEST: Final = "MANIFEST.sha256"
CONTENTS: Final = "MUC-LUC.txt"


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper of the book; `since` says what happened to it at `at`."""

    title: str
    number: str
    code: str
    pages: int
    at: datetime
    data: bytes
    since: str = "Ký đủ"


def book(title: str, entries: list[Entry]) -> bytes:
    """Pack the papers in the order given."""
    names = [_file_name(i, entry) for i, entry in enumerate(entries, 1)]
    contents = _contents(title, entries, names).encode()
    files = {CONTENTS: contents, **dict(zip(names, (e.data for e in entries), strict=True))}
    hashes = (f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items())
    files[MANIFEST] = "".join(hashes).encode()
    when = max(entry.at for entry in entries).astimezone(LOCAL_ZONE)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, when.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return packed.getvalue()


def _contents(title: str, entries: list[Entry], names: list[str]) -> str:
    lines = [title, "", "MỤC LỤC"]
    for i, (entry, name) in enumerate(zip(entries, names, strict=True), 1):
        lines += [
            f"{i}. {entry.title}",
            f"   Số: {entry.number}; {entry.pages} trang",
            f"   {entry.since}: {format_datetime(entry.at)}",
            f"   Mã xác minh: {entry.code}",
            f"   Tệp: {name}",
        ]
    lines += ["", f"Đối chiếu mã băm của từng tệp: sha256sum -c {MANIFEST}", ""]
    return "\n".join(lines)


def _file_name(position: int, entry: Entry) -> str:
    """Name a file so that every system can open it: plain letters, number and code."""
    words = re.sub("[^a-z0-9]+", "-", search_key(entry.title)).strip("-")[:60].strip("-")
    return f"{position:02d}-{words}-{entry.code}.pdf"
