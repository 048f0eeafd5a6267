"""The rows of the files this app keeps; the bytes are in `core.storage`, named by their SHA-256."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from django.db import transaction

from core import storage
from core.storage import Damaged, open_file, path_of, read
from reports.models import Document, Job, StoredFile
from scoring.models import Evidence

__all__ = (
    "Damaged",
    "first_fault",
    "forget",
    "known_files",
    "open_file",
    "path_of",
    "put",
    "read",
)


def put(data: bytes, *, mime: str, now: datetime, pages: int | None = None) -> StoredFile:
    """Store the bytes and return their row; storing the same bytes again changes nothing."""
    digest = storage.put(data)
    values = {"size": len(data), "mime": mime, "pages": pages, "created_at": now}
    return StoredFile.objects.get_or_create(sha256=digest, defaults=values)[0]


def forget(stored: StoredFile) -> bool:
    """Clear a file away that nothing names any more; False while something still does.

    The bytes go after the commit: a rolled-back transaction loses nothing.
    """
    named = (
        Document.objects.filter(file=stored),
        Job.objects.filter(result=stored),
        Evidence.objects.filter(sha256=stored.sha256),
    )
    if any(rows.exists() for rows in named):
        return False
    stored.delete()
    transaction.on_commit(partial(storage.remove, stored.sha256))
    return True


def known_files() -> Iterator[tuple[str, int]]:
    """Yield SHA-256 and size of every file a row knows of: own ones, and all evidence.

    Withdrawn evidence too: what was once put forward stays readable. The same bytes may stand
    behind several rows, and are given once.
    """
    issued = StoredFile.objects.order_by("pk")
    yield from issued.values_list("sha256", "size").iterator()
    evidence = Evidence.objects.exclude(sha256__in=StoredFile.objects.values("sha256"))
    yield from evidence.order_by("sha256").values_list("sha256", "size").distinct().iterator()


def first_fault() -> str | None:
    """Hash every stored file again; return the first fault in words, None when all are intact."""
    faults = (storage.fault_of(sha256, size) for sha256, size in known_files())
    return next((fault for fault in faults if fault), None)
