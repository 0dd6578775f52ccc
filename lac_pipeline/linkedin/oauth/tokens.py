"""The pair of OAuth tokens as it travels between the client, the store and the settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Tokens:
    """An access token and what may renew it.

    Attributes:
        access: the bearer token; LinkedIn's last 60 days.
        refresh: renews the access token; None for apps that LinkedIn has not approved for programmatic refresh.
        access_expires_at: aware UTC; None when unknown, as for a token pasted into the environment.
        refresh_expires_at: aware UTC; counted from the first consent and never extended by a refresh.
        scopes: what the member agreed to, such as `r_ads`, `r_ads_reporting`; empty when unknown.
        issued_at: aware UTC; when LinkedIn gave the access token, None when unknown; tokens equal without it.
    """

    access: SecretStr
    refresh: SecretStr | None = None
    access_expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    issued_at: datetime | None = field(default=None, compare=False)

    def expires_within(self, margin: timedelta, *, now: datetime) -> bool:
        """Whether the access token is known to end within the margin."""
        return self.access_expires_at is not None and self.access_expires_at - now <= margin
