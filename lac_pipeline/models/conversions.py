"""Conversion rules as LinkedIn sends them. Source: LinkedIn's page on conversion tracking."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from pydantic import Field, PlainValidator

from lac_pipeline.linkedin import urn
from lac_pipeline.models.entities import Entity, at
from lac_pipeline.models.field_types import (
    AccountId,
    Amount,
    Count,
    Flag,
    Instant,
    JsonList,
    JsonSet,
    Text,
    entity_id,
)
from lac_pipeline.streams.conversions import CONVERSIONS

ConversionId = Annotated[int, PlainValidator(partial(entity_id, kind=urn.CONVERSION))]


class LinkedInConversion(Entity, stream=CONVERSIONS):
    """A conversion rule: what counts as a conversion, what it is worth, and how long after an ad it is credited.

    Types, methods and windows are open, as LinkedIn adds to them. The order in which campaigns come means nothing.
    """

    id: ConversionId
    account_id: AccountId = Field(validation_alias="account")
    name: Text | None = None
    type: Text | None = None
    enabled: Flag | None = None
    attribution_type: Text | None = None
    conversion_method: Text | None = None
    ownership_type: Text | None = None
    post_click_attribution_window_size: Count | None = None
    view_through_attribution_window_size: Count | None = None
    value_amount: Amount | None = at("value", "amount")
    value_currency: Text | None = at("value", "currencyCode")
    url_rules: JsonList | None = None
    url_match_rule_expression: JsonList | None = None
    campaigns: JsonSet | None = None
    associated_campaigns: JsonSet | None = None
    last_callback_at: Instant | None = None
    latest_first_party_callback_at: Instant | None = None
    linkedin_created_at: Instant | None = at("created")
    linkedin_last_modified_at: Instant | None = at("lastModified")
