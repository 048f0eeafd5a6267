"""Objections to a provisional result, criterion by criterion (feature 62, U11)."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from clusters.acting import Acting
from clusters.models import ClusterYear, Unit
from scoring.models.evidence import Evidence
from scoring.models.run import Publication
from scoring.models.sheet import ScoreLine


class ObjectionStatus(models.TextChoices):
    """The states of an objection."""

    DRAFT = "DRAFT", "Đang soạn"
    SENT = "SENT", "Chờ quyết định"
    ACCEPTED = "ACCEPTED", "Chấp nhận"
    REJECTED = "REJECTED", "Không chấp nhận"
    WITHDRAWN = "WITHDRAWN", "Đã rút"


class ObjectionQuerySet(models.QuerySet["Objection"]):
    """Questions about objections."""

    def visible_to(self, acting: Acting) -> Self:
        """Return one's own unit's, and for the organiser all that were sent.

        The unit that made the first appraisal reads what was sent about sheets it appraised.
        """
        seen = self.filter(cluster_year__in=ClusterYear.objects.visible_to(acting))
        if acting.is_organiser:
            return seen.exclude(sent_at__isnull=True)
        own = Q(unit=acting.unit_id)
        judged = Q(line__sheet__appraiser=acting.unit_id, sent_at__isnull=False)
        return seen.filter(own | judged)

    def waiting(self) -> Self:
        """Return those that were sent and not decided."""
        return self.filter(status=ObjectionStatus.SENT)


class Objection(models.Model):
    """A unit's objection (kiến nghị) to its own provisional score, until the published date.

    It concerns one line of the own sheet, or without a line the result as a whole (rank, veto).
    Accepting one changes the final figure of the line by decision; the points change only through
    a new run, so that what moved elsewhere in the cluster is seen too.
    """

    cluster_year = models.ForeignKey(
        ClusterYear, models.PROTECT, related_name="objections", verbose_name="năm thi đua"
    )
    publication = models.ForeignKey(
        Publication, models.PROTECT, related_name="objections", verbose_name="lần công bố"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    line = models.ForeignKey(
        ScoreLine, models.PROTECT, null=True, blank=True, related_name="objections",
        verbose_name="tiêu chí",
    )  # fmt: skip
    #: Number within the year, given on sending; 0 before.
    number = models.PositiveSmallIntegerField("số", default=0)
    status = models.CharField(
        "trạng thái", max_length=10, choices=ObjectionStatus.choices, default=ObjectionStatus.DRAFT
    )
    #: Raised by every save; whoever acts on an older one is refused with the difference.
    revision = models.PositiveIntegerField("lần lưu", default=1)
    text = models.TextField("nội dung kiến nghị")
    #: The figure the unit asks for, in the form of a score line; null leaves it to the decision.
    asked = models.JSONField("đề nghị", null=True, blank=True)
    evidence = models.ManyToManyField(Evidence, related_name="objections", blank=True)
    created_at = models.DateTimeField("soạn lúc")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    #: When the officer laid it before the head; it changes no state.
    ready_at = models.DateTimeField("trình lãnh đạo lúc", null=True, blank=True)
    sent_at = models.DateTimeField("gửi lúc", null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    #: When and by whom it was decided or withdrawn; the decision names its reason.
    ended_at = models.DateTimeField("kết thúc lúc", null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decision = models.TextField("quyết định, lý do", blank=True)
    #: The final figure before the decision, and what it was decided to be; null where unchanged.
    figure_before = models.JSONField("số trước quyết định", null=True, blank=True)
    figure_after = models.JSONField("số theo quyết định", null=True, blank=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = "kiến nghị"
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "line"],
                condition=Q(status__in=["DRAFT", "SENT"], line__isnull=False),
                name="one_open_objection_per_line",
            ),
            models.UniqueConstraint(
                fields=["publication", "unit"],
                condition=Q(status__in=["DRAFT", "SENT"], line__isnull=True),
                name="one_open_objection_to_the_result",
            ),
            models.UniqueConstraint(
                fields=["cluster_year", "number"],
                condition=Q(number__gt=0),
                name="objection_number_once",
            ),
            models.CheckConstraint(
                condition=Q(status="DRAFT", sent_at__isnull=True, number=0)
                | (~Q(status="DRAFT") & Q(sent_at__isnull=False, number__gt=0)),
                name="objection_sent_iff_numbered",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["DRAFT", "SENT"], ended_at__isnull=True)
                | (~Q(status__in=["DRAFT", "SENT"]) & Q(ended_at__isnull=False)),
                name="objection_ended_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["ACCEPTED", "REJECTED"]) | ~Q(decision=""),
                name="objection_decided_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        number = f" số {self.number}" if self.number else ""
        return f"kiến nghị{number} của {self.unit.short_name}"
