"""LAC_ACCOUNT_IDS narrowed after accounts were loaded: nothing loads or reports the others, and their data stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

from lac_pipeline.clock import utc_now
from lac_pipeline.commands.rejects import retry
from lac_pipeline.commands.replay import Replay
from lac_pipeline.commands.status import status_of
from lac_pipeline.commands.sync import AccountSync
from lac_pipeline.defs.partitions import RANGE_END, RANGE_START
from lac_pipeline.errors import PartitionError
from lac_pipeline.settings import Settings
from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.defs.conftest import Pipeline
from lac_pipeline_tests.defs.daemon import Daemon, running_daemon

DELIVERED = ["account_snapshot", "performance_report"]


@pytest.fixture
def world() -> World:
    """Three small accounts."""
    return World.synthetic(accounts=3, campaigns=1, creatives=1, days=3)


@pytest.fixture
def start_date() -> date:
    """The day before yesterday."""
    return utc_now().date() - timedelta(days=2)


@pytest.fixture
def accounts(pipeline: Pipeline) -> list[int]:
    """Three accounts that are partitions."""
    return pipeline.session.accounts("all")


@pytest.fixture
def loaded(pipeline: Pipeline, accounts: list[int]) -> None:
    """The last account is synced before it is left out."""
    pipeline.sync(str(accounts[-1]))


@pytest.fixture
def narrowed(pipeline: Pipeline, accounts: list[int], monkeypatch: pytest.MonkeyPatch) -> AccountSync:
    """The session of `lac sync` with a setting that leaves the last account out."""
    monkeypatch.setenv("LAC_ACCOUNT_IDS", ",".join(map(str, accounts[:-1])))
    pipeline.settings = Settings.load()
    return pipeline.session


@pytest.fixture
def daemon(narrowed: AccountSync, accounts: list[int], database_url: str) -> Iterator[Daemon]:
    """A daemon started with the narrowed setting, over an instance that has all three partitions."""
    assert narrowed
    with running_daemon(database_url) as daemon:
        daemon.know(*accounts)
        yield daemon


def test_no_schedule_or_sensor_requests_it(daemon: Daemon, accounts: list[int]) -> None:
    """In a week of ticks every run is of an account that is named, although all three are partitions."""
    daemon.run_schedules(at=utc_now() - timedelta(days=8))
    daemon.run_schedules(at=utc_now())
    daemon.run_sensors()
    requested = {int(run.tags["lac/account"]) for run in daemon.instance.get_runs()}
    assert requested == set(accounts[:-1])


def test_all_accounts_are_those_that_are_named(
    narrowed: AccountSync, pipeline: Pipeline, accounts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--account all` leaves it out; widened again it is loaded as before, and no list is requested from LinkedIn."""
    before = pipeline.world.calls["adAccounts"]
    assert narrowed.accounts("all") == narrowed.accounts("all", known=True) == accounts[:-1]
    monkeypatch.setenv("LAC_ACCOUNT_IDS", ",".join(map(str, accounts)))
    pipeline.settings = Settings.load()
    assert pipeline.session.accounts("all") == accounts
    assert pipeline.world.calls["adAccounts"] == before
    assert all(result.failure is None for result in pipeline.sync(str(accounts[-1])))


@pytest.mark.usefixtures("loaded")
def test_a_command_that_names_it_is_refused(narrowed: AccountSync, pipeline: Pipeline, accounts: list[int]) -> None:
    """Sync, plan, retry and replay of the account each name the setting, before a request is sent."""
    left_out, settings = accounts[-1], pipeline.settings
    replay = Replay(settings, warehouse=pipeline.warehouse, instance=pipeline.instance, since=settings.start_date)
    commands: tuple[Callable[[], object], ...] = (
        lambda: narrowed.accounts(str(left_out)),
        lambda: narrowed.accounts(str(left_out), known=True),
        lambda: list(retry(narrowed, settings, account_ids=[left_out], asset=None)),
        lambda: replay.accounts(str(left_out)),
    )
    before = pipeline.world.calls.total()
    for command in commands:
        with pytest.raises(PartitionError, match=str(left_out)):
            command()
    assert pipeline.world.calls.total() == before


@pytest.mark.usefixtures("loaded", "narrowed")
@pytest.mark.parametrize("asset", ["campaigns", *DELIVERED])
def test_a_run_of_its_partition_is_refused(pipeline: Pipeline, accounts: list[int], asset: str) -> None:
    """A run that was queued before, or started by hand, fails with the setting's name; the rows stay."""
    before, rows = pipeline.world.calls.total(), len(pipeline.table("campaigns"))
    result = pipeline.materialize([asset], partition=str(accounts[-1]))
    (step,) = [event for event in result.all_events if event.is_step_failure]
    assert "LAC_ACCOUNT_IDS" in str(step.step_failure_data.user_failure_data)
    assert pipeline.world.calls.total() == before
    assert len(pipeline.table("campaigns")) == rows > 0


@pytest.mark.usefixtures("narrowed")
def test_in_a_rectangle_it_is_refused_alone(pipeline: Pipeline, accounts: list[int]) -> None:
    """A run over all three loads the two that are named, and fails for the third."""
    result = pipeline.materialize(["campaigns"], tags={RANGE_START: str(accounts[0]), RANGE_END: str(accounts[-1])})
    assert not result.success
    assert set(pipeline.table("campaigns")["account_id"]) == set(accounts[:-1])


@pytest.mark.usefixtures("loaded", "narrowed")
def test_status_marks_it(pipeline: Pipeline) -> None:
    """Its lines stay in `lac status`, and say that it is never due, and why."""
    due = {asset.next_due for asset in status_of(pipeline.settings, pipeline.warehouse, checked=[]).assets}
    assert due == {"never: not in LAC_ACCOUNT_IDS"}
