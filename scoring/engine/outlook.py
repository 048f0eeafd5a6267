"""How far provisional figures can still go: lowest and highest points, per cent and rank.

Some leaves of some units are still open: nobody has decided their figures, whatever is entered. A
decided leaf is fixed, unless its rule compares with other units and the leaf is open for one of
them. The ends hold for every way in which the open leaves may be decided, *not entered* included,
and *not assigned* too unless the caller says which of them stay assigned; what a rule leaves out
without a target is left out all the same. They need not be reached together. With nothing open they
are the result itself.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Final, cast

from scoring.engine.compute import compute
from scoring.engine.entry import Entry, State
from scoring.engine.exact import EXACT, HUNDRED, ONE, TWO, ZERO, Ratio, Rounding, rounding
from scoring.engine.figures import Figures, Unit
from scoring.engine.result import LineResult, UnitResult
from scoring.engine.rules import Role, Rule
from scoring.engine.rules.attainment import DOWN, PercentOfTarget
from scoring.engine.rules.bands import Bands
from scoring.engine.rules.base import given
from scoring.engine.rules.counted import PerOccurrence, ZeroTolerance
from scoring.engine.rules.given import Levels, RankPoints
from scoring.engine.rules.relative import ClusterRelative, RatioToBest
from scoring.engine.table import Group, Leaf, Table

#: Codes of units → codes of the leaves that are open for them.
Open = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class Range:
    """From where to where a figure can go; None is no end at that side."""

    low: Decimal | None
    high: Decimal | None

    @property
    def is_point(self) -> bool:
        """Say whether nothing can move any more."""
        return self.low is not None and self.low == self.high


@dataclass(frozen=True, slots=True)
class Outlook:
    """What one unit can still reach."""

    code: str
    total: Range
    #: None where nothing is assigned, whatever is decided.
    percent: Range | None
    #: Best and worst rank, should the unit be ranked; None where it is not in any case.
    rank: tuple[int, int] | None
    #: An open leaf may still bar the unit from being ranked.
    may_be_barred: bool
    #: Points of every leaf; None where it is decided that the leaf is not assigned.
    lines: Mapping[str, Range | None]

    @property
    def is_settled(self) -> bool:
        """Say whether neither points nor rank can move any more."""
        rank = self.rank is None or self.rank[0] == self.rank[1]
        percent = self.percent is None or self.percent.is_point
        return self.total.is_point and percent and rank and not self.may_be_barred


def outlook(
    table: Table, figures: Figures, still_open: Open, *, may_leave: Open | None = None
) -> dict[str, Outlook]:
    """Return what each unit can still reach, by its code; figures of open leaves do not count.

    `may_leave` names the open leaves that may come to be *not assigned*; None: all of them.
    """
    decided = [_without(unit, still_open.get(unit.code, ())) for unit in figures.units]
    result = compute(table, Figures(tuple(decided), b""))
    with localcontext(EXACT):
        counts = {leaf.code: 0 for leaf in table.leaves}
        for codes in still_open.values():
            for code in codes:
                counts[code] += 1
        book = _Book(table, counts, rounding(table.places))
        entries = {unit.code: unit.entries for unit in decided}
        leaving = still_open if may_leave is None else may_leave
        skipped = {leaf.code for leaf in table.leaves if _leaves_out(leaf.rule)}
        cases = []
        for unit in result.units:
            codes = frozenset(still_open.get(unit.code, ()))
            loose = codes & skipped.union(leaving.get(unit.code, ()))
            cases.append(_Case(book, unit, entries[unit.code], codes, loose))
        ranks = _ranks(cases)
        return {case.code: case.outlook(ranks.get(case.code)) for case in cases}


def _without(unit: Unit, codes: Collection[str]) -> Unit:
    kept = {code: entry for code, entry in unit.entries.items() if code not in codes}
    return replace(unit, entries=kept)


# Ends of a leaf ------------------------------------------------------------------------------
#: Lowest and highest points before rounding; a None at the end is no limit.
Ends = tuple[Ratio, Ratio | None]
_NOTHING: Final[Ratio] = (ZERO, ONE)


def reach(rule: Rule) -> Ends:
    """Return what a rule can give, whatever is entered; nothing entered gives 0."""
    ends = _REACH.get(type(rule), _up_to_max)
    return ends(rule)


def _up_to_max(rule: Rule) -> Ends:
    return _NOTHING, (rule.max, ONE)


def _levels(rule: Rule) -> Ends:
    return _NOTHING, (max(cast("Levels", rule).levels.values()), ONE)


def _bands(rule: Rule) -> Ends:
    return _NOTHING, (max(band.points for band in cast("Bands", rule).bands), ONE)


def _rank_points(rule: Rule) -> Ends:
    return _NOTHING, (max(cast("RankPoints", rule).by_rank), ONE)


def _percent(rule: Rule) -> Ends:
    rule = cast("PercentOfTarget", rule)
    cap = rule.cap
    if rule.attainment.direction == DOWN and not rule.attainment.baseline:
        # r = 2 − A ÷ T is never above 2.
        cap = TWO * HUNDRED if cap is None else min(cap, TWO * HUNDRED)
    return _NOTHING, None if cap is None else (rule.max * cap, HUNDRED)


def _per_occurrence(rule: Rule) -> Ends:
    rule = cast("PerOccurrence", rule)
    takes = any(each < 0 for each in rule.each.values())
    gives = any(each > 0 for each in rule.each.values())
    # Without any occurrence the sum is 0, held between the two ends.
    none = max(ZERO, rule.low) if rule.high is None else min(max(ZERO, rule.low), rule.high)
    high = rule.high if gives else none
    low = min(ZERO, rule.low if takes else none)
    return (low, ONE), None if high is None else (max(ZERO, high), ONE)


_REACH: Final[dict[type[Rule], Callable[[Rule], Ends]]] = {
    Levels: _levels,
    Bands: _bands,
    RankPoints: _rank_points,
    PercentOfTarget: _percent,
    PerOccurrence: _per_occurrence,
}


def _falls_to(rule: Rule, entry: Entry) -> Ratio | None:
    """Return how low decided points fall at worst when others get better; None where they stay.

    They never rise: the best of a cluster can only become better with further units.
    """
    if isinstance(rule, RatioToBest):
        return None if rule.fewer and not entry.actual else _NOTHING
    if not isinstance(rule, ClusterRelative):
        return None
    if entry.target is None:
        return None if rule.fewer_is_best and not rule.own(entry)[0] else _NOTHING
    done, whole = rule.attainment.ratio(entry)
    if done <= whole:
        return None
    if rule.attainment.direction == DOWN and not rule.attainment.baseline:
        # Nobody passes r = 2, so the points stay above those beside such a leader.
        share = rule.share
        return rule.max * (share * whole + (ONE - share) * (done - whole)), whole
    return rule.share * rule.max, ONE


def _leaves_out(rule: Rule) -> bool:
    """Say whether a result without a target leaves the assigned maximum."""
    return isinstance(rule, ClusterRelative) and rule.skip


# One unit ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Book:
    """What is the same for all units."""

    table: Table
    #: For how many units each leaf is open.
    counts: Mapping[str, int]
    rounded: Rounding


#: A value without end: −1 and 1 are below and above every number.
_Extended = tuple[int, Fraction]
_ENDLESS: Final[_Extended] = (1, Fraction(0))


@dataclass(frozen=True, slots=True)
class _Key:
    """Ends of what a unit is ranked by, the tie-breakers after it; more is better everywhere."""

    lows: tuple[_Extended, ...]
    highs: tuple[_Extended, ...]


class _Case:
    """One unit: the ends of its leaves, summed up."""

    def __init__(
        self,
        book: _Book,
        unit: UnitResult,
        entries: Mapping[str, Entry],
        still_open: frozenset[str],
        loose: frozenset[str],
    ) -> None:
        self.book, self.unit, self.open = book, unit, still_open
        #: Open leaves that may come to be left out of points and assigned maximum.
        self.loose = loose
        self.code = unit.code
        self.lines = {
            leaf.code: self._line(leaf, unit.lines[leaf.code], entries.get(leaf.code))
            for leaf in book.table.leaves
        }
        self.groups: dict[str, Range] = {}
        sums = dict.fromkeys(Role, Range(ZERO, ZERO))
        for group in book.table.groups:
            sums[group.role] = _plus(sums[group.role], self._group(group))
        self.bonus, self.penalty = sums[Role.BONUS], sums[Role.PENALTY]
        self.total = _plus(_plus(sums[Role.ORDINARY], self.bonus), _minus(self.penalty))
        self.ratio = self._ratio()

    def _line(self, leaf: Leaf, line: LineResult, entry: Entry | None) -> Range | None:
        rounded = self.book.rounded
        if leaf.code in self.open:
            low, high = reach(leaf.rule)
            return Range(rounded(low), None if high is None else rounded(high))
        if line.score is None:
            return None
        low_end = None
        is_scored = entry is not None and leaf.rule.state(entry) is State.SCORED
        if is_scored and self.book.counts[leaf.code]:
            low_end = _falls_to(leaf.rule, given(entry))
        return Range(line.score if low_end is None else rounded(low_end), line.score)

    def _group(self, group: Group) -> Range:
        total = Range(ZERO, ZERO)
        for child in group.children:
            if isinstance(child, Group):
                total = _plus(total, self._group(child))
            else:
                total = _plus(total, self.lines[child.code] or Range(ZERO, ZERO))
        if group.cap is not None:
            total = Range(_capped(total.low, group.cap), _capped(total.high, group.cap))
        self.groups[group.code] = total
        return total

    # Per cent --------------------------------------------------------------------------------
    def _ratio(self) -> tuple[_Extended, _Extended] | None:
        """Return the ends of total ÷ assigned maximum; None where nothing is ever assigned.

        A loose leaf may also be left out of both, wherever that makes the end lower or higher.
        """
        loose = [leaf for leaf in self._ordinary() if leaf.code in self.loose]
        fixed = Fraction(self.unit.assigned_max - sum((leaf.max for leaf in loose), ZERO))
        if not fixed and not loose:
            return None
        ranges = [(given(self.lines[leaf.code]), Fraction(leaf.max)) for leaf in loose]
        settled = _plus(self._settled(), _plus(self.bonus, _minus(self.penalty)))
        best = _best_ratio(_high(settled), fixed, [(_high(one), top) for one, top in ranges])
        turned = [(_high(_minus(one)), top) for one, top in ranges]
        side, value = _best_ratio(_high(_minus(settled)), fixed, turned)
        return (-side, -value), best

    def _settled(self) -> Range:
        """Add up the ordinary leaves that are decided, or count in any case."""
        total = Range(ZERO, ZERO)
        for leaf in self._ordinary():
            if leaf.code not in self.loose:
                total = _plus(total, self.lines[leaf.code] or Range(ZERO, ZERO))
        return total

    def _ordinary(self) -> Iterable[Leaf]:
        return (leaf for leaf in self.book.table.leaves if leaf.role is Role.ORDINARY)

    def _percent(self) -> Range | None:
        if self.ratio is None:
            return None
        return Range(*(self._printed(end) for end in self.ratio))

    def _printed(self, end: _Extended) -> Decimal | None:
        side, value = end
        if side:
            return None
        return self.book.rounded((value.numerator * HUNDRED, Decimal(value.denominator)))

    # Ranks -----------------------------------------------------------------------------------
    @property
    def is_barred(self) -> bool:
        """Say whether the unit is not ranked, however the open leaves are decided."""
        return bool(self.unit.vetoes) or self.ratio is None

    @property
    def may_be_barred(self) -> bool:
        """Say whether an open leaf may bar the unit, or leave it without anything assigned."""
        if self.is_barred:
            return False
        vetoes = any(
            isinstance(leaf.rule, ZeroTolerance) and leaf.rule.veto and leaf.code in self.open
            for leaf in self.book.table.leaves
        )
        kept = any(
            self.lines[leaf.code] is not None and leaf.code not in self.loose
            for leaf in self._ordinary()
        )
        return vetoes or not kept

    def key(self) -> _Key:
        """Return what the unit is ranked by; only for a unit that may be ranked."""
        table = self.book.table
        first = _ends(self.total) if table.by_total else given(self.ratio)
        ends = [first, *(_ends(self._tie_breaker(word)) for word in table.tie_breakers)]
        return _Key(tuple(low for low, _ in ends), tuple(high for _, high in ends))

    def _tie_breaker(self, word: str) -> Range:
        if word == "bonus":
            return self.bonus
        return (
            _minus(self.penalty) if word == "penalty" else self.groups[word.removeprefix("group:")]
        )

    def outlook(self, rank: tuple[int, int] | None) -> Outlook:
        """Put together what is told of the unit."""
        return Outlook(self.code, self.total, self._percent(), rank, self.may_be_barred, self.lines)


def _ranks(cases: Sequence[_Case]) -> dict[str, tuple[int, int]]:
    """Return best and worst rank of every unit that may be ranked.

    Above a unit stands for certain who is ranked for certain and at the lowest lies above its
    highest; at worst all who are not for certain below it or equal to it.
    """
    field = [(case, case.key()) for case in cases if not case.is_barred]
    certain = sorted((key.lows for case, key in field if not case.may_be_barred))
    possible = sorted(key.highs for _, key in field)
    return {
        case.code: (
            1 + len(certain) - bisect_right(certain, key.highs),
            len(possible) - bisect_right(possible, key.lows) + 1 - (key.highs > key.lows),
        )
        for case, key in field
    }


# Arithmetic with open ends -------------------------------------------------------------------
def _plus(one: Range, other: Range) -> Range:
    low = None if one.low is None or other.low is None else one.low + other.low
    high = None if one.high is None or other.high is None else one.high + other.high
    return Range(low, high)


def _minus(one: Range) -> Range:
    return Range(None if one.high is None else -one.high, None if one.low is None else -one.low)


def _capped(value: Decimal | None, cap: Decimal) -> Decimal:
    """Apply the cap of a group; upwards alone its points can be without end."""
    return cap if value is None else min(value, cap)


def _high(one: Range) -> _Extended:
    return _ENDLESS if one.high is None else (0, Fraction(one.high))


def _ends(one: Range) -> tuple[_Extended, _Extended]:
    side, value = _high(_minus(one))
    return (-side, -value), _high(one)


def _best_ratio(
    points: _Extended, most: Fraction, optional: Sequence[tuple[_Extended, Fraction]]
) -> _Extended:
    """Return the highest (points + Σ) ÷ (most + Σ) over every choice among the optional pairs.

    Pairs are (points, maximum above 0). Without `most` at least one pair has to be chosen. The
    method of Dinkelbach: with exact fractions it ends after a few steps, in the optimum.
    """
    if points[0] or any(one[0] for one, _ in optional):
        return _ENDLESS
    start, pairs = points[1], [(one[1], top) for one, top in optional]
    ratio = start / most if most else max((start + one) / top for one, top in pairs)
    while True:
        worth = [(one, top) for one, top in pairs if one > ratio * top]
        whole = most + sum(top for _, top in worth)
        better = (start + sum(one for one, _ in worth)) / whole if whole else ratio
        if better <= ratio:
            return 0, ratio
        ratio = better
