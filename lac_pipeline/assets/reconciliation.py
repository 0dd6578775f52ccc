"""The check that nothing was lost on the way: LinkedIn's own totals of the account against the sums of our tables.

It costs two calls an account and sync: pivot ACCOUNT, granularity DAILY and ALL, for both grains together.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

import dagster as dg

from lac_pipeline.errors import LacError
from lac_pipeline.linkedin.client import LinkedInClient
from lac_pipeline.metrics import MAX_PER_CALL, Metric, allowed
from lac_pipeline.resources import LinkedInResource, WarehouseResource, utc_now
from lac_pipeline.settings import Settings
from lac_pipeline.storage.ledgers import CONFIRMED
from lac_pipeline.storage.readings import Readings
from lac_pipeline.storage.reconciliation import AccountTotals, Comparison, Reconciled, Totals
from lac_pipeline.streams import STREAMS
from lac_pipeline.windows import DateWindow

RECONCILIATION = "reconciliation"
SHOWN = 20
TOLD = 3
"""The UI runs the lines of a description together, so only a few stand there; a table shows the others."""
_COMPARED = [stream.name for stream in STREAMS if stream.report is not None and stream.report.totals_match]
_DESCRIPTION = "The sums of the table are LinkedIn's own totals of the account, by day and over the window."

Loaded = dict[tuple[int, DateWindow], list[str]]
"""The tables that a run loaded, by account and window."""


def reconciliation_check() -> dg.AssetChecksDefinition:
    """The check `reconciliation` of both tables of daily metrics."""

    @dg.multi_asset_check(
        name=RECONCILIATION,
        specs=[dg.AssetCheckSpec(RECONCILIATION, asset=asset, description=_DESCRIPTION) for asset in _COMPARED],
        can_subset=True,
    )
    async def check(  # type: ignore[no-untyped-def]  # noqa: ANN202  Dagster knows no annotation of an async generator
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource, linkedin: LinkedInResource
    ):
        assets = [str(key.asset_key.path[-1]) for key in context.selected_asset_check_keys]
        results: list[Reconciled] = []
        troubles: list[str] = []
        for (account_id, window), tables in loaded_by(context.run, warehouse.warehouse.read, assets).items():
            try:
                totals = await account_totals(linkedin.client, account_id, window, warehouse.settings)
                results.append(warehouse.warehouse.reconcile(totals, assets=tables, run_id=context.run.run_id))
            except LacError as error:
                troubles.append(f"account {account_id}, {window}: not compared: {error}")
        for asset in assets:
            yield told(asset, results, troubles)

    return check


async def account_totals(
    client: LinkedInClient, account_id: int, window: DateWindow, settings: Settings
) -> AccountTotals:
    """Ask LinkedIn for the account's totals of these days: one call by day, one for all of them.

    Raises:
        LinkedInError: LinkedIn does not tell.
    """
    asked_at = utc_now()
    additive = [metric for metric in settings.metrics if metric.additive]
    metrics = allowed(additive, pivot="ACCOUNT", version=settings.linkedin_api_version, days=window.days)[:MAX_PER_CALL]
    rows: dict[str, list[Mapping[str, object]]] = {}
    for granularity in ("DAILY", "ALL"):
        pages = client.analytics(account_id, pivot="ACCOUNT", granularity=granularity, window=window, metrics=metrics)
        rows[granularity] = [element async for page in pages for element in page.elements]
    days = {_day(row): _totals(row, metrics) for row in rows["DAILY"]}
    whole = _totals(rows["ALL"][0], metrics) if rows["ALL"] else {}
    return AccountTotals(account_id, window, metrics, days, whole, asked_at)


def told(asset: str, results: Sequence[Reconciled], troubles: Sequence[str]) -> dg.AssetCheckResult:
    """Fail with account, day, metric, both numbers and the next step; warn when LinkedIn did not tell its totals."""
    failures = [(one.account_id, failed) for one in results for failed in one.failures if failed.asset == asset]
    lines = [_line(account_id, failed) for account_id, failed in failures]
    more = [f"and {len(lines) - TOLD} more, in linkedin_ads.reconciliations"] if len(lines) > TOLD else []
    again = [_again(one) for one in results if any(failed.asset == asset for failed in one.failures)]
    totals = [_record(account_id, failed) for account_id, failed in failures[:SHOWN]]
    return dg.AssetCheckResult(
        passed=not (failures or troubles),
        asset_key=asset,
        check_name=RECONCILIATION,
        severity=dg.AssetCheckSeverity.ERROR if failures else dg.AssetCheckSeverity.WARN,
        description="\n".join([*again[:SHOWN], *lines[:TOLD], *more, *troubles]) or None,
        metadata={
            "differences": len(failures),
            "compared": sum(one.asset == asset for result in results for one in result.comparisons),
        }
        | ({"totals": dg.MetadataValue.table(totals)} if totals else {}),
    )


def _again(one: Reconciled) -> str:
    """The next step, for the days that differ; where only their sum does, for all of them."""
    days = [failed.day for failed in one.failures if failed.day] or list(one.window)
    return f"load the days again: `lac sync --account {one.account_id} --since {min(days)} --until {max(days)} --force`"


def _record(account_id: int, one: Comparison) -> dg.TableRecord:
    days = "all" if one.day is None else str(one.day)
    numbers = {"linkedin": str(one.linkedin), "ours": str(one.ours)}
    return dg.TableRecord({"account": str(account_id), "days": days, "metric": one.metric, **numbers})


def _line(account_id: int, one: Comparison) -> str:
    days = "all days together" if one.day is None else str(one.day)
    return f"account {account_id}, {days}: {one.metric} is {one.linkedin} at LinkedIn, {one.ours} in {one.asset}"


def loaded_by(run: dg.DagsterRun, read: Readings, assets: Iterable[str]) -> Loaded:
    """Return what the run loaded of these tables, without the day that still runs: its numbers move between two calls.

    A run that was retried from its failure may have nothing left to do but this check: what it is to compare was loaded
    by the run before it, or by the first one.
    """
    loaded: Loaded = {}
    today = utc_now().date()
    runs = dict.fromkeys(one for one in (run.root_run_id, run.parent_run_id, run.run_id) if one is not None)
    for record in (record for run_id in runs for record in read.attempts_of(run_id)):
        attempt = record.attempt
        if attempt.asset not in assets or record.status not in CONFIRMED or attempt.window is None:
            continue
        if attempt.window.start < today:
            window = DateWindow(attempt.window.start, min(attempt.window.end, today))
            tables = loaded.setdefault((attempt.account_id, window), [])
            tables.extend({attempt.asset} - set(tables))
    return loaded


def _day(row: Mapping[str, object]) -> date:
    said = row["dateRange"]["start"]  # type: ignore[index]  # the reader has checked it
    return date(said["year"], said["month"], said["day"])


def _totals(row: Mapping[str, object], metrics: Sequence[Metric]) -> Totals:
    return {metric.column: Decimal(str(row.get(metric.name, 0))) for metric in metrics}
