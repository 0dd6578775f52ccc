"""LinkedIn's pivots: what a report of adAnalytics can be split by, and what follows from that.

Source: LinkedIn's "Ads Reporting" page. MEMBER_COUNTY stands in one sample there but not in the list of pivots, and
MEMBER_COUNTRY and MEMBER_REGION are refused in favour of their _V2.
"""

from __future__ import annotations

import re
import sys

from msgspec import Struct

from lac_pipeline.linkedin import urn


class Pivot(Struct, frozen=True):
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
        urn_kind: the kind of URN that its values are, such as `sponsoredCampaign`; empty where they are not of one.
        values: how many of a row's `pivotValues` it fills at most.
        codes: whether its values are words of LinkedIn's, such as SIZE_2_TO_10, and not URNs with a number.
        ordered: whether its values have an order, which the first number in each of them gives, or `order`.
        order: the values, where no number gives their order.
    """

    name: str
    of_campaign: bool = False
    members: bool = False
    since: str | None = None
    without: frozenset[str] = frozenset()
    audience: bool = False
    label: str = ""
    urn_kind: str = ""
    values: int = 1
    codes: bool = False
    ordered: bool = False
    order: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What people call it."""
        return self.label or self.name.removeprefix("MEMBER_").replace("_", " ").capitalize()

    def rank(self, value: str) -> int:
        """Where a value stands among the others; 0 for all where they have no order.

        `urn:li:seniority:4`, `SIZE_51_TO_200` and `urn:li:staffCountRange:(51,200)` stand by their first number, and
        what has none stands last.
        """
        if not self.ordered:
            return 0
        if self.order:
            return self.order.index(value) if value in self.order else len(self.order)
        number = _NUMBER.search(value)
        return sys.maxsize if number is None else int(number[0])


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
    Pivot("ACCOUNT", audience=True, urn_kind=urn.ACCOUNT),
    Pivot("CAMPAIGN_GROUP", audience=True, urn_kind=urn.CAMPAIGN_GROUP),
    Pivot("CAMPAIGN", of_campaign=True, audience=True, urn_kind=urn.CAMPAIGN),
    Pivot("CREATIVE", of_campaign=True, urn_kind=urn.CREATIVE),
    Pivot("MEMBER_COMPANY", members=True),
    Pivot("MEMBER_COMPANY_SIZE", members=True, codes=True, ordered=True),
    Pivot("MEMBER_COUNTRY_V2", members=True, label="Country"),
    Pivot("MEMBER_INDUSTRY", members=True),
    Pivot("MEMBER_JOB_FUNCTION", members=True),
    Pivot("MEMBER_JOB_TITLE", members=True),
    Pivot("MEMBER_REGION_V2", members=True, label="Region"),
    Pivot("MEMBER_SENIORITY", members=True, ordered=True),
    Pivot("MEMBER_DESIGNATED_MARKET_AREA", members=True, since="202609", label="Market area"),
    Pivot("CONVERSION"),
    Pivot("IMPRESSION_DEVICE_TYPE", since="202304", without=_OF_DEVICES, label="Device"),
    Pivot("PLACEMENT_NAME", label="Placement"),
    Pivot("SERVING_LOCATION"),
    Pivot("CARD_INDEX", label="Carousel card", ordered=True),
    Pivot("CONVERSATION_NODE", label="Message"),
    # A button has a message and a place in it: LinkedIn's page says that the second value is the index.
    Pivot("CONVERSATION_NODE_OPTION_INDEX", label="Message button", values=2),
    Pivot("EVENT_STAGE", ordered=True, order=("PRE_LIVE", "LIVE", "POST_LIVE")),
    Pivot("SHARE", label="Post"),
)
"""The pivots that are read, or that a metric names."""

_NUMBER = re.compile(r"\d+")

_BY_NAME = {pivot.name: pivot for pivot in PIVOTS}


def pivot_of(name: str) -> Pivot:
    """What is known of a pivot; of one that is not listed, its name."""
    return _BY_NAME.get(name) or Pivot(name)
