"""What is true of every command: help with an example, a documented page, failures in four parts, no secret shown."""

from __future__ import annotations

import gzip
import logging
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner
from dagster_graphql.cli import ui

from lac_pipeline.cli.app import main
from lac_pipeline.cli.terminal.help import EXAMPLE
from lac_pipeline.reference.command_pages import commands, examples, page
from lac_pipeline.settings import ENV_FILE, Settings, export
from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.cli.conftest import Lac, run_lac

NAMES = [name for name, _ in commands()]
DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", NAMES)
def test_help_has_an_example(name: str) -> None:
    """`--help` of every command shows a line that can be copied, and it is that command's."""
    command = dict(commands())[name]
    shown = examples(command)
    assert shown
    assert all(line.startswith(name) for line in shown)
    assert run_lac(*name.split()[1:], "--help").code == 0


@pytest.mark.parametrize("name", NAMES)
def test_help_is_broken_where_the_terminal_ends(name: str) -> None:
    """No line of a paragraph ends where a line of the code does, in the middle of a sentence."""
    paragraphs = (dict(commands())[name].help or "").split("\n\n")
    assert [part for part in paragraphs if "\n" in part and not part.startswith(EXAMPLE)] == []


def test_documented_commands_are_the_commands() -> None:
    """docs/commands.md is what `make docs` writes from the commands as they are."""
    assert (DOCS / "commands.md").read_text() == page()


def test_every_command_is_documented() -> None:
    """Every command has its heading, `lac auth login` and the like too."""
    headings = [line[3:] for line in page().splitlines() if line.startswith("## ")]
    assert headings == NAMES
    assert {"lac init", "lac auth login", "lac rejects", "lac rejects retry", "lac raw prune"} <= set(headings)


