"""The sheet under appraisal as ready-made strings: the switcher, the list, the line at hand.

Numbers are written once, here; templates only walk through the rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.urls import reverse
from django.utils.safestring import SafeString

from clusters.acting import Acting
from clusters.models import ClusterYear, YearStatus
from core.text import clip, format_date, format_number
from scoring.engine import Role
from scoring.figures import is_entered, is_not_assigned, words_of
from scoring.models import Finding, ScoreLine, ScoreSheet, SheetStatus
from scoring.queries.beside import LastYear, Peers, last_year_of
from scoring.queries.docket import Docket, Hand, Lean, Shift, Stage, Turn, proofs_of
from scoring.queries.sheet import line_mark
from scoring.queries.stages import STAGE_NAMES, is_relative, points_text, source_of
from scoring.queries.table import RULE_KINDS, rule_in_words
from scoring.render.why import Why, source_in_words

SS = SheetStatus
#: Stands where no result can be told yet.
NO_RESULT: Final = "–"
#: Points are written with so many decimals everywhere.
PLACES: Final = 2
_TITLE_SHOWN: Final = 60
_BUTTON_SHOWN: Final = 24
TITLES: Final = {
    Stage.FIRST: "Thẩm định phiếu tự chấm",
    Stage.SECOND: "Thẩm định lần hai",
    Stage.SETTLING: "Phiếu đã duyệt",
}


def gap_words(gap: Decimal | None) -> str:
    """Write a difference with its sign: `+1,87`, `−1,87`, `0,00`."""
    if gap is None:
        return ""
    sign = "+" if gap > 0 else "−" if gap < 0 else ""
    return f"{sign}{format_number(abs(gap), PLACES)}"


# The switcher --------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Tab:
    """A unit of the switcher in strings."""

    name: str
    #: "Xong", "3/42", "do Cụm phó thẩm định".
    word: str
    icon: str
    url: str
    is_here: bool
    is_locked: bool
    #: The sentence of the policy, for the own unit.
    reason: str
    is_left: bool


def tabs_of(turns: Iterable[Turn], acting: Acting, here: int | None = None) -> list[Tab]:
    """Return the switcher: who is done, who waits, the own unit locked."""
    return [_tab(turn, acting, here) for turn in turns]


_AFTER_FIRST: Final = (SS.EXPLAINING, SS.SECOND_APPRAISAL, SS.APPROVED, SS.FINAL)
_DONE: Final = ("Xong", "check-circle-fill", False)


def _tab(turn: Turn, acting: Acting, here: int | None) -> Tab:
    sheet = turn.sheet
    is_own = sheet.unit_id == acting.unit_id
    word, icon, is_left = _progress(turn, acting)
    if is_own:
        word, icon, is_left = f"do {turn.judge_name} thẩm định", "lock", False
    url = address(sheet, "appraisal") if turn.is_submitted or is_own else ""
    return Tab(
        name=turn.membership.unit.short_name,
        word=word,
        icon=icon,
        url=url,
        is_here=sheet.pk == here,
        is_locked=is_own,
        reason=turn.verdict.reason if is_own else "",
        is_left=is_left,
    )


def _progress(turn: Turn, acting: Acting) -> tuple[str, str, bool]:
    """Return word, icon, and whether something is left to do for this person, now or later."""
    status = SS(turn.sheet.status)
    counted = f"{turn.decided}/{turn.total}"
    if status is SS.SELF_SCORING:
        return "chưa nộp", "hourglass-split", True
    if status is SS.RETURNED:
        return "đã trả lại", "arrow-return-left", True
    if status in _AFTER_FIRST:
        return _organisers_word(status, counted) if acting.is_organiser else _DONE
    if acting.is_organiser and not turn.verdict:
        return f"chờ {turn.judge_name}", "hourglass-split", True
    return counted, "pencil-fill" if status is SS.APPRAISING else "circle", True


def _organisers_word(status: SheetStatus, counted: str) -> tuple[str, str, bool]:
    """Say to the organiser where a sheet stands after the first appraisal."""
    if status is SS.SECOND_APPRAISAL:
        return counted, "pencil-fill", True
    if status is SS.EXPLAINING:
        return "đang giải trình", "hourglass-split", True
    return "Đã duyệt", "check-circle-fill", False


# The list ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Item:
    """A line of the list in strings."""

    pk: int
    code: str
    title: str
    #: Points as they came, or the word for a figure that is none.
    points: str
    is_word: bool
    icon: str
    kind: str
    state: str
    url: str
    is_here: bool
    #: A cross-inspection found something here.
    is_inspected: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A top group of the list."""

    pk: int
    code: str
    title: str
    items: tuple[Item, ...]
    undecided: int
    is_open: bool


