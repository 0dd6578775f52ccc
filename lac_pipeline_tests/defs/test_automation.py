"""Sensors and schedules: they request what is stale, once, and say what they saw."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.checks.asset_checks import FRESHNESS
from lac_pipeline.defs.partitions import RANGE_END, RANGE_START, account_partitions, known_accounts
from lac_pipeline.defs.resources import WarehouseResource
from lac_pipeline.defs.run_tags import account_run
from lac_pipeline.defs.schedules.restatement_schedules import restatement_schedules
from lac_pipeline.defs.sensors.alert_sensor import failed_checks
from lac_pipeline.defs.sensors.discovery_sensor import account_discovery_sensor
from lac_pipeline.defs.sensors.freshness_sensor import (
    MOST_A_TICK,
    MOST_NAMED,
    choose,
    freshness_sensor,
    named_parts,
    retry_at,
)
from lac_pipeline.defs.sensors.housekeeping_sensor import housekeeping_sensor
from lac_pipeline.defs.sensors.refreshes import Refresh, window_of
from lac_pipeline.settings import Settings
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import STREAMS, AssetGroup
from lac_pipeline.warehouse.check_results import Check, CheckState, Shrinkage
from lac_pipeline.warehouse.load.check_states import CheckStates
from lac_pipeline.warehouse.query.account_labels import AccountNames
from lac_pipeline.warehouse.query.freshness import Freshness
from lac_pipeline.warehouse.query.freshness_reason import Cause, Reason
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.defs.conftest import Pipeline, age

ACCOUNT = "520000001"


@pytest.fixture
def world() -> World:
    """One small account."""
    return World.synthetic(accounts=1, campaigns=2, creatives=2, days=3)


def tick(
    pipeline: Pipeline, sensor: dg.SensorDefinition, *, cursor: str | None = None
) -> dg.SensorResult | dg.SkipReason:
    """Evaluate a sensor once, as the daemon does."""
    resources = {"warehouse": WarehouseResource()}
    with dg.build_sensor_context(instance=pipeline.instance, resources=resources, cursor=cursor) as context:
        result = sensor._raw_fn(context)
    assert isinstance(result, dg.SensorResult | dg.SkipReason)
    return result


def freshness_tick(pipeline: Pipeline, *, cursor: str | None = None) -> dg.SensorResult:
    """Evaluate the freshness sensor once."""
    result = tick(pipeline, freshness_sensor(pipeline.settings), cursor=cursor)
    assert isinstance(result, dg.SensorResult)
    return result


def discover(pipeline: Pipeline) -> None:
    """Let the account be known."""
    pipeline.instance.add_dynamic_partitions(str(account_partitions.name), [ACCOUNT])


def scopes_of(requests: Iterable[dg.RunRequest] | None) -> set[str]:
    """The asset groups that runs are requested for."""
    return {request.tags["lac/scope"] for request in requests or ()}


def test_without_accounts_the_sensor_names_the_command(pipeline: Pipeline) -> None:
    """Before discovery there is nothing to request, and the skip reason says what is awaited."""
    skip = freshness_tick(pipeline).skip_reason
    assert skip is not None
    assert "account_discovery_sensor" in str(skip.skip_message)


def test_a_new_account_gets_its_whole_history(pipeline: Pipeline) -> None:
    """An account that was never synced is requested in every scope, from the first day that is loaded."""
    discover(pipeline)
    requests = {request.tags["lac/scope"]: request for request in freshness_tick(pipeline).run_requests or ()}
    assert set(requests) == set(STREAMS.chosen("default").groups)
    assert requests["entities"].partition_key == ACCOUNT
    metrics = requests["metrics"].tags
    assert metrics[RANGE_START] == f"{ACCOUNT}|{pipeline.settings.start_date}"
    assert metrics[RANGE_END] == f"{ACCOUNT}|{utc_now().date()}"
    assert metrics["lac/trigger"] == "scheduled"


def test_a_fresh_account_is_left_alone(pipeline: Pipeline) -> None:
    """Right after a sync nothing is requested; the reason counts what is fresh and names the next due time."""
    pipeline.sync()
    skip = freshness_tick(pipeline).skip_reason
    assert skip is not None
    message = str(skip.skip_message)
    assert message.startswith("freshness gate hit: 3 fresh, 0 stale, 0 in flight, 0 requested; next due")


def test_a_stale_account_is_read_over_the_last_days(pipeline: Pipeline) -> None:
    """Once the TTL has passed a refresh covers LAC_LOOKBACK_DAYS and today, not the whole history."""
    stale = pipeline.settings.model_copy(
        update={"lac_lookback_days": 2, "start_date": utc_now().date() - timedelta(days=9)}
    )
    state = Freshness(
        int(ACCOUNT), AssetGroup.METRICS, True, Reason(Cause.STALE, 312), utc_now(), utc_now(), utc_now(), "success", 0
    )
    window = window_of(state, stale, today=utc_now().date())
    assert window == DateWindow.inclusive(utc_now().date() - timedelta(days=2), utc_now().date())


def test_requested_runs_name_their_account(pipeline: Pipeline) -> None:
    """A tag of a requested run has the account's name, without what steers a terminal."""
    pipeline.world.edit.set_field("adAccounts", int(ACCOUNT), "name", "Acme\n\x1b[31m DACH")
    pipeline.sync()
    age(pipeline)
    requests = freshness_tick(pipeline).run_requests or ()
    assert {request.tags["account"] for request in requests} == {rf"Acme\n\x1b[31m DACH ({ACCOUNT})"}


