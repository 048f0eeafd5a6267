"""The nine tasks of a year in order: when, how far, whose, and what this person does there now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from clusters.models import Stage, YearStatus
from clusters.queries import lead_of
from pledges.models import Consent, PledgeStatus
from reports.queries.cells import SETTLED
from reports.queries.facts import Facts
from reports.queries.later import Span, Stand, later_tasks

P, S = PledgeStatus, YearStatus


@dataclass(frozen=True, slots=True)
class Link:
    """A word that leads somewhere."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Task:
    """One of the nine tasks of the year, in words ready for the page."""

    when: str
    due_on: date | None
    title: str
    detail: str
    workflow: str
    state: str
    who: str
    is_done: bool
    is_at_work: bool
    is_current: bool
    #: The one thing this person has to do here now.
    act: Link | None
    link: Link | None
    #: Why there is nothing to open yet: "mở 12/07".
    opens: str


#: Which stages of the calendar belong to each task; RUNNING has two stretches, each a task.
STRETCHES: tuple[tuple[tuple[YearStatus, ...], int], ...] = (
    ((S.PREPARING,), 0),
    ((S.DRAFTING,), 0),
    ((S.SIGNING,), 0),
    ((S.RUNNING,), 0),
    ((S.MIDYEAR,), 0),
    ((S.RUNNING,), 1),
    ((S.YEAREND,), 0),
    ((S.APPRAISING,), 0),
    ((S.PROVISIONAL, S.OBJECTIONS, S.PUBLISHED), 0),
)
PREPARE, DRAFT, SIGN, RUN = range(4)
AT_WORK = ("DOING", "OVERDUE")


def spans_of(stages: Sequence[Stage]) -> list[Span]:
    """Find the dates of each task in the calendar."""
    spans = []
    for kinds, nth in STRETCHES:
        found = [s for s in stages if s.kind in kinds]
        found = found[nth : nth + 1] if len(kinds) == 1 else found
        dues = [s.due_on for s in found if s.due_on]
        spans.append(
            Span(min(s.opens_on for s in found), max(dues) if dues else None) if found else Span()
        )
    return spans


def tasks_of(facts: Facts) -> list[Task]:
    """Return the nine tasks with their dates, states and links; at most one is the current one."""
    spans = spans_of(facts.stages)
    stands = [*_first(facts, spans), *later_tasks(facts.ledger, spans[RUN:])]
    current = _current([stand.state for stand in stands])
    tasks = []
    for index, (stand, (title, who)) in enumerate(zip(stands, _titles(facts), strict=True)):
        workflow, state = stand.tag or ("stage", stand.state)
        tasks.append(
            Task(
                when=_when(spans[index]),
                due_on=spans[index].due_on,
                title=title,
                detail=stand.detail,
                workflow=workflow,
                state=state,
                who=who,
                is_done=stand.state == "DONE",
                is_at_work=stand.state in AT_WORK,
                is_current=index == current,
                act=_act(facts, index) if index == current else None,
                link=_link(stand),
                opens=_opens(spans[index], facts.today) if stand.state == "NOT_OPEN" else "",
            )
        )
    return tasks


def _link(stand: Stand) -> Link | None:
    return Link("Xem", stand.url) if stand.url and stand.state != "NOT_OPEN" else None


def _first(facts: Facts, spans: Sequence[Span]) -> list[Stand]:
    """Say where the tasks up to the signing stand: the pledge itself decides what is done."""
    drafting = spans[DRAFT].opens_on
    is_prepared = facts.year.status != S.PREPARING
    done = [
        is_prepared or (drafting is not None and drafting <= facts.today),
        facts.pledge_status in SETTLED,
        facts.pledge_status is P.SIGNED,
    ]
    turn = done.index(False) if False in done else len(done)
    states = [
        "DONE" if done[index] else _by_turn(spans[index], facts.today, turn == index)
        for index in range(RUN)
    ]
    members, pledge, signing = (
        reverse(name, args=[facts.year.pk])
        for name in ("clusters:members", "pledges:pledge", "reports:signing")
    )
    return [
        Stand(states[PREPARE], _leaders(facts), members if facts.acting.is_organiser else ""),
        Stand(states[DRAFT], _drafting(facts), pledge),
        Stand(
            states[SIGN],
            _signing(facts),
            signing if facts.signatories else "",
            ("pledge", "SIGNED") if states[SIGN] == "DONE" else None,
        ),
    ]


