"""Known problems of ad accounts at the end of a command that loads them, whichever run found them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from lac_pipeline.streams import Catalogue
from lac_pipeline.warehouse.check_results import CheckState, errors_in
from lac_pipeline.warehouse.load.check_states import CheckStates
from lac_pipeline.warehouse.query.overview import Overview
from lac_pipeline.warehouse.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is not as it should be.

    Attributes:
        failed: the checks that fail, of this run or an earlier one, until they are resolved.
        warnings: how many checks warn, or could not be evaluated.
        quarantined: how many records are in quarantine; the rest is loaded.
    """

    failed: tuple[CheckState, ...]
    warnings: int
    quarantined: int


def outcome_of(warehouse: Warehouse, account_ids: Collection[int], streams: Catalogue) -> Outcome:
    """Read what is wrong with these streams of these accounts.

    Raises:
        StorageError: the query failed.
    """
    rejected = (
        record
        for record in Overview(warehouse.engine).rejected()
        if record.account_id in account_ids and record.asset in streams
    )
    found = CheckStates(warehouse.engine).not_passed(account_ids, streams=streams)
    failed = tuple(errors_in(found))
    return Outcome(failed, len(found) - len(failed), sum(record.rejects for record in rejected))
