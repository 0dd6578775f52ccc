"""What a person at a terminal has: the `lac` command, a folder with a home, a database, and a simulated LinkedIn."""

from __future__ import annotations

import socket
import webbrowser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Connection, make_url
from typer.testing import CliRunner

from lac_pipeline.cli.app import app
from lac_pipeline.commands.simulator import connection_settings
from lac_pipeline.errors import LacError
from lac_pipeline.postgres.databases import DropDatabase
from lac_pipeline.settings import ENV_FILE, Settings, export, isolate
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World

FEW = "accounts,campaign_groups,campaigns,campaign_daily_metrics"


@dataclass(frozen=True)
class CommandResult:
    """What a command printed, and how it ended; `error` is what `lac` would show in red."""

    code: int
    out: str
    error: str


Lac = Callable[..., CommandResult]


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Commands run in an empty folder, and must not see this one's `.env`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(webbrowser, "_tryorder", None)  # it reads BROWSER once a process


@pytest.fixture
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who has just installed the package, in an empty folder."""
    for name in (*Settings.model_fields, ENV_FILE):
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def world() -> World:
    """One busy ad account; a test that needs another world overrides this."""
    return World.synthetic(accounts=1, campaigns=4, creatives=8, days=20)


@pytest.fixture
def redirect_uri(world: World) -> str:
    """Where LinkedIn sends the browser back: a free port, registered with the app."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}/callback"
    world.identities.app.redirect_uris.add(address)
    return address


@pytest.fixture
def simulator(world: World) -> Iterator[SimulatorServer]:
    """LinkedIn, over HTTP."""
    with SimulatorServer(world) as running:
        yield running


@pytest.fixture
def settings_given(
    world: World, simulator: SimulatorServer, redirect_uri: str, warehouse_url: str, tmp_path: Path
) -> dict[str, str]:
    """What the person has set: an app, a migrated database and a key, but no token."""
    return {
        **connection_settings(world, simulator.url),
        "LINKEDIN_ACCESS_TOKEN": "",
        "LINKEDIN_REFRESH_TOKEN": "",
        "LINKEDIN_REDIRECT_URI": redirect_uri,
        "DATABASE_URL": warehouse_url,
        "DAGSTER_POSTGRES_DB": f"{make_url(warehouse_url).database}_dagster",
        "LAC_HOME": str(tmp_path / "home"),
        "LAC_START_DATE": f"{world.now().date() - timedelta(days=20)}",
        "LAC_SECRET_KEY": Fernet.generate_key().decode(),
    }


@pytest.fixture
def few_streams(settings_given: dict[str, str]) -> None:
    """Four streams: a sync of all takes several times as long, and shows no more of what these tests look at."""
    settings_given["LAC_STREAMS"] = FEW


@pytest.fixture
def lac(settings_given: dict[str, str], maintenance: Connection) -> Iterator[Lac]:
    """Run `lac` with these settings, as `lac("auth", "status")`; keyword `stdin` is what the person types."""
    isolate(settings_given)
    yield run_lac
    maintenance.execute(DropDatabase(settings_given["DAGSTER_POSTGRES_DB"]))


@pytest.fixture
def signed_in(lac: Lac, world: World) -> Lac:
    """The command, with a token in the environment."""
    export({"LINKEDIN_ACCESS_TOKEN": world.token, "LINKEDIN_REFRESH_TOKEN": world.refresh_token})
    return lac


@pytest.fixture
def synced(signed_in: Lac) -> Lac:
    """The command, after one sync of everything."""
    printed = signed_in("sync", "--account", "all")
    assert printed.code == 0, printed.error
    return signed_in


def run_lac(*arguments: str, stdin: str | None = None) -> CommandResult:
    """Run one command in this process, keeping our own errors as text and letting any other one through."""
    result = CliRunner().invoke(app, list(arguments), input=stdin)
    if isinstance(result.exception, LacError):
        return CommandResult(
            result.exception.exit_code,
            result.stdout,
            f"{result.stderr}{result.exception}",
        )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return CommandResult(result.exit_code, result.stdout, result.stderr)
