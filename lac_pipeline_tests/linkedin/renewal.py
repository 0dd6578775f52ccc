"""One process that reads an account with tokens kept in PostgreSQL; importable, so that it can be started ten times."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from threading import Barrier

from pydantic import SecretStr

from lac_pipeline.linkedin.client import connect
from lac_pipeline.linkedin.events import Event
from lac_pipeline.linkedin.transport import ClientConfig
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.warehouse.token_store import EncryptedTokens


@dataclass(frozen=True)
class Reader:
    """What a process is given.

    Attributes:
        database_url: where the tokens are kept.
        secret_key: what they are encrypted with.
        url: the simulator.
        client_id: the app's id.
        client_secret: its secret.
        account_id: what it reads.
    """

    database_url: str
    secret_key: str
    url: str
    client_id: str
    client_secret: str
    account_id: int

    def run(self, start: Barrier) -> int:
        """Read the account as soon as all are ready, and return its id from LinkedIn."""
        return asyncio.run(self._read(start))

    async def _read(self, start: Barrier) -> int:
        engine = make_engine(self.database_url)
        store = EncryptedTokens(engine, SecretStr(self.secret_key), client_id=self.client_id)
        secret = SecretStr(self.client_secret)
        config = ClientConfig(self.url, self.url, "202609", client_id=self.client_id, client_secret=secret)
        async with connect(config, tokens=store, progress=_quiet) as client:
            start.wait(timeout=60)
            page = await client.account(self.account_id)
        engine.dispose()
        return int(page.elements[0]["id"])


def _quiet(event: Event) -> None:
    """Print nothing."""
