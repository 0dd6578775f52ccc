"""Which ad accounts there are: those of LAC_ACCOUNT_IDS, or all that the token can see."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import dagster as dg

from lac_pipeline.defs.checks.check_reports import check_result, evaluation
from lac_pipeline.defs.namespace import ALONE, Namespace
from lac_pipeline.defs.partitions import account_partitions, known_accounts
from lac_pipeline.defs.resources import WAREHOUSE, WarehouseResource, open_client, warehouse_in
from lac_pipeline.errors import LacError
from lac_pipeline.models.field_types import account_of
from lac_pipeline.reporting.check_wording import described
from lac_pipeline.settings import Settings
from lac_pipeline.warehouse.check_results import Check, CheckState, Listing, errors_in
from lac_pipeline.warehouse.load.check_states import CheckStates
from lac_pipeline.warehouse.query.account_labels import AccountNames
from lac_pipeline.warehouse.query.overview import Overview
from lac_pipeline.warehouse.warehouse import Warehouse

INTERVAL_SECONDS = 3600
DISCOVERY = "discovery"
"""What stands for the run of a result that no run evaluated."""
_ASSET = "accounts"


async def _visible(settings: Settings, warehouse: Warehouse, log: logging.Logger) -> dict[int, str | None]:
    visible: dict[int, str | None] = {}
    async with open_client(settings, warehouse, run_id=DISCOVERY, log=log) as client:
        async for page in client.accounts():
            accounts = [account_of(element) for element in page.elements]
            visible |= {account[0]: _name(account[1]) for account in accounts if account is not None}
            if None in accounts:
                kept = ", ".join(page.sources)
                log.warning(f"adAccounts lists {accounts.count(None)} ad accounts without a readable id: {kept}")
    return dict(sorted(visible.items()))


def _name(record: Mapping[str, Any]) -> str | None:
    name = record.get("name")
    return name if isinstance(name, str) else None


def visible_accounts(settings: Settings, warehouse: Warehouse, log: logging.Logger) -> dict[int, str | None]:
    """The accounts to load, with names where LinkedIn was read for them.

    They are those of `LAC_ACCOUNT_IDS` where it is set, without a call; else what LinkedIn shows to the token.
    """
    chosen: dict[int, str | None] = dict.fromkeys(sorted(settings.lac_account_ids))
    return chosen or asyncio.run(_visible(settings, warehouse, log))


def discover(instance: dg.DagsterInstance, settings: Settings, warehouse: Warehouse, log: logging.Logger) -> list[int]:
    """Add the accounts that are new as partitions, note those that LinkedIn lists no more, and return the others."""
    visible = [*visible_accounts(settings, warehouse, log)]
    known = {int(key) for key in known_accounts(instance) if key.isdigit()}
    instance.add_dynamic_partitions(str(account_partitions.name), [str(account_id) for account_id in visible])
    note_listing(CheckStates(warehouse.engine), visible, known=known, settings=settings)
    return visible


def note_listing(states: CheckStates, visible: Sequence[int], *, known: set[int], settings: Settings) -> list[int]:
    """Keep which accounts LinkedIn lists, of those that are partitions; of others it is forgotten.

    With LAC_ACCOUNT_IDS no list is requested, so nothing is known of it.

    Returns:
        the partitions' accounts that LinkedIn does not list.

    Raises:
        StorageError: PostgreSQL cannot do it.
    """
    accounts = sorted({*known, *visible})
    if settings.lac_account_ids:
        states.forget(Check.ACCOUNT_LISTED, account_ids=accounts)
        return []
    states.forget(Check.ACCOUNT_LISTED, account_ids=accounts, others=True)
    listing = partial(
        CheckState, Check.ACCOUNT_LISTED, _ASSET, facts=Listing(len(visible)), window=None, run_id=DISCOVERY
    )
    found = [listing(account_id, passed=account_id in visible) for account_id in accounts]
    states.record([listing(None, passed=bool(visible)), *found])
    return sorted(known - set(visible))


def account_discovery_sensor(namespace: Namespace = ALONE) -> dg.SensorDefinition:
    """The sensor that reads the accounts from LinkedIn, and adds those that are not partitions yet."""

    @dg.sensor(
        name=namespace.name("account_discovery_sensor"),
        required_resource_keys={namespace.resource(WAREHOUSE)},
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Adds the ad accounts of LAC_ACCOUNT_IDS, or all that the token can see, as partitions. One call "
        "an hour. freshness_sensor then loads the whole history of a new account. An account that LinkedIn no longer "
        "lists keeps its partition and its rows, and the check account_listed fails.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        return _tick(context, warehouse_in(context, namespace))

    return sensor


def _tick(context: dg.SensorEvaluationContext, warehouse: WarehouseResource) -> dg.SensorResult:
    namespace, states = warehouse.namespace, CheckStates(warehouse.warehouse.engine)
    known = {int(key) for key in namespace.known_accounts(context.instance) if key.isdigit()}
    try:
        listed = visible_accounts(warehouse.settings, warehouse.warehouse, context.log)
        visible = [*listed]
        lost = note_listing(states, visible, known=known, settings=warehouse.settings)
        names = AccountNames(listed | (Overview(warehouse.warehouse.engine).names(lost) if lost else {}))
    except LacError as error:
        raise dg.Failure(description=str(error)) from error
    found = states.of({*known, *visible}, asset=_ASSET, check=Check.ACCOUNT_LISTED)
    failed = errors_in(found)
    for state in failed:
        context.log.error(described(state, names))
    cursor = ",".join(str(state.account_id) for state in failed)
    changed = cursor != context.cursor
    result = check_result(namespace.key(_ASSET), Check.ACCOUNT_LISTED, found, names)
    events = [evaluation(result)] if changed else []
    new = [account_id for account_id in visible if account_id not in known]
    if not new:
        missing = f"; LinkedIn lists no more: {names.titles(lost)}" if lost else ""
        skip = dg.SkipReason(f"no new account among {len(visible)}{missing}")
        return dg.SensorResult(skip_reason=skip, cursor=cursor, asset_events=events)
    context.log.info(f"new accounts: {', '.join(map(names.title, new))}")
    added = namespace.accounts.build_add_request([*map(str, new)])
    return dg.SensorResult(dynamic_partitions_requests=[added], cursor=cursor, asset_events=events)
