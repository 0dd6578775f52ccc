"""The check that no row was lost: it compares LinkedIn's own totals of the account with the sums of our tables.

It takes one call for each account and refresh: pivot ACCOUNT, granularity DAILY, for all tables together. If more days
are read, as at the first sync and by the restatement schedules, granularity ALL is a second call: it shows a day that
LinkedIn leaves out of every daily response. When the check is evaluated by itself, it sends no call and compares the
tables with the stored totals.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import dagster as dg
from pydantic import TypeAdapter, ValidationError

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.checks.check_reports import check_result, names_in, nothing_compared
from lac_pipeline.defs.checks.check_scope import loads_of
from lac_pipeline.defs.checks.check_targets import look_up_targets
from lac_pipeline.defs.configured_accounts import configured_accounts
from lac_pipeline.defs.interrupts import cancelled_by_interrupts
from lac_pipeline.defs.namespace import Namespace
from lac_pipeline.defs.resources import LINKEDIN, WAREHOUSE, linkedin_in, warehouse_in
from lac_pipeline.errors import LacError
from lac_pipeline.linkedin.analytics.merge import key_of
from lac_pipeline.linkedin.analytics.reader import AnalyticsPage
from lac_pipeline.linkedin.client import LinkedInClient
from lac_pipeline.linkedin.metrics import MAX_PER_CALL, Metric, allowed
from lac_pipeline.linkedin.paging import ParsedResponse
from lac_pipeline.linkedin.urn import ACCOUNT, urn
from lac_pipeline.models.field_types import Amount
from lac_pipeline.printable import one_line
from lac_pipeline.settings import Settings
from lac_pipeline.streams import Catalogue
from lac_pipeline.warehouse.check_results import Check, CheckState, NotCompared
from lac_pipeline.warehouse.load.attempts import Attempt
from lac_pipeline.warehouse.load.check_states import CheckStates
from lac_pipeline.warehouse.load.reconciliation import AccountTotals, Totals, total_of
from lac_pipeline.warehouse.query.overview import Overview
from lac_pipeline.windows import DateWindow

_AMOUNT: TypeAdapter[Any] = TypeAdapter(Amount | None)
LONGEST_REFRESH = 8
"""So many days are compared day by day alone; more are compared with LinkedIn's total of all of them too."""
_DESCRIPTION = "The sums of the table equal LinkedIn's own totals of the account, by day and over the window."

Loaded = dict[tuple[int, DateWindow], list[str]]
"""The tables that a run loaded, by account and window."""


def reconciliation_check(streams: Catalogue, namespace: Namespace) -> dg.AssetChecksDefinition:
    """The check `reconciliation` of the tables whose rows add up to LinkedIn's totals of the account."""
    compared = [stream.name for stream in streams if stream.report is not None and stream.report.totals_match]

    @dg.multi_asset_check(
        name=namespace.name(Check.RECONCILIATION.value),
        required_resource_keys={namespace.resource(resource) for resource in (WAREHOUSE, LINKEDIN)},
        specs=[
            dg.AssetCheckSpec(Check.RECONCILIATION.value, asset=namespace.key(comparison), description=_DESCRIPTION)
            for comparison in compared
        ],
        can_subset=True,
    )
    async def check(  # type: ignore[no-untyped-def]  # noqa: ANN202  Dagster knows no annotation of an async generator
        context: dg.AssetCheckExecutionContext,
    ):
        look_up_targets(context)
        warehouse, linkedin = warehouse_in(context, namespace), linkedin_in(context, namespace)
        assets = [str(key.asset_key.path[-1]) for key in context.selected_asset_check_keys]
        states, run_id = CheckStates(warehouse.warehouse.engine), context.run.run_id
        accounts = set(configured_accounts(context.instance, warehouse.settings, namespace))
        loads = [load for load in loads_of(context.run, warehouse.warehouse.read) if load.asset in assets]
        for (account_id, window), tables in whole_days(loads).items():
            try:
                with cancelled_by_interrupts():
                    totals = await account_totals(linkedin.client, account_id, window, warehouse.settings)
                warehouse.warehouse.reconcile(totals, assets=tables, run_id=run_id)
            except LacError as error:
                states.record(not_compared(account_id, window, tables, error, run_id))
        if not loads:
            for asset in assets:
                for account_id in accounts:
                    warehouse.warehouse.compare_again(asset, account_id, run_id=run_id)
        accounts |= {finding.account_id for finding in loads}
        for asset in assets:
            found = states.of(accounts, asset=asset, check=Check.RECONCILIATION)
            key = namespace.key(asset)
            names = names_in(Overview(warehouse.warehouse.engine), found)
            yield check_result(key, Check.RECONCILIATION, found, names) if found else nothing_compared(key)

    return check


