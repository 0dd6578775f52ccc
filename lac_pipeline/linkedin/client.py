"""LinkedIn's Marketing API as this project reads it: every endpoint one short method."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache
from typing import Any

import httpx

from lac_pipeline.clock import utc_now
from lac_pipeline.linkedin.analytics.decoded_rows import RowsDecoder
from lac_pipeline.linkedin.analytics.reader import AnalyticsPage, AnalyticsReader, Knowledge
from lac_pipeline.linkedin.analytics.report import Report
from lac_pipeline.linkedin.events import Listener, PageRead
from lac_pipeline.linkedin.lookups import Lookup, read_contents, read_names
from lac_pipeline.linkedin.metrics import Metric
from lac_pipeline.linkedin.oauth.authenticator import Authenticator, OAuthApp
from lac_pipeline.linkedin.paging import Page, ParsedResponse, walk, walk_from
from lac_pipeline.linkedin.protocols import ResponseArchive, TokenStore, UsageLedger
from lac_pipeline.linkedin.resource import Paging, Resource
from lac_pipeline.linkedin.restli import Value, query
from lac_pipeline.linkedin.single_reads import Outcome, read_each
from lac_pipeline.linkedin.throttle import Throttle
from lac_pipeline.linkedin.transport import ClientConfig, Request, SessionLedger, Transport
from lac_pipeline.windows import DateWindow

PAGE_SIZE = 1000


class LinkedInClient:
    """Reads one LinkedIn app's ad accounts. Made by `connect`.

    Every method but the two that look names up raises a `LinkedInError`: the branches name what happens next (see
    `lac_pipeline.errors`).
    """

    def __init__(self, transport: Transport, *, config: ClientConfig, progress: Listener) -> None:
        self._transport = transport
        self._config = config
        self._progress = progress
        self._knowledge = Knowledge()

    @property
    def calls(self) -> int:
        """How many HTTP requests were sent to the API, retries included."""
        return self._transport.calls.total()

    async def account(self, account_id: int) -> Page:
        """Read one ad account."""
        return await self._record("adAccounts", f"/rest/adAccounts/{account_id}", account_id)

    def accounts(self) -> AsyncIterator[Page]:
        """List every ad account the token reaches, in any status.

        No `search`: connectors report that LinkedIn refuses it together with a page token.
        """
        return self._walk("adAccounts", "/rest/adAccounts", {"q": "search"}, page_size=PAGE_SIZE)

    async def records(
        self, resource: Resource, account_id: int, *, window: DateWindow | None = None, personal: bool = False
    ) -> AsyncIterator[Page]:
        """Read all of an account's records of a resource, in any status.

        Args:
            resource: what is listed.
            account_id: the ad account.
            window: the UTC days, of a resource that is listed by time.
            personal: whether the fields with personal data are taken, of a resource that has some.
        """
        path = resource.path.format(account_id=account_id)
        if resource.page_size is None:
            yield await self._record(resource.name, path, account_id)
            return
        pages = self._walk(
            resource.name,
            path,
            resource.parameters_of(account_id, window=window, personal=personal),
            page_size=resource.page_size,
            account_id=account_id,
            headers=resource.headers,
            paging=resource.paging,
            taken=None if resource.projection is None else resource.projection.taken(personal=personal),
        )
        async for page in pages:
            yield page

    def record_of_each(
        self, resource: Resource, account_id: int, paths: Sequence[str]
    ) -> AsyncGenerator[Outcome, None]:
        """Read records one by one; an error about one of them comes in its place, and costs no other."""
        return read_each(self._transport.get, resource.name, account_id, paths)

    def analytics(
        self,
        account_id: int,
        *,
        pivot: str,
        granularity: str,
        window: DateWindow,
        metrics: Sequence[Metric],
        within: Sequence[str] = (),
        campaigns: Sequence[int] = (),
        decoder: RowsDecoder | None = None,
    ) -> AsyncGenerator[AnalyticsPage, None]:
        """Read adAnalytics by one pivot or up to three, complete windows in order of completion, each row exactly once.

        Days are UTC; costs are in the account's currency, which the rows do not name. Metrics that LinkedIn refuses for
        the pivot or the API version are left out; those given for short ranges only are requested in ranges that short.

        Args:
            account_id: the ad account.
            pivot: what each row is about.
            granularity: `DAILY`, `MONTHLY` or `ALL`.
            window: the UTC days.
            metrics: the metrics of each row.
            within: pivots that tell rows apart before `pivot`, such as `CAMPAIGN`; none of them with a MEMBER_* pivot.
            campaigns: the only campaigns whose activity is read; all of the account's where none are named.
            decoder: decodes the rows of windows in which all are in the usual form.

        Raises:
            IncompleteResponseError: one day (or month) exceeds LinkedIn's cap and cannot be divided by campaign.
            ValueError: LinkedIn does not read these pivots at once.
        """
        report = Report(account_id, pivot, granularity, window, tuple(metrics), tuple(within), tuple(campaigns))
        return self.report_pages(report, decoder)

    def report_pages(self, report: Report, decoder: RowsDecoder | None) -> AsyncGenerator[AnalyticsPage, None]:
        """Read a report's windows; what `analytics` says holds here, too."""

        async def send(parameters: Mapping[str, Value], decoder: RowsDecoder | None) -> ParsedResponse:
            request = Request("adAnalytics", "/rest/adAnalytics", query(parameters), report.account_id, decoder=decoder)
            return await self._transport.get(request)

        reader = AnalyticsReader(
            report,
            send=send,
            decoder=decoder,
            version=self._config.version,
            knowledge=self._knowledge,
            concurrency=self._config.max_concurrency,
            progress=self._progress,
            cap=self._config.analytics_cap,
        )
        return reader.pages()

    async def names(self, urns: Sequence[str]) -> Lookup[str]:
        """Look up what URNs of segments are called; an error is part of the result, and costs no other URN its name."""
        return await read_names(self._transport.get, urns)

    async def contents(self, urns: Sequence[str]) -> Lookup[dict[str, Any]]:
        """Read the posts and messages behind creatives; an error is part of the result, and costs no other URN.

        Most apps may not read posts: where the first of them are refused, the others are not requested.
        """
        return await read_contents(self._transport.get, urns)

    async def _record(self, endpoint: str, path: str, account_id: int) -> Page:
        response = await self._transport.get(Request(endpoint, path, "", account_id))
        return Page([response.body], (response.source,))

    async def _walk(
        self,
        endpoint: str,
        path: str,
        parameters: Mapping[str, Value],
        *,
        page_size: int,
        account_id: int | None = None,
        headers: Mapping[str, str] | None = None,
        paging: Paging = Paging.CURSOR,
        taken: tuple[str, ...] | None = None,
    ) -> AsyncIterator[Page]:
        """Walk one finder's pages, with an event of each."""

        async def get(**more: Value) -> ParsedResponse:
            sent = query({**parameters, **more})
            return await self._transport.get(Request(endpoint, path, sent, account_id, headers or {}, taken=taken))

        async def after(token: str | None) -> ParsedResponse:
            return await get(pageSize=page_size, **({} if token is None else {"pageToken": token}))

        async def since(start: int) -> ParsedResponse:
            return await get(start=start, count=page_size)

        rows = 0
        async for page in walk_from(since, count=page_size) if paging is Paging.INDEX else walk(after):
            rows += len(page.elements)
            self._progress(PageRead(endpoint, account_id, rows=rows))
            yield page


