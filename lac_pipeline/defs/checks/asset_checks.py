"""Asset checks: they look at what the run loaded, and report what holds of every ad account.

A check costs a few small queries and no call to LinkedIn. When it is evaluated by itself, it looks at the newest load
of every account, and at the days of results that failed before.
"""

from collections.abc import Collection, Iterator, Sequence

import dagster as dg

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.assets.left_behind import fail_for_accounts_left_behind
from lac_pipeline.defs.checks.account_totals import reconciliation_check
from lac_pipeline.defs.checks.check_reports import check_result, names_in
from lac_pipeline.defs.checks.check_scope import attempts_of, loads_among
from lac_pipeline.defs.checks.check_targets import look_up_targets
from lac_pipeline.defs.checks.row_checks import Extent, row_checks_of, row_states
from lac_pipeline.defs.checks.sums_of_parts import sums_checks
from lac_pipeline.defs.configured_accounts import configured_accounts
from lac_pipeline.defs.io_manager import checks_step
from lac_pipeline.defs.namespace import Namespace
from lac_pipeline.defs.resources import WAREHOUSE, warehouse_in
from lac_pipeline.defs.step_order import step_order
from lac_pipeline.printable import counted
from lac_pipeline.streams import Catalogue, Partitioning, stream_of
from lac_pipeline.warehouse.check_results import Check, CheckState
from lac_pipeline.warehouse.load.attempts import NEW_FORM_SHARE
from lac_pipeline.warehouse.load.check_states import CheckStates
from lac_pipeline.warehouse.load.rejects import OpenRejection, open_rejections
from lac_pipeline.warehouse.query.account_labels import NAMELESS, AccountNames
from lac_pipeline.warehouse.query.check_queries import Covered, LoadChecks
from lac_pipeline.warehouse.query.freshness import Freshness
from lac_pipeline.warehouse.query.overview import Affected, Overview

REJECTED = "no_rejected_records"
FRESHNESS = "account_freshness"
SHOWN = 20


def asset_checks(streams: Catalogue, namespace: Namespace) -> list[dg.AssetChecksDefinition]:
    """The checks of every asset that is loaded from LinkedIn."""
    by_group = [name for group in streams.groups for name in streams.names_in(group)]
    across = [
        reconciliation_check(streams, namespace),
        *sums_checks(streams, namespace),
        account_freshness_check(streams, namespace),
    ]
    return [*(_checks_of(asset, namespace) for asset in by_group), *across]


def _checks_of(asset: str, namespace: Namespace) -> dg.AssetChecksDefinition:
    key, described = namespace.key(asset), _descriptions(asset)
    rejected = dg.AssetCheckSpec(
        REJECTED,
        asset=key,
        description="Every record that LinkedIn sent was valid. Invalid records are in quarantine.",
    )

    @dg.multi_asset_check(
        name=checks_step(key),
        op_tags=step_order(asset),
        required_resource_keys={namespace.resource(WAREHOUSE)},
        specs=[
            rejected,
            *(dg.AssetCheckSpec(name.value, asset=key, description=text) for name, text in described.items()),
        ],
    )
    def checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        look_up_targets(context)
        warehouse = warehouse_in(context, namespace)
        engine = warehouse.warehouse.engine
        states, loads = CheckStates(engine), LoadChecks(engine)
        accounts = configured_accounts(context.instance, warehouse.settings, namespace)
        attempts = [each for each in attempts_of(context.run, warehouse.warehouse.read) if each.attempt.asset == asset]
        loaded = loads_among(attempts)
        covered: Covered = [(load.account_id, load.window) for load in loaded] or loads.newest_loads(asset, accounts)
        loaded_accounts = {*accounts, *(account_id for account_id, _ in covered)}
        found = _evaluate(asset, covered, loads, states, of=loaded_accounts, run_id=context.run.run_id)
        affected = [record for record in Overview(engine).rejected(asset=asset) if record.account_id in loaded_accounts]
        rejections = open_rejections(engine, asset=asset, limit=SHOWN) if affected else []
        of_rejects = (
            AccountNames(Overview(engine).names([each.account_id for each in affected])) if affected else NAMELESS
        )
        yield rejected_records(key, affected, rejections, of_rejects)
        names = names_in(Overview(engine), found)
        for name in described:
            yield check_result(key, name, [state for state in found if state.check is name], names)
        fail_for_accounts_left_behind(context, attempts, warehouse)

    return checks


def _descriptions(asset: str) -> dict[Check, str]:
    """The checks of an asset whose results are stored for each account, and what is true when they pass."""
    described = {
        Check.REJECTED_SHARE: f"At most {NEW_FORM_SHARE:.0%} of the records that a load fetched were rejected.",
        Check.SHRINK_GUARD: "LinkedIn did not suddenly return less than half of the rows that are stored.",
        Check.UNIQUE_KEYS: "PostgreSQL enforces the table's primary key, so no key occurs twice.",
    }
    stream = stream_of(asset)
    report = stream.report
    if report is not None and len(report.pivots) > 1:
        described[Check.PIVOTS_LOADED] = "Every chosen pivot was read."
    if report is not None and report.one_by_one is not None:
        described[Check.ENTITIES_READ] = "Every campaign that LinkedIn has rows for is up to date."
    if stream.spared:
        described[Check.STREAM_READABLE] = "LinkedIn lets the token read this stream. Otherwise it is skipped."
    if stream.parent is None:
        described[Check.ACCOUNT_LISTED] = "LinkedIn lists every account that was loaded before."
    return described | {check.check: check.description for check in row_checks_of(asset)}


