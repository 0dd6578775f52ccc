"""Asset checks that read what the run itself logged, so that a check costs one small query and no call to LinkedIn."""

from collections.abc import Iterator, Sequence

import dagster as dg

from lac_pipeline.resources import WarehouseResource
from lac_pipeline.scopes import ASSETS_OF
from lac_pipeline.storage.freshness import Freshness
from lac_pipeline.storage.readings import AttemptRecord
from lac_pipeline.storage.rejects import OpenRejection, open_rejections

REJECTED = "no_rejected_records"
SHRINK = "shrink_guard"
FRESHNESS = "account_freshness"
FRESHNESS_ASSET = "campaign_daily_metrics"
SHOWN = 20


def asset_checks() -> list[dg.AssetChecksDefinition]:
    """The checks of every asset that is loaded from LinkedIn."""
    return [*(_checks_of(asset) for assets in ASSETS_OF.values() for asset in assets), account_freshness_check]


def _checks_of(asset: str) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(
        name=f"{asset}_checks",
        specs=[
            dg.AssetCheckSpec(
                REJECTED,
                asset=asset,
                description="Every record that LinkedIn sent was valid; the others are quarantined.",
            ),
            dg.AssetCheckSpec(
                SHRINK, asset=asset, description="LinkedIn did not suddenly return less than half of the rows we hold."
            ),
        ],
    )
    def checks(context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource) -> Iterator[dg.AssetCheckResult]:
        attempts = [
            record
            for record in warehouse.warehouse.read.attempts_of(context.run.run_id)
            if record.attempt.asset == asset
        ]
        rejections = open_rejections(warehouse.warehouse.engine, asset=asset)
        yield rejected_records(asset, rejections)
        yield shrink_guard(asset, attempts)

    return checks


def rejected_records(asset: str, rejections: Sequence[OpenRejection]) -> dg.AssetCheckResult:
    """Warn of records in quarantine: the rest is loaded, so nothing downstream has to wait."""
    table = dg.MetadataValue.table(
        [
            dg.TableRecord(
                {name: str(getattr(one, name)) for name in ("account_id", "record_id", "field", "value", "reason")}
            )
            for one in rejections[:SHOWN]
        ]
        or [dg.TableRecord({"account_id": "none"})]
    )
    return dg.AssetCheckResult(
        passed=not rejections,
        asset_key=asset,
        check_name=REJECTED,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{len(rejections)} records are in quarantine; `lac rejects` lists them" if rejections else None,
        metadata={"rejected": len(rejections)} | ({"records": table} if rejections else {}),
    )


def shrink_guard(asset: str, attempts: Sequence[AttemptRecord]) -> dg.AssetCheckResult:
    """Fail when rows were kept although LinkedIn no longer returned most of them."""
    told = [
        f"account {record.attempt.account_id}: {error['what']}; {error['fix']}"
        for record in attempts
        for error in record.errors
        if error["type"] == "ShrinkGuard"
    ]
    return dg.AssetCheckResult(
        passed=not told,
        asset_key=asset,
        check_name=SHRINK,
        severity=dg.AssetCheckSeverity.ERROR,
        description="\n".join(told) or None,
        metadata={"accounts": len(told)},
    )


@dg.asset_check(
    asset=FRESHNESS_ASSET,
    name=FRESHNESS,
    description="Every account was synced within its TTL in every scope. Published by freshness_sensor on change.",
)
def account_freshness_check(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    """Evaluate the freshness of all accounts now."""
    accounts = context.instance.get_dynamic_partitions("linkedin_account")
    return account_freshness(warehouse.gate.states(int(account) for account in accounts if account.isdigit()))


def account_freshness(states: Sequence[Freshness]) -> dg.AssetCheckResult:
    """Warn of accounts and scopes that are older than their TTL."""
    stale = [state for state in states if not state.reason.startswith("data_fresh")]
    rows = [
        dg.TableRecord(
            {
                "account": str(state.account_id),
                "scope": state.scope.value,
                "reason": state.reason,
                "last_status": state.last_status or "never tried",
            }
        )
        for state in stale[:SHOWN]
    ]
    return dg.AssetCheckResult(
        passed=not stale,
        check_name=FRESHNESS,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{len(stale)} of {len(states)} accounts and scopes are stale" if stale else None,
        metadata={"stale": len(stale), "fresh": len(states) - len(stale)}
        | ({"accounts": dg.MetadataValue.table(rows)} if rows else {}),
    )
