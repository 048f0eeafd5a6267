"""What every save shares: the lock, the check against what was read, the event."""

from datetime import datetime
from typing import Any, TypeVar

from django.db import models
from django.db.models import F, Max

from clusters.acting import Acting
from clusters.calendar import local_date
from core import audit
from core.audit import Change
from core.policy import Conflict, require
from pledges import policies
from pledges.models import (
    Activity,
    Clause,
    PledgeVersion,
    Target,
)
from pledges.operations.marks import mark_of
from pledges.policies import Standing
from pledges.queries import locked_pledge, standing_of

AnyRow = TypeVar("AnyRow", Clause, Activity, Target)
GONE = "Người khác vừa bỏ dòng này. Nội dung bạn nhập còn nguyên; lưu thành dòng mới nếu cần."
TAKEN = (
    "Người khác vừa sửa dòng này sau khi bạn mở. Cả hai nội dung đều còn: "
    "xem bản đang lưu bên cạnh, "
    "sửa lại nội dung của bạn rồi lưu."
)


def locked(pledge_id: int, by: Acting, now: datetime) -> Standing:
    """Lock the pledge and gather the facts a rule asks for under the lock.

    What the draft still lacks is not gathered: no single change asks for it.
    """
    return standing_of(locked_pledge(pledge_id), by, local_date(now), look_for_gaps=False)


def writing(pledge_id: int, by: Acting, now: datetime) -> Standing:
    """Lock the pledge for somebody who may write its draft."""
    standing = locked(pledge_id, by, now)
    require(policies.may_edit(standing))
    return standing


def find(model: type[AnyRow], standing: Standing, key: str | None) -> AnyRow | None:
    """Find a row of the standing version by its key."""
    if key is None:
        return None
    return model.objects.filter(version=standing.version, key=key).first()


def hold(row: models.Model, fields: tuple[str, ...], seen: str) -> None:
    """Refuse to save over a row that changed since it was read."""
    if seen != mark_of(row, fields):
        raise Conflict(TAKEN, {name: str(getattr(row, name) or "") for name in fields})


def next_order(model: type[AnyRow], standing: Standing) -> int:
    """Return the place behind the last row of a kind."""
    rows = model.objects.filter(version=standing.version)
    last: int | None = rows.aggregate(last=Max("order"))["last"]
    return (last or 0) + 1


def touch(standing: Standing) -> None:
    """Raise the draft's revision, so that circulating what was not read is noticed."""
    PledgeVersion.objects.filter(pk=standing.version.pk).update(revision=F("revision") + 1)


def saved(
    standing: Standing,
    row: models.Model,
    action: str,
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    by: Acting,
    now: datetime,
) -> None:
    """Raise the revision of the draft and record the event of a save."""
    touch(standing)
    record(action, standing, row, before, after, by=by, now=now)


def record(
    action: str,
    standing: Standing,
    row: models.Model,
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    by: Acting,
    now: datetime,
    reason: str = "",
) -> None:
    """Record the one event of a change in the trail of the cluster year."""
    audit.record(
        action, row, by=by, now=now, cluster_year_id=standing.pledge.cluster_year_id,
        change=Change(before=before, after=after, reason=reason),
    )  # fmt: skip
