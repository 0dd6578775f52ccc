"""`docs/commands.md`, written from the commands themselves: `make docs` writes it, a test compares."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from lac_pipeline.cli.app import app
from lac_pipeline.cli.terminal.help import EXAMPLE

INTRO = """# Commands

Every command shows the same text with `--help`. [json.md](json.md) describes what `--json` prints.
A failure is shown in four parts: what failed, what LinkedIn or PostgreSQL returned, what it means, and the command that
fixes it. `lac --debug COMMAND` shows the traceback instead.
The exit code is 1 after a failure, 2 after a wrong option, day or name, and 130 after Ctrl-C. Days are UTC days. Write
them as `2026-11-21`, as a month (`2026-11`), as `today` or `yesterday`, or as `7d`, which means seven days ago.
`lac --install-completion` makes your shell complete commands and options.
"""

Command = TyperCommand | TyperGroup
Parameter = TyperOption | TyperArgument


def commands() -> Iterator[tuple[str, Command]]:
    """Every command that does something, by its full name such as `lac auth login`, in the order of `--help`."""
    yield from _below("lac", cast("Command", typer.main.get_command(app)))


def _below(name: str, command: Command) -> Iterator[tuple[str, Command]]:
    subcommands: dict[str, Command] = getattr(command, "commands", {})
    if not subcommands or getattr(command, "invoke_without_command", False):
        yield name, command
    for each, subcommand in subcommands.items():
        yield from _below(f"{name} {each}", subcommand)


def examples(command: Command) -> list[str]:
    """The command lines that its help shows."""
    lines = inspect.cleandoc(command.help or "").splitlines()
    return [line.removeprefix(EXAMPLE) for line in lines if line.startswith(EXAMPLE)]


def page() -> str:
    """Write the page."""
    return INTRO + "".join(_section(name, command) for name, command in commands() if name != "lac")


def _section(name: str, command: Command) -> str:
    lines = inspect.cleandoc(command.help or "").splitlines()
    text = "\n".join(line for line in lines if not line.startswith(EXAMPLE)).strip()
    shown = "\n".join(examples(command))
    return f"\n## {name}\n\n{text}\n\n```sh\n{shown}\n```\n{_options(command)}"


def _options(command: Command) -> str:
    shown = [cast("Parameter", parameter) for parameter in command.params if parameter.name not in _OF_THE_SHELL]
    rows = [_row(parameter) for parameter in shown]
    return "\n| option | default | what it does |\n|---|---|---|\n" + "\n".join(rows) + "\n" if rows else ""


_OF_THE_SHELL = ("install_completion", "show_completion", "help")


def _row(parameter: Parameter) -> str:
    names = " / ".join([*parameter.opts, *parameter.secondary_opts])
    if not names.startswith("-"):
        names = names.upper()
    default = "required" if parameter.required else _default(parameter.default)
    return f"| `{names}` | {default} | {parameter.help or ''} |"


def _default(value: object) -> str:
    return "" if value is None or value is False else "yes" if value is True else f"`{value}`"


if __name__ == "__main__":
    (Path(sys.argv[1]) / "commands.md").write_text(page())
