"""The catalogue of adAnalytics metrics: LinkedIn's name, our column, what kind of number it is, where it is valid.

Source: LinkedIn's "Ads Reporting" and "Reporting schema" pages. Columns are LinkedIn's names in snake_case. Everything
that plans a call, validates a row, or holds one reads this list, so a metric is added in one place (and a migration).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

from msgspec import Struct

from lac_pipeline.errors import ConfigError
from lac_pipeline.linkedin.pivots import pivot_of


class Kind(Enum):
    """What kind of number a metric is, which decides its type on the wire and in the table; the value is its unit."""

    COUNT = "a count"  # JSON integer, BIGINT
    MONEY = "the account's currency"  # decimal string of any scale, NUMERIC
    RATE = "a rate"  # JSON number or decimal string, NUMERIC


class Metric(Struct, frozen=True):
    """One adAnalytics metric.

    Attributes:
        name: LinkedIn's name, as sent in `fields`.
        meaning: what it counts or measures, for a person, without a full stop.
        kind: type on the wire and in the table.
        unit: what it is measured in; empty where the kind implies it.
        since: the first API version that has it, as `YYYYMM`; None when all served versions have it.
        members: whether MEMBER_* pivots may request it.
        audience: whether one of the pivots must have a target audience.
        additive: whether values may be summed over days or entities.
        max_days: the longest date range that it may be requested for; beyond it LinkedIn returns no number.
    """

    name: str
    meaning: str
    kind: Kind = Kind.COUNT
    unit: str = ""
    since: str | None = None
    members: bool = True
    audience: bool = False
    additive: bool = True
    max_days: int | None = None

    @property
    def column(self) -> str:
        """LinkedIn's name in snake_case."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[a-z])(?=[0-9])", "_", self.name).lower()

    @property
    def description(self) -> str:
        """One sentence for people: what it is, its unit, whether it sums, since when, and whether `core` holds it."""
        sums = "may be summed" if self.additive else "must not be summed"
        since = f"since API version {self.since}" if self.since else "in every API version"
        chosen = "in" if self.name in CORE else "not in"
        return f"{self.meaning} ({self.unit or self.kind.value}, {sums}, {since}, {chosen} the set core)."

    def serves(self, *pivots: str) -> bool:
        """Whether a report by these pivots, which split a row together, may request it."""
        found = [pivot_of(pivot) for pivot in pivots]
        given = all((self.members or not pivot.members) and self.name not in pivot.without for pivot in found)
        return given and (not self.audience or any(pivot.audience for pivot in found))


MAX_ELEMENTS = 15_000
"""LinkedIn returns at most so many rows and cuts the rest without a sign (its "Ads Reporting" page)."""

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
"""What is requested by default: one call's worth, and what most reports need."""

