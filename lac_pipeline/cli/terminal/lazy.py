"""Commands that are imported when they are used: a command waits for no module of another."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from typer.main import get_group

from lac_pipeline.cli.terminal.help import CommandGroup


class CommandModules(UserDict[str, Any]):
    """Commands by name, in the order of `--help`. Each is made by the module of its name when it is first read.

    A module adds its command by `register(app, panel)`. In the module's name, `-` is `_`.

    Args:
        package: where the modules are.
        panels: the names of the commands, by the panel of `--help`.
    """

    def __init__(self, package: str, panels: Mapping[str, Sequence[str]]) -> None:
        self._package = package
        super().__init__((name, panel) for panel, names in panels.items() for name in names)

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  # typer's own click
        """The command.

        Raises:
            KeyError: there is none of this name.
        """
        kept = super().__getitem__(name)
        if isinstance(kept, str):
            app = CommandGroup()
            import_module(f"{self._package}.{name.replace('-', '_')}").register(app, kept)
            self[name] = kept = get_group(app).commands[name]
        return kept
