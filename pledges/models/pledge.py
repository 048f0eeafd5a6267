"""The yearly pledge: versions, clauses, targets, comments, consents, signatures."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from clusters.acting import Acting
from clusters.models import ClusterYear, Unit
from core.fields import SearchKeyField
from core.text import clip
from scoring.models import Criterion


class PledgeStatus(models.TextChoices):
    """The states of a pledge (product.md §4)."""

    DRAFT = "DRAFT", "Bản nháp"
    CIRCULATED = "CIRCULATED", "Đang góp ý"
    AGREED = "AGREED", "Đã thống nhất"
    FROZEN = "FROZEN", "Đã chốt"
    SIGNING = "SIGNING", "Đang ký"
    SIGNED = "SIGNED", "Đã ký"


class PledgeQuerySet(models.QuerySet["Pledge"]):
    """Questions about pledges."""

    def visible_to(self, acting: Acting) -> Self:
        """Return the pledges of the cluster years one sees."""
        return self.filter(cluster_year__in=ClusterYear.objects.visible_to(acting))


class Pledge(models.Model):
    """The pledge (giao ước) of a cluster year, with the papers adopted beside it."""

    cluster_year = models.OneToOneField(
        ClusterYear, models.PROTECT, related_name="pledge", verbose_name="năm thi đua"
    )
    status = models.CharField(
        "trạng thái", max_length=10, choices=PledgeStatus.choices, default=PledgeStatus.DRAFT
    )
    current = models.ForeignKey(
        "PledgeVersion", models.PROTECT, null=True, related_name="+", verbose_name="bản hiện hành"
    )
    created_at = models.DateTimeField("tạo lúc")

    objects = PledgeQuerySet.as_manager()

    class Meta:
        verbose_name = "giao ước thi đua"

    def __str__(self) -> str:
        return f"Giao ước thi đua {self.cluster_year}"


class PledgeVersionQuerySet(models.QuerySet["PledgeVersion"]):
    """Questions about versions."""

    def visible_to(self, acting: Acting) -> Self:
        """Return the versions one may read: a draft is its authors' until it circulates (U3).

        The lead's people see the draft they write; the organiser and the members see a version
        from the moment it was circulated.
        """
        seen = self.filter(pledge__cluster_year__in=ClusterYear.objects.visible_to(acting))
        lead = Q(
            pledge__cluster_year__memberships__unit=acting.unit_id,
            pledge__cluster_year__memberships__role="LEAD",
        )
        if acting.is_organiser:
            return seen.filter(circulated_at__isnull=False)
        return seen.filter(Q(circulated_at__isnull=False) | lead).distinct()


class PledgeVersion(models.Model):
    """One version of all papers of the pledge. Its rows change only while it is a draft.

    `content` is what units consent to (set when circulated), `frozen` what heads sign (set when
    frozen: content, numbers, date, signatories with their printed names). Both are hashed over
    their canonical JSON; the database refuses to change either once set.
    """

    pledge = models.ForeignKey(
        Pledge, models.CASCADE, related_name="versions", verbose_name="giao ước"
    )
    number = models.PositiveSmallIntegerField("bản số")
    title = models.CharField("tên giao ước", max_length=300)
    place = models.CharField("địa danh", max_length=80)
    slogan = models.CharField("khẩu hiệu hành động", max_length=300, blank=True)
    note = models.CharField("lý do có bản này", max_length=500, blank=True)
    #: Raised by every save of the draft; a save that read an older one is a conflict.
    revision = models.PositiveIntegerField("lần lưu", default=1)
    created_at = models.DateTimeField("tạo lúc")
    circulated_at = models.DateTimeField("gửi góp ý lúc", null=True, blank=True)
    content = models.JSONField("nội dung", null=True, blank=True)
    content_hash = models.CharField("mã băm nội dung", max_length=64, blank=True)
    frozen_at = models.DateTimeField("chốt lúc", null=True, blank=True)
    frozen = models.JSONField("nội dung đã chốt", null=True, blank=True)
    frozen_hash = models.CharField("mã băm bản chốt", max_length=64, blank=True)
    sealed_at = models.DateTimeField("ký đủ lúc", null=True, blank=True)
    voided_at = models.DateTimeField("hết giá trị lúc", null=True, blank=True)

    objects = PledgeVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "bản giao ước"
        constraints = [
            models.UniqueConstraint(fields=["pledge", "number"], name="version_number_once"),
            models.CheckConstraint(
                condition=Q(circulated_at__isnull=True, content__isnull=True, content_hash="")
                | (Q(circulated_at__isnull=False, content__isnull=False) & ~Q(content_hash="")),
                name="circulated_iff_content",
            ),
            models.CheckConstraint(
                condition=Q(frozen_at__isnull=True, frozen__isnull=True, frozen_hash="")
                | (Q(frozen_at__isnull=False, frozen__isnull=False) & ~Q(frozen_hash="")),
                name="frozen_iff_frozen_content",
            ),
            models.CheckConstraint(
                condition=Q(frozen_at__isnull=True) | Q(circulated_at__isnull=False),
                name="frozen_after_circulated",
            ),
            models.CheckConstraint(
                condition=Q(sealed_at__isnull=True)
                | Q(frozen_at__isnull=False, voided_at__isnull=True),
                name="sealed_only_when_frozen_and_standing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, bản {self.number}"

    @property
    def signed_content(self) -> dict[str, Any]:
        """Return what heads sign; only a frozen version has it."""
        if self.frozen is None:
            message = f"{self} is not frozen."
            raise RuntimeError(message)
        content: dict[str, Any] = self.frozen
        return content

    @property
    def is_draft(self) -> bool:
        """Whether the rows may still change."""
        return self.circulated_at is None


class PaperKind(models.TextChoices):
    """The papers adopted together (seed 003: three of them; seed 001: programme and pledge)."""

    PLEDGE = "PLEDGE", "Giao ước thi đua"
    PROGRAMME = "PROGRAMME", "Chương trình hoạt động"
    REGULATION = "REGULATION", "Quy định tiêu chí chấm điểm"
    OUTLINE = "OUTLINE", "Đề cương báo cáo"


#: Symbols of document numbers: "Số: 01/GƯTĐ-C1".
SYMBOLS: dict[str, str] = {
    PaperKind.PLEDGE: "GƯTĐ",
    PaperKind.PROGRAMME: "CTr",
    PaperKind.REGULATION: "QĐCĐ",
    PaperKind.OUTLINE: "ĐC",
}


class Paper(models.Model):
    """A paper of a version: the pledge itself, or one adopted beside it."""

    class Signing(models.TextChoices):
        """Who signs the paper."""

        ALL = "ALL", "Tất cả đơn vị cùng ký"
        LEAD = "LEAD", "Thông qua cùng giao ước, đơn vị trưởng ký ban hành"

    version = models.ForeignKey(
        PledgeVersion, models.CASCADE, related_name="papers", verbose_name="bản"
    )
    kind = models.CharField("loại", max_length=12, choices=PaperKind.choices)
    title = models.CharField("tên văn bản", max_length=300)
    signing = models.CharField(
        "cách ký", max_length=6, choices=Signing.choices, default=Signing.ALL
    )

    class Meta:
        verbose_name = "văn bản của bản giao ước"
        constraints = [
            models.UniqueConstraint(fields=["version", "kind"], name="one_paper_of_a_kind"),
            models.CheckConstraint(
                condition=~Q(kind="PLEDGE") | Q(signing="ALL"), name="all_units_sign_the_pledge"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PaperNumber(models.Model):
    """The number a paper got at the first freeze; kept through later versions."""

    pledge = models.ForeignKey(
        Pledge, models.PROTECT, related_name="numbers", verbose_name="giao ước"
    )
    kind = models.CharField("loại", max_length=12, choices=PaperKind.choices)
    number = models.PositiveIntegerField("số")
    text = models.CharField("số, ký hiệu", max_length=60)

    class Meta:
        verbose_name = "số văn bản"
        constraints = [
            models.UniqueConstraint(fields=["pledge", "kind"], name="one_number_per_paper")
        ]

    def __str__(self) -> str:
        return self.text


class Section(models.TextChoices):
    """Where a clause stands in its paper."""

    BASIS = "BASIS", "Căn cứ"
    CONTENT = "CONTENT", "Nội dung thi đua"
    MEASURES = "MEASURES", "Biện pháp, các đợt thi đua"
    EXECUTION = "EXECUTION", "Tổ chức thực hiện"
    BODY = "BODY", "Nội dung"


class Clause(models.Model):
    """A clause of a paper: common, or a task of one unit. `key` follows it through the versions."""

    version = models.ForeignKey(
        PledgeVersion, models.CASCADE, related_name="clauses", verbose_name="bản"
    )
    paper = models.CharField(
        "văn bản", max_length=12, choices=PaperKind.choices, default=PaperKind.PLEDGE
    )
    section = models.CharField("phần", max_length=10, choices=Section.choices)
    key = models.CharField("khóa", max_length=32)
    order = models.PositiveSmallIntegerField("thứ tự")
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="nhiệm vụ riêng của",
    )
    heading = models.CharField("tiêu đề", max_length=300, blank=True)
    text = models.TextField("nội dung", blank=True)

    class Meta:
        verbose_name = "điều khoản"
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="clause_key_once"),
            models.CheckConstraint(condition=~Q(heading="", text=""), name="clause_is_not_empty"),
        ]

    def __str__(self) -> str:
        return clip(self.heading or self.text, 80)


class Activity(models.Model):
    """A row of the activity programme: when, what, who, what comes out."""

    version = models.ForeignKey(
        PledgeVersion, models.CASCADE, related_name="activities", verbose_name="bản"
    )
    key = models.CharField("khóa", max_length=32)
    order = models.PositiveSmallIntegerField("thứ tự")
    when = models.CharField("thời gian", max_length=80)
    what = models.CharField("hoạt động", max_length=500)
    responsible = models.CharField("chủ trì", max_length=160)
    output = models.CharField("kết quả", max_length=300, blank=True)

    class Meta:
        verbose_name = "hoạt động"
        constraints = [models.UniqueConstraint(fields=["version", "key"], name="activity_key_once")]

    def __str__(self) -> str:
        return clip(self.what, 80)


class Direction(models.TextChoices):
    """Which way is better."""

    UP = "UP", "Càng nhiều càng tốt (≥)"
    DOWN = "DOWN", "Càng ít càng tốt (≤)"


class Aggregation(models.TextChoices):
    """How dated entries make up the year's value (feature 30)."""

    SUM = "SUM", "Cộng dồn các kỳ"
    LAST = "LAST", "Lấy số mới nhất"
    AVERAGE = "AVERAGE", "Bình quân các kỳ"
    MAX = "MAX", "Lấy số cao nhất"


