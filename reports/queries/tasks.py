"""The nine tasks of a year in order: when, how far, whose, and what this person does there now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from clusters.models import Stage, YearStatus
from clusters.queries import lead_of
from core.text import format_date
from pledges.models import Consent, PledgeStatus
from reports.queries.facts import Facts

P, S = PledgeStatus, YearStatus
SETTLED = (P.FROZEN, P.SIGNING, P.SIGNED)


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
#: Where the state of the year stands among the tasks.
POSITIONS: dict[YearStatus, int] = {
    S.PREPARING: 0, S.DRAFTING: 1, S.SIGNING: 2, S.RUNNING: 3, S.MIDYEAR: 4, S.YEAREND: 6,
    S.APPRAISING: 7, S.PROVISIONAL: 8, S.OBJECTIONS: 8, S.PUBLISHED: 8, S.ARCHIVED: 9,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """When a task is open according to the calendar."""

    opens_on: date | None = None
    due_on: date | None = None


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
    states = _states(facts, spans)
    current = _current(states)
    tasks = []
    for index, (title, detail, who, link) in enumerate(_words(facts)):
        state, is_signed = states[index], index == SIGN and states[index] == "DONE"
        tasks.append(
            Task(
                when=_when(spans[index]),
                due_on=spans[index].due_on,
                title=title,
                detail=detail,
                workflow="pledge" if is_signed else "stage",
                state="SIGNED" if is_signed else state,
                who=who,
                is_done=state == "DONE",
                is_current=index == current,
                act=_act(facts, index) if index == current else None,
                link=link if state in ("DONE", "DOING", "OVERDUE") else None,
                opens=_opens(spans[index], facts.today) if state == "NOT_OPEN" else "",
            )
        )
    return tasks


def _states(facts: Facts, spans: list[Span]) -> list[str]:
    """Up to the signing the work decides what is done, afterwards the calendar."""
    position = POSITIONS[S(facts.year.status)]
    drafting = spans[DRAFT].opens_on
    done = [
        position > PREPARE or (drafting is not None and drafting <= facts.today),
        facts.pledge_status in SETTLED,
        facts.pledge_status is P.SIGNED,
    ]
    turn = done.index(False) if False in done else len(done)
    states = []
    for index, span in enumerate(spans):
        if index < len(done):
            states.append("DONE" if done[index] else _by_turn(span, facts.today, turn == index))
        elif position > RUN and index < position:
            states.append("DONE")
        else:
            states.append(_by_calendar(span, facts.today) if position >= RUN else "NOT_OPEN")
    return states


def _by_turn(span: Span, today: date, its_turn: bool) -> str:  # noqa: FBT001
    """Say how a task stands that somebody has to finish."""
    if not its_turn or (span.opens_on and span.opens_on > today):
        return "NOT_OPEN"
    return "OVERDUE" if span.due_on and span.due_on < today else "DOING"


def _by_calendar(span: Span, today: date) -> str:
    """Say how a stretch of the year stands that begins and ends by itself."""
    if span.opens_on is None or span.opens_on > today:
        return "NOT_OPEN"
    return "PAST" if span.due_on and span.due_on < today else "DOING"


def _current(states: list[str]) -> int | None:
    """Return the task of the day: the first at work, else the next to open."""
    at_work = [i for i, state in enumerate(states) if state in ("DOING", "OVERDUE")]
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
    if index >= RUN and facts.documents:
        return Link("In giao ước", reverse("reports:print_centre", args=[facts.year.pk]))
    return None


def _words(facts: Facts) -> list[tuple[str, str, str, Link | None]]:
    """Say of each task what it is, how far it is, who owns it and where it is looked at."""
    cluster, pk = facts.year.cluster, facts.year.pk
    members = Link("Xem", reverse("clusters:members", args=[pk]))
    pledge = Link("Xem", reverse("pledges:pledge", args=[pk]))
    signing = Link("Xem", reverse("reports:signing", args=[pk]))
    return [
        (
            f"Thành lập {cluster.noun.lower()}, mở năm",
            _leaders(facts),
            "Cơ quan thường trực",
            members if facts.acting.is_organiser else None,
        ),
        ("Dự thảo và góp ý giao ước", _drafting(facts), cluster.lead_title, pledge),
        (
            "Ký giao ước",
            _signing(facts),
            f"{len(facts.members)} đơn vị",
            signing if facts.signatories else None,
        ),
        *_later(facts),
    ]


def _later(facts: Facts) -> list[tuple[str, str, str, Link | None]]:
    """Say what follows the signing."""
    judges = f"Trưởng, phó {facts.year.cluster.noun.lower()}"
    cycle = facts.year.cycle
    figures = f"Số liệu {format_date(cycle.starts_on)} – {format_date(cycle.ends_on)}"
    units, organiser = "Từng đơn vị", "Cơ quan thường trực"
    rows = [
        ("Thực hiện sáu tháng đầu năm", figures, units),
        ("Sơ kết sáu tháng", "Nêu chỉ tiêu chưa đạt, việc làm tiếp", units),
        ("Thực hiện sáu tháng cuối năm", "Khắc phục chỉ tiêu chưa đạt", units),
        ("Tổng kết, tự chấm điểm", "Theo bảng tiêu chí đã thông qua", units),
        ("Thẩm định, giải trình", "Không đơn vị nào tự thẩm định", judges),
        ("Kiến nghị, công bố kết quả", "Tạm tính, nhận kiến nghị, công bố", organiser),
    ]
    return [(title, detail, who, None) for title, detail, who in rows]


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
    doing = sum(t.state in ("DOING", "OVERDUE") for t in tasks)
    past = sum(t.state == "PAST" for t in tasks)
    words = [f"{done} việc xong", f"{doing} việc đang làm"]
    words += [f"{past} việc đã qua kỳ"] if past else []
    return ", ".join([*words, f"{len(tasks) - done - doing - past} việc chưa đến"])