def sections_of(docket: Docket, here: ScoreLine | None) -> list[Section]:
    """Return the list by top group; the group of the line at hand is open."""
    found = []
    for group, lines in docket.groups():
        items = tuple(_item(docket, line, here) for line in lines)
        undecided = sum(docket.stage.decided(line) is None for line in lines)
        is_open = any(item.is_here for item in items)
        found.append(Section(group.pk, group.code, group.title, items, undecided, is_open))
    return [section for section in found if section.items]


def _item(docket: Docket, line: ScoreLine, here: ScoreLine | None) -> Item:
    icon, kind, state = _state(docket.stage, line)
    came = getattr(line, docket.stage.before)
    word = "" if is_entered(came) else words_of(came or {})
    return Item(
        pk=line.pk,
        code=line.criterion.code,
        title=clip(line.criterion.heading, _TITLE_SHOWN),
        points=word or points_text(_told_points(docket, docket.stage.before, line)) or NO_RESULT,
        is_word=bool(word),
        icon=icon,
        kind=kind,
        state=state,
        url=line_url(docket.sheet, line),
        is_here=line == here,
        is_inspected=line.criterion.code in docket.found,
    )


def _state(stage: Stage, line: ScoreLine) -> tuple[str, str, str]:
    """Return icon, kind of colour and word of the state of a line."""
    if stage is Stage.SETTLING:
        return _SETTLED[bool(line.final_reason)]
    if stage.decided(line) is not None:
        return _DECIDED[stage.differs(line)]
    return _waiting(stage, line)


def _waiting(stage: Stage, line: ScoreLine) -> tuple[str, str, str]:
    if line.returned_at is not None and stage is Stage.FIRST:
        return "arrow-return-left", "err", "đã trả lại, chưa thẩm định lại"
    if line.explanation and stage is Stage.SECOND:
        return "chat-left-text-fill", "warn", "có giải trình, chưa quyết định"
    came = getattr(line, stage.before)
    if is_not_assigned(came):
        return "slash-circle", "wait", "không giao, chưa xác nhận"
    if not came:
        return "exclamation-triangle-fill", "warn", "chưa nhập, chưa xác nhận"
    return "circle", "quiet", "chưa thẩm định"


_DECIDED: Final = {
    False: ("check-circle-fill", "ok", "đồng ý"),
    True: ("exclamation-circle-fill", "warn", "chấm khác"),
}
_SETTLED: Final = {
    False: ("check-circle-fill", "ok", "theo thẩm định lần hai"),
    True: ("exclamation-circle-fill", "warn", "đã điều chỉnh"),
}


# The line at hand ----------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Fact:
    """A figure of the strip: what it is called, how it reads, what stands below."""

    caption: str
    value: str
    detail: str = ""
    is_word: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """An explanation card: whose figures, what they are worth, and why."""

    title: str
    why: str
    points: str
    reason: str


@dataclass(frozen=True, slots=True)
class BarRow:
    """A bar of the comparison in strings; `width` is that of the rectangle of 1000."""

    unit: str
    value: str
    width: int
    is_own: bool


