"""The words for events and for what ends soon, each once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from lac_pipeline.defs.event_wording import Notice, is_warning, line_of, words_of
from lac_pipeline.linkedin.analytics.report import Report
from lac_pipeline.linkedin.events import PageRead, ReportDivided, TokenRenewed, Waiting, WindowCut, WindowRead
from lac_pipeline.linkedin.expiry import Ending, TokenEnds, VersionEnds
from lac_pipeline.windows import DateWindow

DAYS = DateWindow(date(2026, 11, 1), date(2026, 11, 4))
REPORT = Report(5, "CREATIVE", "DAILY", DAYS, ())
SUBJECT = "DAILY analytics by CREATIVE of account 5"
AT = datetime(2026, 12, 4, 12, tzinfo=UTC)
SUNSET = date(2027, 1, 15)


@pytest.mark.parametrize(
    ("event", "line", "warns"),
    [
        (PageRead("adAccounts", None, rows=2), "adAccounts: 2 so far", False),
        (PageRead("adCampaigns", 5, rows=2), "adCampaigns of account 5: 2 so far", False),
        (WindowRead(REPORT, DAYS, rows=7), f"{SUBJECT}: 2026-11-01..2026-11-03: 7 rows", False),
        (WindowRead(REPORT, DAYS, 7, campaigns=2), f"{SUBJECT}: 2026-11-01..2026-11-03, 2 campaigns: 7 rows", False),
        (
            WindowCut(REPORT, DAYS, 20),
            f"{SUBJECT}: 2026-11-01..2026-11-03 is cut at 20 rows, requesting it in parts",
            False,
        ),
        (ReportDivided(REPORT, campaigns=4), f"{SUBJECT}: requesting 4 campaigns in parts", False),
        (Waiting("it failed", "a\x1bb", 1.2, 2, 6), "it failed (a\\x1bb): waiting 1 s before attempt 2 of 6", True),
        (Waiting("it failed", None, 60, 6, 6), "it failed: waiting 60 s before attempt 6 of 6", True),
        (TokenRenewed(), "LinkedIn refused the access token: renewed it, trying again", True),
    ],
)
def test_an_event_is_one_line(event: Notice, line: str, warns: bool) -> None:
    """Each event has its words; those that a person should see are warnings; nothing raw of LinkedIn's is in them."""
    assert (line_of(event), is_warning(event)) == (line, warns)


@pytest.mark.parametrize(
    ("ending", "problem", "fix"),
    [
        (
            VersionEnds("202601", SUNSET, timedelta(days=45), "202609"),
            "LinkedIn stops serving API version 202601 on 2027-01-15, in 45 days",
            "set LINKEDIN_API_VERSION to 202609",
        ),
        (
            VersionEnds("202609", SUNSET, timedelta(days=1), None),
            "LinkedIn stops serving API version 202609 on 2027-01-15, in 1 day",
            "set LINKEDIN_API_VERSION to a newer version",
        ),
        (
            VersionEnds("202601", SUNSET, timedelta(0), "202609"),
            "LinkedIn stopped serving API version 202601 on 2027-01-15",
            "set LINKEDIN_API_VERSION to 202609",
        ),
        (
            TokenEnds("refresh", AT, timedelta(days=14), renews=False),
            "the LinkedIn refresh token ends in 14 days (2026-12-04 12:00Z)",
            "run `lac auth login`",
        ),
        (
            TokenEnds("access", AT, timedelta(days=1), renews=True),
            "the LinkedIn access token ends in 1 day (2026-12-04 12:00Z)",
            "a sync renews it in its last minutes, `lac auth refresh` does now",
        ),
        (
            TokenEnds("access", AT, timedelta(days=-1), renews=False),
            "the LinkedIn access token has ended (2026-12-04 12:00Z)",
            "run `lac auth login`",
        ),
    ],
)
def test_an_ending_is_logged_with_the_fix(ending: Ending, problem: str, fix: str) -> None:
    """The words say what ends, when, and what is left; the fix stands apart, and behind them in a log."""
    assert words_of(ending) == (problem, fix)
    assert line_of(ending) == f"{problem}: {fix}"
    assert is_warning(ending)
