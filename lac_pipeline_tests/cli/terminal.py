"""A person at a terminal: what `lac` shows is read from a pseudo-terminal of its own, and keys are pressed in it."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 300.0  # seconds; a busy machine shows nothing for long
CTRL_C, CTRL_D, ENTER = "\x03", "\x04", "\r"

# Ctrl-C is sent by the terminal to the processes that it controls, so it has to know which.
_CONTROLLED = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
)
_PIECES = re.compile(r"(\x1b\[[0-9;?]*[A-Za-z])|([\r\n])|([^\x1b\r\n]+)")
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """One command at a terminal.

    Attributes:
        shown: everything that it has written so far, escapes too.
    """

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.shown = ""
        self._read = 0
        self._process = process
        self._master = master

    @property
    def text(self) -> str:
        """What it has written, without colours and cursor movements; a line that is drawn again is there again."""
        return _ESCAPE.sub("", self.shown).replace("\r\n", "\n")

    @property
    def screen(self) -> list[str]:
        """The lines that stand there in the end, where what is drawn again replaces what it was drawn over."""
        lines, row, column = [""], 0, 0
        for escape, control, text in _PIECES.findall(self.shown):
            if control == "\n":
                row += 1
                lines += [""] * (row - len(lines) + 1)
            elif control == "\r":
                column = 0
            elif escape.endswith("A"):
                row = max(0, row - int(escape[2:-1] or 1))
            elif escape.endswith("K"):
                lines[row] = ""
            elif text:
                lines[row] = lines[row][:column].ljust(column) + text + lines[row][column + len(text) :]
                column += len(text)
        return [line.rstrip() for line in lines if line.strip()]

    def expect(self, text: str) -> None:
        """Read until the text comes, after what was expected before."""
        while text not in self.shown[self._read :]:
            assert self._more(), f"{text!r} never came; it ended after:\n{self.shown}"
        self._read = self.shown.index(text, self._read) + len(text)

    def press(self, keys: str) -> None:
        """Type; what is typed ahead is kept by the terminal until it is read."""
        os.write(self._master, keys.encode())

    def reply(self, prompt: str, keys: str) -> None:
        """Wait for a prompt, type, and press Enter."""
        self.expect(prompt)
        self.expect(": ")  # a hidden reply that is typed earlier is thrown away
        self.press(keys + ENTER)

    def end(self) -> int:
        """Read to the end, and return the exit status."""
        while self._more():
            pass
        return self._process.wait(PATIENCE)

    def echoes(self) -> bool:
        """Whether what is typed is shown."""
        return bool(termios.tcgetattr(self._master)[3] & termios.ECHO)

    def _more(self) -> bool:
        ready, _, _ = select.select([self._master], [], [], PATIENCE)
        assert ready, f"nothing more came in {PATIENCE:.0f} s, after:\n{self.shown}"
        try:
            piece = os.read(self._master, 65536)
        except OSError:  # Linux raises this when no process has the other end open any more
            return False
        self.shown += piece.decode(errors="replace")
        return bool(piece)


@contextmanager
def terminal(
    *command: str, folder: Path, variables: Mapping[str, str] | None = None, columns: int = 100, out: Path | None = None
) -> Iterator[Terminal]:
    """Run a command in a folder, with these variables and no others but PATH, at a terminal of so many columns.

    Args:
        command: a program and its arguments; `lac` is the one under test.
        folder: where it is run.
        variables: what its environment adds to PATH, HOME, LANG and TERM.
        columns: how wide the terminal is.
        out: a file that standard output goes to instead, as with `lac ... > out`.
    """
    program = [sys.executable, "-m", "lac_pipeline"] if command[0] == "lac" else [command[0]]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "TERM": "xterm-256color"}
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (40, columns))
    stdout = slave if out is None else os.open(out, os.O_WRONLY | os.O_CREAT)
    process = subprocess.Popen(
        [sys.executable, "-c", _CONTROLLED, *program, *command[1:]],
        cwd=folder,
        env=environment | dict(variables or {}),
        stdin=slave,
        stdout=stdout,
        stderr=slave,
        start_new_session=True,
    )
    for descriptor in {slave, stdout}:
        os.close(descriptor)
    try:
        yield Terminal(process, master)
    finally:
        process.kill()
        process.wait()
        os.close(master)
