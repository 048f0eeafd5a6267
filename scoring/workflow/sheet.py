"""The score sheet from self-scoring to approval: one function for each verb.

Each verb locks the sheet, asks the policy with the facts as they stand under the lock, changes the
rows and records one event. The four figures of a line are written here and nowhere else, and none
is ever filled from another without somebody deciding so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from clusters import operations as clusters_operations
from clusters import workflow as year_workflow
from clusters.acting import Acting
from clusters.calendar import days_late, local_date
from clusters.models import ClusterYear, Membership, Unit
from clusters.queries import bench_of
from core import audit
from core.audit import Actor, Change
from core.bulk import insert_all
from core.policy import Conflict, Invalid, require
from scoring.figures import Figure, fault_of, prefilled, question_about, words_of
from scoring.models import (
    CriteriaTable,
    ScoreLine,
    ScoreSheet,
    SheetStatus,
    Veto,
)
from scoring.operations import attach
from scoring.policies import sheet as policies
from scoring.queries.sheet import (
    engine_table,
    gaps_in,
    line_mark,
    lines_of,
    locked_sheet,
    standing_of,
)

SS = SheetStatus
TRANSITIONS: dict[SheetStatus, frozenset[SheetStatus]] = {
    SS.SELF_SCORING: frozenset({SS.SUBMITTED}),
    SS.SUBMITTED: frozenset({SS.APPRAISING}),
    SS.APPRAISING: frozenset({SS.RETURNED, SS.EXPLAINING}),
    SS.RETURNED: frozenset({SS.APPRAISING}),
    SS.EXPLAINING: frozenset({SS.SECOND_APPRAISAL}),
    SS.SECOND_APPRAISAL: frozenset({SS.APPROVED}),
    SS.APPROVED: frozenset({SS.SECOND_APPRAISAL, SS.FINAL}),
    SS.FINAL: frozenset(),
}
#: Who is waited for in each state (đang chờ ai).
OWNERS: dict[SheetStatus, str] = {
    SS.SELF_SCORING: "Đơn vị tự chấm và nộp",
    SS.SUBMITTED: "Đơn vị trưởng; phiếu của đơn vị trưởng do đơn vị phó thẩm định",
    SS.APPRAISING: "Đơn vị trưởng; phiếu của đơn vị trưởng do đơn vị phó thẩm định",
    SS.RETURNED: "Đơn vị chấm lại các tiêu chí được trả lại",
    SS.EXPLAINING: "Đơn vị giải trình",
    SS.SECOND_APPRAISAL: "Cơ quan thường trực",
    SS.APPROVED: "Cơ quan thường trực công bố",
    SS.FINAL: "Không ai",
}
#: Symbol of the register of score sheets: "03/PCĐ-K1".
SYMBOL = "PCĐ"

Bases = Mapping[int, Mapping[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class LineInput:
    """What somebody decides on a line, and the mark of the line as it was read (`line_mark`)."""

    line_id: int
    figure: Figure
    reason: str = ""
    seen: str = ""
    #: Files of the unit that prove the claim; None leaves them as they are.
    evidence: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class LineReturn:
    """A line that goes back to the unit, and what has to be mended."""

    line_id: int
    reason: str


def open_sheets(
    *,
    cluster_year_id: int,
    bases: Bases,
    appraisers: Mapping[int, Membership | None],
    by: Actor,
    now: datetime,
) -> list[ScoreSheet]:
    """Open the sheet of every unit, prefilled from signed targets and accepted figures.

    Part of the freezing of the year's figures: call it in that transaction, the year locked.
    A year without a criteria table is not scored; then nothing is opened.
    """
    table = CriteriaTable.objects.filter(
        cluster_year=cluster_year_id, status=CriteriaTable.Status.IN_USE
    ).first()
    if table is None:
        return []
    leaves = list(table.criteria.filter(rule__isnull=False).order_by("order"))
    readable = engine_table(table)
    insert_all(
        ScoreSheet(
            cluster_year_id=cluster_year_id,
            unit_id=unit_id,
            table=table,
            appraiser_id=appraiser.unit_id if appraiser else None,
            opened_at=now,
        )
        for unit_id, appraiser in appraisers.items()
    )
    sheets = list(ScoreSheet.objects.filter(cluster_year=cluster_year_id).order_by("pk"))
    insert_all(
        ScoreLine(
            sheet=sheet, criterion=leaf, basis=basis, claimed=prefilled(readable, leaf.code, basis)
        )
        for sheet in sheets
        for leaf in leaves
        for basis in [bases.get(sheet.unit_id, {}).get(leaf.code, {})]
    )
    audit.record(
        "scoring.sheets_opened",
        table,
        by=by,
        now=now,
        cluster_year_id=cluster_year_id,
        change=Change(after={"sheets": len(sheets), "leaves": len(leaves), "table": str(table)}),
    )
    return sheets


@transaction.atomic
def claim(*, sheet_id: int, lines: Sequence[LineInput], by: Acting, now: datetime) -> ScoreSheet:
    """Write what the unit claims for lines, with its explanation and evidence.

    A figure that differs from the accepted progress, or "không giao" where the pledge does not
    say so, needs the explanation.
    """
    sheet = locked_sheet(sheet_id)
    standing = standing_of(sheet, by, local_date(now))
    require(policies.may_claim(standing))
    work = _Work(sheet, lines)
    for line, asked in work.pairs():
        require(policies.may_claim_line(standing, line))
        work.require_sound(line, asked)
        _require_explained(line, asked)
        work.note(line, words_of(line.claimed, line.criterion.unit_of_measure), asked)
        line.claimed, line.claim_note = asked.figure, asked.reason
        line.save(update_fields=["claimed", "claim_note"])
        _attach(line, asked)
    return work.finish("scoring.line_claimed", by=by, now=now)


def _require_explained(line: ScoreLine, asked: LineInput) -> None:
    question = question_about(line.basis, asked.figure)
    if question and not asked.reason:
        raise Invalid(f"{line.criterion.code}: {question}", field=f"note-{line.pk}")


def _attach(line: ScoreLine, asked: LineInput) -> None:
    if asked.evidence is not None:
        place = {"cluster_year_id": line.sheet.cluster_year_id, "unit_id": line.sheet.unit_id}
        attach(line.evidence, asked.evidence, **place)


@transaction.atomic
def hand_over(*, sheet_id: int, by: Acting, now: datetime) -> ScoreSheet:
    """Lay the sheet before the head of the unit."""
    sheet = locked_sheet(sheet_id)
    require(policies.may_hand_over(standing_of(sheet, by, local_date(now))))
    sheet.ready_at = now
    sheet.save(update_fields=["ready_at"])
    _record("scoring.sheet_handed_over", sheet, Change(), by=by, now=now)
    return sheet


@transaction.atomic
def submit(*, sheet_id: int, seen: int, by: Acting, now: datetime) -> ScoreSheet:
    """Submit the sheet as read; a returned one goes back to who appraises it.

    Gaps do not keep it back; which they are stands in the event.
    """
    sheet = locked_sheet(sheet_id)
    standing = standing_of(sheet, by, local_date(now))
    require(policies.may_submit(standing))
    _require_same(seen, sheet)
    old = sheet.status
    _move(sheet, SS.APPRAISING if standing.status is SS.RETURNED else SS.SUBMITTED)
    if not sheet.number:
        year = sheet.cluster_year
        number = clusters_operations.reserve_number(cluster_year=year, symbol=SYMBOL)
        sheet.number = f"{number:02d}/{SYMBOL}-{year.cluster.symbol}"
        late = days_late(standing.scoring, local_date(now)) if standing.scoring else 0
        sheet.days_late = late
        sheet.submitted_at, sheet.submitted_by_id = now, by.user_id
    sheet.revision += 1
    sheet.save()
    gaps = gaps_in(engine_table(sheet.table), lines_of(sheet))
    after = {
        "status": sheet.status, "number": sheet.number, "days_late": sheet.days_late,
        "gaps": gaps,
    }  # fmt: skip
    _record("scoring.sheet_submitted", sheet, Change({"status": old}, after), by=by, now=now)
    return sheet


@transaction.atomic
def take_up(*, sheet_id: int, by: Acting, now: datetime) -> ScoreSheet:
    """Begin the first appraisal; the first sheet taken up moves the year."""
    year_id = ScoreSheet.objects.values_list("cluster_year", flat=True).get(pk=sheet_id)
    # Year before sheet, as everywhere both are locked: two verbs never wait for each other.
    ClusterYear.objects.select_for_update(no_key=True).get(pk=year_id)
    sheet = locked_sheet(sheet_id)
    require(policies.may_take_up(standing_of(sheet, by, local_date(now))))
    _move(sheet, SS.APPRAISING)
    sheet.taken_up_at = now
    sheet.revision += 1
    sheet.save()
    year_workflow.begin_appraising(cluster_year_id=year_id, by=by, now=now)
    change = Change({"status": "SUBMITTED"}, {"status": "APPRAISING"})
    _record("scoring.sheet_taken_up", sheet, change, by=by, now=now)
    return sheet


@transaction.atomic
def appraise(*, sheet_id: int, lines: Sequence[LineInput], by: Acting, now: datetime) -> ScoreSheet:
    """Decide lines in the first appraisal; a figure other than the claim needs its reason."""
    sheet = locked_sheet(sheet_id)
    require(policies.may_appraise(standing_of(sheet, by, local_date(now))))
    work = _Work(sheet, lines)
    for line, asked in work.pairs():
        work.require_sound(line, asked)
        _require_reason(line, asked, line.claimed or {}, "điểm tự chấm")
        work.note(line, words_of(line.first, line.criterion.unit_of_measure), asked)
        line.first, line.first_reason = asked.figure, asked.reason
        line.save(update_fields=["first", "first_reason"])
    return work.finish("scoring.line_appraised", by=by, now=now)


@transaction.atomic
def give_back(
    *,
    sheet_id: int,
    seen: int,
    reason: str,
    lines: Sequence[LineReturn],
    by: Acting,
    now: datetime,
) -> ScoreSheet:
    """Return single lines to the unit, each with its reason; the others stay as decided."""
    sheet = locked_sheet(sheet_id)
    require(policies.may_appraise(standing_of(sheet, by, local_date(now))))
    _require_same(seen, sheet)
    if not reason:
        raise Invalid("Nêu lý do trả lại để đơn vị biết phải sửa gì.", field="reason")
    if not lines or any(not row.reason for row in lines):
        raise Invalid("Chọn ít nhất một tiêu chí và nêu phải sửa gì ở mỗi tiêu chí.", field="lines")
    asked = {row.line_id: row.reason for row in lines}
    found = _lines(sheet, asked)
    # Lines returned before and answered are with the appraiser again: only these are open now.
    sheet.lines.update(returned_at=None)
    for line in found.values():
        line.returned_at, line.return_reason = now, asked[line.pk]
        line.first, line.first_reason = None, ""
        line.save(update_fields=["returned_at", "return_reason", "first", "first_reason"])
    _move(sheet, SS.RETURNED)
    sheet.returned_at, sheet.return_reason, sheet.ready_at = now, reason, None
    sheet.revision += 1
    sheet.save()
    codes = {line.criterion.code: asked[line.pk] for line in found.values()}
    change = Change({"status": "APPRAISING"}, {"status": "RETURNED", "lines": codes}, reason)
    _record("scoring.lines_returned", sheet, change, by=by, now=now)
    return sheet


@transaction.atomic
def finish_first(*, sheet_id: int, seen: int, by: Acting, now: datetime) -> ScoreSheet:
    """End the first appraisal: the unit may explain where it was scored differently."""
    sheet = locked_sheet(sheet_id)
    require(policies.may_finish_first(standing_of(sheet, by, local_date(now))))
    _require_same(seen, sheet)
    _move(sheet, SS.EXPLAINING)
    sheet.appraised_at = now
    sheet.revision += 1
    sheet.save()
    changed = [
        line.criterion.code for line in lines_of(sheet)
        if line.first != (line.claimed or {})
    ]  # fmt: skip
    change = Change({"status": "APPRAISING"}, {"status": "EXPLAINING", "differ": changed})
    _record("scoring.sheet_appraised", sheet, change, by=by, now=now)
    return sheet


@transaction.atomic
def explain(
    *, sheet_id: int, line_id: int, text: str, seen: str, by: Acting, now: datetime
) -> ScoreSheet:
    """Write the unit's explanation of a line on which it was scored differently."""
    sheet = locked_sheet(sheet_id)
    require(policies.may_explain(standing_of(sheet, by, local_date(now))))
    line = _lines(sheet, {line_id: ""})[line_id]
    if line.first == (line.claimed or {}):
        raise Invalid("Tiêu chí này được chấm đúng như đơn vị tự chấm nên không cần giải trình.")
    if seen and seen != line_mark(line):
        raise Conflict(
            "Người khác vừa sửa giải trình này nên chưa ghi.", {"text": line.explanation}
        )
    before = {"lines": {line.criterion.code: line.explanation}}
    line.explanation = text
    line.save(update_fields=["explanation"])
    sheet.revision += 1
    sheet.save(update_fields=["revision"])
    change = Change(before, {"lines": {line.criterion.code: text}})
    _record("scoring.line_explained", sheet, change, by=by, now=now)
    return sheet


