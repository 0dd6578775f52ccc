"""A warehouse on the test's own database."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from lac_pipeline.warehouse.warehouse import Warehouse


@pytest.fixture
def warehouse(engine: Engine) -> Warehouse:
    """An empty warehouse, by the machine's clock."""
    return Warehouse(engine)
