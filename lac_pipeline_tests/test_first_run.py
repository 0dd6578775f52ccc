"""The first minute: `lac demo` from an empty folder to a filled UI, and each command that documents tell to type."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from sqlalchemy import Connection, make_url

from lac_pipeline.cli.terminal.documents import UsageDocument
from lac_pipeline.commands.simulator import connection_settings
from lac_pipeline.commands.stack.processes import HOST, port_of, reserved_port
from lac_pipeline.postgres.databases import DropDatabase
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.ports import free_port

PROJECT = Path(__file__).parents[1]
PAGES = ("README.md", "docs/getting-started.md")
COMMANDS = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(PROJECT)}
"""Where `lac` is found: in the environment that these tests run in."""
LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="looks for left-over processes in /proc")


ELSEWHERE = {
    "make demo": "it runs `lac demo`, which has its own test here",
    "make test": "it runs these tests",
    "make install": "it makes the environment that these tests run in",
    "make up": "it runs `lac up`",
    "lac up": "it stays until Ctrl-C, and has its own test here, marked as slow",
    "lac auth login": "a person agrees in a browser; cli/test_auth.py does so at the simulator",
    "lac auth login --paste-url": "a person pastes what the browser shows; cli/test_auth.py does so",
    "lac --install-completion": "it writes into the home folder; cli/test_completion.py gives it one",
    "lac --show-completion": "it is about the shell that it is typed in; cli/test_completion.py has three of them",
}
"""Commands of the documents that are not run as they stand there, and why."""


def typed(document: str) -> list[str]:
    """The commands that a document tells to type, in blocks and within its sentences, in its order."""
    text = (PROJECT / document).read_text()
    found = re.findall(r"^\$ ([^#\n]+)|`((?:\.venv/bin/)?lac [^`\n]+|make [^`\n]+)`", text, re.MULTILINE)
    return [(block or within).strip().removeprefix(".venv/bin/") for block, within in found]


OF_THE_DEMO = {command for page in PAGES for command in typed(page) if command.startswith("lac --demo ")}
"""Commands of the documents about the demo that runs, which its test here types."""


def failures(commands: Iterable[str], folder: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """Type commands in a folder, one after the other; what those that failed printed."""
    failed = {}
    for command in commands:
        done = subprocess.run(
            command.split(),
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            failed[command] = done.stdout + done.stderr
    return failed


@contextmanager
def lasting(
    folder: Path, command: str, *arguments: str, variables: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """`lac demo` or `lac up` in a folder; Ctrl-C and a clean end when the block is left."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lac_pipeline", command, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"} | dict(variables or {}),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()


