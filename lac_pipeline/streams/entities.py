"""The account structure: ad accounts, campaign groups, campaigns with their tracking parameters, creatives, users.

Source: LinkedIn's pages on these resources. `search` lists records of every status where no status is named.
"""

from __future__ import annotations

from lac_pipeline.linkedin import urn
from lac_pipeline.linkedin.resource import OfEach, Paging, Resource
from lac_pipeline.streams.overviews import Overview
from lac_pipeline.streams.stream import AssetGroup, Partitioning, Stream

_ACCOUNT = "/rest/adAccounts/{account_id}"
_SEARCH = {"q": "search"}
_PAGE = 1000

ACCOUNTS = Stream(
    "accounts",
    AssetGroup.ENTITIES,
    Partitioning.ACCOUNT,
    Resource("adAccounts", _ACCOUNT, "account"),
    history=True,
    overview=Overview(
        "ad accounts",
        by={"name": "Name", "status": "Status", "serving_statuses": "Delivery", "type": "Type", "currency": "Currency"},
    ),
)

CAMPAIGN_GROUPS = Stream(
    "campaign_groups",
    AssetGroup.ENTITIES,
    Partitioning.ACCOUNT,
    Resource("adCampaignGroups", f"{_ACCOUNT}/adCampaignGroups", "campaign group", _SEARCH, _PAGE),
    parent="accounts",
    history=True,
    overview=Overview(
        "campaign groups",
        by={"status": "Status"},
        counted=True,
        first=("total_budget_amount", "Largest total budgets"),
    ),
)

CAMPAIGNS = Stream(
    "campaigns",
    AssetGroup.ENTITIES,
    Partitioning.ACCOUNT,
    Resource("adCampaigns", f"{_ACCOUNT}/adCampaigns", "campaign", _SEARCH, _PAGE, holds_targeting=True),
    parent="campaign_groups",
    history=True,
    overview=Overview(
        "campaigns", by={"status": "Status"}, counted=True, first=("daily_budget_amount", "Largest daily budgets")
    ),
)

CREATIVES = Stream(
    "creatives",
    AssetGroup.ENTITIES,
    Partitioning.ACCOUNT,
    Resource(
        "creatives",
        f"{_ACCOUNT}/creatives",
        "creative",
        {"q": "criteria"},
        page_size=100,
        headers={"X-RestLi-Method": "FINDER"},
        shows_content=True,
    ),
    parent="campaigns",
    history=True,
    overview=Overview(
        "creatives",
        by={"intended_status": "Status", "review_status": "Review"},
        counted=True,
        first=("linkedin_created_at", "Newest"),
    ),
)

ACCOUNT_USERS = Stream(
    "account_users",
    AssetGroup.ENTITIES,
    Partitioning.ACCOUNT,
    Resource(
        "adAccountUsers",
        "/rest/adAccountUsers",
        "account user",
        {"q": "accounts", "accounts": "{account}"},
        page_size=100,
        key=("account_id", "user_urn"),
        paging=Paging.INDEX,
    ),
    parent="accounts",
    history=True,
    optional=True,
    spared=True,
    overview=Overview("users", by={"role": "Role"}, counted=True),
    members=("user_urn",),
)

_TRACKING = "/rest/adTrackingParameters/(adEntity:({kind}:urn%3Ali%3A{kind}%3A{{{id}}}))"

CAMPAIGN_TRACKING_PARAMETERS = Stream(
    "campaign_tracking_parameters",
    AssetGroup.ENTITIES,
    Partitioning.ACCOUNT,
    Resource(
        "adTrackingParameters",
        _TRACKING.format(kind=urn.ACCOUNT, id="account_id"),
        "set of tracking parameters",
        key=("ad_entity",),
        of_each=OfEach(
            "campaigns",
            _TRACKING.format(kind=urn.CAMPAIGN, id="id"),
            urn.CAMPAIGN,
            without=("type", "SPONSORED_INMAILS"),
            account_since="202608",
        ),
    ),
    parent="campaigns",
    optional=True,
    spared=True,
    overview=Overview(
        "tracking parameters",
        by={
            "campaign_id": "Campaign",
            "custom_value_parameters": "Own texts",
            "dynamic_value_parameters": "Filled in by LinkedIn",
        },
        names={"campaign_id": "campaigns"},
        absent="all campaigns of the account",
    ),
)

ENTITIES = (ACCOUNTS, CAMPAIGN_GROUPS, CAMPAIGNS, CREATIVES, CAMPAIGN_TRACKING_PARAMETERS, ACCOUNT_USERS)
"""In the order in which people read them."""
