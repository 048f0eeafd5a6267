"""Quotas of titles: set, changed, removed and copied by the organiser of a cycle."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from clusters.acting import Acting
from clusters.models import ClusterYear, Cycle
from clusters.queries import place_of
from core import audit
from core.audit import Change
from core.bulk import insert_all
from core.canonical import plain
from core.policy import Conflict, Invalid, Refused, require
from scoring.models import AwardQuota
from scoring.policies import quota as policies
from scoring.queries.quota import (
    allows,
    clusters_of,
    cycle_before,
    quotas_of,
    resting_on_common,
    row_of,
)


@dataclass(frozen=True, slots=True)
class QuotaPlan:
    """What a quota says: a number or a per cent, for one cluster or for all of the cycle."""

    title: str
    order: int
    cluster_id: int | None = None
    max_count: int | None = None
    max_percent: Decimal | None = None
    percent_of: str = AwardQuota.Base.MEMBERS
    leaders_only: bool = False


@transaction.atomic
def set_quota(
    *,
    cluster_year_id: int,
    quota_id: int | None,
    seen: int,
    plan: QuotaPlan,
    by: Acting,
    now: datetime,
) -> AwardQuota:
    """Add a quota, or change one that nothing rests on that would be hurt by it."""
    year = _locked(cluster_year_id, plan.cluster_id)
    place = place_of(by, year)
    require(policies.may_set_quotas(place, year))
    quota, before = _quota(year, quota_id, seen)
    _check(year, quota, plan)
    scopes = {plan.cluster_id, *([quota.cluster_id] if before else [])}
    is_other = bool(before) and any(
        getattr(quota, name) != getattr(plan, name)
        for name in ("title", "cluster_id", "leaders_only")
    )
    row = row_of(quota, year) if before else None
    for name in QuotaPlan.__slots__:
        setattr(quota, name, getattr(plan, name))
    if row is not None:
        may = policies.may_change_quota(
            place, year, nominated=row.nominated, withdrawn=row.withdrawn, ballots=row.ballots,
            is_other=is_other, allows=allows(quota),
        )  # fmt: skip
        require(may)
        quota.revision += 1
    if plan.cluster_id is not None and (is_other or not before):
        nominated, ballots = resting_on_common(year.cycle, plan.cluster_id, plan.title)
        require(policies.may_set_own(plan.title, nominated=nominated, ballots=ballots))
    quota.save()
    change = Change(before, _said(quota))
    common = len(scopes) > 1 or None in scopes
    audit.record(
        "scoring.common_quota_set" if common else "scoring.quota_set", quota, by=by, now=now,
        cluster_year_id=_told_in(year, scopes), change=change,
    )  # fmt: skip
    return quota


@transaction.atomic
def remove_quota(*, cluster_year_id: int, quota_id: int, by: Acting, now: datetime) -> None:
    """Remove a quota on which nothing rests."""
    year = _locked(cluster_year_id)
    place = place_of(by, year)
    require(policies.may_set_quotas(place, year))
    quota, before = _quota(year, quota_id, None)
    row = row_of(quota, year)
    may = policies.may_remove_quota(
        place, year, nominated=row.nominated, withdrawn=row.withdrawn, ballots=row.ballots
    )
    require(may)
    common = quota.cluster_id is None
    audit.record(
        "scoring.common_quota_removed" if common else "scoring.quota_removed", quota, by=by,
        now=now, cluster_year_id=_told_in(year, {quota.cluster_id}), change=Change(before),
    )  # fmt: skip
    quota.delete()


@transaction.atomic
def copy_quotas(*, cluster_year_id: int, by: Acting, now: datetime) -> int:
    """Take over the quotas of the last cycle that had some; titles that stand already are kept.

    Left out are quotas of clusters that have no year in this cycle, and those of a cluster that
    nominates or votes for the title under the common quota already.
    """
    year = _locked(cluster_year_id, *(one.pk for one in clusters_of(_cycle_of(cluster_year_id))))
    require(policies.may_set_quotas(place_of(by, year), year))
    source = cycle_before(year.cycle)
    if source is None:
        raise Refused("Các kỳ trước chưa có chỉ tiêu danh hiệu để chép.")
    there = {(q.cluster_id, q.title) for q in quotas_of(year.cycle)}
    known = {None, *(cluster.pk for cluster in clusters_of(year.cycle))}
    copies = [
        AwardQuota(
            cycle=year.cycle, cluster_id=q.cluster_id, title=q.title, order=q.order,
            max_count=q.max_count, max_percent=q.max_percent, percent_of=q.percent_of,
            leaders_only=q.leaders_only,
        )
        for q in quotas_of(source)
        if q.cluster_id in known and (q.cluster_id, q.title) not in there
        and not (q.cluster_id and any(resting_on_common(year.cycle, q.cluster_id, q.title)))
    ]  # fmt: skip
    if not copies:
        raise Refused(f"Kỳ này đã có mọi chỉ tiêu chép được của {source}.")
    insert_all(copies)
    audit.record(
        "scoring.quotas_copied", year, by=by, now=now, cluster_year_id=year.pk,
        change=Change(after={"source": str(source), "titles": [q.title for q in copies]}),
    )  # fmt: skip
    return len(copies)


def _locked(cluster_year_id: int, *cluster_ids: int | None) -> ClusterYear:
    """Lock the year one stands on with those of clusters in its cycle, in the order of keys.

    Nominating and preparing a vote lock the year of their cluster: so neither happens between the
    look at what rests on the common quota and the quota of its own that replaces it.
    """
    here, cycle = Q(pk=cluster_year_id), _cycle_of(cluster_year_id)
    also = Q(cycle=cycle, cluster__in=[pk for pk in cluster_ids if pk is not None])
    rows = ClusterYear.objects.select_for_update(of=("self",)).with_names().filter(here | also)
    return {row.pk: row for row in rows.order_by("pk")}[cluster_year_id]


def _cycle_of(cluster_year_id: int) -> Cycle:
    return ClusterYear.objects.select_related("cycle").get(pk=cluster_year_id).cycle


def _told_in(year: ClusterYear, scopes: set[int | None]) -> int:
    """Return the year whose history tells of a quota: the cluster's it is for, and was for.

    What concerns all clusters, or takes a quota from one to another, hangs on the year the
    organiser stood on and is read by the organiser alone (`without_common_quotas`).
    """
    (cluster_id, *others) = scopes
    if others or cluster_id is None or cluster_id == year.cluster_id:
        return year.pk
    own = ClusterYear.objects.filter(cycle=year.cycle, cluster=cluster_id).order_by("pk")
    return own.values_list("pk", flat=True).first() or year.pk


def _quota(
    year: ClusterYear, quota_id: int | None, seen: int | None
) -> tuple[AwardQuota, dict[str, Any]]:
    """Lock the quota that is asked for, with what it says now; a new one says nothing yet."""
    if quota_id is None:
        return AwardQuota(cycle=year.cycle), {}
    quotas = AwardQuota.objects.select_for_update(of=("self",)).filter(cycle=year.cycle)
    quota = quotas.select_related("cluster").get(pk=quota_id)
    quota.cycle = year.cycle
    if seen is not None and quota.revision != seen:
        raise Conflict("Chỉ tiêu này vừa được người khác sửa. Xem lại rồi sửa tiếp.")
    return quota, _said(quota)


def _check(year: ClusterYear, quota: AwardQuota, plan: QuotaPlan) -> None:
    """Say beside the field what the database, or the meaning of the rule, refuses."""
    if (plan.max_count is None) == (plan.max_percent is None):
        raise Invalid("Ghi số lượng hoặc tỷ lệ, chỉ một trong hai.", field="max_count")
    if plan.cluster_id is not None and plan.cluster_id not in {
        cluster.pk for cluster in clusters_of(year.cycle)
    }:
        raise Invalid("Chọn cụm, khối có trong kỳ này.", field="cluster")
    of_leaders = plan.max_percent is not None and plan.percent_of == AwardQuota.Base.LEADERS
    if plan.cluster_id is not None and of_leaders:
        raise Invalid(
            "Mỗi cụm, khối chỉ có một đơn vị dẫn đầu: tỷ lệ trên số đơn vị dẫn đầu chỉ đặt chung "
            "cho cả kỳ.",
            field="percent_of",
        )
    same = AwardQuota.objects.filter(
        cycle=year.cycle, cluster=plan.cluster_id, title=plan.title
    ).exclude(pk=quota.pk)
    if same.exists():
        raise Invalid("Danh hiệu này đã có chỉ tiêu trong cùng phạm vi.", field="title")


def _said(quota: AwardQuota) -> dict[str, Any]:
    """Return what an event keeps of a quota."""
    percent = quota.max_percent
    cluster = next((c for c in clusters_of(quota.cycle) if c.pk == quota.cluster_id), None)
    return {
        "title": quota.title,
        "cluster": cluster.name if cluster else "",
        "max_count": quota.max_count,
        "max_percent": None if percent is None else plain(percent),
        "percent_of": AwardQuota.Base(quota.percent_of).label if percent is not None else "",
        "leaders_only": quota.leaders_only,
    }
