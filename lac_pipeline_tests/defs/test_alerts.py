"""Alerts: what is posted to the webhook, how often, and what never leaves."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, make_url, text

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.alerting import LONGEST, MOST_OF_A_KIND, Alert, message, news, send
from lac_pipeline.defs.resources import WarehouseResource
from lac_pipeline.defs.sensors.alert_sensor import Memory, alert_sensor
from lac_pipeline.defs.storage import PooledPostgresStorage
from lac_pipeline.errors import ConfigError, LacError
from lac_pipeline.postgres.connecting import LIBPQ_ENVIRONMENT
from lac_pipeline.settings import Settings
from lac_pipeline.simulator.world.world import World
from lac_pipeline.warehouse.check_results import Check, CheckState, RowFindings, Shrinkage
from lac_pipeline.warehouse.load.check_states import CheckStates
from lac_pipeline_tests.defs.conftest import Pipeline
from lac_pipeline_tests.defs.daemon import running_daemon
from lac_pipeline_tests.defs.webhook import PATH, Receiver

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    """Two small accounts."""
    return World.synthetic(accounts=2, campaigns=2, creatives=2, days=3)


@pytest.fixture
def start_date() -> date:
    """Today alone."""
    return utc_now().date()


@dataclass
class Ticks:
    """Evaluates the sensor again and again, as the daemon does."""

    pipeline: Pipeline
    cursor: str | None = None

    def once(self) -> str:
        """Evaluate one tick, and return its message."""
        resources = {"warehouse": WarehouseResource()}
        with dg.build_sensor_context(
            instance=self.pipeline.instance, resources=resources, cursor=self.cursor
        ) as context:
            result = alert_sensor()._raw_fn(context)
        assert isinstance(result, dg.SensorResult)
        self.cursor = result.cursor or self.cursor
        return str(result.skip_reason.skip_message) if result.skip_reason else ""


@pytest.fixture
def ticks(pipeline: Pipeline, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Ticks:
    """The sensor, with the receiver as its webhook, after a first tick."""
    monkeypatch.setenv("LAC_ALERT_WEBHOOK", receiver.url)
    ticks = Ticks(pipeline)
    ticks.once()
    return ticks


def test_without_a_webhook_no_alert_is_sent(pipeline: Pipeline) -> None:
    """The sensor says that the setting is missing, and does nothing else."""
    assert "LAC_ALERT_WEBHOOK is not set" in Ticks(pipeline).once()


def test_all_is_well(pipeline: Pipeline, ticks: Ticks, receiver: Receiver) -> None:
    """After good runs nothing is posted."""
    accounts = pipeline.session.accounts("all")
    assert pipeline.materialize(["campaigns"], partition=str(accounts[0])).success
    assert ticks.once() == "no new alerts"
    assert receiver.posted == []


def test_a_failed_run_is_alerted_once(pipeline: Pipeline, ticks: Ticks, receiver: Receiver) -> None:
    """A failure is posted with account, run and reason; the same failure again is not, within a day."""
    first, second = (str(account) for account in pipeline.session.accounts("all"))
    pipeline.world.edit.forbid(int(first))
    failed = pipeline.materialize(["campaigns"], partition=first)
    assert ticks.once() == "1 alert sent"
    (text,) = receiver.texts
    assert f"run {failed.run_id[:8]} failed ({first})" in text
    [attempt] = pipeline.warehouse.read.attempts_of(failed.run_id)
    assert str(attempt.errors[0]["summary"]) in text
    assert Memory.read(ticks.cursor, now=NOW).sent.keys() == {f"NotFoundError|{first}"}
    pipeline.materialize(["campaigns"], partition=first)
    assert ticks.once() == "no new alerts"
    pipeline.world.edit.forbid(int(second))
    pipeline.materialize(["campaigns"], partition=second)
    assert ticks.once() == "1 alert sent"
    assert f"({second})" in receiver.texts[-1]


def test_a_run_that_fails_in_new_york_is_alerted(
    pipeline: Pipeline,
    database_url: str,
    maintenance: Connection,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The daemon follows a run to its alert where both databases prefer another time zone than UTC."""
    for name in LIBPQ_ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    for url in (database_url, str(pipeline.settings.warehouse_url)):
        maintenance.execute(text(f"ALTER DATABASE {make_url(url).database} SET timezone = 'America/New_York'"))
    pipeline.warehouse.engine.dispose()
    monkeypatch.setenv("LAC_ALERT_WEBHOOK", receiver.url)
    account = int(pipeline.world.truth.accounts()[0]["id"])
    with running_daemon(database_url, storage=PooledPostgresStorage) as daemon:
        daemon.know(account)
        daemon.run_sensors()
        pipeline.world.edit.forbid(account)
        daemon.execute_queued()
        daemon.run_sensor("alert_sensor")
        failed = [run for run in daemon.runs("freshness_sensor") if run.status is dg.DagsterRunStatus.FAILURE]
    alerted = [run for run in failed if f"run {run.run_id[:8]} failed ({account}): " in receiver.texts[0]]
    assert len(alerted) == 1, "all fail for one reason, which is alerted once"


