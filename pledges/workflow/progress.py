"""Progress from draft to accepted: one function for each verb, under the lock of the report."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F

from clusters import operations as clusters_operations
from clusters.acting import Acting
from clusters.calendar import days_late, local_date
from clusters.models import ClusterYear, Period, Unit
from core import audit
from core.audit import Change
from core.canonical import plain
from core.policy import Conflict, Invalid, require
from core.text import format_number
from pledges.models import (
    ProgressEntry,
    ProgressReport,
    ProgressStatus,
    ReturnedEntry,
    Target,
)
from pledges.policies import progress as policies
from pledges.queries.progress import (
    cells_of,
    entry_mark,
    locked_report,
    standing_of,
)
from scoring.operations import attach

PS = ProgressStatus
TRANSITIONS: dict[ProgressStatus, frozenset[ProgressStatus]] = {
    PS.DRAFT: frozenset({PS.SUBMITTED}),
    PS.SUBMITTED: frozenset({PS.RETURNED, PS.ACCEPTED}),
    PS.RETURNED: frozenset({PS.SUBMITTED}),
    PS.ACCEPTED: frozenset(),
}
#: Who is waited for in each state (đang chờ ai).
OWNERS: dict[ProgressStatus, str] = {
    PS.DRAFT: "Đơn vị nhập và nộp",
    PS.SUBMITTED: "Đơn vị trưởng duyệt; phiếu của đơn vị trưởng do đơn vị phó duyệt",
    PS.RETURNED: "Đơn vị sửa các ô bị trả lại và nộp lại",
    PS.ACCEPTED: "Không ai",
}
#: Symbol of the register of progress reports: "12/TĐ-K1".
SYMBOL = "TĐ"


@dataclass(frozen=True, slots=True)
class CellInput:
    """What was typed into one cell, and the mark of what was read there (`entry_mark`).

    Everything empty clears the cell. `evidence` None leaves the files as they are.
    """

    target_id: int
    value: Decimal | None = None
    text: str = ""
    note: str = ""
    reason: str = ""
    seen: str = ""
    evidence: tuple[int, ...] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all stands in the cell."""
        return self.value is None and not (self.text or self.note or self.evidence)


@dataclass(frozen=True, slots=True)
class Finding:
    """A cell that is returned, and what has to be mended there."""

    target_id: int
    reason: str


@transaction.atomic
def save(
    *,
    period_id: int,
    cells: Sequence[CellInput],
    by: Acting,
    now: datetime,
    part: int = 1,
    narrative: str | None = None,
) -> ProgressReport:
    """Keep what was typed; one cell or the whole grid, in one event.

    Raises `Conflict` when somebody else changed one of the cells since it was read; `current`
    names each by ``cell-<target>`` with what stands there now.
    """
    report = _own_report(period_id, part, by, now)
    standing = standing_of(report, by, local_date(now))
    require(policies.may_enter(standing))
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    targets = _known(report, [cell.target_id for cell in cells])
    latest = _latest(report, targets)
    _require_unchanged(latest, cells)
    for cell in cells:
        target, stored = targets[cell.target_id], latest.get(cell.target_id)
        if not _same(stored, cell):
            require(policies.may_enter_cell(standing, target.pk))
        old, new = _write(report, target, cell, stored, by=by, now=now)
        if old != new:
            before[target.key], after[target.key] = old, new
    if narrative is not None and narrative != report.narrative:
        before["narrative"], after["narrative"] = report.narrative, narrative
        report.narrative = narrative
    if after:
        report.revision += 1
        report.save(update_fields=["narrative", "revision"])
        _record("pledges.progress_saved", report, by=by, now=now, change=Change(before, after))
    return report


@transaction.atomic
def hand_over(*, report_id: int, by: Acting, now: datetime) -> ProgressReport:
    """Lay the report before the head of the unit."""
    report = locked_report(report_id)
    require(policies.may_hand_over(standing_of(report, by, local_date(now))))
    report.ready_at = now
    report.save(update_fields=["ready_at"])
    _record("pledges.progress_handed_over", report, by=by, now=now)
    return report


@transaction.atomic
def submit(*, report_id: int, seen: int, by: Acting, now: datetime) -> ProgressReport:
    """Submit the report as read (`seen` is its revision); its entries never change again."""
    report = locked_report(report_id)
    standing = standing_of(report, by, local_date(now))
    require(policies.may_submit(standing))
    _require_same(seen, report)
    old = report.status
    _move(report, PS.SUBMITTED)
    if not report.number:
        number = clusters_operations.reserve_number(cluster_year=report.cluster_year, symbol=SYMBOL)
        report.number = f"{number:02d}/{SYMBOL}-{report.cluster_year.cluster.symbol}"
        # A correction mends what came in time or late before; it has no due day of its own.
        late = days_late(standing.window, local_date(now)) if report.part == 1 else 0
        report.days_late = late
    report.submitted_at, report.submitted_by_id, report.seen_at = now, by.user_id, None
    report.revision += 1
    report.save()
    report.entries.filter(submitted_at__isnull=True).update(submitted_at=now)
    _record(
        "pledges.progress_submitted",
        report,
        by=by,
        now=now,
        change=Change(
            {"status": old},
            {"status": report.status, "number": report.number, "days_late": report.days_late},
        ),
    )
    return report