def facts_of(
    docket: Docket, line: ScoreLine, last: LastYear | None = None, peers: Peers | None = None
) -> list[Fact]:
    """Return the strip: target, accepted result, last year, every column so far, the others."""
    basis, unit = line.basis, _unit(line)
    facts = []
    if basis.get("target") is not None:
        by_change = bool((line.criterion.rule or {}).get("baseline"))
        facts.append(
            Fact("Chỉ tiêu giao ước", measured(basis["target"], "%" if by_change else unit))
        )
    if basis:
        accepted = basis.get("actual")
        value = measured(accepted, unit) if accepted is not None else "Chưa nhập"
        facts.append(Fact("Đã chấp nhận", value, is_word=accepted is None))
    if basis.get("baseline") is not None:
        facts.append(Fact("Năm trước", measured(basis["baseline"], unit), "theo giao ước"))
    if last is not None:
        facts.append(_last_year(last))
    for column in _columns(docket.stage):
        figure = getattr(line, column)
        if figure is None and column != "claimed":
            continue
        points = _told_points(docket, column, line)
        value = words_of(figure or {}, unit)
        detail = f"{points_text(points)} điểm" if points is not None and is_entered(figure) else ""
        is_points = "points" in (figure or {})
        facts.append(
            Fact(STAGE_NAMES[column], value, "" if is_points else detail, not is_entered(figure))
        )
    if peers is not None and peers.points is not None:
        facts.append(_middle(peers, unit))
    return facts


def _last_year(last: LastYear) -> Fact:
    """Return figure and points of the official result of the year before."""
    value = words_of(last.figure, last.unit_of_measure)
    points = f"{points_text(last.score)}/{format_number(last.most, PLACES)} điểm"
    detail = points if last.score is not None and is_entered(last.figure) else ""
    return Fact(f"Kết quả {last.cycle}", value, detail, not is_entered(last.figure))


def _middle(peers: Peers, unit: str) -> Fact:
    """Return the middle of the other units: of the figures where they are alike, of the points."""
    caption, points = f"Trung vị {len(peers.rows)} đơn vị khác", f"{points_text(peers.points)} điểm"
    if peers.figure is None or "points" in peers.figure:
        return Fact(caption, points)
    return Fact(caption, words_of(peers.figure, unit), points)


@dataclass(frozen=True, slots=True)
class PeerRow:
    """What another unit claims, in strings."""

    unit: str
    value: str
    points: str
    is_word: bool


def peer_rows(peers: Peers, unit: str) -> list[PeerRow]:
    """Return the claims of the other units in the order of their codes."""
    return [
        PeerRow(
            row.unit,
            words_of(row.figure, unit),
            points_text(row.points) if is_entered(row.figure) else "",
            not is_entered(row.figure),
        )
        for row in peers.rows
    ]


@dataclass(frozen=True, slots=True)
class FoundRow:
    """What a cross-inspection found at a criterion, and the word of the unit, in strings."""

    text: str
    answer: str
    is_disputed: bool
    url: str


def found_rows(found: Iterable[Finding], year_pk: int) -> list[FoundRow]:
    """Return the findings beside a line with what the unit says to each."""
    return [
        FoundRow(
            text=row.text,
            answer=_ANSWERS[row.answer] + (f": {row.answer_text}" if row.answer_text else ""),
            is_disputed=row.answer == Finding.Answer.DISAGREED,
            url=reverse("scoring:inspection", args=[year_pk, row.inspection_id]),
        )
        for row in found
    ]


_ANSWERS: Final = {
    "": "đơn vị chưa trả lời",
    Finding.Answer.AGREED: "đơn vị thống nhất",
    Finding.Answer.DISAGREED: "đơn vị không thống nhất",
}


def _columns(stage: Stage) -> tuple[str, ...]:
    return {
        Stage.FIRST: ("claimed",),
        Stage.SECOND: ("claimed", "first"),
        Stage.SETTLING: ("claimed", "first", "second", "final"),
    }[stage]