def _by_turn(span: Span, today: date, its_turn: bool) -> str:  # noqa: FBT001
    """Say how a task stands that somebody has to finish."""
    if not its_turn or (span.opens_on and span.opens_on > today):
        return "NOT_OPEN"
    return "OVERDUE" if span.due_on and span.due_on < today else "DOING"


def _current(states: list[str]) -> int | None:
    """Return the task of the day: the first at work, else the next to open."""
    at_work = [i for i, state in enumerate(states) if state in AT_WORK]
    to_come = [i for i, state in enumerate(states) if state == "NOT_OPEN"]
    return next(iter(at_work + to_come), None)


def _when(span: Span) -> str:
    """Write a stretch of the calendar as short as it stays plain: "01 – 15/02", "từ 04/03"."""
    opens, due = span.opens_on, span.due_on
    if opens is None:
        return "chưa đặt lịch"
    if due is None:
        return f"từ {opens:%d/%m}"
    if opens == due:
        return f"{opens:%d/%m}"
    same_month = (opens.year, opens.month) == (due.year, due.month)
    return f"{opens:%d} – {due:%d/%m}" if same_month else f"{opens:%d/%m} – {due:%d/%m}"


def _opens(span: Span, today: date) -> str:
    if span.opens_on is None or span.opens_on <= today:
        return "sau việc trên"
    return f"mở {span.opens_on:%d/%m}"


def _act(facts: Facts, index: int) -> Link | None:
    if facts.mine:
        return Link(facts.mine[0].verb, facts.mine[0].url)
    if index == RUN and facts.documents:
        return Link("In giao ước", reverse("reports:print_centre", args=[facts.year.pk]))
    return None


def _titles(facts: Facts) -> list[tuple[str, str]]:
    """Name each task and who owns it."""
    cluster = facts.year.cluster
    noun = cluster.noun.lower()
    units, organiser = "Từng đơn vị", "Cơ quan thường trực"
    return [
        (f"Thành lập {noun}, mở năm", organiser),
        ("Dự thảo và góp ý giao ước", cluster.lead_title),
        ("Ký giao ước", f"{len(facts.members)} đơn vị"),
        ("Thực hiện sáu tháng đầu năm", units),
        ("Sơ kết sáu tháng", units),
        ("Thực hiện sáu tháng cuối năm", units),
        ("Tổng kết, tự chấm điểm", units),
        ("Thẩm định, giải trình", f"Trưởng, phó {noun}"),
        ("Kiến nghị, công bố kết quả", organiser),
    ]


def _leaders(facts: Facts) -> str:
    lead = lead_of(facts.members)
    units = f"{len(facts.members)} đơn vị"
    return f"{facts.year.cluster.lead_title} {lead.unit.short_name}" if lead else units


def _drafting(facts: Facts) -> str:
    if facts.standing is None:
        return "Chưa bắt đầu soạn"
    number = facts.standing.version.number
    if facts.pledge_status is P.DRAFT:
        return f"Bản {number} đang soạn, {facts.remarks} góp ý"
    agreed = sum(c.word == Consent.Word.CONSENT for c in facts.consents.values())
    return f"Bản {number}, {facts.remarks} góp ý, {agreed}/{len(facts.members)} đơn vị thống nhất"


def _signing(facts: Facts) -> str:
    total = len(facts.signatories)
    if facts.pledge_status is P.SIGNED:
        return f"Đủ {total}/{total} chữ ký"
    if facts.pledge_status is P.SIGNING:
        return f"{facts.signed}/{total} chữ ký"
    if facts.pledge_status is P.FROZEN:
        return f"Đã chốt bản {facts.standing.version.number if facts.standing else ''}, chờ mở ký"
    return "Sau khi thống nhất và chốt"


def summary_of(tasks: list[Task]) -> str:
    """Count the tasks in one sentence."""
    done = sum(t.is_done for t in tasks)
    doing = sum(t.is_at_work for t in tasks)
    past = sum(t.state == "PAST" for t in tasks)
    words = [f"{done} việc xong", f"{doing} việc đang làm"]
    words += [f"{past} việc đã qua kỳ"] if past else []
    return ", ".join([*words, f"{len(tasks) - done - doing - past} việc chưa đến"])
