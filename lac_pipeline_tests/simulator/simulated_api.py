"""How the simulator's tests speak to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx

from lac_pipeline.simulator.world.world import World

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
ACCOUNT = 510_000_001
HEADERS = {"LinkedIn-Version": "202609", "X-Restli-Protocol-Version": "2.0.0"}


def account_urn(account_id: int = ACCOUNT) -> str:
    """An encoded account URN."""
    return quote(f"urn:li:sponsoredAccount:{account_id}", safe="")


def day(year: int, month: int, number: int) -> str:
    """A day in Rest.li's record syntax."""
    return f"(year:{year},month:{month},day:{number})"


def analytics_query(**changes: str | None) -> str:
    """A good adAnalytics query with some parameters changed, or left out when None."""
    params: dict[str, str | None] = {
        "q": "analytics",
        "pivot": "CAMPAIGN",
        "timeGranularity": "DAILY",
        "dateRange": f"(start:{day(2026, 11, 1)},end:{day(2026, 11, 10)})",
        "accounts": f"List({account_urn()})",
        "fields": "dateRange,pivotValues,impressions,clicks",
        **changes,
    }
    return "&".join(f"{name}={value}" for name, value in params.items() if value is not None)


@dataclass
class Api:
    """The simulator as a client sees it."""

    url: str
    world: World
    client: httpx.Client
    headers: dict[str, str] = field(default_factory=lambda: dict(HEADERS))

    def get(self, path: str, *, token: str | None = None, drop: str | None = None, **headers: str) -> httpx.Response:
        """GET below /rest/, as the world's own member; `drop` leaves a header out."""
        sent = {**self.headers, "Authorization": f"Bearer {token or self.world.token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in sent.items() if name.lower() != (drop or "").lower()}
        return self.client.get(f"{self.url}/rest/{path}", headers=kept)

    def signed(self, **headers: str) -> dict[str, str]:
        """The headers of a request made by hand."""
        return {**self.headers, "Authorization": f"Bearer {self.world.token}", **headers}

    def analytics(self, **changes: str | None) -> httpx.Response:
        """Send a valid adAnalytics request, changed."""
        return self.get(f"adAnalytics?{analytics_query(**changes)}")

    def rows(self, **changes: str | None) -> list[dict[str, Any]]:
        """The rows of a response that must be right."""
        response = self.analytics(**changes)
        assert response.status_code == 200, response.text
        return list(response.json()["elements"])

    def walk(self, path: str) -> list[list[dict[str, Any]]]:
        """The pages of a cursor walk."""
        pages, token = [], ""
        while True:
            page = self.get(path + (f"&pageToken={token}" if token else "")).json()
            pages.append(page["elements"])
            token = page["metadata"].get("nextPageToken", "")
            if not token:
                return pages

    def form(self, path: str, **fields: str) -> httpx.Response:
        """POST a form to an OAuth endpoint."""
        return self.client.post(f"{self.url}/oauth/v2/{path}", data=fields)
