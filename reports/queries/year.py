"""The year on one page: nine tasks in order, whose turn it is, the units, the papers that bind."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from clusters.acting import Acting
from clusters.models import ClusterYear, MemberRole, Membership, YearStatus
from clusters.policies import (
    may_change_calendar,
    may_change_members,
    may_change_openness,
    may_extend,
)
from clusters.queries import lead_of, place_of
from core.inbox import Work
from core.policy import ALLOWED, Verdict
from core.text import days_left, format_date
from pledges.models import Consent, PledgeStatus, Signatory
from pledges.queries import turn_of
from reports.models import Document
from reports.queries.cells import SETTLED, Cell, Step, cell_of
from reports.queries.facts import Facts, facts_of
from reports.queries.tasks import Task, summary_of, tasks_of
from reports.queries.turn import count, turn_after_signing
from scoring.policies import sheet as sheet_policies

P, S = PledgeStatus, YearStatus
#: The pledge is still being made; it says itself whose turn it is.
BEFORE_RUNNING = (S.PREPARING, S.DRAFTING, S.SIGNING)


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit at a glance: what it is in the cluster and where it stands in the task of the day."""

    name: str
    role: str
    #: The state of its word or signature: workflow and value; else a cell of the board.
    workflow: str
    state: str
    cell: Cell | None
    is_mine: bool


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A paper of the year: its name, number and state, and its address once it can be opened."""

    title: str
    facts: str
    url: str
    is_file: bool


@dataclass(frozen=True, slots=True)
class Tool:
    """A page on which the organiser looks after the year, or why it is closed."""

    label: str
    url: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class YearPage:
    """Everything the page of a year shows."""

    cells: list[dict[str, str]]
    tasks: list[Task]
    summary: str
    units_title: str
    units: list[UnitRow]
    papers: list[PaperRow]
    tools: list[Tool]


def year_page(year: ClusterYear, acting: Acting, today: date, work: Iterable[Work]) -> YearPage:
    """Work out the page of a year for one person; `work` is the person's inbox."""
    facts = facts_of(year, acting, today, work)
    tasks = tasks_of(facts)
    title, units = _units(facts)
    return YearPage(
        _cells(facts, tasks), tasks, summary_of(tasks), title, units, _papers(facts), _tools(facts)
    )


# Turn line -----------------------------------------------------------------------------------
def _cells(facts: Facts, tasks: list[Task]) -> list[dict[str, str]]:
    waits_for, missing, due = _turn(facts)
    if due is None:
        due = next((t.due_on for t in tasks if t.is_current), None)
    more = len(facts.mine) - 1
    return [
        {
            "caption": "Giai đoạn",
            "fact": str(S(facts.year.status).label),
            "detail": missing,
        },
        {"caption": "Đang chờ", "fact": waits_for},
        {
            "caption": "Phần của bạn" if facts.acting.is_organiser else "Phần của đơn vị bạn",
            "fact": _my_part(facts, waits_for),
            "detail": f"và {more} việc nữa" if more > 0 else "",
        },
        {
            "caption": "Hạn",
            "fact": format_date(due) if due else _no_due(tasks),
            "detail": days_left(due, facts.today) if due else "",
        },
    ]


def _my_part(facts: Facts, waits_for: str) -> str:
    """Say what is mine; where my unit is awaited but not I, say who of the unit does it."""
    if facts.mine:
        return facts.mine[0].title
    if not waits_for.startswith("Bạn,"):
        return "Không có việc nào chờ bạn"
    is_signing = facts.pledge_status is P.SIGNING
    return "Lãnh đạo đơn vị bạn ký" if is_signing else "Cán bộ đơn vị bạn thực hiện"


def _no_due(tasks: list[Task]) -> str:
    return "Chưa đặt hạn" if any(t.is_current for t in tasks) else "Lịch năm đã hết"


def _is_pledging(facts: Facts) -> bool:
    """Whether the pledge itself is the work of the day.

    A missing signature does not stop the year, but until somebody reports it is what is missing.
    """
    if facts.year.status in BEFORE_RUNNING:
        return True
    is_signed = facts.pledge_status is P.SIGNED
    reported = any(report.submitted_at for report in facts.ledger.reports.values())
    return facts.year.status == S.RUNNING and not is_signed and not reported


def _turn(facts: Facts) -> tuple[str, str, date | None]:
    if not _is_pledging(facts):
        late = turn_after_signing(facts.ledger)
        return late.waits_for, late.missing, late.due
    if facts.standing:
        turn = turn_of(facts.standing, facts.members)
        return turn.waits_for, turn.missing, turn.due
    lead = lead_of(facts.members)
    drafting = next((s for s in facts.stages if s.kind == S.DRAFTING), None)
    if lead is None or drafting is None or drafting.opens_on > facts.today:
        return facts.year.cluster.organiser.short_name, "", None
    name = lead.unit.short_name
    if lead.unit_id == facts.acting.unit_id:
        name = f"Bạn, thay mặt {name}"
    return name, "chưa bắt đầu soạn", drafting.due_on


