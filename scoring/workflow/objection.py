"""Objections to the provisional result: written by the unit, decided by the organiser.

Each verb locks the year first: sending and the final publication can never pass each other, and
two decisions on one objection cannot both stand. Accepting an objection to a line changes its final
figure through `settle`, in the same transaction; the points change only through a new run.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from clusters import operations as clusters_operations
from clusters.acting import Acting
from clusters.calendar import local_date
from clusters.models import ClusterYear
from core import audit
from core.audit import Change
from core.policy import Conflict, Invalid, Refused, require
from scoring.figures import Figure, fault_of
from scoring.models import Objection, ObjectionStatus, ScoreLine
from scoring.operations import attach, labels
from scoring.policies import objection as policies
from scoring.policies.objection import ObjectionStanding
from scoring.policies.sheet import may_settle
from scoring.queries.objection import (
    WHOLE,
    asked_words,
    figure_words,
    objections_with_names,
    open_about,
    own_line,
    own_unit,
    standing_for,
    standing_of,
)
from scoring.queries.sheet import engine_table, locked_sheet
from scoring.queries.sheet import standing_of as standing_of_sheet
from scoring.workflow.sheet import LineInput, require_line_as_read, settle

OS = ObjectionStatus
TRANSITIONS: dict[ObjectionStatus, frozenset[ObjectionStatus]] = {
    OS.DRAFT: frozenset({OS.SENT}),
    OS.SENT: frozenset({OS.ACCEPTED, OS.REJECTED, OS.WITHDRAWN}),
    OS.ACCEPTED: frozenset(),
    OS.REJECTED: frozenset(),
    OS.WITHDRAWN: frozenset(),
}
#: Who is waited for in each state (đang chờ ai).
OWNERS: dict[ObjectionStatus, str] = {
    OS.DRAFT: "Đơn vị kiến nghị: cán bộ soạn, lãnh đạo gửi",
    OS.SENT: "Cơ quan thường trực",
    OS.ACCEPTED: "Không ai",
    OS.REJECTED: "Không ai",
    OS.WITHDRAWN: "Không ai",
}
#: Symbol of the register from which objections take their numbers.
SYMBOL = "KN"


@dataclass(frozen=True, slots=True)
class Plea:
    """What a unit writes: the text, the figure it asks for, the files that prove it."""

    text: str
    #: None leaves the figure to the decision.
    asked: Figure | None = None
    #: Files of the unit's store; None leaves them as they are.
    evidence: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the organiser decides: the reason, and for a line the new final figure."""

    reason: str
    figure: Figure | None = None
    #: Mark of the line as it was read (`line_mark`).
    mark: str = ""


# Writing -------------------------------------------------------------------------------------
@transaction.atomic
def draft(
    *, cluster_year_id: int, line_id: int | None, plea: Plea, by: Acting, now: datetime
) -> Objection:
    """Begin an objection to a line of the own sheet, or without a line to the whole result."""
    year = _locked_year(cluster_year_id)
    unit = own_unit(by)
    standing = standing_for(year, unit, by, local_date(now))
    require(policies.may_write(standing))
    if standing.provisional is None:
        message = "The policy takes no objection where nothing is published."
        raise RuntimeError(message)
    line = _own_line(year, by, line_id) if line_id else None
    if open_about(year, by.unit_key, line_id):
        raise Refused("Đơn vị đang có kiến nghị về nội dung này. Mở kiến nghị đó để sửa hoặc rút.")
    row = Objection(
        cluster_year=year, publication=standing.provisional, unit=unit, line=line,
        created_at=now, created_by_id=by.user_id,
    )  # fmt: skip
    _write(row, plea)
    _record("scoring.objection_drafted", row, Change(after=_facts(row)), by=by, now=now)
    return row


@transaction.atomic
def edit(*, objection_id: int, seen: int, plea: Plea, by: Acting, now: datetime) -> Objection:
    """Change a draft as read; whoever read an older one is shown what stands now."""
    row = _locked(objection_id)
    require(policies.may_edit(_standing(row, by, now)))
    if seen != row.revision:
        raise Conflict(
            "Người khác trong đơn vị vừa lưu kiến nghị này nên chưa ghi. "
            "Xem nội dung đang lưu rồi lưu lại nếu vẫn muốn thay.",
            {"text": row.text, "asked": asked_words(row)},
        )
    before = _facts(row)
    row.revision += 1
    row.ready_at = None
    _write(row, plea)
    _record("scoring.objection_saved", row, Change(before, _facts(row)), by=by, now=now)
    return row


