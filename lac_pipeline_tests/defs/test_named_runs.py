"""The names of ad accounts on runs, in the queue already, however they were started."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import pytest
from dagster_graphql.test.utils import execute_dagster_graphql
from sqlalchemy import Engine, update

from lac_pipeline.clock import utc_now
from lac_pipeline.commands.session.running_dagster import RunningDagster
from lac_pipeline.definitions import build_definitions
from lac_pipeline.defs.assets.snapshot import SNAPSHOT
from lac_pipeline.defs.partitions import PARTITION, RANGE_END, RANGE_START
from lac_pipeline.defs.run_tags import NAMED
from lac_pipeline.settings import Settings, isolate
from lac_pipeline.warehouse.schema.tables import Account
from lac_pipeline_tests.conftest import own_environment
from lac_pipeline_tests.defs.daemon import BACKFILL, Daemon, running_daemon
from lac_pipeline_tests.warehouse.advertising import account

ACCOUNTS = (11, 12, 13, 14)
RENAMED = 15
NEW = 16
"""A partition whose account was not loaded yet."""
GONE = "postgresql://lac@127.0.0.1:1/absent"

LAUNCH = """mutation Launch($run: ExecutionParams!) { launchRun(executionParams: $run) {
  ... on LaunchRunSuccess { run { runId } } ... on Error { message } } }"""
REPEAT = """mutation Repeat($run: ReexecutionParams!) { launchRunReexecution(reexecutionParams: $run) {
  ... on LaunchRunSuccess { run { runId } } ... on Error { message } } }"""


class SameProcess(RunningDagster):
    """The webserver's GraphQL without its port."""

    def __init__(self, daemon: Daemon) -> None:
        super().__init__("http://127.0.0.1:0")
        self._workspace = daemon.workspace

    def execute(self, query: str, **variables: object) -> Mapping[str, Any]:
        """Execute a query as the webserver does."""
        response = execute_dagster_graphql(self._workspace.create_request_context(), query, variables)
        data: Mapping[str, Any] = response.data
        return data


@pytest.fixture(scope="module")
def settings(module_warehouse_url: str, module_engine: Engine) -> Iterator[Settings]:
    """The settings of a pipeline whose accounts, but for the new one, were loaded."""
    with module_engine.begin() as connection:
        for account_id in (*ACCOUNTS, RENAMED):
            account(connection, account_id, "EUR")
    with own_environment():
        app = {"LINKEDIN_CLIENT_ID": "client", "LINKEDIN_CLIENT_SECRET": "secret"}
        isolate(app | {"DATABASE_URL": module_warehouse_url, "LAC_START_DATE": f"{utc_now():%Y-%m-%d}"})
        yield Settings.load()


@pytest.fixture(scope="module")
def daemon(settings: Settings, module_warehouse_url: str) -> Iterator[Daemon]:
    """A daemon over that pipeline, which keeps its records in the same database."""
    assert settings
    with running_daemon(module_warehouse_url) as daemon:
        daemon.know(*ACCOUNTS, RENAMED, NEW)
        yield daemon


def start(daemon: Daemon, tags: Mapping[str, str], asset: str = SNAPSHOT) -> dg.DagsterRun:
    """Start a run as the UI does; the run in the queue."""
    selector = {
        "repositoryName": "__repository__",
        "repositoryLocationName": "lac",
        "pipelineName": "__ASSET_JOB",
        "assetSelection": [{"path": [asset]}],
    }
    sent = [{"key": key, "value": value} for key, value in tags.items()]
    run = {"selector": selector, "mode": "default", "runConfigData": {}, "executionMetadata": {"tags": sent}}
    started = SameProcess(daemon).execute(LAUNCH, run=run)["launchRun"]
    queued = daemon.instance.get_run_by_id(started["run"]["runId"])
    assert queued is not None
    assert queued.status is dg.DagsterRunStatus.QUEUED
    return queued


def test_runs_of_a_backfill_are_named(daemon: Daemon) -> None:
    """The dialog of several partitions makes a backfill, whose runs the daemon requests."""
    daemon.backfill({SNAPSHOT: ["11", "12"]})
    runs = daemon.instance.get_runs(dg.RunsFilter(tags={"dagster/backfill": BACKFILL}))
    assert sorted(run.tags[NAMED] for run in runs) == ["Account 11 (11)", "Account 12 (12)"]


def test_a_run_from_the_ui_is_named(daemon: Daemon) -> None:
    """A run of one partition has the name and id of its account while it waits."""
    assert start(daemon, {PARTITION: "12"}).tags[NAMED] == "Account 12 (12)"


def test_a_run_over_a_range_names_the_first_accounts(daemon: Daemon) -> None:
    """A range is one of accounts as Dagster orders them; the text stays short."""
    run = start(daemon, {RANGE_START: "11", RANGE_END: "14"})
    assert run.tags[NAMED] == "Account 11 (11), Account 12 (12), Account 13 (13) and 1 more"


@pytest.mark.parametrize("tags", [{PARTITION: str(NEW)}, {}, {PARTITION: "9" * 30}], ids=["new", "none", "no number"])
def test_a_run_without_a_known_name_has_no_such_tag(daemon: Daemon, tags: Mapping[str, str]) -> None:
    """An account that was not loaded yet has an id only, and a run without partitions has no account."""
    assert NAMED not in start(daemon, tags).tags


def test_a_repeated_run_has_the_name_of_today(daemon: Daemon, module_engine: Engine) -> None:
    """Dagster copies the tags of the run that it repeats; an account that was renamed since has its new name."""
    first = start(daemon, {PARTITION: f"{RENAMED}"})
    with module_engine.begin() as connection:
        connection.execute(update(Account).where(Account.id == RENAMED).values(name="Acme"))
    again = SameProcess(daemon).execute(REPEAT, run={"parentRunId": first.run_id, "strategy": "ALL_STEPS"})
    repeated = daemon.instance.get_run_by_id(again["launchRunReexecution"]["run"]["runId"])
    assert repeated is not None
    assert repeated.tags[NAMED] == f"Acme ({RENAMED})"


def test_a_run_is_queued_without_names_if_they_cannot_be_read(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A warehouse that cannot be reached does not keep a run from the queue; the log says why it has no names."""
    monkeypatch.setenv("DATABASE_URL", GONE)
    run = start(daemon, {PARTITION: "11"})
    assert NAMED not in run.tags
    assert (
        f"run {run.run_id} is queued without the names of its ad accounts: PostgreSQL cannot be reached" in caplog.text
    )


@pytest.mark.parametrize("asset", [SNAPSHOT, "performance_report", "campaigns"])
def test_a_run_that_was_not_queued_is_named_at_its_start(settings: Settings, asset: str) -> None:
    """A run of `dagster asset materialize`, or one that another coordinator queued, gets the names when it starts."""
    job = build_definitions(settings).resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("linkedin_account", ["11", "12"])
        tags = {RANGE_START: "11", RANGE_END: "12"} if asset == "campaigns" else {PARTITION: "11"}
        result = job.execute_in_process(
            asset_selection=[dg.AssetKey(asset)], tags=tags, instance=instance, raise_on_error=False
        )
        run = instance.get_run_by_id(result.run_id)
    assert run is not None
    expected = "Account 11 (11), Account 12 (12)" if asset == "campaigns" else "Account 11 (11)"
    assert run.tags[NAMED] == expected
