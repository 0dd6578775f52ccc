"""UTC days, as a person types them: 2026-11-21, 2026-11, today, yesterday, 7d."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated

import typer

from lac_pipeline.windows import DateWindow, month_of

FORMS = "2026-11-21, 2026-11, today, yesterday or 7d (seven days ago)"
DAY, MONTH = "%Y-%m-%d", "%Y-%m"
_NAMED = {"today": 0, "yesterday": 1}
LONGEST_AGO = 36_500  # days; LinkedIn's memory, and that of dates, is shorter


def days_named(text: str, *, today: date) -> DateWindow:
    """Read a day or a month, by its date, its name or its distance.

    Args:
        text: as it was typed.
        today: the UTC day.

    Raises:
        ValueError: it is none.
    """
    words = text.strip().lower()
    if words in _NAMED:
        return _one(today - timedelta(days=_NAMED[words]))
    number = words.removesuffix("d")
    if number != words and number.isascii() and number.isdigit() and int(number) <= LONGEST_AGO:
        return _one(today - timedelta(days=int(number)))
    parts = words.split("-")
    if not all(part.isascii() and part.isdigit() for part in parts) or len(parts[0]) != len("2026"):
        raise ValueError(text)
    if len(parts) == 2:  # a year and a month
        return month_of(datetime.strptime(words, MONTH).date())  # noqa: DTZ007  # a day has no time zone
    return _one(datetime.strptime(words, DAY).date())  # noqa: DTZ007


def _one(day: date) -> DateWindow:
    return DateWindow.inclusive(day, day)


def first_day(text: str) -> date:
    """Take a day, or the first one of a month."""
    return _typed(text).start


def last_day(text: str) -> date:
    """Take a day, or the last one of a month; of the running month, today."""
    from lac_pipeline.clock import utc_now

    today, window = utc_now().date(), _typed(text)
    return today if today in window else window.last


def _typed(text: str) -> DateWindow:
    from lac_pipeline.clock import utc_now

    try:
        return days_named(text, today=utc_now().date())
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"{text!r} is no day: write {FORMS}") from None


SINCE = Annotated[
    date | None, typer.Option(parser=first_day, metavar="DAY", help=f"The first UTC day to load: {FORMS}.")
]
UNTIL = Annotated[
    date | None, typer.Option(parser=last_day, metavar="DAY", help="The last UTC day, in the same forms; else today.")
]
KEPT_SINCE = Annotated[
    date,
    typer.Option(
        "--since", parser=first_day, metavar="DAY", help=f"Read responses kept from this UTC day on: {FORMS}."
    ),
]
