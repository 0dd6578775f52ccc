"""Other commands join the demo of a folder: by `--demo`, or by themselves where nothing else is set."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lac_pipeline.commands.stack.demo_home import demo_is_all_there_is, join_demo, start_demo
from lac_pipeline.commands.stack.home_lock import home_lock
from lac_pipeline.home import DEMO_HOME
from lac_pipeline.settings import ENV_FILE, Settings
from lac_pipeline_tests.cli.conftest import run_lac

SIMULATED = {"LINKEDIN_CLIENT_ID": "simulated", "LINKEDIN_CLIENT_SECRET": "secret"}


@pytest.fixture
def started(nothing_set: None) -> Iterator[Path]:
    """A person with nothing but a demo that was started in this folder; this process is another one's terminal."""
    before = dict(os.environ)
    start_demo(SIMULATED)
    os.environ.clear()
    os.environ.update(before)
    with home_lock(DEMO_HOME):
        yield DEMO_HOME.resolve()


def test_without_a_demo_the_option_is_refused(nothing_set: None) -> None:
    """The error names the command that starts one."""
    result = run_lac("--demo", "status")
    assert result.code == 1
    assert "no demo was started in this folder" in result.error
    assert "lac demo" in result.error


def test_a_running_demo_is_all_there_is(started: Path) -> None:
    """Where no setting is given and no file of settings lies, commands are about it; its settings become theirs."""
    assert demo_is_all_there_is()
    join_demo()
    settings = Settings.load()
    assert (settings.home, settings.linkedin_client_id) == (started, "simulated")
    assert (started / "settings.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("arguments", "joins"), [(["--help"], False), (["--", "--help"], True)])
def test_help_is_about_no_demo(started: Path, arguments: list[str], joins: bool) -> None:
    """Nothing is joined to print help; what follows `--` is for another program."""
    assert ("this is about the demo" in run_lac("usage", *arguments).error) is joins


@pytest.mark.parametrize("given", ["a file", "a variable", "no file at all"])
def test_what_a_person_has_set_comes_first(started: Path, given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With settings of their own, however given, a command is about these."""
    if given == "a file":
        Path(".env").write_text("")
    elif given == "a variable":
        monkeypatch.setenv("LINKEDIN_CLIENT_ID", "mine")
    else:
        monkeypatch.setenv(ENV_FILE, "")
    assert not demo_is_all_there_is()


def test_a_demo_that_has_ended_is_not_joined_by_itself(nothing_set: None) -> None:
    """Its settings still lie there, and only `--demo` takes them."""
    before = dict(os.environ)
    start_demo(SIMULATED)
    os.environ.clear()
    os.environ.update(before)
    assert not demo_is_all_there_is()
