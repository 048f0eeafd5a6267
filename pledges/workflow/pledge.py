"""The pledge from draft to sealed document: one function for each verb.

Each verb locks the pledge row, asks the policy with the facts as they stand under the lock, changes
the rows, and records one event. Nothing else writes the status of a pledge or of a signatory.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models, transaction

from clusters import operations as clusters_operations
from clusters import workflow as year_workflow
from clusters.acting import Acting
from clusters.calendar import days_late, local_date
from clusters.models import ClusterYear, SigningOrder, Unit
from clusters.queries import members_of
from core import audit
from core.audit import Change
from core.canonical import sha256_of
from core.policy import Conflict, Invalid, require
from core.text import format_date
from pledges import operations, policies
from pledges.content import SCHEMA, content_of
from pledges.models import (
    SYMBOLS,
    Consent,
    PaperNumber,
    Pledge,
    PledgeStatus,
    PledgeVersion,
    Proposal,
    Signatory,
    SignatoryStatus,
    Signature,
)
from pledges.policies import Standing
from pledges.queries import locked_pledge, standing_of, units_without_consent
from scoring import operations as scoring_operations

P = PledgeStatus
TRANSITIONS: dict[PledgeStatus, frozenset[PledgeStatus]] = {
    P.DRAFT: frozenset({P.CIRCULATED}),
    P.CIRCULATED: frozenset({P.AGREED, P.DRAFT}),
    P.AGREED: frozenset({P.FROZEN, P.CIRCULATED, P.DRAFT}),
    P.FROZEN: frozenset({P.SIGNING}),
    P.SIGNING: frozenset({P.SIGNED, P.DRAFT}),
    P.SIGNED: frozenset(),
}
#: Who is waited for in each state (đang chờ ai); the page names the units, see `queries.turn_of`.
OWNERS: dict[PledgeStatus, str] = {
    P.DRAFT: "Đơn vị trưởng soạn",
    P.CIRCULATED: "Lãnh đạo các đơn vị thành viên cho ý kiến",
    P.AGREED: "Đơn vị trưởng chốt để ký",
    P.FROZEN: "Đơn vị trưởng mở ký",
    P.SIGNING: "Lãnh đạo các đơn vị đến lượt ký",
    P.SIGNED: "Không ai",
}
SS = SignatoryStatus
SIGNATORY_TRANSITIONS: dict[SignatoryStatus, frozenset[SignatoryStatus]] = {
    SS.WAITING_TURN: frozenset({SS.INVITED}),
    SS.INVITED: frozenset({SS.SIGNED, SS.DECLINED}),
    SS.SIGNED: frozenset(),
    SS.DECLINED: frozenset(),
    SS.REPLACED: frozenset(),
}
SIGNATORY_OWNERS: dict[SignatoryStatus, str] = {
    SS.WAITING_TURN: "Bên ký đứng trước",
    SS.INVITED: "Lãnh đạo đơn vị đến lượt ký",
    SS.SIGNED: "Không ai",
    SS.DECLINED: "Đơn vị trưởng lập bản mới",
    SS.REPLACED: "Không ai",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the person had on the screen: the version and its hash (or revision while a draft)."""

    version_id: int
    mark: str


@dataclass(frozen=True, slots=True)
class SignedFrom:
    """Where a signature came from, for the signing record."""

    ip_address: str | None


@transaction.atomic
def start(*, cluster_year_id: int, by: Acting, now: datetime, clone: bool = False) -> Pledge:
    """Begin the pledge of a year: an empty draft, or last year's text with the dates to mend."""
    pledge = operations.start_pledge(cluster_year_id=cluster_year_id, by=by, now=now, clone=clone)
    year_workflow.open_drafting(cluster_year_id=cluster_year_id, by=by, now=now)
    version = pledge.current
    audit.record(
        "pledges.started",
        pledge,
        by=by,
        now=now,
        cluster_year_id=cluster_year_id,
        change=Change(after={"title": version.title if version else "", "cloned": clone}),
    )
    return pledge


