"""The whole pipeline, and asynchronous tests on asyncio."""

from __future__ import annotations

import pytest

from lac_pipeline_tests.defs.conftest import pipeline, start_date, streams

__all__ = ["anyio_backend", "pipeline", "start_date", "streams"]


@pytest.fixture
def anyio_backend() -> str:
    """The only event loop the client is used on."""
    return "asyncio"
