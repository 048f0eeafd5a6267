"""Units, clusters, years, membership, calendar and appointments: who belongs together, and when."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.fields import SearchKeyField, SortKeyField

if TYPE_CHECKING:
    from clusters.acting import Acting


class UnitLevel(models.TextChoices):
    """Where a unit stands (cấp)."""

    MINISTRY = "ministry", "Bộ, ngành Trung ương"
    MINISTRY_DEPARTMENT = "ministry_department", "Cục, đơn vị trực thuộc Bộ"
    PROVINCE = "province", "Cấp tỉnh, thành phố"
    DEPARTMENT = "department", "Phòng, ban, sở"
    DISTRICT = "district", "Cấp huyện"
    COMMUNE = "commune", "Cấp xã"
    STEERING_COMMITTEE = "steering_committee", "Ban chỉ đạo"
    AGENCY = "agency", "Cơ quan"
    ENTERPRISE = "enterprise", "Doanh nghiệp"
    SCHOOL = "school", "Nhà trường"


class UnitQuerySet(models.QuerySet["Unit"]):
    """Questions about units."""

    def visible_to(self, acting: Acting) -> Self:
        """Return the units this acting person may know of.

        The administrator keeps the registry; an organiser sees its own body and what stands below
        or in its clusters; everybody else sees the members of the clusters they are in.
        """
        if acting.is_administrator:
            return self
        years = ClusterYear.objects.visible_to(acting).values("pk")
        seen = Q(memberships__cluster_year__in=years) | Q(pk=acting.unit_id)
        seen |= Q(clusters__years__in=years)
        if acting.is_organiser:
            seen |= Q(parent=acting.unit_id) | Q(parent__parent=acting.unit_id)
        return self.filter(pk__in=Unit.objects.filter(seen).values("pk"))

    def open_on(self, day: date) -> Self:
        """Return the units that exist on a day; `closed_on` is the first day without the unit."""
        opened = Q(opened_on__isnull=True) | Q(opened_on__lte=day)
        return self.filter(opened, Q(closed_on__isnull=True) | Q(closed_on__gt=day))


class Unit(models.Model):
    """A unit (đơn vị): police force, department, agency, enterprise, school."""

    code = models.CharField("mã", max_length=40, unique=True)
    name = models.CharField("tên đầy đủ", max_length=255)
    short_name = models.CharField("tên ngắn", max_length=120)
    level = models.CharField("cấp", max_length=24, choices=UnitLevel.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children",
        verbose_name="đơn vị chủ quản",
    )  # fmt: skip
    opened_on = models.DateField("thành lập ngày", null=True, blank=True)
    closed_on = models.DateField("kết thúc hoạt động ngày", null=True, blank=True)
    is_demonstration = models.BooleanField("dữ liệu minh họa", default=False)
    search_key = SearchKeyField("name")
    sort_key = SortKeyField("name")

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = "đơn vị"
        constraints = [
            models.CheckConstraint(
                condition=Q(opened_on__isnull=True)
                | Q(closed_on__isnull=True)
                | Q(opened_on__lt=F("closed_on")),
                name="unit_opens_before_it_closes",
            ),
            models.CheckConstraint(condition=~Q(parent=F("pk")), name="unit_is_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name


class UnitSuccession(models.Model):
    """What became of a unit: merged, split or renamed, by which decision."""

    class Kind(models.TextChoices):
        """How a unit passes into another."""

        MERGE = "MERGE", "Hợp nhất"
        SPLIT = "SPLIT", "Chia tách"
        RENAME = "RENAME", "Đổi tên"

    kind = models.CharField("hình thức", max_length=8, choices=Kind.choices)
    predecessor = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", verbose_name="đơn vị cũ"
    )
    successor = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị mới")
    effective_date = models.DateField("từ ngày")
    basis = models.CharField("căn cứ", max_length=300, blank=True)

    class Meta:
        verbose_name = "kế tục đơn vị"
        constraints = [
            models.UniqueConstraint(
                fields=["predecessor", "successor"], name="one_succession_per_pair"
            )
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"


class CyclePeriod(models.TextChoices):
    """Which part of the year a cycle covers (feature 10)."""

    YEAR = "YEAR", "Cả năm"
    HALF_1 = "HALF_1", "6 tháng đầu năm"
    HALF_2 = "HALF_2", "6 tháng cuối năm"
    QUARTER_1 = "QUARTER_1", "Quý I"
    QUARTER_2 = "QUARTER_2", "Quý II"
    QUARTER_3 = "QUARTER_3", "Quý III"
    QUARTER_4 = "QUARTER_4", "Quý IV"


class Cycle(models.Model):
    """An emulation cycle (kỳ thi đua) that an organiser opens for its clusters."""

    organiser = models.ForeignKey(
        Unit, models.PROTECT, related_name="cycles", verbose_name="cơ quan tổ chức"
    )
    year = models.PositiveSmallIntegerField("năm")
    period = models.CharField(
        "kỳ", max_length=12, choices=CyclePeriod.choices, default=CyclePeriod.YEAR
    )
    starts_on = models.DateField("số liệu từ ngày")
    ends_on = models.DateField("đến ngày")
    theme = models.CharField("phong trào", max_length=255)

    class Meta:
        verbose_name = "kỳ thi đua"
        constraints = [
            models.UniqueConstraint(
                fields=["organiser", "year", "period"], name="one_cycle_per_organiser_and_period"
            ),
            models.CheckConstraint(
                condition=Q(starts_on__lt=F("ends_on")), name="cycle_starts_before_it_ends"
            ),
            models.CheckConstraint(
                condition=Q(year__gte=1948, year__lte=2100), name="cycle_year_is_plausible"
            ),
        ]

    def __str__(self) -> str:
        if self.period == CyclePeriod.YEAR:
            return f"năm {self.year}"
        return f"{self.get_period_display().lower()} năm {self.year}"


class ClusterKind(models.TextChoices):
    """What a group of units is called."""

    CUM = "CUM", "Cụm thi đua"
    KHOI = "KHOI", "Khối thi đua"
    KHU_VUC = "KHU_VUC", "Khu vực thi đua"


class ClusterQuerySet(models.QuerySet["Cluster"]):
    """Questions about clusters."""

    def visible_to(self, acting: Acting) -> Self:
        """Return the clusters one organises, or in a year of which one has a place."""
        if acting.is_organiser:
            return self.filter(organiser=acting.unit_id)
        return self.filter(years__in=ClusterYear.objects.visible_to(acting)).distinct()


class Cluster(models.Model):
    """A group of units (cụm, khối thi đua); its number alone is no key (see the constraint)."""

    organiser = models.ForeignKey(
        Unit, models.PROTECT, related_name="clusters", verbose_name="cơ quan tổ chức"
    )
    kind = models.CharField("loại", max_length=8, choices=ClusterKind.choices)
    bloc = models.CharField("khối, tuyến", max_length=40, blank=True)
    code = models.CharField("ký hiệu", max_length=12)
    name = models.CharField("tên", max_length=200)
    search_key = SearchKeyField("name")

    objects = ClusterQuerySet.as_manager()

    class Meta:
        verbose_name = "cụm, khối thi đua"
        constraints = [
            models.UniqueConstraint(
                fields=["organiser", "kind", "bloc", "code"], name="cluster_is_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def lead_title(self) -> str:
        """Return what the lead is called here: Cụm trưởng, Khối trưởng, Trưởng khu vực."""
        return {ClusterKind.CUM: "Cụm trưởng", ClusterKind.KHOI: "Khối trưởng"}.get(
            ClusterKind(self.kind), "Trưởng khu vực"
        )

    @property
    def deputy_title(self) -> str:
        """Return what the deputy is called here: Cụm phó, Khối phó, Phó khu vực."""
        return {ClusterKind.CUM: "Cụm phó", ClusterKind.KHOI: "Khối phó"}.get(
            ClusterKind(self.kind), "Phó khu vực"
        )

    @property
    def symbol(self) -> str:
        """Return the cluster's part of a document number: C1 in "01/GƯTĐ-C1"."""
        prefix = {ClusterKind.CUM: "C", ClusterKind.KHOI: "K"}.get(ClusterKind(self.kind), "KV")
        return self.code if self.code[:1].isalpha() else f"{prefix}{self.code}"

    @property
    def noun(self) -> str:
        """Return the word for the group itself: Cụm, Khối, Khu vực."""
        return {ClusterKind.CUM: "Cụm", ClusterKind.KHOI: "Khối"}.get(
            ClusterKind(self.kind), "Khu vực"
        )


