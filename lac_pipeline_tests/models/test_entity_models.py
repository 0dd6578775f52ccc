"""Accounts, campaign groups, campaigns and creatives: what becomes of a record of LinkedIn's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import pytest
from pydantic import Field

from lac_pipeline.linkedin.records import RejectedRecord
from lac_pipeline.models.entities import Entity
from lac_pipeline.models.field_types import AccountId, Text
from lac_pipeline.models.validation import RecordValidator, ValidatedPage, validator_of
from lac_pipeline.streams import AssetGroup, Partitioning, Resource, Stream
from lac_pipeline.streams.entities import ACCOUNTS, CAMPAIGN_GROUPS, CAMPAIGNS, CREATIVES
from lac_pipeline_tests.models import linkedin_records as records

ACCOUNT_ID = records.ACCOUNT_ID


def read(validator: RecordValidator, record: Mapping[str, Any]) -> dict[str, object]:
    """The only row of a page with one good record, by column."""
    page = validator.validate([record])
    assert page.rejected == []
    (row,) = page.rows
    return dict(zip(validator.columns, row, strict=True))


def refuse(record: Mapping[str, Any]) -> RejectedRecord:
    """The only rejection of a page with one bad campaign."""
    page = validator_of(CAMPAIGNS, ACCOUNT_ID).validate([record])
    assert page.rows == []
    (rejected,) = page.rejected
    return rejected


def test_pydantic_valid_campaign() -> None:
    """A documented campaign becomes a row of exact amounts, aware times, numeric ids and untouched targeting."""
    row = read(validator_of(CAMPAIGNS, ACCOUNT_ID), records.campaign())
    assert row["id"] == 337643194
    assert row["account_id"] == ACCOUNT_ID
    assert row["campaign_group_id"] == 600100200
    assert (row["unit_cost_amount"], row["unit_cost_currency"]) == (Decimal("22.19"), "EUR")
    assert str(row["total_budget_amount"]) == "5000.00"
    assert row["run_schedule_start"] == datetime(2025, 7, 1, tzinfo=UTC)
    assert row["run_schedule_end"] is None
    assert row["linkedin_last_modified_at"] == datetime(2024, 5, 31, 16, 8, 37, 123000, tzinfo=UTC)
    assert row["targeting_criteria"] == records.campaign()["targetingCriteria"]
    assert (row["locale_country"], row["locale_language"], row["version_tag"]) == ("US", "en", "33")


def test_pydantic_missing_field() -> None:
    """A campaign without a name is rejected with the field's name, and the campaigns beside it are loaded."""
    nameless = records.campaign(id=2)
    del nameless["name"]
    page = validator_of(CAMPAIGNS, ACCOUNT_ID).validate([records.campaign(id=1), nameless, records.campaign(id=3)])
    assert [row[0] for row in page.rows] == [1, 3]
    (rejected,) = page.rejected
    assert (rejected.record_id, rejected.field, rejected.value) == ("2", "name", "")
    assert "sent no value" in rejected.reason
    assert rejected.raw is nameless


def test_pydantic_extra_field_ignored() -> None:
    """A field that LinkedIn added is counted, and the row is the same as without it."""
    validator = validator_of(CAMPAIGNS, ACCOUNT_ID)
    plain, extended = records.campaign(), records.campaign(bidBooster={"on": True})
    page = validator.validate([plain, extended, extended])
    assert page.rows[0] == page.rows[1]
    assert page.rejected == []
    assert page.unknown_fields == {"bidBooster": 2}


def test_account_row() -> None:
    """An account keeps its notification switches together and has no budget when LinkedIn leaves it out."""
    row = read(validator_of(ACCOUNTS, ACCOUNT_ID), records.account())
    assert row["id"] == ACCOUNT_ID
    assert row["notifications"] == {"notifiedOnCampaignOptimization": True, "notifiedOnEndOfCampaign": False}
    assert (row["currency"], row["test"], row["total_budget_amount"]) == ("EUR", False, None)


def test_documented_fields_are_all_known() -> None:
    """No field of LinkedIn's documentation is counted as unknown."""
    pages: list[ValidatedPage] = [
        validator_of(ACCOUNTS, ACCOUNT_ID).validate([records.account()]),
        validator_of(CAMPAIGN_GROUPS, ACCOUNT_ID).validate([records.campaign_group()]),
        validator_of(CAMPAIGNS, ACCOUNT_ID).validate([records.campaign()]),
        validator_of(CREATIVES, ACCOUNT_ID).validate([records.creative()]),
    ]
    assert [dict(page.unknown_fields) for page in pages] == [{}, {}, {}, {}]


