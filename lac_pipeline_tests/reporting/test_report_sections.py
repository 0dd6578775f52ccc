"""The report's sections: each is on the page where it has something to show, with the numbers of the snapshot."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import pytest

from lac_pipeline.linkedin.pivots import pivot_of
from lac_pipeline.reporting.activity import Baseline
from lac_pipeline.reporting.amounts import MINUS, UNKNOWN
from lac_pipeline.reporting.periods import comparisons
from lac_pipeline.reporting.report import render_report
from lac_pipeline.reporting.snapshot import build_snapshot
from lac_pipeline_tests.reporting.account_rows import (
    ACCOUNT,
    AS_OF,
    SYNCED,
    Row,
    Rows,
    attempt,
    campaign,
    segment,
    snapshot_of,
    spent,
    sums,
)

SECTIONS = ("Campaign groups", "Budgets", "Conversions by rule", "Reach", "By device", "Changed since the last report")
MONTH = comparisons(AS_OF)["last_30_days"]


class Page(HTMLParser):
    """The page's sections: headings, and the text of each table row below them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: dict[str, list[str]] = {}
        self._heading, self._open = "", ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a heading, a row or another element."""
        self._open = tag
        if tag == "h2":
            self._heading = ""
        if tag == "tr":
            self.rows[self._heading].append("")

    def handle_data(self, data: str) -> None:
        """Take a heading's or a row's text; titles of bars are none."""
        if self._open == "h2" and data.strip():
            self._heading += data.strip()
            self.rows.setdefault(self._heading, [])
        elif data.strip() and self._heading and self.rows[self._heading] and self._open not in ("title", "h3", "p"):
            self.rows[self._heading][-1] = f"{self.rows[self._heading][-1]} {data.strip()}".strip()


def page_of(rows: Rows, baseline: Baseline = Baseline()) -> Page:  # noqa: B008  frozen
    """The page of these rows."""
    return Page(render_report(build_snapshot(ACCOUNT, AS_OF, rows, states=[], names={}, baseline=baseline)))


def plain() -> Rows:
    """An account with a campaign and nothing else that a section of its own would show."""
    return Rows(
        campaigns=[campaign(1)],
        campaign_sums=spent(1, "100", impressions=1000, clicks=50),
        day_sums=[{"date": AS_OF, **sums("100", impressions=1000, clicks=50)}],
    )


def full() -> Rows:
    """An account in which every section has something to show."""
    return replace(
        plain(),
        campaigns=[campaign(1), campaign(2, campaign_group_id=8)],
        campaign_groups=[
            {"id": 7, "name": "Always on", "status": "ACTIVE"},
            {"id": 8, "name": "Brand", "status": "PAUSED"},
        ],
        campaign_sums=[*spent(1, "100", impressions=1000, clicks=50), *spent(2, "300", impressions=3000, clicks=60)],
        pacing=[budget(1, daily="20")],
        conversion_sums=[
            rule(5, 30, MONTH.current.start),
            rule(6, 4, MONTH.current.start),
            rule(5, 20, MONTH.previous.start),
        ],
        reach=[reached(date(2026, 10, 1), 1234, complete=True), reached(date(2026, 11, 1), 900, complete=False)],
        breakdown_sums=[device("MOBILE_APP", 750), device("DESKTOP_WEB", 250)],
        restated_sums=[restated(date(2026, 11, 2), "-1.25", 3)],
        attempts=[attempt(), attempt("conversion_daily_metrics"), attempt("campaign_daily_breakdowns")],
    )


def budget(campaign_id: int, daily: str, **values: object) -> Row:
    """A row of the view campaign_pacing."""
    about = {"campaign_id": campaign_id, "campaign_name": "Spring", "campaign_status": "ACTIVE"}
    money = {"daily_budget_amount": Decimal(daily), "daily_budget_currency": "EUR"}
    none = dict.fromkeys(
        ("total_budget_amount", "total_budget_currency", "spend_to_date", "share_of_budget", "share_of_time", "pacing")
    )
    begun = {"run_schedule_start": SYNCED - timedelta(days=90), "run_schedule_end": None}
    return {**about, **money, **none, **begun, **values}


def rule(key: int, count: int, start: date) -> Row:
    """Conversions by a rule in the period that begins on this day."""
    about = {"conversion_id": key, "name": f"Rule {key}", "type": "SIGN_UP", "attribution_type": None, "start": start}
    counts = {"external_website_post_click_conversions": count, "external_website_post_view_conversions": 0}
    return {**about, "external_website_conversions": count, **counts, "conversion_value_in_local_currency": Decimal(9)}


def reached(month: date, members: int, *, complete: bool) -> Row:
    """The account's reach in a month."""
    about = {"month": month, "level": "account", "entity_id": ACCOUNT, "entity_name": "Northwind", "impressions": 9}
    estimate = {
        "approximate_member_reach": members,
        "frequency": Decimal("2.54"),
        "audience_penetration": Decimal("0.4"),
    }
    return {**about, **estimate, "complete": complete, "read_through": date(2026, 11, 20)}


