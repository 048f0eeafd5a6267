"""Nomination votes: quotas of titles, ballots open or secret, nominations (78, 79, U10)."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clusters.acting import Acting
from clusters.models import Cluster, ClusterYear, Cycle, Unit
from scoring.models.evidence import Evidence
from scoring.models.run import ScoringRun


class AwardQuota(models.Model):
    """How many units may be nominated for a title in a cycle (chỉ tiêu danh hiệu).

    Set by the organiser, for one cluster or for all clusters of the cycle together; a number or a
    per cent, never both (domain.md §1: "≤ 20 % of collectives judged leaders of clusters").
    """

    class Base(models.TextChoices):
        """What a per cent is taken of; rounded down to whole units."""

        MEMBERS = "MEMBERS", "số đơn vị thành viên"
        LEADERS = "LEADERS", "số đơn vị dẫn đầu các cụm, khối"

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="quotas", verbose_name="kỳ")
    cluster = models.ForeignKey(
        Cluster, models.PROTECT, null=True, blank=True, related_name="quotas",
        verbose_name="cụm, khối",
    )  # fmt: skip
    title = models.CharField("danh hiệu, hình thức khen thưởng", max_length=200)
    #: Place in the list: the highest title first.
    order = models.PositiveSmallIntegerField("thứ tự", default=1)
    max_count = models.PositiveSmallIntegerField("số lượng tối đa", null=True, blank=True)
    max_percent = models.DecimalField(
        "tỷ lệ tối đa (%)", max_digits=5, decimal_places=2, null=True, blank=True
    )
    percent_of = models.CharField(
        "tỷ lệ tính trên", max_length=8, choices=Base.choices, default=Base.MEMBERS
    )
    #: Only the unit ranked first in its cluster (the Government's flag, NĐ 91/2017 Đ. 11–12).
    leaders_only = models.BooleanField("chỉ đơn vị dẫn đầu", default=False)
    revision = models.PositiveIntegerField("lần lưu", default=1)

    class Meta:
        verbose_name = "chỉ tiêu danh hiệu"
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "cluster", "title"],
                condition=Q(cluster__isnull=False),
                name="quota_once_per_cluster_and_title",
            ),
            models.UniqueConstraint(
                fields=["cycle", "title"],
                condition=Q(cluster__isnull=True),
                name="quota_once_per_cycle_and_title",
            ),
            models.CheckConstraint(
                condition=Q(max_count__isnull=True, max_percent__isnull=False)
                | Q(max_count__isnull=False, max_percent__isnull=True),
                name="quota_is_a_number_or_a_percent",
            ),
            models.CheckConstraint(
                condition=Q(max_percent__isnull=True) | Q(max_percent__gt=0, max_percent__lte=100),
                name="quota_percent_is_a_percent",
            ),
            models.CheckConstraint(
                condition=Q(max_count__isnull=True) | Q(max_count__gt=0),
                name="quota_count_is_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class BallotSubject(models.TextChoices):
    """What is voted on."""

    TITLE = "TITLE", "Suy tôn danh hiệu, hình thức khen thưởng"
    LEAD = "LEAD", "Bầu đơn vị trưởng năm sau"
    DEPUTY = "DEPUTY", "Bầu đơn vị phó năm sau"
    TIE = "TIE", "Phân định các đơn vị đồng hạng"


class BallotStatus(models.TextChoices):
    """The states of a ballot."""

    PREPARING = "PREPARING", "Đang chuẩn bị"
    OPEN = "OPEN", "Đang bỏ phiếu"
    COUNTED = "COUNTED", "Đã kiểm phiếu"
    CANCELLED = "CANCELLED", "Đã hủy"


class BallotQuerySet(models.QuerySet["Ballot"]):
    """Questions about ballots."""

    def visible_to(self, acting: Acting) -> Self:
        """Return the ballots of the years one sees; who takes part is public in the cluster."""
        return self.filter(cluster_year__in=ClusterYear.objects.visible_to(acting))


class Ballot(models.Model):
    """A vote of the cluster, one vote a unit (bỏ phiếu suy tôn).

    Secret: no row, order or time links a vote to a unit. A vote then only raises the counters of
    its candidates; who has taken part stands in `Voter`, without a time. Open: `OpenVote` says who
    voted for whom. On paper: the counts are typed in and the signed minutes attached; it ranks
    equal with the electronic way.
    """

    class Base(models.TextChoices):
        """Of which units a fraction is taken."""

        PRESENT = "PRESENT", "số đơn vị có mặt"
        ALL = "ALL", "tổng số đơn vị thành viên"

    cluster_year = models.ForeignKey(
        ClusterYear, models.PROTECT, related_name="ballots", verbose_name="năm thi đua"
    )
    number = models.PositiveSmallIntegerField("số")
    subject = models.CharField("bỏ phiếu để", max_length=8, choices=BallotSubject.choices)
    title = models.CharField("nội dung bỏ phiếu", max_length=200)
    quota = models.ForeignKey(
        AwardQuota, models.PROTECT, null=True, blank=True, related_name="ballots",
        verbose_name="danh hiệu",
    )  # fmt: skip
    #: The published run from which points, ranks and vetoes of the candidates were read.
    run = models.ForeignKey(
        ScoringRun, models.PROTECT, related_name="ballots", verbose_name="phiên chấm"
    )
    #: Of a vote on a tie: the shared rank.
    rank = models.PositiveSmallIntegerField("hạng", null=True, blank=True)
    status = models.CharField(
        "trạng thái", max_length=10, choices=BallotStatus.choices, default=BallotStatus.PREPARING
    )
    revision = models.PositiveIntegerField("lần lưu", default=1)
    is_secret = models.BooleanField("bỏ phiếu kín", default=True)
    on_paper = models.BooleanField("bỏ phiếu giấy", default=False)
    #: So many are chosen; a vote marks at most so many.
    seats = models.PositiveSmallIntegerField("số lượng được chọn", default=1)
    #: The vote counts when at least this fraction of all member units is present.
    quorum_parts = models.PositiveSmallIntegerField("đủ số: tử số", default=2)
    quorum_whole = models.PositiveSmallIntegerField("đủ số: mẫu số", default=3)
    #: Chosen is who has at least (or more than) this fraction of the base.
    threshold_parts = models.PositiveSmallIntegerField("trúng: tử số", default=1)
    threshold_whole = models.PositiveSmallIntegerField("trúng: mẫu số", default=2)
    threshold_is_strict = models.BooleanField("phải quá tỷ lệ", default=True)
    threshold_of = models.CharField(
        "tỷ lệ tính trên", max_length=8, choices=Base.choices, default=Base.PRESENT
    )
    #: For next lead and deputy: a unit not considered this year cannot stand (domain.md §2, VKSND).
    excludes_unconsidered = models.BooleanField("không bầu đơn vị không được xét", default=True)
    #: Units that cannot stand, with the reason, as it was said when the ballot was prepared.
    excluded = models.JSONField("không đủ điều kiện", default=list)
    tellers = models.CharField("ban kiểm phiếu", max_length=300, blank=True)
    created_at = models.DateTimeField("lập lúc")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField("mở lúc", null=True, blank=True)
    ended_at = models.DateTimeField("kết thúc lúc", null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    cancel_reason = models.CharField("lý do hủy", max_length=300, blank=True)
    #: Votes that choose nobody; on paper also the invalid ones.
    blank = models.PositiveSmallIntegerField("phiếu trắng, không hợp lệ", default=0)
    #: Set by the count: how many votes, and whether enough units took part.
    cast = models.PositiveSmallIntegerField("số phiếu thu về", null=True, blank=True)
    is_quorate = models.BooleanField("đủ số đơn vị", null=True, blank=True)
    #: Of the paper way: the scanned minutes of the count.
    minutes = models.ForeignKey(
        Evidence, models.PROTECT, null=True, blank=True, related_name="ballots",
        verbose_name="biên bản kiểm phiếu",
    )  # fmt: skip

    objects = BallotQuerySet.as_manager()

    class Meta:
        verbose_name = "cuộc bỏ phiếu"
        constraints = [
            models.UniqueConstraint(fields=["cluster_year", "number"], name="ballot_number_once"),
            models.CheckConstraint(
                condition=Q(quorum_parts__gte=1, quorum_parts__lte=F("quorum_whole"))
                & Q(threshold_parts__gte=1, threshold_parts__lte=F("threshold_whole")),
                name="ballot_fractions_are_fractions",
            ),
            models.CheckConstraint(condition=Q(seats__gte=1), name="ballot_chooses_somebody"),
            models.CheckConstraint(
                condition=Q(subject="TITLE", quota__isnull=False)
                | (~Q(subject="TITLE") & Q(quota__isnull=True)),
                name="ballot_on_a_title_names_its_quota",
            ),
            models.CheckConstraint(
                condition=Q(subject="TIE", rank__isnull=False)
                | (~Q(subject="TIE") & Q(rank__isnull=True)),
                name="ballot_on_a_tie_names_the_rank",
            ),
            models.CheckConstraint(
                condition=Q(status="COUNTED", cast__isnull=False, is_quorate__isnull=False)
                | (~Q(status="COUNTED") & Q(cast__isnull=True, is_quorate__isnull=True)),
                name="ballot_counted_iff_result",
            ),
            models.CheckConstraint(
                condition=Q(status="CANCELLED") & ~Q(cancel_reason="")
                | ~Q(status="CANCELLED") & Q(cancel_reason=""),
                name="ballot_cancelled_iff_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status="COUNTED", on_paper=True) | Q(minutes__isnull=False),
                name="paper_ballot_has_minutes",
            ),
        ]

    def __str__(self) -> str:
        return f"Bỏ phiếu số {self.number}: {self.title}"


class Candidate(models.Model):
    """A unit that stands in a ballot."""

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="candidates")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    order = models.PositiveSmallIntegerField("thứ tự")
    #: As printed then (product.md §5.9).
    unit_name = models.CharField("tên đơn vị", max_length=255)
    rank = models.PositiveSmallIntegerField("hạng", null=True, blank=True)
    points = models.CharField("điểm", max_length=20, blank=True)
    #: Shown to nobody before the count.
    votes = models.PositiveSmallIntegerField("số phiếu", default=0)
    is_chosen = models.BooleanField("trúng", null=True, blank=True)

    class Meta:
        verbose_name = "đơn vị được đưa ra bỏ phiếu"
        constraints = [
            models.UniqueConstraint(fields=["ballot", "unit"], name="candidate_once_per_ballot"),
            models.UniqueConstraint(fields=["ballot", "order"], name="candidate_order_once"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_name}: {self.ballot}"


class Voter(models.Model):
    """A member unit in a ballot: present or not, has voted or not; never when, nor how."""

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="voters")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    unit_name = models.CharField("tên đơn vị", max_length=255)
    is_present = models.BooleanField("có mặt", default=False)
    has_voted = models.BooleanField("đã bỏ phiếu", default=False)

    class Meta:
        verbose_name = "đơn vị tham gia bỏ phiếu"
        constraints = [
            models.UniqueConstraint(fields=["ballot", "unit"], name="one_vote_per_unit"),
            models.CheckConstraint(
                condition=Q(has_voted=False) | Q(is_present=True),
                name="who_votes_is_present",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_name}: {self.ballot}"


class OpenVote(models.Model):
    """A mark for a candidate in an open ballot; a secret one has no such rows."""

    voter = models.ForeignKey(Voter, models.PROTECT, related_name="marks")
    candidate = models.ForeignKey(Candidate, models.PROTECT, related_name="marks")

    class Meta:
        verbose_name = "phiếu công khai"
        constraints = [
            models.UniqueConstraint(fields=["voter", "candidate"], name="one_mark_per_candidate")
        ]

    def __str__(self) -> str:
        return f"{self.voter} → {self.candidate}"


class NominationQuerySet(models.QuerySet["Nomination"]):
    """Questions about nominations."""

    def visible_to(self, acting: Acting) -> Self:
        """Return the nominations of the years one sees."""
        return self.filter(cluster_year__in=ClusterYear.objects.visible_to(acting))

    def standing(self) -> Self:
        """Return those that were not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)