def cards_of(docket: Docket, line: ScoreLine) -> list[Told]:
    """Return the explanation of the figure as it came, and of the decision where it differs."""
    stage = docket.stage
    columns = [stage.before]
    if stage.differs(line):
        columns.append(stage.mine)
    found = []
    for column in columns:
        result = docket.result(column, line)
        if result is None or not is_entered(getattr(line, column)):
            continue
        if docket.awaits_others(column, line):
            continue
        found.append(Told(STAGE_NAMES[column], result.why, points_text(result.score), ""))
    return found


def bars_of(docket: Docket, line: ScoreLine) -> list[BarRow]:
    """Return the comparison of units; nothing where the rule compares nothing."""
    leaf = docket.leaf(line)
    percent = "target" in leaf.rule.figures
    return [
        BarRow(
            bar.unit,
            measured(f"{bar.value:.1f}" if percent else f"{bar.value:f}", "%" if percent else ""),
            bar.length,
            bar.is_own,
        )
        for bar in docket.bars(line)
    ]


def panel_of(docket: Docket, line: ScoreLine, acting: Acting, wanted: str) -> dict[str, object]:
    """Return what the two right panes print about a line; `wanted` is the file to open."""
    proofs = proofs_of(line, acting)
    opened = next((p for p in proofs if str(p.file.pk) == wanted), proofs[0] if proofs else None)
    leaf = docket.leaf(line)
    came = getattr(line, docket.stage.before)
    last, peers = last_year_of(docket.sheet, line), docket.peers(line)
    return {
        "line": line,
        "leaf_code": line.criterion.code,
        "facts": facts_of(docket, line, last, peers),
        "last_year": last,
        "peers": peer_rows(peers, _unit(line)),
        "found": found_rows(
            docket.found.get(line.criterion.code, ()), docket.sheet.cluster_year_id
        ),
        "source": source_of(line.basis),
        "source_version": line.basis.get("source", {}).get("version"),
        "is_relative": is_relative(line),
        "proofs": proofs,
        "opened": opened,
        "rule_words": rule_in_words(line.criterion, takes_away=leaf.role is Role.PENALTY),
        "most": format_number(leaf.max, PLACES),
        "needs_evidence": bool(line.criterion.details.get("evidence_required")),
        "cards": cards_of(docket, line),
        "cards_source": source_in_words(docket.cluster.stored.version),
        "bars": bars_of(docket, line),
        "bars_caption": ("Mức hoàn thành chỉ tiêu" if "target" in leaf.rule.figures else "Kết quả"),
        "came_words": words_of(came or {}, _unit(line)),
        "came_button": _on_button(words_of(came or {}, _unit(line)), docket.stage),
        "decided": docket.stage.decided(line),
        "decided_words": words_of(docket.stage.decided(line), _unit(line)),
        "awaits_others": docket.awaits_others(docket.stage.before, line)
        or (docket.stage.differs(line) and docket.awaits_others(docket.stage.mine, line)),
        "decided_reason": docket.stage.reason(line),
        "differs": docket.stage.differs(line),
        "mark": line_mark(line),
    }


def _on_button(words: str, stage: Stage) -> str:
    """Return what a button agrees with: the figure, or where it stands when it is long."""
    return words if len(words) <= _BUTTON_SHOWN else f"số {STAGE_NAMES[stage.before].lower()}"


def next_line(docket: Docket, line: ScoreLine) -> ScoreLine | None:
    """Return the next line nobody decided, from here on and then from the top."""
    order = docket.lines
    at = order.index(line)
    later = [row for row in (*order[at + 1 :], *order[:at]) if docket.stage.decided(row) is None]
    return later[0] if later else None


def neighbours(docket: Docket, line: ScoreLine) -> tuple[ScoreLine | None, ScoreLine | None]:
    """Return the line above and the line below in the list."""
    order = docket.lines
    at = order.index(line)
    return order[at - 1] if at else None, order[at + 1] if at + 1 < len(order) else None


# Check pages ---------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Difference:
    """A line decided otherwise than it came, with points before and after."""

    code: str
    title: str
    came: str
    #: Opening to the sentence that explains them.
    came_points: SafeString
    decided: str
    decided_points: SafeString
    gap: str
    #: The points compare with sheets that are not decided yet.
    awaits_others: bool
    reason: str
    explanation: str
    url: str


