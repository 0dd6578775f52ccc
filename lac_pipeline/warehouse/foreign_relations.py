"""What our schema holds that this code has not made."""

from __future__ import annotations

from sqlalchemy import Engine

from lac_pipeline.postgres.engine import translating_errors
from lac_pipeline.streams.custom_reports import PREFIX
from lac_pipeline.warehouse.schema.tables import Base
from lac_pipeline.warehouse.schema.views import VIEWS
from lac_pipeline.warehouse.suitability import listed, relations


def foreign_relations(engine: Engine) -> str:
    """List the tables and views of our schema that this code has not made; empty when there are none."""
    ours = {table.name for table in Base.metadata.tables.values()} | {view.name for view in VIEWS}
    with translating_errors():
        return listed({name for name in relations(engine) - ours if not name.startswith(PREFIX)})
