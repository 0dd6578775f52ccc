"""Reads and unpacks responses up to a limit, so that a response cannot use up the machine's memory.

400 KB of gzip may unpack to 400 MB, and 3 bytes of JSON, `[],`, take 64 bytes in Python. So there are limits for the
bytes that arrive, for the unpacked bytes and for the number of values in them; reading stops at the first that is
passed.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

import httpx
from msgspec import Struct

from lac_pipeline.errors import UnexpectedPayloadError

MEGABYTE = 1_000_000
ACCEPTED = {"Accept-Encoding": "gzip, deflate"}
"""What `receive` unpacks; a server that packs otherwise all the same is refused."""

_BYTES_A_VALUE = 16
"""A limit of bytes bounds the values too: a value of LinkedIn's takes 20 bytes and more, with its name and comma."""
DEPTH = 64
"""Levels of objects and lists; LinkedIn's responses have ten at most."""
_BEGINS_NO_VALUE = bytes(set(range(256)) - set(b",[{"))
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_NEITHER = bytes(set(_NO_BRACKETS) - set(b'"\\'))  # neither brackets nor what begins, ends or escapes in a text
_TEXT = re.compile(rb'"[^"]*"')
_PIECE = 1 << 20  # unpacked at once


class Limit(Struct, frozen=True):
    """How large a response may be.

    Attributes:
        megabytes: the most that is read, and the most that it may unpack to; 62,500 JSON values may be in each.
        fix: what to do about a larger one: the setting.
    """

    megabytes: int
    fix: str

    @property
    def bytes(self) -> int:
        """The most bytes."""
        return self.megabytes * MEGABYTE


OAUTH_LIMIT = Limit(1, "check LINKEDIN_OAUTH_URL, and the proxy settings of this machine")
"""Tokens take some kilobytes."""


async def receive(http: httpx.AsyncClient, request: httpx.Request, *, limit: Limit, subject: str) -> httpx.Response:
    """Send a request and read its response, unpacked; redirects are not followed.

    Args:
        http: sends.
        request: what is sent; it should carry `ACCEPTED`.
        limit: how large the response may be, whatever its status.
        subject: what is requested, such as `adAnalytics of account 510000001`.

    Raises:
        UnexpectedPayloadError: it is larger, or has a content encoding that was not requested.
        httpx.RequestError: the connection failed, or what arrived cannot be unpacked.
    """
    response = await http.send(request, stream=True, follow_redirects=False)
    try:
        body = _Body(response, limit=limit, subject=subject)
        if response.is_stream_consumed:  # a transport that is no network has the whole
            body.add(response.content)
        else:
            async for chunk in response.aiter_raw():
                body.add(chunk)
        return body.response()
    finally:
        await response.aclose()


def receive_now(http: httpx.Client, request: httpx.Request, *, limit: Limit, subject: str) -> httpx.Response:
    """Do the same without an event loop.

    Raises:
        UnexpectedPayloadError: it is larger, or has a content encoding that was not requested.
        httpx.RequestError: the connection failed, or what arrived cannot be unpacked.
    """
    response = http.send(request, stream=True, follow_redirects=False)
    try:
        body = _Body(response, limit=limit, subject=subject)
        for chunk in response.iter_raw():
            body.add(chunk)
        return body.response()
    finally:
        response.close()


class _Body:
    """What has arrived of a response's body."""

    def __init__(self, response: httpx.Response, *, limit: Limit, subject: str) -> None:
        self._response = response
        self._limit = limit
        self._subject = subject
        self._read = self._unpacked = 0
        self._pieces: list[bytes] = []
        self._unpacker = None if response.is_stream_consumed else self._choose_unpacker()
        announced = response.headers.get("content-length", "")
        self._check(bytes_read=int(announced) if announced.isdecimal() else 0)

    def add(self, chunk: bytes) -> None:
        """Unpack what arrived, piece by piece, until a bound is passed."""
        self._read += len(chunk)
        self._check(bytes_read=self._read)
        for piece in self._pieces_of(chunk):
            self._unpacked += len(piece)
            self._check(bytes_unpacked=self._unpacked)
            self._pieces.append(piece)

    def response(self) -> httpx.Response:
        """The response with its whole body, unpacked."""
        content = b"".join(self._pieces)
        self._check(values=len(content.translate(None, delete=_BEGINS_NO_VALUE)))
        headers = [(name, value) for name, value in self._response.headers.multi_items() if name not in _OF_THE_WIRE]
        return httpx.Response(
            self._response.status_code, headers=headers, content=content, request=self._response.request
        )

    def _choose_unpacker(self) -> zlib._Decompress | None:
        coding = self._response.headers.get("content-encoding", "identity").strip().lower()
        if coding == "identity":
            return None
        if coding in ("gzip", "x-gzip", "deflate"):
            return zlib.decompressobj(zlib.MAX_WBITS | 32)  # finds out whether it is gzip or zlib
        raise self._refused(
            f"is packed as {coding[:40]}", "that was not requested: something on the way changes LinkedIn's responses"
        )

    def _pieces_of(self, chunk: bytes) -> Iterator[bytes]:
        if self._unpacker is None:
            yield chunk
            return
        try:
            while chunk and not self._unpacker.eof:
                yield self._unpacker.decompress(chunk, _PIECE)
                chunk = self._unpacker.unconsumed_tail
        except zlib.error as error:
            raise httpx.DecodingError(str(error), request=self._response.request) from error

    def _check(self, *, bytes_read: int = 0, bytes_unpacked: int = 0, values: int = 0) -> None:
        most = self._limit.megabytes
        if bytes_read > self._limit.bytes:
            raise self._too_large(f"more than {most} MB")
        if bytes_unpacked > self._limit.bytes:
            raise self._too_large(f"{self._read:,} bytes that unpack to more than {most} MB")
        if values > self._limit.bytes // _BYTES_A_VALUE:
            raise self._too_large(f"{values:,} JSON values in {self._unpacked:,} bytes")

    def _too_large(self, size: str) -> UnexpectedPayloadError:
        return self._refused("is too large", "reading ended there, so that it cannot take this machine's memory", size)

    def _refused(self, fault: str, meaning: str, size: str = "") -> UnexpectedPayloadError:
        response = self._response
        request_id = response.headers.get("x-li-request-id")
        detail = ": ".join(part for part in (str(response.status_code), size) if part)
        return UnexpectedPayloadError(
            f"LinkedIn's response about {self._subject} {fault}",
            detail=detail + (f" [request {request_id}]" if request_id else ""),
            meaning=f"{meaning}; nothing of it was loaded, and what was loaded before stays",
            fix=self._limit.fix,
        )


def is_deep(content: bytes) -> bool:
    """Whether JSON is nested deeper than anything may be that is read or written by recursion.

    Brackets in texts are left out where they matter, at ten times the cost of the first look.
    """
    if not _left(content.translate(None, delete=_NO_BRACKETS)):
        return False
    unescaped = content.translate(None, delete=_NEITHER).replace(b"\\\\", b"").replace(b'\\"', b"")
    left = _left(_TEXT.sub(b"", unescaped))
    return len(left) > DEPTH or b"[]" in left or b"{}" in left  # what was cut on its way leaves some that stay open


def _left(brackets: bytes) -> bytes:
    """What is left when the innermost pairs are taken away, level after level."""
    for _ in range(DEPTH):
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return brackets


_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})
"""Headers that describe the body as it was sent, not as it is now."""
