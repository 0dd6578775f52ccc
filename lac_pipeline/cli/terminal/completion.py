"""How shells complete `lac`: names of files where a path is meant, and nowhere else.

Typer's scripts let the shell offer the files of the folder wherever there is nothing else to offer, such as behind
`--account`. These scripts offer nothing there. Where a path is meant, `complete_path` lets the shell complete it, for
only the shell knows how its paths are quoted and its home folder is written.
"""

from __future__ import annotations

import typer
from typer import _completion_shared as typers

_PATH = "__lac_path__"
SCRIPT_ASKS = typer.Option(envvar="_LAC_PATHS", hidden=True)
"""An option that only these scripts set; an older one would offer the sign that a path is meant as a completion."""
PARAMETER = "completes_paths"
"""The name of that option's parameter."""

SCRIPTS = {
    "bash": f"""
%(complete_func)s() {{
    local IFS=$'\\n'
    COMPREPLY=( $( env COMP_WORDS="${{COMP_WORDS[*]}}" \\
                   COMP_CWORD=$COMP_CWORD \\
                   _LAC_PATHS=1 \\
                   %(autocomplete_var)s=complete_bash $1 ) )
    if [[ ${{COMPREPLY[0]}} == *{_PATH} ]]; then
        COMPREPLY=()
        compopt -o default
    fi
    return 0
}}

complete -F %(complete_func)s %(prog_name)s
""",
    "zsh": f"""
#compdef %(prog_name)s

%(complete_func)s() {{
  local found
  found=$(env _TYPER_COMPLETE_ARGS="${{words[1,$CURRENT]}}" _LAC_PATHS=1 \\
      %(autocomplete_var)s=complete_zsh %(prog_name)s)
  case $found in
    *{_PATH}*) _files ;;
    _files) ;;
    *) eval ${{found//$'\\n'/ }} ;;
  esac
}}

compdef %(complete_func)s %(prog_name)s
""",
    "fish": f"""
function %(complete_func)s
    env %(autocomplete_var)s=complete_fish _LAC_PATHS=1 _TYPER_COMPLETE_FISH_ACTION=get-args \\
        _TYPER_COMPLETE_ARGS=(commandline -cp) %(prog_name)s | string match --regex '.+'
end

complete --command %(prog_name)s --no-files --arguments "(%(complete_func)s | string match --invert '*{_PATH}')"
complete --command %(prog_name)s --force-files --condition "%(complete_func)s | string match --quiet '*{_PATH}'"
""",
}
"""By shell; typer fills in the names."""


def complete_path(ctx: typer.Context, incomplete: str) -> list[str]:
    """Let the shell complete a path; typer drops what does not begin like what was typed."""
    return [incomplete + _PATH] if ctx.find_root().params.get(PARAMETER) else []


def install_scripts() -> None:
    """Let `--install-completion` and `--show-completion` give these scripts in place of typer's own.

    Typer has no setting for that; other shells keep typer's scripts, which offer no files.
    """
    typers._completion_scripts.update(SCRIPTS)  # noqa: SLF001
