"""`lac mcp`: a server of the Model Context Protocol, through which agents read the warehouse and change nothing.

Every tool reads as a role that may only read (`lac grant-reader`), so what an agent may see is what PostgreSQL lets
that role see. Numbers are exact: decimals travel as text, as in the snapshot.
"""

from __future__ import annotations

import functools
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from lac_pipeline import __version__
from lac_pipeline.defs.opening import freshness_gate
from lac_pipeline.errors import ConfigError, LacError
from lac_pipeline.postgres.url import read_url, write_url
from lac_pipeline.reporting.compact import compact, fitted
from lac_pipeline.reporting.snapshot_document import read_document
from lac_pipeline.settings import Settings
from lac_pipeline.warehouse.load.snapshots import AccountSnapshots
from lac_pipeline.warehouse.query.changes import new_versions, restated_days
from lac_pipeline.warehouse.query.guarded import MOST_ROWS, GuardedReader
from lac_pipeline.warehouse.query.relations import accounts_of, columns_of, relations
from lac_pipeline.warehouse.roles import PERSONAL, SECRETS, grant_reader
from lac_pipeline.warehouse.warehouse import Warehouse

AGENT = "lac_agent"
"""The role that is made in the embedded server."""

DEFAULT_KILOBYTES = 12
KILOBYTES = (4, 1000)
"""The least and the most that an agent may request of a summary, in 1,000 bytes."""

INSTRUCTIONS = f"""LinkedIn Ads data of one or more ad accounts, in PostgreSQL, schema linkedin_ads.

Begin with list_accounts. account_summary reports an account in one call, what moved and why first: prefer it to
queries about the last 7, 30 or 90 days. Before a query, call describe_tables, first without a name, then for each table
that you use: the comments say what a column means, its unit, and whether it may be summed.

- Days are UTC days. The current day is incomplete, and LinkedIn changes past days for weeks (what_changed).
- Money is in the currency of the ad account. Do not add accounts of different currencies.
- campaign_daily_metrics and creative_daily_metrics hold the same spend twice, at two grains. Do not add them.
- Do not sum reach, averages or ratios; compute ratios from sums. Do not sum audience segments, and do not call their
  cost spend: LinkedIn adds noise, leaves out small values and does not adjust it.
- NULL is unknown, 0 is nothing. If freshness or quality_notes say that something failed or is missing, say so.
- CPL divides the spend of campaigns with the objective LEAD_GENERATION by their leads.
- query runs one SELECT, returns at most {MOST_ROWS} rows and ends after 30 seconds: aggregate in SQL."""


def reader_url(settings: Settings, warehouse: Warehouse, *, embedded: bool) -> str:
    """The URL of the role that agents read as: `LAC_READER_URL`, or in the embedded server a role that is made for it.

    Raises:
        ConfigError: none is named, and the server is not the embedded one.
        StorageError: the role cannot be made.
    """
    if settings.lac_reader_url is not None:
        return settings.lac_reader_url.get_secret_value()
    if not embedded:
        raise ConfigError(
            "missing setting: LAC_READER_URL",
            meaning="agents read as a role of their own, which cannot write; nothing was started",
            fix="run `lac grant-reader agent`, give the role a password, and set LAC_READER_URL to "
            "postgresql://agent:PASSWORD@HOST:5432/DATABASE",
        )
    grant_reader(warehouse.engine, AGENT)
    return write_url(read_url(str(settings.warehouse_url)).set(username=AGENT, password=None))


@contextmanager
def opened_reader(url: str) -> Iterator[GuardedReader]:
    """Connect as the reader, and refuse one that may do more than read.

    Raises:
        ConfigError: it may.
        StorageError: PostgreSQL cannot be reached.
    """
    reader = GuardedReader(url)
    try:
        reader.require_harmless(secrets=(*SECRETS, *PERSONAL))
        yield reader
    finally:
        reader.close()


