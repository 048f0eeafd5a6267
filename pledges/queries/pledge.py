"""Reads of the pledge: the facts rules ask for, what is missing, whose turn it is, the inbox."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery
from django.urls import reverse

from clusters.acting import Acting
from clusters.calendar import Window, local_date, window_today
from clusters.models import (
    Appointment,
    ClusterYear,
    Extension,
    MemberRole,
    Membership,
    Role,
    Unit,
    UnitLevel,
    YearStatus,
)
from clusters.queries import lead_of, members_of, place_of, window_of
from core.inbox import Work, asked_in
from core.models import AuditEvent
from core.search import MOST_FOUND, Found, matching
from core.text import join_names
from pledges import policies
from pledges.models import (
    Comment,
    Consent,
    PaperKind,
    Pledge,
    PledgeQuerySet,
    PledgeStatus,
    PledgeVersion,
    Proposal,
    RemarkState,
    Section,
    Signatory,
    SignatoryStatus,
    Target,
)
from pledges.policies import Gap, Lack, Standing
from scoring.models import CriteriaTable
from scoring.queries.table import table_to_adopt, takes_target
from scoring.queries.table_faults import faults_of

P = PledgeStatus


def standing_of(
    pledge: Pledge, acting: Acting, today: date, *, look_for_gaps: bool = True
) -> Standing:
    """Gather the facts every rule about a pledge asks for; the same statements for any size.

    Saving one row of a draft does not ask what the rest lacks: it passes `look_for_gaps=False`.
    """
    year = pledge.cluster_year
    version = pledge.current
    if version is None:
        message = "A pledge always has a current version."
        raise RuntimeError(message)
    members = members_of(year)
    lead = lead_of(members)
    windows = windows_of(year, acting.unit_id, today)
    declined = pledge.versions.filter(frozen_at__isnull=False, voided_at__isnull=False).exists()
    return Standing(
        place=place_of(acting, year),
        pledge=pledge,
        version=version,
        drafting=windows.get(YearStatus.DRAFTING),
        signing=windows.get(YearStatus.SIGNING),
        today=today,
        was_declined=declined,
        missing=tuple(missing_in(version, members)) if look_for_gaps and version.is_draft else (),
        lead_name=lead.unit.short_name if lead else "",
    )


def pledges_with_names() -> PledgeQuerySet:
    """Return pledges with what every page of them prints."""
    return Pledge.objects.select_related(
        "cluster_year__cluster__organiser", "cluster_year__cycle", "current"
    )


def locked_pledge(pledge_id: int) -> Pledge:
    """Lock a pledge until the transaction ends, then read it.

    Two statements on purpose: one that locks and joins would, after waiting for somebody else, show
    the joined version as it was before the wait.
    """
    Pledge.objects.select_for_update().get(pk=pledge_id)
    return pledges_with_names().get(pk=pledge_id)


def windows_of(year: ClusterYear, unit_id: int | None, today: date) -> dict[str, Window]:
    """Return the windows of drafting and signing that count today, extensions included."""
    stages = year.stages.filter(kind__in=policies.STAGES).order_by("order")
    extensions = Extension.objects.filter(stage__cluster_year=year, unit=unit_id).order_by("until")
    until = dict(extensions.values_list("stage_id", "until"))  # the latest wins
    windows: dict[str, list[Window]] = {}
    for stage in stages:
        windows.setdefault(stage.kind, []).append(window_of(stage, until.get(stage.pk)))
    counting = {kind: window_today(same, today) for kind, same in windows.items()}
    return {kind: window for kind, window in counting.items() if window}


def missing_in(version: PledgeVersion, members: list[Membership]) -> list[Gap]:
    """Say what a draft still lacks before it can go out to the units."""
    missing = []
    sections = set(version.clauses.filter(paper=PaperKind.PLEDGE).values_list("section", flat=True))
    if Section.BASIS not in sections:
        missing.append(Gap(Lack.BASES, "chưa có căn cứ"))
    if Section.CONTENT not in sections:
        missing.append(Gap(Lack.CONTENT, "chưa có nội dung thi đua"))
    units = {m.unit_id for m in members}
    table = table_to_adopt(version.pledge.cluster_year_id)
    missing += _lacking_in_targets(version, units, table)
    signers = set(
        version.signatories.filter(role=Signatory.Role.SIGNER).values_list("unit_id", flat=True)
    )
    if signers != units:
        missing.append(Gap(Lack.SIGNATORIES, "danh sách bên ký chưa đủ các đơn vị thành viên"))
    kinds = set(version.papers.values_list("kind", flat=True))
    if table is None and PaperKind.REGULATION in kinds:
        missing.append(Gap(Lack.PAPERS, "quy định chấm điểm chưa có bảng tiêu chí"))
    if table is not None and (faults := faults_of(table)):
        text = f"bảng tiêu chí còn {len(faults)} chỗ chưa đúng (ví dụ {faults[0].said})"
        missing.append(Gap(Lack.TABLE, text))
    return missing


def _lacking_in_targets(
    version: PledgeVersion, units: set[int], table: CriteriaTable | None
) -> list[Gap]:
    """Say which targets have no level for somebody, or cannot be scored by their criterion."""
    targets = list(version.targets.select_related("criterion").prefetch_related("values"))
    if not targets:
        return [Gap(Lack.TARGETS, "chưa có chỉ tiêu")]
    numeric = [t for t in targets if t.kind == Target.Kind.NUMERIC]
    found = []
    gaps = [t.text for t in numeric if {v.unit_id for v in t.values.all()} != units]
    if gaps:
        text = f"{len(gaps)} chỉ tiêu chưa ghi mức đủ các đơn vị (ví dụ “{gaps[0]}”)"
        found.append(Gap(Lack.LEVELS, text))
    return found + _unscorable(numeric, table)


def _unscorable(targets: list[Target], table: CriteriaTable | None) -> list[Gap]:
    """Find what would keep the sheets from being scored when nothing can be changed any more.

    A leaf takes one target; a level of 0 is the business of "không để xảy ra" (scoring.md 2.2).
    The table may have changed since a target was tied to it: the code decides.
    """
    found, taken = [], dict[str, str]()
    named = {target.criterion.code for target in targets if target.criterion}
    rows = table.criteria.filter(rule__isnull=False, code__in=named) if table and named else ()
    leaves = {leaf.code: leaf for leaf in rows}
    for target in targets:
        if target.criterion is None:
            continue
        criterion = leaves.get(target.criterion.code)
        if criterion is None:
            code = target.criterion.code
            text = f"chỉ tiêu “{target}” gắn với tiêu chí {code}, bảng tiêu chí không còn mã này"
            found.append(Gap(Lack.CRITERIA, text, target.key))
            continue
        if criterion.code in taken:
            text = (
                f"tiêu chí {criterion.code} gắn với hai chỉ tiêu (“{taken[criterion.code]}” và "
                f"“{target}”), chỉ chấm được một"
            )
            found.append(Gap(Lack.CRITERIA, text, target.key))
        taken.setdefault(criterion.code, str(target))
        zero = any(value.is_assigned and value.value == 0 for value in target.values.all())
        if zero and takes_target(criterion):
            text = (
                f"chỉ tiêu “{target}” có mức 0 nhưng tiêu chí {criterion.code} tính theo tỷ lệ "
                "đạt; gắn với tiêu chí “Không để xảy ra” hoặc bỏ gắn"
            )
            found.append(Gap(Lack.CRITERIA, text, target.key))
    return found


@dataclass(frozen=True, slots=True)
class UnitWord:
    """What a member unit has said about the version that circulates."""

    membership: Membership
    consent: Consent | None
    open_remarks: int

    @property
    def agrees(self) -> bool:
        """Whether the unit consented."""
        return self.consent is not None and self.consent.word == Consent.Word.CONSENT


def words_of(version: PledgeVersion, members: list[Membership]) -> list[UnitWord]:
    """Return each member's word in the order of the members."""
    consents = {c.unit_id: c for c in version.consents.standing().select_related("given_by")}
    open_count: dict[int, int] = {}
    for model in (Comment, Proposal):
        rows = model.objects.filter(pledge=version.pledge_id, state=RemarkState.OPEN)
        for unit_id in rows.values_list("unit_id", flat=True):
            open_count[unit_id] = open_count.get(unit_id, 0) + 1
    return [UnitWord(m, consents.get(m.unit_id), open_count.get(m.unit_id, 0)) for m in members]


