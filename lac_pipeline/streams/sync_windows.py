"""The days that a sync of an asset group covers."""

from __future__ import annotations

from datetime import date, timedelta

from lac_pipeline.errors import DateRangeError
from lac_pipeline.streams import STREAMS, AssetGroup, Partitioning, partitioning_of, stream_of
from lac_pipeline.windows import DateWindow, month_of, months_in

PERFORMANCE_YEARS = 10
"""LinkedIn keeps performance data for ten years, and returns nothing for older days."""

DEMOGRAPHIC_YEARS = 2
"""LinkedIn keeps demographic data for two years."""


def refresh_window(*, start: date, today: date, lookback_days: int, synced_on: date | None = None) -> DateWindow:
    """The days that a refresh reads again, but none before `start`.

    Args:
        start: the first day that is loaded.
        today: the UTC day; the last one of the window.
        lookback_days: how many days before it are read again.
        synced_on: the UTC day of the sync before it. The days are counted back from there, so that none is left out
            where that was long ago.
    """
    since = min(today, synced_on or today) - timedelta(days=lookback_days)
    return DateWindow.inclusive(min(max(start, since), today), today)


def requested_window(since: date | None, until: date | None, *, start: date, today: date) -> DateWindow:
    """The days from `since` (else `start`) through `until` (else today).

    Raises:
        DateRangeError: the days are in the wrong order, still to come, older than LinkedIn's memory, or before `start`.
    """
    first, last = since or start, until or today
    if max(first, last) > today:
        named = "LAC_START_DATE" if since is None and first > today else str(max(first, last))
        raise DateRangeError(
            f"{named} is in the future; today is {today} (UTC)", fix=f"choose {today} or an earlier day"
        )
    if first > last:
        raise DateRangeError(f"--since {first} is after --until {last}", fix="swap them")
    if first < today.replace(year=today.year - PERFORMANCE_YEARS, day=min(today.day, 28)):
        raise DateRangeError(
            f"{first} is more than {PERFORMANCE_YEARS} years ago",
            meaning="LinkedIn keeps performance data for ten years",
            fix="choose a later --since" if since is not None else "choose a later LAC_START_DATE",
        )
    if first < start:
        raise DateRangeError(
            f"{first} is before {start}, the first day of the partitions",
            meaning="days before LAC_START_DATE have no partition to be loaded into",
            fix=f"set LAC_START_DATE={first} in .env, then run the command again",
        )
    return DateWindow.inclusive(first, last)


def month_window(window: DateWindow, *, start: date, today: date) -> DateWindow | None:
    """The whole months that the days touch and that have a partition and are still kept by LinkedIn; None if none."""
    oldest = month_of(today.replace(year=today.year - DEMOGRAPHIC_YEARS, day=1)).end
    months = [month for month in months_in(window) if month.start >= max(month_of(start).start, oldest)]
    return DateWindow(months[0].start, months[-1].end) if months else None


def reads_all_days(group: AssetGroup) -> bool:
    """Whether a refresh of a group reads its whole history, because all months of an entity come with one request."""
    return any(stream.report is not None and stream.report.one_by_one for stream in STREAMS.in_group(group))


def counting_groups(group: AssetGroup) -> frozenset[AssetGroup]:
    """The other groups whose rows show what the reports of a group are requested for."""
    reports = [stream.report for stream in STREAMS.in_group(group) if stream.report is not None]
    counted_in = [stream_of(report.one_by_one.counted_in) for report in reports if report.one_by_one is not None]
    return frozenset(stream.group for stream in counted_in) - {group}


def group_window(group: AssetGroup, days: DateWindow, *, start: date, today: date) -> DateWindow | None:
    """What of these days the streams of a group have partitions for: whole months where they are cut by months.

    None where they are not cut by time, or no month is left; `has_days` distinguishes the two.
    """
    match partitioning_of(group):
        case Partitioning.ACCOUNT:
            return None
        case Partitioning.ACCOUNT_DAY:
            return days
        case Partitioning.ACCOUNT_MONTH:
            return month_window(days, start=start, today=today)


def has_days(group: AssetGroup) -> bool:
    """Whether the streams of a group are cut by days or months."""
    return partitioning_of(group) is not Partitioning.ACCOUNT
