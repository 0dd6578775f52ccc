"""Examinations that need no database and no token: versions, settings, folders, disk, clock, API version."""

from __future__ import annotations

import platform
import shutil
import stat
import sys
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path
from typing import get_args

import httpx
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from lac_pipeline import __version__
from lac_pipeline.archive.backends import try_archive
from lac_pipeline.clock import utc_now
from lac_pipeline.commands.auth import wider_sign_in
from lac_pipeline.commands.doctor.finding import Finding, State
from lac_pipeline.commands.stack.environment import place_note
from lac_pipeline.commands.stack.project import project_file
from lac_pipeline.commands.stack.unread_settings import without_effect
from lac_pipeline.defs.event_wording import words_of
from lac_pipeline.linkedin.api_versions import sunset_of
from lac_pipeline.linkedin.expiry import version_ends
from lac_pipeline.printable import counted
from lac_pipeline.settings import Settings, env_file, given

PACKAGES = ("dagster", "httpx", "sqlalchemy", "psycopg")
LITTLE_ROOM = 5 << 30  # bytes
NO_ROOM = 1 << 30  # bytes
SKEW = timedelta(minutes=1)
WRONG_CLOCK = timedelta(minutes=5)


def versions() -> Iterator[Finding]:
    """Which programs are used, and from where."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    yield Finding("versions", "ok", f"lac {__version__}, Python {platform.python_version()}, {packages}")
    yield Finding("paths", "ok", f"{sys.executable}, {project_file('dagster.yaml').parent}")


def setting_origins() -> Iterator[Finding]:
    """Where each setting came from; secrets are never shown."""
    found = given()
    for name, field in Settings.model_fields.items():
        value, origin = found.get(name.upper(), (None, "default"))
        secret = SecretStr in (field.annotation, *get_args(field.annotation))
        shown = "********" if secret and value else value if value is not None else _default(field.default)
        yield Finding(name.upper(), "ok", f"{shown}  ({origin})", is_default=name.upper() not in found)


def chosen_streams(settings: Settings) -> Iterator[Finding]:
    """What is set for streams that are not loaded, and what sign-in requests for those that are."""
    for idle in without_effect(settings):
        yield Finding(idle.name, "warning", idle.reason, idle.fix)
    if (wider := wider_sign_in(settings)) is not None:
        yield Finding("sign-in", "ok", f"requests {wider.scopes} too; where LinkedIn refuses it, {wider.way_out}")


def env_file_mode() -> Iterator[Finding]:
    """Whether others on this machine may read `.env`."""
    file = env_file()
    if file is None or not file.exists():
        yield Finding(".env", "ok", "none; the settings come from the environment")
        return
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        yield Finding(".env", "warning", f"{file} may be read by others (mode {mode:04o})", f"chmod 600 {file}")
    else:
        yield Finding(".env", "ok", str(file))


def api_version(settings: Settings) -> Iterator[Finding]:
    """How long LinkedIn serves the configured version."""
    today, sunset = utc_now().date(), sunset_of(settings.linkedin_api_version)
    ending = version_ends(settings.linkedin_api_version, today=today)
    if sunset is None:
        yield Finding("API version", "warning", f"{settings.linkedin_api_version}: its sunset is not known here")
    elif ending:
        yield Finding("API version", "failed" if ending.over else "warning", *words_of(ending))
    else:
        left = (sunset - today).days
        yield Finding(
            "API version", "ok", f"{settings.linkedin_api_version}, served until {sunset} ({counted(left, 'day')})"
        )


def raw_archive(settings: Settings) -> Iterator[Finding]:
    """Whether responses can be kept."""
    yield Finding("raw archive", "ok", f"{try_archive(settings.raw_url)} can be written")


def disk(settings: Settings) -> Iterator[Finding]:
    """How much room is left below LAC_HOME."""
    folder = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    found = f"{free / (1 << 30):,.1f} GiB free in {folder}"
    if free >= LITTLE_ROOM:
        yield Finding("disk", "ok", found)
    else:
        fix = "remove old responses with `lac raw prune --older-than 90d`, or set LAC_HOME and LAC_RAW_URL elsewhere"
        yield Finding("disk", "failed" if free < NO_ROOM else "warning", found, fix)


def embedded_database(settings: Settings) -> Iterator[Finding]:
    """Where the embedded database is, if it is not below LAC_HOME."""
    if (note := place_note(settings)) is not None:
        yield Finding("embedded database", "ok", note)


def clock(settings: Settings) -> Iterator[Finding]:
    """Whether this machine's clock agrees with LinkedIn's: days and the ends of tokens depend on it."""
    try:
        with httpx.stream("GET", settings.linkedin_api_url, timeout=10) as response:  # its headers are all that counts
            date_header = response.headers.get("date")
    except httpx.TransportError as error:
        found = f"{settings.linkedin_api_url} does not respond: {type(error).__name__}"
        yield Finding("network", "failed", found, "check the network, proxy settings and LINKEDIN_API_URL")
        return
    yield Finding("network", "ok", f"{settings.linkedin_api_url} responds")
    if date_header is None:
        yield Finding("clock", "warning", "LinkedIn's response carries no date to compare with")
        return
    yield compared_clocks("clock", "LinkedIn's", utc_now() - parsedate_to_datetime(date_header))


def compared_clocks(subject: str, other: str, ahead: timedelta) -> Finding:
    """How far this machine's clock is ahead of another one, and what to do if it is far."""
    skew = abs(ahead)
    fix = None if skew <= SKEW else "let both machines follow a time server (timedatectl set-ntp true)"
    state: State = "ok" if skew <= SKEW else "warning" if skew <= WRONG_CLOCK else "failed"
    where = "ahead of" if ahead > timedelta(0) else "behind"
    return Finding(subject, state, f"this machine's is {skew.total_seconds():.0f} s {where} {other}", fix)


def _default(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    return "not set" if value in (None, (), PydanticUndefined) else str(value)
