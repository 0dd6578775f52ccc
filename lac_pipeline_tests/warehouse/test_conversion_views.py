"""Conversion rules beside campaigns, and conversions with their names and what they cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from lac_pipeline.ratios import ratio
from lac_pipeline.warehouse.query.readings import Readings
from lac_pipeline.warehouse.schema.tables import Conversion, ConversionDailyMetric, Creative
from lac_pipeline.warehouse.schema.views.conversion_campaigns import VIEW as CONVERSION_CAMPAIGNS
from lac_pipeline.warehouse.schema.views.conversion_performance import VIEW as CONVERSION_PERFORMANCE
from lac_pipeline_tests.warehouse import advertising

ACCOUNT, CAMPAIGN, OTHER = 5, 70, 71
DAY = date(2026, 11, 3)
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


def counted(connection: Connection, creative_id: int, rule_id: int, conversions: int | None, **fields: object) -> None:
    """Insert conversions of a creative by a rule."""
    key = {"creative_id": creative_id, "conversion_id": rule_id, "date": DAY, "account_id": ACCOUNT}
    row = {**key, "external_website_conversions": conversions, **fields}
    advertising.put(connection, ConversionDailyMetric, row)


def creative(connection: Connection, creative_id: int, campaign_id: int = CAMPAIGN) -> None:
    """Insert a creative."""
    row = {"id": creative_id, "account_id": ACCOUNT, "campaign_id": campaign_id, "name": f"Creative {creative_id}"}
    advertising.put(connection, Creative, row)


def test_conversions_have_names_and_what_their_campaign_cost(connection: Connection) -> None:
    """Each rule is set against the whole cost of the campaign's day, over all its creatives; types are added up."""
    rule(connection, 1, type="LEAD", attribution_type="LAST_TOUCH_BY_CAMPAIGN")
    rule(connection, 2, type="LEAD")
    rule(connection, 3, type="SIGN_UP")
    for creative_id in (10, 11):
        creative(connection, creative_id)
    advertising.days(connection, CAMPAIGN, ACCOUNT, {DAY: "100.01"})
    counted(connection, 10, 1, 2, conversion_value_in_local_currency=Decimal("240.50"))
    counted(connection, 11, 1, 1)
    counted(connection, 10, 2, 4)
    counted(connection, 10, 3, 3)
    rows = advertising.rows_of(connection, CONVERSION_PERFORMANCE, "creative_id", "conversion_id")
    first = rows[0]
    assert (first["account_name"], first["currency"], first["campaign_name"]) == ("Account 5", "EUR", "70")
    assert (first["creative_name"], first["conversion_name"], first["conversion_type"]) == (
        "Creative 10",
        "Rule 1",
        "LEAD",
    )
    assert first["conversion_value_in_local_currency"] == Decimal("240.50")
    cost = Decimal("100.01")
    found = [(row["campaign_conversions"], row["campaign_conversions_of_type"]) for row in rows]
    assert found == [(3, 7), (4, 7), (3, 3), (3, 7)]
    assert {row["campaign_cost_in_local_currency"] for row in rows} == {cost}
    assert [(row["cost_per_conversion"], row["cost_per_conversion_of_type"]) for row in rows] == [
        (ratio(cost, of_rule), ratio(cost, of_type)) for of_rule, of_type in found
    ]


def test_what_is_unknown_has_no_quotient(connection: Connection) -> None:
    """A count that LinkedIn did not give, a creative without a campaign, a rule without a type, no conversions."""
    rule(connection, 1, type="LEAD")
    creative(connection, 10)
    advertising.days(connection, CAMPAIGN, ACCOUNT, {DAY: "50"})
    counted(connection, 10, 1, None)
    counted(connection, 10, 4, 2)
    counted(connection, 10, 5, 0)
    counted(connection, 99, 1, 2)
    rows = advertising.rows_of(connection, CONVERSION_PERFORMANCE, "creative_id", "conversion_id")
    costs = [(row["cost_per_conversion"], row["cost_per_conversion_of_type"]) for row in rows]
    assert costs == [(None, None), (Decimal(25), None), (None, None), (None, None)]
    assert [row["conversion_name"] for row in rows] == ["Rule 1", "4", "5", "Rule 1"]
    assert (rows[3]["creative_name"], rows[3]["campaign_id"]) == ("99", None)


def test_a_preview_names_creative_and_rule(connection: Connection, engine: Engine) -> None:
    """The names of both stand behind their ids; a rule that is not loaded has none."""
    creative(connection, 1)
    rule(connection, 2)
    counted(connection, 1, 2, 4)
    counted(connection, 1, 3, 5)
    connection.commit()
    rows = Readings(engine).preview("conversion_daily_metrics", ACCOUNT)
    assert [list(row)[:4] for row in rows] == [["creative_id", "creative_name", "conversion_id", "conversion_name"]] * 2
    assert [(row["conversion_id"], row["conversion_name"]) for row in rows] == [(2, "Rule 2"), (3, None)]