def _evaluate(
    asset: str, covered: Covered, loads: LoadChecks, states: CheckStates, *, of: Collection[int], run_id: str
) -> list[CheckState]:
    """Look at these rows, and again at the days of these accounts for which a check failed before.

    Returns what holds then of all accounts that the checks are about.
    """
    today = utc_now().date()
    evaluated = list(row_states(asset, covered, loads, today=today, run_id=run_id))  # before a transaction is open
    states.record(evaluated)
    found = states.of(of, asset=asset)
    accounts = {account_id for account_id, _ in covered}
    by_days = {check.check: check for check in row_checks_of(asset) if check.extent is Extent.DAYS}
    again = [
        by_days[state.check].evaluate(asset, state.account_id, state.window, loads, today=today, run_id=run_id)
        for state in found
        if not state.passed and state.check in by_days
        if state.account_id in accounts and (state.account_id, state.window) not in covered
    ]
    if not again:
        return found
    states.record([state for state in again if state is not None])
    return states.of(of, asset=asset)


def rejected_records(
    asset: dg.AssetKey,
    affected: Sequence[Affected],
    rejections: Sequence[OpenRejection],
    names: AccountNames = NAMELESS,
) -> dg.AssetCheckResult:
    """Warn of records in quarantine: the rest is loaded, so nothing downstream has to wait.

    Args:
        asset: the asset whose table it is about.
        affected: how many there are of each account.
        rejections: some of them.
        names: of the accounts, as far as they are known.
    """
    count = sum(window.rejects for window in affected)
    accounts = ", ".join(f"account {names.title(window.account_id)}: {window.rejects}" for window in affected[:SHOWN])
    table = [
        dg.TableRecord(
            {"account": names.title(rejection.account_id)}
            | {name: str(getattr(rejection, name)) for name in ("record_id", "field", "value", "reason")}
        )
        for rejection in rejections
    ]
    are = "is" if count == 1 else "are"
    fix = f"`lac rejects --asset {asset.path[-1]}` lists them"
    return dg.AssetCheckResult(
        passed=not count,
        asset_key=asset,
        check_name=REJECTED,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{counted(count, 'record')} {are} in quarantine ({accounts}); {fix}" if count else None,
        metadata={"rejected": count} | ({"records": dg.MetadataValue.table(table)} if table else {}),
    )


def freshness_asset(streams: Catalogue, namespace: Namespace) -> dg.AssetKey:
    """The asset that shows whether all accounts are fresh: the first one of daily numbers, or else the accounts."""
    daily = (stream.name for stream in streams if stream.partitioning is Partitioning.ACCOUNT_DAY)
    return namespace.key(next(daily, streams.names[0]))


def account_freshness_check(streams: Catalogue, namespace: Namespace) -> dg.AssetChecksDefinition:
    """The check `account_freshness`."""
    asset = freshness_asset(streams, namespace)

    @dg.asset_check(
        asset=asset,
        required_resource_keys={namespace.resource(WAREHOUSE)},
        name=FRESHNESS,
        description="Every asset group of every account was synced within its TTL. freshness_sensor publishes changes.",
    )
    def check(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        look_up_targets(context)
        warehouse = warehouse_in(context, namespace)
        accounts = configured_accounts(context.instance, warehouse.settings, namespace)
        states = warehouse.gate.states(accounts)
        names = AccountNames(Overview(warehouse.warehouse.engine).names(stale_accounts(states)))
        return account_freshness(states, asset=asset, names=names)

    return check


def stale_accounts(states: Sequence[Freshness]) -> set[int]:
    """The accounts that `account_freshness` names: the first that are stale."""
    return {state.account_id for state in [state for state in states if not state.fresh][:SHOWN]}


def account_freshness(
    states: Sequence[Freshness], *, asset: dg.AssetKey, names: AccountNames = NAMELESS
) -> dg.AssetCheckResult:
    """Warn of accounts and asset groups that are older than their TTL."""
    stale = [state for state in states if not state.fresh]
    rows = [
        dg.TableRecord(
            {
                "account": names.title(state.account_id),
                "scope": state.group.value,
                "reason": str(state.reason),
                "last_status": state.last_status or "never tried",
            }
        )
        for state in stale[:SHOWN]
    ]
    groups, are = counted(len(states), "asset group"), "is" if len(stale) == 1 else "are"
    return dg.AssetCheckResult(
        passed=not stale,
        asset_key=asset,
        check_name=FRESHNESS,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{len(stale)} of {groups} of accounts {are} stale" if stale else None,
        metadata={"stale": len(stale), "fresh": len(states) - len(stale)}
        | ({"accounts": dg.MetadataValue.table(rows)} if rows else {}),
    )
