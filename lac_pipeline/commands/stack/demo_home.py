"""The demo of this folder: where it keeps everything, and the settings by which other commands join it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from lac_pipeline import private
from lac_pipeline.commands.stack.home_lock import is_taken
from lac_pipeline.errors import ConfigError
from lac_pipeline.home import DEMO_HOME, DEMO_SETTINGS, make_home, unwritable_home
from lac_pipeline.settings import env_file, given, isolate


def start_demo(simulated: Mapping[str, str]) -> None:
    """Point every setting of this process at the simulator and the demo's home, and write them down for others.

    Raises:
        ConfigError: the home cannot be written.
    """
    home = DEMO_HOME.resolve()
    settings = {**simulated, "LAC_HOME": str(home)}
    try:
        make_home(home)
        private.replace(home / DEMO_SETTINGS.name, json.dumps(settings).encode())
    except OSError as error:
        raise unwritable_home(home, error) from error
    isolate(settings)


def join_demo() -> None:
    """Point every setting of this process at the demo of this folder.

    Raises:
        ConfigError: no demo was started here.
    """
    try:
        settings = json.loads(DEMO_SETTINGS.read_text())
    except (OSError, ValueError):
        raise ConfigError(
            "no demo was started in this folder",
            meaning=f"its settings would be in {DEMO_SETTINGS}",
            fix="start it with `lac demo`, and leave it running in another terminal",
        ) from None
    isolate(settings)


def demo_is_all_there_is() -> bool:
    """Whether a demo runs in this folder and no setting is given here, so that a command can only be about the demo."""
    file = env_file()
    if given() or file is None or file.exists():
        return False
    return DEMO_SETTINGS.exists() and is_taken(DEMO_HOME)
