"""The year on one page: nine tasks in order, whose turn it is, the units, the papers that bind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from clusters.acting import Acting
from clusters.models import ClusterYear, MemberRole, Membership, Stage, YearStatus
from clusters.policies import may_change_calendar, may_change_members, may_extend
from clusters.queries import lead_of, members_of, place_of
from core.inbox import Work
from core.policy import Verdict
from core.text import days_left, format_date
from pledges.models import Consent, Pledge, PledgeStatus, Signatory, SignatoryStatus
from pledges.policies import Standing
from pledges.queries import pledges_with_names, standing_of, turn_of
from reports.models import Document
from scoring.models import CriteriaTable

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


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit at a glance: what it is in the cluster and where it stands in the task of the day."""

    name: str
    role: str
    workflow: str
    state: str
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


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a year, read once; everything below is worked out from it."""

    year: ClusterYear
    acting: Acting
    today: date
    members: list[Membership]
    stages: list[Stage]
    standing: Standing | None
    consents: dict[int, Consent]
    signatories: list[Signatory]
    remarks: int
    table: CriteriaTable | None
    documents: list[Document]
    #: What waits for this person in this year: the very rows of the inbox.
    mine: list[Work]

    @property
    def pledge_status(self) -> PledgeStatus | None:
        """Return where the pledge stands; None before it was begun."""
        return self.standing.status if self.standing else None

    @property
    def signed(self) -> int:
        """Count the signatures."""
        return sum(s.status == SignatoryStatus.SIGNED for s in self.signatories)


def year_page(year: ClusterYear, acting: Acting, today: date, work: Iterable[Work]) -> YearPage:
    """Work out the page of a year for one person; `work` is the person's inbox."""
    facts = _facts(year, acting, today, work)
    tasks = _tasks(facts)
    title, units = _units(facts)
    return YearPage(
        _cells(facts, tasks), tasks, _summary(tasks), title, units, _papers(facts), _tools(facts)
    )


def _facts(year: ClusterYear, acting: Acting, today: date, work: Iterable[Work]) -> Facts:
    pledge = pledges_with_names().filter(cluster_year=year).first()
    standing = standing_of(pledge, acting, today) if pledge and pledge.current_id else None
    version = standing.version if standing else None
    consents = list(version.consents.standing()) if version else []
    documents = (
        Document.objects.visible_to(acting)
        .filter(cluster_year=year, withdrawn_at__isnull=True)
        .select_related("file", "code")
        .defer("content")
        .order_by("code_id", "-revision")
    )
    tables = CriteriaTable.objects.visible_to(acting).filter(cluster_year=year)
    return Facts(
        year=year,
        acting=acting,
        today=today,
        members=members_of(year),
        stages=list(year.stages.order_by("order")),
        standing=standing,
        consents={c.unit_id: c for c in consents},
        signatories=list(version.signatories.select_related("unit").order_by("order"))
        if version
        else [],
        remarks=_remarks(pledge),
        table=tables.exclude(status="REPLACED").first(),
        documents=_latest(documents),
        mine=[w for w in work if not w.waits_for and w.cluster == str(year)],
    )


def _remarks(pledge: Pledge | None) -> int:
    return pledge.comments.count() + pledge.proposals.count() if pledge else 0


def _latest(documents: Iterable[Document]) -> list[Document]:
    """Keep the newest revision of each paper, the pledge first."""
    newest: dict[int, Document] = {}
    for document in documents:
        newest.setdefault(document.code_id, document)
    return sorted(newest.values(), key=lambda d: d.code.paper != "PLEDGE")


# The nine tasks ------------------------------------------------------------------------------
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
PREPARE, DRAFT, SIGN, RUN, MIDYEAR, RUN_ON = range(6)
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


def _spans(stages: Sequence[Stage]) -> list[Span]:
    spans = []
    for kinds, nth in STRETCHES:
        found = [s for s in stages if s.kind in kinds]
        found = found[nth : nth + 1] if len(kinds) == 1 else found
        dues = [s.due_on for s in found if s.due_on]
        spans.append(
            Span(min(s.opens_on for s in found), max(dues) if dues else None) if found else Span()
        )
    return spans


