"""The commands of `docker-compose.yml`, run as processes: same words, same environment, a user without rights.

Only what a container has of its own is put in: the host names, the ports, and the folder of the image.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from lac_pipeline.commands.simulator import connection_settings
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.deploy.conftest import PreparedServer
from lac_pipeline_tests.deploy.deployment import ROOT, services

BIN = Path(sys.executable).parent
PATIENCE = 600.0  # seconds for all of it together; some 15 on an idle machine
QUERY = """{
  workspaceOrError { ... on Workspace { locationEntries { name loadStatus
    locationOrLoadError { __typename ... on RepositoryLocation { repositories { assetNodes { id } sensors { name } } } }
  } } }
}"""


def free_port() -> int:
    """A port on which no process listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Deployment:
    """The services as processes, below one folder that stands for their volume."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.services = services()
        self.ports = {"3000": str(free_port()), "4000": str(free_port())}
        self.folder = folder
        self._user = powerless_user()
        self._deadline = time.monotonic() + PATIENCE
        self._given = settings
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        if self._user is not None:
            os.chown(folder, self._user, -1)

    def __enter__(self) -> Deployment:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes.values():
            assert process.stdin is not None
            process.stdin.close()
        for process in self._processes.values():
            process.wait(30)

    def run(self, service: str, words: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a command in a service until it ends."""
        return subprocess.run(
            self._outside(words), **self._options(service), capture_output=True, text=True, check=False
        )

    def start(self, service: str) -> None:
        """Start a service's own command on a leash, so that it cannot outlive this test."""
        command = [sys.executable, "-m", "lac_pipeline.commands.stack.supervise", *self._outside(self.command(service))]
        with self.log(service).open("wb") as log:
            self._processes[service] = subprocess.Popen(
                command, **self._options(service), stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
            )

    def command(self, service: str) -> list[str]:
        """The words of a service's command."""
        return [str(word) for word in self.services[service]["command"]]

    def await_health(self, service: str) -> None:
        """Run the service's own health check until it passes."""
        while True:
            checked = self.run(service, self.services[service]["healthcheck"]["test"][1:])
            if checked.returncode == 0:
                return
            story = f"{checked.stderr}\n{self.log(service).read_text(errors='replace')[-3000:]}"
            assert self._processes[service].poll() is None, f"{service} has stopped\n{story}"
            assert time.monotonic() < self._deadline, f"{service} is not healthy\n{story}"

    def await_port(self, service: str, port: str) -> None:
        """Wait until the service listens, which costs less than its health check."""
        while time.monotonic() < self._deadline and self._processes[service].poll() is None:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", int(self.ports[port])), 1).close()
                return
        raise AssertionError(f"{service} does not listen\n{self.log(service).read_text(errors='replace')[-3000:]}")

    def log(self, service: str) -> Path:
        """What the service prints."""
        return self.folder.parent / f"{service}.log"

    def _outside(self, words: list[str]) -> list[str]:
        everywhere = "0.0.0.0"  # noqa: S104 - it is replaced
        inside = self.ports | {everywhere: "127.0.0.1", "/etc/lac/workspace.yaml": str(ROOT / "deploy/workspace.yaml")}
        program, *rest = [inside.get(word, word) for word in words]
        return [str(BIN / program), *(word.replace(":3000/", f":{self.ports['3000']}/") for word in rest)]

    def _options(self, service: str) -> dict[str, Any]:
        environment = {name: str(value) for name, value in self.services[service]["environment"].items()}
        here = {"LAC_HOME": str(self.folder), "LAC_CODE_HOST": "127.0.0.1", "LAC_CODE_PORT": self.ports["4000"]}
        image = {
            "PATH": f"{BIN}:{os.defpath}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return {
            "env": environment | image | self._given | here,
            "cwd": self.folder,
            "user": self._user,
            "group": self._user,
            "extra_groups": [] if self._user is not None else None,
        }


def powerless_user() -> int | None:
    """As root, the number of a user who owns nothing and can run this Python; otherwise None, this user."""
    if os.geteuid() != 0:
        return None
    powerless = pwd.getpwnam("nobody").pw_uid
    probe = [sys.executable, "-c", "import lac_pipeline"]
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        subprocess.run(probe, user=powerless, group=powerless, extra_groups=[], check=True, capture_output=True)
        return powerless
    return None


@pytest.fixture
def deployment(prepared_server: PreparedServer) -> Iterator[Deployment]:
    """The services with a prepared database, an empty volume and a LinkedIn without accounts: nothing syncs."""
    world = World.synthetic(accounts=0, campaigns=0, creatives=0, days=1)
    with tempfile.TemporaryDirectory(prefix="lac-compose-") as folder, SimulatorServer(world) as simulator:
        Path(folder).chmod(0o711)
        volume = Path(folder) / "volume"
        volume.mkdir()
        settings = connection_settings(world, simulator.url) | prepared_server.settings()
        with Deployment(volume, settings) as running:
            yield running


@pytest.mark.whole
def test_the_containers_commands_come_up_healthy(deployment: Deployment) -> None:
    """Migration, code server, UI and daemon start in this order, pass their health checks and end on a signal."""
    migrated = deployment.run("migrate", deployment.command("migrate"))
    assert migrated.returncode == 0, migrated.stderr
    deployment.start("code")
    deployment.await_port("code", "4000")
    deployment.start("webserver")
    deployment.start("daemon")
    for service in ("code", "webserver", "daemon"):
        deployment.await_health(service)

    response = httpx.post(f"http://127.0.0.1:{deployment.ports['3000']}/graphql", json={"query": QUERY}, timeout=30)
    (location,) = response.json()["data"]["workspaceOrError"]["locationEntries"]
    assert (location["name"], location["loadStatus"]) == ("lac", "LOADED")
    (repository,) = location["locationOrLoadError"]["repositories"]
    assert len(repository["assetNodes"]) >= 7
    assert "freshness_sensor" in {sensor["name"] for sensor in repository["sensors"]}
