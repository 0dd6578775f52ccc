"""Keeps only the requested fields of a response and drops all others before the response is archived.

LinkedIn returns the fields that a request names. If it returned other fields, or a response cannot be read, personal
data could reach the archive. So they are removed here, between the connection and the archive.
"""

from __future__ import annotations

import json
from collections.abc import Collection

import httpx

from lac_pipeline.linkedin.bodies import json_object

_PAGE = ("paging", "metadata")
_REFUSAL = ("status", "serviceErrorCode", "code", "message")
_OF_THE_BODY = frozenset({"content-length", "content-encoding", "transfer-encoding", "etag"})


def projected(response: httpx.Response, fields: Collection[str]) -> httpx.Response:
    """Keep of each element these fields, of a refusal what it says, and of a body that is no JSON object nothing."""
    body = json_object(response)
    if response.status_code == httpx.codes.OK and isinstance(body.get("elements"), list):
        elements = [_only(element, fields) if isinstance(element, dict) else None for element in body["elements"]]
        kept = {**_only(body, _PAGE), "elements": elements}
    else:
        kept = _only(body, _PAGE if response.status_code == httpx.codes.OK else _REFUSAL)
    content = json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode() if body else b""
    headers = [(name, value) for name, value in response.headers.items() if name not in _OF_THE_BODY]
    return httpx.Response(response.status_code, headers=headers, content=content)


def _only(value: dict[str, object], names: Collection[str]) -> dict[str, object]:
    return {name: value[name] for name in names if name in value}