@transaction.atomic
def circulate(*, pledge_id: int, seen: Seen, by: Acting, now: datetime) -> PledgeVersion:
    """Send the draft out to the units: its content is written down and hashed."""
    standing = _locked(pledge_id, by, now)
    require(policies.may_circulate(standing))
    version = standing.version
    _require_same(seen, version, str(version.revision))
    version.content = content_of(version)
    version.content_hash = sha256_of(version.content)
    version.circulated_at = now
    version.save(update_fields=["content", "content_hash", "circulated_at"])
    _move(standing.pledge, P.CIRCULATED)
    _record(
        "pledges.circulated",
        standing,
        version,
        by=by,
        now=now,
        change=Change(
            before={"status": "DRAFT"},
            after={"version": version.number, "content_hash": version.content_hash},
        ),
    )
    return version


@transaction.atomic
def revise(*, pledge_id: int, note: str, by: Acting, now: datetime) -> PledgeVersion:
    """Open a new version of a circulated pledge; the consents to the old one end."""
    standing = _locked(pledge_id, by, now)
    require(policies.may_revise(standing))
    return _new_version(standing, note=note, by=by, now=now, action="pledges.revised")


@transaction.atomic
def accept_proposal(*, proposal: Proposal, text: str, by: Acting, now: datetime) -> PledgeVersion:
    """Take a unit's level over: into the draft, or into a new version of a circulated pledge."""
    standing = _locked(proposal.pledge_id, by, now)
    require(policies.may_answer(standing))
    if standing.status is not P.DRAFT:
        note = f"Tiếp thu đề nghị của {proposal.unit.short_name}"
        require(policies.may_revise(standing))
        _new_version(standing, note=note, by=by, now=now, action="pledges.revised")
    operations.answer(remark=proposal, accepted=True, text=text, by=by, now=now)
    return _locked(proposal.pledge_id, by, now).version


@transaction.atomic
def consent(
    *, pledge_id: int, seen: Seen, agrees: bool, reason: str, by: Acting, now: datetime
) -> Consent:
    """Record the word of a unit's head; the last missing consent makes the pledge agreed."""
    standing = _locked(pledge_id, by, now)
    require(policies.may_consent(standing))
    version = standing.version
    _require_same(seen, version, version.content_hash)
    if not agrees and not reason:
        raise Invalid("Chưa thống nhất thì nêu lý do để đơn vị trưởng biết sửa gì.", field="reason")
    unit = Unit.objects.get(pk=by.unit_key)
    old = version.consents.standing().filter(unit=unit).first()
    word = Consent.Word.CONSENT if agrees else Consent.Word.REFUSE
    if old and old.word == word and old.reason == reason:
        return old
    if old:
        old.voided_at, old.void_reason = now, "Đơn vị cho ý kiến lại"
        old.save(update_fields=["voided_at", "void_reason"])
    given = Consent.objects.create(
        version=version, unit=unit, word=word, reason=reason, content_hash=version.content_hash,
        given_by_id=by.user_id, given_at=now,
    )  # fmt: skip
    waiting = units_without_consent(version, members_of(standing.pledge.cluster_year))
    _move(standing.pledge, P.CIRCULATED if waiting else P.AGREED)
    _record(
        "pledges.consented" if agrees else "pledges.refused",
        standing,
        given,
        by=by,
        now=now,
        change=Change(
            before={"word": old.word if old else ""},
            after={
                "word": word.value,
                "version": version.number,
                "content_hash": version.content_hash,
            },
            reason=reason,
        ),
    )
    return given


