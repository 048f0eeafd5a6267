"""May this person read, sign, print, retry or cancel here? Each answer carries its reason.

Who sees a document or a job at all is decided by `visible_to`; these rules say what can be done
now with what one sees. They ask the database nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from clusters.policies import Place
from core.policy import ALLOWED, Verdict, deny, first_denial
from core.text import format_date
from pledges import policies as pledge_policies
from pledges.models import Pledge, PledgeStatus, Signatory
from pledges.policies import Standing
from reports.models import Document, Job

S = Job.Status


@dataclass(frozen=True, slots=True)
class Reading:
    """What the head has before the eyes: the file to be signed, and whether it was opened."""

    document: Document | None
    was_opened: bool


def may_sign_here(standing: Standing, signatory: Signatory, reading: Reading) -> Verdict:
    """Sign in turn, and only what exists as a file and was opened by the very person."""
    return first_denial(
        pledge_policies.may_sign(standing, signatory),
        can_be_read(reading.document),
        _was_opened(reading),
    )


def can_be_read(document: Document | None) -> Verdict:
    """A paper can be read as soon as its file exists."""
    if document is not None and document.file_id is not None:
        return ALLOWED
    return deny(
        "Bản PDF đang được dựng, thường xong trong một phút. "
        "Ký được khi có bản để đọc; Trung tâm in cho biết việc dựng đến đâu."
    )


def may_download(document: Document) -> Verdict:
    """A paper is sent once its file exists."""
    if document.file_id is not None:
        return ALLOWED
    return deny("Bản PDF đang được dựng. Trung tâm in cho biết việc dựng đến đâu.")


def may_fetch(job: Job, today: date) -> Verdict:
    """The result of a job is sent while it is kept; it can always be made again."""
    if job.status == S.DONE and job.expires_on is not None and job.expires_on < today:
        return deny(
            f"Tệp chỉ giữ đến ngày {format_date(job.expires_on)}. "
            "Đóng lại ở Trung tâm in; nội dung các văn bản không đổi."
        )
    if job.status != S.DONE or job.result_id is None:
        return deny("Việc này chưa có tệp kết quả.")
    return ALLOWED


def may_ask_book(
    place: Place, pledge: Pledge | None, documents: Sequence[Document], jobs: Sequence[Job]
) -> Verdict:
    """The signed book is bound once all have signed, and not twice at a time."""
    if not place and not place.acting.is_head:
        return deny("Đơn vị trong cụm, khối và cơ quan thường trực đóng được sổ giao ước.")
    if pledge is None or pledge.status != PledgeStatus.SIGNED:
        return deny("Sổ giao ước đóng được khi tất cả các bên đã ký đủ.")
    signed = [d for d in documents if d.stage == Document.Stage.SIGNED and d.withdrawn_at is None]
    if not signed:
        return deny("Chưa có văn bản nào ở bản đã ký.")
    books = [job for job in jobs if job.kind == Job.Kind.BOOK]
    if any(job.status in (S.QUEUED, S.RUNNING) for job in books):
        return deny("Sổ giao ước đang được đóng; chờ việc đang chạy xong.")
    return ALLOWED


def may_ask_set(place: Place, documents: Sequence[Document], jobs: Sequence[Job]) -> Verdict:
    """The papers of a group are packed once all of them are made, and not twice at a time.

    `documents` are those this person sees, `jobs` the sets of the group asked for by the unit.
    """
    if not place and not place.acting.is_head:
        return deny("Đơn vị trong cụm, khối và cơ quan thường trực đóng được bộ văn bản.")
    if not documents:
        return deny("Chưa có văn bản nào trong nhóm này.")
    if missing := sum(document.file_id is None for document in documents):
        return deny(f"Còn {missing} văn bản đang dựng; đóng bộ khi dựng xong.")
    if any(job.status in (S.QUEUED, S.RUNNING) for job in jobs):
        return deny("Bộ văn bản này đang được đóng; chờ việc đang chạy xong.")
    return ALLOWED


def may_retry(job: Job) -> Verdict:
    """Whatever failed or was cancelled can be asked for again by whoever sees it."""
    if job.status in (S.FAILED, S.CANCELLED):
        return ALLOWED
    if job.status == S.DONE:
        return deny("Việc này đã xong.")
    return deny("Việc này đang chờ hoặc đang chạy; chỉ làm lại khi việc bị lỗi.")


def may_cancel(job: Job) -> Verdict:
    """A book can be given up while it is not finished; the official papers are always made."""
    if job.status not in (S.QUEUED, S.RUNNING):
        return deny("Việc này đã kết thúc.")
    if job.kind == Job.Kind.RENDER:
        return deny("Văn bản phát hành luôn được dựng, không hủy được.")
    return ALLOWED


def _was_opened(reading: Reading) -> Verdict:
    return ALLOWED if reading.was_opened else deny("Đọc bản sẽ ký trước khi ký.")
