"""How `--help` looks: commands in groups, and no type beside an option that takes no value."""

from __future__ import annotations

from collections.abc import Callable
from inspect import cleandoc
from typing import Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

HELP = f"{__name__}.requested"
"""Where a context keeps whether help is all that is requested."""

EXAMPLE = "Example: "
"""Begins each line of a command's help that can be copied."""
Command = TypeVar("Command", bound=Callable[..., None])


def _without_type(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        if isinstance(parameter, TyperOption) and parameter.is_flag and parameter.metavar is None:
            parameter.metavar = ""
    return parameters


def _unbroken(text: str) -> str:
    """Let each paragraph be one line, which the terminal breaks where it ends; the lines of examples stay."""
    return "\n\n".join(
        part if part.startswith(EXAMPLE) else part.replace("\n", " ") for part in cleandoc(text).split("\n\n")
    )


class PlainCommand(TyperCommand):
    """A command whose help shows no type beside a flag, and breaks its lines where the terminal ends."""

    def __init__(self, *arguments: Any, help: str | None = None, **options: Any) -> None:  # noqa: A002, ANN401  # typer's
        super().__init__(*arguments, help=help and _unbroken(help), **options)

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401  # typer's own click
        """Its parameters, that of `--help` too."""
        return _without_type(super().get_params(ctx))


class PlainGroup(TyperGroup):
    """A group of commands whose help shows no type beside a flag."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401  # typer's own click
        """Its parameters, that of `--help` too."""
        return _without_type(super().get_params(ctx))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401  # typer's own click
        """Find the command, and keep whether its help is requested, which depends on no setting."""
        options = args[: args.index("--")] if "--" in args else args
        ctx.meta[HELP] = not set(ctx.help_option_names).isdisjoint(options)
        return super().resolve_command(ctx, args)


class CommandGroup(typer.Typer):
    """A group of commands that are made as `PlainCommand`."""

    def __init__(self, *, cls: type[PlainGroup] = PlainGroup, **options: Any) -> None:  # noqa: ANN401  # typer's
        super().__init__(cls=cls, **options)

    def command(self, name: str | None = None, **options: Any) -> Callable[[Command], Command]:  # noqa: ANN401  # typer's
        """Register a command."""
        return super().command(name, cls=PlainCommand, **options)
