"""Rules whose points are given: straight, by a level, for a pass, by ranks elsewhere."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Self

from scoring.engine.entry import Entry
from scoring.engine.exact import ONE, ZERO, Ratio, number
from scoring.engine.exact import plain as typed
from scoring.engine.reading import Body, Limits
from scoring.engine.rules.base import Alone, Place, Refusal, Role, given

#: Points given straight have at most this many decimals, whatever the table rounds to.
_DIRECT_PLACES = 2


@dataclass(frozen=True, slots=True)
class Direct(Alone):
    """``direct``: the points that were given, from 0 to M."""

    reads: ClassVar = ("points",)

    limits: Limits

    @classmethod
    def read(cls, body: Body, place: Place) -> Self:
        """Read nothing: the kind has no parameters."""
        body.close()
        places = _DIRECT_PLACES if place.places is None else min(_DIRECT_PLACES, place.places)
        limits = Limits(high=place.max, places=places)
        return cls(place.max or ZERO, place.unit, limits)

    def refusal(self, entry: Entry) -> Refusal | None:
        """Refuse points above M or finer than allowed."""
        if entry.points is None or not self.limits.refuses(entry.points):
            return None
        wrong = f"không thể cho {typed(entry.points)} điểm"
        return Refusal(("points",), wrong, self.limits.words)

    def points(self, entry: Entry) -> Ratio:
        """Return the points as given."""
        return given(entry.points), ONE

    def why(self, entry: Entry, earned: str) -> str:  # noqa: ARG002
        """Say that the points were given."""
        return f"Chấm trực tiếp, mức tối đa {number(self.max)}: {earned}."


@dataclass(frozen=True, slots=True)
class PassFail(Alone):
    """``pass_fail``: M or nothing."""

    reads: ClassVar = ("met",)

    role: Role

    @classmethod
    def read(cls, body: Body, place: Place) -> Self:
        """Read nothing: the kind has no parameters."""
        body.close()
        return cls(place.max or ZERO, place.unit, place.role)

    def points(self, entry: Entry) -> Ratio:
        """Return M when met."""
        return (self.max if entry.met else ZERO), ONE

    def why(self, entry: Entry, earned: str) -> str:
        """Say whether it was met; outside the scale *met* is a case of bonus or of penalty."""
        top = number(self.max)
        if self.role is Role.ORDINARY:
            fact = f"Kết quả {'đạt' if entry.met else 'không đạt'}"
        else:
            word = "được thưởng điểm" if self.role is Role.BONUS else "bị trừ điểm"
            fact = f"{'Thuộc' if entry.met else 'Không thuộc'} trường hợp {word}"
        rest = f"tính đủ mức tối đa {top}" if entry.met else f"mức tối đa {top}"
        return f"{fact}, {rest}: {earned}."


@dataclass(frozen=True, slots=True)
class Levels(Alone):
    """``levels``: the points of the level that was reached."""

    reads: ClassVar = ("level",)

    levels: dict[str, Decimal]

    @classmethod
    def read(cls, body: Body, place: Place) -> Self:
        """Read the levels; each label stands once."""
        levels: dict[str, Decimal] = {}
        for path, raw in body.entries("levels"):
            level = body.notes.body(raw, path)
            label = level.label("label")
            worth = level.number("points", Limits(high=place.max), needed=True)
            level.close()
            if label in levels:
                body.notes.fault(level.at("label"), "trùng tên mức", "mỗi mức một tên riêng")
            if label is not None:
                levels[label] = worth or ZERO
        body.close()
        return cls(place.max or ZERO, place.unit, levels)

    def refusal(self, entry: Entry) -> Refusal | None:
        """Refuse a level the table does not have."""
        if entry.level is None or entry.level in self.levels:
            return None
        allowed = "phải là một trong: " + ", ".join(self.levels)
        return Refusal(("level",), "không có mức này", allowed)

    def points(self, entry: Entry) -> Ratio:
        """Return the points of the level."""
        return self.levels[given(entry.level)], ONE

    def why(self, entry: Entry, earned: str) -> str:
        """Name the level."""
        return f"Xếp mức “{entry.level}”, mức tối đa {number(self.max)}: {earned}."


@dataclass(frozen=True, slots=True)
class RankPoints(Alone):
    """``rank_points``: the mean of the points for the ranks given by other bodies."""

    reads: ClassVar = ("ranks",)

    by_rank: tuple[Decimal, ...]

    @classmethod
    def read(cls, body: Body, place: Place) -> Self:
        """Read the points of the first, the second… rank."""
        limits = Limits(high=place.max)
        read = [body.notes.number(raw, path, limits) for path, raw in body.entries("points")]
        body.close()
        return cls(place.max or ZERO, place.unit, tuple(points or ZERO for points in read))

    def points(self, entry: Entry) -> Ratio:
        """Return the mean; a rank beyond the list gets the last points."""
        worth = self._worth(entry)
        return sum(worth, ZERO), Decimal(len(worth))

    def why(self, entry: Entry, earned: str) -> str:
        """Show the ranks and what each is worth."""
        ranks = ", ".join(str(rank) for rank in given(entry.ranks))
        worth = self._worth(entry)
        if len(worth) == 1:
            return f"Xếp hạng {ranks}, tính theo điểm của thứ hạng: {earned}."
        mean = f"({' + '.join(number(points) for points in worth)})/{len(worth)}"
        return f"Các thứ hạng {ranks}, lấy trung bình điểm của thứ hạng: {mean} = {earned}."

    def _worth(self, entry: Entry) -> list[Decimal]:
        last = len(self.by_rank)
        return [self.by_rank[min(rank, last) - 1] for rank in given(entry.ranks)]
