"""`--account` with several ad accounts: with commas between them, or as the option again."""

from __future__ import annotations

import pytest

from lac_pipeline.cli.terminal.documents import StatusDocument, SyncDocument, UsageDocument
from lac_pipeline.cli.terminal.options import account_numbers, accounts_or_all, named
from lac_pipeline.errors import UnknownNameError
from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.cli.conftest import Lac

pytestmark = pytest.mark.usefixtures("few_streams")

FIRST, SECOND, THIRD = 520000001, 520000002, 520000003


@pytest.fixture
def world() -> World:
    """Three small ad accounts."""
    return World.synthetic(accounts=3, campaigns=1, creatives=1, days=3)


@pytest.mark.parametrize(
    ("given", "names"),
    [(["1,2"], ["1", "2"]), (["1", "2, 3"], ["1", "2", "3"]), (["007,7"], ["7"]), (["1,all"], ["all"])],
)
def test_accounts_are_named_once(given: list[str], names: list[str]) -> None:
    """Commas and repetition come to the same; an account counts once, and `all` is all."""
    assert named(map(accounts_or_all, given)) == names


def test_no_account_is_none() -> None:
    """An option that was not given names nothing."""
    assert named(None) == []


@pytest.mark.parametrize("text", ["1,,2", "1,x", ",", "1;2"])
def test_each_part_must_be_an_account(text: str) -> None:
    """A part that is no number is refused, an empty one too, which the error shows."""
    with pytest.raises(UnknownNameError, match=r"unknown ad account: \S"):
        account_numbers(text)


def test_commands_about_several_accounts(signed_in: Lac) -> None:
    """A sync loads the named accounts alone; a later command is about the accounts that it names itself."""
    synced = signed_in("sync", "--account", f"{FIRST},{SECOND}", "--json")
    assert synced.code == 0, synced.error
    results = SyncDocument.model_validate_json(synced.out).results
    assert list(dict.fromkeys(result.account_id for result in results)) == [FIRST, SECOND]

    both = signed_in("status", "--account", f"{SECOND}", "--account", f"{FIRST}", "--json")
    assert {asset.account_id for asset in StatusDocument.model_validate_json(both.out).assets} == {FIRST, SECOND}
    usage = signed_in("usage", "--account", f"{SECOND},{THIRD}", "--json")
    assert {row.account_id for row in UsageDocument.model_validate_json(usage.out).rows} == {SECOND}
    assert "0 open rejects" in signed_in("rejects", "--account", f"{FIRST},{SECOND}").out

    unknown = signed_in("status", "--account", f"{FIRST},7")
    assert unknown.code == 2
    assert "7" in unknown.error


def test_results_are_printed_account_by_account(signed_in: Lac) -> None:
    """Accounts share runs of each asset group; the lines of an account stand together all the same."""
    synced = signed_in("sync", "--account", "all")
    assert synced.code == 0, synced.error
    lines = [line.split()[0] for line in synced.out.splitlines() if line.startswith("52")]
    assert lines == sorted(lines)
    assert set(lines) == {str(FIRST), str(SECOND), str(THIRD)}


def test_a_failure_that_all_accounts_share_is_printed_once(synced: Lac, world: World) -> None:
    """With a token that expired, the accounts of a run fail alike; no other run is tried."""
    world.edit.expire(world.token)
    world.edit.expire(world.refresh_token)
    failed = synced("sync", "--account", f"{FIRST},{SECOND},{THIRD}", "--force")
    assert failed.code == 1
    assert "\n1 failed:\n" in failed.error
    assert "no more is tried" in failed.error
    assert failed.error.count("lac auth login") == 1


def test_an_account_that_fails_in_each_asset_group_is_one_failure(synced: Lac, world: World) -> None:
    """It is named once, with its asset groups and the first of its runs; the accounts beside it are loaded."""
    world.edit.forbid(SECOND)
    failed = synced("sync", "--account", f"{FIRST},{SECOND},{THIRD}", "--force")
    assert failed.code == 1
    assert "\n1 failed:\n" in failed.error
    (heading,) = [line for line in failed.error.splitlines() if line.startswith("account ") and line.endswith(":")]
    assert f"({SECOND}), entities, metrics, run " in heading
    assert heading.endswith(" and 1 more:")
    loaded = {line.split()[0] for line in failed.out.splitlines() if " accounts " in line}
    assert loaded >= {str(FIRST), str(THIRD)}
