"""The one place that sends: headers, tunnelling, throttle, token, retries, quotas, archive, progress, redaction."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
from pydantic import SecretStr

from lac_pipeline.errors import LinkedInError, QuotaSpentError, ReauthorizeError, RetryableError, UnreachableError
from lac_pipeline.linkedin.analytics.decoded_rows import RowsDecoder
from lac_pipeline.linkedin.bodies import parse
from lac_pipeline.linkedin.events import Listener, TokenRenewed, Waiting
from lac_pipeline.linkedin.metrics import MAX_ELEMENTS
from lac_pipeline.linkedin.oauth.authenticator import Authenticator
from lac_pipeline.linkedin.oauth.tokens import Tokens
from lac_pipeline.linkedin.paging import ParsedResponse
from lac_pipeline.linkedin.projected import projected
from lac_pipeline.linkedin.protocols import ResponseArchive, UsageLedger
from lac_pipeline.linkedin.recorded_response import Exchange
from lac_pipeline.linkedin.response_limit import ACCEPTED, Limit, receive
from lac_pipeline.linkedin.responses import Refusal, error_from, quota_spent, refusal
from lac_pipeline.linkedin.throttle import Throttle

ATTEMPTS = 6
FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
LONGEST_REQUESTED_WAIT = 600.0
"""More than the 330 s of the data throttle; a run must not sleep for hours because a header says so."""
LONGEST_QUERY = 4000
"""LinkedIn returns 414 somewhere above 4,096 characters; its own Python client tunnels from here on too."""

_NOT_KEPT = frozenset({"set-cookie"})


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """How to reach LinkedIn.

    Attributes:
        api_url: base of the REST API, such as `https://api.linkedin.com`.
        oauth_url: base of the OAuth service, such as `https://www.linkedin.com`.
        version: `LinkedIn-Version`, as `YYYYMM`.
        client_id: the app's id, needed to renew tokens.
        client_secret: the app's secret.
        max_concurrency: most requests open at once.
        requests_per_second: most requests started a second for one account.
        application_requests_per_second: most requests started a second over all accounts.
        connect_timeout: seconds to wait for a connection.
        read_timeout: seconds to wait for the next bytes.
        response_timeout: seconds for a whole response, even if bytes keep arriving.
        analytics_cap: how many elements LinkedIn puts into one adAnalytics response before it cuts silently.
        max_response_mb: how large a response may be, in MB, as it is sent and as it unpacks.
    """

    api_url: str
    oauth_url: str
    version: str
    client_id: str = ""
    client_secret: SecretStr = field(default_factory=lambda: SecretStr(""))
    max_concurrency: int = 4
    requests_per_second: float = 5.0
    application_requests_per_second: float = 20.0
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    response_timeout: float = 180.0
    analytics_cap: int = MAX_ELEMENTS
    max_response_mb: int = 32


@dataclass(frozen=True, slots=True)
class Request:
    """One read.

    Attributes:
        endpoint: LinkedIn's resource, by which its quotas count.
        path: path under the API's base, keys already encoded.
        query: the Rest.li query string, sent as it stands.
        account_id: the ad account of the request, if there is exactly one.
        headers: what this resource needs besides the common headers.
        attempts: how often it is tried before it has failed.
        decoder: decodes rows at once, which is faster than parsing them.
        taken: the fields of each element that are taken; None for all.
    """

    endpoint: str
    path: str
    query: str = ""
    account_id: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    attempts: int = ATTEMPTS
    decoder: RowsDecoder | None = None
    taken: tuple[str, ...] | None = None

    @property
    def subject(self) -> str:
        """The request in words."""
        return f"{self.endpoint} of account {self.account_id}" if self.account_id else self.endpoint


class SessionLedger:
    """Remembers spent quotas for this process alone, where there is no database to remember them in."""

    def __init__(self) -> None:
        self._spent: dict[str, datetime] = {}

    def record_call(self, endpoint: str, account_id: int | None, *, at: datetime) -> datetime | None:
        """Return until when the day quota is spent; the client's own counters suffice to count for one process."""
        until = self._spent.get(endpoint)
        return until if until is not None and until > at else None

    def mark_spent(self, endpoint: str, *, until: datetime) -> None:
        """Remember it until then."""
        self._spent[endpoint] = until