class YearStatus(models.TextChoices):
    """The states of a cluster year (product.md §4)."""

    PREPARING = "PREPARING", "Chuẩn bị"
    DRAFTING = "DRAFTING", "Dự thảo"
    SIGNING = "SIGNING", "Đang ký"
    RUNNING = "RUNNING", "Đang thực hiện"
    MIDYEAR = "MIDYEAR", "Sơ kết"
    YEAREND = "YEAREND", "Tổng kết"
    APPRAISING = "APPRAISING", "Đang thẩm định"
    PROVISIONAL = "PROVISIONAL", "Tạm tính"
    OBJECTIONS = "OBJECTIONS", "Nhận kiến nghị"
    PUBLISHED = "PUBLISHED", "Đã công bố"
    ARCHIVED = "ARCHIVED", "Đã lưu trữ"


class SigningOrder(models.TextChoices):
    """How the invitations to sign go out (feature 83)."""

    SEQUENTIAL = "SEQUENTIAL", "Lần lượt theo thứ tự"
    PARALLEL = "PARALLEL", "Cùng lúc"


class Openness(models.TextChoices):
    """How far members read each other's points, criterion by criterion (quy tắc công khai).

    Totals and ranks are always published to the whole cluster; this is about the cards below them.
    """

    OWN = "OWN", "Chỉ điểm của đơn vị mình"
    FINAL = "FINAL", "Điểm của mọi đơn vị, sau khi công bố chính thức"
    ALL = "ALL", "Điểm của mọi đơn vị, kể cả khi tạm tính"


