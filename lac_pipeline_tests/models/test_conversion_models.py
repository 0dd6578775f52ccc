"""Conversion rules: what becomes of a record of LinkedIn's."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from lac_pipeline.models.validation import validator_of
from lac_pipeline.streams.conversions import CONVERSIONS
from lac_pipeline_tests.models.linkedin_records import ACCOUNT_ID

CAMPAIGNS = ["urn:li:sponsoredCampaign:252074216", "urn:li:sponsoredCampaign:1"]


def rule(**changes: object) -> dict[str, Any]:
    """A rule as LinkedIn sends it, with some fields changed, or left out where they are None."""
    record = {
        "id": 13703588,
        "name": "Demo request",
        "account": f"urn:li:sponsoredAccount:{ACCOUNT_ID}",
        "type": "SIGN_UP",
        "enabled": True,
        "attributionType": "LAST_TOUCH_BY_CAMPAIGN",
        "conversionMethod": "INSIGHT_TAG_URL_MATCH_RULES",
        "postClickAttributionWindowSize": 30,
        "viewThroughAttributionWindowSize": 7,
        "value": {"currencyCode": "USD", "amount": "120.50"},
        "created": 1697000000123,
        "lastModified": 1697000001000,
        "campaigns": CAMPAIGNS,
        "associatedCampaigns": [{"campaign": campaign, "associatedAt": 1697000000000} for campaign in CAMPAIGNS],
        **changes,
    }
    return {name: value for name, value in record.items() if value is not None}


def read(record: dict[str, Any]) -> dict[str, object]:
    """The only row of a page with one valid record, by column."""
    validator = validator_of(CONVERSIONS, ACCOUNT_ID)
    page = validator.validate([record])
    assert page.rejected == []
    (row,) = page.rows
    return dict(zip(validator.columns, row, strict=True))


def test_a_rule_becomes_a_row() -> None:
    """Its times are at the top level, its value is an exact amount, and its windows are days."""
    row = read(rule())
    assert (row["id"], row["account_id"], row["name"], row["enabled"]) == (13703588, ACCOUNT_ID, "Demo request", True)
    assert (row["value_amount"], row["value_currency"]) == (Decimal("120.50"), "USD")
    assert (row["post_click_attribution_window_size"], row["view_through_attribution_window_size"]) == (30, 7)
    assert row["linkedin_created_at"] == datetime(2023, 10, 11, 4, 53, 20, 123000, tzinfo=UTC)
    assert row["linkedin_last_modified_at"] == datetime(2023, 10, 11, 4, 53, 21, tzinfo=UTC)


def test_a_rule_may_lack_all_but_its_id_and_account() -> None:
    """What LinkedIn leaves out is unknown: it refuses no rule."""
    bare = read({"id": 5, "account": f"urn:li:sponsoredAccount:{ACCOUNT_ID}"})
    assert {name: value for name, value in bare.items() if value is not None} == {"id": 5, "account_id": ACCOUNT_ID}


@pytest.mark.parametrize("sent", [13703588, "13703588", "urn:lla:llaPartnerConversion:13703588"])
def test_a_rule_is_known_by_number_or_urn(sent: object) -> None:
    """Its URN is of a namespace of its own."""
    assert read(rule(id=sent))["id"] == 13703588


def test_new_types_methods_and_windows_are_kept() -> None:
    """LinkedIn adds to them without notice."""
    row = read(rule(type="SALES_QUALIFIED_LEAD", conversionMethod="SOME_NEW_API", postClickAttributionWindowSize=365))
    assert (row["type"], row["conversion_method"]) == ("SALES_QUALIFIED_LEAD", "SOME_NEW_API")
    assert row["post_click_attribution_window_size"] == 365


def test_the_order_of_campaigns_means_nothing() -> None:
    """The same campaigns in another order are the same rule, not a new version of it."""
    record = rule()
    turned = rule(campaigns=record["campaigns"][::-1], associatedCampaigns=record["associatedCampaigns"][::-1])
    assert read(turned) == read(record)


@pytest.mark.parametrize(
    ("field", "value"), [("id", "urn:lla:else:5"), ("value", "120"), ("enabled", "yes"), ("created", "2023")]
)
def test_a_broken_rule_is_refused_with_its_field(field: str, value: object) -> None:
    """The field is named, and the rules beside it are loaded."""
    page = validator_of(CONVERSIONS, ACCOUNT_ID).validate([rule(**{field: value}), rule(id=9)])
    assert len(page.rows) == 1
    assert [rejected.field.partition(".")[0] for rejected in page.rejected] == [field]
