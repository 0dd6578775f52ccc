"""`lac up`, `lac demo`, `lac exec` and `lac simulator`."""

from __future__ import annotations

from typing import Annotated

import typer

from lac_pipeline.cli import terminal

PORT = Annotated[int, typer.Option(help="The UI's port; the next free one if it is taken.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(demo)
    app.command()(up)
    app.command()(simulator)
    app.command("exec", context_settings={"ignore_unknown_options": True})(execute)


def demo(port: PORT = 3000) -> None:
    """See it work, without any account: PostgreSQL, a simulated LinkedIn, three ad accounts, the Dagster UI.

    Example: lac demo
    """
    from lac_pipeline.cli.demo import run_demo

    run_demo(port=port)


def up(port: PORT = 3000) -> None:
    """Run the pipeline against real LinkedIn: database, schema, the Dagster UI, its sensors and schedules.

    Example: lac up
    """
    from lac_pipeline.cli.demo import run_up

    run_up(port=port)


def simulator(
    port: Annotated[int, typer.Option(help="The port to listen on, of 127.0.0.1.")] = 8700,
    seed: Annotated[int, typer.Option(help="Another seed is another world.")] = 7,
) -> None:
    """Run a simulated LinkedIn: the same paths, limits and refusals, three ad accounts, years of history.

    Example: lac simulator --port 8700
    """
    from lac_pipeline.commands.simulator import connection_settings, demo_world
    from lac_pipeline.simulator.api.http_server import listen, serve

    listening = listen("127.0.0.1", port)
    world = demo_world(seed)
    terminal.echo("Point the pipeline at it with these settings:\n")
    for name, value in connection_settings(world, f"http://127.0.0.1:{port}").items():
        terminal.echo(f"{name}={value}")
    serve(world, on=listening)


def execute(command: Annotated[list[str], typer.Argument(help="The command and its arguments, after `--`.")]) -> None:
    """Run another command with the pipeline's databases started and its environment set.

    In a folder without a workspace.yaml, Dagster's own commands are pointed at this pipeline's.

    Example: lac exec -- dagster dev
    Example: lac exec -- dagster definitions validate
    """
    from lac_pipeline.commands.stack.environment import environment
    from lac_pipeline.commands.stack.processes import become, run_in_foreground
    from lac_pipeline.commands.stack.project import with_workspace
    from lac_pipeline.settings import Settings

    settings = Settings.load()
    with environment(settings):
        if settings.warehouse_url is not None:  # no server of ours has to be stopped afterwards
            become(with_workspace(command))
        raise typer.Exit(run_in_foreground(with_workspace(command)))
