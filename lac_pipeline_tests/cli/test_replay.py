"""`lac replay` and `lac raw prune`: the tables rebuilt from kept responses, and the responses forgotten in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
import s3fs
from moto.server import ThreadedMotoServer
from sqlalchemy import Engine, delete, select
from upath import UPath

from lac_pipeline.settings import export
from lac_pipeline.simulator.world.identity import READ_SCOPES
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import STREAMS
from lac_pipeline.warehouse.schema.tables import StreamState, SyncLog, UrnName, stream_table, table_of
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.cli.conftest import FEW, Lac

ACCOUNT = 520000001
TIMES = ["created_at", "updated_at", "fetched_at"]


def tables(engine: Engine) -> dict[str, pd.DataFrame]:
    """Every asset's rows, without the times at which we saw them."""
    read = Warehouse(engine).read
    frames = {asset: read.frame_of(asset, [(ACCOUNT, None)]) for asset in STREAMS.names}
    return {asset: frame.drop(columns=[name for name in TIMES if name in frame]) for asset, frame in frames.items()}


def names(engine: Engine) -> dict[str, str | None]:
    """What URNs are called."""
    with engine.connect() as connection:
        return dict(connection.execute(select(UrnName.urn, UrnName.name)).tuples().all())


def empty(engine: Engine) -> None:
    """Empty the tables of all assets, the names, and the log of the syncs."""
    with engine.begin() as connection:
        for table in (*map(stream_table, STREAMS.names), *map(table_of, (SyncLog, StreamState, UrnName))):
            connection.execute(delete(table))


@pytest.fixture
def world() -> World:
    """One ad account at noon: LinkedIn's numbers of the running day come in by the hour."""
    world = World.synthetic(accounts=1, campaigns=4, creatives=8, days=20)
    world.set_now(world.now().replace(hour=12, minute=0))
    return world


@pytest.fixture
def settings_given(settings_given: dict[str, str]) -> dict[str, str]:
    """Every stream that is loaded by default: a replay reads each kind of kept response."""
    return settings_given | {"LAC_STREAMS": "default"}


@pytest.fixture
def since(world: World) -> str:
    """The day on which all responses were kept."""
    return f"{world.now().date() - timedelta(days=1)}"


@pytest.mark.whole
def test_replay_rebuilds_equal_tables(signed_in: Lac, engine: Engine, world: World, since: str) -> None:
    """After two syncs, with rows vanished and names changed between, an emptied database is rebuilt without a call."""
    token, refresh = world.authorize((*READ_SCOPES, "r_organization_social"))
    export({"LINKEDIN_ACCESS_TOKEN": token, "LINKEDIN_REFRESH_TOKEN": refresh})
    creative = next(iter(world.entities.listed("creatives", ACCOUNT)))
    world.edit.drop_field("creatives", creative.id, "name")
    signed_in("sync", "--account", "all")
    today = world.now().date()
    campaign = next(iter(world.entities.listed("adCampaigns", ACCOUNT)))
    world.edit.vanish("adCampaigns", campaign.id, DateWindow.inclusive(today, today))
    world.edit.set_field("adCampaigns", campaign.id, "name", "renamed")
    signed_in("sync", "--account", "all", "--since", f"{today}", "--force")
    before, named, calls = tables(engine), names(engine), dict(world.calls)
    usage = signed_in("usage").out
    empty(engine)
    result = signed_in("replay", "--account", "all", "--since", since)
    assert result.code == 0, result.error
    assert "0 calls to LinkedIn" in result.out
    for asset, frame in tables(engine).items():
        pd.testing.assert_frame_equal(frame, before[asset])
    assert names(engine) == named
    assert any(name is not None and urn.startswith("urn:li:share") for urn, name in named.items())
    assert len(before["campaign_daily_metrics"]) > 0
    assert len(before["audience_demographics"]) > 0
    assert dict(world.calls) == calls
    assert signed_in("usage").out == usage


def test_replay_does_not_undo_newer_rows(signed_in: Lac, engine: Engine, since: str) -> None:
    """Replayed over what is there, nothing changes."""
    export({"LAC_STREAMS": FEW})
    signed_in("sync", "--account", "all")
    before = tables(engine)
    result = signed_in("replay", "--account", f"{ACCOUNT}", "--since", since)
    assert result.code == 0, result.error
    for asset, frame in tables(engine).items():
        pd.testing.assert_frame_equal(frame, before[asset])