@transaction.atomic
def freeze(*, pledge_id: int, seen: Seen, dated: date, by: Acting, now: datetime) -> PledgeVersion:
    """Reserve numbers and date, write down and hash what will be signed; printing follows."""
    standing = _locked(pledge_id, by, now)
    year = standing.pledge.cluster_year
    waiting = units_without_consent(standing.version, members_of(year))
    require(policies.may_freeze(standing, waiting))
    version = standing.version
    _require_same(seen, version, version.content_hash)
    # Members and criteria change under the lock of the year: wait for whoever holds it, then look.
    ClusterYear.objects.select_for_update(no_key=True).get(pk=year.pk)
    _require_content_stands(version)
    version.frozen = _frozen(standing, _numbers(standing), dated)
    version.frozen_hash = sha256_of(version.frozen)
    version.frozen_at = now
    version.save(update_fields=["frozen", "frozen_hash", "frozen_at"])
    scoring_operations.put_in_use(cluster_year_id=year.pk)
    _move(standing.pledge, P.FROZEN)
    year_workflow.begin_signing(cluster_year_id=year.pk, by=by, now=now)
    _record(
        "pledges.frozen",
        standing,
        version,
        by=by,
        now=now,
        change=Change(
            before={"status": "AGREED"},
            after={
                "version": version.number,
                "frozen_hash": version.frozen_hash,
                "numbers": version.frozen["numbers"],
                "dated": dated.isoformat(),
            },
        ),
    )
    return version


@transaction.atomic
def open_signing(*, pledge_id: int, by: Acting, now: datetime) -> PledgeVersion:
    """Invite the heads to sign: the first in order, or all at once."""
    standing = _locked(pledge_id, by, now)
    require(policies.may_open_signing(standing))
    _move(standing.pledge, P.SIGNING)
    invited = _invite_next(standing, now)
    _record(
        "pledges.signing_opened",
        standing,
        standing.version,
        by=by,
        now=now,
        change=Change(
            before={"status": "FROZEN"}, after={"invited": [str(s.unit) for s in invited]}
        ),
    )
    return standing.version


@transaction.atomic
def sign(
    *,
    signatory_id: int,
    seen_hash: str,
    by: Acting,
    now: datetime,
    come_from: SignedFrom,
) -> Signature:
    """Sign for a unit by recorded confirmation; after the last signature the version is sealed.

    The caller has checked the password again. The signature names the hash that was on the screen.
    """
    standing, signatory = _locked_for(signatory_id, by, now)
    require(policies.may_sign(standing, signatory))
    version = standing.version
    _require_same(Seen(signatory.version_id, seen_hash), version, version.frozen_hash)
    _move_signatory(signatory, SS.SIGNED)
    signature = Signature.objects.create(
        signatory=signatory,
        signed_at=now,
        signed_by_id=by.user_id,
        printed_name=by.full_name,
        printed_rank=by.rank,
        printed_unit=_printed_unit(version, signatory),
        acting_as=f"{by.label}, {by.position}".rstrip(", "),
        ip_address=come_from.ip_address,
        frozen_hash=version.frozen_hash,
        days_late=days_late(standing.signing, local_date(now)) if standing.signing else 0,
    )
    _invite_next(standing, now)
    sealed = not version.signatories.exclude(status=SS.SIGNED).exists()
    if sealed:
        version.sealed_at = now
        version.save(update_fields=["sealed_at"])
        _move(standing.pledge, P.SIGNED)
        year_workflow.begin_running(cluster_year_id=standing.pledge.cluster_year_id, by=by, now=now)
    _record(
        "pledges.signed",
        standing,
        signatory,
        by=by,
        now=now,
        change=Change(
            before={"status": "INVITED"},
            after={
                "status": "SIGNED",
                "frozen_hash": version.frozen_hash,
                "days_late": signature.days_late,
            },
        ),
    )
    if sealed:
        _record(
            "pledges.sealed",
            standing,
            version,
            by=by,
            now=now,
            change=Change(
                before={"status": "SIGNING"},
                after={"status": "SIGNED", "frozen_hash": version.frozen_hash},
            ),
        )
    return signature


