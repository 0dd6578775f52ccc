"""How an exchange is written down: a JSON document that people and other tools can read."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Iterator
from datetime import datetime

from lac_pipeline.errors import ArchiveError
from lac_pipeline.exchange import Exchange

_REQUEST = ("endpoint", "account_id", "method", "path", "query", "version")


_CHARACTERS_AT_ONCE = 1 << 18


def write(exchange: Exchange) -> Iterator[bytes]:
    """Write the document, piece by piece; a body that is not UTF-8 is kept in base64."""
    request = {name: getattr(exchange, name) for name in _REQUEST}
    try:
        name, body = "body", exchange.body.decode()
    except UnicodeDecodeError:
        name, body = "body_base64", base64.b64encode(exchange.body).decode()
    document = {
        "request": {**request, "sent_at": exchange.sent_at.isoformat()},
        "status": exchange.status,
        "headers": dict(exchange.headers),
        name: "",
    }
    yield _json(document).removesuffix('"}').encode()
    for at in range(0, len(body), _CHARACTERS_AT_ONCE):  # a text's JSON is that of its parts, one after the other
        yield _json(body[at : at + _CHARACTERS_AT_ONCE])[1:-1].encode()
    yield b'"}'


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def read(content: bytes, *, name: str) -> Exchange:
    """Read the gzipped document.

    Raises:
        ArchiveError: it is damaged, or not one of ours.
    """
    try:
        document = json.loads(gzip.decompress(content))
        request = document["request"]
        encoded = document.get("body_base64")
        return Exchange(
            **{key: request[key] for key in _REQUEST},
            sent_at=datetime.fromisoformat(request["sent_at"]),
            status=document["status"],
            headers=document["headers"],
            body=document["body"].encode() if encoded is None else base64.b64decode(encoded),
        )
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArchiveError(
            f"{name} in the raw archive is damaged",
            said=f"{type(error).__name__}: {error}",
            means="it cannot be replayed",
            fix="remove the document and load its days again with `lac sync --force`",
        ) from error
