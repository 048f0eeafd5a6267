"""Votes of the cluster: prepared, opened, cast once by each unit, counted or called off.

A secret vote leaves nothing behind that links it to a unit (ADR 0049): casting marks that the unit
took part and raises counters. All counters of the ballot are written in one statement, also those
that stay the same, so that no row betrays by whom it was touched last; no time is kept beside a
choice, no event, message, address or log line carries one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Max, Value, When

from clusters.acting import Acting
from clusters.calendar import local_date
from clusters.models import ClusterYear
from core import audit, storage
from core.audit import Change
from core.bulk import insert_all
from core.policy import Conflict, Invalid, Refused, require
from core.uploads import Accepted
from scoring import counting
from scoring.counting import Outcome, Tally
from scoring.models import (
    AwardQuota,
    Ballot,
    BallotStatus,
    BallotSubject,
    Candidate,
    Evidence,
    OpenVote,
    Voter,
)
from scoring.policies import ballot as policies
from scoring.policies.ballot import Terms
from scoring.queries.ballot import (
    Field,
    ballots_with_names,
    contenders_of,
    field_of,
    published_of,
    rules_of,
    standing_of,
    tally_of,
    voting_members,
)
from scoring.queries.quota import quotas_for, row_of

BS, Subject = BallotStatus, BallotSubject
TRANSITIONS: dict[BallotStatus, frozenset[BallotStatus]] = {
    BS.PREPARING: frozenset({BS.OPEN, BS.CANCELLED}),
    BS.OPEN: frozenset({BS.COUNTED, BS.CANCELLED}),
    BS.COUNTED: frozenset(),
    BS.CANCELLED: frozenset(),
}
#: Who is waited for in each state (đang chờ ai).
OWNERS: dict[BallotStatus, str] = {
    BS.PREPARING: "Đơn vị trưởng, cơ quan thường trực",
    BS.OPEN: "Lãnh đạo các đơn vị bỏ phiếu; đơn vị trưởng, cơ quan thường trực kiểm phiếu",
    BS.COUNTED: "Không ai",
    BS.CANCELLED: "Không ai",
}


@dataclass(frozen=True, slots=True)
class BallotPlan:
    """What a vote is about, who stands, by which rules it is counted."""

    subject: BallotSubject
    #: Units on the list, all of them eligible.
    unit_ids: frozenset[int]
    quota_id: int | None = None
    rank: int | None = None
    #: Empty: named after what is voted on.
    title: str = ""
    is_secret: bool = True
    on_paper: bool = False
    seats: int = 1
    #: (parts, whole) of the two fractions.
    quorum: tuple[int, int] = (2, 3)
    threshold: tuple[int, int] = (1, 2)
    is_strict: bool = True
    of: str = Ballot.Base.PRESENT
    excludes_unconsidered: bool = True
    tellers: str = ""


@dataclass(frozen=True, slots=True)
class PaperCount:
    """What the tellers of a vote on paper found; `minutes` is the scan they signed."""

    present: frozenset[int]
    votes: Mapping[int, int]
    cast: int
    blank: int
    minutes: Accepted
    tellers: str


# Preparing -----------------------------------------------------------------------------------
@transaction.atomic
def prepare(*, cluster_year_id: int, plan: BallotPlan, by: Acting, now: datetime) -> Ballot:
    """Prepare a vote from the newest published result: list, exclusions with reasons, rules."""
    year = _locked_year(cluster_year_id)
    require(policies.may_prepare(standing_of(year, by)))
    last = Ballot.objects.filter(cluster_year=year).aggregate(last=Max("number"))["last"]
    ballot = Ballot(
        cluster_year=year, number=(last or 0) + 1, created_at=now, created_by_id=by.user_id
    )
    _write(ballot, plan, by=by, now=now)
    _record("scoring.ballot_prepared", ballot, by=by, now=now, after=_said(ballot))
    return ballot


@transaction.atomic
def change(*, ballot_id: int, seen: int, plan: BallotPlan, by: Acting, now: datetime) -> Ballot:
    """Change rules or list before the vote is opened; the list is read again."""
    ballot = _locked(ballot_id, by)
    require(policies.may_change(standing_of(ballot.cluster_year, by, ballot)))
    require(policies.may_prepare(standing_of(ballot.cluster_year, by, ballot)))
    _require_seen(ballot, seen)
    before = _said(ballot)
    ballot.revision += 1
    ballot.candidates.all().delete()
    _write(ballot, plan, by=by, now=now)
    _record("scoring.ballot_changed", ballot, by=by, now=now, before=before, after=_said(ballot))
    return ballot


def _write(ballot: Ballot, plan: BallotPlan, *, by: Acting, now: datetime) -> None:
    """Put a plan into a ballot: read the result, part who may stand, keep list and exclusions."""
    year = ballot.cluster_year
    published = published_of(year)
    if published is None:
        message = "The policy lets nobody prepare a vote without a published result."
        raise RuntimeError(message)
    quota = _quota(year, plan)
    terms = Terms(plan.subject, local_date(now), quota, plan.rank, plan.excludes_unconsidered)
    contenders = contenders_of(published.run, year)
    found = field_of(contenders, terms)
    _check_plan(plan, found, quota, year)
    ballot.run, ballot.quota, ballot.subject = published.run, quota, plan.subject
    ballot.rank = plan.rank if plan.subject == Subject.TIE else None
    ballot.title = plan.title or _title(plan, quota, year)
    ballot.is_secret, ballot.on_paper = plan.is_secret, plan.on_paper
    ballot.seats, ballot.tellers = plan.seats, plan.tellers
    ballot.quorum_parts, ballot.quorum_whole = plan.quorum
    ballot.threshold_parts, ballot.threshold_whole = plan.threshold
    ballot.threshold_is_strict, ballot.threshold_of = plan.is_strict, plan.of
    ballot.excludes_unconsidered = plan.excludes_unconsidered
    ballot.excluded = _excluded(found, plan, by)
    ballot.save()
    on_list = [one for one in found.eligible if one.unit_id in plan.unit_ids]
    insert_all(
        Candidate(
            ballot=ballot, unit_id=one.unit_id, order=order, unit_name=one.unit_name,
            rank=one.rank, points=one.points,
        )
        for order, one in enumerate(on_list, start=1)
    )  # fmt: skip


def _quota(year: ClusterYear, plan: BallotPlan) -> AwardQuota | None:
    if plan.subject != Subject.TITLE:
        return None
    quota = next((q for q in quotas_for(year) if q.pk == plan.quota_id), None)
    if quota is None:
        raise Invalid("Chọn một danh hiệu trong chỉ tiêu của kỳ này.", field="quota")
    return quota


def _check_plan(
    plan: BallotPlan, found: Field, quota: AwardQuota | None, year: ClusterYear
) -> None:
    """Refuse a list or rules that cannot be, each beside its field."""
    eligible = {one.unit_id for one in found.eligible}
    if plan.unit_ids - eligible:
        raise Invalid("Có đơn vị không đủ điều kiện trong danh sách bỏ phiếu.", field="units")
    fewest = 2 if plan.subject == Subject.TIE else 1
    if len(plan.unit_ids) < fewest:
        raise Invalid(f"Chọn ít nhất {fewest} đơn vị để bỏ phiếu.", field="units")
    _check_seats(plan, quota, year)
    for field, (parts, whole) in (("quorum", plan.quorum), ("threshold", plan.threshold)):
        if not 1 <= parts <= whole:
            raise Invalid("Ghi phân số không lớn hơn 1, ví dụ 2/3.", field=f"{field}_parts")
    if plan.is_strict and plan.threshold[0] == plan.threshold[1]:
        raise Invalid("Không thể quá tất cả số phiếu. Chọn “từ … trở lên”.", field="is_strict")


def _check_seats(plan: BallotPlan, quota: AwardQuota | None, year: ClusterYear) -> None:
    if not 1 <= plan.seats <= len(plan.unit_ids):
        raise Invalid(
            f"Chọn từ 1 đến {len(plan.unit_ids)} đơn vị: danh sách có bấy nhiêu.", field="seats"
        )
    if plan.subject == Subject.TIE and plan.seats == len(plan.unit_ids):
        raise Invalid("Phân định thì số được chọn phải ít hơn số đơn vị đồng hạng.", field="seats")
    if plan.subject in (Subject.LEAD, Subject.DEPUTY) and plan.seats > 1:
        raise Invalid("Mỗi năm một đơn vị trưởng, một đơn vị phó.", field="seats")
    if quota is not None and plan.seats > (left := row_of(quota, year).left):
        raise Invalid(
            f"Chỉ tiêu “{quota.title}” còn {left} đơn vị, không bầu nhiều hơn.", field="seats"
        )


def _excluded(found: Field, plan: BallotPlan, by: Acting) -> list[dict[str, str]]:
    """Keep who is not on the list and why: by rule, or left out by who prepared the vote."""
    by_rule = [{"unit_name": one.unit_name, "reason": why} for one, why in found.excluded]
    left_out = [
        {
            "unit_name": one.unit_name,
            "reason": f"Đủ điều kiện, {by.unit_short_name or by.name} không đưa vào danh sách.",
        }
        for one in found.eligible
        if one.unit_id not in plan.unit_ids
    ]
    return by_rule + left_out


def _title(plan: BallotPlan, quota: AwardQuota | None, year: ClusterYear) -> str:
    if quota is not None:
        return f"Suy tôn {quota.title}"[:200]
    cluster, following = year.cluster, year.cycle.year + 1
    if plan.subject == Subject.TIE:
        return f"Phân định các đơn vị cùng hạng {plan.rank}"
    role = cluster.lead_title if plan.subject == Subject.LEAD else cluster.deputy_title
    return f"Bầu {role} năm {following}"


# Opening and presence ------------------------------------------------------------------------
@transaction.atomic
def open_ballot(*, ballot_id: int, seen: int, by: Acting, now: datetime) -> Ballot:
    """Open the vote: list and rules are fixed, each member that exists today has one vote."""
    ballot = _locked(ballot_id, by)
    require(policies.may_open(standing_of(ballot.cluster_year, by, ballot)))
    _require_seen(ballot, seen)
    members = voting_members(ballot.cluster_year, local_date(now))
    _require_still_eligible(ballot, now)
    insert_all(Voter(ballot=ballot, unit=m.unit, unit_name=m.unit.name) for m in members)
    _move(ballot, BS.OPEN)
    ballot.opened_at = now
    ballot.save()
    _record(
        "scoring.ballot_opened",
        ballot,
        by=by,
        now=now,
        after={"units": [m.unit.name for m in members]},
    )
    return ballot


def _require_still_eligible(ballot: Ballot, now: datetime) -> None:
    """Refuse a list on which a unit stands that ended, or was overtaken by a rule, meanwhile."""
    subject = BallotSubject(ballot.subject)
    terms = Terms(subject, local_date(now), ballot.quota, ballot.rank, ballot.excludes_unconsidered)
    found = field_of(contenders_of(ballot.run, ballot.cluster_year), terms)
    eligible = {one.unit_id for one in found.eligible}
    gone = [c.unit_name for c in ballot.candidates.order_by("order") if c.unit_id not in eligible]
    if gone:
        raise Refused(f"Không còn đủ điều kiện: {', '.join(gone)}. Sửa danh sách rồi mở bỏ phiếu.")


@transaction.atomic
def mark_presence(*, ballot_id: int, present: frozenset[int], by: Acting, now: datetime) -> Ballot:
    """Mark which units are present; who has voted is present whatever is said."""
    ballot = _locked(ballot_id, by)
    require(policies.may_mark_presence(standing_of(ballot.cluster_year, by, ballot)))
    voters = list(Voter.objects.select_for_update().filter(ballot=ballot).order_by("pk"))
    before = [voter.unit_name for voter in voters if voter.is_present]
    _set_presence(ballot, voters, present)
    after = [v.unit_name for v in voters if v.has_voted or v.pk in present]
    _record(
        "scoring.ballot_presence_marked", ballot, by=by, now=now, before={"present": before},
        after={"present": after},
    )  # fmt: skip
    return ballot


def _set_presence(ballot: Ballot, voters: list[Voter], present: frozenset[int]) -> None:
    """Write presence with two statements; keys that are no voters of this ballot change nothing."""
    open_ones = Voter.objects.filter(ballot=ballot, has_voted=False)
    there = [voter.pk for voter in voters if voter.pk in present]
    open_ones.filter(pk__in=there, is_present=False).update(is_present=True)
    open_ones.exclude(pk__in=there).filter(is_present=True).update(is_present=False)


# Casting -------------------------------------------------------------------------------------
@transaction.atomic
def cast(*, ballot_id: int, candidate_ids: frozenset[int], by: Acting, now: datetime) -> Ballot:
    """Cast the one vote of a unit; no mark at all is a blank vote.

    What is refused here is said without naming a candidate: a sentence may end up in a log.
    """
    ballot = _locked(ballot_id, by)
    year = ballot.cluster_year
    voter = Voter.objects.select_for_update().filter(ballot=ballot, unit=by.unit_id).first()
    require(policies.may_cast(standing_of(year, by, ballot)))
    if voter is None:
        message = "The policy lets nobody vote who is not on the list."
        raise RuntimeError(message)
    on_list = set(ballot.candidates.values_list("pk", flat=True))
    if candidate_ids - on_list:
        raise Refused("Chưa ghi phiếu: có đơn vị không trong danh sách. Mở lại phiếu rồi chọn.")
    if len(candidate_ids) > ballot.seats:
        raise Refused(f"Chưa ghi phiếu: chỉ được chọn không quá {ballot.seats} đơn vị. Chọn lại.")
    voter.is_present = voter.has_voted = True
    voter.save(update_fields=["is_present", "has_voted"])
    _raise_counters(ballot, candidate_ids)
    if not ballot.is_secret:
        insert_all(OpenVote(voter=voter, candidate_id=pk) for pk in sorted(candidate_ids))
    _record("scoring.ballot_cast", ballot, by=by, now=now, after={"unit": voter.unit_name})
    return ballot


def _raise_counters(ballot: Ballot, candidate_ids: frozenset[int]) -> None:
    """Add the marks; every counter is written anew, so that none shows who touched it last."""
    marked = Case(When(pk__in=candidate_ids, then=Value(1)), default=Value(0))
    Candidate.objects.filter(ballot=ballot).update(votes=F("votes") + marked)
    blank = 0 if candidate_ids else 1
    Ballot.objects.filter(pk=ballot.pk).update(blank=F("blank") + blank)


# Counting ------------------------------------------------------------------------------------
@transaction.atomic
def count(*, ballot_id: int, by: Acting, now: datetime) -> Ballot:
    """Close an electronic vote and count it; without quorum nobody is chosen, and that is said."""
    ballot = _locked(ballot_id, by)
    require(policies.may_count(standing_of(ballot.cluster_year, by, ballot)))
    if ballot.on_paper:
        raise Refused("Bỏ phiếu giấy: nhập kết quả kiểm phiếu và đính kèm biên bản.")
    candidates, voters = _rows(ballot)
    return _end(ballot, candidates, tally_of(ballot, candidates, voters), by=by, now=now)


@transaction.atomic
def count_paper(*, ballot_id: int, found: PaperCount, by: Acting, now: datetime) -> Ballot:
    """Take over what the tellers of a vote on paper counted, with the signed minutes."""
    ballot = _locked(ballot_id, by)
    require(policies.may_count(standing_of(ballot.cluster_year, by, ballot)))
    if not ballot.on_paper:
        raise Refused("Bỏ phiếu trên hệ thống: phiếu được đếm tự động, không nhập tay.")
    candidates, voters = _rows(ballot)
    tally = Tally(
        members=len(voters),
        present=sum(voter.pk in found.present for voter in voters),
        cast=found.cast,
        blank=found.blank,
        votes={candidate.pk: found.votes.get(candidate.pk, 0) for candidate in candidates},
    )
    _require_sums(ballot, tally)
    _set_presence(ballot, voters, found.present)
    ballot.blank, ballot.tellers = found.blank, found.tellers
    ballot.minutes = _keep_minutes(ballot, found.minutes, by=by, now=now)
    counted = [When(pk=pk, then=Value(votes)) for pk, votes in tally.votes.items()]
    Candidate.objects.filter(ballot=ballot).update(votes=Case(*counted))
    return _end(ballot, candidates, tally, by=by, now=now)


def _rows(ballot: Ballot) -> tuple[list[Candidate], list[Voter]]:
    voters = Voter.objects.select_for_update().filter(ballot=ballot).order_by("pk")
    return list(ballot.candidates.order_by("order")), list(voters)


def _require_sums(ballot: Ballot, tally: Tally) -> None:
    """Refuse the first sum that cannot be right, beside its field."""
    for fault in counting.faults(tally, ballot.seats):
        field = fault.field if isinstance(fault.field, str) else f"votes-{fault.field}"
        raise Invalid(fault.why, field=field)


def _keep_minutes(ballot: Ballot, upload: Accepted, *, by: Acting, now: datetime) -> Evidence:
    """Put the scanned minutes into the store of the unit that counts; part of the count.

    Not `operations.keep`: the store of evidence closes with the official result, votes follow it.
    """
    sha256 = storage.put(upload.data)
    own = Evidence.objects.standing().filter(
        cluster_year=ballot.cluster_year, unit=by.unit_key, sha256=sha256
    )
    return own.first() or Evidence.objects.create(
        cluster_year=ballot.cluster_year,
        unit_id=by.unit_key,
        sha256=sha256,
        size=len(upload.data),
        mime=upload.mime,
        name=upload.name,
        uploaded_at=now,
        uploaded_by_id=by.user_id,
    )


def _end(
    ballot: Ballot, candidates: list[Candidate], tally: Tally, *, by: Acting, now: datetime
) -> Ballot:
    """Write the outcome down; from here on the database refuses every change."""
    found = counting.outcome(rules_of(ballot), tally)
    chosen = Case(When(pk__in=found.chosen, then=Value(True)), default=Value(False))  # noqa: FBT003
    Candidate.objects.filter(ballot=ballot).update(is_chosen=chosen)
    _move(ballot, BS.COUNTED)
    ballot.cast, ballot.is_quorate = tally.cast, found.is_quorate
    ballot.ended_at, ballot.ended_by_id = now, by.user_id
    ballot.save()
    _record(
        "scoring.ballot_counted", ballot, by=by, now=now,
        before={"status": BS.OPEN.label}, after=_outcome(ballot, candidates, tally, found),
    )  # fmt: skip
    return ballot


def _outcome(
    ballot: Ballot, candidates: list[Candidate], tally: Tally, found: Outcome
) -> dict[str, Any]:
    """Return what the event of a count keeps: sums by candidate, never by unit."""
    minutes = ballot.minutes
    return {
        "number": ballot.number,
        "present": f"{tally.present}/{tally.members}",
        "cast": tally.cast,
        "blank": tally.blank,
        "votes": [f"{c.unit_name}: {tally.votes[c.pk]}" for c in candidates],
        "chosen": [c.unit_name for c in candidates if c.pk in found.chosen],
        "equal": [c.unit_name for c in candidates if c.pk in found.equal],
        "is_quorate": found.is_quorate,
        **({"minutes": minutes.name, "sha256": minutes.sha256} if minutes else {}),
    }


@transaction.atomic
def cancel(*, ballot_id: int, seen: int, reason: str, by: Acting, now: datetime) -> Ballot:
    """Call a vote off, with a reason; what was cast is never shown."""
    ballot = _locked(ballot_id, by)
    require(policies.may_cancel(standing_of(ballot.cluster_year, by, ballot)))
    _require_seen(ballot, seen)
    if not reason:
        raise Invalid("Chưa ghi lý do.", field="reason")
    before = ballot.get_status_display()
    _move(ballot, BS.CANCELLED)
    ballot.cancel_reason = reason
    ballot.ended_at, ballot.ended_by_id = now, by.user_id
    ballot.save()
    audit.record(
        "scoring.ballot_cancelled", ballot, by=by, now=now,
        cluster_year_id=ballot.cluster_year_id,
        change=Change({"status": before}, {"status": BS.CANCELLED.label}, reason),
    )  # fmt: skip
    return ballot


# Shared --------------------------------------------------------------------------------------
def _locked_year(cluster_year_id: int) -> ClusterYear:
    return ClusterYear.objects.select_for_update(of=("self",)).with_names().get(pk=cluster_year_id)


def _locked(ballot_id: int, by: Acting) -> Ballot:
    """Lock the year and then the ballot, as every act on votes does."""
    found = Ballot.objects.visible_to(by).values_list("cluster_year_id").get(pk=ballot_id)
    year = _locked_year(found[0])
    ballot = ballots_with_names().select_for_update(of=("self",)).get(pk=ballot_id)
    ballot.cluster_year = year
    return ballot


def _require_seen(ballot: Ballot, seen: int) -> None:
    if ballot.revision != seen:
        raise Conflict("Cuộc bỏ phiếu vừa được người khác sửa. Xem lại rồi làm tiếp.")


def _move(ballot: Ballot, to: BallotStatus) -> None:
    """Take a ballot to a state that its own state leads to."""
    if to not in TRANSITIONS[BallotStatus(ballot.status)]:
        message = f"{ballot.status} does not lead to {to}."
        raise RuntimeError(message)
    ballot.status = to
    ballot.revision += 1


def _said(ballot: Ballot) -> dict[str, Any]:
    """Return what an event keeps of list and rules."""
    members = len(voting_members(ballot.cluster_year, local_date(ballot.created_at)))
    candidates = Candidate.objects.filter(ballot=ballot).order_by("order")
    return {
        "number": ballot.number,
        "title": ballot.title,
        "candidates": list(candidates.values_list("unit_name", flat=True)),
        "excluded": [f"{row['unit_name']}: {row['reason']}" for row in ballot.excluded],
        "rules": counting.rule_in_words(rules_of(ballot), members),
        "is_secret": ballot.is_secret,
        "on_paper": ballot.on_paper,
    }


def _record(
    action: str,
    ballot: Ballot,
    *,
    by: Acting,
    now: datetime,
    after: dict[str, Any],
    before: dict[str, Any] | None = None,
) -> None:
    audit.record(
        action,
        ballot,
        by=by,
        now=now,
        cluster_year_id=ballot.cluster_year_id,
        change=Change(before=before or {}, after=after),
    )
