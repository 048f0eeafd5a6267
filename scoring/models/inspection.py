"""Cross-inspection: teams drawn by lot from a published seed, and what they find (61, U9)."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from clusters.acting import Acting
from clusters.models import ClusterYear, MemberRole, Membership, Unit
from scoring.models.table import Criterion


class Draw(models.Model):
    """A drawing of lots: who inspects whom, repeatable from the seed and the list of units."""

    cluster_year = models.ForeignKey(
        ClusterYear, models.PROTECT, related_name="draws", verbose_name="năm thi đua"
    )
    number = models.PositiveSmallIntegerField("lần bốc thăm")
    #: What was published before or at the drawing, word for word.
    seed = models.CharField("mã bốc thăm", max_length=120)
    #: Codes of the units that took part, sorted: the other half of what the result follows from.
    units = models.JSONField("đơn vị tham gia")
    #: How many units inspect each unit; the first of a team heads it.
    team_size = models.PositiveSmallIntegerField("số đơn vị mỗi tổ", default=1)
    method = models.CharField("cách tính", max_length=12)
    due_on = models.DateField("hạn gửi biên bản")
    drawn_at = models.DateTimeField("bốc thăm lúc")
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField("hủy lúc", null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    cancel_reason = models.CharField("lý do hủy", max_length=300, blank=True)

    class Meta:
        verbose_name = "lần bốc thăm kiểm tra chéo"
        constraints = [
            models.UniqueConstraint(fields=["cluster_year", "number"], name="draw_number_once"),
            models.UniqueConstraint(
                fields=["cluster_year"],
                condition=Q(cancelled_at__isnull=True),
                name="one_standing_draw_per_year",
            ),
            models.CheckConstraint(condition=~Q(seed=""), name="draw_has_a_seed"),
            models.CheckConstraint(condition=Q(team_size__gte=1), name="team_has_a_unit"),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancel_reason="")
                | (Q(cancelled_at__isnull=False) & ~Q(cancel_reason="")),
                name="draw_cancelled_iff_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"Bốc thăm kiểm tra chéo lần {self.number}, {self.cluster_year}"


class InspectionStatus(models.TextChoices):
    """The states of an inspection."""

    OPEN = "OPEN", "Đang kiểm tra"
    SUBMITTED = "SUBMITTED", "Chờ đơn vị trả lời"
    ANSWERED = "ANSWERED", "Đã trả lời"


class InspectionQuerySet(models.QuerySet["Inspection"]):
    """Questions about inspections."""

    def visible_to(self, acting: Acting) -> Self:
        """Return those one takes part in; submitted ones also for who appraises or organises.

        Who inspects whom is public in the cluster (see the draw); what was found is not.
        """
        seen = self.filter(draw__cluster_year__in=ClusterYear.objects.visible_to(acting))
        if acting.is_organiser:
            return seen
        members = Membership.objects.filter(unit=acting.unit_id)
        led = members.filter(role=MemberRole.LEAD).values("cluster_year")
        deputised = members.filter(role=MemberRole.DEPUTY).values("cluster_year")
        inspects = Q(places__unit=acting.unit_id)
        handed = Q(submitted_at__isnull=False)
        # Who appraises: the lead all units, the deputy the lead.
        judges = Q(draw__cluster_year__in=led) | Q(
            draw__cluster_year__in=deputised,
            draw__cluster_year__memberships__role=MemberRole.LEAD,
            draw__cluster_year__memberships__unit=models.F("unit"),
        )
        return seen.filter(inspects | (handed & (Q(unit=acting.unit_id) | judges))).distinct()


class Inspection(models.Model):
    """The inspection of one unit by its team (tổ kiểm tra chéo), with its minutes."""

    draw = models.ForeignKey(
        Draw, models.PROTECT, related_name="inspections", verbose_name="lần bốc thăm"
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", verbose_name="đơn vị được kiểm tra"
    )
    status = models.CharField(
        "trạng thái", max_length=10, choices=InspectionStatus.choices,
        default=InspectionStatus.OPEN,
    )  # fmt: skip
    revision = models.PositiveIntegerField("lần lưu", default=1)
    inspected_on = models.DateField("ngày kiểm tra", null=True, blank=True)
    summary = models.TextField("nhận xét chung", blank=True)
    submitted_at = models.DateTimeField("gửi lúc", null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    answer = models.TextField("ý kiến của đơn vị", blank=True)
    answered_at = models.DateTimeField("trả lời lúc", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = InspectionQuerySet.as_manager()

    class Meta:
        verbose_name = "kiểm tra chéo"
        constraints = [
            models.UniqueConstraint(fields=["draw", "unit"], name="one_inspection_per_unit"),
            models.CheckConstraint(
                condition=Q(status="OPEN", submitted_at__isnull=True)
                | (~Q(status="OPEN") & Q(submitted_at__isnull=False, inspected_on__isnull=False)),
                name="inspection_submitted_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(status="ANSWERED", answered_at__isnull=False)
                | (~Q(status="ANSWERED") & Q(answered_at__isnull=True)),
                name="inspection_answered_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"Kiểm tra chéo {self.unit.short_name}"


class TeamPlace(models.Model):
    """A unit in the team that inspects another; never the inspected one."""

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="places")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    #: 1 heads the team.
    order = models.PositiveSmallIntegerField("thứ tự")

    class Meta:
        verbose_name = "thành viên tổ kiểm tra"
        constraints = [
            models.UniqueConstraint(fields=["inspection", "unit"], name="unit_once_per_team"),
            models.UniqueConstraint(fields=["inspection", "order"], name="team_order_once"),
        ]

    def __str__(self) -> str:
        return f"{self.unit}: {self.inspection}"


class Finding(models.Model):
    """What a team found at one criterion, and whether the inspected unit agrees."""

    class Answer(models.TextChoices):
        """What the inspected unit says of it."""

        AGREED = "AGREED", "Thống nhất"
        DISAGREED = "DISAGREED", "Không thống nhất"

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="findings")
    criterion = models.ForeignKey(
        Criterion, models.PROTECT, related_name="findings", verbose_name="tiêu chí"
    )
    text = models.TextField("kết quả kiểm tra")
    answer = models.CharField("ý kiến", max_length=10, choices=Answer.choices, blank=True)
    answer_text = models.TextField("lý do không thống nhất", blank=True)

    class Meta:
        verbose_name = "kết quả kiểm tra"
        constraints = [
            models.UniqueConstraint(
                fields=["inspection", "criterion"], name="one_finding_per_criterion"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="finding_says_something"),
            models.CheckConstraint(
                condition=~Q(answer="DISAGREED") | ~Q(answer_text=""),
                name="disagreement_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion.code}: {self.inspection}"
