"""The API versions that the simulator serves: those that are known, and after the newest of them one a month.

LinkedIn releases a version every month. So the simulator serves a version on every day, years from now too.
"""

from __future__ import annotations

import re
from datetime import date

from lac_pipeline.linkedin.api_versions import SUNSETS, sunset_of
from lac_pipeline.linkedin.expiry import version_ends

_VERSION = re.compile(r"(?P<month>\d{4}(0[1-9]|1[0-2]))(\.\d{2})?")


def served_month(header: str, *, today: date) -> str | None:
    """The version that the header requests, without its revision; None if it is not served on this day."""
    match = _VERSION.fullmatch(header)
    month = match["month"] if match else ""
    sunset = _sunset(month) if month else None
    return month if sunset is not None and month <= f"{today:%Y%m}" and today < sunset else None


def version_to_request(today: date) -> str:
    """The newest known version that is served; the one of this month where that one has ended or soon ends."""
    month = f"{today:%Y%m}"
    newest = max((version for version in SUNSETS if version <= month), default=month)
    return newest if version_ends(newest, today=today) is None else month


def _sunset(month: str) -> date | None:
    """The day from which a version is refused; of a version that is not known yet, by LinkedIn's rule."""
    if month <= max(SUNSETS):
        return sunset_of(month)
    return date(int(month[:4]) + 1, int(month[4:]), 15)
