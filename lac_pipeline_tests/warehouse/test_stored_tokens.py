"""OAuth tokens in the database: encrypted, and locked by one process at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import Engine

from lac_pipeline.errors import ConfigError, ReauthorizeError
from lac_pipeline.linkedin.oauth.tokens import Tokens
from lac_pipeline.warehouse.schema.tables import OAuthToken
from lac_pipeline.warehouse.token_store import EncryptedTokens
from lac_pipeline_tests.warehouse.loads import stored

KEY = SecretStr(Fernet.generate_key().decode())
TOKENS = Tokens(
    access=SecretStr("AQX-access"),
    refresh=SecretStr("AQW-refresh"),
    access_expires_at=datetime(2027, 1, 1, tzinfo=UTC),
    refresh_expires_at=datetime(2027, 9, 1, tzinfo=UTC),
    scopes=("r_ads", "r_ads_reporting"),
)


@pytest.fixture
def store(engine: Engine) -> EncryptedTokens:
    """The store of one application."""
    return EncryptedTokens(engine, KEY, client_id="app")


def test_tokens_come_back_as_they_were(store: EncryptedTokens, engine: Engine) -> None:
    """All of them, for the application that they belong to."""
    store.save(TOKENS)
    assert store.load() == TOKENS
    assert EncryptedTokens(engine, KEY, client_id="other").load() is None


def test_nothing_of_a_token_can_be_read_in_the_table(store: EncryptedTokens, engine: Engine) -> None:
    """The columns hold no readable part of either token."""
    store.save(TOKENS)
    assert "AQ" not in str(stored(engine, OAuthToken, "client_id", "scopes"))
    assert not any("AQX-access" in str(row) or "AQW-refresh" in str(row) for row in stored(engine, OAuthToken))


def test_tokens_can_be_forgotten(store: EncryptedTokens) -> None:
    """After a sign-out there are none, and a second sign-out reports it."""
    store.save(TOKENS)
    assert (store.forget(), store.load(), store.forget()) == (True, None, False)


def test_a_lease_replaces_tokens_when_it_ends_cleanly(store: EncryptedTokens) -> None:
    """What was replaced in the lease lasts; a token without a refresh token is fine."""
    store.save(TOKENS)
    with store.locked() as lease:
        assert lease.tokens == TOKENS
        lease.replace(Tokens(access=SecretStr("new")))
        assert lease.tokens.access.get_secret_value() == "new"
    assert store.load() == Tokens(access=SecretStr("new"))


def test_a_lease_that_breaks_replaces_nothing(store: EncryptedTokens) -> None:
    """An error during the refresh leaves the tokens as they were, and is not disguised."""
    store.save(TOKENS)

    def refresh() -> None:
        with store.locked() as lease:
            lease.replace(Tokens(access=SecretStr("new")))
            raise RuntimeError("refused")

    with pytest.raises(RuntimeError, match="refused"):
        refresh()
    assert store.load() == TOKENS


def test_one_refresher_at_a_time(store: EncryptedTokens) -> None:
    """Each of ten refreshers sees what the one before it left."""
    store.save(Tokens(access=SecretStr("0")))

    def refresh(_: int) -> None:
        with store.locked() as lease:
            lease.replace(Tokens(access=SecretStr(str(int(lease.tokens.access.get_secret_value()) + 1))))

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(refresh, range(10)))
    last = store.load()
    assert last is not None
    assert last.access.get_secret_value() == "10"


def test_without_tokens_there_is_nothing_to_lease(store: EncryptedTokens) -> None:
    """The error names the command that signs in."""
    with pytest.raises(ReauthorizeError, match="lac auth login"), store.locked():
        pass


def test_another_key_does_not_open_the_tokens(store: EncryptedTokens, engine: Engine) -> None:
    """A changed `LAC_SECRET_KEY` is an error with both fixes."""
    store.save(TOKENS)
    other = EncryptedTokens(engine, SecretStr(Fernet.generate_key().decode()), client_id="app")
    with pytest.raises(ConfigError, match="does not open"):
        other.load()


def test_a_key_of_the_wrong_shape_is_refused_unseen(engine: Engine) -> None:
    """An invalid key is a setting to fix, and is not repeated in the error."""
    with pytest.raises(ConfigError, match="lac init") as caught:
        EncryptedTokens(engine, SecretStr("hunter2"), client_id="app")
    assert "hunter2" not in str(caught.value)
