"""Audiences: who saw the ads, by month, for every MEMBER_* pivot that LinkedIn offers.

Monthly, because LinkedIn drops values under three events, adds noise to each day and caps the list of each day, so
sums of days are wrong.
"""

from __future__ import annotations

from lac_pipeline.streams.stream import AssetGroup, Partitioning, Report, Stream

MEMBER_PIVOTS: dict[str, str | None] = {
    "MEMBER_COMPANY": None,
    "MEMBER_COMPANY_SIZE": None,
    "MEMBER_COUNTRY_V2": None,
    "MEMBER_INDUSTRY": None,
    "MEMBER_JOB_FUNCTION": None,
    "MEMBER_JOB_TITLE": None,
    "MEMBER_REGION_V2": None,
    "MEMBER_SENIORITY": None,
    "MEMBER_DESIGNATED_MARKET_AREA": "202609",
}
"""LinkedIn's member pivots, each with the API version that brought it, where that is not all of them.

Source: LinkedIn's "Ads Reporting" page. MEMBER_COUNTY stands in one sample there but not in the list of pivots, and
MEMBER_COUNTRY and MEMBER_REGION are refused in favour of their _V2.
"""

AUDIENCE_DEMOGRAPHICS = Stream(
    "audience_demographics",
    AssetGroup.DEMOGRAPHICS,
    Partitioning.ACCOUNT_MONTH,
    Report(MEMBER_PIVOTS, "MONTHLY"),
    parent="campaigns",
)
