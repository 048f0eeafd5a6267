"""How far a job is, counted in papers that exist: what the page and its polling show."""

from dataclasses import dataclass

from django.db.models import Q

from reports.models import Job

S = Job.Status


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts and the sentence of this moment."""

    total: int
    done: int
    failed: int
    sentence: str
    settled: bool


def progress_of(job: Job) -> Progress:
    """Count a job and everything below it, in one query."""
    return progress(
        list(
            Job.objects.filter(Q(pk=job.pk) | Q(parent=job.pk))
            .order_by("pk")
            .values_list("kind", "status", "title")
        )
    )


def progress(rows: list[tuple[str, str, str]]) -> Progress:
    """Sum up jobs given as kind, status and title."""
    papers = [row for row in rows if row[0] == Job.Kind.RENDER]
    books = [row for row in rows if row[0] != Job.Kind.RENDER]
    counted = papers or books
    done = sum(status == S.DONE for _, status, _ in counted)
    failed = sum(status == S.FAILED for _, status, _ in counted)
    settled = not any(status in (S.QUEUED, S.RUNNING) for _, status, _ in rows)
    return Progress(len(counted), done, failed, _sentence(papers, books, done, failed), settled)


def _sentence(
    papers: list[tuple[str, str, str]], books: list[tuple[str, str, str]], done: int, failed: int
) -> str:
    """Say what happens now, else how it ended."""
    counted = f"{done}/{len(papers or books)}"
    if running := [title for _, status, title in papers if status == S.RUNNING]:
        return f"Đang dựng: {running[0]}"
    if waiting := sum(status == S.QUEUED for _, status, _ in papers):
        return f"Đang chờ dựng {waiting} văn bản"
    if any(status in (S.QUEUED, S.RUNNING) for _, status, _ in books):
        return f"Đang đóng {_NOUNS[books[0][0]]}"
    if failed:
        return f"Có {failed} văn bản lỗi, đã xong {counted}" if papers else "Đóng tệp ZIP bị lỗi"
    if papers or not books:
        return f"Đã xong {counted}" if papers else ""
    return {S.DONE.value: f"Đã đóng {_NOUNS[books[0][0]]}"}.get(books[0][1], "Đã hủy")


_NOUNS: dict[str, str] = {Job.Kind.BOOK.value: "sổ", Job.Kind.SET.value: "bộ văn bản"}
