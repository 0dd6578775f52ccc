"""The table of an asset's page in words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from lac_pipeline.reporting.amounts import UNKNOWN, coded
from lac_pipeline.reporting.overviews import LONGEST_NAME, Table, overview_table
from lac_pipeline.streams import stream_of
from lac_pipeline.streams.custom_reports import report_stream
from lac_pipeline.warehouse.query.overviews import Line, Lines, Named, Part
from lac_pipeline.windows import DateWindow

TODAY = date(2026, 11, 27)
WINDOW = DateWindow(date(2026, 10, 29), date(2026, 11, 28))
MONTHS = DateWindow(date(2026, 9, 1), date(2026, 12, 1))


def table(asset: str, *lines: Line, window: DateWindow | None = None, more: bool = False, currency: str = "EUR") -> Any:  # noqa: ANN401
    """The table of an asset with these lines, or the sentence in its place."""
    stream = stream_of(asset)
    assert stream.overview is not None
    return overview_table(stream, stream.overview, Lines(lines, more, window), currency=currency, today=TODAY)


def test_what_is_unknown_in_every_line_has_no_column() -> None:
    """Leads that were not loaded are no column of dashes; of one line of several they are one dash."""
    lines = [
        Line((name,), 1, (Decimal(1), None, None, leads, None)) for name, leads in (("a", None), ("b", Decimal(2)))
    ]
    assert table("campaign_daily_metrics", *lines, window=WINDOW) == [
        {"Campaign (30 days to 27 Nov 2026)": "a", "Spend": "1.00 EUR", "Leads": UNKNOWN},
        {"Campaign (30 days to 27 Nov 2026)": "b", "Spend": "1.00 EUR", "Leads": "2"},
    ]


def test_money_counts_and_ratios_are_as_people_read_them() -> None:
    """Amounts have the currency's code and digits, counts are grouped, and the rate stands behind its parts."""
    line = Line(("Spring",), 30, (Decimal("8254140.4"), Decimal(1_234_567), Decimal(12_345), Decimal(0), None))
    assert table("campaign_daily_metrics", line, window=WINDOW, currency="JPY") == [
        {
            "Campaign (30 days to 27 Nov 2026)": "Spring",
            "Spend": "8,254,140 JPY",
            "Impressions": "1,234,567",
            "Clicks": "12,345",
            "Click-through rate": "1.00 %",
            "Leads": "0",
        }
    ]


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1234.5", "EUR", "1,234.50 EUR"),
        ("1234.5", "JPY", "1,235 JPY"),
        ("1.5", "KWD", "1.500 KWD"),
        ("-2", "USD", "-2.00 USD"),
    ],
)
def test_an_amount_has_the_digits_of_its_currency(amount: str, currency: str, text: str) -> None:
    """Yen have no smaller unit, dinars have three digits."""
    assert coded(Decimal(amount), currency) == text


def test_records_are_named_with_what_they_were_chosen_by() -> None:
    """A status is in words, the budgets have their own currency, and a long name is cut."""
    named = (Named("Spring", Decimal(300), "EUR"), Named("x" * 99, Decimal(5), "USD"))
    assert table("campaigns", Line(("PENDING_DELETION",), 1200, named=named), Line((None,), 1)) == [
        {
            "Status": "Pending deletion",
            "Campaigns": "1,200",
            "Largest daily budgets": f"Spring (300.00 EUR), {'x' * (LONGEST_NAME - 1)}… (5.00 USD)",
        },
        {"Status": UNKNOWN, "Campaigns": "1", "Largest daily budgets": UNKNOWN},
    ]


def test_the_newest_are_named_with_their_day() -> None:
    """Of creatives, which have no budget, those made last stand for the others."""
    named = (Named("Blue", datetime(2026, 9, 4, tzinfo=UTC), None),)
    (row,) = table("creatives", Line(("ACTIVE", "APPROVED"), 1, named=named))
    assert row["Newest"] == "Blue (4 Sep 2026)"


def parts(*values: str) -> tuple[Part, ...]:
    """Parts of a line, each with less impressions than the one before."""
    return tuple(Part(value, value, (Decimal(100 - place) / 1000,)) for place, value in enumerate(values))


def test_segments_with_an_order_are_shown_in_it() -> None:
    """Seniorities and company sizes stand from the lowest to the highest, and all of them do."""
    sizes = parts(*(f"urn:li:staffCountRange:({low},{low * 2})" for low in (51, 11, 201, 2, 501)))
    rows = table("audience_demographics", Line(("MEMBER_COMPANY_SIZE",), 5, parts=sizes), window=MONTHS)
    assert [row["Segment"] for row in rows] == [
        "2 to 4 employees",
        "11 to 22 employees",
        "51 to 102 employees",
        "201 to 402 employees",
        "501 to 1,002 employees",
    ]


def test_a_campaign_has_its_largest_segments_in_their_order() -> None:
    """Ten campaigns with all of their seniorities would fill several screens."""
    line = Line(
        ("Spring", "MEMBER_SENIORITY"), 5, parts=parts(*(f"urn:li:seniority:{rank}" for rank in (5, 3, 4, 2, 1)))
    )
    rows = table("campaign_demographics", line, window=MONTHS)
    assert [row["Segment"] for row in rows] == ["Seniority 3", "Seniority 4", "Seniority 5"]


