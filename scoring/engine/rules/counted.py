"""Rules that count events: a deduction for each, points for each, none allowed at all."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Self

from scoring.engine.entry import Entry
from scoring.engine.exact import ONE, ZERO, Ratio, number
from scoring.engine.exact import plain as typed
from scoring.engine.reading import ANY, NOT_NEGATIVE, Body
from scoring.engine.rules.base import Alone, Place, Refusal, Role, given


@dataclass(frozen=True, slots=True)
class DeductPerEvent(Alone):
    """``deduct_per_event``: M less so many points for each event, never below 0."""

    reads: ClassVar = ("count",)

    points_each: Decimal

    @classmethod
    def read(cls, body: Body, place: Place) -> Self:
        """Read what an event costs."""
        each = body.number("points_each", needed=True)
        body.close()
        return cls(place.max or ZERO, place.unit, each or ZERO)

    def points(self, entry: Entry) -> Ratio:
        """Return what is left of M."""
        return max(self.max - given(entry.count) * self.points_each, ZERO), ONE

    def why(self, entry: Entry, earned: str) -> str:
        """Show the subtraction."""
        count = given(entry.count)
        top, each = number(self.max), number(self.points_each)
        if not count:
            return f"Không phát sinh trường hợp nào, không bị trừ: {earned}."
        start = f"Phát sinh {self.amount(count)}, mỗi trường hợp trừ {each}"
        if count * self.points_each > self.max:
            return f"{start}, tổng mức trừ vượt quá {top}: {earned}."
        return f"{start}: {top} − {number(count)} × {each} = {earned}."


@dataclass(frozen=True, slots=True)
class ZeroTolerance(Alone):
    """``zero_tolerance``: M if it never happened, else nothing, and a veto if the table says so."""

    reads: ClassVar = ("count",)

    veto: bool

    @classmethod
    def read(cls, body: Body, place: Place) -> Self:
        """Read whether an event bars the unit from being ranked."""
        veto = body.flag("veto", default=False)
        body.close()
        return cls(place.max or ZERO, place.unit, veto)

    def vetoes(self, entry: Entry) -> bool:
        """Say whether it happened where it must not."""
        return self.veto and bool(entry.count)

    def points(self, entry: Entry) -> Ratio:
        """Return M for a count of 0."""
        return (ZERO if given(entry.count) else self.max), ONE

    def why(self, entry: Entry, earned: str) -> str:
        """Say how often it happened."""
        count = given(entry.count)
        if not count:
            return f"Không để xảy ra trường hợp nào, tính đủ mức tối đa: {earned}."
        barred = " và không xét xếp hạng" if self.veto else ""
        return f"Để xảy ra {self.amount(count)} nên không được tính điểm{barred}: {earned}."


@dataclass(frozen=True, slots=True)
class PerOccurrence(Alone):
    """``per_occurrence``: so many points for each of several things, held between two ends."""

    reads: ClassVar = ("counts",)

    each: dict[str, Decimal]
    low: Decimal
    #: None in bonus and penalty groups: there the sum is the group's matter.
    high: Decimal | None

    @classmethod
    def read(cls, body: Body, place: Place) -> Self:
        """Read the items and the ends of the sum."""
        each = _items(body)
        outside = place.role is not Role.ORDINARY
        low = body.number("min", NOT_NEGATIVE if outside else ANY) or ZERO
        high = body.number("max", ANY, default=None if outside else place.max)
        if high is not None and low > high:
            at = "max" if body.has("max") else "min"
            wrong = f"mức thấp nhất {typed(low)} lớn hơn mức cao nhất {typed(high)}"
            body.notes.fault(body.at(at), wrong, "min không được lớn hơn max")
        body.close()
        return cls(place.max or ZERO, place.unit, each, low, high)

    def refusal(self, entry: Entry) -> Refusal | None:
        """Refuse a label the table does not have."""
        for label, _ in entry.counts or ():
            if label not in self.each:
                allowed = "phải là một trong: " + ", ".join(self.each)
                return Refusal(("counts", label), "không có mục này", allowed)
        return None

    def points(self, entry: Entry) -> Ratio:
        """Return the sum, clamped."""
        return self._clamped(self._sum(entry)), ONE

    def why(self, entry: Entry, earned: str) -> str:
        """Show the sum and where it was cut."""
        counts = dict(given(entry.counts))
        parts = [
            f"{label}: {number(counts[label])} × {_factor(each)}"
            for label, each in self.each.items()
            if counts.get(label)
        ]
        total = self._sum(entry)
        start = f"{'; '.join(parts)}; cộng lại được" if parts else "Không phát sinh mục nào"
        if total == self._clamped(total):
            return f"{start} {earned}." if parts else f"{start}: {earned}."
        start += f" {number(total)}" if parts else ""
        word = "tính tối đa" if total > self._clamped(total) else "tính tối thiểu"
        return f"{start}, {word} {earned}."

    def _sum(self, entry: Entry) -> Decimal:
        return sum((self.each[label] * count for label, count in given(entry.counts)), ZERO)

    def _clamped(self, total: Decimal) -> Decimal:
        total = max(total, self.low)
        return total if self.high is None else min(total, self.high)


def _items(body: Body) -> dict[str, Decimal]:
    each: dict[str, Decimal] = {}
    for path, raw in body.entries("items"):
        item = body.notes.body(raw, path)
        label = item.label("label")
        worth = item.number("points_each", ANY, needed=True)
        item.close()
        if label in each:
            body.notes.fault(item.at("label"), "trùng tên mục", "mỗi mục một tên riêng")
        if label is not None:
            each[label] = worth or ZERO
    return each


def _factor(value: Decimal) -> str:
    return f"({number(value)})" if value < 0 else number(value)