@transaction.atomic
def finish_explaining(*, sheet_id: int, by: Acting, now: datetime, reason: str = "") -> ScoreSheet:
    """Send the explanations on; the organiser may do it, with a reason, when the unit is silent."""
    sheet = locked_sheet(sheet_id)
    standing = standing_of(sheet, by, local_date(now))
    require(policies.may_finish_explaining(standing))
    if standing.place.is_organiser and not reason:
        raise Invalid("Nêu lý do kết thúc giải trình thay đơn vị.", field="reason")
    _move(sheet, SS.SECOND_APPRAISAL)
    sheet.explained_at = now
    sheet.revision += 1
    sheet.save()
    change = Change({"status": "EXPLAINING"}, {"status": "SECOND_APPRAISAL"}, reason)
    _record("scoring.sheet_explained", sheet, change, by=by, now=now)
    return sheet


@transaction.atomic
def appraise_again(
    *, sheet_id: int, lines: Sequence[LineInput], by: Acting, now: datetime
) -> ScoreSheet:
    """Decide lines in the second appraisal; other than the first needs its reason."""
    sheet = locked_sheet(sheet_id)
    require(policies.may_appraise_again(standing_of(sheet, by, local_date(now))))
    work = _Work(sheet, lines)
    for line, asked in work.pairs():
        work.require_sound(line, asked)
        _require_reason(line, asked, line.first or {}, "thẩm định lần một")
        work.note(line, words_of(line.second, line.criterion.unit_of_measure), asked)
        line.second, line.second_reason = asked.figure, asked.reason
        line.save(update_fields=["second", "second_reason"])
    return work.finish("scoring.line_appraised_again", by=by, now=now)


