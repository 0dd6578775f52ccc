"""`lac auth`: login, status, refresh and logout."""

from __future__ import annotations

import json
import sys
import webbrowser
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.help import CommandGroup
from lac_pipeline.cli.terminal.options import number_within
from lac_pipeline.cli.terminal.prompts import prompt
from lac_pipeline.cli.terminal.table import cut, hanging, room
from lac_pipeline.printable import counted

if TYPE_CHECKING:
    from lac_pipeline.commands.auth import Login, SignIn
    from lac_pipeline.linkedin.oauth.tokens import Tokens
    from lac_pipeline.settings import Settings
    from lac_pipeline.warehouse.warehouse import Warehouse

PERMITTED = "https://www.linkedin.com/psettings/permitted-services"

auth = CommandGroup(help="Sign in to LinkedIn, and see how long the tokens are valid.", no_args_is_help=True)


def register(app: typer.Typer, panel: str) -> None:
    """Add the commands of this module to a panel of `lac --help`."""
    app.add_typer(auth, name="auth", rich_help_panel=panel)


@auth.command()
def login(
    paste_url: Annotated[
        bool, typer.Option("--paste-url", help="Paste the address that the browser ends at, from any machine.")
    ] = False,
    paste_token: Annotated[
        bool, typer.Option("--paste-token", help="Paste a token made in LinkedIn's developer portal.")
    ] = False,
    browser: Annotated[bool, typer.Option(help="Open the browser; the page's address is always printed.")] = True,
    timeout: Annotated[
        float,
        typer.Option(
            parser=number_within(float, least=1),
            metavar="SECONDS",
            help="Seconds to wait for the browser to come back.",
        ),
    ] = 300,
) -> None:
    """Sign in: a browser opens LinkedIn's page, and the tokens are stored encrypted in the database.

    LINKEDIN_ACCESS_TOKEN in the environment or .env is used instead of stored tokens.

    Example: lac auth login
    Example: lac auth login --paste-url
    """
    from lac_pipeline.commands.auth import Login, encrypted_tokens
    from lac_pipeline.commands.session.warehouse_session import open_settings_and_warehouse

    if paste_url and paste_token:
        raise typer.BadParameter("choose one of --paste-url and --paste-token")
    with open_settings_and_warehouse() as (settings, warehouse):
        store = encrypted_tokens(settings, warehouse)
        attempt = Login(settings)
        if paste_token:
            tokens = _pasted_token(attempt)
        elif paste_url:
            tokens = _pasted_url(attempt)
        else:
            tokens = attempt.by_browser(opened=partial(_open, browser=browser), timeout=timeout)
        store.save(tokens)
        terminal.echo("signed in; the tokens are stored encrypted in the database\n")
        _show_stored(settings, warehouse)