def run_process(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `lac` as a process of its own, with no setting at all."""
    environment = {"PATH": os.environ["PATH"], ENV_FILE: ""}
    return subprocess.run(
        [sys.executable, "-m", "lac_pipeline", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_failure_in_four_parts(tmp_path: Path) -> None:
    """A failure has a summary, a meaning and a fix, exits 1, and shows no traceback."""
    ended = run_process("auth", "status", folder=tmp_path)
    assert ended.returncode == 1
    assert "error: missing setting: LINKEDIN_CLIENT_ID, LINKEDIN_CLIENT_SECRET" in ended.stderr
    assert "  why:    " in ended.stderr
    assert "  fix:    " in ended.stderr
    assert "Traceback" not in ended.stderr


COMMON = {
    "lac plan": ["--account", "all"],
    "lac sync": ["--account", "all"],
    "lac launch": ["--account", "1", "--url", "http://127.0.0.1:1"],
    "lac runs": ["5b2f6c0e", "--url", "http://127.0.0.1:1"],
    "lac exec": ["--", "true"],
    "lac dump": ["lac.dump"],
    "lac export": ["--to", "out"],
    "lac restore": ["--yes", "lac.dump"],
    "lac replay": ["--account", "all", "--since", "2026-10-01"],
    "lac grant-reader": ["analyst"],
    "lac raw prune": ["--older-than", "90d"],
}
"""What a command needs to be understood; the others need nothing."""

ALWAYS_WORK = {"lac", "lac init", "lac demo", "lac simulator", "lac doctor"}
"""Commands that need no setting; `lac doctor` tells what is wrong as findings, in its own test."""


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ALWAYS_WORK])
def test_every_commands_failure_has_parts(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With nothing set, or no server listening, every command prints what failed and the fix, and exits 1."""
    for setting in Settings.model_fields:
        monkeypatch.delenv(setting.upper(), raising=False)
    monkeypatch.setenv(ENV_FILE, "")
    monkeypatch.setattr(sys, "argv", [*name.split(), *COMMON.get(name, [])])
    with pytest.raises(SystemExit) as ended:
        main()
    error = capsys.readouterr().err
    assert ended.value.code == 1
    assert error.startswith("error: ")
    assert "\n  why:    " in error
    assert "\n  fix:    " in error
    assert "Traceback" not in error


def test_an_unreachable_database(lac: Lac) -> None:
    """An unknown host and a server that is down are different errors, each with its fix and without the password."""
    summaries = set()
    for address in ("lac:hunter2@nowhere.invalid/ads", "lac:hunter2@127.0.0.1:1/ads"):
        export({"DATABASE_URL": f"postgresql://{address}"})
        result = lac("status")
        assert result.code == 1
        assert "DATABASE_URL" in result.error
        assert "hunter2" not in result.error
        summaries.add(result.error.splitlines()[0])
    assert len(summaries) == 2


def test_a_refused_token_of_the_environment(signed_in: Lac) -> None:
    """A token in .env wins over stored ones, so the fix says to take it out before signing in."""
    export({"LINKEDIN_ACCESS_TOKEN": "AQXwrong", "LINKEDIN_REFRESH_TOKEN": ""})
    result = signed_in("sync", "--account", "all")
    assert result.code == 1
    assert "take it out of .env first" in result.error


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    """`--debug` adds the traceback to the same words."""
    ended = run_process("--debug", "auth", "status", folder=tmp_path)
    assert ended.returncode == 1
    assert "Traceback" in ended.stderr
    assert "missing setting" in ended.stderr


@pytest.mark.whole
def test_no_secret_is_shown(
    lac: Lac, world: World, settings_given: dict[str, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Sign-in, refresh, status, sync and doctor at DEBUG tell no token, code or secret, in no place."""
    caplog.set_level(logging.DEBUG)
    export({"LOG_LEVEL": "DEBUG", "BROWSER": f"{_browser(tmp_path)} %s"})
    results = [
        lac("auth", "login", "--timeout", "30"),
        lac("auth", "refresh"),
        lac("auth", "status"),
        lac("sync", "--account", "all"),
        lac("doctor", "--json"),
    ]
    assert [result.code for result in results] == [0] * 5
    codes = set((tmp_path / "codes").read_text().split())
    secrets = {*world.identities.access, *world.identities.refresh, *codes, world.client_secret}
    kept = [_dagster_events(), _ui_pages(tmp_path), _files(tmp_path / "home")]
    places = [caplog.text, *kept, *(result.out + result.error for result in results)]
    assert len(codes) == 1
    assert len(secrets) >= 7
    assert all(len(place) > 40 for place in places)
    assert [place[:40] for place in places for secret in secrets if secret in place] == []
    assert [place[:40] for place in places if settings_given["LAC_SECRET_KEY"] in place] == []


def _browser(folder: Path) -> Path:
    """A browser that agrees on LinkedIn's page, and notes the code that it was sent back with."""
    browser = folder / "browser"
    browser.write_text(
        f"#!{sys.executable}\nimport httpx, pathlib, sys\nresponse = httpx.get(sys.argv[1])\n"
        "back = httpx.URL(response.headers['location'])\n"
        f"pathlib.Path({str(folder / 'codes')!r}).write_text(back.params['code'])\nhttpx.get(back)\n"
    )
    browser.chmod(0o700)
    return browser


def _dagster_events() -> str:
    """Every event and log line of every run."""
    with dg.DagsterInstance.get() as instance:
        runs = [run.run_id for run in instance.get_runs()]
        return "\n".join(str(entry) for run_id in runs for entry in instance.all_logs(run_id))


SHOWN = """{ runsOrError { ... on Runs { results {
  runId runConfigYaml tags { key value } status assets { key { path } }
  eventConnection { events {
    __typename
    ... on MessageEvent { message }
    ... on MaterializationEvent { description metadataEntries {
      label description
      ... on TextMetadataEntry { text } ... on MarkdownMetadataEntry { mdStr } ... on PathMetadataEntry { path }
      ... on JsonMetadataEntry { jsonString } ... on UrlMetadataEntry { url }
    } }
    ... on ExecutionStepFailureEvent { error { message stack } }
  } }
} } } }"""
"""What the UI's pages of runs and assets ask the webserver for."""


def _ui_pages(folder: Path) -> str:
    """What Dagster's webserver returns to its own pages: runs, their configuration, logs and metadata."""
    (folder / "workspace.yaml").write_text("load_from: []\n")
    reply = CliRunner().invoke(ui, ["-w", str(folder / "workspace.yaml"), "-t", SHOWN])
    assert reply.exit_code == 0, reply.output
    assert reply.output.count("MaterializationEvent") >= 7
    return reply.output


def _files(home: Path) -> str:
    """Everything below LAC_HOME: raw responses unzipped, Dagster's files as they are."""
    files = [file for file in sorted(home.rglob("*")) if file.is_file()]
    contents = [gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes() for file in files]
    assert any(file.suffix == ".gz" for file in files)
    return b"\n".join(contents).decode("latin-1")