@transaction.atomic
def approve(*, sheet_id: int, seen: int, by: Acting, now: datetime) -> ScoreSheet:
    """Approve the sheet: the second decision of every line becomes its final figure."""
    sheet = locked_sheet(sheet_id)
    require(policies.may_approve(standing_of(sheet, by, local_date(now))))
    _require_same(seen, sheet)
    decided = sheet.lines.update(final=F("second"), final_reason="")
    _move(sheet, SS.APPROVED)
    sheet.approved_at, sheet.approved_by_id = now, by.user_id
    sheet.revision += 1
    sheet.save()
    change = Change({"status": "SECOND_APPRAISAL"}, {"status": "APPROVED", "lines": decided})
    _record("scoring.sheet_approved", sheet, change, by=by, now=now)
    return sheet


@transaction.atomic
def reopen(*, sheet_id: int, reason: str, by: Acting, now: datetime) -> ScoreSheet:
    """Take an approved sheet back to the second appraisal, with a reason; final figures end."""
    sheet = locked_sheet(sheet_id)
    require(policies.may_reopen(standing_of(sheet, by, local_date(now))))
    if not reason:
        raise Invalid("Nêu lý do mở lại phiếu đã duyệt.", field="reason")
    _move(sheet, SS.SECOND_APPRAISAL)
    sheet.revision += 1
    sheet.save()
    sheet.lines.update(final=None, final_reason="")
    change = Change({"status": "APPROVED"}, {"status": "SECOND_APPRAISAL"}, reason)
    _record("scoring.sheet_reopened", sheet, change, by=by, now=now)
    return sheet


