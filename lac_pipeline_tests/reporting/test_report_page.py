"""What the report shows, and what it must never hold."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from lac_pipeline.reporting.amounts import money, percent, plain, short
from lac_pipeline.reporting.charts import daily_chart, scale
from lac_pipeline.reporting.ranking import best_and_weakest
from lac_pipeline.reporting.report import render_report, templates
from lac_pipeline.reporting.snapshot_document import LeadGeneration
from lac_pipeline.reporting.wording import format_segment
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.reporting.account_rows import (
    AS_OF,
    Rows,
    account,
    campaign,
    creative,
    segment,
    snapshot_of,
    spent,
    sums,
)

NASTY = """<script>alert("x")</script> & 'quotes' 🚀 <b>"""


class Balanced(HTMLParser):
    """Remembers which elements are open, and every tag that was seen."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        self.seen.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See an element without content."""
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Remember the text."""
        self.text.append(data)


def parsed(page: str) -> Balanced:
    """The page as a browser reads it."""
    parser = Balanced()
    parser.feed(page)
    parser.close()
    return parser


def rows(name: str = "Spring", currency: str = "EUR") -> Rows:
    """An account of two campaigns, a creative and a segment, all of this name."""
    return Rows(
        account=account(name=name, currency=currency),
        campaigns=[campaign(1, name=name, objective_type="LEAD_GENERATION", status=name), campaign(2, name=name)],
        campaign_sums=[
            *spent(1, "1234.5", impressions=5000, clicks=50, one_click_leads=4),
            *spent(2, "99", impressions=10, clicks=1),
        ],
        creative_sums=[{**creative(5, "1234.5", name=name, impressions=5000), "review_status": name}],
        day_sums=[{"date": AS_OF, **sums("1333.5", impressions=5010, clicks=51, one_click_leads=4)}],
        segment_sums=[segment("urn:li:title:9", 500, pivot=name)],
        rejections={name: 1},
    )


def test_names_are_shown_as_they_are_and_never_run() -> None:
    """Names are other people's text: markup in them is text on the page."""
    page = parsed(render_report(snapshot_of(rows(NASTY), **{"urn:li:title:9": NASTY})))
    assert "script" not in page.seen
    assert "b" not in page.seen
    assert page.text.count(NASTY) >= 6


def test_the_page_is_well_formed() -> None:
    """Every element that is opened is closed, in order."""
    assert parsed(render_report(snapshot_of(rows(NASTY)))).open == []


def test_the_page_needs_nothing_but_itself() -> None:
    """No script, no link, no address of anything that would be fetched."""
    page = render_report(snapshot_of(rows()))
    assert parsed(page).seen.isdisjoint({"script", "link", "img", "iframe", "a"})
    assert re.findall(r"https?:|url\(|@import|src=|href=", page) == []


def test_the_same_snapshot_makes_the_same_page() -> None:
    """The page holds no clock."""
    assert render_report(snapshot_of(rows())) == render_report(snapshot_of(rows()))


def test_an_account_without_activity_has_a_page() -> None:
    """There is nothing to chart, and the page does not pretend that there were."""
    page = parsed(render_report(snapshot_of(Rows())))
    assert "Nothing was delivered in the 90 days to 20 November 2026." in page.text
    assert "svg" not in page.seen


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("1234.5", "EUR", "€1,234.50"),
        ("1234.5", "JPY", "¥1,235"),
        ("1234.5", "KWD", "1,234.500 KWD"),
        ("-0.5", "USD", "\N{MINUS SIGN}$0.50"),
        ("123456.78", "USD", "$123,457"),
        ("7", None, "7.00"),
        ("0.125", "EUR", "€0.13"),
        ("-0.001", "EUR", "€0.00"),
        ("1" + 40 * "0" + ".4", "EUR", f"€10{13 * ',000'}"),
    ],
)
def test_money_has_the_digits_of_its_currency(amount: str, currency: str | None, shown: str) -> None:
    """Yen have no smaller unit, dinars have thousandths."""
    assert money(Decimal(amount), currency) == shown


def test_a_report_in_yen_shows_no_cents() -> None:
    """No amount of the page has a fraction."""
    text = " ".join(parsed(render_report(snapshot_of(rows(currency="JPY")))).text)
    assert re.findall(r"¥[\d,]+\.\d", text) == []
    assert "¥1,235" in text


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15))
def test_plain_text_is_the_exact_number(value: Decimal) -> None:
    """Text and number are the same, and the text has no exponent."""
    assert Decimal(plain(value)) == value
    assert re.fullmatch(r"-?\d+(\.\d+)?", plain(value))


