"""UTC days, as a person types them: 2026-11-21, 2026-11, today, yesterday, 7d."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from lac_pipeline.commands.session.day_names import FORMS, days_named
from lac_pipeline.windows import DateWindow


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


def complete_day(typed: str) -> list[str]:
    """The days that have a name, and some that lie a number of days back."""
    return [day for day in ("today", "yesterday", "7d", "30d", "90d") if day.startswith(typed)]


SINCE = Annotated[
    date | None,
    typer.Option(
        parser=first_day,
        metavar="DAY",
        autocompletion=complete_day,
        help=f"The first UTC day to load: {FORMS}.",
    ),
]
UNTIL = Annotated[
    date | None,
    typer.Option(
        parser=last_day,
        metavar="DAY",
        autocompletion=complete_day,
        help="The last UTC day, in the same forms; today by default.",
    ),
]
KEPT_SINCE = Annotated[
    date,
    typer.Option(
        "--since",
        parser=first_day,
        metavar="DAY",
        autocompletion=complete_day,
        help=f"The first UTC day whose archived responses are read: {FORMS}.",
    ),
]
