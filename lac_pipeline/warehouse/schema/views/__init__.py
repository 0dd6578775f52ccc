"""The views for people. Each module here declares one as `VIEW`; nothing else lists them."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from lac_pipeline.warehouse.schema.view import View

VIEWS: tuple[View, ...] = tuple(
    import_module(f"{__name__}.{module.name}").VIEW for module in sorted(iter_modules(__path__), key=lambda m: m.name)
)
"""All views, by name."""
