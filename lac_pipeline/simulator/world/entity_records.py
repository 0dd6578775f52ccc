"""Entity records in LinkedIn's own fields, as the seeds fill them in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache

from lac_pipeline.linkedin.urn import urn
from lac_pipeline.simulator.world.entities import Record

PERSON = "urn:li:person:K1RwyVNuk0"
UNKNOWN_ACTOR = "urn:li:unknown:0"
ORGANIZATION = "urn:li:organization:2414183"


@cache
def milliseconds(day: date) -> int:
    """The start of a UTC day, in epoch milliseconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def money(amount: str, currency: str) -> dict[str, str]:
    """An amount as LinkedIn writes it."""
    return {"amount": amount, "currencyCode": currency}


def stamps(created: date, modified: date) -> Record:
    """The audit stamps of accounts, groups and campaigns."""
    return {
        "created": {"actor": PERSON, "time": milliseconds(created)},
        "lastModified": {"actor": UNKNOWN_ACTOR, "time": milliseconds(modified) + 1717},
    }


def account(account_id: int, *, name: str, currency: str, created: date) -> Record:
    """An ad account."""
    return {
        "id": account_id,
        "name": name,
        "currency": currency,
        "type": "BUSINESS",
        "status": "ACTIVE",
        "servingStatuses": ["RUNNABLE"],
        "reference": ORGANIZATION,
        "test": False,
        "notifiedOnCampaignOptimization": True,
        "notifiedOnCreativeApproval": False,
        "notifiedOnCreativeRejection": True,
        "notifiedOnEndOfCampaign": True,
        "notifiedOnNewFeaturesEnabled": False,
        "version": {"versionTag": "10"},
        "changeAuditStamps": stamps(created, created),
    }


def group(group_id: int, *, account_id: int, name: str, status: str, start: date, created: date) -> Record:
    """A campaign group."""
    return {
        "id": group_id,
        "account": urn("sponsoredAccount", account_id),
        "name": name,
        "status": status,
        "servingStatuses": ["RUNNABLE"] if status == "ACTIVE" else ["STOPPED"],
        "runSchedule": {"start": milliseconds(start)},
        "allowedCampaignTypes": ["SPONSORED_UPDATES", "TEXT_AD"],
        "backfilled": False,
        "test": False,
        "changeAuditStamps": stamps(created, created),
    }


def campaign(
    campaign_id: int,
    *,
    account_id: int,
    group_id: int,
    name: str,
    status: str,
    objective: str,
    ad_type: str,
    ad_format: str,
    start: date,
) -> Record:
    """A campaign; what only some have is added by the seed."""
    return {
        "id": campaign_id,
        "account": urn("sponsoredAccount", account_id),
        "campaignGroup": urn("sponsoredCampaignGroup", group_id),
        "associatedEntity": ORGANIZATION,
        "name": name,
        "type": ad_type,
        "format": ad_format,
        "objectiveType": objective,
        "optimizationTargetType": "NONE",
        "status": status,
        "servingStatuses": ["RUNNABLE"] if status == "ACTIVE" else ["STOPPED"],
        "costType": "CPM",
        "pacingStrategy": "LIFETIME",
        "creativeSelection": "OPTIMIZED",
        "audienceExpansionEnabled": False,
        "offsiteDeliveryEnabled": False,
        "storyDeliveryEnabled": False,
        "connectedTelevisionOnly": False,
        "politicalIntent": "NOT_POLITICAL",
        "locale": {"country": "US", "language": "en"},
        "runSchedule": {"start": milliseconds(start)},
        "targetingCriteria": targeting(),
        "test": False,
        "version": {"versionTag": "33"},
        "changeAuditStamps": stamps(start, start),
    }


def targeting(*, places: Sequence[int] = (101282230,), language: str = "en_US") -> Record:
    """Whom a campaign is for: members of some places (geo numbers) who read a language."""
    facet = "urn:li:adTargetingFacet"
    return {
        "include": {
            "and": [
                {"or": {f"{facet}:profileLocations": [urn("geo", place) for place in places]}},
                {"or": {f"{facet}:interfaceLocales": [urn("locale", language)]}},
                {"or": {f"{facet}:staffCountRanges": ["urn:li:staffCountRange:(201,500)"]}},
            ]
        },
        "exclude": {"or": {f"{facet}:seniorities": ["urn:li:seniority:3"]}},
    }


def landing_page(campaign_id: int, creative_id: int) -> str:
    """Where a click on a creative leads, with the parameters that web analytics read."""
    page = "https://www.northwind.example/close-faster?utm_source=linkedin&utm_medium=paid%20social"
    return f"{page}&utm_campaign={campaign_id}&utm_content={creative_id}"


def creative(creative_id: int, *, account_id: int, campaign_id: int, content: Record, status: str, at: date) -> Record:
    """A creative; name, review and lead form are added by the seed."""
    serving = status == "ACTIVE"
    return {
        "id": urn("sponsoredCreative", creative_id),
        "account": urn("sponsoredAccount", account_id),
        "campaign": urn("sponsoredCampaign", campaign_id),
        "content": content,
        "intendedStatus": status,
        "isServing": serving,
        **({} if serving else {"servingHoldReasons": ["STOPPED"]}),
        **({} if status == "DRAFT" else {"review": {"status": "APPROVED"}}),
        "isTest": False,
        "createdAt": milliseconds(at),
        "createdBy": PERSON,
        "lastModifiedAt": milliseconds(at) + 86_400_000,
        "lastModifiedBy": "urn:li:system:0",
    }
