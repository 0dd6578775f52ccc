"""`lac launch`: submits an ad account's runs to a running Dagster, which queues them and does the work."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lac_pipeline.commands.session.running_dagster import RunningDagster
from lac_pipeline.defs.configured_accounts import refuse_excluded
from lac_pipeline.defs.partitions import PARTITION, range_tags
from lac_pipeline.defs.run_tags import NAMED, account_run
from lac_pipeline.errors import ConfigError, LacError
from lac_pipeline.settings import Settings
from lac_pipeline.streams import STREAMS, AssetGroup, Catalogue, Partitioning, every_stream
from lac_pipeline.streams.sync_windows import group_window, has_days, refresh_window, requested_window
from lac_pipeline.unknown_names import unknown_name
from lac_pipeline.windows import DateWindow

REFRESH_DAYS: int = Settings.model_fields["lac_lookback_days"].default
"""What the other side has set is not known here."""
JOB = "__ASSET_JOB"

_FINEST_FIRST = (Partitioning.ACCOUNT_DAY, Partitioning.ACCOUNT_MONTH, Partitioning.ACCOUNT)
_DAYS = [partitions.value for partitions in _FINEST_FIRST if partitions.value is not None]
"""The dimensions of days and months."""

_ASSETS = "query Assets { assetNodes { assetKey { path } } }"

_PARTITIONS = """query Partitions($asset: AssetKeyInput!) { assetNodeOrError(assetKey: $asset) { __typename
  ... on AssetNode { repository { name location { name } } partitionKeysByDimension { name partitionKeys } } } }"""

_LAUNCH = """mutation Launch($run: ExecutionParams!) { launchRun(executionParams: $run) { __typename
  ... on LaunchRunSuccess { run { runId tags { key value } } } ... on Error { message }
  ... on RunConfigValidationInvalid { errors { message } } } }"""


@dataclass(frozen=True, slots=True)
class Launched:
    """A run that Dagster accepted.

    Attributes:
        account_id: ad account.
        account: its name and id, or the id alone where Dagster knows no name.
        group: the asset group that is loaded.
        window: UTC days; None for entities.
        run_id: Dagster's.
    """

    account_id: int
    account: str
    group: AssetGroup
    window: DateWindow | None
    run_id: str


@dataclass(frozen=True, slots=True)
class CodeLocation:
    """What a running Dagster knows.

    Attributes:
        repository: its repository.
        location: its code location.
        streams: what is loaded there.
        accounts: the ad accounts.
        start: the first day of the partitions; None where nothing is loaded by days.
    """

    repository: str
    location: str
    streams: Catalogue
    accounts: frozenset[str]
    start: date | None


def launch(
    dagster: RunningDagster, accounts: Sequence[str], *, since: date | None, until: date | None, today: date
) -> Iterator[Launched]:
    """Submit a run for each asset group of each account: the last three days, or the requested days.

    Args:
        dagster: where.
        accounts: ad accounts that it knows; none is begun where one of them is refused.
        since: first UTC day.
        until: last UTC day.
        today: the UTC day.

    Raises:
        UnknownNameError: the running Dagster does not know the account.
        PartitionError: this folder's own LAC_ACCOUNT_IDS leaves it out.
        DateRangeError: the days make no sense, or have no partition.
        LacError: Dagster cannot be reached, or refuses the run.
    """
    has_days_chosen = since is not None or until is not None
    requested_window(since, until, start=since or until or today, today=today)  # before anything is sent
    known = code_location(dagster)
    for account in accounts:
        if account not in known.accounts:
            fix = "account_discovery_sensor adds new ones every hour, `lac sync --account all` at once"
            raise unknown_name("ad account", account, known.accounts, fix=fix)
        refuse_excluded_here(account)
    start = known.start or today
    refresh = refresh_window(start=start, today=today, lookback_days=REFRESH_DAYS)
    days = requested_window(since, until, start=start, today=today) if has_days_chosen else refresh
    for account in accounts:
        for group in known.streams.groups:
            window = group_window(group, days, start=start, today=today)
            if window is not None or not has_days(group):
                tags = account_run(account, group, "backfill" if has_days_chosen else "on_demand")
                tags |= range_tags(account, group, window) or {PARTITION: account}
                run = _submit(dagster, known, group, tags)
                named = {tag["key"]: tag["value"] for tag in run["tags"]}.get(NAMED, account)
                yield Launched(int(account), named, group, window, run["runId"])


def refuse_excluded_here(account: str) -> None:
    """Refuse an account that this folder's own LAC_ACCOUNT_IDS leaves out, before Dagster's run does.

    A machine that only knows the address of a running Dagster has no settings, and leaves it to the run.

    Raises:
        PartitionError: the account is left out.
    """
    with contextlib.suppress(ConfigError):
        settings = Settings.load()
        if account.isdigit():
            refuse_excluded(int(account), settings)


def code_location(dagster: RunningDagster) -> CodeLocation:
    """Read what there is.

    Raises:
        LacError: it is not this pipeline that runs there.
    """
    assets = {node["assetKey"]["path"][-1] for node in dagster.execute(_ASSETS)["assetNodes"]}
    streams = Catalogue(tuple(stream for stream in every_stream() if stream.name in assets))
    by_days = sorted(streams, key=lambda stream: _FINEST_FIRST.index(stream.partitioning))
    node = dagster.execute(_PARTITIONS, asset={"path": [by_days[0].name]})["assetNodeOrError"] if by_days else {}
    if node.get("__typename") != "AssetNode":
        raise LacError(
            f"the Dagster on {dagster.url} has no asset {STREAMS.names[0]}",
            meaning="another project runs there, or its code location did not load",
            fix="open its page Deployment, or name another address with --url",
        )
    keys = {dimension["name"]: dimension["partitionKeys"] for dimension in node["partitionKeysByDimension"]}
    repository = node["repository"]
    return CodeLocation(
        repository=repository["name"],
        location=repository["location"]["name"],
        streams=streams,
        accounts=frozenset(keys.get("account") or keys["default"]),
        start=min((date.fromisoformat(key) for name in _DAYS for key in keys.get(name, ())), default=None),
    )


def _submit(dagster: RunningDagster, known: CodeLocation, group: AssetGroup, tags: dict[str, str]) -> Mapping[str, Any]:
    selector = {
        "repositoryName": known.repository,
        "repositoryLocationName": known.location,
        "pipelineName": JOB,
        "assetSelection": [{"path": [asset]} for asset in known.streams.names_in(group)],
    }
    tag_list = [{"key": key, "value": value} for key, value in tags.items()]
    run = {"selector": selector, "mode": "default", "runConfigData": {}, "executionMetadata": {"tags": tag_list}}
    response: dict[str, Any] = dagster.execute(_LAUNCH, run=run)["launchRun"]
    if response["__typename"] != "LaunchRunSuccess":
        detail = response.get("message") or "; ".join(error["message"] for error in response.get("errors", ()))
        raise LacError(f"Dagster refused the run of {group}", detail=detail or response["__typename"])
    launched: Mapping[str, Any] = response["run"]
    return launched
