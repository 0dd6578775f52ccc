"""What happens while LinkedIn is read, as data. The run's log and the terminal choose the words."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from lac_pipeline.linkedin.analytics.report import Report
from lac_pipeline.windows import DateWindow


class PageRead(Struct, frozen=True):
    """A page of a list was read.

    Attributes:
        endpoint: LinkedIn's resource.
        account_id: the ad account whose list it is; None for the list of accounts.
        rows: how many rows of the list were read so far.
    """

    endpoint: str
    account_id: int | None
    rows: int


class WindowRead(Struct, frozen=True):
    """A window of a report was read, with all metrics.

    Attributes:
        report: what it belongs to.
        window: the UTC days.
        rows: how many rows it has.
        campaigns: of how many campaigns they are, where the window is read in parts; None: of all.
    """

    report: Report
    window: DateWindow
    rows: int
    campaigns: int | None = None


class WindowCut(Struct, frozen=True):
    """LinkedIn cut the response for a window at so many rows: the window is read again in parts."""

    report: Report
    window: DateWindow
    rows: int


class ReportDivided(Struct, frozen=True):
    """A report is read by campaigns from here on, so many of them."""

    report: Report
    campaigns: int


class Waiting(Struct, frozen=True):
    """A request failed with a transient error and is sent again after a wait.

    Attributes:
        summary: what failed.
        detail: what LinkedIn or the network returned; never a secret.
        seconds: how long the wait is.
        attempt: the number of the attempt that follows, from 2 on.
        attempts: how many there are at most.
    """

    summary: str
    detail: str | None
    seconds: float
    attempt: int
    attempts: int


class TokenRenewed(Struct, frozen=True):
    """LinkedIn refused the access token, which was renewed: the request is sent again."""


Event = PageRead | WindowRead | WindowCut | ReportDivided | Waiting | TokenRenewed
Listener = Callable[[Event], None]
