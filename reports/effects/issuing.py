"""Issuing a paper after the pledge: code, revision, number, copied content, the job of its file."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from accounts.models import User
from clusters.calendar import local_date
from clusters.models import Appointment, ClusterYear, Unit
from clusters.operations import reserve_number
from core.canonical import sha256_of
from core.models import AuditEvent
from reports import jobs
from reports.codes import new_code
from reports.jobs.orders import render_order
from reports.models import Document, DocumentKind, DocumentQuerySet, VerifyCode

Content = dict[str, Any]
SCHEMA = 1
#: A deputy signs for the head (domain.md §6).
_DEPUTY = "phó "


@dataclass(frozen=True, slots=True)
class Paper:
    """What is issued: `data` holds everything printed, names as they are now."""

    kind: DocumentKind
    subject: str
    cluster_year: ClusterYear
    data: Content
    unit: Unit | None = None
    stage: Document.Stage = Document.Stage.ISSUED


def issue(paper: Paper, event: AuditEvent) -> Document:
    """Issue the next revision of a paper and withdraw the one before."""
    code, _ = VerifyCode.objects.get_or_create(
        subject=paper.subject, defaults={"paper": paper.kind, "code": new_code()}
    )
    content = _content(paper, code, event.at)
    last = code.documents.order_by("-revision").first()
    withdraw(Document.objects.filter(code=code), event.at)
    document = Document.objects.create(
        cluster_year=paper.cluster_year,
        unit=paper.unit,
        code=code,
        revision=last.revision + 1 if last else 1,
        stage=paper.stage,
        title=paper.data["head"]["title"],
        number=paper.data["head"]["number"],
        content=content,
        content_hash=sha256_of(content),
        issued_at=event.at,
    )
    jobs.enqueue(render_order(document, event.actor_id), now=event.at)
    return document


def withdraw(documents: DocumentQuerySet, at: datetime) -> None:
    """End what still stands of these documents; their files stay."""
    documents.filter(withdrawn_at=None).update(withdrawn_at=at)


def _content(paper: Paper, code: VerifyCode, at: datetime) -> Content:
    return {
        "schema": SCHEMA,
        "paper": paper.kind.value,
        "stage": paper.stage.value,
        "code": code.code,
        "verify_url": f"{settings.PUBLIC_URL}/xac-minh/{code.code}/",
        "issued_at": at.isoformat(),
        "data_hash": sha256_of(paper.data),
        "data": paper.data,
        **({"demonstration": True} if paper.cluster_year.is_demonstration else {}),
    }


def number_for(subject: str, year: ClusterYear, symbol: str) -> str:
    """Return the number a paper was issued under before, else the next one of its series."""
    issued = Document.objects.filter(code__subject=subject).order_by("-revision").first()
    if issued is not None:
        return issued.number
    number = reserve_number(cluster_year=year, symbol=symbol)
    return f"{number:02d}/{symbol}-{year.cluster.symbol}"


def signer_of(user: User, unit: Unit, at: datetime, *, act: str, place: str = "") -> Content:
    """Copy who confirmed a paper for a unit: name and rank, position and authority on that day."""
    held = Appointment.objects.current(local_date(at)).filter(user=user, unit=unit)
    appointment = held.order_by("-starts_on", "-pk").first()
    position = appointment.position if appointment else ""
    authority = "KT." if position.lower().startswith(_DEPUTY) else ""
    if appointment and appointment.delegated_by_id:
        authority = "TUQ."
    return {
        "place": place,
        "name": user.full_name,
        "rank": user.rank,
        "position": position,
        "authority": authority,
        "unit_name": unit.name,
        "act": act,
        "at": at.isoformat(),
    }


def superior_of(unit: Unit) -> str:
    """Return the body above a unit, as the head of its papers names it."""
    return unit.parent.name if unit.parent else ""
