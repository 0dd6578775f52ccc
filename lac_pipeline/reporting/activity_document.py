"""The parts of the snapshot document beside sums by campaign: pace, reach, conversions, breakdowns, restatements."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from lac_pipeline.reporting.document_parts import Exact, Part


class Pacing(Part):
    """An active campaign beside its budgets: in last_7_days by the daily budget, over its life by the total one."""

    campaign_id: int = Field(description="LinkedIn's id of the campaign.")
    campaign_name: str | None = Field(description="Its name.")
    daily_budget: Exact | None = Field(
        description="Budget of a day, as it is now; null without one, and where its currency is not the account's."
    )
    week_budget: Exact | None = Field(
        description="`daily_budget` times the days of last_7_days on which the schedule lets the campaign run."
    )
    week_spend: Exact | None = Field(description="What it cost in last_7_days; null where a day is not loaded.")
    week_share: Exact | None = Field(description="`week_spend` divided by `week_budget`: 0.8 is 20 % below the budget.")
    total_budget: Exact | None = Field(description="Budget over the campaign's life; null as `daily_budget`.")
    spend_to_date: Exact | None = Field(
        description="What it cost since its start; null, which is unknown, where a day since then is not loaded."
    )
    share_of_budget: Exact | None = Field(description="`spend_to_date` divided by `total_budget`.")
    share_of_time: Exact | None = Field(description="Part of the time from start to end that has passed, from 0 to 1.")
    pacing: Exact | None = Field(
        description="`spend_to_date` divided by what an even pace would have spent by the last sync; null where one of "
        "them is unknown."
    )


class Reach(Part):
    """How many members ads reached in one month. Reach is never summed, over months or entities."""

    month: date = Field(description="First UTC day of the month.")
    level: str = Field(description="account or campaign_group.")
    entity_id: int = Field(description="Id of the account or campaign group.")
    entity_name: str | None = Field(description="Its name.")
    impressions: int | None = Field(description="Times an ad was shown in the month.")
    approximate_member_reach: int | None = Field(description="Distinct members who saw an ad, as LinkedIn estimates.")
    frequency: Exact | None = Field(description="Impressions per member reached.")
    audience_penetration: Exact | None = Field(description="Part of the target audience that saw an ad, from 0 to 1.")
    complete: bool = Field(description="Whether the month was over for two days when it was read.")
    read_through: date | None = Field(description="Last UTC day that the row can know of.")


class ConversionRule(Part):
    """Conversions in last_30_days by one of the account's rules. They are credited to the day of the click or view."""

    id: int = Field(description="LinkedIn's id of the rule.")
    name: str | None = Field(description="Its name; null where LinkedIn does not return the rule.")
    type: str | None = Field(description="What it counts, such as LEAD, SIGN_UP or PURCHASE.")
    attribution_type: str | None = Field(
        description="LAST_TOUCH_BY_CAMPAIGN counts an action once for each campaign whose ad came before it; "
        "LAST_TOUCH_BY_CONVERSION once."
    )
    conversions: int | None = Field(description="Conversions after a click or a view.")
    after_click: int | None = Field(description="Those after a click.")
    after_view: int | None = Field(description="Those after a view without a click.")
    value: Exact | None = Field(description="The value that the rule gives to them, in the account's currency.")
    change: Exact | None = Field(
        description="Relative change of `conversions` from the 30 days before; null as in `change`."
    )


class BreakdownValue(Part):
    """One value of a breakdown."""

    value: str = Field(description="The value as LinkedIn sends it, such as MOBILE_APP.")
    name: str | None = Field(
        description="What a post is called: its name in Campaign Manager, a title, or the first line of its text; null "
        "where it could not be read, and for values that are words."
    )
    impressions: int | None = Field(description="Times an ad was shown.")
    clicks: int | None = Field(description="Chargeable clicks.")
    cost_in_local_currency: Exact | None = Field(description="Spend, in the account's currency.")
    one_click_leads: int | None = Field(description="Leads from LinkedIn's lead forms.")
    ctr: Exact | None = Field(description="Clicks per impression.")
    cpc: Exact | None = Field(description="Cost of a click, in the account's currency.")
    share_of_impressions: Exact | None = Field(description="Of the impressions of all values of the breakdown.")
    share_of_cost: Exact | None = Field(description="Of the cost of all values of the breakdown.")


class Breakdown(Part):
    """last_30_days split by where or how ads were shown. Never add breakdowns up: each splits the same again."""

    breakdown: str = Field(description="What it is split by: a pivot of LinkedIn's, such as IMPRESSION_DEVICE_TYPE.")
    days_loaded: int = Field(description="Of how many of the 30 days it was read after the day had ended.")
    values_known: int = Field(description="How many values LinkedIn returned.")
    values: list[BreakdownValue] = Field(description="Those with most impressions, in that order.")


class RestatedDay(Part):
    """By how much LinkedIn changed the sums of a past day: the number now less the number before."""

    date: date
    campaigns: int = Field(description="Campaigns of which a number changed.")
    impressions: int
    clicks: int
    cost_in_local_currency: Exact
    one_click_leads: int
    external_website_conversions: int


class Restatements(Part):
    """What LinkedIn changed in past days since the previous snapshot; days younger than two days do not count."""

    previous_as_of: date | None = Field(description="Last day of the previous snapshot; null where this is the first.")
    since: datetime | None = Field(description="Changes seen after this moment are in here; null in the first.")
    until: datetime | None = Field(description="The newest moment that is in here: the next snapshot begins after it.")
    days_changed: int = Field(description="How many days changed.")
    impressions: int = Field(description="Over all these days: impressions now less before.")
    clicks: int = Field(description="Clicks now less before.")
    cost_in_local_currency: Exact = Field(description="Spend now less before, in the account's currency.")
    one_click_leads: int = Field(description="Leads now less before.")
    external_website_conversions: int = Field(description="Website conversions now less before.")
    days: list[RestatedDay] = Field(description="The ten days whose cost, then impressions, changed most; by date.")
