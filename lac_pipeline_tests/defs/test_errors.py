"""What `lac` prints when something is wrong: what failed, why, and the command that fixes it; with nothing lost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import make_url

from lac_pipeline.cli.app import main
from lac_pipeline.defs.run_process import RunProcess
from lac_pipeline.defs.run_tags import PROCESS
from lac_pipeline.postgres.embedded.server import EmbeddedServer
from lac_pipeline.simulator.world.world import World
from lac_pipeline.warehouse import migrate
from lac_pipeline_tests.defs.conftest import Pipeline


@dataclass(frozen=True)
class Outcome:
    """What a command left on the terminal."""

    code: object
    out: str
    err: str


Lac = Callable[..., Outcome]


@pytest.fixture
def world() -> World:
    """One small account."""
    return World.synthetic(accounts=1, campaigns=2, creatives=2, days=3)


@pytest.fixture
def lac(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Lac:
    """Run `lac` in this process, with the pipeline's settings, in an empty folder."""
    assert pipeline.settings
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **settings: str) -> Outcome:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["lac", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Outcome(ended.value.code, captured.out, captured.err)

    return run


def unused_port() -> int:
    """A port on which no process listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_sync_shows_what_it_did(lac: Lac) -> None:
    """A line per account and asset, with every count, and exit status 0; the second time all is skipped."""
    first = lac("sync", "--account", "all")
    assert first.code == 0
    assert "DAILY analytics by CREATIVE" in first.err
    (line,) = [line for line in first.out.splitlines() if "creative_daily_metrics" in line]
    heads = next(line for line in first.out.splitlines() if line.startswith("account")).split()
    values = dict(zip(heads, line.split(), strict=True))
    assert float(values.pop("seconds")) >= 0
    counts = {"fetched": "6", "inserted": "6", "updated": "0", "unchanged": "0", "pruned": "0", "rejected": "0"}
    assert values == {
        "account": "520000001",
        "asset": "creative_daily_metrics",
        **counts,
        "superseded": "0",
        "calls": "1",
    }
    second = lac("sync", "--account", "all")
    assert second.code == 0
    assert second.out.count("skipped: ") == 3


def test_a_missing_setting(lac: Lac, monkeypatch: pytest.MonkeyPatch) -> None:
    """The missing setting is named, with where to get it."""
    monkeypatch.delenv("LINKEDIN_CLIENT_ID")
    outcome = lac("sync", "--account", "all")
    assert outcome.code == 1
    assert "LINKEDIN_CLIENT_ID" in outcome.err
    assert "\n  fix: " in outcome.err


def test_postgresql_is_down(lac: Lac) -> None:
    """The error names the host and port, and no password."""
    port = unused_port()
    outcome = lac("sync", "--account", "all", DATABASE_URL=f"postgresql://lac:hunter2@127.0.0.1:{port}/ads")
    assert outcome.code == 1
    assert "PostgreSQL" in outcome.err
    assert "fix:" in outcome.err
    assert "hunter2" not in outcome.err + outcome.out


def test_a_wrong_password(lac: Lac, server: EmbeddedServer) -> None:
    """A refused login is called one, with the setting to change, and the password stays unsaid."""
    wrong = make_url(server.url(tcp=True)).set(password="not-the-password")
    outcome = lac("sync", "--account", "all", DATABASE_URL=wrong.render_as_string(hide_password=False))
    assert outcome.code == 1
    assert "password" in outcome.err
    assert "not-the-password" not in outcome.err


def test_an_old_schema(lac: Lac, database_url: str) -> None:
    """A database without our tables is another error than a missing one; the fix is `lac migrate`, and it works."""
    outcome = lac("sync", "--account", "all", DATABASE_URL=database_url)
    assert outcome.code == 1
    assert "lac migrate" in outcome.err
    assert lac("migrate").code == 0
    assert lac("sync", "--account", "all").code == 0


def test_a_migration_shows_whether_it_changed_the_schema(lac: Lac, database_url: str) -> None:
    """The first `lac migrate` brings the schema to this version; the next finds it there."""
    first, second = lac("migrate", DATABASE_URL=database_url).out, lac("migrate").out
    assert f"the schema is now at {migrate.head()}" in first
    assert f"the schema was already at {migrate.head()}" in second


@pytest.mark.parametrize("token", ["wrong", "expired"])
def test_a_token_that_is_not_accepted(
    lac: Lac, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    """A wrong or expired token without a way to renew it needs a new sign-in, and is not shown."""
    monkeypatch.delenv("LINKEDIN_REFRESH_TOKEN")
    secret = pipeline.world.token if token == "expired" else "AQXnonsense"
    if token == "expired":
        pipeline.world.edit.expire(pipeline.world.token)
    outcome = lac("sync", "--account", "all", LINKEDIN_ACCESS_TOKEN=secret)
    assert outcome.code == 1
    assert "lac auth login" in outcome.err
    assert secret not in outcome.err + outcome.out


def test_an_unknown_account(lac: Lac) -> None:
    """The ids that the token can see stand beside the one that it cannot."""
    outcome = lac("sync", "--account", "999")
    assert outcome.code == 2
    assert "999" in outcome.err
    assert "520000001" in outcome.err


@pytest.mark.parametrize(
    ("days", "says"),
    [
        (["--since", "2026-11-20", "--until", "2026-11-01"], "--until 2026-11-01"),
        (["--since", "2015-01-01"], "2015-01-01"),
        (["--until", "2199-01-01"], "2199-01-01"),
        (["--since", "2020-01-01"], "LAC_START_DATE=2020-01-01"),
    ],
)
def test_wrong_days(lac: Lac, pipeline: Pipeline, days: list[str], says: str) -> None:
    """Days that make no sense are refused before anything is requested of LinkedIn."""
    outcome = lac("sync", "--account", "all", *days)
    assert outcome.code == 2
    assert says in outcome.err
    assert pipeline.world.calls.total() == 0


def test_a_failed_account_is_named_with_the_reason(lac: Lac, pipeline: Pipeline) -> None:
    """If anything failed the exit status is 1, and the end says which account, by name and id, which run and why."""
    pipeline.world.faults.add("creatives", kind="status", status=403)
    outcome = lac("sync", "--account", "all")
    assert outcome.code == 1
    assert "1 failed" in outcome.err
    assert "account Synthetic 1 (520000001), entities, run " in outcome.err
    assert "\naccount Synthetic 1 (520000001): LinkedIn" in outcome.err


def test_a_sync_killed_in_the_middle_ends_right_the_next_time(lac: Lac, pipeline: Pipeline) -> None:
    """Kill -9 while LinkedIn responds leaves nothing half written; the next sync loads everything."""
    pipeline.world.faults.add("adAnalytics", call=1, kind="delay", seconds=30)
    victim = subprocess.Popen(
        [sys.executable, "-m", "lac_pipeline", "sync", "--account", "all"],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "LOG_LEVEL": "DEBUG"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with ends(victim):
        assert victim.stderr is not None
        assert any('Started execution of step "campaign_daily_metrics"' in line for line in victim.stderr)
        victim.send_signal(signal.SIGKILL)
    assert pipeline.table("campaign_daily_metrics").empty
    assert not pipeline.table("creatives").empty
    pipeline.world.faults.clear()
    assert lac("sync", "--account", "all").code == 0
    assert len(pipeline.table("campaign_daily_metrics")) == 6


@contextmanager
def ends(process: subprocess.Popen[str]) -> Iterator[None]:
    """See to it that the process does not outlive the test."""
    try:
        yield
    finally:
        process.kill()
        process.communicate()


def test_a_killed_sync_does_not_hold_up_the_account(lac: Lac, pipeline: Pipeline) -> None:
    """The run of a `lac sync` that was killed is failed by the next one, and its sync_log rows are closed."""
    asks = "import sys; from lac_pipeline.defs.run_process import RunProcess as Process; "
    asks += "print(Process.this(sys.argv[1]).tag, end='')"
    run = dg.DagsterRun(job_name="__ASSET_JOB", status=dg.DagsterRunStatus.STARTED)
    gone = subprocess.run([sys.executable, "-c", asks, run.run_id], capture_output=True, text=True, check=True)
    mine = dg.DagsterRun(job_name="__ASSET_JOB", status=dg.DagsterRunStatus.STARTED)
    for each, process in ((run, gone.stdout), (mine, RunProcess.this(mine.run_id).tag)):
        pipeline.instance.add_run(each.with_tags({PROCESS: process}))
        pipeline.warehouse.begin("campaigns", 520000001, run_id=each.run_id, trigger="on_demand", window=None)
    pipeline.sync()
    ended = {each.run_id: pipeline.instance.get_run_by_id(each.run_id) for each in (run, mine)}
    assert [ended_run.status for ended_run in ended.values() if ended_run] == [
        dg.DagsterRunStatus.FAILURE,
        dg.DagsterRunStatus.STARTED,
    ]
    assert [record.status for record in pipeline.warehouse.read.attempts_of(run.run_id)] == ["failed"]
    assert [record.status for record in pipeline.warehouse.read.attempts_of(mine.run_id)] == ["running"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_stops_the_whole_sync(lac: Lac, pipeline: Pipeline, number: signal.Signals) -> None:
    """Ctrl-C or SIGTERM in the middle of a step ends the command, even one that a script put into the background."""
    pipeline.world.faults.add("adAnalytics", call=1, kind="delay", seconds=20)
    victim = subprocess.Popen(
        ["sh", "-c", '"$0" -m lac_pipeline sync --account all & echo $!; wait $!; echo "status $?"', sys.executable],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "LOG_LEVEL": "DEBUG"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with ends(victim):
        assert victim.stdout is not None
        child = int(victim.stdout.readline())
        assert any('Started execution of step "campaign_daily_metrics"' in line for line in victim.stdout)
        os.kill(child, number)
        output, _ = victim.communicate(timeout=60)
    assert "status 130" in output
    assert pipeline.table("campaign_daily_metrics").empty
    assert pipeline.world.calls["adAnalytics"] <= 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_stops_a_sync_while_linkedin_responds(
    lac: Lac, pipeline: Pipeline, number: signal.Signals
) -> None:
    """Ctrl-C or SIGTERM ends the command though a response to what it awaits arrives at the same moment."""
    child: list[int] = []

    def interrupt(body: bytes) -> bytes:
        os.kill(child[0], number)
        return body

    pipeline.world.faults.add("adAnalytics", call=1, kind="altered", alter=interrupt)
    victim = subprocess.Popen(
        ["sh", "-c", '"$0" -m lac_pipeline sync --account all & echo $!; wait $!; echo "status $?"', sys.executable],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with ends(victim):
        assert victim.stdout is not None
        child.append(int(victim.stdout.readline()))
        output, _ = victim.communicate(timeout=60)
    assert "status 130" in output
    assert pipeline.table("campaign_daily_metrics").empty
    assert pipeline.world.calls["adAnalytics"] == 1


def test_a_failure_is_logged_once_and_without_stack_traces(lac: Lac, pipeline: Pipeline) -> None:
    """What a person reads is the four parts and what was not tried, not Dagster's own three tellings of it."""
    pipeline.world.faults.add("adCampaignGroups", kind="status", status=403)
    outcome = lac("sync", "--account", "all")
    assert outcome.code == 1
    assert "Traceback" not in outcome.err + outcome.out
    assert "Stack Trace" not in outcome.err + outcome.out
    assert outcome.err.count("fix:") == 1
    assert [line.split()[1] for line in outcome.out.splitlines() if line.endswith("not tried")] == [
        "campaigns",
        "creatives",
    ]


def test_what_every_account_shares_is_tried_once(lac: Lac, pipeline: Pipeline) -> None:
    """With a token that expired after discovery, one account says so and the others are not tried."""
    pipeline.sync()
    pipeline.world.edit.expire(pipeline.world.token)
    pipeline.world.edit.expire(pipeline.world.refresh_token)
    outcome = lac("sync", "--account", "520000001", "--force")
    assert outcome.code == 1
    assert "no more is tried" in outcome.err


def test_a_home_that_cannot_be_written(lac: Lac, tmp_path: Path) -> None:
    """A full or read-only LAC_HOME is called that, with the setting to change."""
    file = tmp_path / "a-file"
    file.write_text("")
    outcome = lac("sync", "--account", "all", LAC_HOME=str(file / "below"))
    assert outcome.code == 1
    assert "LAC_HOME" in outcome.err
    assert "Traceback" not in outcome.err


def test_the_simulator_reports_a_taken_port(lac: Lac) -> None:
    """A second simulator on the same port says so before it promises anything."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        outcome = lac("simulator", "--port", str(port))
    assert outcome.code == 1
    assert f"port {port} of 127.0.0.1 cannot be listened on" in outcome.err
    assert "LINKEDIN_ACCESS_TOKEN" not in outcome.out