@cache
def authorities() -> ssl.SSLContext:
    """The certificates by which LinkedIn's is verified: reading them takes as long as twenty requests."""
    return httpx.create_ssl_context()


@asynccontextmanager
async def connect(
    config: ClientConfig,
    *,
    tokens: TokenStore,
    ledger: UsageLedger | None = None,
    archive: ResponseArchive | None = None,
    progress: Listener,
    clock: Callable[[], datetime] = utc_now,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    jitter: random.Random | None = None,
    network: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[LinkedInClient]:
    """Open a client and close its connections at the end.

    Args:
        config: how to reach LinkedIn.
        tokens: where the OAuth tokens live; `FixedTokens` for those from the environment.
        ledger: counts calls and remembers spent quotas across processes; without one, for this process alone.
        archive: keeps every response before it is parsed.
        progress: gets an event of every page, window, wait and renewal.
        clock: aware UTC now.
        sleep: waits so many seconds.
        jitter: spreads retries; seeded in tests.
        network: what carries the requests, when it is not the network: a raw archive, for one.
    """
    timeout = httpx.Timeout(config.read_timeout, connect=config.connect_timeout, pool=None)
    headers = {"Accept": "application/json", "User-Agent": "lac_pipeline"}
    way: dict[str, Any] = {"verify": authorities()} if network is None else {"transport": network}
    async with httpx.AsyncClient(timeout=timeout, headers=headers, **way) as http:
        token_url = f"{config.oauth_url}/oauth/v2/accessToken"
        transport = Transport(
            config,
            http=http,
            auth=Authenticator(
                tokens, app=OAuthApp(token_url, config.client_id, config.client_secret), http=http, clock=clock
            ),
            throttle=Throttle(
                per_account=config.requests_per_second,
                overall=config.application_requests_per_second,
                concurrency=config.max_concurrency,
                clock=clock,
                sleep=sleep,
            ),
            ledger=ledger or SessionLedger(),
            archive=archive,
            progress=progress,
            clock=clock,
            sleep=sleep,
            jitter=jitter or random.Random(),  # noqa: S311  spreads waits, guards nothing
        )
        yield LinkedInClient(transport, config=config, progress=progress)
