"""Alerts: what needs attention, sent once a day to a webhook in Slack's JSON."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import httpx
from msgspec import Struct
from pydantic import SecretStr

from lac_pipeline.errors import LacError
from lac_pipeline.printable import printable

QUIET = timedelta(days=1)
MOST_OF_A_KIND = 5
"""Of one kind, such as runs that failed alike, only so many are sent a day: one lost token fails every account."""
LONGEST = 600
"""Characters of one alert; the rest is in the Dagster UI."""
_TIMEOUT = 10.0
_HIDDEN = "***"
_SHORTEST_SECRET = 6


class Alert(Struct, frozen=True):
    """Something that went wrong, or soon will.

    Attributes:
        kind: what many alerts may have in common, such as the class of an error.
        about: what distinguishes this one from others of its kind, such as the ad account.
        text: what happened, and what to do.
    """

    kind: str
    about: str
    text: str

    @property
    def cause(self) -> str:
        """What an alert is remembered by."""
        return f"{self.kind}|{self.about}"


def news(alerts: Iterable[Alert], sent: Mapping[str, datetime], *, now: datetime) -> tuple[list[Alert], dict[str, str]]:
    """Leave out what was sent within a day, or is the sixth of its kind; return the rest and what to remember of it.

    Args:
        alerts: what is wrong now.
        sent: when each cause was sent.
        now: aware UTC.
    """
    recent = {cause: at for cause, at in sent.items() if now - at < QUIET}
    fresh: list[Alert] = []
    for alert in alerts:
        alike = sum(cause.startswith(f"{alert.kind}|") for cause in recent)
        if alert.cause not in recent and alike < MOST_OF_A_KIND:
            recent[alert.cause] = now
            fresh.append(alert)
    return fresh, {cause: at.isoformat() for cause, at in recent.items()}


_SLACK_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
"""What Slack reads as links and mentions, and how to escape them, `&` first."""


def message(alerts: Sequence[Alert], *, secrets: Iterable[str]) -> dict[str, str]:
    """The body for Slack and services that are compatible with it; secrets in the text are redacted."""
    text = "\n\n".join(shortened(alert.text) for alert in alerts)
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, _HIDDEN) if len(secret) >= _SHORTEST_SECRET else text
    for character, written in _SLACK_MARKUP.items():
        text = text.replace(character, written)
    return {"text": f"lac_pipeline: {printable(text)}"}


def shortened(text: str) -> str:
    """The text, cut where it gets long."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def send(url: SecretStr, body: Mapping[str, str]) -> None:
    """Post alerts; redirects are not followed, for they would carry the text to another server.

    Raises:
        LacError: they were not taken; the URL, which is a secret, is not in the message.
    """
    try:
        with _unlogged():
            post = httpx.stream("POST", url.get_secret_value(), json=dict(body), timeout=_TIMEOUT)
            with post as response:  # its status is all that counts, so the body, of whatever size, is not read
                taken, status = response.is_success, response.status_code
    except httpx.HTTPError as error:
        raise _not_sent(type(error).__name__) from None
    if not taken:
        raise _not_sent(f"HTTP {status}")


def _not_sent(detail: str) -> LacError:
    return LacError(
        "the alert webhook did not take the alerts",
        detail=detail,
        meaning="no alert was sent; they are sent again at the next tick",
        fix="correct LAC_ALERT_WEBHOOK",
    )


@contextmanager
def _unlogged() -> Iterator[None]:
    """Keep httpx from logging the URL, which allows everyone to post."""
    logger = logging.getLogger("httpx")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before
