"""Rules that look at an attainment: how far the result reached its target."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Self

from scoring.engine.entry import Entry, State
from scoring.engine.exact import HUNDRED, ONE, TWO, ZERO, Ratio, number, percent_text
from scoring.engine.reading import Body
from scoring.engine.rules.base import Alone, Place, Rule, given

UP, DOWN = "up", "down"


def read_direction(body: Body) -> str:
    """Read whether more or fewer is better."""
    return body.choice("direction", (UP, DOWN), default=UP)


@dataclass(frozen=True, slots=True)
class Attainment:
    """How r is worked out of target, result and the result of the year before."""

    direction: str
    #: The target is a required change against ``baseline``, in per cent.
    baseline: bool

    @classmethod
    def read(cls, body: Body) -> Self:
        """Read the two parameters that may stand in every rule with an attainment."""
        return cls(read_direction(body), body.flag("baseline", default=False))

    @property
    def figures(self) -> tuple[str, ...]:
        """Name the figures r is worked out of."""
        return ("target", "actual", "baseline") if self.baseline else ("target", "actual")

    def state(self, entry: Entry) -> State:
        """Say whether there is a result, and a target to hold it against."""
        if entry.actual is None or (self.baseline and entry.baseline is None):
            return State.NOT_ENTERED
        return State.NO_TARGET if entry.target is None else State.SCORED

    def change(self, entry: Entry) -> Ratio:
        """Return the change c in the wanted direction, in per cent; negative when it went wrong."""
        before, now = given(entry.baseline), given(entry.actual)
        gained = before - now if self.direction == DOWN else now - before
        return gained * HUNDRED, before

    def ratio(self, entry: Entry) -> Ratio:
        """Return r, never below 0."""
        target, actual = given(entry.target), given(entry.actual)
        if self.baseline:
            change, base = self.change(entry)
            return max(change, ZERO), base * target
        if self.direction == DOWN:
            return max(TWO * target - actual, ZERO), target
        return actual, target

    def result(self, entry: Entry, amount: str) -> str:
        """Tell the result; ``amount`` is the actual figure with its unit of measure."""
        if not self.baseline:
            return f"đạt {amount}" if self.direction == UP else f"thực hiện {amount}"
        gained, base = self.change(entry)
        up = (gained >= 0) == (self.direction == UP)
        size = percent_text((gained.copy_abs(), base * HUNDRED))
        before = number(given(entry.baseline))
        return f"kỳ gốc {before}, kỳ này {amount}, {'tăng' if up else 'giảm'} {size}"

    def aim(self, entry: Entry, amount: str) -> str:
        """Tell the target; ``amount`` is it with the unit of measure of the leaf."""
        if self.baseline:
            word = "tăng" if self.direction == UP else "giảm"
            return f"Chỉ tiêu {word} ít nhất {number(given(entry.target))} %"
        return f"Chỉ tiêu {'' if self.direction == UP else 'không quá '}{amount}"


@dataclass(frozen=True, slots=True)
class AttainmentRule(Rule):
    """A rule that turns the attainment into points."""

    reads: ClassVar = ("actual",)

    attainment: Attainment

    @property
    def figures(self) -> tuple[str, ...]:
        """Name the figures the attainment needs."""
        return self.attainment.figures

    def state(self, entry: Entry) -> State:
        """Say whether there is an attainment."""
        return self.attainment.state(entry)

    def result(self, entry: Entry) -> str:
        """Tell the result of the unit."""
        return self.attainment.result(entry, self.amount(given(entry.actual)))

    def aim_and_result(self, entry: Entry) -> str:
        """Tell target and result of the unit."""
        aim = self.attainment.aim(entry, self.amount(given(entry.target)))
        return f"{aim}, {self.result(entry)}"

    def story(self, entry: Entry) -> str:
        """Tell target, result and attainment of the unit."""
        reached = percent_text(self.attainment.ratio(entry))
        return f"{self.aim_and_result(entry)}, mức hoàn thành {reached}"


def below(ratio: Ratio, percent: Decimal | None) -> bool:
    """Say whether an attainment lies below a floor in per cent."""
    return percent is not None and ratio[0] * HUNDRED < percent * ratio[1]


@dataclass(frozen=True, slots=True)
class PercentOfTarget(AttainmentRule, Alone):
    """``percent_of_target``: M in proportion to the attainment, up to a cap."""

    #: In per cent; None is no cap, then a leaf may pass M.
    cap: Decimal | None
    floor: Decimal | None

    @classmethod
    def read(cls, body: Body, place: Place) -> Self:
        """Read direction, cap and floor."""
        attainment = Attainment.read(body)
        cap = body.number("cap_percent", nullable=True, default=HUNDRED)
        floor = body.number("floor_percent", nullable=True)
        body.close()
        return cls(place.max or ZERO, place.unit, attainment, cap, floor)

    def points(self, entry: Entry) -> Ratio:
        """Return M × min(r, cap), nothing below the floor."""
        done, whole = self.attainment.ratio(entry)
        if below((done, whole), self.floor):
            return ZERO, whole
        if self._capped((done, whole)):
            return self.max * given(self.cap), HUNDRED
        return self.max * done, whole

    def why(self, entry: Entry, earned: str) -> str:
        """Show the multiplication."""
        ratio = self.attainment.ratio(entry)
        if below(ratio, self.floor):
            floor = number(given(self.floor))
            return f"{self.story(entry)}, dưới mức tối thiểu {floor} %: {earned}."
        used, cut = percent_text(ratio), ""
        if self._capped(ratio):
            used = f"{number(given(self.cap))} %"
            cut = f", tính tối đa {used}"
        return f"{self.story(entry)}{cut}: {used} × {number(self.max)} = {earned}."

    def _capped(self, ratio: Ratio) -> bool:
        return self.cap is not None and ratio[0] * HUNDRED > self.cap * ratio[1]


@dataclass(frozen=True, slots=True)
class DeductShort(AttainmentRule, Alone):
    """``deduct_short``: M less so many points for each per cent that is missing, continuously."""

    per_percent: Decimal
    floor: Decimal | None

    @classmethod
    def read(cls, body: Body, place: Place) -> Self:
        """Read direction, deduction and floor."""
        attainment = Attainment.read(body)
        per_percent = body.number("per_percent", needed=True)
        floor = body.number("floor_percent", nullable=True)
        body.close()
        return cls(place.max or ZERO, place.unit, attainment, per_percent or ZERO, floor)

    def points(self, entry: Entry) -> Ratio:
        """Return M − per_percent × (100 − 100 r), never below 0."""
        done, whole = self.attainment.ratio(entry)
        if below((done, whole), self.floor):
            return ZERO, whole
        if done >= whole:
            return self.max, ONE
        left = self.max * whole - self.per_percent * HUNDRED * (whole - done)
        return max(left, ZERO), whole

    def why(self, entry: Entry, earned: str) -> str:
        """Show the subtraction."""
        done, whole = self.attainment.ratio(entry)
        story = self.story(entry)
        if below((done, whole), self.floor):
            return f"{story}, dưới mức tối thiểu {number(given(self.floor))} %: {earned}."
        if done >= whole:
            return f"{story}, không bị trừ: {earned}."
        short = percent_text((whole - done, whole)).removesuffix(" %")
        each, top = number(self.per_percent), number(self.max)
        start = f"{story}, thiếu {short} %, mỗi phần trăm trừ {each}"
        if self.per_percent * HUNDRED * (whole - done) > self.max * whole:
            return f"{start}, tổng mức trừ vượt quá {top}: {earned}."
        return f"{start}: {top} − {short} × {each} = {earned}."
