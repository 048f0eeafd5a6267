"""Score sheets: four figures side by side for every leaf, and the vetoes of a unit."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from clusters.acting import Acting
from clusters.models import ClusterYear, Unit
from scoring.models.evidence import Evidence
from scoring.models.table import CriteriaTable, Criterion


class SheetStatus(models.TextChoices):
    """The states of a score sheet (product.md §4)."""

    SELF_SCORING = "SELF_SCORING", "Đang tự chấm"
    SUBMITTED = "SUBMITTED", "Đã nộp"
    APPRAISING = "APPRAISING", "Đang thẩm định"
    RETURNED = "RETURNED", "Trả lại"
    EXPLAINING = "EXPLAINING", "Đang giải trình"
    SECOND_APPRAISAL = "SECOND_APPRAISAL", "Thẩm định lần hai"
    APPROVED = "APPROVED", "Đã duyệt"
    FINAL = "FINAL", "Điểm chính thức"


class ScoreSheetQuerySet(models.QuerySet["ScoreSheet"]):
    """Questions about score sheets."""

    def visible_to(self, acting: Acting) -> Self:
        """Return the sheets one may open: one's own, those one judges, after submission.

        The organiser reads every submitted sheet; the unit that appraises reads the sheets it is
        to appraise. Other members see results only when they are published.
        """
        seen = self.filter(cluster_year__in=ClusterYear.objects.visible_to(acting))
        if acting.is_organiser:
            return seen.exclude(submitted_at__isnull=True)
        own = Q(unit=acting.unit_id)
        judged = Q(appraiser=acting.unit_id, submitted_at__isnull=False)
        return seen.filter(own | judged)


class ScoreSheet(models.Model):
    """The score sheet of a unit in a year (phiếu chấm điểm)."""

    cluster_year = models.ForeignKey(
        ClusterYear, models.PROTECT, related_name="sheets", verbose_name="năm thi đua"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    table = models.ForeignKey(
        CriteriaTable, models.PROTECT, related_name="sheets", verbose_name="bảng tiêu chí"
    )
    #: Who makes the first appraisal: the lead, for the lead's own sheet the deputy; None is the
    #: organiser, where there is no other unit to do it.
    appraiser = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="thẩm định"
    )
    status = models.CharField(
        "trạng thái", max_length=16, choices=SheetStatus.choices, default=SheetStatus.SELF_SCORING
    )
    number = models.CharField("số phiếu", max_length=60, blank=True)
    #: Raised by every save; whoever decides on an older one is refused with the difference.
    revision = models.PositiveIntegerField("lần lưu", default=1)
    opened_at = models.DateTimeField("mở lúc")
    #: When the officer laid it before the head; it changes no state.
    ready_at = models.DateTimeField("trình lãnh đạo lúc", null=True, blank=True)
    submitted_at = models.DateTimeField("nộp lúc", null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    days_late = models.PositiveSmallIntegerField("muộn (ngày)", default=0)
    taken_up_at = models.DateTimeField("bắt đầu thẩm định lúc", null=True, blank=True)
    returned_at = models.DateTimeField("trả lại lúc", null=True, blank=True)
    return_reason = models.TextField("lý do trả lại", blank=True)
    appraised_at = models.DateTimeField("thẩm định lần một xong lúc", null=True, blank=True)
    explained_at = models.DateTimeField("giải trình xong lúc", null=True, blank=True)
    approved_at = models.DateTimeField("duyệt lúc", null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ScoreSheetQuerySet.as_manager()

    class Meta:
        verbose_name = "phiếu chấm điểm"
        constraints = [
            models.UniqueConstraint(fields=["cluster_year", "unit"], name="one_sheet_per_unit"),
            models.CheckConstraint(
                condition=Q(appraiser__isnull=True) | ~Q(appraiser=models.F("unit")),
                name="nobody_appraises_the_own_sheet",
            ),
            models.CheckConstraint(
                condition=Q(status="SELF_SCORING") | Q(submitted_at__isnull=False),
                name="sheet_submitted_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="RETURNED")
                | (Q(returned_at__isnull=False) & ~Q(return_reason="")),
                name="sheet_returned_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["APPROVED", "FINAL"]) | Q(approved_at__isnull=False),
                name="sheet_approved_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"Phiếu chấm điểm của {self.unit.short_name}"


class ScoreLine(models.Model):
    """One leaf on a sheet: what is claimed, first and second appraisal, final; side by side.

    Each of the four is a figure of the leaf as the engine reads it (`{"points": "9.5"}`,
    `{"actual": "150"}`, `{"met": true}`); null means nobody has decided yet, `{}` that it is not
    entered on purpose, `{"assigned": false}` that the criterion is not assigned. Target and
    baseline are never part of them: they stand in `basis`, copied from the signed pledge.
    """

    sheet = models.ForeignKey(
        ScoreSheet, models.PROTECT, related_name="lines", verbose_name="phiếu"
    )
    criterion = models.ForeignKey(
        Criterion, models.PROTECT, related_name="lines", verbose_name="tiêu chí"
    )
    #: What the signed pledge and the accepted progress say of this leaf, and where it stands;
    #: empty for a leaf without target. Keys: see `scoring.figures.Basis`.
    basis = models.JSONField("căn cứ", default=dict, blank=True)
    claimed = models.JSONField("tự chấm", null=True, blank=True)
    claim_note = models.TextField("thuyết minh", blank=True)
    returned_at = models.DateTimeField("trả lại lúc", null=True, blank=True)
    return_reason = models.TextField("lý do trả lại", blank=True)
    first = models.JSONField("thẩm định lần một", null=True, blank=True)
    first_reason = models.TextField("lý do chênh lệch", blank=True)
    explanation = models.TextField("giải trình", blank=True)
    second = models.JSONField("thẩm định lần hai", null=True, blank=True)
    second_reason = models.TextField("lý do lần hai", blank=True)
    final = models.JSONField("chính thức", null=True, blank=True)
    final_reason = models.TextField("lý do điều chỉnh", blank=True)
    evidence = models.ManyToManyField(Evidence, related_name="score_lines", blank=True)

    class Meta:
        verbose_name = "dòng chấm điểm"
        constraints = [
            models.UniqueConstraint(fields=["sheet", "criterion"], name="one_line_per_leaf")
        ]

    def __str__(self) -> str:
        return f"{self.criterion.code}, {self.sheet}"


class VetoQuerySet(models.QuerySet["Veto"]):
    """Questions about vetoes."""

    def standing(self) -> Self:
        """Return the vetoes that were not lifted."""
        return self.filter(lifted_at__isnull=True)


class Veto(models.Model):
    """Why a unit is not ranked this year (điểm liệt, không xét), raised and lifted with a reason.

    Only the category of the reason is kept, no particulars of persons (domain.md §7).
    """

    cluster_year = models.ForeignKey(
        ClusterYear, models.PROTECT, related_name="vetoes", verbose_name="năm thi đua"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    reason = models.CharField("lý do không xét", max_length=300)
    raised_at = models.DateTimeField("ghi lúc")
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField("bỏ lúc", null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    lift_reason = models.CharField("lý do bỏ", max_length=300, blank=True)

    objects = VetoQuerySet.as_manager()

    class Meta:
        verbose_name = "trường hợp không xét"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="veto_has_a_reason"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True, lift_reason="")
                | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lift_reason="")),
                name="veto_lifted_iff_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit}: {self.reason}"
