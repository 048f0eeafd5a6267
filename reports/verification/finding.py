"""What is said of a paper on the verification page, in words ready for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.text import format_datetime
from reports import storage
from reports.jobs.making import SEALED
from reports.models import Document
from reports.seal import SealReport, check_seal


class Standing(StrEnum):
    """How a paper stands."""

    VALID = "VALID"
    TO_SIGN = "TO_SIGN"
    PROVISIONAL = "PROVISIONAL"
    WITHDRAWN = "WITHDRAWN"
    DAMAGED = "DAMAGED"


@dataclass(frozen=True, slots=True)
class Signed:
    """One place of the signatures: who, as what, in which way, when."""

    unit: str
    role: str
    person: str
    kind: str
    at: datetime | None
    days_late: int = 0

    @property
    def when(self) -> str:
        """Return the time in words, or that it is still missing."""
        return format_datetime(self.at) if self.at else "chưa ký"


@dataclass(frozen=True, slots=True)
class Finding:
    """A paper that was found, in words ready for the page."""

    code: str
    standing: Standing
    sentence: str
    #: What the holder may rely on and what to do.
    advice: str
    title: str
    number: str
    dated: str
    issuer: str
    organiser: str
    #: Which version or print this is: "Bản 2", "Lần phát hành 1".
    edition: str
    #: The state in a few words, for the list of facts.
    state: str
    issued_at: datetime
    #: Heading over the people below.
    people: str
    signatures: list[Signed]
    demonstration: bool
    #: Of the file that was issued last; empty while it is being made.
    sha256: str = ""
    pages: int | None = None
    size: int | None = None
    seal: SealReport | None = None
    #: Of prints that were issued before under this code, and the words for whoever holds one.
    earlier: tuple[str, ...] = ()
    earlier_title: str = ""
    earlier_words: str = ""

    @property
    def signed_count(self) -> int:
        """Count the signatures that were given."""
        return sum(signature.at is not None for signature in self.signatures)


def says_of_file(finding: Finding, sha256: str) -> tuple[bool, str]:
    """Say of a file, by its hash, whether it is the paper that this code was printed on."""
    if finding.sha256 and sha256 == finding.sha256:
        return True, "Khớp: đây đúng là tệp hệ thống đã phát hành, từng byte một."
    if sha256 in finding.earlier:
        return False, f"{finding.earlier_title}."
    return (
        False,
        "Không khớp: tệp này không phải tệp hệ thống đã phát hành, hoặc đã bị sửa sau khi tải về.",
    )


def seal_of(document: Document) -> tuple[SealReport | None, bool]:
    """Look at the stored file: its seal, and whether it is damaged."""
    if document.file is None:
        return None, False
    try:
        data = storage.read(document.file.sha256)
    except storage.Damaged:
        return None, True
    if document.stage not in SEALED:
        return None, False
    return check_seal(data), False


def hashes_of(prints: Sequence[Document]) -> tuple[str, ...]:
    """Return the hashes of the files of prints, as far as they were made."""
    return tuple(document.file.sha256 for document in prints if document.file)
