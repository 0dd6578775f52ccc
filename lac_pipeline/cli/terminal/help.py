"""How `--help` looks: commands in groups, and no type beside an option that takes no value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

HELP = f"{__name__}.requested"
"""Where a context keeps whether help is all that is requested."""

Command = TypeVar("Command", bound=Callable[..., None])


def _without_type(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        if isinstance(parameter, TyperOption) and parameter.is_flag and parameter.metavar is None:
            parameter.metavar = ""
    return parameters


class PlainCommand(TyperCommand):
    """A command whose help shows no type beside a flag."""

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
