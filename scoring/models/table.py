"""Criteria tables: a tree of groups and leaves for one cluster year, in versions."""

from typing import Self

from django.db import models
from django.db.models import Q

from clusters.acting import Acting
from clusters.models import ClusterYear
from core.fields import SearchKeyField


class CriteriaTableQuerySet(models.QuerySet["CriteriaTable"]):
    """Questions about criteria tables."""

    def visible_to(self, acting: Acting) -> Self:
        """Return the tables of the cluster years one sees."""
        return self.filter(cluster_year__in=ClusterYear.objects.visible_to(acting))


class CriteriaTable(models.Model):
    """A version of the criteria table (bảng tiêu chí) of a cluster year; immutable once in use."""

    class Status(models.TextChoices):
        """Whether the table may still change."""

        DRAFT = "DRAFT", "Bản nháp"
        IN_USE = "IN_USE", "Đang dùng"
        REPLACED = "REPLACED", "Đã thay thế"

    cluster_year = models.ForeignKey(
        ClusterYear, models.PROTECT, related_name="criteria_tables", verbose_name="năm thi đua"
    )
    version = models.PositiveSmallIntegerField("phiên bản", default=1)
    name = models.CharField("tên bảng", max_length=300)
    scale_total = models.DecimalField("thang điểm", max_digits=12, decimal_places=2)
    status = models.CharField(
        "tình trạng", max_length=8, choices=Status.choices, default=Status.DRAFT
    )
    #: Rounding, ranking, classification: the head of the interchange format, as it was read.
    settings = models.JSONField("quy ước", default=dict)
    source = models.CharField("nguồn", max_length=300, blank=True)
    #: Only codes and numbers of criteria are stored; their texts are on paper (domain.md §0.10).
    is_coded = models.BooleanField("chỉ ghi mã số", default=False)
    #: Raised by every change of a draft; whoever changes an older one is refused.
    revision = models.PositiveIntegerField("lần lưu", default=1)
    #: Why this version was made, and by which decision it was put in use beside the pledge.
    reason = models.CharField("lý do sửa đổi", max_length=300, blank=True)
    decision = models.CharField("quyết định áp dụng", max_length=300, blank=True)
    created_at = models.DateTimeField("tạo lúc")

    objects = CriteriaTableQuerySet.as_manager()

    class Meta:
        verbose_name = "bảng tiêu chí"
        constraints = [
            models.UniqueConstraint(fields=["cluster_year", "version"], name="table_version_once"),
            # A new version is drafted beside the table in use.
            models.UniqueConstraint(
                fields=["cluster_year", "status"],
                condition=~Q(status="REPLACED"),
                name="one_draft_and_one_table_in_use",
            ),
            models.CheckConstraint(condition=Q(scale_total__gt=0), name="scale_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.name} (phiên bản {self.version})"


class Criterion(models.Model):
    """A group or a leaf of a criteria table; only leaves carry a rule."""

    table = models.ForeignKey(
        CriteriaTable, models.CASCADE, related_name="criteria", verbose_name="bảng"
    )
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children", verbose_name="nhóm"
    )
    order = models.PositiveSmallIntegerField("thứ tự")
    depth = models.PositiveSmallIntegerField("cấp")
    code = models.CharField("mã", max_length=40)
    title = models.CharField("nội dung", max_length=600, blank=True)
    max_points = models.DecimalField("điểm tối đa", max_digits=12, decimal_places=2, null=True)
    kind = models.CharField("loại nhóm", max_length=8, blank=True)
    unit_of_measure = models.CharField("đơn vị tính", max_length=40, blank=True)
    rule = models.JSONField("quy tắc", null=True, blank=True)
    details = models.JSONField("chi tiết", default=dict, blank=True)
    search_key = SearchKeyField("title", max_length=700)

    class Meta:
        verbose_name = "tiêu chí"
        constraints = [
            models.UniqueConstraint(fields=["table", "code"], name="criterion_code_once_per_table"),
            models.UniqueConstraint(
                fields=["table", "order"], name="criterion_order_once_per_table"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}" if self.title else self.heading

    @property
    def heading(self) -> str:
        """Return the text, or what pages print where it is on paper only."""
        return self.title or coded_title(self.code, is_group=self.rule is None)


def coded_title(code: str, *, is_group: bool = False) -> str:
    """Return what stands for the text of a criterion that is on paper only."""
    return f"{'Nhóm' if is_group else 'Tiêu chí'} số {code}"
