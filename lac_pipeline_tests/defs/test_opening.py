"""The warehouse as runs open it."""

from __future__ import annotations

from pydantic import SecretStr
from sqlalchemy import text

from lac_pipeline.defs.opening import open_warehouse
from lac_pipeline.postgres.url import read_url, write_url
from lac_pipeline_tests.defs.conftest import Pipeline

ALIVE = text("SELECT 1")


def test_what_opens_the_warehouse_shares_its_connections(pipeline: Pipeline) -> None:
    """The runs of a process, and the resources of each, have one pool, which lives as long as the last of them."""
    url = read_url(str(pipeline.settings.warehouse_url)).update_query_dict({"application_name": "test_opening"})
    settings = pipeline.settings.model_copy(update={"database_url": SecretStr(write_url(url))})  # not the fixture's
    with open_warehouse(settings) as first:
        with open_warehouse(settings) as second:
            assert first.engine is second.engine
        with first.engine.connect() as connection:
            assert connection.scalar(ALIVE) == 1
            assert first.engine.pool.checkedout() == 1  # type: ignore[attr-defined]
    with open_warehouse(settings) as later:
        assert later.engine is not first.engine
    assert first.engine.pool.checkedin() == 0  # type: ignore[attr-defined]
