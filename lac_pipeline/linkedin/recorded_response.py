"""One request to LinkedIn and its response, as the raw archive keeps it: without any token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and the bytes that LinkedIn returned.

    Attributes:
        endpoint: LinkedIn's resource, such as `adAnalytics` or `creatives`.
        account_id: the ad account of the request, or None where a call is about none or several.
        method: `GET`, also for a query that was tunnelled through POST.
        path: the path under the API's base URL, such as `/rest/adAnalytics`.
        query: the Rest.li query string, exactly as sent.
        version: the `LinkedIn-Version` requested.
        sent_at: aware UTC.
        status: HTTP status of the response.
        headers: the response's headers, lower case; cookies are left out.
        body: the response, decompressed.
    """

    endpoint: str
    account_id: int | None
    method: str
    path: str
    query: str
    version: str
    sent_at: datetime
    status: int
    headers: Mapping[str, str]
    body: bytes