@pytest.mark.parametrize(
    ("share", "shown"), [("0.123456", "12.35 %"), ("0.000005", "0.00 %"), ("0.00005", "0.01 %"), ("12.5", "1,250.00 %")]
)
def test_a_share_is_a_percentage(share: str, shown: str) -> None:
    """Ties are rounded away from zero, as everywhere."""
    assert percent(Decimal(share)) == shown


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value="0.01", max_value=10**12, places=2))
def test_an_axis_holds_its_highest_bar(highest: Decimal) -> None:
    """The axis ends at a round number at or above the highest value, with few ticks, all different when written."""
    top, ticks = scale(highest)
    assert ticks[0] == 0
    assert ticks[-1] == top >= highest
    assert len(ticks) <= 6
    assert all(short(tick) for tick in ticks)


def test_campaigns_are_judged_by_what_they_are_for() -> None:
    """A lead campaign by its cost per lead, one for visits by its cost per click, against those with its objective."""
    leads = {"objective_type": "LEAD_GENERATION"}
    visits = {"objective_type": "WEBSITE_VISIT"}
    campaigns = [campaign(1, **leads), campaign(2, **leads), campaign(3, **visits), campaign(4, **visits)]
    given_sums = [
        *spent(1, "100", one_click_leads=10, clicks=1),
        *spent(2, "100", one_click_leads=2, clicks=90),
        *spent(3, "100", clicks=100),
        *spent(4, "100", clicks=10),
    ]
    best, weakest = best_and_weakest(snapshot_of(Rows(campaigns=campaigns, campaign_sums=given_sums)).campaigns)
    assert [row.id for row in best] == [3, 1]
    assert [row.id for row in weakest] == [4, 2]


@pytest.mark.parametrize(
    ("objective", "measure", "counts", "cost"),
    [
        ("LEAD_GENERATION", "cpl", {"one_click_leads": 4}, "25"),
        ("WEBSITE_CONVERSION", "cost_per_conversion", {"external_website_conversions": 8}, "12.5"),
        ("WEBSITE_CONVERSIONS", "cost_per_conversion", {"external_website_conversions": 8}, "12.5"),
        ("VIDEO_VIEW", "cost_per_view", {"video_views": 1000}, "0.1"),
        ("WEBSITE_VISIT", "cpc", {"clicks": 50}, "2"),
        ("ENGAGEMENT", "cpc", {"clicks": 50}, "2"),
        ("BRAND_AWARENESS", "cpm", {"impressions": 4000}, "25"),
    ],
)
def test_each_objective_has_its_measure(objective: str, measure: str, counts: dict[str, Any], cost: str) -> None:
    """What a campaign is for decides which of its results are counted, and against whom."""
    campaigns = [campaign(1, objective_type=objective), campaign(2, objective_type=objective)]
    given_sums = [*spent(1, "100", **counts), *spent(2, "300", **counts)]
    snapshot = snapshot_of(Rows(campaigns=campaigns, campaign_sums=given_sums))
    [assessment] = [entry.assessment for entry in snapshot.campaigns if entry.id == 1]
    assert assessment is not None
    assert (assessment.measure, assessment.cost, assessment.compared) == (measure, Decimal(cost), 2)
    assert (assessment.average, assessment.against_average) == (2 * Decimal(cost), Decimal("0.5"))


def test_no_campaign_is_judged_against_another_objective() -> None:
    """An awareness campaign's stray lead makes no lead campaign look dear, and one that is alone is not judged."""
    objectives = {1: "LEAD_GENERATION", 2: "BRAND_AWARENESS", 3: "VIDEO_VIEW", 4: None, 5: None, 6: "SOMETHING_NEW"}
    campaigns = [campaign(campaign_id, objective_type=objective) for campaign_id, objective in objectives.items()]
    counts: dict[str, Any] = {"impressions": 9000, "clicks": 90, "one_click_leads": 9, "video_views": 99}
    rows = Rows(
        campaigns=campaigns,
        campaign_sums=[row for campaign_id in objectives for row in spent(campaign_id, "100", **counts)],
    )
    snapshot = snapshot_of(rows)
    assert [entry.assessment for entry in snapshot.campaigns] == [None] * 6
    assert "Value for money" not in parsed(render_report(snapshot)).text


def test_the_headline_is_the_cost_of_a_lead_of_lead_campaigns() -> None:
    """What was spent on awareness is no part of CPL, neither in the snapshot nor on the page."""
    campaigns = [campaign(1, objective_type="LEAD_GENERATION"), campaign(2, objective_type="BRAND_AWARENESS")]
    given_sums = [*spent(1, "300", impressions=1000, one_click_leads=6), *spent(2, "900", impressions=9, clicks=1)]
    days = [{"date": AS_OF, **sums("1200", impressions=1009, one_click_leads=6)}]
    snapshot = snapshot_of(Rows(campaigns=campaigns, campaign_sums=given_sums, day_sums=days))
    month = snapshot.performance.last_30_days
    assert (month.ratios.cpl, month.ratios.spend_per_lead) == (Decimal(50), Decimal(200))
    assert month.lead_generation == LeadGeneration(cost_in_local_currency=Decimal(300), one_click_leads=6)
    assert {
        entry.id: entry.performance.last_30_days.ratios.cpl for entry in snapshot.campaigns if entry.performance
    } == {
        1: 50,
        2: None,
    }
    text = " ".join(parsed(render_report(snapshot)).text)
    assert "6 leads; a lead of the lead generation campaigns cost €50.00." in text
    assert "€200.00" not in text