def test_campaign_group_row() -> None:
    """A campaign group keeps both budgets and both ends of its schedule."""
    row = read(validator_of(CAMPAIGN_GROUPS, ACCOUNT_ID), records.campaign_group())
    assert (row["id"], row["account_id"], row["objective_type"]) == (600100200, ACCOUNT_ID, "LEAD_GENERATION")
    assert (row["total_budget_amount"], row["daily_budget_amount"]) == (Decimal("48000.00"), Decimal("350.00"))
    assert row["run_schedule_end"] == datetime(2026, 1, 1, tzinfo=UTC)
    assert row["allowed_campaign_types"] == ["SPONSORED_UPDATES", "TEXT_AD"]


def test_creative_row() -> None:
    """A creative's id and campaign are read from URNs, its content is kept and its review becomes columns."""
    row = read(validator_of(CREATIVES, ACCOUNT_ID), records.creative())
    assert (row["id"], row["campaign_id"], row["name"]) == (119962155, 337643194, "CFO guide v2")
    assert (row["name_source"], row["content_kind"]) == ("creative", "reference")
    assert row["content_reference"] == "urn:li:share:6778045555198214144"
    assert (row["review_status"], row["rejection_reasons"]) == ("REJECTED", ["OTHER"])
    assert row["created_by"] == "urn:li:person:K1RwyVNuk0"


def test_creative_of_inline_content() -> None:
    """A creative of inline content is named by its headline and has no reference."""
    record = records.creative(content={"textAd": {"headline": "Close faster"}})
    del record["name"]
    row = read(validator_of(CREATIVES, ACCOUNT_ID), record)
    assert (row["name"], row["name_source"]) == ("Close faster", "headline")
    assert (row["content_kind"], row["content_reference"]) == ("textAd", None)


def test_creative_is_named_by_its_post() -> None:
    """A creative without a name takes the name of its post where that is known."""
    record = records.creative()
    del record["name"]
    content_names = {record["content"]["reference"]: "Autumn push"}
    row = read(validator_of(CREATIVES, ACCOUNT_ID, content_names=content_names), record)
    assert (row["name"], row["name_source"]) == ("Autumn push", "post")


def test_new_status_is_accepted() -> None:
    """A status, type or objective that LinkedIn invents later is kept as it is."""
    row = read(
        validator_of(CAMPAIGNS, ACCOUNT_ID), records.campaign(status="SNOOZED", type="HOLOGRAM", objectiveType="X")
    )
    assert (row["status"], row["type"], row["objective_type"]) == ("SNOOZED", "HOLOGRAM", "X")


def test_id_as_urn_is_accepted() -> None:
    """A campaign whose id comes as a URN, as connectors have seen, is the same campaign."""
    assert read(validator_of(CAMPAIGNS, ACCOUNT_ID), records.campaign(id="urn:li:sponsoredCampaign:7"))["id"] == 7


@pytest.mark.parametrize("field", ["runSchedule", "unitCost", "locale", "version", "format"])
def test_null_counts_as_absent(field: str) -> None:
    """An optional field that is null is read as if LinkedIn had left it out."""
    without = records.campaign()
    del without[field]
    validator = validator_of(CAMPAIGNS, ACCOUNT_ID)
    assert read(validator, records.campaign(**{field: None})) == read(validator, without)


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"id": 2**63}, "id", "fit 64 bits"),
        ({"id": 0}, "id", "positive"),
        ({"id": True}, "id", "id or URN"),
        ({"id": "urn:li:sponsoredCreative:7"}, "id", "URN of a sponsoredCampaign"),
        ({"id": "urn:li:sponsoredCampaign:" + "9" * 5000}, "id", "fit 64 bits"),
        ({"account": "urn:li:sponsoredAccount:999"}, "account", "belongs to ad account 999"),
        ({"account": "urn:li:organization:510000001"}, "account", "URN of a sponsoredAccount"),
        ({"campaignGroup": "urn:li:galaxy:1"}, "campaignGroup", "URN of a sponsoredCampaignGroup"),
        ({"name": 5}, "name", "text is expected"),
        ({"name": "a\0b"}, "name", "NUL"),
        ({"name": "\ud83d"}, "name", "surrogate"),
        ({"status": None}, "status", "text is expected"),
        ({"test": "false"}, "test", "true or false"),
        ({"servingStatuses": "RUNNABLE"}, "servingStatuses", "list"),
        ({"targetingCriteria": []}, "targetingCriteria", "object"),
        ({"targetingCriteria": {"a": [{"b": "\0"}]}}, "targetingCriteria", "NUL"),
        ({"targetingCriteria": {"\0": 1}}, "targetingCriteria", "NUL"),
        ({"targetingCriteria": {"a": float("nan")}}, "targetingCriteria", "not a JSON number"),
        ({"unitCost": "22.19"}, "unitCost", "an object is expected"),
        ({"changeAuditStamps": {"created": 5}}, "changeAuditStamps.created", "an object is expected"),
        ({"unitCost": {"amount": 22.19}}, "unitCost.amount", "exact decimal"),
        ({"unitCost": {"amount": "NaN"}}, "unitCost.amount", "exact decimal"),
        ({"unitCost": {"amount": "Infinity"}}, "unitCost.amount", "exact decimal"),
        ({"unitCost": {"amount": "1_000"}}, "unitCost.amount", "exact decimal"),
        ({"unitCost": {"amount": " 1"}}, "unitCost.amount", "exact decimal"),
        ({"unitCost": {"amount": Decimal("NaN")}}, "unitCost.amount", "finite"),
        ({"unitCost": {"amount": Decimal("1e9999")}}, "unitCost.amount", "digits"),
        ({"unitCost": {"amount": True}}, "unitCost.amount", "exact decimal"),
        ({"runSchedule": {"start": "1751328000000"}}, "runSchedule.start", "whole milliseconds"),
        ({"runSchedule": {"start": -1}}, "runSchedule.start", "1970 to 9999"),
        ({"runSchedule": {"start": 10**18}}, "runSchedule.start", "1970 to 9999"),
        ({"runSchedule": {"start": True}}, "runSchedule.start", "whole milliseconds"),
    ],
)
def test_wrong_values_are_refused(changes: dict[str, Any], field: str, reason: str) -> None:
    """A value that is not what LinkedIn promises is refused, with LinkedIn's path to it and a plain reason."""
    rejected = refuse(records.campaign(**changes))
    assert rejected.field == field
    assert reason in rejected.reason


