"""Which ad accounts there are: those of LAC_ACCOUNT_IDS, or all that the token can see."""

import asyncio
import logging

import dagster as dg

from lac_pipeline.errors import LacError
from lac_pipeline.partitions import account_partitions, known_accounts
from lac_pipeline.resources import WarehouseResource, open_client
from lac_pipeline.settings import Settings
from lac_pipeline.storage.warehouse import Warehouse

INTERVAL_SECONDS = 3600


async def _visible(settings: Settings, warehouse: Warehouse, log: logging.Logger) -> list[int]:
    async with open_client(settings, warehouse, run_id="discovery", log=log) as client:
        return sorted([int(element["id"]) async for page in client.accounts() for element in page.elements])


def visible_accounts(settings: Settings, warehouse: Warehouse, log: logging.Logger) -> list[int]:
    """The ids to load: `LAC_ACCOUNT_IDS` where it is set, without a call; else what LinkedIn shows to the token."""
    return sorted(settings.lac_account_ids) or asyncio.run(_visible(settings, warehouse, log))


def discover(instance: dg.DagsterInstance, settings: Settings, warehouse: Warehouse, log: logging.Logger) -> list[int]:
    """Add the accounts that are new as partitions, and return all that are visible."""
    visible = visible_accounts(settings, warehouse, log)
    instance.add_dynamic_partitions(str(account_partitions.name), [str(account_id) for account_id in visible])
    return visible


@dg.sensor(
    name="account_discovery_sensor",
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Adds ad accounts that the token can see, or LAC_ACCOUNT_IDS, as partitions. One call an hour. A new "
    "account is then found stale by freshness_sensor and gets its whole history.",
)
def account_discovery_sensor(context: dg.SensorEvaluationContext, warehouse: WarehouseResource) -> dg.SensorResult:
    """Ask LinkedIn which accounts there are, and add those that are not partitions yet."""
    try:
        visible = visible_accounts(warehouse.settings, warehouse.warehouse, context.log)
    except LacError as error:
        raise dg.Failure(description=str(error)) from error
    known = set(known_accounts(context.instance))
    new = [str(account_id) for account_id in visible if str(account_id) not in known]
    if not new:
        return dg.SensorResult(skip_reason=dg.SkipReason(f"{len(visible)} accounts, none of them new"))
    context.log.info(f"new accounts: {', '.join(new)}")
    return dg.SensorResult(dynamic_partitions_requests=[account_partitions.build_add_request(new)])