@transaction.atomic
def decline(
    *, signatory_id: int, seen_hash: str, reason: str, by: Acting, now: datetime
) -> PledgeVersion:
    """Refuse to sign, with a reason: the signing ends, everybody is told, a new version opens."""
    standing, signatory = _locked_for(signatory_id, by, now)
    require(policies.may_decline(standing, signatory))
    version = standing.version
    _require_same(Seen(signatory.version_id, seen_hash), version, version.frozen_hash)
    if not reason:
        raise Invalid("Nêu lý do từ chối ký để các đơn vị biết cần sửa gì.", field="reason")
    signatory.declined_at, signatory.decline_reason = now, reason
    _move_signatory(signatory, SS.DECLINED, "declined_at", "decline_reason")
    year_workflow.return_to_drafting(
        cluster_year_id=standing.pledge.cluster_year_id, by=by, now=now,
        reason=f"{signatory.unit} từ chối ký: {reason}",
    )  # fmt: skip
    note = f"{signatory.unit.name} từ chối ký bản {version.number}: {reason}"
    fresh = _copy_version(standing, note=note, now=now)
    _record(
        "pledges.declined",
        standing,
        version,
        by=by,
        now=now,
        change=Change(
            before={"status": "SIGNING", "version": version.number},
            after={"status": "DRAFT", "version": fresh.number, "declined_by": signatory.unit.name},
            reason=reason,
        ),
    )
    return fresh


def _locked(pledge_id: int, by: Acting, now: datetime) -> Standing:
    """Lock the pledge and gather the facts under the lock."""
    return standing_of(locked_pledge(pledge_id), by, local_date(now))


def _locked_for(signatory_id: int, by: Acting, now: datetime) -> tuple[Standing, Signatory]:
    pledge_id = Signatory.objects.values_list("version__pledge", flat=True).get(pk=signatory_id)
    standing = _locked(pledge_id, by, now)
    return standing, Signatory.objects.select_related("unit").get(pk=signatory_id)


def _require_same(seen: Seen, version: PledgeVersion, mark: str) -> None:
    """Refuse to act on something else than what was read (product.md §5, features U3)."""
    if seen.version_id != version.pk or seen.mark != mark:
        raise Conflict(
            "Nội dung đã thay đổi sau khi bạn mở trang nên chưa ghi nhận. "
            "Xem phần khác biệt bên dưới rồi quyết định lại."
        )


def _require_content_stands(version: PledgeVersion) -> None:
    """Refuse to freeze what is no longer what the units consented to.

    The rows of the version cannot change, but members, names of units and the criteria table that
    it adopts belong to the year: a change there needs a new version and new consents.
    """
    if sha256_of(content_of(version)) != version.content_hash:
        raise Conflict(
            "Chưa chốt: thành viên, tên đơn vị hoặc bảng tiêu chí đã thay đổi sau khi gửi góp ý. "
            "Lập bản mới để các đơn vị thống nhất lại."
        )


def _move(pledge: Pledge, to: PledgeStatus) -> None:
    old = P(pledge.status)
    if to is old:
        return
    if to not in TRANSITIONS[old]:
        message = f"No transition {old} → {to}"
        raise RuntimeError(message)
    pledge.status = to
    pledge.save(update_fields=["status"])


def _move_signatory(signatory: Signatory, to: SignatoryStatus, *fields: str) -> None:
    old = SS(signatory.status)
    if to not in SIGNATORY_TRANSITIONS[old]:
        message = f"No transition {old} → {to}"
        raise RuntimeError(message)
    signatory.status = to
    signatory.save(update_fields=["status", *fields])


def _record(
    action: str, standing: Standing, obj: models.Model, *, by: Acting, now: datetime, change: Change
) -> None:
    audit.record(
        action, obj, by=by, now=now, cluster_year_id=standing.pledge.cluster_year_id, change=change
    )


