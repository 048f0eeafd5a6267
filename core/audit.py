"""The audit trail: one event for every change, in its transaction, chained by hash."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db import connection, models

from core import outbox
from core.canonical import sha256_of
from core.models import AuditEvent, ChainHead

_FIRST = "0" * 64


class Actor(Protocol):
    """Whoever acts: the appointment a person chose, or the system itself."""

    @property
    def actor_id(self) -> int | None:
        """Key of the user, None for the system."""

    @property
    def actor_name(self) -> str:
        """Rank and name as printed."""

    @property
    def acting_role(self) -> str:
        """What the person acts as."""

    @property
    def acting_unit(self) -> str:
        """For which unit."""


@dataclass(frozen=True, slots=True)
class System:
    """The application acting by itself: the calendar, the demonstration data."""

    actor_name: str = "Hệ thống"
    acting_role: str = ""
    acting_unit: str = ""
    actor_id: None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What an event says besides who and when."""

    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    reason: str = ""


def record(
    action: str,
    obj: models.Model,
    *,
    by: Actor,
    now: datetime,
    cluster_year_id: int | None = None,
    change: Change | None = None,
) -> AuditEvent:
    """Append the event of one change and start what follows from it.

    Call it last in a transition: the head of the chain stays locked until the transaction ends.
    """
    if not connection.in_atomic_block:
        message = "An audit event belongs into the transaction of its change."
        raise RuntimeError(message)
    change = change or Change()
    head = ChainHead.objects.select_for_update().get_or_create(pk=1)[0]
    event = AuditEvent(
        seq=head.seq + 1,
        at=now,
        action=action,
        actor_id=by.actor_id,
        actor_name=by.actor_name,
        acting_role=by.acting_role,
        acting_unit=by.acting_unit,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        object_label=str(obj)[:400],
        cluster_year_id=cluster_year_id,
        before=change.before,
        after=change.after,
        reason=change.reason,
        previous_digest=head.digest,
    )
    event.digest = digest_of(event)
    event.save(force_insert=True)
    head.seq, head.digest = event.seq, event.digest
    head.save(update_fields=["seq", "digest"])
    outbox.follow(event)
    return event


def digest_of(event: AuditEvent) -> str:
    """Return SHA-256 over the event and the digest before it."""
    body = {
        name: getattr(event, name)
        for name in (
            "seq", "action", "actor_id", "actor_name", "acting_role", "acting_unit", "object_type",
            "object_id", "object_label", "cluster_year_id", "before", "after", "reason",
            "previous_digest",
        )
    }  # fmt: skip
    body["at"] = event.at.timestamp().hex()
    return sha256_of(body)


def first_fault() -> str | None:
    """Walk the whole chain and return the first fault in words, None when every link is intact."""
    previous, expected = _FIRST, 1
    for event in AuditEvent.objects.order_by("seq").iterator(chunk_size=2000):
        if event.seq != expected:
            return f"Thiếu sự kiện số {expected}."
        if event.previous_digest != previous or event.digest != digest_of(event):
            return f"Sự kiện số {event.seq} ({event.action}) đã bị sửa."
        previous, expected = event.digest, expected + 1
    head = ChainHead.objects.filter(pk=1).first()
    if (head.seq, head.digest) != (expected - 1, previous) if head else expected > 1:
        return (
            f"Chuỗi bị cắt: đầu chuỗi ghi số {head.seq if head else 0}, còn {expected - 1} sự kiện."
        )
    return None