class Target(models.Model):
    """A target (chỉ tiêu): a number with its unit of measure, or plain text."""

    class Kind(models.TextChoices):
        """Whether the target is counted or described."""

        NUMERIC = "NUMERIC", "Bằng số"
        TEXT = "TEXT", "Bằng lời"

    version = models.ForeignKey(
        PledgeVersion, models.CASCADE, related_name="targets", verbose_name="bản"
    )
    key = models.CharField("khóa", max_length=32)
    order = models.PositiveSmallIntegerField("thứ tự")
    area = models.CharField("mặt công tác", max_length=200, blank=True)
    kind = models.CharField("loại", max_length=8, choices=Kind.choices)
    text = models.CharField("nội dung", max_length=600)
    unit_of_measure = models.CharField("đơn vị tính", max_length=40, blank=True)
    direction = models.CharField("chiều", max_length=4, choices=Direction.choices, blank=True)
    aggregation = models.CharField(
        "cách cộng", max_length=8, choices=Aggregation.choices, blank=True
    )
    #: The value is the required change in per cent against the figure of last year.
    is_change = models.BooleanField("so với năm trước", default=False)
    #: One value for all units, or one for each.
    is_common = models.BooleanField("mức chung", default=True)
    criterion = models.ForeignKey(
        Criterion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="targets",
        verbose_name="tiêu chí",
    )
    search_key = SearchKeyField("text", max_length=700)

    class Meta:
        verbose_name = "chỉ tiêu"
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="target_key_once"),
            models.CheckConstraint(
                condition=Q(
                    kind="TEXT", unit_of_measure="", direction="", aggregation="", is_change=False
                )
                | (
                    Q(kind="NUMERIC")
                    & ~Q(unit_of_measure="")
                    & ~Q(direction="")
                    & ~Q(aggregation="")
                ),
                name="numeric_target_is_complete",
            ),
        ]

    def __str__(self) -> str:
        return clip(self.text, 80)


