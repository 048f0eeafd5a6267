"""Nominations for titles: written within the quota, withdrawn with a reason, never deleted."""

from datetime import datetime

from django.db import transaction

from clusters.acting import Acting
from clusters.calendar import local_date
from clusters.models import ClusterYear
from core import audit
from core.audit import Change
from core.bulk import insert_all
from core.policy import Invalid, Refused, require
from scoring.models import AwardQuota, Nomination
from scoring.policies import nomination as policies
from scoring.queries.nomination import CandidateRow, last_ballot, rows_for, standing_of
from scoring.queries.quota import quotas_for, row_of


@transaction.atomic
def nominate(
    *,
    cluster_year_id: int,
    quota_id: int,
    unit_ids: frozenset[int],
    note: str = "",
    by: Acting,
    now: datetime,
) -> list[Nomination]:
    """Nominate units for a title; refused above the quota, which is counted under its own lock.

    The quota may be shared by many clusters: the lock of the year alone would let two of them
    take the last place together.
    """
    year = _locked_year(cluster_year_id)
    quota = _locked_quota(year, quota_id)
    require(policies.may_nominate(standing_of(year, by)))
    chosen = _chosen(rows_for(year, quota, local_date(now)), unit_ids)
    row = row_of(quota, year)
    require(
        policies.fits_quota(quota, allows=row.allows, nominated=row.nominated, more=len(chosen))
    )
    ballot = last_ballot(year, quota)
    fresh = [
        Nomination(
            cluster_year=year,
            quota=quota,
            unit_id=one.contender.unit_id,
            unit_name=one.contender.unit_name,
            ballot=ballot if one.is_chosen else None,
            note=note,
            nominated_at=now,
            nominated_by_id=by.user_id,
        )
        for one in chosen
    ]
    insert_all(fresh)
    names = [one.contender.unit_name for one in chosen]
    audit.record(
        "scoring.nominated", quota, by=by, now=now, cluster_year_id=year.pk,
        change=Change(after={"title": quota.title, "units": names, "note": note}),
    )  # fmt: skip
    return fresh


def _chosen(rows: list[CandidateRow], unit_ids: frozenset[int]) -> list[CandidateRow]:
    """Return the rows of the units asked for; refuse the first that cannot be nominated."""
    chosen = [row for row in rows if row.contender.unit_id in unit_ids]
    if not chosen or len(chosen) < len(unit_ids):
        raise Invalid("Chọn ít nhất một đơn vị trong danh sách.", field="units")
    for row in chosen:
        if row.why_not:
            raise Invalid(f"{row.contender.unit_name}: {row.why_not}", field="units")
        if row.is_nominated:
            raise Invalid(f"{row.contender.unit_name} đã được đề nghị.", field="units")
    return chosen


@transaction.atomic
def withdraw_nomination(
    *, cluster_year_id: int, nomination_id: int, reason: str, by: Acting, now: datetime
) -> Nomination:
    """Withdraw a nomination with a reason; the place in the quota is free again."""
    year = _locked_year(cluster_year_id)
    rows = Nomination.objects.visible_to(by).filter(cluster_year=year)
    quota = _locked_quota_of(rows.get(pk=nomination_id))
    nomination = Nomination.objects.select_for_update(of=("self",)).get(pk=nomination_id)
    require(policies.may_withdraw(standing_of(year, by), nomination))
    if not reason:
        raise Invalid("Chưa ghi lý do.", field="reason")
    nomination.withdrawn_at, nomination.withdrawn_by_id = now, by.user_id
    nomination.withdraw_reason = reason
    nomination.save(update_fields=["withdrawn_at", "withdrawn_by", "withdraw_reason"])
    audit.record(
        "scoring.nomination_withdrawn", nomination, by=by, now=now, cluster_year_id=year.pk,
        change=Change({"title": quota.title, "unit": nomination.unit_name}, {}, reason),
    )  # fmt: skip
    return nomination


def _locked_year(cluster_year_id: int) -> ClusterYear:
    return ClusterYear.objects.select_for_update(of=("self",)).with_names().get(pk=cluster_year_id)


def _locked_quota(year: ClusterYear, quota_id: int) -> AwardQuota:
    AwardQuota.objects.select_for_update(of=("self",)).filter(pk=quota_id).first()
    quota = next((q for q in quotas_for(year) if q.pk == quota_id), None)
    if quota is None:
        raise Refused("Chỉ tiêu này không áp dụng cho cụm, khối của năm này.")
    return quota


def _locked_quota_of(nomination: Nomination) -> AwardQuota:
    return AwardQuota.objects.select_for_update(of=("self",)).get(pk=nomination.quota_id)
