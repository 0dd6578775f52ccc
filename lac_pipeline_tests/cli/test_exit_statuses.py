"""Commands exit alike with and without `--json`, however many ad accounts LinkedIn lists."""

from __future__ import annotations

import json

import pytest

from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.cli.conftest import Lac

pytestmark = pytest.mark.usefixtures("few_streams")

READING = (("plan", "--account", "all"), ("status",), ("usage",), ("rejects",), ("reports",))
SYNC = ("sync", "--account", "all")


@pytest.fixture(params=[0, 1, 3])
def accounts(request: pytest.FixtureRequest) -> int:
    """How many ad accounts LinkedIn lists."""
    return int(request.param)


@pytest.fixture
def world(accounts: int) -> World:
    """So many small accounts."""
    return World.synthetic(accounts=accounts, campaigns=1, creatives=1, days=3)


def statuses(lac: Lac, *command: str) -> tuple[int, int]:
    """The exit statuses of a command as a table and as JSON, which is one object whatever the status is."""
    table, document = lac(*command), lac(*command, "--json")
    assert isinstance(json.loads(document.out), dict)
    return table.code, document.code


def test_table_and_json_exit_alike(signed_in: Lac, accounts: int) -> None:
    """Only a plan and a sync of no account at all fail; what is stored can be read with any number."""
    found = {command: statuses(signed_in, *command) for command in READING}
    expected = 0 if accounts else 1
    assert found.pop(READING[0]) == (expected, expected)
    assert set(found.values()) == {(0, 0)}
    if not accounts:
        assert statuses(signed_in, *SYNC) == (1, 1)


@pytest.mark.whole
def test_a_sync_exits_alike_as_json(signed_in: Lac, accounts: int) -> None:
    """A sync that loads all, or finds all of it fresh, exits as its table does; so do the commands that read it."""
    assert statuses(signed_in, *SYNC) == ((0, 0) if accounts else (1, 1))
    assert {statuses(signed_in, *command) for command in READING[1:]} == {(0, 0)}


@pytest.mark.parametrize("accounts", [0], indirect=True)
def test_a_plan_as_json_explains_on_standard_error_that_there_is_no_account(signed_in: Lac) -> None:
    """Standard output has the empty plan alone."""
    result = signed_in("plan", "--account", "all", "--json")
    assert json.loads(result.out)["steps"] == []
    assert "LinkedIn lists no ad account for this token" in result.error
