"""`--json`: what scripts read, in the shapes that docs/json.md describes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from lac_pipeline.cli.terminal.as_json import launch_document, print_document, run_document, runs_document
from lac_pipeline.cli.terminal.documents import (
    LaunchDocument,
    PlanDocument,
    RejectsDocument,
    RunDocument,
    RunsDocument,
    StatusDocument,
    SyncDocument,
    UsageDocument,
)
from lac_pipeline.clock import utc_now
from lac_pipeline.commands.launch import Launched
from lac_pipeline.commands.runs import Ended, FailedCheck, Line, Run
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import STREAMS, AssetGroup
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.cli.conftest import FEW, Lac

pytestmark = pytest.mark.usefixtures("few_streams")

ACCOUNT = 520000001


def test_a_sync_and_what_is_known_after_it(signed_in: Lac, world: World) -> None:
    """Sync, status, usage, rejects and plan each print one object of their shape, about the same rows and requests."""
    campaign = next(iter(world.entities.listed("adCampaigns", ACCOUNT)))
    world.edit.set_field("adCampaigns", campaign.id, "runSchedule", {"start": "soon"})
    printed = signed_in("sync", "--account", "all", "--json")
    assert printed.code == 0, printed.error
    synced = SyncDocument.model_validate_json(printed.out)
    assert [result.group for result in synced.results] == [str(group) for group in STREAMS.chosen(FEW).groups]
    assert (synced.quarantined, synced.checks) == (1, [])
    name = world.truth.accounts()[0]["name"]
    assert {result.account_name for result in synced.results} == {name}
    campaigns = next(attempt for attempt in synced.results[0].attempts if attempt.asset == "campaigns")
    assert (campaigns.inserted, campaigns.rejected, campaigns.since) == (3, 1, None)

    status = StatusDocument.model_validate_json(signed_in("status", "--json", "--asset", "campaigns").out)
    [state] = status.assets
    assert (state.account_id, state.rows, state.rejects, state.due, state.loaded) == (ACCOUNT, 3, 1, False, True)

    usage = UsageDocument.model_validate_json(signed_in("usage", "--days", "1", "--json").out)
    assert usage.calls == sum(row.calls for row in usage.rows) == world.calls.total()

    [reject] = RejectsDocument.model_validate_json(signed_in("rejects", "--json").out).rejects
    assert (reject.account_name, reject.asset, reject.raw["id"]) == (name, "campaigns", campaign.id)

    plan = PlanDocument.model_validate_json(signed_in("plan", "--account", "all", "--json").out)
    assert plan.calls == sum(step.calls for step in plan.steps) > 0
    assert {step.account_name for step in plan.steps} == {name}
    assert next(step for step in plan.steps if step.group == AssetGroup.METRICS).until == utc_now().date()
    assert world.calls.total() == usage.calls


def test_nothing_synced_is_an_empty_list(signed_in: Lac) -> None:
    """Scripts get the same shape before the first sync."""
    assert json.loads(signed_in("status", "--json").out) == {"assets": [], "checks": []}


def test_a_plan_is_not_run_by_what_prints_it(signed_in: Lac) -> None:
    """`--json` and `--yes` together are refused: a script that plans does not load."""
    assert signed_in("plan", "--account", "all", "--json", "--yes").code == 2


def test_launched_runs() -> None:
    """Each run has its account by name, its group, its days and its page."""
    window = DateWindow.inclusive(date(2026, 11, 1), date(2026, 11, 3))
    queued = [
        (Launched(7, "Seven (7)", AssetGroup.ENTITIES, None, "a"), "u/a"),
        (Launched(7, "Seven (7)", AssetGroup.METRICS, window, "b"), "u/b"),
    ]
    document = launch_document(queued, names={7: "Seven"})
    assert isinstance(document, LaunchDocument)
    assert [(run.account_name, run.group, run.since, run.until, run.url) for run in document.runs] == [
        ("Seven", "entities", None, None, "u/a"),
        ("Seven", "metrics", date(2026, 11, 1), date(2026, 11, 3), "u/b"),
    ]


@pytest.mark.parametrize(
    ("account_ids", "account_id", "name"), [((), None, None), ((7,), 7, "Seven"), ((7, 8), None, None)]
)
def test_listed_runs(account_ids: tuple[int, ...], account_id: int | None, name: str | None) -> None:
    """A run names every ad account that it loads, and the account itself where it is the only one."""
    begun = datetime(2026, 11, 1, tzinfo=UTC)
    run = Run("r", "SUCCESS", account_ids, "", "metrics", "scheduled", begun, None)
    document = runs_document([run], {7: "Seven"})
    assert isinstance(document, RunsDocument)
    [shown] = document.runs
    assert (shown.account_ids, shown.account_id, shown.account_name) == ([*account_ids], account_id, name)
    assert (shown.run_id, shown.group, shown.begun_at, shown.ended_at) == ("r", "metrics", begun, None)


def test_a_run_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    """The lines, the status and the failed checks are one object, whose text cannot steer a terminal."""
    line = Line(datetime(2026, 11, 1, tzinfo=UTC), "ERROR", "campaigns", "red \x1b[31m")
    print_document(run_document("r", [line], Ended("SUCCESS", (FailedCheck("campaigns", "keys", "two"),))))
    shown = capsys.readouterr().out
    assert shown.isascii()
    assert "\x1b" not in shown
    document = RunDocument.model_validate_json(shown)
    assert document.lines[0].text == line.text
    assert [(check.asset, check.check) for check in document.failed_checks] == [("campaigns", "keys")]