@dataclass(frozen=True)
class Tools:
    """What an agent can do; each public method is a tool, and its docstring is what the agent reads.

    Args:
        settings: how long what stays fresh.
        reader: the role.
    """

    settings: Settings
    reader: GuardedReader

    def list_accounts(self) -> str:
        """List the ad accounts with id, name, currency and status. Every other tool takes an account's id."""
        return as_json([row._asdict() for row in accounts_of(self.reader.engine)])

    def account_summary(self, account_id: int, kilobytes: int = DEFAULT_KILOBYTES) -> str:
        """Report an ad account in one call: the best start for its last 7, 30 or 90 days.

        `summary` comes first: a headline, the eight numbers, and findings, which say what moved and because of which
        campaigns, how campaigns pace, and what makes a number doubtful. Then as much detail as fits: periods beside the
        days before, campaigns, groups, creatives, pacing, reach, conversions, devices, audience, restatements. Money is
        exact decimal text in the account's currency. What is unknown is absent; what was cut to fit is named in
        `left_out`: set `kilobytes` (4 to 1000) higher for more of it.
        """
        document = AccountSnapshots(self.reader.engine).latest(account_id)
        if document is None:
            raise ToolError(
                f"there is no snapshot of account {account_id}: list_accounts names the accounts; a snapshot is made "
                "every day at 06:00 UTC, or by materializing account_snapshot in the Dagster UI"
            )
        if read_document(document) is None:
            return as_json(compact(document))
        least, most = KILOBYTES
        return as_json(fitted(document, 1000 * min(max(kilobytes, least), most)))

    def describe_tables(self, name: str | None = None) -> str:
        """Describe the schema linkedin_ads; call this before `query`.

        Without a name it lists tables and views with what one row is; with the name of one, its columns with type and
        meaning.
        """
        if name is None:
            return as_json([relation._asdict() for relation in relations(self.reader.engine)])
        columns = columns_of(self.reader.engine, name)
        if not columns:
            raise ToolError(f"there is no table or view {name!r}: describe_tables without a name lists them")
        return as_json([column._asdict() for column in columns])

    def query(self, sql: str, limit: int = MOST_ROWS) -> str:
        """Run one SELECT of PostgreSQL in schema linkedin_ads, and return columns and rows.

        Decimals are text. Anything but a single SELECT is refused. `truncated` is true where there are more rows:
        aggregate in SQL instead of paging.
        """
        found = self.reader.select(sql, limit=limit)
        return as_json({"columns": found.columns, "rows": found.rows, "truncated": found.truncated})

    def what_changed(self, account_id: int, since: date) -> str:
        """List what changed in an ad account on or after a UTC day (YYYY-MM-DD).

        Past days whose numbers LinkedIn restated, with by how much their sums moved; and campaigns, creatives and other
        entities of which a new version began or that LinkedIn no longer returns.
        """
        engine = self.reader.engine
        versions = [version._asdict() for version in new_versions(engine, account_id, since=since)]
        return as_json({"restated_days": restated_days(engine, account_id, since=since), "entities": versions})

    def freshness(self, account_id: int) -> str:
        """Report how old each group of tables of an ad account is, and how the last attempt ended."""
        states = freshness_gate(self.settings, Warehouse(self.reader.engine)).states([account_id])
        return as_json(
            [
                {
                    "group": state.group,
                    "fresh": state.fresh,
                    "reason": str(state.reason),
                    "synced_at": state.synced_at,
                    "stale_at": state.stale_at,
                    "last_status": state.last_status,
                    "failures": state.failures,
                }
                for state in states
            ]
        )


def server_of(settings: Settings, reader: GuardedReader) -> MCPServer:
    """The server with its tools; an error of ours reaches the agent in its four parts."""
    server = MCPServer("linkedin-ads", title="LinkedIn Ads", instructions=INSTRUCTIONS, version=__version__)
    tools = Tools(settings, reader)
    harmless = ToolAnnotations(read_only_hint=True, destructive_hint=False, open_world_hint=False)
    for tool in (
        tools.list_accounts,
        tools.account_summary,
        tools.describe_tables,
        tools.query,
        tools.what_changed,
        tools.freshness,
    ):
        server.add_tool(in_words(tool), annotations=harmless)
    return server


def in_words(tool: Callable[..., str]) -> Callable[..., str]:
    """Let an error of ours reach the agent in its four parts; of any other, the protocol shows no text."""

    @functools.wraps(tool)
    def called(*arguments: Any, **named: Any) -> str:  # noqa: ANN401 - the tool's own
        try:
            return tool(*arguments, **named)
        except LacError as error:
            raise ToolError(str(error)) from error

    return called


def as_json(value: object) -> str:
    """The value as JSON: decimals as text, so that they stay exact; days and times in ISO 8601."""
    return json.dumps(value, default=_as_text, ensure_ascii=False, separators=(",", ":"))


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


class BearerOnly:
    """Lets requests through that carry the token; any other, of a page in a browser too, gets a 401.

    Args:
        app: what they are let through to.
        token: the token.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if "headers" in scope:  # a request, not the start or the end of the server
            given = Headers(scope=scope).get("authorization", "").encode()
            if not hmac.compare_digest(given, self._expected):
                await PlainTextResponse("a bearer token is needed", status_code=401)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def serve_http(server: MCPServer, *, port: int, token: str) -> None:
    """Serve over HTTP on the loopback interface, under /mcp, until Ctrl-C."""
    app = BearerOnly(server.streamable_http_app(), token)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
