"""How dated entries make up a value, and how that value stands against what was signed.

Pure: levels and figures go in, decimals and judgements come out; nothing is rounded here. The same
functions serve the grid, the reviews, the board and the score sheets.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from core.canonical import plain
from core.text import format_number

WHOLE = Decimal(1)
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Aim:
    """What a unit pledged for one target: the facts of the signed version, as plain data.

    `value` is the level, or for `is_change` the required change in per cent against `baseline`.
    `direction` is UP or DOWN, `aggregation` SUM, LAST, AVERAGE or MAX; both empty for words.
    """

    key: str
    is_numeric: bool
    direction: str = ""
    aggregation: str = ""
    is_change: bool = False
    is_assigned: bool = True
    value: Decimal | None = None
    baseline: Decimal | None = None

    @property
    def limit(self) -> Decimal | None:
        """Return the level in the unit of measure of the figures; None where none was set.

        "Giảm ít nhất 5 %" of 62 last year is a limit of 58.9: at most so many this year.
        """
        if not self.is_change or self.value is None:
            return self.value
        if self.baseline is None:
            return None
        change = self.value / HUNDRED
        return self.baseline * (WHOLE - change if self.direction == "DOWN" else WHOLE + change)


class Judgement(StrEnum):
    """How a figure stands against the level of the unit."""

    EXCEEDED = "EXCEEDED"
    MET = "MET"
    ON_PACE = "ON_PACE"
    BEHIND = "BEHIND"
    NOT_MET = "NOT_MET"
    NOT_ENTERED = "NOT_ENTERED"
    NO_TARGET = "NO_TARGET"
    NOT_DUE = "NOT_DUE"
    NOT_ASSIGNED = "NOT_ASSIGNED"
    IN_WORDS = "IN_WORDS"


J = Judgement
#: What a judgement is called on pages and paper.
LABELS: dict[Judgement, str] = {
    J.EXCEEDED: "Vượt",
    J.MET: "Đạt",
    J.ON_PACE: "Đúng nhịp",
    J.BEHIND: "Chậm nhịp",
    J.NOT_MET: "Chưa đạt",
    J.NOT_ENTERED: "Chưa nhập",
    J.NO_TARGET: "Không đặt mức",
    J.NOT_DUE: "Chưa đến kỳ đánh giá",
    J.NOT_ASSIGNED: "Không giao",
    J.IN_WORDS: "Bằng lời",
}
#: What a review singles out (seed 004: "những chỉ tiêu chưa đạt").
UNMET = frozenset({J.BEHIND, J.NOT_MET, J.NOT_ENTERED})


@dataclass(frozen=True, slots=True)
class Milestone:
    """Against what a figure is held: the part of the year that has passed.

    `share` lies in (0, 1]. Sums are held to that part of the level; other figures to the whole
    level, unless their key is among `proportional` (a rate of the year's plan grows too; the lead
    says which these are when the review opens). What `not_due` names falls into the rest of the
    year, such as a festival in November, and is not judged yet.
    """

    share: Decimal = WHOLE
    proportional: frozenset[str] = frozenset()
    not_due: frozenset[str] = frozenset()

    def expected(self, aim: Aim) -> Decimal | None:
        """Return what should be reached by now, None where no level was set."""
        limit = aim.limit
        grows = aim.aggregation == "SUM" or aim.key in self.proportional
        return limit * self.share if limit is not None and grows else limit


YEAR_END = Milestone()


def total(aggregation: str, values: Sequence[Decimal | None]) -> Decimal | None:
    """Make one value of the periods' figures, in their order; None when nothing was entered.

    What was not entered in a period is left out, never taken for zero.
    """
    entered = [value for value in values if value is not None]
    if not entered:
        return None
    if aggregation == "SUM":
        return sum(entered, Decimal(0))
    if aggregation == "AVERAGE":
        return sum(entered, Decimal(0)) / len(entered)
    return max(entered) if aggregation == "MAX" else entered[-1]


def share_of(aim: Aim, actual: Decimal | None) -> Decimal | None:
    """Return actual ÷ level × 100 as the grid shows it; None without level or figure."""
    limit = aim.limit
    if actual is None or not limit:
        return None
    return actual / limit * HUNDRED


def needed_each(aim: Aim, actual: Decimal | None, parts: int) -> Decimal | None:
    """Return what each of the remaining parts of the year must bring to reach the level (U12).

    Where fewer is better it is what each may bring at most, 0 when the level is passed already.
    None for figures that do not add up, without a level, and where the level is reached. Parts are
    months, at least one.
    """
    limit = aim.limit
    if aim.aggregation != "SUM" or limit is None or not aim.is_assigned or parts < 1:
        return None
    left = limit - (actual or Decimal(0))
    if aim.direction == "DOWN":
        return max(left, Decimal(0)) / parts
    return left / parts if left > 0 else None


def judge(aim: Aim, actual: Decimal | None, milestone: Milestone = YEAR_END) -> Judgement:
    """Say how a figure stands; not assigned, no level, not entered and zero all differ."""
    limit, expected = aim.limit, milestone.expected(aim)
    if not aim.is_assigned:
        return J.NOT_ASSIGNED
    if not aim.is_numeric:
        return J.IN_WORDS
    if limit is None or expected is None:
        return J.NO_TARGET
    if aim.key in milestone.not_due:
        return J.NOT_DUE
    if actual is None:
        return J.NOT_ENTERED
    judge_one = _judge_down if aim.direction == "DOWN" else _judge_up
    return judge_one(actual, limit, expected, is_over=milestone.share >= WHOLE)


def _judge_up(actual: Decimal, limit: Decimal, expected: Decimal, *, is_over: bool) -> Judgement:
    if actual >= limit:
        return J.EXCEEDED if actual > limit else J.MET
    if is_over or expected == limit:
        return J.NOT_MET
    return J.ON_PACE if actual >= expected else J.BEHIND


def _judge_down(actual: Decimal, limit: Decimal, expected: Decimal, *, is_over: bool) -> Judgement:
    """Fewer is better: while the year runs nothing is met yet, it can only be kept."""
    if actual > limit:
        return J.NOT_MET
    if is_over:
        return J.EXCEEDED if actual < limit else J.MET
    return J.ON_PACE if actual <= expected else J.BEHIND


#: So many times more (or less) than before makes one ask again.
_UNUSUAL = 3


def doubt(unit: str, value: Decimal, before: Iterable[Decimal | None]) -> str:
    """Return a question about a figure that is probably a slip, empty when none is.

    `before` are the figures of earlier periods. A doubt never blocks; it asks for a sentence
    (feature 43).
    """
    earlier = [figure for figure in before if figure]
    if unit == "%" and Decimal(0) < value < WHOLE and all(e >= WHOLE for e in earlier):
        return f"Có phải {format_number(value * HUNDRED)} %? Ghi số phần trăm, không ghi phân số."
    if not earlier:
        return ""
    usual = sum(earlier, Decimal(0)) / len(earlier)
    if value >= usual * _UNUSUAL:
        times = format_number((value / usual).quantize(Decimal("0.1")))
        return f"Gấp {times} lần bình quân các kỳ trước. Nếu đúng, ghi một câu giải thích."
    if unit == "%" and value * _UNUSUAL <= usual:
        return "Thấp hơn nhiều so với các kỳ trước. Nếu đúng, ghi một câu giải thích."
    return ""


def plain_or_none(value: Decimal | None) -> str | None:
    """Write a number for a frozen snapshot; None stays None."""
    return None if value is None else plain(value)
