"""The living cluster of the current year: every listed account finds something to do at once.

It is cloned from the replayed year of the same cluster, its calendar laid around today.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from clusters import operations as clusters_operations
from clusters.calendar import local_date
from clusters.models import Cluster, ClusterYear, MemberRole, SigningOrder, YearStatus
from clusters.operations import MemberPlan, StagePlan, YearPlan
from config.demo.registry import Registry
from config.demo.replay import at, clause
from pledges import operations
from pledges.models import Pledge, Section
from pledges.operations import Level
from pledges.workflow import pledge as workflow
from pledges.workflow.pledge import Seen
from scoring import operations as scoring_operations

LEAD, DEPUTY = "CA-DA-NANG", "CA-HAI-PHONG"
MEMBERS = (LEAD, DEPUTY, "CA-HA-NOI", "CA-CAN-THO", "CA-TPHCM")


def _ago(now: datetime, days: int) -> datetime:
    """Return nine o'clock so many days ago: people worked on this in the morning."""
    return at(local_date(now) - timedelta(days=days), "09:00")


def _calendar(today: date, opened: int, drafting: int) -> list[StagePlan]:
    """Lay a year's stages around today: opened and drafted for so many days."""
    start = today - timedelta(days=opened)
    begin = start + timedelta(days=10)
    signing = begin + timedelta(days=drafting)
    running = signing + timedelta(days=14)
    return [
        StagePlan(YearStatus.PREPARING, start, begin - timedelta(days=1)),
        StagePlan(YearStatus.DRAFTING, begin, signing - timedelta(days=1)),
        StagePlan(YearStatus.SIGNING, signing, running - timedelta(days=1), late_accepted=True),
        StagePlan(YearStatus.RUNNING, running, running + timedelta(days=90)),
        StagePlan(YearStatus.MIDYEAR, running + timedelta(days=91), running + timedelta(days=110)),
        StagePlan(YearStatus.RUNNING, running + timedelta(days=111), running + timedelta(days=230)),
        StagePlan(YearStatus.YEAREND, running + timedelta(days=231), running + timedelta(days=250)),
    ]


def _plan(cluster: Cluster, now: datetime, members: list[MemberPlan], **fields: Any) -> YearPlan:
    today = local_date(now)
    return YearPlan(
        cluster_id=cluster.pk,
        year=today.year,
        # Around today as well: the pledge of the living year can be dated, signed and lived.
        starts_on=today - timedelta(days=30),
        ends_on=today + timedelta(days=334),
        theme=f"Phong trào thi đua “Vì an ninh Tổ quốc” năm {today.year}",
        members=members,
        is_demonstration=True,
        signing_order=SigningOrder.SEQUENTIAL,
        **fields,
    )


def discussing(registry: Registry, cluster: Cluster, last: ClusterYear, now: datetime) -> Pledge:
    """Open the current year of cluster 1 and bring its second version into discussion."""
    roles = {LEAD: MemberRole.LEAD, DEPUTY: MemberRole.DEPUTY}
    members = [MemberPlan(registry.units[c].pk, roles.get(c, MemberRole.MEMBER)) for c in MEMBERS]
    opened = _ago(now, 24)
    plan = _plan(
        cluster, now, members, stages=_calendar(local_date(now), 24, 22), cloned_from_id=last.pk,
        decision_number="118/QĐ-BCA-X03", decision_date=local_date(opened),
    )  # fmt: skip
    organiser = registry.organiser("BCA")
    year = clusters_operations.open_year(plan=plan, by=organiser, now=opened)
    scoring_operations.take_starter(
        cluster_year_id=year.pk, starter="police-1000", by=organiser, now=opened
    )
    lead = registry.officer(LEAD)
    pledge = workflow.start(cluster_year_id=year.pk, by=lead, now=_ago(now, 13), clone=True)
    _mend(pledge, _ago(now, 13), registry)
    _circulate(pledge, registry, _ago(now, 10))
    _refuse_once(pledge, registry, _ago(now, 7))
    _second_version(pledge, registry, _ago(now, 5))
    _circulate(pledge, registry, _ago(now, 4))
    _remarks(pledge, registry, _ago(now, 2))
    return pledge


