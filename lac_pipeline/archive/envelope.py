"""The form of an archived request and response: a JSON document that people and other tools can read."""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Iterator
from datetime import datetime

import msgspec

from lac_pipeline.errors import ArchiveError
from lac_pipeline.linkedin.recorded_response import Exchange
from lac_pipeline.warehouse.load.attempts import Attempt
from lac_pipeline.warehouse.load.outcomes import attempt_json

_REQUEST = ("endpoint", "account_id", "method", "path", "query", "version")
_CHARACTERS_AT_ONCE = 1 << 18


def write(exchange: Exchange, attempt: Attempt | None = None) -> Iterator[bytes]:
    """Write the document, piece by piece; a body that is not UTF-8 is kept in base64.

    Args:
        exchange: the request and its response.
        attempt: what it was read for; None for what is read for no asset, such as the list of accounts.
    """
    request = {name: getattr(exchange, name) for name in _REQUEST}
    try:
        name, body = "body", exchange.body.decode()
    except UnicodeDecodeError:
        name, body = "body_base64", base64.b64encode(exchange.body).decode()
    document = {
        "request": {**request, "sent_at": exchange.sent_at.isoformat()},
        "attempt": None if attempt is None else attempt_json(attempt),
        "status": exchange.status,
        "headers": dict(exchange.headers),
        name: "",
    }
    yield msgspec.json.encode(document).removesuffix(b'"}')
    for at in range(0, len(body), _CHARACTERS_AT_ONCE):  # a text's JSON is that of its parts, one after the other
        yield msgspec.json.encode(body[at : at + _CHARACTERS_AT_ONCE])[1:-1]
    yield b'"}'


def read(content: bytes, *, name: str) -> Exchange:
    """Read the gzipped document.

    Raises:
        ArchiveError: it is damaged, or not one of ours.
    """
    return read_marked(content, name=name)[0]


def read_marked(content: bytes, *, name: str) -> tuple[Exchange, bool]:
    """Read the gzipped document, and whether it names its attempt; documents of older versions do not.

    Raises:
        ArchiveError: it is damaged, or not one of ours.
    """
    try:
        document = msgspec.json.decode(gzip.decompress(content))
        request = document["request"]
        encoded = document.get("body_base64")
        exchange, marked = (
            Exchange(
                **{key: request[key] for key in _REQUEST},
                sent_at=datetime.fromisoformat(request["sent_at"]),
                status=document["status"],
                headers=document["headers"],
                body=document["body"].encode() if encoded is None else base64.b64decode(encoded),
            ),
            "attempt" in document,
        )
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArchiveError(
            f"{name} in the raw archive is damaged",
            detail=f"{type(error).__name__}: {error}",
            meaning="it cannot be replayed",
            fix="remove the document and load its days again with `lac sync --force`",
        ) from error
    return exchange, marked
