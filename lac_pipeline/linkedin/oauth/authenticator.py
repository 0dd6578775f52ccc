"""The bearer token: read, renewed shortly before it ends or once when LinkedIn refuses it, by one process at a time.

Source: LinkedIn's "Programmatic refresh tokens" page. An access token lives 60 days, a refresh token 365 days counted
from the first consent; refreshing extends the first and never the second.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import datetime, timedelta

import httpx
from msgspec import Struct
from pydantic import SecretStr

from lac_pipeline.errors import ReauthorizeError
from lac_pipeline.linkedin.oauth.token_response import granted, unreachable
from lac_pipeline.linkedin.oauth.tokens import Tokens
from lac_pipeline.linkedin.protocols import TokenLease, TokenStore
from lac_pipeline.linkedin.response_limit import ACCEPTED, OAUTH_LIMIT, receive

RENEWED_BEFORE_END = timedelta(minutes=5)
SETTLING = timedelta(minutes=2)
"""A fresh token, of a sign-in as of a renewal, is not accepted by all of LinkedIn's servers at once."""

_OF_FRESH_TOKENS = frozenset({"REVOKED_ACCESS_TOKEN", "INVALID_ACCESS_TOKEN"})
_SUBJECT = "the token refresh"


class FixedTokens:
    """Tokens that come from the environment: kept in memory, gone with the process."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    @property
    def tokens(self) -> Tokens:
        """The tokens as they are now."""
        return self._tokens

    def replace(self, tokens: Tokens) -> None:
        """Use these from now on."""
        self._tokens = tokens

    def load(self) -> Tokens | None:
        """Read the tokens."""
        return self._tokens

    @contextmanager
    def locked(self) -> Iterator[TokenLease]:
        """Hand itself out: there is no other process to keep out."""
        yield self


class OAuthApp(Struct, frozen=True):
    """The registered app and where it renews its tokens; `token_url` is LinkedIn's `/oauth/v2/accessToken`."""

    token_url: str
    client_id: str
    client_secret: SecretStr


class Authenticator:
    """Returns the access token to send, and renews it when necessary."""

    def __init__(
        self, store: TokenStore, *, app: OAuthApp, http: httpx.AsyncClient, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._app = app
        self._http = http
        self._clock = clock
        self._tokens: Tokens | None = None
        self._renewed_at: datetime | None = None
        self._refresh_lock = asyncio.Lock()

    async def current(self) -> Tokens:
        """Return tokens whose access token is valid for some more minutes, as far as that is known.

        Raises:
            ReauthorizeError: there is no sign-in, or the token has expired and cannot be renewed.
        """
        tokens = self._tokens or await asyncio.to_thread(self._store.load)
        if tokens is None:
            raise ReauthorizeError("no LinkedIn token is stored", fix="run `lac auth login`")
        now = self._clock()
        if tokens.expires_within(timedelta(0), now=now) or (
            tokens.refresh is not None and tokens.expires_within(RENEWED_BEFORE_END, now=now)
        ):
            return await self.renewed(tokens)
        self._tokens = tokens
        return tokens

    async def renewed(self, refused: Tokens) -> Tokens:
        """Get another access token, unless another process already did.

        Raises:
            ReauthorizeError: there is no refresh token, or LinkedIn does not take it any more.
            ConfigError: LinkedIn does not know the client id or secret.
            RetryableError: LinkedIn's token service fails for the moment.
        """
        async with self._refresh_lock, _leased(self._store) as lease:
            tokens = lease.tokens
            if tokens.access == refused.access:
                tokens = await self._refresh(tokens)
                lease.replace(tokens)
        self._tokens, self._renewed_at = tokens, self._clock()
        return tokens

    def is_settling(self, refusal: str) -> bool:
        """Whether the token is so fresh that this refusal may only mean it is not known everywhere yet.

        The sign-in or renewal may be of this process or of another: the time of issue is stored with the token. It is
        the database's time, so a clock that differs from it by more than the grace ends it rather than extend it.

        Args:
            refusal: LinkedIn's code; a token that another process stored may be one that has ended since.
        """
        moments = [self._renewed_at]
        if self._tokens is not None and refusal in _OF_FRESH_TOKENS:
            moments.append(self._tokens.issued_at)
        now = self._clock()
        return any(moment is not None and abs(now - moment) <= SETTLING for moment in moments)

    async def _refresh(self, tokens: Tokens) -> Tokens:
        if tokens.refresh is None:
            raise ReauthorizeError(
                "the LinkedIn access token has ended",
                meaning="this app has no refresh token: LinkedIn gives them only to apps it approved for it",
                fix="run `lac auth login`",
            )
        form = {
            "grant_type": "refresh_token",
            "refresh_token": tokens.refresh.get_secret_value(),
            "client_id": self._app.client_id,
            "client_secret": self._app.client_secret.get_secret_value(),
        }
        try:
            request = self._http.build_request("POST", self._app.token_url, data=form, headers=ACCEPTED)
            response = await receive(self._http, request, limit=OAUTH_LIMIT, subject=_SUBJECT)
        except httpx.RequestError as error:
            raise unreachable(_SUBJECT, error) from error
        return granted(response, subject=_SUBJECT, now=self._clock(), before=tokens)


@asynccontextmanager
async def _leased(store: TokenStore) -> AsyncIterator[TokenLease]:
    """Take the row lock in a thread: waiting for another process must not stop this one's event loop."""
    with ExitStack() as stack:
        yield await asyncio.to_thread(stack.enter_context, store.locked())
