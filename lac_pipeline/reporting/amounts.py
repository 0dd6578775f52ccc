"""Exact amounts: as text for machines, and rounded to the currency's own unit for people."""

from __future__ import annotations

from decimal import Decimal

from lac_pipeline.ratios import ratio, rounded

UNKNOWN = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"

_DIGITS = dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0)
_DIGITS |= dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)
"""ISO 4217: the currencies whose smaller unit is not a hundredth."""

_LARGE = 100_000
"""Amounts from here on are written without the smaller unit."""

_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹"}


def plain(value: Decimal) -> str:
    """Write a decimal exactly, without exponent and without zeros at the end."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) if value else "0"


def exact(value: Decimal, currency: str) -> str:
    """Write an amount exactly, for people: `8,254,140 JPY`."""
    return f"{Decimal(plain(value)):,f} {currency}"


def money(value: Decimal | None, currency: str | None) -> str:
    """Write an amount for people, rounded: `€1,234.50`, `¥1,235`, `1,234.500 KWD`, and large ones `€123,457`."""
    if value is None:
        return UNKNOWN
    shown = _rounded(value, currency)
    sign, text = (MINUS if shown < 0 else ""), f"{shown.copy_abs():,f}"
    symbol = _SIGNS.get(currency or "")
    return f"{sign}{symbol}{text}" if symbol else f"{sign}{text} {currency or ''}".rstrip()


def coded(value: Decimal | None, currency: str) -> str:
    """Write an amount for people as `money` does, with the currency's code: `8,254,140 JPY`, `1,234.50 EUR`."""
    return UNKNOWN if value is None else f"{_rounded(value, currency):,f} {currency}"


def _rounded(value: Decimal, currency: str | None) -> Decimal:
    return rounded(value, 0 if abs(value) >= _LARGE else _DIGITS.get(currency or "", 2))


def count(value: int | None) -> str:
    """Write a count for people: `12,345`."""
    return UNKNOWN if value is None else f"{value:,}"


def signed_count(moved: int) -> str:
    """Write by how much a count moved: `+1,200`, `0`."""
    return f"{'+' if moved > 0 else MINUS if moved < 0 else ''}{abs(moved):,}"


def signed_money(moved: Decimal, currency: str | None) -> str:
    """Write by how much an amount moved: `+€1.20`."""
    return f"{'+' if moved > 0 else ''}{money(moved, currency)}"


def decimal(value: Decimal | None, digits: int) -> str:
    """Write a number for people, rounded: `2.5`."""
    return UNKNOWN if value is None else f"{rounded(value, digits):,f}"


def percent(value: Decimal | None, digits: int = 2) -> str:
    """Write a ratio for people: 0.0123 is `1.23 %`."""
    if value is None:
        return UNKNOWN
    return f"{ratio(value, 1, 100, places=digits):,f} %"


def short(value: Decimal | int) -> str:
    """Write a number in a few characters, for the axis of a chart: `950`, `1.2k`, `3M`."""
    number = Decimal(value)
    for power, unit in ((9, "B"), (6, "M"), (3, "k")):
        if abs(number) >= 10**power:
            return f"{plain(rounded(number.scaleb(-power), 1))}{unit}"
    return plain(rounded(number, 2))
