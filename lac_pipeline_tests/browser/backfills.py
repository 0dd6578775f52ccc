"""Backfills as the UI launches them, the states of their partitions, and the rows of the tables after them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from lac_pipeline.commands.session.running_dagster import RunningDagster
from lac_pipeline.linkedin.metrics import CORE
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.browser.conftest import Stack

PIVOT_OF = {
    "campaign_daily_metrics": ("CAMPAIGN", "campaign_id"),
    "creative_daily_metrics": ("CREATIVE", "creative_id"),
}

_LAUNCH = """mutation Launch($params: LaunchBackfillParams!) {
  launched: launchPartitionBackfill(backfillParams: $params) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on Error { message } } }"""
_REEXECUTE = """mutation reexecuteBackfill($params: ReexecutionParams!) {
  launched: reexecutePartitionBackfill(reexecutionParams: $params) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on Error { message } } }"""
_BACKFILL = """query Backfill($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill {
  status numPartitions runs(limit: 100) { runId status tags { key value } } } } }"""
_STATES = """query States($asset: AssetKeyInput!) { assetNodeOrError(assetKey: $asset) { ... on AssetNode {
  assetPartitionStatuses { ... on MultiPartitionStatuses { ranges { primaryDimStartKey primaryDimEndKey
    secondaryDim { ... on DefaultPartitionStatuses { materializedPartitions failedPartitions } } } } } } } }"""


@dataclass(frozen=True)
class Backfill:
    """A backfill as Dagster shows it; its runs by id, with how they ended."""

    id: str
    status: str
    partitions: int
    runs: dict[str, str]

    @property
    def is_over(self) -> bool:
        """Whether the daemon has closed it."""
        return self.status.startswith("COMPLETED")


def until(seen: Callable[[], Any], *, seconds: float) -> Any:  # noqa: ANN401 - whatever is awaited
    """Wait until something is seen, and return it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := seen():
            return found
        time.sleep(0.5)
    raise AssertionError(f"not seen within {seconds} s")


def keys_of(accounts: Iterable[str], window: DateWindow) -> list[str]:
    """The partitions of every account on every day."""
    return [f"{account}|{day}" for account in accounts for day in window]


def launch(dagster: RunningDagster, asset: str, keys: list[str]) -> str:
    """Launch a backfill of these partitions with the mutation that the UI's dialog sends."""
    params = {"assetSelection": [{"path": [asset]}], "partitionNames": keys, "tags": []}
    return _launched(dagster, _LAUNCH, params)


def reexecute_failed(dagster: RunningDagster, backfill: str) -> str:
    """Do what "Re-execute from failure" on a backfill's page does."""
    return _launched(dagster, _REEXECUTE, {"parentRunId": backfill, "strategy": "FROM_FAILURE"})


def _launched(dagster: RunningDagster, mutation: str, params: dict[str, Any]) -> str:
    response = dagster.execute(mutation, params=params)["launched"]
    assert response["__typename"] == "LaunchBackfillSuccess", response
    return str(response["backfillId"])


def progress_of(dagster: RunningDagster, backfill: str) -> Backfill:
    """Query how far a backfill is."""
    response = dagster.execute(_BACKFILL, id=backfill)["partitionBackfillOrError"]
    runs = {run["runId"]: run["status"] for run in response["runs"]}
    return Backfill(backfill, response["status"], response["numPartitions"] or 0, runs)


def ended(dagster: RunningDagster, backfill: str, *, seconds: float = 900) -> Backfill:
    """Wait until a backfill is over; it starts within half a minute, and ends as fast as the machine starts runs."""
    deadline = time.monotonic() + seconds
    while not (now := progress_of(dagster, backfill)).is_over:
        assert time.monotonic() < deadline, f"not over within {seconds} s: {now}"
        time.sleep(1)
    return now


def states(dagster: RunningDagster, asset: str) -> tuple[set[str], set[str]]:
    """The partitions of an asset that its page shows green, and those that it shows red."""
    response = dagster.execute(_STATES, asset={"path": [asset]})["assetNodeOrError"]["assetPartitionStatuses"]
    green: set[str] = set()
    red: set[str] = set()
    for found in response["ranges"]:
        days = DateWindow.inclusive(*map(date.fromisoformat, (found["primaryDimStartKey"], found["primaryDimEndKey"])))
        green.update(keys_of(found["secondaryDim"]["materializedPartitions"], days))
        red.update(keys_of(found["secondaryDim"]["failedPartitions"], days))
    return green, red


def stored(stack: Stack, asset: str, account: str, window: DateWindow) -> list[tuple[Any, ...]]:
    """An account's rows in the table, sorted."""
    frame = stack.warehouse.read.frame_of(asset, [(int(account), window)])
    names = [PIVOT_OF[asset][1], "date", "impressions", "clicks", "cost_in_local_currency"]
    return sorted(frame[names].itertuples(index=False, name=None))


def truth(stack: Stack, asset: str, account: str, window: DateWindow) -> list[tuple[Any, ...]]:
    """The same rows at LinkedIn."""
    return sorted(
        (
            int(row["pivotValues"][0].rpartition(":")[2]),
            window.start.replace(**row["dateRange"]["start"]),
            row.get("impressions", 0),
            row.get("clicks", 0),
            Decimal(row.get("costInLocalCurrency", "0")),
        )
        for row in stack.world.truth.analytics(int(account), PIVOT_OF[asset][0], "DAILY", window, CORE)
    )
