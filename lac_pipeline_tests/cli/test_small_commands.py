"""What small commands leave out: loading Dagster and Alembic takes longer than all that they do."""

from __future__ import annotations

import subprocess
import sys

import dagster as dg
import pytest

from lac_pipeline.cli.app import PANELS
from lac_pipeline.commands.session.accounts import partition_accounts
from lac_pipeline.commands.stack.environment import environment
from lac_pipeline.defs.partitions import known_accounts
from lac_pipeline.settings import Settings
from lac_pipeline.warehouse import migrate, revision
from lac_pipeline_tests.cli.conftest import Lac

pytestmark = pytest.mark.usefixtures("few_streams")
HEAVY = {"dagster", "alembic", "grpc", "pandas", "plotly", "httpx"}


READING = (("status",), ("usage",), ("rejects",))
COMMANDS = (*READING, ("sync", "--account", "all"))
LOADING = {
    "lac_pipeline.warehouse.load.loading",
    "lac_pipeline.warehouse.schema.views",
    "lac_pipeline.warehouse.warehouse",
    "sqlalchemy.orm",
}


def imported_modules(*arguments: str) -> set[str]:
    """The modules that a process of `lac` imports for a command, which succeeds."""
    script = (
        f"import sys\nsys.argv = ['lac', *{arguments!r}]\nfrom lac_pipeline.cli import main\n"
        "try:\n    main()\nfinally:\n    print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {*done.stderr.splitlines()[-1].split()}


def imported(*arguments: str) -> set[str]:
    """The packages of these modules."""
    return {name.partition(".")[0] for name in imported_modules(*arguments)}


@pytest.mark.parametrize("command", ["status", "grant-reader"])
def test_a_command_imports_no_other(command: str) -> None:
    """The module of a command is imported when it is used, and those of the other commands are not."""
    others = {f"lac_pipeline.cli.{name.replace('-', '_')}" for names in PANELS.values() for name in names}
    own = f"lac_pipeline.cli.{command.replace('-', '_')}"
    assert imported_modules(command, "--help") & others == {own}


def test_reading_commands_import_little(synced: Lac) -> None:
    """They load neither Dagster nor Alembic, nor what draws, nor an HTTP client; nor does a sync of what is fresh."""
    assert {name for command in COMMANDS for name in imported(*command) & HEAVY} == set()


def test_reading_commands_import_nothing_that_loads(synced: Lac) -> None:
    """What writes into the warehouse or defines its views is not imported to read it, nor what maps rows to objects."""
    assert {name for command in READING for name in imported_modules(*command) & LOADING} == set()


def test_the_end_of_a_command_examines_no_object() -> None:
    """When Python begins to free the objects of a command, its collector leaves all of them alone."""
    script = (
        "import atexit, gc, sys\nsys.argv = ['lac', '--version']\n"
        "atexit.register(lambda: print(gc.get_freeze_count(), len(gc.get_objects())))\n"
        "from lac_pipeline.cli import main\nmain()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    frozen, examined = map(int, done.stdout.splitlines()[-1].split())
    assert examined < frozen / 100


def test_the_accounts_are_those_of_dagster(synced: Lac) -> None:
    """What is read from Dagster's table is what Dagster itself returns."""
    with environment(Settings.load()) as settings, dg.DagsterInstance.get() as instance:
        found = partition_accounts(settings)
        assert found == sorted(int(key) for key in known_accounts(instance))
    assert len(found) == 1


def test_before_dagster_came_there_is_no_account(lac: Lac) -> None:
    """In a database where Dagster has made no table yet, no account is loaded."""
    with environment(Settings.load()) as settings:
        assert partition_accounts(settings) == []


def test_the_newest_migration_is_known_without_alembic() -> None:
    """The file that was numbered last holds the revision that Alembic calls the head."""
    assert revision.newest() == migrate.head()
