"""The catalogue of adAnalytics metrics: LinkedIn's name, our column, what kind of number it is, where it is valid.

Source: LinkedIn's "Ads Reporting" and "Reporting schema" pages. Columns are LinkedIn's names in snake_case. Everything
that plans a call, validates a row, or holds one reads this list, so a metric is added in one place (and a migration).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from lac_pipeline.errors import ConfigError
from lac_pipeline.linkedin.pivots import pivot_of


class Kind(Enum):
    """What kind of number a metric is, which decides its type on the wire and in the table."""

    COUNT = "count"  # JSON integer, BIGINT
    MONEY = "money"  # decimal string of any scale, NUMERIC
    RATE = "rate"  # JSON number or decimal string, NUMERIC


@dataclass(frozen=True, slots=True)
class Metric:
    """One adAnalytics metric.

    Attributes:
        name: LinkedIn's name, as sent in `fields`.
        kind: type on the wire and in the table.
        since: the first API version that knows it, as `YYYYMM`; None when all served versions do.
        members: whether MEMBER_* pivots may ask for it.
        pivots: the only pivots that may ask for it; None when any may.
        additive: whether values may be summed over days or entities.
        max_days: the longest date range that may be asked for it; beyond it LinkedIn gives no number.
    """

    name: str
    kind: Kind = Kind.COUNT
    since: str | None = None
    members: bool = True
    pivots: frozenset[str] | None = None
    additive: bool = True
    max_days: int | None = None

    @property
    def column(self) -> str:
        """LinkedIn's name in snake_case."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[a-z])(?=[0-9])", "_", self.name).lower()

    def serves(self, pivot: str) -> bool:
        """Whether a report by this pivot may ask for it."""
        return (self.members or not pivot_of(pivot).members) and (self.pivots is None or pivot in self.pivots)


MAX_ELEMENTS = 15_000
"""LinkedIn answers at most so many rows and cuts the rest without a sign (its "Ads Reporting" page)."""

MAX_PER_CALL = 18
"""LinkedIn refuses more than 20 field names a call, and `dateRange` and `pivotValues` are two of them."""

CORE = (
    "impressions",
    "clicks",
    "costInLocalCurrency",
    "costInUsd",
    "landingPageClicks",
    "totalEngagements",
    "likes",
    "comments",
    "shares",
    "follows",
    "oneClickLeads",
    "oneClickLeadFormOpens",
    "externalWebsiteConversions",
    "conversionValueInLocalCurrency",
    "videoViews",
    "videoCompletions",
    "sends",
    "opens",
)
"""What is asked by default: one call's worth, and what most reports need."""

_COUNTS = """
impressions clicks landingPageClicks totalEngagements otherEngagements actionClicks adUnitClicks textUrlClicks
companyPageClicks follows likes comments commentLikes shares reactions fullScreenPlays headlineClicks
headlineImpressions subscriptionClicks
externalWebsiteConversions externalWebsitePostClickConversions externalWebsitePostViewConversions registrations
postClickRegistrations postViewRegistrations jobApplications jobApplyClicks postClickJobApplications
postClickJobApplyClicks postViewJobApplications postViewJobApplyClicks talentLeads
oneClickLeads oneClickLeadFormOpens leadGenerationMailContactInfoShares leadGenerationMailInterestedClicks
qualifiedLeads validWorkEmailLeads sends opens
documentCompletions documentFirstQuartileCompletions documentMidpointCompletions documentThirdQuartileCompletions
downloadClicks
videoStarts videoViews videoFirstQuartileCompletions videoMidpointCompletions videoThirdQuartileCompletions
videoCompletions
viralImpressions viralClicks viralLandingPageClicks viralLikes viralComments viralCommentLikes viralShares
viralReactions viralFollows viralTotalEngagements viralOtherEngagements viralCompanyPageClicks viralFullScreenPlays
viralOneClickLeads viralOneClickLeadFormOpens viralSubscriptionClicks viralExternalWebsiteConversions
viralExternalWebsitePostClickConversions viralExternalWebsitePostViewConversions viralVideoStarts viralVideoViews
viralVideoFirstQuartileCompletions viralVideoMidpointCompletions viralVideoThirdQuartileCompletions
viralVideoCompletions viralDocumentCompletions viralDocumentFirstQuartileCompletions
viralDocumentMidpointCompletions viralDocumentThirdQuartileCompletions viralDownloadClicks viralRegistrations
viralPostClickRegistrations viralPostViewRegistrations viralPostClickJobApplications viralPostClickJobApplyClicks
viralPostViewJobApplications viralPostViewJobApplyClicks viralJobApplications viralJobApplyClicks
""".split()