@auth.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show which ad accounts the token can see, its scopes, and the days left of both tokens.

    Warns from 14 days before either token ends, and from 45 days before LinkedIn drops the configured API version.
    Exits 1 when LinkedIn does not accept the token, or when either token has less than 7 days left.

    Example: lac auth status
    Example: lac auth status --json
    """
    from lac_pipeline.commands.auth import sign_in_of
    from lac_pipeline.commands.session.warehouse_session import open_settings_and_warehouse

    with open_settings_and_warehouse() as (settings, warehouse):
        found = sign_in_of(settings, warehouse)
    if as_json:
        terminal.data(json.dumps(_as_json(found), indent=2))
    else:
        _show(found)
    if found.ends_soon:
        raise typer.Exit(1)


@auth.command()
def refresh() -> None:
    """Renew the stored access token now. This does not extend the life of the refresh token.

    Example: lac auth refresh
    """
    from lac_pipeline.commands.auth import renew
    from lac_pipeline.commands.session.warehouse_session import open_settings_and_warehouse

    with open_settings_and_warehouse() as (settings, warehouse):
        tokens = renew(settings, warehouse)
    terminal.echo("renewed; the new access token is stored")
    _show_ends(tokens)


@auth.command()
def logout() -> None:
    """Delete the stored tokens. At LinkedIn they stay valid until they end, or the member withdraws the consent.

    Example: lac auth logout
    """
    from lac_pipeline.commands.auth import encrypted_tokens
    from lac_pipeline.commands.session.warehouse_session import open_settings_and_warehouse

    with open_settings_and_warehouse() as (settings, warehouse):
        forgotten = encrypted_tokens(settings, warehouse).forget()
        terminal.echo("the stored tokens are forgotten" if forgotten else "no tokens were stored")
        terminal.echo(f"to end them at LinkedIn too, remove the app at {PERMITTED}")
        if settings.tokens is not None:
            terminal.echo("LINKEDIN_ACCESS_TOKEN is still set, and is used")


def _open(url: str, *, browser: bool) -> None:
    terminal.echo(
        f"agree on LinkedIn's page, which opens in your browser; if it does not, open it yourself:\n\n{url}\n"
    )
    if browser:
        webbrowser.open(url)


def _pasted_url(attempt: Login) -> Tokens:
    terminal.echo(f"open this page in any browser, and agree:\n\n{attempt.url}\n")
    terminal.echo("the browser then goes to an address that may not load; that does not matter")
    return attempt.by_pasted_url(prompt("paste that address"))


def _pasted_token(attempt: Login) -> Tokens:
    from pydantic import SecretStr

    access = _secret("access token").strip()
    refresh_token = _secret("refresh token (empty if there is none)").strip()
    return attempt.by_pasted_token(SecretStr(access), SecretStr(refresh_token) if refresh_token else None)


def _secret(what: str) -> str:
    """Prompt without showing what is typed; without a terminal, take the next line."""
    return prompt(what, secret=True) if sys.stdin.isatty() else sys.stdin.readline()


def _show_stored(settings: Settings, warehouse: Warehouse) -> None:
    """Show the sign-in just made, whatever is in the environment."""
    from lac_pipeline.commands.auth import sign_in_of

    stored = settings.model_copy(update={"linkedin_access_token": None, "linkedin_refresh_token": None})
    _show(sign_in_of(stored, warehouse))
    if settings.tokens is not None:
        terminal.secho(
            "\nLINKEDIN_ACCESS_TOKEN is set, and wins over the tokens just stored: take it out of .env",
            fg=typer.colors.YELLOW,
            err=True,
        )


def _show(found: SignIn) -> None:
    terminal.echo(f"{counted(len(found.accounts), 'ad account')} visible:")
    for account in found.accounts:
        terminal.echo(cut(f"  {account.id:>12}  {account.name}  {account.currency}  {account.status}", within=room()))
    terminal.echo(hanging("scopes: ", ", ".join(found.tokens.scopes) or "not known", within=room()))
    terminal.echo(f"tokens from: {found.source}")
    _show_ends(found.tokens)
    for warning in _warnings(found):
        terminal.secho(hanging("warning: ", warning, within=room()), fg=typer.colors.YELLOW, err=True)


def _warnings(found: SignIn) -> list[str]:
    from lac_pipeline.defs.event_wording import line_of

    return [line_of(ending) for ending in found.endings]


def _show_ends(tokens: Tokens) -> None:
    terminal.echo(hanging("access token: ", _ending(tokens.access_expires_at), within=room()))
    if tokens.refresh is None:
        terminal.echo("refresh token: none; sign in again when the access token ends")
    else:
        terminal.echo(hanging("refresh token: ", _ending(tokens.refresh_expires_at), within=room()))


def _ending(end: datetime | None) -> str:
    from lac_pipeline.clock import utc_now

    if end is None:
        return "its end is not known; LinkedIn returns it at a sign-in with `lac auth login`"
    left = end - utc_now()
    return (
        f"{counted(left.days, 'day')} left, until {end:%Y-%m-%d %H:%M}Z"
        if left > timedelta(0)
        else f"has ended, {end:%Y-%m-%d}"
    )


def _as_json(found: SignIn) -> dict[str, object]:
    left = found.left()
    return {
        "accounts": [
            {"id": account.id, "name": account.name, "currency": account.currency, "status": account.status}
            for account in found.accounts
        ],
        "scopes": list(found.tokens.scopes),
        "source": found.source,
        "ends_soon": found.ends_soon,
        "warnings": _warnings(found),
        **{
            f"{name}_token": _token_json(end, left[name])
            for name, end in (("access", found.tokens.access_expires_at), ("refresh", found.tokens.refresh_expires_at))
            if name in left
        },
    }


def _token_json(end: datetime | None, left: timedelta | None) -> dict[str, object]:
    return {"expires_at": None if end is None else end.isoformat(), "days_left": None if left is None else left.days}
