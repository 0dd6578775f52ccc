"""The snapshot document: these models are its JSON schema, which `docs/account_snapshot.schema.json` shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field, ValidationError

from lac_pipeline.linkedin.objectives import MeasureName
from lac_pipeline.linkedin.vocabulary import (
    ACCOUNT_STATUSES,
    ACCOUNT_TYPES,
    CAMPAIGN_STATUSES,
    CAMPAIGN_TYPES,
    CREATIVE_STATUSES,
    listed,
)
from lac_pipeline.reporting.activity_document import Breakdown, ConversionRule, Pacing, Reach, Restatements
from lac_pipeline.reporting.audience_document import Audience
from lac_pipeline.reporting.document_parts import Exact, Part
from lac_pipeline.reporting.summary_document import Driver, Summary
from lac_pipeline.reporting.trust import QualityNote, ScopeFreshness

SCHEMA_VERSION = "2.0"


class Amount(Part):
    """An amount of money."""

    amount: Exact = Field(description="The amount, exact.")
    currency: str | None = Field(description="ISO 4217 code.")


class AccountFacts(Part):
    """The ad account."""

    id: int = Field(description="LinkedIn's id of the ad account.")
    name: str | None = Field(description="Its name.")
    currency: str | None = Field(description="ISO 4217 code of every amount that names no other currency.")
    type: str | None = Field(description=f"{listed(ACCOUNT_TYPES)}.")
    status: str | None = Field(description=f"{listed(ACCOUNT_STATUSES)}.")
    serving_statuses: list[str] = Field(description="RUNNABLE, or the reasons why nothing is delivered.")
    test: bool | None = Field(description="Whether it is a test account, which never delivers.")


class Days(Part):
    """A window of UTC days."""

    since: date = Field(description="First UTC day.")
    until: date = Field(description="Last UTC day, included.")
    days: int = Field(description="How many days that is.")
    days_loaded: int = Field(description="Of how many of them the metrics were read after the day had ended.")


class Period(Days):
    """A period and the equally long one before it."""

    previous: Days = Field(description="What `change` compares with.")


class Periods(Part):
    """The days that the names of periods mean in this document."""

    last_7_days: Period
    last_30_days: Period
    last_90_days: Period


class Metrics(Part):
    """LinkedIn's metrics, summed; null where a metric was not requested on each of the days."""

    impressions: int | None = Field(description="Times an ad was shown.")
    clicks: int | None = Field(description="Chargeable clicks.")
    cost_in_local_currency: Exact | None = Field(description="Spend, in the account's currency.")
    landing_page_clicks: int | None = Field(description="Clicks that led to the landing page.")
    total_engagements: int | None = Field(description="Interactions of any kind, free clicks too.")
    follows: int | None = Field(description="New followers of the company page.")
    one_click_leads: int | None = Field(description="Leads from LinkedIn's lead forms.")
    one_click_lead_form_opens: int | None = Field(description="Times a lead form was opened.")
    external_website_conversions: int | None = Field(description="Conversions on the advertiser's website.")
    conversion_value_in_local_currency: Exact | None = Field(description="Value of them, in the account's currency.")
    video_views: int | None = Field(description="Video views of at least two seconds.")


class Ratios(Part):
    """Ratios of the sums, to six places; null when they would divide by zero."""

    ctr: Exact | None = Field(description="Clicks per impression: 0.01 is 1 %.")
    cpc: Exact | None = Field(description="Cost of a click, in the account's currency.")
    cpm: Exact | None = Field(description="Cost of a thousand impressions, in the account's currency.")
    cpl: Exact | None = Field(
        description="Cost per lead, in the account's currency: what campaigns with the objective LEAD_GENERATION cost, "
        "divided by their leads; null for others."
    )
    spend_per_lead: Exact | None = Field(
        description="All cost divided by all leads, whatever the campaigns are for. This is not CPL."
    )


class Change(Part):
    """Relative change from the previous period, to four places: 0.25 is +25 %.

    null when the previous value is zero or unknown, or when not all days of both periods are loaded.
    """

    impressions: Exact | None
    clicks: Exact | None
    cost_in_local_currency: Exact | None
    one_click_leads: Exact | None
    external_website_conversions: Exact | None
    ctr: Exact | None
    cpc: Exact | None
    cpm: Exact | None
    cpl: Exact | None


class Result(Part):
    """What was delivered in a period."""

    metrics: Metrics
    ratios: Ratios


class LeadGeneration(Part):
    """What CPL is made of: the campaigns with the objective LEAD_GENERATION, and no other."""

    cost_in_local_currency: Exact | None = Field(description="What they cost, in the account's currency.")
    one_click_leads: int | None = Field(description="Their leads from LinkedIn's lead forms.")


class Trend(Result):
    """What was delivered in a period, and how that differs from the one before."""

    change: Change
    lead_generation: LeadGeneration


class Performance(Part):
    """The three periods."""

    last_7_days: Trend
    last_30_days: Trend
    last_90_days: Trend


class Day(Part):
    """The account's sums of one UTC day with activity."""

    date: date
    metrics: Metrics


class CampaignSettings(Part):
    """How a campaign is set up."""

    type: str | None = Field(description=f"{listed(CAMPAIGN_TYPES)}.")
    format: str | None = Field(description="Ad format, such as STANDARD_UPDATE.")
    objective_type: str | None = Field(description="What the campaign is for, such as LEAD_GENERATION.")
    optimization_target_type: str | None = Field(description="What LinkedIn optimizes delivery for.")
    cost_type: str | None = Field(description="What is paid for: CPM, CPC or CPV.")
    unit_cost: Amount | None = Field(description="Bid, or target cost, of a unit.")
    daily_budget: Amount | None = Field(description="Budget of a day.")
    total_budget: Amount | None = Field(description="Budget over the campaign's life.")
    pacing_strategy: str | None = Field(description="How the budget is paced over the day.")
    run_schedule_start: datetime | None = Field(description="When delivery may start.")
    run_schedule_end: datetime | None = Field(description="When delivery ends; null when it is open.")
    locale: str | None = Field(description="Language and country, such as en_US.")
    audience_expansion_enabled: bool | None = Field(description="Whether LinkedIn adds similar members.")
    offsite_delivery_enabled: bool | None = Field(description="Whether it is delivered in the audience network too.")


