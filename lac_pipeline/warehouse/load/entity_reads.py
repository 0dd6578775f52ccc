"""What a load keeps of a report that is requested entity by entity: which were read, so that the next one goes on.

The caller owns the transaction.
"""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Connection, Table, Text, func, literal, select, true, tuple_
from sqlalchemy.dialects.postgresql import insert

from lac_pipeline.warehouse.check_results import Check, CheckState, EntitiesRead
from lac_pipeline.warehouse.load import check_states
from lac_pipeline.warehouse.load.attempts import EntityReads, Load
from lac_pipeline.warehouse.load.quotas import spend_quota
from lac_pipeline.warehouse.schema.operational_tables import EntityRead


def is_unfinished(load: Load) -> bool:
    """Whether an entity could not be read, or waits."""
    return load.entities is not None and bool(load.entities.failed or load.entities.waiting)


def was_read(table: Table, reads: EntityReads | None) -> ColumnElement[bool]:
    """SQL condition: a row is of an entity and a pivot that were read; of other reports, any row."""
    if reads is None:
        return true()
    ids = literal([entity_id for entity_id, _ in reads.read], ARRAY(BigInteger))
    pivots = literal([pivot for _, pivot in reads.read], ARRAY(Text))
    pairs = select(func.unnest(ids), func.unnest(pivots))
    return tuple_(table.c[reads.column], table.c.pivot_type).in_(pairs)


def keep_reads(connection: Connection, load: Load) -> None:
    """Store which entities were read, how far the report has come, and when it goes on."""
    reads, attempt = load.entities, load.attempt
    if reads is None or attempt.window is None:
        return
    rows = [
        {
            "asset": attempt.asset,
            "account_id": attempt.account_id,
            "entity_id": entity_id,
            "pivot_type": pivot,
            "read_at": attempt.started_at,
            "window_start": attempt.window.start,
        }
        for entity_id, pivot in reads.read
    ]
    if rows:
        statement = insert(EntityRead)
        newer = {name: statement.excluded[name] for name in ("read_at", "window_start")}
        key = ["asset", "account_id", "entity_id", "pivot_type"]
        connection.execute(statement.on_conflict_do_update(index_elements=key, set_=newer), rows)
    if reads.goes_on_at is not None and reads.own_budget:
        spend_quota(connection, attempt.asset, until=reads.goes_on_at)
    failed = {unread.entity_id for unread in reads.failed}
    facts = EntitiesRead(reads.entities - reads.waiting - len(failed), reads.entities, reads.failed, reads.goes_on_at)
    passed = not is_unfinished(load)
    state = CheckState(Check.ENTITIES_READ, attempt.asset, attempt.account_id, passed, facts, None, attempt.run_id)
    check_states.record(connection, [state])
