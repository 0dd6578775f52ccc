"""A client of a Dagster that runs in another process, over the GraphQL of its UI.

Dagster's own `DagsterGraphQLClient` submits and terminates runs, but reads no partitions, runs or events, which the
commands need first; its import takes a second, which `lac launch` would wait for each time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import httpx

from lac_pipeline.commands.stack.home_lock import announced_url
from lac_pipeline.errors import ConfigError, LacError
from lac_pipeline.settings import Settings

TIMEOUT = 60.0
"""Seconds; Dagster resolves a year of partitions before it responds."""


LOCAL_UI = "http://127.0.0.1:3000"


def running_dagster(url: str | None) -> RunningDagster:
    """A client of the UI of that address; without one, of the `lac up` or `lac demo` that runs in LAC_HOME."""
    if url is not None:
        return RunningDagster(url)
    home = None
    with contextlib.suppress(ConfigError):  # a machine that only launches has no settings
        home = Settings.load().home
    return RunningDagster((home and announced_url(home)) or LOCAL_UI)


class RunningDagster:
    """A client of a running Dagster's GraphQL API.

    Args:
        url: the UI's address, such as `http://127.0.0.1:3000`.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def execute(self, query: str, **variables: object) -> Mapping[str, Any]:
        """Send a query or mutation, and return its data.

        Raises:
            LacError: nothing responds there, or what responds is no Dagster or does not understand.
        """
        body = {"query": query, "variables": variables}
        try:
            response = httpx.post(f"{self.url}/graphql", json=body, timeout=TIMEOUT)
            document = response.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise LacError(
                f"no Dagster responds on {self.url}",
                detail=type(error).__name__,
                meaning="nothing was started there, and nothing is known of its runs",
                fix="start it with `lac up`, or name its address with --url",
            ) from error
        if not isinstance(document, dict) or not document.get("data"):
            errors = document.get("errors", []) if isinstance(document, dict) else []
            detail = "; ".join(str(error.get("message")) for error in errors) or f"HTTP {response.status_code}"
            raise LacError(f"Dagster on {self.url} returned an error", detail=detail, fix="read the webserver's log")
        data: Mapping[str, Any] = document["data"]
        return data

    def run_page(self, run_id: str) -> str:
        """The address of a run's page."""
        return f"{self.url}/runs/{run_id}"
