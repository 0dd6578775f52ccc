"""`lac metrics`: what a monitoring system watches, in the format of Prometheus.

All metrics are gauges. They are read from PostgreSQL and Dagster at each scrape, so no number is lost when a process
ends, and every process that can reach both can be scraped. Times are seconds since 1970, as Prometheus advises; an age
is `time() - lac_asset_synced_timestamp_seconds`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time

import dagster as dg
from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from lac_pipeline import __version__
from lac_pipeline.clock import utc_now
from lac_pipeline.defs.configured_accounts import configured_accounts
from lac_pipeline.defs.opening import freshness_gate, open_warehouse
from lac_pipeline.defs.resources import token_store
from lac_pipeline.defs.sensors.ticks import automations
from lac_pipeline.errors import LacError, ReauthorizeError
from lac_pipeline.linkedin.api_versions import sunset_of
from lac_pipeline.settings import Settings
from lac_pipeline.warehouse.load.check_states import CheckStates
from lac_pipeline.warehouse.query.last_attempts import LastAttempt, last_attempts
from lac_pipeline.warehouse.query.overview import Overview
from lac_pipeline.warehouse.query.usage import ApiUsage
from lac_pipeline.warehouse.schema.operational_tables import LONG_AGO, STATUSES
from lac_pipeline.warehouse.warehouse import Warehouse

ASSET = ("account", "asset")
_STATES = tuple(status for status in STATUSES if status != "skipped")


class PipelineCollector(Collector):
    """Reads everything that is exported, once a scrape.

    A scrape costs a dozen key look-ups. Where PostgreSQL cannot be read, `lac_warehouse_up` is 0 and nothing else of it
    is exported, so that a rule about old numbers does not fire on a number that is not known.

    Args:
        settings: which streams are loaded, and how long they stay fresh.
        warehouse: where they are.
        instance: Dagster's.
    """

    def __init__(self, settings: Settings, warehouse: Warehouse, instance: dg.DagsterInstance) -> None:
        self._settings = settings
        self._warehouse = warehouse
        self._instance = instance

    def describe(self) -> list[Metric]:
        """Nothing: what there is depends on the accounts."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield each metric with all its labels."""
        version = self._settings.linkedin_api_version
        build = gauge("lac_build_info", "The version of this pipeline; always 1.", ("version", "linkedin_api_version"))
        build.add_metric([__version__, version], 1)
        yield build
        sunset = sunset_of(version)
        if sunset is not None:
            moment = datetime.combine(sunset, time(), UTC)
            yield single(
                "lac_linkedin_api_version_sunset_timestamp_seconds",
                "When LinkedIn stops serving the configured API version.",
                moment.timestamp(),
            )
        try:
            of_warehouse = list(self._of_warehouse())
        except LacError:
            yield single("lac_warehouse_up", "Whether PostgreSQL can be read, 1 or 0.", 0)
            return
        yield single("lac_warehouse_up", "Whether PostgreSQL can be read, 1 or 0.", 1)
        yield from of_warehouse
        yield from self._of_dagster()

    def _of_warehouse(self) -> Iterator[Metric]:
        accounts = configured_accounts(self._instance, self._settings)
        engine = self._warehouse.engine
        yield single("lac_accounts", "How many ad accounts are loaded.", len(accounts))
        yield from _attempts(last_attempts(engine, accounts, self._settings.streams.names))
        yield from self._freshness(accounts)
        rejected = gauge("lac_rejected_records", "Records in quarantine, which are not loaded.", ASSET)
        for record in Overview(engine).rejected(account_ids=accounts):
            rejected.add_metric([str(record.account_id), record.asset], record.rejects)
        yield rejected
        failed = gauge(
            "lac_check_failed",
            "1 for each check of an account that does not pass, until it is resolved.",
            (*ASSET, "check", "severity"),
        )
        found = CheckStates(engine).not_passed(accounts, streams=self._settings.streams)
        for labels in sorted(
            {
                (str(state.account_id), state.asset, state.check.value, "error" if state.is_error else "warning")
                for state in found
            }
        ):
            failed.add_metric(labels, 1)
        yield failed
        yield from self._requests()
        yield from self._tokens()

    def _freshness(self, accounts: list[int]) -> Iterator[Metric]:
        labels = ("account", "group")
        due = gauge("lac_group_stale_timestamp_seconds", "When an asset group of an account is too old.", labels)
        quota = gauge("lac_group_waits_for_quota", "1 where a group waits for LinkedIn's daily quota.", labels)
        for state in freshness_gate(self._settings, self._warehouse).states(accounts):
            values = [str(state.account_id), state.group.value]
            if state.stale_at is not None and state.synced_at != LONG_AGO:
                due.add_metric(values, state.stale_at.timestamp())
            quota.add_metric(values, int(state.quota_spent))
        yield from (due, quota)

    def _requests(self) -> Iterator[Metric]:
        calls = gauge(
            "lac_linkedin_requests_today", "Requests of this UTC day, retries included.", ("account", "endpoint")
        )
        spent = gauge(
            "lac_linkedin_quota_spent_until_timestamp_seconds",
            "Until when LinkedIn refuses an endpoint whose daily quota is spent; absent where it does not.",
            ("endpoint",),
        )
        now = utc_now()
        until: dict[str, datetime] = {}
        for row in ApiUsage(self._warehouse.engine).usage(since=now.date()):
            calls.add_metric([str(row.account_id or ""), row.endpoint], row.calls)
            if row.quota_spent_until is not None and row.quota_spent_until > now:
                until[row.endpoint] = row.quota_spent_until
        for endpoint, moment in until.items():
            spent.add_metric([endpoint], moment.timestamp())
        yield from (calls, spent)

    def _tokens(self) -> Iterator[Metric]:
        ends = gauge("lac_token_expires_timestamp_seconds", "When a LinkedIn token ends, where known.", ("token",))
        try:
            tokens = token_store(self._settings, self._warehouse).load()
        except ReauthorizeError:
            tokens = None
        if tokens is not None:
            for token, end in (("access", tokens.access_expires_at), ("refresh", tokens.refresh_expires_at)):
                if end is not None:
                    ends.add_metric([token], end.timestamp())
        yield single("lac_signed_in", "Whether there is a LinkedIn token, 1 or 0.", int(tokens is not None))
        yield ends

    def _of_dagster(self) -> Iterator[Metric]:
        beats = gauge(
            "lac_daemon_heartbeat_timestamp_seconds", "The last sign of life of a daemon of Dagster's.", ("daemon",)
        )
        for name, status in self._instance.get_daemon_statuses().items():
            if status.required and status.last_heartbeat is not None:
                beats.add_metric([name], status.last_heartbeat.timestamp)
        yield beats
        names = ("automation",)
        ticked = gauge("lac_tick_timestamp_seconds", "When a schedule or sensor last ended a tick.", names)
        failed = gauge("lac_tick_failed", "1 where the last tick of a schedule or sensor failed, else 0.", names)
        stopped = gauge("lac_automation_stopped", "1 where a person switched a schedule or sensor off, else 0.", names)
        for name, seen in sorted(automations(self._instance).items()):
            stopped.add_metric([name], int(seen.stopped))
            if seen.last is not None:
                ticked.add_metric([name], seen.last.ended_at.timestamp())
                failed.add_metric([name], int(seen.last.failed))
        yield from (ticked, failed, stopped)


