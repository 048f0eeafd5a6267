"""The grid of progress as ready-made strings: one row for each target, told in words.

Pure but for the sheet it reads: a template only walks through the rows, and the answer to a saved
cell is made of the same strings. Numbers are written once, here.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from itertools import count
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clusters.calendar import LOCAL
from core.templatetags.gu import icon_tag
from core.text import clip, format_number, roman
from pledges import figures
from pledges.figures import Judgement
from pledges.models import ProgressEntry, ProgressStatus
from pledges.queries.history_names import figure_in_words
from pledges.queries.progress import Pledged, entry_mark
from pledges.queries.sheet import Sheet
from pledges.redline import value_text

J = Judgement
#: Filters of the grid: word in the address, what it is called.
FILTERS = (
    ("", "Tất cả"), ("chua-nhap", "Chưa nhập"), ("canh-bao", "Cảnh báo"), ("tra-lai", "Trả lại"),
)  # fmt: skip
#: Classes of the bar by judgement; others are grey.
_BARS = {
    J.EXCEEDED: "ok", J.MET: "ok", J.ON_PACE: "ok", J.BEHIND: "warn", J.NOT_MET: "err",
}  # fmt: skip
_BAR_WIDTH, _BAR_HEIGHT = 74, 8
_TEXT_SHOWN = 60
NOT_ASSIGNED = "Không giao cho đơn vị, không tính"


@dataclass(frozen=True, slots=True)
class Said:
    """The state of a cell: kind of colour, icon, words."""

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
    """A cell that somebody else changed: what is typed here, what stands there, its mark now."""

    mine: str
    theirs: str
    who: str
    mark: str


@dataclass(frozen=True, slots=True)
class Row:
    """A target of the grid in strings."""

    pk: int
    #: The same as text for ids and names: a template would write it by the rules of figures.
    id: str
    key: str
    #: Address of the page of the cell.
    url: str
    number: int
    area: str
    text: str
    unit: str
    level: str
    baseline: str
    before: str
    #: "number", "words" or "unassigned".
    kind: str
    #: What stands in the cell, as written; empty while nothing was entered.
    value: str
    #: What the input shows: the value, or what was typed and not taken.
    typed: str
    #: Mark and text as served; sent back with the cell.
    served: str
    note: str
    total: str
    meter: SafeString
    files: int
    state: Said
    doubt: str
    fault: str
    returned: str
    is_missing: bool
    is_open: bool
    dispute: Dispute | None = None

    @property
    def has_warning(self) -> bool:
        """Whether the figure is doubtful and nobody has explained it yet."""
        return bool(self.doubt and not self.note)

    @property
    def box(self) -> str:
        """Return the class of the input: wrong, returned, doubtful or plain."""
        if self.fault or self.dispute:
            return "pg-wrong"
        if self.returned:
            return "pg-returned"
        return "pg-doubt" if self.has_warning else ""

    @property
    def state_html(self) -> SafeString:
        """Return the column of states: words, or both figures with the two choices."""
        return self.state.html if self.dispute is None else _choices(self.pk, self.dispute)

    def fits(self, wanted: str) -> bool:
        """Whether a filter shows the row."""
        shown = {
            "chua-nhap": self.is_missing, "canh-bao": self.has_warning,
            "tra-lai": bool(self.returned),
        }  # fmt: skip
        return shown.get(wanted, True)


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form holds of a cell that could not be saved: text, fault, dispute."""

    text: str
    fault: str = ""
    dispute: Dispute | None = None


def rows_of(sheet: Sheet, now: datetime, typed: dict[int, Typed] | None = None) -> list[Row]:
    """Return the rows of a sheet in the order of the paper."""
    held = typed or {}
    # Addresses differ in the key alone: one look into the table of addresses for all rows.
    page = reverse("pledges:progress_cell", args=[sheet.year.pk, _KEY])
    return [
        _row(sheet, row, now, held.get(row.target.pk), page.replace(_KEY, row.target.key))
        for row in sheet.pledged
    ]