@transaction.atomic
def discard(*, objection_id: int, seen: int, by: Acting, now: datetime) -> None:
    """Drop the draft as read: nobody outside the unit has seen it."""
    row = _locked(objection_id)
    require(policies.may_discard(_standing(row, by, now)))
    _require_same(seen, row)
    _record("scoring.objection_discarded", row, Change(before=_facts(row)), by=by, now=now)
    row.delete()


@transaction.atomic
def hand_over(*, objection_id: int, by: Acting, now: datetime) -> Objection:
    """Lay a draft before the head of the unit."""
    row = _locked(objection_id)
    require(policies.may_hand_over(_standing(row, by, now)))
    row.ready_at = now
    row.save(update_fields=["ready_at"])
    _record("scoring.objection_handed_over", row, Change(after=_about(row)), by=by, now=now)
    return row


@transaction.atomic
def send(*, objection_id: int, seen: int, by: Acting, now: datetime) -> Objection:
    """Send the draft as read; it gets its number, and its text and files never change again."""
    row = _locked(objection_id)
    require(policies.may_send(_standing(row, by, now)))
    _require_same(seen, row)
    _move(row, OS.SENT)
    row.number = clusters_operations.reserve_number(cluster_year=row.cluster_year, symbol=SYMBOL)
    row.sent_at, row.sent_by_id = now, by.user_id
    row.revision += 1
    row.save()
    after = {"status": row.status, "number": row.number} | _facts(row)
    _record("scoring.objection_sent", row, Change({"status": OS.DRAFT}, after), by=by, now=now)
    return row


@transaction.atomic
def withdraw(*, objection_id: int, seen: int, by: Acting, now: datetime) -> Objection:
    """Take back what was sent and not decided, as read; it stays in the books with its number."""
    row = _locked(objection_id)
    require(policies.may_withdraw(_standing(row, by, now)))
    _require_same(seen, row)
    _end(row, OS.WITHDRAWN, by=by, now=now)
    after = {"status": row.status, "number": row.number} | _about(row)
    change = Change({"status": OS.SENT} | _about(row), after)
    _record("scoring.objection_withdrawn", row, change, by=by, now=now)
    return row


# Deciding ------------------------------------------------------------------------------------
@transaction.atomic
def reject(*, objection_id: int, seen: int, ruling: Ruling, by: Acting, now: datetime) -> Objection:
    """Decide that nothing changes, with the reason."""
    row = _locked(objection_id)
    require(policies.may_decide(_standing(row, by, now)))
    _require_same(seen, row)
    _require_reason(ruling)
    row.decision = ruling.reason
    _end(row, OS.REJECTED, by=by, now=now)
    _record("scoring.objection_rejected", row, _decision(row), by=by, now=now)
    return row


@transaction.atomic
def accept(*, objection_id: int, seen: int, ruling: Ruling, by: Acting, now: datetime) -> Objection:
    """Decide for the unit: the final figure of the line becomes the one decided.

    Without a line the reason names what was done; a veto is raised and lifted by its own verbs.
    """
    row = _locked(objection_id)
    require(policies.may_accept(_standing(row, by, now)))
    _require_same(seen, row)
    _require_reason(ruling)
    if row.line is not None:
        _settle(row, row.line, ruling, by=by, now=now)
    row.decision = ruling.reason
    _end(row, OS.ACCEPTED, by=by, now=now)
    _record("scoring.objection_accepted", row, _decision(row), by=by, now=now)
    return row


def _settle(row: Objection, line: ScoreLine, ruling: Ruling, *, by: Acting, now: datetime) -> None:
    """Change the final figure; only what the unit asked for may stand there already.

    The line is compared as it stands under the lock of its sheet, whatever was read before.
    """
    if not ruling.figure:
        raise Invalid("Nhập số chính thức theo quyết định.", field="figure")
    sheet = locked_sheet(line.sheet_id)
    require(may_settle(standing_of_sheet(sheet, by, local_date(now))))
    line = sheet.lines.select_related("criterion", "sheet").get(pk=line.pk)
    require_line_as_read(line, ruling.mark)
    if ruling.figure == line.final:
        if ruling.figure != row.asked:
            raise Invalid(
                "Số này là số chính thức hiện nay. Ghi số khác, hoặc chọn Không chấp nhận.",
                field="figure",
            )
        return
    reason = f"Chấp nhận kiến nghị số {row.number}: {ruling.reason}"
    decided = LineInput(line.pk, ruling.figure, reason, ruling.mark)
    row.figure_before, row.figure_after = line.final, ruling.figure
    settle(sheet_id=line.sheet_id, line=decided, by=by, now=now)


