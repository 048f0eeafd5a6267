"""The print centre: every paper of a year with the state of its file, the book, one job."""

from collections.abc import Sequence
from dataclasses import dataclass

from clusters.acting import Acting
from clusters.models import ClusterYear, Unit
from clusters.policies import Place
from clusters.queries import members_of, place_of
from core.policy import Verdict
from pledges.models import Pledge
from reports import jobs, policies
from reports.jobs.progress import progress
from reports.models import Document, DocumentKind, Job, PaperGroup

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
class GroupView:
    """A group of papers of the whole cluster."""

    group: PaperGroup
    papers: list[PaperView]


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit with its papers, one place for each column of the grid; None where there is none."""

    unit: Unit
    cells: list[PaperView | None]


@dataclass(frozen=True, slots=True)
class SetView:
    """The papers of a group that this person sees, and the last ZIP of them."""

    group: PaperGroup
    slug: str
    count: int
    job: Job | None
    may_ask: Verdict


@dataclass(frozen=True, slots=True)
class PrintPage:
    """Everything the print centre shows."""

    groups: list[GroupView]
    #: Papers of single units: a row for each, the columns of `COLUMNS`; empty while there is none.
    grid: list[UnitRow]
    sets: list[SetView]
    withdrawn: list[PaperView]
    book: JobView | None
    may_ask_book: Verdict
    recent: list[Document]
    count: int
    pages: int

    @property
    def columns(self) -> list[str]:
        """Return the heads of the grid."""
        return [label for _, _, label in COLUMNS]


#: Columns of the grid: group and kind of paper, and what stands above.
COLUMNS = (
    (PaperGroup.MIDYEAR, DocumentKind.REVIEW, "Báo cáo sơ kết"),
    (PaperGroup.YEAREND, DocumentKind.REVIEW, "Báo cáo tổng kết"),
    (PaperGroup.SHEETS, DocumentKind.SHEET_CLAIMED, "Phiếu tự chấm"),
    (PaperGroup.SHEETS, DocumentKind.SHEET_APPROVED, "Phiếu đã duyệt"),
)
#: Groups that are packed as a set, by their word in the address; the pledge has its book.
SETS = {
    "so-ket": PaperGroup.MIDYEAR,
    "tong-ket": PaperGroup.YEAREND,
    "phieu-diem": PaperGroup.SHEETS,
    "ket-qua": PaperGroup.RESULTS,
}


def print_page(year: ClusterYear, acting: Acting) -> PrintPage:
    """Work out the print centre of a year for one person; statements do not grow with units."""
    documents = _documents(year, acting)
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
    place = place_of(acting, year)
    made = sorted((d for d in documents if d.rendered_at), key=_made_at, reverse=True)
    standing = [p for p in papers if p.document.withdrawn_at is None]
    return PrintPage(
        groups=_groups([p for p in standing if p.document.unit_id is None]),
        grid=_grid(year, [p for p in standing if p.document.unit_id is not None]),
        sets=_sets(place, [p.document for p in standing], rows),
        withdrawn=[p for p in papers if p.document.withdrawn_at is not None],
        book=_book(books[-1], rows) if books else None,
        may_ask_book=policies.may_ask_book(place, pledge, documents, rows),
        recent=made[:5],
        count=len(standing),
        pages=sum(p.document.file.pages or 0 for p in standing if p.document.file),
    )


def set_documents(year: ClusterYear, acting: Acting, group: PaperGroup) -> list[Document]:
    """Return the standing papers of a group that this person sees."""
    standing = (d for d in _documents(year, acting) if d.withdrawn_at is None)
    return [document for document in standing if _group(document) == group]


def set_jobs(year: ClusterYear, acting: Acting, group: PaperGroup) -> list[Job]:
    """Return the sets of a group that were asked for by the unit of this person."""
    jobs = Job.objects.visible_to(acting).filter(cluster_year=year, kind=Job.Kind.SET)
    return [job for job in jobs.order_by("pk") if _is_set_of(job, group)]


def _documents(year: ClusterYear, acting: Acting) -> list[Document]:
    return list(
        Document.objects.visible_to(acting)
        .with_group()
        .filter(cluster_year=year)
        .select_related("file", "code__version", "unit")
        .defer("content", "code__version__content", "code__version__frozen")
        .order_by("-code__version__number", "code_id", "-revision")
    )


def _groups(papers: list[PaperView]) -> list[GroupView]:
    found = [GroupView(g, [p for p in papers if _group(p.document) == g]) for g in PaperGroup]
    return [view for view in found if view.papers]


def _group(document: Document) -> PaperGroup:
    """Return the group that `with_group` found."""
    return PaperGroup(document.group)  # type: ignore[attr-defined]


def _grid(year: ClusterYear, papers: list[PaperView]) -> list[UnitRow]:
    """Lay the papers of units out, members in their order; nothing while there is none."""
    if not papers:
        return []
    placed = {(p.document.unit_id, _group(p.document), p.document.code.paper): p for p in papers}
    return [
        UnitRow(m.unit, [placed.get((m.unit_id, group, kind)) for group, kind, _ in COLUMNS])
        for m in members_of(year)
    ]


def _sets(place: Place, documents: list[Document], jobs: list[Job]) -> list[SetView]:
    found = []
    for slug, group in SETS.items():
        own = [document for document in documents if _group(document) == group]
        packed = [job for job in jobs if job.kind == Job.Kind.SET and _is_set_of(job, group)]
        if own:
            last = packed[-1] if packed else None
            verdict = policies.may_ask_set(place, own, packed)
            found.append(SetView(group, slug, len(own), last, verdict))
    return found


def _is_set_of(job: Job, group: PaperGroup) -> bool:
    """Whether a set packs papers of this group, as its key says."""
    return job.key.split(":")[2] == group.value


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