def _attempts(attempts: list[LastAttempt]) -> Iterator[Metric]:
    synced = gauge(
        "lac_asset_synced_timestamp_seconds", "Start of the fetch that an asset was last loaded from.", ASSET
    )
    status = gauge("lac_asset_status", "1 for how the last attempt ended, 0 for the others.", (*ASSET, "status"))
    failures = gauge("lac_asset_failures", "Failed attempts since an asset was last loaded.", ASSET)
    seconds = gauge("lac_last_attempt_duration_seconds", "How long the last attempt that is over took.", ASSET)
    calls = gauge("lac_last_attempt_requests", "Requests of the last attempt, retries included.", ASSET)
    rows = gauge("lac_last_attempt_rows", "What the last attempt did with LinkedIn's records.", (*ASSET, "rows"))
    for attempt in attempts:
        labels = [str(attempt.account_id), attempt.asset]
        if attempt.synced_at is not None and attempt.synced_at != LONG_AGO:
            synced.add_metric(labels, attempt.synced_at.timestamp())
        for each in _STATES:
            status.add_metric([*labels, each], int(attempt.status == each))
        failures.add_metric(labels, attempt.failures)
        if attempt.started_at is None or attempt.finished_at is None:
            continue
        seconds.add_metric(labels, (attempt.finished_at - attempt.started_at).total_seconds())
        calls.add_metric(labels, attempt.api_calls or 0)
        for kind in ("fetched", "inserted", "updated", "unchanged", "pruned", "rejected"):
            rows.add_metric([*labels, kind], getattr(attempt, kind))
    yield from (synced, status, failures, seconds, calls, rows)


def gauge(name: str, text: str, labels: tuple[str, ...]) -> GaugeMetricFamily:
    """A metric with labels and no values yet."""
    return GaugeMetricFamily(name, text, labels=labels)


def single(name: str, text: str, value: float) -> GaugeMetricFamily:
    """A metric of one value."""
    return GaugeMetricFamily(name, text, value=value)


def registry_of(settings: Settings, warehouse: Warehouse, instance: dg.DagsterInstance) -> CollectorRegistry:
    """What Prometheus's client library prints or serves."""
    registry = CollectorRegistry()
    registry.register(PipelineCollector(settings, warehouse, instance))
    return registry


def exposition(settings: Settings, warehouse: Warehouse) -> str:
    """All metrics, in Prometheus's text format."""
    with dg.DagsterInstance.get() as instance:
        return generate_latest(registry_of(settings, warehouse, instance)).decode()


@contextmanager
def served_metrics(settings: Settings, *, host: str, port: int) -> Iterator[str]:
    """Serve the metrics from a thread of this process, and yield their address.

    Args:
        settings: as they are once the databases run.
        host: the address that is listened on; the metrics name ad accounts, so not one that strangers reach.
        port: the port.

    Raises:
        LacError: the port is taken, or this machine has no such address.
    """
    with open_warehouse(settings) as warehouse, dg.DagsterInstance.get() as instance:
        try:
            server, thread = start_http_server(port, host, registry_of(settings, warehouse, instance))
        except OSError as error:
            raise LacError(
                f"metrics cannot be served on {host}:{port}",
                detail=str(error),
                meaning="another program listens there, or this machine has no such address",
                fix="choose another port, or another address",
            ) from error
        try:
            yield f"http://{host}:{server.server_port}/metrics"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
