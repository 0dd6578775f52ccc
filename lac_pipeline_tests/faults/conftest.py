"""Asynchronous tests run on asyncio."""

from __future__ import annotations

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """The only event loop the client is used on."""
    return "asyncio"
