"""Which LinkedIn Marketing API versions exist and when each is sunset.

Source: LinkedIn's "Marketing API versioning" and "Migrations" pages. A version `YYYYMM` is served for at least twelve
months and then refused with 426; no header announces it, so the dates are listed here.
"""

from __future__ import annotations

from datetime import date

DEFAULT_VERSION = "202609"

SUNSETS: dict[str, date] = {
    "202508": date(2026, 8, 17),
    "202509": date(2026, 9, 15),
    "202510": date(2026, 10, 15),
    "202511": date(2026, 11, 16),
    "202601": date(2027, 1, 15),
    "202602": date(2027, 2, 15),
    "202603": date(2027, 3, 16),
    "202604": date(2027, 4, 15),
    "202605": date(2027, 5, 15),
    "202606": date(2027, 6, 15),
    "202607": date(2027, 7, 15),
    # LinkedIn has not published the two below; a year and the middle of the month is its rule.
    "202608": date(2027, 8, 15),
    "202609": date(2027, 9, 15),
}


def sunset_of(version: str) -> date | None:
    """The day from which LinkedIn refuses this version (`YYYYMM` or `YYYYMM.RR`), or None when it is not known."""
    return SUNSETS.get(version.partition(".")[0])