def test_without_a_lead_campaign_there_is_no_cpl() -> None:
    """Leads that other campaigns brought along are counted, and not divided into what those cost."""
    rows = Rows(
        campaigns=[campaign(2, objective_type="ENGAGEMENT")],
        campaign_sums=spent(2, "900", impressions=9, clicks=3, one_click_leads=1),
        day_sums=[{"date": AS_OF, **sums("900", impressions=9, clicks=3, one_click_leads=1)}],
    )
    snapshot = snapshot_of(rows)
    assert snapshot.performance.last_30_days.ratios.cpl is None
    assert "and 1 lead; a click cost €300.00." in " ".join(parsed(render_report(snapshot)).text)


def test_a_creative_has_the_cpl_of_its_campaign() -> None:
    """Ads of a lead campaign have a cost per lead, ads of others have none."""
    campaigns = [campaign(1, objective_type="LEAD_GENERATION"), campaign(2, objective_type="VIDEO_VIEW")]
    ads = [creative(5, "80", one_click_leads=2), {**creative(6, "80", one_click_leads=2), "campaign_id": 2}]
    snapshot = snapshot_of(Rows(campaigns=campaigns, creative_sums=ads))
    assert {row.id: row.ratios.cpl for row in snapshot.top_creatives} == {5: 40, 6: None}


def test_a_campaign_without_result_is_the_weakest() -> None:
    """Money without a single lead is worse than any price of a lead."""
    leads = {"objective_type": "LEAD_GENERATION"}
    given_sums = [*spent(1, "100", one_click_leads=1), *spent(2, "50")]
    snapshot = snapshot_of(Rows(campaigns=[campaign(1, **leads), campaign(2, **leads)], campaign_sums=given_sums))
    assert best_and_weakest(snapshot.campaigns)[1][0].id == 2


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Software Development", "Software Development"),
        ("urn:li:staffCountRange:(11,50)", "11 to 50 employees"),
        ("(1,1)", "1 employee"),
        ("(10001,2147483647)", "10,001 or more employees"),
        ("2 to 10 employees", "2 to 10 employees"),
        ("urn:li:title:9", "Title 9"),
        ("urn:li:sponsoredConversationNode:1", "Sponsored conversation node 1"),
    ],
)
def test_segments_are_shown_in_words(name: str, shown: str) -> None:
    """A company size is words; a segment that LinkedIn does not name keeps its kind and number."""
    (split,) = snapshot_of(Rows(segment_sums=[segment(name, 10)])).audience.demographics
    assert format_segment(split.segments[0]) == shown


def test_the_audience_notes_that_its_months_are_whole() -> None:
    """The daily numbers may begin within the first of them, so the page notes that its audience does not."""
    text = " ".join(parsed(render_report(snapshot_of(rows()))).text)
    assert "Months are whole, also where the daily numbers begin within one." in text


def test_attributes_are_escaped_too() -> None:
    """A quotation mark in a title cannot end the attribute."""
    page = templates().from_string('<svg title="{{ title }}"></svg>').render(title='"><script>')
    assert page == '<svg title="&#34;&gt;&lt;script&gt;"></svg>'


def test_notes_are_on_the_page() -> None:
    """The page shows what makes its numbers doubtful."""
    rejected = replace(rows(), rejections={"campaigns": 3})
    text = " ".join(parsed(render_report(snapshot_of(rejected))).text)
    assert "3 records that LinkedIn sent were invalid" in text


def test_control_characters_stand_as_text() -> None:
    """HTML allows no escape character, and a direction would turn the page's own text round."""
    page = render_report(snapshot_of(rows("a\x1b[1m\u202e\x7f")))
    assert parsed(page).text.count("a\\x1b[1m\\u202e\\u007f") >= 4
    assert set("\x1b\u202e\x7f").isdisjoint(page)


def test_the_templates_know_every_name_that_they_use() -> None:
    """A misspelt name in a template is an error, and no gap on the page."""
    with pytest.raises(UndefinedError, match="spent"):
        templates().from_string("{{ spent }}").render()


def test_an_unknown_day_is_no_zero_in_a_chart() -> None:
    """No average of seven days includes a day whose number is unknown; the line has a gap there."""
    window = DateWindow.inclusive(date(2026, 11, 1), date(2026, 11, 20))
    known: dict[date, int | None] = dict.fromkeys(window, 10)
    whole = daily_chart(known, window, label="clicks", write=str)
    gap = daily_chart(known | {date(2026, 11, 9): None}, window, label="clicks", write=str)
    assert ([len(piece) for piece in whole.average], whole.unknown) == ([14], 0)
    assert ([len(piece) for piece in gap.average], gap.unknown) == ([2, 5], 1)
    assert len({y for piece in gap.average for _, y in piece}) == 1
