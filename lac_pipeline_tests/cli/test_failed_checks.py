"""A failed check is shown on the terminal, by the exit code and by `lac status`, until it passes."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from lac_pipeline.simulator.world.world import World
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.cli.conftest import Lac

pytestmark = pytest.mark.usefixtures("few_streams")

FIRST, SECOND = "520000001", "520000002"


@pytest.fixture
def world() -> World:
    """Two small ad accounts at noon: LinkedIn's numbers of the running day come in by the hour."""
    world = World.synthetic(accounts=2, campaigns=2, creatives=2, days=20)
    world.set_now(world.now().replace(hour=12, minute=0))
    return world


@pytest.fixture
def settings_given(settings_given: dict[str, str], world: World) -> dict[str, str]:
    """Four days."""
    return settings_given | {"LAC_START_DATE": f"{world.now().date() - timedelta(days=3)}"}


@pytest.mark.whole
def test_lost_numbers_are_reported_until_they_are_loaded(signed_in: Lac, world: World) -> None:
    """Lost rows: account by name and id, numbers, fix, exit code 1, for a fresh account too, until they are loaded."""
    day = world.now().date() - timedelta(days=2)
    world.edit.lose_rows("CAMPAIGN", DateWindow.inclusive(day, day))
    lost = f"account Synthetic 1 ({FIRST}), {day}, campaign_daily_metrics, reconciliation: "
    again = f"lac sync --account {FIRST} --since {day} --until {day} --force"
    first = signed_in("sync", "--account", FIRST)
    assert (first.code, first.error.count("reconciliation: ")) == (1, 1)
    assert lost in first.error
    assert again in first.error
    world.edit.undo_rows()
    assert signed_in("sync", "--account", SECOND).code == 0
    skipped = signed_in("sync", "--account", FIRST)
    assert (skipped.code, lost in skipped.error) == (1, True)
    status = signed_in("status").out
    assert lost in status
    assert again in status
    reloaded = signed_in(*again.split()[1:])
    assert (reloaded.code, "failed checks" in reloaded.error) == (0, False)
    assert "reconciliation" not in signed_in("status").out


def test_quarantine_alone_is_no_failure(signed_in: Lac, world: World) -> None:
    """A record that cannot be loaded is counted, with the command that lists it, and the exit code is 0."""
    campaign = next(iter(world.entities.listed("adCampaigns", int(FIRST))))
    world.edit.set_field("adCampaigns", campaign.id, "runSchedule", {"start": "soon"})
    result = signed_in("sync", "--account", FIRST)
    assert (result.code, "failed" in result.error) == (0, False)
    assert "in quarantine: 1 record; `lac rejects` lists them" in result.out
    assert "partial" in result.out


@pytest.mark.whole
def test_rows_that_an_unreadable_record_keeps_are_reported(signed_in: Lac, world: World) -> None:
    """A refused record that names no row keeps the rows that were not returned: how many, why, and what to do."""
    signed_in("sync", "--account", FIRST)
    day = world.now().date() - timedelta(days=2)
    campaign = next(iter(world.entities.listed("adCampaigns", int(FIRST)))).id
    value = f"urn:li:sponsoredCampaign:{campaign}"
    window = DateWindow.inclusive(day, day)
    world.edit.break_rows("CAMPAIGN", window, name="dateRange", replacement=None, value=value)
    result = signed_in("sync", "--account", FIRST, "--force")
    warning = "LinkedIn returned all but 1 row, and 1 record that was refused and names no row"
    assert (result.code, result.out.count(warning)) == (0, 1)
    assert f"lac rejects --account {FIRST} --asset campaign_daily_metrics" in result.out


@pytest.mark.whole
def test_a_lost_account_is_named(signed_in: Lac, world: World) -> None:
    """An account that vanishes from LinkedIn's list keeps its rows, and every command says that it is missing."""
    assert signed_in("sync", "--account", "all").code == 0
    world.edit.forbid(int(SECOND))
    result = signed_in("sync", "--account", "all", "--force")
    missing = f"account Synthetic 2 ({SECOND}), accounts, account_listed: LinkedIn does not list the account any more"
    assert (result.code, missing in result.error) == (1, True)
    assert f"({FIRST}), accounts" not in result.error
    status = signed_in("status").out
    assert missing in status
    [campaigns] = [line for line in status.splitlines() if line.startswith(f"{SECOND} ") and " campaigns " in line]
    assert " 2 " in campaigns
    findings = json.loads(signed_in("doctor", "--json").out)
    assert [
        finding["subject"] for finding in findings if finding["state"] == "failed" and SECOND in finding["found"]
    ] == ["ad accounts"]
    world.edit.allow(int(SECOND))
    assert signed_in("sync", "--account", "all", "--force").code == 0


def test_an_empty_list_is_a_failure(signed_in: Lac, world: World) -> None:
    """LinkedIn lists no account at all: that is an error, not a header and exit code 0."""
    for account in (FIRST, SECOND):
        world.edit.forbid(int(account))
    for command in ("sync", "plan"):
        result = signed_in(command, "--account", "all")
        assert (command, result.code) == (command, 1)
        assert "LinkedIn lists no ad account for this token" in result.error


@pytest.mark.whole
class TestShrunk:
    """A world of one account with many campaigns, most of which LinkedIn stops listing."""

    @pytest.fixture
    def world(self) -> World:
        """Forty campaigns."""
        world = World.synthetic(accounts=1, campaigns=40, creatives=40, days=1)
        world.set_now(world.now().replace(hour=12, minute=0))
        return world

    def test_kept_rows_are_reported_until_they_are_accepted(self, signed_in: Lac, world: World) -> None:
        """The numbers and the command that accepts the loss; that command, as it is printed, resolves the check."""
        assert signed_in("sync", "--account", FIRST).code == 0
        for campaign in list(world.entities.listed("adCampaigns", int(FIRST)))[:30]:
            world.edit.remove("adCampaigns", campaign.id)
        kept = signed_in("sync", "--account", FIRST, "--force")
        finding = f"account Synthetic 1 ({FIRST}), campaigns, shrink_guard: LinkedIn returned all but 30 of the 40 rows"
        assert (kept.code, finding in kept.error) == (1, True)
        [command] = [line.split("`")[1] for line in kept.error.splitlines() if "--accept-shrink`" in line]
        accepted = signed_in(*command.split()[1:])
        assert (accepted.code, "shrink_guard" in accepted.error) == (0, False)