def test_a_ticks_text_names_the_accounts() -> None:
    """Of the runs that it requests, and of what waits after a failure, the first are named, and the others counted."""
    names = AccountNames({1: "Acme DACH", 2: "Acme AMER"})
    failed = Freshness(2, AssetGroup.ENTITIES, True, Reason(Cause.NEVER), None, None, None, "failed", 1)
    refreshes = [Refresh((1, 2), AssetGroup.METRICS, None), *[Refresh((3,), AssetGroup.ENTITIES, None)] * MOST_NAMED]
    assert named_parts(refreshes, [failed], names) == [
        "requested: metrics of Acme DACH (1), Acme AMER (2)" + "; entities of 3" * (MOST_NAMED - 1) + "; and 1 more",
        "waiting after a failure: entities of Acme AMER (2)",
    ]


def test_the_last_month_is_read_once_more_after_it_is_over() -> None:
    """Demographics synced a week ago, in the month before, are read again for that month and the new one."""
    today = date(2026, 11, 5)
    settings = Settings.model_construct(lac_lookback_days=3, lac_start_date=date(2026, 1, 1))
    synced_at = datetime(2026, 10, 30, 12, tzinfo=UTC)
    stale, group = Reason(Cause.STALE, 10_081), AssetGroup.DEMOGRAPHICS
    state = Freshness(int(ACCOUNT), group, True, stale, synced_at, synced_at, synced_at, "success", 0)
    assert window_of(state, settings, today=today) == DateWindow(date(2026, 10, 1), date(2026, 12, 1))


def test_nothing_is_requested_while_a_run_is_under_way(pipeline: Pipeline) -> None:
    """A run under way for an account and group, however it was started, keeps the sensor from requesting another."""
    discover(pipeline)
    for status, scope in (
        (dg.DagsterRunStatus.STARTING, AssetGroup.METRICS),
        (dg.DagsterRunStatus.STARTED, AssetGroup.ENTITIES),
    ):
        pipeline.instance.add_run(
            dg.DagsterRun(job_name="__ASSET_JOB", status=status, tags=account_run(ACCOUNT, scope, "on_demand"))
        )
    assert scopes_of(freshness_tick(pipeline).run_requests) == {"demographics"}


def test_a_failing_account_is_tried_less_and_less_often() -> None:
    """After one failure five minutes pass, then ten, twenty, and at most four hours."""
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def failing(failures: int) -> Freshness:
        return Freshness(1, AssetGroup.METRICS, True, Reason(Cause.NEVER), None, None, now, "failed", failures)

    waits = [retry_at(failing(failures)) - now for failures in (1, 2, 3, 20)]
    assert waits == [timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20), timedelta(hours=4)]
    ready, waiting = choose([failing(1), failing(0)], in_flight=set(), now=now)
    assert (len(ready), len(waiting)) == (1, 1)


