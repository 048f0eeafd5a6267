"""What a unit reports for one leaf, and in which of the three states that is."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum


@dataclass(frozen=True, slots=True)
class Entry:
    """The figures of a unit on a leaf; None is *not entered*, a zero is a zero."""

    assigned: bool = True
    target: Decimal | None = None
    actual: Decimal | None = None
    baseline: Decimal | None = None
    points: Decimal | None = None
    met: bool | None = None
    level: str | None = None
    count: Decimal | None = None
    counts: tuple[tuple[str, Decimal], ...] | None = None
    days_late: Decimal | None = None
    ranks: tuple[int, ...] | None = None


NOT_ENTERED = Entry()
NOT_ASSIGNED = Entry(assigned=False)


class State(Enum):
    """How an entry counts."""

    SCORED = "scored"
    NOT_ENTERED = "not entered"
    #: The rule leaves out units without a target (``skip``).
    LEFT_OUT = "left out"
    NOT_ASSIGNED = "not assigned"
    #: There is a result, but nothing to hold it against: 0, and listed as missing.
    NO_TARGET = "no target"
