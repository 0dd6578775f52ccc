"""Conversion rules beside campaigns, and conversions with their names and what they cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from lac_pipeline.warehouse.schema.tables import Conversion
from lac_pipeline.warehouse.schema.views.conversion_campaigns import VIEW as CONVERSION_CAMPAIGNS
from lac_pipeline_tests.warehouse import advertising

ACCOUNT, CAMPAIGN, OTHER = 5, 70, 71
SINCE = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection to a database with an account and a campaign."""
    with engine.begin() as connection:
        advertising.account(connection, ACCOUNT, "EUR")
        advertising.campaign(connection, CAMPAIGN, ACCOUNT, status="ACTIVE", objective_type="WEBSITE_CONVERSION")
        yield connection


def rule(connection: Connection, rule_id: int, **fields: object) -> None:
    """Insert a conversion rule."""
    advertising.put(connection, Conversion, {"id": rule_id, "account_id": ACCOUNT, "name": f"Rule {rule_id}", **fields})


def associated(connection: Connection) -> list[tuple[Any, ...]]:
    """Rules, campaigns and since when they belong together."""
    rows = advertising.rows_of(connection, CONVERSION_CAMPAIGNS, "conversion_id", "campaign_id")
    return [(row["conversion_id"], row["campaign_id"], row["campaign_name"], row["associated_at"]) for row in rows]


def test_a_rule_is_associated_with_campaigns(connection: Connection) -> None:
    """Each pair is a row with its time; a campaign that is gone is called by its id."""
    milliseconds = int(SINCE.timestamp() * 1000)
    entries = [
        {"campaign": f"urn:li:sponsoredCampaign:{campaign}", "associatedAt": milliseconds}
        for campaign in (CAMPAIGN, OTHER)
    ]
    urns = [entry["campaign"] for entry in entries]
    rule(connection, 1, associated_campaigns=entries, campaigns=urns)
    assert associated(connection) == [(1, CAMPAIGN, "70", SINCE), (1, OTHER, "71", SINCE)]


def test_without_associations_the_list_of_campaigns_counts(connection: Connection) -> None:
    """Its entries have no time."""
    rule(connection, 1, campaigns=[f"urn:li:sponsoredCampaign:{CAMPAIGN}"])
    rule(connection, 2, campaigns=[], associated_campaigns=[])
    rule(connection, 3)
    assert associated(connection) == [(1, CAMPAIGN, "70", None)]


def test_entries_of_another_form_are_no_campaigns(connection: Connection) -> None:
    """They are kept in the table, and the campaigns beside them are shown."""
    good = f"urn:li:sponsoredCampaign:{CAMPAIGN}"
    entries = ["text", {"campaign": None}, {"campaign": "urn:li:x:y"}, {"campaign": good, "associatedAt": "soon"}, 7]
    rule(connection, 1, associated_campaigns=entries, campaigns=[{"a": 1}, good])
    assert associated(connection) == [(1, CAMPAIGN, "70", None)]
