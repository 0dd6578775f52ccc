"""Prompts at a terminal: Enter takes the default, Ctrl-C interrupts, Ctrl-D stops."""

from __future__ import annotations

import getpass
import sys

import typer

from lac_pipeline.cli import terminal


def prompt(text: str, *, secret: bool = False) -> str:
    """Prompt, and return what was typed; a secret is not shown.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed.
        Exit: Ctrl-D was pressed, or the input ended; that is printed, and the status is 1.
    """
    try:
        return getpass.getpass(f"{text}: ") if secret else _read_line(f"{text}: ")
    except EOFError:
        terminal.echo("\nstopped at a prompt; nothing was done", err=True)
        raise typer.Exit(1) from None


def _read_line(prompt: str) -> str:
    """What `input()` does, but for a Ctrl-C right after the prompt, which that may not notice until Enter."""
    terminal.echo(prompt, nl=False, err=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\r\n")


def confirm(text: str) -> bool:
    """Prompt for yes or no until one of them is typed; no is the default."""
    while True:
        reply = prompt(f"{text} [y/N]").strip().lower()
        if reply in {"", "n", "no"}:
            return False
        if reply in {"y", "yes"}:
            return True
        terminal.echo("please type y or n")