def _mend(pledge: Pledge, now: datetime, registry: Registry) -> None:
    """Bring last year's text to this year's dates."""
    lead = registry.officer(LEAD)
    version = Pledge.objects.get(pk=pledge.pk).current
    if version is None:
        return
    year = local_date(now).year
    values = {
        "title": f"Giao ước thi đua “Vì an ninh Tổ quốc” năm {year}",
        "place": "Đà Nẵng",
        "slogan": version.slogan,
    }
    operations.save_head(
        pledge_id=pledge.pk, values=values, by=lead, now=now,
        seen=operations.mark_of(version, operations.HEAD_FIELDS),
    )  # fmt: skip
    papers = {
        p.kind: (p.title.replace("năm 2024", f"năm {year}"), p.signing)
        for p in version.papers.all()
    }
    operations.set_papers(pledge_id=pledge.pk, papers=papers, by=lead, now=now)
    for row in version.clauses.filter(text__contains="2024"):
        fields = {name: getattr(row, name) for name in operations.CLAUSE_FIELDS}
        operations.save_clause(
            pledge_id=pledge.pk, key=row.key, by=lead, now=now,
            values=fields | {"text": row.text.replace("năm 2024", f"năm {year}")},
            seen=operations.mark_of(row, operations.CLAUSE_FIELDS),
        )  # fmt: skip


def _circulate(pledge: Pledge, registry: Registry, now: datetime) -> None:
    version = Pledge.objects.get(pk=pledge.pk).current
    if version:
        seen = Seen(version.pk, str(version.revision))
        workflow.circulate(pledge_id=pledge.pk, seen=seen, by=registry.officer(LEAD), now=now)


def _refuse_once(pledge: Pledge, registry: Registry, now: datetime) -> None:
    version = Pledge.objects.get(pk=pledge.pk).current
    if version:
        workflow.consent(
            pledge_id=pledge.pk, seen=Seen(version.pk, version.content_hash), agrees=False,
            reason=(
                "Đề nghị ghi rõ trách nhiệm phối hợp phòng, chống tội phạm "
                "trên tuyến giao thông liên tỉnh."
            ),
            by=registry.head("CA-CAN-THO"), now=now,
        )  # fmt: skip


def _second_version(pledge: Pledge, registry: Registry, now: datetime) -> None:
    """Answer the refusal with a new version and one clause more."""
    lead = registry.officer(LEAD)
    note = "Tiếp thu ý kiến của Công an TP. Cần Thơ về phối hợp liên tỉnh"
    workflow.revise(pledge_id=pledge.pk, note=note, by=lead, now=now)
    operations.save_clause(
        pledge_id=pledge.pk, key=None, seen="", by=lead, now=now,
        values=clause(
            Section.CONTENT,
            "Các đơn vị phối hợp phòng, chống tội phạm trên các tuyến giao thông liên tỉnh; "
            "mỗi quý một đợt cao điểm chung.",
        ),
    )  # fmt: skip


def _remarks(pledge: Pledge, registry: Registry, now: datetime) -> None:
    """Leave one comment and one counter-proposal for the lead to answer."""
    version = Pledge.objects.get(pk=pledge.pk).current
    if version is None:
        return
    first = version.clauses.filter(section=Section.CONTENT, unit=None).order_by("order").first()
    percent = version.targets.filter(kind="NUMERIC", unit_of_measure="%", is_change=False)
    target = percent.filter(text__icontains="khám phá").order_by("order").first()
    if first:
        operations.comment(
            pledge_id=pledge.pk, anchor=first.key, by=registry.officer("CA-HA-NOI"), now=now,
            text="Đề nghị nêu rõ kỳ đánh giá để các đơn vị thống nhất cách báo cáo.",
        )  # fmt: skip
    if target:
        unit = registry.units["CA-CAN-THO"]
        level = target.values.filter(unit=unit).first()
        asked = (level.value or Decimal(80)) - 3 if level else Decimal(77)
        operations.propose(
            pledge_id=pledge.pk, key=target.key,
            level=Level(unit.pk, is_assigned=True, value=asked),
            reason="Ba năm gần đây địa bàn đạt thấp hơn mức dự thảo; nguồn lực chưa đáp ứng.",
            by=registry.officer("CA-CAN-THO"), now=now,
        )  # fmt: skip


def preparing(registry: Registry, cluster: Cluster, codes: list[str], now: datetime) -> ClusterYear:
    """Open another year that still lacks its criteria table, for the organiser to complete."""
    roles = [MemberRole.LEAD, MemberRole.DEPUTY] + [MemberRole.MEMBER] * (len(codes) - 2)
    members = [MemberPlan(registry.units[c].pk, r) for c, r in zip(codes, roles, strict=True)]
    plan = _plan(cluster, now, members, stages=_calendar(local_date(now), 5, 25))
    return clusters_operations.open_year(plan=plan, by=registry.organiser("BCA"), now=_ago(now, 5))
