"""`lac export`: what it prints, and what a kill leaves behind."""

from __future__ import annotations

import subprocess
import sys

import pytest
from sqlalchemy import Engine, text

from lac_pipeline.cli.terminal.documents import ExportDocument
from lac_pipeline.cli.terminal.extras import require_extra
from lac_pipeline.errors import ConfigError
from lac_pipeline_tests.cli.conftest import Lac
from lac_pipeline_tests.warehouse.advertising import account, campaign

ACCOUNTS = (520000001, 520000002)
EXPORT = ("export", "--to", "out", "--tables", "accounts,campaigns")


@pytest.fixture
def filled(lac: Lac, engine: Engine) -> Lac:
    """The command, with two accounts that have a campaign each."""
    with engine.begin() as connection:
        for account_id in ACCOUNTS:
            account(connection, account_id, "USD")
            campaign(connection, account_id, account_id)
    return lac


def test_what_was_done_is_printed(filled: Lac) -> None:
    """A line for each table and one for all; run again, nothing is written."""
    first, again = filled(*EXPORT), filled(*EXPORT)
    assert (first.code, again.code) == (0, 0), first.error
    lines = first.out.splitlines()
    assert lines[:2] == ["accounts: 2 rows in 2 files, 2 written", "campaigns: 2 rows in 2 files, 2 written"]
    assert lines[2].endswith("4 files written, 0 removed")
    assert "out shows 20" in lines[2]
    assert again.out.splitlines()[-1].endswith("0 files written, 0 removed")


def test_scripts_get_json(filled: Lac) -> None:
    """`--json` prints the same as one object; an account alone is exported by its id."""
    printed = filled(*EXPORT, "--tables", "campaigns", "--account", str(ACCOUNTS[0]), "--json")
    document = ExportDocument.model_validate_json(printed.out)
    assert [(each.name, each.rows, each.written) for each in document.tables] == [
        ("accounts", 1, 1),
        ("campaigns", 1, 1),
    ]
    assert document.destination.endswith("/out")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--tables", "campaing"), 2, "did you mean campaigns or campaign_pacing?"),
        (("--account", "520000009"), 2, "did you mean 520000002 or 520000001?"),
        (("--tables", "lead_answers"), 1, "only if --lead-answers is given"),
        (("--tables", "oauth_tokens", "--lead-answers"), 1, "oauth_tokens is never exported"),
    ],
)
def test_what_cannot_be_exported_is_refused(filled: Lac, arguments: tuple[str, ...], code: int, message: str) -> None:
    """Misspelt names get a suggestion, hidden tables their reason; nothing is written."""
    printed = filled("export", "--to", "out", *arguments)
    assert (printed.code, printed.out) == (code, "")
    assert message in printed.error


def test_a_killed_export_goes_on_where_it_was(filled: Lac, engine: Engine) -> None:
    """What was complete when it was killed is not written again, and the rest is."""
    with engine.begin() as connection:
        connection.execute(text("LOCK TABLE linkedin_ads.campaigns IN ACCESS EXCLUSIVE MODE"))
        command = [sys.executable, "-m", "lac_pipeline", *EXPORT]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "accounts: 2 rows in 2 files, 2 written\n"
            process.kill()
    printed = filled(*EXPORT)
    assert printed.out.splitlines()[:2] == [
        "accounts: 2 rows in 2 files, 0 written",
        "campaigns: 2 rows in 2 files, 2 written",
    ]


def test_a_missing_extra_is_named() -> None:
    """Without the package the command to install it is printed."""
    with pytest.raises(ConfigError, match="the package no_such_package is not installed") as failure:
        require_extra("export", package="no_such_package", purpose="it writes Parquet")
    assert failure.value.fix == "pip install 'lac-pipeline[export]'"
