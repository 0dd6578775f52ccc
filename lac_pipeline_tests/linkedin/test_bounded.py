"""Responses too large to be taken: as they are sent, as they unpack, in values, in depth."""

from __future__ import annotations

import gzip
import json
import resource
import socketserver
import threading
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import httpx
import pytest
from pydantic import SecretStr

from lac_pipeline.errors import UnexpectedPayloadError
from lac_pipeline.linkedin.metrics import CORE
from lac_pipeline.linkedin.oauth.authenticator import FixedTokens
from lac_pipeline.linkedin.oauth.authorization_code import OAuthClient
from lac_pipeline.linkedin.response_limit import MEGABYTE
from lac_pipeline_tests.linkedin.doubles import CONFIG, NOW, TOKENS, Bench, Script, bench

pytestmark = pytest.mark.anyio

SMALL = replace(CONFIG, max_response_mb=2)
BODY = b'{"id": 5}'


@dataclass
class Streamed(httpx.AsyncByteStream):
    """A body that arrives in pieces, and counts those that were read."""

    pieces: Iterator[bytes]
    read: int = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Send piece after piece for as long as the client reads."""
        for piece in self.pieces:
            self.read += 1
            yield piece


def streamed(*pieces: bytes, status: int = 200, coding: str | None = None, times: int = 1) -> httpx.Response:
    """A response whose pieces arrive so many times."""
    headers = {"content-type": "application/json", "x-li-request-id": "R1"}
    headers |= {"content-encoding": coding} if coding else {}
    body = Streamed(piece for _ in range(times) for piece in pieces)
    return httpx.Response(status, headers=headers, stream=body)


def packed_zeros(megabytes: int, *, pack: Callable[[], zlib._Compress]) -> list[bytes]:
    """A thousandth of its size, in pieces of a network's size."""
    packer = pack()
    zeros = b"0" * MEGABYTE
    first, second = (packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    packed = first + second * (megabytes - 1)  # after a full flush the same bytes are packed the same
    return [packed[at : at + 16_384] for at in range(0, len(packed), 16_384)]


def gzipper() -> zlib._Compress:
    """Packs as gzip."""
    return zlib.compressobj(wbits=31)


async def refused(response: httpx.Response, *, at: Bench | None = None) -> UnexpectedPayloadError:
    """Request an account and return the error."""
    at = at or Bench(Script(response), config=SMALL)
    async with at.client() as client:
        with pytest.raises(UnexpectedPayloadError) as failure:
            await client.account(5)
    assert at.clock.waits == []
    return failure.value


async def test_an_endless_response_is_read_to_the_limit() -> None:
    """Reading stops where the limit is passed; the error names endpoint and setting, and nothing is requested again."""
    response = streamed(b" " * 100_000, times=10**9)
    error = await refused(response)
    assert isinstance(response.stream, Streamed) or response.is_closed
    assert "about adAccounts of account 5 is too large" in error.summary
    assert error.detail == "200: more than 2 MB [request R1]"
    assert "LINKEDIN_MAX_RESPONSE_MB" in str(error.fix)


@pytest.mark.parametrize("pack", [gzipper, zlib.compressobj, lambda: zlib.compressobj(level=9)])
async def test_a_small_response_that_unpacks_to_a_large_one_is_not_unpacked(pack: Callable[[], zlib._Compress]) -> None:
    """400 MB in 400 KB take no more of the memory than the limit."""
    pieces = packed_zeros(400, pack=pack)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    error = await refused(streamed(*pieces, coding="gzip" if pack is gzipper else "deflate"))
    assert "bytes that unpack to more than 2 MB" in str(error.detail)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB


@pytest.mark.parametrize("status", [302, 401, 403, 429, 500, 503])
async def test_refusals_are_bounded_too(status: int) -> None:
    """Whatever its status, a response is read no further, and one that large is no transient failure."""
    error = await refused(streamed(b"x" * 100_000, status=status, times=10**9))
    assert error.detail == f"{status}: more than 2 MB [request R1]"


async def test_many_small_values_are_too_large() -> None:
    """Empty lists take twenty times their bytes in memory, so the values are counted before they are parsed."""
    error = await refused(streamed(b'{"elements":[' + b"[]," * 500_000 + b"[]]}"))
    assert "JSON values in 1,500,017 bytes" in str(error.detail)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize("depth", [100, 600, 100_000])
async def test_deep_nesting_is_refused(opening: bytes, depth: int) -> None:
    """What is nested deeper than recursion reaches ends in an error of four parts."""
    closing = b"]" if opening == b"[" else b"}"
    error = await refused(streamed(b'{"id": 5, "x": ' + opening * depth + b"1" + closing * depth + b"}"))
    assert "is nested more than 64 levels deep" in error.summary


async def test_brackets_in_texts_are_no_nesting() -> None:
    """A name may hold any number of brackets, quotes and backslashes, in pairs or not."""
    name = "[{" * 50 + '"' + "]" * 100 + "\\" + '[\\"'
    at = bench(streamed(json.dumps({"id": 5, "name": name}).encode()))
    async with at.client() as client:
        assert (await client.account(5)).elements == [{"id": 5, "name": name}]


async def test_brackets_in_texts_do_not_hide_nesting() -> None:
    """Depth counts where texts between close what is open, as far as a count of brackets can show."""
    error = await refused(streamed(b'{"id": 5, "x": ' + b'["]",' * 900 + b"1" + b"]" * 900 + b"}"))
    assert "levels deep" in error.summary


async def test_a_cut_body_is_a_passing_failure() -> None:
    """A response that ends within its nesting was cut on its way, so the request is sent again."""
    at = bench(streamed(b'{"elements": [{"id": 1, "name": "[[["}, {"id"'), streamed(BODY))
    async with at.client() as client:
        assert (await client.account(5)).elements == [{"id": 5}]
    assert len(at.clock.waits) == 1


async def test_a_coding_that_was_not_requested_is_refused() -> None:
    """Only gzip and deflate are requested; anything else comes from something between LinkedIn and here."""
    at = Bench(Script(streamed(BODY, coding="br")), config=SMALL)
    error = await refused(at.script.responses[0], at=at)  # type: ignore[arg-type]
    assert "is packed as br" in error.summary
    assert at.script.requests[0].headers["Accept-Encoding"] == "gzip, deflate"


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "identity", None])
async def test_packed_responses_are_read(coding: str | None) -> None:
    """A packed response is unpacked, from pieces of any size, and kept as it reads."""
    packed = {"deflate": zlib.compress(BODY), "identity": BODY, None: BODY}.get(coding, gzip.compress(BODY))
    at = bench(streamed(*(packed[n : n + 1] for n in range(len(packed))), coding=coding))
    async with at.client() as client:
        assert (await client.account(5)).elements == [{"id": 5}]
    assert at.archive.exchanges[0].body == BODY