def _tasks(facts: Facts) -> list[Task]:
    spans = _spans(facts.stages)
    done = _done(facts, spans)
    current = done.index(False) if False in done else len(done)
    position = _position(facts, spans)
    words = _words(facts)
    tasks = []
    for index, (title, detail, who, link) in enumerate(words):
        state = _state(index, spans[index], facts.today, done=done[index], here={current, position})
        is_current = index == current
        tasks.append(
            Task(
                when=_when(spans[index]),
                title=title,
                detail=detail,
                workflow="pledge" if index == SIGN and done[index] else "stage",
                state="SIGNED" if index == SIGN and done[index] else state,
                who=who,
                is_done=done[index],
                is_current=is_current,
                act=_act(facts, index) if is_current else None,
                link=link if done[index] or state in ("DOING", "OVERDUE") else None,
                opens=_opens(spans[index], facts.today) if state == "NOT_OPEN" else "",
            )
        )
    return tasks


def _position(facts: Facts, spans: list[Span]) -> int:
    """Return the task in which the year stands; the second half of running is found by its date."""
    position = POSITIONS[S(facts.year.status)]
    second = spans[RUN_ON].opens_on
    if position == RUN and second and second <= facts.today:
        return RUN_ON
    return position


def _done(facts: Facts, spans: list[Span]) -> list[bool]:
    position = _position(facts, spans)
    drafting = spans[DRAFT].opens_on
    prepared = position > PREPARE or (drafting is not None and drafting <= facts.today)
    early = [prepared, facts.pledge_status in SETTLED, facts.pledge_status is P.SIGNED]
    return early + [position > index for index in range(len(early), len(STRETCHES))]


def _state(index: int, span: Span, today: date, *, done: bool, here: set[int]) -> str:
    if done:
        return "DONE"
    if index not in here or (span.opens_on and span.opens_on > today):
        return "NOT_OPEN"
    return "OVERDUE" if span.due_on and span.due_on < today else "DOING"


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
    figures = f"Số liệu từ {format_date(cycle.starts_on)} đến {format_date(cycle.ends_on)}"
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
    cluster = facts.year.cluster
    titles = {MemberRole.LEAD: cluster.lead_title, MemberRole.DEPUTY: cluster.deputy_title}
    named = [
        f"{titles[MemberRole(m.role)]} {m.unit.short_name}"
        for m in facts.members
        if m.role in titles
    ]
    return ", ".join(named) or f"{len(facts.members)} đơn vị thành viên"


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
    return "Mở ký khi tất cả đơn vị đã thống nhất và giao ước đã chốt"


def _summary(tasks: list[Task]) -> str:
    done = sum(t.is_done for t in tasks)
    doing = sum(t.state in ("DOING", "OVERDUE") for t in tasks)
    return f"{done} việc xong, {doing} việc đang làm, {len(tasks) - done - doing} việc chưa đến"


# Turn line -----------------------------------------------------------------------------------
def _cells(facts: Facts, tasks: list[Task]) -> list[dict[str, str]]:
    waits_for, missing, due = _turn(facts)
    if due is None:
        spans = _spans(facts.stages)
        due = next((spans[i].due_on for i, t in enumerate(tasks) if t.is_current), None)
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
            "fact": facts.mine[0].title if facts.mine else "Không có việc nào chờ bạn",
            "detail": f"và {more} việc nữa" if more > 0 else "",
        },
        {
            "caption": "Hạn",
            "fact": format_date(due) if due else "Chưa đặt hạn",
            "detail": days_left(due, facts.today) if due else "",
        },
    ]


def _turn(facts: Facts) -> tuple[str, str, date | None]:
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
    signing = facts.pledge_status in SETTLED
    signatures = {s.unit_id: s.status for s in facts.signatories if s.role == Signatory.Role.SIGNER}
    rows = []
    for member in facts.members:
        workflow, state = "", ""
        if signing:
            workflow, state = "signature", signatures.get(member.unit_id, "")
        elif facts.pledge_status in (P.CIRCULATED, P.AGREED):
            workflow, state = "consent", _consent(facts.consents.get(member.unit_id))
        rows.append(
            UnitRow(
                name=member.unit.short_name,
                role=_role(member, facts.year),
                workflow=workflow if state else "",
                state=state,
                is_mine=member.unit_id == facts.acting.unit_id,
            )
        )
    if signing:
        return f"Chữ ký, {facts.signed}/{len(facts.signatories)}", rows
    if facts.pledge_status in (P.CIRCULATED, P.AGREED) and facts.standing:
        return f"Ý kiến về bản {facts.standing.version.number}", rows
    return f"{len(rows)} đơn vị thành viên", rows


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


def _paper(document: Document) -> PaperRow:
    stage = "đã ký" if document.stage == Document.Stage.SIGNED else "bản sẽ ký"
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
        ("Gia hạn", "clusters:extensions", may_extend),
    ]
    return [
        Tool(label, reverse(name, args=[year.pk]), may(place, year)) for label, name, may in pages
    ]
