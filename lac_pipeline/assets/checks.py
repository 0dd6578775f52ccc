"""Asset checks that read what the run itself logged, so that a check costs one small query and no call to LinkedIn."""

from collections.abc import Iterator, Sequence

import dagster as dg

from lac_pipeline.assets.reconciliation import reconciliation_check
from lac_pipeline.assets.row_checks import UNIQUE, row_checks_of, row_results
from lac_pipeline.partitions import known_accounts
from lac_pipeline.resources import WarehouseResource, utc_now
from lac_pipeline.scopes import ASSETS_OF
from lac_pipeline.storage.checks import LoadChecks
from lac_pipeline.storage.freshness import Freshness
from lac_pipeline.storage.ledgers import CONFIRMED
from lac_pipeline.storage.readings import AttemptRecord
from lac_pipeline.storage.rejects import OpenRejection, open_rejections

REJECTED = "no_rejected_records"
SHARE = "rejected_share"
SHRINK = "shrink_guard"
FRESHNESS = "account_freshness"
FRESHNESS_ASSET = "campaign_daily_metrics"
SHOWN = 20
MOST_REJECTED = 0.1
FEW_REJECTED = 10
"""So few rejected records are told by `no_rejected_records` alone, however few records there are."""


def asset_checks() -> list[dg.AssetChecksDefinition]:
    """The checks of every asset that is loaded from LinkedIn."""
    each = [_checks_of(asset) for assets in ASSETS_OF.values() for asset in assets]
    return [*each, reconciliation_check(), account_freshness_check]


def _checks_of(asset: str) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(name=f"{asset}_checks", specs=_specs_of(asset))
    def checks(context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource) -> Iterator[dg.AssetCheckResult]:
        questions = LoadChecks(warehouse.warehouse.engine)
        attempts = _attempts(warehouse, asset, context.run.run_id, questions)
        yield rejected_records(asset, open_rejections(warehouse.warehouse.engine, asset=asset))
        yield rejected_share(asset, attempts)
        yield shrink_guard(asset, attempts)
        loaded = [record.attempt for record in attempts if record.status in CONFIRMED]
        covered = [(attempt.account_id, attempt.window) for attempt in loaded]
        yield from row_results(asset, covered, questions, today=utc_now().date())

    return checks


def _specs_of(asset: str) -> list[dg.AssetCheckSpec]:
    described = {
        REJECTED: "Every record that LinkedIn sent was valid; the others are quarantined.",
        SHARE: f"Of the records that a run fetched, at most {MOST_REJECTED:.0%} were rejected.",
        SHRINK: "LinkedIn did not suddenly return less than half of the rows we hold.",
        UNIQUE: "No key is there twice.",
    } | {check.name: check.description for check in row_checks_of(asset)}
    return [dg.AssetCheckSpec(name, asset=asset, description=text) for name, text in described.items()]


def _attempts(warehouse: WarehouseResource, asset: str, run_id: str, questions: LoadChecks) -> list[AttemptRecord]:
    """What the run logged for the asset; for a check that is evaluated on its own, what its newest runs logged."""
    read = warehouse.warehouse.read
    own = [record for record in read.attempts_of(run_id) if record.attempt.asset == asset]
    return own or [
        record
        for newest in questions.newest_runs(asset)
        for record in read.attempts_of(newest)
        if record.attempt.asset == asset
    ]


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


def rejected_share(asset: str, attempts: Sequence[AttemptRecord]) -> dg.AssetCheckResult:
    """Fail when so many records are rejected that LinkedIn must have changed what it sends."""
    fetched, rejected = sum(one.fetched for one in attempts), sum(one.rejected for one in attempts)
    share = rejected / fetched if fetched else 0.0
    accounts = ", ".join(sorted({str(one.attempt.account_id) for one in attempts if one.rejected}))
    said = f"{rejected} of {fetched} records were rejected (accounts {accounts}): LinkedIn seems to send another form"
    return dg.AssetCheckResult(
        passed=share <= MOST_REJECTED or rejected < FEW_REJECTED,
        asset_key=asset,
        check_name=SHARE,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"{said}; `lac rejects --asset {asset}` says which field" if rejected else None,
        metadata={"share": round(share, 4), "rejected": rejected, "fetched": fetched},
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
    accounts = known_accounts(context.instance)
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
