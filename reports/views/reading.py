"""Who opened which version to be signed: kept in the session, forgotten with it."""

from django.contrib.sessions.backends.base import SessionBase

from reports.models import Document
from reports.policies import Reading

_KEY = "opened_versions"
#: A person signs a handful of versions; older marks only make the session heavy.
_KEPT = 20


def remember_opened(session: SessionBase, document: Document) -> None:
    """Note that the bytes of the pledge to be signed were sent to this person."""
    version_id = document.code.version_id
    opened: list[int] = session.get(_KEY, [])
    if document.stage == Document.Stage.TO_SIGN and version_id not in opened:
        session[_KEY] = [*opened, version_id][-_KEPT:]


def reading_of(session: SessionBase, document: Document | None) -> Reading:
    """Say what the person can read and whether it was opened in this session."""
    opened = document is not None and document.code.version_id in session.get(_KEY, [])
    return Reading(document=document, was_opened=opened)
