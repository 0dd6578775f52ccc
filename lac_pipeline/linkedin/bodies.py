"""Reads the body of a response: JSON with exact numbers, or an error for anything else."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

import httpx
import msgspec

from lac_pipeline.errors import RetryableError, UnexpectedPayloadError
from lac_pipeline.gc_pause import paused_collection
from lac_pipeline.linkedin.response_limit import DEPTH, is_deep

_strict = msgspec.json.Decoder(float_hook=Decimal)


def parse(response: httpx.Response, *, subject: str, source: str = "") -> dict[str, Any]:
    """Read a 200 as a JSON object with exact decimals.

    Args:
        response: LinkedIn's.
        subject: endpoint and account.
        source: where the response is kept.

    Raises:
        RetryableError: the body is empty, cut or no JSON at all, as edge proxies and dropped connections leave it.
        UnexpectedPayloadError: it is JSON, but no object, or nested deeper than any record of LinkedIn's.
    """
    kept = f"; {kept_in(source)}" if source else ""
    size = f"{response.status_code}: {len(response.content)} bytes of {media_type(response)}{trace(response)}{kept}"
    if is_deep(response.content):
        raise UnexpectedPayloadError(
            f"LinkedIn's response about {subject} is nested more than {DEPTH} levels deep",
            detail=size,
            meaning="LinkedIn's are ten levels deep at most; nothing of it was loaded, what was loaded before stays",
            fix="check LINKEDIN_API_URL, then run the sync again",
        )
    try:
        body = _decode(response.content)
    except ValueError as error:
        raise RetryableError(
            f"LinkedIn's response about {subject} is not readable",
            detail=size,
            meaning="the response was cut on its way",
            fix="run the sync again",
        ) from error
    if not isinstance(body, dict):
        raise UnexpectedPayloadError(
            f"LinkedIn's response about {subject} is no JSON object",
            detail=f"{response.status_code}: a JSON {type(body).__name__}{trace(response)}{kept}",
            meaning="nothing of it was loaded; what was loaded before stays",
            fix="check LINKEDIN_API_URL, then run the sync again",
        )
    return body


def kept_in(source: str) -> str | None:
    """Name the place of an archived response; None without an archive."""
    return f"the response is kept in {source}" if source else None


def _decode(content: bytes) -> object:
    """Read JSON by the strict parser, which is the faster one; by the lenient one what only that accepts.

    That is NaN, half a surrogate pair and numbers beyond all measure: a record with one of them is for the quarantine,
    not the end of its page.
    """
    with paused_collection():
        try:
            return _strict.decode(content)
        except (ValueError, ArithmeticError):
            return json.loads(content, parse_float=_decimal, parse_int=_whole)


def _decimal(digits: str) -> Decimal:
    """Read a number with a fraction or an exponent; one that no Decimal holds is not a number."""
    try:
        return Decimal(digits)
    except InvalidOperation:
        return Decimal("NaN")


def _whole(digits: str) -> int | Decimal:
    """Read a whole number; one of thousands of digits, which Python refuses to read as an int, as a Decimal."""
    try:
        return int(digits)
    except ValueError:
        return Decimal(digits)


def json_object(response: httpx.Response) -> dict[str, Any]:
    """Read the JSON object in a response of any status; empty where there is none."""
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def trace(response: httpx.Response) -> str:
    """LinkedIn's own id of the request, by which its support finds it."""
    request_id = response.headers.get("x-li-request-id") or response.headers.get("x-li-uuid")
    return f" [request {request_id}]" if request_id else ""


def media_type(response: httpx.Response) -> str:
    """The content type that the response declares."""
    return response.headers.get("content-type", "").partition(";")[0] or "no type"
