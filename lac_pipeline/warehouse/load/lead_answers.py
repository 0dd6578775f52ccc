"""What members filled in, kept beside the responses: only while it may be, and never longer than it may be.

The caller owns the transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct
from sqlalchemy import ARRAY, Connection, Text, and_, delete, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert

from lac_pipeline.warehouse.schema.base import server_time
from lac_pipeline.warehouse.schema.tables import LeadAnswerRow, LeadFormResponse, table_of

if TYPE_CHECKING:  # every command opens the warehouse, and few read LinkedIn's records
    from lac_pipeline.models.lead_responses import LeadAnswer, LeadAnswers

_TABLE = table_of(LeadAnswerRow)
_KEY = ("response_id", "kind", "item_id")
_ROWS_AT_ONCE = 1_000  # PostgreSQL takes 65,535 values in a statement


class LeadAnswersOfLoad(Struct, frozen=True):
    """The answers that came with a load's responses, and how long after its sending a response's are kept."""

    read: LeadAnswers
    kept: timedelta


def store_lead_answers(connection: Connection, arrived: LeadAnswersOfLoad) -> None:
    """Store the answers of responses that are stored, in place of those they had, and drop all that are too old.

    Responses that came without answers keep what they have.
    """
    oldest = server_time(connection) - arrived.kept
    drop_lead_answers(connection, before=oldest)
    stored = _stored(connection, arrived.read.responses)
    answers = [each for each in arrived.read.answers if each.response_id in stored and each.submitted_at >= oldest]
    _drop_others(connection, stored, answers)
    for at in range(0, len(answers), _ROWS_AT_ONCE):
        rows = [asdict(answer) for answer in answers[at : at + _ROWS_AT_ONCE]]
        statement = insert(_TABLE).values(rows)
        values = {name: statement.excluded[name] for name in rows[0] if name not in _KEY}
        changed = or_(*(_TABLE.c[name].is_distinct_from(value) for name, value in values.items()))
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=_KEY, set_={**values, "updated_at": func.now()}, where=changed
            )
        )


def drop_lead_answers(connection: Connection, *, before: datetime) -> int:
    """Delete the answers that were sent before this moment; return how many rows that were."""
    return connection.execute(delete(_TABLE).where(_TABLE.c.submitted_at < before)).rowcount


def _stored(connection: Connection, responses: Iterable[str]) -> set[str]:
    responses_table = table_of(LeadFormResponse)
    among = responses_table.c.id == func.any(literal([*responses], ARRAY(Text)))
    return set(connection.scalars(select(responses_table.c.id).where(among)))


def _drop_others(connection: Connection, stored: set[str], answers: Iterable[LeadAnswer]) -> None:
    """Delete what these responses had and no longer have."""
    now = {(answer.response_id, answer.kind, answer.item_id) for answer in answers}
    mine = _TABLE.c.response_id == func.any(literal(sorted(stored), ARRAY(Text)))
    key = [_TABLE.c[name] for name in _KEY]
    gone = [row for row in connection.execute(select(*key).where(mine)).tuples() if tuple(row) not in now]
    for response_id, kind, item_id in gone:
        same = and_(_TABLE.c.response_id == response_id, _TABLE.c.kind == kind, _TABLE.c.item_id == item_id)
        connection.execute(delete(_TABLE).where(same))
