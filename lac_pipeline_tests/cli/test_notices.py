"""What ends soon is shown where people look: the run's log, the terminal, `lac auth status` and `lac doctor`."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from lac_pipeline.clock import MovableClock
from lac_pipeline.defs.event_wording import line_of, words_of
from lac_pipeline.defs.opening import open_warehouse
from lac_pipeline.defs.resources import open_client
from lac_pipeline.linkedin.api_versions import DEFAULT_VERSION, SUNSETS
from lac_pipeline.linkedin.expiry import TokenEnds, VersionEnds, version_ends
from lac_pipeline.settings import Settings, export
from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.cli.conftest import Lac

ACCOUNT = 520000001
LOG = logging.getLogger("lac_pipeline_tests.notices")


@pytest.fixture
def ending(lac: Lac, world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A version that ends in 30 days and a stored token that ends in 9: how the warning about each begins."""
    sunset = world.now().date() + timedelta(days=30)
    monkeypatch.setitem(SUNSETS, DEFAULT_VERSION, sunset)
    export({"LINKEDIN_API_VERSION": DEFAULT_VERSION})
    world.advance(-timedelta(days=50))
    access, _ = world.authorize()
    world.advance(timedelta(days=50))
    assert lac("auth", "login", "--paste-token", stdin=f"{access}\n\n").code == 0
    left = timedelta(days=30)
    version = words_of(VersionEnds(DEFAULT_VERSION, sunset, left, None)).problem
    token = words_of(TokenEnds("access", world.now() + timedelta(days=9), timedelta(days=9), renews=False)).problem
    return [version, token.partition(" (")[0]]


@pytest.mark.usefixtures("few_streams")
def test_a_sync_warns_in_the_runs_log_and_on_the_terminal(ending: list[str], lac: Lac) -> None:
    """The log of each run of a sync has both warnings, and the terminal shows them too."""
    result = lac("sync", "--account", f"{ACCOUNT}")
    assert result.code == 0, result.error
    with dg.DagsterInstance.get() as instance:
        logs = [
            [entry.user_message for entry in instance.all_logs(run.run_id) if entry.level == logging.WARNING]
            for run in instance.get_runs()
        ]
    assert len(logs) == 2  # entities, metrics
    for warning in ending:
        assert [sum(line.startswith(warning) for line in lines) for lines in logs] == [1, 1]
        assert warning in result.error


def test_status_and_doctor_warn(ending: list[str], lac: Lac) -> None:
    """Both commands that show how things are print both, once each, and still succeed."""
    status = lac("auth", "status")
    assert status.code == 0
    assert [status.error.count(f"warning: {warning}") for warning in ending] == [1, 1]
    doctor = lac("doctor").out
    assert [warning in doctor for warning in ending] == [True, True]


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize(("day", "warned"), [("2026-11-30", False), ("2026-12-01", True), ("2027-01-14", True)])
def test_a_client_warns_by_the_clock(
    clock: MovableClock, world: World, caplog: pytest.LogCaptureFixture, day: str, warned: bool
) -> None:
    """Version 202601 ends on 2027-01-15: on the 45th day before that every client that is opened starts to say so."""
    now = datetime.fromisoformat(day).replace(tzinfo=UTC)
    clock.set(now)
    world.set_now(now)
    export({"LINKEDIN_API_VERSION": "202601"})

    async def read() -> None:
        with open_warehouse(settings) as warehouse:
            async with open_client(settings, warehouse, run_id="test", log=LOG) as client:
                await client.account(ACCOUNT)

    settings = Settings.load()
    with caplog.at_level(logging.WARNING, logger=LOG.name):
        asyncio.run(read())
    ending = version_ends("202601", today=now.date())
    assert caplog.messages == ([line_of(ending)] if ending else [])
    assert (ending is not None) == warned
