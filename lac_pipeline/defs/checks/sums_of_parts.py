"""The check that the parts of a number add up to it, where two reports give both: it costs no call.

It is a step of its own, as it looks at two tables and has to follow the loads of both.
"""

from collections.abc import Iterator

import dagster as dg

from lac_pipeline.defs.checks.check_reports import check_result
from lac_pipeline.defs.checks.check_scope import loads_of
from lac_pipeline.defs.checks.row_checks import findings_of
from lac_pipeline.defs.configured_accounts import configured_accounts
from lac_pipeline.defs.resources import WarehouseResource
from lac_pipeline.streams import Catalogue
from lac_pipeline.warehouse.check_results import Check, CheckState
from lac_pipeline.warehouse.load.check_states import CheckStates
from lac_pipeline.warehouse.query.check_queries import LoadChecks
from lac_pipeline.warehouse.query.sums_of_parts import SumsOfParts
from lac_pipeline.windows import DateWindow


def sums_checks(streams: Catalogue) -> list[dg.AssetChecksDefinition]:
    """The check `adds_up` of the reports whose rows are parts of another report's; none where none is loaded."""
    compared = {
        stream.name: stream.report.adds_up_to
        for stream in streams
        if stream.report is not None and stream.report.adds_up_to is not None
    }
    specs = [
        dg.AssetCheckSpec(
            Check.ADDS_UP.value,
            asset=asset,
            additional_deps=[whole.stream],
            description=f"The rows of an entity's day add up to its {whole.metric} in {whole.stream}.",
        )
        for asset, whole in compared.items()
        if whole.stream in streams
    ]
    if not specs:
        return []

    @dg.multi_asset_check(name=Check.ADDS_UP.value, specs=specs, can_subset=True)
    def check(context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource) -> Iterator[dg.AssetCheckResult]:
        engine, run_id = warehouse.warehouse.engine, context.run.run_id
        states, accounts = CheckStates(engine), set(configured_accounts(context.instance, warehouse.settings))
        loads = loads_of(context.run, warehouse.warehouse.read)
        for asset in [str(key.asset_key.path[-1]) for key in context.selected_asset_check_keys]:
            loaded = [(load.account_id, load.window) for load in loads if load.asset == asset]
            covered = set(loaded or LoadChecks(engine).newest_loads(asset, sorted(accounts)))
            about = accounts | {account_id for account_id, _ in covered}
            failed = {
                (state.account_id, state.window)
                for state in states.of(about, asset=asset, check=Check.ADDS_UP)
                if not state.passed and state.account_id is not None
            }
            sums = SumsOfParts(engine)
            for account_id, window in sorted(covered | failed, key=str):
                if window is not None:
                    states.record(_states(sums, asset, account_id, window, run_id))
            yield check_result(asset, Check.ADDS_UP, states.of(about, asset=asset, check=Check.ADDS_UP))

    return [check]


def _states(sums: SumsOfParts, asset: str, account_id: int, window: DateWindow, run_id: str) -> Iterator[CheckState]:
    """What is found of an account's days; nothing where none of them can be compared."""
    found = sums.differing(asset, account_id, window)
    if found is not None:
        yield CheckState(Check.ADDS_UP, asset, account_id, not found.total, findings_of(found), window, run_id)
