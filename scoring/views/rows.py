"""The grid of a score sheet as ready-made strings: groups with their sums, one row for each leaf.

Pure but for the sheet it reads: a template only walks through the rows, and the answer to a saved
criterion is made of the same strings. Numbers are written once, here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.templatetags.gu import icon_tag
from core.text import clip, format_number
from scoring.engine import Role
from scoring.figures import is_entered, is_not_assigned, question_about, words_of
from scoring.forms.figure import Control
from scoring.forms.sheet import ClaimForm
from scoring.models import ScoreLine
from scoring.policies.sheet import may_claim_line
from scoring.queries.sheet import STAGES, line_mark, unproven_in
from scoring.queries.stages import STAGE_NAMES, is_relative, points_text, source_of
from scoring.queries.table import GROUP_KINDS, RULE_KINDS, rows_of
from scoring.queries.worksheet import Worksheet
from scoring.render.why import Why, source_in_words

#: Filters of the grid: word in the address, what it is called.
FILTERS: Final = (
    ("", "Tất cả"), ("chua-cham", "Chưa chấm"), ("can-minh-chung", "Cần minh chứng"),
    ("tra-lai", "Trả lại"),
)  # fmt: skip
_TEXT_SHOWN = 70
#: Stands where there are no points.
NO_POINTS: Final = "–"


@dataclass(frozen=True, slots=True)
class Said:
    """The state of a row: kind of colour, icon, words."""

    kind: str
    icon: str
    text: str

    @property
    def html(self) -> SafeString:
        """Return icon and words."""
        return format_html(
            '<span class="gu-state gu-{}">{}{}</span>', self.kind, icon_tag(self.icon, 13),
            self.text,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dispute:
    """A criterion that somebody else changed: what stands there, and its mark now."""

    theirs: str
    mark: str


@dataclass(frozen=True, slots=True)
class Basis:
    """What the signed pledge and the accepted progress say of a criterion."""

    target: str
    actual: str
    source: str
    source_url: str
    text: str
    is_unassigned: bool


@dataclass(frozen=True, slots=True)
class Column:
    """One of the four figures of a row, for reading."""

    words: str
    #: Opening to the sentence that explains them.
    points: SafeString
    is_decided: bool
    is_unassigned: bool
    differs: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A leaf of the sheet in strings."""

    pk: int
    code: str
    title: str
    rule: str
    max: str
    points: str
    #: The same, opening to the sentence that explains them.
    why: Why
    is_provisional: bool
    basis: Basis | None
    #: The rule measures against a target and the pledge gives none.
    lacks_target: bool
    #: None where the row takes no figure now.
    control: Control | None
    #: The claim in words.
    words: str
    note: str
    served: str
    files: int
    needs_evidence: bool
    state: Said
    returned: str
    fault: str
    is_missing: bool
    is_unproven: bool
    is_unassigned: bool
    columns: tuple[Column, ...]
    dispute: Dispute | None = None

    @property
    def state_html(self) -> SafeString:
        """Return the column of states: words, or what stands now with the two choices."""
        return state_html(self)

    def fits(self, wanted: str) -> bool:
        """Whether a filter shows the row."""
        shown = {
            "chua-cham": self.is_missing, "can-minh-chung": self.is_unproven,
            "tra-lai": bool(self.returned),
        }  # fmt: skip
        return shown.get(wanted, True)


