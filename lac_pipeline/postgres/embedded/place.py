"""The place of the embedded PostgreSQL's files: below the home, or elsewhere if its user cannot enter the home.

Root runs the server as another user, who may not enter `/root` or a folder made by `mktemp -d`. The permissions of
those folders are not changed. Instead the files are in a folder that the user can enter, and a link in the home leads
there.
"""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from lac_pipeline import private
from lac_pipeline.errors import EmbeddedServerError
from lac_pipeline.postgres.embedded.binaries import closed_directory

MAJOR = 18
PLACES = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108 - a folder with a random name is made, once for each home
"""Where to go, the first that can be used: both outlive a restart of the machine, which `/tmp` does not."""


def place_of(home: Path) -> Path:
    """Where the files are, or will be: `<home>/pg18`, or what it is a link to.

    The major version is in the path, so that programs of another version never open the data.
    """
    below = home.absolute() / f"pg{MAJOR}"
    return below.resolve() if below.is_symlink() else below


def elsewhere(home: Path) -> Path | None:
    """The folder outside the home that holds the files; None where they are below it."""
    place = place_of(home)
    return None if place.is_relative_to(home.absolute()) else place


def reachable_place(home: Path, user: int) -> Path:
    """Find the place that another user than root can reach, and make one outside the home if its own cannot be.

    Raises:
        EmbeddedServerError: there is none; permissions of folders that exist are never changed.
    """
    place = place_of(home)
    closed = closed_directory(place)
    if closed is None:
        return place
    for candidate in PLACES if not place.exists() else ():
        with contextlib.suppress(OSError):  # it is not there, or may not be written
            if closed_directory(candidate) is None:
                return _link(home.absolute(), Path(tempfile.mkdtemp(prefix="lac-postgresql-", dir=candidate)))
    raise EmbeddedServerError(
        f"{closed} is closed to other users, so PostgreSQL, which does not run as root, cannot reach its data",
        meaning=f"root runs it as the user with id {user}, and {' and '.join(map(str, PLACES))} cannot be used instead",
        fix="set LAC_HOME to a folder that is not below a private one, or run as an ordinary user",
    )


def _link(home: Path, place: Path) -> Path:
    place.chmod(0o711)
    private.make_folder(home, mode=0o711)
    try:
        (home / f"pg{MAJOR}").symlink_to(place)
    except FileExistsError:  # another process was faster
        place.rmdir()
    return place_of(home)