def until_ready(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What the command printed up to the UI's address, and that address."""
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if found := re.search(r"The Dagster UI: (http://\S+)", line):
            return printed, found[1]
    raise AssertionError(f"it ended early:\n{printed}")


def spend_in(printed: str) -> str:
    """The table of spend by campaign."""
    return printed[printed.index("spend by campaign") :].split("The Dagster UI", maxsplit=1)[0]


def left_over(folder: Path) -> list[str]:
    """The command lines of processes that still work for this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in words and int(process.name) != os.getpid():
            found.append(words.split(b"\0")[0].decode())
    return found


@LINUX_ONLY
@pytest.mark.whole
def test_the_demo_from_an_empty_folder_and_again(reachable_path: Path) -> None:
    """Real runs load three accounts; Ctrl-C leaves no process; the second start shows the same and loads nothing."""
    with lasting(reachable_path, "demo", "--port", str(free_port(3100))) as process:
        printed, url = until_ready(process)
        runs = httpx.post(f"{url}/graphql", json={"query": "{ runsOrError { ... on Runs { count } } }"}, timeout=30)
        assert runs.json()["data"]["runsOrError"]["count"] >= 6
        assert failures(sorted(OF_THE_DEMO), reachable_path, os.environ | COMMANDS) == {}
        joined = ["lac", "--demo", "usage", "--json"]
        environ = os.environ | COMMANDS
        calls = subprocess.run(joined, cwd=reachable_path, capture_output=True, text=True, check=True, env=environ)
        assert UsageDocument.model_validate_json(calls.stdout).calls > 0
        further = "".join(islice(process.stdout or (), 5))
        report = re.search(r"a report +file://(\S+)", further)
        assert report is not None, further
        assert "<html" in Path(unquote(report[1])).read_text()
        assert f"{url}/asset-groups" in further
    assert process.returncode == 0
    assert left_over(reachable_path) == []
    assert printed.count("audience_demographics") == 3
    assert "EUR" in spend_in(printed)
    assert "JPY" in spend_in(printed)

    with lasting(reachable_path, "demo") as process:
        again, _ = until_ready(process)
    assert again.count("skipped: synced ") == 9
    assert "3 ad accounts, 0 rows inserted, 0 updated, 0 calls" in again
    assert spend_in(again) == spend_in(printed)
    assert left_over(reachable_path) == []


def test_a_port_that_is_taken_is_passed_over() -> None:
    """Where another program listens already, the next free port is used."""
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with reserved_port(port) as reservation:
            assert port_of(reservation) != port


def test_what_starts_at_the_same_time_takes_another_port() -> None:
    """A port is reserved before its server listens: of two demos that start together, each has a port of its own."""
    with reserved_port(3300) as first, reserved_port(port_of(first)) as second:
        port = port_of(first)
        assert port_of(second) != port
    with reserved_port(port) as again:
        assert port_of(again) == port


@pytest.mark.whole
def test_an_install_that_reaches_no_index_names_the_next_step(tmp_path: Path) -> None:
    """Below the errors of pip, `make install` prints what it needs and what to try."""
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(PROJECT / name, tmp_path)
    unreachable = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": f"http://{HOST}:9/simple", "PIP_RETRIES": "0"}
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")} | unreachable
    command = ["make", "--no-print-directory", "install", f"PYTHON={sys.executable}"]
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert f"UV_SYSTEM_CERTS=1 make PYTHON={sys.executable} install" in done.stdout.splitlines()[-1]
    assert not (tmp_path / ".venv" / "installed").exists()


def test_a_python_that_is_missing_is_named(tmp_path: Path) -> None:
    """`make install` names the interpreter that it did not find, and another that may be there."""
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(PROJECT / name, tmp_path)
    command = ["make", "install", "PYTHON=python3.99"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "no python3.99 was found. Try: make PYTHON=python3.12 install" in done.stdout


@pytest.fixture
def person(database_url: str, maintenance: Connection, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a person with an app, a token and an empty database, before a simulated LinkedIn."""
    dagster = f"{make_url(database_url).database}_dagster"
    world = World.synthetic(accounts=1, campaigns=4, creatives=8, days=20)
    with SimulatorServer(world) as simulator:
        yield {
            **connection_settings(world, simulator.url),
            **COMMANDS,
            "HOME": str(tmp_path),
            "DATABASE_URL": database_url,
            "DAGSTER_POSTGRES_DB": dagster,
            "LAC_START_DATE": "2026-09-01",
            "NO_PROXY": HOST,
        }
    maintenance.execute(DropDatabase(dagster))


@pytest.mark.whole
@pytest.mark.parametrize("document", PAGES)
def test_the_documents_commands_work_in_their_order(document: str, person: dict[str, str], tmp_path: Path) -> None:
    """A document's commands, typed from its top in an empty folder and with an empty database, do not fail."""
    commands = dict.fromkeys(typed(document))
    assert {"lac init", "lac migrate", "lac doctor", "lac sync --account all"} <= set(commands)
    here = [command for command in commands if command not in ELSEWHERE and command not in OF_THE_DEMO]
    assert failures(here, tmp_path, person) == {}


@pytest.mark.whole
def test_the_printed_settings_point_at_the_simulator(person: dict[str, str], tmp_path: Path) -> None:
    """What `lac simulator` prints, written into `.env`, is all that the commands of its page need."""
    needed = {"DATABASE_URL", "DAGSTER_POSTGRES_DB", "HOME", "NO_PROXY", *COMMANDS}
    short = {"LAC_START_DATE": "2026-11-20", "LAC_STREAMS": "accounts"}
    variables = {name: value for name, value in person.items() if name in needed} | short
    with lasting(tmp_path, "simulator", "--port", str(free_port(3300))) as process:
        assert process.stdout is not None
        _, _, *settings = islice(process.stdout, 9)  # a sentence, an empty line, and seven settings
        assert settings[-1].startswith("LINKEDIN_OAUTH_URL=")
        (tmp_path / ".env").write_text("".join(settings))
        page = ["lac init", "lac migrate", "lac doctor", "lac sync --account all"]
        assert [command for command in typed("docs/simulator.md") if command in page] == page
        assert failures(page, tmp_path, variables) == {}


def test_commands_that_are_run_elsewhere_are_in_the_documents() -> None:
    """The list of exceptions holds nothing that no document tells to type."""
    assert set(ELSEWHERE) <= {command for page in PAGES for command in typed(page)}


@pytest.mark.slow
def test_up_and_ctrl_c(person: dict[str, str], tmp_path: Path) -> None:
    """`lac up` makes the schema, shows the UI with its sensors running, and ends cleanly on Ctrl-C."""
    with lasting(tmp_path, "up", "--port", str(free_port(3200)), variables=person) as process:
        _, url = until_ready(process)
        assert httpx.get(f"{url}/server_info", timeout=30).status_code == 200
    assert process.returncode == 0
    assert left_over(tmp_path) == []