def test_a_run_that_dagster_retries_is_not_alerted(pipeline: Pipeline, ticks: Ticks, receiver: Receiver) -> None:
    """A lost worker's run is tried again by Dagster; only when that ends badly too is it news."""
    for retried in ("true", "false"):
        run = dg.DagsterRun(job_name="__ASSET_JOB", tags={"dagster/will_retry": retried, "lac/account": retried})
        pipeline.instance.add_run(run)
        pipeline.instance.report_run_failed(run, "the worker is gone")
    assert ticks.once() == "1 alert sent"
    assert "(false): " in receiver.texts[0]


def test_a_spent_quota_is_reported(pipeline: Pipeline, ticks: Ticks, receiver: Receiver) -> None:
    """When LinkedIn refuses for the rest of the day, one alert names who waits until when."""
    pipeline.world.quotas.limit("adAnalytics", application_day=0)
    pipeline.sync()
    ticks.once()
    assert (
        "LinkedIn's daily quota is spent: demographics, metrics of 2 accounts wait until 00:00 UTC" in receiver.texts[0]
    )
    assert ticks.once() == "no new alerts"


def test_an_api_version_about_to_end_is_reported(
    pipeline: Pipeline, ticks: Ticks, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From 45 days before LinkedIn stops serving the version, one alert a day names the version to set."""
    monkeypatch.setenv("LINKEDIN_API_VERSION", "202511")
    assert ticks.once() == "1 alert sent"
    assert "LINKEDIN_API_VERSION" in receiver.texts[0]


def test_failed_checks_are_alerted(pipeline: Pipeline, ticks: Ticks, receiver: Receiver) -> None:
    """Each account whose check fails is news, with numbers and the next step; a warning is not."""
    first, second = pipeline.session.accounts("all")
    lost = CheckState(Check.SHRINK_GUARD, "campaigns", first, False, Shrinkage(40, 30), None, "run")
    silent = CheckState(Check.LAST_DAY_COMPLETE, "campaign_daily_metrics", first, False, RowFindings(1), None, "run")
    CheckStates(pipeline.warehouse.engine).record([lost, replace(lost, account_id=second), silent])
    assert ticks.once() == "2 alerts sent"
    for account in (first, second):
        assert (
            f"account {account}, campaigns, shrink_guard: LinkedIn returned all but 30 of the 40" in receiver.texts[0]
        )
        assert f"`lac sync --account {account} --force --accept-shrink`" in receiver.texts[0]


def test_an_alert_names_the_account(pipeline: Pipeline, ticks: Ticks, receiver: Receiver) -> None:
    """Once the name is loaded it stands beside the id, in the alert of a failed run and of a failed check."""
    account = pipeline.session.accounts("all")[0]
    pipeline.world.edit.set_field("adAccounts", account, "name", "Acme <DACH>")
    pipeline.materialize(["accounts"], partition=str(account))
    pipeline.world.edit.forbid(account)
    failed = pipeline.materialize(["campaigns"], partition=str(account))
    lost = CheckState(Check.SHRINK_GUARD, "campaigns", account, False, Shrinkage(40, 30), None, "run")
    CheckStates(pipeline.warehouse.engine).record([lost])
    ticks.once()
    named = f"Acme &lt;DACH&gt; ({account})"
    assert f"run {failed.run_id[:8]} failed ({named}): " in receiver.texts[0]
    assert f"account {named}, campaigns, shrink_guard: " in receiver.texts[0]


def test_an_alert_that_was_not_taken_is_sent_again(
    pipeline: Pipeline, ticks: Ticks, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tick fails, without the webhook's address in its words, and the next one sends what this one could not."""
    monkeypatch.setenv("LINKEDIN_API_VERSION", "202511")
    receiver.status = 500
    with pytest.raises(dg.Failure, match="did not take the alerts") as caught:
        ticks.once()
    assert "a-secret" not in str(caught.value.description)
    receiver.status = 200
    assert ticks.once() == "1 alert sent"


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    """A response that points elsewhere is a refusal: the text goes nowhere else."""
    receiver.status = 307
    with pytest.raises(LacError, match="did not take the alerts") as caught:
        send(SecretStr(receiver.url), {"text": "something"})
    assert caught.value.detail == "HTTP 307"
    assert len(receiver.posted) == 1


def test_the_address_is_not_logged(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    """A reader of the log cannot post."""
    with caplog.at_level(logging.DEBUG):
        send(SecretStr(receiver.url), {"text": "something"})
    assert "a-secret" not in caplog.text


def test_a_webhook_that_cannot_be_reached_is_reported_without_its_address() -> None:
    """What failed is named, where it was sent to is not."""
    with pytest.raises(LacError) as caught:
        send(SecretStr(f"http://127.0.0.1:1{PATH}"), {"text": "something"})
    assert "a-secret" not in str(caught.value)
    assert caught.value.detail == "ConnectError"


def test_secrets_are_blotted_out() -> None:
    """A secret that got into a failure's words does not get into a chat."""
    body = message([Alert("kind", "about", "refused AQX-token-1 of AQX-token-1-refresh")], secrets=["AQX-token-1"])
    assert body == {"text": "lac_pipeline: refused *** of ***-refresh"}


def test_an_alert_steers_neither_terminal_nor_chat() -> None:
    """A name in an alert notifies no user and links nowhere, and what steers a terminal stands as text."""
    body = message([Alert("kind", "about", "campaign <!channel> & \x1b[2J <http://x|y>")], secrets=[])
    assert body["text"].endswith("campaign &lt;!channel&gt; &amp; \\x1b[2J &lt;http://x|y&gt;")


def test_the_settings_know_their_secrets(pipeline: Pipeline) -> None:
    """Every secret setting that is set is among those blotted out."""
    settings = Settings.load()
    assert {pipeline.world.token, pipeline.world.refresh_token, pipeline.world.client_secret} <= set(settings.secrets)


def test_a_long_failure_is_cut() -> None:
    """The whole story is in the Dagster UI."""
    assert len(message([Alert("kind", "about", "x" * 5000)], secrets=[])["text"]) < LONGEST + 50


def test_of_a_kind_only_a_few_are_alerted() -> None:
    """A lost token fails every account alike; after five of them the others are no news."""
    alerts = [Alert("ReauthorizeError", str(number), "") for number in range(40)]
    fresh, _ = news(alerts, {}, now=NOW)
    assert len(fresh) == MOST_OF_A_KIND


def test_after_a_day_it_is_alerted_again() -> None:
    """What is still wrong a day later is posted again, and what is old is forgotten."""
    alert = Alert("quota spent", "metrics", "")
    sent = {alert.cause: NOW, "old|": NOW - timedelta(days=2)}
    assert news([alert], sent, now=NOW + timedelta(hours=23)) == ([], {alert.cause: NOW.isoformat()})
    fresh, _ = news([alert], sent, now=NOW + timedelta(days=1))
    assert fresh == [alert]


def test_memory_survives_in_the_cursor() -> None:
    """What a tick remembered the next one reads."""
    cursor = json.dumps({"looked_until": NOW.isoformat(), "told": {"kind|about": NOW.isoformat()}})
    assert Memory.read(cursor, now=NOW + timedelta(hours=1)) == Memory(NOW, {"kind|about": NOW})


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/x",
        "ftp://127.0.0.1/x",
        "https:///x",
        "https://me@example.com",
        "http://127.0.0.1.evil.com/",
    ],
)
def test_an_address_in_the_clear_is_refused(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Only https, or this machine, is taken; the error does not repeat the address."""
    assert pipeline.settings.lac_alert_webhook is None
    monkeypatch.setenv("LAC_ALERT_WEBHOOK", url)
    with pytest.raises(ConfigError, match="LAC_ALERT_WEBHOOK") as caught:
        Settings.load()
    assert url not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://hooks.slack.com/services/T/B/x", "http://localhost:9000/hook", "http://[::1]/"]
)
def test_https_and_this_machine_are_taken(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Slack's addresses and a receiver on this machine are fine."""
    assert pipeline.settings.lac_alert_webhook is None
    monkeypatch.setenv("LAC_ALERT_WEBHOOK", url)
    taken = Settings.load().lac_alert_webhook
    assert taken is not None
    assert taken.get_secret_value() == url


def test_of_a_run_over_several_accounts_the_failed_account_is_alerted(
    pipeline: Pipeline, ticks: Ticks, receiver: Receiver
) -> None:
    """The alert names the account that failed, not the one that the run begins with."""
    first, second = (str(account) for account in pipeline.session.accounts("all"))
    pipeline.world.edit.forbid(int(second))
    tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": second}
    pipeline.materialize(["accounts", "campaign_groups"], tags=tags)
    assert ticks.once() == "1 alert sent"
    assert f"failed ({second}): account {second}: " in receiver.texts[-1]