def test_what_another_group_counts_comes_after_the_first_sync_of_that_group() -> None:
    """Audiences by campaign are requested where impressions are enough; of a new account none are stored yet."""
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    reason = Reason(Cause.NEVER)

    def state(account: int, group: AssetGroup, synced_at: datetime | None) -> Freshness:
        return Freshness(account, group, synced_at is None, reason, synced_at, None, None, None, 0)

    new = [state(1, group, None) for group in (AssetGroup.METRICS, AssetGroup.CAMPAIGN_DEMOGRAPHICS)]
    counted = [state(2, AssetGroup.METRICS, now), state(2, AssetGroup.CAMPAIGN_DEMOGRAPHICS, None)]
    ready, _ = choose([*new, *counted], in_flight=set(), now=now)
    assert [(each.account_id, each.group) for each in ready] == [
        (1, AssetGroup.METRICS),
        (2, AssetGroup.CAMPAIGN_DEMOGRAPHICS),
    ]


def test_a_tick_requests_a_bounded_number_of_runs_oldest_first(pipeline: Pipeline) -> None:
    """A thousand new accounts do not make one endless tick."""
    pipeline.instance.add_dynamic_partitions(
        str(account_partitions.name), [str(number) for number in range(520000001, 520001001)]
    )
    requests = freshness_tick(pipeline).run_requests
    assert requests is not None
    assert len(requests) == MOST_A_TICK


def test_a_spent_quota_is_waited_for(pipeline: Pipeline) -> None:
    """When LinkedIn's daily quota is spent the sensor requests nothing and says until when."""
    discover(pipeline)
    pipeline.world.quotas.limit("adAnalytics", application_day=0)
    pipeline.sync()
    result = freshness_tick(pipeline)
    assert "metrics" not in scopes_of(result.run_requests)
    states = pipeline.session.gate.states([int(ACCOUNT)])
    [metrics] = [state for state in states if state.group is AssetGroup.METRICS]
    assert str(metrics.reason) == "daily_quota_spent_until_00:00Z"


def test_freshness_is_published_when_it_changes(pipeline: Pipeline) -> None:
    """The check `account_freshness` gets an evaluation when an account turns stale or fresh, and none in between."""
    discover(pipeline)
    first = freshness_tick(pipeline)
    (stale,) = first.asset_events
    assert isinstance(stale, dg.AssetCheckEvaluation)
    assert (stale.check_name, stale.passed) == (FRESHNESS, False)
    assert not freshness_tick(pipeline, cursor=first.cursor).asset_events
    pipeline.sync()
    (fresh,) = freshness_tick(pipeline, cursor=first.cursor).asset_events
    assert isinstance(fresh, dg.AssetCheckEvaluation)
    assert fresh.passed


def test_discovery_adds_new_accounts_as_partitions(pipeline: Pipeline) -> None:
    """An account that the token can see becomes a partition; the next tick finds none new."""
    result = tick(pipeline, account_discovery_sensor())
    assert isinstance(result, dg.SensorResult)
    (request,) = result.dynamic_partitions_requests or ()
    assert list(request.partition_keys) == [ACCOUNT]
    discover(pipeline)
    again = tick(pipeline, account_discovery_sensor())
    assert isinstance(again, dg.SensorResult)
    assert again.skip_reason is not None


def listing_failures(pipeline: Pipeline) -> list[int | None]:
    """The accounts of which it is kept that LinkedIn lists them no more; None for an empty list."""
    found = CheckStates(pipeline.warehouse.engine).not_passed()
    return [state.account_id for state in found if state.check is Check.ACCOUNT_LISTED]


def test_discovery_notes_an_account_that_vanished(pipeline: Pipeline) -> None:
    """Its partition stays, the tick names it, the check fails and alerts, and passes when LinkedIn lists it again."""
    discover(pipeline)
    pipeline.world.edit.forbid(int(ACCOUNT))
    lost = tick(pipeline, account_discovery_sensor())
    assert isinstance(lost, dg.SensorResult)
    assert lost.skip_reason is not None
    assert f"LinkedIn lists no more: {ACCOUNT}" in str(lost.skip_reason.skip_message)
    assert known_accounts(pipeline.instance) == [ACCOUNT]
    assert listing_failures(pipeline) == [None, int(ACCOUNT)]
    (published,) = lost.asset_events
    assert isinstance(published, dg.AssetCheckEvaluation)
    assert (published.check_name, published.passed) == ("account_listed", False)
    again = tick(pipeline, account_discovery_sensor(), cursor=lost.cursor)
    assert isinstance(again, dg.SensorResult)
    assert not again.asset_events
    alerts = [alert.text for alert in failed_checks(CheckStates(pipeline.warehouse.engine), [int(ACCOUNT)], STREAMS)]
    assert any(f"account {ACCOUNT}, accounts, account_listed: " in text for text in alerts)
    pipeline.world.edit.allow(int(ACCOUNT))
    tick(pipeline, account_discovery_sensor())
    assert listing_failures(pipeline) == []


