"""Commands about more ad accounts than a person reads one by one."""

from __future__ import annotations

import json

import dagster as dg
import pytest
from sqlalchemy import Engine, func, select

from benchmarks.small_commands import copy_account
from lac_pipeline.cli.terminal.results import MANY_ACCOUNTS
from lac_pipeline.commands.stack.environment import environment
from lac_pipeline.settings import Settings
from lac_pipeline.warehouse.schema.tables import SyncLog
from lac_pipeline_tests.cli.conftest import Lac

pytestmark = pytest.mark.usefixtures("few_streams")

FIRST, COUNT = 520000001, MANY_ACCOUNTS + 1


def test_many_accounts_are_summed_up(synced: Lac, engine: Engine) -> None:
    """A line for each asset or group, none for an account; what is fresh is logged for each asset of each account."""
    streams = Settings.load().streams.names
    with environment(Settings.load()), dg.DagsterInstance.get() as instance:
        copy_account(engine, instance, FIRST, copies=range(FIRST + 1, FIRST + COUNT))
    skipped = select(func.count()).select_from(SyncLog).where(SyncLog.status == "skipped")
    with engine.connect() as connection:
        assert connection.scalar(skipped) == 0
    printed = {command: synced(*command.split()) for command in ("sync --account all", "status", "plan --account all")}
    assert {result.code for result in printed.values()} == {0}
    assert all(str(FIRST) not in result.out for result in printed.values())
    with engine.connect() as connection:
        assert connection.scalar(skipped) == COUNT * len(streams)
    lines = [line.split() for line in printed["status"].out.splitlines()]
    assert [line[:2] for line in lines[1 : 1 + len(streams)]] == [[name, str(COUNT)] for name in streams]
    planned = [line.split()[:2] for line in printed["plan --account all"].out.splitlines()[1:3]]
    assert planned == [["entities", str(COUNT)], ["metrics", str(COUNT)]]
    assert len(json.loads(synced("status", "--json").out)["assets"]) == COUNT * len(streams)
    assert len(json.loads(synced("sync", "--account", "all", "--json").out)["results"]) == COUNT * 2
