"""Replay of one real event: opened, drafted, agreed and signed on its dates."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from clusters import operations as clusters_operations
from clusters.acting import Acting
from clusters.calendar import LOCAL, Stretch
from clusters.models import Cluster, ClusterYear, Meeting, MemberRole, SigningOrder, YearStatus
from clusters.operations import MemberPlan, StagePlan, YearPlan
from config.demo.registry import Registry
from core.models import Notice
from pledges import operations, tables
from pledges.models import (
    Activity,
    Clause,
    Comment,
    Paper,
    PaperKind,
    Pledge,
    Proposal,
    Section,
    Signatory,
    Target,
)
from pledges.operations import Level
from pledges.workflow import pledge as workflow
from pledges.workflow.pledge import Seen, SignedFrom
from scoring import operations as scoring_operations
from scoring.models import Criterion

#: Address shown in the signing record of replayed signatures: none was known.
NOWHERE = SignedFrom(None)


def at(day: date, clock: str) -> datetime:
    """Return a local time of a day."""
    return datetime.combine(day, time.fromisoformat(clock), LOCAL)


@dataclass
class Replay:
    """One event being replayed."""

    registry: Registry
    data: dict[str, Any]
    cluster: Cluster
    members: list[str]
    year: ClusterYear | None = None
    pledge: Pledge | None = None

    @property
    def lead(self) -> Acting:
        """The officer who drafts for the lead."""
        return self.registry.officer(self.data["lead"])

    def day(self, stage: str, edge: str = "from") -> date:
        """Return the first or last day of a stage."""
        row = next(s for s in self.data["stages"] if s["stage"] == stage)
        return date.fromisoformat(row[edge])

    def fresh(self) -> Pledge:
        """Return the pledge as it stands."""
        return Pledge.objects.select_related("current").get(cluster_year=self.year)


def open_year(replay: Replay) -> ClusterYear:
    """Open the year with the members and the calendar of the event."""
    data, registry = replay.data, replay.registry
    roles = {data["lead"]: MemberRole.LEAD, data["deputy"]: MemberRole.DEPUTY}
    opened_on = replay.day("PREPARING")
    plan = YearPlan(
        cluster_id=replay.cluster.pk,
        year=data["cycle"]["year"],
        starts_on=date.fromisoformat(data["cycle"]["period_start"]),
        ends_on=date.fromisoformat(data["cycle"]["period_end"]),
        theme=data["cycle"]["theme"],
        members=[
            MemberPlan(registry.units[c].pk, roles.get(c, MemberRole.MEMBER))
            for c in replay.members
        ],
        stages=[_stage(s) for s in data["stages"]],
        signing_order=_order(data),
        is_demonstration=True,
        periods=periods_of(data),
    )
    organiser = registry.organiser(data["organiser"])
    year = clusters_operations.open_year(plan=plan, by=organiser, now=at(opened_on, "08:00"))
    for meeting in data["meetings"]:
        kinds = {"signing": Meeting.Kind.SIGNING, "midyear": Meeting.Kind.MIDYEAR,
                 "yearend": Meeting.Kind.YEAREND, "draft_comments": Meeting.Kind.DRAFT}  # fmt: skip
        Meeting.objects.create(
            cluster_year=year,
            kind=kinds.get(meeting["kind"], Meeting.Kind.THEMATIC),
            held_on=date.fromisoformat(meeting["date"]),
            place=meeting["place"],
        )
    if data.get("table"):
        starter = data["table"].removeprefix("tables/").removesuffix(".json")
        scoring_operations.take_starter(
            cluster_year_id=year.pk, starter=starter, by=organiser, now=at(opened_on, "08:30")
        )
    replay.year = year
    return year


def _order(data: dict[str, Any]) -> SigningOrder:
    """Sign in turn; all at once where somebody signed on another day than those after them."""
    days = {row.get("signed_on") for row in data["pledge"]["signatories"]}
    return SigningOrder.PARALLEL if len(days) > 1 else SigningOrder.SEQUENTIAL


def periods_of(data: dict[str, Any]) -> list[Stretch]:
    """Return the reporting periods of an event, named as officers say them."""
    rows = data.get("progress", {}).get("periods", [])
    return [
        Stretch(
            period_name(row["code"]),
            date.fromisoformat(row["from"]),
            date.fromisoformat(row["to"]),
            date.fromisoformat(row["due"]),
        )
        for row in rows
    ]


def period_name(code: str) -> str:
    """Name a period by its code: ``2020-03`` is "Tháng 3", ``2016-Q2`` "Quý II"."""
    part = code.partition("-")[2]
    if part.startswith("Q"):
        return f"Quý {('I', 'II', 'III', 'IV')[int(part[1:]) - 1]}"
    return f"Tháng {int(part)}"


def _stage(row: dict[str, Any]) -> StagePlan:
    return StagePlan(
        YearStatus(row["stage"]),
        date.fromisoformat(row["from"]),
        date.fromisoformat(row["to"]) if row["to"] else None,
        late_accepted=row["stage"] in ("SIGNING", "YEAREND"),
    )


def draft(replay: Replay) -> Pledge:
    """Write the first version: head, legal bases, clauses, tasks, targets, papers, signatories."""
    now = at(replay.day("DRAFTING"), "08:30")
    year = replay.year
    if year is None:
        message = "The year is opened first."
        raise RuntimeError(message)
    replay.pledge = workflow.start(cluster_year_id=year.pk, by=replay.lead, now=now)
    pledge = replay.fresh()
    hand: dict[str, Any] = {"pledge_id": pledge.pk, "by": replay.lead, "now": now}
    source = replay.data["pledge"]
    version = pledge.current
    operations.save_head(
        values={
            "title": source["title"],
            "place": source["place"],
            "slogan": replay.data["slogan"]["text"],
        },
        seen=operations.mark_of(version, operations.HEAD_FIELDS) if version else "",
        **hand,
    )
    operations.add_rows(model=Clause, rows=list(_clauses(replay)), **hand)
    criteria = dict(Criterion.objects.filter(table__cluster_year=year).values_list("code", "pk"))
    for row in replay.data["targets"]:
        values, levels = target_of(replay, row, criteria)
        operations.save_target(key=None, values=values, levels=levels, seen="", **hand)
    _papers(replay, hand)
    operations.set_signatories(places=list(_signatories(replay)), **hand)
    return replay.fresh()


#: To whom a unit brings the pledge home.
POLICE, OTHERS = "cán bộ, chiến sĩ", "từng bộ phận, cá nhân"


def _clauses(replay: Replay) -> Iterator[dict[str, Any]]:
    """Yield the clauses of the pledge itself in the order of the paper."""
    source = replay.data["pledge"]
    for basis in replay.data["legal_bases"]:
        yield clause(Section.BASIS, f"Căn cứ {basis['text']}")
    for row in source["clauses"]:
        yield clause(Section.CONTENT, row["text"])
    for code, tasks in source.get("per_unit_tasks", {}).items():
        for task in tasks:
            yield clause(Section.CONTENT, f"{task}.", unit_id=replay.registry.units[code].pk)
    for measure in source.get("measures", []):
        yield clause(Section.MEASURES, f"{measure}.")
    noun = replay.cluster.noun
    people = POLICE if replay.registry.is_police(replay.data["lead"]) else OTHERS
    yield clause(
        Section.EXECUTION,
        "Căn cứ nội dung giao ước, các đơn vị xây dựng kế hoạch hành động, quán triệt đến "
        f"{people} và tổ chức thực hiện.",
    )
    yield clause(
        Section.EXECUTION,
        f"{replay.cluster.lead_title}, {replay.cluster.deputy_title} theo dõi, đôn đốc; "
        f"{noun} sơ kết sáu tháng, tổng kết năm và đề nghị khen thưởng theo quy định.",
    )


def clause(
    section: Section,
    text: str,
    *,
    paper: PaperKind = PaperKind.PLEDGE,
    heading: str = "",
    unit_id: int | None = None,
) -> dict[str, Any]:
    """Return the values of a clause."""
    return {
        "paper": paper,
        "section": section,
        "unit_id": unit_id,
        "heading": heading,
        "text": text,
    }


def target_of(
    replay: Replay, row: dict[str, Any], criteria: dict[str, int]
) -> tuple[dict[str, Any], list[Level]]:
    """Turn a target of the data into the values of the form and the level of each unit."""
    areas = {a["code"]: a["title"] for a in replay.data.get("target_areas", [])}
    numeric = row["kind"] == "numeric"
    values = {
        "area": areas.get(row.get("area", ""), ""),
        "kind": Target.Kind.NUMERIC if numeric else Target.Kind.TEXT,
        "text": row["text"],
        "unit_of_measure": row["unit_of_measure"] or "",
        "direction": (row["direction"] or "").upper(),
        "aggregation": row["aggregation"].upper() if numeric else "",
        "is_change": bool(row.get("baseline")),
        "is_common": row["scope"] == "common",
        "criterion_id": criteria.get(row.get("criterion", "")),
    }
    if not numeric:
        return values, []
    drafted = {
        p["unit"]: p["drafted"]
        for p in replay.data.get("proposals", [])
        if p["target"] == row["code"]
    }
    # The annexes of the data cannot be signed yet: what they set is pledged from the start.
    annexed = {
        a["unit"]: a["to"]
        for a in replay.data.get("amendments") or []
        if a["target"] == row["code"]
    }
    levels = []
    for code, level in row["values"].items():
        shown = level | ({"value": annexed[code]} if code in annexed else {})
        shown |= {"value": drafted[code]} if code in drafted else {}
        levels.append(
            Level(
                replay.registry.units[code].pk,
                is_assigned=shown.get("assigned", True),
                value=_decimal(shown.get("value")),
                baseline=_decimal(shown.get("baseline")),
            )
        )
    return values, levels


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text) if text is not None else None


def _papers(replay: Replay, hand: dict[str, Any]) -> None:
    """Add the papers signed or adopted together with the pledge, and what stands in them."""
    titles = [*replay.data.get("papers_signed_together", [])]
    titles += [p["title"] for p in replay.data.get("papers_adopted_together", [])]
    papers: dict[str, tuple[str, str]] = {
        PaperKind.PLEDGE: (replay.data["pledge"]["title"], Paper.Signing.ALL)
    }
    for title in titles:
        kind = kind_of_title(title)
        signing = (
            Paper.Signing.ALL if "papers_signed_together" in replay.data else Paper.Signing.LEAD
        )
        if kind is not PaperKind.PLEDGE:
            papers[kind] = (title, signing)
    operations.set_papers(papers=papers, **hand)
    bodies = {
        PaperKind.PROGRAMME: _programme,
        PaperKind.REGULATION: _regulation,
        PaperKind.OUTLINE: _outline,
    }
    for kind, body in bodies.items():
        if kind in papers:
            operations.add_rows(model=Clause, rows=list(body()), **hand)
    if PaperKind.PROGRAMME in papers:
        activities = [asdict(row) for row in tables.starter_activities()]
        operations.add_rows(model=Activity, rows=activities, **hand)


def kind_of_title(title: str) -> PaperKind:
    """Tell the kind of a paper from its title."""
    words = {
        "Chương trình": PaperKind.PROGRAMME,
        "Quy định": PaperKind.REGULATION,
        "Đề cương": PaperKind.OUTLINE,
    }
    return next((kind for word, kind in words.items() if title.startswith(word)), PaperKind.PLEDGE)


def _programme() -> Iterator[dict[str, Any]]:
    yield clause(
        Section.BODY,
        "Tổ chức phong trào thi đua thiết thực, công khai, công bằng; không hình thức; "
        "bảo đảm bí mật nhà nước.",
        paper=PaperKind.PROGRAMME,
        heading="Mục đích, yêu cầu",
    )
    yield clause(
        Section.BODY,
        "Các đơn vị cập nhật tiến độ đúng kỳ; đơn vị trưởng đôn đốc, tổng hợp và báo cáo cơ quan "
        "thường trực.",
        paper=PaperKind.PROGRAMME,
        heading="Chế độ thông tin, báo cáo",
    )


def _regulation() -> Iterator[dict[str, Any]]:
    rows = [
        (
            "Nguyên tắc",
            (
                "Chấm điểm công khai, chính xác, có minh chứng; không đơn vị nào tự thẩm định "
                "phiếu của mình."
            ),
        ),
        (
            "Cách tính",
            (
                "Điểm của từng tiêu chí tính theo bảng tiêu chí kèm theo; tiêu chí không giao "
                "không tính vào điểm tối đa; xếp hạng theo tỷ lệ phần trăm điểm đạt trên điểm "
                "được giao."
            ),
        ),
        (
            "Kiến nghị",
            (
                "Sau khi công bố điểm tạm tính, đơn vị gửi kiến nghị từng tiêu chí kèm minh "
                "chứng trong thời hạn ghi tại lịch năm."
            ),
        ),
    ]  # fmt: skip
    for heading, text in rows:
        yield clause(Section.BODY, text, paper=PaperKind.REGULATION, heading=heading)


def _outline() -> Iterator[dict[str, Any]]:
    for outline in tables.outlines():
        yield clause(Section.BODY, "", paper=PaperKind.OUTLINE, heading=outline.title)
        for row in outline.sections:
            heading = row.heading if row.code == "0" else f"{row.code}. {row.heading}"
            yield clause(Section.BODY, row.guidance, paper=PaperKind.OUTLINE, heading=heading)


def _signatories(replay: Replay) -> Iterator[tuple[int, str, str, str]]:
    source = replay.data["pledge"]
    for row in sorted(source["signatories"], key=lambda r: r["order"]):
        unit = replay.registry.units[row["unit"]]
        deputy = row.get("replaced_by", "").partition(" (KT. ")
        yield (
            unit.pk,
            Signatory.Role.SIGNER,
            deputy[0] or row["position"],
            Signatory.Authority.DEPUTY if deputy[1] else "",
        )
    witness = source.get("witness")
    if witness:
        unit = replay.registry.units[witness["unit"]]
        yield (unit.pk, Signatory.Role.WITNESS, witness["position"], "")


def circulate(replay: Replay, now: datetime) -> None:
    """Send the standing draft out."""
    pledge = replay.fresh()
    if pledge.current:
        seen = Seen(pledge.current.pk, str(pledge.current.revision))
        workflow.circulate(pledge_id=pledge.pk, seen=seen, by=replay.lead, now=now)


def discuss(replay: Replay) -> None:
    """Let the units comment and propose on their dates and the lead answer."""
    pledge = replay.fresh()
    version = pledge.current
    if version is None:
        return
    keys = list(
        version.clauses.filter(section=Section.CONTENT, unit=None)
        .order_by("order")
        .values_list("key", flat=True)
    )
    codes = [t["code"] for t in replay.data["targets"]]
    target_keys = version.targets.order_by("order").values_list("key", flat=True)
    targets = dict(zip(codes, target_keys, strict=True))
    for row in replay.data.get("comments", []):
        operations.comment(
            pledge_id=pledge.pk,
            anchor=keys[int(row["clause"]) - 1],
            text=row["text"],
            by=replay.registry.officer(row["unit"]),
            now=at(date.fromisoformat(row["on"]), "14:00"),
        )
    for row in replay.data.get("proposals", []):
        value = _decimal(row["proposed"])
        operations.propose(
            pledge_id=pledge.pk,
            key=targets[row["target"]],
            level=Level(replay.registry.units[row["unit"]].pk, is_assigned=True, value=value),
            reason=row["reason"],
            by=replay.registry.officer(row["unit"]),
            now=at(replay.day("DRAFTING") + timedelta(days=14), "15:00"),
        )


def answer(replay: Replay, now: datetime) -> None:
    """Answer every remark as the event's data say; an accepted level opens the next version."""
    pledge = replay.fresh()
    comments = {c.text: c for c in Comment.objects.filter(pledge=pledge).select_related("unit")}
    for row in replay.data.get("comments", []):
        operations.answer(
            remark=comments[row["text"]], accepted=row["state"] == "ACCEPTED", text=row["answer"],
            by=replay.lead, now=now,
        )  # fmt: skip
    proposals = {p.text: p for p in Proposal.objects.filter(pledge=pledge).select_related("unit")}
    for row in replay.data.get("proposals", []):
        proposal = proposals[row["reason"]]
        if row["result"] == "changed":
            workflow.accept_proposal(proposal=proposal, text=row["answer"], by=replay.lead, now=now)
        else:
            operations.answer(
                remark=proposal, accepted=False, text=row["answer"], by=replay.lead, now=now
            )