@dataclass(frozen=True, slots=True)
class Heading:
    """A group of the table with the sum of what is claimed in it."""

    pk: int
    code: str
    title: str
    depth: int
    points: str
    max: str
    tag: str
    is_provisional: bool
    #: Sums of the first and second appraisal and of the final figures; empty while lines are open.
    later: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the grid: a heading or a row."""

    heading: Heading | None = None
    row: Row | None = None


def entries_of(sheet: Worksheet, form: ClaimForm) -> list[Entry]:
    """Return groups and leaves in the order of the table."""
    lines = {line.criterion_id: line for line in sheet.lines}
    printed = {row.code: row for row in rows_of(sheet.cluster.stored)}
    moving = _moving_groups(sheet)
    found = []
    for criterion in sheet.criteria:
        row = printed[criterion.code]
        if criterion.pk in lines:
            rule = f"{row.rule}: {row.detail}" if row.detail else row.rule
            found.append(Entry(row=row_of(sheet, form, lines[criterion.pk], rule)))
        else:
            heading = Heading(
                criterion.pk, criterion.code, criterion.heading, criterion.depth,
                points_text(sheet.claim.groups.get(criterion.code)), row.points,
                GROUP_KINDS.get(criterion.kind, ""), criterion.pk in moving,
                tuple(_sum_at(sheet, stage, criterion.code) for stage in STAGES[1:]),
            )  # fmt: skip
            found.append(Entry(heading=heading))
    return found


def _sum_at(sheet: Worksheet, stage: str, code: str) -> str:
    """Write the sum of a group at a stage; nothing while a line of the sheet is undecided there."""
    if not sheet.is_decided(stage):
        return ""
    return points_text(sheet.results[stage].groups.get(code))


def _moving_groups(sheet: Worksheet) -> set[int]:
    """Return the groups whose sum moves with what other units enter."""
    parents = {criterion.pk: criterion.parent_id for criterion in sheet.criteria}
    moving: set[int] = set()
    for line in sheet.lines:
        at = parents[line.criterion_id] if is_relative(line) else None
        while at is not None:
            moving.add(at)
            at = parents[at]
    return moving


def row_of(sheet: Worksheet, form: ClaimForm, line: ScoreLine, rule: str) -> Row:
    """Return one leaf as it stands, with what was typed and not taken."""
    fault, said_now = form.faults.get(line.pk, ""), form.disputed().get(line.pk)
    is_typed = bool(form.is_bound and (form.errors or said_now)) and line.pk in form.asked
    is_open = bool(may_claim_line(sheet.standing, line)) or is_typed
    typed = form.typed(line.pk) if is_typed else form.shown(line)
    criterion = line.criterion
    unproven = bool(unproven_in([line]))
    returned = line.return_reason if line in sheet.returned else ""
    dispute = None if said_now is None else Dispute(said_now or "chưa nhập", line_mark(line))
    control = form.inputs[line.pk].control(typed, is_wrong=bool(fault)) if is_open else None
    return Row(
        pk=line.pk,
        code=criterion.code,
        title=criterion.heading,
        rule=rule,
        max=format_number(criterion.max_points or Decimal(0)),
        points=points_text(sheet.points(line)),
        why=_why(sheet, line),
        is_provisional=is_relative(line),
        basis=basis_of(sheet.sheet.cluster_year_id, line),
        lacks_target="target" in sheet.leaves[criterion.code].rule.figures
        and not line.basis.get("target"),
        control=control,
        words=words_of(line.claimed, criterion.unit_of_measure),
        note=form.note(line.pk) if is_typed else line.claim_note,
        served=str(form.data.get(f"c-{line.pk}", "")) if is_typed else form.served(line),
        files=sum(file.withdrawn_at is None for file in line.evidence.all()),
        needs_evidence=bool(criterion.details.get("evidence_required")),
        state=_said(sheet, line, fault, returned, is_unproven=unproven),
        returned=returned,
        fault=fault,
        is_missing=not line.claimed,
        is_unproven=unproven,
        is_unassigned=is_not_assigned(line.claimed),
        columns=tuple(columns_of(sheet, line)),
        dispute=dispute,
    )


def columns_of(sheet: Worksheet, line: ScoreLine) -> Iterator[Column]:
    """Yield the four figures of a line as far as this person may read them."""
    before = line.claimed or {}
    for stage in STAGES:
        figure = getattr(line, stage) if stage in sheet.shown else None
        yield Column(
            words=words_of(figure, line.criterion.unit_of_measure),
            points=_why(sheet, line, stage).html,
            is_decided=figure is not None,
            is_unassigned=is_not_assigned(figure),
            differs=stage != "claimed" and figure is not None and figure != before,
        )
        before = before if figure is None else figure


def _why(sheet: Worksheet, line: ScoreLine, stage: str = "claimed") -> Why:
    """Return the points of a line at a stage with the sentence that explains them."""
    criterion, points = line.criterion, sheet.points(line, stage)
    scored = sheet.results[stage].lines[criterion.code] if points is not None else None
    return Why(
        points=points_text(points) or NO_POINTS,
        sentence=scored.why if scored else "",
        rule=RULE_KINDS.get((criterion.rule or {}).get("kind", ""), ""),
        source=source_in_words(sheet.cluster.stored.version),
        of=f"{criterion.code}, {STAGE_NAMES[stage].lower()}",
    )


def _said(
    sheet: Worksheet, line: ScoreLine, fault: str, returned: str, *, is_unproven: bool
) -> Said:
    """Say how a row stands, what has to be mended first."""
    if fault:
        return Said("err", "x-octagon-fill", fault[:1].upper() + fault[1:])
    if returned:
        return Said("err", "arrow-return-left", f"Trả lại: {clip(returned, _TEXT_SHOWN)}")
    if line.basis.get("assigned") is False:
        return Said("quiet", "lock", "Giao ước không giao")
    if not line.claimed:
        ordinary = sheet.leaves[line.criterion.code].role is Role.ORDINARY
        return Said("quiet", "circle", "Chưa chấm" if ordinary else "Không đề nghị")
    if is_unproven:
        return Said("warn", "exclamation-triangle-fill", "Cần minh chứng")
    return _claimed(line)


def _claimed(line: ScoreLine) -> Said:
    """Say how a claim stands to what was accepted."""
    if question_about(line.basis, line.claimed or {}):
        return Said("warn", "exclamation-triangle-fill", "Khác số đã chấp nhận, có thuyết minh")
    if line.returned_at is not None:
        return Said("ok", "check", "Đã chấm lại")
    if is_entered(line.claimed) and line.basis.get("actual") is not None:
        return Said("ok", "check", "Theo số đã chấp nhận")
    return Said("ok", "check", "Đã chấm")


def basis_of(year_pk: int, line: ScoreLine) -> Basis | None:
    """Return where target and accepted figure come from; None for a leaf without a target."""
    basis = line.basis
    if not basis:
        return None
    unit = str(basis.get("unit_of_measure") or line.criterion.unit_of_measure)
    source = basis.get("source") or {}
    url = reverse("pledges:version", args=[year_pk, source["version"]]) if source else ""
    return Basis(
        target=_measured(basis.get("target"), unit),
        actual=_measured(basis.get("actual"), unit),
        source=source_of(basis),
        source_url=url,
        text=str(basis.get("text", "")),
        is_unassigned=basis.get("assigned") is False,
    )


def _measured(value: object, unit: str) -> str:
    if value is None:
        return ""
    space = "\u00a0" if unit == "%" else " "
    return f"{format_number(Decimal(str(value)))}{space}{unit}".strip()


# The whole grid ------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Tally:
    """How far a sheet is."""

    total: int
    done: int
    gaps: int
    unproven: int
    returned: int
    faults: int

    @property
    def words(self) -> str:
        """Say it in one line."""
        parts = [f"Đã chấm {self.done}/{self.total}"]
        parts += [f"{self.unproven} cần minh chứng"] if self.unproven else []
        parts += [f"{self.returned} bị trả lại"] if self.returned else []
        parts += [f"{self.faults} lỗi"] if self.faults else []
        return " · ".join(parts)


def tally_of(sheet: Worksheet, rows: list[Row]) -> Tally:
    """Count the rows."""
    return Tally(
        total=len(rows),
        done=sum(not row.is_missing for row in rows),
        gaps=len(sheet.gaps),
        unproven=len(sheet.unproven),
        returned=len(sheet.returned),
        faults=sum(bool(row.fault or row.dispute) for row in rows),
    )


def counts_of(rows: list[Row]) -> list[tuple[str, str, int]]:
    """Return the filters: word, label, number of rows."""
    return [(word, label, sum(row.fits(word) for row in rows)) for word, label in FILTERS]


def shown(entries: list[Entry], wanted: str) -> list[Entry]:
    """Return what a filter shows; headings stay where a row stays below them."""
    if not wanted:
        return entries
    kept: list[Entry] = []
    for entry in entries:
        if entry.heading is not None:
            while kept and kept[-1].heading and kept[-1].heading.depth >= entry.heading.depth:
                kept.pop()
            kept.append(entry)
        elif entry.row is not None and entry.row.fits(wanted):
            kept.append(entry)
    while kept and kept[-1].heading:
        kept.pop()
    return kept


def totals_of(sheet: Worksheet) -> dict[str, Any]:
    """Return the sums of what is claimed, as strings."""
    claim = sheet.claim
    percent = "" if claim.percent is None else f"{format_number(claim.percent, 2)}\u00a0%"
    return {
        "total": points_text(claim.total),
        "base": points_text(claim.base),
        "bonus": points_text(claim.bonus),
        "penalty": points_text(claim.penalty),
        "assigned_max": format_number(claim.assigned_max),
        "percent": percent,
        "is_provisional": sheet.is_provisional,
        "final": points_text(sheet.results["final"].total) if sheet.is_decided("final") else "",
    }


def answer(sheet: Worksheet, entries: list[Entry], asked: set[int]) -> dict[str, Any]:
    """Return what the script puts into the page after a criterion was sent."""
    rows = [entry.row for entry in entries if entry.row]
    return {
        "summary": tally_of(sheet, rows).words,
        "done": tally_of(sheet, rows).done,
        "counts": {word: count for word, _, count in counts_of(rows)},
        "totals": totals_of(sheet),
        "groups": {str(e.heading.pk): e.heading.points for e in entries if e.heading},
        "points": {str(row.pk): row.why.html for row in rows},
        "rows": {
            str(row.pk): {
                "served": row.served, "state": state_html(row),
                "failed": bool(row.fault or row.dispute),
            }
            for row in rows
            if row.pk in asked
        },
    }  # fmt: skip


def state_html(row: Row) -> SafeString:
    """Return the column of states: words, or what stands now with the two choices."""
    if row.dispute is None:
        return row.state.html
    return format_html(
        '<span class="gu-state gu-err">{}Người khác vừa lưu ({}).</span>'
        '<input type="hidden" name="m-{}" value="{}"><span class="sc-choice">'
        '<button class="btn btn-secondary btn-sm" name="giu" value="{}">Giữ số đang lưu</button>'
        '<button class="btn btn-secondary btn-sm" name="thay" value="{}">Ghi số của tôi</button>'
        "</span>",
        icon_tag("x-octagon-fill", 13), row.dispute.theirs, row.pk, row.dispute.mark,
        row.pk, row.pk,
    )  # fmt: skip
