"""The Dagster UI in a real browser: what a person sees, and what the buttons do."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from lac_pipeline.clock import utc_now
from lac_pipeline.commands.launch import launch as launched
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.browser.backfills import keys_of, launch, progress_of, until
from lac_pipeline_tests.browser.conftest import Eyes, Stack

pytestmark = pytest.mark.browser

GROUPS = "global@global:entities,global@global:metrics,global@global:demographics,global@global:delivery"
ASSETS = ("accounts", "campaign_groups", "campaigns", "creatives", "account_snapshot", "performance_report")
DAILY = "campaign_daily_metrics"
MONTH = 30

_RUNS = """query Runs($filter: RunsFilter!) { runsOrError(filter: $filter) { ... on Runs { results {
  runId status tags { key value } } } } }"""


def test_the_asset_graph(eyes: Eyes) -> None:
    """With all groups open, every asset and the lines between them are on one page."""
    eyes.open(f"/asset-groups?expanded={GROUPS}")
    for asset in ASSETS:
        eyes.sees(asset, within_seconds=60)
    eyes.picture("asset-graph")


def test_an_asset_page_has_everything(eyes: Eyes) -> None:
    """Description with the grain, owner, table, columns with their comments, and numbers of the last load."""
    eyes.open(f"/assets/{DAILY}")
    for text in (
        "One row per campaign and UTC day",
        "marketing-data",
        f"linkedin_ads.{DAILY}",
        "UTC day of the activity",
    ):
        eyes.sees(text)
    for name in ("spend_amount", "impressions", "load_window", "raw_responses_in"):
        eyes.sees(name)
    eyes.picture("asset-page")


def test_the_plot_is_a_picture(eyes: Eyes) -> None:
    """Behind "Show Markdown" of the latest materialization is a picture that the browser draws."""
    page = eyes.open(f"/assets/{DAILY}")
    page.get_by_text("Show Markdown").first.click()
    picture = page.locator("img[src^='data:image/svg+xml']").first
    expect(picture).to_be_visible(timeout=30_000)
    assert picture.evaluate("image => image.naturalWidth") > 300
    eyes.picture("plot")


def test_the_checks_are_listed_with_their_state(eyes: Eyes) -> None:
    """The checks of an asset are on a page of their own."""
    eyes.open(f"/assets/{DAILY}?view=checks")
    for check in ("shrink_guard", "no_negative_numbers", "reconciliation", "account_freshness"):
        eyes.sees(check)
    eyes.picture("asset-checks")


def test_the_automation_page_lists_what_runs_by_itself(eyes: Eyes) -> None:
    """Sensors and schedules are on one page, on without anybody having turned them on."""
    eyes.open("/automation")
    for name in ("freshness_sensor", "alert_sensor", "nightly_restatement"):
        eyes.sees(name, within_seconds=60)
    eyes.picture("automation")


def test_the_freshness_sensor_logs_each_tick(eyes: Eyes) -> None:
    """The sensor's page says of each tick which accounts were fresh, stale, in flight, or waiting."""
    page = eyes.open("/locations/lac/sensors/freshness_sensor")
    page.get_by_role("button", name="0 runs requested").first.click(timeout=90_000)
    eyes.sees("freshness gate hit")
    eyes.picture("freshness-sensor")


def test_materialize_by_clicking(eyes: Eyes, stack: Stack) -> None:
    """The Materialize button on an asset's page loads one partition of it, chosen in the dialog."""
    account = stack.accounts[0]
    before = newest_run(stack)
    page = eyes.open("/assets/campaigns")
    page.get_by_role("button", name=re.compile("Materialize")).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible(timeout=30_000)
    dialog.get_by_text("Select a partition or create one").click()
    page.get_by_role("menuitem").or_(page.get_by_role("option")).or_(page.locator("label")).filter(
        has_text=account
    ).first.click()
    page.keyboard.press("Escape")
    eyes.picture("materialize")
    dialog.get_by_role("button", name=re.compile("^Launch")).last.click()
    run = until(lambda: (newest := newest_run(stack)) != before and newest, seconds=60)
    ended = until(lambda: status_of(stack, run) in {"SUCCESS", "FAILURE"} and status_of(stack, run), seconds=120)
    assert ended == "SUCCESS"
    attempts = stack.warehouse.read.attempts_of(run)
    assert [(attempt.attempt.asset, str(attempt.attempt.account_id)) for attempt in attempts] == [
        ("campaigns", account)
    ]


def test_a_failing_check_names_the_rows_and_the_next_step(eyes: Eyes, stack: Stack) -> None:
    """When LinkedIn leaves a campaign out, the check is red, and says which numbers differ and what to do."""
    account, day = stack.accounts[0], utc_now().date() - timedelta(days=5)
    window = DateWindow.inclusive(day, day)
    campaign = stack.warehouse.read.frame_of("campaigns", [(int(account), None)])["id"][0]
    stack.world.edit.lose_rows("CAMPAIGN", window, value=f"urn:li:sponsoredCampaign:{campaign}")
    runs = [run.run_id for run in launched(stack.dagster, [account], since=day, until=day, today=utc_now().date())]
    until(lambda: {status_of(stack, run) for run in runs} == {"SUCCESS"}, seconds=150)
    stack.world.edit.undo_rows()
    eyes.open(f"/assets/{DAILY}?view=checks&checkDetail=reconciliation")
    eyes.sees(f"{day}: clicks is ", within_seconds=60)
    eyes.sees(f"lac sync --account {account} --since {day} --until {day} --force")
    eyes.picture("failing-check")


def test_a_backfill_of_a_month_is_one_run(eyes: Eyes, stack: Stack) -> None:
    """What the dialog's mutation asks, one account over thirty days, ends as one run and every partition is green."""
    account, today = stack.accounts[1], utc_now().date()
    window = DateWindow.inclusive(today - timedelta(days=MONTH), today - timedelta(days=1))
    calls = stack.world.calls["adAnalytics"]
    backfill = launch(stack.dagster, DAILY, keys_of([account], window))

    def done() -> dict[str, str]:
        runs = progress_of(stack.dagster, backfill).runs
        return runs if set(runs.values()) <= {"SUCCESS", "FAILURE"} else {}

    ((run, status),) = until(done, seconds=150).items()
    assert status == "SUCCESS"
    (attempt,) = stack.warehouse.read.attempts_of(run)
    assert attempt.attempt.window is not None
    assert (attempt.attempt.window.days, attempt.attempt.trigger) == (MONTH, "backfill")
    assert stack.world.calls["adAnalytics"] - calls <= 6
    page = eyes.open(f"/runs/{run}")
    eyes.sees("Success", within_seconds=60)
    page.get_by_placeholder("Filter").last.fill("analytics by")
    eyes.sees(f"DAILY analytics by CAMPAIGN of account {account}")
    eyes.picture("backfill-run")


def newest_run(stack: Stack) -> str | None:
    """The run of campaigns that was requested last from the UI."""
    runs = stack.dagster.execute(_RUNS, filter={"tags": [{"key": "dagster/from_ui", "value": "true"}]})
    found = runs["runsOrError"]["results"]
    return str(found[0]["runId"]) if found else None


def status_of(stack: Stack, run_id: str) -> str:
    """How far a run is."""
    runs = stack.dagster.execute(_RUNS, filter={"runIds": [run_id]})["runsOrError"]["results"]
    return str(runs[0]["status"])