def device(value: str, impressions: int) -> Row:
    """A device's sums."""
    about = {"breakdown": "IMPRESSION_DEVICE_TYPE", "value": value, "name": None, "impressions": impressions}
    return {**about, "clicks": 10, "cost_in_local_currency": Decimal(impressions), "one_click_leads": 0}


def restated(day: date, cost: str, clicks: int) -> Row:
    """By how much LinkedIn changed a day."""
    moved = {"cost_in_local_currency": Decimal(cost), "clicks": clicks, "impressions": 0, "one_click_leads": 0}
    return {"date": day, "campaigns": 1, "seen_at": SYNCED, **moved, "external_website_conversions": 0}


def test_sections_without_data_are_left_out() -> None:
    """An account with spend alone has a page without empty tables."""
    headings = page_of(plain()).rows
    assert "Campaigns by spend" in headings
    assert [name for name in SECTIONS if name in headings] == []


def test_every_section_shows_its_numbers() -> None:
    """Groups, budgets, conversions, reach, devices and restatements are on the page, as the snapshot has them."""
    baseline = Baseline(AS_OF - timedelta(days=1), SYNCED - timedelta(days=1))
    rows = page_of(full(), baseline).rows
    assert rows["Campaign groups"][1:] == [
        "Brand 1 campaign · paused €300.00 0.0 % 75 % 3,000 0.0 % 2.00 % 0.0 % 0 " + UNKNOWN,
        "Always on 1 campaign · active €100.00 0.0 % 25 % 1,000 0.0 % 5.00 % 0.0 % 0 " + UNKNOWN,
    ]
    assert rows["Budgets"][1:] == ["Spring €100.00 €140.00 71 %"]
    assert rows["Conversions by rule"][1:] == ["Rule 5 Sign up 30 +50.0 % 30 0 €9.00", "Rule 6 Sign up 4 4 0 €9.00"]
    assert rows["Reach"][1:] == ["November 2026 so far, to 20 Nov 900 2.5 40 %", "October 2026 1,234 2.5 40 %"]
    assert rows["By device"][1:] == [
        "Mobile app 75.0 % €750.00 75.0 % 10 1.33 % €75.00",
        "Desktop web 25.0 % €250.00 25.0 % 10 4.00 % €25.00",
    ]
    assert rows["Changed since the last report"][1:] == [
        f"2 November 2026 {MINUS}€1.25 0 +3 0 0",
        f"All days {MINUS}€1.25 0 +3 0 0",
    ]


@pytest.mark.parametrize(
    ("breakdown", "values", "shown"),
    [
        ("EVENT_STAGE", {"POST_LIVE": 9, "LIVE": 2, "PRE_LIVE": 5}, ["Pre live", "Live", "Post live"]),
        ("CARD_INDEX", {"0": 5, "2": 9, "1": 7}, ["0", "1", "2"]),
        ("PLACEMENT_NAME", {"LINKEDIN_FEED": 3, "AUDIENCE_NETWORK": 5}, ["Audience network", "LinkedIn feed"]),
        ("CONVERSATION_NODE", {"urn:li:sponsoredConversationNode:1": 5}, ["Sponsored conversation node 1"]),
    ],
)
def test_the_values_of_a_breakdown_are_words_in_their_order(
    breakdown: str, values: dict[str, int], shown: list[str]
) -> None:
    """Stages of an event and cards of a carousel come in their order, all others by size; none is a URN."""
    sums = [{**device(value, impressions), "breakdown": breakdown} for value, impressions in values.items()]
    page = page_of(replace(full(), breakdown_sums=sums, restated_sums=[]))
    found = page.rows[f"By {pivot_of(breakdown).title.lower()}"][1:]
    assert [row.startswith(name) for row, name in zip(found, shown, strict=True)] == [True] * len(shown)