def may_witness(version: PledgeVersion, members: list[Membership], today: date) -> list[Unit]:
    """Return the bodies above the cluster that can witness the signing, the organiser first.

    Besides the organiser these are its own departments with a head who can sign (in 2024 the
    ministry's department for political work witnessed for the ministry), and whoever is set.
    """
    organiser = version.pledge.cluster_year.cluster.organiser
    heads = Appointment.objects.current(today).filter(role=Role.HEAD).values("unit")
    own = Q(parent=organiser, pk__in=heads) & Q(
        level__in=[UnitLevel.MINISTRY_DEPARTMENT, UnitLevel.DEPARTMENT]
    )
    set_now = Q(pk__in=version.signatories.filter(role=Signatory.Role.WITNESS).values("unit"))
    others = Unit.objects.filter(own | set_now).exclude(pk__in=[m.unit_id for m in members])
    return [organiser, *others.exclude(pk=organiser.pk).order_by("sort_key")]


def units_without_consent(version: PledgeVersion, members: list[Membership]) -> list[str]:
    """Name the units whose consent is still missing."""
    agreed = set(
        version.consents.standing()
        .filter(word=Consent.Word.CONSENT)
        .values_list("unit_id", flat=True)
    )
    return [m.unit.short_name for m in members if m.unit_id not in agreed]


