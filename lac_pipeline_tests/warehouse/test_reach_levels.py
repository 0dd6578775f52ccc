"""Reach by level: what contradicts another level, and what a sum over campaigns would overstate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from lac_pipeline.warehouse.query.reach_levels import contradictions
from lac_pipeline.warehouse.schema.operational_tables import RejectedRecord_
from lac_pipeline.warehouse.schema.tables import Campaign, ReachByMonth
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.warehouse import advertising

ACCOUNT, GROUP, ONE, OTHER = 5, 50, 1, 2
MONTH, NOW = date(2026, 10, 1), datetime(2026, 11, 10, 9, tzinfo=UTC)
OCTOBER = DateWindow(MONTH, date(2026, 11, 1))


@dataclass
class Levels:
    """Two campaigns of one group in October."""

    engine: Engine

    def put(self, level: str, entity_id: int, reach: int | None, **fields: object) -> None:
        """Put the reach of an entity in a month, with more impressions than that."""
        row: dict[str, Any] = {"account_id": ACCOUNT, "month": MONTH, "level": level, "entity_id": entity_id}
        numbers = {"approximate_member_reach": reach, "impressions": 100_000}
        with self.engine.begin() as connection:
            advertising.put(connection, ReachByMonth, row | numbers | fields)

    def found(self) -> list[tuple[Any, ...]]:
        """Level, entity, reach, its bound and what that is of."""
        rows = contradictions(self.engine, "reach_by_month", [(ACCOUNT, OCTOBER)]).rows
        return [(row["level"], row["entity_id"], row["reach"], row["at_most"], row["of"]) for row in rows]

    def notes(self) -> list[dict[str, Any]]:
        """What is noted."""
        return contradictions(self.engine, "reach_by_month", [(ACCOUNT, OCTOBER)]).notes


@pytest.fixture
def levels(engine: Engine) -> Levels:
    """The campaigns and their group are known, and nothing of their reach."""
    with engine.begin() as connection:
        for campaign in (ONE, OTHER):
            row = {"id": campaign, "account_id": ACCOUNT, "campaign_group_id": GROUP, "name": str(campaign)}
            advertising.put(connection, Campaign, row)
    return Levels(engine)


def test_levels_that_fit_pass(levels: Levels) -> None:
    """A group reaches at least what one of its campaigns does, and at most what they reach together."""
    levels.put("account", ACCOUNT, 1500)
    levels.put("campaign_group", GROUP, 1500)
    levels.put("campaign", ONE, 1000)
    levels.put("campaign", OTHER, 800)
    assert levels.found() == []


@pytest.mark.parametrize(("reach", "passes"), [(1060, True), (1061, False)])
def test_a_campaign_reaches_no_more_than_its_group(levels: Levels, reach: int, passes: bool) -> None:
    """Both are estimates, so 5 % and ten members more are no finding."""
    levels.put("campaign_group", GROUP, 1000)
    levels.put("campaign", ONE, reach)
    assert levels.found() == ([] if passes else [("campaign", ONE, reach, 1000, "campaign_group")])


def test_a_group_and_a_campaign_reach_no_more_than_the_account(levels: Levels) -> None:
    """The account's reach bounds that of every part of it."""
    levels.put("account", ACCOUNT, 1000)
    levels.put("campaign_group", GROUP, 2000)
    levels.put("campaign", ONE, 2000)
    assert levels.found() == [
        ("campaign", ONE, 2000, 1000, "account"),
        ("campaign_group", GROUP, 2000, 1000, "account"),
    ]


def test_reach_is_at_most_the_impressions(levels: Levels) -> None:
    """A member is reached by an impression; of message ads LinkedIn counts sends, and no impressions bound nothing."""
    levels.put("campaign", ONE, 1000, impressions=500)
    levels.put("campaign", OTHER, 1000, impressions=0)
    assert levels.found() == [("campaign", ONE, 1000, 500, "impressions")]


def test_the_account_reaches_at_most_what_its_campaigns_do_together(levels: Levels) -> None:
    """More means that a campaign's row is missing."""
    levels.put("account", ACCOUNT, 1500)
    levels.put("campaign", ONE, 1000)
    assert levels.found() == [("account", None, 1500, 1000, "sum by campaign")]


def test_a_sum_over_campaigns_is_noted_as_what_it_overstates(levels: Levels) -> None:
    """The note says by how many percent, which is no fault of the rows."""
    levels.put("account", ACCOUNT, 1500)
    levels.put("campaign", ONE, 1000)
    levels.put("campaign", OTHER, 800)
    note = {"account_id": ACCOUNT, "month": MONTH, "reach": 1500, "added_up": 1800, "overstated_percent": 20}
    assert levels.notes() == [note]


@pytest.mark.parametrize("fields", [{"stale_since": NOW}, {"approximate_member_reach": None}])
def test_what_is_stale_or_unknown_takes_no_part(levels: Levels, fields: dict[str, Any]) -> None:
    """Neither an old number nor one that LinkedIn did not give contradicts another, or adds up to anything."""
    levels.put("account", ACCOUNT, 1000)
    levels.put("campaign", ONE, 5000, **fields)
    levels.put("campaign", OTHER, 900 if "stale_since" not in fields else 1000)
    assert levels.found() == []
    assert levels.notes() == []


def test_a_month_with_a_refused_record_is_not_added_up(levels: Levels) -> None:
    """The campaign in quarantine may be what the sum lacks."""
    levels.put("account", ACCOUNT, 1500)
    levels.put("campaign", ONE, 1000)
    refused = {"asset": "reach_by_month", "account_id": ACCOUNT, "raw": {}, "field": "x", "value": "?", "reason": "?"}
    when = {"partition_start": OCTOBER.start, "partition_end": OCTOBER.end, "first_seen": NOW, "last_seen": NOW}
    with levels.engine.begin() as connection:
        connection.execute(insert(RejectedRecord_).values(**refused, **when, digest="d", record_id="?", run_id="r"))
    assert levels.found() == []