def test_a_post_in_a_breakdown_has_its_name() -> None:
    """A post that was read has its name, cut where it is long; one that could not be read has its URN in words."""
    named = {"urn:li:share:1": "Autumn offer", "urn:li:ugcPost:2": f"<b>{'word ' * 40}", "urn:li:share:3": None}
    sums = [
        {**device(value, 9 - place), "breakdown": "SHARE", "name": name}
        for place, (value, name) in enumerate(named.items())
    ]
    first, second, third = page_of(replace(full(), breakdown_sums=sums, restated_sums=[])).rows["By post"][1:]
    assert first.startswith("Autumn offer ")
    assert second.partition("…")[0] == f"<b>{'word ' * 40}"[:79].strip()
    assert third.startswith("Share 3 ")


def test_a_rule_that_counts_nothing_any_more_is_shown() -> None:
    """Where all days are loaded, no row is zero conversions and a fall; where a day is not, it is unknown."""
    stopped = replace(full(), conversion_sums=[rule(5, 20, MONTH.previous.start)])
    whole, short = (
        snapshot_of(replace(stopped, attempts=[attempt(), attempt("conversion_daily_metrics", **days)])).conversions
        for days in ({}, {"partition_start": AS_OF})
    )
    assert whole is not None
    assert short is not None
    assert [(row.conversions, row.value, row.change) for row in whole] == [(0, Decimal(0), Decimal(-1))]
    assert [(row.conversions, row.value, row.change) for row in short] == [(None, None, None)]


@pytest.mark.parametrize(
    ("now", "before", "kind"),
    [(104, 100, ""), (105, 100, "good"), (96, 100, ""), (90, 100, "bad"), (30, 15, ""), (10, 19, ""), (0, 100, "")],
)
def test_small_changes_and_few_results_have_no_colour(now: int, before: int, kind: str) -> None:
    """Under five percent, or with fewer than twenty results now or before, a change is neither good nor bad."""
    rows = replace(
        plain(),
        campaign_sums=[
            *spent(1, "100", periods=slice(2, 3), clicks=now, impressions=1000),
            *spent(1, "100", periods=slice(3, 4), clicks=before, impressions=1000),
        ],
    )
    page = render_report(snapshot_of(rows))
    [found] = re.findall(r"<dt>Clicks</dt><dd>[\d,]+</dd><dd><span(?: class=\"(\w+)\")?>", page)
    assert found == kind


@pytest.mark.parametrize(
    ("pivot", "names"),
    [
        ("MEMBER_SENIORITY", [f"urn:li:seniority:{n}" for n in range(1, 11)]),
        (
            "MEMBER_COMPANY_SIZE",
            ["SIZE_1", "SIZE_2_TO_10", "SIZE_11_TO_50", "SIZE_1001_TO_5000", "SIZE_10001_OR_MORE"],
        ),
        ("MEMBER_COMPANY_SIZE", [f"urn:li:staffCountRange:({n},9)" for n in (1, 2, 11, 51, 201)]),
    ],
)
def test_what_has_an_order_is_in_that_order(pivot: str, names: list[str]) -> None:
    """Seniorities and company sizes come from the smallest to the largest, whatever their impressions."""
    shuffled = [segment(name, 100 + 37 * n % 50, pivot=pivot) for n, name in enumerate(names)]
    [split] = snapshot_of(
        Rows(segment_sums=sorted(shuffled, key=lambda row: str(row["segment"])))
    ).audience.demographics
    assert [entry.segment for entry in split.segments] == names


