"""An unforeseen fault of the program itself is an error like any other, and costs one account."""

import json
from collections.abc import AsyncIterator

import dagster as dg
import pytest

from lac_pipeline.commands.session.sync_results import SyncRequest
from lac_pipeline.commands.sync import AccountSync
from lac_pipeline.definitions import build_definitions
from lac_pipeline.defs.account_loads import FetchedWindows
from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.assets.partition_fetches import fetch_partitions
from lac_pipeline.defs.assets.records import RecordSource
from lac_pipeline.defs.assets.sources import Batch
from lac_pipeline.defs.partitions import RANGE_END, RANGE_START, AccountWindow, account_partitions
from lac_pipeline.defs.resources import LinkedInResource, WarehouseResource
from lac_pipeline.linkedin.client import LinkedInClient
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import AssetGroup
from lac_pipeline.streams.entities import CAMPAIGNS
from lac_pipeline.warehouse.query.freshness import FORCED
from lac_pipeline_tests.defs.conftest import Pipeline


@pytest.fixture
def world() -> World:
    """Two small accounts."""
    return World.synthetic(accounts=2, campaigns=2, creatives=2, days=3)


class FaultySource(RecordSource):
    """Reads campaigns with a mistake: it takes a field for granted that LinkedIn does not promise."""

    async def batches(self, client: LinkedInClient, partition: AccountWindow, naming: Naming) -> AsyncIterator[Batch]:
        """Read one account right, and the other with the mistake."""
        async for batch in super().batches(client, partition, naming):
            if partition.account_id == 520000001:
                assert batch.records[0]["a field that LinkedIn does not send"]
            yield batch


@dg.asset(name="campaigns", partitions_def=account_partitions, backfill_policy=dg.BackfillPolicy.single_run())
async def campaigns(
    context: dg.AssetExecutionContext, linkedin: LinkedInResource, warehouse: WarehouseResource
) -> FetchedWindows:
    """Campaigns, read with a mistake."""
    return await fetch_partitions(context, linkedin, warehouse, FaultySource(CAMPAIGNS))


def sync_with(mistaken: dg.AssetsDefinition, pipeline: Pipeline) -> AccountSync:
    """What syncs accounts with this asset in place of the pipeline's own."""
    definitions = build_definitions(pipeline.settings)
    others = [asset for asset in definitions.assets or () if isinstance(asset, dg.AssetsDefinition)]
    others = [asset for asset in others if mistaken.key not in asset.keys]
    changed = dg.Definitions(
        assets=[*others, mistaken], resources=definitions.resources, executor=dg.in_process_executor
    )
    return AccountSync(changed, instance=pipeline.instance, warehouse=pipeline.warehouse, settings=pipeline.settings)


def test_a_fault_of_ours_has_four_parts_and_costs_one_account(pipeline: Pipeline) -> None:
    """The error names the endpoint, the account and the archived response; the other account's rows are loaded."""
    accounts = pipeline.session.accounts("all")
    session = sync_with(campaigns, pipeline)
    first, second = (
        session.run(account, AssetGroup.ENTITIES, None, SyncRequest(force=True), FORCED) for account in accounts
    )
    assert second.failure is None
    assert len(pipeline.table("campaigns")) == 2
    error = first.failure or ""
    assert "what adCampaigns, adTargetingEntities returned about campaigns of account 520000001" in error
    assert "the response is kept in " in error
    assert f"/{accounts[0]}/" in error
    assert all(part in error for part in ("detail:", "why:", "fix:", "a defect of lac", "report it with these files"))
    [recorded] = next(attempt.errors for attempt in first.attempts if attempt.attempt.asset == "campaigns")
    assert recorded["type"] == "DefectError"


def test_accounts_that_cannot_be_read_cost_no_other_account(pipeline: Pipeline) -> None:
    """In the list of ad accounts an element without a readable id, whatever it is, leaves the others."""

    def spoil(body: bytes) -> bytes:
        listed = json.loads(body)
        odd = [None, "text", {}, {"id": None}, {"id": [1]}, {"id": "9" * 5000}, {"id": True}]
        return json.dumps({**listed, "elements": [*odd, *listed["elements"]]}).encode()

    pipeline.world.faults.add("adAccounts", kind="altered", alter=spoil)
    assert pipeline.session.accounts("all") == [520000001, 520000002]


@dg.asset(name="campaigns", partitions_def=account_partitions, backfill_policy=dg.BackfillPolicy.single_run())
async def forgotten(
    context: dg.AssetExecutionContext, linkedin: LinkedInResource, warehouse: WarehouseResource
) -> FetchedWindows:
    """Campaigns, with a mistake between their fetch and the IO manager."""
    fetched = await fetch_partitions(context, linkedin, warehouse, RecordSource(CAMPAIGNS))
    waiting = [pending.load for pending in warehouse.warehouse.pending]
    assert {load.attempt.account_id for load in waiting} == {520000001, 520000002}
    raise ZeroDivisionError(len(fetched.windows))


def test_what_never_reaches_the_io_manager_has_failed(pipeline: Pipeline) -> None:
    """The attempts of a run that ends between fetching and storing have failed, and nothing is stored."""
    first, *_, last = map(str, pipeline.session.accounts("all"))
    resources = build_definitions(pipeline.settings).resources
    mistaken = dg.Definitions(assets=[forgotten], resources=resources, executor=dg.in_process_executor)
    job = mistaken.resolve_implicit_global_asset_job_def()
    tags = {RANGE_START: first, RANGE_END: last}
    run = job.execute_in_process(instance=pipeline.instance, tags=tags, raise_on_error=False)
    assert not run.success
    records = pipeline.warehouse.read.attempts_of(run.run_id)
    assert [(record.status, record.api_calls) for record in records] == [("failed", 2), ("failed", 1)]
    assert pipeline.table("campaigns").empty


@dg.asset(name="accounts", partitions_def=account_partitions)
def accounts() -> None:
    """Accounts, with a mistake outside of everything that reads LinkedIn."""
    raise KeyError("an unforeseen fault")


def test_a_fault_anywhere_else_has_four_parts(pipeline: Pipeline) -> None:
    """The error of a step that Python's exception ended names the step and the fault, and refers to nothing else."""
    [account, _] = pipeline.session.accounts("all")
    session = sync_with(accounts, pipeline)
    error = session.run(account, AssetGroup.ENTITIES, None, SyncRequest(force=True), FORCED).failure
    assert error is not None
    assert error.startswith("accounts ended in a fault of lac")
    assert all(part in error for part in ("an unforeseen fault", "why:", "fix:"))
