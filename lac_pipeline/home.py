"""The folder that `LAC_HOME` names, and the first day loaded that is written down there."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

from lac_pipeline import private
from lac_pipeline.clock import utc_now
from lac_pipeline.errors import ConfigError

DEMO_HOME = Path(".lac") / "demo"
"""The home of the demo that was started in a folder, from there."""
DEMO_SETTINGS = DEMO_HOME / "settings.json"
"""Where the demo writes the settings down by which other commands join it."""
HISTORY = timedelta(days=90)
"""How far back the first start goes when `LAC_START_DATE` is not set."""


def remembered_start(file: Path) -> date:
    """Read the first UTC day loaded that the first start wrote down; the first start writes it.

    Raises:
        ConfigError: the file cannot be written, or holds no date.
    """
    start = utc_now().date() - HISTORY
    try:
        make_home(file.parent)
        if not file.exists():
            private.replace(file, f"{start}\n".encode())  # half a date would stop every later start
        return date.fromisoformat(file.read_text().strip())
    except OSError as error:
        raise unwritable_home(file.parent, error) from error
    except ValueError as error:
        raise ConfigError(f"{file} does not hold a date", fix=f"delete it, or set LAC_START_DATE={start}") from error


def make_home(home: Path) -> None:
    """Make LAC_HOME where it does not exist, closed to others.

    Root's may be passed through, not listed: there the embedded PostgreSQL runs as another user, below it.
    """
    private.make_folder(home, mode=0o711 if os.geteuid() == 0 else 0o700)


def unwritable_home(home: Path, error: OSError) -> ConfigError:
    """The fix when LAC_HOME cannot be used."""
    return ConfigError(
        f"LAC_HOME {home} cannot be written",
        detail=str(error),
        meaning="Dagster's home, the raw archive and the embedded database are kept there",
        fix="make room, or set LAC_HOME to a folder that you may write",
    )
