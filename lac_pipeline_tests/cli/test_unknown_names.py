"""Names that nothing bears are refused, with the nearest that something does, and exit code 2."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lac_pipeline.cli.terminal.options import complete_asset
from lac_pipeline.settings import ENV_FILE
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import STREAMS
from lac_pipeline.unknown_names import LISTED, unknown_name
from lac_pipeline_tests.cli.conftest import Lac, run_lac

WITH_ASSET = [["rejects"], ["rejects", "retry"], ["status"]]
WITH_ACCOUNT = [
    *(["rejects"], ["rejects", "retry"], ["status"], ["usage"], ["sync"], ["plan"], ["launch"]),
    ["replay", "--since", "2026-10-01"],
]


@pytest.mark.parametrize("command", WITH_ASSET, ids=" ".join)
def test_an_unknown_asset_is_refused_with_the_nearest(command: list[str]) -> None:
    """Nothing is started for the name of an asset that does not exist; the right one is suggested."""
    result = run_lac(*command, "--asset", "campains")
    assert result.code == 2
    assert "unknown asset: campains" in result.error
    assert "did you mean campaigns" in result.error


@pytest.mark.parametrize("command", WITH_ACCOUNT, ids=" ".join)
@pytest.mark.parametrize("account", ["Northwind", "-5", "5e8", "\u0665\u0661", ""])
def test_an_account_is_a_number(command: list[str], account: str) -> None:
    """What is no number cannot be an account, and nothing is started to find out."""
    result = run_lac(*command, f"--account={account}")
    assert result.code == 2
    assert f"unknown ad account: {account}" in result.error
    assert "is named by its number" in result.error
    assert "known: none" not in result.error


@pytest.mark.parametrize("command", [["sync"], ["plan"], ["replay", "--since", "2026-10-01"]], ids=" ".join)
def test_nearly_all_is_suggested(command: list[str]) -> None:
    """A misspelled `all` is recognized."""
    assert "did you mean all?" in run_lac(*command, "--account", "al").error


@pytest.mark.whole
def test_an_unknown_account_is_refused_with_the_nearest(signed_in: Lac, world: World) -> None:
    """A number that is no account of ours is refused by every command; one that is known is taken."""
    account = str(world.truth.accounts()[0]["id"])
    typo = account.replace("1", "2")
    assert signed_in("sync", "--account", account).code == 0
    for command in (["rejects"], ["rejects", "retry"], ["status"], ["usage"], ["sync"], ["plan"]):
        result = signed_in(*command, "--account", typo)
        assert (command, result.code) == (command, 2)
        assert f"unknown ad account: {typo}" in result.error
        assert f"did you mean {account}?" in result.error
    replayed = signed_in("replay", "--account", typo, "--since", "2026-10-01")
    assert replayed.code == 2
    assert f"did you mean {account}?" in replayed.error
    assert signed_in("status", "--account", account).out.count(f"{account} ") == len(STREAMS.chosen("default"))
    assert len(signed_in("status", "--account", account, "--asset", "campaigns").out.splitlines()) == 2
    assert signed_in("rejects", "--account", account).code == 0


def test_the_process_exits_2(tmp_path: Path) -> None:
    """The exit code is that of the process, not only of the test's runner."""
    command = [sys.executable, "-m", "lac_pipeline", "rejects", "--asset", "campains"]
    ended = subprocess.run(command, cwd=tmp_path, env={ENV_FILE: ""}, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "did you mean campaigns" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_many_known_names_are_cut() -> None:
    """A thousand accounts are not listed; their number is printed."""
    error = unknown_name("ad account", "999", [str(number) for number in range(510000000, 510001000)])
    assert str(error.meaning).endswith(f"and {1000 - LISTED} more")


def test_assets_are_completed() -> None:
    """The shell completes what was begun."""
    assert complete_asset("campaign_g") == ["campaign_groups"]
    assert {"campaign_groups", "campaigns", "campaign_daily_metrics"} <= {*complete_asset("campaign")}
    assert "creatives" not in complete_asset("campaign")
