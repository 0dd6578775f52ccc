"""`lac exec`."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command("exec", rich_help_panel=panel, context_settings={"ignore_unknown_options": True})(execute)


def execute(
    command: Annotated[list[str], typer.Argument(help="The command and its arguments, after `--`.")],
) -> None:
    """Run another command with the pipeline's databases started and its environment set.

    In a folder without a workspace.yaml, Dagster's commands use the one of this pipeline.

    Example: lac exec -- dagster dev
    Example: lac exec -- dagster definitions validate
    """
    from lac_pipeline.commands.exec import execute as executed
    from lac_pipeline.settings import Settings

    raise typer.Exit(executed(Settings.load(), command))