class Assessment(Part):
    """What a campaign's results cost in `last_30_days`, against the other campaigns with the same objective."""

    measure: MeasureName = Field(
        description="What fits the objective: cost of a lead, of a website conversion, of a video view, of a click, or "
        "of a thousand impressions."
    )
    cost: Exact | None = Field(description="The measure, in the account's currency; null when there was no result.")
    average: Exact = Field(description="The measure over all campaigns compared, this one included.")
    against_average: Exact | None = Field(description="`cost` divided by `average`: 0.8 is 20 % cheaper.")
    compared: int = Field(description="How many campaigns with this objective are compared, this one included.")


class CampaignSnapshot(Part):
    """A campaign: every one that LinkedIn returns, and others that delivered in the periods."""

    id: int = Field(description="LinkedIn's id of the campaign.")
    name: str | None = Field(description="Its name; null when LinkedIn never returned it.")
    status: str | None = Field(description=f"{listed(CAMPAIGN_STATUSES)}.")
    serving_statuses: list[str] = Field(description="RUNNABLE, or the reasons why nothing is delivered.")
    removed: bool = Field(description="Whether LinkedIn no longer returns it.")
    campaign_group_id: int | None = Field(description="LinkedIn's id of its campaign group.")
    campaign_group_name: str | None = Field(description="The group's name.")
    settings: CampaignSettings | None = Field(description="null when LinkedIn never returned the campaign.")
    performance: Performance | None = Field(description="null when it delivered in none of the periods' days.")
    assessment: Assessment | None = Field(
        description="null when no other campaign with its objective can be compared, or when it cost under 1 % of the "
        "account's spend."
    )


class CampaignGroupSnapshot(Part):
    """A campaign group: the sum of the campaigns that are in it now."""

    id: int | None = Field(description="LinkedIn's id of the group; null for campaigns whose group is unknown.")
    name: str | None = Field(description="Its name.")
    status: str | None = Field(description="Its status, as of a campaign.")
    campaigns: int = Field(description="How many of its campaigns delivered in the periods.")
    performance: Performance


class CreativeSnapshot(Result):
    """One of the ads that cost most in `last_30_days`."""

    id: int = Field(description="LinkedIn's id of the creative.")
    name: str | None = Field(description="Its own name, else its content's, else its id.")
    campaign_id: int | None = Field(description="The campaign it is in.")
    campaign_name: str | None = Field(description="That campaign's name.")
    content_kind: str | None = Field(description="Kind of content: reference, textAd, spotlight and so on.")
    intended_status: str | None = Field(description=f"What the advertiser wants: {listed(CREATIVE_STATUSES)}.")
    is_serving: bool | None = Field(description="Whether it can be delivered now.")
    review_status: str | None = Field(description="PENDING, APPROVED, REJECTED or NEEDS_REVIEW.")


class AccountSnapshot(Part):
    """An ad account at the end of one UTC day: settings, performance, audience, and how far the numbers can be trusted.

    Counts are JSON numbers; money and ratios are decimal numbers as JSON text, exact. Days are UTC days.
    """

    schema_version: Literal["2.0"] = Field(description="Version of this schema; the major number changes if it breaks.")
    as_of: date = Field(
        description="Last UTC day of all periods: the newest one whose metrics were read after it ended."
    )
    summary: Summary
    account: AccountFacts
    periods: Periods
    performance: Performance = Field(description="The account: the sum of its campaigns.")
    drivers: list[Driver] = Field(
        description="Which campaigns moved the account's metrics; of each period whose days can all be compared."
    )
    days: list[Day] = Field(description="Days of last_90_days with activity, in order.")
    campaign_groups: list[CampaignGroupSnapshot] = Field(
        description="Groups that delivered in the periods, by spend in last_90_days, most first, then by id."
    )
    campaigns: list[CampaignSnapshot] = Field(description="By spend in last_90_days, most first, then by id.")
    top_creatives: list[CreativeSnapshot] = Field(description="The ten that cost most in last_30_days.")
    pacing: list[Pacing] = Field(description="Active campaigns with a budget, by spend in last_7_days, most first.")
    reach: list[Reach] | None = Field(
        description="Over the months of `audience`, the newest first, then by level and id; null where reach was never "
        "loaded."
    )
    conversions: list[ConversionRule] | None = Field(
        description="The twenty rules with most conversions, those with some in the 30 days before too; null where "
        "conversions by rule were never loaded."
    )
    breakdowns: list[Breakdown] | None = Field(description="By breakdown; null where none was ever loaded.")
    audience: Audience
    restatements: Restatements
    freshness: list[ScopeFreshness]
    quality_notes: list[QualityNote] = Field(description="Empty when nothing is known to be wrong.")


def read_document(document: Mapping[str, Any]) -> AccountSnapshot | None:
    """Read a document that was written as JSON; None if it is not of this schema."""
    try:
        return AccountSnapshot.model_validate(document)
    except ValidationError:
        return None


def schema_text() -> str:
    """Write the document's JSON schema, as `docs/account_snapshot.schema.json` holds it."""
    schema = AccountSnapshot.model_json_schema(mode="serialization")
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema, indent=2) + "\n"
