"""Sums and quotients of exact, finite numbers, rounded as PostgreSQL rounds, so that both give the same number.

NUMERIC divides to a scale of its own choice (at least 16 significant digits) and only then rounds to the requested
places, both times half away from zero. Source: `select_div_scale` and `div_var` in its `numeric.c`.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal

Number = Decimal | int

PLACES = 6
"""Places of a ratio, here and in the views."""

CHANGE_PLACES = 4

_GROUP = 4  # decimal digits: PostgreSQL keeps a number in groups of so many
_SIGNIFICANT = 16
_MOST_PLACES = 1000
_EXACT = Context(prec=4_000)  # more digits than any sum of accepted numbers has; Python's own context rounds to 28


def ratio(part: Number | None, whole: Number | None, times: int = 1, *, places: int = PLACES) -> Decimal | None:
    """Divide `times` the part by the whole; None without either number, or by zero."""
    if part is None or not whole:
        return None
    units, scale = _units(part)
    dividend, divisor = (units * times, scale), _units(whole)
    scale = _scale(dividend, divisor)
    quotient = _rounded(dividend[0] * 10 ** (scale + divisor[1]), divisor[0] * 10 ** dividend[1])
    return rounded(Decimal(f"{quotient}E-{scale}"), places)


def rounded(number: Number, places: int) -> Decimal:
    """Round to so many places, half away from zero, however many digits the number has."""
    units, scale = _units(number)
    return Decimal(f"{_rounded(units * 10**places, 10**scale)}E-{places}")


def change(now: Number | None, before: Number | None) -> Decimal | None:
    """The change from before to now as a share of before, to four places; None without either, or from zero."""
    if now is None or not before:
        return None
    return ratio(_EXACT.subtract(Decimal(now), Decimal(before)), before, places=CHANGE_PLACES)


def total(numbers: Iterable[Number]) -> Decimal:
    """Add exactly, however many digits the sum has."""
    added = Decimal(0)
    for number in numbers:
        added = _EXACT.add(added, Decimal(number))
    return added


def _units(number: Number) -> tuple[int, int]:
    """The number as an integer count of its smallest decimal place, and how many places that are."""
    sign, digits, exponent = Decimal(number).as_tuple()
    units, places = int(Decimal((sign, digits, 0))), -int(exponent)
    return (units, places) if places >= 0 else (units * 10**-places, 0)


def _scale(dividend: tuple[int, int], divisor: tuple[int, int]) -> int:
    """The places to which PostgreSQL divides these two."""
    weights, firsts = zip(_leading(*dividend), _leading(*divisor), strict=True)
    weight = weights[0] - weights[1] - (firsts[0] <= firsts[1])
    return min(max(_SIGNIFICANT - _GROUP * weight, dividend[1], divisor[1]), _MOST_PLACES)


def _leading(units: int, scale: int) -> tuple[int, int]:
    """Where PostgreSQL's first group of four digits stands, and its value."""
    if not units:
        return 0, 0
    digits = str(abs(units))
    first = len(digits) - 1 - scale
    length = first % _GROUP + 1
    return first // _GROUP, int(digits[:length].ljust(length, "0"))


def _rounded(numerator: int, denominator: int) -> int:
    """Divide to an integer, half away from zero."""
    size = (2 * abs(numerator) + abs(denominator)) // (2 * abs(denominator))
    return size if (numerator < 0) == (denominator < 0) else -size
