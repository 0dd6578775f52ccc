"""The ledger of requests to LinkedIn, and the day quotas that are known to be spent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Engine,
    Select,
    Text,
    bindparam,
    func,
    literal,
    select,
)

from lac_pipeline.postgres.engine import reading, translating_errors
from lac_pipeline.postgres.upserting import insert
from lac_pipeline.warehouse.load.quotas import NO_ACCOUNT, spend_quota
from lac_pipeline.warehouse.schema.operational_tables import ApiUsageDay
from lac_pipeline.windows import ONE_DAY

_AT = bindparam("at", type_=DateTime(timezone=True))
_SPENT = (
    # The primary key begins with the day. A quota ends at the next midnight; a later end was written by a wrong clock.
    ApiUsageDay.day >= bindparam("yesterday", type_=Date),
    ApiUsageDay.quota_spent_until > _AT,
    ApiUsageDay.quota_spent_until <= bindparam("tomorrow", type_=DateTime(timezone=True)),
)
_UNTIL = func.max(ApiUsageDay.quota_spent_until).label("until")
_SPENT_QUOTAS = select(ApiUsageDay.endpoint, _UNTIL).where(*_SPENT).group_by(ApiUsageDay.endpoint)


def _count() -> Select[tuple[datetime | None]]:
    """Make the statement that counts a request, unless the quota is spent, and says until when it is."""
    endpoint = bindparam("of_endpoint", type_=Text)
    spent = select(_UNTIL).where(ApiUsageDay.endpoint == endpoint, *_SPENT).cte("spent")
    row: dict[str, ColumnElement[Any]] = {
        "day": bindparam("on_day", type_=Date),
        "endpoint": endpoint,
        "account_id": bindparam("of_account", type_=BigInteger),
        "calls": literal(1, BigInteger),
    }
    # A count lost in a power cut is a smaller harm than a disk flush per request.
    unflushed = func.set_config("synchronous_commit", "off", True) == "off"
    unspent = select(*row.values()).select_from(spent).where(spent.c.until.is_(None), unflushed)
    counted = insert(ApiUsageDay).from_select(list(row), unspent)
    counted = counted.on_conflict_do_update(
        index_elements=["day", "endpoint", "account_id"],
        set_={"calls": ApiUsageDay.calls + counted.excluded.calls},
    )
    return select(spent.c.until).add_cte(counted.cte("counted"))


_COUNT = _count()


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

    def record_call(self, endpoint: str, account_id: int | None, *, at: datetime) -> datetime | None:
        """Count an HTTP request that is to be sent, retries included, unless the endpoint's day quota is spent.

        Returns until when (UTC) it is spent, or None when the request is possible and counted.
        """
        request = {"on_day": at.date(), "of_endpoint": endpoint, "of_account": account_id or NO_ACCOUNT}
        with translating_errors(), self._engine.connect() as connection:
            until: datetime | None = connection.scalar(_COUNT, request | _around(at))
        return until

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
    rows = connection.execute(_SPENT_QUOTAS, _around(at)).tuples()
    return {endpoint: moment for endpoint, moment in rows if moment is not None}


def _around(at: datetime) -> dict[str, date]:
    """The parameters of `_SPENT`."""
    return {"yesterday": at.date() - ONE_DAY, "at": at, "tomorrow": at + ONE_DAY}
