"""The checks that the parts of a number add up to it, where two reports give both: it costs no call.

They are a step of their own, which looks at two tables each and follows the loads of both.
"""

from collections.abc import Iterator

import dagster as dg

from lac_pipeline.defs.checks.check_reports import check_result, names_in
from lac_pipeline.defs.checks.check_scope import loads_of
from lac_pipeline.defs.checks.check_targets import look_up_targets
from lac_pipeline.defs.checks.row_checks import findings_of
from lac_pipeline.defs.configured_accounts import configured_accounts
from lac_pipeline.defs.namespace import Namespace
from lac_pipeline.defs.resources import WAREHOUSE, warehouse_in
from lac_pipeline.streams import Catalogue
from lac_pipeline.streams.stream import AddsUpTo
from lac_pipeline.warehouse.check_results import Check, CheckState
from lac_pipeline.warehouse.load.check_states import CheckStates
from lac_pipeline.warehouse.load.reconciliation import YOUNG_SHARE
from lac_pipeline.warehouse.query.check_queries import LoadChecks
from lac_pipeline.warehouse.query.overview import Overview
from lac_pipeline.warehouse.query.sums_of_parts import SumsOfParts

STEP = Check.ADDS_UP.value
"""The name of the step."""


def sums_checks(streams: Catalogue, namespace: Namespace) -> list[dg.AssetChecksDefinition]:
    """The checks `adds_up` and `parts_add_up` of the reports whose rows are parts of another report's.

    None where none is loaded.
    """
    specs = [
        dg.AssetCheckSpec(
            check_of(rule).value,
            asset=namespace.key(stream.name),
            additional_deps=[namespace.key(rule.stream)],
            description=_described(rule),
        )
        for stream in streams
        if stream.report is not None and (rule := stream.report.adds_up_to) is not None
    ]
    if not specs:
        return []

    @dg.multi_asset_check(
        name=namespace.name(STEP),
        specs=specs,
        can_subset=True,
        required_resource_keys={namespace.resource(WAREHOUSE)},
    )
    def check(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        look_up_targets(context)
        warehouse = warehouse_in(context, namespace)
        engine, run_id = warehouse.warehouse.engine, context.run.run_id
        states = CheckStates(engine)
        accounts = set(configured_accounts(context.instance, warehouse.settings, namespace))
        loads = loads_of(context.run, warehouse.warehouse.read)
        for key in context.selected_asset_check_keys:
            asset, name = str(key.asset_key.path[-1]), Check(key.name)
            loaded = [(load.account_id, load.window) for load in loads if load.asset == asset]
            covered = set(loaded or LoadChecks(engine).newest_loads(asset, sorted(accounts)))
            about = accounts | {account_id for account_id, _ in covered}
            failed = {
                (state.account_id, state.window)
                for state in states.of(about, asset=asset, check=name)
                if not state.passed and state.account_id is not None
            }
            sums = SumsOfParts(engine)
            for account_id, window in sorted(covered | failed, key=str):
                found = sums.differing(asset, account_id, window) if window is not None else None
                if found is not None:  # otherwise no day can be compared, and what was found before stays
                    facts = findings_of(found)
                    states.record([CheckState(name, asset, account_id, not found.total, facts, window, run_id)])
            results = states.of(about, asset=asset, check=name)
            yield check_result(namespace.key(asset), name, results, names_in(Overview(engine), results))

    return [check]


def check_of(rule: AddsUpTo) -> Check:
    """The check's name: parts by one of several pivots, such as devices, have a name of their own."""
    return Check.ADDS_UP if rule.pivot is None else Check.PARTS_ADD_UP


def _described(rule: AddsUpTo) -> str:
    metrics = " and ".join(rule.metrics)
    rows = "The rows of an entity's day" if rule.pivot is None else f"The rows by {rule.pivot} of an entity's day"
    within = "" if rule.exact else f", within {YOUNG_SHARE:.0%}"
    return f"{rows} add up to its {metrics} in {rule.stream}{within}."
