"""Conversions by rule through the whole pipeline: one request, every spelling, and sums that agree or are named."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lac_pipeline.clock import utc_now
from lac_pipeline.simulator.world.world import World
from lac_pipeline.warehouse.check_results import Check, CheckState, RowFindings
from lac_pipeline.warehouse.load.check_states import CheckStates
from lac_pipeline_tests.defs.conftest import Pipeline

ASSET = "conversion_daily_metrics"


@pytest.fixture
def world() -> World:
    """One small account."""
    return World.synthetic(accounts=1, campaigns=2, creatives=6, days=12)


@pytest.fixture
def start_date() -> date:
    """Twelve days, the running one among them."""
    return utc_now().date() - timedelta(days=11)


def sums(pipeline: Pipeline) -> list[CheckState]:
    """What the check of the sums found."""
    return CheckStates(pipeline.warehouse.engine).of(asset=ASSET, check=Check.ADDS_UP)


def test_conversions_are_requested_once_for_a_window(pipeline: Pipeline) -> None:
    """One statistics request by creative and rule, for conversions alone; their sums are compared without a call."""
    pipeline.sync()
    (request,) = [each for each in pipeline.world.requests if "CONVERSION)" in each.query]
    assert request.query.startswith("q=statistics&pivots=List(CREATIVE,CONVERSION)&timeGranularity=DAILY&")
    named = "externalWebsiteConversions,externalWebsitePostClickConversions,externalWebsitePostViewConversions"
    assert request.query.endswith(f"fields=dateRange,pivotValues,{named},conversionValueInLocalCurrency")
    (state,) = sums(pipeline)
    assert (state.passed, state.facts) == (True, RowFindings(0))


def test_rules_in_any_spelling_are_loaded(pipeline: Pipeline) -> None:
    """A rule that comes as a number is the same rule as its URN."""
    pipeline.sync()
    before = pipeline.table(ASSET)
    pipeline.world.switches.bare_conversion_ids = True
    pipeline.sync(force=True)
    assert set(before["conversion_id"]) == set(pipeline.table("conversions")["id"])
    assert pipeline.table(ASSET).equals(before)


def test_rows_that_are_lost_on_the_way_are_found_in_the_sums(pipeline: Pipeline) -> None:
    """A rule's rows that LinkedIn leaves out make a warning for the days, until they come again."""
    pipeline.sync()
    window = sums(pipeline)[0].window
    assert window is not None
    rule = str(next(iter(pipeline.table("conversions")["id"])))
    pipeline.world.edit.lose_rows("CONVERSION", window, value=f"urn:lla:llaPartnerConversion:{rule}")
    pipeline.sync(force=True, since=window.start)
    failed = [state for state in sums(pipeline) if not state.passed]
    assert [(state.is_error, isinstance(state.facts, RowFindings)) for state in failed] == [(False, True)]
    pipeline.world.edit.undo_rows()
    pipeline.sync(force=True, since=window.start)
    assert [state.passed for state in sums(pipeline)] == [True]
