"""What the engine returns, and its form as RESULT.json."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import Any, Final, Protocol

from scoring.engine.entry import Entry
from scoring.engine.exact import EXACT, points

#: The version of the rules as they are computed here; recorded with every run.
ENGINE_VERSION: Final = "1"


class Explainer(Protocol):
    """Explains the score of an entry."""

    def why(self, entry: Entry, earned: str) -> str:
        """Return one Vietnamese sentence; ``earned`` is the score: ``8,13 điểm``."""


@dataclass(frozen=True, slots=True)
class LineResult:
    """The score of a unit on a leaf; None is *not assigned*."""

    score: Decimal | None
    max: Decimal
    #: What the points are called: điểm, điểm thưởng, điểm trừ.
    noun: str
    #: The sentence is built when it is read: a run of a whole ministry needs few of them.
    _entry: Entry = field(compare=False, repr=False)
    _explainer: Explainer = field(compare=False, repr=False)

    @property
    def why(self) -> str:
        """Explain the score in one Vietnamese sentence with the numbers and the rule."""
        earned = "" if self.score is None else f"{points(self.score)} {self.noun}"
        with localcontext(EXACT):
            return self._explainer.why(self._entry, earned)

    def as_json(self) -> dict[str, Any]:
        """Return the line in the form of RESULT.json."""
        return {"score": written(self.score), "max": written(self.max), "why": self.why}


@dataclass(frozen=True, slots=True)
class UnitResult:
    """The result of one unit. Percent, rank and classification are None where there is none."""

    code: str
    total: Decimal
    base: Decimal
    bonus: Decimal
    #: Positive; it was taken away from the total.
    penalty: Decimal
    assigned_max: Decimal
    percent: Decimal | None
    rank: int | None
    classification: str | None
    #: Codes of ordinary leaves without the figures they need, in the order of codes.
    missing: tuple[str, ...]
    vetoes: tuple[str, ...]
    #: Points of every group at every depth, in the order of codes.
    groups: Mapping[str, Decimal]
    #: Every leaf, in the order of codes.
    lines: Mapping[str, LineResult]

    @property
    def complete(self) -> bool:
        """Say whether nothing is missing."""
        return not self.missing

    def as_json(self) -> dict[str, Any]:
        """Return the unit in the form of RESULT.json."""
        return {
            "code": self.code,
            "total": written(self.total),
            "base": written(self.base),
            "bonus": written(self.bonus),
            "penalty": written(self.penalty),
            "assigned_max": written(self.assigned_max),
            "percent": written(self.percent),
            "rank": self.rank,
            "classification": self.classification,
            "complete": self.complete,
            "missing": list(self.missing),
            "vetoes": list(self.vetoes),
            "groups": {code: written(value) for code, value in self.groups.items()},
            "lines": {code: line.as_json() for code, line in self.lines.items()},
        }


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one cluster: units in rank order, those without a rank last."""

    units: tuple[UnitResult, ...]
    #: Codes of units that share a rank, in rank order.
    tied: tuple[tuple[str, ...], ...]
    inputs_sha256: str

    def as_json(self) -> dict[str, Any]:
        """Return the result in the form of RESULT.json."""
        return {
            "units": [unit.as_json() for unit in self.units],
            "tied": [list(codes) for codes in self.tied],
            "engine": ENGINE_VERSION,
            "inputs_sha256": self.inputs_sha256,
        }


def dump(result: Result) -> bytes:
    """Return the bytes of RESULT.json: UTF-8, one newline at the end."""
    return (json.dumps(result.as_json(), ensure_ascii=False, indent=2) + "\n").encode()


def written(value: Decimal | None) -> str | None:
    """Write a number of the result with all its decimals; nothing stays nothing."""
    return None if value is None else f"{value:f}"
