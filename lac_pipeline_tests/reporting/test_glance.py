"""What is shown of a snapshot at a glance."""

from __future__ import annotations

from base64 import b64decode
from datetime import timedelta
from decimal import Decimal

import pytest

from lac_pipeline.reporting.glance import headline, key_numbers, key_table, name_of, picture, small_picture
from lac_pipeline.reporting.plots import INLINE
from lac_pipeline_tests.reporting.account_rows import AS_OF, Row, Rows, attempt, campaign, snapshot_of, spent, sums


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


def test_the_table_has_the_eight_numbers_of_each_period() -> None:
    """Each number is a line, with its change where one is known; no line breaks before a percent sign."""
    table = key_table(snapshot_of(rows()))
    assert len(table) == 8
    (cost,) = [row for row in table if row["Number"] == "Cost per lead"]
    assert [*cost] == ["Number", "Last 7 days", "Last 30 days", "Last 90 days"]
    assert cost["Last 30 days"] == "€300.00 (+20.0\N{NO-BREAK SPACE}%)"


def test_the_small_picture_is_seen_without_a_click() -> None:
    """It is as small as the UI demands, names the account, and is not there where nothing was spent."""
    markdown = small_picture(snapshot_of(rows()))
    assert markdown is not None
    assert len(markdown) <= INLINE
    assert name_of(snapshot_of(rows())) in b64decode(markdown.partition("base64,")[2].rstrip(")")).decode()
    assert small_picture(snapshot_of(Rows())) is None


def test_the_picture_needs_no_other_file_and_escapes_names() -> None:
    """The picture names the account and draws both charts and the ranking; a name is text in it."""
    svg = picture(snapshot_of(rows()))
    assert svg is not None
    assert "Spring &amp; &lt;summer&gt;" in svg
    assert f"{name_of(snapshot_of(rows()))}: Spend by day (EUR)" in svg
    assert "href" not in svg


def test_nothing_delivered_has_a_headline_and_no_picture() -> None:
    """An account without activity states so, and has nothing to draw."""
    snapshot = snapshot_of(Rows())
    assert headline(snapshot) == "Nothing was delivered in the 90 days to 20 November 2026."
    assert picture(snapshot) is None


LATELY = AS_OF - timedelta(days=9)


@pytest.mark.parametrize(
    ("attempts", "days", "expected"),
    [
        ([], {}, "Nothing is known of the 90 days to 20 November 2026: none of them is loaded."),
        (
            [attempt(partition_start=LATELY)],
            {},
            "Nothing was delivered on the 10 days that are loaded of the 90 days to 20 November 2026.",
        ),
        (
            [attempt()],
            {"impressions": None},
            "It is not known what was delivered in the 90 days to 20 November 2026: impressions are not loaded.",
        ),
    ],
    ids=["never loaded", "partly loaded", "not requested"],
)
def test_what_is_not_loaded_is_not_nothing(attempts: list[Row], days: dict[str, None], expected: str) -> None:
    """The headline tells days without delivery from days, and metrics, that are not loaded."""
    day_sums = [{"date": LATELY, **sums(), **days}] if days else []
    assert headline(snapshot_of(Rows(attempts=attempts, day_sums=day_sums))) == expected


@pytest.mark.parametrize(
    ("unknown", "expected"),
    [
        (("impressions",), "€300.00 bought 10 clicks in the 30 days"),
        (("impressions", "clicks"), "€300.00 were spent in the 30 days"),
        (("cost_in_local_currency",), "The ads had 1,000 impressions and 10 clicks in the 30 days"),
    ],
)
def test_a_headline_leaves_out_what_is_not_loaded(unknown: tuple[str, ...], expected: str) -> None:
    """Without impressions an account still spent and had clicks."""
    known = {"impressions": 1000, "clicks": 10, **dict.fromkeys(unknown)}
    row = {**sums("300"), **known}
    rows = Rows(
        day_sums=[{"date": AS_OF, **row}],
        campaigns=[campaign(1)],
        campaign_sums=[{**each, **row} for each in spent(1, "300")],
    )
    assert headline(snapshot_of(rows)).startswith(expected)
