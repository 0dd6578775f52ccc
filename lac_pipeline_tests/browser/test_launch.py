"""`lac launch` and `lac runs` against a running Dagster."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from typer.testing import CliRunner, Result

from lac_pipeline.cli.app import app
from lac_pipeline.cli.terminal.documents import LaunchDocument, RunsDocument
from lac_pipeline.clock import utc_now
from lac_pipeline.errors import LacError
from lac_pipeline.warehouse.query.overview import Overview
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.browser.conftest import Stack

pytestmark = pytest.mark.slow

TAGS = "query Tags($run: ID!) { runOrError(runId: $run) { ... on Run { tags { key value } } } }"


def lac(*arguments: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app, list(arguments))


def run_ids(printed: str) -> list[str]:
    """The runs that `lac launch` named."""
    return re.findall(r"/runs/([0-9a-f-]{36})", printed)


def test_an_account_is_launched_and_followed_to_its_end(stack: Stack) -> None:
    """Three runs are queued with addresses and the account's name; following one shows its progress, and exits 0."""
    result = lac("launch", "--account", stack.accounts[0], "--url", stack.dagster.url)
    assert result.exit_code == 0, result.output
    runs = run_ids(result.output)
    assert len(runs) == 3
    assert f"{stack.dagster.url}/runs/{runs[0]}" in result.output
    name = Overview(stack.warehouse.engine).names()[int(stack.accounts[0])]
    tags = stack.dagster.execute(TAGS, run=runs[-1])["runOrError"]["tags"]
    assert {"key": "account", "value": f"{name} ({stack.accounts[0]})"} in tags
    followed = [lac("runs", run, "--url", stack.dagster.url) for run in runs]
    assert [(run.exit_code, run.output.splitlines()[-1]) for run in followed] == [(0, "success")] * 3
    assert "records fetched, 0 rejected" in followed[1].output
    assert "campaign_daily_metrics" in followed[1].output
    assert "no preview and plot" not in "".join(run.output for run in followed)
    attempts = stack.warehouse.read.attempts_of(runs[1])
    assert {str(attempt.attempt.account_id) for attempt in attempts} == {stack.accounts[0]}
    today = utc_now().date()
    assert {
        (attempt.attempt.window.start, attempt.attempt.window.last) for attempt in attempts if attempt.attempt.window
    } == {(today - timedelta(days=3), today)}


def test_runs_are_listed_waited_for_and_named_by_a_beginning(stack: Stack) -> None:
    """`lac launch --wait` ends with its runs; `lac runs` lists them, and eight characters are enough to name one."""
    account, url = stack.accounts[0], stack.dagster.url
    launched = lac("launch", "--account", account, "--wait", "--json", "--url", url)
    assert launched.exit_code == 0, launched.output
    queued = LaunchDocument.model_validate_json(launched.output).runs
    assert [run.status for run in queued] == ["SUCCESS"] * 3
    listed = lac("runs", "--account", account, "--limit", "3", "--json", "--url", url)
    assert listed.exit_code == 0, repr(listed.exception)
    found = RunsDocument.model_validate_json(listed.output).runs
    assert {run.run_id for run in found} == {run.run_id for run in queued}
    assert {(run.account_id, run.status, run.trigger) for run in found} == {(int(account), "SUCCESS", "on_demand")}
    shown = lac("runs", "--url", url).output
    assert all(run.run_id[:8] in shown for run in queued)
    assert lac("runs", queued[0].run_id[:8], "--url", url).output.splitlines()[-1] == "success"


def test_a_run_that_fails_exits_1_and_shows_why(stack: Stack) -> None:
    """The end of a failed run is its reason, and status 1."""
    account = stack.accounts[1]
    stack.world.edit.forbid(int(account))
    try:
        (run, *_) = run_ids(lac("launch", "--account", account, "--url", stack.dagster.url).output)
        followed = lac("runs", run, "--url", stack.dagster.url)
    finally:
        stack.world.edit.allow(int(account))
    assert followed.exit_code == 1
    assert f"({account}): LinkedIn" in followed.output
    assert followed.output.splitlines()[-1] == "failure"


def launch_metrics(stack: Stack, account: str, day: date) -> Result:
    """Launch a day of an account and follow its run of metrics."""
    days = ("--since", str(day), "--until", str(day))
    runs = run_ids(lac("launch", "--account", account, *days, "--url", stack.dagster.url).output)
    return lac("runs", runs[1], "--url", stack.dagster.url)


def test_a_run_whose_check_fails_exits_1_and_shows_why(stack: Stack) -> None:
    """While a check of its account fails a run is no success; runs of other accounts are, and so is its own reload."""
    first, second, day = stack.accounts[0], stack.accounts[1], utc_now().date() - timedelta(days=1)
    stack.world.edit.lose_rows("CAMPAIGN", DateWindow.inclusive(day, day))
    try:
        wrong = launch_metrics(stack, second, day)
    finally:
        stack.world.edit.undo_rows()
    other = launch_metrics(stack, first, day - timedelta(days=1))
    reloaded = launch_metrics(stack, second, day)
    assert [each.exit_code for each in (wrong, other, reloaded)] == [1, 0, 0]
    assert "failed check reconciliation of campaign_daily_metrics:" in wrong.output
    assert re.fullmatch(r"loaded, but \d+ checks? failed", wrong.output.splitlines()[-1])
    assert f"`lac sync --account {second} --since {day} --until {day} --force`" in wrong.output


def test_an_account_that_dagster_does_not_know_is_refused(stack: Stack) -> None:
    """Nothing is launched for a number that is no partition; the error lists those that are."""
    result = lac("launch", "--account", "999", "--url", stack.dagster.url)
    assert isinstance(result.exception, LacError)
    assert result.exception.summary == "unknown ad account: 999"
    assert stack.accounts[0] in str(result.exception)


def test_days_without_a_partition_are_refused(stack: Stack) -> None:
    """Days before the first partition of the running Dagster are refused before anything is launched."""
    result = lac("launch", "--account", stack.accounts[0], "--since", "2026-01-01", "--url", stack.dagster.url)
    assert isinstance(result.exception, LacError)
    assert "LAC_START_DATE" in str(result.exception)


def test_an_unknown_run_is_an_error(stack: Stack) -> None:
    """A run that Dagster does not know cannot be followed."""
    result = lac("runs", "not-a-run", "--url", stack.dagster.url)
    assert isinstance(result.exception, LacError)
    assert result.exception.summary == "unknown run: not-a-run"
    assert result.exception.meaning == "none of the newest 200 runs has an id that begins so"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "no address at all"])
def test_without_a_running_dagster(url: str) -> None:
    """The error says where it looked, and how to start one."""
    result = lac("launch", "--account", "1", "--url", url)
    assert isinstance(result.exception, LacError)
    assert result.exception.summary == f"no Dagster responds on {url}"
    assert "--url" in str(result.exception.fix)
