"""Evidence: the files that prove a figure, kept by their hash (features 37, 38, U13).

It stands in this app, below pledges, because score lines and progress entries both point at it.
"""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from clusters.acting import Acting
from clusters.models import ClusterYear, Unit


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    """Questions about evidence."""

    def visible_to(self, acting: Acting) -> Self:
        """Return the evidence of the years one sees: own, and all of it for who judges.

        The lead and the deputy judge other units, the organiser all of them. A file that only a
        draft of an objection rests on is the unit's own, as the draft is.
        """
        own = Q(unit=acting.unit_id)
        seen = self.filter(cluster_year__in=ClusterYear.objects.visible_to(acting))
        seen = seen.filter(own | ~_rests_on_drafts_of_objections())
        if acting.is_organiser:
            return seen
        judges = Q(
            cluster_year__memberships__unit=acting.unit_id,
            cluster_year__memberships__role__in=["LEAD", "DEPUTY"],
        )
        return seen.filter(own | judges).distinct()

    def standing(self) -> Self:
        """Return what was not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)


def _rests_on_drafts_of_objections() -> Q:
    """Return which files are used for objections nobody has sent, and for nothing else."""

    def used(**how: object) -> Exists:
        return Exists(Evidence.objects.filter(pk=OuterRef("pk"), **how))

    # Reverse relations are asked by name, because apps above this one use files, too.
    others = [one.name for one in Evidence._meta.related_objects if one.name != "objections"]
    drafted = used(objections__isnull=False, objections__sent_at__isnull=True)
    found = Q(drafted) & ~Q(used(objections__sent_at__isnull=False))
    for name in others:
        found &= ~Q(used(**{f"{name}__isnull": False}))
    return found


class Evidence(models.Model):
    """A file a unit puts forward in a year; stored under its SHA-256, never changed."""

    cluster_year = models.ForeignKey(
        ClusterYear, models.PROTECT, related_name="evidence", verbose_name="năm thi đua"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    sha256 = models.CharField("mã băm SHA-256", max_length=64)
    size = models.PositiveBigIntegerField("cỡ (byte)")
    mime = models.CharField("loại", max_length=80)
    name = models.CharField("tên tệp", max_length=200)
    paper_number = models.CharField("số, ký hiệu văn bản", max_length=80, blank=True)
    paper_date = models.DateField("ngày văn bản", null=True, blank=True)
    uploaded_at = models.DateTimeField("tải lên lúc")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField("rút lúc", null=True, blank=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = "minh chứng"
        constraints = [
            models.UniqueConstraint(
                fields=["cluster_year", "unit", "sha256"],
                condition=Q(withdrawn_at__isnull=True),
                name="evidence_once_per_unit_and_year",
            )
        ]

    def __str__(self) -> str:
        return self.name
