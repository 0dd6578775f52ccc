"""`lac init`: writes a `.env`, with prompts for what cannot be derived; existing values are never overwritten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cryptography.fernet import Fernet
from dotenv import dotenv_values

from lac_pipeline import private
from lac_pipeline.clock import utc_now
from lac_pipeline.commands.auth import WiderSignIn, wider_sign_in
from lac_pipeline.commands.session.day_names import FORMS, days_named
from lac_pipeline.commands.stack.environment import environment
from lac_pipeline.defs.opening import open_warehouse
from lac_pipeline.defs.resources import token_store
from lac_pipeline.errors import ConfigError, LacError, ReauthorizeError
from lac_pipeline.home import HISTORY
from lac_pipeline.postgres.embedded.place import place_of
from lac_pipeline.postgres.url import WRITTEN, checked_database_url
from lac_pipeline.settings import Settings, given

START = "LAC_START_DATE"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A setting that only the person knows.

    Attributes:
        name: the setting.
        label: the text of the prompt.
        secret: whether what is typed must not be shown.
        required: whether nothing works without it.
        check: raises ValueError, with the reason, for a value that cannot work; it never quotes the value.
    """

    name: str
    label: str
    secret: bool = False
    required: bool = True
    check: Callable[[str], object] = str

    def fault(self, entered: str) -> str | None:
        """Why the value cannot be used, if so; an empty value is left for later."""
        if any(character in entered for character in "\n\r'\\"):
            return "a line break, a quote or a backslash cannot stand in .env (%27 and %5C in a URL)"
        try:
            self.check(entered) if entered else None
        except (ValueError, OverflowError) as error:
            return str(error) if self.name != START else f"write {FORMS}"
        return None


PROMPTS = (
    Prompt("LINKEDIN_CLIENT_ID", "LinkedIn app's client id, from the developer portal, your app, tab Auth"),
    Prompt("LINKEDIN_CLIENT_SECRET", "its client secret, from the same tab (not shown as you type)", secret=True),
    Prompt(
        "DATABASE_URL",
        f"PostgreSQL, as {WRITTEN} (not shown; Enter: start one here)",
        secret=True,
        required=False,
        check=checked_database_url,
    ),
    Prompt(
        START,
        "how much history to load: the first day, or days back such as 365d (Enter: 90 days)",
        required=False,
        check=lambda text: days_named(text, today=utc_now().date()),
    ),
)


@dataclass(frozen=True, slots=True)
class Written:
    """What became of `.env`.

    Attributes:
        file: where it is.
        added: the settings that were written now.
        missing: the settings that are required and still empty.
    """

    file: Path
    added: tuple[str, ...]
    missing: tuple[str, ...]


def write_env(file: Path, *, prompt: Callable[[Prompt], str], today: date) -> Written:
    """Complete the file: a line that holds a value stays byte for byte as it is; the rest is prompted for or made.

    Args:
        file: `.env`; made, with mode 0600, where it does not exist.
        prompt: prompts the user; the value may be empty, and has no fault otherwise.
        today: the UTC day that the first start counts its history from.

    Raises:
        ConfigError: the file cannot be read or written.
    """
    try:
        before = file.read_text() if file.exists() else ""
        known = {name for name, value in dotenv_values(file).items() if value} if before else set()
        values = _values(known, prompt=prompt, today=today)
        after = _completed(before, values)
        if after != before:
            private.replace(file.resolve(), after.encode())
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be written",
            detail=error.strerror,
            meaning="no setting was written",
            fix="start `lac init` in a folder that you may write to",
        ) from error
    missing = [setting.name for setting in PROMPTS if setting.required and values.get(setting.name) == ""]
    return Written(file, tuple(name for name, value in values.items() if value), tuple(missing))


def _values(known: set[str], *, prompt: Callable[[Prompt], str], today: date) -> dict[str, str]:
    """The settings that the file lacks; those that the environment gives are neither prompted for nor written down."""
    elsewhere = {name for name, (_, origin) in given().items() if origin == "environment"}
    there = known | elsewhere
    there |= {"DATABASE_URL"} if "POSTGRES_HOST" in there else set()
    values = {setting.name: prompt(setting) for setting in PROMPTS if setting.name not in there}
    made = {"LAC_SECRET_KEY": Fernet.generate_key().decode()} if "LAC_SECRET_KEY" not in there else {}
    if START in values:
        made[START] = f"{days_named(values[START], today=today).start if values[START] else today - HISTORY}"
    return values | made


@dataclass(frozen=True, slots=True)
class Todo:
    """What a sync still needs beside settings: the tables, and a sign-in at LinkedIn."""

    migrate: bool = True
    sign_in: bool = True


def token_is_given() -> bool:
    """Whether the settings have an access token, so that no sign-in is needed."""
    return "LINKEDIN_ACCESS_TOKEN" in given()


def left_to_do() -> Todo:
    """Find out what is still to be done with the settings as they are; what cannot be found out is to be done."""
    try:
        settings = Settings.load()
    except ConfigError:
        return Todo()
    sign_in = settings.tokens is None
    if settings.warehouse_url is None and not place_of(settings.home).exists():
        return Todo(sign_in=sign_in)  # no server was started here yet, and this is no reason to start one
    try:
        with environment(settings) as ready, open_warehouse(ready) as warehouse:
            token_store(ready, warehouse)
    except ReauthorizeError:
        return Todo(migrate=False)
    except LacError:
        return Todo(sign_in=sign_in)
    return Todo(migrate=False, sign_in=False)


def wider() -> WiderSignIn | None:
    """Find out whether sign-in requests more than usual; None where the settings cannot be read yet."""
    try:
        return wider_sign_in(Settings.load())
    except ConfigError:
        return None


def _completed(text: str, values: Mapping[str, str]) -> str:
    """Fill the lines that stand empty, and add those that are not there."""
    lines, left = text.splitlines(keepends=True), dict(values)
    for number, line in enumerate(lines):
        name = line.partition("=")[0].strip()
        if name in left and line.strip() == f"{name}=":
            lines[number] = _line(name, left.pop(name))
    if lines and not lines[-1].endswith("\n") and left:
        lines[-1] += "\n"
    return "".join([*lines, *(_line(name, value) for name, value in left.items() if _is_written(name, value))])


def _is_written(name: str, value: str) -> bool:
    return bool(value) or any(setting.name == name and setting.required for setting in PROMPTS)


def _line(name: str, value: str) -> str:
    return f"{name}='{value}'\n" if any(character in value for character in ' #$"') else f"{name}={value}\n"