@transaction.atomic
def settle(*, sheet_id: int, line: LineInput, by: Acting, now: datetime) -> ScoreSheet:
    """Change one final figure by decision after the provisional result, always with a reason."""
    sheet = locked_sheet(sheet_id)
    require(policies.may_settle(standing_of(sheet, by, local_date(now))))
    work = _Work(sheet, [line])
    for row, asked in work.pairs():
        work.require_sound(row, asked)
        if not asked.reason:
            raise Invalid("Nêu quyết định, lý do điều chỉnh.", field=f"reason-{row.pk}")
        work.note(row, words_of(row.final, row.criterion.unit_of_measure), asked)
        row.final, row.final_reason = asked.figure, asked.reason
        row.save(update_fields=["final", "final_reason"])
    return work.finish("scoring.line_settled", by=by, now=now, reason=line.reason)


@transaction.atomic
def raise_veto(
    *, cluster_year_id: int, unit_id: int, reason: str, by: Acting, now: datetime
) -> Veto:
    """Say that a unit is not considered this year; it keeps its points and has no rank."""
    year = ClusterYear.objects.select_for_update(of=("self",)).with_names().get(pk=cluster_year_id)
    unit = Unit.objects.filter(memberships__cluster_year=year).get(pk=unit_id)
    require(policies.may_veto(bench_of(by, year, unit, local_date(now)), year.status))
    if not reason:
        raise Invalid("Nêu lý do không xét; chỉ nêu loại việc, không nêu danh tính.", "reason")
    veto = Veto.objects.create(
        cluster_year=year, unit=unit, reason=reason, raised_at=now, raised_by_id=by.user_id
    )
    audit.record(
        "scoring.veto_raised", veto, by=by, now=now, cluster_year_id=year.pk,
        change=Change(after={"unit": unit.name}, reason=reason),
    )  # fmt: skip
    return veto


