"""The end of the API version and of the two tokens, known early enough to act."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from msgspec import Struct

from lac_pipeline.linkedin.api_versions import DEFAULT_VERSION, sunset_of
from lac_pipeline.linkedin.oauth.tokens import Tokens

SUNSET_NOTICE = timedelta(days=45)
EXPIRY_NOTICE = timedelta(days=14)
_NOTHING = timedelta(0)


class VersionEnds(Struct, frozen=True):
    """LinkedIn stops serving the configured API version.

    Attributes:
        version: `YYYYMM`.
        day: the first day without it.
        left: how long it is until then.
        newer: a version that is served longer and that this code knows; None if there is none.
    """

    version: str
    day: date
    left: timedelta
    newer: str | None

    @property
    def over(self) -> bool:
        """Whether it is served no more."""
        return self.left <= _NOTHING


class TokenEnds(Struct, frozen=True):
    """A token ends.

    Attributes:
        token: which of the two.
        at: when (UTC).
        left: how long it is until then.
        renews: whether a sync renews it without a person.
    """

    token: Literal["access", "refresh"]
    at: datetime
    left: timedelta
    renews: bool

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.left <= _NOTHING


Ending = VersionEnds | TokenEnds


def upcoming(version: str, tokens: Tokens | None, *, now: datetime) -> list[Ending]:
    """Everything that ends soon at this moment (aware UTC); without tokens, the version alone."""
    sunset = version_ends(version, today=now.date())
    return [*([sunset] if sunset else []), *(tokens_end(tokens, now=now) if tokens else [])]


def version_ends(version: str, *, today: date) -> VersionEnds | None:
    """The configured version's end (`YYYYMM`), from 45 days before LinkedIn stops serving it; None before that."""
    day = sunset_of(version)
    if day is None or day - today > SUNSET_NOTICE:
        return None
    newer = DEFAULT_VERSION if version.partition(".")[0] < DEFAULT_VERSION else None
    return VersionEnds(version, day, day - today, newer)


def tokens_end(tokens: Tokens, *, now: datetime) -> list[TokenEnds]:
    """The ends of tokens, from 14 days before; an access token renews itself where there is a refresh token."""
    ends: tuple[tuple[Literal["access", "refresh"], datetime | None, bool], ...] = (
        ("access", tokens.access_expires_at, tokens.refresh is not None),
        ("refresh", tokens.refresh_expires_at, False),
    )
    return [
        TokenEnds(token, at, at - now, renews)
        for token, at, renews in ends
        if at is not None and at - now <= EXPIRY_NOTICE
    ]
