"""The snapshot of an account, built from rows that each test chooses."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lac_pipeline
from lac_pipeline.reporting.report import render_report
from lac_pipeline.reporting.snapshot_document import read_document, schema_text
from lac_pipeline.reporting.summary import with_current_checks
from lac_pipeline.warehouse.check_results import Check, CheckState, Reconciliation, Shrinkage
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.reporting.account_rows import (
    ACCOUNT,
    AS_OF,
    SYNCED,
    Rows,
    account,
    attempt,
    campaign,
    creative,
    segment,
    snapshot_of,
    spent,
    sums,
)

MONEY = st.decimals(min_value=0, max_value=10**9, places=10)
SCHEMA = Path(lac_pipeline.__file__).parents[1] / "docs" / "account_snapshot.schema.json"


def busy() -> Rows:
    """An account with a bit of everything."""
    return Rows(
        campaign_groups=[{"id": 7, "name": "Brand"}],
        campaigns=[campaign(1, unit_cost_amount=Decimal("5.50"), unit_cost_currency="EUR"), campaign(2), campaign(3)],
        campaign_sums=[
            *spent(1, "12.3456789", impressions=900, clicks=9, one_click_leads=2),
            *spent(2, "100", impressions=50),
        ],
        creative_sums=[creative(n, str(n), impressions=n) for n in range(1, 13)],
        day_sums=[{"date": AS_OF, **sums("112.3456789", impressions=950)}],
        segment_sums=[segment("urn:li:industry:4", 300), segment("urn:li:industry:6", 700)],
        rejections={"creatives": 2},
    )


def test_the_same_rows_make_the_same_document_in_any_order() -> None:
    """Nothing of the order in which rows arrive, and no clock, is seen in the document."""
    rows, turned = busy(), busy()
    for name in ("campaigns", "campaign_sums", "creative_sums", "segment_sums"):
        setattr(turned, name, list(reversed(getattr(turned, name))))
    assert snapshot_of(rows).model_dump_json() == snapshot_of(turned).model_dump_json()


def test_a_document_is_read_back_as_it_was() -> None:
    """What was written as JSON is the same snapshot when it is read."""
    snapshot = snapshot_of(busy())
    assert read_document(json.loads(snapshot.model_dump_json())) == snapshot


def test_a_document_of_another_schema_is_not_read() -> None:
    """A document of an older version is distinguished from one of this schema."""
    assert read_document({**json.loads(snapshot_of(busy()).model_dump_json()), "schema_version": "0.9"}) is None


def test_the_committed_schema_is_the_models_own() -> None:
    """`make docs` writes the schema; what is committed is what the code means."""
    assert SCHEMA.read_text("utf-8") == schema_text()


def test_documents_fit_the_published_schema() -> None:
    """A reader who trusts the schema alone can read every document."""
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(json.loads(schema_text()))
    for rows in (busy(), Rows(), Rows(account=None, attempts=[])):
        assert [*validator.iter_errors(json.loads(snapshot_of(rows).model_dump_json()))] == []


@given(MONEY, MONEY)
def test_the_account_is_the_exact_sum_of_its_campaigns(first: Decimal, other: Decimal) -> None:
    """No cent, and no fraction of one, is lost between the rows and the text of the document."""
    rows = Rows(campaign_sums=[*spent(1, str(first)), *spent(2, str(other))])
    document = json.loads(snapshot_of(rows).model_dump_json())
    assert Decimal(document["performance"]["last_90_days"]["metrics"]["cost_in_local_currency"]) == first + other


def test_money_is_text_without_exponent() -> None:
    """Yen come as whole numbers and cents as sent; neither becomes a binary fraction."""
    rows = Rows(account=account(currency="JPY"), campaign_sums=spent(1, "120000"))
    metrics = json.loads(snapshot_of(rows).model_dump_json())["performance"]["last_7_days"]["metrics"]
    assert metrics["cost_in_local_currency"] == "120000"


def test_ratios_are_of_the_sums_and_null_by_zero() -> None:
    """A ratio divides sums, and is unknown where there is nothing to divide by."""
    rows = Rows(campaign_sums=spent(1, "30", impressions=2000, clicks=4))
    ratios = snapshot_of(rows).performance.last_30_days.ratios
    assert (ratios.ctr, ratios.cpc, ratios.cpm, ratios.cpl) == (Decimal("0.002"), Decimal("7.5"), Decimal(15), None)


def test_a_metric_that_was_not_requested_is_null() -> None:
    """Unknown is not zero, neither for the campaign nor for the account."""
    rows = Rows(campaign_sums=[*spent(1, "1", video_views=None), *spent(2, "1", video_views=5)])
    snapshot = snapshot_of(rows)
    assert snapshot.performance.last_7_days.metrics.video_views is None
    found = {
        campaign.id: campaign.performance.last_7_days.metrics.video_views
        for campaign in snapshot.campaigns
        if campaign.performance
    }
    assert found == {1: None, 2: 5}


def test_a_trend_compares_with_the_equal_period_before() -> None:
    """A change is relative to the period before; from zero there is none."""
    now, before = spent(1, "150", periods=slice(0, 1), clicks=3), spent(1, "120", periods=slice(1, 2))
    change = snapshot_of(Rows(campaign_sums=[*now, *before])).performance.last_7_days.change
    assert (change.cost_in_local_currency, change.clicks) == (Decimal("0.25"), None)


def test_there_is_no_trend_against_days_that_are_not_loaded() -> None:
    """An account loaded since 20 days has a trend of 7 days, and none of 30."""
    loaded = attempt(partition_start=AS_OF - timedelta(days=19))
    performance = snapshot_of(Rows(campaign_sums=spent(1, "5"), attempts=[loaded])).performance
    assert performance.last_7_days.change.cost_in_local_currency == 0
    assert performance.last_30_days.change.cost_in_local_currency is None


def test_a_day_counts_as_loaded_when_it_was_read_after_its_end() -> None:
    """A sync at noon brings yesterday in full, and of today only the morning."""
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    loaded = attempt(
        started_at=noon, partition_start=AS_OF - timedelta(days=6), partition_end=AS_OF + timedelta(days=1)
    )
    assert snapshot_of(Rows(attempts=[loaded])).periods.last_7_days.days_loaded == 6


def test_an_account_without_activity_has_zeros() -> None:
    """Nothing delivered is a fact, with numbers."""
    snapshot = snapshot_of(Rows(campaigns=[campaign(1)]))
    assert snapshot.performance.last_90_days.metrics.impressions == 0
    assert snapshot.performance.last_90_days.ratios.ctr is None
    assert [entry.performance for entry in snapshot.campaigns] == [None]
    assert snapshot.quality_notes == []


def test_a_removed_campaign_is_listed_while_it_has_numbers() -> None:
    """Spend does not vanish with its campaign; a removed campaign without numbers does."""
    gone = {"removed_at": SYNCED}
    rows = Rows(campaigns=[campaign(1, **gone), campaign(2, **gone)], campaign_sums=spent(2, "3"))
    assert [(entry.id, entry.removed) for entry in snapshot_of(rows).campaigns] == [(2, True)]


def test_a_campaign_that_linkedin_never_returned_has_no_settings() -> None:
    """LinkedIn reports numbers of campaigns that it no longer lists."""
    (found,) = snapshot_of(Rows(campaign_sums=spent(9, "3"))).campaigns
    assert (found.id, found.name, found.settings, found.removed) == (9, None, None, True)


def test_campaigns_come_by_spend() -> None:
    """The campaign that cost most is read first."""
    assert [campaign.id for campaign in snapshot_of(busy()).campaigns] == [2, 1, 3]


def test_the_ten_creatives_with_the_highest_spend_are_listed() -> None:
    """A reader gets the ads that matter, not all of them."""
    assert [creative.id for creative in snapshot_of(busy()).top_creatives] == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]


def test_segments_have_names_or_their_urn() -> None:
    """The largest segment comes first; without a name it is called what LinkedIn calls it."""
    (split,) = snapshot_of(busy(), **{"urn:li:industry:6": "Accounting"}).audience.demographics
    assert [segment.name for segment in split.segments] == ["Accounting", "urn:li:industry:4"]
    assert [segment.share_of_impressions for segment in split.segments] == [Decimal("0.7"), Decimal("0.3")]


SHRUNK = CheckState(Check.SHRINK_GUARD, "campaigns", ACCOUNT, False, Shrinkage(stored=50, missing=40), None, "run")
DAY = DateWindow.inclusive(AS_OF, AS_OF)
LOST = CheckState(Check.RECONCILIATION, "campaign_daily_metrics", ACCOUNT, False, Reconciliation(18, 3), DAY, "run")
PROBLEMS = {
    "rejected_records": Rows(rejections={"campaigns": 2}),
    "currency_unknown": Rows(account=account(currency=None)),
    "days_not_loaded": Rows(attempts=[attempt(partition_start=AS_OF)]),
    "failed_sync": Rows(attempts=[attempt(status="failed"), attempt(started_at=SYNCED - timedelta(hours=1))]),
    "partial_sync": Rows(attempts=[attempt(status="partial", errors=[])]),
    "shrink_guard": Rows(checks=[SHRUNK], attempts=[attempt(status="partial", errors=[{"type": "ShrinkGuard"}])]),
    "failed_check": Rows(checks=[LOST]),
}


@pytest.mark.parametrize("code", PROBLEMS)
def test_what_is_wrong_is_noted(code: str) -> None:
    """Everything that makes a number doubtful has a note."""
    assert [note.code for note in snapshot_of(PROBLEMS[code]).quality_notes] == [code]


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "1 record that LinkedIn sent was invalid; its rows are as they were before. `lac rejects` lists it"),
        (2, "2 records that LinkedIn sent were invalid; their rows are as they were before. `lac rejects` lists them"),
    ],
)
def test_a_note_agrees_with_its_number(count: int, words: str) -> None:
    """One record is named in the singular."""
    (note,) = snapshot_of(Rows(rejections={"campaigns": count})).quality_notes
    assert note.message.startswith(words)


def test_rows_kept_for_unreadable_records_are_noted() -> None:
    """A sync that removed no row, since a refused record named none, has a note about it."""
    kept = [{"type": "UnidentifiedRecords", "summary": "LinkedIn returned all but 3 rows"}]
    [note] = snapshot_of(Rows(attempts=[attempt(status="partial", errors=kept)])).quality_notes
    assert note.code == "partial_sync"
    assert "LinkedIn returned all but 3 rows" in note.message


def test_rows_kept_beside_a_pivot_that_was_not_read_are_noted() -> None:
    """What has a check of its own does not hide what has none."""
    kept = [
        {"type": "UnreadPivot", "summary": "a pivot could not be read"},
        {"type": "UnidentifiedRecords", "summary": "LinkedIn returned all but 3 rows"},
    ]
    [note] = snapshot_of(Rows(attempts=[attempt(status="partial", errors=kept)])).quality_notes
    assert note.code == "partial_sync"
    assert note.message.endswith("LinkedIn returned all but 3 rows")


def test_a_failed_check_is_noted_with_numbers_and_the_next_step() -> None:
    """The note names the days, the difference, and the command."""
    [note] = snapshot_of(Rows(checks=[LOST])).quality_notes
    assert (note.asset, note.count) == ("campaign_daily_metrics", 3)
    assert note.message.startswith(f"reconciliation, {AS_OF}: 3 of 18 totals differ from LinkedIn's")
    assert note.message.endswith(f"`lac sync --account {ACCOUNT} --since {AS_OF} --until {AS_OF} --force`")


def test_the_report_shows_the_current_checks() -> None:
    """A report made later from the same snapshot does not call right what was found to be wrong meanwhile."""
    calm = "Nothing is known to be wrong with these numbers."
    good, bad = snapshot_of(Rows()), snapshot_of(Rows(checks=[SHRUNK]))
    assert calm in render_report(good)
    assert calm not in render_report(with_current_checks(good, [LOST]))
    assert calm in render_report(with_current_checks(bad, []))


def test_a_later_sync_of_the_same_days_resolves_a_failed_sync() -> None:
    """What was read again well is no longer worth a note; what was not still is."""
    failed = attempt(status="failed", started_at=SYNCED - timedelta(hours=1))
    assert snapshot_of(Rows(attempts=[attempt(), failed])).quality_notes == []
    short = attempt(partition_start=AS_OF, started_at=SYNCED - timedelta(minutes=5))
    whole = attempt(started_at=SYNCED - timedelta(days=1, hours=-1), partition_end=date(2026, 11, 20))
    codes = [note.code for note in snapshot_of(Rows(attempts=[short, failed, whole])).quality_notes]
    assert codes == ["failed_sync"]


def test_freshness_is_shown_in_times_not_in_ages() -> None:
    """An age would change by the minute, and with it the document."""
    assert [(state.scope, state.synced_at) for state in snapshot_of(Rows()).freshness] == [
        ("demographics", SYNCED),
        ("entities", SYNCED),
        ("metrics", SYNCED),
    ]
