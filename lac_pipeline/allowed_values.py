"""What a setting or an option may be, and what it was set to, in the words of an error: `'x' is not ...`."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

_LONGEST_SHOWN = 40  # characters; a longer value may be a token


class Allowed(Struct, frozen=True):
    """Words for values that a pattern describes, as metadata of their type: they complete `'x' is not ...`."""

    words: str


def number(*, whole: bool, least: float | None = None, above: float | None = None, most: float | None = None) -> str:
    """Name the numbers within limits.

    Args:
        whole: whether it may have no decimals.
        least: the smallest.
        above: what it has to be larger than, in place of `least`.
        most: the largest.
    """
    kind = "a whole number" if whole else "a number"
    if least is not None and most is not None:
        return f"{kind} from {least} to {most}"
    limits = (("of at least", least), ("above", above), ("of at most", most))
    named = [f"{words} {limit}" for words, limit in limits if limit is not None]
    return " ".join([kind, " and ".join(named)]) if named else kind


def one_of(values: Sequence[str]) -> str:
    """Name the values of a short list."""
    *others, last = values
    return f"{', '.join(others)} or {last}" if others else last


def refusal(value: object, allowed: str) -> str:
    """Write that a value is not what is allowed; one that may hold a token or a password is not shown."""
    text = str(value)
    hidden = len(text) > _LONGEST_SHOWN or "@" in text
    return f"{f'a value of {len(text)} characters' if hidden else repr(value)} is not {allowed}"
