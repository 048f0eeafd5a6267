"""The content-addressed store: a file is named by its SHA-256, written once, never changed.

A file appears under its name only when every byte of it is on the disk: it is written beside,
synced, renamed, and the folder is synced. Here are only bytes: the row that knows of a file is
written in the transaction of whoever asked, so that a file without a row (the transaction was
rolled back) is the only trace an accident can leave; it is taken over when the same bytes are
stored again.
"""

import hashlib
import io
import os
import re
import tempfile
from pathlib import Path
from typing import Final

from django.conf import settings

_MODE: Final = 0o440
_SHA256: Final = re.compile("[0-9a-f]{64}")
_CHUNK: Final = 1 << 20


class Damaged(Exception):
    """A stored file is missing or its bytes are no longer those that were stored."""


def put(data: bytes) -> str:
    """Store the bytes and return their SHA-256; storing the same bytes again changes nothing."""
    digest = hashlib.sha256(data).hexdigest()
    if not _is_intact(digest):
        _write(path_of(digest), data)
    return digest


def remove(sha256: str) -> None:
    """Take the bytes away, where they are still there; the caller knows that no row names them."""
    path_of(sha256).unlink(missing_ok=True)


def path_of(sha256: str) -> Path:
    """Return where the file of this digest is kept; anything but a digest is refused."""
    if not _SHA256.fullmatch(sha256):
        message = "Not a SHA-256 in lower-case hexadecimal."
        raise ValueError(message)
    return Path(settings.FILES_DIR) / sha256[:2] / sha256


def read(sha256: str) -> bytes:
    """Return the bytes of a stored file after proving that they are the ones stored."""
    try:
        data = path_of(sha256).read_bytes()
    except OSError as fault:
        raise Damaged(f"Không đọc được tệp {sha256} trong kho.") from fault
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Damaged(f"Tệp {sha256} trong kho đã bị sửa: mã băm không khớp.")
    return data


def open_file(sha256: str) -> io.BytesIO:
    """Return a stored file as a stream to send; what is sent is exactly what was proven."""
    return io.BytesIO(read(sha256))


def fault_of(sha256: str, size: int) -> str | None:
    """Hash a stored file again; say in words what is wrong with it, None when it is intact.

    `size` in bytes is what the row of the file says.
    """
    try:
        found = _hashed_size(sha256)
    except Damaged as fault:
        return str(fault)
    if found != size:
        return f"Tệp {sha256} có {found} byte, sổ ghi {size} byte."
    return None


def _hashed_size(sha256: str) -> int:
    """Hash a file piece by piece and return its size; `Damaged` when its name says otherwise."""
    digest, size = hashlib.sha256(), 0
    try:
        with path_of(sha256).open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except OSError as fault:
        raise Damaged(f"Không đọc được tệp {sha256} trong kho.") from fault
    if digest.hexdigest() != sha256:
        raise Damaged(f"Tệp {sha256} trong kho đã bị sửa: mã băm không khớp.")
    return size


def _is_intact(sha256: str) -> bool:
    """Whether the very bytes are already there; a damaged copy is written anew."""
    try:
        _hashed_size(sha256)
    except Damaged:
        return False
    return True


def _write(path: Path, data: bytes) -> None:
    """Make the file appear whole or not at all, also when the power fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), _MODE)
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    _sync_folder(path.parent.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