def agree_and_sign(replay: Replay, consent_at: datetime) -> Pledge:
    """Let every head consent, freeze, and sign in order on the day of the ceremony."""
    pledge = replay.fresh()
    version = pledge.current
    if version is None:
        return pledge
    for index, code in enumerate(replay.members):
        workflow.consent(
            pledge_id=pledge.pk,
            seen=Seen(version.pk, version.content_hash),
            agrees=True,
            reason="",
            by=replay.registry.head(code),
            now=consent_at + timedelta(minutes=index),
        )
    signing_day = replay.day("SIGNING")
    workflow.freeze(
        pledge_id=pledge.pk, seen=Seen(version.pk, version.content_hash), dated=signing_day,
        by=replay.lead, now=at(signing_day, "08:30"),
    )  # fmt: skip
    workflow.open_signing(pledge_id=pledge.pk, by=replay.lead, now=at(signing_day, "09:30"))
    version.refresh_from_db()
    days = {
        row["unit"]: date.fromisoformat(row["signed_on"])
        for row in replay.data["pledge"]["signatories"]
        if row.get("signed_on")
    }
    last = max(days.values(), default=signing_day)
    signatories = list(version.signatories.select_related("unit").order_by("order"))
    # Who came later signs later; a witness after the last of them.
    moments = {
        s: at(days.get(s.unit.code, last), "09:41") + timedelta(minutes=3 * index)
        for index, s in enumerate(signatories)
    }
    for signatory, moment in sorted(moments.items(), key=lambda one: one[1]):
        workflow.sign(
            signatory_id=signatory.pk,
            seen_hash=version.frozen_hash,
            by=replay.registry.head(signatory.unit.code),
            now=moment,
            come_from=NOWHERE,
        )
    forget_notices(at(last, "17:00"), replay.year)
    return replay.fresh()


def forget_notices(now: datetime, year: ClusterYear | None = None) -> None:
    """Mark the notices of what is past as read, so that only what is new today is unread.

    With a year only its own: other living years go on.
    """
    past = Notice.objects.filter(read_at=None, created_at__lte=now)
    if year is not None:
        past = past.filter(event__cluster_year_id=year.pk)
    past.update(read_at=now)
