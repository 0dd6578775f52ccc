"""UTC days, as a person types them: 2026-11-21, 2026-11, today, yesterday, 7d."""

from __future__ import annotations

from datetime import date, datetime, timedelta

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
