"""One request to LinkedIn and its answer, as the raw archive keeps it: without any token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and the bytes LinkedIn answered.

    Attributes:
        endpoint: LinkedIn's resource, such as `adAnalytics` or `creatives`.
        account_id: the ad account asked about, or None where a call is about none or several.
        method: `GET`, also for a query that was tunnelled through POST.
        path: the path under the API's base URL, such as `/rest/adAnalytics`.
        query: the Rest.li query string, exactly as sent.
        version: the `LinkedIn-Version` asked for.
        sent_at: aware UTC.
        status: HTTP status of the answer.
        headers: the answer's headers, lower case; cookies are left out.
        body: the answer, decompressed.
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