def test_rejection_shows_the_value_received() -> None:
    """A rejection holds the value as JSON text, cut at 500 characters, that any text column can hold."""
    rejected = refuse(records.campaign(name="\0" + "x" * 1000))
    assert rejected.value.startswith('"\\u0000xxx')
    assert len(rejected.value) == 500


@pytest.mark.parametrize("element", [None, "campaign", 5, []])
def test_element_that_is_no_object(element: object) -> None:
    """An element that is not even an object is rejected like any other."""
    rejected = refuse(cast("dict[str, Any]", element))
    assert (rejected.record_id, rejected.reason, rejected.raw) == ("", "an object is expected", {"element": element})


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        (7, {"id": 7}),
        ("7", {"id": 7}),
        ("urn:li:sponsoredCampaign:7", {"id": 7}),
        ("urn:li:sponsoredCreative:7", {}),
        (None, {}),
        (True, {}),
        (Decimal("7.5"), {}),
        (2**63, {}),
        ([7], {}),
    ],
)
def test_a_refused_campaign_carries_its_key(sent: object, key: dict[str, object]) -> None:
    """The id is read in any form that a valid campaign's may have, and left out in any other."""
    assert refuse(records.campaign(id=sent, status=None)).key == key


def test_empty_page() -> None:
    """A page without elements gives no rows and no rejections."""
    page = validator_of(CAMPAIGNS, ACCOUNT_ID).validate([])
    assert (page.rows, page.rejected, page.unknown_fields) == ([], [], {})


ROLES = Stream(
    "roles",
    AssetGroup.ENTITIES,
    Partitioning.ACCOUNT,
    Resource("adAccountUsers", "/rest/adAccountUsers", "role", key=("account_id", "user_urn")),
)


class LinkedInRole(Entity, stream=ROLES):
    """A record that has no id: it is known by the account and the user."""

    account_id: AccountId = Field(validation_alias="account")
    user_urn: Text = Field(validation_alias="user")
    role: Text


def role_of(user: object, **changes: object) -> dict[str, Any]:
    """An element of adAccountUsers."""
    return {"account": f"urn:li:sponsoredAccount:{ACCOUNT_ID}", "user": user, "role": "VIEWER"} | changes


def test_a_record_without_id_is_known_by_its_key() -> None:
    """A key of two columns distinguishes records, and a refused one is named by both, as far as they can be read."""
    validator = validator_of(ROLES, ACCOUNT_ID)
    users = [role_of("urn:li:person:a"), role_of("urn:li:person:b", role=5), role_of(7)]
    page = validator.validate(users)
    assert page.rows == [(ACCOUNT_ID, "urn:li:person:a", "VIEWER")]
    assert [record.record_id for record in page.rejected] == [f"{ACCOUNT_ID}|b", f"{ACCOUNT_ID}|7"]
    assert [record.key for record in page.rejected] == [
        {"account_id": ACCOUNT_ID, "user_urn": "urn:li:person:b"},
        {"account_id": ACCOUNT_ID},
    ]
    assert [validator.key.whole(user) for user in users] == [
        (ACCOUNT_ID, "urn:li:person:a"),
        (ACCOUNT_ID, "urn:li:person:b"),
        None,
    ]