# Shared --------------------------------------------------------------------------------------
def _locked_year(cluster_year_id: int) -> ClusterYear:
    return ClusterYear.objects.select_for_update(of=("self",)).with_names().get(pk=cluster_year_id)


def _locked(objection_id: int) -> Objection:
    """Lock the year, then read the objection as it stands under that lock."""
    rows = Objection.objects.filter(pk=objection_id)
    year_id = rows.values_list("cluster_year", flat=True).first()
    if year_id is None:
        raise Refused("Kiến nghị này đã được bỏ.")
    year = _locked_year(year_id)
    row = objections_with_names().filter(pk=objection_id).first()
    if row is None:
        raise Refused("Kiến nghị này đã được bỏ.")
    row.cluster_year = year
    return row


def _standing(row: Objection, by: Acting, now: datetime) -> ObjectionStanding:
    return standing_of(row, by, local_date(now))


def _own_line(year: ClusterYear, by: Acting, line_id: int) -> ScoreLine:
    line = own_line(year, by, line_id)
    if line is None:
        raise Invalid("Chọn một tiêu chí trong phiếu của đơn vị mình.", field="line")
    return line


def _write(row: Objection, plea: Plea) -> None:
    """Store what a unit wrote, with its files."""
    if not plea.text:
        raise Invalid("Nêu nội dung kiến nghị và căn cứ.", field="text")
    row.text, row.asked = plea.text, _sound(row.line, plea.asked)
    row.save()
    if plea.evidence is not None:
        place = {"cluster_year_id": row.cluster_year_id, "unit_id": row.unit_id}
        attach(row.evidence, plea.evidence, **place)


def _sound(line: ScoreLine | None, figure: Figure | None) -> Figure | None:
    """Take only a figure that the rule of the leaf can read."""
    if not figure:
        return None
    if line is None:
        raise Invalid("Chỉ kiến nghị về một tiêu chí mới ghi số đề nghị.", field="figure")
    fault = fault_of(engine_table(line.sheet.table), line.criterion.code, line.basis, figure)
    if fault:
        raise Invalid(fault, field="figure")
    return figure


def _facts(row: Objection) -> dict[str, Any]:
    """Return what the trail keeps of what a unit wrote."""
    return {
        **_about(row),
        "text": row.text,
        "asked": asked_words(row),
        "evidence": labels(list(row.evidence.order_by("pk"))),
    }


def _about(row: Objection) -> dict[str, Any]:
    """Name what an objection is about, for the sentences of the history."""
    return {"about": row.line.criterion.code if row.line else WHOLE}


def _require_same(seen: int, row: Objection) -> None:
    """Refuse to act on something else than what was read."""
    if seen != row.revision:
        raise Conflict(
            "Kiến nghị đã thay đổi sau khi bạn mở trang nên chưa ghi nhận. "
            "Xem lại nội dung hiện nay rồi quyết định lại."
        )


def _require_reason(ruling: Ruling) -> None:
    if not ruling.reason:
        raise Invalid("Nêu quyết định và lý do để đơn vị biết.", field="reason")


def _end(row: Objection, to: ObjectionStatus, *, by: Acting, now: datetime) -> None:
    _move(row, to)
    row.ended_at, row.ended_by_id = now, by.user_id
    row.revision += 1
    row.save()


def _move(row: Objection, to: ObjectionStatus) -> None:
    old = OS(row.status)
    if to not in TRANSITIONS[old]:
        message = f"No transition {old} → {to}"
        raise RuntimeError(message)
    row.status = to


def _decision(row: Objection) -> Change:
    """Return what the trail keeps of a decision: of whom, about what, the figure, the reason."""
    facts = {"number": row.number, "unit": row.unit.short_name} | _about(row)
    before: dict[str, Any] = {"status": OS.SENT} | facts
    after: dict[str, Any] = {"status": row.status} | facts
    if row.figure_after is not None:
        before["figure"] = figure_words(row, row.figure_before)
        after["figure"] = figure_words(row, row.figure_after)
    return Change(before, after, row.decision)


def _record(action: str, row: Objection, change: Change, *, by: Acting, now: datetime) -> None:
    audit.record(action, row, by=by, now=now, cluster_year_id=row.cluster_year_id, change=change)
