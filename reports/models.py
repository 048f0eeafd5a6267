"""What leaves the building: documents, their files, the jobs that make them, their codes."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from clusters.acting import Acting
from clusters.models import ClusterYear
from pledges.models import PaperKind, PledgeVersion


class StoredFile(models.Model):
    """A file in the content-addressed store, named by its SHA-256 and written once."""

    sha256 = models.CharField("mã băm SHA-256", max_length=64, unique=True)
    size = models.PositiveBigIntegerField("cỡ (byte)")
    mime = models.CharField("loại", max_length=80)
    pages = models.PositiveIntegerField("số trang", null=True, blank=True)
    created_at = models.DateTimeField("lưu lúc")

    class Meta:
        verbose_name = "tệp lưu"

    def __str__(self) -> str:
        return f"{self.sha256[:12]}… {self.mime}"


class VerifyCode(models.Model):
    """The code printed on a paper: Crockford base32, 60 random bits, made before rendering.

    It belongs to one paper of one version, through all revisions of its document.
    """

    code = models.CharField("mã xác minh", max_length=20, unique=True)
    version = models.ForeignKey(
        PledgeVersion, models.PROTECT, related_name="codes", verbose_name="bản"
    )
    paper = models.CharField("văn bản", max_length=12, choices=PaperKind.choices)

    class Meta:
        verbose_name = "mã xác minh"
        constraints = [
            models.UniqueConstraint(fields=["version", "paper"], name="one_code_per_paper")
        ]

    def __str__(self) -> str:
        return self.code


class DocumentQuerySet(models.QuerySet["Document"]):
    """Questions about documents."""

    def visible_to(self, acting: Acting) -> Self:
        """Return the documents of the cluster years one sees."""
        return self.filter(cluster_year__in=ClusterYear.objects.visible_to(acting))


class Document(models.Model):
    """A revision of an issued paper: content copied and hashed, then rendered from that copy alone.

    Revision 1 is what heads read and sign; revision 2, sealed, carries the signatures and the
    signing record. A revision is never edited: content once, file once.
    """

    class Stage(models.TextChoices):
        """Which of the two prints this is."""

        TO_SIGN = "TO_SIGN", "Bản sẽ ký"
        SIGNED = "SIGNED", "Bản đã ký"

    cluster_year = models.ForeignKey(ClusterYear, models.PROTECT, related_name="documents")
    code = models.ForeignKey(
        VerifyCode, models.PROTECT, related_name="documents", verbose_name="mã xác minh"
    )
    revision = models.PositiveSmallIntegerField("lần phát hành")
    stage = models.CharField("bản", max_length=8, choices=Stage.choices)
    title = models.CharField("tên văn bản", max_length=300)
    number = models.CharField("số, ký hiệu", max_length=60)
    content = models.JSONField("nội dung")
    content_hash = models.CharField("mã băm nội dung", max_length=64)
    file = models.ForeignKey(
        StoredFile,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name="tệp",
    )
    issued_at = models.DateTimeField("phát hành lúc")
    rendered_at = models.DateTimeField("dựng xong lúc", null=True, blank=True)
    withdrawn_at = models.DateTimeField("hết giá trị lúc", null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "văn bản phát hành"
        constraints = [
            models.UniqueConstraint(fields=["code", "revision"], name="revision_once"),
            models.CheckConstraint(
                condition=Q(file__isnull=True, rendered_at__isnull=True)
                | Q(file__isnull=False, rendered_at__isnull=False),
                name="rendered_iff_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.get_stage_display().lower()})"


class JobQuerySet(models.QuerySet["Job"]):
    """Questions about jobs."""

    def visible_to(self, acting: Acting) -> Self:
        """Return the jobs of the cluster years one sees."""
        return self.filter(cluster_year__in=ClusterYear.objects.visible_to(acting))


class Job(models.Model):
    """What is asked of the workers: the truth about background work (product.md §8).

    The row is written in the transaction of the change that needs the work; Celery only wakes a
    worker, the sweeper wakes it again. A job with children is claimed when every child is settled.
    """

    class Kind(models.TextChoices):
        """What is to be made."""

        RENDER = "RENDER", "Dựng văn bản PDF"
        BOOK = "BOOK", "Đóng sổ giao ước (ZIP)"

    class Status(models.TextChoices):
        """The states of a job."""

        QUEUED = "QUEUED", "Đang xếp hàng"
        RUNNING = "RUNNING", "Đang chạy"
        DONE = "DONE", "Xong"
        FAILED = "FAILED", "Lỗi"
        CANCELLED = "CANCELLED", "Đã hủy"

    cluster_year = models.ForeignKey(ClusterYear, models.PROTECT, related_name="jobs")
    kind = models.CharField("việc", max_length=8, choices=Kind.choices)
    key = models.CharField("khóa", max_length=120, unique=True)
    title = models.CharField("tên việc", max_length=300)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name="thuộc việc",
    )
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="jobs"
    )
    status = models.CharField(
        "trạng thái", max_length=10, choices=Status.choices, default=Status.QUEUED
    )
    attempts = models.PositiveSmallIntegerField("số lần thử", default=0)
    error = models.CharField("lỗi", max_length=500, blank=True)
    result = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    queued_at = models.DateTimeField("xếp hàng lúc")
    rung_at = models.DateTimeField("gọi máy in lúc", null=True, blank=True)
    started_at = models.DateTimeField("bắt đầu lúc", null=True, blank=True)
    finished_at = models.DateTimeField("xong lúc", null=True, blank=True)
    expires_on = models.DateField("giữ tệp đến", null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = "việc in"
        constraints = [
            models.CheckConstraint(
                condition=(Q(status__in=["DONE", "FAILED", "CANCELLED"], finished_at__isnull=False))
                | Q(status__in=["QUEUED", "RUNNING"], finished_at__isnull=True),
                name="job_finished_iff_settled",
            ),
            models.CheckConstraint(
                condition=~Q(status="FAILED") | ~Q(error=""), name="failed_job_says_why"
            ),
        ]

    def __str__(self) -> str:
        return self.title