class Nomination(models.Model):
    """A unit nominated by its cluster for a title (đề nghị khen thưởng), within the quota."""

    cluster_year = models.ForeignKey(
        ClusterYear, models.PROTECT, related_name="nominations", verbose_name="năm thi đua"
    )
    quota = models.ForeignKey(
        AwardQuota, models.PROTECT, related_name="nominations", verbose_name="danh hiệu"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    unit_name = models.CharField("tên đơn vị", max_length=255)
    ballot = models.ForeignKey(
        Ballot, models.PROTECT, null=True, blank=True, related_name="nominations",
        verbose_name="cuộc bỏ phiếu",
    )  # fmt: skip
    note = models.CharField("thành tích, căn cứ", max_length=500, blank=True)
    nominated_at = models.DateTimeField("đề nghị lúc")
    nominated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField("rút lúc", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdraw_reason = models.CharField("lý do rút", max_length=300, blank=True)

    objects = NominationQuerySet.as_manager()

    class Meta:
        verbose_name = "đề nghị khen thưởng"
        constraints = [
            models.UniqueConstraint(
                fields=["cluster_year", "quota", "unit"],
                condition=Q(withdrawn_at__isnull=True),
                name="nominated_once_for_a_title",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdraw_reason="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdraw_reason="")),
                name="nomination_withdrawn_iff_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_name}: {self.quota}"