def _new_version(
    standing: Standing, *, note: str, by: Acting, now: datetime, action: str
) -> PledgeVersion:
    old = standing.version
    fresh = _copy_version(standing, note=note, now=now)
    _record(
        action,
        standing,
        fresh,
        by=by,
        now=now,
        change=Change(before={"version": old.number}, after={"version": fresh.number}, reason=note),
    )
    return fresh


def _copy_version(standing: Standing, *, note: str, now: datetime) -> PledgeVersion:
    """Void the standing version with its consents and open the next one with the same rows."""
    old = standing.version
    fresh = operations.copy_version(old, note=note, now=now)
    old.voided_at = now
    old.save(update_fields=["voided_at"])
    reason = f"Bản {fresh.number} thay thế"
    old.consents.standing().update(voided_at=now, void_reason=reason)
    pledge = standing.pledge
    pledge.current = fresh
    pledge.save(update_fields=["current"])
    _move(pledge, P.DRAFT)
    return fresh


def _invite_next(standing: Standing, now: datetime) -> list[Signatory]:
    """Invite whoever's turn it is; a witness comes after the units."""
    signatories = list(standing.version.signatories.select_related("unit").order_by("order"))
    open_ones = [s for s in signatories if s.status != SS.SIGNED]
    units = [s for s in open_ones if s.role == Signatory.Role.SIGNER]
    if standing.pledge.cluster_year.signing_order == SigningOrder.SEQUENTIAL or not units:
        turn = open_ones[:1]
    else:
        turn = units
    invited = [s for s in turn if s.status == SS.WAITING_TURN]
    for signatory in invited:
        signatory.invited_at = now
        _move_signatory(signatory, SS.INVITED, "invited_at")
    return invited


def _numbers(standing: Standing) -> dict[str, str]:
    """Reserve a number for each paper, once for the pledge whatever the version."""
    pledge, year = standing.pledge, standing.pledge.cluster_year
    taken = dict(pledge.numbers.values_list("kind", "text"))
    for kind in standing.version.papers.order_by("pk").values_list("kind", flat=True):
        if kind not in taken:
            symbol = SYMBOLS[kind]
            number = clusters_operations.reserve_number(cluster_year=year, symbol=symbol)
            text = f"{number:02d}/{symbol}-{year.cluster.symbol}"
            PaperNumber.objects.create(pledge=pledge, kind=kind, number=number, text=text)
            taken[kind] = text
    return taken


def _frozen(standing: Standing, numbers: dict[str, str], dated: date) -> dict[str, Any]:
    version, year = standing.version, standing.pledge.cluster_year
    return {
        "schema": SCHEMA,
        "version": version.number,
        "dated": dated.isoformat(),
        "content_hash": version.content_hash,
        "cluster": _cluster(year),
        "numbers": numbers,
        "signing_order": year.signing_order,
        "content": version.content,
    }


def _cluster(year: ClusterYear) -> dict[str, Any]:
    cluster, cycle = year.cluster, year.cycle
    decision = ""
    if year.decision_number and year.decision_date:
        decision = f"Quyết định số {year.decision_number} ngày {format_date(year.decision_date)}"
    return {
        "name": cluster.name,
        "kind": cluster.kind,
        "code": cluster.code,
        "noun": cluster.noun,
        "lead_title": cluster.lead_title,
        "deputy_title": cluster.deputy_title,
        "organiser": cluster.organiser.name,
        "year": cycle.year,
        "period": str(cycle),
        "theme": cycle.theme,
        "decision": decision,
        "demonstration": year.is_demonstration,
    }


def _printed_unit(version: PledgeVersion, signatory: Signatory) -> str:
    """Return the unit's name as it stands in what is signed, whatever it is called today."""
    rows = version.signed_content["content"]["signatories"]
    return str(next(row["name"] for row in rows if row["order"] == signatory.order))
