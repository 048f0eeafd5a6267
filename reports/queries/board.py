"""The board of the year (Toàn cảnh): every unit at every stage, who is late, what comes first.

A member or lead sees the own cluster, the organiser all its clusters of the cycle on one page; the
number of statements depends neither on the clusters nor on their units.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.urls import reverse

from clusters.acting import Acting
from clusters.models import ClusterYear, MemberRole, Membership, YearStatus
from clusters.queries import lead_of
from core.text import format_date
from pledges.models import ReviewKind, ReviewStatus
from reports.queries.cells import (
    OVERDUE_ICON,
    Cell,
    Step,
    Turn,
    cell_of,
    is_mine_to_judge,
    is_my_turn,
)
from reports.queries.ledger import Ledger, ledgers_of
from reports.queries.turn import NOBODY, turn_of_year

S = YearStatus
#: The stages at work in each state of the year; their columns are marked.
AT_WORK: dict[YearStatus, tuple[Step, ...]] = {
    S.PREPARING: (), S.DRAFTING: (Step.DRAFT,), S.SIGNING: (Step.SIGN,),
    S.RUNNING: (Step.PROGRESS,), S.MIDYEAR: (Step.PROGRESS, Step.MIDYEAR),
    S.YEAREND: (Step.YEAREND, Step.CLAIM), S.APPRAISING: (Step.CLAIM, Step.APPRAISE),
    S.PROVISIONAL: (Step.PUBLISH,), S.OBJECTIONS: (Step.PUBLISH,), S.PUBLISHED: (),
    S.ARCHIVED: (),
}  # fmt: skip
#: Whose rows are shown, as the address says it.
ALL, OVERDUE, TO_JUDGE = "", "qua-han", "can-duyet"
#: A due day so near is told beforehand.
SOON = timedelta(days=3)
#: So many things to do first; the rest is counted.
MOST_FIRST = 6


@dataclass(frozen=True, slots=True)
class Row:
    """A unit on the board."""

    name: str
    role: str
    is_mine: bool
    cells: list[tuple[str, Cell]]
    is_overdue: bool
    is_to_judge: bool
    #: Somebody has to act on the unit's row now: on a phone it stands above the others.
    needs: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A cluster on the board: whom it waits for, its units."""

    title: str
    url: str
    status: str
    turn: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice of rows, with how many there are."""

    key: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class First:
    """Something to see to before the rest."""

    kind: str
    icon: str
    title: str
    detail: str
    url: str
    #: The most urgent first: overdue by days, decisions, returned work, due soon.
    weight: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Board:
    """Everything the page shows."""

    heads: list[tuple[str, bool]]
    groups: list[Group]
    units: int
    filters: list[Filter]
    chosen: str
    firsts: list[First]
    more: int


def board_of(year: ClusterYear, acting: Acting, today: date, chosen: str = ALL) -> Board:
    """Lay out the board of a year for one person; `chosen` narrows its rows."""
    ledgers = ledgers_of(_years(year, acting), acting, today)
    groups = [_group(ledger) for ledger in ledgers]
    rows = [row for group in groups for row in group.rows]
    filters = _filters(rows, chosen if chosen in (OVERDUE, TO_JUDGE) else ALL)
    chosen = next(f.key for f in filters if f.is_chosen)
    firsts = sorted((f for x in ledgers for f in _firsts(x)), key=lambda first: first.weight)
    return Board(
        heads=_heads(ledgers),
        groups=[group for group in (_narrowed(g, chosen) for g in groups) if group.rows],
        units=len(rows),
        filters=filters,
        chosen=chosen,
        firsts=firsts[:MOST_FIRST],
        more=max(0, len(firsts) - MOST_FIRST),
    )


def _years(year: ClusterYear, acting: Acting) -> list[ClusterYear]:
    if not acting.is_organiser:
        return [year]
    seen = ClusterYear.objects.visible_to(acting).filter(cycle=year.cycle_id).with_names()
    return list(seen.order_by("cluster__kind", "cluster__search_key", "pk"))


def _heads(ledgers: Sequence[Ledger]) -> list[tuple[str, bool]]:
    """Name the columns; the period of today is named where all clusters report on the same."""
    at_work = {step for ledger in ledgers for step in AT_WORK[S(ledger.year.status)]}
    periods = {ledger.period.name if ledger.period else "" for ledger in ledgers}
    period = periods.pop() if len(periods) == 1 else ""
    names = {Step.PROGRESS: f"{Step.PROGRESS.value} {period}".strip()}
    return [(names.get(step, step.value), step in at_work) for step in Step]


def _group(ledger: Ledger) -> Group:
    return Group(
        title=ledger.year.cluster.name,
        url=reverse("reports:year", args=[ledger.year.pk]),
        status=str(S(ledger.year.status).label),
        turn=_turn(ledger),
        rows=[_row(ledger, member) for member in ledger.members],
    )


def _turn(ledger: Ledger) -> str:
    turn = turn_of_year(ledger)
    until = f", hạn {format_date(turn.due)}" if turn.due else ""
    if turn.waits_for == NOBODY:
        return f"{turn.missing}{until}"
    # "Bạn" opens a fact of its own in the turn line; here it stands inside a sentence.
    waits_for = turn.waits_for.replace("Bạn,", "bạn,")
    return f"đang chờ {waits_for}: {turn.missing}{until}"


def _row(ledger: Ledger, member: Membership) -> Row:
    cells = [(step.value, cell_of(ledger, member, step)) for step in Step]
    own = [cell for _, cell in cells]
    return Row(
        name=member.unit.short_name,
        role=_role(ledger, member),
        is_mine=member.unit_id == ledger.acting.unit_id,
        cells=cells,
        is_overdue=any(cell.overdue for cell in own),
        is_to_judge=any(is_mine_to_judge(ledger, cell) for cell in own),
        needs=any(cell.overdue or cell.kind == "err" for cell in own)
        or any(is_my_turn(ledger, member, cell) for cell in own),
    )


def _role(ledger: Ledger, member: Membership) -> str:
    cluster = ledger.year.cluster
    titles = {MemberRole.LEAD: cluster.lead_title, MemberRole.DEPUTY: cluster.deputy_title}
    return titles.get(MemberRole(member.role), "").lower()


def _filters(rows: Sequence[Row], chosen: str) -> list[Filter]:
    counted = (
        (ALL, "Tất cả", len(rows)),
        (OVERDUE, "Quá hạn", sum(row.is_overdue for row in rows)),
        (TO_JUDGE, "Cần tôi duyệt", sum(row.is_to_judge for row in rows)),
    )
    return [Filter(key, label, count, key == chosen) for key, label, count in counted]


def _narrowed(group: Group, chosen: str) -> Group:
    kept = {
        ALL: group.rows,
        OVERDUE: [row for row in group.rows if row.is_overdue],
        TO_JUDGE: [row for row in group.rows if row.is_to_judge],
    }[chosen]
    return Group(group.title, group.url, group.status, group.turn, kept)


# What comes first ----------------------------------------------------------------------------
def _firsts(ledger: Ledger) -> Iterator[First]:
    """Name what this person has to see to: the own part, and for who leads that of others."""
    acting = ledger.acting
    lead = lead_of(ledger.members)
    leads = acting.is_organiser or (lead is not None and lead.unit_id == acting.unit_id)
    for member in ledger.members:
        for step in Step:
            cell = cell_of(ledger, member, step)
            if leads or is_my_turn(ledger, member, cell):
                linked = cell if cell.url else replace(cell, url=_list(ledger, step))
                yield from _first(ledger, member, linked)
    if acting.is_organiser:
        yield from _cluster_reports(ledger)


#: Where the work of all units at a stage is listed.
_LISTS: dict[Step, tuple[str, ...]] = {
    Step.DRAFT: ("pledges:pledge",),
    Step.SIGN: ("reports:signing",),
    Step.PROGRESS: ("pledges:progress_units",),
    Step.MIDYEAR: ("pledges:reviews", "so-ket"),
    Step.YEAREND: ("pledges:reviews", "tong-ket"),
    Step.CLAIM: ("scoring:sheets",),
    Step.APPRAISE: ("scoring:sheets",),
    Step.PUBLISH: ("scoring:scoreboard",),
}


def _list(ledger: Ledger, step: Step) -> str:
    name, *kind = _LISTS[step]
    return reverse(name, args=[ledger.year.pk, *kind])


def _first(ledger: Ledger, member: Membership, cell: Cell) -> Iterable[First]:
    name, missing = member.unit.short_name, _sentence(cell.missing)
    if cell.overdue:
        title = f"{name} quá hạn {cell.overdue} ngày"
        yield First("err", OVERDUE_ICON, title, missing, cell.url, (0, -cell.overdue))
    elif is_mine_to_judge(ledger, cell):
        title, detail = f"{name}: {cell.missing}", _sentence(cell.note)
        yield First("wait", "hourglass-split", title, detail, cell.url, (1, 0))
    elif cell.kind == "err":
        title = f"{name}: {cell.word[:1].lower()}{cell.word[1:]}"
        yield First("err", cell.icon or "arrow-return-left", title, missing, cell.url, (2, 0))
    elif cell.turn is Turn.UNIT and cell.due_on and cell.due_on - ledger.today <= SOON:
        left = (cell.due_on - ledger.today).days
        when = f"còn {left} ngày" if left else "hạn hôm nay"
        yield First("warn", "clock-fill", f"{name}: {when}", missing, cell.url, (3, left))


def _cluster_reports(ledger: Ledger) -> Iterable[First]:
    """The cluster's own reports wait for the organiser."""
    for kind in ReviewKind:
        opening = ledger.openings.get(kind)
        if opening and opening.cluster_report.status == ReviewStatus.SUBMITTED:
            report = opening.cluster_report
            url = reverse("pledges:review", args=[ledger.year.pk, report.pk])
            title = f"{ledger.year.cluster.name}: báo cáo {kind.label.lower()} chờ duyệt"
            detail = "" if report.seen_at else "Chưa ai xem."
            yield First("wait", "hourglass-split", title, detail, url, (1, 0))


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}." if words else ""