# Right column --------------------------------------------------------------------------------
def _units(facts: Facts) -> tuple[str, list[UnitRow]]:
    if not _is_pledging(facts):
        title, cells = _at_work(facts)
        return title, [_row(facts, m, cell=cells[m.unit_id]) for m in facts.members]
    if facts.pledge_status in SETTLED:
        signed = {s.unit_id: s.status for s in facts.signatories if s.role == Signatory.Role.SIGNER}
        rows = [_row(facts, m, "signature", signed.get(m.unit_id, "")) for m in facts.members]
        return f"Chữ ký, {facts.signed}/{len(facts.signatories)}", rows
    if facts.pledge_status in (P.CIRCULATED, P.AGREED) and facts.standing:
        words = {m.unit_id: _consent(facts.consents.get(m.unit_id)) for m in facts.members}
        rows = [_row(facts, m, "consent", words[m.unit_id]) for m in facts.members]
        return f"Ý kiến về bản {facts.standing.version.number}", rows
    return f"{len(facts.members)} đơn vị thành viên", [_row(facts, m) for m in facts.members]


def _row(
    facts: Facts, member: Membership, workflow: str = "", state: str = "", cell: Cell | None = None
) -> UnitRow:
    return UnitRow(
        name=member.unit.short_name,
        role=_role(member, facts.year),
        workflow=workflow if state else "",
        state=state,
        cell=cell if cell and cell.word else None,
        is_mine=member.unit_id == facts.acting.unit_id,
    )


#: What the units are shown at in each state of the year.
STEPS = {
    S.RUNNING: Step.PROGRESS, S.MIDYEAR: Step.MIDYEAR, S.YEAREND: Step.CLAIM,
    S.APPRAISING: Step.APPRAISE,
}  # fmt: skip


def _at_work(facts: Facts) -> tuple[str, dict[int, Cell]]:
    """Return the units at the stage of the day."""
    ledger, step = facts.ledger, STEPS.get(S(facts.year.status), Step.APPRAISE)
    cells = {m.unit_id: cell_of(ledger, m, step) for m in facts.members}
    tally = count(cells.values())
    title = step.value
    if step is Step.PROGRESS and ledger.period:
        title = f"Tiến độ {ledger.period.name}"
    done = tally.done if step is Step.APPRAISE else tally.handed_in
    return f"{title}, {done}/{tally.total}", cells


def _consent(consent: Consent | None) -> str:
    return consent.word if consent else "NONE"


def _role(member: Membership, year: ClusterYear) -> str:
    if member.role == MemberRole.LEAD:
        return year.cluster.lead_title
    return year.cluster.deputy_title if member.role == MemberRole.DEPUTY else "Thành viên"


def _papers(facts: Facts) -> list[PaperRow]:
    rows = [_paper(d) for d in facts.documents]
    standing = facts.standing
    if (
        standing
        and not facts.documents
        and (standing.version.circulated_at or standing.place.is_lead)
    ):
        rows.append(
            PaperRow(
                f"Dự thảo giao ước, bản {standing.version.number}",
                "Chưa chốt, chưa có số",
                reverse("pledges:pledge", args=[facts.year.pk]),
                is_file=False,
            )
        )
    if facts.table:
        state = facts.table.get_status_display()
        url = reverse("scoring:table", args=[facts.year.pk])
        rows.append(
            PaperRow(
                "Bảng tiêu chí chấm điểm",
                f"Phiên bản {facts.table.version}, {state[:1].lower()}{state[1:]}",
                url,
                is_file=False,
            )
        )
    return rows


#: Which print of a paper this is, in the list of papers.
STAGES: dict[Document.Stage, str] = {
    Document.Stage.TO_SIGN: "bản sẽ ký",
    Document.Stage.SIGNED: "đã ký",
    Document.Stage.ISSUED: "đã phát hành",
    Document.Stage.PROVISIONAL: "tạm tính",
}


def _paper(document: Document) -> PaperRow:
    signed = document.stage == Document.Stage.SIGNED
    stage = "đã ký" if signed else document.get_stage_display().lower()
    ready = document.file_id is not None
    facts = f"Số {document.number}, {stage}" + ("" if ready else ", đang dựng PDF")
    url = reverse("reports:document", args=[document.pk]) + "?xem=1" if ready else ""
    return PaperRow(document.title, facts, url, is_file=ready)


def _tools(facts: Facts) -> list[Tool]:
    place, year = place_of(facts.acting, facts.year), facts.year
    if not place.is_organiser:
        return []
    pages = [
        ("Thành viên", "clusters:members", may_change_members),
        ("Lịch năm", "clusters:calendar", may_change_calendar),
        ("Kỳ báo cáo", "clusters:periods", may_change_calendar),
        ("Gia hạn", "clusters:extensions", may_extend),
        ("Công khai điểm", "clusters:openness", may_change_openness),
    ]
    tools = [
        Tool(label, reverse(name, args=[year.pk]), may(place, year)) for label, name, may in pages
    ]
    if year.status in sheet_policies.OPEN_YEAR:
        vetoes = reverse("scoring:vetoes", args=[year.pk])
        tools.append(Tool("Không xét thi đua", vetoes, ALLOWED))
    return tools