def test_ninety_days_are_compared_where_twice_as_many_are_loaded() -> None:
    """Where only 90 days are loaded, the page states what a change of 90 days takes."""
    note = "90 days have none: that takes 180 days, and 90 are loaded."
    short = replace(plain(), attempts=[attempt(partition_start=AS_OF - timedelta(days=89))])
    assert note in render_report(snapshot_of(short))
    assert "have none" not in render_report(snapshot_of(plain()))


def test_what_stands_out_names_the_campaigns_behind_a_change() -> None:
    """The findings of the summary stand at the top of the page."""
    rows = replace(
        plain(), campaign_sums=[*spent(1, "150", periods=slice(2, 3)), *spent(1, "100", periods=slice(3, 4))]
    )
    assert "Spend €150.00, +50\N{NO-BREAK SPACE}%, of which +50 from “Campaign 1”" in render_report(snapshot_of(rows))


def test_a_name_between_backticks_is_code_and_nothing_else() -> None:
    """Commands in notes are shown as code, and what is in them stays text."""
    page = render_report(snapshot_of(replace(plain(), rejections={"campaigns": 1})))
    assert "<code>lac rejects</code>" in page


def test_the_page_of_a_large_account_can_be_mailed() -> None:
    """Lists are cut, so 60 campaigns, 90 days and 900 segments make a page under 150 KB."""
    campaigns = [campaign(n, name=f"Always on, second flight, {n}") for n in range(60)]
    rows = replace(
        full(),
        campaigns=campaigns,
        campaign_sums=[row for n in range(60) for row in spent(n, f"{n}.25", impressions=999_999, clicks=9_999)],
        day_sums=[{"date": AS_OF - timedelta(days=n), **sums("1.5", impressions=10**6, clicks=n)} for n in range(90)],
        segment_sums=[segment(f"urn:li:x:{n}", n, f"MEMBER_{kind}") for kind in range(9) for n in range(1, 101)],
        pacing=[budget(n, "20") for n in range(60)],
        restated_sums=[restated(AS_OF - timedelta(days=n), "1.5", n) for n in range(90)],
    )
    baseline = Baseline(AS_OF - timedelta(days=1), SYNCED - timedelta(days=1))
    snapshot = build_snapshot(ACCOUNT, AS_OF, rows, states=[], names={}, baseline=baseline)
    assert 60_000 < len(render_report(snapshot).encode()) < 150_000


STYLES = files("lac_pipeline.reporting") / "templates"
PAIRS = [(ink, page) for ink in ("ink", "soft", "good", "bad") for page in ("card", "page")] + [("ink", "note")]


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_text_stands_out_from_what_is_behind_it(scheme: str) -> None:
    """Each colour of text has a contrast of at least 4.5 to what it stands on (WCAG 2.2, level AA)."""
    colours = schemes()[scheme]
    low = {pair: contrast(*(colours[name] for name in pair)) for pair in PAIRS}
    assert {pair: value for pair, value in low.items() if value < 4.5} == {}
    assert contrast(colours["bar"], colours["card"]) >= 3


def schemes() -> dict[str, dict[str, str]]:
    """The colours of each scheme; a scheme changes some of the light ones."""
    css = (STYLES / "charts.css").read_text("utf-8") + (STYLES / "report.css").read_text("utf-8")
    light, dark, paper = css, css.partition("prefers-color-scheme: dark")[2], css.partition("@media print")[2]
    own = {name: dict(colours(text)) for name, text in (("light", light.partition("@media")[0]), ("print", paper))}
    own["dark"] = dict(colours(dark.partition("* {")[0]))
    return {name: own["light"] | own[name] for name in own}


def colours(css: str) -> list[tuple[Any, ...]]:
    """The colours that a style defines, without the short form."""
    found = re.findall(r"--(\w+): #([0-9a-f]{3,6})", css)
    return [(name, value if len(value) == 6 else "".join(digit * 2 for digit in value)) for name, value in found]


def contrast(first: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21."""
    light, dark = sorted((luminance(first), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """How light a colour is, from 0 to 1."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
