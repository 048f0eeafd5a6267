"""Reads of votes: who may stand and why not, how far a vote is, what came of it.

Before the count nothing here tells how many votes anybody has: `Seat.votes` is None until then, so
that no page, file or mail can show it by mistake.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db.models import Count, Q, QuerySet

from clusters.acting import Acting
from clusters.models import ClusterYear, MemberRole, Membership
from clusters.queries import place_of, previous_year
from core.text import join_names
from scoring.counting import Rules, Tally, outcome, rule_in_words
from scoring.models import (
    Ballot,
    BallotStatus,
    BallotSubject,
    Candidate,
    OpenVote,
    Publication,
    PublicationStatus,
    RunResult,
    ScoringRun,
    Voter,
)
from scoring.policies.ballot import BallotStanding, Terms, stands, why_excluded
from scoring.policies.nomination import Contender
from scoring.queries.board import shape_of
from scoring.queries.evidence import Use

BS, Subject = BallotStatus, BallotSubject


# What a vote rests on ------------------------------------------------------------------------
def published_of(year: ClusterYear) -> Publication | None:
    """Return the newest publication of a year, whatever became of it."""
    rows = Publication.objects.filter(cluster_year=year).select_related("run")
    return rows.order_by("-pk").first()


def final_of(year: ClusterYear) -> Publication | None:
    """Return the official result of a year, standing or revoked."""
    rows = Publication.objects.filter(cluster_year=year).select_related("run")
    return rows.exclude(status=PublicationStatus.PROVISIONAL).order_by("-pk").first()


def contenders_of(run: ScoringRun, year: ClusterYear) -> list[Contender]:
    """Return the units of a run, the best first, with what votes and nominations ask of them."""
    results = list(RunResult.objects.filter(run=run).select_related("unit").order_by("order"))
    shape = shape_of(run)
    leaders = _leaders(results, year)
    before = _unconsidered_before(year)
    return [
        Contender(
            unit_id=result.unit_id,
            unit_name=result.unit_name,
            rank=result.rank,
            points=shape.points(result.total),
            is_considered=not result.vetoes,
            is_leader=result.unit_id in leaders,
            closed_on=result.unit.closed_on,
            was_unconsidered=result.unit_id in before,
        )
        for result in results
    ]


def _leaders(results: Iterable[RunResult], year: ClusterYear) -> set[int]:
    """Return the unit ranked first; of several that share the rank those a vote has put first.

    A vote speaks only of a tie it was held on: all units that share the rank now stood in it (it
    may have been held on an older run). Where it left seats empty, as equal votes do, a later vote
    among the others that stood in it goes on from there.
    """
    first = {result.unit_id for result in results if result.rank == 1}
    if len(first) < 2:  # noqa: PLR2004 - nobody to choose between
        return first
    votes = Ballot.objects.filter(
        cluster_year=year, subject=Subject.TIE, rank=1, status=BS.COUNTED
    ).prefetch_related("candidates")
    put_first: set[int] = set()
    undecided: set[int] = set()
    seats = 0
    for vote in votes.order_by("number"):
        stood = {row.unit_id for row in vote.candidates.all()}
        chosen = {row.unit_id for row in vote.candidates.all() if row.is_chosen}
        if first <= stood:
            put_first, undecided, seats = chosen or put_first, stood - chosen, vote.seats
        elif seats and stood <= undecided:
            put_first, undecided = put_first | chosen, stood - chosen
        else:
            continue
        seats = max(0, seats - len(chosen))
    return first & put_first or first


def _unconsidered_before(year: ClusterYear) -> set[int]:
    """Return the units that the final result of the year before did not consider."""
    before = previous_year(year)
    final = final_of(before) if before else None
    if final is None or final.status != PublicationStatus.FINAL:
        return set()
    rows = RunResult.objects.filter(run=final.run).exclude(vetoes=[])
    return set(rows.values_list("unit_id", flat=True))


@dataclass(frozen=True, slots=True)
class Field:
    """Who may stand in a vote, and who may not, with the reason."""

    eligible: list[Contender]
    excluded: list[tuple[Contender, str]]


def field_of(contenders: Iterable[Contender], terms: Terms) -> Field:
    """Part the units of a result into those that may stand and those that may not."""
    eligible, excluded = [], []
    for contender in contenders:
        if not stands(contender, terms):
            continue
        why = why_excluded(contender, terms)
        if why:
            excluded.append((contender, why))
        else:
            eligible.append(contender)
    return Field(eligible, excluded)


def shared_ranks(contenders: Iterable[Contender]) -> dict[int, list[Contender]]:
    """Return the ranks that several units share: what a vote on a tie can be about."""
    found: dict[int, list[Contender]] = defaultdict(list)
    for contender in contenders:
        if contender.rank is not None:
            found[contender.rank].append(contender)
    return {rank: units for rank, units in sorted(found.items()) if len(units) > 1}


# Standing and pages --------------------------------------------------------------------------
def ballots_with_names() -> QuerySet[Ballot]:
    """Return ballots with everything their titles print."""
    return Ballot.objects.select_related(
        "cluster_year__cluster__organiser", "cluster_year__cycle", "quota", "run", "minutes",
        "created_by", "ended_by",
    )  # fmt: skip


def standing_of(year: ClusterYear, acting: Acting, ballot: Ballot | None = None) -> BallotStanding:
    """Gather the facts every rule about votes asks for."""
    place = place_of(acting, year)
    voter, candidates = None, 0
    if ballot is not None and ballot.pk is not None:
        candidates = Candidate.objects.filter(ballot=ballot).count()
        if place.membership is not None:
            voters = Voter.objects.filter(ballot=ballot, unit=place.membership.unit_id)
            voter = voters.first()
    return BallotStanding(place, year, published_of(year), ballot, voter, candidates)


def rules_of(ballot: Ballot) -> Rules:
    """Return the rules of a ballot as the count takes them."""
    return Rules(
        ballot.seats,
        Fraction(ballot.quorum_parts, ballot.quorum_whole),
        Fraction(ballot.threshold_parts, ballot.threshold_whole),
        ballot.threshold_is_strict,
        ballot.threshold_of == Ballot.Base.ALL,
    )


@dataclass(frozen=True, slots=True)
class Seat:
    """A candidate as pages and papers show it."""

    candidate: Candidate
    #: None before the count.
    votes: int | None
    is_chosen: bool
    #: Enough votes, but equal with another at the last seat.
    is_equal: bool
    #: Of an open vote that was counted: who voted for the unit.
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What the count said."""

    present: int
    members: int
    cast: int
    blank: int
    is_quorate: bool
    needed_present: int
    needed_votes: int
    chosen: tuple[str, ...]
    equal: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Say what came of the vote."""
        if not self.is_quorate:
            return (
                f"Không đủ số đơn vị có mặt ({self.present}/{self.members}, cần ít nhất "
                f"{self.needed_present}), không chọn được đơn vị nào."
            )
        chosen = f"Trúng: {join_names(self.chosen)}." if self.chosen else "Không đơn vị nào trúng."
        if not self.equal:
            return chosen
        return f"{chosen} Bằng phiếu ở chỗ cuối, chưa chọn: {join_names(self.equal)}."


@dataclass(frozen=True, slots=True)
class BallotPage:
    """Everything the page of one vote shows."""

    ballot: Ballot
    rule: str
    seats: list[Seat]
    voters: list[Voter]
    result: Result | None
    #: Marks of the own unit in an open vote.
    own_marks: tuple[str, ...]

    @property
    def present(self) -> int:
        """Count the units marked as present."""
        return sum(voter.is_present for voter in self.voters)

    @property
    def voted(self) -> int:
        """Count the units that have voted."""
        return sum(voter.has_voted for voter in self.voters)

    @property
    def waiting(self) -> list[str]:
        """Name the units that have not voted."""
        return [voter.unit_name for voter in self.voters if not voter.has_voted]


def page_of(ballot: Ballot, members: int, own_unit: int | None = None) -> BallotPage:
    """Work out the page of a vote; the statements do not grow with the units.

    `members` is the number of member units, for the rule of a vote that has no list of voters yet.
    """
    voters = list(voters_of(ballot))
    candidates = list(Candidate.objects.filter(ballot=ballot).order_by("order"))
    is_counted = ballot.status == BS.COUNTED
    result = _result(ballot, candidates, voters) if is_counted else None
    marks = _marks(ballot)
    shown = marks if is_counted else {}
    equal = set(result.equal) if result else set()
    seats = [
        Seat(
            candidate,
            candidate.votes if is_counted else None,
            bool(candidate.is_chosen),
            candidate.unit_name in equal,
            tuple(name for name, _ in shown.get(candidate.pk, [])),
        )
        for candidate in candidates
    ]
    own = tuple(
        c.unit_name for c in candidates if any(u == own_unit for _, u in marks.get(c.pk, []))
    )
    present = result.present if result else None
    rule = rule_in_words(rules_of(ballot), len(voters) or members, present)
    return BallotPage(ballot, rule, seats, voters, result, own)


def voters_of(ballot: Ballot) -> QuerySet[Voter]:
    """Return the units of a vote in the order in which the list was made."""
    return Voter.objects.filter(ballot=ballot).order_by("pk")


def tally_of(ballot: Ballot, candidates: Iterable[Candidate], voters: Iterable[Voter]) -> Tally:
    """Return what was cast, for the count."""
    voters = list(voters)
    cast = ballot.cast
    return Tally(
        members=len(voters),
        present=sum(voter.is_present for voter in voters),
        cast=sum(voter.has_voted for voter in voters) if cast is None else cast,
        blank=ballot.blank,
        votes={candidate.pk: candidate.votes for candidate in candidates},
    )


def _result(ballot: Ballot, candidates: list[Candidate], voters: list[Voter]) -> Result:
    tally = tally_of(ballot, candidates, voters)
    found = outcome(rules_of(ballot), tally)
    return Result(
        present=tally.present,
        members=tally.members,
        cast=tally.cast,
        blank=tally.blank,
        is_quorate=bool(ballot.is_quorate),
        needed_present=found.needed_present,
        needed_votes=found.needed_votes,
        chosen=tuple(c.unit_name for c in candidates if c.is_chosen),
        equal=tuple(c.unit_name for c in candidates if c.pk in found.equal),
    )


def _marks(ballot: Ballot) -> dict[int, list[tuple[str, int]]]:
    """Return who voted for whom in an open vote; a secret one has no such rows."""
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    if ballot.is_secret or ballot.on_paper:
        return found
    marks = OpenVote.objects.filter(voter__ballot=ballot).order_by("voter__pk")
    for candidate, name, unit in marks.values_list(
        "candidate_id", "voter__unit_name", "voter__unit_id"
    ):
        found[candidate].append((name, unit))
    return found


def ballots_of(year: ClusterYear, acting: Acting) -> list[Ballot]:
    """Return the votes of a year, the newest first, each with how many units have voted."""
    rows = Ballot.objects.visible_to(acting).filter(cluster_year=year)
    rows = rows.annotate(voted=Count("voters", filter=Q(voters__has_voted=True)))
    return list(
        rows.select_related("quota").prefetch_related("voters", "candidates").order_by("-number")
    )


# Beside votes --------------------------------------------------------------------------------
def uses_on_ballots(evidence_ids: Iterable[int]) -> list[Use]:
    """Return the counts that files are the minutes of; such a file cannot be taken back."""
    rows = Ballot.objects.filter(minutes__in=list(evidence_ids)).order_by("pk")
    return [
        Use(minutes, f"biên bản kiểm phiếu của cuộc bỏ phiếu số {number}", is_submitted=True)
        for minutes, number in rows.values_list("minutes__pk", "number")
    ]


def elected_roles(year: ClusterYear) -> dict[int, str]:
    """Return whom the votes of a year chose as next year's lead and deputy: unit → role.

    Only what is clear: one unit for each role, and not the same unit for both; the lead's vote
    goes first. Of several votes on one role the last that was counted holds.
    """
    found: dict[int, str] = {}
    for subject, role in ((Subject.LEAD, MemberRole.LEAD), (Subject.DEPUTY, MemberRole.DEPUTY)):
        counted = Ballot.objects.filter(cluster_year=year, subject=subject, status=BS.COUNTED)
        last = counted.order_by("-number").first()
        chosen = last.candidates.filter(is_chosen=True) if last else Candidate.objects.none()
        units = list(chosen.values_list("unit_id", flat=True))
        if len(units) == 1:
            found.setdefault(units[0], role.value)
    return found


def voting_members(year: ClusterYear, today: date) -> list[Membership]:
    """Return the members that exist today, in their order: each has one vote."""
    members = year.memberships.select_related("unit").order_by("order")
    return [m for m in members if m.unit.closed_on is None or m.unit.closed_on > today]
