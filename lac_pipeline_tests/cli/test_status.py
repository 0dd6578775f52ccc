"""`lac status`, `usage`, `rejects` and `plan`: what is held, what it cost, what is wrong, what would be done."""

from __future__ import annotations

import re

import pytest

from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.cli.conftest import Lac


@pytest.fixture
def world() -> World:
    """One busy ad account at noon: LinkedIn's numbers of the running day come in by the hour."""
    world = World.synthetic(accounts=1, campaigns=4, creatives=8, days=20)
    world.set_now(world.now().replace(hour=12, minute=0))
    return world


@pytest.fixture
def synced(signed_in: Lac) -> Lac:
    """The command, after one sync of everything."""
    said = signed_in("sync", "--account", "all")
    assert said.code == 0, said.error
    return signed_in


def rows_of(text: str, asset: str) -> list[str]:
    """The lines of a table that are about an asset."""
    return [line for line in text.splitlines() if f" {asset} " in line]


def test_status_before_the_first_sync(signed_in: Lac) -> None:
    """An empty warehouse says what to run."""
    assert "run `lac sync --account all`" in signed_in("status").out


def test_status_after_a_sync(synced: Lac, world: World) -> None:
    """Every asset shows its age, status, rows and when it is next due; the rows are the world's."""
    said = synced("status")
    campaigns = rows_of(said.out, "campaigns")[0].split()
    assert campaigns[0] == "520000001"
    assert campaigns[4:8] == ["0min", "success", "4", "0"]
    assert len(said.out.splitlines()) == 8
    assert re.search(r"\d\d-\d\d \d\d:\d\dZ$", said.out.splitlines()[1])


def test_usage_counts_what_linkedin_saw(synced: Lac, world: World) -> None:
    """The calls of the day are those that LinkedIn counted, by endpoint."""
    said = synced("usage", "--days", "1")
    calls = {line.split()[1]: int(line.split()[3]) for line in said.out.splitlines()[1:-1] if "adAccounts" not in line}
    assert calls == {name: world.calls[name] for name in calls}
    assert calls["adAnalytics"] > 0
    assert said.out.splitlines()[-1].split()[-1] == str(sum(world.calls.values()))


def test_rejects_are_listed_and_retried(signed_in: Lac, world: World) -> None:
    """A record that cannot be loaded is listed with why, value and raw; once LinkedIn mends it, a retry closes it."""
    campaign = next(iter(world.entities.listed("adCampaigns", 520000001)))
    world.edit.set_field("adCampaigns", campaign.id, "runSchedule", {"start": "soon"})
    signed_in("sync", "--account", "all")
    listed = signed_in("rejects", "--account", "520000001")
    assert "1 open rejects" in listed.out
    assert '  value:  "soon"' in listed.out
    assert f'"id": {campaign.id}' in listed.out
    assert "0 open rejects" in signed_in("rejects", "--asset", "creatives").out
    assert "1 rejects are still open" in signed_in("rejects", "retry").out
    world.edit.drop_field("adCampaigns", campaign.id, "runSchedule")
    assert "0 rejects are still open" in signed_in("rejects", "retry").out
    assert "0 open rejects" in signed_in("rejects").out


def test_plan_of_an_unknown_account(signed_in: Lac, world: World) -> None:
    """Before the first sync the plan says that its calls are the least, and without a terminal it does nothing."""
    said = signed_in("plan", "--account", "all")
    assert said.code == 0, said.error
    assert "at least" in said.out
    assert world.calls["adAnalytics"] == 0


def test_plan_is_kept(synced: Lac, world: World) -> None:
    """What is held gives the estimate; `--yes` then runs it, with no more than a call or two beside the plan."""
    today = world.now().date()
    before = sum(world.calls.values())
    said = synced("plan", "--account", "520000001", "--since", str(today), "--yes")
    assert said.code == 0, said.error
    planned = int(re.search(r"(\d+) calls to LinkedIn", said.out)[1])  # type: ignore[index]
    assert abs(sum(world.calls.values()) - before - planned) <= 2
    days = next(line for line in said.out.splitlines() if " metrics " in line)
    assert f"{today}..{today}" in days
    assert days.split()[-1] == str(4 + 8)


def test_plan_refuses_senseless_days(signed_in: Lac) -> None:
    """Days in the wrong order are refused before anything is started."""
    said = signed_in("plan", "--account", "all", "--since", "2026-02-02", "--until", "2026-02-01")
    assert said.code == 1
    assert "swap them" in said.error
