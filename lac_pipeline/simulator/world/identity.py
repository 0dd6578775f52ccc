"""Apps, members' consents and tokens, as LinkedIn's OAuth 2.0 keeps them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

ACCESS_LIFE = timedelta(days=60)
REFRESH_LIFE = timedelta(days=365)
CODE_LIFE = timedelta(minutes=30)
READ_SCOPES = ("r_ads", "r_ads_reporting")
POSTS_SCOPE = "r_organization_social"


@dataclass(slots=True)
class App:
    """A registered application."""

    client_id: str
    client_secret: str
    redirect_uris: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Grant:
    """One consent of a member; every token made from it ends with it."""

    scopes: tuple[str, ...]
    authorized_at: datetime
    refresh_expires_at: datetime
    revoked: bool = False


@dataclass(slots=True)
class AccessToken:
    """A bearer token and what it may see."""

    grant: Grant
    created_at: datetime
    expires_at: datetime
    effective_at: datetime | None = None
    revoked: bool = False
    forbidden_accounts: set[int] = field(default_factory=set)

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the member agreed to."""
        return self.grant.scopes


@dataclass(slots=True)
class Code:
    """An authorization code, good once."""

    scopes: tuple[str, ...]
    redirect_uri: str
    expires_at: datetime


@dataclass(slots=True)
class Identities:
    """All that was handed out, by its text."""

    seed: int
    app: App
    access: dict[str, AccessToken] = field(default_factory=dict)
    refresh: dict[str, Grant] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    made: int = 0

    def secret(self, prefix: str, *, length: int) -> str:
        """Make up the next opaque text of a length."""
        self.made += 1
        text, n = prefix, 0
        while len(text) < length:
            text += hashlib.sha256(f"{self.seed}/{self.made}/{n}".encode()).hexdigest()
            n += 1
        return text[:length]

    def consent(self, scopes: tuple[str, ...], *, now: datetime) -> Grant:
        """Record a member's consent."""
        return Grant(scopes, now, now + REFRESH_LIFE)

    def issue_access(self, grant: Grant, *, now: datetime, delay: timedelta | None = None) -> str:
        """Hand out an access token: sixty days, or less when the refresh token ends sooner."""
        text = self.secret("AQX", length=300 + 37 * (self.made % 19))
        expires = min(now + ACCESS_LIFE, grant.refresh_expires_at)
        self.access[text] = AccessToken(grant, now, expires, now + delay if delay else None)
        return text

    def issue_refresh(self, grant: Grant) -> str:
        """Hand out a refresh token; its life counts from the consent."""
        text = self.secret("AQW", length=520)
        self.refresh[text] = grant
        return text

    def issue_code(self, scopes: tuple[str, ...], *, redirect_uri: str, now: datetime) -> str:
        """Hand out an authorization code."""
        text = self.secret("AQT", length=140)
        self.codes[text] = Code(scopes, redirect_uri, now + CODE_LIFE)
        return text

    def redeem(self, code: str, *, redirect_uri: str, now: datetime) -> Grant | None:
        """Turn a code into a consent, once; None when it is unknown, used, late, or for another redirect."""
        known = self.codes.get(code)
        if known is None or known.redirect_uri != redirect_uri or now >= known.expires_at:
            return None
        del self.codes[code]
        return self.consent(known.scopes, now=now)
