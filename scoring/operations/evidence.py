"""Evidence put forward by a unit, attached to what it proves, and taken back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from django.db import transaction

from clusters.acting import Acting
from clusters.models import ClusterYear
from clusters.queries import place_of
from core import audit, storage
from core.audit import Change
from core.policy import Invalid, require
from core.uploads import Accepted
from scoring.models import Evidence
from scoring.policies import may_add_evidence, may_withdraw_evidence
from scoring.queries.evidence import label_of, uses_of


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a form says about evidence: files of the store, and new ones of one paper."""

    evidence_ids: tuple[int, ...] = ()
    uploads: tuple[Accepted, ...] = ()
    paper_number: str = ""
    paper_date: date | None = None


class Attachments(Protocol):
    """The evidence of a row: of a figure, a score line, an exemplar."""

    def set(self, objs: Iterable[Evidence], /) -> None:
        """Make these, and no others, the evidence of the row."""


@transaction.atomic
def add(
    *,
    cluster_year_id: int,
    upload: Accepted,
    paper_number: str = "",
    paper_date: date | None = None,
    by: Acting,
    now: datetime,
) -> Evidence:
    """Put an examined file into the store of one's unit; what is there already is returned.

    `Invalid` where the same file stands there with another number or date.
    """
    year = ClusterYear.objects.select_for_update(of=("self",)).with_names().get(pk=cluster_year_id)
    require(may_add_evidence(place_of(by, year), year))
    sha256 = storage.put(upload.data)
    own = Evidence.objects.standing().filter(cluster_year=year, unit=by.unit_key)
    if standing := own.filter(sha256=sha256).first():
        return _same(standing, paper_number, paper_date)
    fresh = Evidence.objects.create(
        cluster_year=year,
        unit_id=by.unit_key,
        sha256=sha256,
        size=len(upload.data),
        mime=upload.mime,
        name=upload.name,
        paper_number=paper_number,
        paper_date=paper_date,
        uploaded_at=now,
        uploaded_by_id=by.user_id,
    )
    audit.record(
        "scoring.evidence_added",
        fresh,
        by=by,
        now=now,
        cluster_year_id=year.pk,
        change=Change(after={"file": label_of(fresh), "sha256": sha256}),
    )
    return fresh


@transaction.atomic
def keep(*, cluster_year_id: int, chosen: Chosen, by: Acting, now: datetime) -> list[int]:
    """Put the new files of a form into the store; return the keys of all that the form chose.

    Call it before the row that the files belong to is locked: it locks the year.
    """
    fresh = [
        add(
            cluster_year_id=cluster_year_id,
            upload=upload,
            paper_number=chosen.paper_number,
            paper_date=chosen.paper_date,
            by=by,
            now=now,
        ).pk
        for upload in chosen.uploads
    ]
    return [*dict.fromkeys((*chosen.evidence_ids, *fresh))]


def attach(
    owner: Attachments, evidence_ids: Iterable[int], *, cluster_year_id: int, unit_id: int
) -> list[Evidence]:
    """Make these files of the unit the evidence of a row; part of the change of that row.

    Call it inside the transaction that holds the row's lock. The files are locked too, so that
    nobody takes one back meanwhile. `Invalid` where one is not in the unit's store of this year.
    """
    wanted = set(evidence_ids)
    own = Evidence.objects.standing().filter(cluster_year=cluster_year_id, unit=unit_id)
    found = list(own.filter(pk__in=wanted).select_for_update().order_by("pk"))
    if len(found) < len(wanted):
        raise Invalid(
            "Có tệp minh chứng không còn trong kho của đơn vị. Chọn lại trong danh sách hiện nay.",
            field="evidence",
        )
    owner.set(found)
    return found


def labels(files: Sequence[Evidence]) -> list[str]:
    """Name files as an audit event keeps them."""
    return [label_of(file) for file in files]


@transaction.atomic
def withdraw(*, evidence_id: int, by: Acting, now: datetime) -> Evidence:
    """Take a file back; drafts that point at it lose it, the bytes stay in the store of files."""
    seen = Evidence.objects.visible_to(by).filter(pk=evidence_id).values("pk")
    evidence = Evidence.objects.select_for_update(of=("self",)).get(pk__in=seen)
    year = ClusterYear.objects.with_names().get(pk=evidence.cluster_year_id)
    submitted = [use.what for use in uses_of([evidence.pk])[evidence.pk] if use.is_submitted]
    require(may_withdraw_evidence(place_of(by, year), year, evidence, submitted))
    _detach(evidence)
    evidence.withdrawn_at = now
    evidence.save(update_fields=["withdrawn_at"])
    audit.record(
        "scoring.evidence_withdrawn",
        evidence,
        by=by,
        now=now,
        cluster_year_id=year.pk,
        change=Change(before={"file": label_of(evidence), "sha256": evidence.sha256}),
    )
    return evidence


def _same(standing: Evidence, paper_number: str, paper_date: date | None) -> Evidence:
    """Return what is there unless the new paper contradicts it; a row is never rewritten."""
    says_other = (paper_number and paper_number != standing.paper_number) or (
        paper_date and paper_date != standing.paper_date
    )
    if says_other:
        raise Invalid(
            f"Tệp này đã có trong kho: {label_of(standing)}. Muốn ghi số, ngày khác thì rút tệp "
            "trong kho rồi tải lên lại.",
            field="uploads",
        )
    return standing


def _detach(evidence: Evidence) -> None:
    """Take the file out of every draft, whichever app it belongs to."""
    for relation in Evidence._meta.related_objects:
        if relation.many_to_many:
            through = relation.through  # type: ignore[attr-defined]
            through.objects.filter(evidence=evidence).delete()