def differences_of(docket: Docket) -> list[Difference]:
    """Return the lines that were decided otherwise than they came."""
    return [_difference(docket, line) for line in docket.differing]


def _difference(docket: Docket, line: ScoreLine) -> Difference:
    stage, unit = docket.stage, _unit(line)
    before = _told_points(docket, stage.before, line)
    after = _told_points(docket, stage.mine, line)
    is_told = not docket.awaits_others(stage.mine, line)
    gap = (after or Decimal(0)) - (before or Decimal(0)) if is_told else None
    return Difference(
        code=line.criterion.code,
        title=line.criterion.heading,
        came=words_of(stage.held_against(line), unit),
        came_points=_why(docket, stage.before, line, before),
        decided=words_of(stage.decided(line), unit),
        decided_points=_why(docket, stage.mine, line, after),
        gap=gap_words(gap),
        awaits_others=not is_told,
        reason=stage.reason(line),
        explanation=line.explanation,
        url=line_url(docket.sheet, line),
    )


def _why(docket: Docket, column: str, line: ScoreLine, points: Decimal | None) -> SafeString:
    """Return points of a column with the sentence that explains them."""
    told = docket.result(column, line) if points is not None else None
    criterion = line.criterion
    return Why(
        points=points_text(points) or NO_RESULT,
        sentence=told.why if told else "",
        rule=RULE_KINDS.get((criterion.rule or {}).get("kind", ""), ""),
        source=source_in_words(docket.cluster.stored.version),
        of=f"{criterion.code}, {STAGE_NAMES[column].lower()}",
    ).html


@dataclass(frozen=True, slots=True)
class Sum:
    """The points of a group, or of the sheet, before and after."""

    label: str
    before: str
    after: str
    gap: str


def sums_of(docket: Docket) -> tuple[list[Sum], Sum]:
    """Return the sums of the top groups and the total, as they came and as decided."""
    before, after = docket.results[docket.stage.before], docket.results[docket.stage.mine]
    rows, waiting = [], set[str]()
    for group, lines in docket.groups():
        if not lines:
            continue
        waits = {
            column
            for column in (docket.stage.before, docket.stage.mine)
            if any(docket.awaits_others(column, line) for line in lines)
        }
        waiting |= waits
        label, code = f"{group.code}. {group.title}", group.code
        rows.append(_sum(docket, label, (before.groups[code], after.groups[code]), waits))
    return rows, _sum(docket, "Tổng điểm", (before.total, after.total), waiting)


