"""Reads of quotas: which titles a cycle has, how many units each allows, how many are nominated."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet

from clusters.acting import Acting
from clusters.models import Cluster, ClusterYear, Cycle, Membership
from clusters.queries import place_of
from core.models import AuditEvent
from core.text import format_number
from scoring.models import AwardQuota, Ballot, BallotStatus, Nomination
from scoring.policies.quota import Bases, allowance

#: Titles that clusters propose, the highest first (domain.md §1); offered, never imposed.
TITLES: Final = (
    "Cờ thi đua của Chính phủ",
    "Cờ thi đua của Bộ Công an",
    "Cờ thi đua của Ủy ban nhân dân tỉnh",
    "Đơn vị Quyết thắng",
    "Đơn vị tiên tiến",
    "Tập thể lao động xuất sắc",
    "Bằng khen",
    "Giấy khen",
)


@dataclass(frozen=True, slots=True)
class QuotaRow:
    """A title with how many units may be nominated for it, and how many are."""

    quota: AwardQuota
    #: "3 đơn vị", or "20 % số đơn vị thành viên (8), làm tròn xuống".
    rule: str
    allows: int
    #: Standing nominations in all clusters the quota covers, and those of the cluster at hand.
    nominated: int
    here: int
    withdrawn: int
    ballots: int

    @property
    def left(self) -> int:
        """Return how many more may be nominated; none where the quota was overtaken."""
        return max(0, self.allows - self.nominated)

    @property
    def scope(self) -> str:
        """Say which clusters share the quota."""
        cluster = self.quota.cluster
        return cluster.name if cluster else "Tất cả các cụm, khối trong kỳ"


def quotas_of(cycle: Cycle) -> list[AwardQuota]:
    """Return all quotas of a cycle, the highest title first, those of one cluster behind."""
    rows = AwardQuota.objects.filter(cycle=cycle).select_related("cluster")
    return list(rows.order_by("order", "title", "cluster__search_key", "pk"))


def quotas_for(year: ClusterYear) -> list[AwardQuota]:
    """Return the quotas that hold in one cluster: a title of its own replaces the common one."""
    found = [q for q in quotas_of(year.cycle) if q.cluster_id in (None, year.cluster_id)]
    own = {quota.title for quota in found if quota.cluster_id is not None}
    return [q for q in found if q.cluster_id is not None or q.title not in own]


def rows_of(quotas: Iterable[AwardQuota], year: ClusterYear) -> list[QuotaRow]:
    """Work out the row of each quota; four statements whatever their number."""
    quotas = list(quotas)
    members, leaders = _members_of(year.cycle)
    nominated, here, withdrawn = _nominated(quotas, year)
    ballots = Counter(Ballot.objects.filter(quota__in=quotas).values_list("quota_id", flat=True))
    rows = []
    for quota in quotas:
        bases = _bases(quota, members, leaders)
        rows.append(
            QuotaRow(
                quota,
                _rule(quota, bases),
                allowance(quota, bases),
                nominated[quota.pk],
                here[quota.pk],
                withdrawn[quota.pk],
                ballots[quota.pk],
            )
        )
    return rows


def row_of(quota: AwardQuota, year: ClusterYear) -> QuotaRow:
    """Work out one row."""
    return rows_of([quota], year)[0]


def resting_on_common(cycle: Cycle, cluster_id: int, title: str) -> tuple[int, int]:
    """Count what a cluster has under the common quota of a title: nominations, votes.

    Standing nominations, and votes that were not called off.
    """
    common = {
        "quota__cycle": cycle, "quota__cluster": None, "quota__title": title,
        "cluster_year__cluster": cluster_id,
    }  # fmt: skip
    ballots = Ballot.objects.filter(**common).exclude(status=BallotStatus.CANCELLED)
    return Nomination.objects.standing().filter(**common).count(), ballots.count()


#: Events of quotas that concern more than the cluster on whose year they hang.
_COMMON = (
    "scoring.common_quota_set", "scoring.common_quota_removed", "scoring.quotas_copied",
)  # fmt: skip


def without_common_quotas(
    events: QuerySet[AuditEvent], acting: Acting, year: ClusterYear
) -> QuerySet[AuditEvent]:
    """Leave quotas of all clusters out of the history of one year (a curtain).

    They hang on whichever year the organiser stood on; members read what holds now on the page of
    quotas, not what was planned for others.
    """
    return events if place_of(acting, year).is_organiser else events.exclude(action__in=_COMMON)


def allows(quota: AwardQuota) -> int:
    """Return how many units a quota lets through, stored or still to be."""
    return allowance(quota, _bases(quota, *_members_of(quota.cycle)))


def clusters_of(cycle: Cycle) -> list[Cluster]:
    """Return the clusters that have a year in the cycle."""
    clusters = Cluster.objects.filter(years__cycle=cycle)
    return list(clusters.distinct().order_by("search_key", "pk"))


def cycle_before(cycle: Cycle) -> Cycle | None:
    """Return the newest earlier cycle of the organiser that has quotas, of the same period."""
    earlier = Cycle.objects.filter(
        organiser=cycle.organiser_id, period=cycle.period, year__lt=cycle.year
    )
    with_quotas = earlier.filter(Q(quotas__isnull=False)).distinct()
    return with_quotas.order_by("-year").first()


def _members_of(cycle: Cycle) -> tuple[Counter[int], int]:
    """Count the members of every cluster of a cycle, and the clusters."""
    rows = Membership.objects.filter(cluster_year__cycle=cycle)
    members = Counter(rows.values_list("cluster_year__cluster_id", flat=True))
    return members, ClusterYear.objects.filter(cycle=cycle).count()


def _bases(quota: AwardQuota, members: Counter[int], leaders: int) -> Bases:
    if quota.cluster_id is None:
        return Bases(members.total(), leaders)
    return Bases(members[quota.cluster_id], 1)


def _nominated(
    quotas: list[AwardQuota], year: ClusterYear
) -> tuple[Counter[int], Counter[int], Counter[int]]:
    """Count standing nominations, those of one year among them, and what was withdrawn."""
    standing: Counter[int] = Counter()
    here: Counter[int] = Counter()
    withdrawn: Counter[int] = Counter()
    rows = Nomination.objects.filter(quota__in=quotas)
    for quota_id, year_id, at in rows.values_list("quota_id", "cluster_year_id", "withdrawn_at"):
        if at is not None:
            withdrawn[quota_id] += 1
            continue
        standing[quota_id] += 1
        here[quota_id] += year_id == year.pk
    return standing, here, withdrawn


def _rule(quota: AwardQuota, bases: Bases) -> str:
    if quota.max_percent is None:
        return f"{format_number(quota.max_count or 0)} đơn vị"
    of_leaders = quota.percent_of == AwardQuota.Base.LEADERS
    whole = bases.leaders if of_leaders else bases.members
    base = AwardQuota.Base(quota.percent_of).label
    return f"{format_number(quota.max_percent)} % {base} ({format_number(whole)}), làm tròn xuống"
