"""The warehouse as runs open it."""

from __future__ import annotations

from sqlalchemy import text

from lac_pipeline.defs.opening import open_warehouse
from lac_pipeline_tests.defs.conftest import Pipeline

ALIVE = text("SELECT 1")


def test_what_opens_the_warehouse_for_a_run_shares_its_connections(pipeline: Pipeline) -> None:
    """The resources of a run have one pool, which lives as long as the last of them; another run has its own."""
    settings = pipeline.settings
    with open_warehouse(settings, run_id="one") as first:
        with open_warehouse(settings, run_id="one") as second, open_warehouse(settings, run_id="two") as other:
            assert first.engine is second.engine
            assert other.engine is not first.engine
        with first.engine.connect() as connection:
            assert connection.scalar(ALIVE) == 1
            assert first.engine.pool.checkedout() == 1  # type: ignore[attr-defined]
    with open_warehouse(settings, run_id="one") as later:
        assert later.engine is not first.engine
    assert first.engine.pool.checkedin() == 0  # type: ignore[attr-defined]
