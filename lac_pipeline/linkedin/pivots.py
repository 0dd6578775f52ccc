"""LinkedIn's pivots: what a report of adAnalytics can be split by, and what follows from that.

Source: LinkedIn's "Ads Reporting" page. MEMBER_COUNTY stands in one sample there but not in the list of pivots, and
MEMBER_COUNTRY and MEMBER_REGION are refused in favour of their _V2.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pivot:
    """One pivot.

    Attributes:
        name: LinkedIn's name, as sent in `pivot`.
        of_campaign: whether each row belongs to exactly one campaign; rows of any other pivot would be added up wrongly
            if they were requested campaign by campaign.
        members: whether it splits the audience; LinkedIn gives fewer metrics then.
        since: the first API version that has it, as `YYYYMM`; None when all served versions do.
        without: the metrics that LinkedIn gives no number for; it leaves them out of rows, or sends 0.
        audience: whether its values have a target audience, with which LinkedIn compares their reach.
        label: what people call it, where that is not its name in other letters.
    """

    name: str
    of_campaign: bool = False
    members: bool = False
    since: str | None = None
    without: frozenset[str] = frozenset()
    audience: bool = False
    label: str = ""

    @property
    def title(self) -> str:
        """What people call it."""
        return self.label or self.name.removeprefix("MEMBER_").replace("_", " ").capitalize()


_OF_DEVICES = frozenset(
    """
    approximateMemberReach audiencePenetration appointmentsScheduled conversionValueInLocalCurrency
    externalWebsiteConversions externalWebsitePostClickConversions externalWebsitePostViewConversions
    viralExternalWebsiteConversions viralExternalWebsitePostClickConversions viralExternalWebsitePostViewConversions
    registrations postClickRegistrations postViewRegistrations jobApplications jobApplyClicks postClickJobApplications
    postClickJobApplyClicks postViewJobApplications postViewJobApplyClicks talentLeads
    viralRegistrations viralPostClickRegistrations viralPostViewRegistrations viralJobApplications viralJobApplyClicks
    viralPostClickJobApplications viralPostClickJobApplyClicks viralPostViewJobApplications viralPostViewJobApplyClicks
    """.split()
)
"""Reach and conversions, which cannot be split by device. Seen in live rows, which send 0 website conversions."""

PIVOTS = (
    Pivot("ACCOUNT", audience=True),
    Pivot("CAMPAIGN_GROUP", audience=True),
    Pivot("CAMPAIGN", of_campaign=True, audience=True),
    Pivot("CREATIVE", of_campaign=True),
    Pivot("MEMBER_COMPANY", members=True),
    Pivot("MEMBER_COMPANY_SIZE", members=True),
    Pivot("MEMBER_COUNTRY_V2", members=True, label="Country"),
    Pivot("MEMBER_INDUSTRY", members=True),
    Pivot("MEMBER_JOB_FUNCTION", members=True),
    Pivot("MEMBER_JOB_TITLE", members=True),
    Pivot("MEMBER_REGION_V2", members=True, label="Region"),
    Pivot("MEMBER_SENIORITY", members=True),
    Pivot("MEMBER_DESIGNATED_MARKET_AREA", members=True, since="202609", label="Market area"),
    Pivot("CONVERSION"),
    Pivot("IMPRESSION_DEVICE_TYPE", without=_OF_DEVICES),
)
"""The pivots that are read, or that a metric names."""

_BY_NAME = {pivot.name: pivot for pivot in PIVOTS}


def pivot_of(name: str) -> Pivot:
    """What is known of a pivot; of one that is not listed, its name."""
    return _BY_NAME.get(name) or Pivot(name)