def test_of_other_segments_the_largest_are_shown() -> None:
    """Industries have no order, so the first ones tell most; what they split stands beside the first."""
    rows = table("audience_demographics", Line(("MEMBER_INDUSTRY",), 6, parts=parts(*"ABCDEF")), window=MONTHS)
    assert [[*row.values()] for row in rows] == [
        ["Industry", "A", "10 %"],
        ["", "B", "10 %"],
        ["", "C", "10 %"],
    ]
    assert [*rows[0]] == ["Split by (months Sep 2026 to Nov 2026)", "Segment", "Share of impressions"]


def test_the_name_of_a_segment_stays_as_it_is() -> None:
    """Names are not constants of LinkedIn's, although some have only capital letters."""
    line = Line(("MEMBER_SENIORITY",), 1, parts=(Part("urn:li:seniority:8", "CXO", (Decimal(1),)),))
    (row,) = table("audience_demographics", line, window=MONTHS)
    assert row["Segment"] == "CXO"


def test_devices_have_shares_of_each_sum() -> None:
    """The words of a device are read, and an unknown share is no zero."""
    devices = (Part("MOBILE_APP", "MOBILE_APP", (Decimal("0.615"), None)), Part("TV", "TV", (None, Decimal(1))))
    rows = table("campaign_daily_breakdowns", Line(("IMPRESSION_DEVICE_TYPE",), 2, parts=devices), window=WINDOW)
    assert [[*row.values()] for row in rows] == [
        ["Device", "Mobile app", "62 %", UNKNOWN],
        ["", "Tv", UNKNOWN, "100 %"],
    ]


def test_placements_have_linkedins_own_name_and_cards_stand_in_their_order() -> None:
    """LinkedIn is written as its name is, and the second card of a carousel stands before the third."""
    shares = (Decimal("0.5"), Decimal("0.5"))
    placement = Line(("PLACEMENT_NAME",), 2, parts=(Part("LINKEDIN_FEED", "LINKEDIN_FEED", shares),))
    cards = Line(("CARD_INDEX",), 2, parts=tuple(Part(card, card, shares) for card in ("0", "2", "1")))
    stages = Line(("EVENT_STAGE",), 2, parts=tuple(Part(stage, stage, shares) for stage in ("POST_LIVE", "LIVE")))
    shown = table("campaign_daily_breakdowns", placement, cards, stages, window=WINDOW)
    assert [row["Part"] for row in shown] == ["LinkedIn feed", "0", "1", "2", "Live", "Post live"]


def test_a_month_that_is_not_over_is_marked() -> None:
    """The frequency is that of the month, and this month's reach is no full month's."""
    lines = [Line((month,), 1, (Decimal(1000), Decimal(2500))) for month in (date(2026, 11, 1), date(2026, 10, 1))]
    assert [[*row.values()] for row in table("reach_by_month", *lines, window=MONTHS)] == [
        ["November 2026 so far", "1,000", "2,500", "2.50"],
        ["October 2026", "1,000", "2,500", "2.50"],
    ]


def test_the_first_of_many_lines_say_so() -> None:
    """Who reads ten campaigns knows that there are more."""
    (row,) = table("campaign_daily_metrics", Line(("Spring",), 1, (None,) * 5), window=WINDOW, more=True)
    assert next(iter(row)) == "Campaign (30 days to 27 Nov 2026; the first 10)"


@pytest.mark.parametrize(
    ("asset", "window", "words"),
    [
        ("campaigns", None, "No campaigns."),
        ("conversion_daily_metrics", WINDOW, "No conversions in the 30 days to 27 Nov 2026."),
        ("audience_demographics", MONTHS, "No segments in the months Sep 2026 to Nov 2026."),
    ],
)
def test_a_sentence_stands_for_an_empty_table(asset: str, window: DateWindow | None, words: str) -> None:
    """Where there is no row, a sentence says of what, and of which days."""
    assert table(asset, window=window) == words


def test_parameters_are_written_as_they_are_appended() -> None:
    """Those of the account say that they are of all campaigns."""
    (row,) = table("campaign_tracking_parameters", Line((None, {"utm_source": "linkedin"}, None), 1))
    assert [*row.values()] == ["all campaigns of the account", "utm_source=linkedin"]


def test_a_line_break_in_a_name_makes_no_line() -> None:
    """Names are shown on one line, without control characters."""
    rows: Table = table("lead_forms", Line(("Guide\n\x1b[31m2", "PUBLISHED"), 1, (Decimal(1), Decimal(4))))
    assert rows[0]["Completion rate"] == "25.00 %"
    assert "\n" not in rows[0]["Lead form"]
    assert "\x1b" not in rows[0]["Lead form"]


def test_a_report_of_the_account_alone_is_shown_by_day() -> None:
    """Where nothing else tells rows apart, the days do."""
    overview = report_stream("whole", ("ACCOUNT",), "DAILY", ()).overview
    assert overview is not None
    assert (overview.by, overview.counted) == ({"date": "Date"}, True)
