"""Options that several commands have: ad accounts and assets, of which an unknown one is refused, days, addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Annotated, TypeVar

import typer

from lac_pipeline.allowed_values import number, refusal
from lac_pipeline.errors import ConfigError, UnknownNameError
from lac_pipeline.unknown_names import unknown_name

ALL = "all"
_NUMBER = "an ad account is named by its number, as in Campaign Manager's address bar"


def asset_name(text: str) -> str:
    """Take the name of an asset.

    Raises:
        UnknownNameError: there is none of that name.
    """
    names = _assets()
    if text not in names:
        raise unknown_name("asset", text, names)
    return text


def _assets() -> tuple[str, ...]:
    """The assets that there are, with the reports that the settings declare; settings that are wrong declare none."""
    from lac_pipeline.settings import Settings
    from lac_pipeline.streams import every_stream

    with suppress(ConfigError):
        Settings.load()
    return every_stream().names


def account_number(text: str) -> str:
    """Take the id of an ad account; whether there is one the command finds out.

    Raises:
        UnknownNameError: it is no number.
    """
    if not (text.isascii() and text.isdigit()):
        shown = text or "''"
        raise UnknownNameError(f"unknown ad account: {shown}", meaning=_NUMBER, fix="`lac status` shows the numbers")
    return str(int(text))


def account_or_all(text: str) -> str:
    """Take the id of an ad account, or `all`.

    Raises:
        UnknownNameError: it is neither.
    """
    if text == ALL or (text.isascii() and text.isdigit()):
        return text if text == ALL else account_number(text)
    raise unknown_name("ad account", text or "''", [ALL], fix=f"{_NUMBER}, or by `{ALL}`")


def account_numbers(text: str) -> str:
    """Take ids of ad accounts, with commas between them.

    Raises:
        UnknownNameError: one of them is no number.
    """
    return ",".join(account_number(part.strip()) for part in text.split(","))


def accounts_or_all(text: str) -> str:
    """Take ids of ad accounts, with commas between them, or `all`.

    Raises:
        UnknownNameError: one of them is neither.
    """
    return ",".join(account_or_all(part.strip()) for part in text.split(","))


def named(given: Iterable[str] | None) -> list[str]:
    """The accounts of an option that was given several times, each once; `all` stands for every one."""
    names = list(dict.fromkeys(name for text in given or () for name in text.split(",")))
    return [ALL] if ALL in names else names


def complete_asset(typed: str) -> list[str]:
    """The assets that begin like what was typed."""
    return [name for name in _assets() if name.startswith(typed)]


ASSET = Annotated[
    str | None,
    typer.Option(
        parser=asset_name, metavar="ASSET", autocompletion=complete_asset, help="Only this asset, such as campaigns."
    ),
]


def complete_account(typed: str) -> list[tuple[str, str]]:
    """The accounts that commands have shown in this folder, after the commas of what was typed."""
    from lac_pipeline.commands.session.remembered_names import Kind, remembered

    before, comma, last = typed.rpartition(",")
    return [(f"{before}{comma}{account}", name) for account, name in remembered(Kind.ACCOUNTS, last)]


def complete_account_or_all(typed: str) -> list[tuple[str, str]]:
    """The same accounts, and `all`."""
    every = [(ALL, "every ad account")] if ALL.startswith(typed) else []
    return [*every, *complete_account(typed)]


def complete_run(typed: str) -> list[tuple[str, str]]:
    """The runs that commands have shown in this folder."""
    from lac_pipeline.commands.session.remembered_names import Kind, remembered

    return remembered(Kind.RUNS, typed)


_SEVERAL = "for several, use commas or repeat the option"
ACCOUNT = Annotated[
    list[str] | None,
    typer.Option(
        parser=account_numbers, metavar="ID", autocompletion=complete_account, help=f"Only this ad account; {_SEVERAL}."
    ),
]
LAUNCHED_ACCOUNTS = Annotated[
    list[str],
    typer.Option(
        parser=account_numbers, metavar="ID", autocompletion=complete_account, help=f"An ad account's id; {_SEVERAL}."
    ),
]
ACCOUNTS = Annotated[
    list[str],
    typer.Option(
        parser=accounts_or_all,
        metavar="ID|all",
        autocompletion=complete_account_or_all,
        help=f"An ad account's id, or `all` for every one that the token can see; {_SEVERAL}.",
    ),
]
ARCHIVED_ACCOUNTS = Annotated[
    list[str],
    typer.Option(
        parser=accounts_or_all,
        metavar="ID|all",
        autocompletion=complete_account_or_all,
        help=f"An ad account's id, or `all` for every one in the archive; {_SEVERAL}.",
    ),
]


Number = TypeVar("Number", int, float)


def number_within(
    kind: type[Number], *, least: Number | None = None, most: Number | None = None
) -> Callable[[str | Number], Number]:
    """Make what takes a number within limits, and names them when it refuses another value."""
    allowed = number(whole=kind is int, least=least, most=most)

    def taken(text: str | Number) -> Number:
        with suppress(ValueError):
            value = kind(text)
            if (least is None or value >= least) and (most is None or value <= most):
                return value
        raise typer.BadParameter(refusal(text, allowed))

    return taken


LAST_PORT = 65_535
URL = Annotated[
    str | None,
    typer.Option(
        metavar="URL", help="The Dagster UI; by default that of the `lac up` in this folder, or http://127.0.0.1:3000."
    ),
]
port_number = number_within(int, least=1, most=LAST_PORT)
"""Takes a port."""
PORT = Annotated[
    int, typer.Option(parser=port_number, metavar="PORT", help="The UI's port; the next free one if it is taken.")
]
