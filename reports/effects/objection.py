"""The objections of a year on paper: what was asked, what was decided and why.

Issued when the last objection that waits is decided or withdrawn, and again after each later one,
once anything was decided; whoever decided last signs. It holds what units wrote, so that it is the
organiser's paper (`DocumentQuerySet.visible_to`).
"""

from datetime import datetime
from typing import Any

from clusters.calendar import local_date
from clusters.models import ClusterYear
from core.models import AuditEvent
from pledges.queries.progress import signed_version
from reports.effects.issuing import Paper, issue, number_for, signer_of
from reports.models import DocumentKind
from scoring.models import Objection, ObjectionStatus
from scoring.queries.objection import (
    about_of,
    asked_words,
    figure_words,
    objections_with_names,
    waiting_in,
)

Content = dict[str, Any]
#: Series of tables in the register of numbers, as of the summary of a result.
SYMBOL = "BTH"
OS = ObjectionStatus


def issue_objections(event: AuditEvent) -> None:
    """Issue the list once nothing waits; the next revision replaces the one before.

    What was sent and withdrawn before anything was decided needs no paper.
    """
    year = objections_with_names().get(pk=event.object_id).cluster_year
    rows = objections_with_names().filter(cluster_year=year, number__gt=0).order_by("number")
    found = list(rows)
    decided = [one for one in found if one.status in (OS.ACCEPTED, OS.REJECTED)]
    if waiting_in(year) or not decided:
        return
    last = max(decided, key=_ended)
    subject = f"year/{year.pk}/objections"
    data = {
        "head": _head(year, last, subject, event),
        "publications": [
            {"run": p.run.number, "until": p.objections_until.isoformat()}
            for p in year.publications.filter(status="PROVISIONAL").select_related("run")
            if p.objections_until
        ],
        "objections": [_row(one) for one in found],
    }
    issue(Paper(DocumentKind.OBJECTIONS, subject, year, data), event)


def _ended(row: Objection) -> tuple[datetime, int]:
    """Return when an objection was decided; of two at one moment the later number counts."""
    if row.ended_at is None:
        message = f"Objection {row.pk} is {row.status} without a moment."
        raise RuntimeError(message)
    return row.ended_at, row.number


def _row(row: Objection) -> Content:
    ended = row.ended_at
    return {
        "number": row.number,
        "unit": row.unit.name,
        "about": about_of(row),
        "text": row.text,
        "asked": asked_words(row),
        "sent_at": row.sent_at.isoformat() if row.sent_at else None,
        "status": row.status,
        "decision": row.decision,
        "before": figure_words(row, row.figure_before) if row.figure_after is not None else "",
        "after": figure_words(row, row.figure_after) if row.figure_after is not None else "",
        "ended_at": ended.isoformat() if ended else None,
    }


def _head(year: ClusterYear, row: Objection, subject: str, event: AuditEvent) -> Content:
    cluster, organiser = year.cluster, year.cluster.organiser
    version = signed_version(year)
    user, (decided_at, _) = row.ended_by, _ended(row)
    if user is None:
        message = f"Objection {row.pk} was decided by nobody."
        raise RuntimeError(message)
    name = "Bảng tổng hợp kiến nghị và kết quả giải quyết"
    return {
        "title": f"{name} {year.cycle} của {cluster.name}",
        "subject": f"{cluster.name}, {year.cycle}",
        "superior": organiser.parent.name if organiser.parent else "",
        "issuer": organiser.name,
        "number": number_for(subject, year, SYMBOL),
        "place": version.signed_content["content"]["place"] if version else "",
        "dated": local_date(event.at).isoformat(),
        "recipients": [f"Lưu hồ sơ thi đua {cluster.name}"],
        "signer": signer_of(user, organiser, decided_at, act="Đã quyết định"),
    }
