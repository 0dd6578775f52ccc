"""How every metric follows from impressions: its parent, its rate, which ads have it, and how late it settles."""

from __future__ import annotations

from dataclasses import dataclass

from lac_pipeline.linkedin.metrics import BY_NAME, Metric


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of another metric, between two bounds, for ads with one of the tags (or all, when there are none)."""

    parent: str
    low: float
    high: float
    lag: str = "click"
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of other metrics."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scaled:
    """Another metric times a fixed number per creative, as watch time is."""

    parent: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """A quotient, made from sums over the whole row, so it does not add up.

    Attributes:
        above: the numerator.
        below: the denominator; the metric is absent where it is zero.
        unit: what one unit of the numerator is worth, such as 1/1000 for milliseconds.
    """

    above: str
    below: str
    unit: float = 1.0


Recipe = Rate | Total | Scaled | Ratio

_QUARTERS = ("FirstQuartileCompletions", "MidpointCompletions", "ThirdQuartileCompletions", "Completions")


def _rates(lines: str, *, lag: str = "click", tags: str = "") -> dict[str, Recipe]:
    """Read lines of `name parent low high`."""
    rows = (line.split() for line in lines.strip().splitlines())
    only = frozenset(tags.split())
    return {name: Rate(parent, float(low), float(high), lag, only) for name, parent, low, high in rows}


def _steps(prefix: str, first: str, tag: str) -> dict[str, Recipe]:
    """Quartiles, each a share of the one before."""
    parents = [first, *(f"{prefix}{step}" for step in _QUARTERS)]
    return {name: Rate(parents[n], 0.55, 0.85, "delivery", frozenset({tag})) for n, name in enumerate(parents[1:])}


def _post(prefix: str, parent: str, low: float, high: float, tag: str) -> dict[str, Recipe]:
    """A conversion as the sum of what followed a click and what followed a view."""
    head, tail = ("externalWebsite", prefix.removeprefix("externalWebsite")) if "Website" in prefix else ("", prefix)
    names = [f"{head}{way}{tail[0].upper()}{tail[1:]}" for way in ("PostClick", "PostView")]
    click, view = names if head else [f"p{name[1:]}" for name in names]
    only = frozenset({tag})
    return {
        click: Rate(parent, low, high, "conversion", only),
        view: Rate(parent, low / 3, high / 3, "conversion", only),
        prefix: Total((click, view)),
    }


RECIPES: dict[str, Recipe] = {
    **_rates("""
        clicks impressions 0.004 0.015
        landingPageClicks clicks 0.55 0.85
        companyPageClicks clicks 0.02 0.08
        actionClicks clicks 0.01 0.05
        likes impressions 0.0008 0.004
        comments likes 0.03 0.12
        commentLikes comments 0.1 0.5
        shares likes 0.03 0.15
        reactions likes 1.0 1.0
        follows clicks 0.01 0.05
        otherEngagements clicks 0.05 0.2
        subscriptionClicks clicks 0.0 0.01
        fullScreenPlays videoStarts 0.02 0.08
    """),
    "totalEngagements": Total(("clicks", "likes", "comments", "shares", "follows", "otherEngagements")),
    **_rates("adUnitClicks clicks 0.3 0.6\ntextUrlClicks clicks 0.2 0.4", tags="text"),
    **_rates("headlineImpressions impressions 0.5 0.9\nheadlineClicks clicks 0.2 0.5", tags="image"),
    **_rates("cardImpressions impressions 1.0 1.0\ncardClicks clicks 0.5 0.9", tags="carousel"),
    **_rates("sends impressions 1.0 1.0\nopens sends 0.3 0.6", lag="delivery", tags="message"),
    **_rates("videoStarts impressions 0.5 0.8\nvideoViews videoStarts 0.4 0.7", lag="delivery", tags="video"),
    **_steps("video", "videoStarts", "video"),
    **_rates("downloadClicks clicks 0.1 0.3", tags="document"),
    **_steps("document", "clicks", "document"),
    **_rates(
        """
        oneClickLeadFormOpens clicks 0.35 0.7
        oneClickLeads oneClickLeadFormOpens 0.1 0.3
        validWorkEmailLeads oneClickLeads 0.5 0.8
        qualifiedLeads oneClickLeads 0.15 0.4
    """,
        lag="lead",
        tags="leads",
    ),
    **_rates(
        """
        leadGenerationMailContactInfoShares opens 0.01 0.05
        leadGenerationMailInterestedClicks opens 0.02 0.06
    """,
        lag="lead",
        tags="message",
    ),
    **_post("externalWebsiteConversions", "landingPageClicks", 0.05, 0.18, "conversions"),
    **_post("registrations", "landingPageClicks", 0.01, 0.05, "conversions"),
    **_post("jobApplyClicks", "clicks", 0.1, 0.3, "jobs"),
    **_post("jobApplications", "jobApplyClicks", 0.2, 0.5, "jobs"),
    **_rates("appointmentsScheduled oneClickLeads 0.05 0.2", lag="lead", tags="leads"),
    **_rates("talentLeads clicks 0.01 0.05", lag="lead", tags="jobs"),
    **_rates("eventViews impressions 0.01 0.05\neventViewsOver15Seconds eventViews 0.5 0.8", tags="event"),
    **_rates("eventViewsOver30Seconds eventViewsOver15Seconds 0.5 0.8", tags="event"),
    **_rates("eventViewsOver2Minutes eventViewsOver30Seconds 0.2 0.5", tags="event"),
    "videoWatchTime": Scaled("videoViews", 4, 22),
    "eventWatchTime": Scaled("eventViews", 30, 400),
    "averageVideoWatchTime": Ratio("videoWatchTime", "videoViews"),
    "averageEventWatchTime": Ratio("eventWatchTime", "eventViews"),
    "averageEventWatchTimeOver15Seconds": Ratio("eventWatchTime", "eventViewsOver15Seconds"),
    "averageEventWatchTimeOver30Seconds": Ratio("eventWatchTime", "eventViewsOver30Seconds"),
    "averageEventWatchTimeOver2Minutes": Ratio("eventWatchTime", "eventViewsOver2Minutes"),
    "dwellMilliseconds": Scaled("impressions", 1800, 5200),
    "averageDwellTime": Ratio("dwellMilliseconds", "impressions", 0.001),
    "costPerQualifiedLead": Ratio("costInLocalCurrency", "qualifiedLeads"),
    "costPerEventView": Ratio("costInLocalCurrency", "eventViews"),
    "costPerEventViewOver15Seconds": Ratio("costInLocalCurrency", "eventViewsOver15Seconds"),
    "costPerEventViewOver30Seconds": Ratio("costInLocalCurrency", "eventViewsOver30Seconds"),
    "costPerEventViewOver2Minutes": Ratio("costInLocalCurrency", "eventViewsOver2Minutes"),
}
"""Each metric that is not a base (impressions, costs, conversion value, reach) or the viral twin of another one."""


def _twin(name: str) -> str | None:
    """The metric of which this is the viral twin."""
    bare = name.removeprefix("viral")
    return None if bare == name else bare[0].lower() + bare[1:]


def recipe_of(name: str) -> Recipe | None:
    """How a metric is made; None for the base ones."""
    if name in RECIPES or name == "viralImpressions":
        return RECIPES.get(name) or Rate("impressions", 0.01, 0.05, "delivery")
    twin = _twin(name)
    if twin is None:
        return None
    return Rate(twin, 0.01, 0.06)


def engages(name: str) -> bool:
    """Whether the metric counts what members do, and not what is delivered to them or costs."""
    recipe = recipe_of(name)
    if isinstance(recipe, Scaled):
        return engages(recipe.parent)
    if isinstance(recipe, Rate):
        return recipe.lag != "delivery" and not name.endswith("Impressions")
    return isinstance(recipe, Total) or name == "conversionValueInLocalCurrency"


def additive(name: str) -> bool:
    """Whether the metric is a sum, also the hidden ones that feed a quotient."""
    metric: Metric | None = BY_NAME.get(name)
    return metric is None or metric.additive
