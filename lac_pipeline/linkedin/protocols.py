"""The protocols of what the client needs; the warehouse and the archive implement them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from lac_pipeline.linkedin.oauth.tokens import Tokens
from lac_pipeline.linkedin.recorded_response import Exchange


class UsageLedger(Protocol):
    """Counts requests by UTC day, endpoint and account, and remembers spent day quotas across processes."""

    def record_call(self, endpoint: str, account_id: int | None, *, at: datetime) -> datetime | None:
        """Count an HTTP request that is to be sent, retries included, unless the endpoint's day quota is spent.

        Returns until when (UTC) it is spent, or None when the request is possible and counted.
        """

    def mark_spent(self, endpoint: str, *, until: datetime) -> None:
        """Remember that LinkedIn refused the endpoint for the rest of the UTC day."""


class ResponseArchive(Protocol):
    """Stores every response before it is parsed."""

    def keep(self, exchange: Exchange) -> str:
        """Store one exchange, never overwriting another, and return its place."""


class TokenLease(Protocol):
    """The stored tokens, locked against changes by others."""

    @property
    def tokens(self) -> Tokens:
        """The tokens as they are stored now."""

    def replace(self, tokens: Tokens) -> None:
        """Store these instead; they are committed when the lease ends without an error."""


class TokenStore(Protocol):
    """Where the OAuth tokens live."""

    def load(self) -> Tokens | None:
        """Read the tokens, or None when there is no sign-in."""

    def locked(self) -> AbstractContextManager[TokenLease]:
        """Hold the tokens exclusively, across processes, until the context ends."""
