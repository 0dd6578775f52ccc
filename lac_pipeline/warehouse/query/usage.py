"""The ledger of requests to LinkedIn, and the day quotas that are known to be spent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Engine,
    Text,
    bindparam,
    func,
    literal,
    select,
)

from lac_pipeline.postgres.engine import reading, translating_errors
from lac_pipeline.postgres.upserting import Insert, insert
from lac_pipeline.warehouse.load.quotas import NO_ACCOUNT, spend_quota
from lac_pipeline.warehouse.schema.operational_tables import ApiUsageDay


def _count_call() -> Insert:
    row: dict[str, ColumnElement[Any]] = {
        "day": bindparam("on_day", type_=Date),
        "endpoint": bindparam("of_endpoint", type_=Text),
        "account_id": bindparam("of_account", type_=BigInteger),
        "calls": literal(1, BigInteger),
    }
    # A count lost in a power cut is a smaller harm than a disk flush per request.
    unflushed = func.set_config("synchronous_commit", "off", True) == "off"
    statement = insert(ApiUsageDay).from_select(list(row), select(*row.values()).where(unflushed))
    return statement.on_conflict_do_update(
        index_elements=["day", "endpoint", "account_id"],
        set_={"calls": ApiUsageDay.calls + statement.excluded.calls},
    )


_COUNT_CALL = _count_call()
_MOMENT = DateTime(timezone=True)
_SPENT = (
    select(ApiUsageDay.endpoint, func.max(ApiUsageDay.quota_spent_until))
    .where(
        ApiUsageDay.day >= bindparam("since", type_=Date),
        ApiUsageDay.quota_spent_until > bindparam("at", type_=_MOMENT),
        ApiUsageDay.quota_spent_until <= bindparam("latest", type_=_MOMENT),
    )
    .group_by(ApiUsageDay.endpoint)
)


@dataclass(frozen=True, slots=True)
class Usage:
    """The requests of a UTC day to an endpoint about an account; None for calls about none or several."""

    day: date
    endpoint: str
    account_id: int | None
    calls: int
    quota_spent_until: datetime | None


class ApiUsage:
    """Counts requests by UTC day, endpoint and account, and remembers spent day quotas across processes.

    Every method is one short transaction of its own and raises `StorageError` when PostgreSQL cannot do it.

    Args:
        engine: as `make_engine` makes it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = reading(engine)  # what writes here is a single statement, too

    def record_call(self, endpoint: str, account_id: int | None, *, at: datetime) -> None:
        """Count one HTTP request sent, retries included."""
        counted = {"on_day": at.date(), "of_endpoint": endpoint, "of_account": account_id or NO_ACCOUNT}
        with translating_errors(), self._engine.connect() as connection:
            connection.execute(_COUNT_CALL, counted)

    def spent_until(self, endpoint: str, *, at: datetime) -> datetime | None:
        """Return until when (UTC) the endpoint's day quota is spent, or None when requests are possible."""
        with translating_errors(), self._engine.connect() as connection:
            return spent_quotas(connection, at=at).get(endpoint)

    def mark_spent(self, endpoint: str, *, until: datetime) -> None:
        """Remember that LinkedIn refused the endpoint for the rest of the UTC day, which ends at `until`."""
        with translating_errors(), self._engine.connect() as connection:
            spend_quota(connection, endpoint, until=until)

    def usage(self, *, since: date) -> list[Usage]:
        """List the requests of all days from `since` on, the newest first."""
        table = ApiUsageDay
        query = (
            select(
                table.day,
                table.endpoint,
                func.nullif(table.account_id, NO_ACCOUNT),
                table.calls,
                table.quota_spent_until,
            )
            .where(table.day >= since)
            .order_by(table.day.desc(), table.endpoint, table.account_id)
        )
        with translating_errors(), self._engine.connect() as connection:
            return [Usage(*row) for row in connection.execute(query)]


def spent_quotas(connection: Connection, *, at: datetime) -> dict[str, datetime]:
    """Return the endpoints whose day quota is spent at this moment, and until when."""
    yesterday = at.date() - timedelta(days=1)  # the primary key begins with the day
    next_day = at + timedelta(days=1)  # a quota ends at the next midnight; a later end was written under a wrong clock
    rows = connection.execute(_SPENT, {"since": yesterday, "at": at, "latest": next_day}).all()
    return {endpoint: moment for endpoint, moment in rows if moment is not None}
