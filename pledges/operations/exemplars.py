"""The register of models, collectives and persons worth following (seed 002)."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from clusters.acting import Acting
from clusters.calendar import local_date
from clusters.models import ClusterYear
from clusters.queries import bench_of, place_of
from core import audit
from core.audit import Change
from core.policy import Conflict, Invalid, require
from pledges.models import Exemplar
from pledges.policies import review as policies
from scoring.operations import attach

#: What a unit writes of an exemplar.
FIELDS = ("kind", "name", "description", "since", "spread_to")


@transaction.atomic
def register(
    *,
    cluster_year_id: int,
    values: dict[str, str],
    by: Acting,
    now: datetime,
    evidence: Iterable[int] = (),
) -> Exemplar:
    """Put an exemplar of one's own unit into the register."""
    year = ClusterYear.objects.select_for_update(of=("self",)).with_names().get(pk=cluster_year_id)
    require(policies.may_register(place_of(by, year), year))
    row = Exemplar(cluster_year=year, unit_id=by.unit_key, registered_at=now, **_fields(values))
    row.save()
    _attach(row, evidence)
    _record("pledges.exemplar_saved", row, {}, by=by, now=now)
    return row


@transaction.atomic
def edit(
    *,
    exemplar_id: int,
    values: dict[str, str],
    seen: int,
    by: Acting,
    now: datetime,
    evidence: Iterable[int] | None = None,
) -> Exemplar:
    """Edit an exemplar of one's own unit; `seen` is the revision that was read."""
    row = _locked(exemplar_id)
    year = row.cluster_year
    require(policies.may_edit_exemplar(place_of(by, year), year, row))
    if seen != row.revision:
        raise Conflict(
            "Người khác vừa sửa điển hình này nên chưa ghi. So phần bạn nhập với phần đang lưu.",
            {name: str(getattr(row, name)) for name in FIELDS},
        )
    before = {name: str(getattr(row, name)) for name in FIELDS}
    for name, value in _fields(values).items():
        setattr(row, name, value)
    row.revision += 1
    row.save()
    if evidence is not None:
        _attach(row, evidence)
    _record("pledges.exemplar_saved", row, before, by=by, now=now)
    return row


@transaction.atomic
def set_standing(
    *, exemplar_id: int, standing: str, reason: str, by: Acting, now: datetime
) -> Exemplar:
    """Say how far an exemplar has come, with the reason."""
    row = _locked(exemplar_id)
    year = row.cluster_year
    bench = bench_of(by, year, row.unit, local_date(now))
    require(policies.may_set_standing(bench, year, row))
    if standing not in Exemplar.Standing.values:
        raise Invalid("Chọn một tình trạng trong danh sách.", field="standing")
    if not reason:
        raise Invalid("Nêu căn cứ của tình trạng này.", field="reason")
    before = row.get_standing_display()
    row.standing = standing
    row.revision += 1
    row.save(update_fields=["standing", "revision"])
    audit.record(
        "pledges.exemplar_standing_set", row, by=by, now=now, cluster_year_id=year.pk,
        change=Change({"standing": before}, {"standing": row.get_standing_display()}, reason),
    )  # fmt: skip
    return row


@transaction.atomic
def withdraw(*, exemplar_id: int, reason: str, by: Acting, now: datetime) -> Exemplar:
    """Take an exemplar of one's own unit out of the register; the row stays."""
    row = _locked(exemplar_id)
    year = row.cluster_year
    require(policies.may_edit_exemplar(place_of(by, year), year, row))
    if not reason:
        raise Invalid("Nêu lý do rút.", field="reason")
    row.withdrawn_at = now
    row.save(update_fields=["withdrawn_at"])
    audit.record(
        "pledges.exemplar_withdrawn", row, by=by, now=now, cluster_year_id=year.pk,
        change=Change({"name": row.name}, {}, reason),
    )  # fmt: skip
    return row


def _fields(values: dict[str, str]) -> dict[str, str]:
    if values["kind"] not in Exemplar.Kind.values:
        raise Invalid("Chọn loại điển hình.", field="kind")
    if not values["name"]:
        raise Invalid("Ghi tên mô hình, tập thể hoặc cá nhân.", field="name")
    return {name: values.get(name, "") for name in FIELDS}


def _attach(row: Exemplar, evidence: Iterable[int]) -> None:
    attach(row.evidence, evidence, cluster_year_id=row.cluster_year_id, unit_id=row.unit_id)


def _locked(exemplar_id: int) -> Exemplar:
    Exemplar.objects.select_for_update().get(pk=exemplar_id)
    return Exemplar.objects.select_related(
        "cluster_year__cluster__organiser", "cluster_year__cycle", "unit"
    ).get(pk=exemplar_id)


def _record(
    action: str, row: Exemplar, before: dict[str, str], *, by: Acting, now: datetime
) -> None:
    audit.record(
        action, row, by=by, now=now, cluster_year_id=row.cluster_year_id,
        change=Change(before, {name: str(getattr(row, name)) for name in FIELDS}),
    )  # fmt: skip
