"""What the client needs from the outside, as the shapes it expects; storage satisfies them without knowing them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from lac_pipeline.linkedin.oauth.tokens import Tokens
from lac_pipeline.linkedin.recorded_response import Exchange


class UsageLedger(Protocol):
    """Counts requests by UTC day, endpoint and account, and remembers spent day quotas across processes."""

    def record_call(self, endpoint: str, account_id: int | None, *, at: datetime) -> None:
        """Count one HTTP request sent, retries included."""

    def spent_until(self, endpoint: str, *, at: datetime) -> datetime | None:
        """Tell until when (UTC) the endpoint's day quota is spent, or None when it may be asked."""

    def mark_spent(self, endpoint: str, *, until: datetime) -> None:
        """Remember that LinkedIn refused the endpoint for the rest of the UTC day."""


class ResponseArchive(Protocol):
    """Keeps every response before it is parsed."""

    def keep(self, exchange: Exchange) -> str:
        """Keep one exchange, never overwriting another, and return where it is kept."""


class TokenLease(Protocol):
    """The stored tokens while nobody else may change them."""

    @property
    def tokens(self) -> Tokens:
        """The tokens as they are stored now."""

    def replace(self, tokens: Tokens) -> None:
        """Store these instead; they last once the lease ends cleanly."""


class TokenStore(Protocol):
    """Where the OAuth tokens live."""

    def load(self) -> Tokens | None:
        """Read the tokens, or None when nobody has signed in."""

    def locked(self) -> AbstractContextManager[TokenLease]:
        """Hold the tokens exclusively, across processes, until the context ends."""
