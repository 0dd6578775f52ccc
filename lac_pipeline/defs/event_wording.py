"""The texts of events and of ends that come soon, for the run's log and the terminal."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple, assert_never

from lac_pipeline.linkedin.events import (
    Event,
    PageRead,
    ReportDivided,
    TokenRenewed,
    Waiting,
    WindowCut,
    WindowRead,
)
from lac_pipeline.linkedin.expiry import Ending, TokenEnds, VersionEnds
from lac_pipeline.printable import counted, one_line

Notice = Event | Ending
"""What a listener gets: an event of the client's, or what ends soon."""


class EndingWords(NamedTuple):
    """What ends, and what to do."""

    problem: str
    fix: str


def line_of(notice: Notice) -> str:
    """Describe what happened, in one line."""
    if isinstance(notice, VersionEnds | TokenEnds):
        return one_line(": ".join(words_of(notice)))
    return one_line(_words_of_event(notice))


def is_warning(notice: Notice) -> bool:
    """Whether a person should see it even if they look at nothing else."""
    return isinstance(notice, Waiting | TokenRenewed | VersionEnds | TokenEnds)


def words_of(ending: Ending) -> EndingWords:
    """Describe what ends and when, and what to do."""
    if isinstance(ending, VersionEnds):
        when = f"on {ending.day}" if ending.over else f"on {ending.day}, in {_days(ending.left)}"
        verb = "stopped" if ending.over else "stops"
        return EndingWords(
            f"LinkedIn {verb} serving API version {ending.version} {when}",
            f"set LINKEDIN_API_VERSION to {ending.newer or 'a newer version'}",
        )
    state = "has ended" if ending.over else f"ends in {_days(ending.left)}"
    by_itself = "a sync renews it in its last minutes, `lac auth refresh` does now"
    return EndingWords(
        f"the LinkedIn {ending.token} token {state} ({ending.at:%Y-%m-%d %H:%M}Z)",
        by_itself if ending.renews else "run `lac auth login`",
    )


def _words_of_event(event: Event) -> str:
    match event:
        case PageRead():
            return (
                f"{event.endpoint}{f' of account {event.account_id}' if event.account_id else ''}: {event.rows} so far"
            )
        case WindowRead():
            part = f", {counted(event.campaigns, 'campaign')}" if event.campaigns else ""
            return f"{event.report.subject}: {event.window}{part}: {counted(event.rows, 'row')}"
        case WindowCut():
            return f"{event.report.subject}: {event.window} is cut at {event.rows} rows, requesting it in parts"
        case ReportDivided():
            return f"{event.report.subject}: requesting {counted(event.campaigns, 'campaign')} in parts"
        case Waiting():
            detail = f" ({event.detail})" if event.detail else ""
            wait = f"waiting {event.seconds:.0f} s before attempt {event.attempt} of {event.attempts}"
            return f"{event.summary}{detail}: {wait}"
        case TokenRenewed():
            return "LinkedIn refused the access token: renewed it, trying again"
        case _:
            assert_never(event)


def _days(span: timedelta) -> str:
    return counted(span.days, "day")
