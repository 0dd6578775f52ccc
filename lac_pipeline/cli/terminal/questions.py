"""Questions at a terminal: Enter takes the default, Ctrl-C interrupts, Ctrl-D stops."""

from __future__ import annotations

import getpass
import sys

import typer

from lac_pipeline.cli import terminal


def ask(question: str, *, secret: bool = False) -> str:
    """Ask, and return what was typed; a secret is not shown.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed.
        Exit: Ctrl-D was pressed, or the input ended; that is told, and the status is 1.
    """
    try:
        return getpass.getpass(f"{question}: ") if secret else _read_line(f"{question}: ")
    except EOFError:
        terminal.echo("\nstopped at a question; nothing was done", err=True)
        raise typer.Exit(1) from None


def _read_line(prompt: str) -> str:
    """What `input()` does, but for a Ctrl-C right after the prompt, which that may not notice until Enter."""
    terminal.echo(prompt, nl=False, err=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\r\n")


def confirm(question: str) -> bool:
    """Ask for a yes or a no until one of them is given; no is the default."""
    while True:
        answer = ask(f"{question} [y/N]").strip().lower()
        if answer in {"", "n", "no"}:
            return False
        if answer in {"y", "yes"}:
            return True
        terminal.echo("please answer y or n")