_COUNTED = {
    "impressions": "Times the ad was shown; of a message ad, times it was sent",
    "clicks": "Clicks that are charged for, or would be if the campaign paid by the click",
    "landingPageClicks": "Clicks that lead to the landing page",
    "totalEngagements": "Clicks and social actions of every kind on the ad",
    "otherEngagements": "Interactions with the ad that no other metric counts",
    "actionClicks": "Clicks on the button of a message ad",
    "adUnitClicks": "Clicks on the banner beside a message ad",
    "textUrlClicks": "Clicks on links in the text of a message ad",
    "companyPageClicks": "Clicks that lead to the advertiser's page on LinkedIn",
    "follows": "Members who began to follow the advertiser's page",
    "likes": "Likes of the ad",
    "comments": "Comments on the ad",
    "commentLikes": "Likes of comments on the ad",
    "shares": "Times members shared the ad with their network",
    "reactions": "Positive reactions of every kind to the ad, likes among them",
    "fullScreenPlays": "Times members put the video on the full screen",
    "headlineClicks": "Clicks on the headline of a conversation ad",
    "headlineImpressions": "Times the headline of a conversation ad was shown",
    "subscriptionClicks": "Clicks on the button that subscribes to a series, such as a newsletter",
    "externalWebsiteConversions": "Conversions by the account's rules, after a click on the ad or a view of it",
    "externalWebsitePostClickConversions": "Conversions by the account's rules, after a click on the ad",
    "externalWebsitePostViewConversions": "Conversions by the account's rules, after a view of the ad without a click",
    "registrations": "Registrations for an event on LinkedIn, after a click on the ad or a view of it",
    "postClickRegistrations": "Registrations for an event on LinkedIn, after a click on the ad",
    "postViewRegistrations": "Registrations for an event on LinkedIn, after a view of the ad without a click",
    "jobApplications": "Job applications completed, after a click on the ad or a view of it",
    "jobApplyClicks": "Clicks on a job's apply button, after a click on the ad or a view of it",
    "postClickJobApplications": "Job applications completed, after a click on the ad",
    "postClickJobApplyClicks": "Clicks on a job's apply button, after a click on the ad",
    "postViewJobApplications": "Job applications completed, after a view of the ad without a click",
    "postViewJobApplyClicks": "Clicks on a job's apply button, after a view of the ad without a click",
    "talentLeads": "Leads from campaigns that look for candidates",
    "oneClickLeads": "Lead forms submitted",
    "oneClickLeadFormOpens": "Lead forms opened",
    "leadGenerationMailContactInfoShares": "Times members gave their contact details through the form of a message ad",
    "leadGenerationMailInterestedClicks": "Recipients of a message ad who clicked that they are interested",
    "qualifiedLeads": "Leads that the advertiser reported to LinkedIn as qualified",
    "validWorkEmailLeads": "Leads with a work e-mail address, not one of a free provider",
    "sends": "Message ads sent",
    "opens": "Message ads opened",
    "documentCompletions": "Times members reached the end of the document, also by skipping to it",
    "documentFirstQuartileCompletions": "Times members reached a quarter of the document, also by skipping to it",
    "documentMidpointCompletions": "Times members reached half of the document, also by skipping to it",
    "documentThirdQuartileCompletions": "Times members reached three quarters of the document, also by skipping to it",
    "downloadClicks": "Clicks on the icon that downloads the ad's media, whether or not the download succeeded",
    "videoStarts": "Times the video began to play",
    "videoViews": "Times the video played for 2 seconds with half of it in view, or its button was clicked sooner",
    "videoFirstQuartileCompletions": "Times the video played to a quarter of its length",
    "videoMidpointCompletions": "Times the video played to half of its length",
    "videoThirdQuartileCompletions": "Times the video played to three quarters of its length",
    "videoCompletions": "Times the video played to 97 percent of its length or further",
}
_COUNTED_OF_CARDS = {
    "cardImpressions": "Times a card of a carousel ad was shown",
    "cardClicks": "Clicks on a card of a carousel ad, scrolling to it among them",
}
_VIRAL = """
impressions clicks landingPageClicks likes comments commentLikes shares reactions follows totalEngagements
otherEngagements companyPageClicks fullScreenPlays oneClickLeads oneClickLeadFormOpens subscriptionClicks
externalWebsiteConversions externalWebsitePostClickConversions externalWebsitePostViewConversions videoStarts videoViews
videoFirstQuartileCompletions videoMidpointCompletions videoThirdQuartileCompletions videoCompletions
documentCompletions documentFirstQuartileCompletions documentMidpointCompletions documentThirdQuartileCompletions
downloadClicks registrations postClickRegistrations postViewRegistrations postClickJobApplications
postClickJobApplyClicks postViewJobApplications postViewJobApplyClicks jobApplications jobApplyClicks
""".split()
"""The metrics that are counted apart where members shared the ad, as `viralImpressions` and so on."""

_REACH_DAYS = 92

_WATCHED = "probably seconds"
"""LinkedIn's pages name no unit of watch times."""

_EVENT_STEPS = {"Over15Seconds": "15 seconds", "Over30Seconds": "30 seconds", "Over2Minutes": "2 minutes"}


