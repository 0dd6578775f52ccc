"""Records as LinkedIn documents them, for the tests of the models."""

from __future__ import annotations

from typing import Any

ACCOUNT_ID = 510000001
ACCOUNT_URN = f"urn:li:sponsoredAccount:{ACCOUNT_ID}"
STAMPS = {
    "created": {"actor": "urn:li:unknown:0", "time": 1498178296000},
    "lastModified": {"actor": "urn:li:unknown:0", "time": 1717171717123},
}


def account(**changes: object) -> dict[str, Any]:
    """An ad account with every field that LinkedIn documents."""
    return {
        "id": ACCOUNT_ID,
        "name": "Northwind EMEA",
        "currency": "EUR",
        "type": "BUSINESS",
        "status": "ACTIVE",
        "servingStatuses": ["RUNNABLE"],
        "reference": "urn:li:organization:2414183",
        "test": False,
        "notifiedOnCampaignOptimization": True,
        "notifiedOnEndOfCampaign": False,
        "version": {"versionTag": "10"},
        "changeAuditStamps": STAMPS,
        **changes,
    }


def campaign_group(**changes: object) -> dict[str, Any]:
    """A campaign group with every field that LinkedIn documents."""
    return {
        "id": 600100200,
        "account": ACCOUNT_URN,
        "name": "2026 H2 - Pipeline",
        "status": "ACTIVE",
        "servingStatuses": ["RUNNABLE"],
        "runSchedule": {"start": 1751328000000, "end": 1767225600000},
        "totalBudget": {"amount": "48000.00", "currencyCode": "EUR"},
        "dailyBudget": {"amount": "350.00", "currencyCode": "EUR"},
        "objectiveType": "LEAD_GENERATION",
        "budgetOptimization": {"budgetOptimizationStrategy": "DYNAMIC", "bidStrategy": "MAXIMUM_DELIVERY"},
        "allowedCampaignTypes": ["SPONSORED_UPDATES", "TEXT_AD"],
        "backfilled": False,
        "test": False,
        "changeAuditStamps": STAMPS,
        **changes,
    }


def campaign(**changes: object) -> dict[str, Any]:
    """A campaign with every field that LinkedIn documents."""
    return {
        "id": 337643194,
        "account": ACCOUNT_URN,
        "campaignGroup": "urn:li:sponsoredCampaignGroup:600100200",
        "associatedEntity": "urn:li:organization:2414183",
        "name": "DE - CFO - Single image",
        "type": "SPONSORED_UPDATES",
        "format": "STANDARD_UPDATE",
        "objectiveType": "LEAD_GENERATION",
        "optimizationTargetType": "MAX_LEAD",
        "status": "ACTIVE",
        "servingStatuses": ["RUNNABLE"],
        "costType": "CPM",
        "unitCost": {"amount": "22.19", "currencyCode": "EUR"},
        "dailyBudget": {"amount": "120", "currencyCode": "EUR"},
        "totalBudget": {"amount": "5000.00", "currencyCode": "EUR"},
        "pacingStrategy": "LIFETIME",
        "creativeSelection": "OPTIMIZED",
        "audienceExpansionEnabled": False,
        "offsiteDeliveryEnabled": False,
        "storyDeliveryEnabled": False,
        "connectedTelevisionOnly": False,
        "politicalIntent": "NOT_POLITICAL",
        "locale": {"country": "US", "language": "en"},
        "runSchedule": {"start": 1751328000000},
        "targetingCriteria": {"include": {"and": [{"or": {"urn:li:adTargetingFacet:geos": ["urn:li:geo:1"]}}]}},
        "test": False,
        "version": {"versionTag": "33"},
        "changeAuditStamps": STAMPS,
        **changes,
    }


def creative(**changes: object) -> dict[str, Any]:
    """A creative that shows a post, with every field that LinkedIn documents."""
    return {
        "id": "urn:li:sponsoredCreative:119962155",
        "name": "CFO guide v2",
        "account": ACCOUNT_URN,
        "campaign": "urn:li:sponsoredCampaign:337643194",
        "content": {"reference": "urn:li:share:6778045555198214144"},
        "intendedStatus": "ACTIVE",
        "isServing": False,
        "servingHoldReasons": ["CAMPAIGN_STOPPED"],
        "review": {"status": "REJECTED", "rejectionReasons": ["OTHER"]},
        "isTest": False,
        "leadgenCallToAction": {"destination": "urn:li:adForm:7005", "label": "DOWNLOAD"},
        "createdAt": 1751500000000,
        "createdBy": "urn:li:person:K1RwyVNuk0",
        "lastModifiedAt": 1761500000000,
        "lastModifiedBy": "urn:li:system:0",
        **changes,
    }


def lead_form(**changes: object) -> dict[str, Any]:
    """A lead form, with the fields that LinkedIn's page on lead forms shows."""
    return {
        "id": 7992706,
        "name": "swedish - Jul 26, 2023",
        "state": "PUBLISHED",
        "owner": {"sponsoredAccount": ACCOUNT_URN},
        "versionId": 1,
        "created": 1691014589690,
        "lastModified": 1691014589690,
        "creationLocale": {"country": "SE", "language": "sv"},
        "reviewInfo": {"reviewStatus": "NEEDS_REVIEW", "lastUpdated": 1690422364241, "rejectionReasons": []},
        "hiddenFields": [{"name": "hidden_field", "value": "abc678"}],
        "content": {
            "headline": {"localized": {"en_US": "Guide", "sv_SE": "Handbok"}},
            "description": {"localized": {"sv_SE": "Om bokslut"}},
            "questions": [{"questionId": 10107992706, "name": "First name", "predefinedField": "FIRST_NAME"}],
            "legalInfo": {
                "legalInfoId": 1007992706,
                "privacyPolicyUrl": "https://northwind.example/privacy",
                "legalDisclaimer": {"localized": {}},
                "consents": [{"id": 0, "consent": {"localized": {"sv_SE": "Ja"}}, "checkRequired": True}],
            },
            "postSubmissionInfo": {
                "message": {"localized": {"sv_SE": "Tack!"}},
                "callToAction": {
                    "callToActionLabel": "VISIT_COMPANY_WEBSITE",
                    "callToActionTarget": {"landingPageUrl": "https://Northwind.example/tack?utm_source=linkedin"},
                },
            },
        },
        **changes,
    }


def day_range(year: int = 2026, month: int = 10, day: int = 1, *, last_day: int | None = None) -> dict[str, Any]:
    """A `dateRange` of one day, or up to a later day of the month."""
    start = {"year": year, "month": month, "day": day}
    return {"start": start, "end": {**start, "day": last_day or day}}


def daily(**changes: object) -> dict[str, Any]:
    """A daily element of adAnalytics, pivot CAMPAIGN."""
    return {
        "dateRange": day_range(),
        "pivotValues": ["urn:li:sponsoredCampaign:337643194"],
        "impressions": 3120,
        "clicks": 41,
        "costInLocalCurrency": "198.42000000000002",
        **changes,
    }