class ClusterYearQuerySet(models.QuerySet["ClusterYear"]):
    """Questions about cluster years."""

    def visible_to(self, acting: Acting) -> Self:
        """Return the years in which the acting unit has a place: member, witness or organiser.

        The administrator runs the installation and sees no cluster's business.
        """
        if acting.is_administrator or acting.unit_id is None:
            return self.none()
        if acting.is_organiser:
            return self.filter(cluster__organiser=acting.unit_id)
        members = Membership.objects.filter(unit=acting.unit_id).values("cluster_year")
        superior = Q(cluster__organiser=acting.unit_id)
        # A unit that witnesses the signing has a place too; the pledge is known here only by the
        # name of its relation, because pledges stand above clusters.
        witnessed = ClusterYear.objects.filter(pledge__current__signatories__unit=acting.unit_id)
        return self.filter(Q(pk__in=members) | superior | Q(pk__in=witnessed.values("pk")))

    def with_names(self) -> Self:
        """Load what titles print."""
        return self.select_related("cluster__organiser", "cycle")


class ClusterYear(models.Model):
    """A cluster in a cycle: what everything of a year hangs on."""

    cluster = models.ForeignKey(
        Cluster, models.PROTECT, related_name="years", verbose_name="cụm, khối"
    )
    cycle = models.ForeignKey(
        Cycle, models.PROTECT, related_name="cluster_years", verbose_name="kỳ thi đua"
    )
    status = models.CharField(
        "giai đoạn", max_length=12, choices=YearStatus.choices, default=YearStatus.PREPARING
    )
    decision_number = models.CharField("số quyết định", max_length=60, blank=True)
    decision_date = models.DateField("ngày quyết định", null=True, blank=True)
    signing_order = models.CharField(
        "thứ tự ký", max_length=12, choices=SigningOrder.choices, default=SigningOrder.SEQUENTIAL
    )
    openness = models.CharField(
        "công khai điểm từng tiêu chí", max_length=5, choices=Openness.choices,
        default=Openness.FINAL,
    )  # fmt: skip
    cloned_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="chép từ năm"
    )
    is_demonstration = models.BooleanField("dữ liệu minh họa", default=False)

    objects = ClusterYearQuerySet.as_manager()

    class Meta:
        verbose_name = "năm thi đua của cụm, khối"
        constraints = [
            models.UniqueConstraint(
                fields=["cluster", "cycle"], name="one_year_per_cluster_and_cycle"
            ),
            models.CheckConstraint(
                condition=Q(decision_number="") | Q(decision_date__isnull=False),
                name="decision_number_comes_with_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cluster}, {self.cycle}"


class MemberRole(models.TextChoices):
    """What a unit is in its cluster this year."""

    LEAD = "LEAD", "Trưởng"
    DEPUTY = "DEPUTY", "Phó"
    MEMBER = "MEMBER", "Thành viên"


class Membership(models.Model):
    """A unit's place in a cluster year, by decision: never an attribute of the unit."""

    cluster_year = models.ForeignKey(
        ClusterYear, models.PROTECT, related_name="memberships", verbose_name="năm thi đua"
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="memberships", verbose_name="đơn vị"
    )
    role = models.CharField(
        "vai", max_length=8, choices=MemberRole.choices, default=MemberRole.MEMBER
    )
    order = models.PositiveSmallIntegerField("thứ tự")
    # Copies of the cluster's kind and the cycle, so that the database can keep "one cluster of a
    # kind per cycle"; `clusters.operations.set_members` is the only writer.
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="+", editable=False)
    kind = models.CharField(max_length=8, choices=ClusterKind.choices, editable=False)

    class Meta:
        verbose_name = "thành viên"
        constraints = [
            models.UniqueConstraint(
                fields=["cluster_year", "unit"], name="unit_once_per_cluster_year"
            ),
            models.UniqueConstraint(
                fields=["cluster_year", "order"], name="order_once_per_cluster_year"
            ),
            models.UniqueConstraint(
                fields=["cluster_year"], condition=Q(role="LEAD"), name="one_lead_per_cluster_year"
            ),
            models.UniqueConstraint(
                fields=["cluster_year"],
                condition=Q(role="DEPUTY"),
                name="one_deputy_per_cluster_year",
            ),
            models.UniqueConstraint(
                fields=["cycle", "kind", "unit"], name="one_cluster_of_a_kind_per_cycle"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.unit} ({self.get_role_display()})"


#: What a stage of the calendar is called in a sentence: "giai đoạn ký giao ước".
STAGE_NAMES: dict[str, str] = {
    YearStatus.PREPARING: "chuẩn bị",
    YearStatus.DRAFTING: "dự thảo giao ước",
    YearStatus.SIGNING: "ký giao ước",
    YearStatus.RUNNING: "thực hiện giao ước",
    YearStatus.MIDYEAR: "sơ kết",
    YearStatus.YEAREND: "tổng kết",
    YearStatus.APPRAISING: "thẩm định",
    YearStatus.PROVISIONAL: "công bố điểm tạm tính",
    YearStatus.OBJECTIONS: "nhận kiến nghị",
    YearStatus.PUBLISHED: "công bố kết quả",
    YearStatus.ARCHIVED: "lưu trữ",
}


class Stage(models.Model):
    """One stage of the year's calendar: open from when to when, and whether late work is taken."""

    cluster_year = models.ForeignKey(
        ClusterYear, models.CASCADE, related_name="stages", verbose_name="năm thi đua"
    )
    order = models.PositiveSmallIntegerField("thứ tự")
    kind = models.CharField("giai đoạn", max_length=12, choices=YearStatus.choices)
    opens_on = models.DateField("mở từ ngày")
    due_on = models.DateField("đến hết ngày", null=True, blank=True)
    late_accepted = models.BooleanField("nhận nộp muộn", default=False)

    class Meta:
        verbose_name = "giai đoạn trong lịch"
        constraints = [
            models.UniqueConstraint(fields=["cluster_year", "order"], name="stage_order_once"),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | Q(opens_on__lte=F("due_on")),
                name="stage_opens_before_due",
            ),
        ]

    def __str__(self) -> str:
        return f"Giai đoạn {self.name}, {self.cluster_year}"

    @property
    def name(self) -> str:
        """Return what the stage is called in a sentence."""
        return STAGE_NAMES[self.kind]


class Period(models.Model):
    """A reporting period (kỳ báo cáo): which days the units report on, and until when.

    Figures of a period are those of its days; what comes after `due_on` is taken as late.
    """

    cluster_year = models.ForeignKey(
        ClusterYear, models.CASCADE, related_name="periods", verbose_name="năm thi đua"
    )
    order = models.PositiveSmallIntegerField("thứ tự")
    name = models.CharField("tên kỳ", max_length=40)
    starts_on = models.DateField("số liệu từ ngày")
    ends_on = models.DateField("đến hết ngày")
    due_on = models.DateField("hạn nộp")

    class Meta:
        verbose_name = "kỳ báo cáo"
        constraints = [
            models.UniqueConstraint(fields=["cluster_year", "order"], name="period_order_once"),
            models.UniqueConstraint(fields=["cluster_year", "name"], name="period_name_once"),
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("ends_on")) & Q(ends_on__lte=F("due_on")),
                name="period_starts_ends_then_is_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.cluster_year}"


class Extension(models.Model):
    """More time for one unit in one stage or period, granted with a reason (feature 14)."""

    stage = models.ForeignKey(
        Stage, models.CASCADE, null=True, blank=True, related_name="extensions",
        verbose_name="giai đoạn",
    )  # fmt: skip
    period = models.ForeignKey(
        Period, models.CASCADE, null=True, blank=True, related_name="extensions",
        verbose_name="kỳ báo cáo",
    )  # fmt: skip
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="extensions", verbose_name="đơn vị")
    until = models.DateField("gia hạn đến hết ngày")
    reason = models.TextField("lý do")
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    granted_at = models.DateTimeField("lúc")

    class Meta:
        verbose_name = "gia hạn"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="extension_has_a_reason"),
            models.CheckConstraint(
                condition=Q(stage__isnull=False, period__isnull=True)
                | Q(stage__isnull=True, period__isnull=False),
                name="extension_of_a_stage_or_a_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit}: {self.stage or self.period}"

    @property
    def what(self) -> str:
        """Return what was extended, in words: "giai đoạn ký giao ước", "Quý II"."""
        if self.stage is not None:
            return f"giai đoạn {self.stage.name}"
        return f"kỳ {self.period.name}" if self.period else ""


class Role(models.TextChoices):
    """What a person is appointed to; lead and deputy follow from the unit's place."""

    OFFICER = "OFFICER", "Cán bộ thi đua"
    HEAD = "HEAD", "Lãnh đạo"
    ORGANISER = "ORGANISER", "Cơ quan thường trực"
    ADMINISTRATOR = "ADMINISTRATOR", "Quản trị hệ thống"


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    """Questions about appointments."""

    def current(self, today: date) -> Self:
        """Return the appointments in force on a day of people who can log in.

        A delegation ends with the appointment it was given under.
        """
        own = Q(delegated_by__isnull=True)
        lent = Q(
            Q(delegated_by__ends_on__isnull=True) | Q(delegated_by__ends_on__gte=today),
            delegated_by__starts_on__lte=today,
            delegated_by__user__is_active=True,
        )
        return self.filter(
            own | lent,
            Q(ends_on__isnull=True) | Q(ends_on__gte=today),
            starts_on__lte=today,
            user__is_active=True,
        )


class Appointment(models.Model):
    """A person's role for a unit, with dates; when delegated, by whom and on which paper."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="appointments", verbose_name="người"
    )
    role = models.CharField("vai", max_length=14, choices=Role.choices)
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="appointments",
        verbose_name="đơn vị",
    )
    position = models.CharField("chức vụ", max_length=120, blank=True)
    starts_on = models.DateField("từ ngày")
    ends_on = models.DateField("đến hết ngày", null=True, blank=True)
    decision = models.CharField("văn bản phân công", max_length=200, blank=True)
    delegated_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="delegations",
        verbose_name="người ủy quyền",
    )  # fmt: skip

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = "phân công"
        constraints = [
            models.CheckConstraint(
                condition=Q(role="ADMINISTRATOR", unit__isnull=True)
                | (~Q(role="ADMINISTRATOR") & Q(unit__isnull=False)),
                name="appointment_has_a_unit_unless_administrator",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__lte=F("ends_on")),
                name="appointment_starts_before_it_ends",
            ),
            models.CheckConstraint(
                condition=Q(delegated_by__isnull=True) | ~Q(decision=""),
                name="delegation_rests_on_a_paper",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.label}"

    @property
    def label(self) -> str:
        """Return role and unit: "Cán bộ thi đua · Công an TP. Hải Phòng"."""
        role = Role(self.role).label
        return f"{role} · {self.unit.short_name}" if self.unit else role


class Meeting(models.Model):
    """A conference of the cluster: kind, day and place."""

    class Kind(models.TextChoices):
        """What the conference is for."""

        DRAFT = "DRAFT", "Góp ý dự thảo"
        SIGNING = "SIGNING", "Hội nghị ký kết"
        THEMATIC = "THEMATIC", "Họp chuyên đề"
        MIDYEAR = "MIDYEAR", "Hội nghị sơ kết"
        YEAREND = "YEAREND", "Hội nghị tổng kết"

    cluster_year = models.ForeignKey(ClusterYear, models.CASCADE, related_name="meetings")
    kind = models.CharField("loại", max_length=10, choices=Kind.choices)
    held_on = models.DateField("ngày")
    place = models.CharField("nơi họp", max_length=200, blank=True)

    class Meta:
        verbose_name = "hội nghị"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.cluster_year}"


class NumberRegister(models.Model):
    """The register of document numbers of one cluster year: one series per kind of paper."""

    cluster_year = models.ForeignKey(ClusterYear, models.PROTECT, related_name="registers")
    symbol = models.CharField("ký hiệu loại", max_length=12)
    last = models.PositiveIntegerField("số cuối", default=0)

    class Meta:
        verbose_name = "sổ số văn bản"
        constraints = [
            models.UniqueConstraint(
                fields=["cluster_year", "symbol"], name="one_register_per_symbol"
            )
        ]

    def __str__(self) -> str:
        return f"{self.symbol}: {self.last}"
