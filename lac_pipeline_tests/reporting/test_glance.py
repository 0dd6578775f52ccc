"""What is shown of a snapshot at a glance."""

from __future__ import annotations

from decimal import Decimal

from lac_pipeline.reporting.glance import headline, key_numbers, picture
from lac_pipeline_tests.reporting.account_rows import AS_OF, Rows, campaign, snapshot_of, spent, sums


def rows() -> Rows:
    """An account with a lead campaign, and more spend in the 30 days than before."""
    counts = {"impressions": 5000, "clicks": 50, "one_click_leads": 4}
    return Rows(
        campaigns=[campaign(1, name="Spring & <summer>", objective_type="LEAD_GENERATION")],
        campaign_sums=[
            *spent(1, "1200", periods=slice(2, 3), **counts),
            *spent(1, "1000", periods=slice(3, 4), **counts),
        ],
        day_sums=[{"date": AS_OF, **sums("1200", **counts)}],
    )


def test_the_eight_numbers_are_those_of_the_snapshot() -> None:
    """Each number has its exact value, its text, and its change in words."""
    numbers = {number.name: number for number in key_numbers(snapshot_of(rows()))}
    assert len(numbers) == 8
    cost = numbers["cpl"]
    assert (cost.value, cost.text, cost.label) == (Decimal(300), "€300.00", "Cost per lead")
    assert cost.change is not None
    assert cost.change.text == "+20.0 %"
    assert numbers["impressions"].value == 5000


def test_the_picture_needs_no_other_file_and_escapes_names() -> None:
    """The picture draws both charts and the ranking; a name is text in it."""
    svg = picture(snapshot_of(rows()))
    assert svg is not None
    assert "Spring &amp; &lt;summer&gt;" in svg
    assert "Spend by day (EUR)" in svg
    assert "href" not in svg


def test_nothing_delivered_has_a_headline_and_no_picture() -> None:
    """An account without activity states so, and has nothing to draw."""
    snapshot = snapshot_of(Rows())
    assert headline(snapshot) == "Nothing was delivered in the 90 days to 20 November 2026."
    assert picture(snapshot) is None
