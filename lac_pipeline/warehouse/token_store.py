"""OAuth tokens in PostgreSQL, encrypted with `LAC_SECRET_KEY`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cryptography.fernet import Fernet, InvalidToken
from pydantic import SecretStr
from sqlalchemy import ColumnElement, Connection, Engine, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from lac_pipeline.errors import ConfigError, ReauthorizeError
from lac_pipeline.linkedin.oauth.tokens import Tokens
from lac_pipeline.postgres.engine import limit_waits, translating_errors
from lac_pipeline.warehouse.schema.operational_tables import OAuthToken


class EncryptedTokens:
    """The tokens of one LinkedIn application.

    Args:
        engine: as `make_engine` makes it.
        secret_key: `LAC_SECRET_KEY`, a Fernet key.
        client_id: the application's LinkedIn client id.

    Raises:
        ConfigError: the key is not a Fernet key.
    """

    def __init__(self, engine: Engine, secret_key: SecretStr, *, client_id: str) -> None:
        self._engine = engine
        self._client_id = client_id
        try:
            self._fernet = Fernet(secret_key.get_secret_value())
        except ValueError:
            raise ConfigError(
                "LAC_SECRET_KEY is not a Fernet key (32 bytes in URL-safe base64)",
                meaning="tokens cannot be encrypted",
                fix="run `lac init`, which makes one, or leave LAC_SECRET_KEY to it",
            ) from None

    def load(self) -> Tokens | None:
        """Read the tokens, or None when there is no sign-in.

        Raises:
            ConfigError: they were encrypted with another key.
            StorageError: the query failed.
        """
        with translating_errors(), self._engine.connect() as connection:
            return self._read(connection, lock=False)

    def save(self, tokens: Tokens) -> None:
        """Keep these tokens instead of any that are there, as after a sign-in.

        Raises:
            StorageError: PostgreSQL cannot do it.
        """
        with translating_errors(), self._engine.begin() as connection:
            self._write(connection, tokens)

    def forget(self) -> bool:
        """Delete the tokens, as at a sign-out; False when there were none.

        Raises:
            StorageError: PostgreSQL cannot do it.
        """
        with translating_errors(), self._engine.begin() as connection:
            return bool(connection.execute(delete(OAuthToken).where(self._mine)).rowcount)

    @contextmanager
    def locked(self) -> Iterator[EncryptedLease]:
        """Hold the tokens exclusively, across processes, until the context ends; a clean end keeps what was replaced.

        Raises:
            ReauthorizeError: there is no sign-in.
            DatabaseBusyError: another process has locked them for half a minute.
            ConfigError: they were encrypted with another key.
        """
        with translating_errors(), self._engine.begin() as connection:
            limit_waits(connection)
            tokens = self._read(connection, lock=True)
            if tokens is None:
                raise ReauthorizeError("no LinkedIn token", meaning="there is no sign-in", fix="run `lac auth login`")
            lease = EncryptedLease(tokens)
            yield lease
            if lease.replaced:
                self._write(connection, lease.tokens)

    @property
    def _mine(self) -> ColumnElement[bool]:
        return OAuthToken.client_id == self._client_id

    def _read(self, connection: Connection, *, lock: bool) -> Tokens | None:
        table = OAuthToken
        query = select(
            table.access_token,
            table.refresh_token,
            table.access_expires_at,
            table.refresh_expires_at,
            table.scopes,
            table.updated_at,
        ).where(self._mine)
        row = connection.execute(query.with_for_update() if lock else query).one_or_none()
        if row is None:
            return None
        return Tokens(
            access=self._decrypted(row.access_token),
            refresh=None if row.refresh_token is None else self._decrypted(row.refresh_token),
            access_expires_at=row.access_expires_at,
            refresh_expires_at=row.refresh_expires_at,
            scopes=tuple(row.scopes),
            issued_at=row.updated_at,  # only a sign-in and a renewal write the row
        )

    def _write(self, connection: Connection, tokens: Tokens) -> None:
        row = {
            "client_id": self._client_id,
            "access_token": self._encrypted(tokens.access),
            "refresh_token": None if tokens.refresh is None else self._encrypted(tokens.refresh),
            "access_expires_at": tokens.access_expires_at,
            "refresh_expires_at": tokens.refresh_expires_at,
            "scopes": list(tokens.scopes),
            "updated_at": func.now(),
        }
        statement = insert(OAuthToken).values(row)
        replaced = {name: statement.excluded[name] for name in row if name != "client_id"}
        connection.execute(statement.on_conflict_do_update(index_elements=["client_id"], set_=replaced))

    def _encrypted(self, token: SecretStr) -> str:
        return self._fernet.encrypt(token.get_secret_value().encode()).decode()

    def _decrypted(self, text: str) -> SecretStr:
        try:
            return SecretStr(self._fernet.decrypt(text.encode()).decode())
        except InvalidToken:
            raise ConfigError(
                "LAC_SECRET_KEY does not open the stored LinkedIn tokens",
                meaning="they were stored under another key",
                fix="put the former LAC_SECRET_KEY back, or run `lac auth login` again",
            ) from None


class EncryptedLease:
    """The stored tokens, locked against changes by others."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.replaced = False

    @property
    def tokens(self) -> Tokens:
        """The tokens as they are stored now."""
        return self._tokens

    def replace(self, tokens: Tokens) -> None:
        """Store these instead; they last once the lease ends cleanly."""
        self._tokens = tokens
        self.replaced = True