def _sum(docket: Docket, label: str, sums: tuple[Decimal, Decimal], waits: set[str]) -> Sum:
    before = None if docket.stage.before in waits else sums[0]
    after = None if docket.stage.mine in waits else sums[1]
    gap = None if before is None or after is None else after - before
    return Sum(label, points_text(before), points_text(after), gap_words(gap))


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A line in a list of several: what came, its points, its note."""

    line: ScoreLine
    code: str
    title: str
    came: str
    points: str
    note: str
    files: int
    #: The criterion asks for evidence and none stands beside the line.
    lacks_evidence: bool
    state: str
    url: str


def group_row(docket: Docket, line: ScoreLine) -> GroupRow:
    """Return a line as the pages that list several print it."""
    came = getattr(line, docket.stage.before)
    files = sum(file.withdrawn_at is None for file in line.evidence.all())
    return GroupRow(
        line=line,
        code=line.criterion.code,
        title=line.criterion.heading,
        came=words_of(came or {}, _unit(line)),
        points=points_text(_told_points(docket, docket.stage.before, line))
        if is_entered(came)
        else "",
        note=line.claim_note if docket.stage is Stage.FIRST else line.explanation,
        files=files,
        lacks_evidence=bool(line.criterion.details.get("evidence_required")) and not files,
        state=_state(docket.stage, line)[2],
        url=line_url(docket.sheet, line),
    )


# The organiser's tables ----------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class LeanRow:
    """A unit in the table of differences, in strings; one part for each appraisal."""

    unit: str
    judge: str
    waits_for: str
    claimed: str
    parts: tuple["LeanPart", ...]
    url: str


@dataclass(frozen=True, slots=True)
class LeanPart:
    """One appraisal of a unit: its total, what it did to the total, which lines it moved."""

    total: str
    gap: str
    changed: int
    moved: "Moved"


@dataclass(frozen=True, slots=True)
class Moved:
    """How many lines went down and up, by how many points."""

    lowered: str
    raised: str
    net: str
    waiting: int


@dataclass(frozen=True, slots=True)
class HandRow:
    """A person in the table of differences, in strings."""

    name: str
    unit: str
    stage: str
    sheets: int
    lines: int
    moved: Moved


def lean_rows(leans: Iterable[Lean]) -> list[LeanRow]:
    """Return the table by unit."""
    return [
        LeanRow(
            unit=lean.sheet.unit.short_name,
            judge=lean.judge_name,
            waits_for=lean.waits_for,
            claimed=points_text(lean.totals["claimed"]),
            parts=tuple(
                LeanPart(
                    total=points_text(lean.totals[stage.mine]),
                    gap=gap_words(lean.gap(stage)),
                    changed=lean.changed[stage],
                    moved=moved(shift),
                )
                for stage, shift in lean.shifts.items()
            ),
            url=address(lean.sheet, "appraisal"),
        )
        for lean in leans
    ]


def hand_rows(hands: Iterable[Hand]) -> list[HandRow]:
    """Return the table by person."""
    return [
        HandRow(
            name=hand.name or "Không rõ",
            unit=hand.unit,
            stage=STAGE_NAMES[hand.stage.mine],
            sheets=hand.sheets,
            lines=hand.shift.lines,
            moved=moved(hand.shift),
        )
        for hand in hands
    ]


def moved(shift: Shift) -> Moved:
    """Write `3 tiêu chí, −4,50`; nothing moved is a dash."""
    return Moved(
        lowered=f"{shift.lowered} tiêu chí, {gap_words(-shift.lowered_by)}"
        if shift.lowered
        else NO_RESULT,
        raised=f"{shift.raised} tiêu chí, {gap_words(shift.raised_by)}"
        if shift.raised
        else NO_RESULT,
        net=gap_words(shift.net),
        waiting=shift.waiting,
    )


# Shared --------------------------------------------------------------------------------------
def due_words(year: ClusterYear, today: date) -> str:
    """Say until when sheets are appraised: `hạn 20/11/2024, còn 4 ngày`; empty without a date."""
    stage = year.stages.filter(kind=YearStatus.APPRAISING).order_by("-order").first()
    if stage is None or stage.due_on is None:
        return ""
    left = (stage.due_on - today).days
    said = f"còn {left} ngày" if left > 0 else "hôm nay" if left == 0 else f"quá hạn {-left} ngày"
    return f"hạn {format_date(stage.due_on)}, {said}"


def measured(text: str, unit: str) -> str:
    """Write a stored number with its unit: `120 vụ`, `25 %`."""
    space = "\u00a0" if unit == "%" else " "
    return f"{format_number(Decimal(text).normalize() + 0)}{space}{unit}".rstrip()


def address(sheet: ScoreSheet, name: str, *args: object) -> str:
    """Return the address of a page of the appraisal of a sheet."""
    return reverse(f"scoring:{name}", args=[sheet.cluster_year_id, sheet.pk, *args])


def line_url(sheet: ScoreSheet, line: ScoreLine) -> str:
    """Return the address of a line on the page of the appraisal."""
    return f"{address(sheet, 'appraisal')}?dong={line.pk}"


def _told_points(docket: Docket, column: str, line: ScoreLine) -> Decimal | None:
    """Return the points that may be told; none while they compare with undecided sheets."""
    return None if docket.awaits_others(column, line) else docket.points(column, line)


def _unit(line: ScoreLine) -> str:
    return line.criterion.unit_of_measure or str(line.basis.get("unit_of_measure", ""))
