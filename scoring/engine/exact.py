"""Exact arithmetic: decimals and ratios of decimals, rounded half-up once, at the very end.

A ratio stays a pair (numerator, denominator > 0) until it is rounded or compared, so that no
quotient is ever cut. Everything runs in a context that refuses to lose a digit.
"""

from collections.abc import Callable
from decimal import (
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
)
from typing import Final

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
TWO: Final = Decimal(2)
HUNDRED: Final = Decimal(100)

#: Numerator and denominator, the latter above 0.
Ratio = tuple[Decimal, Decimal]
#: Makes a score of a ratio.
Rounding = Callable[[Ratio], Decimal]

#: A number of the formats has 25 digits; the longest product of a rule has some 200.
EXACT: Final = Context(
    prec=1000,
    rounding=ROUND_HALF_UP,
    Emin=-100_000,
    Emax=100_000,
    traps=[Inexact, InvalidOperation, DivisionByZero, Overflow],
)


def rounding(places: int) -> Rounding:
    """Return what rounds a ratio half-up (away from zero) to so many decimals."""
    scale, step = TWO.scaleb(places), ONE.scaleb(-places)

    def rounded(ratio: Ratio) -> Decimal:
        numerator, denominator = ratio
        if numerator < 0:
            # The minus of a zero is a zero without a sign.
            return -((denominator - numerator * scale) // (denominator * TWO)) * step
        return (numerator * scale + denominator) // (denominator * TWO) * step

    return rounded


def rounded(ratio: Ratio, places: int) -> Decimal:
    """Return the ratio rounded half-up (away from zero) to so many decimals."""
    return rounding(places)(ratio)


def larger(one: Ratio, other: Ratio) -> bool:
    """Say whether the first ratio is strictly larger."""
    return one[0] * other[1] > other[0] * one[1]


def number(value: Decimal) -> str:
    """Write a number in Vietnamese: ``1.234,5``, without closing zeros."""
    whole, _, fraction = f"{value.copy_abs():f}".partition(".")
    return _signed(value, f"{int(whole):,}".replace(",", "."), fraction)


def points(value: Decimal) -> str:
    """Write a score in Vietnamese: ``1234,5``; not grouped, so that it is found as it is."""
    whole, _, fraction = f"{value.copy_abs():f}".partition(".")
    return _signed(value, whole, fraction)


def plain(value: Decimal) -> str:
    """Write a number as the formats have it: ``1234.5``, without closing zeros."""
    return points(value).replace(",", ".")


def ratio_text(ratio: Ratio) -> str:
    """Write a ratio with at most two decimals: ``66,67``.

    A ratio that only rounds to a whole number says so (``gần 95``, ``hơn 100``): on which side of
    such a number it lies decides about bands and leaders.
    """
    near = rounded(ratio, 2)
    text = number(near)
    exactly = near * ratio[1]
    if near == near.to_integral_value() and exactly != ratio[0]:
        return f"{'gần' if exactly > ratio[0] else 'hơn'} {text}"
    return text


def percent_text(ratio: Ratio) -> str:
    """Write a ratio in per cent: ``66,67 %``."""
    return f"{ratio_text((ratio[0] * HUNDRED, ratio[1]))} %"


def _signed(value: Decimal, whole: str, fraction: str) -> str:
    fraction = fraction.rstrip("0")
    return ("-" if value < 0 else "") + whole + (f",{fraction}" if fraction else "")