@dataclass(frozen=True, slots=True)
class Turn:
    """The turn line: who is waited for, what is missing, until when."""

    waits_for: str
    missing: str
    due: date | None


def turn_of(standing: Standing, members: list[Membership]) -> Turn:
    """Say whose turn it is; every state has an owner."""
    due = standing.drafting.closes_on if standing.drafting else None
    signing_due = standing.signing.closes_on if standing.signing else None
    mine = standing.place.acting.unit_id
    lead = lead_of(members)
    if standing.status is P.DRAFT:
        missing = "; ".join(map(str, standing.missing)) or "Đủ để gửi góp ý"
        if not standing.place.is_lead:  # what a draft lacks is its authors' business
            missing = "Đang soạn, chưa gửi góp ý"
        return Turn(named([lead] if lead else [], mine), missing, due)
    if standing.status in (P.CIRCULATED, P.AGREED):
        waiting = [w for w in words_of(standing.version, members) if not w.agrees]
        if waiting:
            agreed = len(members) - len(waiting)
            silent = [w.membership for w in waiting if w.consent is None]
            refused = len(waiting) - len(silent)
            said = f"{agreed}/{len(members)} đơn vị đã thống nhất"
            if refused:  # a unit that said no waits for the lead
                said += f", {refused} chưa thống nhất"
                silent += [lead] if lead and lead not in silent else []
            return Turn(named(silent, mine), said, due)
        return Turn(named([lead] if lead else [], mine), "Đủ ý kiến, chờ chốt để ký", due)
    if standing.status is P.FROZEN:
        return Turn(named([lead] if lead else [], mine), "Đã chốt, chờ mở ký", signing_due)
    signatories = list(standing.version.signatories.select_related("unit").order_by("order"))
    signed = sum(s.status == SignatoryStatus.SIGNED for s in signatories)
    if standing.status is P.SIGNING:
        invited = [s for s in signatories if s.status == SignatoryStatus.INVITED]
        return Turn(named(invited, mine), f"{signed}/{len(signatories)} chữ ký", signing_due)
    return Turn("Không ai", f"Đủ {signed}/{len(signatories)} chữ ký", None)


