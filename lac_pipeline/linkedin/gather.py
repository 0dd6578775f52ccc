"""Several reads at once; the first failure stops the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TypeVar

Result = TypeVar("Result")


async def together(*reads: Awaitable[Result]) -> list[Result]:
    """Wait for all and give their results in order; when one fails, stop the others and raise its own error."""
    tasks = [asyncio.ensure_future(read) for read in reads]
    try:
        return await asyncio.gather(*tasks)
    finally:
        await stop(tasks)


async def stop(tasks: Sequence[asyncio.Future[Result]]) -> None:
    """Cancel what is still running and wait until it has ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
