"""Reads for the pages of the reviews: who has reported so far, what was filed, what was accepted.

What others have not submitted yet is seen only as "not submitted" (`Review.objects.visible_to`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from clusters.acting import Acting
from clusters.models import ClusterYear, Membership, Period
from clusters.queries import place_of
from core.models import AuditEvent
from pledges.models import (
    Exemplar,
    ProgressReport,
    ProgressStatus,
    Review,
    ReviewKind,
    ReviewStatus,
    UnmetTarget,
)


@dataclass(frozen=True, slots=True)
class Reporting:
    """How far a unit has reported on the periods that are frozen."""

    member: Membership
    #: State of its report on the latest of these periods; empty when it was not submitted.
    status: str
    number: str
    days_late: int
    accepted: int

    @property
    def is_settled(self) -> bool:
        """Whether its latest report is accepted, so that its figures count."""
        return self.status == ProgressStatus.ACCEPTED


def last_ended(periods: Iterable[Period], today: date) -> Period | None:
    """Return the last period whose days are over, None while the first one runs."""
    ended = [period for period in periods if period.ends_on < today]
    return ended[-1] if ended else None


def reporting_of(
    year: ClusterYear, acting: Acting, members: Sequence[Membership], periods: Sequence[Period]
) -> list[Reporting]:
    """Return how each member has reported on these periods, the latest last; one statement."""
    seen = ProgressReport.objects.visible_to(acting).filter(
        cluster_year=year, period__in=list(periods), part=1
    )
    reports = {(row.unit_id, row.period_id): row for row in seen}
    latest = periods[-1].pk if periods else None
    found = []
    for member in members:
        row = reports.get((member.unit_id, latest)) if latest else None
        mine = [reports.get((member.unit_id, period.pk)) for period in periods]
        accepted = sum(r is not None and r.status == ProgressStatus.ACCEPTED for r in mine)
        found.append(
            Reporting(
                member=member,
                status=row.status if row else "",
                number=row.number if row else "",
                days_late=row.days_late if row else 0,
                accepted=accepted,
            )
        )
    return found


def reviews_with_names() -> QuerySet[Review]:
    """Return reviews with everything a page prints of them."""
    return Review.objects.select_related("unit", "submitted_by", "decided_by")


def reviews_seen(year: ClusterYear, kind: ReviewKind, acting: Acting) -> list[Review]:
    """Return the reviews of a kind that this person may read."""
    seen = Review.objects.visible_to(acting).filter(cluster_year=year, kind=kind)
    return list(reviews_with_names().filter(pk__in=seen.values("pk")))


def facts_of_opening(year: ClusterYear, kind: ReviewKind) -> dict[str, Any] | None:
    """Return what was settled when a review opened: until when, due when, against what share."""
    found = Review.objects.filter(cluster_year=year, kind=kind, unit__isnull=True)
    row = found.values("pk", "opened_at", "figures_until", "due_on", "figures").first()
    return {**row, "share": row["figures"]["share"]} if row else None


def accepted_reviews(review: Review, acting: Acting) -> list[Review]:
    """Return the accepted reports of the units on which the cluster's own stands."""
    seen = Review.objects.visible_to(acting).filter(
        cluster_year=review.cluster_year_id,
        kind=review.kind,
        unit__isnull=False,
        status=ReviewStatus.ACCEPTED,
    )
    return list(reviews_with_names().filter(pk__in=seen.values("pk")))


def unmet_of(reviews: Iterable[Review]) -> list[UnmetTarget]:
    """Return what these reports single out, in the order of the paper; one statement."""
    rows = UnmetTarget.objects.filter(review__in=[review.pk for review in reviews])
    return list(rows.select_related("target", "review").order_by("target__order", "pk"))


def exemplars_of(
    year: ClusterYear, acting: Acting, *, unit_id: int | None = None
) -> list[Exemplar]:
    """Return the exemplars that stand in the register, of one unit or of all."""
    seen = Exemplar.objects.visible_to(acting).filter(cluster_year=year, withdrawn_at__isnull=True)
    rows = seen.filter(unit=unit_id) if unit_id else seen
    return list(rows.select_related("unit").order_by("kind", "unit__sort_key", "pk"))


#: What a unit does before it hands something in is its own.
UNSEEN_ACTIONS = ("pledges.review_saved", "pledges.review_handed_over")


def without_open_reports(
    events: QuerySet[AuditEvent], acting: Acting, year: ClusterYear
) -> QuerySet[AuditEvent]:
    """Leave out of the history what others write in their reports before they hand it in.

    Also when a report was returned and is written anew: only its submissions are for all to read.
    """
    readable = Review.objects.visible_to(acting).filter(cluster_year=year)
    place = place_of(acting, year)
    written = Q(unit=acting.unit_id) if place.membership else Q(pk__in=[])
    if place.is_lead:
        written |= Q(unit__isnull=True)
    seen = [str(pk) for pk in readable.values_list("pk", flat=True)]
    own = [str(pk) for pk in readable.filter(written).values_list("pk", flat=True)]
    is_review = Q(object_type="pledges.review")
    return events.exclude(is_review & ~Q(object_id__in=seen)).exclude(
        is_review & Q(action__in=UNSEEN_ACTIONS) & ~Q(object_id__in=own)
    )
