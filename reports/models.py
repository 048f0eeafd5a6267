"""What leaves the building: documents, their files, the jobs that make them, their codes."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.db.models.fields.json import KT

from clusters.acting import Acting
from clusters.models import ClusterYear, Unit
from pledges.models import PaperKind, PledgeVersion
from scoring.models import ScoreSheet
from scoring.queries.openness import years_with_open_points


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


class DocumentKind(models.TextChoices):
    """The papers issued after the signed pledge (domain.md §5.3)."""

    REVIEW = "REVIEW", "Báo cáo của đơn vị"
    CLUSTER_REVIEW = "CLUSTER_REVIEW", "Báo cáo của cụm, khối"
    SHEET_CLAIMED = "SHEET_CLAIMED", "Phiếu tự chấm điểm"
    SHEET_APPROVED = "SHEET_APPROVED", "Phiếu chấm điểm đã duyệt"
    SUMMARY = "SUMMARY", "Bảng tổng hợp điểm, xếp hạng"
    SCORE_TABLE = "SCORE_TABLE", "Bảng điểm chi tiết"
    COUNT_RECORD = "COUNT_RECORD", "Biên bản kiểm phiếu"
    OBJECTIONS = "OBJECTIONS", "Bảng tổng hợp kiến nghị và kết quả giải quyết"


#: Papers that are read by whoever may open the score sheet they tell of, and by nobody else.
SHEET_KINDS = (DocumentKind.SHEET_CLAIMED, DocumentKind.SHEET_APPROVED)


REVIEW_KINDS = (DocumentKind.REVIEW, DocumentKind.CLUSTER_REVIEW)
RESULT_KINDS = (DocumentKind.SUMMARY, DocumentKind.SCORE_TABLE)
#: What was done about a result: they stand whatever run is published next.
ACT_KINDS = (DocumentKind.COUNT_RECORD, DocumentKind.OBJECTIONS)


class PaperGroup(models.TextChoices):
    """How the print centre groups the papers of a year."""

    PLEDGE = "PLEDGE", "Giao ước"
    MIDYEAR = "MIDYEAR", "Sơ kết"
    YEAREND = "YEAREND", "Tổng kết"
    SHEETS = "SHEETS", "Phiếu chấm điểm"
    RESULTS = "RESULTS", "Kết quả"


class VerifyCode(models.Model):
    """The code printed on a paper: Crockford base32, 60 random bits, made before rendering.

    It belongs to one paper of one version of a pledge, or else to one `subject`, the row a later
    paper tells of: "review/12", "sheet/7/claimed", "run/3/summary". It stays the same through all
    revisions of its document.
    """

    code = models.CharField("mã xác minh", max_length=20, unique=True)
    version = models.ForeignKey(
        PledgeVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="codes",
        verbose_name="bản",
    )
    subject = models.CharField("đối tượng", max_length=40, blank=True, default="")
    paper = models.CharField(
        "văn bản", max_length=16, choices=[*PaperKind.choices, *DocumentKind.choices]
    )

    class Meta:
        verbose_name = "mã xác minh"
        constraints = [
            models.UniqueConstraint(fields=["version", "paper"], name="one_code_per_paper"),
            models.UniqueConstraint(
                fields=["subject"], condition=~Q(subject=""), name="one_code_per_subject"
            ),
            models.CheckConstraint(
                condition=Q(version__isnull=False, subject="")
                | (Q(version__isnull=True) & ~Q(subject="")),
                name="code_of_a_version_or_a_subject",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class DocumentQuerySet(models.QuerySet["Document"]):
    """Questions about documents."""

    def visible_to(self, acting: Acting) -> Self:
        """Return the documents of the cluster years one sees; a printed sheet like the sheet.

        The points of every leaf of every unit are read as far as the cluster's rule of openness
        says (`scoring.policies.openness`). What units wrote in objections is the organiser's.
        """
        sheets = ScoreSheet.objects.visible_to(acting).filter(
            cluster_year=OuterRef("cluster_year"), unit=OuterRef("unit")
        )
        seen = self.filter(cluster_year__in=ClusterYear.objects.visible_to(acting))
        points = ClusterYear.objects.filter(years_with_open_points(acting))
        return seen.filter(
            ~Q(code__paper__in=SHEET_KINDS) | Exists(sheets),
            ~Q(code__paper=DocumentKind.SCORE_TABLE) | Q(cluster_year__in=points),
            *([] if acting.is_organiser else [~Q(code__paper=DocumentKind.OBJECTIONS)]),
        )

    def with_group(self) -> Self:
        """Say of each document to which group it belongs, as `group` (a `PaperGroup`)."""
        return self.annotate(
            group=Case(
                When(code__paper__in=REVIEW_KINDS, then=KT("content__data__kind")),
                When(code__paper__in=SHEET_KINDS, then=Value(PaperGroup.SHEETS.value)),
                When(code__paper__in=RESULT_KINDS, then=Value(PaperGroup.RESULTS.value)),
                When(code__paper__in=ACT_KINDS, then=Value(PaperGroup.RESULTS.value)),
                default=Value(PaperGroup.PLEDGE.value),
                output_field=models.CharField(),
            )
        )


class Document(models.Model):
    """A revision of an issued paper: content copied and hashed, then rendered from that copy alone.

    Of a pledge revision 1 is what heads read and sign; revision 2, sealed, carries the signatures
    and the signing record. Of a report, a sheet or a score table each event that changes what it
    says issues the next revision and withdraws the one before. A revision is never edited:
    content once, file once.
    """

    class Stage(models.TextChoices):
        """Which print this is."""

        TO_SIGN = "TO_SIGN", "Bản sẽ ký"
        SIGNED = "SIGNED", "Bản đã ký"
        ISSUED = "ISSUED", "Bản phát hành"
        PROVISIONAL = "PROVISIONAL", "Bản tạm tính"

    cluster_year = models.ForeignKey(ClusterYear, models.PROTECT, related_name="documents")
    #: The unit whose report or sheet this is; none for papers of the whole cluster.
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="của đơn vị"
    )
    code = models.ForeignKey(
        VerifyCode, models.PROTECT, related_name="documents", verbose_name="mã xác minh"
    )
    revision = models.PositiveSmallIntegerField("lần phát hành")
    stage = models.CharField("bản", max_length=12, choices=Stage.choices)
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
        """Return the jobs of the cluster years one sees, as far as one sees what they make."""
        seen = self.filter(cluster_year__in=ClusterYear.objects.visible_to(acting))
        documents = Document.objects.visible_to(acting).values("pk")
        return seen.filter(
            Q(document__isnull=True) | Q(document__in=documents),
            Q(for_unit__isnull=True) | Q(for_unit=acting.unit_id),
        ).exclude(contents__in=Document.objects.exclude(pk__in=documents))


class Job(models.Model):
    """What is asked of the workers: the truth about background work (product.md §8).

    The row is written in the transaction of the change that needs the work; Celery only wakes a
    worker, the sweeper wakes it again. A job with children is claimed when every child is settled.
    """

    class Kind(models.TextChoices):
        """What is to be made."""

        RENDER = "RENDER", "Dựng văn bản PDF"
        BOOK = "BOOK", "Đóng sổ giao ước (ZIP)"
        SET = "SET", "Đóng bộ văn bản (ZIP)"

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
    #: What a set packs, named when it is asked for, and for whose eyes: what a unit may read is
    #: not what another may. A book, which all may read, names neither.
    contents = models.ManyToManyField(Document, related_name="sets", blank=True)
    for_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="cho đơn vị"
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
