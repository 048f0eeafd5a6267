"""Versions of a pledge: the first one, and the copy from which the next is written."""

from datetime import datetime
from typing import Any

from django.db import models

from clusters.acting import Acting
from clusters.calendar import local_date
from clusters.models import ClusterYear, MemberRole, YearStatus
from clusters.queries import lead_of, members_of, place_of, previous_year
from core.policy import Refused, require
from pledges import policies
from pledges.models import (
    Activity,
    Clause,
    Paper,
    PaperKind,
    Pledge,
    PledgeVersion,
    Signatory,
    TargetValue,
)
from pledges.queries import windows_of


def start_pledge(*, cluster_year_id: int, by: Acting, now: datetime, clone: bool) -> Pledge:
    """Make the pledge of a year with its first version; called by the workflow."""
    year = ClusterYear.objects.select_for_update(of=("self",)).with_names().get(pk=cluster_year_id)
    members = members_of(year)
    lead = lead_of(members)
    window = windows_of(year, by.unit_id, local_date(now)).get(YearStatus.DRAFTING)
    lead_name = lead.unit.short_name if lead else ""
    require(policies.may_start(place_of(by, year), lead_name, window, local_date(now)))
    if Pledge.objects.filter(cluster_year=year).exists():
        raise Refused("Năm này đã có bản giao ước đang soạn. Mở trang giao ước để sửa.")
    source = _last_years_version(year) if clone else None
    pledge = Pledge.objects.create(cluster_year=year, created_at=now)
    version = PledgeVersion.objects.create(
        pledge=pledge,
        number=1,
        title=f"Giao ước thi đua {year.cycle}",
        place=source.place if source else "",
        slogan=source.slogan if source else "",
        created_at=now,
    )
    if source:
        _copy_rows(source, version)
    else:
        Paper.objects.create(
            version=version, kind=PaperKind.PLEDGE, title=version.title, signing=Paper.Signing.ALL
        )
    _default_signatories(version, year)
    pledge.current = version
    pledge.save(update_fields=["current"])
    return pledge


def copy_version(old: PledgeVersion, *, note: str, now: datetime) -> PledgeVersion:
    """Open the next version with the same rows and keys; called by the workflow."""
    fresh = PledgeVersion.objects.create(
        pledge=old.pledge,
        number=old.number + 1,
        title=old.title,
        place=old.place,
        slogan=old.slogan,
        note=note[:500],
        created_at=now,
    )
    _copy_rows(old, fresh)
    for signatory in old.signatories.order_by("order"):
        Signatory.objects.create(
            version=fresh,
            unit_id=signatory.unit_id,
            role=signatory.role,
            order=signatory.order,
            member_role=signatory.member_role,
            position=signatory.position,
            authority=signatory.authority,
        )
    return fresh


def _last_years_version(year: ClusterYear) -> PledgeVersion | None:
    last = previous_year(year)
    if last is None:
        return None
    return PledgeVersion.objects.filter(pledge__cluster_year=last).order_by("-number").first()


def _copy_rows(old: PledgeVersion, fresh: PledgeVersion) -> None:
    """Copy papers, clauses, activities and targets; levels only of units that are members now."""
    units = set(fresh.pledge.cluster_year.memberships.values_list("unit_id", flat=True))
    same_year = old.pledge_id == fresh.pledge_id
    _copy(Paper, old.papers.order_by("pk"), fresh, units)
    _copy(Clause, old.clauses.order_by("pk"), fresh, units)
    _copy(Activity, old.activities.order_by("pk"), fresh, units)
    for target in old.targets.prefetch_related("values").order_by("order"):
        values = [v for v in target.values.all() if v.unit_id in units]
        target.pk, target.version = None, fresh
        if not same_year:
            target.criterion = None
        target._state.adding = True  # noqa: SLF001 - Django's documented way to copy a row
        target.save()
        for value in values:
            value.pk, value.target = None, target
            # Last year's level is this year's figure to compare with, not its baseline count.
            value.baseline = value.baseline if same_year else None
        TargetValue.objects.bulk_create(values)


def _copy(
    model: type[models.Model], rows: models.QuerySet[Any], fresh: PledgeVersion, units: set[int]
) -> None:
    copies = []
    for row in rows:
        if getattr(row, "unit_id", None) is not None and row.unit_id not in units:
            continue  # a task of a unit that left the cluster
        row.pk, row.version = None, fresh
        copies.append(row)
    model._default_manager.bulk_create(copies)  # noqa: SLF001 - the documented name


def _default_signatories(version: PledgeVersion, year: ClusterYear) -> None:
    """List the members in their order as signers; the lead changes order, position, witness."""
    members = members_of(year)
    ranks = {MemberRole.LEAD: 0, MemberRole.DEPUTY: 1, MemberRole.MEMBER: 2}
    members.sort(key=lambda m: (ranks[MemberRole(m.role)], m.order))
    Signatory.objects.bulk_create(
        [
            Signatory(
                version=version,
                unit=m.unit,
                order=order,
                member_role=m.role,
                position="Thủ trưởng đơn vị",
            )
            for order, m in enumerate(members, start=1)
        ]
    )