async def test_a_broken_packing_is_a_passing_failure() -> None:
    """Bytes that cannot be unpacked were broken on their way, so the request is sent again."""
    at = bench(streamed(b"no gzip at all", coding="gzip"), streamed(BODY))
    async with at.client() as client:
        assert (await client.account(5)).elements == [{"id": 5}]
    assert len(at.clock.waits) == 1


async def test_a_renewal_is_bounded() -> None:
    """The token service, too, is read no further than its responses can be."""
    at = Bench(Script(streamed(b"x" * 100_000, times=10**9)))
    at.tokens = FixedTokens(replace(TOKENS, access_expires_at=NOW - timedelta(days=1)))
    async with at.client() as client:
        with pytest.raises(UnexpectedPayloadError, match="the token refresh is too large"):
            await client.account(5)


class _Bomb(BaseHTTPRequestHandler):
    """Returns 400 MB in 400 KB for any POST."""

    def do_POST(self) -> None:
        body = b"".join(packed_zeros(400, pack=gzipper))
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def bomb() -> Iterator[str]:
    """A server of such responses, on a port of its own."""
    with socketserver.TCPServer(("127.0.0.1", 0), _Bomb) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_signing_in_is_bounded() -> None:
    """A sign-in and an introspection read no further either."""
    with bomb() as url:
        oauth = OAuthClient(url, client_id="86abc", client_secret=SecretStr("secret"), clock=lambda: NOW)
        with pytest.raises(UnexpectedPayloadError, match="the sign-in is too large") as failure:
            oauth.exchange(SecretStr("code"), redirect_uri="http://localhost")
        assert "LINKEDIN_OAUTH_URL" in str(failure.value)
        with pytest.raises(UnexpectedPayloadError, match="the access token is too large"):
            oauth.introspect(SecretStr("token"))


async def test_the_largest_honest_response_fits_the_default() -> None:
    """15,000 rows of 18 metrics, as many as LinkedIn puts into one response, stay far below the default."""
    row = {
        "dateRange": {part: {"year": 2026, "month": 12, "day": 31} for part in ("start", "end")},
        "pivotValues": ["urn:li:sponsoredCreative:1234567890"],
        **dict.fromkeys(CORE, "123456.789012345678901234"),
    }
    body = json.dumps({"elements": [row] * 15_000, "paging": {"start": 0, "count": 15_000, "links": []}, "id": 5})
    at = bench(streamed(body.encode()))
    async with at.client() as client:
        assert len((await client.account(5)).elements[0]["elements"]) == 15_000
    assert len(body) < CONFIG.max_response_mb * MEGABYTE / 2
