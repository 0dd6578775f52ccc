"""`lac init`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.prompts import prompt

if TYPE_CHECKING:
    from lac_pipeline.commands.auth import WiderSignIn
    from lac_pipeline.commands.init import Prompt, Todo, Written


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(init)


def init() -> None:
    """Write a .env: prompt for your app, database and history, and make the key that encrypts tokens.

    Values that are already in .env stay. Enter leaves a value for later, Ctrl-C writes nothing. Without a terminal
    there are no prompts. The list at the end shows what is still missing; the next time, only that is prompted for.

    Example: lac init
    """
    from lac_pipeline.clock import utc_now
    from lac_pipeline.commands.init import Todo, left_to_do, token_is_given, wider, write_env
    from lac_pipeline.errors import ConfigError
    from lac_pipeline.settings import env_file

    file = env_file()
    if file is None:
        raise ConfigError("LAC_ENV_FILE is empty, so no file is read", fix="unset LAC_ENV_FILE, then run `lac init`")
    existed = file.exists()
    written = write_env(file, prompt=_prompt, today=utc_now().date())
    if written.added:
        terminal.echo(f"{'completed' if existed else 'wrote'} {file}: {', '.join(written.added)}")
    else:
        terminal.echo(f"{file} is complete; nothing was changed")
    terminal.echo("what is left to do:")
    todo = Todo(sign_in=not token_is_given()) if written.added or written.missing else left_to_do()
    for number, step in enumerate(_steps(written, todo, wider()), start=1):
        terminal.echo(f"  {number}. {step}")


def _prompt(setting: Prompt) -> str:
    """Prompt until the value can be used; without a terminal the value is empty."""
    while sys.stdin.isatty():
        value = prompt(setting.label, secret=setting.secret).strip()
        fault = setting.fault(value)
        if fault is None:
            return value
        terminal.secho(f"  not usable: {fault}", fg=typer.colors.YELLOW, err=True)
    return ""


def _steps(written: Written, todo: Todo, wider: WiderSignIn | None) -> list[str]:
    name = terminal.command()
    more = "" if wider is None else f", and requests {wider.scopes}; if LinkedIn refuses it, {wider.way_out}"
    fill = [f"put {setting} into {written.file.name}" for setting in written.missing]
    return [
        *fill,
        *([f"{name} migrate       makes the tables"] if todo.migrate else []),
        *([f"{name} auth login    signs in to LinkedIn{more}"] if todo.sign_in else []),
        f"{name} doctor        checks everything",
        f"{name} up            loads, and shows it at http://127.0.0.1:3000",
    ]
