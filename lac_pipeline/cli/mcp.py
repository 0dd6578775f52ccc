"""`lac mcp`."""

from __future__ import annotations

from typing import Annotated

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.extras import require_extra
from lac_pipeline.cli.terminal.options import port_number


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(mcp)


def mcp(
    port: Annotated[
        int | None,
        typer.Option(
            parser=port_number, metavar="PORT", help="Serve over HTTP on 127.0.0.1, with a token that is printed."
        ),
    ] = None,
) -> None:
    """Let an agent read the warehouse by the Model Context Protocol: accounts, summaries, tables, SELECT, changes.

    It connects as the role of LAC_READER_URL, or in the embedded server as a role that it makes, and cannot write.
    Without --port it uses standard input and output, for agents on this machine: docs/agents.md has the configuration
    to paste.

    Example: lac mcp
    Example: lac mcp --port 8765
    """
    import secrets

    require_extra("agents", package="mcp", purpose="it speaks the protocol of agents")
    from lac_pipeline.commands.mcp import opened_reader, reader_url, serve_http, server_of
    from lac_pipeline.commands.session.warehouse_session import open_settings_and_warehouse
    from lac_pipeline.settings import Settings

    embedded = Settings.load().warehouse_url is None
    with open_settings_and_warehouse() as (settings, warehouse):
        url = reader_url(settings, warehouse, embedded=embedded)
        with opened_reader(url) as reader:
            server = server_of(settings, reader)
            if port is None:
                server.run()
                return
            token = secrets.token_urlsafe(32)
            terminal.echo(f"MCP server: http://127.0.0.1:{port}/mcp   (Ctrl-C stops)")
            terminal.echo(f"header:     Authorization: Bearer {token}")
            serve_http(server, port=port, token=token)
