"""What a sync shows while it works: bars on a terminal, plain lines where nothing can be drawn."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import STREAMS
from lac_pipeline_tests.cli.conftest import FEW, Lac
from lac_pipeline_tests.cli.terminal import CTRL_C, terminal

ASSETS = [*STREAMS.chosen("default").names]
SYNC = ("lac", "sync", "--account", "all")
ESCAPE = "\x1b"


@pytest.fixture
def variables(lac: Lac, settings_given: dict[str, str], world: World) -> dict[str, str]:
    """The variables of a person who has signed in."""
    tokens = {"LINKEDIN_ACCESS_TOKEN": world.token, "LINKEDIN_REFRESH_TOKEN": world.refresh_token}
    return settings_given | tokens | {"NO_PROXY": "127.0.0.1"}


@pytest.mark.usefixtures("few_streams")
def test_bars_by_account_and_day(variables: dict[str, str], world: World, tmp_path: Path) -> None:
    """Bars count accounts, and the days of each asset group; results and waits stand above them, each once."""
    world.faults.add("adCampaigns", kind="status", status=429, call=1, headers={"Retry-After": "1"})
    with terminal(*SYNC, folder=tmp_path, variables=variables) as person:
        assert person.end() == 0
    drawn = re.findall(r"520000001 (\w+) .*?(\d+)/(\d+) days", person.text)
    days = (world.now().date() - date.fromisoformat(variables["LAC_START_DATE"])).days + 1
    metrics = {(int(done), int(total)) for group, done, total in drawn if group == "metrics"}
    assert {total for _, total in metrics} == {days}
    assert min(metrics) < max(metrics)
    assert "0/1 account" in person.text
    assert sorted(line.split()[0] for line in person.screen if line.split()[0] in ASSETS) == sorted(FEW.split(","))
    assert sum("waiting 1 s before attempt 2" in line for line in person.screen) == 1
    assert not [line for line in person.screen if " days" in line]


@pytest.mark.slow
def test_a_narrow_terminal_without_colour_or_cursor(variables: dict[str, str], tmp_path: Path) -> None:
    """Where nothing can be drawn there is a plain line per window; the table has the columns that there is room for."""
    plain = variables | {"TERM": "dumb", "NO_COLOR": "1", "COLUMNS": "60"}
    with terminal(*SYNC, folder=tmp_path, variables=plain, columns=60) as person:
        assert person.end() == 0
    assert ESCAPE not in person.shown
    assert re.search(r"\n  DAILY analytics by CAMPAIGN of account 520000001: \S+\.\.\S+: \d+ rows\n", person.text)
    lines = [line for line in person.text.splitlines() if " of account " not in line]
    table = [line for line in lines if line.split()[:1] and line.split()[0] in {"asset", *ASSETS}]
    assert len(table) == 1 + len(ASSETS)
    assert max(map(len, table)) <= 60
    assert table[0].split() == ["asset", "fetched", "inserted", "updated"]


@pytest.mark.slow
def test_results_in_a_file(variables: dict[str, str], tmp_path: Path) -> None:
    """With standard output in a file the bars stay on the terminal, and the file holds the whole table, plain."""
    with terminal(*SYNC, folder=tmp_path, variables=variables, out=tmp_path / "results") as person:
        assert person.end() == 0
    table = (tmp_path / "results").read_text()
    assert ESCAPE not in table
    loaded = [line.split()[1] for line in table.splitlines()[1:] if line.startswith("520000001")]
    assert sorted(loaded) == sorted(ASSETS)
    assert table.splitlines()[0].split()[2:] == (
        ["fetched", "inserted", "updated", "unchanged", "pruned", "rejected", "superseded", "calls", "seconds"]
    )
    assert " days" in person.text
    assert "520000001   campaigns" not in person.text


@pytest.mark.slow
def test_what_is_fresh_names_the_option_to_load_it(
    variables: dict[str, str], lac: Lac, tmp_path: Path, world: World
) -> None:
    """Days that were just loaded are skipped; a line below names `--force`, and all fit in a terminal of 80 columns."""
    today = f"{world.now():%Y-%m-%d}"
    days = ("--since", today, "--until", today)
    with terminal(*SYNC, *days, folder=tmp_path, variables=variables, columns=80) as person:
        assert person.end() == 0
    with terminal(*SYNC, *days, folder=tmp_path, variables=variables, columns=80) as person:
        assert person.end() == 0
    skipped = [line for line in person.screen if "skipped: synced " in line]
    assert len(skipped) == len(STREAMS.chosen("default").groups)
    assert "what is fresh was skipped; --force loads it anyway" in person.screen
    assert max(map(len, skipped)) <= 80


@pytest.mark.whole
def test_ctrl_c_ends_a_sync(variables: dict[str, str], world: World, tmp_path: Path) -> None:
    """Ctrl-C while LinkedIn is responding ends the sync with 130 and one line; no traceback, no bars left behind."""

    def press(body: bytes) -> bytes:
        person.press(CTRL_C)
        return body

    world.faults.add("adAnalytics", kind="altered", call=1, alter=press)
    with terminal(*SYNC, folder=tmp_path, variables=variables) as person:
        assert person.end() == 130
    assert "Traceback" not in person.text
    assert person.screen[-1] == "interrupted; what was not finished left nothing behind"
    assert not [line for line in person.screen if " days" in line]
