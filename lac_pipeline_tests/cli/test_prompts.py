"""What `lac init` and `lac plan` prompt for at a terminal, and what follows from every reply, Ctrl-C and Ctrl-D."""

from __future__ import annotations

import stat
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from dotenv import dotenv_values
from sqlalchemy import Engine, update

from lac_pipeline.clock import utc_now
from lac_pipeline.simulator.world.world import World
from lac_pipeline.warehouse.schema.operational_tables import StreamState, SyncLog
from lac_pipeline_tests.cli.conftest import Lac
from lac_pipeline_tests.cli.terminal import CTRL_C, CTRL_D, ENTER, Terminal, terminal

CLIENT_ID, CLIENT_SECRET, DATABASE, HISTORY = "client id", "client secret", "PostgreSQL", "how much history"
ONE_LINE = 1


def written(folder: Path) -> dict[str, str | None]:
    """The settings in `.env`."""
    return dotenv_values(folder / ".env")


def last_lines(person: Terminal, prompt: str) -> list[str]:
    """The lines that came after the command was left at a prompt."""
    return [line for line in person.text.rpartition(prompt)[2].splitlines()[1:] if line.strip()]


def test_init_prompts_and_writes(tmp_path: Path) -> None:
    """Four prompts, two replies typed unseen; the file is the person's alone, and a numbered to-do ends it."""
    with terminal("lac", "init", folder=tmp_path) as person:
        person.reply(CLIENT_ID, "86abc")
        person.expect(CLIENT_SECRET)
        person.expect(": ")
        assert not person.echoes()
        person.press("WPL_AP1.s3cret==" + ENTER)
        person.reply(DATABASE, "postgresql://lac:p%40ss@db:5432/ads")
        person.reply(HISTORY, "2026-02")
        assert person.end() == 0
    found = written(tmp_path)
    assert (found["LINKEDIN_CLIENT_ID"], found["LINKEDIN_CLIENT_SECRET"]) == ("86abc", "WPL_AP1.s3cret==")
    assert found["DATABASE_URL"] == "postgresql://lac:p%40ss@db:5432/ads"
    assert found["LAC_START_DATE"] == "2026-02-01"
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert "s3cret" not in person.shown
    assert "p%40ss" not in person.shown
    assert [line.split()[0] for line in person.text.splitlines()[-4:]] == ["1.", "2.", "3.", "4."]


@pytest.mark.whole
def test_init_takes_defaults_with_enter(tmp_path: Path) -> None:
    """Enter leaves what is not known yet for the to-do, and the database to the embedded server."""
    with terminal("lac", "init", folder=tmp_path) as person:
        for prompt in (CLIENT_ID, CLIENT_SECRET, DATABASE, HISTORY):
            person.reply(prompt, "")
        assert person.end() == 0
    assert written(tmp_path)["LINKEDIN_CLIENT_ID"] == ""
    assert "DATABASE_URL" not in written(tmp_path)
    assert "1. put LINKEDIN_CLIENT_ID into .env" in person.text
    assert "2. put LINKEDIN_CLIENT_SECRET into .env" in person.text


def test_init_prompts_again_for_what_it_refuses(tmp_path: Path) -> None:
    """A reply that cannot work is refused with the reason, and only its prompt comes again."""
    with terminal("lac", "init", folder=tmp_path) as person:
        person.reply(CLIENT_ID, "86'abc")
        person.expect("quote")
        person.reply(CLIENT_ID, "86abc")
        person.reply(CLIENT_SECRET, "s3cret")
        person.reply(DATABASE, "mysql://db/ads")
        person.expect("postgresql://")
        person.reply(DATABASE, "postgresql://lac:p@ss/word@db/ads")
        person.expect("%40")
        person.reply(DATABASE, "")
        person.reply(HISTORY, "a year")
        person.expect("write 2026-11-21, 2026-11, today, yesterday or 7d")
        person.reply(HISTORY, "365d")
        assert person.end() == 0
    assert written(tmp_path)["LAC_START_DATE"] == f"{utc_now().date() - timedelta(days=365)}"
    assert "ss/word" not in person.shown
    assert written(tmp_path)["LINKEDIN_CLIENT_ID"] == "86abc"
    assert "DATABASE_URL" not in written(tmp_path)


