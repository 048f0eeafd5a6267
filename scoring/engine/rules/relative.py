"""Rules that compare a unit with the best of its cluster; the cluster's facts are found once."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Self

from scoring.engine.entry import Entry, State
from scoring.engine.exact import (
    HUNDRED,
    ONE,
    ZERO,
    Ratio,
    larger,
    number,
    percent_text,
    ratio_text,
)
from scoring.engine.reading import Body, Limits
from scoring.engine.rules.attainment import (
    DOWN,
    Attainment,
    AttainmentRule,
    read_direction,
)
from scoring.engine.rules.base import Field, Place, Rule, Scorer, given

HALF = Decimal("0.5")
OWN_GROUP, SKIP = "own_group", "skip"


@dataclass(frozen=True, slots=True)
class Best:
    """The best value of a field, and who has it; of equals the first in the order of the field."""

    value: Ratio
    name: str


def best_of(field: Field, measure: Callable[[Entry], Ratio], *, fewer: bool) -> Best | None:
    """Find the best entry of a field: the highest, or the lowest where fewer is better."""
    best: Best | None = None
    for name, entry in field:
        value = measure(entry)
        better = best is None or (larger(best.value, value) if fewer else larger(value, best.value))
        if better:
            best = Best(value, name)
    return best


def proportion(own: Ratio, best: Ratio, top: Decimal, *, fewer: bool) -> Ratio:
    """Return M × A ÷ best, or M × best ÷ A where fewer is better; see scoring rules 2 and 2.2."""
    if fewer:
        own, best = best, own
        if best[0] == 0:
            return top, ONE
    elif best[0] == 0:
        return ZERO, ONE
    return top * own[0] * best[1], own[1] * best[0]


@dataclass(frozen=True, slots=True)
class RatioToBest(Rule):
    """``ratio_to_best``: M in proportion to the best result of the cluster."""

    reads: ClassVar = ("actual",)

    fewer: bool

    @classmethod
    def read(cls, body: Body, place: Place) -> Self:
        """Read whether more or fewer is better."""
        fewer = read_direction(body) == DOWN
        body.close()
        return cls(place.max or ZERO, place.unit, fewer)

    def over(self, field: Field) -> Scorer:
        """Find the best result."""
        return _Compared(self, best_of(field, _result, fewer=self.fewer))


@dataclass(frozen=True, slots=True)
class _Compared:
    """``ratio_to_best`` over the entries of one cluster."""

    rule: RatioToBest
    best: Best | None

    def points(self, entry: Entry) -> Ratio:
        """Return the share of M."""
        rule = self.rule
        return proportion(_result(entry), given(self.best).value, rule.max, fewer=rule.fewer)

    def why(self, entry: Entry, earned: str) -> str:
        """Show the division."""
        rule, best = self.rule, given(self.best)
        actual = given(entry.actual)
        values = number(actual), number(best.value[0])
        result = f"{'Thực hiện' if rule.fewer else 'Đạt'} {rule.amount(actual)}"
        story = f"{result}; kết quả tốt nhất trong các đơn vị là {values[1]} của {best.name}"
        return _comparison(story, values, top=number(rule.max), fewer=rule.fewer, earned=earned)


@dataclass(frozen=True, slots=True)
class ClusterRelative(AttainmentRule):
    """``cluster_relative``: the formula relative to the leader, used by clusters of the police."""

    #: s: the share of M for reaching the target exactly, 0 to 1.
    share: Decimal
    #: Units without a target are left out; otherwise they form a group of their own.
    skip: bool

    @classmethod
    def read(cls, body: Body, place: Place) -> Self:
        """Read direction, share and what becomes of units without a target."""
        attainment = Attainment.read(body)
        share = body.number("lead_share", Limits(high=ONE), default=HALF)
        skip = body.choice("no_target", (OWN_GROUP, SKIP), default=OWN_GROUP) == SKIP
        body.close()
        return cls(place.max or ZERO, place.unit, attainment, share or ZERO, skip)

    def state(self, entry: Entry) -> State:
        """Say whether there is a result; without a target it may be left out."""
        state = self.attainment.state(entry)
        if state is State.NO_TARGET:
            return State.LEFT_OUT if self.skip else State.SCORED
        return state

    def over(self, field: Field) -> Scorer:
        """Find r* among units above their target, and the best of those without a target."""
        ratio = self.attainment.ratio
        above = [
            (name, entry)
            for name, entry in field
            if entry.target is not None and _is_above(ratio(entry))
        ]
        without = [(name, entry) for name, entry in field if entry.target is None]
        return _Led(
            self,
            best_of(above, ratio, fewer=False),
            best_of(without, self.own, fewer=self.fewer_is_best),
        )

    @property
    def fewer_is_best(self) -> bool:
        """Say whether the lowest value is the best of the units without a target."""
        return self.attainment.direction == DOWN and not self.attainment.baseline

    def own(self, entry: Entry) -> Ratio:
        """Return what units without a target are compared by: the result, or the change."""
        if self.attainment.baseline:
            change, base = self.attainment.change(entry)
            return max(change, ZERO), base
        return _result(entry)


@dataclass(frozen=True, slots=True)
class _Led:
    """``cluster_relative`` over the entries of one cluster."""

    rule: ClusterRelative
    #: r*; None when nobody is above the target.
    leader: Best | None
    #: The best of the units without a target; None when all have one.
    best: Best | None

    def points(self, entry: Entry) -> Ratio:
        """Return the points by 2.1 of the scoring rules."""
        rule = self.rule
        top, share = rule.max, rule.share
        if entry.target is None:
            best = given(self.best).value
            return proportion(rule.own(entry), best, top, fewer=rule.fewer_is_best)
        done, whole = rule.attainment.ratio(entry)
        if done <= whole:
            return share * top * done, whole
        lead, lead_whole = given(self.leader).value
        # s·M + (1 − s)·M·(r − 1) ÷ (r* − 1) over one denominator; r = r* gives M.
        ahead = (done - whole) * lead_whole
        furthest = (lead - lead_whole) * whole
        return top * (share * furthest + (ONE - share) * ahead), furthest

    def why(self, entry: Entry, earned: str) -> str:
        """Show the formula with its numbers."""
        rule = self.rule
        if entry.target is None:
            return self._without_target(entry, earned)
        ratio = rule.attainment.ratio(entry)
        base = number(rule.share * rule.max)
        if ratio[0] < ratio[1]:
            return f"{rule.story(entry)}: {percent_text(ratio)} × {base} = {earned}."
        start = rule.aim_and_result(entry)
        if ratio[0] == ratio[1]:
            return f"{start}, vừa đủ chỉ tiêu: {_share(rule)} = {earned}."
        leader = given(self.leader)
        own, best = _ahead(ratio), _ahead(leader.value)
        word = "vượt yêu cầu" if rule.attainment.baseline else "vượt"
        start = f"{start}, {word} {percent_text(own)}"
        if not larger(leader.value, ratio):
            return f"{start}, cao nhất trong các đơn vị, tính đủ mức tối đa: {earned}."
        rest = number((ONE - rule.share) * rule.max)
        part = f"{_bare(own)}/{_bare(best)}"
        ahead = f"đơn vị dẫn đầu {leader.name} vượt {percent_text(best)}"
        return f"{start}; {ahead}: {base} + {part} × {rest} = {earned}."

    def _without_target(self, entry: Entry, earned: str) -> str:
        rule, best = self.rule, given(self.best)
        own = rule.own(entry)
        values = ratio_text(own), ratio_text(best.value)
        if not rule.attainment.baseline:
            values = number(own[0]), number(best.value[0])
        unit = " %" if rule.attainment.baseline else ""
        others = "kết quả tốt nhất trong các đơn vị không có chỉ tiêu"
        most = f"{others} là {values[1]}{unit} của {best.name}"
        story = f"Không có chỉ tiêu, {rule.result(entry)}; {most}"
        return _comparison(
            story, values, top=number(rule.max), fewer=rule.fewer_is_best, earned=earned
        )


def _result(entry: Entry) -> Ratio:
    return given(entry.actual), ONE


def _is_above(ratio: Ratio) -> bool:
    return ratio[0] > ratio[1]


def _ahead(ratio: Ratio) -> Ratio:
    return ratio[0] - ratio[1], ratio[1]


def _bare(ratio: Ratio) -> str:
    return ratio_text((ratio[0] * HUNDRED, ratio[1]))


def _share(rule: ClusterRelative) -> str:
    return f"{number(rule.share)} × {number(rule.max)}"


def _comparison(story: str, values: tuple[str, str], *, top: str, fewer: bool, earned: str) -> str:
    """Tell a comparison with the best: what is divided by what, times M."""
    own, best = values
    if own == "0" and fewer:
        return f"{story}, tính đủ mức tối đa: {earned}."
    if best == "0" and not fewer:
        return f"{story}, chưa đơn vị nào có kết quả: {earned}."
    part = f"{best}/{own}" if fewer else f"{own}/{best}"
    return f"{story}: {part} × {top} = {earned}."
