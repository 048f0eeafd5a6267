"""Where the marks of a chart stand: pure geometry, drawn as SVG by a template.

Coordinates are in the units of the picture's own view box and are written with a dot, whatever the
language of the page; the words beside the marks are handed in ready-made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final

from core.text import format_number

#: Room for one line of dots with its labels above and below.
_ROW: Final = 58
_TOP: Final = 22
#: Labels are about so wide for each letter, in units of the picture.
_LETTER: Final = 7
_STEPS: Final = tuple(Decimal(step) for step in ("0.5", "1", "2", "5", "10", "20", "25", "50"))
_FEWEST_TICKS, _MOST_TICKS = 2, 7


@dataclass(frozen=True, slots=True)
class Mark:
    """One value on one line: whose it is, as far along as this."""

    name: str
    value: Decimal
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of dots: what it is about, and its marks."""

    label: str
    detail: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Dot:
    """Where a mark is drawn."""

    x: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Label:
    """Words at a mark; `anchor` is the text-anchor of SVG."""

    x: str
    y: str
    anchor: str
    text: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Track:
    """A line as drawn."""

    label: str
    detail: str
    label_y: str
    detail_y: str
    y: str
    start: str
    end: str
    dots: tuple[Dot, ...]
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid with its figure."""

    x: str
    text: str


@dataclass(frozen=True, slots=True)
class DotChart:
    """Dots on lines: the place of one among others."""

    width: int
    height: int
    foot: str
    grid_end: str
    label_x: str
    tracks: tuple[Track, ...]
    ticks: tuple[Tick, ...]


def dots(lines: Sequence[Line], *, width: int, left: int) -> DotChart | None:
    """Lay out lines of dots on one scale; `left` is the room for the labels at the left.

    With `left` 0 the labels stand above their lines, for narrow screens. None where no line has a
    mark. Marks that fall on the same place are drawn once.
    """
    shown = [line for line in lines if line.marks]
    if not shown:
        return None
    scale = _Scale.over([mark.value for line in shown for mark in line.marks], left + 14, width)
    above = 0 if left else 22
    row = _ROW + above
    tracks = tuple(
        _track(line, scale, _TOP + above + 14 + place * row, beside=bool(left))
        for place, line in enumerate(shown)
    )
    end = _TOP + len(shown) * row
    return DotChart(
        width=width, height=end + 26, foot=str(end + 18), grid_end=str(end), label_x="0",
        tracks=tracks, ticks=scale.ticks(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Scale:
    """From values to places between two edges."""

    low: Decimal
    high: Decimal
    step: Decimal
    start: int
    end: int

    @classmethod
    def over(cls, values: Sequence[Decimal], start: int, width: int) -> "_Scale":
        """Choose round ends around the values; they need not begin at zero."""
        least, most = min(values), max(values)
        step = next((s for s in _STEPS if (most - least) / s <= _MOST_TICKS - 2), None)
        step = step or ((most - least) / (_MOST_TICKS - 2)).quantize(Decimal(1)) + 1
        low = (least / step).to_integral_value("ROUND_FLOOR") * step
        high = (most / step).to_integral_value("ROUND_CEILING") * step
        if (high - low) / step < _FEWEST_TICKS:
            high += step
            low -= step
        return cls(low, high, step, start, width - 24)

    def x(self, value: Decimal) -> Decimal:
        """Return how far along a value stands, to a tenth."""
        part = (value - self.low) / (self.high - self.low)
        return (self.start + part * (self.end - self.start)).quantize(Decimal("0.1"))

    def ticks(self) -> tuple[Tick, ...]:
        """Return the lines of the grid."""
        count = int((self.high - self.low) / self.step)
        values = [self.low + place * self.step for place in range(count + 1)]
        return tuple(Tick(str(self.x(value)), format_number(value)) for value in values)


def _track(line: Line, scale: _Scale, y: int, *, beside: bool) -> Track:
    ordered = sorted(line.marks, key=lambda mark: (mark.value, mark.name))
    places = {scale.x(mark.value): False for mark in ordered}
    places |= {scale.x(mark.value): True for mark in ordered if mark.is_own}
    # One's own dot is drawn last, so that no other lies over it.
    drawn = sorted(places.items(), key=lambda place: (place[1], place[0]))
    return Track(
        label=line.label,
        detail=line.detail,
        label_y=str(y - 3 if beside else y - 36),
        detail_y=str(y + 13 if beside else y - 36),
        y=str(y),
        start=str(scale.x(ordered[0].value)),
        end=str(scale.x(ordered[-1].value)),
        dots=tuple(Dot(str(x), is_own) for x, is_own in drawn),
        labels=tuple(_labels(ordered, scale, y)),
    )


def _labels(ordered: Sequence[Mark], scale: _Scale, y: int) -> list[Label]:
    """Name one's own mark above the line, the first and the last below it."""
    own = [mark for mark in ordered if mark.is_own]
    found = [_label(own[0], mark_words(own), scale, y - 11)] if own else []
    ends = [
        (mark, mark_words([one for one in ordered if one.value == mark.value]))
        for mark in (ordered[0], ordered[-1])
    ]
    below = [
        (mark, words)
        for mark, words in (ends if ordered[0].value < ordered[-1].value else ends[:1])
        if not own or mark.value != own[0].value
    ]
    apart = all(
        scale.x(b.value) - scale.x(a.value) > _LETTER * (len(said) + len(words)) / 2
        for (a, said), (b, words) in pairwise(below)
    )
    shown = below if apart else below[:1]
    return found + [_label(mark, words, scale, y + 22) for mark, words in shown]


def mark_words(equal: Sequence[Mark]) -> str:
    """Say whose a value is, or how many share it, and the value: `CA Đồng Hới 45,0`."""
    name = equal[0].name if len(equal) == 1 else f"{len(equal)} đơn vị"
    return f"{name} {format_number(equal[0].value, 1)}"


def _label(mark: Mark, words: str, scale: _Scale, y: int) -> Label:
    """Keep the words inside the picture: at its edges they begin or end at the mark."""
    x, half = scale.x(mark.value), Decimal(_LETTER * len(words)) / 2
    anchor = "start" if x - half < scale.start else "end" if x + half > scale.end else "middle"
    return Label(str(x), str(y), anchor, words, mark.is_own)