@pytest.mark.parametrize(("prompt", "key", "status"), [(CLIENT_ID, CTRL_C, 130), (CLIENT_SECRET, CTRL_D, 1)])
def test_init_left_halfway_writes_nothing(tmp_path: Path, prompt: str, key: str, status: int) -> None:
    """Ctrl-C or Ctrl-D, at the first prompt or a later one, ends it in one line; no file is there, not even half."""
    with terminal("lac", "init", folder=tmp_path) as person:
        if prompt == CLIENT_SECRET:
            person.reply(CLIENT_ID, "86abc")
        person.expect(prompt)
        person.expect(": ")
        person.press(key)
        assert person.end() == status
    assert list(tmp_path.iterdir()) == []
    assert len(last_lines(person, prompt)) == ONE_LINE
    assert "nothing" in last_lines(person, prompt)[0]


@pytest.mark.whole
def test_init_keeps_what_is_there(tmp_path: Path) -> None:
    """Beside a complete `.env` nothing is prompted for, and not a byte of it changes."""
    mine = "LINKEDIN_CLIENT_ID=a\nLINKEDIN_CLIENT_SECRET=b\nDATABASE_URL=postgresql://h/d\n"
    (tmp_path / ".env").write_text(f"{mine}LAC_SECRET_KEY=k\nLAC_START_DATE=2026-01-01\n")
    before = (tmp_path / ".env").read_bytes()
    with terminal("lac", "init", folder=tmp_path) as person:
        assert person.end() == 0
    assert (tmp_path / ".env").read_bytes() == before


@pytest.fixture
def synced(
    few_streams: None, signed_in: Lac, settings_given: dict[str, str], world: World, engine: Engine
) -> dict[str, str]:
    """The variables of a person whose account was synced once, so long ago that nothing of it is fresh any more."""
    assert signed_in("sync", "--account", "all").code == 0
    with engine.begin() as connection:
        connection.execute(update(SyncLog).values(started_at=SyncLog.started_at - timedelta(days=1)))
        connection.execute(update(StreamState).values(synced_at=StreamState.synced_at - timedelta(days=1)))
    given = {"LINKEDIN_ACCESS_TOKEN": world.token, "LINKEDIN_REFRESH_TOKEN": world.refresh_token}
    return settings_given | given | {"NO_PROXY": "127.0.0.1"}


def today_of(world: World) -> list[str]:
    """The options that name all accounts and the running day."""
    return ["--account", "all", "--since", f"{world.now():%Y-%m-%d}"]


def test_plan_runs_nothing_without_a_confirmation(synced: dict[str, str], world: World, tmp_path: Path) -> None:
    """`lac plan` prompts until y or n is typed; after an `n` nothing was run, and no request was sent."""
    before = world.calls.total()
    with terminal("lac", "plan", *today_of(world), folder=tmp_path, variables=synced) as person:
        person.reply("run it? [y/N]", "perhaps")
        person.reply("run it? [y/N]", "n")
        assert person.end() == 0
    assert person.text.endswith("nothing was run\n")
    assert world.calls.total() == before


@pytest.mark.whole
def test_plan_runs_when_confirmed(synced: dict[str, str], world: World, tmp_path: Path) -> None:
    """`y` runs the plan that was shown."""
    before = world.calls["adAnalytics"]
    with terminal("lac", "plan", *today_of(world), folder=tmp_path, variables=synced) as person:
        person.reply("run it? [y/N]", "y")
        assert person.end() == 0
    assert world.calls["adAnalytics"] > before
    assert "campaign_daily_metrics" in person.text


CONFIRMATION = """
import sys, typer
from lac_pipeline.cli.terminal.prompts import confirm
app = typer.Typer()
app.command()(lambda: sys.exit(77 if confirm("go on?") else 0))
app()
"""


@pytest.mark.parametrize(
    ("keys", "status", "expected"), [(ENTER, 0, ""), ("Yes" + ENTER, 77, ""), (CTRL_D, 1, "nothing was done")]
)
def test_the_default_is_no(tmp_path: Path, keys: str, status: int, expected: str) -> None:
    """Enter is a no, and Ctrl-D stops the command instead of replying."""
    with terminal(sys.executable, "-c", CONFIRMATION, folder=tmp_path) as person:
        person.expect("go on? [y/N]: ")
        person.press(keys)
        assert person.end() == status
    assert expected in person.text
