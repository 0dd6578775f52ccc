"""The operator's documents know every error, check and sensor message, and name only commands that exist."""

from __future__ import annotations

import inspect
import re

import pytest
import typer.main
from sqlalchemy import Engine, text

from lac_pipeline import errors
from lac_pipeline.cli.app import app
from lac_pipeline.defs.checks.asset_checks import FRESHNESS, REJECTED
from lac_pipeline.warehouse.check_results import Check
from lac_pipeline_tests.deploy.deployment import ROOT

PAGES = ["getting-started.md", "operations.md", "scaling.md", "security.md", "upgrading.md"]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
ERRORS = [name for name, member in inspect.getmembers(errors, inspect.isclass) if issubclass(member, errors.LacError)]
each_page = pytest.mark.parametrize("page", PAGES)


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_has_a_row(error: str) -> None:
    """What to do is written for each class of error."""
    assert re.search(rf"^\|.*`{error}`.*\|", OPERATIONS, re.MULTILINE)


@pytest.mark.parametrize("check", [REJECTED, FRESHNESS, *Check])
def test_every_check_has_a_row(check: str) -> None:
    """What to do is written for each asset check."""
    assert f"| `{check}` |" in OPERATIONS


def test_every_skip_reason_is_explained() -> None:
    """Each literal skip reason of a sensor or schedule stands in the page, up to its first number."""
    sources = "\n".join(file.read_text() for file in (ROOT / "lac_pipeline" / "defs").rglob("*.py"))
    reasons: list[str] = re.findall(r'SkipReason\(f?"([^"]+)"', sources)
    assert reasons
    for reason in reasons:
        words = max(re.split(r"\{[^}]*\}|;.*", reason), key=len).strip()
        assert words in OPERATIONS, reason


@each_page
def test_commands_exist(page: str) -> None:
    """Each `lac ...` that a page names is a command with these options."""
    words_of_page = (ROOT / "docs" / page).read_text()
    known = typer.main.get_command(app)
    for words in re.findall(r"(?:^|[` /])lac ((?:--debug )?[a-z]+[^`\n|;#]*)", words_of_page, re.MULTILINE):
        name, *rest = words.removeprefix("--debug ").split()
        command = getattr(known, "commands", {}).get(name.strip(".,:"))
        assert command is not None, words
        if name == "exec":
            continue
        for word in rest:
            command = getattr(command, "commands", {}).get(word, command)
        options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        assert {word for word in rest if word.startswith("--")} <= options, words


@each_page
def test_links_lead_somewhere(page: str) -> None:
    """Each relative link names a file of the project."""
    for target in re.findall(r"\]\((?!http)([^)#]+)", (ROOT / "docs" / page).read_text()):
        assert (ROOT / "docs" / target).exists(), target


def sql_of(page: str) -> str:
    """The SQL that a page shows."""
    return "\n".join(re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / page).read_text(), re.DOTALL))


def test_the_first_query_runs(engine: Engine) -> None:
    """The query that getting-started.md shows is valid for the schema."""
    with engine.connect() as connection:
        assert connection.execute(text(sql_of("getting-started.md").replace(";", ""))).all() == []


def test_the_reader_reads_ads_and_no_tokens(engine: Engine) -> None:
    """The role of security.md may read facts and views, not the tokens, and writes nothing."""
    reader = f"reader_{engine.url.database}"
    statements = sql_of("security.md").replace("ads_reader", reader)
    statements = statements.replace("DATABASE linkedin_ads", f"DATABASE {engine.url.database}")
    statements = re.sub(r"--.*", "", statements)
    with engine.connect() as connection:
        for statement in filter(str.strip, statements.split(";")):
            connection.execute(text(statement))
        connection.execute(text(f"SET LOCAL ROLE {reader}"))
        for table, allowed in (
            ("campaigns", True),
            ("campaign_performance", True),
            ("oauth_tokens", False),
            ("lead_answers", False),
        ):
            may = text(f"SELECT has_table_privilege('linkedin_ads.{table}', 'SELECT')")
            assert connection.scalar(may) is allowed, table
        assert connection.scalar(text("SELECT has_table_privilege('linkedin_ads.campaigns', 'INSERT')")) is False
