"""The print centre: every paper of a year with the state of its file, the book, one job."""

from collections.abc import Sequence
from dataclasses import dataclass

from clusters.acting import Acting
from clusters.models import ClusterYear
from clusters.queries import place_of
from core.policy import Verdict
from pledges.models import Pledge
from reports import jobs, policies
from reports.jobs.progress import progress
from reports.models import Document, Job

S = Job.Status


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as the page shows it: how far, with what below it, and what can be asked of it."""

    job: Job
    status: str
    progress: jobs.Progress
    children: list[Job]
    may_retry: Verdict
    may_cancel: Verdict

    @property
    def is_open(self) -> bool:
        """Whether the page should keep asking."""
        return self.status in (S.QUEUED, S.RUNNING)

    @property
    def has_failed(self) -> bool:
        """Whether somebody has to look at it."""
        return self.status == S.FAILED or self.progress.failed > 0

    def as_json(self) -> dict[str, str | int]:
        """Return what the script asks for while the job runs."""
        return {
            "state": self.status,
            "label": str(S(self.status).label),
            "done": self.progress.done,
            "total": self.progress.total,
            "unit": "văn bản",
            "message": self.progress.sentence,
        }


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper of the print centre: its revision and the job that makes, or made, its file."""

    document: Document
    job: Job | None
    status: str
    may_retry: Verdict | None


@dataclass(frozen=True, slots=True)
class PrintPage:
    """Everything the print centre shows."""

    papers: list[PaperView]
    withdrawn: list[PaperView]
    book: JobView | None
    may_ask_book: Verdict
    recent: list[Document]
    pages: int


def print_page(year: ClusterYear, acting: Acting) -> PrintPage:
    """Work out the print centre of a year for one person."""
    documents = list(
        Document.objects.visible_to(acting)
        .filter(cluster_year=year)
        .select_related("file", "code__version")
        .defer("content", "code__version__content", "code__version__frozen")
        .order_by("-code__version__number", "code_id", "-revision")
    )
    rows = list(
        Job.objects.visible_to(acting)
        .filter(cluster_year=year)
        .select_related("result")
        .order_by("pk")
    )
    by_document = {job.document_id: job for job in rows if job.document_id}
    books = [job for job in rows if job.kind == Job.Kind.BOOK]
    papers = [_paper(d, by_document.get(d.pk)) for d in documents]
    pledge = Pledge.objects.visible_to(acting).filter(cluster_year=year).first()
    made = sorted((d for d in documents if d.rendered_at), key=_made_at, reverse=True)
    standing = [p for p in papers if p.document.withdrawn_at is None]
    return PrintPage(
        papers=standing,
        withdrawn=[p for p in papers if p.document.withdrawn_at is not None],
        book=view_of(books[-1], [j for j in rows if j.parent_id == books[-1].pk])
        if books
        else None,
        may_ask_book=policies.may_ask_book(place_of(acting, year), pledge, documents, rows),
        recent=made[:5],
        pages=sum(p.document.file.pages or 0 for p in standing if p.document.file),
    )


def _book(book: Job, rows: Sequence[Job]) -> JobView:
    return view_of(book, [job for job in rows if job.parent_id == book.pk])


def job_view(job: Job) -> JobView:
    """Work out one job with what stands below it."""
    return view_of(job, list(job.children.select_related("result").order_by("pk")))


def view_of(job: Job, children: Sequence[Job]) -> JobView:
    """Put a job and its children, already read, into words."""
    counted = progress([(j.kind, j.status, j.title) for j in [job, *children]])
    return JobView(
        job=job,
        status=_status(job, children),
        progress=counted,
        children=list(children),
        may_retry=policies.may_retry(job),
        may_cancel=policies.may_cancel(job),
    )


def _status(job: Job, children: Sequence[Job]) -> str:
    """A book whose papers are being made runs, although its own turn comes last."""
    at_work = any(child.status in (S.RUNNING, S.DONE) for child in children)
    return S.RUNNING if job.status == S.QUEUED and at_work else job.status


def _paper(document: Document, job: Job | None) -> PaperView:
    status = S.DONE.value if document.file_id else (job.status if job else S.QUEUED.value)
    failed = job is not None and status in (S.FAILED, S.CANCELLED)
    return PaperView(
        document=document,
        job=job,
        status=status,
        may_retry=policies.may_retry(job) if job and failed else None,
    )


def _made_at(document: Document) -> float:
    return document.rendered_at.timestamp() if document.rendered_at else 0.0
