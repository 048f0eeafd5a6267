"""The minutes of a cross-inspection: written by the team, submitted, answered by the unit.

Each verb locks year and inspection, asks the policy with the facts under the lock, changes the rows
and records one event. A finding stands beside a criterion of the table in use; it changes no score:
who appraises reads it beside the claim and decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from clusters.acting import Acting
from clusters.calendar import local_date
from core import audit
from core.audit import Change
from core.policy import Conflict, Invalid, require
from core.text import format_date
from scoring.models import Criterion, Finding, Inspection, InspectionStatus
from scoring.policies import inspection as policies
from scoring.policies.inspection import is_late
from scoring.queries.inspection import (
    findings_of,
    inspected_by,
    inspection_standing_of,
    locked_inspection,
    text_mark,
)

IS = InspectionStatus
TRANSITIONS: dict[InspectionStatus, frozenset[InspectionStatus]] = {
    IS.OPEN: frozenset({IS.SUBMITTED}),
    IS.SUBMITTED: frozenset({IS.ANSWERED}),
    IS.ANSWERED: frozenset(),
}
#: Who is waited for in each state (đang chờ ai).
OWNERS: dict[InspectionStatus, str] = {
    IS.OPEN: "Tổ kiểm tra; lãnh đạo đơn vị đứng đầu tổ gửi biên bản",
    IS.SUBMITTED: "Lãnh đạo đơn vị được kiểm tra",
    IS.ANSWERED: "Không ai",
}


@dataclass(frozen=True, slots=True)
class FindingInput:
    """What a team found at a criterion, and the mark of the text as it was read (`text_mark`).

    An empty text takes the finding away.
    """

    code: str
    text: str
    seen: str = ""


@dataclass(frozen=True, slots=True)
class HeadInput:
    """When was inspected and what is said on the whole, with the mark of both as read."""

    inspected_on: date | None
    summary: str
    seen: str = ""


@dataclass(frozen=True, slots=True)
class AnswerInput:
    """What the inspected unit says of one finding; a disagreement has its reason."""

    agrees: bool
    reason: str = ""


@transaction.atomic
def write(
    *,
    inspection_id: int,
    findings: Sequence[FindingInput],
    head: HeadInput | None,
    by: Acting,
    now: datetime,
) -> Inspection:
    """Write what the team found; texts that somebody else has changed meanwhile are not replaced.

    Nothing is recorded where nothing changes.
    """
    row = locked_inspection(inspection_id)
    require(policies.may_write(inspection_standing_of(row, by, local_date(now))))
    standing = findings_of(row)
    _require_unchanged(row, standing, findings, head)
    before, after = _write_findings(row, standing, findings)
    if head is not None:
        was, new = _write_head(row, head, local_date(now))
        before, after = before | was, after | new
    if before == after:
        return row
    row.revision += 1
    row.save(update_fields=["inspected_on", "summary", "revision"])
    _record("scoring.inspection_written", row, Change(before, after), by=by, now=now)
    return row


def _require_unchanged(
    row: Inspection,
    standing: Mapping[str, Finding],
    findings: Sequence[FindingInput],
    head: HeadInput | None,
) -> None:
    """Refuse to write over a text that was changed after it was read, and show what stands."""
    changed = {
        f"f-{one.code}": text
        for one in findings
        if one.seen and one.seen != text_mark(text := _text(standing, one.code))
    }
    if head and head.seen and head.seen != text_mark(row.inspected_on, row.summary):
        day = f"Ngày {format_date(row.inspected_on)}. " if row.inspected_on else ""
        changed["summary"] = f"{day}{row.summary}"
    if changed:
        raise Conflict(
            "Người khác trong tổ vừa sửa nội dung này nên chưa ghi. "
            "Xem nội dung đang lưu bên dưới rồi ghi lại.",
            changed,
        )


def _text(standing: Mapping[str, Finding], code: str) -> str:
    return standing[code].text if code in standing else ""


def _write_findings(
    row: Inspection, standing: Mapping[str, Finding], findings: Sequence[FindingInput]
) -> tuple[dict[str, Any], dict[str, Any]]:
    leaves = {leaf.code: leaf for _, some in inspected_by(row) for leaf in some}
    before, after = dict[str, str](), dict[str, str]()
    for one in findings:
        old = _text(standing, one.code)
        if one.text == old:
            continue
        _put(row, standing.get(one.code), leaves.get(one.code), one)
        before[one.code], after[one.code] = old, one.text
    return ({"lines": before}, {"lines": after}) if after else ({}, {})


def _put(
    row: Inspection, finding: Finding | None, leaf: Criterion | None, one: FindingInput
) -> None:
    if finding is not None and not one.text:
        finding.delete()
    elif finding is not None:
        finding.text = one.text
        finding.save(update_fields=["text"])
    elif leaf is not None:
        Finding.objects.create(inspection=row, criterion=leaf, text=one.text)
    else:
        raise Invalid(f"Không có tiêu chí {one.code} trong bảng tiêu chí đang dùng.")


def _write_head(
    row: Inspection, head: HeadInput, today: date
) -> tuple[dict[str, Any], dict[str, Any]]:
    if head.inspected_on is not None and head.inspected_on > today:
        raise Invalid("Ngày kiểm tra không được sau hôm nay.", field="inspected_on")
    before, after = dict[str, Any](), dict[str, Any]()
    if head.inspected_on != row.inspected_on:
        before["inspected_on"] = row.inspected_on and row.inspected_on.isoformat()
        after["inspected_on"] = head.inspected_on and head.inspected_on.isoformat()
    if head.summary != row.summary:
        before["summary"], after["summary"] = row.summary, head.summary
    row.inspected_on, row.summary = head.inspected_on, head.summary
    return before, after


@transaction.atomic
def submit(*, inspection_id: int, seen: int, by: Acting, now: datetime) -> Inspection:
    """Submit the minutes as read; the inspected unit is asked for its word."""
    row = locked_inspection(inspection_id)
    require(policies.may_submit(inspection_standing_of(row, by, local_date(now))))
    _require_same(seen, row)
    _move(row, IS.SUBMITTED)
    row.submitted_at, row.submitted_by_id = now, by.user_id
    row.revision += 1
    row.save()
    after = {
        "status": row.status, "days_late": is_late(row.draw, local_date(now)),
        "found": row.findings.count(),
    }  # fmt: skip
    change = Change({"status": IS.OPEN.value}, after)
    _record("scoring.inspection_submitted", row, change, by=by, now=now)
    return row


@transaction.atomic
def answer(
    *,
    inspection_id: int,
    seen: int,
    answers: Mapping[int, AnswerInput],
    text: str,
    by: Acting,
    now: datetime,
) -> Inspection:
    """Say of every finding whether the unit agrees, and what it says on the whole."""
    row = locked_inspection(inspection_id)
    require(policies.may_answer(inspection_standing_of(row, by, local_date(now))))
    _require_same(seen, row)
    findings = list(findings_of(row).values())
    told = {finding.criterion.code: _answer(finding, answers) for finding in findings}
    Finding.objects.bulk_update(findings, ["answer", "answer_text"])
    _move(row, IS.ANSWERED)
    row.answer, row.answered_at, row.answered_by_id = text, now, by.user_id
    row.revision += 1
    row.save()
    after = {"status": row.status, "lines": told, "answer": text}
    change = Change({"status": IS.SUBMITTED.value}, after)
    _record("scoring.inspection_answered", row, change, by=by, now=now)
    return row


def _answer(finding: Finding, answers: Mapping[int, AnswerInput]) -> str:
    """Put the word of the unit beside a finding; return it as the history tells it."""
    code, said = finding.criterion.code, answers.get(finding.pk)
    if said is None:
        raise Invalid(
            f"{code}: chọn thống nhất hoặc không thống nhất.", field=f"answer-{finding.pk}"
        )
    if not said.agrees and not said.reason:
        raise Invalid(f"{code}: nêu lý do không thống nhất.", field=f"reason-{finding.pk}")
    word = Finding.Answer.AGREED if said.agrees else Finding.Answer.DISAGREED
    finding.answer, finding.answer_text = word, said.reason
    return f"{word.label}: {said.reason}" if said.reason else str(word.label)


def _require_same(seen: int, row: Inspection) -> None:
    if seen != row.revision:
        raise Conflict(
            "Biên bản đã thay đổi sau khi bạn mở trang nên chưa ghi nhận. "
            "Xem lại biên bản hiện nay bên dưới rồi quyết định lại."
        )


def _move(row: Inspection, to: InspectionStatus) -> None:
    old = IS(row.status)
    if to not in TRANSITIONS[old]:
        message = f"No transition {old} → {to}"
        raise RuntimeError(message)
    row.status = to


def _record(action: str, row: Inspection, change: Change, *, by: Acting, now: datetime) -> None:
    audit.record(
        action, row, by=by, now=now, cluster_year_id=row.draw.cluster_year_id, change=change
    )
