"""What the room shows: text with changes, outline, consents, discussion, the acts of the moment."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import Http404
from django.urls import reverse

from core.models import AuditEvent
from core.policy import ALLOWED, Verdict
from core.text import format_datetime
from pledges import policies, queries
from pledges import render as reading
from pledges.forms import AnswerForm, CommentForm, page_token
from pledges.models import (
    Comment,
    Consent,
    PaperKind,
    PledgeStatus,
    Proposal,
    RemarkState,
    SignatoryStatus,
    Target,
)
from pledges.redline import Content
from pledges.views.desk import Desk, page_context

P = PledgeStatus


@dataclass(frozen=True, slots=True)
class Topic:
    """What is being discussed."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment or counter-proposal as the page shows it."""

    row: Comment | Proposal
    label: str
    proposed: str = ""
    drafted: str = ""

    @property
    def is_proposal(self) -> bool:
        """Whether it asks for another level."""
        return isinstance(self.row, Proposal)

    @property
    def is_open(self) -> bool:
        """Whether it waits for the lead."""
        return self.row.state == RemarkState.OPEN

    @property
    def kind(self) -> str:
        """Return the word of the address of its answer page."""
        return "de-nghi" if self.is_proposal else "gop-y"


@dataclass
class Tally:
    """How many remarks one thing has."""

    open: int = 0
    answered: int = 0


