"""The settings and an open warehouse, for commands that run no sync."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lac_pipeline.commands.stack.environment import environment
from lac_pipeline.defs.opening import connect_warehouse, open_warehouse
from lac_pipeline.settings import Settings

if TYPE_CHECKING:
    from lac_pipeline.warehouse.connected import ConnectedWarehouse
    from lac_pipeline.warehouse.warehouse import Warehouse


@contextmanager
def open_settings_and_warehouse() -> Iterator[tuple[Settings, Warehouse]]:
    """Start or find the database, and open the warehouse in it.

    Raises:
        ConfigError: the settings are wrong.
        StorageError: PostgreSQL cannot be reached, or its schema is old.
    """
    with environment(Settings.load()) as settings, open_warehouse(settings) as warehouse:
        yield settings, warehouse


@contextmanager
def connect_settings_and_warehouse() -> Iterator[tuple[Settings, ConnectedWarehouse]]:
    """The same, for what only reads the warehouse.

    Raises:
        ConfigError: the settings are wrong.
        StorageError: PostgreSQL cannot be reached, or its schema is old.
    """
    with environment(Settings.load()) as settings, connect_warehouse(settings) as warehouse:
        yield settings, warehouse
