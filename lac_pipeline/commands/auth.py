"""`lac auth`: three ways to sign in, and what the stored tokens can read and until when."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.resources import quiet_client, token_store
from lac_pipeline.errors import ConfigError, ReauthorizeError
from lac_pipeline.linkedin.expiry import Ending, upcoming
from lac_pipeline.linkedin.oauth.authenticator import Authenticator, OAuthApp
from lac_pipeline.linkedin.oauth.authorization_code import OAuthClient, code_in, consent_url, is_redirect_of
from lac_pipeline.linkedin.oauth.loopback import CallbackServer
from lac_pipeline.linkedin.oauth.tokens import Tokens
from lac_pipeline.models.field_types import account_of
from lac_pipeline.settings import Settings
from lac_pipeline.warehouse.token_store import EncryptedTokens
from lac_pipeline.warehouse.warehouse import Warehouse

log = logging.getLogger(__name__)

SHORT = timedelta(days=7)
"""`lac auth status` fails when a token has less left than this."""


@dataclass(frozen=True, slots=True)
class VisibleAccount:
    """An ad account that the token can see, as LinkedIn names it."""

    id: int
    name: str
    currency: str
    status: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who is signed in and for how long.

    Attributes:
        source: `environment` or `database`.
        tokens: with their ends and scopes as far as LinkedIn returns them; never shown.
        accounts: what the access token can see.
        version: the API version that is requested with.
        now: when this was found out.
    """

    source: str
    tokens: Tokens
    accounts: tuple[VisibleAccount, ...]
    version: str
    now: datetime

    def left(self) -> dict[str, timedelta | None]:
        """How long each token is still valid; None where that is unknown, absent where there is no token."""
        ends = {"access": self.tokens.access_expires_at}
        if self.tokens.refresh is not None:
            ends["refresh"] = self.tokens.refresh_expires_at
        return {name: None if end is None else end - self.now for name, end in ends.items()}

    @property
    def endings(self) -> list[Ending]:
        """What ends soon: the API version from 45 days before, the tokens from 14."""
        return upcoming(self.version, self.tokens, now=self.now)

    @property
    def ends_soon(self) -> list[str]:
        """The tokens that have less than a week left."""
        return [name for name, left in self.left().items() if left is not None and left < SHORT]


@dataclass(frozen=True, slots=True)
class WiderSignIn:
    """What sign-in requests beside the usual scopes, because of streams that are chosen.

    Attributes:
        scopes: the OAuth scopes, for a person.
        way_out: how to sign in without them.
    """

    scopes: str
    way_out: str


def wider_sign_in(settings: Settings) -> WiderSignIn | None:
    """Find what sign-in requests for streams that have an OAuth scope of their own; None where there are none."""
    needing = [stream for stream in settings.streams if stream.needs]
    if not needing:
        return None
    names = [stream.name for stream in needing]
    left = settings.streams.text_without(names)
    way_out = f"leave {' and '.join(names)} out: LAC_STREAMS={left}"
    scopes = dict.fromkeys(f"the OAuth scope {stream.needs[0]} for {stream.name}" for stream in needing)
    return WiderSignIn(" and ".join(scopes), way_out)


class Login:
    """One attempt to sign in; the state that LinkedIn must send back is made for it alone.

    Args:
        settings: app, redirect URI and OAuth service.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._oauth = oauth_client(settings)
        self._state = secrets.token_urlsafe(32)

    @property
    def url(self) -> str:
        """The address of LinkedIn's consent page."""
        return consent_url(
            self._settings.linkedin_oauth_url,
            client_id=self._settings.linkedin_client_id,
            redirect_uri=self._settings.linkedin_redirect_uri,
            state=self._state,
            more_scopes=[stream.needs[0] for stream in self._settings.streams if stream.needs],
        )

    def by_browser(self, *, opened: Callable[[str], object], timeout: float) -> Tokens:
        """Wait for the browser to come back from the consent page.

        Args:
            opened: is given the page's address once the redirect can be received.
            timeout: seconds to wait.

        Raises:
            ConfigError: LINKEDIN_REDIRECT_URI cannot be listened on.
            ReauthorizeError: the member refused, or did not consent in time.
        """
        with CallbackServer(self._settings.linkedin_redirect_uri, state=self._state) as server:
            opened(self.url)
            return self._redeemed(server.wait(timeout))

    def by_pasted_url(self, address: str) -> Tokens:
        """Take the address that the browser ended at.

        Raises:
            ReauthorizeError: it is not the redirect of this sign-in, or the member refused.
        """
        query = urlsplit(address.strip()).query
        if not is_redirect_of(query, state=self._state):
            raise ReauthorizeError(
                "this address is not the response to this sign-in",
                meaning="it was cut, or belongs to an earlier one: its `state` is not the one that was requested with",
                fix="run `lac auth login --paste-url` again, and copy the whole address that the browser ends at",
            )
        return self._redeemed(query)

    def by_pasted_token(self, access: SecretStr, refresh: SecretStr | None) -> Tokens:
        """Take tokens that were made elsewhere, such as by the developer portal's token generator.

        Raises:
            ReauthorizeError: LinkedIn does not know the access token, or it has ended.
        """
        state = self._oauth.introspect(access)
        if state.status != "active":
            raise ReauthorizeError(
                f"the access token is {state.status}", meaning="nothing was stored", fix="make another, and paste that"
            )
        return Tokens(access=access, refresh=refresh, access_expires_at=state.expires_at, scopes=state.scopes)

    def _redeemed(self, query: str) -> Tokens:
        wider = wider_sign_in(self._settings)
        code = code_in(query, way_out=None if wider is None else wider.way_out)
        return self._oauth.exchange(code, redirect_uri=self._settings.linkedin_redirect_uri)