class TargetValue(models.Model):
    """What a unit pledges for a target: not assigned, no level set and zero are three things."""

    target = models.ForeignKey(
        Target, models.CASCADE, related_name="values", verbose_name="chỉ tiêu"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    is_assigned = models.BooleanField("được giao", default=True)
    value = models.DecimalField("mức", max_digits=18, decimal_places=4, null=True, blank=True)
    baseline = models.DecimalField(
        "năm trước", max_digits=18, decimal_places=4, null=True, blank=True
    )

    class Meta:
        verbose_name = "mức phấn đấu"
        constraints = [
            models.UniqueConstraint(fields=["target", "unit"], name="one_value_per_unit"),
            models.CheckConstraint(
                condition=Q(is_assigned=True) | Q(value__isnull=True),
                name="not_assigned_has_no_value",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(value__gte=0),
                name="target_value_is_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target}: {self.unit}"


class RemarkState(models.TextChoices):
    """What became of a comment or proposal."""

    OPEN = "OPEN", "Chờ trả lời"
    ACCEPTED = "ACCEPTED", "Tiếp thu"
    DECLINED = "DECLINED", "Giữ nguyên, có giải thích"


class Remark(models.Model):
    """What a unit says about a clause or target, and what the lead answered (feature 19)."""

    pledge = models.ForeignKey(
        Pledge, models.CASCADE, related_name="%(class)ss", verbose_name="giao ước"
    )
    version = models.ForeignKey(PledgeVersion, models.PROTECT, related_name="+", verbose_name="bản")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField("lúc")
    anchor = models.CharField("về", max_length=32)
    text = models.TextField("nội dung")
    state = models.CharField(
        "kết quả", max_length=8, choices=RemarkState.choices, default=RemarkState.OPEN
    )
    answer = models.TextField("trả lời", blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    answering_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField("trả lời lúc", null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state="OPEN", answered_at__isnull=True, answered_by__isnull=True)
                | (~Q(state="OPEN") & Q(answered_at__isnull=False, answered_by__isnull=False)),
                name="%(class)s_answered_iff_decided",
            )
        ]


class Comment(Remark):
    """A comment (góp ý) on a clause, a target or a paper; `anchor` is its key."""

    class Meta(Remark.Meta):
        verbose_name = "góp ý"

    def __str__(self) -> str:
        return clip(self.text, 80)


class Proposal(Remark):
    """A counter-proposal of a target's value by the unit that would have to reach it."""

    is_assigned = models.BooleanField("đề nghị giao", default=True)
    proposed = models.DecimalField(
        "mức đề nghị", max_digits=18, decimal_places=4, null=True, blank=True
    )
    drafted = models.DecimalField(
        "mức dự thảo", max_digits=18, decimal_places=4, null=True, blank=True
    )

    class Meta(Remark.Meta):
        verbose_name = "đề nghị mức chỉ tiêu"

    def __str__(self) -> str:
        return f"{self.anchor}: {self.proposed}"


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Questions about consents."""

    def standing(self) -> Self:
        """Return the words that count: the last of each unit, on a version not replaced."""
        return self.filter(voided_at__isnull=True)


class Consent(models.Model):
    """A head's word on a circulated version: consent, or refusal with a reason."""

    class Word(models.TextChoices):
        """What the head said."""

        CONSENT = "CONSENT", "Thống nhất"
        REFUSE = "REFUSE", "Chưa thống nhất"

    version = models.ForeignKey(
        PledgeVersion, models.PROTECT, related_name="consents", verbose_name="bản"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    word = models.CharField("ý kiến", max_length=8, choices=Word.choices)
    reason = models.TextField("lý do", blank=True)
    content_hash = models.CharField("mã băm đã đọc", max_length=64)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    given_at = models.DateTimeField("lúc")
    voided_at = models.DateTimeField("hết giá trị lúc", null=True, blank=True)
    void_reason = models.CharField("vì sao", max_length=300, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = "ý kiến thống nhất"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "unit"],
                condition=Q(voided_at__isnull=True),
                name="one_standing_consent_per_unit",
            ),
            models.CheckConstraint(
                condition=Q(word="CONSENT") | ~Q(reason=""), name="refusal_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit}: {self.get_word_display()}"


class SignatoryStatus(models.TextChoices):
    """The states of a signature (product.md §4)."""

    WAITING_TURN = "WAITING_TURN", "Chưa đến lượt"
    INVITED = "INVITED", "Đến lượt ký"
    SIGNED = "SIGNED", "Đã ký"
    DECLINED = "DECLINED", "Từ chối"
    REPLACED = "REPLACED", "Đã thay người ký"


class Signatory(models.Model):
    """A place in the order of signatures: a unit that signs, or the superior that witnesses."""

    class Role(models.TextChoices):
        """As what the unit signs."""

        SIGNER = "SIGNER", "Ký"
        WITNESS = "WITNESS", "Chứng kiến"

    class Authority(models.TextChoices):
        """In whose name the person signs (thẩm quyền ký, NĐ 30/2020)."""

        HEAD = "", "Thủ trưởng"
        COLLECTIVE = "TM.", "TM. (thay mặt tập thể)"
        DEPUTY = "KT.", "KT. (ký thay)"
        BY_ORDER = "TL.", "TL. (thừa lệnh)"
        AUTHORISED = "TUQ.", "TUQ. (thừa ủy quyền)"

    version = models.ForeignKey(
        PledgeVersion, models.PROTECT, related_name="signatories", verbose_name="bản"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    role = models.CharField("vai", max_length=8, choices=Role.choices, default=Role.SIGNER)
    order = models.PositiveSmallIntegerField("thứ tự")
    member_role = models.CharField("vai trong cụm", max_length=8, blank=True)
    position = models.CharField("chức vụ in trên văn bản", max_length=160)
    authority = models.CharField("thẩm quyền", max_length=5, choices=Authority.choices, blank=True)
    status = models.CharField(
        "trạng thái",
        max_length=12,
        choices=SignatoryStatus.choices,
        default=SignatoryStatus.WAITING_TURN,
    )
    invited_at = models.DateTimeField("mời ký lúc", null=True, blank=True)
    declined_at = models.DateTimeField("từ chối lúc", null=True, blank=True)
    decline_reason = models.TextField("lý do từ chối", blank=True)

    class Meta:
        verbose_name = "bên ký"
        constraints = [
            models.UniqueConstraint(fields=["version", "unit", "role"], name="signatory_once"),
            models.UniqueConstraint(fields=["version", "order"], name="signing_order_once"),
            models.CheckConstraint(
                condition=(Q(status="DECLINED", declined_at__isnull=False) & ~Q(decline_reason=""))
                | (~Q(status="DECLINED") & Q(declined_at__isnull=True, decline_reason="")),
                name="declined_iff_reason_and_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}. {self.unit}"


class Signature(models.Model):
    """The act of signing, never changed: who, as what, when, from where, over which hash."""

    class Kind(models.TextChoices):
        """Each kind is called what it is (product.md §8)."""

        RECORDED = "RECORDED", "Xác nhận trên hệ thống"

    signatory = models.OneToOneField(Signatory, models.PROTECT, related_name="signature")
    kind = models.CharField("cách ký", max_length=10, choices=Kind.choices, default=Kind.RECORDED)
    signed_at = models.DateTimeField("ký lúc")
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    printed_name = models.CharField("họ tên in", max_length=150)
    printed_rank = models.CharField("cấp bậc in", max_length=60, blank=True)
    printed_unit = models.CharField("đơn vị in", max_length=255)
    acting_as = models.CharField("phân công", max_length=300)
    ip_address = models.GenericIPAddressField("từ địa chỉ", null=True)
    frozen_hash = models.CharField("mã băm đã ký", max_length=64)
    days_late = models.PositiveSmallIntegerField("muộn (ngày)", default=0)

    class Meta:
        verbose_name = "chữ ký"
        constraints = [
            models.CheckConstraint(condition=~Q(frozen_hash=""), name="signature_names_its_hash")
        ]

    def __str__(self) -> str:
        return f"{self.printed_unit}: {self.printed_name}"