#: Stands in for the key of a target; no key of hexadecimal digits looks like it.
_KEY = "KHOA"


def _row(sheet: Sheet, row: Pledged, now: datetime, typed: Typed | None, url: str) -> Row:
    target, aim = row.target, row.aim
    entry = sheet.entry(target)
    value = written(entry)
    before = sheet.values(target)[:-1]
    doubt = doubt_of(sheet, row)
    returned = still_returned(sheet, row, entry)
    fault = typed.fault if typed else ""
    is_missing = aim.is_assigned and entry is None
    kind = "unassigned" if not aim.is_assigned else "number" if aim.is_numeric else "words"
    return Row(
        pk=target.pk,
        id=str(target.pk),
        key=target.key,
        url=url,
        number=row.row,
        area=target.area,
        text=target.text,
        unit=target.unit_of_measure,
        level=level_text(row),
        baseline=number(aim.baseline),
        before=number(before[-1]) if before else "",
        kind=kind,
        value=value,
        typed=typed.text if typed else value if kind == "number" else "",
        served=f"{entry_mark(sheet.own(target))}:{value if kind == 'number' else ''}",
        note=entry.note if entry else "",
        total=number(sheet.total(row), 2),
        meter=meter(sheet, row),
        files=sheet.files.get(entry.pk, 0) if entry else 0,
        state=_said(row, entry, now, doubt, returned, fault),
        doubt=doubt,
        fault=fault,
        returned=returned,
        is_missing=is_missing,
        is_open=kind == "number" and is_open(sheet, row),
        dispute=typed.dispute if typed else None,
    )


def is_open(sheet: Sheet, row: Pledged) -> bool:
    """Whether the cell takes a figure now: of a returned report only the returned cells do."""
    report = sheet.report
    if not row.aim.is_assigned:
        return False
    if report.status == ProgressStatus.RETURNED and sheet.standing.returned:
        return row.target.pk in sheet.standing.returned
    return report.status in (ProgressStatus.DRAFT, ProgressStatus.RETURNED)


def still_returned(sheet: Sheet, row: Pledged, entry: ProgressEntry | None) -> str:
    """Return why the cell was returned, empty once it was entered again or accepted."""
    found = sheet.returned.get(row.target.pk)
    if found is None or sheet.report.status != ProgressStatus.RETURNED:
        return ""
    is_mended = entry is not None and entry.submitted_at is None
    return "" if is_mended else found.reason


def doubt_of(sheet: Sheet, row: Pledged) -> str:
    """Return the question that a figure raises, empty when it raises none."""
    values = sheet.values(row.target)
    if not row.aim.is_numeric or not values or values[-1] is None:
        return ""
    return figures.doubt(row.target.unit_of_measure, values[-1], values[:-1])


def _said(
    row: Pledged,
    entry: ProgressEntry | None,
    now: datetime,
    doubt: str,
    returned: str,
    fault: str,
) -> Said:
    """Say how a cell stands, what has to be mended first."""
    if not row.aim.is_assigned:
        return Said("quiet", "lock", "Không nhập")
    if fault:
        return Said("err", "x-octagon-fill", fault)
    if returned:
        return Said("err", "arrow-return-left", f"Trả lại: {clip(returned, _TEXT_SHOWN)}")
    if entry is None:
        return Said("quiet", "circle", "Chưa nhập")
    return _entered(entry, now, doubt)


def _entered(entry: ProgressEntry, now: datetime, doubt: str) -> Said:
    """Say how a cell stands in which something was entered."""
    if doubt and not entry.note:
        return Said("warn", "exclamation-triangle-fill", doubt)
    if entry.value is None and not entry.text:
        return Said("quiet", "circle", "Chưa có số liệu, có thuyết minh")
    said = saved_words(entry, now)
    if doubt:
        said = f"{said}, đã giải thích"
    if entry.replaces_id and entry.report.part > 1:
        return Said("ok", "pencil-fill", f"{said}, đính chính")
    return Said("ok", "check", said)