def _viral(counted: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Name and describe the twins of metrics, which count what came of members who shared the ad."""
    return {
        f"viral{name[0].upper()}{name[1:]}": "After a member shared the ad, free of charge: "
        f"{counted[name][0].lower()}{counted[name][1:]}"
        for name in names
    }


CATALOGUE: tuple[Metric, ...] = (
    *(Metric(name, meaning) for name, meaning in _COUNTED.items()),
    *(Metric(name, meaning) for name, meaning in _viral(_COUNTED, _VIRAL).items()),
    *(Metric(name, meaning, members=False) for name, meaning in _COUNTED_OF_CARDS.items()),
    *(Metric(name, meaning, members=False) for name, meaning in _viral(_COUNTED_OF_CARDS, _COUNTED_OF_CARDS).items()),
    Metric("costInLocalCurrency", "What the ad cost", Kind.MONEY),
    Metric("costInUsd", "What the ad cost, converted by LinkedIn", Kind.MONEY, unit="US dollars"),
    Metric(
        "conversionValueInLocalCurrency",
        "Value that the account's rules give to the conversions",
        Kind.MONEY,
        members=False,
    ),
    Metric("costPerQualifiedLead", "Cost divided by qualified leads", Kind.MONEY, additive=False),
    Metric(
        "approximateMemberReach",
        "Distinct members who saw the ad, as LinkedIn estimates for ranges of at most 92 days",
        unit="members",
        members=False,
        additive=False,
        max_days=_REACH_DAYS,
    ),
    Metric(
        "audiencePenetration",
        "Part of the target audience of an account, campaign group or campaign that saw the ad, as LinkedIn estimates "
        "for ranges of at most 92 days",
        Kind.RATE,
        unit="a share from 0 to 1",
        since="202411",
        members=False,
        audience=True,
        additive=False,
        max_days=_REACH_DAYS,
    ),
    Metric(
        "averageDwellTime",
        "How long at least half of the ad stayed in view, on average",
        Kind.RATE,
        unit="seconds",
        since="202411",
        additive=False,
    ),
    Metric("appointmentsScheduled", "Appointments made through the ad", since="202605"),
    Metric("videoWatchTime", "How long the video was watched, all views together", unit=_WATCHED, since="202601"),
    Metric(
        "averageVideoWatchTime",
        "How long a view of the video lasted, on average",
        Kind.RATE,
        unit=_WATCHED,
        since="202601",
        additive=False,
    ),
    Metric("eventViews", "Times the event was watched", since="202601"),
    Metric("eventWatchTime", "How long the event was watched, all views together", unit=_WATCHED, since="202601"),
    Metric(
        "averageEventWatchTime",
        "How long a view of the event lasted, on average",
        Kind.RATE,
        unit=_WATCHED,
        since="202601",
        additive=False,
    ),
    Metric("costPerEventView", "Cost divided by views of the event", Kind.MONEY, since="202601", additive=False),
    *(
        Metric(f"eventViews{step}", f"Times the event was watched for more than {time}", since="202601")
        for step, time in _EVENT_STEPS.items()
    ),
    *(
        Metric(
            f"averageEventWatchTime{step}",
            f"How long a view of the event of more than {time} lasted, on average",
            Kind.RATE,
            unit=_WATCHED,
            since="202601",
            additive=False,
        )
        for step, time in _EVENT_STEPS.items()
    ),
    *(
        Metric(
            f"costPerEventView{step}",
            f"Cost divided by views of the event of more than {time}",
            Kind.MONEY,
            since="202601",
            additive=False,
        )
        for step, time in _EVENT_STEPS.items()
    ),
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


def allowed(metrics: Iterable[Metric], *, pivots: Sequence[str], version: str, days: int) -> tuple[Metric, ...]:
    """Keep the metrics that LinkedIn returns for these pivots, API version and length of range; others cause a 400."""
    base = version.partition(".")[0]
    return tuple(
        metric
        for metric in metrics
        if (metric.since is None or metric.since <= base)
        and metric.serves(*pivots)
        and (metric.max_days is None or days <= metric.max_days)
    )