@pytest.mark.whole
def test_replay_lists_what_it_leaves_out(signed_in: Lac, engine: Engine, world: World, since: str) -> None:
    """Metrics that were not read then, days before the first one, lists that were not kept: all are printed."""
    today = world.now().date()
    export({"LAC_METRICS": "impressions,clicks"})
    signed_in("sync", "--account", "all")
    empty(engine)
    export({"LAC_METRICS": "impressions,clicks,shares,likes,follows,opens", "LAC_START_DATE": f"{today}"})
    result = signed_in("replay", "--account", "all", "--since", since)
    assert result.code == 0, result.error
    place = f"campaign_daily_metrics of {today - timedelta(days=20)}..{today}"
    assert f"{place}: loaded without follows, likes, opens and 1 more, which were not read then" in result.out
    assert "before LAC_START_DATE" in result.out
    rows = tables(engine)["campaign_daily_metrics"]
    assert set(rows["date"]) == {today}
    assert rows["impressions"].notna().all()
    assert rows["follows"].isna().all()
    result = signed_in("replay", "--account", "all", "--since", f"{today + timedelta(days=2)}")
    assert "skipped: campaigns: no whole response was kept since" in result.out


def test_replay_of_an_unknown_account(signed_in: Lac) -> None:
    """An account that the archive does not hold is named, and so is the setting."""
    result = signed_in("replay", "--account", "7", "--since", "2026-01-01")
    assert result.code == 1
    assert "LAC_RAW_URL" in result.error


def test_prune_removes_old_days_alone(signed_in: Lac, tmp_path: Path) -> None:
    """Days that ended before the given age are removed; later ones stay."""
    old = tmp_path / "home" / "raw" / f"{ACCOUNT}" / "2020-01-01" / "campaigns"
    old.mkdir(parents=True)
    (old / "20200101T000000.000000Z-run-000001.json.gz").write_bytes(b"x")
    young = tmp_path / "home" / "raw" / f"{ACCOUNT}" / "2999-01-01" / "campaigns"
    young.mkdir(parents=True)
    result = signed_in("raw", "prune", "--older-than", "90d")
    assert result.out.startswith("removed 1 response")
    assert not old.exists()
    assert young.exists()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket on a server on loopback that speaks S3."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    s3fs.S3FileSystem.clear_instance_cache()
    s3fs.S3FileSystem(use_listings_cache=False).mkdir("lac-raw")
    yield "s3://lac-raw/home"
    server.stop()


def test_prune_works_on_s3(signed_in: Lac, bucket: str) -> None:
    """The archive may lie in a bucket: days that are old enough go, younger ones stay."""
    export({"LAC_RAW_URL": bucket})
    old, young = (
        UPath(bucket) / "raw" / f"{ACCOUNT}" / day / "campaigns" / "20200101T000000.000000Z-run-000001.json.gz"
        for day in ("2020-01-01", "2999-01-01")
    )
    old.write_bytes(b"x")
    young.write_bytes(b"x")
    assert signed_in("raw", "prune", "--older-than", "90d").out == f"removed 1 response, 0.0 MiB, from {bucket}\n"
    assert (old.exists(), young.exists()) == (False, True)


@pytest.mark.parametrize("age", ["90", "0d", "-1d", "soon"])
def test_prune_needs_days(signed_in: Lac, age: str) -> None:
    """An age that is not a number of days is refused, and nothing is removed."""
    assert signed_in("raw", "prune", "--older-than", age).code == 2


@pytest.mark.whole
def test_replay_does_not_hide_a_pivot_that_was_not_read(signed_in: Lac, world: World, since: str) -> None:
    """What LinkedIn refused of the audiences is still known to be missing after their load was replayed."""
    export({"LAC_MEMBER_PIVOTS": "MEMBER_INDUSTRY,MEMBER_SENIORITY"})
    world.faults.add("adAnalytics", kind="status", status=400, about="pivot=MEMBER_SENIORITY")
    assert signed_in("sync", "--account", "all").code == 1
    signed_in("replay", "--account", "all", "--since", since)
    assert "pivots_loaded: MEMBER_SENIORITY could not be read" in signed_in("status").out
