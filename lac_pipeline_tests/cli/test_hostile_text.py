"""Every command over an account whose names and messages try to steer the terminal."""

from __future__ import annotations

import json
import unicodedata
from datetime import timedelta

import pytest

from lac_pipeline.reference.command_pages import commands
from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.cli.conftest import CommandResult, Lac

pytestmark = pytest.mark.usefixtures("few_streams")

STEERING = "\x1b[31m\x1b]0;title\x07\x9b1m\x7f\r\n\u202e\u2066"
HOSTILE = f"[bold]x[/] [/] {STEERING} <b>&amp; 🚀 שלום {'very long ' * 40}"
DIRECTIONS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

NOT_RUN_HERE = {
    "lac init": "prints names of settings alone",
    "lac demo": "prints by the functions of `lac sync`, and rows of its own world",
    "lac up": "prints by the functions of `lac demo`",
    "lac simulator": "prints its own settings",
    "lac exec": "hands the terminal to another program",
    "lac psql": "hands the terminal to another program",
    "lac dump": "prints the name of a file, and hands the terminal to another program",
    "lac restore": "prints the name of a file, and hands the terminal to another program",
    "lac mcp": "prints the protocol of agents, in JSON",
    "lac launch": "needs a webserver; prints by `terminal`, as all do",
    "lac runs": "needs a webserver; prints by `terminal`, as all do",
    "lac auth login": "prints by the functions of `lac auth status`",
}
"""Why the others are not run here; what they print goes through one door, which the linter holds."""


def raw_in(text: str) -> set[str]:
    """What a terminal would obey in a text, line breaks aside."""
    return {
        character
        for character in text
        if character != "\n" and (unicodedata.category(character) in ("Cc", "Cs") or character in DIRECTIONS)
    }


def hostile(world: World) -> str:
    """Give account, campaigns and messages hostile texts; returns the account's id."""
    account = int(world.truth.accounts()[0]["id"])
    first, second, *_ = (int(campaign["id"]) for campaign in world.truth.campaigns(account))
    world.edit.set_field("adAccounts", account, "name", HOSTILE)
    world.edit.set_field("adCampaigns", first, "name", HOSTILE)
    world.edit.set_field("adCampaigns", second, "name", f"\0{HOSTILE}")  # cannot be stored, so it is quarantined
    return str(account)


@pytest.mark.whole
def test_no_command_prints_anything_raw(lac: Lac, world: World) -> None:
    """Nothing that a command prints steers the terminal, and markup stands as it was written."""
    account = hostile(world)
    lac("auth", "login", "--paste-token", stdin=f"{world.token}\n{world.refresh_token}\n")
    start = f"{world.now().date() - timedelta(days=20)}"
    runs: dict[str, list[list[str]]] = {
        "lac sync": [["--account", "all"]],
        "lac auth status": [[], ["--json"]],
        "lac status": [[]],
        "lac usage": [[]],
        "lac reports": [[]],
        "lac export": [["--to", HOSTILE[:40], "--tables", "campaigns"]],
        "lac metrics": [[]],
        "lac health": [["--no-daemon"]],
        "lac rejects": [[]],
        "lac rejects retry": [[]],
        "lac doctor": [[], ["--json"]],
        "lac plan": [["--account", "all"]],
        "lac replay": [["--account", account, "--since", start]],
        "lac raw prune": [["--older-than", "90d"]],
        "lac grant-reader": [["hostile_reader"]],
        "lac migrate": [[]],
        "lac auth refresh": [[]],
        "lac auth logout": [[]],
    }
    assert {name for name, _ in commands()} - {"lac"} == set(runs) | set(NOT_RUN_HERE)
    result: dict[str, CommandResult] = {
        " ".join([name, *options]): lac(*name.split()[1:], *options) for name, each in runs.items() for options in each
    }
    assert {
        name: raw_in(output.out + output.error) for name, output in result.items() if raw_in(output.out + output.error)
    } == {}
    assert (
        "[bold]x[/] [/] \\x1b[31m\\x1b]0;title\\x07\\u009b1m\\u007f\\r\\n\\u202e\\u2066 <b>"
        in result["lac auth status"].out
    )
    assert json.loads(result["lac auth status --json"].out)["accounts"][0]["name"] == HOSTILE
    assert "[bold]x[/] [/] \\u001b[31m" in result["lac rejects"].out  # the record as JSON


def test_a_message_of_linkedins_is_printed_as_text(signed_in: Lac, world: World) -> None:
    """What LinkedIn says of a refusal is quoted, and steers nothing."""
    body = json.dumps({"status": 400, "code": "ILLEGAL_ARGUMENT", "message": f"{STEERING}[/]"})
    world.faults.add("adCampaigns", kind="status", status=400, body=body)
    result = signed_in("sync", "--account", "all")
    assert result.code == 1
    assert raw_in(result.out + result.error) == set()
    assert "\\x1b[31m\\x1b]0;title\\x07" in result.error