def named(rows: Iterable[Membership | Signatory], my_unit: int | None) -> str:
    """Name units; one's own unit comes first and is addressed as "Bạn"."""
    rows = list(rows)
    mine = [f"Bạn, thay mặt {row.unit.short_name}" for row in rows if row.unit_id == my_unit]
    others = [row.unit.short_name for row in rows if row.unit_id != my_unit]
    if len(others) > SHOWN_NAMES:
        others = [*others[: SHOWN_NAMES - 1], f"{len(others) - SHOWN_NAMES + 1} đơn vị nữa"]
    return "; ".join([*mine, *([join_names(others)] if others else [])])


#: Up to so many units are named in the turn line; beyond it the rest is counted.
SHOWN_NAMES = 5


#: Events that tell what stands in a draft which other units may not read yet.
_DRAFTING = re.compile(r"pledges\.(head|clause|activity|target|papers|signatories)_")


def without_hidden_drafts(
    events: QuerySet[AuditEvent], acting: Acting, year: ClusterYear
) -> QuerySet[AuditEvent]:
    """Leave out the work on a draft that its authors have not sent out (see `visible_to`)."""
    if place_of(acting, year).is_lead:
        return events
    sent = AuditEvent.objects.filter(cluster_year_id=year.pk, action="pledges.circulated")
    last = sent.order_by("-seq").values_list("seq", flat=True).first() or 0
    return events.exclude(action__regex=_DRAFTING.pattern, seq__gt=last)


def found_targets(acting: Acting, query: str) -> list[Found]:
    """Find targets in the newest version of every pledge that one may read."""
    versions = PledgeVersion.objects.visible_to(acting)
    newest = versions.filter(pledge=OuterRef("version__pledge")).order_by("-number").values("pk")
    targets = matching(
        Target.objects.filter(version=Subquery(newest[:1])).select_related(
            "version__pledge__cluster_year__cluster", "version__pledge__cluster_year__cycle"
        ),
        query,
        "text",
    )
    return [
        Found(
            title=target.text,
            where=f"{target.version.pledge.cluster_year}, bản {target.version.number}",
            kind="Chỉ tiêu",
            icon="flag",
            url=reverse("pledges:pledge", args=[target.version.pledge.cluster_year_id]),
        )
        for target in targets[:MOST_FOUND]
    ]


#: States of the year in which a pledge can ask for something.
_OPEN_YEAR = (
    YearStatus.PREPARING, YearStatus.DRAFTING, YearStatus.SIGNING, YearStatus.RUNNING,
)  # fmt: skip


@asked_in(_OPEN_YEAR)
def work_waiting(acting: Acting, now: datetime) -> list[Work]:
    """Return what waits for a person in the pledges of all years; the statements are constant."""
    today = local_date(now)
    if not acting.role or acting.is_administrator:
        return []
    years = (
        ClusterYear.objects.visible_to(acting)
        .filter(status__in=_OPEN_YEAR)
        .with_names()
        .select_related("pledge__current")
        .prefetch_related(
            Prefetch("memberships", Membership.objects.select_related("unit").order_by("order")),
            Prefetch("stages"),
            Prefetch("pledge__current__consents", Consent.objects.standing()),
            Prefetch(
                "pledge__comments",
                Comment.objects.filter(state=RemarkState.OPEN),
                to_attr="open_comments",
            ),
            Prefetch(
                "pledge__proposals",
                Proposal.objects.filter(state=RemarkState.OPEN),
                to_attr="open_proposals",
            ),
            Prefetch(
                "pledge__current__signatories",
                Signatory.objects.select_related("unit").order_by("order"),
            ),
        )
    )
    items: list[Work] = []
    for year in years:
        items += _work_of_year(year, acting, today)
    return items


