"""The shell completes `lac`: its commands and options, quickly, and in the shells that people use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lac_pipeline.commands.session.remembered_names import Kind, remember

LAC = Path(sys.executable).with_name("lac")
HEAVY = ["dagster", "pandas", "sqlalchemy", "httpx", "alembic", "psycopg", "jinja2", "pydantic_settings"]
SCRIPTS = {
    "bash": "complete -o default -F _lac_completion lac",
    "zsh": "compdef _lac_completion lac",
    "fish": "complete --command lac",
}


def completion_request(line: str) -> dict[str, str]:
    """The variables with which bash requests how a line may go on."""
    return {"_LAC_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}


def run(*command: str | Path, home: Path, **variables: str) -> str:
    """What a command prints, for a person with that home and `lac` on the path."""
    environment = {"PATH": f"{LAC.parent}{os.pathsep}{os.environ['PATH']}", "HOME": str(home), **variables}
    return subprocess.run(
        command, env=environment, cwd=home, capture_output=True, text=True, check=True, timeout=60
    ).stdout


def in_shell(name: str, script: str, *, home: Path) -> str:
    """What a script prints in bash started under that name, by which typer recognizes the shell."""
    shell = home / name
    shell.symlink_to("/bin/bash")
    return run(shell, "-c", f"{script}\n:", home=home)  # a last command of its own, or the shell would be replaced


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_script_is_that_of_the_shell_in_use(shell: str, tmp_path: Path) -> None:
    """`lac --show-completion` prints what the shell that it was typed in understands."""
    assert SCRIPTS[shell] in in_shell(shell, "lac --show-completion", home=tmp_path)


@pytest.mark.parametrize("shell", SCRIPTS)
def test_installed_once(shell: str, tmp_path: Path) -> None:
    """`lac --install-completion` writes the script below the home, and a second time changes nothing."""
    listed = "find . -type f | sort | xargs cat"
    script = (
        f"lac --install-completion > /dev/null; {listed}; echo SECOND; lac --install-completion > /dev/null; {listed}"
    )
    once, _, twice = in_shell(shell, script, home=tmp_path).partition("SECOND\n")
    assert SCRIPTS[shell] in once
    assert once.split() == twice.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("lac au", {"auth"}),
        ("lac auth log", {"login", "logout"}),
        ("lac rejects r", {"retry"}),
        ("lac sync --", {"--account", "--since", "--until", "--force", "--accept-shrink", "--json", "--help"}),
        ("lac auth login --pas", {"--paste-url", "--paste-token"}),
    ],
)
def test_bash_completes(line: str, offered: set[str], tmp_path: Path) -> None:
    """Pressing Tab in bash offers commands, their subcommands and their options."""
    words = line.split(" ")
    script = (
        f'eval "$(lac --show-completion)"; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}\n'
        '_lac_completion lac; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    assert set(in_shell("bash", script, home=tmp_path).split()) == offered


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("lac status --account 51", {"510000001", "510000002"}),
        ("lac sync --account 510000001,5100", {"510000001,510000001", "510000001,510000002"}),
        ("lac runs 5b", {"5b2f6c0e-6f9d-4a54-9d60-1d7e4d1c2a11"}),
    ],
)
def test_what_commands_have_shown_is_completed(line: str, offered: set[str], tmp_path: Path) -> None:
    """Accounts and runs that were shown in this folder are offered, also behind a comma."""
    home = tmp_path / ".lac"
    home.mkdir()
    remember(home, Kind.ACCOUNTS, {"510000001": "Northwind", "7": ""})
    remember(home, Kind.ACCOUNTS, {"510000002": "Contoso", "510000001": ""})
    remember(home, Kind.RUNS, {"5b2f6c0e-6f9d-4a54-9d60-1d7e4d1c2a11": "success"})
    words = line.split(" ")
    script = (
        f'eval "$(lac --show-completion)"; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}\n'
        '_lac_completion lac; printf "%s\n" "${COMPREPLY[@]}"'
    )
    assert set(in_shell("bash", script, home=tmp_path).split()) == offered
    kept = (home / "known_accounts.json").read_text()
    assert ("Northwind" in kept, "Contoso" in kept) == (True, True)


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_complete(shell: str, tmp_path: Path) -> None:
    """The scripts of zsh and fish get completions in their own form, with the commands' help beside them."""
    requested = {"_LAC_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": "lac auth log"}
    completions = run(LAC, home=tmp_path, _TYPER_COMPLETE_FISH_ACTION="get-args", **requested)
    assert "login" in completions
    assert "logout" in completions
    assert "a browser opens LinkedIn" in completions


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("lac sync --account ", {"all"}),
        ("lac replay --account a", {"all"}),
        ("lac plan --until y", {"yesterday"}),
        ("lac replay --since ", {"today", "yesterday", "7d", "30d", "90d"}),
    ],
)
def test_known_values_are_completed(line: str, offered: set[str], tmp_path: Path) -> None:
    """`all`, and days that have a name, are offered where they may stand."""
    assert set(run(LAC, home=tmp_path, **completion_request(line)).split()) == offered


@pytest.mark.parametrize("line", ["lac ", "lac sync --", "lac auth "])
def test_completing_is_quick(line: str, tmp_path: Path) -> None:
    """Tab waits for no heavy import."""
    script = (
        "import sys\nfrom lac_pipeline.cli import main\nsys.argv = ['lac']\n"
        "try:\n    main()\nexcept SystemExit:\n"
        f"    print('LOADED', *(name for name in {HEAVY!r} if name in sys.modules))\n"
    )
    printed = run(sys.executable, "-c", script, home=tmp_path, **completion_request(line))
    assert len(printed.splitlines()) > 2
    assert printed.splitlines()[-1] == "LOADED"
