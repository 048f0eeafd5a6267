"""Reviews of the year (sơ kết, tổng kết) and the models and persons worth following."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from clusters.acting import Acting
from clusters.models import ClusterYear, Unit
from pledges.models.pledge import Target
from scoring.models import Evidence


class ReviewKind(models.TextChoices):
    """Which review of the year."""

    MIDYEAR = "MIDYEAR", "Sơ kết"
    YEAREND = "YEAREND", "Tổng kết"


class ReviewStatus(models.TextChoices):
    """The states of a review (product.md §4)."""

    OPEN = "OPEN", "Đang soạn"
    SUBMITTED = "SUBMITTED", "Chờ duyệt"
    RETURNED = "RETURNED", "Trả lại"
    ACCEPTED = "ACCEPTED", "Đã chấp nhận"


class ReviewQuerySet(models.QuerySet["Review"]):
    """Questions about reviews."""

    def visible_to(self, acting: Acting) -> Self:
        """Return the reviews of the years one sees; of other units only what was submitted."""
        seen = self.filter(cluster_year__in=ClusterYear.objects.visible_to(acting))
        if acting.is_organiser:
            return seen.filter(submitted_at__isnull=False)
        lead = Q(
            unit__isnull=True,
            cluster_year__memberships__unit=acting.unit_id,
            cluster_year__memberships__role="LEAD",
        )
        own = Q(unit=acting.unit_id)
        return seen.filter(own | lead | Q(submitted_at__isnull=False)).distinct()


class Review(models.Model):
    """A review of one unit, or (without unit) the cluster's own, assembled from the accepted ones.

    `figures` is frozen when the review opens: what was accepted by then, target by target (form:
    `pledges.figures.snapshot`). `outline` is copied from the paper adopted with the pledge.
    """

    cluster_year = models.ForeignKey(
        ClusterYear, models.PROTECT, related_name="reviews", verbose_name="năm thi đua"
    )
    kind = models.CharField("loại", max_length=8, choices=ReviewKind.choices)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="đơn vị"
    )
    status = models.CharField(
        "trạng thái", max_length=10, choices=ReviewStatus.choices, default=ReviewStatus.OPEN
    )
    opened_at = models.DateTimeField("chốt số liệu lúc")
    #: Figures cover the days up to and including this one.
    figures_until = models.DateField("số liệu đến hết ngày")
    figures = models.JSONField("số liệu đã chốt")
    figures_hash = models.CharField("mã băm số liệu", max_length=64)
    #: Last day in time; later is taken and says by how many days.
    due_on = models.DateField("hạn nộp")
    outline = models.JSONField("đề cương")
    sections = models.JSONField("nội dung báo cáo", default=dict, blank=True)
    revision = models.PositiveIntegerField("lần lưu", default=1)
    number = models.CharField("số báo cáo", max_length=60, blank=True)
    #: When the officer laid it before the head; it changes no state.
    ready_at = models.DateTimeField("trình lãnh đạo lúc", null=True, blank=True)
    submitted_at = models.DateTimeField("nộp lúc", null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    days_late = models.PositiveSmallIntegerField("muộn (ngày)", default=0)
    returned_at = models.DateTimeField("trả lại lúc", null=True, blank=True)
    return_reason = models.TextField("lý do trả lại", blank=True)
    seen_at = models.DateTimeField("đã xem lúc", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField("chấp nhận lúc", null=True, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = "báo cáo sơ kết, tổng kết"
        constraints = [
            models.UniqueConstraint(
                fields=["cluster_year", "kind", "unit"], name="one_review_per_unit_and_kind"
            ),
            models.UniqueConstraint(
                fields=["cluster_year", "kind"],
                condition=Q(unit__isnull=True),
                name="one_cluster_review_per_kind",
            ),
            models.CheckConstraint(
                condition=Q(status="OPEN") | Q(submitted_at__isnull=False),
                name="review_submitted_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="RETURNED")
                | (Q(returned_at__isnull=False) & ~Q(return_reason="")),
                name="review_returned_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(status="ACCEPTED", accepted_at__isnull=False)
                | (~Q(status="ACCEPTED") & Q(accepted_at__isnull=True)),
                name="review_accepted_iff_time",
            ),
        ]

    def __str__(self) -> str:
        kind = self.get_kind_display().lower()
        if self.unit is None:
            return f"Báo cáo {kind} của {self.cluster_year.cluster.name}"
        return f"Báo cáo {kind} của {self.unit.short_name}"


class UnmetTarget(models.Model):
    """A target a review singles out: why it is not met, what will be done, by whom, until when.

    Written when the figures are frozen; which targets these are is no choice of the unit
    (seed 004: "những chỉ tiêu chưa đạt").
    """

    review = models.ForeignKey(Review, models.CASCADE, related_name="unmet", verbose_name="báo cáo")
    target = models.ForeignKey(Target, models.PROTECT, related_name="+", verbose_name="chỉ tiêu")
    cause = models.TextField("nguyên nhân", blank=True)
    measure = models.TextField("biện pháp", blank=True)
    responsible = models.CharField("người, bộ phận chịu trách nhiệm", max_length=200, blank=True)
    due_on = models.DateField("thời hạn", null=True, blank=True)

    class Meta:
        verbose_name = "chỉ tiêu chưa đạt"
        constraints = [
            models.UniqueConstraint(fields=["review", "target"], name="target_unmet_once")
        ]

    def __str__(self) -> str:
        return f"{self.target}: {self.review}"


class ExemplarQuerySet(models.QuerySet["Exemplar"]):
    """Questions about exemplars."""

    def visible_to(self, acting: Acting) -> Self:
        """Return the exemplars of the years one sees: they are there to be followed."""
        return self.filter(cluster_year__in=ClusterYear.objects.visible_to(acting))


class Exemplar(models.Model):
    """A practical model, a collective or a person worth following (seed 002)."""

    class Kind(models.TextChoices):
        """What is worth following."""

        MODEL = "MODEL", "Mô hình"
        COLLECTIVE = "COLLECTIVE", "Tập thể"
        PERSON = "PERSON", "Cá nhân"

    class Standing(models.TextChoices):
        """How far it has come; from RECOMMENDED on it is the lead's and organiser's word."""

        FOLLOWED = "FOLLOWED", "Đang theo dõi"
        RECOMMENDED = "RECOMMENDED", "Đề nghị nhân rộng"
        RECOGNISED = "RECOGNISED", "Được công nhận"
        COMMENDED = "COMMENDED", "Biểu dương, khen thưởng"

    cluster_year = models.ForeignKey(
        ClusterYear, models.PROTECT, related_name="exemplars", verbose_name="năm thi đua"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    kind = models.CharField("loại", max_length=10, choices=Kind.choices)
    name = models.CharField("tên", max_length=300)
    description = models.TextField("nội dung, cách làm, hiệu quả", blank=True)
    since = models.CharField("từ khi nào", max_length=40, blank=True)
    spread_to = models.CharField("đã nhân rộng đến", max_length=200, blank=True)
    standing = models.CharField(
        "tình trạng", max_length=12, choices=Standing.choices, default=Standing.FOLLOWED
    )
    revision = models.PositiveIntegerField("lần lưu", default=1)
    registered_at = models.DateTimeField("đăng ký lúc")
    withdrawn_at = models.DateTimeField("rút lúc", null=True, blank=True)
    evidence = models.ManyToManyField(Evidence, related_name="exemplars", blank=True)

    objects = ExemplarQuerySet.as_manager()

    class Meta:
        verbose_name = "điển hình"
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="exemplar_has_a_name")]

    def __str__(self) -> str:
        return self.name
