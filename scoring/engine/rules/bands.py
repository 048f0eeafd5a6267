"""``bands``: the points of the one band that holds the value."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import ClassVar, NamedTuple, Self

from scoring.engine.entry import Entry, State
from scoring.engine.exact import HUNDRED, ONE, ZERO, Ratio, number, percent_text
from scoring.engine.exact import plain as typed
from scoring.engine.reading import ANY, Body, Limits, Notes
from scoring.engine.rules.attainment import Attainment
from scoring.engine.rules.base import Alone, Place, Refusal, given

ACTUAL, ATTAINMENT, DAYS_LATE = "actual", "attainment_percent", "days_late"


class Band(NamedTuple):
    """A stretch of values and its points; an end that is None is open to infinity."""

    low: Decimal | None
    with_low: bool
    high: Decimal | None
    with_high: bool
    points: Decimal

    def holds(self, value: Ratio) -> bool:
        """Say whether a value lies in the band, compared exactly."""
        size, whole = value
        if self.low is not None:
            low = self.low * whole
            if size < low or (size == low and not self.with_low):
                return False
        if self.high is not None:
            high = self.high * whole
            return size < high or (size == high and self.with_high)
        return True

    @property
    def is_empty(self) -> bool:
        """Say whether no value at all lies in the band."""
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (
            self.low == self.high and not (self.with_low and self.with_high)
        )

    @property
    def words(self) -> str:
        """Say the stretch in Vietnamese: ``từ 95 đến dưới 100``."""
        if self.low is not None and self.low == self.high:
            return f"đúng {number(self.low)}"
        low = "" if self.low is None else f"{'từ' if self.with_low else 'trên'} {number(self.low)}"
        up_to = "đến" if self.with_high else "đến dưới" if low else "dưới"
        high = "" if self.high is None else f"{up_to} {number(self.high)}"
        return " ".join(part for part in (low, high) if part) or "mọi giá trị"

    def over_whole_numbers(self) -> "Band":
        """Return the band with ends that are whole numbers of its own, so that 1-2 meets 3-5."""
        low, high = self.low, self.high
        if low is not None:
            first = low.to_integral_value(ROUND_CEILING)
            low = first + ONE if first == low and not self.with_low else first
        if high is not None:
            # The first whole number after the band: it then touches the band that begins there.
            last = high.to_integral_value(ROUND_FLOOR)
            high = last if last == high and not self.with_high else last + ONE
        return Band(low, True, high, False, self.points)  # noqa: FBT003


@dataclass(frozen=True, slots=True)
class Bands(Alone):
    """``bands``: on the result, on the attainment in per cent, or on days late."""

    reads: ClassVar = ("actual",)

    on: str
    bands: tuple[Band, ...]
    attainment: Attainment | None

    @classmethod
    def read(cls, body: Body, place: Place) -> Self:
        """Read the bands; gaps, overlaps and empty bands are faults."""
        on = body.choice("on", (ACTUAL, ATTAINMENT, DAYS_LATE))
        attainment = Attainment.read(body) if on == ATTAINMENT else None
        read = [_read_band(body.notes, path, raw, place) for path, raw in body.entries("bands")]
        body.close()
        bands = [band for band in read if band is not None]
        if on and len(bands) == len(read):
            _check(body.notes, body.at("bands"), bands, whole=on == DAYS_LATE)
        return cls(place.max or ZERO, place.unit, on, tuple(bands), attainment)

    @property
    def figures(self) -> tuple[str, ...]:
        """Name the figures that give the value."""
        if self.attainment is not None:
            return self.attainment.figures
        return ("days_late",) if self.on == DAYS_LATE else ("actual",)

    def state(self, entry: Entry) -> State:
        """Say whether there is a value."""
        if self.attainment is not None:
            return self.attainment.state(entry)
        value = entry.days_late if self.on == DAYS_LATE else entry.actual
        return State.NOT_ENTERED if value is None else State.SCORED

    def refusal(self, entry: Entry) -> Refusal | None:
        """Refuse a value no band holds."""
        if self.state(entry) is not State.SCORED or self._band(entry) is not None:
            return None
        key = "days_late" if self.on == DAYS_LATE else "actual"
        if self.attainment is None:
            wrong = f"giá trị {typed(self._value(entry)[0])} không thuộc bậc nào"
        else:
            wrong = (
                f"mức hoàn thành {percent_text(self.attainment.ratio(entry))} không thuộc bậc nào"
            )
        allowed = "các bậc: " + "; ".join(band.words for band in self.bands)
        return Refusal((key,), wrong, allowed)

    def points(self, entry: Entry) -> Ratio:
        """Return the points of the band."""
        return given(self._band(entry)).points, ONE

    def why(self, entry: Entry, earned: str) -> str:
        """Name the band."""
        words = given(self._band(entry)).words
        if self.attainment is not None:
            attainment = self.attainment
            aim = attainment.aim(entry, self.amount(given(entry.target)))
            result = attainment.result(entry, self.amount(given(entry.actual)))
            reached = percent_text(attainment.ratio(entry))
            return f"{aim}, {result}, mức hoàn thành {reached}, thuộc bậc {words} %: {earned}."
        if self.on == DAYS_LATE:
            days = given(entry.days_late)
            start = f"Chậm {number(days)} ngày" if days else "Đúng hạn"
            return f"{start}, thuộc bậc {words} ngày: {earned}."
        start = f"Kết quả {self.amount(given(entry.actual))}"
        return f"{start}, thuộc bậc {words} {self.unit}".rstrip() + f": {earned}."

    def _value(self, entry: Entry) -> Ratio:
        if self.attainment is not None:
            done, whole = self.attainment.ratio(entry)
            return done * HUNDRED, whole
        return given(entry.days_late if self.on == DAYS_LATE else entry.actual), ONE

    def _band(self, entry: Entry) -> Band | None:
        value = self._value(entry)
        return next((band for band in self.bands if band.holds(value)), None)


def _read_band(notes: Notes, path: str, raw: object, place: Place) -> Band | None:
    """Read a band; None when it has a fault, so that no gap is reported on top of it."""
    before = len(notes.faults)
    body = notes.body(raw, path)
    low, high = body.number("from", ANY), body.number("to", ANY)
    with_low = body.flag("from_inclusive", default=True)
    with_high = body.flag("to_inclusive", default=False)
    points = body.number("points", Limits(high=place.max), needed=True)
    body.close()
    if points is None or len(notes.faults) > before:
        return None
    return Band(low, with_low, high, with_high, points)


def _check(notes: Notes, path: str, bands: list[Band], *, whole: bool) -> None:
    """Note empty bands; else gaps and overlaps between the lowest and the highest end."""
    checked = [(band, band.over_whole_numbers() if whole else band) for band in bands]
    empty = [at for at, (_, band) in enumerate(checked) if band.is_empty]
    for at in empty:
        wrong = "không có giá trị nào thuộc bậc này"
        notes.fault(f"{path}[{at}]", wrong, "đầu dưới của bậc phải thấp hơn đầu trên")
    if not empty:
        _check_joints(notes, path, sorted(checked, key=lambda pair: _begins(pair[1])))


def _begins(band: Band) -> tuple[bool, Decimal, bool]:
    """Order bands by where they begin; an inclusive end begins before an exclusive one."""
    return band.low is not None, band.low or ZERO, band.low is not None and not band.with_low


def _check_joints(notes: Notes, path: str, pairs: Iterable[tuple[Band, Band]]) -> None:
    furthest: tuple[Band, Band] | None = None
    for pair in pairs:
        if furthest is not None:
            trouble = _joint(furthest[1], pair[1])
            if trouble:
                wrong = f"bậc “{furthest[0].words}” và bậc “{pair[0].words}” {trouble}"
                notes.fault(path, wrong, "mỗi giá trị phải thuộc đúng một bậc")
        if furthest is None or _reaches(pair[1], furthest[1]):
            furthest = pair


def _joint(before: Band, after: Band) -> str:
    """Say what is wrong where one band ends and the next begins; nothing if they touch."""
    if before.high is None or after.low is None or before.high > after.low:
        return "chồng lên nhau"
    if before.high < after.low or not (before.with_high or after.with_low):
        return "để hở ở giữa"
    return "chồng lên nhau" if before.with_high and after.with_low else ""


def _reaches(one: Band, other: Band) -> bool:
    """Say whether a band ends further up than another."""
    if other.high is None or one.high is None:
        return other.high is not None
    return (one.high, one.with_high) > (other.high, other.with_high)
