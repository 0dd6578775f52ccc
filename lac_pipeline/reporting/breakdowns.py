"""The report's breakdowns: campaigns, creatives and audience."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from lac_pipeline.ratios import ratio, rounded, total
from lac_pipeline.reporting.amounts import UNKNOWN, count, money, percent, plain
from lac_pipeline.reporting.charts import share_bar
from lac_pipeline.reporting.html import Child, Html, element, join, table
from lac_pipeline.reporting.ranking import best_and_weakest, metrics_of, spend_of
from lac_pipeline.reporting.snapshot_document import AccountSnapshot, Assessment, CampaignSnapshot, Demographic
from lac_pipeline.reporting.wording import CPL_TOLD, PIVOTS, RESULTS, TIMES, section, segment_told, words

CAMPAIGNS_SHOWN = 12
SEGMENTS_SHOWN = 6


def campaigns(snapshot: AccountSnapshot) -> Html:
    """The campaigns that cost most in the last 30 days."""
    active = sorted((one for one in snapshot.campaigns if spend_of(one)), key=lambda one: (-spend_of(one), one.id))
    spend = total(spend_of(one) for one in active)
    currency = snapshot.account.currency
    headings: list[Child] = ["Campaign", "Spend", "Share", "Impressions", "CTR", "CPC", "Leads", "CPL"]
    caption = (
        f"{min(len(active), CAMPAIGNS_SHOWN)} of {len(active)} campaigns that delivered in the last 30 days. {CPL_TOLD}"
    )
    rows = [_campaign_row(one, spend, currency) for one in active[:CAMPAIGNS_SHOWN]]
    shown = table(headings, rows, narrow={0, 1, 4, 7}, caption=caption)
    return section("Campaigns by spend", element("div", shown, class_="card"))


def _campaign_row(campaign: CampaignSnapshot, whole: Decimal, currency: str | None) -> list[Child]:
    metrics = metrics_of(campaign)
    ratios = campaign.performance.last_30_days.ratios if campaign.performance else None
    share = ratio(spend_of(campaign), whole)
    return [
        campaign_told(campaign),
        money(metrics.cost_in_local_currency, currency),
        join(percent(share, 0), share_bar(share or 0, title=f"{percent(share)} of the spend")),
        count(metrics.impressions),
        percent(ratios.ctr if ratios else None),
        money(ratios.cpc if ratios else None, currency),
        count(metrics.one_click_leads),
        money(ratios.cpl if ratios else None, currency),
    ]


def campaign_told(campaign: CampaignSnapshot) -> Html:
    """A campaign's name, and beneath it its objective and status."""
    objective = words(campaign.settings.objective_type) if campaign.settings else ""
    status = "no longer at LinkedIn" if campaign.removed else words(campaign.status).lower()
    beneath = " · ".join(part for part in (objective, status) if part)
    return join(campaign.name or f"Campaign {campaign.id}", element("small", beneath))


def value(snapshot: AccountSnapshot) -> Html | None:
    """The campaigns that gave most, and those that gave least, for their money."""
    best, weakest = best_and_weakest(snapshot.campaigns)
    if not best and not weakest:
        return None
    currency = snapshot.account.currency
    return section(
        "Value for money",
        element(
            "p",
            "Each campaign against the others with its objective, by what it is for: the cost of a lead, of a website "
            "conversion, of a video view, of a click, or of a thousand impressions. A campaign that is alone with its "
            "objective, or under 1 % of the spend, is not judged. Last 30 days.",
            class_="soft",
        ),
        element("div", _verdicts("Best", best, currency), _verdicts("Weakest", weakest, currency), class_="grid two"),
    )


def _verdicts(title: str, campaigns: Sequence[CampaignSnapshot], currency: str | None) -> Html:
    rows: list[list[Child]] = [
        [campaign_told(one), money(spend_of(one), currency), _verdict(one.assessment, currency)]
        for one in campaigns
        if one.assessment is not None
    ]
    shown = table(["Campaign", "Spend", "Cost of a result"], rows, narrow={0, 1, 2})
    return element("div", element("h3", title), shown, class_="card")


def _verdict(assessment: Assessment, currency: str | None) -> Html:
    result = RESULTS[assessment.measure]
    if assessment.cost is None or assessment.against_average is None:
        return element("span", f"no {result}", class_="bad")
    times = plain(rounded(assessment.against_average, 1))
    against = f"{times} {TIMES} the average of {assessment.compared}"
    return join(f"{money(assessment.cost, currency)} per {result}", element("small", against))


def creatives(snapshot: AccountSnapshot) -> Html | None:
    """The creatives that cost most in the last 30 days."""
    currency = snapshot.account.currency
    rows: list[list[Child]] = [
        [
            join(one.name or f"Creative {one.id}", element("small", one.campaign_name or "")),
            money(one.metrics.cost_in_local_currency, currency),
            count(one.metrics.impressions),
            percent(one.ratios.ctr),
            money(one.ratios.cpc, currency),
            count(one.metrics.one_click_leads),
            words(one.review_status) or UNKNOWN,
        ]
        for one in snapshot.top_creatives
    ]
    if not rows:
        return None
    headings: list[Child] = ["Creative", "Spend", "Impressions", "CTR", "CPC", "Leads", "Review"]
    shown = table(headings, rows, narrow={0, 1, 3}, caption="Those that cost most in the last 30 days.")
    return section("Creatives", element("div", shown, class_="card"))


def audience(snapshot: AccountSnapshot) -> Html | None:
    """The largest segments of each split of the audience."""
    splits = [split for split in snapshot.audience.demographics if split.segments]
    if not splits:
        return None
    since, until = snapshot.audience.since, snapshot.audience.until
    months = (
        f"{since:%B %Y} to {until:%B %Y}, share of impressions. Months are whole, also where the daily numbers begin "
        "within one. LinkedIn leaves out segments with few members."
    )
    return section(
        "Audience",
        element("p", months, class_="soft"),
        element("div", *(_split(split) for split in splits), class_="grid two audience"),
    )


def _split(split: Demographic) -> Html:
    largest = max((one.share_of_impressions or Decimal(0) for one in split.segments), default=Decimal(1)) or Decimal(1)
    rows: list[list[Child]] = [
        [
            join(
                segment_told(one),
                share_bar((one.share_of_impressions or 0) / largest, title=percent(one.share_of_impressions)),
            ),
            percent(one.share_of_impressions, 1),
            percent(one.ctr),
        ]
        for one in split.segments[:SEGMENTS_SHOWN]
    ]
    title = PIVOTS.get(split.pivot_type, words(split.pivot_type.removeprefix("MEMBER_")))
    shown = table(["", "Share", "CTR"], rows, narrow={0, 1, 2})
    return element("div", element("h3", title), shown, class_="card")
