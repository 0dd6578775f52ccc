"""What the page of an asset costs in Dagster's UI: a headless Chromium opens it as a person does."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import sync_playwright

SHOWN_WITHIN = 300_000  # milliseconds; a busy machine takes long


@dataclass(frozen=True, slots=True)
class PageCost:
    """What opening a page cost.

    Attributes:
        seconds: until what the page shows was there, and nothing more was requested.
        cpu: seconds of the processes that serve it.
        requests: GraphQL requests that the page sent.
    """

    seconds: float
    cpu: float
    requests: int


def open_page(url: str, shows: str, cpu: Callable[[], float]) -> PageCost | None:
    """Open a page twice, the first time only to fill the browser's cache; None where no Chromium is installed.

    Args:
        url: of the page.
        shows: text that is on the page once it is complete.
        cpu: reads the CPU seconds so far of the processes that serve it.
    """
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        return None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url) if "/graphql" in request.url else None)
        cost = None
        for _ in range(2):
            page.goto("about:blank")
            sent.clear()
            before, began = cpu(), time.monotonic()
            page.goto(url, timeout=SHOWN_WITHIN)
            page.get_by_text(shows).first.wait_for(timeout=SHOWN_WITHIN)
            page.wait_for_load_state("networkidle", timeout=SHOWN_WITHIN)
            cost = PageCost(time.monotonic() - began, cpu() - before, len(sent))
        browser.close()
    return cost
