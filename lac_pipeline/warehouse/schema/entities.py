"""Tables of what LinkedIn advertisers set up: accounts, campaign groups, campaigns, creatives, users' roles."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, get_args

from sqlalchemy import Column, Index

from lac_pipeline.linkedin.records import NameSource
from lac_pipeline.linkedin.vocabulary import (
    ACCOUNT_STATUSES,
    ACCOUNT_TYPES,
    CAMPAIGN_GROUP_STATUSES,
    CAMPAIGN_STATUSES,
    CAMPAIGN_TYPES,
    CREATIVE_STATUSES,
    listed,
)
from lac_pipeline.warehouse.schema.base import Base, EntityTimes, Removable
from lac_pipeline.warehouse.schema.declaring import table_column


def _text(comment: str) -> Column[str | None]:
    return table_column(comment=comment)


def _time(comment: str) -> Column[datetime | None]:
    return table_column(comment=comment)


def _money(comment: str) -> Column[Decimal | None]:
    return table_column(comment=comment)


def _flag(comment: str) -> Column[bool | None]:
    return table_column(comment=comment)


def _list(comment: str) -> Column[list[Any] | None]:
    return table_column(comment=comment)


def _object(comment: str) -> Column[dict[str, Any] | None]:
    return table_column(comment=comment)


def _key(comment: str) -> Column[int]:
    return table_column(primary_key=True, autoincrement=False, comment=comment)


class Account(EntityTimes, Base):
    """An ad account."""

    __tablename__ = "accounts"
    __table_args__ = ({"comment": "One row per ad account that was ever synced."},)

    id: Column[int] = _key("LinkedIn's id of the ad account.")
    name: Column[str | None] = _text("Name of the account.")
    currency: Column[str | None] = _text("ISO 4217 currency of every amount in local currency of this account.")
    type: Column[str | None] = _text(f"{listed(ACCOUNT_TYPES)}.")
    status: Column[str | None] = _text(f"{listed(ACCOUNT_STATUSES)}.")
    serving_statuses: Column[list[Any] | None] = _list("RUNNABLE, or the reasons why nothing is delivered.")
    reference: Column[str | None] = _text("URN of the organization or person that the account advertises for.")
    reference_info: Column[dict[str, Any] | None] = _object("LinkedIn's details of the reference.")
    test: Column[bool | None] = _flag("Whether it is a test account, which never delivers.")
    total_budget_amount: Column[Decimal | None] = _money("Budget over the account's life, in total_budget_currency.")
    total_budget_currency: Column[str | None] = _text("ISO 4217 currency of total_budget_amount.")
    total_budget_ends_at: Column[datetime | None] = _time("When the total budget ends.")
    notifications: Column[dict[str, Any] | None] = _object("The notifiedOn... switches of the account.")
    version_tag: Column[str | None] = _text("LinkedIn's version of the record.")
    linkedin_created_at: Column[datetime | None] = _time("When it was created at LinkedIn.")
    linkedin_last_modified_at: Column[datetime | None] = _time("When it was last modified at LinkedIn.")


class CampaignGroup(EntityTimes, Removable, Base):
    """A campaign group, which Campaign Manager shows as a campaign since October 2025."""

    __tablename__ = "campaign_groups"
    __table_args__ = (
        Index(None, "account_id"),
        {"comment": "One row per campaign group. Campaign Manager calls it a campaign since October 2025."},
    )

    id: Column[int] = _key("LinkedIn's id of the campaign group.")
    account_id: Column[int] = table_column(comment="Ad account that owns it (accounts.id).")
    name: Column[str | None] = _text("Name of the campaign group.")
    status: Column[str | None] = _text(f"{listed(CAMPAIGN_GROUP_STATUSES)}.")
    serving_statuses: Column[list[Any] | None] = _list("RUNNABLE, or the reasons why nothing is delivered.")
    run_schedule_start: Column[datetime | None] = _time("When delivery may start.")
    run_schedule_end: Column[datetime | None] = _time("When delivery ends; NULL when it is open.")
    total_budget_amount: Column[Decimal | None] = _money("Budget over the group's life, in total_budget_currency.")
    total_budget_currency: Column[str | None] = _text("ISO 4217 currency of total_budget_amount.")
    daily_budget_amount: Column[Decimal | None] = _money("Budget of a day, in daily_budget_currency.")
    daily_budget_currency: Column[str | None] = _text("ISO 4217 currency of daily_budget_amount.")
    objective_type: Column[str | None] = _text("Objective shared by the group's campaigns, such as LEAD_GENERATION.")
    budget_optimization: Column[dict[str, Any] | None] = _object("How LinkedIn spreads the budget over campaigns.")
    allowed_campaign_types: Column[list[Any] | None] = _list("Campaign types that the group admits.")
    backfilled: Column[bool | None] = _flag("Whether LinkedIn made the group itself for older campaigns.")
    test: Column[bool | None] = _flag("Whether it belongs to a test account.")
    linkedin_created_at: Column[datetime | None] = _time("When it was created at LinkedIn.")
    linkedin_last_modified_at: Column[datetime | None] = _time("When it was last modified at LinkedIn.")


class Campaign(EntityTimes, Removable, Base):
    """A campaign, which Campaign Manager shows as an ad set since October 2025."""

    __tablename__ = "campaigns"
    __table_args__ = (
        Index(None, "account_id"),
        {"comment": "One row per campaign. Campaign Manager calls it an ad set since October 2025."},
    )

    id: Column[int] = _key("LinkedIn's id of the campaign.")
    account_id: Column[int] = table_column(comment="Ad account that owns it (accounts.id).")
    campaign_group_id: Column[int | None] = table_column(comment="Campaign group it is in (campaign_groups.id).")
    associated_entity: Column[str | None] = _text("URN of the organization or person that it advertises for.")
    name: Column[str | None] = _text("Name of the campaign.")
    type: Column[str | None] = _text(f"{listed(CAMPAIGN_TYPES)}.")
    format: Column[str | None] = _text("Ad format of its creatives, such as SINGLE_VIDEO; NULL before the first one.")
    objective_type: Column[str | None] = _text("Objective, such as WEBSITE_VISIT.")
    optimization_target_type: Column[str | None] = _text("What LinkedIn optimizes delivery for.")
    status: Column[str | None] = _text(f"{listed(CAMPAIGN_STATUSES)}.")
    serving_statuses: Column[list[Any] | None] = _list("RUNNABLE, or the reasons why nothing is delivered.")
    cost_type: Column[str | None] = _text("What is paid for: CPM, CPC or CPV.")
    unit_cost_amount: Column[Decimal | None] = _money("Bid or target cost of a unit, in unit_cost_currency.")
    unit_cost_currency: Column[str | None] = _text("ISO 4217 currency of unit_cost_amount.")
    daily_budget_amount: Column[Decimal | None] = _money("Budget of a day, in daily_budget_currency.")
    daily_budget_currency: Column[str | None] = _text("ISO 4217 currency of daily_budget_amount.")
    total_budget_amount: Column[Decimal | None] = _money("Budget over the campaign's life, in total_budget_currency.")
    total_budget_currency: Column[str | None] = _text("ISO 4217 currency of total_budget_amount.")
    pacing_strategy: Column[str | None] = _text("How the budget is paced over the day.")
    creative_selection: Column[str | None] = _text("OPTIMIZED or ROUND_ROBIN.")
    audience_expansion_enabled: Column[bool | None] = _flag("Whether LinkedIn adds similar members to the audience.")
    offsite_delivery_enabled: Column[bool | None] = _flag("Whether it is delivered in the audience network too.")
    story_delivery_enabled: Column[bool | None] = _flag("Whether it is delivered in stories too.")
    connected_television_only: Column[bool | None] = _flag("Whether it is delivered on television only.")
    political_intent: Column[str | None] = _text("The advertiser's declaration of political content.")
    locale_country: Column[str | None] = _text("Country of the campaign's locale, such as US.")
    locale_language: Column[str | None] = _text("Language of the campaign's locale, such as en.")
    run_schedule_start: Column[datetime | None] = _time("When delivery may start.")
    run_schedule_end: Column[datetime | None] = _time("When delivery ends; NULL when it is open.")
    targeting_criteria: Column[dict[str, Any] | None] = _object(
        "Targeting, with its and/or structure as LinkedIn has it."
    )
    offsite_preferences: Column[dict[str, Any] | None] = _object("Where in the audience network it may appear.")
    test: Column[bool | None] = _flag("Whether it belongs to a test account.")
    version_tag: Column[str | None] = _text("LinkedIn's version of the record.")
    linkedin_created_at: Column[datetime | None] = _time("When it was created at LinkedIn.")
    linkedin_last_modified_at: Column[datetime | None] = _time("When it was last modified at LinkedIn.")


class Creative(EntityTimes, Removable, Base):
    """A creative: one ad of a campaign."""

    __tablename__ = "creatives"
    __table_args__ = (Index(None, "account_id"), {"comment": "One row per creative (ad)."})

    id: Column[int] = _key("LinkedIn's id of the creative: the number at the tail of its URN.")
    account_id: Column[int] = table_column(comment="Ad account that owns it (accounts.id).")
    campaign_id: Column[int | None] = table_column(comment="Campaign it is in (campaigns.id).")
    name: Column[str] = table_column(comment="Best name known: its own, else its content's, else its id.")
    name_source: Column[str | None] = _text(f"Where name comes from: {', '.join(get_args(NameSource))}.")
    content_kind: Column[str | None] = _text("Kind of content: reference, textAd, spotlight and so on.")
    content_reference: Column[str | None] = _text("URN of the post or message that it shows.")
    content: Column[dict[str, Any] | None] = _object("The content as LinkedIn has it.")
    intended_status: Column[str | None] = _text(f"Status that the advertiser set: {listed(CREATIVE_STATUSES)}.")
    is_serving: Column[bool | None] = _flag("Whether it can be delivered now.")
    serving_hold_reasons: Column[list[Any] | None] = _list("Why it cannot be delivered.")
    review_status: Column[str | None] = _text("PENDING, APPROVED, REJECTED or NEEDS_REVIEW.")
    rejection_reasons: Column[list[Any] | None] = _list("Why LinkedIn's review rejected it.")
    is_test: Column[bool | None] = _flag("Whether it belongs to a test account.")
    leadgen_call_to_action: Column[dict[str, Any] | None] = _object("Lead form and the label of its button.")
    linkedin_created_at: Column[datetime | None] = _time("When it was created at LinkedIn.")
    created_by: Column[str | None] = _text("URN of the person who created it.")
    linkedin_last_modified_at: Column[datetime | None] = _time("When it was last modified at LinkedIn.")
    last_modified_by: Column[str | None] = _text("URN of the person who last modified it.")


class AccountUser(EntityTimes, Removable, Base):
    """A member's role on an ad account."""

    __tablename__ = "account_users"
    __table_args__ = (
        {
            "comment": "One row per ad account and member with a role on it. LinkedIn gives no names of members. The "
            "token of an account manager sees all roles, any other token only the role of its own member."
        },
    )

    account_id: Column[int] = _key("Ad account (accounts.id).")
    user_urn: Column[str] = table_column(primary_key=True, comment="URN of the member, who has no name here.")
    role: Column[str | None] = _text(
        "ACCOUNT_BILLING_ADMIN, ACCOUNT_MANAGER, CAMPAIGN_MANAGER, CREATIVE_MANAGER or VIEWER."
    )
    version_tag: Column[str | None] = _text("LinkedIn's version of the record.")
    linkedin_created_at: Column[datetime | None] = _time("When the role was given at LinkedIn.")
    linkedin_last_modified_at: Column[datetime | None] = _time("When it was last changed at LinkedIn.")


class CampaignTrackingParameters(EntityTimes, Removable, Base):
    """What LinkedIn appends to landing pages, of an ad account or of a campaign."""

    __tablename__ = "campaign_tracking_parameters"
    __table_args__ = (
        {
            "comment": "One row per ad account or campaign with parameters, such as utm_source, that LinkedIn appends "
            "to landing pages. Those of a campaign replace those of the account and of a creative's link. Campaigns "
            "with message ads have none."
        },
    )

    ad_entity: Column[str] = table_column(
        primary_key=True, comment="URN of the ad account or of the campaign that they are set for."
    )
    account_id: Column[int] = table_column(index=True, comment="Ad account (accounts.id).")
    campaign_id: Column[int | None] = table_column(
        comment="Campaign (campaigns.id); NULL where they are set for the whole ad account."
    )
    dynamic_value_parameters: Column[dict[str, Any] | None] = _object(
        "Names of parameters, and what LinkedIn fills in: ACCOUNT_ID, CAMPAIGN_GROUP_NAME, CREATIVE_ID and the like."
    )
    custom_value_parameters: Column[dict[str, Any] | None] = _object("Names of parameters, and the text of each.")
