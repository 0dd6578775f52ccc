"""`lac metrics` and `lac health`: what a monitoring system sees of the pipeline."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.request import urlopen

import dagster as dg
import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from lac_pipeline.clock import utc_now
from lac_pipeline.commands.metrics import registry_of, served_metrics
from lac_pipeline.defs.partitions import account_partitions
from lac_pipeline.errors import LacError
from lac_pipeline.linkedin.api_versions import sunset_of
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.settings import Settings, export
from lac_pipeline.simulator.world.world import World
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.cli.conftest import FEW, Lac

Samples = dict[tuple[str, tuple[str, ...]], float]
ACCOUNT = "520000001"


def samples_of(text: str) -> Samples:
    """Each value by metric and by the values of its labels, in the order of their names."""
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def printed(few_streams: None, synced: Lac) -> Samples:
    """What `lac metrics` prints after a sync."""
    return samples_of(synced("metrics").out)


def test_every_asset_has_its_age_status_and_rows(printed: Samples, world: World) -> None:
    """After a sync each chosen asset has the time of its fetch, how it ended, and what was done with its records."""
    for name in FEW.split(","):
        synced_at = datetime.fromtimestamp(printed["lac_asset_synced_timestamp_seconds", (ACCOUNT, name)], UTC)
        assert timedelta(0) <= utc_now() - synced_at < timedelta(minutes=10)
        assert printed["lac_asset_status", (ACCOUNT, name, "success")] == 1
        assert printed["lac_asset_status", (ACCOUNT, name, "failed")] == 0
        assert printed["lac_asset_failures", (ACCOUNT, name)] == 0
    assert printed["lac_last_attempt_rows", (ACCOUNT, "campaigns", "inserted")] == 4
    assert printed["lac_last_attempt_requests", (ACCOUNT, "campaigns")] >= 1


@pytest.mark.whole
def test_what_is_requested_and_what_ends_is_exported(printed: Samples, world: World) -> None:
    """Requests of the day equal those that LinkedIn received; the version has its sunset."""
    requests = sum(value for (name, _), value in printed.items() if name == "lac_linkedin_requests_today")
    assert requests == sum(request.path.startswith("/rest/") for request in world.requests)
    sunset = sunset_of(Settings.load().linkedin_api_version)
    assert sunset is not None
    moment = datetime.fromtimestamp(printed["lac_linkedin_api_version_sunset_timestamp_seconds", ()], UTC)
    assert moment.date() == sunset
    assert printed["lac_signed_in", ()] == 1
    assert printed["lac_warehouse_up", ()] == 1


@pytest.mark.whole
def test_what_is_wrong_is_exported(synced: Lac, world: World) -> None:
    """Records in quarantine are counted, and a check that fails is 1 with asset and severity."""
    campaign = next(iter(world.entities.listed("adCampaigns", int(ACCOUNT))))
    world.edit.set_field("adCampaigns", campaign.id, "runSchedule", {"start": "soon"})
    day = world.now().date() - timedelta(days=3)
    world.edit.lose_rows("CAMPAIGN", DateWindow.inclusive(day, day))
    synced("sync", "--account", "all", "--force")
    printed = samples_of(synced("metrics").out)
    assert printed["lac_rejected_records", (ACCOUNT, "campaigns")] == 1
    assert printed["lac_asset_status", (ACCOUNT, "campaigns", "partial")] == 1
    failed = {labels for name, labels in printed if name == "lac_check_failed"}
    assert (ACCOUNT, "campaign_daily_metrics", "reconciliation", "error") in failed


def test_no_metric_holds_a_secret(signed_in: Lac, world: World) -> None:
    """Neither the token nor the client secret is in what is printed."""
    text = signed_in("metrics").out
    assert "lac_signed_in 1.0" in text
    assert world.token not in text
    assert Settings.load().linkedin_client_secret.get_secret_value() not in text


@pytest.fixture
def served(signed_in: Lac) -> Iterator[str]:
    """The address of the metrics, served from this process."""
    assert signed_in("status").code == 0  # it makes Dagster's database
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with served_metrics(Settings.load(), host="127.0.0.1", port=port) as address:
        yield address


def test_they_are_served_before_the_first_sync(served: str) -> None:
    """Prometheus gets the text format over HTTP; an account that was never discovered has no number yet."""
    with urlopen(served) as response:  # noqa: S310 - an address of this test's own
        assert response.headers["Content-Type"].startswith("text/plain; version=")
        printed = samples_of(response.read().decode())
    assert printed["lac_accounts", ()] == 0
    assert printed["lac_warehouse_up", ()] == 1


def test_a_port_that_is_taken_is_refused_in_words(served: str) -> None:
    """The error names address and port, and what to do."""
    port = int(served.split(":")[2].split("/", maxsplit=1)[0])
    with (
        pytest.raises(LacError, match=rf"cannot be served on 127\.0\.0\.1:{port}"),
        served_metrics(Settings.load(), host="127.0.0.1", port=port),
    ):
        pass


def test_without_postgresql_only_that_is_exported(signed_in: Lac) -> None:
    """A database that does not respond is a 0, not numbers of before."""
    settings = Settings.load()
    lost = make_engine("postgresql+psycopg://lac@127.0.0.1:9/none")
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(account_partitions.name), [ACCOUNT])
        printed = samples_of(generate_latest(registry_of(settings, Warehouse(lost), instance)).decode())
    assert printed["lac_warehouse_up", ()] == 0
    assert {name for name, _ in printed if name.startswith(("lac_asset", "lac_check", "lac_group"))} == set()


def test_health_passes_while_the_database_responds(signed_in: Lac) -> None:
    """Without a daemon to look for, a database with this version's schema is healthy."""
    result = signed_in("health", "--no-daemon")
    assert (result.code, result.error) == (0, "")
    assert "responds" in result.out


def test_health_fails_where_the_daemon_never_ran(signed_in: Lac) -> None:
    """A pipeline whose sensors and schedules stand still is not healthy, and the fix is named."""
    result = signed_in("health")
    assert result.code == 1
    assert "fix: `lac up`" in result.out


def test_health_fails_without_a_database(signed_in: Lac) -> None:
    """Where PostgreSQL cannot be reached the command fails with the error of every command."""
    export({"DATABASE_URL": "postgresql://lac@127.0.0.1:9/none"})
    result = signed_in("health")
    assert result.code != 0
    assert "127.0.0.1" in result.error