@transaction.atomic
def lift_veto(*, veto_id: int, reason: str, by: Acting, now: datetime) -> Veto:
    """Lift a veto, with a reason; both stay in the books."""
    year_id = Veto.objects.values_list("cluster_year", flat=True).get(pk=veto_id)
    year = ClusterYear.objects.select_for_update(of=("self",)).with_names().get(pk=year_id)
    veto = Veto.objects.select_related("unit").get(pk=veto_id)
    require(policies.may_veto(bench_of(by, year, veto.unit, local_date(now)), year.status))
    if veto.lifted_at is not None:
        raise Conflict("Trường hợp không xét này đã được bỏ.")
    if not reason:
        raise Invalid("Nêu lý do bỏ.", field="reason")
    veto.lifted_at, veto.lifted_by_id, veto.lift_reason = now, by.user_id, reason
    veto.save()
    audit.record(
        "scoring.veto_lifted", veto, by=by, now=now, cluster_year_id=year.pk,
        change=Change({"reason": veto.reason}, {"unit": veto.unit.name}, reason),
    )  # fmt: skip
    return veto


class _Work:
    """Decisions on some lines of one sheet: read together, checked, told in one event."""

    def __init__(self, sheet: ScoreSheet, lines: Sequence[LineInput]) -> None:
        self.sheet = sheet
        self.asked = {row.line_id: row for row in lines}
        self.found = _lines(sheet, self.asked)
        self.table = engine_table(sheet.table)
        self.before: dict[str, Any] = {}
        self.after: dict[str, Any] = {}
        self._require_unchanged()

    def pairs(self) -> Iterable[tuple[ScoreLine, LineInput]]:
        """Return each line with what was decided on it."""
        return [(line, self.asked[pk]) for pk, line in self.found.items()]

    def require_sound(self, line: ScoreLine, asked: LineInput) -> None:
        """Refuse a figure that the rule of the leaf cannot take, with what it allows."""
        code = line.criterion.code
        fault = fault_of(self.table, code, line.basis, asked.figure) if asked.figure else ""
        if fault:
            raise Invalid(f"{code}: {fault}", field=f"figure-{line.pk}")

    def note(self, line: ScoreLine, old: str, asked: LineInput) -> None:
        """Keep before and after of a line for the event."""
        new = words_of(asked.figure, line.criterion.unit_of_measure)
        self.before[line.criterion.code] = old
        self.after[line.criterion.code] = f"{new} ({asked.reason})" if asked.reason else new

    def finish(self, action: str, *, by: Acting, now: datetime, reason: str = "") -> ScoreSheet:
        """Raise the revision and record what was decided."""
        self.sheet.revision += 1
        self.sheet.save(update_fields=["revision"])
        change = Change({"lines": self.before}, {"lines": self.after}, reason)
        _record(action, self.sheet, change, by=by, now=now)
        return self.sheet

    def _require_unchanged(self) -> None:
        changed = {
            f"figure-{pk}": _state(line)
            for pk, line in self.found.items()
            if _is_other(line, self.asked[pk].seen)
        }
        if changed:
            raise Conflict(_CHANGED, changed)