@transaction.atomic
def mark_seen(*, report_id: int, by: Acting, now: datetime) -> None:
    """Note that who decides has opened the report; told to the unit, no event of its own."""
    report = locked_report(report_id)
    if report.seen_at is None and policies.may_decide(standing_of(report, by, local_date(now))):
        report.seen_at = now
        report.save(update_fields=["seen_at"])


@transaction.atomic
def give_back(
    *,
    report_id: int,
    seen: int,
    reason: str,
    findings: Sequence[Finding],
    by: Acting,
    now: datetime,
) -> ProgressReport:
    """Return the report with a reason, pinned to cells; without cells all of it is returned."""
    report = locked_report(report_id)
    require(policies.may_decide(standing_of(report, by, local_date(now))))
    _require_same(seen, report)
    if not reason:
        raise Invalid("Nêu lý do trả lại để đơn vị biết phải sửa gì.", field="reason")
    if any(not finding.reason for finding in findings):
        raise Invalid("Mỗi ô trả lại cần một câu nêu phải sửa gì.", field="findings")
    targets = _known(report, [finding.target_id for finding in findings])
    _move(report, PS.RETURNED)
    report.returned_at, report.return_reason = now, reason
    report.decided_by_id, report.ready_at = by.user_id, None
    report.revision += 1
    report.save()
    ReturnedEntry.objects.bulk_create(
        ReturnedEntry(report=report, target_id=f.target_id, returned_at=now, reason=f.reason)
        for f in findings
    )
    cells = {targets[f.target_id].key: f.reason for f in findings}
    _record(
        "pledges.progress_returned",
        report,
        by=by,
        now=now,
        change=Change({"status": "SUBMITTED"}, {"status": "RETURNED", "cells": cells}, reason),
    )
    return report


@transaction.atomic
def accept(*, report_id: int, seen: int, by: Acting, now: datetime) -> ProgressReport:
    """Accept the report as read: from now on its figures count."""
    report = locked_report(report_id)
    require(policies.may_decide(standing_of(report, by, local_date(now))))
    _require_same(seen, report)
    _move(report, PS.ACCEPTED)
    report.accepted_at, report.decided_by_id = now, by.user_id
    report.save()
    _record(
        "pledges.progress_accepted",
        report,
        by=by,
        now=now,
        change=Change({"status": "SUBMITTED"}, {"status": "ACCEPTED", "number": report.number}),
    )
    return report


@transaction.atomic
def start_correction(*, report_id: int, by: Acting, now: datetime) -> ProgressReport:
    """Open a further part of an accepted report; an open one is returned instead of a second."""
    report = locked_report(report_id)
    require(policies.may_correct(standing_of(report, by, local_date(now))))
    parts = ProgressReport.objects.filter(unit=report.unit, period=report.period)
    last = parts.order_by("-part").first()
    if last is not None and last.status != PS.ACCEPTED:
        return last
    fresh = ProgressReport.objects.create(
        cluster_year=report.cluster_year,
        unit=report.unit,
        period=report.period,
        part=(last.part if last else 0) + 1,
        created_at=now,
    )
    _record(
        "pledges.progress_correction_started",
        fresh,
        by=by,
        now=now,
        change=Change(after={"corrects": report.number}),
    )
    return fresh


def _own_report(period_id: int, part: int, by: Acting, now: datetime) -> ProgressReport:
    """Return one's own report on a period, locked; the first save makes it."""
    period = Period.objects.select_related("cluster_year").get(pk=period_id)
    unit = Unit.objects.get(pk=by.unit_key)
    found = ProgressReport.objects.filter(unit=unit, period=period, part=part).first()
    if found is None and part == 1:
        # Two first saves at once: the second waits here and finds the row of the first.
        ClusterYear.objects.select_for_update(no_key=True).get(pk=period.cluster_year_id)
        draft = ProgressReport(
            cluster_year=period.cluster_year, unit=unit, period=period, created_at=now
        )
        require(policies.may_enter(standing_of(draft, by, local_date(now))))
        found, _ = ProgressReport.objects.get_or_create(
            unit=unit, period=period, part=part,
            defaults={"cluster_year": period.cluster_year, "created_at": now},
        )  # fmt: skip
    if found is None:
        raise Invalid("Chưa có phiếu đính chính này; lập phiếu đính chính trước.")
    return locked_report(found.pk)


def _known(report: ProgressReport, target_ids: Iterable[int]) -> dict[int, Target]:
    """Return targets of the binding version; the figure of another one is refused."""
    asked = set(target_ids)
    binding = Target.objects.filter(
        version__pledge__cluster_year=report.cluster_year,
        version__pledge__current=F("version"),
        version__frozen_at__isnull=False,
    )
    found = {t.pk: t for t in binding.filter(pk__in=asked)}
    if set(found) != asked:
        raise Invalid("Có ô không thuộc giao ước đang thực hiện. Tải lại trang rồi nhập lại.")
    return found