def _work_of_year(year: ClusterYear, acting: Acting, today: date) -> list[Work]:
    """Return the rows one year makes for one person."""
    pledge: Pledge | None = getattr(year, "pledge", None)
    members = list(year.memberships.all())
    stages = {s.kind: s for s in sorted(year.stages.all(), key=lambda s: -s.order)}
    me = next((m for m in members if m.unit_id == acting.unit_id), None)
    drafting, signing = stages.get(YearStatus.DRAFTING), stages.get(YearStatus.SIGNING)
    due = drafting.due_on if drafting else None
    url = reverse("pledges:pledge", args=[year.pk])
    desk = _Desk(year, url, due, signing.due_on if signing else None, acting, me, members)
    if pledge is None or pledge.current is None:
        return _to_start(desk) if drafting and drafting.opens_on <= today else []
    if acting.is_organiser:
        return _to_sign(desk, pledge) + _for_organiser(desk, pledge, today)
    rows = {
        P.DRAFT: _to_draft,
        P.CIRCULATED: _to_discuss,
        P.AGREED: _to_freeze,
        P.FROZEN: _to_open,
        P.SIGNING: _to_sign,
        P.SIGNED: _nothing,
    }
    return rows[P(pledge.status)](desk, pledge)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the rows of one year have in common."""

    year: ClusterYear
    url: str
    due: date | None
    signing_due: date | None
    acting: Acting
    me: Membership | None
    members: list[Membership]

    @property
    def writes(self) -> bool:
        """Whether this is the officer who writes for the lead."""
        return self.is_lead and self.acting.is_officer

    @property
    def is_lead(self) -> bool:
        """Whether the unit leads the cluster."""
        return self.me is not None and self.me.role == MemberRole.LEAD

    def row(self, title: str, why: str, verb: str, icon: str, **changes: Any) -> Work:
        """Make a row of the inbox."""
        body = {"url": self.url, "due": self.due, "cluster": str(self.year)} | changes
        return Work(title=title, why=why, verb=verb, icon=icon, **body)


def _to_start(desk: _Desk) -> list[Work]:
    if not desk.writes:
        return []
    why = f"Đơn vị bạn là {desk.year.cluster.lead_title} năm nay và giai đoạn dự thảo đã mở."
    return [desk.row("Soạn giao ước thi đua", why, "Soạn", "pencil")]


def _to_draft(desk: _Desk, pledge: Pledge) -> list[Work]:
    version = _current(pledge)
    if desk.writes:
        why = version.note or "Bản nháp chưa gửi các đơn vị góp ý."
        return [
            desk.row(f"Hoàn thiện bản {version.number} để gửi góp ý", why, "Soạn tiếp", "pencil")
        ]
    return [
        _waiting(desk, f"Bản {version.number} giao ước đang soạn", desk.year.cluster.lead_title)
    ]


def _to_discuss(desk: _Desk, pledge: Pledge) -> list[Work]:
    version = _current(pledge)
    words = {c.unit_id: c for c in version.consents.all()}
    mine = words.get(desk.acting.unit_id or 0)
    items = _to_answer(desk, pledge, words) if desk.writes else []
    if mine is None and desk.acting.is_head:
        why = "Mỗi lãnh đạo đơn vị thành viên thống nhất hoặc nêu lý do chưa thống nhất."
        title = f"Cho ý kiến về bản {version.number} giao ước"
        url = reverse("pledges:consent", args=[desk.year.pk])
        items.append(desk.row(title, why, "Cho ý kiến", "check2-all", url=url))
    elif mine is None and desk.acting.is_officer:
        why = "Đơn vị bạn chưa có ý kiến thống nhất; đọc, góp ý và báo cáo lãnh đạo đơn vị."
        items.append(
            desk.row(f"Đọc, góp ý bản {version.number} giao ước", why, "Góp ý", "chat-left-text")
        )
    elif mine is not None:
        others = len(desk.members) - len(words)
        title = f"Ý kiến về bản {version.number} giao ước"
        items.append(
            _waiting(
                desk, title, f"{others} đơn vị còn lại" if others else desk.year.cluster.lead_title
            )
        )
    return items


def _to_answer(desk: _Desk, pledge: Pledge, words: dict[int, Consent]) -> list[Work]:
    items = []
    remarks = sum(len(getattr(pledge, name, ())) for name in ("open_comments", "open_proposals"))
    if remarks:
        why = "Đơn vị gửi góp ý chờ đơn vị trưởng tiếp thu hoặc giải thích."
        url = reverse("pledges:remarks", args=[desk.year.pk])
        items.append(
            desk.row(f"Trả lời {remarks} góp ý", why, "Trả lời", "chat-left-text", url=url)
        )
    refusals = [c for c in words.values() if c.word == Consent.Word.REFUSE]
    if refusals:
        names = {m.unit_id: m.unit.short_name for m in desk.members}
        first = refusals[0]
        why = f"{names.get(first.unit_id, 'Một đơn vị')}: “{first.reason}”"
        title = f"Sửa theo ý kiến chưa thống nhất của {len(refusals)} đơn vị"
        items.append(desk.row(title, why, "Lập bản mới", "arrow-return-left"))
    return items


def _to_freeze(desk: _Desk, pledge: Pledge) -> list[Work]:
    version = _current(pledge)
    if desk.writes:
        why = f"Cả {len(desk.members)} đơn vị đã thống nhất bản {version.number}."
        url = reverse("pledges:freeze", args=[desk.year.pk])
        return [desk.row("Chốt giao ước để ký", why, "Chốt để ký", "lock", url=url)]
    return [
        _waiting(desk, f"Bản {version.number} giao ước đã thống nhất", desk.year.cluster.lead_title)
    ]


def _to_open(desk: _Desk, _pledge: Pledge) -> list[Work]:
    if desk.writes:
        why = "Giao ước đã chốt; các lãnh đạo ký được sau khi bạn mở ký."
        return [desk.row("Mở ký giao ước", why, "Mở ký", "pen", due=desk.signing_due)]
    return [_waiting(desk, "Ký giao ước", desk.year.cluster.lead_title)]


def _to_sign(desk: _Desk, pledge: Pledge) -> list[Work]:
    if pledge.status != P.SIGNING:
        return []
    signatories = list(_current(pledge).signatories.all())
    mine = next((s for s in signatories if s.unit_id == desk.acting.unit_id), None)
    signed = sum(s.status == SignatoryStatus.SIGNED for s in signatories)
    if mine and mine.status == SignatoryStatus.INVITED and desk.acting.is_head:
        why = f"Đến lượt {mine.unit.short_name}; đã có {signed}/{len(signatories)} chữ ký."
        url = reverse("reports:sign", args=[desk.year.pk])
        return [
            desk.row("Ký giao ước thi đua", why, "Đọc và ký", "pen", url=url, due=desk.signing_due)
        ]
    invited = [s.unit.short_name for s in signatories if s.status == SignatoryStatus.INVITED]
    holder = join_names(invited[:3]) if invited else desk.year.cluster.lead_title
    return (
        [_waiting(desk, f"Ký giao ước ({signed}/{len(signatories)} chữ ký)", holder)]
        if mine
        else []
    )


def _nothing(_desk: _Desk, _pledge: Pledge) -> list[Work]:
    return []


def _for_organiser(desk: _Desk, pledge: Pledge, today: date) -> list[Work]:
    """Ask the organiser to look at units whose word is overdue: remind or extend."""
    if pledge.status != P.CIRCULATED or desk.due is None or desk.due >= today:
        return []
    spoken = {c.unit_id for c in _current(pledge).consents.all()}
    late = [m.unit.short_name for m in desk.members if m.unit_id not in spoken]
    if not late:
        return []
    why = f"Đã hết hạn góp ý mà chưa có ý kiến của {join_names(late[:3])}."
    url = reverse("clusters:extensions", args=[desk.year.pk])
    return [
        desk.row(
            f"Xem xét gia hạn cho {len(late)} đơn vị", why, "Xem xét", "calendar-event", url=url
        )
    ]


def _waiting(desk: _Desk, title: str, holder: str) -> Work:
    return desk.row(title, "", "Xem", "hourglass-split", waits_for=holder)


def _current(pledge: Pledge) -> PledgeVersion:
    if pledge.current is None:
        message = "A pledge always has a current version."
        raise RuntimeError(message)
    return pledge.current
