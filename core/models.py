"""What every app writes to: the audit trail, its chain head, and notices to people."""

from typing import Self

from django.conf import settings
from django.db import models


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    """Questions about the trail."""

    def about(self, *objects: models.Model) -> Self:
        """Return the events of these objects, oldest first."""
        query = models.Q(pk__in=[])
        for obj in objects:
            query |= models.Q(object_type=obj._meta.label_lower, object_id=str(obj.pk))
        return self.filter(query).order_by("seq")


class AuditEvent(models.Model):
    """One change: who, acting as what, for which unit, when, what before and after, why.

    Append-only (triggers refuse UPDATE and DELETE) and hash-chained: `digest` covers the row and
    the digest of the row before. There are no foreign keys, so nothing that happens to other rows
    can damage the trail.
    """

    seq = models.PositiveBigIntegerField("số thứ tự", unique=True)
    at = models.DateTimeField("lúc")
    action = models.CharField("việc", max_length=64)
    actor_id = models.BigIntegerField("mã người", null=True)
    actor_name = models.CharField("người", max_length=200)
    acting_role = models.CharField("vai", max_length=60, blank=True)
    acting_unit = models.CharField("thay mặt đơn vị", max_length=255, blank=True)
    object_type = models.CharField("loại đối tượng", max_length=60)
    object_id = models.CharField("mã đối tượng", max_length=40)
    object_label = models.CharField("đối tượng", max_length=400)
    cluster_year_id = models.BigIntegerField("năm thi đua", null=True, db_index=True)
    before = models.JSONField("trước", default=dict)
    after = models.JSONField("sau", default=dict)
    reason = models.TextField("lý do", blank=True)
    previous_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = "sự kiện nhật ký"
        indexes = [models.Index(fields=["object_type", "object_id"], name="audit_object")]

    def __str__(self) -> str:
        return f"#{self.seq} {self.action} {self.object_label}"


class ChainHead(models.Model):
    """The one row that says where the audit chain ends; locking it serialises the chain."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="0" * 64)

    class Meta:
        verbose_name = "đầu chuỗi nhật ký"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_chain_head")]

    def __str__(self) -> str:
        return f"đến #{self.seq}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Questions about notices."""

    def visible_to(self, user: models.Model) -> Self:
        """Return this person's notices that still stand."""
        return self.filter(recipient=user.pk, withdrawn_at__isnull=True)


class Notice(models.Model):
    """Something a person is told: a sentence and where it leads; withdrawn once settled."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices", verbose_name="người nhận"
    )
    event = models.ForeignKey(AuditEvent, models.PROTECT, verbose_name="sự kiện")
    text = models.CharField("nội dung", max_length=500)
    url = models.CharField("nơi đến", max_length=300)
    created_at = models.DateTimeField("lúc")
    read_at = models.DateTimeField("đã đọc lúc", null=True, blank=True)
    withdrawn_at = models.DateTimeField("rút lúc", null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "thông báo"
        constraints = [
            models.UniqueConstraint(fields=["recipient", "event"], name="one_notice_per_event")
        ]

    def __str__(self) -> str:
        return self.text


class UsedToken(models.Model):
    """A form already carried out: its second click finds the first result."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="người")
    token = models.UUIDField("mã phiếu")
    result_url = models.CharField("kết quả", max_length=300)
    created_at = models.DateTimeField("lúc")

    class Meta:
        verbose_name = "phiếu đã dùng"
        constraints = [models.UniqueConstraint(fields=["user", "token"], name="one_use_per_token")]

    def __str__(self) -> str:
        return f"{self.token} → {self.result_url}"