def test_a_deleted_partition_is_forgotten(pipeline: Pipeline) -> None:
    """What fails for an account that is gone for good ends with its partition, at the next discovery."""
    gone = "520000009"
    discover(pipeline)
    pipeline.instance.add_dynamic_partitions(str(account_partitions.name), [gone])
    tick(pipeline, account_discovery_sensor())
    assert listing_failures(pipeline) == [int(gone)]
    pipeline.instance.delete_dynamic_partition(str(account_partitions.name), gone)
    tick(pipeline, account_discovery_sensor())
    assert listing_failures(pipeline) == []


def test_another_deployments_results_stay(pipeline: Pipeline) -> None:
    """Two deployments may load into one warehouse: discovery of one forgets nothing but listings of the other."""
    other = CheckState(Check.SHRINK_GUARD, "campaigns", 520000009, False, Shrinkage(40, 30), None, "run")
    CheckStates(pipeline.warehouse.engine).record([other])
    discover(pipeline)
    tick(pipeline, account_discovery_sensor())
    found = CheckStates(pipeline.warehouse.engine).not_passed()
    assert [state.account_id for state in found] == [520000009]


def test_chosen_accounts_are_not_compared_with_the_list(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """With LAC_ACCOUNT_IDS LinkedIn's list is not read, so an earlier result no longer counts."""
    pipeline.instance.add_dynamic_partitions(str(account_partitions.name), ["520000009"])
    tick(pipeline, account_discovery_sensor())
    assert listing_failures(pipeline) == [520000009]
    monkeypatch.setenv("LAC_ACCOUNT_IDS", ACCOUNT)
    tick(pipeline, account_discovery_sensor())
    assert listing_failures(pipeline) == []


def test_housekeeping_closes_what_a_killed_run_left_running(pipeline: Pipeline) -> None:
    """An attempt whose Dagster run is over, or unknown, is closed as failed; one that still runs is not."""
    run = pipeline.instance.add_run(dg.DagsterRun(job_name="__ASSET_JOB", status=dg.DagsterRunStatus.STARTED))
    for run_id in (run.run_id, "never-recorded"):
        pipeline.warehouse.begin("campaigns", int(ACCOUNT), run_id=run_id, trigger="scheduled", window=None)
    tick(pipeline, housekeeping_sensor())
    assert [record.status for record in pipeline.warehouse.read.attempts_of("never-recorded")] == ["failed"]
    assert [record.status for record in pipeline.warehouse.read.attempts_of(run.run_id)] == ["running"]


def test_restatement_schedules_read_past_days_again(pipeline: Pipeline) -> None:
    """Every night the last 30 days, every week LAC_RESTATEMENT_DAYS and their months, of every account."""
    settings = pipeline.settings.model_copy(update={"start_date": utc_now().date() - timedelta(days=200)})
    now = datetime.combine(utc_now().date(), datetime.min.time(), tzinfo=UTC)
    first_days = {}
    with dg.instance_for_test() as instance:
        instance.add_dynamic_partitions(str(account_partitions.name), [ACCOUNT])
        for schedule in restatement_schedules(settings):
            with dg.build_schedule_context(
                instance=instance, resources={"warehouse": WarehouseResource()}, scheduled_execution_time=now
            ) as context:
                (request,) = schedule.evaluate_tick(context).run_requests or ()
            first_days[schedule.name] = request.tags[RANGE_START]
    month_ago, quarter_ago = (now.date() - timedelta(days=days) for days in (30, 90))
    assert first_days == {
        "nightly_restatement": f"{ACCOUNT}|{month_ago}",
        "weekly_restatement": f"{ACCOUNT}|{quarter_ago}",
        "weekly_demographics": f"{ACCOUNT}|{quarter_ago.replace(day=1)}",
    }
