"""Who may read what the commands leave behind: their owner alone, whatever the umask."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from lac_pipeline.commands.simulator import connection_settings
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World

OPEN_TO_POSTGRESQL = ("0711", "0755")
"""As root the embedded server is another user, who passes through our folders and runs programs below one of them."""


def lac(*arguments: str, environ: dict[str, str], umask: int, folder: Path) -> None:
    """Run `lac` as a process with a umask of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "lac_pipeline", *arguments],
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **environ},
        cwd=folder,
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def open_to_others(home: Path) -> dict[str, str]:
    """What others may read, write or enter below a home, but for the way to the embedded server's programs."""
    server = home / "pg18"
    passed = (home, server) if os.geteuid() == 0 else ()
    found = {
        str(path.relative_to(home)): f"{path.lstat().st_mode & 0o777:04o}"
        for path in [home, *home.rglob("*")]
        if not path.is_symlink() and not path.is_socket() and server / "install" not in [path, *path.parents]
    }
    return {
        name: mode
        for name, mode in found.items()
        if int(mode, 8) & 0o077 and not (home / name in passed and mode in OPEN_TO_POSTGRESQL)
    }


@pytest.mark.whole
def test_everything_below_the_home_is_closed_to_others(
    world: World, simulator: SimulatorServer, reachable_path: Path
) -> None:
    """After a sync and a report, raw responses, documents, and files of Dagster and the database are their owner's."""
    home, account = reachable_path / "made" / "home", str(world.truth.accounts()[0]["id"])
    environ = {
        **connection_settings(world, simulator.url),
        "LAC_HOME": str(home),
        "LAC_START_DATE": f"{world.now().date() - timedelta(days=20)}",
    }
    lac("migrate", environ=environ, umask=0o000, folder=reachable_path)
    lac("sync", "--account", account, environ=environ, umask=0o000, folder=reachable_path)
    materialize = ["dagster", "asset", "materialize", "-m", "lac_pipeline.definitions", "--partition", account]
    select = ["--select", "account_snapshot,performance_report"]
    lac("exec", "--", *materialize, *select, environ=environ, umask=0o000, folder=reachable_path)
    made = {path.relative_to(home).parts[0] for path in home.iterdir()}
    assert {"raw", "snapshots", "reports", "dagster", "pg18"} <= made
    assert open_to_others(home) == {}


def test_a_strict_umask_leaves_the_embedded_server_its_way(reachable_path: Path) -> None:
    """Under a umask that closes everything the server's user, as root another one, still gets to its data."""
    home = reachable_path / "made" / "home"
    environ = {**connection_settings(World.synthetic(), "http://127.0.0.1:9"), "LAC_HOME": str(home)}
    lac("migrate", environ=environ, umask=0o077, folder=reachable_path)
    assert open_to_others(home) == {}