#: Said to whoever decides on a line that is not the one on the screen any more.
_CHANGED = (
    "Tiêu chí này đã thay đổi sau khi bạn mở trang nên chưa ghi. "
    "Xem số đang lưu rồi quyết định lại."
)


def require_line_as_read(line: ScoreLine, seen: str) -> None:
    """Refuse to decide on another line than the one that was read (`line_mark`)."""
    if _is_other(line, seen):
        raise Conflict(_CHANGED, {f"figure-{line.pk}": _state(line)})


def _is_other(line: ScoreLine, seen: str) -> bool:
    """Whether a line is not the one a mark was taken of; without a mark nothing was read."""
    return bool(seen) and seen != line_mark(line)


def _state(line: ScoreLine) -> str:
    """Say how a line stands now, for the person whose page was older."""
    unit = line.criterion.unit_of_measure
    stages = (
        ("tự chấm", line.claimed), ("thẩm định lần một", line.first),
        ("thẩm định lần hai", line.second), ("chính thức", line.final),
    )  # fmt: skip
    return "; ".join(f"{name}: {words_of(value, unit)}" for name, value in stages if value)


def _lines(sheet: ScoreSheet, asked: Iterable[int]) -> dict[int, ScoreLine]:
    ids = set(asked)
    found = {
        line.pk: line
        for line in sheet.lines.filter(pk__in=ids).select_related("criterion", "sheet")
    }
    if set(found) != ids:
        raise Invalid("Có tiêu chí không thuộc phiếu này. Tải lại trang rồi làm lại.")
    return found


def _require_reason(line: ScoreLine, asked: LineInput, other: Figure, what: str) -> None:
    if asked.figure != other and not asked.reason:
        raise Invalid(
            f"{line.criterion.code}: khác {what} nên cần nêu lý do.", field=f"reason-{line.pk}"
        )


def _require_same(seen: int, sheet: ScoreSheet) -> None:
    """Refuse to decide on something else than what was read."""
    if seen != sheet.revision:
        raise Conflict(
            "Phiếu đã thay đổi sau khi bạn mở trang nên chưa ghi nhận. "
            "Xem lại phiếu hiện nay bên dưới rồi quyết định lại."
        )


def _move(sheet: ScoreSheet, to: SheetStatus) -> None:
    old = SS(sheet.status)
    if to not in TRANSITIONS[old]:
        message = f"No transition {old} → {to}"
        raise RuntimeError(message)
    sheet.status = to


def _record(action: str, sheet: ScoreSheet, change: Change, *, by: Acting, now: datetime) -> None:
    audit.record(
        action, sheet, by=by, now=now, cluster_year_id=sheet.cluster_year_id, change=change
    )