def _latest(report: ProgressReport, target_ids: Iterable[int]) -> dict[int, ProgressEntry]:
    """Return the newest entry of each cell in this report."""
    rows = report.entries.filter(target__in=list(target_ids)).order_by("pk")
    return {row.target_id: row for row in rows}


def _require_unchanged(latest: dict[int, ProgressEntry], cells: Sequence[CellInput]) -> None:
    changed = {
        f"cell-{cell.target_id}": _words(latest.get(cell.target_id))
        for cell in cells
        if entry_mark(latest.get(cell.target_id)) != cell.seen
    }
    if changed:
        raise Conflict(
            "Người khác vừa sửa ô này sau khi bạn mở trang nên chưa ghi. "
            "Xem số đang lưu bên cạnh số bạn nhập rồi gửi lại.",
            changed,
        )


def _words(entry: ProgressEntry | None) -> str:
    if entry is None:
        return ""
    return entry.text if entry.value is None else format_number(entry.value)


def _write(
    report: ProgressReport,
    target: Target,
    cell: CellInput,
    latest: ProgressEntry | None,
    *,
    by: Acting,
    now: datetime,
) -> tuple[str | None, str | None]:
    """Write one cell; return what stood there and what stands there now, for the event."""
    old = _as_text(latest)
    if _same(latest, cell):
        return old, old
    if cell.value is not None and target.kind != Target.Kind.NUMERIC:
        raise Invalid("Chỉ tiêu này ghi bằng lời, không ghi số.", field=f"cell-{target.pk}")
    if report.part > 1 and not cell.reason:
        raise Invalid("Nêu lý do đính chính số liệu đã được chấp nhận.", field=f"cell-{target.pk}")
    is_draft = latest is not None and latest.submitted_at is None
    if latest is not None and is_draft and cell.is_empty and latest.replaces_id is None:
        latest.delete()
        return old, None
    if latest is not None and is_draft:
        entry = latest
    else:
        replaced = latest or _corrected(report, target)
        entry = ProgressEntry(report=report, target=target, replaces=replaced)
    entry.value, entry.text = cell.value, cell.text
    entry.note, entry.reason = cell.note, cell.reason
    entry.entered_at, entry.entered_by_id = now, by.user_id
    entry.save()
    _attach(entry, cell, latest)
    return old, _as_text(entry)


def _same(latest: ProgressEntry | None, cell: CellInput) -> bool:
    """Whether the cell was sent as it stands: nothing is written and nothing recorded."""
    if latest is None:
        return cell.is_empty
    if cell.evidence is not None:
        stored = set(latest.evidence.values_list("pk", flat=True))
        if stored != set(cell.evidence):
            return False
    typed = (cell.value, cell.text, cell.note, cell.reason)
    return (latest.value, latest.text, latest.note, latest.reason) == typed


def _attach(entry: ProgressEntry, cell: CellInput, latest: ProgressEntry | None) -> None:
    """Tie the files to the entry; without a word on files a new entry keeps those of the old."""
    if cell.evidence is not None:
        place = {"cluster_year_id": entry.report.cluster_year_id, "unit_id": entry.report.unit_id}
        attach(entry.evidence, cell.evidence, **place)
    elif latest is not None and entry != latest:
        entry.evidence.set(latest.evidence.all())


def _corrected(report: ProgressReport, target: Target) -> ProgressEntry | None:
    """Return the accepted entry of earlier parts that a correction takes the place of."""
    if report.part == 1:
        return None
    cells = cells_of(report.cluster_year, [report.unit_id])[report.unit_id]
    cell = cells.get((target.key, report.period_id))
    return cell.accepted if cell else None


def _as_text(entry: ProgressEntry | None) -> str | None:
    """Write a cell for the history: the number, or words, with what stands beside it."""
    if entry is None:
        return None
    value = plain(entry.value) if entry.value is not None else entry.text
    notes = [text for text in (entry.note, entry.reason) if text]
    return f"{value} ({'; '.join(notes)})" if notes else value


def _require_same(seen: int, report: ProgressReport) -> None:
    """Refuse to decide on something else than what was read."""
    if seen != report.revision:
        raise Conflict(
            "Phiếu đã thay đổi sau khi bạn mở trang nên chưa ghi nhận. "
            "Xem lại số liệu hiện nay bên dưới rồi quyết định lại."
        )


def _move(report: ProgressReport, to: ProgressStatus) -> None:
    old = PS(report.status)
    if to not in TRANSITIONS[old]:
        message = f"No transition {old} → {to}"
        raise RuntimeError(message)
    report.status = to


def _record(
    action: str,
    report: ProgressReport,
    *,
    by: Acting,
    now: datetime,
    change: Change | None = None,
) -> None:
    audit.record(
        action, report, by=by, now=now, cluster_year_id=report.cluster_year_id, change=change
    )
