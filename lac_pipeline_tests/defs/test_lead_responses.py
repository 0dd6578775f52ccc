"""Lead form responses through the whole pipeline: counted like leads, without answers unless a setting loads them."""

from __future__ import annotations

import gzip
import logging
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import dagster as dg
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from lac_pipeline.clock import utc_now
from lac_pipeline.commands.auth import Login
from lac_pipeline.commands.replay import Replay
from lac_pipeline.commands.session.sync_results import GroupSync
from lac_pipeline.postgres.embedded.binaries import bundled_programs
from lac_pipeline.settings import Settings
from lac_pipeline.simulator.world.identity import READ_SCOPES
from lac_pipeline.simulator.world.lead_responses import lead_responses
from lac_pipeline.simulator.world.world import World
from lac_pipeline.warehouse.schema.tables import LeadAnswerRow
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.defs.conftest import Pipeline, running_pipeline

LEADS = "lead_form_responses"
PERSONAL = (b"@lead-answer.example", b"urn:li:person:lead", b"+49 30")
"""What each response of the simulated world says of its member: an e-mail address or a number, and a URN."""


def start() -> date:
    """The day before yesterday."""
    return utc_now().date() - timedelta(days=2)


@pytest.fixture
def world() -> World:
    """A small account whose token may read leads; LinkedIn returns all fields, whatever a request names."""
    world = World.synthetic(accounts=1, campaigns=2, creatives=4, days=3)
    world.token, world.refresh_token = world.authorize((*READ_SCOPES, "r_marketing_leadgen_automation"))
    world.switches.whole_lead_responses = True
    return world


@contextmanager
def leads_pipeline(world: World, warehouse_url: str, home: Path, *, answers: bool) -> Iterator[Pipeline]:
    """The pipeline with the stream, and with answers or without."""
    given = {"LAC_STREAMS": LEADS, "LAC_LEAD_ANSWERS": str(answers).lower()}
    with running_pipeline(world, start(), warehouse_url, home, **given) as pipeline:
        yield pipeline


def sync(pipeline: Pipeline) -> None:
    """Load everything again."""
    results = pipeline.sync(force=True, since=start())
    assert [result.failure for result in results if result.failure] == []


def truth(pipeline: Pipeline) -> dict[str, bool]:
    """The responses that LinkedIn has, and which of them are trials."""
    (account,) = pipeline.world.truth.accounts()
    window = DateWindow.inclusive(start(), pipeline.world.now().date())
    now = pipeline.world.now().timestamp() * 1000
    sent = lead_responses(pipeline.world, int(account["id"]), window)
    return {str(each["id"]): bool(each["testLead"]) for each in sent if int(each["submittedAt"]) <= now}


def answers(pipeline: Pipeline) -> int:
    """How many answers are stored."""
    with pipeline.warehouse.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(LeadAnswerRow)) or 0


def archived(home: Path) -> bytes:
    """All of the archive, unpacked."""
    return b"".join(gzip.decompress(file.read_bytes()) for file in sorted(home.rglob("raw/**/*.json.gz")))


def stored(warehouse_url: str, *options: str) -> bytes:
    """All rows of all tables, as pg_dump writes them."""
    url = warehouse_url.replace("postgresql+psycopg://", "postgresql://")
    program = [str(bundled_programs() / "pg_dump"), "--data-only", *options, url]
    return subprocess.run(program, check=True, capture_output=True).stdout


def shown(instance: dg.DagsterInstance) -> bytes:
    """Every event of every run, with the metadata that the UI shows."""
    entries = [entry for run in instance.get_runs() for entry in instance.all_logs(run.run_id)]
    return "\n".join(f"{entry.user_message} {dg.serialize_value(entry)}" for entry in entries).encode()


def found(*places: bytes) -> list[bytes]:
    """What of a member is in these places."""
    return [personal for personal in PERSONAL if any(personal in place for place in places)]


def test_no_byte_of_an_answer_is_kept(
    world: World, warehouse_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Responses are loaded, one is refused and one response is cut; nothing of their members is kept anywhere."""
    caplog.set_level(logging.DEBUG)
    world.faults.add("leadFormResponses", kind="cut_json", call=1)
    with leads_pipeline(world, warehouse_url, tmp_path, answers=False) as pipeline:
        known = truth(pipeline)
        bad = min(known)
        world.edit.alter_response(bad, leadType="bad\0type")
        sync(pipeline)
        table = pipeline.table(LEADS)
        assert set(table["id"]) == known.keys() - {bad}
        assert dict(zip(table["id"], table["test_lead"], strict=True)) == {i: t for i, t in known.items() if i != bad}
        assert [rejection.record_id for rejection in pipeline.rejections()] == [bad]
        raw = archived(tmp_path)
        assert b"leadFormResponses" in raw
        assert found(raw, stored(warehouse_url), shown(pipeline.instance), caplog.text.encode()) == []
        assert answers(pipeline) == 0


def test_a_sign_in_requests_the_scope_of_leads() -> None:
    """Where the stream is chosen the consent page names its scope, and where it is not, the page does not."""

    def scopes(streams: str) -> str:
        secret = SecretStr("secret")
        settings = Settings(
            _env_file=None, linkedin_client_id="client", linkedin_client_secret=secret, lac_streams=streams
        )
        return parse_qs(urlsplit(Login(settings).url).query)["scope"][0]

    assert scopes(LEADS) == "r_ads r_ads_reporting r_marketing_leadgen_automation"
    assert scopes("default") == "r_ads r_ads_reporting"


def test_answers_are_kept_apart_where_they_may_be(world: World, warehouse_url: str, tmp_path: Path) -> None:
    """Their table and the archive have them, no other table and no event; a replay without them takes none away."""
    without, with_answers = tmp_path / "without", tmp_path / "with"
    with leads_pipeline(world, warehouse_url, without, answers=False) as pipeline:
        sync(pipeline)
    with leads_pipeline(world, warehouse_url, with_answers, answers=True) as pipeline:
        world.edit.alter_response(min(truth(pipeline)), leadType="bad\0type")
        sync(pipeline)
        count, before = answers(pipeline), pipeline.table(LEADS)
        assert count > len(before) > 0
        assert found(archived(with_answers)) == [PERSONAL[0], PERSONAL[2]]
        others = stored(warehouse_url, "--exclude-table-data=linkedin_ads.lead_answers")
        assert found(others, shown(pipeline.instance)) == []
        settings = pipeline.settings.model_copy(update={"lac_home": without})
        vars(settings).pop("home", None)
        replay = Replay(settings, warehouse=pipeline.warehouse, instance=pipeline.instance, since=start())
        (account,) = pipeline.world.truth.accounts()
        results = [*replay.replay(int(account["id"]))]
        assert [result.failure for result in results if result.failure] == []
        again = [each for result in results if isinstance(result, GroupSync) for each in result.attempts]
        assert [each.fetched for each in again if each.attempt.asset == LEADS] == [len(before)]
        assert (answers(pipeline), set(pipeline.table(LEADS)["id"])) == (count, set(before["id"]))
