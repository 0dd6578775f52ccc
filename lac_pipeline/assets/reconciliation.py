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
from lac_pipeline.scopes import ASSETS_OF, Scope
from lac_pipeline.settings import Settings
from lac_pipeline.storage.ledgers import CONFIRMED
from lac_pipeline.storage.reconciliation import AccountTotals, Comparison, Reconciled, Totals
from lac_pipeline.windows import DateWindow

RECONCILIATION = "reconciliation"
SHOWN = 20
_GRAINS = ASSETS_OF[Scope.METRICS]
_DESCRIPTION = "The sums of the table are LinkedIn's own totals of the account, by day and over the window."

Loaded = dict[tuple[int, DateWindow], list[str]]
"""The tables that a run loaded, by account and window."""


def reconciliation_check() -> dg.AssetChecksDefinition:
    """The check `reconciliation` of both tables of daily metrics."""

    @dg.multi_asset_check(
        name=RECONCILIATION,
        specs=[dg.AssetCheckSpec(RECONCILIATION, asset=asset, description=_DESCRIPTION) for asset in _GRAINS],
        can_subset=True,
    )
    async def check(  # type: ignore[no-untyped-def]  # noqa: ANN202  Dagster knows no annotation of an async generator
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource, linkedin: LinkedInResource
    ):
        assets = [str(key.asset_key.path[-1]) for key in context.selected_asset_check_keys]
        results: list[Reconciled] = []
        troubles: list[str] = []
        for (account_id, window), tables in _loaded(warehouse, context.run.run_id, assets).items():
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
    """Fail with account, day, metric and both numbers of what differs; warn when LinkedIn did not tell its totals."""
    failures = [(one.account_id, failed) for one in results for failed in one.failures if failed.asset == asset]
    lines = [_line(account_id, failed) for account_id, failed in failures]
    more = [f"and {len(lines) - SHOWN} more, in linkedin_ads.reconciliations"] if len(lines) > SHOWN else []
    return dg.AssetCheckResult(
        passed=not (failures or troubles),
        asset_key=asset,
        check_name=RECONCILIATION,
        severity=dg.AssetCheckSeverity.ERROR if failures else dg.AssetCheckSeverity.WARN,
        description="\n".join([*lines[:SHOWN], *more, *troubles]) or None,
        metadata={
            "differences": len(failures),
            "compared": sum(one.asset == asset for result in results for one in result.comparisons),
        },
    )


def _line(account_id: int, one: Comparison) -> str:
    days = "all days together" if one.day is None else str(one.day)
    return f"account {account_id}, {days}: {one.metric} is {one.linkedin} at LinkedIn, {one.ours} in {one.asset}"


def _loaded(warehouse: WarehouseResource, run_id: str, assets: Iterable[str]) -> Loaded:
    """What the run loaded of these tables, without the day that still runs: its numbers move between two calls."""
    loaded: Loaded = {}
    today = utc_now().date()
    for record in warehouse.warehouse.read.attempts_of(run_id):
        attempt = record.attempt
        if attempt.asset not in assets or record.status not in CONFIRMED or attempt.window is None:
            continue
        if attempt.window.start < today:
            window = DateWindow(attempt.window.start, min(attempt.window.end, today))
            loaded.setdefault((attempt.account_id, window), []).append(attempt.asset)
    return loaded


def _day(row: Mapping[str, object]) -> date:
    said = row["dateRange"]["start"]  # type: ignore[index]  # the reader has checked it
    return date(said["year"], said["month"], said["day"])


def _totals(row: Mapping[str, object], metrics: Sequence[Metric]) -> Totals:
    return {metric.column: Decimal(str(row.get(metric.name, 0))) for metric in metrics}