def saved_words(entry: ProgressEntry, now: datetime) -> str:
    """Say when a cell was saved or handed in: the hour today, otherwise the day."""
    if entry.submitted_at is not None:
        return f"Đã nộp {moment(entry.submitted_at, now)}"
    return f"Đã lưu {moment(entry.entered_at, now)}"


def moment(at: datetime, now: datetime) -> str:
    """Write a moment as short as it stays plain: "14:05" today, else "12/06"."""
    local, today = at.astimezone(LOCAL), now.astimezone(LOCAL)
    return f"{local:%H:%M}" if local.date() == today.date() else f"{local:%d/%m}"


def number(value: Decimal | None, most: int = 4) -> str:
    """Write a figure with at most so many decimals; nothing stays nothing."""
    if value is None:
        return ""
    return format_number(value if most >= 4 else _at_most(value, most))  # noqa: PLR2004


def _at_most(value: Decimal, places: int) -> Decimal:
    return round(value, places) if value != round(value, places) else value


def written(entry: ProgressEntry | None) -> str:
    """Write what stands in a cell: the figure, or the words."""
    if entry is None:
        return ""
    return entry.text if entry.value is None else format_number(entry.value)


def told(text: object, *, is_numeric: bool) -> str:
    """Write what an event says of a cell as offices write figures; empty where nothing stood."""
    return figure_in_words(text) if is_numeric else str(text or "")


def level_text(row: Pledged) -> str:
    """Write what the unit pledged, with the sign of its direction."""
    target, aim = row.target, row.aim
    if not aim.is_numeric:
        return "bằng lời"
    if aim.value is None:
        return "chưa giao mức"
    facts = {
        "is_change": target.is_change,
        "direction": target.direction,
        "unit_of_measure": target.unit_of_measure,
    }
    return value_text(facts, {"assigned": True, "value": str(aim.value)})


def meter(sheet: Sheet, row: Pledged) -> SafeString:
    """Draw how far the level is reached, the line of the pace, and the percentage in words."""
    aim = row.aim
    actual = sheet.total(row) if aim.is_numeric and aim.is_assigned else None
    share = figures.share_of(aim, actual)
    if share is None:
        return format_html("{}", "–" if aim.is_numeric and actual is not None else "")
    judged = figures.judge(aim, actual, sheet.milestone)
    is_new = sheet.values(row.target)[-1] is not None
    kind = _BARS.get(judged, "none") if is_new else "none"
    limit, expected = aim.limit, sheet.milestone.expected(aim)
    pace = expected / limit * 100 if limit and expected is not None else None
    filled = min(share, Decimal(100)) * _BAR_WIDTH / 100
    line = min(pace, Decimal(100)) * _BAR_WIDTH / 100 if pace is not None else None
    percent = f"{format_number(share, 0)}\u00a0%"
    arrow = "↓\u00a0" if aim.direction == "DOWN" else ""
    label = f"{figures.LABELS[judged]}, {percent}"
    return format_html(
        '<span class="pg-meter" title="{}"><svg width="{}" height="{}" aria-hidden="true"'
        ' focusable="false"><rect class="pg-track" x=".5" y=".5" width="{}" height="{}"></rect>'
        '<rect class="pg-{}" width="{}" height="{}"></rect>{}</svg><span>{}{}'
        '<span class="visually-hidden"> ({})</span></span></span>',
        label, _BAR_WIDTH, _BAR_HEIGHT, _BAR_WIDTH - 1, _BAR_HEIGHT - 1, kind, f"{filled:.1f}",
        _BAR_HEIGHT, _pace_line(line), arrow, percent, figures.LABELS[judged],
    )  # fmt: skip


