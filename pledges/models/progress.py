"""Progress: what a unit reports on its targets, period by period, and what the lead says to it."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from clusters.acting import Acting
from clusters.models import ClusterYear, Period, Unit
from pledges.models.pledge import Target
from scoring.models import Evidence


class ProgressStatus(models.TextChoices):
    """The states of a progress report (product.md §4)."""

    DRAFT = "DRAFT", "Đang nhập"
    SUBMITTED = "SUBMITTED", "Chờ duyệt"
    RETURNED = "RETURNED", "Trả lại"
    ACCEPTED = "ACCEPTED", "Đã chấp nhận"


class ProgressReportQuerySet(models.QuerySet["ProgressReport"]):
    """Questions about progress reports."""

    def visible_to(self, acting: Acting) -> Self:
        """Return the reports of the years one sees; of others only what was once submitted."""
        seen = self.filter(cluster_year__in=ClusterYear.objects.visible_to(acting))
        if acting.is_organiser:
            return seen.filter(submitted_at__isnull=False)
        return seen.filter(Q(unit=acting.unit_id) | Q(submitted_at__isnull=False))


class ProgressReport(models.Model):
    """A unit's report on one period (phiếu tiến độ).

    Part 1 is the report itself. What was accepted is never edited: a correction is a further part
    (phiếu đính chính) whose entries each name the accepted entry they replace.
    """

    cluster_year = models.ForeignKey(
        ClusterYear, models.PROTECT, related_name="progress", verbose_name="năm thi đua"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    period = models.ForeignKey(
        Period, models.PROTECT, related_name="reports", verbose_name="kỳ báo cáo"
    )
    part = models.PositiveSmallIntegerField("phần", default=1)
    status = models.CharField(
        "trạng thái", max_length=10, choices=ProgressStatus.choices, default=ProgressStatus.DRAFT
    )
    #: Number in the register, reserved by the first submission: "12/TĐ-K1".
    number = models.CharField("số phiếu", max_length=60, blank=True)
    #: Raised by every save; a save or decision that read an older one is a conflict.
    revision = models.PositiveIntegerField("lần lưu", default=1)
    narrative = models.TextField("tình hình chung", blank=True)
    created_at = models.DateTimeField("lập lúc")
    #: When the officer laid it before the head; it changes no state.
    ready_at = models.DateTimeField("trình lãnh đạo lúc", null=True, blank=True)
    submitted_at = models.DateTimeField("nộp lúc", null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    days_late = models.PositiveSmallIntegerField("muộn (ngày)", default=0)
    returned_at = models.DateTimeField("trả lại lúc", null=True, blank=True)
    return_reason = models.TextField("lý do trả lại", blank=True)
    #: When somebody of the deciding unit first opened what was submitted ("đã xem 21/06").
    seen_at = models.DateTimeField("đã xem lúc", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField("chấp nhận lúc", null=True, blank=True)

    objects = ProgressReportQuerySet.as_manager()

    class Meta:
        verbose_name = "phiếu tiến độ"
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "period", "part"], name="one_report_per_unit_period_and_part"
            ),
            models.CheckConstraint(condition=Q(part__gte=1), name="progress_part_from_one"),
            models.CheckConstraint(
                condition=Q(status="DRAFT") | Q(submitted_at__isnull=False),
                name="progress_submitted_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="RETURNED")
                | (Q(returned_at__isnull=False) & ~Q(return_reason="")),
                name="progress_returned_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(status="ACCEPTED", accepted_at__isnull=False)
                | (~Q(status="ACCEPTED") & Q(accepted_at__isnull=True)),
                name="progress_accepted_iff_time",
            ),
        ]

    def __str__(self) -> str:
        kind = "Phiếu tiến độ" if self.part == 1 else "Phiếu đính chính"
        return f"{kind} {self.period.name} của {self.unit.short_name}"


class ProgressEntry(models.Model):
    """What a unit enters for one target in one period: a figure or words, with its evidence.

    No entry, an entry without value, and zero are three things: not touched, "chưa có số liệu"
    said on purpose, and 0. Once submitted a row never changes; `replaces` names the older entry
    that a returned or corrected figure takes the place of.
    """

    report = models.ForeignKey(
        ProgressReport, models.CASCADE, related_name="entries", verbose_name="phiếu"
    )
    target = models.ForeignKey(
        Target, models.PROTECT, related_name="entries", verbose_name="chỉ tiêu"
    )
    value = models.DecimalField("kết quả", max_digits=18, decimal_places=4, null=True, blank=True)
    text = models.TextField("kết quả bằng lời", blank=True)
    note = models.TextField("thuyết minh", blank=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by",
        verbose_name="thay cho",
    )  # fmt: skip
    #: Why an accepted figure is corrected.
    reason = models.TextField("lý do đính chính", blank=True)
    entered_at = models.DateTimeField("nhập lúc")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField("nộp lúc", null=True, blank=True)
    evidence = models.ManyToManyField(Evidence, related_name="progress_entries", blank=True)

    class Meta:
        verbose_name = "số liệu tiến độ"
        constraints = [
            models.UniqueConstraint(
                fields=["report", "target"],
                condition=Q(replaces__isnull=True),
                name="one_first_entry_per_target",
            ),
            models.UniqueConstraint(
                fields=["report", "target"],
                condition=Q(submitted_at__isnull=True),
                name="one_open_entry_per_target",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target}: {self.report}"


class ReturnedEntry(models.Model):
    """A cell that the lead returned, with what has to be mended; appended, never changed."""

    report = models.ForeignKey(
        ProgressReport, models.PROTECT, related_name="returned", verbose_name="phiếu"
    )
    target = models.ForeignKey(Target, models.PROTECT, related_name="+", verbose_name="chỉ tiêu")
    returned_at = models.DateTimeField("trả lại lúc")
    reason = models.TextField("lý do")

    class Meta:
        verbose_name = "ô trả lại"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="returned_entry_has_a_reason"),
            models.UniqueConstraint(
                fields=["report", "target", "returned_at"], name="entry_returned_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target}: {self.reason}"
