"""`lac exec`: another command, with the environment that the pipeline needs, wherever it is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from lac_pipeline.commands.exec import with_workspace
from lac_pipeline.commands.stack.project import project_file
from lac_pipeline_tests.cli.conftest import Lac
from lac_pipeline_tests.cli.terminal import terminal

OURS = ["--workspace", str(project_file("workspace.yaml"))]


@pytest.mark.parametrize(
    ("command", "added"),
    [
        ("dagster dev", OURS),
        ("dagster definitions validate --verbose", OURS),
        ("dagster-daemon run", OURS),
        ("dagster dev -m mine", []),
        ("dagster-webserver --workspace=mine.yaml", []),
        ("dagster instance info", []),
        ("psql", []),
    ],
)
def test_dagster_is_pointed_at_the_workspace(command: str, added: list[str]) -> None:
    """Commands that need a workspace get ours, unless they name their code; others are left alone."""
    assert with_workspace(command.split()) == [*command.split(), *added]


def test_a_workspace_of_the_folder_wins(tmp_path: Path) -> None:
    """Where a `workspace.yaml` lies, Dagster finds it by itself."""
    (tmp_path / "workspace.yaml").write_text("load_from: []\n")
    assert with_workspace(["dagster", "dev"]) == ["dagster", "dev"]


@pytest.mark.whole
@pytest.mark.usefixtures("lac")
def test_definitions_validate_outside_a_checkout(settings_given: dict[str, str], tmp_path: Path) -> None:
    """`lac exec -- dagster definitions validate` works in a folder that holds nothing."""
    command = ("lac", "exec", "--", "dagster", "definitions", "validate")
    with terminal(*command, folder=tmp_path, variables=settings_given | {"NO_PROXY": "127.0.0.1"}) as person:
        assert person.end() == 0, person.text
    assert "Validation successful for code location lac" in person.text


def test_a_command_that_is_not_there(lac: Lac) -> None:
    """A misspelt command is named, without a traceback."""
    assert "dagstre cannot be run" in lac("exec", "--", "dagstre").error