def _pace_line(at: Decimal | None) -> SafeString:
    if at is None:
        return SafeString("")
    x = min(at, Decimal(_BAR_WIDTH) - Decimal("1.5"))
    return format_html(
        '<rect class="pg-pace" x="{}" width="1.5" height="{}"></rect>', f"{x:.1f}", _BAR_HEIGHT
    )


def need_in_words(aim: figures.Aim, actual: Decimal | None, months: int, unit: str) -> str:
    """Say what each remaining month must bring, or may bring at most; empty where nothing."""
    each = figures.needed_each(aim, actual, months)
    if each is None:
        return ""
    # More is asked for rather than less; what may still happen is rounded the other way.
    is_down = aim.direction == "DOWN"
    tenth = each.quantize(Decimal("0.1"), ROUND_DOWN if is_down else ROUND_UP)
    verb = "mỗi tháng tới không quá" if is_down else "mỗi tháng tới cần"
    return f"{verb} {format_number(tenth)} {unit}".strip()


# The whole grid ------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Tally:
    """How far a report is."""

    assigned: int
    entered: int
    warnings: int
    returned: int
    faults: int

    @property
    def words(self) -> str:
        """Say it in one line."""
        parts = [f"Đã nhập {self.entered}/{self.assigned}"]
        parts += [f"{self.warnings} cảnh báo"] if self.warnings else []
        parts += [f"{self.returned} ô bị trả lại"] if self.returned else []
        parts += [f"{self.faults} ô lỗi"] if self.faults else []
        return " · ".join(parts)


def tally_of(rows: list[Row]) -> Tally:
    """Count the rows."""
    mine = [row for row in rows if row.kind != "unassigned"]
    return Tally(
        assigned=len(mine),
        entered=sum(not row.is_missing for row in mine),
        warnings=sum(row.has_warning for row in mine),
        returned=sum(bool(row.returned) for row in mine),
        faults=sum(bool(row.fault or row.dispute) for row in mine),
    )


def counts_of(rows: list[Row]) -> list[tuple[str, str, int]]:
    """Return the filters: word, label, number of rows."""
    return [(word, label, sum(row.fits(word) for row in rows)) for word, label in FILTERS]


def groups_of(rows: list[Row]) -> list[tuple[str, list[Row]]]:
    """Return the rows by area, each area under its Roman number where areas have names."""
    groups: list[list[Row]] = []
    for row in rows:
        if not groups or groups[-1][-1].area != row.area:
            groups.append([])
        groups[-1].append(row)
    places = count(1)
    return [
        (f"{roman(next(places))}. {inner[0].area}" if inner[0].area else "", inner)
        for inner in groups
    ]


def answer(rows: list[Row], asked: set[int]) -> dict[str, Any]:
    """Return what the script puts into the page after a cell was sent."""
    tally = tally_of(rows)
    return {
        "summary": tally.words,
        "entered": tally.entered,
        "assigned": tally.assigned,
        "counts": {word: number for word, _, number in counts_of(rows)},
        "rows": {
            str(row.pk): {
                "served": row.served, "value": row.value, "total": row.total,
                "meter": row.meter, "state": row.state_html, "box": row.box,
                "failed": bool(row.fault or row.dispute),
            }
            for row in rows
            if row.pk in asked
        },
    }  # fmt: skip


def _choices(pk: int, clash: Dispute) -> SafeString:
    return format_html(
        '<span class="gu-state gu-err">{}Bạn: {} · {}: {}</span>'
        '<input type="hidden" name="n-{}" value="{}"><span class="pg-choice">'
        '<button class="btn btn-secondary btn-sm" name="giu" value="{}">Giữ {}</button>'
        '<button class="btn btn-secondary btn-sm" name="thay" value="{}">Thay bằng {}</button>'
        "</span>",
        icon_tag("x-octagon-fill", 13), clash.mine or "trống", clash.who, clash.theirs or "trống",
        pk, clash.mark, pk, clash.theirs or "trống", pk, clash.mine or "trống",
    )  # fmt: skip