def oauth_client(settings: Settings) -> OAuthClient:
    """LinkedIn's OAuth service for the app that the settings name."""
    return OAuthClient(
        settings.linkedin_oauth_url,
        client_id=settings.linkedin_client_id,
        client_secret=settings.linkedin_client_secret,
        clock=utc_now,
    )


def encrypted_tokens(settings: Settings, warehouse: Warehouse) -> EncryptedTokens:
    """The store that `lac auth` writes to.

    Raises:
        ConfigError: LAC_SECRET_KEY is missing, or no key.
    """
    if settings.lac_secret_key is None:
        raise ConfigError(
            "missing setting: LAC_SECRET_KEY",
            meaning="tokens are stored encrypted, and there is no key to encrypt them with",
            fix="run `lac init`, which makes one",
        )
    return EncryptedTokens(warehouse.engine, settings.lac_secret_key, client_id=settings.linkedin_client_id)


def sign_in_of(settings: Settings, warehouse: Warehouse) -> SignIn:
    """Find out what the tokens in use are good for: one introspection and the pages of the account list.

    Raises:
        LinkedInError: there is no sign-in, or LinkedIn does not accept the token any more.
    """
    accounts = asyncio.run(_visible(settings, warehouse))
    tokens = token_store(settings, warehouse).load()
    if tokens is None:
        raise ReauthorizeError("no LinkedIn token is stored", fix="run `lac auth login`")
    source = "environment" if settings.tokens is not None else "database"
    return SignIn(source, _introspected(settings, tokens), accounts, settings.linkedin_api_version, utc_now())


def renew(settings: Settings, warehouse: Warehouse) -> Tokens:
    """Renew the stored access token now, as the first sync in its last minutes would.

    Raises:
        ConfigError: the tokens come from the environment, where a renewed one cannot be kept.
        ReauthorizeError: there is no sign-in, there is no refresh token, or LinkedIn does not take it any more.
    """
    if settings.tokens is not None:
        raise ConfigError(
            "LINKEDIN_ACCESS_TOKEN is set, and wins over stored tokens",
            meaning="a renewed token cannot be put back into the environment",
            fix="run `lac auth login`, then remove LINKEDIN_ACCESS_TOKEN and LINKEDIN_REFRESH_TOKEN",
        )
    return asyncio.run(_renewed(settings, encrypted_tokens(settings, warehouse)))


async def _renewed(settings: Settings, store: EncryptedTokens) -> Tokens:
    tokens = store.load()
    if tokens is None:
        raise ReauthorizeError("no LinkedIn token is stored", fix="run `lac auth login`")
    app = OAuthApp(
        f"{settings.linkedin_oauth_url}/oauth/v2/accessToken",
        settings.linkedin_client_id,
        settings.linkedin_client_secret,
    )
    async with httpx.AsyncClient() as http:
        return await Authenticator(store, app=app, http=http, clock=utc_now).renewed(tokens)


def _introspected(settings: Settings, tokens: Tokens) -> Tokens:
    """Replace the stored state of the access token by what LinkedIn returns now, where it returns something."""
    try:
        state = oauth_client(settings).introspect(tokens.access)
    except ReauthorizeError as error:  # made for another app; the API itself has accepted it a moment ago
        log.warning("LinkedIn does not return how long the access token is valid: %s", error.detail)
        return tokens
    return replace(
        tokens,
        access_expires_at=state.expires_at or tokens.access_expires_at,
        scopes=state.scopes or tokens.scopes,
    )


async def _visible(settings: Settings, warehouse: Warehouse) -> tuple[VisibleAccount, ...]:
    async with quiet_client(settings, warehouse, run_id="auth", log=log) as client:
        accounts = [account_of(element) async for page in client.accounts() for element in page.elements]
    if None in accounts:
        log.warning("adAccounts lists %d ad accounts without a readable id", accounts.count(None))
    return tuple(
        VisibleAccount(account_id, *(str(record.get(name, "")) for name in ("name", "currency", "status")))
        for account_id, record in (account for account in accounts if account is not None)
    )
