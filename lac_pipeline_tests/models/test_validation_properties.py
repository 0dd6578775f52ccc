"""What holds for any page, however good and bad records are mixed in it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lac_pipeline.linkedin.metrics import BY_NAME
from lac_pipeline.models.validation import RecordValidator, validator_of
from lac_pipeline.streams.daily_metrics import CAMPAIGN_DAILY
from lac_pipeline.streams.entities import CAMPAIGNS
from lac_pipeline_tests.models import linkedin_records as records

REQUESTED = tuple(BY_NAME[name] for name in ("impressions", "clicks", "costInLocalCurrency"))
DAILY = validator_of(CAMPAIGN_DAILY, records.ACCOUNT_ID, metrics=REQUESTED)
ENTITIES = validator_of(CAMPAIGNS, records.ACCOUNT_ID)

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
ids = st.integers(1, 2**63 - 1)
decimal_texts = st.decimals(allow_nan=False, allow_infinity=False, places=None).map(str)
plain_decimal_texts = st.from_regex(r"\A-?[0-9]{1,40}(\.[0-9]{1,40})?\Z")

good_days = st.builds(
    lambda key, day, clicks, cost: records.daily(
        pivotValues=[f"urn:li:sponsoredCampaign:{key}"],
        dateRange=records.day_range(day=day),
        clicks=clicks,
        costInLocalCurrency=cost,
    ),
    ids,
    st.integers(1, 31),
    st.none() | st.integers(0, 2**63 - 1) | st.integers(0, 2**63 - 1).map(str),
    st.none() | decimal_texts,
)
bad_days = st.one_of(
    st.builds(
        lambda clicks: records.daily(clicks=clicks),
        st.integers(max_value=-1) | st.text(alphabet="abc ,_") | st.floats() | st.booleans(),
    ),
    st.builds(
        lambda cost: records.daily(costInLocalCurrency=cost), st.floats() | st.text(alphabet="abc ,_") | st.booleans()
    ),
    st.builds(lambda pivots: records.daily(pivotValues=pivots), st.lists(st.integers()) | st.text() | st.none()),
)
good_campaigns = st.builds(lambda key, name: records.campaign(id=key, name=name.replace("\0", "")), ids, st.text())
odd_campaigns = st.builds(
    lambda name, value: records.campaign(**{name: value}), st.sampled_from(sorted(records.campaign())), json_values
)


def validated_alone(validator: RecordValidator, elements: list[dict[str, Any]]) -> tuple[list[Any], list[Any], Any]:
    """The validator's results for each element alone."""
    pages = [validator.validate([element]) for element in elements]
    rows = [row for page in pages for row in page.rows]
    return rows, [rejected for page in pages for rejected in page.rejected], validator.columns


@given(st.lists(st.tuples(st.booleans(), good_days, bad_days), max_size=12))
def test_good_days_survive_in_order(mixture: list[tuple[bool, dict[str, Any], dict[str, Any]]]) -> None:
    """Any mixture of good and bad elements gives exactly the good ones, in order, and rejects exactly the others."""
    page = DAILY.validate([good if chosen else bad for chosen, good, bad in mixture])
    expected = [good for chosen, good, _ in mixture if chosen]
    assert [row[0] for row in page.rows] == [int(good["pivotValues"][0].rpartition(":")[2]) for good in expected]
    assert [rejected.raw for rejected in page.rejected] == [bad for chosen, _, bad in mixture if not chosen]


@given(st.lists(good_days | bad_days, max_size=8))
def test_page_of_days_equals_days_one_by_one(elements: list[dict[str, Any]]) -> None:
    """Validating a page at once has the same results as validating its elements alone."""
    page = DAILY.validate(elements)
    assert (page.rows, page.rejected) == validated_alone(DAILY, elements)[:2]


@given(st.lists(good_campaigns, max_size=4), odd_campaigns, st.lists(good_campaigns, max_size=4))
def test_odd_campaign_never_hurts_others(
    before: list[dict[str, Any]], odd: dict[str, Any], after: list[dict[str, Any]]
) -> None:
    """Whatever JSON stands in one field of one campaign, the campaigns around it are loaded and nothing raises."""
    page = ENTITIES.validate([*before, odd, *after])
    ids_loaded = [row[0] for row in page.rows]
    around = [record["id"] for record in before], [record["id"] for record in after]
    assert ids_loaded[: len(before)] == around[0]
    assert ids_loaded[len(ids_loaded) - len(after) :] == around[1]
    assert len(page.rows) + len(page.rejected) == len(before) + 1 + len(after)


@given(st.integers(0, 2**63 - 1), st.sampled_from([int, str, Decimal, "{}.0".format, "{}e0".format]))
def test_counts_are_exact_in_any_form(number: int, form: Callable[[int], object]) -> None:
    """Any count arrives as the same integer, however LinkedIn writes it, and its neighbours with it."""
    page = DAILY.validate([records.daily(clicks=form(number)), records.daily(clicks=number)])
    clicks = [dict(zip(DAILY.columns, row, strict=True))["clicks"] for row in page.rows]
    assert clicks == [number, number]


@given(decimal_texts | plain_decimal_texts)
def test_money_is_exact(text: str) -> None:
    """Any decimal text arrives as the same number, digit for digit."""
    (row,) = DAILY.validate([records.daily(costInLocalCurrency=text)]).rows
    cost = dict(zip(DAILY.columns, row, strict=True))["cost_in_local_currency"]
    assert isinstance(cost, Decimal)
    assert cost.as_tuple() == Decimal(text).as_tuple()
