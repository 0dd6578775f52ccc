"""The ids of accounts and runs that commands printed, kept in LAC_HOME for the shell to complete.

A shell waits for a completion, so no database is queried for it, and only the usual homes are searched.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from enum import StrEnum
from itertools import islice
from pathlib import Path

from lac_pipeline import private

HOMES = (Path(".lac"), Path(".lac") / "demo")
"""LAC_HOME's default, and the demo's."""
_MOST = 1000


class Kind(StrEnum):
    """What is remembered."""

    ACCOUNTS = "accounts"
    RUNS = "runs"


def remember(home: Path, kind: Kind, names: Mapping[str, str]) -> None:
    """Keep ids with a word about each, the newest first; what cannot be kept is only not completed."""
    with contextlib.suppress(OSError):
        if home.is_dir():
            before = _kept(home, kind)
            after = {name: about or before.get(name, "") for name, about in names.items()}
            after |= {name: about for name, about in before.items() if name not in after}
            private.replace(_file(home, kind), json.dumps(dict(islice(after.items(), _MOST))).encode())


def remembered(kind: Kind, beginning: str) -> list[tuple[str, str]]:
    """The ids that begin so, with a word about each."""
    found: dict[str, str] = {}
    for home in HOMES:
        found |= _kept(home, kind)
    return [(name, about) for name, about in found.items() if name.startswith(beginning)]


def remembered_accounts(home: Path | None) -> dict[int, str | None]:
    """The names of ad accounts that commands of this home have printed; none where there is no home."""
    kept = {} if home is None else _kept(home, Kind.ACCOUNTS)
    return {int(account): name or None for account, name in kept.items()}


def _kept(home: Path, kind: Kind) -> dict[str, str]:
    try:
        kept: dict[str, str] = json.loads(_file(home, kind).read_text())
    except (OSError, ValueError):
        return {}
    return kept


def _file(home: Path, kind: Kind) -> Path:
    return home / f"known_{kind}.json"
