"""Limits of requests: a token bucket per account, one for the application, and a limit of open requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta


class TokenBucket:
    """Lets `rate` requests a second through, after a first burst of one second's worth.

    Callers are served in order (FIFO); each sleeps once.
    """

    def __init__(self, rate: float, *, clock: Callable[[], datetime]) -> None:
        self._gap = timedelta(seconds=1 / rate)
        self._burst = timedelta(seconds=1) - self._gap
        self._clock = clock
        self._booked: datetime | None = None

    def book(self) -> timedelta:
        """Take the next free moment and return how long it is until then."""
        now = self._clock()
        moment = now if self._booked is None else max(now, self._booked)
        self._booked = moment + self._gap
        return max(timedelta(0), moment - now - max(timedelta(0), self._burst))


class Throttle:
    """Admits requests: bounded concurrency over all, a rate per account, a rate over all."""

    def __init__(
        self,
        *,
        per_account: float,
        overall: float,
        concurrency: int,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._per_account = per_account
        self._clock = clock
        self._sleep = sleep
        self._overall = TokenBucket(overall, clock=clock)
        self._accounts: dict[int | None, TokenBucket] = {}
        self._open = asyncio.Semaphore(concurrency)

    @asynccontextmanager
    async def admission(self, account_id: int | None) -> AsyncIterator[None]:
        """Wait for a turn and hold one of the open requests while inside."""
        async with self._open:
            bucket = self._accounts.setdefault(account_id, TokenBucket(self._per_account, clock=self._clock))
            wait = max(bucket.book(), self._overall.book())
            if wait:
                await self._sleep(wait.total_seconds())
            yield
