"""When LinkedIn's format changes, the numbers that are there stay."""

from __future__ import annotations

import pandas as pd

from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.defs.conftest import Pipeline


def test_a_changed_format_fails_the_sync_and_keeps_the_rows(pipeline: Pipeline) -> None:
    """Nothing is loaded, nothing pruned; the failure says what was wrong, and the records can be looked at."""
    pipeline.sync()
    before = pipeline.table("campaign_daily_metrics")
    window = DateWindow.inclusive(pipeline.settings.start_date, pipeline.world.now().date())
    pipeline.world.edit.break_rows("CAMPAIGN", window, name="impressions", replacement="many")
    [metrics] = [result for result in pipeline.sync(force=True) if result.group == "metrics"]
    assert metrics.failure is not None
    pd.testing.assert_frame_equal(pipeline.table("campaign_daily_metrics"), before)
    failed = [load for load in pipeline.warehouse.read.attempts_of(str(metrics.run_id)) if load.status == "failed"]
    [attempt] = [load for load in failed if load.attempt.asset == "campaign_daily_metrics"]
    assert [error["type"] for error in attempt.errors] == ["UnexpectedPayloadError"]
    assert {rejection.field for rejection in pipeline.rejections()} == {"impressions"}