_CAROUSEL = "cardImpressions cardClicks viralCardImpressions viralCardClicks".split()

_REACH_DAYS = 92

_EVENT_STEPS = ("Over15Seconds", "Over30Seconds", "Over2Minutes")

CATALOGUE: tuple[Metric, ...] = (
    *(Metric(name) for name in _COUNTS),
    *(Metric(name, members=False) for name in _CAROUSEL),
    Metric("costInLocalCurrency", Kind.MONEY),
    Metric("costInUsd", Kind.MONEY),
    Metric("conversionValueInLocalCurrency", Kind.MONEY, members=False),
    Metric("costPerQualifiedLead", Kind.MONEY, additive=False),
    Metric("approximateMemberReach", members=False, additive=False, max_days=_REACH_DAYS),
    Metric(
        "audiencePenetration",
        Kind.RATE,
        members=False,
        pivots=frozenset({"ACCOUNT", "CAMPAIGN_GROUP", "CAMPAIGN"}),
        additive=False,
        max_days=_REACH_DAYS,
    ),
    Metric("averageDwellTime", Kind.RATE, additive=False),
    Metric("appointmentsScheduled", since="202605"),
    Metric("videoWatchTime", since="202601"),
    Metric("averageVideoWatchTime", Kind.RATE, since="202601", additive=False),
    Metric("eventViews", since="202601"),
    Metric("eventWatchTime", since="202601"),
    Metric("averageEventWatchTime", Kind.RATE, since="202601", additive=False),
    Metric("costPerEventView", Kind.MONEY, since="202601", additive=False),
    *(Metric(f"eventViews{step}", since="202601") for step in _EVENT_STEPS),
    *(Metric(f"averageEventWatchTime{step}", Kind.RATE, since="202601", additive=False) for step in _EVENT_STEPS),
    *(Metric(f"costPerEventView{step}", Kind.MONEY, since="202601", additive=False) for step in _EVENT_STEPS),
)

BY_NAME: dict[str, Metric] = {metric.name: metric for metric in CATALOGUE}
BY_COLUMN: dict[str, Metric] = {metric.column: metric for metric in CATALOGUE}


def parse_selection(text: str) -> tuple[Metric, ...]:
    """Read `LAC_METRICS`: `core`, `all`, or LinkedIn's names separated by commas.

    Raises:
        ConfigError: a name is not in the catalogue; the nearest ones are suggested.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == ["all"]:
        return CATALOGUE
    if names in ([], ["core"]):
        return tuple(BY_NAME[name] for name in CORE)
    unknown = [name for name in names if name not in BY_NAME]
    if unknown:
        raise ConfigError(
            f"LAC_METRICS names metrics that LinkedIn does not have: {', '.join(unknown)}",
            meaning="; ".join(f"{name}: did you mean {_nearest(name)}?" for name in unknown),
            fix="set LAC_METRICS to core, all, or LinkedIn's metric names separated by commas",
        )
    return tuple(BY_NAME[name] for name in dict.fromkeys(names))


def _nearest(name: str) -> str:
    lowered = {known.lower(): known for known in BY_NAME}
    return " or ".join(lowered[near] for near in difflib.get_close_matches(name.lower(), lowered, 2)) or "core"


def allowed(metrics: Iterable[Metric], *, pivot: str, version: str, days: int) -> tuple[Metric, ...]:
    """Keep the metrics that LinkedIn answers for this pivot, API version and length of range; others would be a 400."""
    base = version.partition(".")[0]
    return tuple(
        metric
        for metric in metrics
        if (metric.since is None or metric.since <= base)
        and metric.serves(pivot)
        and (metric.max_days is None or days <= metric.max_days)
    )
