"""What follows an event of a pledge: the prints to be read and signed, then the signed ones.

Rows only. Everything a document prints is copied here; from now on nothing changes it.
"""

from datetime import datetime
from typing import Any

from django.conf import settings

from core.canonical import sha256_of
from core.models import AuditEvent
from pledges.models import Consent, PledgeVersion, Signatory, Signature
from reports import jobs
from reports.codes import new_code
from reports.jobs.orders import render_order
from reports.models import Document, VerifyCode

Content = dict[str, Any]
_SCHEMA = 1


def issue_frozen(event: AuditEvent) -> None:
    """Issue the prints to be read and signed: one for each paper, with its code."""
    version = _version(event)
    for paper in version.signed_content["content"]["papers"]:
        document = _issue(version, paper, Document.Stage.TO_SIGN, event.at)
        jobs.enqueue(render_order(document, event.actor_id), now=event.at)


def issue_signed(event: AuditEvent) -> None:
    """Issue the signed prints, with signatures and record, and bind the book of the year."""
    version = _version(event)
    signed = {"signatures": _signatures(version), "consents": _consents(version)}
    for paper in version.signed_content["content"]["papers"]:
        _issue(version, paper, Document.Stage.SIGNED, event.at, signed)
    jobs.start_book(
        cluster_year=version.pledge.cluster_year, requested_by_id=event.actor_id, now=event.at
    )


def withdraw_frozen(event: AuditEvent) -> None:
    """Withdraw the prints of a version that a unit declined to sign; their files stay."""
    documents = Document.objects.filter(code__version=int(event.object_id), withdrawn_at=None)
    documents.update(withdrawn_at=event.at)


def _version(event: AuditEvent) -> PledgeVersion:
    versions = PledgeVersion.objects.select_related("pledge__cluster_year__cluster")
    return versions.get(pk=event.object_id)


def _issue(
    version: PledgeVersion,
    paper: Content,
    stage: Document.Stage,
    at: datetime,
    more: Content | None = None,
) -> Document:
    """Write the next revision of a paper; asked twice for the same one, return the first."""
    kind = paper["kind"]
    code, _ = VerifyCode.objects.get_or_create(
        version=version, paper=kind, defaults={"code": new_code()}
    )
    frozen = version.signed_content
    content = {
        "schema": _SCHEMA,
        "paper": kind,
        "stage": stage.value,
        "code": code.code,
        "verify_url": f"{settings.PUBLIC_URL}/xac-minh/{code.code}/",
        "frozen_hash": version.frozen_hash,
        "frozen": frozen,
        "issued_at": at.isoformat(),
        **({"demonstration": True} if version.pledge.cluster_year.is_demonstration else {}),
        **(more or {}),
    }
    return Document.objects.get_or_create(
        code=code,
        revision=2 if stage == Document.Stage.SIGNED else 1,
        defaults={
            "cluster_year": version.pledge.cluster_year,
            "stage": stage,
            "title": paper["title"],
            "number": frozen["numbers"].get(kind, ""),
            "content": content,
            "content_hash": sha256_of(content),
            "issued_at": at,
        },
    )[0]


def _signatures(version: PledgeVersion) -> list[Content]:
    """Copy who signed, as printed then."""
    signatories = version.signatories.filter(signature__isnull=False).order_by("order")
    return [_signature(s, s.signature) for s in signatories.select_related("signature", "unit")]


def _signature(signatory: Signatory, signature: Signature) -> Content:
    return {
        "order": signatory.order,
        "unit": signatory.unit.code,
        "unit_name": signature.printed_unit,
        "role": signatory.role,
        "kind_label": signature.get_kind_display(),
        "name": signature.printed_name,
        "rank": signature.printed_rank,
        "position": signatory.position,
        "authority": signatory.authority,
        "signed_at": signature.signed_at.isoformat(),
        "ip": signature.ip_address,
        "acting_as": signature.acting_as,
        "days_late": signature.days_late,
        "frozen_hash": signature.frozen_hash,
    }


def _consents(version: PledgeVersion) -> list[Content]:
    """Copy which units had agreed to the content before it was frozen."""
    given = version.consents.standing().filter(word=Consent.Word.CONSENT)
    return [
        {
            "unit_name": consent.unit.name,
            "at": consent.given_at.isoformat(),
            "by": consent.given_by.display_name,
        }
        for consent in given.select_related("unit", "given_by").order_by("given_at", "pk")
    ]
