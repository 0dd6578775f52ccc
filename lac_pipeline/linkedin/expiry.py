"""What will break soon: the API version's sunset and the ends of the two tokens, said while there is time to act."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from lac_pipeline.linkedin.api_versions import DEFAULT_VERSION, sunset_of
from lac_pipeline.linkedin.oauth.tokens import Tokens

SUNSET_NOTICE = timedelta(days=45)
EXPIRY_NOTICE = timedelta(days=14)


def upcoming(version: str, tokens: Tokens | None, *, now: datetime) -> list[str]:
    """Everything that is to be said at this moment (aware UTC); without tokens, of the version alone."""
    sunset = sunset_warning(version, today=now.date())
    return ([sunset] if sunset else []) + (expiry_warnings(tokens, now=now) if tokens else [])


def sunset_warning(version: str, *, today: date) -> str | None:
    """Warn from 45 days before LinkedIn stops serving the configured version (`YYYYMM`); None before that."""
    day = sunset_of(version)
    if day is None or day - today > SUNSET_NOTICE:
        return None
    newer = DEFAULT_VERSION if version.partition(".")[0] < DEFAULT_VERSION else "a newer version"
    state = f"stops serving API version {version} on {day}, in {_days(day - today)}"
    if day <= today:
        state = f"stopped serving API version {version} on {day}"
    return f"LinkedIn {state}: set LINKEDIN_API_VERSION to {newer}"


def expiry_warnings(tokens: Tokens, *, now: datetime) -> list[str]:
    """Warn from 14 days before either token ends; an access token that renews itself is said to do so."""
    by_itself = "a sync renews it in its last minutes, `lac auth refresh` does now"
    renewal = by_itself if tokens.refresh else "run `lac auth login`"
    ends = (
        ("access", tokens.access_expires_at, renewal),
        ("refresh", tokens.refresh_expires_at, "run `lac auth login`"),
    )
    return [
        f"the LinkedIn {name} token {_ending(moment - now)} ({moment:%Y-%m-%d %H:%M}Z): {fix}"
        for name, moment, fix in ends
        if moment is not None and moment - now <= EXPIRY_NOTICE
    ]


def _ending(left: timedelta) -> str:
    return f"ends in {_days(left)}" if left > timedelta(0) else "has ended"


def _days(span: timedelta) -> str:
    return "1 day" if span.days == 1 else f"{span.days} days"
