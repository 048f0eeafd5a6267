"""Notices to people: written together with the event they tell of, withdrawn when it is settled."""

from collections.abc import Iterable
from datetime import datetime

from core.models import AuditEvent, Notice


def tell(recipient_ids: Iterable[int], *, event: AuditEvent, text: str, url: str) -> None:
    """Tell these people once, in one statement."""
    Notice.objects.bulk_create(
        [
            Notice(recipient_id=pk, event=event, text=text[:500], url=url, created_at=event.at)
            for pk in sorted(set(recipient_ids))
        ]
    )


def withdraw(*, url: str, now: datetime, recipient_ids: Iterable[int] | None = None) -> None:
    """Take back unread notices that lead to a place where nothing waits any more.

    With recipients only theirs: one unit has done what others are still asked for.
    """
    unread = Notice.objects.filter(url=url, read_at__isnull=True, withdrawn_at__isnull=True)
    if recipient_ids is not None:
        unread = unread.filter(recipient__in=list(recipient_ids))
    unread.update(withdrawn_at=now)
