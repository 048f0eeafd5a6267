"""Pledges in any state, reached only by walking the real workflow."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from clusters.tests.factories import NOW, SIGNING_DAY, World, make_world
from pledges import operations
from pledges.models import (
    Paper,
    PaperKind,
    Pledge,
    PledgeStatus,
    PledgeVersion,
    Section,
    Signatory,
    Target,
)
from pledges.operations import Level
from pledges.workflow import pledge as workflow
from pledges.workflow.pledge import Seen, SignedFrom
from scoring import operations as scoring_operations

P = PledgeStatus


def current_of(pledge: Pledge) -> PledgeVersion:
    """Return the version that stands now."""
    version = Pledge.objects.get(pk=pledge.pk).current
    assert version is not None
    return version


def clause_values(text: str, section: str = Section.CONTENT, **fields) -> dict[str, Any]:
    """Return the values of a clause form."""
    common = {"paper": PaperKind.PLEDGE, "unit_id": None, "heading": ""}
    return common | {"section": section, "text": text} | fields


def target_values(text: str, **fields) -> dict[str, Any]:
    """Return the values of a target form."""
    return {
        "area": "",
        "kind": Target.Kind.NUMERIC,
        "text": text,
        "unit_of_measure": "%",
        "direction": "UP",
        "aggregation": "LAST",
        "is_change": False,
        "is_common": True,
        "criterion_id": None,
    } | fields


def levels_for(world: World, value: str | None) -> list[Level]:
    """Return the same level for every unit."""
    level = Decimal(value) if value else None
    return [Level(u.pk, is_assigned=True, value=level) for u in world.units]


def start(world: World, now: datetime = NOW) -> Pledge:
    """Begin the pledge of a world and fill the draft."""
    scoring_operations.take_starter(
        cluster_year_id=world.year.pk, starter="front-100", by=world.organiser_acting, now=now
    )
    by = world.lead_officer
    pledge = workflow.start(cluster_year_id=world.year.pk, by=by, now=now)
    common: dict[str, Any] = {"pledge_id": pledge.pk, "by": by, "now": now}
    operations.save_head(
        values={"title": "Giao ước thi đua “Vì an ninh Tổ quốc” năm 2026", "place": "Quảng Ninh",
                "slogan": "Chủ động, nêu gương, kỷ cương"},
        seen=operations.mark_of(current_of(pledge), operations.HEAD_FIELDS), **common,
    )  # fmt: skip
    basis = clause_values("Căn cứ Luật Thi đua, khen thưởng", Section.BASIS)
    operations.save_clause(key=None, seen="", values=basis, **common)
    content = clause_values("Thực hiện nghiêm kỷ luật, kỷ cương.")
    operations.save_clause(key=None, seen="", values=content, **common)
    own = clause_values("Bảo đảm an ninh tuyến quốc lộ 1", unit_id=world.units[0].pk)
    operations.save_clause(key=None, seen="", values=own, **common)
    operations.save_target(
        key=None, seen="", values=target_values("Tỷ lệ điều tra, khám phá án chung"),
        levels=levels_for(world, "80"), **common,
    )  # fmt: skip
    operations.save_target(
        key=None, seen="", levels=[],
        values=target_values("Không để xảy ra bạo loạn", kind=Target.Kind.TEXT, unit_of_measure="",
                             direction="", aggregation=""), **common,
    )  # fmt: skip
    return Pledge.objects.get(pk=pledge.pk)


def add_papers(world: World, pledge: Pledge, now: datetime = NOW) -> None:
    """Adopt the scoring regulation and the report outline beside the pledge, as seed 003 did."""
    papers: dict[str, tuple[str, str]] = {
        PaperKind.PLEDGE: (current_of(pledge).title, Paper.Signing.ALL),
        PaperKind.REGULATION: ("Quy định tiêu chí chấm điểm năm 2026", Paper.Signing.LEAD),
        PaperKind.OUTLINE: ("Đề cương báo cáo sơ kết, tổng kết năm 2026", Paper.Signing.LEAD),
    }
    operations.set_papers(pledge_id=pledge.pk, papers=papers, by=world.lead_officer, now=now)


def add_witness(world: World, pledge: Pledge, now: datetime = NOW) -> None:
    """Put the superior behind the units as witness."""
    places: list[tuple[int, str, str, str]] = [
        (u.pk, Signatory.Role.SIGNER, "Trưởng Công an huyện", "") for u in world.units
    ]
    places.append((world.organiser.pk, Signatory.Role.WITNESS, "Phó Giám đốc", ""))
    operations.set_signatories(pledge_id=pledge.pk, places=places, by=world.lead_officer, now=now)


def circulate(world: World, pledge: Pledge, now: datetime = NOW) -> Pledge:
    """Send the draft out."""
    pledge = Pledge.objects.get(pk=pledge.pk)
    version = current_of(pledge)
    seen = Seen(version.pk, str(version.revision))
    workflow.circulate(pledge_id=pledge.pk, seen=seen, by=world.lead_officer, now=now)
    return Pledge.objects.get(pk=pledge.pk)


def consent(
    world: World,
    pledge: Pledge,
    index: int,
    *,
    agrees: bool = True,
    reason: str = "",
    now: datetime = NOW,
):
    """Give the word of one unit."""
    version = current_of(pledge)
    return workflow.consent(
        pledge_id=pledge.pk,
        seen=Seen(version.pk, version.content_hash),
        agrees=agrees,
        reason=reason,
        by=world.heads[index],
        now=now,
    )


def consent_all(world: World, pledge: Pledge, now: datetime = NOW) -> Pledge:
    """Let every unit consent."""
    for index in range(len(world.units)):
        consent(world, pledge, index, now=now)
    return Pledge.objects.get(pk=pledge.pk)


def freeze(world: World, pledge: Pledge, now: datetime = SIGNING_DAY) -> Pledge:
    """Freeze the agreed version, dated on the day of signing."""
    version = current_of(pledge)
    workflow.freeze(
        pledge_id=pledge.pk, seen=Seen(version.pk, version.content_hash), dated=date(2026, 3, 4),
        by=world.lead_officer, now=now,
    )  # fmt: skip
    return Pledge.objects.get(pk=pledge.pk)


def sign(world: World, pledge: Pledge, index: int, now: datetime = SIGNING_DAY):
    """Sign for one unit (the witness stands behind the last unit)."""
    version = current_of(pledge)
    unit = world.units[index] if index < len(world.units) else world.organiser
    by = world.heads[index] if index < len(world.heads) else world.organiser_head
    signatory = version.signatories.get(unit=unit)
    return workflow.sign(
        signatory_id=signatory.pk, seen_hash=version.frozen_hash, by=by,
        now=now + timedelta(minutes=index), come_from=SignedFrom("10.0.0.5"),
    )  # fmt: skip


def make_pledge_at(status: PledgeStatus, world: World | None = None) -> tuple[World, Pledge]:
    """Walk a pledge to a state."""
    world = world or make_world()
    pledge = start(world)
    steps = [
        (P.CIRCULATED, lambda p: circulate(world, p)),
        (P.AGREED, lambda p: consent_all(world, p)),
        (P.FROZEN, lambda p: freeze(world, p)),
        (P.SIGNING, lambda p: open_signing(world, p)),
        (P.SIGNED, lambda p: sign_all(world, p)),
    ]
    for reached, step in steps:
        if pledge.status == status:
            break
        pledge = step(pledge)
        assert pledge.status == reached
    return world, pledge


def open_signing(world: World, pledge: Pledge, now: datetime = SIGNING_DAY) -> Pledge:
    """Invite the heads."""
    workflow.open_signing(pledge_id=pledge.pk, by=world.lead_officer, now=now)
    return Pledge.objects.get(pk=pledge.pk)


def sign_all(world: World, pledge: Pledge) -> Pledge:
    """Let every signatory sign in order."""
    for index in range(current_of(pledge).signatories.count()):
        sign(world, pledge, index)
    return Pledge.objects.get(pk=pledge.pk)