def not_compared(
    account_id: int, window: DateWindow, tables: Iterable[str], error: LacError, run_id: str
) -> list[CheckState]:
    """The results of tables that could not be compared, since LinkedIn's totals could not be read."""
    reason = NotCompared(one_line("; ".join(part for part in (error.summary, error.detail) if part)))
    return [CheckState(Check.RECONCILIATION, asset, account_id, None, reason, window, run_id) for asset in tables]


async def account_totals(
    client: LinkedInClient, account_id: int, window: DateWindow, settings: Settings
) -> AccountTotals:
    """Request the account's totals of these days: one call by day, and of many days one for all of them.

    Raises:
        LinkedInError: they cannot be read.
    """
    requested_at = utc_now()
    additive = [metric for metric in settings.metrics if metric.additive]
    version = settings.linkedin_api_version
    metrics = allowed(additive, pivots=["ACCOUNT"], version=version, days=window.days)[:MAX_PER_CALL]
    refresh = window.days <= LONGEST_REFRESH
    rows: dict[str, list[tuple[date, Totals]]] = {}
    for granularity in ("DAILY",) if refresh else ("DAILY", "ALL"):
        pages = client.analytics(account_id, pivot="ACCOUNT", granularity=granularity, window=window, metrics=metrics)
        rows[granularity] = [row async for page in pages for row in _account_rows(page, account_id, metrics)]
    days = dict(rows["DAILY"])
    if refresh:
        whole: Totals = {metric.column: total_of(days.values(), metric.column) for metric in metrics}
    else:
        whole = rows["ALL"][0][1] if rows["ALL"] else {}
    return AccountTotals(account_id, window, metrics, days, whole, requested_at)


def whole_days(loads: Iterable[Attempt]) -> Loaded:
    """Group loads by account and window, without the day that still runs: its numbers move between two calls."""
    loaded: Loaded = {}
    today = utc_now().date()
    for load in loads:
        if load.window is not None and load.window.start < today:
            window = DateWindow(load.window.start, min(load.window.end, today))
            tables = loaded.setdefault((load.account_id, window), [])
            tables.extend({load.asset} - set(tables))
    return loaded


def _account_rows(page: AnalyticsPage, account_id: int, metrics: Sequence[Metric]) -> Iterator[tuple[date, Totals]]:
    """Read the first day and the totals of each row.

    Raises:
        UnexpectedPayloadError: a row is of another account, or has no readable day or number; none is guessed.
    """
    own = urn(ACCOUNT, account_id)
    for element in page.elements:
        key = key_of(element)
        try:
            if key is not None and key[2] == (own,):
                yield (
                    key[0],
                    {metric.column: _AMOUNT.validate_python(element.get(metric.name, 0)) for metric in metrics},
                )
                continue
        except ValidationError:
            pass
        response = ParsedResponse({}, ", ".join(page.sources), f"adAnalytics of account {account_id}")
        raise response.unexpected(
            "has a total that cannot be read", meaning="the totals are not compared; the rows stay"
        )
