"""What every rule kind is: parameters read from a table, figures read, points, one sentence."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import ClassVar, NamedTuple, Protocol, Self, TypeVar

from scoring.engine.entry import Entry, State
from scoring.engine.exact import Ratio, number
from scoring.engine.reading import Body

Value = TypeVar("Value")


class Role(Enum):
    """Where a leaf stands: inside the scale, or in a group of bonus or penalty points."""

    ORDINARY = ""
    BONUS = "bonus"
    PENALTY = "penalty"

    @property
    def noun(self) -> str:
        """Say what the points of such a leaf are called."""
        return _NOUNS[self]


_NOUNS = {Role.ORDINARY: "điểm", Role.BONUS: "điểm thưởng", Role.PENALTY: "điểm trừ"}


@dataclass(frozen=True, slots=True)
class Place:
    """The leaf a rule belongs to, as far as the rule needs to know it."""

    #: M, above 0. None when it was faulty: then nothing is held against it.
    max: Decimal | None
    #: Decimals of a score, 0 to 6; None when faulty.
    places: int | None
    role: Role
    unit: str


class Refusal(NamedTuple):
    """A figure that its rule cannot take: keys below the leaf, what is wrong, what is allowed."""

    keys: tuple[str, ...]
    wrong: str
    allowed: str


class Scorer(Protocol):
    """Gives and explains the points of entries that are scored."""

    def points(self, entry: Entry) -> Ratio:
        """Return the points before rounding."""

    def why(self, entry: Entry, earned: str) -> str:
        """Explain them in one Vietnamese sentence; ``earned`` is the score: ``8,13 điểm``."""


#: The entries of a leaf that are scored, each with the name of its unit.
Field = Sequence[tuple[str, Entry]]


@dataclass(frozen=True, slots=True)
class Rule(ABC):
    """A rule of one kind with its parameters."""

    #: What the figures of this kind are called in FIGURES.json; without one nothing is scored.
    reads: ClassVar[tuple[str, ...]]

    max: Decimal
    unit: str

    @classmethod
    @abstractmethod
    def read(cls, body: Body, place: Place) -> Self:
        """Read the parameters; what is faulty is noted and replaced by something harmless."""

    @property
    def figures(self) -> tuple[str, ...]:
        """Name the figures a leaf of this rule takes."""
        return self.reads

    def refusal(self, entry: Entry) -> Refusal | None:  # noqa: ARG002
        """Say which figure is impossible under this rule."""
        return None

    def state(self, entry: Entry) -> State:
        """Say how an entry of an assigned leaf counts."""
        figure = getattr(entry, self.reads[0])
        return State.NOT_ENTERED if figure is None else State.SCORED

    @abstractmethod
    def over(self, field: Field) -> Scorer:
        """Return what scores the entries of this cluster, its facts worked out once."""

    def vetoes(self, entry: Entry) -> bool:  # noqa: ARG002
        """Say whether the entry bars the unit from being ranked."""
        return False

    def amount(self, value: Decimal) -> str:
        """Write a figure with its unit of measure."""
        return f"{number(value)} {self.unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Alone(Rule):
    """A rule that scores a unit without looking at the others."""

    def over(self, field: Field) -> Scorer:  # noqa: ARG002
        """Return the rule itself: the cluster has no part in it."""
        return self

    @abstractmethod
    def points(self, entry: Entry) -> Ratio:
        """Return the points before rounding."""

    @abstractmethod
    def why(self, entry: Entry, earned: str) -> str:
        """Explain the points in one Vietnamese sentence."""


def given(value: Value | None) -> Value:
    """Return a figure that is there: only entries in state SCORED come to be scored."""
    if value is None:
        raise TypeError("A figure that was not entered cannot be scored")
    return value