class Transport:
    """Sends reads until they succeed, are refused permanently, or run out of retries."""

    def __init__(
        self,
        config: ClientConfig,
        *,
        http: httpx.AsyncClient,
        auth: Authenticator,
        throttle: Throttle,
        ledger: UsageLedger,
        archive: ResponseArchive | None,
        progress: Listener,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
        jitter: random.Random,
    ) -> None:
        self._config = config
        self._http = http
        self._auth = auth
        self._throttle = throttle
        self._ledger = ledger
        self._archive = archive
        self._progress = progress
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._limit = Limit(
            config.max_response_mb,
            "check LINKEDIN_API_URL; if LinkedIn's responses are that large, raise LINKEDIN_MAX_RESPONSE_MB",
        )
        self.calls: Counter[str] = Counter()

    async def get(self, request: Request) -> ParsedResponse:
        """Send until there is a response, waiting between attempts as long as LinkedIn or the back-off says.

        The loop is written out, not stamina's: each wait is an event of the sync, and goes by the client's own clock.

        Raises:
            LinkedInError: LinkedIn refuses for good, its day quota is spent, or its attempts failed.
        """
        for number in range(1, request.attempts):
            try:
                return await self._attempt(request)
            except RetryableError as failure:
                await self._pause(failure, number=number, attempts=request.attempts)
        try:
            return await self._attempt(request)
        except RetryableError as failure:
            raise _given_up(failure, attempts=request.attempts) from failure

    async def _pause(self, failure: RetryableError, *, number: int, attempts: int) -> None:
        """Wait as long as LinkedIn requires, else exponentially longer each time, and log it."""
        backoff = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (number - 1))
        wait = backoff + self._jitter.uniform(0, backoff / 2)
        if failure.retry_after is not None:
            wait = min(failure.retry_after.total_seconds(), LONGEST_REQUESTED_WAIT)
        self._progress(Waiting(failure.summary, failure.detail, wait, attempt=number + 1, attempts=attempts))
        await self._sleep(wait)

    async def _attempt(self, request: Request) -> ParsedResponse:
        # Not an httpx.Auth: it would send again by itself, and each request counts towards a quota and is archived.
        async with self._throttle.admission(request.account_id):
            tokens = await self._auth.current()
            response, source = await self._send(request, tokens=tokens)
            if tokens.refresh is not None and self._wants_renewal(request, response):
                tokens = await self._auth.renewed(tokens)
                self._progress(TokenRenewed())
                response, source = await self._send(request, tokens=tokens)
        if response.status_code == httpx.codes.OK:
            return _parsed(request, response, source=source)
        raise self._error(request, response, tokens=tokens)

    async def _send(self, request: Request, *, tokens: Tokens) -> tuple[httpx.Response, str]:
        """Send once, unless the day's quota is known to be spent, and archive the response."""
        now = self._clock()
        if until := self._ledger.record_call(request.endpoint, request.account_id, at=now):
            raise quota_spent(request.subject, until=until)
        self.calls[request.endpoint] += 1
        try:
            async with asyncio.timeout(self._config.response_timeout):
                sent = self._http_request(request, tokens=tokens)
                response = await receive(self._http, sent, limit=self._limit, subject=request.subject)
        except (httpx.RequestError, TimeoutError) as error:
            raise _unreachable(request, error) from error
        if request.taken is not None:
            response = projected(response, request.taken)
        return response, await self._keep(request, response, sent_at=now)

    def _http_request(self, request: Request, *, tokens: Tokens) -> httpx.Request:
        headers = {
            "Authorization": f"Bearer {tokens.access.get_secret_value()}",
            "LinkedIn-Version": self._config.version,
            "X-Restli-Protocol-Version": "2.0.0",
            **ACCEPTED,
            **request.headers,
        }
        url = f"{self._config.api_url}{request.path}"
        if len(request.query) > LONGEST_QUERY:
            headers |= {"X-HTTP-Method-Override": "GET", "Content-Type": "application/x-www-form-urlencoded"}
            return self._http.build_request("POST", url, headers=headers, content=request.query.encode("ascii"))
        return self._http.build_request("GET", f"{url}?{request.query}" if request.query else url, headers=headers)

    async def _keep(self, request: Request, response: httpx.Response, *, sent_at: datetime) -> str:
        if self._archive is None:
            return ""
        exchange = Exchange(
            endpoint=request.endpoint,
            account_id=request.account_id,
            method="GET",
            path=request.path,
            query=request.query,
            version=self._config.version,
            sent_at=sent_at,
            status=response.status_code,
            headers={name: value for name, value in response.headers.items() if name not in _NOT_KEPT},
            body=response.content,
        )
        return await asyncio.to_thread(self._archive.keep, exchange)

    def _wants_renewal(self, request: Request, response: httpx.Response) -> bool:
        if response.status_code != httpx.codes.UNAUTHORIZED:
            return False
        return not self._auth.is_settling(self._refusal(request, response).code)

    def _refusal(self, request: Request, response: httpx.Response) -> Refusal:
        return refusal(
            response,
            subject=request.subject,
            account_id=request.account_id,
            version=self._config.version,
            at=self._clock(),
        )

    def _error(self, request: Request, response: httpx.Response, *, tokens: Tokens) -> LinkedInError:
        refused = self._refusal(request, response)
        error = error_from(refused)
        error.detail = redact(error.detail, tokens=tokens)
        if isinstance(error, QuotaSpentError):
            self._ledger.mark_spent(request.endpoint, until=error.until)
        if isinstance(error, ReauthorizeError) and self._auth.is_settling(refused.code):
            return _settling(error)
        return error


def _parsed(request: Request, response: httpx.Response, *, source: str) -> ParsedResponse:
    rows = None if request.decoder is None else request.decoder.decode(response.content)
    if rows is not None:
        return ParsedResponse({"paging": rows.paging}, source, request.subject, rows)
    return ParsedResponse(parse(response, subject=request.subject, source=source), source, request.subject)


def redact(text: str | None, *, tokens: Tokens) -> str | None:
    """Take both tokens out of a text, should LinkedIn ever quote them."""
    for secret in (tokens.access, tokens.refresh):
        if text and secret and secret.get_secret_value():
            text = text.replace(secret.get_secret_value(), "[token]")
    return text


def _given_up(failure: RetryableError, *, attempts: int) -> RetryableError:
    return type(failure)(
        f"{failure.summary}, {attempts} times in a row", detail=failure.detail, meaning=failure.meaning, fix=failure.fix
    )


def _unreachable(request: Request, error: Exception) -> RetryableError:
    kind = UnreachableError if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout) else RetryableError
    return kind(
        f"LinkedIn did not respond to {request.subject}",
        detail=type(error).__name__,
        meaning="the connection failed, was dropped, or the response took too long",
        fix="check the network and https://www.linkedin-apistatus.com, then run the sync again",
    )


def _settling(error: ReauthorizeError) -> RetryableError:
    return RetryableError(
        error.summary,
        detail=error.detail,
        meaning="a token issued a moment ago is not known to all of LinkedIn's servers yet, or it was revoked since",
        fix="run it again in two minutes; if LinkedIn still refuses the token then: `lac auth login`",
        retry_after=timedelta(seconds=10),
    )
