"""Scoring runs and their publication: recorded once, never changed."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from clusters.acting import Acting
from clusters.models import ClusterYear, Unit
from scoring.models.table import CriteriaTable


class RunKind(models.TextChoices):
    """Which of the four figures a run reads; none ever stands in for another."""

    CLAIMED = "CLAIMED", "Theo điểm tự chấm"
    FIRST = "FIRST", "Theo thẩm định lần một"
    FINAL = "FINAL", "Theo kết quả duyệt"


class ScoringRunQuerySet(models.QuerySet["ScoringRun"]):
    """Questions about runs."""

    def visible_to(self, acting: Acting) -> Self:
        """Return the runs one may read: those published; the organiser and the lead all of them."""
        seen = self.filter(cluster_year__in=ClusterYear.objects.visible_to(acting))
        if acting.is_organiser:
            return seen
        lead = Q(
            cluster_year__memberships__unit=acting.unit_id,
            cluster_year__memberships__role="LEAD",
        )
        return seen.filter(lead | Q(publications__isnull=False)).distinct()


class ScoringRun(models.Model):
    """One computation over the whole cluster (phiên chấm): inputs, engine, who, when, why.

    `table_json` and `figures` are the engine's own input forms, so that the run can be made again
    years later with `manage.py score` and gives the same bytes.
    """

    cluster_year = models.ForeignKey(
        ClusterYear, models.PROTECT, related_name="runs", verbose_name="năm thi đua"
    )
    number = models.PositiveSmallIntegerField("phiên số")
    kind = models.CharField("theo số liệu", max_length=8, choices=RunKind.choices)
    table = models.ForeignKey(
        CriteriaTable, models.PROTECT, related_name="runs", verbose_name="bảng tiêu chí"
    )
    table_json = models.JSONField("bảng tiêu chí đã dùng")
    figures = models.JSONField("số liệu đã dùng")
    inputs_sha256 = models.CharField("mã băm đầu vào", max_length=64)
    engine = models.CharField("phiên bản máy tính điểm", max_length=12)
    #: What keeps the run from being published as final, in words; empty when nothing does.
    gaps = models.JSONField("còn thiếu", default=list)
    reason = models.CharField("lý do chạy", max_length=300, blank=True)
    made_at = models.DateTimeField("chạy lúc")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = ScoringRunQuerySet.as_manager()

    class Meta:
        verbose_name = "phiên chấm"
        constraints = [
            models.UniqueConstraint(fields=["cluster_year", "number"], name="run_number_once")
        ]

    def __str__(self) -> str:
        return f"Phiên chấm {self.number}, {self.cluster_year}"


class RunResult(models.Model):
    """What a run gives one unit; points have the decimals of the table."""

    run = models.ForeignKey(ScoringRun, models.PROTECT, related_name="results")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    #: Place in the order of the result: ranks first, then who has none; ties by code.
    order = models.PositiveSmallIntegerField("thứ tự")
    #: Name as printed then, whatever is renamed or merged later (product.md §5.9).
    unit_name = models.CharField("tên đơn vị", max_length=255)
    total = models.DecimalField("tổng điểm", max_digits=14, decimal_places=6)
    base = models.DecimalField("điểm nội dung", max_digits=14, decimal_places=6)
    bonus = models.DecimalField("điểm thưởng", max_digits=14, decimal_places=6)
    penalty = models.DecimalField("điểm trừ", max_digits=14, decimal_places=6)
    assigned_max = models.DecimalField("điểm được giao", max_digits=14, decimal_places=6)
    percent = models.DecimalField("tỷ lệ (%)", max_digits=14, decimal_places=6, null=True)
    rank = models.PositiveSmallIntegerField("hạng", null=True)
    is_tied = models.BooleanField("đồng hạng", default=False)
    classification = models.CharField("xếp loại", max_length=60, blank=True)
    is_complete = models.BooleanField("đủ số liệu")
    missing = models.JSONField("tiêu chí chưa nhập", default=list)
    vetoes = models.JSONField("không xét vì", default=list)
    #: Group code → points, as the engine writes them.
    groups = models.JSONField("điểm từng nhóm", default=dict)

    class Meta:
        verbose_name = "kết quả của phiên chấm"
        constraints = [
            models.UniqueConstraint(fields=["run", "unit"], name="one_result_per_unit_and_run"),
            models.UniqueConstraint(fields=["run", "order"], name="result_order_once"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_name}, {self.run}"


class RunLine(models.Model):
    """What a run gives one unit for one leaf, with the sentence that explains it (U1)."""

    result = models.ForeignKey(RunResult, models.PROTECT, related_name="lines")
    code = models.CharField("mã tiêu chí", max_length=40)
    #: Null: the leaf is not assigned to the unit.
    score = models.DecimalField("điểm", max_digits=14, decimal_places=6, null=True)
    max_points = models.DecimalField("điểm tối đa", max_digits=14, decimal_places=6)
    why = models.TextField("giải thích")

    class Meta:
        verbose_name = "điểm từng tiêu chí"
        constraints = [
            models.UniqueConstraint(fields=["result", "code"], name="one_score_per_leaf")
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.score}"


class PublicationStatus(models.TextChoices):
    """The states of a publication (product.md §4)."""

    PROVISIONAL = "PROVISIONAL", "Tạm tính"
    FINAL = "FINAL", "Chính thức"
    REVOKED = "REVOKED", "Đã thu hồi"


class PublicationQuerySet(models.QuerySet["Publication"]):
    """Questions about publications."""

    def visible_to(self, acting: Acting) -> Self:
        """Return the publications of the years one sees; that is what publishing means."""
        return self.filter(cluster_year__in=ClusterYear.objects.visible_to(acting))


class Publication(models.Model):
    """The act of publishing a run: provisional until objections are decided, then final."""

    cluster_year = models.ForeignKey(
        ClusterYear, models.PROTECT, related_name="publications", verbose_name="năm thi đua"
    )
    run = models.ForeignKey(
        ScoringRun, models.PROTECT, related_name="publications", verbose_name="phiên chấm"
    )
    status = models.CharField("trạng thái", max_length=12, choices=PublicationStatus.choices)
    published_at = models.DateTimeField("công bố lúc")
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    note = models.CharField("ghi chú", max_length=300, blank=True)
    #: Last day on which objections to a provisional result are taken.
    objections_until = models.DateField("nhận kiến nghị đến hết ngày", null=True, blank=True)
    revoked_at = models.DateTimeField("thu hồi lúc", null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    #: Number and date of the decision by which a final result was revoked, and why.
    revoke_reason = models.CharField("quyết định, lý do thu hồi", max_length=300, blank=True)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = "công bố kết quả"
        constraints = [
            models.UniqueConstraint(
                fields=["cluster_year"],
                condition=Q(status="FINAL"),
                name="one_final_result_per_cluster_year",
            ),
            models.CheckConstraint(
                condition=(Q(status="REVOKED", revoked_at__isnull=False) & ~Q(revoke_reason=""))
                | (~Q(status="REVOKED") & Q(revoked_at__isnull=True, revoke_reason="")),
                name="revoked_iff_reason_and_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()}: {self.run}"
