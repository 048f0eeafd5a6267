"""What each kind of job makes: a stored file, and nothing else."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db.models import F, QuerySet

from reports import render, seal, storage
from reports.models import Document, Job, StoredFile

PDF: Final = "application/pdf"
ZIP: Final = "application/zip"


#: What the installation seals: prints that stand for good, not those still to be signed or settled.
SEALED: Final = frozenset({Document.Stage.SIGNED.value, Document.Stage.ISSUED.value})


class Impossible(Exception):
    """What was asked cannot be made, and trying again will not help; `str()` says why."""


def make(job: Job, clock: Callable[[], datetime]) -> StoredFile:
    """Make what the job asks for and store it."""
    if job.kind == Job.Kind.BOOK:
        return _packed(job, list(book_documents(job.cluster_year_id)), clock)
    if job.kind == Job.Kind.SET:
        return _packed(job, list(set_documents(job)), clock)
    if job.document is None:
        message = f"Job {job.pk} has no document to render."
        raise Impossible(message)
    return _paper(job.document, clock)


def book_documents(cluster_year_id: int) -> QuerySet[Document]:
    """Return the papers of the signed book: the signed prints that stand, the pledge first."""
    return (
        Document.objects.filter(
            cluster_year=cluster_year_id, stage=Document.Stage.SIGNED, withdrawn_at=None
        )
        .select_related("code", "file")
        .order_by("code_id", F("revision").desc())
    )


def _paper(document: Document, clock: Callable[[], datetime]) -> StoredFile:
    """Render a document, sealed when it is signed or final; one that has its file keeps it."""
    if document.file is not None:
        return document.file
    rendered = render.render_document(document.content)
    pdf = rendered.pdf
    if document.stage in SEALED:
        pdf = seal.seal(pdf, now=clock())
    return storage.put(pdf, mime=PDF, pages=rendered.pages, now=clock())


def set_documents(job: Job) -> QuerySet[Document]:
    """Return the papers named when a set was asked for, units in the order of their codes."""
    documents = job.contents.select_related("code", "file", "unit")
    return documents.order_by("unit__code", "code__paper", "pk")


def _packed(job: Job, documents: list[Document], clock: Callable[[], datetime]) -> StoredFile:
    """Pack papers into one file; a book or set that lacks one is not made."""
    missing = [str(document) for document in documents if document.file is None]
    if missing:
        raise Impossible(
            f"Chưa đóng sổ được vì thiếu {len(missing)} văn bản: {'; '.join(missing)}. "
            "Dựng lại các văn bản đó, sổ sẽ được đóng tiếp."
        )
    if not documents:
        message = "Chưa có văn bản nào đã ký để đóng sổ."
        raise Impossible(message)
    packed = render.book(job.title, [_entry(document) for document in documents])
    return storage.put(packed, mime=ZIP, now=clock())


def _entry(document: Document) -> render.Entry:
    stored = document.file
    if stored is None:
        message = f"Document {document.pk} has no file."
        raise Impossible(message)
    return render.Entry(
        title=document.title,
        number=document.number,
        code=document.code.code,
        pages=stored.pages or 0,
        at=document.issued_at,
        data=storage.read(stored.sha256),
        since="Ký đủ" if document.stage == Document.Stage.SIGNED else "Phát hành",
    )
