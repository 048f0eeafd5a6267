"""The count of a vote: who is chosen, by exact fractions, and whether the sums can be right.

Pure: votes go in, the outcome comes out. Fractions are never turned into decimals, so that "two
thirds of 9" is 6 and "more than half of 8" is 5 on every machine. The rules of a ballot are chosen
by who prepares it (domain.md §4: no source names thresholds for ballots of a cluster).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from core.text import format_number


@dataclass(frozen=True, slots=True)
class Rules:
    """How a vote is counted."""

    #: So many are chosen at most; a vote marks at most so many.
    seats: int
    #: The vote counts when at least this part of all members is present.
    quorum: Fraction
    #: Chosen is who has at least this part of the base, or more than it when strict.
    threshold: Fraction
    is_strict: bool
    #: The base is all members; otherwise those present.
    of_all: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted; `blank` are the votes that choose nobody, invalid ones among them."""

    members: int
    present: int
    cast: int
    blank: int
    votes: Mapping[int, int]

    @property
    def valid(self) -> int:
        """Return how many votes choose somebody."""
        return self.cast - self.blank


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a count says."""

    is_quorate: bool
    #: Members that have to be present, and votes that a candidate needs.
    needed_present: int
    needed_votes: int
    chosen: frozenset[int]
    #: Candidates with enough votes who are equal at the last seat: none of them is chosen.
    equal: frozenset[int]


class Fault(NamedTuple):
    """A sum that cannot be right: the field it stands in (a candidate's is its key), and why."""

    field: str | int
    why: str


def least(part: Fraction, whole: int, *, strict: bool = False) -> int:
    """Return the least whole number that is at least (strict: more than) a part of a whole."""
    exact = part * whole
    if strict:
        return exact.numerator // exact.denominator + 1
    return -(-exact.numerator // exact.denominator)


def outcome(rules: Rules, tally: Tally) -> Outcome:
    """Count a vote.

    Without quorum nobody is chosen. Who has enough votes is chosen, those with more votes first;
    where several are equal at the last seat, none of them is: they are voted on again.
    """
    needed_present = least(rules.quorum, tally.members)
    base = tally.members if rules.of_all else tally.present
    needed_votes = max(1, least(rules.threshold, base, strict=rules.is_strict))
    enough = {key: votes for key, votes in tally.votes.items() if votes >= needed_votes}
    is_quorate = tally.present >= needed_present
    if not is_quorate:
        return Outcome(False, needed_present, needed_votes, frozenset(), frozenset())  # noqa: FBT003
    chosen, equal = _seated(enough, rules.seats)
    return Outcome(True, needed_present, needed_votes, chosen, equal)  # noqa: FBT003


def _seated(enough: Mapping[int, int], seats: int) -> tuple[frozenset[int], frozenset[int]]:
    """Return who takes a seat, and who is equal at the last one."""
    if len(enough) <= seats:
        return frozenset(enough), frozenset()
    last = sorted(enough.values(), reverse=True)[seats - 1]
    above = frozenset(key for key, votes in enough.items() if votes > last)
    at_last = frozenset(key for key, votes in enough.items() if votes == last)
    if len(above) + len(at_last) <= seats:
        return above | at_last, frozenset()
    return above, at_last


def faults(tally: Tally, seats: int) -> list[Fault]:
    """Name every sum of a typed count that cannot be right; nothing where all of them fit."""
    found: list[Fault] = []
    if tally.present > tally.members:
        found.append(Fault("present", f"Chỉ có {_n(tally.members)} đơn vị thành viên."))
    if tally.cast > tally.present:
        found.append(Fault("cast", f"Số phiếu thu về không quá {_n(tally.present)} đơn vị có mặt."))
    if tally.blank > tally.cast:
        found.append(Fault("blank", f"Nhiều hơn {_n(tally.cast)} phiếu thu về."))
        return found
    found += [
        Fault(key, f"{_n(votes)} phiếu, nhiều hơn {_n(tally.valid)} phiếu hợp lệ.")
        for key, votes in tally.votes.items()
        if votes > tally.valid
    ]
    return found or _marks(tally, seats)


def _marks(tally: Tally, seats: int) -> list[Fault]:
    """Hold the sum of all marks against the number of valid votes."""
    marks, valid = sum(tally.votes.values()), tally.valid
    if marks > seats * valid:
        return [
            Fault(
                "cast",
                f"Cộng các đơn vị được {_n(marks)} lượt chọn, nhiều hơn {_n(seats * valid)}: "
                f"{_n(valid)} phiếu hợp lệ, mỗi phiếu chọn không quá {_n(seats)}.",
            )
        ]
    if marks < valid:
        return [
            Fault(
                "cast",
                f"Cộng các đơn vị được {_n(marks)} lượt chọn, ít hơn {_n(valid)} phiếu hợp lệ: "
                "phiếu không chọn đơn vị nào tính là phiếu trắng.",
            )
        ]
    return []


def _n(number: int) -> str:
    return format_number(number)


# In words ------------------------------------------------------------------------------------
def rule_in_words(rules: Rules, members: int, present: int | None = None) -> str:
    """Say the rules in two sentences, with the numbers they come to.

    The votes needed are named where they are known: of all members always, of those present only
    once presence is.
    """
    needed = least(rules.quorum, members)
    quorum = (
        f"Cần ít nhất {_part(rules.quorum)} số đơn vị thành viên có mặt "
        f"({_n(needed)}/{_n(members)})"
    )
    base = "tổng số đơn vị thành viên" if rules.of_all else "số đơn vị có mặt"
    how = "quá" if rules.is_strict else "từ"
    more = "" if rules.is_strict else " trở lên"
    whole = members if rules.of_all else present
    votes = ""
    if whole:
        least_votes = max(1, least(rules.threshold, whole, strict=rules.is_strict))
        votes = f" ({_n(least_votes)}/{_n(whole)} phiếu)"
    return (
        f"{quorum}; trúng khi được {how} {_part(rules.threshold)} {base}{more}{votes}. "
        f"Mỗi phiếu chọn không quá {_n(rules.seats)} đơn vị."
    )


def _part(part: Fraction) -> str:
    return f"{part.numerator}/{part.denominator}"
