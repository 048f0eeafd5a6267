"""What evidence is used for in this app: targets in a period, exemplars."""

from collections.abc import Iterable

from pledges.models import Exemplar, ProgressEntry
from scoring.queries.evidence import Use


def uses_of_evidence(evidence_ids: Iterable[int]) -> list[Use]:
    """Return the figures of progress and the exemplars that files are used for."""
    ids = list(evidence_ids)
    return _in_progress(ids) + _in_exemplars(ids)


def _in_progress(ids: list[int]) -> list[Use]:
    links = ProgressEntry.evidence.through.objects.filter(evidence__in=ids)
    rows = links.order_by("progressentry__target__order", "pk").values_list(
        "evidence",
        "progressentry__target__text",
        "progressentry__report__period__name",
        "progressentry__submitted_at",
    )
    return [
        Use(pk, f"chỉ tiêu “{text}”, {period}", at is not None) for pk, text, period, at in rows
    ]


def _in_exemplars(ids: list[int]) -> list[Use]:
    links = Exemplar.evidence.through.objects.filter(
        evidence__in=ids, exemplar__withdrawn_at__isnull=True
    )
    rows = links.order_by("pk").values_list("evidence", "exemplar__name")
    return [Use(pk, f"điển hình “{name}”", is_submitted=True) for pk, name in rows]
