"""A PostgreSQL server prepared as the one of `docker-compose.yml` is."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lac_pipeline.postgres.embedded.binaries import bundled_programs
from lac_pipeline.postgres.embedded.cluster import OWNER
from lac_pipeline.postgres.embedded.server import EmbeddedServer
from lac_pipeline_tests.deploy.deployment import ROOT

PASSWORD = "it's a secret"  # with a quote, as generated ones may have
ROLE = "pipeline"  # in place of `lac`, which is the superuser of the server that the tests start


@dataclass(frozen=True)
class PreparedServer:
    """Where the server listens, its superuser, and the role that the file made."""

    port: int
    superuser: str = OWNER
    role: str = ROLE
    password: str = PASSWORD

    def settings(self) -> dict[str, str]:
        """The settings of the services that are different outside the containers."""
        return {
            "POSTGRES_HOST": "127.0.0.1",
            "POSTGRES_PORT": str(self.port),
            "POSTGRES_USER": self.role,
            "POSTGRES_PASSWORD": self.password,
        }


@pytest.fixture(scope="session")
def prepared_server() -> Iterator[PreparedServer]:
    """A server of these tests' own, on which `10-lac.sql` was run as the postgres image runs it."""
    home = Path(os.environ["LAC_TESTS_POSTGRES"]) / f"compose-{os.getpid()}"
    home.mkdir(mode=0o711)
    with EmbeddedServer(home, durable=False) as server:
        script = (ROOT / "deploy" / "postgres" / "10-lac.sql").read_text()
        subprocess.run(
            [
                *(str(bundled_programs() / "psql"), "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1"),
                server.url("postgres", "postgresql"),
            ],
            # The test server comes with a database of this name; the postgres image does not.
            input="DROP DATABASE IF EXISTS linkedin_ads;\n" + re.sub(r"\b(ROLE|OWNER) lac\b", rf"\1 {ROLE}", script),
            env={"LAC_PASSWORD": PASSWORD},
            text=True,
            check=True,
        )
        yield PreparedServer(server.port)