@dataclass(frozen=True, slots=True)
class OutlineRow:
    """A line of the outline with its state."""

    href: str
    title: str
    count: int
    open: int
    is_current: bool = False
    children: tuple["OutlineRow", ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Button:
    """An act of the action bar."""

    label: str
    href: str
    verdict: Verdict = ALLOWED
    kind: str = "secondary"
    icon: str = ""


def room_context(
    desk: Desk, topic: Topic | None = None, form: CommentForm | None = None
) -> dict[str, Any]:
    """Gather everything the room prints."""
    content, old = desk.content, desk.against.content if desk.against else None
    edits = desk.is_writer and bool(desk.may(policies.may_edit))
    unit = _own_code(desk)
    papers = reading.papers(content, old, whole=edits)
    wanted = desk.request.GET.get("giay", PaperKind.PLEDGE)
    paper = next((p for p in papers if p.kind == wanted), papers[0])
    if topic:
        paper = _paper_of(papers, topic.key) or paper
    remarks = remarks_of(desk)
    tally = _tally(remarks)
    last = desk.last_year.content if desk.last_year else None
    every = reading.target_tables(content, old, unit=unit, last=last)
    only_changed = desk.request.GET.get("chi-tieu") == "thay-doi"
    tables = [_touched(table, tally) for table in every] if only_changed else every
    words = queries.words_of(desk.standing.version, desk.members)
    buttons = _buttons(desk, words, [remark for remark in remarks if remark.is_open])
    return page_context(
        desk,
        papers=papers,
        paper=paper,
        basis=paper.parts[0] if paper.parts and paper.parts[0].section == "BASIS" else None,
        parts=[part for part in paper.parts if part.section != "BASIS"],
        slogan=reading.slogan(content, old),
        tables=tables,
        own_unit=reading.unit_names(content).get(unit, ""),
        unit_count=len(desk.members),
        tally=tally,
        edits=edits,
        outline=_outline(paper, every, tally),
        only_changed=only_changed,
        target_count=sum(len(table.keys) for table in every),
        talk_url=f"{desk.url('pledge')}trao-doi/",
        against=desk.against,
        comparisons=_comparisons(desk),
        criteria=content.get("criteria"),
        words=words,
        agreed=sum(word.agrees for word in words),
        may_comment=desk.may(policies.may_comment),
        may_answer=desk.may(policies.may_answer),
        page_token=page_token(),
        saved=_last_save(desk) if edits else "",
        buttons=buttons,
        has_primary=any(button.kind == "primary" for button in buttons),
        **_talk_context(desk, topic, form, remarks),
    )


def remarks_of(desk: Desk) -> list[Remark]:
    """Return everything units said about this pledge, oldest first."""
    labels = reading.anchors(desk.content)
    targets = {row["key"]: row for row in desk.content["targets"]}
    found: list[Comment | Proposal] = []
    for model in (Comment, Proposal):
        rows = model.objects.filter(pledge=desk.pledge)
        found += rows.select_related("unit", "author", "version", "answered_by", "answering_unit")
    found.sort(key=lambda row: row.made_at)
    return [_remark(row, labels, targets) for row in found]


def _remark(row: Comment | Proposal, labels: dict[str, str], targets: dict[str, Content]) -> Remark:
    label = labels.get(row.anchor, "Nội dung đã bỏ khỏi bản này")
    if isinstance(row, Comment):
        return Remark(row, label)
    target = targets.get(row.anchor, _NUMBER_ONLY)
    asked = reading.level_of(target, _value(row.proposed, assigned=row.is_assigned))[0]
    return Remark(row, label, asked, reading.level_of(target, _value(row.drafted))[0])


_NUMBER_ONLY: Content = {
    "kind": "NUMERIC", "is_change": False, "direction": "UP", "unit_of_measure": "",
}  # fmt: skip


def _value(value: Any, *, assigned: bool = True) -> Content:  # noqa: ANN401 - a number or None
    return {"assigned": assigned, "value": None if value is None else f"{value:f}"}


def _talk_context(
    desk: Desk, topic: Topic | None, form: CommentForm | None, remarks: list[Remark]
) -> dict[str, Any]:
    if topic is None:
        waiting = [remark for remark in remarks if remark.is_open]
        return {"topic": None, "waiting": waiting[:4], "waiting_count": len(waiting)}
    about = [remark for remark in remarks if remark.row.anchor == topic.key]
    target = next((t for t in desk.content["targets"] if t["key"] == topic.key), None)
    is_number = target is not None and target["kind"] == Target.Kind.NUMERIC
    opened = next((remark for remark in about if remark.is_open), None)
    return {
        "topic": topic,
        "thread": about,
        "target": target,
        "level_rows": reading.level_cells(desk.content, target) if is_number and target else [],
        "may_propose": is_number and _own_code(desk) in (target or {}).get("values", {}),
        "comment_form": form or CommentForm(),
        "form": form,
        "to_answer": opened if desk.is_writer else None,
        "answer_form": AnswerForm() if opened and desk.is_writer else None,
        "opens_next": desk.standing.status is not P.DRAFT,
    }


def _own_code(desk: Desk) -> str:
    mine = desk.request.acting.unit_id
    return next((m.unit.code for m in desk.members if m.unit_id == mine), "")


def _paper_of(papers: list[reading.PaperView], key: str) -> reading.PaperView | None:
    """Return the paper in which a clause or activity stands; targets stand in the pledge."""
    for paper in papers:
        keys = {k for part in paper.parts for k in part.keys}
        if paper.kind == key or key in keys or any(key == a.key for a in paper.activities):
            return paper
    return None


def _tally(remarks: Iterable[Remark]) -> dict[str, Tally]:
    tally: dict[str, Tally] = {}
    for remark in remarks:
        one = tally.setdefault(remark.row.anchor, Tally())
        if remark.is_open:
            one.open += 1
        else:
            one.answered += 1
    return tally


def _touched(table: reading.TargetTable, tally: dict[str, Tally]) -> reading.TargetTable:
    """Keep the rows that changed or that somebody speaks about."""
    rows = (row for row in table.rows if row.change or row.key in tally)
    return replace(table, rows=tuple(rows))


def _outline(
    paper: reading.PaperView, tables: list[reading.TargetTable], tally: dict[str, Tally]
) -> list[OutlineRow]:
    def waiting(keys: Iterable[str]) -> int:
        return sum(tally[key].open for key in keys if key in tally)

    def of_part(part: reading.Part) -> OutlineRow:
        return OutlineRow(f"#{part.id}", part.title, len(part.keys), waiting(part.keys))

    def of_table(table: reading.TargetTable) -> OutlineRow:
        return OutlineRow(f"#{table.id}", table.title, len(table.keys), waiting(table.keys))

    rows = [of_part(part) for part in paper.parts]
    if paper.kind == PaperKind.PLEDGE:
        children = tuple(of_table(table) for table in tables)
        count = sum(child.count for child in children)
        opened = sum(child.open for child in children)
        targets = OutlineRow("#chi-tieu", "II. Chỉ tiêu phấn đấu", count, opened, children=children)
        rows.insert(min(2, len(rows)), targets)
    if paper.activities:
        keys = [row.key for row in paper.activities]
        rows.append(OutlineRow("#hoat-dong", "Các hoạt động", len(keys), waiting(keys)))
    return rows


def _comparisons(desk: Desk) -> list[tuple[str, str, bool]]:
    """Return (code, label, chosen) of what the text can be compared with."""
    chosen = desk.against.code if desk.against else "khong"
    offers = []
    if desk.shown and desk.shown.number > 1:
        offers.append(("ban-truoc", f"Đối chiếu với bản {desk.shown.number - 1}"))
    if desk.last_year is not None:
        cycle = desk.last_year.pledge.cluster_year.cycle
        offers.append(("nam-truoc", f"Đối chiếu với {cycle}"))
    if offers:
        offers.append(("khong", "Không đối chiếu"))
    return [(code, label, code == chosen) for code, label in offers]


def _last_save(desk: Desk) -> str:
    event = (
        AuditEvent.objects.filter(cluster_year_id=desk.year.pk, action__startswith="pledges.")
        .order_by("-seq")
        .first()
    )
    return f"Đã lưu lúc {format_datetime(event.at)}" if event else ""


# The action bar ------------------------------------------------------------------------------
def _buttons(desk: Desk, words: list[queries.UnitWord], waiting: list[Remark]) -> list[Button]:
    """Return what this person can do in this state: at most one primary, last."""
    if desk.standing.status in (P.SIGNING, P.SIGNED):
        return _signing_buttons(desk)
    mine = next((w for w in words if w.membership.unit_id == desk.request.acting.unit_id), None)
    if desk.is_writer:
        return _writer_buttons(desk, words, waiting, mine)
    return _member_buttons(desk, mine) if desk.place.membership else []


def _writer_buttons(
    desk: Desk, words: list[queries.UnitWord], waiting: list[Remark], mine: queries.UnitWord | None
) -> list[Button]:
    number = desk.standing.version.number
    if desk.standing.status is P.DRAFT:
        label, href = f"Kiểm tra và gửi bản {number}", desk.url("circulate")
        return [Button(label, href, desk.may(policies.may_edit), "primary")]
    if desk.standing.status is P.FROZEN:
        may_open = desk.may(policies.may_open_signing)
        return [Button("Mở ký", desk.url("open_signing"), may_open, "primary", "pen")]
    away = [w.membership.unit.short_name for w in words if not w.agrees]
    freeze = Button("Chốt để ký", desk.url("freeze"), policies.may_freeze(desk.standing, away))
    revise = Button(f"Lập bản {number + 1}", desk.url("revise"), desk.may(policies.may_revise))
    if not away:
        return [revise, replace(freeze, kind="primary", icon="lock")]
    if waiting:
        answers = Button(f"Trả lời {len(waiting)} góp ý", desk.url("remarks"), kind="primary")
        return [freeze, revise, answers]
    if desk.request.acting.is_head and mine and mine.consent is None:
        may_consent = desk.may(policies.may_consent)
        consent = Button(f"Cho ý kiến bản {number}", desk.url("consent"), may_consent, "primary")
        return [freeze, revise, consent]
    refused = any(w.consent and not w.agrees for w in words)
    return [freeze, replace(revise, kind="primary") if refused else revise]


def _member_buttons(desk: Desk, mine: queries.UnitWord | None) -> list[Button]:
    number, status = desk.standing.version.number, desk.standing.status
    if status not in (P.CIRCULATED, P.AGREED):
        return []
    may_consent = desk.may(policies.may_consent)
    talk = Button(
        "Góp ý chung", desk.url("discussion", PaperKind.PLEDGE), desk.may(policies.may_comment),
        icon="chat-left-text",
    )  # fmt: skip
    if not desk.request.acting.is_head:
        consent = Button(f"Cho ý kiến bản {number}", desk.url("consent"), may_consent)
        return [consent, Button(talk.label, talk.href, talk.verdict, "primary", talk.icon)]
    if mine and mine.consent:
        return [talk, Button("Xem, đổi ý kiến", desk.url("consent"), may_consent)]
    go = Button(f"Cho ý kiến bản {number}", desk.url("consent"), may_consent, "primary")
    return [talk, go]


def _signing_buttons(desk: Desk) -> list[Button]:
    year = desk.year.pk
    if desk.standing.status is P.SIGNED:
        href = reverse("reports:print_centre", args=[year])
        return [Button("Bản đã ký và in", href, kind="primary", icon="printer")]
    state = Button("Tình hình ký", reverse("reports:signing", args=[year]))
    mine = desk.standing.version.signatories.filter(
        unit=desk.request.acting.unit_id, status=SignatoryStatus.INVITED
    )
    if desk.request.acting.is_head and mine.exists():
        href = reverse("reports:sign", args=[year])
        return [state, Button("Đọc và ký", href, kind="primary", icon="pen")]
    return [state]


def consent_of(desk: Desk) -> Consent | None:
    """Return the standing word of the unit acted for."""
    words = desk.standing.version.consents.standing().select_related("given_by")
    return words.filter(unit=desk.request.acting.unit_id).first()


def remark_or_404(desk: Desk, kind: str, pk: int) -> Comment | Proposal:
    """Return a comment or proposal of this pledge by the words of its address."""
    kinds: dict[str, type[Comment | Proposal]] = {"gop-y": Comment, "de-nghi": Proposal}
    model = kinds.get(kind)
    if model is None:
        raise Http404
    rows = model._default_manager.filter(pledge=desk.pledge)  # noqa: SLF001 - the documented name
    row = rows.select_related("unit", "author", "version").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row
